//! The stories: their pictures, their ages, and what appears twice.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::Inspection;
use super::letter::fixed;
use crate::model::edition::{List, Placed};
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::picture::{Format, Found};
use crate::model::story::unseen;

/// A picture of more octets keeps a reader on a phone waiting.
const HEAVY: u64 = 200_000;
/// Older stories are no news: the longest window is four days.
const OLD: TimeDelta = TimeDelta::days(4);

pub(super) fn inspect(proof: &Inspection<'_>, findings: &mut Vec<Finding>) {
    let html = fixed(&proof.pages.html);
    let mut headlines: HashMap<String, StoryKey> = HashMap::new();
    for (list, placed) in proof.edition.stories() {
        let story = &placed.story;
        let mut found = |name, gravity, what: String, why, hint| {
            findings.push(Finding {
                name,
                gravity,
                place: place(list, placed),
                what: Line::clean(&what),
                why,
                hint,
            });
        };
        if let Some(picture) = story.picture.as_ref().filter(|_| list == List::Top) {
            let look = proof.edition.look(&picture.url).map(|look| &look.found);
            let seen = match look {
                Some(Found::Picture(seen)) => Some(seen),
                _ => None,
            };
            let is_shown = |url: &Link| html.contains(&in_html(url));
            let copies = seen.iter().flat_map(|seen| &seen.copies);
            let copy = copies.clone().find(|copy| is_shown(&copy.url));
            let is_itself = is_shown(&picture.url);
            let octets = copy.map(|copy| copy.octets);
            let octets = octets.or(seen.filter(|_| is_itself).and_then(|seen| seen.octets));
            if let Some(octets) = octets.filter(|octets| *octets > HEAVY) {
                found(
                    "heavy-picture",
                    Gravity::Warning,
                    format!("the picture has {} kB", octets / 1_000),
                    "readers wait for it, and pay for it where their data is metered",
                    "`[pictures] fit = true` sends copies in the size that is shown; or give a smaller one in `picture.url`",
                );
            }
            let unseen = match (look, seen) {
                (Some(Found::Nothing { .. }), _) => None,
                (_, Some(seen)) if seen.copies.is_empty() && seen.format == Format::WebP => {
                    Some(seen.format.name())
                }
                (_, Some(_)) => None,
                _ => unseen(&picture.url),
            };
            if let Some(kind) = unseen {
                found(
                    "picture-kind",
                    Gravity::Warning,
                    format!("the picture is {kind} and was left out"),
                    "Outlook for Windows does not show WebP and AVIF, Gmail no SVG",
                    "give the JPEG or PNG of it in `picture.url`",
                );
            } else if picture.alt.is_none() && (copy.is_some() || is_itself) {
                found(
                    "alt",
                    Gravity::Warning,
                    "the picture has no `alt`".to_owned(),
                    "where pictures are blocked, and for readers who listen, nothing is in its place",
                    "say in `picture.alt` what it shows",
                );
            }
            for look in &proof.edition.looks {
                let Found::Nothing { story: of, why } = &look.found else {
                    continue;
                };
                if *of == story.url {
                    let instead = if look.of == picture.url {
                        "it was left out"
                    } else {
                        "another one of the story is shown"
                    };
                    let of = Line::clean_to(look.of.as_str(), 120);
                    found(
                        "dead-picture",
                        Gravity::Warning,
                        format!("`{of}` {why}: {instead}"),
                        "readers would see a gap in its place",
                        "give another in `picture.url`; `newsdigest draft --force` asks again",
                    );
                }
            }
        }
        if let Some(published) = story.published
            && proof.now - published > OLD
        {
            found(
                "old-story",
                Gravity::Warning,
                format!(
                    "was published {} days ago",
                    (proof.now - published).num_days()
                ),
                "readers take it for news",
                "drop it, or say in its headline that it is a look back",
            );
        }
        let key = story.url.key();
        let known = headlines
            .entry(story.headline.as_str().to_lowercase())
            .or_insert_with(|| key.clone());
        if *known != key {
            found(
                "same-headline",
                Gravity::Warning,
                "another story has the same headline".to_owned(),
                "the same words lead to two places: who hears the links cannot tell them apart",
                "change one of the headlines in the edition file",
            );
        }
    }
}

/// What a finding about that story says of its place.
#[must_use]
pub fn place(list: List, placed: &Placed) -> Line {
    Line::clean(&format!(
        "{}: {}",
        list.words(),
        Line::clean_to(placed.story.headline.as_str(), 60)
    ))
}

/// An address as it is in a page's attribute.
fn in_html(url: &Link) -> String {
    format!("\"{}\"", url.as_str().replace('&', "&amp;"))
}

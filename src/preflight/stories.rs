//! The stories: their pictures, their ages, and what stands twice.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::Proof;
use super::letter::fixed;
use crate::model::edition::{List, Placed};
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::story::unseen;

/// Older stories are no news: the longest window is four days.
const OLD: TimeDelta = TimeDelta::days(4);

pub(super) fn inspect(proof: &Proof<'_>, findings: &mut Vec<Finding>) {
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
            if let Some(kind) = unseen(&picture.url) {
                found(
                    "picture-kind",
                    Gravity::Warning,
                    format!("the picture is {kind} and was left out"),
                    "Outlook for Windows does not show WebP and AVIF, Gmail no SVG",
                    "give the JPEG or PNG of it in `picture.url`",
                );
            } else if picture.alt.is_none() && html.contains(&in_html(&picture.url)) {
                found(
                    "alt",
                    Gravity::Warning,
                    "the picture has no `alt`".to_owned(),
                    "where pictures are blocked, and for readers who listen, nothing stands in its place",
                    "say in `picture.alt` what it shows",
                );
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

fn place(list: List, placed: &Placed) -> Line {
    Line::clean(&format!(
        "{}: {}",
        list.words(),
        Line::clean_to(placed.story.headline.as_str(), 60)
    ))
}

/// An address as it stands in a page's attribute.
fn in_html(url: &Link) -> String {
    format!("\"{}\"", url.as_str().replace('&', "&amp;"))
}

//! The pictures of an edition, looked at: what each really is, whether readers can see it, and its copies for the mail.

mod asked;

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::config::Config;
use crate::model::edition::{Edition, List};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::picture::{Found, Look, Place, Seen};
use crate::model::story::{Miss, Picture, Story};
use crate::model::world::Random;
use asked::{Fit, ask, is_good};

/// The most stories whose pictures are looked at.
const MOST: usize = 60;

/// The time for all of them.
const TIME: Duration = Duration::from_mins(1);

/// What asking for a picture came to.
enum Outcome {
    Seen(Seen),
    /// Readers cannot see it either; a sentence that begins after its name.
    Nothing(String),
    /// Readers may see it although we did not: the network is in trouble, or the server wants no programs.
    Unknown(String),
    /// There is nothing to say: its server is made up (RFC 2606), such as that of the sample, or it is as small as it is shown.
    AsItIs,
}

/// Looks at the pictures of `edition`, and makes their copies if the config wants them; what `known` says of an address is not asked again. Where
/// nobody can see a story's picture its next one is taken, and so it is in `drafted`. Every copy is on the disk when this is done. What was
/// missed.
pub(super) async fn look(
    edition: &mut Edition,
    drafted: &mut Edition,
    known: &[Look],
    config: &Config,
    random: Random,
) -> Vec<Miss> {
    let mut misses = Vec::new();
    let top = edition.top.iter().take(MOST).enumerate();
    let before: Vec<Story> = top
        .map(|(place, placed)| {
            let mut story = placed.story.clone();
            story
                .picture
                .take_if(|_| !config.template.shows_picture(place));
            story
        })
        .collect();
    let others = others(edition);
    if others.is_empty() && before.iter().all(|story| story.picture.is_none()) {
        return misses;
    }
    let fit = Fit::new(config, random).unwrap_or_else(|error| {
        let what = format!("no copies are made: {}", explained(&error));
        misses.push(miss(&what));
        None
    });
    let fit = fit.map(Arc::new);
    let mut stories = before.clone();
    if fit.is_none() {
        // What is printed small need not come large.
        for story in stories.iter_mut().skip(1) {
            let (width, _) = Place::Thumbnail.size();
            story.picture = story.picture.take().map(|picture| picture.fitting(width));
        }
    }
    let mut outcomes = HashMap::new();
    let end = Instant::now() + TIME;
    loop {
        let mut wanted: Vec<Wanted> = Vec::new();
        let of_stories = stories.iter().filter_map(|story| next(story, &outcomes));
        let of_stories = of_stories.map(|url| (url.clone(), Place::STORY));
        let unseen = |(url, _): &Wanted| !outcomes.contains_key(url);
        for one in of_stories.chain(others.iter().cloned()).filter(unseen) {
            if wanted.iter().all(|(url, _)| *url != one.0) {
                wanted.push(one);
            }
        }
        if wanted.is_empty() {
            break;
        }
        wanted.retain(|(url, _)| {
            let known = known.iter().find(|look| look.of == *url);
            let seen = match known.map(|look| &look.found) {
                Some(Found::Picture(seen)) if is_good(seen, fit.as_deref()) => seen.clone(),
                _ => return true,
            };
            outcomes.insert(url.clone(), Outcome::Seen(seen));
            false
        });
        let left = end.saturating_duration_since(Instant::now());
        outcomes.extend(ask(&wanted, &config.sources, fit.as_ref(), left).await);
    }
    for (old, story) in before.iter().zip(&stories) {
        if let (Some(old), Some(best)) = (&old.picture, best(story, &outcomes))
            && old.url != best.url
        {
            let key = story.url.key();
            replace(edition, &key, old, best);
            replace(drafted, &key, old, best);
        }
    }
    edition.looks = looks(&stories, &outcomes, &mut misses);
    for (url, _) in &others {
        let is_new = edition.looks.iter().all(|look| look.of != *url);
        match outcomes.get(url).filter(|_| is_new) {
            Some(Outcome::Seen(seen)) => edition.looks.push(Look {
                of: url.clone(),
                found: Found::Picture(seen.clone()),
            }),
            Some(Outcome::Nothing(why)) => misses.push(miss(&format!("`{url}` {why}"))),
            _ => {}
        }
    }
    misses
}

/// A picture, and the places for which copies are made.
type Wanted = (Link, &'static [Place]);

/// The portrait of who signs off, and the pictures of notices.
fn others(edition: &Edition) -> Vec<Wanted> {
    let portrait = edition
        .sign_off
        .as_ref()
        .and_then(|sign_off| sign_off.picture.as_ref());
    let portrait = portrait.map(|picture| (picture.url.clone(), Place::SIGN_OFF));
    let notices = edition
        .notices
        .iter()
        .filter_map(|notice| notice.picture.as_ref());
    let notices =
        notices.flat_map(|picture| std::iter::once(&picture.light.url).chain(&picture.dark));
    portrait
        .into_iter()
        .chain(notices.map(|url| (url.clone(), Place::NOTICE)))
        .collect()
}

/// The picture of a story, and those instead of it.
fn pictures_of(story: &Story) -> impl Iterator<Item = &Picture> {
    let own = story.picture.iter();
    own.flat_map(|own| std::iter::once(own).chain(&own.instead))
}

/// The address to be asked next for a story; `None` when it has its picture, or none is left.
fn next<'s>(story: &'s Story, outcomes: &HashMap<Link, Outcome>) -> Option<&'s Link> {
    for picture in pictures_of(story) {
        match outcomes.get(&picture.url) {
            None => return Some(&picture.url),
            Some(Outcome::Seen(_)) => return None,
            Some(_) => {}
        }
    }
    None
}

/// The first picture that was seen, else the first that readers may see.
fn best<'s>(story: &'s Story, outcomes: &HashMap<Link, Outcome>) -> Option<&'s Picture> {
    let outcome = |picture: &&Picture| outcomes.get(&picture.url);
    let seen = |picture: &&Picture| matches!(outcome(picture), Some(Outcome::Seen(_)));
    let unknown = |picture: &&Picture| {
        matches!(
            outcome(picture),
            Some(Outcome::Unknown(_) | Outcome::AsItIs)
        )
    };
    let mut all = pictures_of(story);
    all.find(seen).or_else(|| pictures_of(story).find(unknown))
}

fn replace(edition: &mut Edition, story: &StoryKey, old: &Picture, new: &Picture) {
    for list in List::ALL {
        for placed in edition.list_mut(list) {
            let picture = &mut placed.story.picture;
            if placed.story.url.key() == *story
                && picture.as_ref().is_some_and(|one| one.url == old.url)
            {
                *picture = Some(new.clone());
            }
        }
    }
}

/// What the edition remembers, and what a person should hear.
fn looks(
    stories: &[Story],
    outcomes: &HashMap<Link, Outcome>,
    misses: &mut Vec<Miss>,
) -> Vec<Look> {
    let mut looks: Vec<Look> = Vec::new();
    let (mut unknown, mut why_unknown) = (0, None);
    for story in stories {
        for picture in pictures_of(story) {
            let of = &picture.url;
            if looks.iter().any(|look| look.of == *of) {
                continue;
            }
            let found = match outcomes.get(of) {
                None | Some(Outcome::AsItIs) => continue,
                Some(Outcome::Seen(seen)) => Found::Picture(seen.clone()),
                Some(Outcome::Nothing(why)) => {
                    misses.push(miss(&format!("`{of}` {why}")));
                    let story = story.url.clone();
                    let why = Line::clean(why);
                    Found::Nothing { story, why }
                }
                Some(Outcome::Unknown(why)) => {
                    unknown += 1;
                    why_unknown = why_unknown.or(Some(format!("`{}` {why}", of.host())));
                    continue;
                }
            };
            looks.push(Look {
                of: of.clone(),
                found,
            });
        }
    }
    if let Some(why) = why_unknown {
        let are = if unknown == 1 {
            "1 is".to_owned()
        } else {
            format!("{unknown} are")
        };
        misses.push(miss(&format!(
            "{are} shown as the servers give them, without a look: {why}"
        )));
    }
    looks
}

pub(super) fn miss(what: &str) -> Miss {
    Miss {
        source: Line::clean("pictures"),
        what: Line::clean(what),
    }
}

/// The sentence with what the system said.
pub(super) fn explained(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

//! An edition whose letter Gmail would clip, shortened from its end. What a person has written or pinned stays, and so does the lede.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::message::{LetterKind, LetterTemplate, RunKey};
use crate::model::edition::{Edition, List};
use crate::model::link::StoryKey;
use crate::preflight::{CLIPPED, PERSONAL};
use crate::render;

/// What did not fit.
#[derive(Clone, Debug)]
pub struct Trimmed {
    /// The octets that the letter would have had.
    pub letter: usize,
    /// The stories that are printed nowhere for it; none, if only doubles went.
    pub stories: HashSet<StoryKey>,
}

/// Takes stories from the end of `latest`, then of `most_read`, then of `top`, until the letter is short enough for everybody. `None` if it
/// is as it is, or cannot be made so: then nothing is taken, and the look before sending stops it.
pub(super) fn trim(edition: &mut Edition, config: &Config, now: DateTime<Utc>) -> Option<Trimmed> {
    let letter = |edition: &Edition| {
        let pages = render::pages(edition, &config.newsletter, &config.template);
        let key = RunKey([0; 16]);
        let slug = &edition.slug;
        let template = LetterTemplate::new(
            &config.newsletter,
            slug,
            &pages,
            &key,
            now,
            LetterKind::Edition,
        );
        template.size() + PERSONAL
    };
    let whole = letter(edition);
    if whole <= CLIPPED {
        return None;
    }
    let mut places = Vec::new();
    for list in [List::Latest, List::MostRead, List::Top] {
        let all = edition.list(list).iter().enumerate().rev();
        let free = all.filter(|(place, placed)| !placed.pin && (list, *place) != (List::Top, 0));
        places.extend(free.map(|(place, _)| (list, place)));
    }
    let shorter = |count: usize| {
        let mut shorter = edition.clone();
        for (list, place) in &places[..count] {
            shorter.list_mut(*list).remove(*place);
        }
        shorter.further = (edition.count() - shorter.count()) as u64;
        shorter
    };
    // A letter takes a millisecond or more to render: halving asks for nine of three hundred.
    let counts: Vec<usize> = (1..=places.len()).collect();
    let enough = counts.partition_point(|count| letter(&shorter(*count)) > CLIPPED);
    let shorter = shorter(*counts.get(enough)?);
    let stories = &edition.keys() - &shorter.keys();
    *edition = shorter;
    Some(Trimmed {
        letter: whole,
        stories,
    })
}

//! Who gets which pages: the edition rendered once for every distinct set of sections.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::config::Config;
use crate::ledger::Seat;
use crate::model::edition::Edition;
use crate::model::line::Line;
use crate::model::pages::Pages;
use crate::model::problem::Problem;
use crate::model::subscriber::{LeftOut, Subscriber, section_set};
use crate::render;

/// The most distinct sets of sections in one edition. More means that somebody uses sections as something else.
const MOST_SETS: usize = 64;

/// The pages, and which subscriber gets which of them.
pub(super) struct Audience {
    /// Rendered once each; the first is the whole edition.
    pub(super) pages: Vec<Pages>,
    /// By set of sections (small letters, sorted): the index of its pages, or `None` where no story is left.
    sets: HashMap<Vec<String>, Option<usize>>,
    /// The day of the edition, for pauses.
    day: NaiveDate,
}

/// Renders the edition for all who ask for the whole of it, and once for each of the different sets of `sections`.
///
/// # Errors
/// There are more than 64 sets of sections.
pub(super) fn audience(
    edition: &Edition,
    config: &Config,
    sections: &[Vec<Line>],
) -> Result<Audience, Problem> {
    if sections.len() > MOST_SETS {
        return Err(Problem::new(format!(
            "the subscribers ask for more than {MOST_SETS} different sets of sections"
        ))
        .hint("fewer sets of `sections` in the subscribers file"));
    }
    let render = |edition: &Edition| render::pages(edition, &config.newsletter, &config.template);
    let mut pages = vec![render(edition)];
    let mut sets = HashMap::new();
    for sections in sections {
        let index = edition.for_sections(sections).map(|edition| {
            pages.push(render(&edition));
            pages.len() - 1
        });
        sets.insert(section_set(sections), index);
    }
    Ok(Audience {
        pages,
        sets,
        day: edition.slug.day(),
    })
}

impl Audience {
    /// Where that subscriber sits: with which pages, or left out and why. The ledger leaves out further ones: suppressed and twice named.
    #[must_use]
    pub(super) fn seat(&self, subscriber: &Subscriber) -> Seat {
        let pages = if subscriber.sections.is_empty() {
            Some(0)
        } else {
            self.sets.get(&subscriber.section_set()).copied().flatten()
        };
        let address = subscriber.address.clone();
        if subscriber.paused.on(self.day) {
            return Seat::LeftOut {
                address,
                why: LeftOut::Paused,
            };
        }
        match pages {
            Some(page_set) => Seat::Recipient {
                address,
                name: subscriber.name.clone(),
                page_set,
            },
            None => Seat::LeftOut {
                address,
                why: LeftOut::NoStory,
            },
        }
    }
}

//! What was chosen, what was not, and why.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::model::edition::{Edition, List, Placed, Slug};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::{Miss, Story};

/// What was chosen, what was not, and why. It serializes to the form of `explain --json`.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The instant it was made for.
    pub now: DateTime<Utc>,
    /// When the window opens; it closes at `now`.
    pub from: DateTime<Utc>,
    /// How each list was ranked, in a sentence, including what had to be done without.
    pub formulas: BTreeMap<List, Line>,
    /// Why no readers counted, such as `readership is 5 h old`; `None` when they did.
    pub unread: Option<Line>,
    /// When the newest figure of readership was taken, counted or not; `None`: nothing is known.
    pub readership_as_of: Option<DateTime<Utc>>,
    /// Views that came from our own letters, and count for no story.
    pub from_letters: u64,
    /// Everything that was missed: by the sources, by readership, and here.
    pub misses: Vec<Miss>,
    /// Every candidate: those that may be printed, best first; then those that may not.
    pub candidates: Vec<Judged>,
    /// How sections did, with this choice: for the next one.
    pub record: super::SectionRecord,
    pub(super) minimum: usize,
}

/// A candidate with its score, its places and the reasons.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The story.
    pub story: Story,
    /// The better story of the same event, if there is one: this one follows it, and is printed with it at most.
    pub event: Option<Link>,
    /// The sources that gave it.
    pub sources: Vec<Line>,
    /// All its views; `None` when nothing is known of its readers, or nothing that could be used.
    pub views: Option<u64>,
    /// What its score is made of, by name.
    pub parts: BTreeMap<&'static str, f64>,
    /// By which it was ranked for `top`.
    pub score: f64,
    /// Its places, from 1; empty when passed over.
    pub slots: BTreeMap<List, usize>,
    /// Why it has each of its places.
    pub reasons: BTreeMap<List, Line>,
    /// Why it has none, in a sentence that begins `passed over:`.
    pub passed_over: Option<Line>,
}

impl Selection {
    /// The edition of it, its subject, opening and note still to be written. `None`: fewer different stories were chosen than
    /// `[selection] minimum`, or none.
    #[must_use]
    pub fn edition(&self, slug: Slug) -> Option<Edition> {
        let [top, most_read, latest] = List::ALL.map(|list| {
            let mut placed: Vec<(usize, Placed)> = self
                .candidates
                .iter()
                .filter_map(|judged| {
                    let slot = *judged.slots.get(&list)?;
                    let placed = Placed {
                        story: judged.story.clone(),
                        pin: false,
                        why: judged.reasons.get(&list).cloned(),
                    };
                    Some((slot, placed))
                })
                .collect();
            placed.sort_unstable_by_key(|(slot, _)| *slot);
            placed.into_iter().map(|(_, placed)| placed).collect()
        });
        (self.chosen() >= self.minimum.max(1)).then_some(Edition {
            top,
            most_read,
            latest,
            ..Edition::new(slug)
        })
    }

    /// How many different stories were chosen.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.candidates
            .iter()
            .filter(|judged| !judged.slots.is_empty())
            .count()
    }
}

impl Judged {
    /// Why it has its places, or why it has none, in one line.
    #[must_use]
    pub fn why(&self) -> Line {
        if let Some(passed_over) = &self.passed_over {
            return passed_over.clone();
        }
        let reasons: Vec<String> = self
            .reasons
            .iter()
            .map(|(list, why)| format!("{}: {why}", list.words()))
            .collect();
        Line::clean(&reasons.join("; "))
    }
}

//! Columns that speak of whether people may be mailed, and what their cells turn out to be.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Meaning;
use super::kinds::{self, Speaks};
use super::rows::Rows;
use super::standing::Standing;
use super::vocabulary::{Vocabulary, words};
use super::when;
use crate::model::line::Line;

/// The most different values of one column that are named.
const VALUES: usize = 1_000;

/// A column that speaks of whether people may be mailed.
pub(super) struct Speaking {
    pub(super) column: usize,
    pub(super) speaks: Speaks,
    pub(super) means: Vec<Meaning>,
    /// Whether it has to be read: one whose values turn out to be other text says nothing.
    pub(super) read: bool,
    /// Known by its header, not by its values.
    pub(super) named: bool,
    /// Nothing is known of its header: if its values part the readers in two, it may say who left.
    pub(super) open: bool,
}

/// What the cells of such a column are.
#[derive(Default)]
pub(super) struct Seen {
    unknown: HashMap<String, usize>,
    /// Cells in which nothing is.
    pub(super) empty: usize,
    understood: usize,
    unconfirmed: usize,
    leaving: usize,
    /// Cells that are not known, and of them yes, no, and days.
    told: usize,
    yes: usize,
    no: usize,
    days: usize,
    /// Values that are longer than a word or two.
    long: usize,
}

impl Seen {
    pub(super) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// The values that are not known and how many rows have each, the most frequent first.
    pub(super) fn unknown(&self) -> Vec<(Line, usize)> {
        let values = self.unknown.iter();
        let mut values: Vec<(Line, usize)> = values
            .map(|(value, count)| (Line::clean_to(value, 40), *count))
            .collect();
        values.sort_by(|(a, many), (b, more)| {
            more.cmp(many).then_with(|| a.as_str().cmp(b.as_str()))
        });
        values
    }

    /// Whether the cells part the readers in two by two short words of any language, one of them of several readers. A number is no word.
    pub(super) fn is_two_words(&self) -> bool {
        let kinds = self.unknown.len() + usize::from(self.empty > 0);
        let is_short = self.days + self.long == 0;
        kinds == 2
            && self.told > 0
            && self.told + self.empty > 2
            && is_short
            && !self
                .unknown
                .keys()
                .any(|text| text.contains(|c: char| c.is_ascii_digit()))
            && self.understood == 0
    }

    /// Whether a column that is known by its header says something of somebody.
    pub(super) fn judges(&self) -> bool {
        self.understood > 0
    }

    /// Whether the cells part the readers in two: yes and no, or days and none.
    pub(super) fn parts_readers(&self) -> bool {
        let kinds = [self.yes, self.no, self.empty].map(|cells| usize::from(cells > 0));
        let answers = self.yes + self.no == self.told && kinds.iter().sum::<usize>() > 1;
        let none = self.no + self.empty;
        let days = self.days > 0 && self.days + self.no == self.told && none > 0;
        self.told > 0 && self.understood == 0 && (answers || days)
    }

    fn add_unknown(&mut self, text: &str) {
        if let Some(count) = self.unknown.get_mut(text) {
            *count += 1;
        } else if self.unknown.len() < VALUES {
            self.unknown.insert(text.to_owned(), 1);
        }
    }
}

/// What is in each of those columns; and the first line that is a heading, `Unsubscribed:`, where an address belongs.
pub(super) fn seen_in(
    columns: &[Speaking],
    email: usize,
    rows: &Rows<'_>,
    vocabulary: &Vocabulary,
) -> (Vec<Seen>, Option<(usize, Line)>) {
    let mut all: Vec<Seen> = columns.iter().map(|_| Seen::default()).collect();
    let mut heading = None;
    rows.each(|line, cells| {
        let Ok(cells) = cells else { return };
        // What is in a line without an address judges nobody.
        if cells.get(email).is_empty() {
            return;
        }
        let is_heading = |text: &str| !text.contains('@') && vocabulary.is_note_of_leaving(text);
        if heading.is_none() && is_heading(cells.get(email)) {
            heading = Some((line, Line::clean_to(cells.get(email), 40)));
        }
        let said = columns.iter().filter(|one| one.named).any(|one| {
            let said = one.cell(vocabulary, cells.get(one.column));
            matches!(said, Ok(Some((standing, _))) if standing > Standing::Unconfirmed)
        });
        for (one, seen) in columns.iter().zip(&mut all) {
            let text = cells.get(one.column);
            match one.cell(vocabulary, text) {
                Ok(None) => seen.empty += 1,
                Ok(Some((standing, _))) => {
                    seen.understood += 1;
                    seen.unconfirmed += usize::from(standing == Standing::Unconfirmed);
                    let least = if one.speaks == Speaks::Told {
                        Standing::Unconfirmed
                    } else {
                        Standing::Subscribed
                    };
                    seen.leaving += usize::from(standing > least);
                }
                // Of somebody who left, nothing more has to be known.
                Err(()) if said && text.is_empty() => {}
                Err(()) => {
                    // Free text about somebody of whom nothing else says so.
                    let is_new = !one.named
                        && !said
                        && (one.speaks == Speaks::Name || vocabulary.is_about_leaving(text));
                    seen.leaving += usize::from(is_new);
                    seen.told += 1;
                    seen.long += usize::from(text.chars().count() > 20);
                    match vocabulary.leans(text) {
                        _ if when::looks_like_day(text) => seen.days += 1,
                        Some(true) => seen.yes += 1,
                        Some(false) => seen.no += 1,
                        None => {}
                    }
                    seen.add_unknown(text);
                }
            }
        }
    });
    (all, heading)
}

impl Speaking {
    /// Whether it says anything about standing, by its header or by what its cells turned out to be.
    pub(super) fn is_to_be_read(&self, seen: &Seen) -> bool {
        self.named
            || seen.leaving > 0
            || seen.unknown.is_empty()
                && match self.speaks {
                    Speaks::Perhaps => seen.understood > 0,
                    _ => seen.unconfirmed > 0,
                }
    }

    pub(super) fn cell(
        &self,
        vocabulary: &Vocabulary,
        text: &str,
    ) -> Result<Option<(Standing, Option<NaiveDate>)>, ()> {
        let same = |value: &String| {
            words(value) == words(text) && (!words(text).is_empty() || value.trim() == text.trim())
        };
        let exact = self
            .means
            .iter()
            .find(|meaning| meaning.value.as_ref().is_some_and(same));
        let any = || self.means.iter().find(|meaning| meaning.value.is_none());
        let known = || kinds::cell(vocabulary, self.speaks, text);
        match exact.or_else(any) {
            // Any value is none where an empty cell says nothing, as in a column of days on which somebody left.
            Some(meaning) if meaning.value.is_none() && text.is_empty() && known() == Ok(None) => {
                Ok(None)
            }
            Some(meaning) => Ok(Some((meaning.standing, None))),
            None => known(),
        }
    }
}

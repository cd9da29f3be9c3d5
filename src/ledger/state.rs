//! The words that the tables keep as numbers. A statement names the word, as in `format!("state = {Queued}")`, and gets the number.

use std::fmt;

/// The states of a copy; [`crate::ledger`] says what may become of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyState {
    /// To be handed over, not before `next_try`.
    Queued = 0,
    /// Claimed: its letter may be on the wire.
    Handing = 1,
    /// The relay took responsibility.
    Accepted = 2,
    /// The relay refused the mailbox for good.
    Rejected = 3,
    /// Deferred too often, or too late for its edition.
    GivenUp = 4,
    /// Gets no letter, with a reason.
    LeftOut = 5,
    /// The relay fell silent after the dot.
    InDoubt = 6,
}

/// What a reader changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    /// They confirmed a sign-up.
    Join = 1,
    /// They chose other preferences.
    Prefer = 2,
    /// They had themselves erased.
    Erase = 3,
}

/// What became of the letter that asks whether a sign-up was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LetterState {
    Waiting = 0,
    HandedOver = 1,
    GivenUp = 2,
    /// The address bounced meanwhile, or cannot be read.
    Unwanted = 3,
}

macro_rules! shown_as_number {
    ($($name:ty),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (*self as i64).fmt(f)
            }
        }
    )+};
}

shown_as_number!(CopyState, ChangeKind, LetterState);

impl CopyState {
    const WORDS: [(Self, &'static str); 7] = [
        (Self::Queued, "queued"),
        (Self::Handing, "handing"),
        (Self::Accepted, "accepted"),
        (Self::Rejected, "rejected"),
        (Self::GivenUp, "given up"),
        (Self::LeftOut, "left out"),
        (Self::InDoubt, "in doubt"),
    ];

    pub(super) fn all() -> impl Iterator<Item = Self> {
        Self::WORDS.into_iter().map(|(state, _)| state)
    }

    /// `None`: this program never wrote that number.
    pub(super) fn of_number(number: i64) -> Option<Self> {
        Self::all().find(|state| *state as i64 == number)
    }

    /// The word in exports and metrics.
    pub(super) fn word(self) -> &'static str {
        let mut all = Self::WORDS.into_iter();
        all.find(|(state, _)| *state == self)
            .map_or("unknown", |(_, word)| word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_word() {
        let words: Vec<_> = (-1..8)
            .filter_map(CopyState::of_number)
            .map(CopyState::word)
            .collect();
        assert_eq!(words, CopyState::WORDS.map(|(_, word)| word));
        assert_eq!(format!("state = {}", CopyState::InDoubt), "state = 6");
    }
}

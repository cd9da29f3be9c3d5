//! What readers changed, the letters by which sign-ups are confirmed, and what is known of a reader.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::mailbox_provider::MailboxProvider;
use crate::model::newsletter_name::NewsletterName;
use crate::model::reader::{Preferences, ReaderId};
use crate::model::subscriber::{Subscriber, Suppression};

/// What the ledger knows of a reader.
#[derive(Clone, Debug)]
pub struct ReaderRecord {
    /// The address, in small letters.
    pub address: Address,
    /// Why no letter goes to the reader, if none does.
    pub suppressed: Option<Suppression>,
    /// The ids of newsletters that they left, of several.
    pub left: Vec<String>,
    /// What they asked for that is not in the file yet, oldest first.
    pub pending: Vec<ReaderChange>,
}

impl ReaderRecord {
    /// What the file will say of them, if it says `listed` now; `None`: nothing.
    #[must_use]
    pub fn chosen(&self, listed: Option<Preferences>) -> Option<Preferences> {
        self.pending
            .iter()
            .fold(listed, |said, change| match change {
                ReaderChange::Join {
                    preferences,
                    defaults,
                    ..
                } => Some(preferences.clone().joined_to(said.as_ref(), defaults)),
                ReaderChange::Prefer(preferences) => said.map(|_| preferences.clone()),
                ReaderChange::Erase => None,
            })
    }
}

/// What the ledger held of a reader who was erased; copies stay without name and address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ErasedRows {
    pub sign_ups: u64,
    pub changes: u64,
    pub bounces: u64,
    pub copies: u64,
}

/// How a newsletter's readers fared since some day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fared {
    /// Sign-ups that were confirmed.
    pub gained: u64,
    /// Who left it, or all.
    pub left: u64,
    /// Who called a letter of it spam.
    pub complaints: u64,
    /// Copies that the relay took.
    pub accepted: u64,
}

/// How a newsletter's sign-ups name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedAs<'a> {
    /// By its name; `None`: it is the only one, and all sign-ups are its own.
    Newsletter(Option<&'a NewsletterName>),
    Alerts,
}

/// Complaints at one provider of mailboxes.
#[derive(Clone, Copy, Debug)]
pub struct ComplaintRate {
    pub provider: MailboxProvider,
    pub complaints: u64,
    /// Copies for its mailboxes that the relay took; not counted where nobody complained anywhere.
    pub accepted: u64,
}

impl ComplaintRate {
    /// In a thousand copies.
    #[must_use]
    pub fn per_thousand(&self) -> f64 {
        self.complaints as f64 * 1e3 / self.accepted.max(1) as f64
    }
}

impl Fared {
    /// So long readers and complaints are counted.
    pub const SPAN: TimeDelta = TimeDelta::days(30);

    /// Complaints in a thousand copies; `None`: there is no copy.
    #[must_use]
    pub fn complaint_rate(&self) -> Option<f64> {
        (self.accepted > 0).then(|| self.complaints as f64 * 1e3 / self.accepted as f64)
    }

    /// How many of Gmail's lines the complaints have reached: 1 from .1 % on, below which it wants a sender to stay; 2 from .3 % on, where it
    /// gives no help any more.
    #[must_use]
    pub const fn complaint_level(&self) -> usize {
        match self.complaints * 1_000 {
            0 => 0,
            thousand if thousand >= 3 * self.accepted => 2,
            thousand if thousand >= self.accepted => 1,
            _ => 0,
        }
    }
}

/// One entry of the suppression list.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// Who.
    pub address: Address,
    /// Why.
    pub reason: Suppression,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What becomes of a reader's block in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderChange {
    /// They confirmed a sign-up: they come into the file, with these preferences.
    Join {
        /// What they chose.
        preferences: Preferences,
        /// The sentence the reader agreed to, and when.
        consent: Line,
        /// The newsletters of readers who do not say which.
        defaults: Vec<NewsletterName>,
    },
    /// They want it otherwise, if they are in the file.
    Prefer(Preferences),
    /// They leave the file.
    Erase,
}

/// A change that belongs into the file.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number; a later one counts more.
    pub id: i64,
    /// Whose.
    pub address: Address,
    /// What.
    pub wish: ReaderChange,
    /// When the reader was answered.
    pub at: DateTime<Utc>,
    /// What the file said of the reader before it was merged, if it has been: only where it says so again is it merged again.
    pub merged_over: Option<Option<Preferences>>,
}

/// The changes that belong into the file.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Oldest first.
    pub readable: Vec<Change>,
    /// Those that cannot be read and were never merged: the number, and what is wrong. Told to `merged`, they are set aside.
    pub broken: Vec<(i64, Line)>,
}

impl Changes {
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.readable.is_empty() && self.broken.is_empty()
    }
}

/// Some of the list of readers that the ledger holds.
#[derive(Debug)]
pub struct SubscriberPage {
    /// Each, or what is wrong with a row that cannot be read.
    pub rows: Vec<Result<Subscriber, Line>>,
    /// The number of the last; `None`: there are no more.
    pub last: Option<i64>,
}

/// The letters to confirm sign-ups.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// Those that may go to the relay now.
    pub waiting: Vec<WaitingLetter>,
    /// When the next one may.
    pub next: Option<DateTime<Utc>>,
    /// What is wrong with those that cannot be read; they are not tried again.
    pub broken: Vec<Line>,
}

/// A letter that waits for the relay.
#[derive(Clone, Debug)]
pub struct WaitingLetter {
    /// The sign-up's number.
    pub id: u64,
    /// Where to.
    pub address: Address,
    /// When the reader asked: the letter's date, whenever it leaves.
    pub at: DateTime<Utc>,
    /// How often the relay put it off.
    pub tries: u32,
    /// The newsletters that were asked for; none: there was one.
    pub newsletters: Vec<NewsletterName>,
}

/// A reader of whom nothing was heard for a long time.
#[derive(Clone, Debug)]
pub struct Silent {
    pub reader: ReaderId,
    pub address: Address,
    /// When they gave the last sign of life.
    pub last: DateTime<Utc>,
}

/// The most letters of welcome.
pub const WELCOMES: u8 = 4;

/// The next letter of welcome after a sign-up.
#[derive(Clone, Debug)]
pub struct WelcomeDue {
    /// The sign-up's number.
    pub sign_up: u64,
    pub reader: ReaderId,
    pub address: Address,
    /// The newsletters that were asked for; none: there was one.
    pub newsletters: Vec<NewsletterName>,
    pub confirmed: DateTime<Utc>,
    /// From 1 to [`WELCOMES`].
    pub number: u8,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// The relay has it, or may have it.
    Over,
    /// Not before that instant.
    Later(DateTime<Utc>),
    /// It is not tried any more.
    GivenUp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gmails_lines() {
        let fared = |complaints, accepted| Fared {
            complaints,
            accepted,
            ..Fared::default()
        };
        for (complaints, accepted, level) in [
            (0, 0, 0),
            (0, 1_000, 0),
            (9, 10_000, 0),
            (1, 1_001, 0),
            (1, 1_000, 1),
            (29, 10_000, 1),
            (299, 100_000, 1),
            (3, 1_000, 2),
            (30, 10_000, 2),
            (1, 3, 2),
            (1, 0, 2),
        ] {
            let found = fared(complaints, accepted).complaint_level();
            assert_eq!(found, level, "{complaints} of {accepted}");
        }
        assert_eq!(fared(0, 0).complaint_rate(), None);
        assert_eq!(fared(3, 1_000).complaint_rate(), Some(3.0));
    }
}

//! The intake: messages that came back, each opened by its token and written into the ledger, many in one commit.
//!
//! Whom a message is about is said by a token alone, sealed with our key; no address in it is believed.

use std::io::Read;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::bounce::{self, Bounce, Class, Said};
use crate::ledger::{BounceOutcome, Comeback, Ledger, LedgerError, Patience, Returned};
use crate::mailbox::{self, MailboxError};
use crate::model::address::Address;
use crate::model::delivery::hide;
use crate::model::line::Line;
use crate::model::token::{Keys, Purpose, Token};

/// How many messages came to what. Each that was read is counted once, from `hard` to `strangers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All that were read.
    pub read: u64,
    /// The mailbox is gone.
    pub hard: u64,
    /// The mailbox took nothing.
    pub soft: u64,
    /// It failed for a while, or is still being tried: never suppresses.
    pub temporary: u64,
    /// The sender or the content was refused: never suppresses.
    pub about_us: u64,
    /// The reader calls it spam.
    pub complaints: u64,
    /// Written down by an earlier reading, or the reader's share of the ledger is full.
    pub known: u64,
    /// No bounces: deliveries, auto-replies, people's answers, bounces of confirmation mails.
    pub ignored: u64,
    /// Bounces without a token.
    pub without_token: u64,
    /// Bounces whose tokens are forged, or another list's.
    pub foreign: u64,
    /// Bounces about readers whom this ledger does not know.
    pub strangers: u64,
    /// Addresses put on the suppression list.
    pub suppressed: u64,
}

/// Why the intake stopped. What was written down before stays, and reading the same again does no harm.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The mailbox.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What happens meanwhile.
#[derive(Clone, Debug)]
pub enum Event {
    /// A reader was put on the suppression list.
    Suppressed {
        /// Who.
        address: Address,
        /// For what.
        what: Comeback,
        /// Its words.
        words: Line,
    },
    /// So many messages were read; now and then.
    Read(u64),
}

/// Takes in mailboxes for the newsletters of one ledger.
pub struct Intake<'a> {
    ledger: &'a mut Ledger,
    keys: &'a Keys,
    newsletters: &'a [String],
    patience: Patience,
    now: DateTime<Utc>,
    told: &'a mut dyn FnMut(Event),
    counts: Counts,
    waiting: Vec<Returned>,
}

/// So many bounces a commit: each commit waits for the disk.
const TOGETHER: usize = 500;

/// So many messages between two events of reading.
const NOW_AND_THEN: u64 = 1_000;

impl<'a> Intake<'a> {
    /// For the newsletters of these ids. `told` hears what happens.
    pub fn new(
        ledger: &'a mut Ledger,
        (newsletters, keys): (&'a [String], &'a Keys),
        patience: Patience,
        now: DateTime<Utc>,
        told: &'a mut dyn FnMut(Event),
    ) -> Self {
        Self {
            ledger,
            keys,
            newsletters,
            patience,
            now,
            told,
            counts: Counts::default(),
            waiting: Vec::new(),
        }
    }

    /// Takes in the mailbox at `path`. Gives the files of it that could not be read.
    ///
    /// # Errors
    /// The mailbox cannot be read, or the ledger cannot be written.
    pub fn mailbox(&mut self, path: &Path) -> Result<Vec<MailboxError>, IntakeError> {
        let read = mailbox::read(path, bounce::LOOKED_AT, &mut |message| self.take(message));
        self.write()?;
        read
    }

    /// Takes in what a mail server pipes to the program, which is read to its end.
    ///
    /// # Errors
    /// As [`Intake::mailbox`].
    pub fn stream(&mut self, from: impl Read, name: &Path) -> Result<(), IntakeError> {
        let take = &mut |message: &[u8]| self.take(message);
        let read = mailbox::stream(from, name, bounce::LOOKED_AT, take);
        self.write()?;
        read
    }

    /// The counts so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    fn take(&mut self, message: &[u8]) -> Result<(), IntakeError> {
        self.counts.read += 1;
        if self.counts.read.is_multiple_of(NOW_AND_THEN) {
            (self.told)(Event::Read(self.counts.read));
        }
        let bounce = bounce::read(message);
        let what = match bounce.said {
            Said::Failed(ref failure) => (Comeback::Failed(failure.class), failure.line()),
            Said::Complained => (Comeback::Complained, Line::clean("called spam")),
            // Nothing failed yet: counted, but not written down.
            Said::Delayed => {
                self.counts.temporary += 1;
                return Ok(());
            }
            Said::Delivered | Said::AutoReply | Said::NoBounce => {
                self.counts.ignored += 1;
                return Ok(());
            }
        };
        match self.open(&bounce) {
            Some(token) if token.purpose == Purpose::Confirm => self.counts.ignored += 1,
            Some(token) => self.waiting.push(self.returned(token, what, &bounce)),
            None if bounce.tokens.is_empty() => self.counts.without_token += 1,
            None => self.counts.foreign += 1,
        }
        if self.waiting.len() >= TOGETHER {
            self.write()?;
        }
        Ok(())
    }

    /// The first that is one of ours: they come in the order of trust.
    fn open(&self, bounce: &Bounce) -> Option<Token> {
        let open = |text| {
            let mut ids = self.newsletters.iter();
            ids.find_map(|id| self.keys.open(id, text))
        };
        bounce.tokens.iter().find_map(|text| open(text))
    }

    fn returned(&self, token: Token, (what, words): (Comeback, Line), bounce: &Bounce) -> Returned {
        let dated = bounce.dated.and_then(|at| DateTime::from_timestamp(at, 0));
        Returned {
            reader: token.number,
            run: token.run,
            what,
            words,
            at: dated.unwrap_or(self.now),
            digest: bounce.digest,
        }
    }

    fn write(&mut self) -> Result<(), IntakeError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let outcomes = self
            .ledger
            .note_returned(&self.waiting, self.patience, self.now)?;
        for (returned, outcome) in self.waiting.drain(..).zip(outcomes) {
            match outcome {
                BounceOutcome::Known => self.counts.known += 1,
                BounceOutcome::Stranger => self.counts.strangers += 1,
                BounceOutcome::Noted => *self.counts.of(returned.what) += 1,
                BounceOutcome::Suppressed(address) => {
                    *self.counts.of(returned.what) += 1;
                    self.counts.suppressed += 1;
                    if let Some(address) = address {
                        (self.told)(Event::Suppressed {
                            words: hide(&returned.words, &address),
                            what: returned.what,
                            address,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

impl Counts {
    const fn of(&mut self, what: Comeback) -> &mut u64 {
        match what {
            Comeback::Complained => &mut self.complaints,
            Comeback::Failed(Class::Hard) => &mut self.hard,
            Comeback::Failed(Class::Soft) => &mut self.soft,
            Comeback::Failed(Class::Temporary) => &mut self.temporary,
            Comeback::Failed(Class::AboutUs) => &mut self.about_us,
        }
    }
}

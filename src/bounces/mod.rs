//! The intake: messages that came back, each opened by its token and written into the ledger, many in one commit.
//!
//! Whom a message is about is said by a token alone, sealed with our key; no address in it is believed. What a provider told and somebody saved is believed by its
//! address: whoever may read our keys vouches for the file.

mod events;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::bounce::provider;
use crate::bounce::{self, Bounce, Class, Said};
use crate::files::{self, FileError};
use crate::ledger::{BounceOutcome, Comeback, Ledger, LedgerError, Patience, Reported, Returned};
use crate::mailbox::{self, MailboxError};
use crate::model::address::Address;
use crate::model::delivery::hide;
use crate::model::line::Line;
use crate::model::token::{Keys, Purpose, Token};

pub use events::{Opener, reported};

/// How many messages came to what. Each that was read is counted once, from `hard` to `strangers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All messages and events that were read.
    pub read: u64,
    /// Those of them that are events of providers.
    pub events: u64,
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
    /// The reader left at the provider.
    pub unsubscribed: u64,
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
    /// Events that cannot be read, or name no address.
    pub unreadable: u64,
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
    /// A file of saved events.
    #[error("`{}` cannot be read as saved events", .0.display())]
    Events(PathBuf, #[source] FileError),
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
    opener: Opener<'a>,
    patience: Patience,
    now: DateTime<Utc>,
    told: &'a mut dyn FnMut(Event),
    counts: Counts,
    waiting: Vec<Returned>,
    reported: Vec<Reported>,
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
            opener: Opener { keys, newsletters },
            patience,
            now,
            told,
            counts: Counts::default(),
            waiting: Vec::new(),
            reported: Vec::new(),
        }
    }

    /// Takes in the mailbox at `path`, or the events of providers that are saved there. Gives the files of a mailbox that could not be read.
    ///
    /// # Errors
    /// The mailbox cannot be read, or the ledger cannot be written.
    pub fn mailbox(&mut self, path: &Path) -> Result<Vec<MailboxError>, IntakeError> {
        if mailbox::beginning(path).is_some_and(|beginning| events::is_json(&beginning)) {
            let wrong = |error| IntakeError::Events(path.to_owned(), error);
            let (text, _) = files::read(path, events::LARGEST).map_err(wrong)?;
            self.events(&text)?;
            return Ok(Vec::new());
        }
        let read = mailbox::read(path, bounce::LOOKED_AT, &mut |message| self.take(message));
        self.write()?;
        read
    }

    /// Takes in what a mail server pipes to the program, which is read to its end.
    ///
    /// # Errors
    /// As [`Intake::mailbox`].
    pub fn stream(&mut self, from: impl Read, name: &Path) -> Result<(), IntakeError> {
        let mut from = BufReader::with_capacity(64 * 1024, from);
        if from.fill_buf().is_ok_and(events::is_json) {
            let mut text = Vec::new();
            let read = (&mut from).take(events::LARGEST).read_to_end(&mut text);
            let wrong = |error| IntakeError::Events(name.to_owned(), FileError::Io(error));
            read.map_err(wrong)?;
            if text.len() as u64 == events::LARGEST {
                return Err(IntakeError::Events(
                    name.to_owned(),
                    FileError::TooLarge(events::LARGEST),
                ));
            }
            return self.events(&text);
        }
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
        let Some(what) = came_back(&bounce.said) else {
            self.counts.pass_over(&bounce.said);
            return Ok(());
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
        let mut tokens = bounce.tokens.iter();
        tokens.find_map(|text| self.opener.open(text))
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

    /// Takes in saved events.
    fn events(&mut self, text: &[u8]) -> Result<(), IntakeError> {
        events::saved(text, |batch| self.take_events(batch))?;
        self.write()
    }

    fn take_events(&mut self, batch: provider::Batch) -> Result<(), IntakeError> {
        let count = batch.events.len() as u64 + batch.others + batch.unreadable;
        self.counts.read += count;
        self.counts.events += count;
        self.counts.ignored += batch.others;
        self.counts.unreadable += batch.unreadable;
        for event in batch.events {
            let said = event.said.clone();
            match reported(event, self.opener, self.now) {
                Some(one) => self.reported.push(one),
                None => self.counts.pass_over(&said),
            }
            if self.reported.len() >= TOGETHER {
                self.write()?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), IntakeError> {
        let (returned, reported) = (&self.waiting, &self.reported);
        let mut outcomes = Vec::new();
        if !returned.is_empty() {
            outcomes = self
                .ledger
                .note_returned(returned, self.patience, self.now)?;
        }
        if !reported.is_empty() {
            let noted = self.ledger.note_reported(reported, self.patience, self.now);
            outcomes.extend(noted?);
        }
        let returned = self.waiting.drain(..).map(|one| (one.what, one.words));
        let reported = self.reported.drain(..).map(|one| (one.what, one.words));
        for ((what, words), outcome) in returned.chain(reported).zip(outcomes) {
            match outcome {
                BounceOutcome::Known => self.counts.known += 1,
                BounceOutcome::Stranger => self.counts.strangers += 1,
                BounceOutcome::Noted => *self.counts.of(what) += 1,
                BounceOutcome::Suppressed(address) => {
                    *self.counts.of(what) += 1;
                    self.counts.suppressed += 1;
                    if let Some(address) = address {
                        (self.told)(Event::Suppressed {
                            words: hide(&words, &address),
                            what,
                            address,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

/// What is written down, with its words; `None`: nothing failed yet, or nothing came back.
fn came_back(said: &Said) -> Option<(Comeback, Line)> {
    match said {
        Said::Failed(failure) => Some((Comeback::Failed(failure.class), failure.line())),
        Said::Complained => Some((Comeback::Complained, Line::clean("called spam"))),
        Said::Left => Some((Comeback::Left, Line::clean("left at the provider"))),
        Said::Delayed | Said::Delivered | Said::AutoReply | Said::NoBounce => None,
    }
}

impl Counts {
    /// Counts what is not written down.
    const fn pass_over(&mut self, said: &Said) {
        match said {
            Said::Delayed => self.temporary += 1,
            _ => self.ignored += 1,
        }
    }

    const fn of(&mut self, what: Comeback) -> &mut u64 {
        match what {
            Comeback::Complained => &mut self.complaints,
            Comeback::Left => &mut self.unsubscribed,
            Comeback::Failed(Class::Hard) => &mut self.hard,
            Comeback::Failed(Class::Soft) => &mut self.soft,
            Comeback::Failed(Class::Temporary) => &mut self.temporary,
            Comeback::Failed(Class::AboutUs) => &mut self.about_us,
        }
    }
}

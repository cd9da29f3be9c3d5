//! What readers ask and what they are told: the seam between the pages, which speak HTTP, and the work, which keeps what was asked.
//! The work commits first and answers then: after any answer but [`Answer::Later`], what was asked for is on the disk.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::BoxFuture;

use crate::model::address::Address;
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::subscriber::Paused;
use crate::model::token::{Purpose, Token};

/// Where to ask: give what is asked, wait for what is answered. It may be called from many requests at once.
pub type Door = Arc<dyn Fn(Ask) -> BoxFuture<'static, Answer> + Send + Sync>;

/// A reader's number in the ledger, from a link in their letters ([`Purpose::Leave`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReaderId(u64);

impl ReaderId {
    /// Of a token that was opened; `None`: it is for something else.
    #[must_use]
    pub fn of(token: &Token) -> Option<Self> {
        (token.purpose == Purpose::Leave).then_some(Self(token.number))
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// As the ledger gave it.
    #[must_use]
    pub const fn from_ledger(number: u64) -> Self {
        Self(number)
    }
}

/// A sign-up's number in the ledger, from the link of its letter ([`Purpose::Confirm`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignUpId(u64);

impl SignUpId {
    /// Of a token that was opened; `None`: it is for something else.
    #[must_use]
    pub fn of(token: &Token) -> Option<Self> {
        (token.purpose == Purpose::Confirm).then_some(Self(token.number))
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// What is known of the reader: [`Answer::Standing`].
    Standing(ReaderId),
    /// No letter any more, from the answer on: [`Answer::Done`], also when they left before.
    Leave(ReaderId),
    /// A letter with a link to confirm. [`Answer::Done`] for everybody, whether or not a letter goes out.
    SignUp(Box<SignUp>),
    /// Whether a sign-up can be confirmed (changes nothing): [`Answer::Done`] or [`Answer::Expired`].
    SignedUp(SignUpId),
    /// The sign-up was meant: [`Answer::Welcome`], also the second time; or [`Answer::Expired`].
    Confirm(SignUpId),
    /// Other preferences: [`Answer::Done`].
    Prefer(ReaderId, Preferences),
    /// All that is held of the reader: [`Answer::Exported`].
    Export(ReaderId),
    /// Forget the reader, but for what it takes never to write to them again: [`Answer::Done`].
    Erase(ReaderId),
    /// The editions really sent: [`Answer::Editions`].
    Editions,
    /// One of them as a page: [`Answer::Edition`].
    Edition(Slug),
    /// Whether asking makes sense at all: [`Answer::Done`] or [`Answer::Later`].
    Ready,
    /// What is to be counted: [`Answer::Numbers`].
    Numbers,
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is done, and on the disk.
    Done,
    /// A sign-up is confirmed; the reader's links are made with this number, [`Purpose::Leave`].
    Welcome(ReaderId),
    /// What is known of the reader.
    Standing(Box<Standing>),
    /// All that is held of the reader, as JSON.
    Exported(String),
    /// Newest first.
    Editions(Arc<[Archived]>),
    /// One edition, whole.
    Edition(Arc<Page>),
    /// What is counted.
    Numbers(Vec<Number>),
    /// There is no such reader, sign-up or edition.
    Unknown,
    /// The sign-up is older than its seven days.
    Expired,
    /// Nothing was done: the ledger is locked, full or damaged. Asking again later may help.
    Later,
}

/// Someone asks for the newsletter; nothing of it is proved yet.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Where the letter goes.
    pub address: Address,
    /// The reader's name.
    pub name: Option<Line>,
    /// Only these sections; empty: all.
    pub sections: Vec<Line>,
    /// The form and its version, such as `page 1`.
    pub form: Line,
    /// The sentence the reader agreed to, as it was on the page, and the day.
    pub consent: Line,
    /// Who asked; kept only where the config says so.
    pub client: Option<IpAddr>,
}

/// What a reader can have otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// The reader's name.
    pub name: Option<Line>,
    /// Only these sections; empty: all.
    pub sections: Vec<Line>,
    /// Whether no letter comes for now.
    pub paused: Paused,
}

/// What is known of a reader.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Their address. A letter may have been passed on: show it masked, as `Display` does.
    pub address: Address,
    /// Whether they get letters, pauses aside: they are in the file and not suppressed.
    pub subscribed: bool,
    /// What they chose; the same as everybody's if they are not in the file.
    pub preferences: Preferences,
    /// Since when they get letters.
    pub since: Option<NaiveDate>,
}

/// An edition that was really sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Its name.
    pub slug: Slug,
    /// Its subject.
    pub subject: Line,
    /// Its first visible line.
    pub opening: Line,
    /// When it was frozen; it never changes after.
    pub frozen: DateTime<Utc>,
}

/// An edition as a page of its own.
#[derive(Clone, Debug)]
pub struct Page {
    /// The whole document.
    pub html: String,
    /// When it was frozen.
    pub frozen: DateTime<Utc>,
}

/// One number for those who watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Its name, such as `newsdigest_copies`; those of one name follow one another.
    pub name: &'static str,
    /// What it means, one line.
    pub help: &'static str,
    /// Whether it only ever grows.
    pub is_counter: bool,
    /// What it is of: names and values.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_door_only() {
        let token = |purpose| Token {
            purpose,
            number: 7,
            run: 0,
        };
        let opened = |purpose| {
            let token = token(purpose);
            (
                ReaderId::of(&token).map(ReaderId::number),
                SignUpId::of(&token).map(SignUpId::number),
            )
        };
        assert_eq!(opened(Purpose::Leave), (Some(7), None));
        assert_eq!(opened(Purpose::Confirm), (None, Some(7)));
        assert_eq!(opened(Purpose::Bounce), (None, None));
    }
}

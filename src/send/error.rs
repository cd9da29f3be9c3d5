//! Why a send did not begin. From its freeze on a send ends with a tally and perhaps a [`Halt`](super::Halt) instead.

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::approval::ApprovalState;
use crate::config::NoKeys;
use crate::ledger::{LedgerError, SendLockError};
use crate::mailer::SessionError;
use crate::model::edition::Slug;
use crate::model::finding::Finding;
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::stop::Stopped;
use crate::model::world::NoRandom;
use crate::subscriber_list::ListError;

/// Why a send did not begin: nothing was frozen, or nothing of what is frozen left.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// In the config, the subscribers file or the edition, or what its readers ask for.
    #[error("there are problems in what a person wrote")]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Locked(#[from] SendLockError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger failed after letters had left.
    #[error(transparent)]
    Lost(LedgerError),
    #[error("it is too late for the edition of {slug}")]
    TooLate {
        slug: Slug,
        end: DateTime<FixedOffset>,
    },
    /// An older edition has letters queued: it comes first.
    #[error("the edition of {slug} is not sent to its end")]
    Unfinished { slug: Slug, queued: u64 },
    #[error("the edition of {slug} in `{}` belongs to the newsletter `{theirs}`, not to `{ours}`", .ledger.display())]
    OfAnother {
        slug: Slug,
        ledger: PathBuf,
        theirs: String,
        ours: String,
    },
    #[error("the letterhead of {0} in the ledger is broken")]
    Letterhead(Slug),
    /// `hold = true` in its file.
    #[error("{slug} is held by the editor")]
    HeldByEditor { slug: Slug, file: PathBuf },
    /// `[approval]` wants more people to approve it as it is.
    #[error("{}", .0.lacking())]
    Unapproved(Box<ApprovalState>),
    /// Nobody who could be told got the edition.
    #[error("nobody who is still subscribed got the edition of {0}")]
    NothingToCorrect(Slug),
    #[error("{0} holds no subscriber")]
    NoSubscriber(String),
    #[error("nobody in {list} gets `{newsletter}`")]
    NoReader {
        list: String,
        newsletter: Line,
        is_alerts: bool,
    },
    #[error(transparent)]
    Alert(#[from] AlertRefused),
    #[error(transparent)]
    Subscribers(ListError),
    #[error(transparent)]
    Merge(ListError),
    /// What the look before sending found stops it: one finding at least.
    #[error("the look before sending found what stops a send")]
    Found(Vec<Finding>),
    /// The relay could not be reached, or refused us, before anything was frozen.
    #[error(transparent)]
    Relay(SessionError),
    #[error(transparent)]
    Keys(#[from] ReaderKeysError),
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The stop was asked for before the freeze.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Why an alert may not go out.
#[derive(Debug, thiserror::Error)]
pub enum AlertRefused {
    #[error("there is no `[alerts]` in the config")]
    Unknown,
    #[error("alerts are quiet until {}", .until.format("%H:%M"))]
    Quiet { until: DateTime<FixedOffset> },
    #[error("{sent} of {most} alerts a day were sent on {day}")]
    Enough {
        sent: usize,
        most: usize,
        day: NaiveDate,
    },
    #[error("this story was in the alert of {0}")]
    SentBefore(Slug),
    #[error("alerts are of {}, and this story is of {}", quoted(.of), .section.as_ref().map_or_else(|| "no section".to_owned(), |section| format!("`{section}`")))]
    Section {
        section: Option<Line>,
        of: Vec<Line>,
    },
}

fn quoted(names: &[Line]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Why the keys that seal readers' links and bounce addresses cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ReaderKeysError {
    #[error(transparent)]
    None(#[from] NoKeys),
    /// The key of an edition's freeze is gone.
    #[error("key {id}, with which {slug} was frozen, is not in `{}`", .file.display())]
    Lost { id: u8, slug: Slug, file: PathBuf },
}

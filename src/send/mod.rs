//! From an edition to every inbox: freezes the run, then lets N conversations claim, hand over and settle until nothing is left to do.
//!
//! It decides what a verdict means for the run as a whole (stop, slow down, try later); the ledger alone decides which copy is whose.
//!
//! What survives a crash at any instant is written in [`crate::ledger`]. Here only this order matters: a claim is committed before its letter
//! leaves, and what the relay answered is committed together with the next claim of the same conversation.

mod audience;
mod carrier;
mod conversation;
mod proof;
mod queue;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, watch};

pub use audience::{Audience, audience};
pub use proof::proof;

use crate::config::Handover;
use crate::ledger::{Ledger, LedgerError, RunId};
use crate::mailer::{OutboxError, SessionError};
use crate::message::LetterTemplate;
use crate::message::Unsigned;
use crate::model::delivery::{Reply, Tally};
use crate::model::line::Line;
use crate::model::zone::Clock;

/// What happens while letters go out.
#[derive(Clone, Debug)]
pub enum Event {
    /// Counts so far; at most one a second.
    Progress(Progress),
    /// A conversation ended; it is opened again after `wait`.
    Reconnecting {
        /// Why it ended.
        why: Line,
        /// How long is waited first.
        wait: Duration,
    },
    /// A conversation was given up; the others go on.
    Fewer {
        /// Why it ended.
        why: Line,
    },
    /// The relay asks for patience.
    Throttled(Reply),
    /// All that is left was deferred; nothing is tried before `until`.
    Waiting {
        /// When the next letter is due.
        until: DateTime<Utc>,
    },
}

/// Letters settled since this run of the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Taken by the relay.
    pub accepted: u64,
    /// Refused for good.
    pub rejected: u64,
    /// To be tried again.
    pub deferred: u64,
    /// How many are still to go, deferred ones included.
    pub left: u64,
}

/// Why letters stopped going out before all were settled.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// Someone asked for it.
    #[error("stopped as asked")]
    Interrupted,
    /// The relay's answer is about us, not about a reader.
    #[error("the relay refuses us, not a reader")]
    AboutUs(#[source] SessionError),
    /// The same refusal so often running that it must be about us.
    #[error(
        "the relay answered `{reply}` {times} times running, so it is about us and not about the readers"
    )]
    SameRefusal {
        /// The answer.
        reply: Reply,
        /// How often.
        times: u32,
    },
    /// It is past the instant after which nothing may leave.
    #[error("it is too late for this edition: the rest does not leave any more")]
    TooLate,
    /// No conversation could be opened.
    #[error(transparent)]
    Unreachable(SessionError),
    /// The ledger failed: without it nothing may leave.
    #[error(transparent)]
    Ledger(LedgerError),
    /// A letter could not be signed.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// The folder of letters failed.
    #[error(transparent)]
    Outbox(OutboxError),
    /// A conversation died of a bug.
    #[error(
        "a conversation with the relay broke off: this is a bug of newsdigest, please report it"
    )]
    Broken,
}

/// Letters to go out.
pub struct Job {
    /// The ledger; lent for the time of the run.
    pub ledger: Ledger,
    /// The frozen run.
    pub run: RunId,
    /// One for each of the run's page sets, in their order.
    pub presses: Vec<LetterTemplate>,
    /// Where to, how fast, when to stop.
    pub handover: Handover,
    /// No letter leaves from then on.
    pub not_after: Option<DateTime<Utc>>,
    /// The time.
    pub clock: Clock,
}

/// What came of it.
pub struct Outcome {
    /// Where every subscriber stands.
    pub tally: Tally,
    /// Why it ended early, if it did.
    pub halt: Option<Halt>,
}

/// Hands over every queued letter of the run. Ends when nothing is queued any more, or at a [`Halt`]; `stop` becoming true lets the letters
/// under way finish and then stops.
///
/// # Errors
/// Only if the ledger cannot even be asked for the tally at the end.
pub async fn hand_over(
    job: Job,
    stop: watch::Receiver<bool>,
    events: mpsc::UnboundedSender<Event>,
) -> Result<Outcome, LedgerError> {
    conversation::all(job, stop, events).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailer::{Cause, Stage};

    #[test]
    fn every_reason_to_stop() {
        let ended = |stage, cause| SessionError {
            relay: "smtp.example.org:587".to_owned(),
            stage,
            cause,
        };
        let reply = Reply::new(550, "5.7.1 relay access denied");
        let all = [
            Halt::Interrupted,
            Halt::AboutUs(ended(Stage::Sender, Cause::Refused(reply.clone()))),
            Halt::SameRefusal { reply, times: 20 },
            Halt::TooLate,
            Halt::Unreachable(ended(Stage::Connect, Cause::HungUp)),
            Halt::Ledger(LedgerError::Stopped),
            Halt::Outbox(OutboxError::Full("outbox/a.eml".into())),
            Halt::Broken,
        ];
        let said = all.map(|halt| {
            let source = std::error::Error::source(&halt);
            source.map_or_else(|| halt.to_string(), |source| format!("{halt}: {source}"))
        });
        insta::assert_snapshot!(said.join("\n"), @"
        stopped as asked
        the relay refuses us, not a reader: `smtp.example.org:587` refused MAIL: `550 5.7.1 relay access denied`
        the relay answered `550 5.7.1 relay access denied` 20 times running, so it is about us and not about the readers
        it is too late for this edition: the rest does not leave any more
        `smtp.example.org:587` hung up at the connection
        the ledger's writer has stopped
        the disk is full: `outbox/a.eml` was not written
        a conversation with the relay broke off: this is a bug of newsdigest, please report it
        ");
    }
}

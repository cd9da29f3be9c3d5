//! From an edition to every inbox: [`begin`], freeze or resume, then N conversations claim, hand over and settle until nothing is left to do.
//!
//! It decides what a verdict means for the run as a whole (stop, slow down, try later); the ledger alone decides which copy is whose.
//!
//! What survives a crash at any instant is written in [`crate::ledger`]. Here only this order matters: a claim is committed before its letter
//! leaves, and what the relay answered is committed together with the next claim of the same conversation.

mod alert;
mod approval;
mod audience;
mod begin;
mod carrier;
mod conversation;
mod dry_run;
mod error;
mod findings;
mod freeze;
mod hours;
mod keys;
mod proof;
mod queue;
mod readers;
mod sending;
mod templates;
mod turn;

use std::time::Duration;

pub use alert::{AlertOrder, WouldAlert, alert, finish_alerts, is_alert_stopped, would_alert};
pub use approval::{
    ApprovalState, ApproveError, Approved, LinkState, LinkedEdition, PressError, VoidApproval,
    approval_state, approve, look, press_approve, spend_for_hold,
};
pub use begin::{Begun, InDoubt, LATE, SendOrder, begin, target};
use chrono::{DateTime, FixedOffset, Utc};
pub use dry_run::{WouldGo, frozen, would_go};
pub use error::{AlertRefused, ReaderKeysError, SendError};
pub use freeze::waits_for_approval;
pub use keys::keys;
pub use proof::proof;
pub use sending::{Sending, Sent};

use crate::config::Relays;
use crate::ledger::{Ledger, LedgerError, LedgerPlace, Patience, Pruned, RelayTally, RunId};
use crate::mailer::{OutboxError, SessionError};
use crate::message::Unsigned;
use crate::model::address::Address;
use crate::model::delivery::{Reply, Tally};
use crate::model::edition::Slug;
use crate::model::figures::grouped;
use crate::model::finding::Finding;
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::world::NoRandom;
use crate::model::zone::{Clock, Zone};
use templates::Templates;

/// What happens on the way.
#[derive(Clone, Debug)]
pub enum SendEvent {
    /// What was queued of an older edition is given up: its `not_after` was `end`.
    OlderGivenUp {
        slug: Slug,
        end: DateTime<FixedOffset>,
        given_up: u64,
    },
    /// Nobody in the list gets this newsletter, and nothing is frozen.
    NobodyGetsIt { list: String },
    /// Rows of the ledger that cannot be read; they are left out.
    BrokenRows(Vec<Line>),
    /// What these readers changed waits until their block in the subscribers file is mended.
    ChangesWait(Vec<Address>),
    /// So many of the list of subscribers cannot be read: they get nothing until they are mended.
    Misread {
        problems: Vec<Problem>,
        list: String,
        blocks: u64,
    },
    /// There are more different parts of the edition than are rendered: these readers get the whole of it.
    TooManySets { readers: u64 },
    /// Old copies were deleted.
    Pruned(Pruned),
    /// Old copies could not be deleted.
    NotPruned(Line),
    /// Copies of an older edition may have arrived or not.
    OlderInDoubt { slug: Slug, in_doubt: u64 },
    /// The letters stop for an alert, and go on behind it.
    AlertFirst,
    /// So many copies are given up: by their readers' clocks it is too late.
    LateThere(u64),
    /// Letters of another edition are queued; it blocks nothing, since this one is frozen.
    OlderUnfinished { slug: Slug, queued: u64 },
    /// A send in progress is stopping for this alert.
    OthersStop,
    /// Letters of an older alert are queued. It blocks nothing.
    AlertUnfinished { slug: Slug, queued: u64 },
    /// So many copies stay in doubt, as was asked for.
    StayInDoubt(u64),
    /// So many copies in doubt are sent again.
    MayArriveTwice(u64),
    /// The edition file was changed after the freeze: readers get what was frozen.
    ChangedSince(Slug),
    /// A frozen run goes on.
    GoesOn { slug: Slug, queued: u64 },
    /// What the look before sending found; nothing of it stops the send.
    Found(Vec<Finding>),
    /// The relay takes its time to answer.
    RelayIsSlow { relay: String },
    /// It goes without the approvals that the config wants: what is lacking.
    Unapproved(String),
    /// The same of a rehearsal: a real send would wait or go without.
    UnapprovedRehearsal(String),
    /// The send exists.
    Frozen {
        slug: Slug,
        recipients: u64,
        left_out: u64,
        took: Duration,
    },
    /// Everything was handed over before.
    NothingIsLeft(Slug),
    /// The conversations are over.
    HandedOver { took: Duration },
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
    /// The ledger fails at the row of one copy, which gets no letter any more; the others go on. Why.
    SetAside(Line),
    /// The run goes on without that relay of several.
    RelayLeft { relay: String, why: Line },
    /// So many copies stay in doubt: the relay that may have them is not in the config any more.
    DoubtElsewhere { relay: String, copies: u64 },
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
    /// Everybody who is left was refused as if it were about us, and nobody's letter was taken meanwhile.
    #[error(
        "the relay refuses everybody who is left ({left}), so it is about us and not about the readers: `{reply}`"
    )]
    RefusesEverybody {
        /// The last answer.
        reply: Reply,
        /// How many are left.
        left: u64,
    },
    /// The relay has taken as many letters today as `[relay] rate` allows.
    #[error(
        "the day's quota of {} letters is used up (`{key}` in `[relay]`): {} may leave from {} on",
        grouped(u64::from(*.daily)), those_left(*.left), .until.format("%Y-%m-%d %H:%M")
    )]
    QuotaUsedUp {
        daily: u32,
        /// What says so in the config.
        key: &'static str,
        left: u64,
        /// When the next day of UTC begins, on the newsroom's clocks.
        until: DateTime<FixedOffset>,
        /// `not_after` comes before that.
        is_too_late: bool,
    },
    /// It is past the instant after which nothing may leave.
    #[error("it is too late for this edition: the rest does not leave any more")]
    TooLate,
    /// No conversation could be opened.
    #[error(transparent)]
    Unreachable(SessionError),
    /// All that is left was deferred, and the newsletters that share the relay go first until then.
    #[error("others go first until {0}")]
    OthersFirst(DateTime<Utc>),
    /// An alert is waiting.
    #[error("an alert goes first")]
    AlertFirst,
    /// All that is left waits for its readers' hour.
    #[error("{} by the clocks of {zones}, at {} here", waiting(*.left), .at.format("%H:%M"))]
    NextHour {
        at: DateTime<FixedOffset>,
        zones: String,
        left: u64,
    },
    /// The ledger failed: without it nothing may leave.
    #[error(transparent)]
    Ledger(LedgerError),
    /// A letter could not be signed.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// A proof had no random bytes to be named by.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The link in a proof could not be sealed.
    #[error(transparent)]
    Keys(#[from] ReaderKeysError),
    /// The folder of letters failed.
    #[error(transparent)]
    Outbox(OutboxError),
    /// A conversation died of a bug.
    #[error(
        "a conversation with the relay broke off: this is a bug of newsdigest, please report it"
    )]
    Broken,
}

/// `the 12 that are left`.
#[must_use]
pub fn those_left(left: u64) -> String {
    match left {
        1 => "the one that is left".to_owned(),
        more => format!("the {} that are left", grouped(more)),
    }
}

fn waiting(left: u64) -> String {
    match left {
        1 => "1 copy waits; the next leaves".to_owned(),
        more => format!("{} copies wait; the next leave", grouped(more)),
    }
}

impl Halt {
    /// Whether it is one relay that failed, and not the run.
    const fn is_of_the_relay(&self) -> bool {
        matches!(
            self,
            Self::AboutUs(_)
                | Self::SameRefusal { .. }
                | Self::RefusesEverybody { .. }
                | Self::QuotaUsedUp { .. }
                | Self::Unreachable(_)
        )
    }

    /// In one sentence, with what it comes from.
    fn with_its_source(&self) -> String {
        match std::error::Error::source(self) {
            Some(source) => format!("{self}: {source}"),
            None => self.to_string(),
        }
    }

    /// Whether the same may go better later, without anybody's doing.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::AboutUs(error) | Self::Unreachable(error) => error.may_pass(),
            _ => false,
        }
    }
}

/// Letters to go out.
struct Job {
    /// The ledger; lent for the time of the run.
    pub ledger: Ledger,
    /// The frozen run.
    pub run: RunId,
    /// The letters of each relay.
    pub templates: Vec<Templates>,
    /// Where to, how fast, when to stop.
    pub relays: Relays,
    /// How many soft refusals suppress a reader.
    pub patience: Patience,
    /// No letter leaves from then on.
    pub not_after: Option<DateTime<Utc>>,
    /// The time.
    pub clock: Clock,
    /// The newsroom's time zone.
    pub zone: Zone,
    /// Whether it is an alert. All others stop for one.
    pub is_alert: bool,
    /// Whether other newsletters share the relay: they go first while all that is left is deferred.
    pub shares_relay: bool,
}

/// What came of it.
struct HandoverOutcome {
    /// What became of every subscriber.
    pub tally: Tally,
    /// The same of each relay, where there are several.
    pub relays: Vec<RelayTally>,
    /// Why it ended early, if it did.
    pub halt: Option<Halt>,
    /// Whether the ledger's file is still the one that was opened.
    pub place: LedgerPlace,
}

/// Who hears of what happens.
pub type Tell<'a> = &'a mut dyn FnMut(SendEvent);

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
            Halt::SameRefusal {
                reply: reply.clone(),
                times: 20,
            },
            Halt::RefusesEverybody { reply, left: 4 },
            Halt::QuotaUsedUp {
                daily: 40_000,
                key: "rate",
                left: 12,
                until: "2026-08-25T01:00:00+01:00".parse().unwrap(),
                is_too_late: false,
            },
            Halt::TooLate,
            Halt::Unreachable(ended(Stage::Connect, Cause::HungUp)),
            Halt::Ledger(LedgerError::Stopped),
            Halt::Outbox(OutboxError::Full("outbox/a.eml".into())),
            Halt::Broken,
        ];
        let said = all.map(|halt| halt.with_its_source());
        insta::assert_snapshot!(said.join("\n"), @"
        stopped as asked
        the relay refuses us, not a reader: `smtp.example.org:587` refused MAIL: `550 5.7.1 relay access denied`
        the relay answered `550 5.7.1 relay access denied` 20 times running, so it is about us and not about the readers
        the relay refuses everybody who is left (4), so it is about us and not about the readers: `550 5.7.1 relay access denied`
        the day's quota of 40,000 letters is used up (`rate` in `[relay]`): the 12 that are left may leave from 2026-08-25 01:00 on
        it is too late for this edition: the rest does not leave any more
        `smtp.example.org:587` hung up at the connection
        the ledger's writer has stopped
        the disk is full: `outbox/a.eml` was not written
        a conversation with the relay broke off: this is a bug of newsdigest, please report it
        ");
    }
}

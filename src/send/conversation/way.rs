//! One relay of a run: what is known of it, and what its answers mean for a copy.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::Halt;
use super::blame::{Blame, LOSSES};
use super::breaker::Breaker;
use crate::config::Handover;
use crate::ledger::{Claim, Patience, RelayId};
use crate::mailer::{Cause, SessionError, Stage, is_our_limit};
use crate::model::delivery::{Reply, Verdict};
use crate::model::stop::Stop;
use crate::send::carrier::Carrier;
use crate::send::templates::Templates;

/// A relay that cannot be opened within this time is left if another one is there.
const AWAY_AFTER: Duration = Duration::from_secs(4);

pub(super) struct Way {
    /// Its place among the run's relays.
    pub(super) number: usize,
    pub(super) handover: Handover,
    /// Letters as this relay takes them.
    pub(super) templates: Templates,
    /// Its number in the ledger, if it is one of several.
    pub(super) id: Option<RelayId>,
    /// Under which name the ledger counts the letters of the day, if it does.
    pub(super) counted_as: Option<Arc<str>>,
    /// Raised when the run goes on without it, and when the run stops.
    pub(super) breaker: Breaker,
    /// Letters that it answered in whatever way.
    answered: AtomicU64,
    /// Conversations that are open.
    open: AtomicU64,
    blame: Mutex<Blame>,
}

impl Way {
    /// `taken`: letters of the run that it took before.
    pub(super) fn new(
        number: usize,
        handover: Handover,
        templates: Templates,
        id: Option<RelayId>,
        (patience, taken): (Patience, u64),
        stop: Stop,
    ) -> Self {
        let blame = Blame::new(handover.attempts, handover.stop_after, patience, taken);
        Self {
            number,
            templates,
            id,
            counted_as: handover.counted_as().map(Arc::from),
            handover,
            breaker: Breaker::new(stop),
            answered: AtomicU64::new(0),
            open: AtomicU64::new(0),
            blame: Mutex::new(blame),
        }
    }

    pub(super) fn blame(&self) -> MutexGuard<'_, Blame> {
        self.blame.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    pub(super) fn has_answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }

    /// Notes that a conversation was opened or ended.
    pub(super) fn opened(&self, is_open: bool) {
        if is_open {
            self.open.fetch_add(1, Ordering::Relaxed);
        } else {
            self.open.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Opens a conversation. One that takes its time is not waited for where `others` are there, unless this relay is in another conversation.
    pub(super) async fn open(
        &self,
        carrier: &mut Carrier,
        others: bool,
    ) -> Result<Result<(), SessionError>, Halt> {
        let opening = carrier.ready(self.templates.heaviest());
        if !others {
            return Ok(opening.await);
        }
        let Ok(opened) = tokio::time::timeout(AWAY_AFTER, opening).await else {
            let error = SessionError {
                relay: self.handover.relay.to_string(),
                stage: Stage::Connect,
                cause: Cause::Silent(AWAY_AFTER),
            };
            return if self.is_open() {
                Ok(Err(error))
            } else {
                Err(Halt::Unreachable(error))
            };
        };
        Ok(opened)
    }

    /// A refusal at RCPT that reads as if it were about us is about the reader after all if the relay takes other letters of this edition: a
    /// closed group, or the words of the reader's own server. Else one address could stop everybody's letters for good.
    pub(super) fn about_the_reader(&self, error: &SessionError) -> Option<Verdict> {
        match &error.cause {
            Cause::Refused(reply)
                if error.stage == Stage::Recipient
                    && reply.code >= 500
                    && !is_our_limit(reply)
                    && self.blame().takes_letters() =>
            {
                Some(Verdict::Deferred(reply.clone()))
            }
            _ => None,
        }
    }

    /// Until the relay has taken a letter of this edition, a rejection at RCPT that says nothing of the mailbox is asked again soon, when it is known what others hear.
    pub(super) fn doubted(&self, stage: Stage, verdict: Verdict, left: u64) -> (Verdict, bool) {
        match verdict {
            Verdict::Rejected(reply) if self.blame().is_doubtful(stage, &reply, left) => {
                (Verdict::Deferred(reply), true)
            }
            other => (other, false),
        }
    }

    /// What a conversation that ended before the dot means for its letter: nothing, it is queued again, attempts unchanged; or, if it has ended too
    /// many of them, a deferral, and whether it is the last.
    pub(super) fn lost(&self, claim: &Claim, error: &SessionError) -> Option<(Verdict, bool)> {
        let with_this_letter = matches!(
            error.stage,
            Stage::Sender | Stage::Recipient | Stage::Data | Stage::Content
        );
        if !with_this_letter || error.is_about_us() || !self.blame().lost(claim.copy) {
            return None;
        }
        // RFC 3463 section 3.5: bad connection.
        let reply = Reply::new(421, &format!("4.4.2 {LOSSES} times running: {error}"));
        let is_last = claim.attempts + 1 >= self.handover.attempts;
        Some((Verdict::Deferred(reply), is_last))
    }
}

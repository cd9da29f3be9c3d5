//! N conversations with the relay, each claiming, handing over and settling one letter at a time.
//!
//! Where the relay takes commands ahead, the letter that is next in line is looked at and rendered before it is claimed, so that its MAIL, RCPT and
//! DATA can leave with the dot of the letter before. Its content leaves after its claim is committed, together with what became of the
//! letter before. A claim that is refused then ends the session instead: nothing arrives.

mod blame;
mod breaker;
mod letters;
mod shared;
mod turns;
mod way;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::queue::{Candidate, Choice, Queue, Queues, Quota, SharedLimit};
use super::{Halt, HandoverOutcome, Job, SendEvent};
use crate::ledger::{LedgerError, Writer};
use crate::model::delivery::Tally;
use crate::model::stop::Stop;
use letters::converse;
use shared::{Plan, Shared};
use turns::Unwritten;
use way::Way;

pub(super) async fn all(
    mut job: Job,
    stop: Stop,
    events: mpsc::UnboundedSender<SendEvent>,
) -> Result<HandoverOutcome, LedgerError> {
    let before = job.ledger.tally(job.run)?;
    let path = (!job.is_alert).then(|| job.ledger.path().to_owned());
    let (ways, queues) = ways(&mut job, &before, &stop)?;
    let (writer, thread) = Writer::start(job.ledger, job.run);
    let plan = Plan {
        run: job.run,
        ways,
        queues,
        not_after: job.not_after,
        clock: job.clock,
        zone: job.zone,
        shares_relay: job.shares_relay,
    };
    let shared = Arc::new(Shared::new(writer, plan, &before, stop, events));
    let queued = usize::try_from(before.queued).unwrap_or(usize::MAX);
    let mut conversations = JoinSet::new();
    for way in &shared.ways {
        // A folder needs one conversation; more would only contend for the disk.
        let most = if way.handover.relay.is_real() {
            way.handover.connections
        } else {
            1
        };
        for _ in 0..queued.clamp(1, most) {
            conversations.spawn(converse(Arc::clone(&shared), way.number));
        }
    }
    let ticker = tokio::spawn(tick(Arc::clone(&shared)));
    let watch = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move { shared.watch_the_clock().await }
    });
    let alerts = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move {
            if let Some(ledger) = path {
                shared.watch_for_alerts(&ledger).await;
            }
        }
    });
    while let Some(ended) = conversations.join_next().await {
        if ended.is_err() {
            shared.halt(Halt::Broken);
        }
    }
    for task in [ticker, watch, alerts] {
        task.abort();
        _ = task.await;
    }
    shared.progress();
    let interrupted = shared.breaker.is_asked_to_stop();
    let mut halt = shared.breaker.take_halt();
    // Why the run went on without a relay: copies may be left that no other was to have.
    let mut left = None;
    if matches!(
        halt,
        None | Some(
            Halt::Interrupted
                | Halt::TooLate
                | Halt::QuotaUsedUp { .. }
                | Halt::OthersFirst(_)
                | Halt::AlertFirst
        )
    ) {
        for way in &shared.ways {
            let refused = match way.breaker.take_halt() {
                None | Some(Halt::QuotaUsedUp { .. }) => way.blame().counted_at_the_end(),
                Some(failed) => {
                    left = left.or(Some(failed));
                    Vec::new()
                }
            };
            let mut rest = Unwritten {
                refused,
                ..Unwritten::default()
            };
            if let Err(failed) = shared.flush(way, &mut rest).await {
                halt = halt.or(Some(failed));
            }
        }
    }
    drop(shared);
    let ledger = thread.finish().await?;
    let tally = ledger.tally(job.run)?;
    // At the last instant the clock may have been faster than the last letter.
    let may_be_over = |halt: &Halt| {
        matches!(
            halt,
            Halt::TooLate | Halt::OthersFirst(_) | Halt::AlertFirst
        )
    };
    let halt = halt.filter(|halt| tally.queued > 0 || !may_be_over(halt));
    let halt = halt.or((interrupted && tally.queued > 0).then_some(Halt::Interrupted));
    let halt = halt.or(left.filter(|_| tally.queued > 0));
    let relays = ledger.relays(job.run)?;
    let place = ledger.close_file();
    Ok(HandoverOutcome {
        tally,
        relays,
        halt,
        place,
    })
}

/// The run's relays and their queues.
fn ways(job: &mut Job, before: &Tally, stop: &Stop) -> Result<(Vec<Way>, Queues), LedgerError> {
    let (ledger, now) = (&mut job.ledger, (job.clock)());
    if job.relays.first().name.is_some() {
        ledger.try_all_relays(job.run)?;
    }
    let told = ledger.relays(job.run)?;
    let over_all: Vec<_> = job.relays.per_domain.iter().map(SharedLimit::new).collect();
    let weights: u64 = job.relays.each().map(|relay| u64::from(relay.weight)).sum();
    let (mut ways, mut queues, mut candidates) = (Vec::new(), Vec::new(), Vec::new());
    let templates = std::mem::take(&mut job.templates);
    for (relay, templates) in job.relays.each().zip(templates) {
        let mut queue = Queue::new(relay.connections, relay.rate, &relay.per_domain, &over_all);
        let day = now.date_naive();
        let taken = relay.counted_as();
        let taken = taken.map_or(Ok(0), |name| ledger.handed(name, day))?;
        queue.quota = Quota::new(relay, now, taken);
        let mut candidate = Candidate {
            weight: relay.weight,
            domains: relay.domains.clone(),
            picked: None,
        };
        if queue.quota.warms_up() {
            let share = (before.queued * u64::from(relay.weight)).div_ceil(weights.max(1));
            let most = queue.quota.room().map_or(share, |room| room.min(share));
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let mut picked = ledger.steadiest(job.run, most, |domain| candidate.takes(domain))?;
            picked.sort_unstable();
            candidate.picked = Some(picked);
        }
        let (id, taken) = match &relay.name {
            None => (None, before.accepted),
            Some(name) => {
                let told = told.iter().find(|told| told.relay == name.as_str());
                let taken = told.map_or(0, |told| told.tally.accepted);
                (Some(ledger.relay(name.as_str())?), taken)
            }
        };
        let known = (job.patience, taken);
        let (number, stop) = (ways.len(), stop.clone());
        ways.push(Way::new(number, relay.clone(), templates, id, known, stop));
        queues.push(queue);
        candidates.push(candidate);
    }
    Ok((ways, Queues::new(queues, Choice::new(candidates))))
}

/// Reports counts once a second.
async fn tick(shared: Arc<Shared>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.tick().await;
    loop {
        seconds.tick().await;
        shared.progress();
    }
}

//! A run without letters: who stops, and who goes on.

use std::sync::Arc;

use super::*;
use crate::config::Handover;
use crate::ledger::{Ledger, LedgerFile, Patience};
use crate::mailer::{Cause, Relay};
use crate::model::delivery::Reply;
use crate::send::queue::{Candidate, Choice, Queue};
use crate::send::templates::Templates;

/// A run of so many relays, all of them folders.
pub(in crate::send::conversation) fn shared(folder: &std::path::Path, relays: usize) -> Shared {
    let ledger = Ledger::open(&LedgerFile::new(folder.join("l.db"), folder, "x")).unwrap();
    let began = chrono::DateTime::UNIX_EPOCH;
    let patience = Patience {
        soft: 3,
        within: chrono::TimeDelta::days(14),
    };
    let writer = Writer::start(ledger, RunId::none()).0;
    let (stop, events) = (stop::Stop::never(), mpsc::unbounded_channel().0);
    let clock: Clock = Arc::new(move || began);
    let way = |number| {
        let handover = Handover::to(Relay::Outbox(folder.join("outbox")));
        let templates = Templates::new(Arc::default(), |_| unreachable!("there are no pages"));
        let stop = stop::Stop::never();
        Way::new(number, handover, templates, None, (patience, 0), stop)
    };
    let candidate = |_| Candidate {
        weight: 1,
        domains: std::collections::HashSet::new(),
        picked: None,
    };
    let queues = (0..relays).map(|_| Queue::new(8, None, &[], &[])).collect();
    let plan = Plan {
        run: RunId::none(),
        ways: (0..relays).map(way).collect(),
        queues: Queues::new(queues, Choice::new((0..relays).map(candidate).collect())),
        not_after: None,
        clock,
        zone: Zone::bundled("UTC").unwrap(),
        shares_relay: false,
    };
    let before = Tally {
        queued: 100,
        ..Tally::default()
    };
    Shared::new(writer, plan, &before, stop, events)
}

/// How a conversation ends that cannot be opened, and how many seconds that takes, with so many answers to others after its first try.
async fn in_vain(answers: u64, relays: usize) -> (&'static str, u64) {
    let folder = tempfile::tempdir().unwrap();
    let shared = shared(folder.path(), relays);
    let way = &shared.ways[0];
    let mut failures = Failures::default();
    let start = tokio::time::Instant::now();
    let outcome = loop {
        let error = SessionError {
            relay: "relay:25".into(),
            stage: Stage::Greeting,
            cause: Cause::Refused(Reply::new(421, "4.7.0 too many connections")),
        };
        match shared.after_failure(way, error, &mut failures).await {
            Ok(Onward::Again) => {}
            Ok(Onward::Leave) => break "leave",
            Err(Halt::Unreachable(_)) => break "stop",
            Err(halt) => panic!("{halt}"),
        }
        if failures.number == 1 {
            (0..answers).for_each(|_| way.has_answered());
        }
    };
    (outcome, start.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn one_conversation_in_vain_stops_the_run_only_if_no_other_is_answered() {
    assert_eq!(in_vain(0, 1).await, ("stop", 15));
    assert_eq!(in_vain(1, 1).await, ("leave", 15));
}

#[tokio::test(start_paused = true)]
async fn a_relay_is_not_waited_for_where_another_one_is_there() {
    assert_eq!(in_vain(0, 2).await, ("stop", 1));
}

#[tokio::test]
async fn the_run_goes_on_without_a_relay_until_the_last_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let shared = shared(folder.path(), 2);
    let refused = || Halt::SameRefusal {
        reply: Reply::new(550, "5.7.1 no"),
        times: 20,
    };
    shared.halted(&shared.ways[1], refused()).await;
    let stopping = |number: usize| shared.ways[number].breaker.is_stopping();
    assert_eq!((stopping(0), stopping(1)), (false, true));
    assert!(shared.breaker.take_halt().is_none());
    // Another conversation with the same relay.
    shared.halted(&shared.ways[1], refused()).await;
    assert!(!stopping(0));
    shared.halted(&shared.ways[0], refused()).await;
    assert!(stopping(0));
    let halt = shared.breaker.take_halt();
    assert!(matches!(halt, Some(Halt::SameRefusal { .. })));
    // What is not about a relay stops the run at once.
    let shared = self::shared(&folder.path().join("."), 2);
    shared.halted(&shared.ways[1], Halt::TooLate).await;
    assert!(shared.ways[0].breaker.is_stopping());
}

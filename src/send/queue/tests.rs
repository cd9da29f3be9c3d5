//! The queue without a relay: time is an argument.

use super::*;
use crate::config::Handover;
use crate::model::delivery::Reply;

fn limit(domain: &str, rate: Option<&str>, connections: Option<usize>) -> DomainLimit {
    DomainLimit {
        domain: domain.into(),
        rate: rate.map(|rate| Rate::parse(rate).unwrap()),
        connections,
    }
}

fn rows(domains: &[&str]) -> Vec<(i64, Box<str>, Option<Instant>)> {
    (1..)
        .zip(domains)
        .map(|(copy, &domain)| (copy, domain.into(), None))
        .collect()
}

/// Takes in a window; an empty one is the last.
fn fill(queue: &mut Queue, rows: impl IntoIterator<Item = (i64, Box<str>, Option<Instant>)>) {
    queue.read = None;
    for (copy, domain, due) in rows {
        queue.read = Some(copy);
        queue.put(Turn::new(copy, domain), due);
    }
}

fn give_back(queue: &mut Queue, turn: Turn, later: Option<Instant>, now: Instant) {
    queue.landed(&turn, now);
    queue.again(turn, later);
}

/// So many letters a day, of which some are gone.
fn a_day(letters: u32, now: chrono::DateTime<chrono::Utc>, taken: u64) -> Quota {
    let relay = Handover {
        daily: Some(letters),
        ..Handover::to(crate::mailer::Relay::Sendmail("/sendmail".into()))
    };
    Quota::new(&relay, now, taken)
}

/// The copies that may leave one after another at that instant.
fn leave(queue: &mut Queue, now: Instant) -> Vec<Turn> {
    std::iter::from_fn(|| match queue.next(now) {
        Next::Copy(ticket) => Some(ticket),
        _ => None,
    })
    .collect()
}

fn copies(tickets: &[Turn]) -> Vec<i64> {
    tickets.iter().map(|ticket| ticket.copy).collect()
}

#[test]
fn a_slow_domain_stands_aside() {
    let now = Instant::now();
    let after = |millis| now + Duration::from_millis(millis);
    let mut queue = Queue::new(8, None, &[limit("slow.example", Some("10/s"), None)], &[]);
    assert_eq!(queue.next(now), Next::Read { after: 0 });
    let (slow, fast) = ("slow.example", "fast.example");
    fill(&mut queue, rows(&[slow, slow, fast, slow, fast]));
    assert_eq!(copies(&leave(&mut queue, now)), [1, 3, 5]);
    assert_eq!(queue.next(now), Next::Read { after: 5 });
    fill(&mut queue, []);
    let until = Some(after(100));
    let is_deferred = false;
    assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
    assert_eq!(copies(&leave(&mut queue, after(100))), [2]);
    assert_eq!(copies(&leave(&mut queue, after(200))), [4]);
    assert_eq!(queue.next(now + Duration::from_secs(1)), Next::Done);
}

#[test]
fn no_more_leave_than_the_day_has_room_for() {
    let now = Instant::now();
    let day: chrono::DateTime<chrono::Utc> = "2026-08-24T23:59:00Z".parse().unwrap();
    let accepted = Verdict::Accepted(Reply::new(250, "ok"));
    let deferred = Verdict::Deferred(Reply::new(450, "4.2.1 later"));
    let mut queue = Queue::new(8, None, &[], &[]);
    queue.quota = a_day(5, day, 3);
    fill(&mut queue, rows(&["a.example"; 4]));
    fill(&mut queue, []);
    let first = leave(&mut queue, now);
    assert_eq!(copies(&first), [1, 2], "letters on their way count");
    let (until, is_deferred) = (None, false);
    assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
    queue.heard(&first[0], Stage::Content, &accepted, now);
    queue.landed(&first[0], now);
    assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
    // Not taken: there is room for another.
    queue.heard(&first[1], Stage::Recipient, &deferred, now);
    queue.landed(&first[1], now);
    let next = leave(&mut queue, now);
    assert_eq!(copies(&next), [3]);
    queue.heard(&next[0], Stage::Content, &Verdict::InDoubt, now);
    queue.landed(&next[0], now);
    assert_eq!(queue.next(now), Next::UsedUp);
    queue.quota.it_is(day - chrono::TimeDelta::days(2));
    assert_eq!(queue.next(now), Next::UsedUp, "a clock that was set back");
    assert_eq!(
        queue.quota.renewed().to_rfc3339(),
        "2026-08-25T00:00:00+00:00"
    );
    queue.quota.it_is(queue.quota.renewed());
    assert_eq!(copies(&leave(&mut queue, now)), [4]);
    // Nobody is left: it is over, however little is left of the day.
    queue.quota = a_day(1, day, 1);
    assert_eq!(queue.next(now), Next::Done);
}

#[test]
fn a_domain_has_its_number_of_letters_on_the_wire() {
    let now = Instant::now();
    let mut queue = Queue::new(8, None, &[limit("a.example", None, Some(2))], &[]);
    fill(&mut queue, rows(&["a.example"; 4]));
    fill(&mut queue, []);
    let first = leave(&mut queue, now);
    assert_eq!(copies(&first), [1, 2]);
    let (until, is_deferred) = (None, false);
    assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
    queue.landed(&first[0], now);
    assert_eq!(copies(&leave(&mut queue, now)), [3]);
    give_back(&mut queue, first[1].clone(), None, now);
    assert_eq!(copies(&leave(&mut queue, now)), [2]);
}

#[test]
fn deferred_copies_come_when_they_are_due() {
    let now = Instant::now();
    let due = now + Duration::from_mins(1);
    let mut queue = Queue::new(8, None, &[], &[]);
    fill(
        &mut queue,
        [
            (1, "a.example".into(), None),
            (2, "a.example".into(), Some(due)),
        ],
    );
    fill(&mut queue, []);
    let first = leave(&mut queue, now);
    give_back(
        &mut queue,
        first[0].clone(),
        Some(due + Duration::from_secs(1)),
        now,
    );
    let (until, is_deferred) = (Some(due), true);
    assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
    assert_eq!(copies(&leave(&mut queue, due)), [2]);
    assert_eq!(
        copies(&leave(&mut queue, due + Duration::from_secs(1))),
        [1]
    );
    assert_eq!(queue.next(due + Duration::from_secs(2)), Next::Done);
}

#[test]
fn who_is_braked() {
    let now = Instant::now();
    let braked = |stage, replies: &[(&str, &str)]| {
        let mut queue = Queue::new(8, None, &[], &[]);
        for &(domain, reply) in replies {
            let (copy, domain) = (1, domain.into());
            let verdict = Verdict::Deferred(Reply::restore(reply).unwrap());
            queue.heard(&Turn::new(copy, domain), stage, &verdict, now);
        }
        let lanes = queue.lanes.iter();
        let mut braked: Vec<String> = lanes.map(|(domain, _)| domain.to_string()).collect();
        if !queue.everybody.gap().is_zero() {
            braked.push("everybody".into());
        }
        braked.join(" ")
    };
    let (a, b, c) = ("a.example", "b.example", "c.example");
    let slow = "451 4.7.1 too fast";
    assert_eq!(braked(Stage::Recipient, &[(a, slow)]), "a.example");
    assert_eq!(braked(Stage::Content, &[(a, "421 busy")]), "a.example");
    assert_eq!(braked(Stage::Sender, &[(a, slow)]), "everybody");
    assert_eq!(
        braked(Stage::Content, &[(a, "452 4.3.1 full")]),
        "everybody"
    );
    assert_eq!(
        braked(Stage::Recipient, &[(a, "452 4.2.2 the box is full")]),
        ""
    );
    let often = [(a, slow), (a, slow), (b, slow), (b, slow)];
    assert_eq!(braked(Stage::Recipient, &often), "a.example b.example");
    let crowd = [(a, slow), (b, slow), (c, slow)];
    assert_eq!(
        braked(Stage::Recipient, &crowd),
        "a.example b.example everybody"
    );
}

/// Virtual time: 100,000 copies, every five with three for one domain at 20/s, the rest as fast as eight conversations of 1.6 ms a letter.
#[test]
fn a_slow_domain_slows_nobody_else() {
    let elapsed = |limits: &[DomainLimit], domain: &dyn Fn(usize) -> &'static str| {
        let start = Instant::now();
        let mut now = start;
        let mut queue = Queue::new(8, None, limits, &[]);
        let (mut read, mut others, mut slow) = (0, 0, 0);
        while others < 40_000 {
            match queue.next(now) {
                Next::Copy(ticket) => {
                    let is_other = &*ticket.domain == "other.example";
                    *(if is_other { &mut others } else { &mut slow }) += 1;
                    now += Duration::from_micros(200);
                    queue.landed(&ticket, now);
                }
                Next::Read { .. } => {
                    let end = (read + WINDOW).min(100_000);
                    let window = (read..end)
                        .map(|n| (i64::try_from(n).unwrap() + 1, domain(n).into(), None));
                    fill(&mut queue, window.collect::<Vec<_>>());
                    read = end;
                }
                other => panic!("{other:?}"),
            }
        }
        (now - start, slow)
    };
    let (alone, _) = elapsed(&[], &|_| "other.example");
    let limits = [limit("gmail.com", Some("20/s"), None)];
    let mixed = |n: usize| {
        if n % 5 < 3 {
            "gmail.com"
        } else {
            "other.example"
        }
    };
    let (beside, slow) = elapsed(&limits, &mixed);
    assert!(
        beside < alone * 11 / 10,
        "{beside:?} beside, {alone:?} alone"
    );
    assert!((150..=180).contains(&slow), "{slow} in eight seconds");
    // The worst order: all of the slow domain first.
    let sorted = |n: usize| {
        if n < 60_000 {
            "gmail.com"
        } else {
            "other.example"
        }
    };
    assert!(elapsed(&limits, &sorted).0 < alone * 11 / 10);
}

/// Virtual time: every other copy is for a domain where a letter takes a minute, and 0.1 s elsewhere; eight conversations.
#[test]
fn a_domain_that_takes_its_time_holds_half_of_the_conversations_at_most() {
    const EACH: usize = 400;
    let start = Instant::now();
    let mut queue = Queue::new(8, None, &[], &[]);
    let domain = |copy| {
        if copy % 2 == 0 {
            "tar.example"
        } else {
            "b.example"
        }
    };
    fill(
        &mut queue,
        (1..)
            .take(2 * EACH)
            .map(|copy| (copy, domain(copy).into(), None)),
    );
    fill(&mut queue, []);
    let (mut now, mut others, mut flying) = (start, Vec::new(), BinaryHeap::new());
    loop {
        while flying.len() < 8
            && let Next::Copy(ticket) = queue.next(now)
        {
            let millis = if ticket.copy % 2 == 0 { 60_000 } else { 100 };
            flying.push(Reverse((now + Duration::from_millis(millis), ticket)));
        }
        let Some(Reverse((at, ticket))) = flying.pop() else {
            break;
        };
        now = at;
        queue.landed(&ticket, now);
        if ticket.copy % 2 == 1 {
            others.push((now - start).as_secs());
        }
    }
    assert_eq!(others.len(), EACH);
    assert!(others.last() < Some(&120), "{others:?}");
    // When nobody else waits, it may have all of them.
    let all = (now - start).as_secs();
    assert!((3_000..3_200).contains(&all), "{all} s");
}

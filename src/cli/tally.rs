//! The last words of a send: what became of everybody, and what to do about it.

use super::exit::Exit;
use super::report::{Failure, Report, counted, grouped};
use crate::ledger::{LedgerPlace, RelayTally, Target};
use crate::model::delivery::Tally;
use crate::model::edition::Slug;
use crate::send::{Halt, LATE, Sent, those_left};

/// The last words of a send, and its exit code.
pub(super) fn finish(sent: Sent, json: bool, report: Report) -> Result<Exit, Failure> {
    if sent.place != LedgerPlace::Kept {
        return Err(halted(sent));
    }
    let tally = &sent.tally;
    if let (None, Target::Outbox(folder)) = (&sent.halt, &sent.target) {
        let letters = if tally.accepted > 0 && !std::path::Path::new(folder).exists() {
            format!(
                "{} written to `{folder}`, which is gone by now",
                counted(tally.accepted, "letter was", "letters were")
            )
        } else {
            format!(
                "{} in `{folder}`",
                counted(tally.accepted, "letter lies", "letters lie")
            )
        };
        report.say(format!("{letters}: a rehearsal, nobody was mailed"));
    }
    if json {
        report.json(&as_json(&sent));
    }
    if !sent.is_over() {
        return Err(halted(sent));
    }
    report.say(summary(&sent));
    by_relay(&sent, report);
    hints(&sent, report);
    Ok(if tally.rejected + tally.in_doubt + tally.given_up > 0 {
        Exit::DoneWithRefusals
    } else {
        Exit::Done
    })
}

/// What became of a send, for a program.
pub(super) fn as_json(sent: &Sent) -> serde_json::Value {
    let halted = sent.halt.as_ref().map(ToString::to_string);
    let mut value = serde_json::json!({ "edition": sent.slug.to_string(), "tally": sent.tally, "halted": halted });
    if let Some(name) = &sent.name {
        value["newsletter"] = name.as_str().into();
    }
    let relays = relays_json(&sent.relays);
    if !relays.is_empty() {
        value["relays"] = relays.into();
    }
    value
}

/// What is said if the ledger's file was removed or replaced while the letters were handed over.
fn moved(sent: &Sent) -> Option<Failure> {
    let path = sent.ledger.display();
    let still = format!("{}: {}", sent.slug, tally_in_words(&sent.tally));
    let failure = match sent.place {
        LedgerPlace::Kept => return None,
        LedgerPlace::PutBack => Failure::says(format!("`{path}` was removed while letters were handed over; it was written again, with all that this run wrote"))
            .hint(format!("find out what removed it; `newsdigest send --date {}` goes on where this run stopped", sent.slug)),
        LedgerPlace::Lost => Failure::says(format!("`{path}` was removed or replaced while letters were handed over: what this run wrote is lost"))
            .hint("the next `newsdigest send` would mail everybody again: put the right ledger back first"),
    };
    Some(failure.exit(Exit::TryAgain).still(still))
}

/// Why a send that is frozen is not over, and how it goes on.
pub(super) fn halted(sent: Sent) -> Failure {
    if let Some(failure) = moved(&sent) {
        return failure;
    }
    let mut summary = summary(&sent);
    for relay in &sent.relays {
        summary += "\n";
        summary += &relay_in_words(relay);
    }
    if !sent.tally.balances() {
        return Failure::says(format!("the tally does not balance: {summary}"))
            .exit(Exit::TryAgain)
            .hint("this is a bug of newsdigest; please report it with the ledger kept as it is");
    }
    let goes_on = || {
        let left = those_left(sent.tally.queued);
        let again = if sent.is_alert {
            "newsdigest alert".to_owned()
        } else {
            format!("newsdigest send --date {}", sent.slug)
        };
        format!("`{again}` goes on with {left}")
    };
    let hint = match &sent.halt {
        Some(Halt::TooLate) if sent.is_alert => {
            "`give_up_after` and `quiet` below `[alerts]` say until when an alert leaves".to_owned()
        }
        Some(Halt::TooLate) => despite(&sent.slug),
        Some(Halt::NextHour { at, .. }) => format!(
            "from {} on {}; `newsdigest serve` does by itself",
            at.format("%Y-%m-%d %H:%M"),
            goes_on()
        ),
        Some(Halt::QuotaUsedUp {
            until, is_too_late, ..
        }) => {
            let from = format!("from {} on {}", until.format("%Y-%m-%d %H:%M"), goes_on());
            if *is_too_late {
                format!("{from}, but it is too late for this edition then: add `--despite {LATE}`")
            } else {
                from
            }
        }
        _ => goes_on(),
    };
    // Nothing stopped the run, and yet it is not at its end: no exit code may say it is.
    Failure::error(sent.halt.unwrap_or(Halt::Broken))
        .exit(Exit::TryAgain)
        .still(summary)
        .hint(hint)
}

fn summary(sent: &Sent) -> String {
    format!(
        "{}, {}: {}",
        sent.newsletter,
        sent.slug,
        tally_in_words(&sent.tally)
    )
}

/// How to send past `not_after`.
pub(super) fn despite(slug: &Slug) -> String {
    format!("`newsdigest send --date {slug} --despite {LATE}` sends it all the same")
}

fn hints(sent: &Sent, report: Report) {
    let tally = &sent.tally;
    let named = sent.name.as_ref().filter(|_| sent.is_alert);
    let named = named.map_or_else(String::new, |name| format!("--newsletter {name} "));
    let verb = |flag: &str| format!("`newsdigest status {named}{} {flag}`", sent.slug);
    let mut lists = Vec::new();
    if tally.rejected > 0 {
        lists.push(format!(
            "{} lists whom the relay refused",
            verb("--rejected")
        ));
    }
    if tally.in_doubt > 0 {
        lists.push(format!("{} lists the copies in doubt", verb("--in-doubt")));
    }
    if tally.given_up > 0 {
        lists.push(format!("{} lists those given up", verb("--given-up")));
    }
    if !lists.is_empty() {
        report.hint(lists.join("; "));
    }
}

fn by_relay(sent: &Sent, report: Report) {
    for relay in &sent.relays {
        report.say(relay_in_words(relay));
    }
}

/// What became of the copies of one of several relays.
pub(super) fn relay_in_words(relay: &RelayTally) -> String {
    let words = counts_in_words(&relay.tally);
    let left = match &relay.left {
        Some((at, why)) => format!(
            "; the run went on without it at {}: {why}",
            at.format("%H:%M:%S UTC")
        ),
        None => String::new(),
    };
    format!("by `{}`: {words}{left}", relay.relay)
}

pub(super) fn relays_json(relays: &[RelayTally]) -> Vec<serde_json::Value> {
    let one = |relay: &RelayTally| {
        let left = relay
            .left
            .as_ref()
            .map(|(at, why)| serde_json::json!({ "at": at.to_rfc3339(), "why": why }));
        serde_json::json!({
            "relay": relay.relay,
            "accepted": relay.tally.accepted,
            "rejected": relay.tally.rejected,
            "queued": relay.tally.queued,
            "in_doubt": relay.tally.in_doubt,
            "given_up": relay.tally.given_up,
            "left": left,
        })
    };
    relays.iter().map(one).collect()
}

/// `41,882 accepted, 13 rejected, 210 left out (42,105 subscribers)`: what is not nought, and always the accepted.
pub(super) fn tally_in_words(tally: &Tally) -> String {
    format!(
        "{} ({})",
        counts_in_words(tally),
        counted(tally.subscribers, "subscriber", "subscribers")
    )
}

fn counts_in_words(tally: &Tally) -> String {
    let rest = [
        (tally.rejected, "rejected"),
        (tally.queued, "queued"),
        (tally.in_doubt, "in doubt"),
        (tally.given_up, "given up"),
        (tally.left_out, "left out"),
    ];
    let mut words = vec![format!("{} accepted", grouped(tally.accepted))];
    words.extend(
        rest.iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", grouped(*count))),
    );
    words.join(", ")
}

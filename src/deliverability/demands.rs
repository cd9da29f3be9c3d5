//! What the large mailbox providers demand of whoever sends 5,000 letters a day or more, and whether it is met.
//!
//! Google's, Yahoo's and Microsoft's rules for bulk senders, as of 2026. Gmail's hold for good once the number was reached.

use crate::model::line::Line;

use super::{State, Topic, Verdict};

/// One demand.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Demand {
    pub what: &'static str,
    /// Who demands it.
    pub by: &'static [&'static str],
    pub state: State,
    /// What is missing and how to mend it; empty where it is met.
    pub mend: Line,
}

const GMAIL: &str = "Gmail";
const YAHOO: &str = "Yahoo";
const MICROSOFT: &str = "Microsoft";

const DEMANDS: [(&str, &[&str], Topic); 6] = [
    ("SPF passes", &[GMAIL, YAHOO, MICROSOFT], Topic::Spf),
    ("DKIM passes", &[GMAIL, YAHOO, MICROSOFT], Topic::Dkim),
    (
        "DMARC record, aligned",
        &[GMAIL, YAHOO, MICROSOFT],
        Topic::Dmarc,
    ),
    (
        "relay's address has a name",
        &[GMAIL, YAHOO],
        Topic::RelayNames,
    ),
    ("TLS", &[GMAIL], Topic::Tls),
    ("one-click leave", &[GMAIL, YAHOO], Topic::OneClick),
];

/// Each demand, and the worst of what was found about it.
#[must_use]
pub fn demands(verdicts: &[Verdict]) -> Vec<Demand> {
    let all = DEMANDS.into_iter().map(|(what, by, topic)| {
        let about = verdicts.iter().filter(|verdict| verdict.topic == topic);
        // Of several that are as bad, the first.
        let worst = about.rev().max_by_key(|verdict| verdict.state);
        let (state, mend) = match worst {
            None => (State::Unknown, Line::clean("not looked at")),
            Some(verdict) if verdict.state == State::Good => (State::Good, Line::clean("")),
            Some(Verdict {
                state,
                place,
                what,
                hint,
                ..
            }) => (
                *state,
                Line::clean_to(&format!("`{place}` {what}: {hint}"), 600),
            ),
        };
        Demand {
            what,
            by,
            state,
            mend,
        }
    });
    all.collect()
}

//! Events of providers: those that were saved in files, and what of an event is written down.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::came_back;
use crate::bounce::provider::{Batch, Event, read_saved};
use crate::ledger::Reported;
use crate::model::token::{Keys, Purpose, Token};

/// The largest file of saved events, in bytes: a list is held in memory whole.
pub(super) const LARGEST: u64 = 100_000_000;

/// What opens tokens of ours.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    pub keys: &'a Keys,
    /// The ids of the newsletters.
    pub newsletters: &'a [String],
}

impl Opener<'_> {
    /// What a text says that is a token of one of the newsletters.
    #[must_use]
    pub fn open(&self, text: &str) -> Option<Token> {
        let mut ids = self.newsletters.iter();
        ids.find_map(|id| self.keys.open(id, text))
    }
}

/// What of an event is written down; `None`: nothing, such as a delivery.
#[must_use]
pub fn reported(event: Event, opener: Opener<'_>, now: DateTime<Utc>) -> Option<Reported> {
    let (what, words) = came_back(&event.said)?;
    let mut tokens = event.tokens.iter().filter_map(|text| opener.open(text));
    let sealed = tokens.find(|token| token.purpose == Purpose::Bounce && token.run > 0);
    Some(Reported {
        address: event.to,
        sealed: sealed.map(|token| (token.number, token.run)),
        letter: event.letter,
        what,
        words,
        at: event.at.unwrap_or(now),
        digest: event.digest,
    })
}

/// Whether a file holds JSON, by how it begins.
pub(super) fn is_json(beginning: &[u8]) -> bool {
    let beginning = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    matches!(beginning.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Reads saved events: lists, or values one after another. What is not JSON is passed over up to the end of its line, and counted as unreadable.
pub(super) fn saved<E>(text: &[u8], mut work: impl FnMut(Batch) -> Result<(), E>) -> Result<(), E> {
    let mut rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    loop {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let broken = loop {
            let mut batch = Batch::default();
            match values.next() {
                None => return Ok(()),
                Some(Ok(value)) => read_saved(&value, &mut batch),
                Some(Err(_)) => {
                    batch.unreadable += 1;
                    break batch;
                }
            }
            work(batch)?;
        };
        work(broken)?;
        // White space before what is broken does not count.
        rest = rest[values.byte_offset()..].trim_ascii_start();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            return Ok(());
        };
        rest = &rest[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn lists_lines_and_what_is_broken_between() {
        let event = r#"{"RecordType":"SpamComplaint","ID":1,"Email":"ada@example.org"}"#;
        let told = |text: &str| {
            let (mut events, mut unreadable) = (0, 0);
            let all = saved(text.as_bytes(), |batch| {
                events += batch.events.len();
                unreadable += batch.unreadable;
                Ok::<_, Infallible>(())
            });
            all.unwrap();
            (events, unreadable)
        };
        assert_eq!(told(event), (1, 0));
        assert_eq!(told(&format!("\u{feff}[{event},\n {event}]\n")), (2, 0));
        assert_eq!(told(&format!("{event}\n{event}\n\n{event}")), (3, 0));
        assert_eq!(
            told(&format!("{event}\n{{\"a\": \n{event}\nnonsense\n{event}")),
            (3, 2)
        );
        assert_eq!(told("{\"a\":1}\n[]\n"), (0, 2));
        assert_eq!(told(&format!("[{event}, {{\"a\":1}}, 7]")), (1, 2));
        assert_eq!(told(&"[".repeat(100_000)), (0, 1));
    }
}

//! Fields of events, and the making of an event. Whatever a field holds, reading it cannot fail: what is not there or of another kind is `None`.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Batch, Event, Provider};
use crate::bounce::{Said, Status, reply, tokens};
use crate::model::address::Address;

/// The text at that place, or a number as text.
pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The same, without a copy; "" if there is none.
pub(super) fn str_at<'v>(value: &'v Value, pointer: &str) -> &'v str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

/// The first of these places that holds a text that is not empty; "" if none does.
pub(super) fn first<'v>(value: &'v Value, pointers: &[&str]) -> &'v str {
    let texts = pointers.iter().map(|pointer| str_at(value, pointer));
    texts
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// A status code of RFC 3463.
pub(super) fn status(value: &Value, pointer: &str) -> Option<Status> {
    reply::status(str_at(value, pointer))
}

/// The events of a body: a list of them, or one alone.
pub(super) fn each(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// An instant: RFC 3339, or seconds or milliseconds since 1970, as a number or as text.
pub(super) fn instant(value: Option<&Value>) -> Option<DateTime<Utc>> {
    let seconds = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => {
            if let Ok(at) = DateTime::parse_from_rfc3339(text) {
                return Some(at.to_utc());
            }
            text.parse().ok()?
        }
        _ => return None,
    };
    // Past the year 5000 they are milliseconds.
    let millis = if seconds > 1e11 {
        seconds
    } else {
        seconds * 1e3
    };
    if !(0.0..1e14).contains(&millis) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is in range")]
    DateTime::from_timestamp_millis(millis as i64)
}

/// The text between `<` and `>`, or all of it.
pub(super) fn bare(text: &str) -> &str {
    let inner = text.rsplit_once('<').map_or(text, |(_, inner)| inner);
    inner.split('>').next().unwrap_or(inner).trim()
}

/// An event in the making.
pub(super) struct Draft<'v> {
    pub(super) to: &'v str,
    pub(super) said: Said,
    /// The provider's own id of the event; where it has none, all that tells it from others.
    pub(super) id: String,
    pub(super) letter: &'v str,
    /// Where a token of ours may be.
    pub(super) sealed: Vec<&'v str>,
    pub(super) at: Option<DateTime<Utc>>,
}

impl Batch {
    /// Adds the events of a body that is a list of them, or one alone; `false`, and nothing is added: one of them is none of this provider's.
    pub(super) fn push_each<'v>(
        &mut self,
        provider: Provider,
        value: &'v Value,
        is_one: impl Fn(&Value) -> bool,
        draft: impl Fn(&'v Value) -> Draft<'v>,
    ) -> bool {
        let all = each(value);
        let are_its = !all.is_empty() && all.iter().all(is_one);
        if are_its {
            for one in all {
                self.push(provider, draft(one));
            }
        }
        are_its
    }

    /// Adds an event; of other kinds and without a readable address they are only counted.
    pub(super) fn push(&mut self, provider: Provider, draft: Draft<'_>) {
        if matches!(draft.said, Said::NoBounce | Said::AutoReply) {
            self.others += 1;
            return;
        }
        let Ok(to) = Address::parse(bare(draft.to)) else {
            self.unreadable += 1;
            return;
        };
        let mut hash = digest::Context::new(&digest::SHA256);
        for part in ["newsdigest event", provider.name(), &draft.id, &to.key()] {
            hash.update(part.as_bytes());
            hash.update(b"\0");
        }
        let mut cut = [0; 16];
        cut.copy_from_slice(&hash.finish().as_ref()[..16]);
        let mut tokens = Vec::new();
        for text in draft.sealed {
            tokens::add(text, &mut tokens);
        }
        let letter = bare(draft.letter);
        self.events.push(Event {
            to,
            said: draft.said,
            letter: (!letter.is_empty() && letter.len() <= 500).then(|| letter.to_owned()),
            tokens,
            at: draft.at,
            digest: cut,
        });
    }
}

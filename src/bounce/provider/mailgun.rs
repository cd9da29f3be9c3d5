//! Mailgun: `{"signature": {..}, "event-data": {..}}`, one event a request. "Tracking Messages: Webhooks" and "Event Structure" in Mailgun's documentation.

use serde_json::Value;

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed, refused};
use crate::bounce::Said;
use crate::bounce::class::Class;

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    batch.push_each(Provider::Mailgun, value, is_one, draft)
}

fn is_one(one: &Value) -> bool {
    match one.get("event-data") {
        Some(data) => data.is_object(),
        // What Mailgun's own list of events gives has no envelope.
        None => one["log-level"].is_string(),
    }
}

fn draft(one: &Value) -> Draft<'_> {
    let one = one.get("event-data").unwrap_or(one);
    Draft {
        to: json::first(one, &["/recipient", "/message/headers/to"]),
        said: said(one),
        // Ids are unique within a day only.
        id: format!(
            "{} {}",
            str_at(one, "/id"),
            json::text(one, "/timestamp").unwrap_or_default()
        ),
        letter: str_at(one, "/message/headers/message-id"),
        sealed: vec![str_at(one, "/envelope/sender")],
        at: json::instant(one.get("timestamp")),
    }
}

fn said(one: &Value) -> Said {
    match str_at(one, "/event") {
        "delivered" => Said::Delivered,
        "complained" => Said::Complained,
        "unsubscribed" => Said::Left,
        "rejected" => refused(
            Class::AboutUs,
            &format!(
                "Mailgun refused the letter: {}",
                str_at(one, "/reject/reason")
            ),
        ),
        "failed" => {
            let status = json::status(one, "/delivery-status/enhanced-code");
            let words = json::first(
                one,
                &["/delivery-status/message", "/delivery-status/description"],
            );
            // The reply's code is a field of its own; its words do not repeat it.
            let code = one.pointer("/delivery-status/code").and_then(Value::as_u64);
            let begins = words.starts_with(|first: char| first.is_ascii_digit());
            let words = match code.filter(|code| (400..600).contains(code) && !begins) {
                Some(code) => format!("{code} {words}"),
                None => words.to_owned(),
            };
            match (str_at(one, "/severity"), str_at(one, "/reason")) {
                (_, "suppress-complaint") => Said::Complained,
                (_, "suppress-unsubscribe") => Said::Left,
                (_, "suppress-bounce") => failed(&words, status, Verdict::Dead),
                ("temporary", _) => Said::Delayed,
                (_, "espblock") => failed(&words, status, Verdict::AtMost(Class::AboutUs)),
                // It was tried for hours.
                (_, "old" | "generic") => failed(&words, status, Verdict::AtMost(Class::Soft)),
                _ => failed(&words, status, Verdict::Permanent),
            }
        }
        _ => Said::NoBounce,
    }
}

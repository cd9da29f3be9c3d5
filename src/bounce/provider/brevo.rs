//! Brevo: one event a request, or a list, told apart by `event`. "Transactional webhooks" in Brevo's developer documentation. `id` is that of the webhook, and
//! `message-id` is Brevo's own, so an event is known by all that it says.

use serde_json::Value;

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed};
use crate::bounce::Said;
use crate::bounce::class::Class;

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    batch.push_each(Provider::Brevo, value, is_one, draft)
}

fn is_one(one: &Value) -> bool {
    let has = |name| one.get(name).is_some();
    one["event"].is_string()
        && has("email")
        && (has("message-id") || has("ts_event") || has("ts_epoch"))
}

fn draft(one: &Value) -> Draft<'_> {
    let words = str_at(one, "/reason");
    let (event, letter) = (str_at(one, "/event"), str_at(one, "/message-id"));
    let said = match event {
        "delivered" => Said::Delivered,
        "deferred" => Said::Delayed,
        "spam" | "complaint" => Said::Complained,
        "unsubscribe" | "unsubscribed" => Said::Left,
        "hard_bounce" => failed(words, None, Verdict::Permanent),
        "invalid_email" | "invalid" => failed(words, None, Verdict::Dead),
        // `blocked`: on Brevo's own list, for whatever reason.
        "soft_bounce" | "blocked" => failed(words, None, Verdict::AtMost(Class::Soft)),
        "error" => failed(words, None, Verdict::AtMost(Class::AboutUs)),
        _ => Said::NoBounce,
    };
    // `ts` and `date` follow the time zone of the account.
    let at = ["ts_epoch", "ts_event"];
    let at = at.into_iter().find_map(|name| json::instant(one.get(name)));
    let told = ["/ts_epoch", "/ts_event"].map(|name| json::text(one, name).unwrap_or_default());
    Draft {
        to: str_at(one, "/email"),
        said,
        id: format!("{event} {letter} {} {words}", told.join(" ")),
        letter,
        sealed: Vec::new(),
        at,
    }
}

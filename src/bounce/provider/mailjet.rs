//! Mailjet: one event a request, or a list where events are grouped, told apart by `event`. "Event API: Webhooks" in Mailjet's documentation. It has no id of events
//! and tells no Message-ID of ours.

use serde_json::Value;

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed};
use crate::bounce::Said;
use crate::bounce::class::Class;

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    batch.push_each(Provider::Mailjet, value, is_one, draft)
}

fn is_one(one: &Value) -> bool {
    let has = |name| one.get(name).is_some();
    one["event"].is_string()
        && has("time")
        && (has("MessageID") || has("mj_contact_id") || has("Message_GUID"))
}

fn draft(one: &Value) -> Draft<'_> {
    let time = json::text(one, "/time").unwrap_or_default();
    let letter =
        ["/Message_GUID", "/MessageID"].map(|name| json::text(one, name).unwrap_or_default());
    Draft {
        to: str_at(one, "/email"),
        said: said(one),
        id: format!("{} {} {time}", str_at(one, "/event"), letter.join(" ")),
        letter: str_at(one, "/CustomID"),
        sealed: vec![str_at(one, "/CustomID")],
        at: json::instant(one.get("time")),
    }
}

fn said(one: &Value) -> Said {
    let error = str_at(one, "/error");
    let words = match json::first(one, &["/smtp_reply", "/comment"]) {
        "" => error,
        words => words,
    };
    match str_at(one, "/event") {
        "sent" => Said::Delivered,
        "spam" => Said::Complained,
        "unsub" => Said::Left,
        "bounce" | "blocked" => {
            let verdict = match error {
                "spam reporter" => return Said::Complained,
                "greylisted" => return Said::Delayed,
                "user unknown" | "invalid domain" | "no mail host" | "mailbox inactive"
                    if one["hard_bounce"] == true =>
                {
                    Verdict::Permanent
                }
                "sender blocked"
                | "content blocked"
                | "policy issue"
                | "relay/access denied"
                | "protocol issue"
                | "duplicate in campaign" => Verdict::AtMost(Class::AboutUs),
                "system issue" | "connection issue" => Verdict::AtMost(Class::Temporary),
                _ if one["hard_bounce"] == true => Verdict::Permanent,
                _ => Verdict::AtMost(Class::Soft),
            };
            failed(words, None, verdict)
        }
        _ => Said::NoBounce,
    }
}

//! SendGrid: a list of events, told apart by `event`. "Event Webhook Reference" in Twilio SendGrid's documentation. `smtp-id` is the Message-ID of ours.

use serde_json::Value;

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed, refused};
use crate::bounce::Said;
use crate::bounce::class::Class;

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    batch.push_each(Provider::SendGrid, value, is_one, draft)
}

fn is_one(one: &Value) -> bool {
    one["event"].is_string() && (one["sg_event_id"].is_string() || one["sg_message_id"].is_string())
}

fn draft(one: &Value) -> Draft<'_> {
    let id = match str_at(one, "/sg_event_id") {
        "" => format!(
            "{} {} {}",
            str_at(one, "/event"),
            str_at(one, "/sg_message_id"),
            json::text(one, "/timestamp").unwrap_or_default()
        ),
        id => id.to_owned(),
    };
    Draft {
        to: str_at(one, "/email"),
        said: said(one),
        id,
        letter: str_at(one, "/smtp-id"),
        sealed: Vec::new(),
        at: json::instant(one.get("timestamp")),
    }
}

fn said(one: &Value) -> Said {
    let words = json::first(one, &["/reason", "/response"]);
    let status = json::status(one, "/status");
    match str_at(one, "/event") {
        "delivered" => Said::Delivered,
        "deferred" => Said::Delayed,
        "spamreport" => Said::Complained,
        // `group_unsubscribe` leaves one of SendGrid's own groups: our letters are in one, or in none.
        "unsubscribe" | "group_unsubscribe" => Said::Left,
        "bounce" => {
            let verdict = match (str_at(one, "/type"), str_at(one, "/bounce_classification")) {
                (_, "Reputation" | "Content" | "Frequency or Volume Too High") => {
                    Verdict::AtMost(Class::AboutUs)
                }
                ("blocked" | "expired", _)
                | (_, "Mailbox Unavailable" | "Technical Failure" | "Technical") => {
                    Verdict::AtMost(Class::Soft)
                }
                _ => Verdict::Permanent,
            };
            failed(words, status, verdict)
        }
        "dropped" => match words.to_ascii_lowercase().as_str() {
            "bounced address" | "invalid" => refused(
                Class::Hard,
                &format!("SendGrid does not send to it: {words}"),
            ),
            "spam reporting address" => Said::Complained,
            "unsubscribed address" => Said::Left,
            _ => refused(
                Class::AboutUs,
                &format!("SendGrid dropped the letter: {words}"),
            ),
        },
        _ => Said::NoBounce,
    }
}

//! SparkPost: a list of `{"msys": {"message_event": {..}}}`. "Webhooks API" and "Bounce Classification Codes" in SparkPost's documentation.

use serde_json::{Map, Value};

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed};
use crate::bounce::Said;
use crate::bounce::class::Class;

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    let all = json::each(value);
    if all.is_empty() || !all.iter().all(|one| one["msys"].is_object()) {
        return false;
    }
    for one in all {
        let kinds = one["msys"].as_object();
        if kinds.is_none_or(Map::is_empty) {
            // A test of the connection.
            batch.others += 1;
        }
        for (_, event) in kinds.into_iter().flatten() {
            batch.push(
                Provider::SparkPost,
                Draft {
                    to: json::first(event, &["/raw_rcpt_to", "/rcpt_to"]),
                    said: said(event),
                    id: str_at(event, "/event_id").to_owned(),
                    letter: "",
                    sealed: vec![str_at(event, "/msg_from")],
                    at: json::instant(event.get("timestamp")),
                },
            );
        }
    }
    true
}

fn said(one: &Value) -> Said {
    let words = json::first(one, &["/raw_reason", "/reason"]);
    match str_at(one, "/type") {
        "delivery" => Said::Delivered,
        "delay" => Said::Delayed,
        "spam_complaint" => match str_at(one, "/fbtype") {
            "not-spam" | "auth-failure" => Said::NoBounce,
            _ => Said::Complained,
        },
        "list_unsubscribe" | "link_unsubscribe" => Said::Left,
        "bounce"
        | "out_of_band"
        | "policy_rejection"
        | "generation_rejection"
        | "generation_failure" => {
            let class = json::text(one, "/bounce_class").unwrap_or_default();
            let verdict = match class.as_str() {
                "10" | "30" => Verdict::Permanent,
                "90" => return Said::Left,
                "60" | "80" | "100" => return Said::NoBounce,
                "21" | "24" | "70" => Verdict::AtMost(Class::Temporary),
                "23" | "25" | "50" | "51" | "52" | "53" | "54" => Verdict::AtMost(Class::AboutUs),
                _ => Verdict::AtMost(Class::Soft),
            };
            failed(words, None, verdict)
        }
        _ => Said::NoBounce,
    }
}

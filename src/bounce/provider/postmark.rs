//! Postmark: one event a request, told apart by `RecordType`. "Bounce webhook", "Spam complaint webhook", "Subscription change webhook", "Delivery webhook" and
//! "Bounce types" in Postmark's developer documentation. There is no Message-ID of ours in it: `MessageID` is Postmark's.

use serde_json::Value;

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed, refused};
use crate::bounce::Said;
use crate::bounce::class::Class;

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    let is_one = |one: &Value| one["RecordType"].is_string();
    batch.push_each(Provider::Postmark, value, is_one, draft)
}

fn draft(one: &Value) -> Draft<'_> {
    let kind = str_at(one, "/RecordType");
    let at = ["BouncedAt", "ChangedAt", "DeliveredAt"];
    let at = at.into_iter().find_map(|name| json::instant(one.get(name)));
    let id = json::text(one, "/ID").unwrap_or_default();
    let told = json::first(one, &["/ChangedAt", "/DeliveredAt"]);
    Draft {
        to: json::first(one, &["/Email", "/Recipient"]),
        said: said(kind, one),
        id: format!("{kind} {id} {} {told}", str_at(one, "/MessageID")),
        letter: "",
        sealed: Vec::new(),
        at,
    }
}

fn said(kind: &str, one: &Value) -> Said {
    match kind {
        "Bounce" => bounced(one),
        "SpamComplaint" => Said::Complained,
        "Delivery" => Said::Delivered,
        "SubscriptionChange" if one["SuppressSending"] == true => {
            match str_at(one, "/SuppressionReason") {
                "HardBounce" => refused(Class::Hard, "Postmark suppressed it: hard bounce"),
                "SpamComplaint" => Said::Complained,
                // A person of the newsroom suppressed it at Postmark, or the reader unsubscribed there: both are told by this word.
                _ => Said::Left,
            }
        }
        _ => Said::NoBounce,
    }
}

fn bounced(one: &Value) -> Said {
    let words = json::first(one, &["/Details", "/Description"]);
    match str_at(one, "/Type") {
        "HardBounce" => failed(words, None, Verdict::Permanent),
        "BadEmailAddress" => failed(words, None, Verdict::Dead),
        "Transient" | "DnsError" => failed(words, None, Verdict::AtMost(Class::Temporary)),
        "SpamComplaint" => Said::Complained,
        "Unsubscribe" => Said::Left,
        "Subscribe"
        | "AutoResponder"
        | "AddressChange"
        | "ChallengeVerification"
        | "OpenRelayTest"
        | "InboundError" => Said::NoBounce,
        "SpamNotification"
        | "VirusNotification"
        | "Blocked"
        | "DMARCPolicy"
        | "SMTPApiError"
        | "TemplateRenderingFailed"
        | "Unconfirmed" => failed(words, None, Verdict::AtMost(Class::AboutUs)),
        // SoftBounce, ManuallyDeactivated, Unknown and what may come to be.
        _ => failed(words, None, Verdict::AtMost(Class::Soft)),
    }
}

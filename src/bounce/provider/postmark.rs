//! Postmark: one event a request, told apart by `RecordType`. "Bounce webhook", "Spam complaint webhook", "Subscription change webhook", "Delivery webhook" and
//! "Bounce types" in Postmark's developer documentation. There is no Message-ID of ours in it: `MessageID` is Postmark's.

use serde_json::Value;

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed, refused};
use crate::bounce::Said;
use crate::bounce::class::Class;

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    let all = json::each(value);
    if all.is_empty() || !all.iter().all(|one| one["RecordType"].is_string()) {
        return false;
    }
    for one in all {
        let said = match str_at(one, "/RecordType") {
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
        };
        let at = ["BouncedAt", "ChangedAt", "DeliveredAt"];
        let at = at.into_iter().find_map(|name| json::instant(one.get(name)));
        let id = json::text(one, "/ID").unwrap_or_default();
        let told = json::first(one, &["/ChangedAt", "/DeliveredAt"]);
        batch.push(
            Provider::Postmark,
            Draft {
                to: json::first(one, &["/Email", "/Recipient"]),
                said,
                id: format!(
                    "{} {id} {} {told}",
                    str_at(one, "/RecordType"),
                    str_at(one, "/MessageID")
                ),
                letter: "",
                sealed: Vec::new(),
                at,
            },
        );
    }
    true
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

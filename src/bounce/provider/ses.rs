//! Amazon SES: `notificationType` of feedback notifications and `eventType` of configuration sets, bare or in an envelope of SNS.
//! "Amazon SNS notification contents for Amazon SES" and "Examples of event data" in AWS's developer guide.

use serde_json::Value;

use super::json::{self, Draft, str_at};
use super::{Batch, Provider, Verdict, failed, refused};
use crate::bounce::class::Class;
use crate::bounce::{Said, reply};

/// Subtypes of a bounce by which SES says that it does not send to an address any more.
const SUPPRESSED: [&str; 2] = ["Suppressed", "OnAccountSuppressionList"];

/// A notification, taken apart.
struct Notification<'v> {
    kind: &'v str,
    mail: &'v Value,
    /// What is particular to its kind.
    section: &'v Value,
    recipients: &'v [Value],
}

impl<'v> Notification<'v> {
    fn of(value: &'v Value) -> Option<Self> {
        let kind = value["notificationType"].as_str();
        let kind = kind.or(value["eventType"].as_str())?;
        let mail = &value["mail"];
        let (section, recipients) = match kind {
            "Bounce" => ("bounce", "bouncedRecipients"),
            "Complaint" => ("complaint", "complainedRecipients"),
            "Delivery" => ("delivery", "recipients"),
            "DeliveryDelay" => ("deliveryDelay", "delayedRecipients"),
            "Subscription" => ("subscription", ""),
            "Reject" => ("reject", ""),
            _ => ("", ""),
        };
        let section = &value[section];
        let recipients = section[recipients].as_array();
        let recipients = recipients.or(mail["destination"].as_array());
        (mail.is_object() || section.is_object()).then_some(Self {
            kind,
            mail,
            section,
            recipients: recipients.map_or(&[], Vec::as_slice),
        })
    }

    /// A field of the letter's header, where SES is told to give it back.
    fn header(&self, wanted: &str) -> &'v str {
        let headers = self.mail["headers"].as_array();
        let mut headers = headers.into_iter().flatten();
        let named = headers.find(|one| str_at(one, "/name").eq_ignore_ascii_case(wanted));
        named.map_or("", |one| str_at(one, "/value"))
    }
}

/// What is in an envelope of SNS; `None`: it is none. What is no notification, as a test of the topic, is `Null`.
fn opened(value: &Value) -> Option<Value> {
    let inner = value["Message"]
        .as_str()
        .filter(|_| value["Type"].is_string())?;
    Some(serde_json::from_str(inner).unwrap_or_default())
}

pub(super) fn add(value: &Value, batch: &mut Batch) -> bool {
    let inner = opened(value);
    let Some(told) = Notification::of(inner.as_ref().unwrap_or(value)) else {
        batch.others += u64::from(inner.is_some());
        return inner.is_some();
    };
    let own = json::first(told.section, &["/feedbackId", "/timestamp"]);
    let id = format!("{} {own} {}", told.kind, str_at(told.mail, "/messageId"));
    let letter = match str_at(told.mail, "/commonHeaders/messageId") {
        "" => told.header("Message-ID"),
        id => id,
    };
    let at = [&told.section["timestamp"], &told.mail["timestamp"]];
    let at = at.into_iter().find_map(|at| json::instant(Some(at)));
    for recipient in told.recipients {
        let to = recipient.as_str();
        let to = to.unwrap_or_else(|| str_at(recipient, "/emailAddress"));
        let sealed = vec![
            str_at(told.mail, "/source"),
            told.header("List-Unsubscribe"),
        ];
        let said = of_recipient(&told, recipient);
        let id = id.clone();
        batch.push(
            Provider::Ses,
            Draft {
                to,
                said,
                id,
                letter,
                sealed,
                at,
            },
        );
    }
    batch.others += u64::from(told.recipients.is_empty());
    true
}

fn of_recipient(told: &Notification<'_>, recipient: &Value) -> Said {
    let section = told.section;
    match told.kind {
        "Complaint" => match str_at(section, "/complaintFeedbackType") {
            "not-spam" | "auth-failure" => Said::NoBounce,
            // SES knew of an earlier complaint and did not send: the reader's word all the same.
            _ => Said::Complained,
        },
        "Delivery" => Said::Delivered,
        "DeliveryDelay" => Said::Delayed,
        "Subscription" if section["newTopicPreferences"]["unsubscribeAll"] == true => Said::Left,
        "Reject" => refused(Class::AboutUs, "SES refused the letter"),
        "Bounce" => {
            let words = str_at(recipient, "/diagnosticCode");
            let status = recipient["status"].as_str().and_then(reply::status);
            let subtype = str_at(section, "/bounceSubType");
            let verdict = match str_at(section, "/bounceType") {
                "Permanent" if SUPPRESSED.contains(&subtype) => Verdict::Dead,
                "Permanent" => Verdict::Permanent,
                _ => Verdict::AtMost(Class::Soft),
            };
            failed(words, status, verdict)
        }
        _ => Said::NoBounce,
    }
}

/// What a notification says that came by mail: of several recipients the mildest word. Its addresses are not looked at.
pub(in crate::bounce) fn said(text: &str) -> Option<Said> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = stream.next()?.ok()?;
    let inner = opened(&value);
    let told = Notification::of(inner.as_ref().unwrap_or(&value))?;
    let class = |said: &Said| match said {
        Said::Failed(failure) => Some(failure.class),
        _ => None,
    };
    let all = told.recipients.iter().map(|one| of_recipient(&told, one));
    all.min_by_key(class)
}

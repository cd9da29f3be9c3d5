//! Events in the shapes of the providers' manuals: one file, for each provider is a table of bodies and of what they say, read by the same few lines.

use proptest::prelude::*;

use super::*;
use crate::bounce::Class::{AboutUs, Hard, Soft, Temporary};

/// What one body says: the address, and the class or the kind.
fn told(provider: Provider, body: &str) -> Vec<String> {
    let batch = provider.read(body.as_bytes()).unwrap();
    let kind = |said: &Said| match said {
        Said::Failed(failure) => failure.class.code(),
        Said::Complained => "complained",
        Said::Left => "left",
        Said::Delayed => "delayed",
        Said::Delivered => "delivered",
        Said::AutoReply | Said::NoBounce => "nothing",
    };
    let events = batch.events.iter();
    let mut all: Vec<String> = events
        .map(|event| format!("{} {}", event.to.reveal(), kind(&event.said)))
        .collect();
    for (count, what) in [(batch.others, "others"), (batch.unreadable, "unreadable")] {
        if count > 0 {
            all.push(format!("{count} {what}"));
        }
    }
    all
}

fn ses(kind: &str, section: &str) -> String {
    format!(
        r#"{{"notificationType":"{kind}",{section}"mail":{{"timestamp":"2026-08-24T05:46:00.000Z","messageId":"0102","source":"b+abc@bounce.h.example","destination":["ada@example.org"],"commonHeaders":{{"messageId":"<x@h.example>"}}}}}}"#
    )
}

#[test]
fn amazon_ses() {
    let bounce = |kind: &str, subtype: &str, recipient: &str| {
        let section = format!(
            r#""bounce":{{"feedbackId":"f","bounceType":"{kind}","bounceSubType":"{subtype}","timestamp":"2026-08-24T05:47:00Z","bouncedRecipients":[{{"emailAddress":"Ada <ada@example.org>"{recipient}}}]}},"#
        );
        told(Provider::Ses, &ses("Bounce", &section)).join(", ")
    };
    let words =
        |status: &str, words: &str| format!(r#","status":"{status}","diagnosticCode":"{words}""#);
    for (kind, subtype, recipient, expected) in [
        (
            "Permanent",
            "General",
            words("5.1.1", "smtp; 550 5.1.1 user unknown"),
            Hard,
        ),
        ("Permanent", "NoEmail", String::new(), Hard),
        (
            "Permanent",
            "General",
            words("5.7.1", "smtp; 550 5.7.1 blocked"),
            AboutUs,
        ),
        (
            "Permanent",
            "General",
            words("5.2.2", "smtp; 552 5.2.2 over quota"),
            Soft,
        ),
        (
            "Permanent",
            "OnAccountSuppressionList",
            words("5.1.1", "Amazon SES did not send"),
            Hard,
        ),
        (
            "Transient",
            "General",
            words("5.1.1", "smtp; 550 5.1.1 user unknown"),
            Soft,
        ),
        ("Transient", "MailboxFull", String::new(), Soft),
        (
            "Undetermined",
            "Undetermined",
            words("4.4.7", "smtp; 550 4.4.7 expired"),
            Temporary,
        ),
    ] {
        let class = expected.code();
        assert_eq!(
            bounce(kind, subtype, &recipient),
            format!("ada@example.org {class}"),
            "{kind} {subtype} {recipient}"
        );
    }
    let complaint = |kind: &str| {
        let section = format!(
            r#""complaint":{{"feedbackId":"f","complaintFeedbackType":"{kind}","complainedRecipients":[{{"emailAddress":"ada@example.org"}},{{"emailAddress":""}}]}},"#
        );
        told(Provider::Ses, &ses("Complaint", &section))
    };
    assert_eq!(
        complaint("abuse"),
        ["ada@example.org complained", "1 unreadable"]
    );
    assert_eq!(complaint("not-spam"), ["2 others"]);
    assert_eq!(
        told(Provider::Ses, &ses("Delivery", "")),
        ["ada@example.org delivered"]
    );
    assert_eq!(
        told(Provider::Ses, &ses("DeliveryDelay", "")),
        ["ada@example.org delayed"]
    );
    assert_eq!(told(Provider::Ses, &ses("Open", "")), ["1 others"]);
    let left = r#""subscription":{"newTopicPreferences":{"unsubscribeAll":true}},"#;
    assert_eq!(
        told(Provider::Ses, &ses("Subscription", left)),
        ["ada@example.org left"]
    );
    // In an envelope, and what is no notification.
    let envelope = |message: &str| {
        let message = serde_json::Value::from(message);
        format!(
            r#"{{"Type":"Notification","TopicArn":"arn:aws:sns:eu-west-1:123456789012:b","Message":{message}}}"#
        )
    };
    assert_eq!(
        told(Provider::Ses, &envelope(&ses("Delivery", ""))),
        ["ada@example.org delivered"]
    );
    assert_eq!(
        told(Provider::Ses, &envelope("Successfully validated SNS topic")),
        ["1 others"]
    );
    let batch = Provider::Ses.read(ses("Delivery", "").as_bytes()).unwrap();
    assert_eq!(batch.events[0].letter.as_deref(), Some("x@h.example"));
    assert_eq!(
        batch.events[0].at.unwrap().to_rfc3339(),
        "2026-08-24T05:46:00+00:00"
    );
}

#[test]
fn postmark() {
    let bounce = |kind: &str, details: &str| {
        format!(
            r#"{{"RecordType":"Bounce","ID":42,"Type":"{kind}","MessageID":"m","Details":"{details}","Email":"ada@example.org","BouncedAt":"2026-08-24T06:33:54.9070259+01:00"}}"#
        )
    };
    for (kind, details, expected) in [
        ("HardBounce", "", "hard"),
        ("HardBounce", "smtp;550 5.1.1 unknown", "hard"),
        ("HardBounce", "smtp;550 5.7.1 blocked", "about-us"),
        ("HardBounce", "smtp;552 5.2.2 mailbox full", "soft"),
        ("SoftBounce", "smtp;550 5.1.1 unknown", "soft"),
        ("Transient", "smtp;550 5.1.1 unknown", "temporary"),
        ("Blocked", "smtp;550 listed", "about-us"),
        ("BadEmailAddress", "", "hard"),
        ("SpamComplaint", "", "complained"),
        ("Unsubscribe", "", "left"),
        ("NewKind", "smtp;550 5.1.1 unknown", "soft"),
    ] {
        assert_eq!(
            told(Provider::Postmark, &bounce(kind, details)),
            [format!("ada@example.org {expected}")],
            "{kind} {details}"
        );
    }
    assert_eq!(
        told(Provider::Postmark, &bounce("AutoResponder", "")),
        ["1 others"]
    );
    let change = |suppress: bool, why: &str| {
        format!(
            r#"{{"RecordType":"SubscriptionChange","Recipient":"ada@example.org","ChangedAt":"2026-08-24T05:00:00Z","SuppressSending":{suppress},"SuppressionReason":{why}}}"#
        )
    };
    for (suppress, why, expected) in [
        (true, "\"ManualSuppression\"", "ada@example.org left"),
        (true, "\"HardBounce\"", "ada@example.org hard"),
        (true, "\"SpamComplaint\"", "ada@example.org complained"),
        (false, "null", "1 others"),
    ] {
        assert_eq!(told(Provider::Postmark, &change(suppress, why)), [expected]);
    }
}

#[test]
fn mailgun() {
    let event = |fields: &str| {
        format!(
            r#"{{"signature":{{}},"event-data":{{"id":"i","timestamp":1787550360.12,"recipient":"ada@example.org",{fields}}}}}"#
        )
    };
    let failed = |severity: &str, reason: &str, code: u16, words: &str| {
        event(&format!(
            r#""event":"failed","severity":"{severity}","reason":"{reason}","delivery-status":{{"code":{code},"message":"{words}"}}"#
        ))
    };
    for (body, expected) in [
        (
            failed("permanent", "bounce", 550, "5.1.1 user unknown"),
            "hard",
        ),
        (
            failed("permanent", "bounce", 550, "550 5.7.1 blocked"),
            "about-us",
        ),
        (
            failed(
                "permanent",
                "suppress-bounce",
                605,
                "Not delivering to previously bounced address",
            ),
            "hard",
        ),
        (
            failed("permanent", "suppress-complaint", 607, ""),
            "complained",
        ),
        (failed("permanent", "suppress-unsubscribe", 606, ""), "left"),
        (failed("permanent", "old", 602, "Too old"), "soft"),
        (
            failed("temporary", "generic", 451, "4.7.1 later"),
            "delayed",
        ),
        (event(r#""event":"complained""#), "complained"),
        (event(r#""event":"unsubscribed""#), "left"),
        (event(r#""event":"delivered""#), "delivered"),
    ] {
        assert_eq!(
            told(Provider::Mailgun, &body),
            [format!("ada@example.org {expected}")],
            "{body}"
        );
    }
    assert_eq!(
        told(Provider::Mailgun, &event(r#""event":"opened""#)),
        ["1 others"]
    );
}

#[test]
fn sendgrid() {
    let event = |fields: &str| {
        format!(
            r#"{{"email":"ada@example.org","timestamp":1787550360,"smtp-id":"<x@h.example>","sg_event_id":"e",{fields}}}"#
        )
    };
    for (fields, expected) in [
        (
            r#""event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 unknown""#,
            "hard",
        ),
        (r#""event":"bounce","type":"bounce","reason":"""#, "hard"),
        (
            r#""event":"bounce","type":"blocked","reason":"550 5.1.1 unknown""#,
            "soft",
        ),
        (
            r#""event":"bounce","bounce_classification":"Reputation","reason":"550 unknown user""#,
            "about-us",
        ),
        (
            r#""event":"bounce","type":"bounce","status":"5.7.1","reason":"554 5.7.1 spam""#,
            "about-us",
        ),
        (r#""event":"dropped","reason":"Bounced Address""#, "hard"),
        (
            r#""event":"dropped","reason":"Unsubscribed Address""#,
            "left",
        ),
        (
            r#""event":"dropped","reason":"Spam Reporting Address""#,
            "complained",
        ),
        (r#""event":"dropped","reason":"Spam Content""#, "about-us"),
        (r#""event":"spamreport""#, "complained"),
        (r#""event":"group_unsubscribe""#, "left"),
        (
            r#""event":"deferred","response":"450 4.2.1 later""#,
            "delayed",
        ),
        (r#""event":"delivered""#, "delivered"),
    ] {
        let body = format!("[{}]", event(fields));
        assert_eq!(
            told(Provider::SendGrid, &body),
            [format!("ada@example.org {expected}")],
            "{fields}"
        );
    }
    let two = format!(
        "[{},{}]",
        event(r#""event":"open""#),
        event(r#""event":"spamreport""#)
    );
    assert_eq!(
        told(Provider::SendGrid, &two),
        ["ada@example.org complained", "1 others"]
    );
}

#[test]
fn brevo_sparkpost_and_mailjet() {
    let brevo = |event: &str, reason: &str| {
        format!(
            r#"{{"event":"{event}","email":"ada@example.org","id":7,"message-id":"<m@smtp-relay.mailin.fr>","ts_event":1787550360,"ts_epoch":1787550360000,"reason":"{reason}"}}"#
        )
    };
    for (event, reason, expected) in [
        ("hard_bounce", "550 5.1.1 unknown user", "hard"),
        ("hard_bounce", "", "hard"),
        ("hard_bounce", "554 5.7.1 refused", "about-us"),
        ("soft_bounce", "550 5.1.1 unknown user", "soft"),
        ("blocked", "", "soft"),
        ("invalid_email", "", "hard"),
        ("spam", "", "complained"),
        ("unsubscribed", "", "left"),
        ("deferred", "", "delayed"),
    ] {
        assert_eq!(
            told(Provider::Brevo, &brevo(event, reason)),
            [format!("ada@example.org {expected}")],
            "{event}"
        );
    }
    let sparkpost = |kind: &str, class: &str, words: &str| {
        format!(
            r#"[{{"msys":{{"message_event":{{"type":"{kind}","event_id":"1","bounce_class":"{class}","raw_rcpt_to":"ada@example.org","raw_reason":"{words}","timestamp":"1787550360"}}}}}}]"#
        )
    };
    for (kind, class, words, expected) in [
        ("bounce", "10", "550 5.1.1 unknown", "hard"),
        ("bounce", "30", "", "hard"),
        ("bounce", "22", "552 5.2.2 full", "soft"),
        ("bounce", "51", "550 unknown user", "about-us"),
        ("out_of_band", "21", "550 unknown user", "temporary"),
        ("bounce", "90", "", "left"),
        ("spam_complaint", "", "", "complained"),
        ("list_unsubscribe", "", "", "left"),
        ("delay", "", "", "delayed"),
    ] {
        assert_eq!(
            told(Provider::SparkPost, &sparkpost(kind, class, words)),
            [format!("ada@example.org {expected}")],
            "{kind} {class}"
        );
    }
    assert_eq!(told(Provider::SparkPost, r#"[{"msys":{}}]"#), ["1 others"]);
    let mailjet = |event: &str, hard: bool, error: &str| {
        format!(
            r#"{{"event":"{event}","time":1787550360,"MessageID":19421777835146490,"email":"ada@example.org","hard_bounce":{hard},"error":"{error}","comment":""}}"#
        )
    };
    for (event, hard, error, expected) in [
        ("bounce", true, "user unknown", "hard"),
        ("bounce", false, "user unknown", "soft"),
        ("bounce", false, "quota exceeded", "soft"),
        ("blocked", false, "sender blocked", "about-us"),
        ("blocked", false, "spam reporter", "complained"),
        ("bounce", false, "greylisted", "delayed"),
        ("spam", false, "", "complained"),
        ("unsub", false, "", "left"),
        ("sent", false, "", "delivered"),
    ] {
        assert_eq!(
            told(Provider::Mailjet, &mailjet(event, hard, error)),
            [format!("ada@example.org {expected}")],
            "{event} {error}"
        );
    }
}

#[test]
fn the_same_event_is_the_same_and_no_other_is() {
    let event = |id: &str, to: &str| {
        let body = format!(r#"[{{"email":"{to}","event":"spamreport","sg_event_id":"{id}"}}]"#);
        Provider::SendGrid.read(body.as_bytes()).unwrap().events[0].digest
    };
    let first = event("a", "ada@example.org");
    assert_eq!(first, event("a", "ADA@Example.org"));
    assert_ne!(first, event("b", "ada@example.org"));
    assert_ne!(first, event("a", "bob@example.org"));
}

#[test]
fn whose_a_body_is() {
    for (provider, body) in [
        (Provider::Ses, "{}"),
        (Provider::Postmark, r#"{"event":"spam"}"#),
        (Provider::Mailgun, "[]"),
        (Provider::SendGrid, r#"[{"event":"bounce"}]"#),
        (Provider::SparkPost, "[]"),
    ] {
        assert_eq!(
            provider.read(body.as_bytes()).unwrap_err(),
            NoEvents::OtherShape
        );
    }
    let deep = "[".repeat(10_000);
    assert_eq!(
        Provider::Brevo.read(deep.as_bytes()).unwrap_err(),
        NoEvents::NotJson
    );
    for (host, expected) in [
        ("email-smtp.eu-west-1.amazonaws.com", Some(Provider::Ses)),
        ("smtp.postmarkapp.com", Some(Provider::Postmark)),
        ("smtp.eu.mailgun.org", Some(Provider::Mailgun)),
        ("smtp-relay.brevo.com", Some(Provider::Brevo)),
        ("mailgun.org.evil.example", None),
        ("notmailgun.org", None),
    ] {
        assert_eq!(Provider::of_relay(host), expected, "{host}");
    }
}

fn now() -> DateTime<Utc> {
    "2026-08-24T05:46:00Z".parse().unwrap()
}

proptest! {
    #[test]
    fn nothing_panics(body in "\\PC{0,200}", at in 0_usize..7) {
        _ = Provider::ALL[at].read(body.as_bytes());
        _ = SigningKey::new("k").proves(body.as_bytes(), now());
        _ = Envelope::read(body.as_bytes(), &[], now());
    }
}

//! Events of mail providers at `/hooks/PROVIDER/SECRET`: with keys of our own in the providers' forms, each with twins that are forged, stale, used again or foreign.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{HOST, Pages, Serving, parts, room};
use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;

/// The clock of every run, in seconds since 1970.
pub(super) const NOW: i64 = 1_787_550_300;

/// A newsroom that has sent an edition to ada, bob and cleo, and takes events as `lines` say; and the Message-ID of each one's letter.
pub(super) fn sent(room: Newsroom, lines: &str) -> (Newsroom, impl Fn(&str) -> String) {
    let post = PostOffice::open();
    let room = room
        .config(
            "bounces",
            "domain = \"bounce.harbourtimes.example\"\nsoft = 2",
        )
        .config("[events]", lines)
        .relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let letters = post.accepted();
    let id = move |name: &str| {
        let letter = letters.iter().find(|letter| letter.to[0].starts_with(name));
        let text = String::from_utf8(letter.unwrap().message.clone()).unwrap();
        let line = text.lines().find(|line| line.starts_with("Message-ID: "));
        line.unwrap().trim()["Message-ID: ".len()..].to_owned()
    };
    (room, id)
}

/// The path of the address at which that provider's events are taken, as `newsdigest events` shows it.
pub(super) fn path(room: &Newsroom, provider: &str) -> String {
    let shown = room.run(&["--json", "events"]).exits(0).stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let mut rows = shown.as_array().unwrap().iter();
    let row = rows.find(|row| row["from"] == provider).unwrap();
    let address = row["address"].as_str().unwrap();
    address.replace("https://news.harbourtimes.example/", "")
}

pub(super) fn suppressed(room: &Newsroom) -> Vec<String> {
    let list = room.run(&["suppress", "--list"]).exits(0).stdout;
    let row = |line: &str| {
        line.split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let rows = list.lines().map(row);
    rows.filter(|row| !row.starts_with("suppression")).collect()
}

impl Pages {
    pub(super) fn event(self, path: &str, fields: &str, body: &str) -> u16 {
        let fields = format!("{HOST}Content-Type: application/json\r\n{fields}");
        parts(&self.ask(&format!("POST /{path}"), &fields, body)).0
    }
}

fn postmark(kind: &str, id: u32, to: &str) -> String {
    format!(
        r#"{{"RecordType":"Bounce","ID":{id},"Type":"{kind}","MessageID":"m","Details":"","Email":"{to}","BouncedAt":"2026-08-24T05:44:00Z"}}"#
    )
}

#[test]
fn the_address_is_the_proof_of_a_provider_that_does_not_sign() {
    let (room, _) = sent(room(), "from = \"postmark\"");
    let path = path(&room, "postmark");
    let serving = Serving::start(&room);
    let pages = serving.pages;
    let body = postmark("HardBounce", 1, "Ada@Example.org");
    // Not a letter of the secret may be wrong, and no other provider has it.
    let (front, secret) = path.rsplit_once('/').unwrap();
    for wrong in [
        format!("{front}/{}a", &secret[..secret.len() - 1]),
        format!("{front}/{}", &secret[1..]),
        format!("hooks/brevo/{secret}"),
        format!("hooks/postmark/{}", "a".repeat(5_000)),
    ] {
        assert_eq!(pages.event(&wrong, "", &body), 404, "{wrong}");
    }
    assert_eq!(pages.get(&path).0, 405);
    assert_eq!(pages.event(&path, "Content-Encoding: gzip\r\n", &body), 415);
    assert_eq!(pages.event(&path, "", "{}"), 400);
    assert_eq!(pages.event(&path, "", &"[".repeat(100_000)), 400);
    assert_eq!(
        pages.event(&path, "", &format!("{body}{}", " ".repeat(1 << 20))),
        413
    );
    assert_eq!(suppressed(&room), [""; 0]);
    assert_eq!(pages.event(&path, "", &body), 200);
    assert_eq!(suppressed(&room), ["bounced ada@example.org"]);
    // Once lifted, the same event counts no more; strangers and what is no failure count for nothing.
    room.run(&["unsuppress", "ada@example.org"]).exits(0);
    assert_eq!(pages.event(&path, "", &body), 200);
    assert_eq!(
        pages.event(&path, "", &postmark("HardBounce", 2, "nobody@example.org")),
        200
    );
    assert_eq!(
        pages.event(&path, "", &postmark("AutoResponder", 3, "bob@example.org")),
        200
    );
    assert_eq!(suppressed(&room), [""; 0]);
    let left = r#"{"RecordType":"SubscriptionChange","Recipient":"bob@example.org","ChangedAt":"2026-08-24T05:44:00Z","SuppressSending":true,"SuppressionReason":"ManualSuppression"}"#;
    assert_eq!(pages.event(&path, "", left), 200);
    assert_eq!(suppressed(&room), ["unsubscribed bob@example.org"]);
    let metrics = pages.watch("metrics").1;
    for (what, count) in [
        ("noted", 2),
        ("suppressed", 2),
        ("known", 1),
        ("stranger", 1),
        ("passed", 1),
    ] {
        let line = format!("newsdigest_events_total{{from=\"postmark\",what=\"{what}\"}} {count}");
        assert!(metrics.contains(&line), "{line}\n{metrics}");
    }
    // No address is in any log line.
    drop(serving);
}

/// A token of an alert's letter is opened as any other: what came back is not taken for what the edition after it brought.
#[test]
fn what_came_back_of_an_alert_is_about_the_alert() {
    let post = PostOffice::open();
    let room = room()
        .config("bounces", "domain = \"bounce.harbourtimes.example\"")
        .config("[events]", "from = \"sparkpost\"")
        .config("alerts", "name = \"Harbour alerts\"")
        .relay(post.port(), 1);
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\nalerts = true\n",
    );
    room.file(
        "fire.toml",
        "[[story]]\nheadline = \"A fire\"\nurl = \"https://harbourtimes.example/fire\"\nsection = \"News\"\ndek = \"Nobody is hurt.\"\n",
    );
    room.run(&["alert", "fire.toml", "--yes"]).exits(0);
    room.run(&["send"]).exits(0);
    let letters = post.accepted();
    assert_eq!(letters.len(), 2);
    let path = path(&room, "sparkpost");
    let serving = Serving::start(&room);
    let db = rusqlite::Connection::open(room.path("newsdigest.db")).unwrap();
    for (letter, run) in letters.iter().zip(1..) {
        let body = format!(
            r#"[{{"msys":{{"message_event":{{"type":"bounce","event_id":"{run}","bounce_class":"22","raw_rcpt_to":"ada@example.org","msg_from":"{}","raw_reason":"552 5.2.2 full","timestamp":"1787550300"}}}}}}]"#,
            letter.from
        );
        assert_eq!(serving.pages.event(&path, "", &body), 200);
        let sql = "SELECT run FROM bounce ORDER BY id DESC LIMIT 1";
        let about = db.query_row(sql, [], |row| row.get::<_, i64>(0));
        assert_eq!(about, Ok(run));
    }
}

#[test]
fn whoever_guesses_addresses_is_slowed_down() {
    let (room, _) = sent(room(), "from = \"postmark\"");
    let serving = Serving::start(&room);
    let ask = |number: usize| {
        serving
            .pages
            .event(&format!("hooks/postmark/{number:032}"), "", "{}")
    };
    let statuses: Vec<u16> = (0..30).map(ask).collect();
    assert!(
        statuses[..20].iter().all(|status| *status == 404),
        "{statuses:?}"
    );
    assert!(
        statuses[25..].iter().all(|status| *status == 429),
        "{statuses:?}"
    );
    assert_eq!(
        serving.pages.event(
            &path(&room, "postmark"),
            "",
            &postmark("HardBounce", 1, "ada@example.org")
        ),
        200
    );
}

#[test]
fn from_where_and_with_which_log_in() {
    let room = room();
    room.secret("brevo.secret", "0123456789abcdef\n");
    let (room, _) = sent(
        room,
        "from = \"brevo\"\nallow = [\"203.0.113.0/24\"]\nusername = \"paper\"\npassword_env = \"EVENTS\"\nsecret_file = \"brevo.secret\"",
    );
    // Without its password nothing is served; everything else works.
    room.run(&["serve"]).exits(1);
    room.run(&["check"]).exits(0);
    let room = room.environment("EVENTS", "open:sesame");
    assert_eq!(path(&room, "brevo"), "hooks/brevo/0123456789abcdef");
    let serving = Serving::start(&room);
    let body =
        r#"{"event":"spam","email":"ada@example.org","message-id":"<m>","ts_event":1787550300}"#;
    let login = |text: &str| format!("Authorization: Basic {}\r\n", BASE64.encode(text));
    let from = |address: &str| format!("X-Forwarded-For: {address}\r\n");
    let right = login("paper:open:sesame");
    for (fields, expected) in [
        (right.clone(), 403),
        (format!("{}{right}", from("198.51.100.1")), 403),
        (from("203.0.113.9"), 401),
        (
            format!("{}{}", from("203.0.113.9"), login("paper:open")),
            401,
        ),
        (format!("{}{}", from("203.0.113.9"), login("paper")), 401),
        (format!("{}{right}{right}", from("203.0.113.9")), 401),
        (format!("{}{right}", from("203.0.113.9")), 200),
    ] {
        let status = serving
            .pages
            .event("hooks/brevo/0123456789abcdef", &fields, body);
        assert_eq!(status, expected, "{fields}");
        assert_eq!(suppressed(&room).is_empty(), expected != 200);
    }
}

#[test]
fn a_signature_of_mailgun_is_good_for_one_body() {
    let room = room();
    room.secret("mailgun.key", "key-0123\n");
    let (room, id) = sent(room, "from = \"mailgun\"\nkey_file = \"mailgun.key\"");
    let path = path(&room, "mailgun");
    let pages = Serving::start(&room);
    let signed = |key: &str, at: i64, token: &str, event: &str| {
        let token = format!("{token:0>50}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let tag = hmac::sign(&key, format!("{at}{token}").as_bytes());
        let hex: Vec<String> = tag
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!(
            r#"{{"signature":{{"timestamp":"{at}","token":"{token}","signature":"{}"}},"event-data":{event}}}"#,
            hex.concat()
        )
    };
    let event = |id: &str, to: &str, letter: &str| {
        format!(
            r#"{{"event":"failed","severity":"permanent","reason":"generic","id":"{id}","timestamp":{NOW}.5,"recipient":"{to}","message":{{"headers":{{"message-id":"{letter}"}}}},"delivery-status":{{"code":550,"message":"mailbox full"}}}}"#
        )
    };
    let soft = event("one", "ada@example.org", id("ada").trim_matches(['<', '>']));
    for (body, expected) in [
        (signed("key-other", NOW, "a", &soft), 403),
        (signed("key-0123", NOW - 86_400, "b", &soft), 403),
        (signed("key-0123", NOW + 3_600, "c", &soft), 403),
        (format!(r#"{{"event-data":{soft}}}"#), 403),
        (signed("key-0123", NOW, "d", "[]"), 400),
        (signed("key-0123", NOW, "e", &soft), 200),
        // The same again, as after an answer that was lost; then its signature with another body.
        (signed("key-0123", NOW, "e", &soft), 200),
        (
            signed("key-0123", NOW, "e", &event("two", "bob@example.org", "")),
            403,
        ),
    ] {
        assert_eq!(pages.pages.event(&path, "", &body), expected, "{body}");
    }
    // What was used stays used after a restart.
    drop(pages);
    let pages = Serving::start(&room);
    let again = signed("key-0123", NOW, "e", &event("three", "bob@example.org", ""));
    assert_eq!(pages.pages.event(&path, "", &again), 403);
    let why = room
        .run(&["subscribers", "why", "ada@example.org"])
        .exits(0);
    assert!(
        why.stdout.contains("soft") && why.stdout.contains("2026-08-24"),
        "{}",
        why.stdout
    );
    // Another edition's: two soft ones are enough here. The same edition's was one.
    assert_eq!(suppressed(&room), [""; 0]);
}

#[test]
fn sendgrid_signs_time_and_body() {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let foreign = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    // SubjectPublicKeyInfo of P-256, as SendGrid shows it.
    let front = BASE64
        .decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")
        .unwrap();
    let shown = BASE64.encode([&front, &key.public_key().as_ref()[1..]].concat());
    let (room, id) = sent(room(), "from = \"sendgrid\"\nkey_env = \"SENDGRID_KEY\"");
    let room = room.environment("SENDGRID_KEY", &shown);
    let path = path(&room, "sendgrid");
    let serving = Serving::start(&room);
    let fields = |key: &EcdsaKeyPair, at: i64, body: &str| {
        let signed = format!("{at}{body}");
        let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!(
            "X-Twilio-Email-Event-Webhook-Signature: {}\r\nX-Twilio-Email-Event-Webhook-Timestamp: {at}\r\n",
            BASE64.encode(signature)
        )
    };
    let one = |event: &str, to: &str, letter: &str| {
        format!(
            r#"{{"email":"{to}","timestamp":{NOW},"event":"{event}","sg_event_id":"{event}-{to}","smtp-id":"{letter}","status":"5.1.1","reason":"550 5.1.1 unknown"}}"#
        )
    };
    // A batch: one broken, one about a stranger, one of each kind.
    let body = format!(
        "[{},{},{},{},{}]",
        one("bounce", "ada@example.org", &id("ada")),
        one("bounce", "not an address", ""),
        one("spamreport", "bob@example.org", ""),
        one("delivered", "cleo@example.net", ""),
        one("bounce", "stranger@example.net", "")
    );
    let other = one("unsubscribe", "cleo@example.net", "");
    for (fields, body, expected) in [
        (String::new(), &body, 403),
        (fields(&foreign, NOW, &body), &body, 403),
        (fields(&key, NOW, &body), &other, 403),
        (fields(&key, NOW - 200_000, &body), &body, 403),
        (
            fields(&key, NOW, &body).replace(&NOW.to_string(), &(NOW - 1).to_string()),
            &body,
            403,
        ),
        (fields(&key, NOW, &body), &body, 200),
        (fields(&key, NOW, &body), &body, 200),
    ] {
        assert_eq!(
            serving.pages.event(&path, &fields, body),
            expected,
            "{fields}"
        );
    }
    assert_eq!(
        suppressed(&room),
        ["bounced ada@example.org", "complained bob@example.org"]
    );
    let why = room
        .run(&["subscribers", "why", "ada@example.org"])
        .exits(0);
    assert!(why.stdout.contains("550 5.1.1 unknown"), "{}", why.stdout);
}

#[test]
fn what_the_config_may_say() {
    let told = |lines: &str| {
        let room = room().config("[events]", lines);
        room.secret("short", "abc");
        room.secret("key", "abc");
        let output = room.run(&["check"]).exits(1);
        output
            .stderr
            .lines()
            .find(|line| line.starts_with("error"))
            .unwrap_or_default()
            .to_owned()
    };
    insta::assert_snapshot!(
        [
            told("from = \"mandrill\""),
            told("allow = [\"192.0.2.1\"]"),
            told("from = \"ses\""),
            told("from = \"ses\"\ntopics = [\"bounces\"]"),
            told("from = \"mailgun\""),
            told("from = \"sendgrid\"\nkey_file = \"key\""),
            told("from = \"brevo\"\nsecret_file = \"short\""),
            told("from = \"brevo\"\nusername = \"x\""),
            told("from = \"brevo\"\n\n[[events]]\nfrom = \"brevo\""),
        ]
        .join("\n"),
        @r#"
    error: `mandrill` is no provider whose events are understood: expected one of `ses`, `postmark`, `mailgun`, `sendgrid`, `brevo`, `sparkpost`, `mailjet`
    error: `[[events]]` must give `from`, the provider, such as `from = "postmark"`
    error: `topics` must name the topics of Amazon SNS that are believed: anybody may have others sent here
    error: `bounces` is no topic of Amazon SNS: expected one such as `arn:aws:sns:eu-west-1:123456789012:bounces`
    error: `[[events]]` of this provider needs `key_env` or `key_file`, the key by which it signs
    error: `key` holds no verification key of SendGrid: expected base64 that begins with `MFkw`
    error: `short` must hold 16 to 200 letters, digits, `-` and `_`: they are part of an address
    error: `username` needs `password_env` or `password_file`
    error: `from = "brevo"` comes twice: its events come to one address
    "#
    );
    let room = Newsroom::new().config("[events]", "from = \"brevo\"");
    let output = room.run(&["check"]).exits(1);
    assert!(
        output.stderr.contains("needs `[public]`"),
        "{}",
        output.stderr
    );
}

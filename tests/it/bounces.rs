//! Letters that come back: sent through a real relay, so that the tokens are those of real letters; the samples are in `tests/bounces`.

use std::fmt::Write as _;

use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;

/// A newsroom that has sent an edition to ada, bob and cleo, and the tokens their letters bore.
struct Sent {
    room: Newsroom,
    ada: String,
    bob: String,
    cleo: String,
}

impl Sent {
    fn new() -> Self {
        let post = PostOffice::open();
        let room = Newsroom::new()
            .config(
                "bounces",
                "domain = \"bounce.harbourtimes.example\"\nsoft = 2",
            )
            .relay(post.port(), 1);
        room.run(&["send"]).exits(0);
        let token = |name: &str| {
            let letter = post
                .accepted()
                .into_iter()
                .find(|letter| letter.to[0].starts_with(name))
                .unwrap();
            let local = letter.from.split('@').next().unwrap();
            local.strip_prefix("b+").unwrap().to_owned()
        };
        Self {
            ada: token("ada"),
            bob: token("bob"),
            cleo: token("cleo"),
            room,
        }
    }

    fn suppressed(&self) -> Vec<String> {
        let list = self.room.run(&["suppress", "--list"]).exits(0).stdout;
        let row = |line: &str| {
            line.split_whitespace()
                .skip(1)
                .collect::<Vec<_>>()
                .join(" ")
        };
        list.lines().map(row).collect()
    }
}

/// A sample, about the reader of that token.
fn sample(name: &str, token: &str) -> String {
    let file = format!("{}/tests/bounces/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file)
        .unwrap()
        .replace("TOKEN", token)
}

#[test]
fn a_maildir_of_everything() {
    let sent = Sent::new();
    let (ada, bob, cleo) = (&sent.ada, &sent.bob, &sent.cleo);
    for (number, (name, token)) in [
        ("postfix_unknown", ada),
        ("complaint", bob),
        ("full", cleo),
        ("blocked", cleo),
        ("postfix_expired", cleo),
        ("away", cleo),
        ("letter", cleo),
        ("postfix_delayed", cleo),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = ["new", "cur"][number % 2];
        let file = format!("Maildir/{folder}/{number}.host");
        sent.room.file(&file, sample(name, token));
    }
    let first = sent.room.run(&["bounces", "Maildir", "-v"]).exits(0);
    let mut said: Vec<String> = first.words().lines().map(str::to_owned).collect();
    said.sort();
    insta::assert_snapshot!(said.join("\n"), @"
    2 addresses put on the suppression list
    8 messages read: 1 hard, 1 soft, 2 temporary, 1 about us, 1 called spam, 2 no bounces
    a***@e***.org suppressed (hard): 550 5.1.1 <a***@e***.org>: user unknown
    b***@e***.org suppressed (complaint): called spam
    ");
    assert_eq!(
        sent.suppressed(),
        ["bounced ada@example.org", "complained bob@example.org"]
    );
    assert_eq!(
        sent.room.list("Maildir/new").len() + sent.room.list("Maildir/cur").len(),
        8
    );
    // Read again, nothing counts twice.
    let again = sent.room.run(&["bounces", "Maildir"]).exits(0);
    insta::assert_snapshot!(again.words(), @"8 messages read: 1 temporary, 5 known, 2 no bounces");
    // Whoever is on the list gets no letter any more.
    let room = sent.room.config("relay", "outbox = \"outbox\"");
    let dry = room.run(&["send", "--dry-run"]).exits(0);
    insta::assert_snapshot!(dry.words(), @"
    Harbour in your inbox, 2026-08-24: would go to 1 subscriber, into `outbox`
      2 left out: on the suppression list
    nothing was frozen or sent
    ");
}

#[test]
fn behind_a_mail_alias() {
    let sent = Sent::new();
    // As Postfix pipes it: a `From ` line first.
    let piped = format!(
        "From MAILER-DAEMON  Mon Aug 24 05:50:00 2026\n{}",
        sample("exim_text", &sent.ada)
    );
    let output = sent.room.run_with_input(&["bounces", "-"], &piped).exits(0);
    insta::assert_snapshot!(output.words(), @"
    1 message read: 1 hard
    1 address put on the suppression list
    ");
    assert_eq!(sent.suppressed(), ["bounced ada@example.org"]);
    // No bounce at all, nothing at all, and rubbish: never an error that would bounce.
    for input in ["", "\0\u{1}\n\n", "Subject: hello\n\nhello\n"] {
        sent.room.run_with_input(&["bounces", "-"], input).exits(0);
    }
    // What cannot be read now is tried again later: a broken config, and keys that are gone.
    let keys = sent.room.read("secret.key");
    let mail = sample("postfix_unknown", &sent.bob);
    for broken in ["1 abc", ""] {
        sent.room.secret("secret.key", broken);
        sent.room.run_with_input(&["bounces", "-"], &mail).exits(75);
    }
    std::fs::remove_file(sent.room.path("secret.key")).unwrap();
    let output = sent.room.run_with_input(&["bounces", "-"], &mail).exits(75);
    insta::assert_snapshot!(output.words(), @"
    error: `secret.key` does not exist: it holds the keys of the tokens that bounces bring back
    nothing was read

    hint: `[bounces] domain` in the config gives every letter a token; the first `newsdigest send` makes the keys
    ");
    sent.room.secret("secret.key", &keys);
    let room = sent.room.config("relay", "port = \"x\"");
    room.run_with_input(&["bounces", "-"], &mail).exits(75);
}

#[test]
fn forged_foreign_and_unknown() {
    let sent = Sent::new();
    let mut forged = sent.ada.clone();
    let at = forged.len() - 4..forged.len() - 3;
    let other = if &forged[at.clone()] == "a" { "b" } else { "a" };
    forged.replace_range(at, other);
    let mut mbox = String::new();
    for (name, token) in [
        ("postfix_unknown", forged.as_str()),
        ("exim", "cea4brahadavvwrsd2h4wnkbry24367rfhua"),
        ("qmail", "tok123"),
    ] {
        write!(mbox, "From MAILER-DAEMON Mon\n{}\n", sample(name, token)).unwrap();
    }
    sent.room.file("bounces.mbox", &mbox);
    let output = sent.room.run(&["bounces", "bounces.mbox"]).exits(0);
    insta::assert_snapshot!(output.words(), @"
    3 messages read: 1 without a token, 2 with a foreign token
    warning: 2 bounces with tokens that are not ours: another newsletter's, sealed with a lost key, or forged; nobody was suppressed for them
    ");
    let output = sent
        .room
        .run(&["bounces", "bounces.mbox", "--json"])
        .exits(0);
    insta::assert_snapshot!(output.data(), @r#"
    {
      "read": 3,
      "events": 0,
      "hard": 0,
      "soft": 0,
      "temporary": 0,
      "about_us": 0,
      "complaints": 0,
      "unsubscribed": 0,
      "known": 0,
      "ignored": 0,
      "without_token": 1,
      "foreign": 2,
      "strangers": 0,
      "unreadable": 0,
      "suppressed": 0
    }
    "#);
    // A ledger that has never heard of the reader.
    let real = sample("postfix_unknown", &sent.ada);
    assert!(sent.suppressed().is_empty());
    let room = sent.room.config("ledger", "path = \"other.db\"");
    room.file("one.eml", real);
    // It is not made by itself: there was another one.
    room.run(&["bounces", "one.eml"]).exits(75);
    room.run(&["ledger", "new"]).exits(0);
    let output = room.run(&["bounces", "one.eml"]).exits(0);
    insta::assert_snapshot!(output.words(), @"
    1 message read: 1 about strangers
    warning: 1 bounce about readers whom this ledger does not know: their letters were sent from another one
    ");
    room.run(&["suppress", "--list"]).exits(0).says("empty");
}

#[test]
fn two_reports_of_one_edition_are_one_soft_bounce() {
    let sent = Sent::new();
    sent.room.file("full.eml", sample("full", &sent.cleo));
    sent.room.run(&["bounces", "full.eml"]).exits(0);
    assert!(sent.suppressed().is_empty());
    let other = sample("full", &sent.cleo).replace("<full@", "<other@");
    sent.room.file("other.eml", other);
    sent.room.run(&["bounces", "other.eml"]).exits(0);
    assert!(sent.suppressed().is_empty());
}

#[test]
fn paths_that_cannot_be_read() {
    let sent = Sent::new();
    sent.room
        .file("one.eml", sample("postfix_unknown", &sent.ada));
    let output = sent
        .room
        .run(&["bounces", "stories", "none", "one.eml"])
        .exits(1);
    insta::assert_snapshot!(output.words(), @"
    1 message read: 1 hard
    1 address put on the suppression list
    warning: `stories` is no Maildir: expected `new` or `cur` in it
    warning: `none` cannot be read: no such file or directory
    ");
    assert_eq!(sent.suppressed(), ["bounced ada@example.org"]);
}

#[test]
fn a_bounce_of_a_hundred_megabytes() {
    let sent = Sent::new();
    let mut message = sample("postfix_unknown", &sent.ada).into_bytes();
    message.resize(message.len() + 100_000_000, b'x');
    sent.room.file("huge.eml", &message);
    sent.room.run(&["bounces", "huge.eml"]).exits(0);
    assert_eq!(sent.suppressed(), ["bounced ada@example.org"]);
}

#[test]
fn the_relays_password_is_not_needed_to_read_bounces() {
    let sent = Sent::new();
    let room = sent.room.config("relay", "host = \"127.0.0.1\"\nsecurity = \"none\"\nusername = \"ada\"\npassword_env = \"NEWSDIGEST_TEST_UNSET\"");
    let mail = sample("postfix_unknown", &sent.ada);
    room.run_with_input(&["bounces", "-"], &mail).exits(0);
    // A verb that hands letters over still says what is missing.
    room.run(&["send"]).exits(1);
}

/// Events of providers that somebody saved: believed by their address, each counted once, whatever the file looks like.
#[test]
fn saved_events_of_providers() {
    let sent = Sent::new();
    let complaint = r#"{"RecordType":"SpamComplaint","ID":1,"Email":"Ada@Example.org","BouncedAt":"2026-08-24T05:40:00Z"}"#;
    let ses = |to: &str, token: &str| {
        format!(
            r#"{{"eventType":"Bounce","bounce":{{"feedbackId":"f","bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{{"emailAddress":"{to}","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}}]}},"mail":{{"messageId":"m","source":"b+{token}@bounce.harbourtimes.example"}}}}"#
        )
    };
    let envelope = serde_json::json!({ "Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:b", "Message": ses("bob@example.org", &sent.bob) });
    let lines = format!(
        "\n{complaint}\nbroken {{\n{}\n{{\"other\":1}}\n[{complaint},{{\"msys\":{{}}}}]\n",
        ses("stranger@example.org", "x")
    );
    sent.room.file("saved.ndjson", lines);
    sent.room.file("envelope.json", envelope.to_string());
    let output = sent
        .room
        .run(&["bounces", "-v", "saved.ndjson", "envelope.json"]);
    insta::assert_snapshot!(output.exits(0).words(), @"
    a***@e***.org suppressed (complaint): called spam
    b***@e***.org suppressed (hard): 550 5.1.1 user unknown
    7 events read: 1 hard, 1 called spam, 1 known, 1 no bounces, 1 about strangers, 2 unreadable
    2 addresses put on the suppression list
    warning: 1 bounce about readers whom this ledger does not know: their letters were sent from another one
    ");
    assert_eq!(
        sent.suppressed(),
        ["complained ada@example.org", "bounced bob@example.org"]
    );
    // The bare message of the envelope is the same event.
    sent.room.run(&["unsuppress", "bob@example.org"]).exits(0);
    let bare = ses("bob@example.org", &sent.bob);
    let again = sent.room.run_with_input(&["bounces", "-"], &bare).exits(0);
    insta::assert_snapshot!(again.words(), @"1 event read: 1 known");
    // Of a mailbox that is there, two soft ones are too many only if they are of two editions.
    let why = sent
        .room
        .run(&["subscribers", "why", "bob@example.org"])
        .exits(0);
    assert!(
        why.stdout.contains("550 5.1.1 user unknown"),
        "{}",
        why.stdout
    );
}

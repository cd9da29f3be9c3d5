//! Refusals that are about us or about today, and never cost a reader.

use super::{NOBODY, room};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Stage};

#[test]
fn a_refusal_of_us_stops_and_keeps_everybody_queued() {
    for (stage, reply) in [
        (Stage::Mail, "550 5.7.1 you are blocked"),
        (Stage::Mail, "553 5.1.8 sender rejected"),
        (Stage::Rcpt, "554 5.7.1 relay access denied"),
        (Stage::Rcpt, "454 4.7.1 Relay access denied"),
        (Stage::Rcpt, "550 5.7.515 authentication required"),
    ] {
        let post = PostOffice::open().reply_at(stage, reply);
        let room = room(&post);
        room.run(&["send"])
            .exits(75)
            .says("3 queued")
            .says("newsdigest send");
        assert_eq!(
            room.tally(),
            Tally {
                subscribers: 3,
                queued: 3,
                ..NOBODY
            },
            "{reply}"
        );
        assert!(post.letters().is_empty());
    }
}

#[test]
fn one_address_refused_as_if_it_were_us_stops_nobody_elses() {
    for reply in [
        "550 5.7.133 sender not authenticated for group",
        "550 callout failed: relay not permitted",
    ] {
        let post = PostOffice::open().reply_to("bob@example.org", reply);
        let relay = format!(
            "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"\nattempts = 2",
            post.port()
        );
        let room = Newsroom::new().config("relay", &relay);
        room.run(&["send"]).exits(3).says("1 given up");
        assert_eq!(room.tally().accepted, 2, "{reply}");
        let listed = room.run(&["status", TODAY, "--given-up"]).exits(0).stdout;
        assert!(listed.contains(&reply[..9]), "{listed}");
    }
}

#[test]
fn the_same_refusal_many_times_running_is_about_us() {
    let post = PostOffice::open().reply_at(Stage::Rcpt, "550 5.1.1 no such user");
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nstop_after = 4",
        post.port()
    );
    let room = Newsroom::new().many_subscribers(20).config("relay", &relay);
    room.run(&["send"])
        .exits(75)
        .says("550 5.1.1")
        .says("4 times");
    let tally = room.tally();
    assert!(tally.queued >= 16 && tally.accepted == 0, "{tally:?}");
}

#[test]
fn a_relay_that_takes_nobodys_letter_knows_no_mailbox() {
    let post = PostOffice::open().reply_at(Stage::Rcpt, "550 5.1.1 user unknown");
    let room = room(&post);
    room.run(&["send"]).exits(3);
    assert_eq!(room.run(&["suppress", "--list"]).exits(0).stdout, "");
}

/// Our own limit at the relay: nobody is given up, wherever it is said.
#[test]
fn a_limit_of_ours_keeps_everybody_who_is_left_queued() {
    for (stage, reply) in [
        (Stage::Dot, "550 5.4.5 Daily user sending limit exceeded"),
        (
            Stage::Dot,
            "454 Throttling failure: Daily message quota exceeded.",
        ),
        (
            Stage::Data,
            "451 Authentication failed: Maximum credits exceeded",
        ),
        (
            Stage::Rcpt,
            "554 5.1.90 Your message can't be sent: daily limit for recipients",
        ),
        (Stage::Mail, "452 4.3.1 hourly limit of your account"),
    ] {
        let post = PostOffice::open().reply_after(stage, 2, reply);
        let relay = format!(
            "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nattempts = 1",
            post.port()
        );
        let room = Newsroom::new().many_subscribers(6).config("relay", &relay);
        room.run(&["send"]).exits(75).says(&reply[..9]);
        let tally = room.tally();
        assert_eq!((tally.accepted, tally.queued), (2, 4), "{reply}");
        assert_eq!(room.run(&["suppress", "--list"]).exits(0).stdout, "");
    }
}

/// In other words than a limit's: what all who are left hear, twice, is about us.
#[test]
fn what_everybody_hears_who_is_left_is_about_us() {
    let post = PostOffice::open().reply_after(Stage::Dot, 2, "554 5.7.1 rejected by policy");
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"\nattempts = 1",
        post.port()
    );
    let room = Newsroom::new().many_subscribers(5).config("relay", &relay);
    room.run(&["send"])
        .exits(75)
        .says("refuses everybody who is left (3)");
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.queued), (2, 3));
}

/// In a language that the lists of words do not know, and at any step that answers the letter rather than its reader.
#[test]
fn what_everybody_hears_is_about_us_in_any_language() {
    for (stage, reply) in [
        (Stage::Dot, "550 Ha llegado al tope de correos de hoy"),
        (Stage::Dot, "554 Cota de e-mails esgotada"),
        (Stage::Data, "550 mai aap ko nahin bhej sakta"),
        (Stage::Dot, "452 tope alcanzado"),
        (Stage::Mail, "451 tope alcanzado"),
        // Nobody's mailbox has been named at MAIL.
        (Stage::Mail, "450 5.1.1 user unknown"),
        (Stage::Mail, "452 4.2.2 mailbox full"),
    ] {
        let post = PostOffice::open().reply_after(stage, 2, reply);
        let relay = format!(
            "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"\nattempts = 2",
            post.port()
        );
        let room = Newsroom::new().many_subscribers(5).config("relay", &relay);
        room.run(&["send"]).exits(75);
        let tally = room.tally();
        assert_eq!((tally.accepted, tally.queued), (2, 3), "{stage:?} {reply}");
    }
}

/// 75: run it again. A password that is wrong stays wrong.
#[test]
fn a_relay_that_is_away_or_busy_is_tried_again_later() {
    for (stage, reply, code) in [
        (Stage::Greeting, "421 4.3.2 too busy", 75),
        (Stage::Greeting, "554 5.7.1 not you", 1),
        (Stage::Auth, "454 4.7.0 temporary failure", 75),
        (Stage::Auth, "535 5.7.8 wrong password", 1),
        (Stage::Ehlo, "421 later", 75),
    ] {
        let post = PostOffice::open()
            .offer(&["AUTH PLAIN"])
            .reply_at(stage, reply);
        let relay = format!(
            "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nusername = \"digest\"\npassword_env = \"SMTP_PASSWORD\"",
            post.port()
        );
        let room = Newsroom::new()
            .environment("SMTP_PASSWORD", "open")
            .config("relay", &relay);
        room.run(&["send"])
            .exits(code)
            .says("nothing was frozen or sent");
        room.run(&["proof", "ed@example.org"]).exits(code);
    }
}

/// At RCPT, too: as long as the relay takes nobody's letter, words that say nothing of the mailbox are about us if everybody hears them.
#[test]
fn bare_refusals_that_everybody_hears_are_about_us() {
    for (taken, reply) in [
        (0, "550 Ha llegado al tope de correos de hoy"),
        (0, "553"),
        (0, "554 5.0.0 mai aap ko nahin bhej sakta"),
        (0, "451 tope alcanzado"),
        (2, "452 4.5.3 Too many recipients"),
        (2, "451 4.3.0 queue file write error"),
    ] {
        let post = PostOffice::open().reply_after(Stage::Rcpt, taken, reply);
        let relay = format!(
            "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"\nattempts = 2",
            post.port()
        );
        let room = Newsroom::new()
            .many_subscribers(5)
            .config("relay", &relay)
            .config("bounces", "soft = 1");
        room.run(&["send"])
            .exits(75)
            .says("refuses everybody who is left");
        let tally = room.tally();
        let expected = (taken as u64, 5 - taken as u64);
        assert_eq!((tally.accepted, tally.queued), expected, "{reply}");
        assert_eq!(room.run(&["suppress", "--list"]).exits(0).stdout, "");
    }
    // In mid-run it takes two to notice it; they are not counted.
    let post = PostOffice::open().reply_after(Stage::Rcpt, 2, "550 tope alcanzado");
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"",
        post.port()
    );
    let room = Newsroom::new()
        .many_subscribers(9)
        .config("relay", &relay)
        .config("bounces", "soft = 1");
    room.run(&["send"]).exits(75);
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.rejected, tally.queued), (2, 2, 5));
    assert_eq!(room.run(&["suppress", "--list"]).exits(0).stdout, "");
}

/// The first of the list hears them, and nobody else does: it is about them.
#[test]
fn a_bare_refusal_of_the_first_is_about_them_once_others_are_taken() {
    for reply in ["550 go away", "553", "550 Ha llegado al tope"] {
        let post = PostOffice::open().reply_to("ada@example.org", reply);
        let room = room(&post).subscribers(&["ada@example.org", "bob@example.org"]);
        room.run(&["send"]).exits(3).says("1 rejected");
        assert_eq!(room.tally().accepted, 1, "{reply}");
    }
}

/// A refusal of a large provider is told with what it means and what to do, whether the relay said it at once or the provider later; where readers complained, too.
#[test]
fn a_refusal_of_a_large_provider_is_explained() {
    let unauthenticated =
        "550 5.7.26 Your email has been blocked because the sender is unauthenticated. gsmtp";
    let post = PostOffice::open().reply_to("bob@example.org", unauthenticated);
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"\nattempts = 2",
        post.port()
    );
    let room = Newsroom::new().config("relay", &relay);
    let keys = newsdigest::model::token::Keys::file(&[7; 32]);
    room.secret("secret.key", keys);
    room.run(&["send"]).exits(3).says("1 given up");
    let events = r#"[{"RecordType":"SpamComplaint","ID":1,"Email":"ada@example.org"},
        {"RecordType":"Bounce","ID":2,"Type":"Blocked","Details":"550 5.7.1 .. on our block list (S3150).","Email":"cleo@example.net"}]"#;
    room.run_with_input(&["bounces", "-"], events).exits(0);
    let status = room.run(&["status"]).exits(0);
    for said in [
        "Gmail refused 1 letter: the letters are not authenticated",
        "  to do: `newsdigest check --online` says what is missing of SPF, DKIM and DMARC",
        "Microsoft refused 1 letter: the relay's network or address is on Outlook.com's block list",
    ] {
        assert!(status.stdout.contains(said), "{said}\n{}", status.stdout);
    }
    let complaints = "called spam within 30 days: others 1 of 2 (500.0 in a thousand)";
    assert!(status.stderr.contains(complaints), "{}", status.stderr);
    let json = room.run(&["--json", "status"]).exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["refusals"].as_array().unwrap().len(), 2);
}

//! Alerts: a letter of one story, for which every other send stops.

mod readers;

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::{PostOffice, Received, Stage};

/// Ada and Dora want alerts, Eve those of sport only, Bob and Cleo none.
const READERS: &str = "[[subscriber]]\nemail = \"ada@example.org\"\nalerts = true\n\n\
    [[subscriber]]\nemail = \"bob@example.org\"\n\n\
    [[subscriber]]\nemail = \"cleo@example.net\"\n\n\
    [[subscriber]]\nemail = \"dora@example.net\"\nalerts = true\n\n\
    [[subscriber]]\nemail = \"eve@example.net\"\nalerts = true\nsections = [\"Sport\"]\n";

/// One conversation at a time.
fn room(post: &PostOffice) -> Newsroom {
    let room = Newsroom::new()
        .relay(post.port(), 1)
        .config("alerts", "name = \"Harbour alerts\"");
    room.file("subscribers.toml", READERS);
    story(&room, "fire", "A fire at the ferry terminal");
    story(&room, "strike", "The ferries stop");
    room
}

/// A story file, `NAME.toml`.
fn story(room: &Newsroom, name: &str, headline: &str) {
    room.file(
        &format!("{name}.toml"),
        format!(
            "[[story]]\nheadline = \"{headline}\"\nurl = \"https://harbourtimes.example/{name}\"\nsection = \"News\"\ndek = \"Nobody is hurt.\"\n"
        ),
    );
}

fn to(letters: &[Received]) -> Vec<String> {
    let mut all: Vec<String> = letters.iter().flat_map(|one| one.to.clone()).collect();
    all.sort();
    all
}

fn alerts(post: &PostOffice) -> Vec<Received> {
    let mut letters = post.accepted();
    letters.retain(is_alert);
    letters
}

fn is_alert(letter: &Received) -> bool {
    letter.header("List-Id").unwrap().contains("<alerts.")
}

const FIRE: [&str; 3] = ["alert", "fire.toml", "--yes"];

#[test]
fn a_story_is_read_from_its_page_and_sent_to_those_who_want_alerts() {
    let (post, feeds) = (PostOffice::open(), FeedServer::open());
    let room = room(&post).config("[source]", &format!("feed = \"{}\"", feeds.url("/rss")));
    let page = "<!doctype html><title>Fire</title><meta property=\"og:title\" content=\"A fire at the ferry terminal - The Harbour Times\">\
        <meta property=\"og:site_name\" content=\"The Harbour Times\"><meta property=\"og:description\" content=\"Nobody is hurt, and the boats go on.\">\
        <meta property=\"article:section\" content=\"City\">";
    feeds.route("/fire", Page::new("text/html", page));
    let url = feeds.url("/fire?utm_source=desk");
    let dry = room.run(&["alert", &url, "--dry-run"]).exits(0).stderr;
    for words in [
        "City: A fire at the ferry terminal\n",
        "Harbour alerts, 2026-08-24-alert-1: for 2 readers",
        "nothing was frozen or sent",
    ] {
        assert!(dry.contains(words), "{dry}");
    }
    room.run(&["alert", &url, "--proof", "desk@harbourtimes.example"])
        .exits(0);
    assert_eq!(to(&post.accepted()), ["desk@harbourtimes.example"]);
    assert!(
        !room
            .run(&["status", "--newsletter", "alerts"])
            .stdout
            .contains("alert-1")
    );
    room.run(&["alert", &url, "--yes", "--section", "News"])
        .exits(0)
        .says("2 accepted");
    let letters = alerts(&post);
    let letters: Vec<Received> = letters.into_iter().skip(1).collect();
    assert_eq!(to(&letters), ["ada@example.org", "dora@example.net"]);
    let subject = letters[0].header("Subject").unwrap();
    assert_eq!(subject, "A fire at the ferry terminal");
    let text = String::from_utf8_lossy(&letters[0].message).into_owned();
    assert!(
        text.contains("Nobody is hurt, and the boats go on."),
        "{text}"
    );
    let told = room
        .run(&["status", "--newsletter", "alerts", "--json"])
        .exits(0)
        .json();
    assert_eq!(told[0]["edition"], "2026-08-24-alert-1");
    assert_eq!(told[0]["tally"]["accepted"], 2);
}

/// Nothing that was an alert counts as an edition: the story may be in the next one, which its alert neither blocks nor shortens.
#[test]
fn an_alert_is_no_edition() {
    let post = PostOffice::open();
    let room = room(&post);
    room.file(
        "story.toml",
        "[[story]]\nheadline = \"A very fat seal blocks the slipway\"\nurl = \"https://harbourtimes.example/story-3\"\n",
    );
    room.run(&["alert", "story.toml", "--yes"]).exits(0);
    room.run(&["send"]).exits(0);
    let tally = room.tally();
    assert_eq!(
        (tally.subscribers, tally.accepted, tally.left_out),
        (5, 5, 0)
    );
    let edition = room.read(&format!("editions/{TODAY}.toml"));
    assert!(edition.contains("A very fat seal"), "{edition}");
    let newest = room.run(&["status"]).exits(0).stdout;
    assert!(!newest.contains("alert-1"), "{newest}");
}

#[test]
fn what_may_not_be_an_alert_is_refused_before_anything_is_frozen() {
    let (post, feeds) = (PostOffice::open(), FeedServer::open());
    feeds.route("/bare", Page::new("text/html", "<!doctype html><p>Words."));
    let bare = feeds.url("/bare");
    let feed = format!("feed = \"{}\"", feeds.url("/rss"));
    let with = |lines: &str| {
        let lines = format!("name = \"Harbour alerts\"\n{lines}");
        room(&post)
            .config("[source]", &feed)
            .config("alerts", &lines)
    };
    let two = "[[story]]\nheadline = \"A\"\nurl = \"https://harbourtimes.example/a\"\n[[story]]\nheadline = \"B\"\nurl = \"https://harbourtimes.example/b\"\n";
    for (lines, arguments, words) in [
        (
            "quiet = \"22:00-07:00\"",
            &FIRE[..],
            "alerts are quiet until 07:00",
        ),
        (
            "quiet = \"06:45-06:46\"",
            &FIRE,
            "alerts are quiet until 06:46",
        ),
        (
            "sections = [\"City\"]",
            &FIRE,
            "alerts are of `City`, and this story is of `News`",
        ),
        ("", &["alert", "fire.toml"], "not confirmed"),
        (
            "",
            &["alert", "https://elsewhere.example/fire", "--yes"],
            "is not on the paper's site",
        ),
        (
            "",
            &["alert", "https://notharbourtimes.example/fire", "--yes"],
            "is not on the paper's site",
        ),
        ("", &["alert", &bare, "--yes"], "names no headline"),
        (
            "",
            &["alert", "two.toml", "--yes"],
            "holds 2 stories: an alert is of one",
        ),
        ("", &["alert", "gone.toml", "--yes"], "gone.toml"),
    ] {
        let room = with(lines);
        room.file("two.toml", two);
        let said = room.run(arguments).exits(1).stderr;
        assert!(said.contains(words), "{arguments:?}\n{said}");
        assert!(said.contains("nothing was frozen or sent"), "{said}");
        assert!(room.run(&["status", "--newsletter", "alerts"]).status != Some(0));
    }
    let nobody = with("");
    nobody.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"bob@example.org\"\n",
    );
    nobody
        .run(&FIRE)
        .exits(1)
        .says("no reader gets `Harbour alerts`");
    let none = Newsroom::new().relay(post.port(), 1);
    story(&none, "fire", "A fire");
    none.run(&FIRE).exits(1).says("has no `[alerts]`");
    let wrong = with("quiet = \"22:00\"");
    wrong.run(&FIRE).exits(1).says("is no span of time");
    wrong.run(&["check"]).exits(1);
    assert!(post.letters().is_empty());
}

#[test]
fn the_same_story_and_more_than_are_allowed_on_a_day_are_refused() {
    let post = PostOffice::open();
    let room = room(&post).config("alerts", "name = \"Harbour alerts\"\nmax_per_day = 2");
    room.run(&FIRE).exits(0);
    room.run(&FIRE)
        .exits(1)
        .says("this story was in the alert of 2026-08-24-alert-1");
    room.run(&[&FIRE[..], &["--again"]].concat()).exits(0);
    let third = ["alert", "strike.toml", "--yes"];
    room.run(&third)
        .exits(1)
        .says("2 of 2 alerts a day were sent on 2026-08-24");
    // A day later by the newsletter's clocks, but not yet by the story's.
    let room = room.at("2026-08-25T04:00:00Z");
    room.run(&FIRE)
        .exits(1)
        .says("this story was in the alert of 2026-08-24-alert-2");
    room.run(&third).exits(0).says("2026-08-25-alert-1");
    assert_eq!(alerts(&post).len(), 6);
}

/// Typed twice in a second: the second waits for the first, and is refused then.
#[test]
fn the_same_alert_twice_at_once_reaches_nobody_twice() {
    let post = PostOffice::open();
    let room = room(&post);
    // Before the first is frozen.
    let held = post.hold(Stage::Ehlo, 1);
    let mut first = room.spawn(&FIRE);
    held.reached_by(&mut first);
    let mut second = room.spawn(&FIRE);
    second.has_said("is stopping for this alert");
    held.go_on();
    first.wait().exits(0);
    second
        .wait()
        .exits(1)
        .says("this story was in the alert of");
    assert_eq!(to(&alerts(&post)), ["ada@example.org", "dora@example.net"]);
}

/// One conversation, one letter at a time: the alert comes before the rest of the edition, which goes on behind it.
#[test]
fn a_send_in_progress_stops_for_an_alert_and_goes_on() {
    for several in [false, true] {
        let post = PostOffice::open();
        let mut newsroom = if several {
            let shared = crate::newsletters::shared();
            shared.relay(post.port(), 1)
        } else {
            room(&post)
        };
        newsroom = newsroom.config("alerts", "name = \"Harbour alerts\"");
        let relay = format!(
            "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nrate = \"20/s\"",
            post.port()
        );
        let newsroom = newsroom.config("relay", &relay);
        story(&newsroom, "fire", "A fire at the ferry terminal");
        let more = (0..35).map(|n| format!("[[subscriber]]\nemail = \"reader{n}@example.org\"\n"));
        let more = more.collect::<Vec<_>>().join("\n");
        newsroom.file("subscribers.toml", format!("{READERS}\n{more}"));
        let held = post.hold_letter(3);
        let send: &[&str] = if several {
            &["send", "--newsletter", "morning"]
        } else {
            &["send"]
        };
        let mut send = newsroom.spawn(send);
        held.reached_by(&mut send);
        let mut alert = newsroom.spawn(&FIRE);
        alert.has_said("is stopping for this alert");
        held.go_on();
        alert.wait().exits(0).says("2 accepted");
        assert!(post.accepted().iter().filter(|one| !is_alert(one)).count() < 40);
        send.wait().exits(0).says("an alert goes first");
        let letters = post.accepted();
        assert_eq!(letters.len(), 42);
        let kinds: Vec<bool> = letters.iter().map(is_alert).collect();
        let first = kinds.iter().position(|is_alert| *is_alert).unwrap();
        assert!(first >= 3 && kinds[first + 1], "{kinds:?}");
        assert!(post.most_at_once() <= 2, "one conversation at a time");
        assert_eq!(post.accepted_for().len(), 42);
    }
}

/// Killed between two letters: the alert goes on when somebody says so, holds up no edition, and its copy in doubt comes with the same Message-ID.
#[test]
fn a_killed_alert_goes_on_and_holds_up_nothing() {
    let post = PostOffice::open();
    let room = room(&post);
    let held = post.hold_letter(2);
    let mut alert = room.spawn(&FIRE);
    held.reached_by(&mut alert);
    alert.kill();
    held.go_on();
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 5);
    room.run(&["alert", "strike.toml", "--yes", "-v"]).exits(0);
    room.run(&["alert"])
        .exits(0)
        .says("1 copy may arrive twice");
    room.run(&["alert"])
        .exits(0)
        .says("no alert was stopped before its end");
    let mut fires = post.letters();
    fires.retain(|one| is_alert(one) && one.header("Subject").unwrap().contains("fire"));
    assert_eq!(
        to(&fires),
        ["ada@example.org", "dora@example.net", "dora@example.net"]
    );
    assert_eq!(fires[1].message_id(), fires[2].message_id());
    let told = room
        .run(&[
            "status",
            "--newsletter",
            "alerts",
            "2026-08-24-alert-1",
            "--json",
        ])
        .exits(0)
        .json();
    assert_eq!(told[0]["tally"]["accepted"], 2);
}

/// What is too late, or would come in quiet hours, is given up with that reason; what was on its way stays in doubt.
#[test]
fn what_is_no_news_any_more_is_given_up() {
    let post = PostOffice::open();
    let room = room(&post).config(
        "alerts",
        "name = \"Harbour alerts\"\nquiet = \"07:30-07:40\"\ngive_up_after = \"3h\"",
    );
    let held = post.hold_letter(1);
    let mut alert = room.spawn(&FIRE);
    held.reached_by(&mut alert);
    alert.kill();
    let room = room.at("2026-08-24T06:45:00Z");
    room.run(&["alert"])
        .exits(0)
        .says("1 copy is given up, too late");
    room.run(&["alert"])
        .exits(0)
        .says("no alert was stopped before its end");
    let of = ["status", "--newsletter", "alerts", "2026-08-24-alert-1"];
    let listed = room
        .run(&[&of[..], &["--given-up"]].concat())
        .exits(0)
        .stdout;
    assert_eq!(listed.matches("too late to be sent").count(), 1, "{listed}");
    let told = room.run(&[&of[..], &["--json"]].concat()).exits(0).json();
    assert_eq!(told[0]["tally"]["in_doubt"], 1);
    let dora = "dora@example.net".to_owned();
    assert!(!post.accepted_for().contains(&dora));
}

/// While all that is left of an alert was deferred, the others go on.
#[test]
fn a_greylisted_alert_holds_up_no_other() {
    let post = PostOffice::open().reply_to_times("dora@example.net", "451 4.7.1 greylisted", 2);
    let room = room(&post);
    room.run(&FIRE).exits(0).says("2 accepted");
    assert_eq!(alerts(&post).len(), 2);
}

/// Shown, and sent only when somebody says yes.
#[test]
fn at_a_terminal_it_asks() {
    let post = PostOffice::open();
    let room = room(&post);
    let (code, said) = room.at_a_terminal(100, &["alert", "fire.toml"], "n\n");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("A fire at the ferry terminal"), "{said}");
    assert!(said.contains("Send it to 2 readers now? [y/N]"), "{said}");
    assert!(post.letters().is_empty());
    let (code, said) = room.at_a_terminal(100, &["alert", "fire.toml"], "y\n");
    assert_eq!(code, 0, "{said}");
    assert_eq!(alerts(&post).len(), 2);
}

/// `serve` takes up an alert that was killed, as it does an edition.
#[test]
fn serve_goes_on_with_a_killed_alert() {
    let post = PostOffice::open();
    let room = room(&post).config(
        "public",
        "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"",
    );
    room.secret("secret.key", newsdigest::model::token::Keys::file(&[7; 32]));
    let held = post.hold_letter(2);
    let mut alert = room.spawn(&FIRE);
    held.reached_by(&mut alert);
    alert.kill();
    held.go_on();
    let mut serving = crate::serve::Serving::start(&room);
    serving.program.has_said("2 accepted");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let fires = alerts(&post);
    assert_eq!(fires.len(), 3);
    assert_eq!(fires[1].message_id(), fires[2].message_id());
}

/// Seen in a browser: the link of an alert leads to its page, which is as it was sent, and in no list of editions.
#[test]
fn an_alert_has_a_page_in_the_archive() {
    let post = PostOffice::open();
    let room = room(&post).config(
        "public",
        "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"",
    );
    room.secret("secret.key", newsdigest::model::token::Keys::file(&[7; 32]));
    room.run(&FIRE).exits(0);
    let letter = alerts(&post).remove(0);
    let letter = mail_parser::MessageParser::default()
        .parse(&letter.message)
        .unwrap();
    let (html, text) = (letter.body_html(0).unwrap(), letter.body_text(0).unwrap());
    let page = "https://news.harbourtimes.example/editions/alerts/2026-08-24-alert-1";
    assert!(html.contains(page) && text.contains(page), "{text}");
    let serving = crate::serve::Serving::start(&room);
    let path = page.trim_start_matches("https://news.harbourtimes.example/");
    let (status, shown) = serving.pages.get(path);
    assert_eq!(status, 200, "{shown}");
    for words in [
        "A fire at the ferry terminal",
        "Nobody is hurt.",
        "Harbour alerts",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    for nobodys in ["leave/", "preferences/", "ada@"] {
        assert!(!shown.contains(nobodys), "{nobodys}\n{shown}");
    }
    let gone = path.replace("alert-1", "alert-2");
    assert_eq!(serving.pages.get(&gone).0, 404);
    let feed = serving.pages.get("editions.atom").1;
    assert!(
        !feed.contains("alert-1") && serving.pages.get("editions/alerts").1.contains("alert-1")
    );
}

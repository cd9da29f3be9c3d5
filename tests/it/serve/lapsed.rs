//! Readers of whom nothing was heard for a long time.

use newsdigest::model::token::Purpose;

use super::{Serving, token};
use crate::newsroom::Newsroom;
use crate::postoffice::{PostOffice, Received};

/// Ada, Bob and Cleo came two years ago, Dan a month ago; of Eve nobody knows.
fn room(post: &PostOffice) -> Newsroom {
    let room = super::room()
        .config("lapsed", "ask_after = \"1y\"\ngrace = \"30d\"")
        .relay(post.port(), 1);
    let old = ["ada", "bob", "cleo"].map(|name| (name, "since = 2024-08-01\n"));
    let new = [("dan", "since = 2026-07-24\n"), ("eve", "")];
    let blocks = old
        .into_iter()
        .chain(new)
        .map(|(name, since)| format!("[[subscriber]]\nemail = \"{name}@example.org\"\n{since}\n"));
    room.file("subscribers.toml", blocks.collect::<String>());
    room
}

/// Who was asked, and with which link they answer.
fn asked(post: &PostOffice) -> Vec<(String, String)> {
    let all = post.letters().into_iter().filter(|letter: &Received| {
        let subject = letter.header("Subject").unwrap();
        subject == "Do you still want Harbour in your inbox?"
    });
    let own = all.map(|letter| {
        let read = mail_parser::MessageParser::default()
            .parse(&letter.message)
            .unwrap();
        let text = read.body_text(0).unwrap().into_owned();
        let mut lines = text.lines();
        let link = lines.find(|line| line.contains("/stay/")).unwrap();
        let link = link
            .trim()
            .replace("https://news.harbourtimes.example/", "");
        (letter.to[0].clone(), link)
    });
    let mut own: Vec<_> = own.collect();
    own.sort();
    own
}

#[test]
fn silence_asks_and_then_pauses_and_never_deletes() {
    let post = PostOffice::open();
    let mut room = room(&post);
    let mut serving = Serving::start(&room);
    for _ in 0..3 {
        serving.program.says("a reader was asked");
    }
    let asked_now = asked(&post);
    let who: Vec<&str> = asked_now.iter().map(|(who, _)| &**who).collect();
    assert_eq!(
        who,
        ["ada@example.org", "bob@example.org", "cleo@example.org"]
    );
    // Looking changes nothing; the button is a sign of life, and so are preferences that are saved.
    let (ada, bob) = (&asked_now[0].1, &asked_now[1].1);
    for path in [ada, bob] {
        let (status, page) = serving.pages.get(path);
        assert!(
            status == 200 && page.contains("Yes, keep it coming"),
            "{page}"
        );
    }
    assert_eq!(serving.pages.post(ada, "").0, 200);
    serving.program.interrupt();
    serving.program.wait().exits(0);
    // A month later Bob and Cleo have not answered. They stay in the file.
    room = room.at("2026-09-24T12:00:00Z");
    let mut serving = Serving::start(&room);
    for _ in 0..2 {
        serving
            .program
            .says("a reader who did not answer is paused");
    }
    let text = serving.merged(&room, |text| text.matches("paused = true").count() == 2);
    for (name, paused) in [
        ("ada", false),
        ("bob", true),
        ("cleo", true),
        ("dan", false),
        ("eve", false),
    ] {
        let (_, own) = text.split_once(&format!("{name}@example.org\"")).unwrap();
        let own = own.split("[[").next().unwrap();
        assert_eq!(own.contains("paused = true"), paused, "{name}\n{text}");
    }
    let why = room
        .run(&["subscribers", "why", "cleo@example.org"])
        .exits(0)
        .stdout;
    for line in [
        "last sign of life: 2024-07-31T23:00:00Z",
        "asked whether they still want letters: 2026-08-24",
        "paused, since they did not answer: 2026-09-24",
    ] {
        assert!(why.contains(line), "{line}\n{why}");
    }
    // The link goes on working: who comes back is no longer paused.
    assert_eq!(serving.pages.post(bob, "").0, 200);
    serving.merged(&room, |text| text.matches("paused = true").count() == 1);
    let data = serving
        .pages
        .get(&format!("preferences/{}/data", token(Purpose::Leave, 2)))
        .1;
    let held: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(
        held["sign_of_life"]["asked"],
        serde_json::Value::Null,
        "{data}"
    );
    serving.program.interrupt();
    serving.program.wait().exits(0);
    assert_eq!(asked(&post).len(), 3, "nobody is asked twice");
    // A year after the newsroom first looked, the others are asked.
    room = room.at("2027-08-25T12:00:00Z");
    let mut serving = Serving::start(&room);
    for _ in 0..3 {
        serving.program.says("a reader was asked");
    }
    let ids = post.letters().into_iter().map(|one| one.message_id());
    let ids: std::collections::BTreeSet<String> = ids.collect();
    assert_eq!(ids.len(), 6, "no mailbox takes a letter for an older one");
    let who: Vec<String> = asked(&post).into_iter().map(|(who, _)| who).collect();
    for (name, times) in [("ada", 2), ("bob", 1), ("cleo", 1), ("dan", 1), ("eve", 1)] {
        let address = format!("{name}@example.org");
        let found = who.iter().filter(|one| **one == address).count();
        assert_eq!(found, times, "{name}: {who:?}");
    }
}

/// Killed while the relay has the letter and has not answered; and the relay is busy.
#[test]
fn a_kill_asks_nobody_twice_and_a_busy_relay_asks_later() {
    let post = PostOffice::open();
    let mut room = room(&post);
    let held = post.hold_letter(2);
    let mut serving = Serving::start(&room);
    held.reached_by(&mut serving.program);
    serving.program.kill();
    held.go_on();
    let mut serving = Serving::start(&room);
    serving.program.says("a reader was asked");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let who: Vec<String> = asked(&post).into_iter().map(|(who, _)| who).collect();
    assert_eq!(
        who,
        ["ada@example.org", "bob@example.org", "cleo@example.org"]
    );
    let post = PostOffice::open().reply_to_times("ada@example.org", "451 4.3.2 later", 1);
    room = super::room().config("lapsed", "").relay(post.port(), 1);
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\nsince = 2024-08-01\n",
    );
    let mut serving = Serving::start(&room);
    serving
        .program
        .says("asks whether a reader still wants letters: `451 4.3.2 later`");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let mut serving = Serving::start(&room);
    serving.program.says("a reader was asked");
    assert_eq!(post.accepted().len(), 1);
}

/// Ada's pause ends today: she gets letters, and is asked. Bob's ends tomorrow.
#[test]
fn whose_pause_has_ended_is_asked() {
    let post = PostOffice::open();
    let room = room(&post);
    let block = |name: &str, paused: &str| {
        format!(
            "[[subscriber]]\nemail = \"{name}@example.org\"\nsince = 2024-08-01\npaused = {paused}\n\n"
        )
    };
    room.file(
        "subscribers.toml",
        block("ada", "2026-08-24") + &block("bob", "2026-08-25"),
    );
    let mut serving = Serving::start(&room);
    serving.program.says("a reader was asked");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let who: Vec<String> = asked(&post).into_iter().map(|(who, _)| who).collect();
    assert_eq!(who, ["ada@example.org"]);
}

/// A file that cannot be read when Eve's time has come says nothing of Eve: they are asked once it can.
#[test]
fn a_file_that_cannot_be_read_puts_nobody_off() {
    let post = PostOffice::open();
    let mut room = room(&post);
    let mut serving = Serving::start(&room);
    for _ in 0..3 {
        serving.program.says("a reader was asked");
    }
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let file = room.read("subscribers.toml");
    room = room.at("2027-07-25T06:00:00Z");
    let mut serving = Serving::start(&room);
    serving.program.says("a reader was asked");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    assert_eq!(asked(&post).len(), 4, "Dan's");
    // Eve's time comes while the file is no text.
    std::fs::write(room.path("subscribers.toml"), [0xff, 0xfe]).unwrap();
    room = room.at("2027-08-25T06:00:00Z");
    let mut serving = Serving::start(&room);
    // The letter of the second sign-up leaves after it was looked who is silent.
    for reader in ["fay", "gus"] {
        let form = format!("email={reader}@example.org");
        assert_eq!(serving.pages.post("", &form).0, 200);
        serving.program.says("a letter to confirm has left");
    }
    serving.program.interrupt();
    serving.program.wait().exits(0);
    room.file("subscribers.toml", file);
    room = room.at("2027-08-25T19:00:00Z");
    let mut serving = Serving::start(&room);
    serving.program.says("a reader was asked");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    assert_eq!(asked(&post).last().unwrap().0, "eve@example.org");
}

#[test]
fn nobody_is_asked_soon() {
    for (lines, words) in [
        ("ask_after = \"30d\"", "at least 90 days"),
        ("grace = \"1d\"", "at least 7 days"),
        ("ask_after = \"soon\"", "ask_after"),
    ] {
        let room = super::room().config("lapsed", lines);
        let said = room.run(&["check"]).exits(1).stderr;
        assert!(said.contains(words), "{said}");
    }
}

/// Of several newsletters: asked as what the reader gets, and nobody who gets nothing.
#[test]
fn who_gets_nothing_is_not_asked_and_others_by_what_they_know() {
    let post = PostOffice::open();
    let room = crate::newsletters::with_readers()
        .config("lapsed", "ask_after = \"1y\"\ngrace = \"30d\"")
        .config("alerts", "name = \"Harbour alerts\"")
        .relay(post.port(), 1);
    room.file(
        "newsletters/week.toml",
        "[newsletter]\nname = \"Harbour Week\"\nkind = \"week\"\nof = [\"morning\"]\n",
    );
    let readers = [
        ("ada", "newsletters = [\"morning\"]\nfrequency = \"weekly\""),
        ("bob", "newsletters = [\"sport\"]"),
        ("cleo", "newsletters = []\nalerts = true"),
        ("dora", "newsletters = [\"noon\"]"),
        ("eve", "newsletters = []"),
        ("finn", "newsletters = [\"sport\"]\nfrequency = \"weekly\""),
    ];
    let blocks = readers.map(|(name, more)| {
        format!("[[subscriber]]\nemail = \"{name}@example.org\"\nsince = 2024-08-01\n{more}\n\n")
    });
    room.file("subscribers.toml", blocks.concat());
    let mut serving = Serving::start(&room);
    for _ in 0..4 {
        serving.program.says("a reader was asked");
    }
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let mut asked: Vec<_> = post
        .letters()
        .iter()
        .map(|letter| (letter.to[0].clone(), letter.header("Subject").unwrap()))
        .collect();
    asked.sort();
    let expected = [
        ("ada", "Harbour Week"),
        ("bob", "Harbour Sport"),
        ("cleo", "Harbour alerts"),
        ("finn", "Harbour Sport"),
    ];
    let expected = expected.map(|(name, newsletter)| {
        (
            format!("{name}@example.org"),
            format!("Do you still want {newsletter}?"),
        )
    });
    assert_eq!(asked, expected);
}

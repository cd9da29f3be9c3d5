//! Editions that somebody must approve: at the shell, by the link of a proof, and what a send, the clock and the ledger make of it.

mod links;

use serde_json::Value;

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

pub(super) const FILE: &str = "editions/2026-08-24.toml";
const BEA: &str = "bea@harbourtimes.example";
const OLE: &str = "ole@harbourtimes.example";

fn room(post: &PostOffice, approval: &str) -> Newsroom {
    Newsroom::new()
        .relay(post.port(), 1)
        .config("approval", approval)
}

fn edit(room: &Newsroom, from: &str, to: &str) {
    let text = room.read(FILE);
    assert!(text.contains(from), "{from} is not in:\n{text}");
    room.file(FILE, text.replacen(from, to, 1));
}

fn run(room: &Newsroom) -> Value {
    let told = room.run(&["status", TODAY, "--json"]).exits(0).json();
    told[0].clone()
}

#[test]
fn it_waits_until_somebody_has_approved_it_as_it_is() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\"]")).environment("USER", "root");
    // Cron's one verb drafts it, and ends as with `hold = true`.
    let held = room.run(&["send"]).exits(1);
    let said = held.words();
    assert!(
        said.contains("nobody has approved the edition of 2026-08-24 as it is"),
        "{said}"
    );
    assert!(said.contains("nothing was frozen or sent") && room.has(FILE));
    room.run(&["send", "--dry-run"])
        .exits(1)
        .says("nobody has approved");
    room.run(&["approve"]).exits(0).says(
        "2026-08-24, version 1, `A very fat seal blocks the slipway; Rowers win the river cup`: approved by bea@harbourtimes.example",
    );
    room.run(&["approve", TODAY, "--as", "BEA@HarbourTimes.example"])
        .exits(0)
        .says("was approved before");
    // Whatever a reader gets makes it void; it is said what it was.
    edit(
        &room,
        "headline = \"Why the tide tables were wrong\"",
        "headline = \"The tide was right\"",
    );
    room.run(&["send"]).exits(1).says(
        "b***@h***.example approved it before this changed: the headline of `The tide was right`",
    );
    edit(
        &room,
        "headline = \"The tide was right\"",
        "headline = \"Why the tide tables were wrong\"",
    );
    // What no reader gets does not, nor does a reader who joins with sections that nobody had.
    edit(&room, "# the lede", "# the lede, pinned");
    edit(&room, "\nheadline", "\npin = true\nheadline");
    let list = room.read("subscribers.toml");
    room.file(
        "subscribers.toml",
        format!("{list}\n[[subscriber]]\nemail = \"dan@example.org\"\nsections = [\"Sport\", \"City\"]\n"),
    );
    room.run(&["send"]).exits(0);
    assert_eq!(post.letters().len(), 4);
    let run = run(&room);
    assert_eq!(run["let_go"]["needs"], 1);
    let by = &run["let_go"]["approvals"][0];
    assert_eq!(
        (&by["by"], &by["way"], &by["login"]),
        (&BEA.into(), &"shell".into(), &"root".into())
    );
    let status = room.run(&["status"]).exits(0).stdout;
    assert!(
        status.contains("approved by bea@harbourtimes.example at the shell at 2026-08-24 06:45"),
        "{status}"
    );
    let log = room.run(&["edition", "log"]).exits(0).stdout;
    assert!(
        log.contains("approved by bea@harbourtimes.example at the shell, logged in as root"),
        "{log}"
    );
    let log = room.run(&["edition", "log", "--json"]).exits(0).json();
    assert_eq!(log["approvals"].as_array().unwrap().len(), 1);
    // What is frozen was let go: going on asks nobody, and an approval comes too late.
    edit(
        &room,
        "headline = \"Why the tide tables were wrong\"",
        "headline = \"Too late\"",
    );
    room.run(&["send"]).exits(0);
    room.run(&["approve"])
        .exits(1)
        .says("was frozen for its readers at 06:45");
    assert_eq!(post.letters().len(), 4);
}

#[test]
fn what_is_not_in_the_file_counts_too() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\"]"));
    room.run(&["draft"]).exits(0);
    room.run(&["approve"]).exits(0);
    let sender = room.read("newsdigest.toml");
    for (from, to) in [
        ("The Harbour Times <", "The Harbour <"),
        ("1 Quay Street", "2 Quay Street"),
    ] {
        room.file("newsdigest.toml", sender.replace(from, to));
        room.run(&["send", "--dry-run"])
            .exits(1)
            .says("before this changed: how its pages look");
    }
    // A section that is not printed decides who gets the story.
    room.file("newsdigest.toml", &sender);
    room.run(&["send", "--dry-run"]).exits(0);
    edit(
        &room,
        "section = \"Sport\"",
        "kicker = \"Sport\"\nsection = \"News\"",
    );
    room.run(&["send", "--dry-run"])
        .exits(1)
        .says("the section of `Rowers win the river cup`");
}

#[test]
fn two_people_and_not_one_twice() {
    let post = PostOffice::open();
    let both = format!("needs = 2\nby = [\"{BEA}\", \"{OLE}\"]");
    let room = room(&post, &both);
    room.run(&["approve", "--as", BEA])
        .exits(1)
        .says("there is no edition of 2026-08-24 yet");
    room.run(&["draft"]).exits(0);
    room.run(&["approve"])
        .exits(2)
        .says("whose approval is it?");
    room.run(&["approve", "--as", "eve@example.org"])
        .exits(1)
        .says("`eve@example.org` is not in `by`");
    for name in [BEA, "Bea@harbourtimes.example", "bea@HARBOURTIMES.example"] {
        room.run(&["approve", "--as", name])
            .exits(0)
            .says("it has 1 of the 2 approvals that it needs");
    }
    room.run(&["send"])
        .exits(1)
        .says("has 1 of the 2 approvals that it needs");
    room.run(&["approve", "--as", OLE]).exits(0);
    // Who may approve no more has not approved.
    let config = room.read("newsdigest.toml");
    room.file("newsdigest.toml", config.replace("ole@", "liv@"));
    room.run(&["send"]).exits(1).says("has 1 of the 2");
    room.file("newsdigest.toml", &config);
    room.run(&["send"]).exits(0);
    assert_eq!(
        run(&room)["let_go"]["approvals"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn without_an_approval_it_can_be_told_to_go_all_the_same() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\"]\nat_send = \"send\""));
    room.run(&["send"]).exits(0).says(
        "nobody has approved the edition of 2026-08-24 as it is; it goes out all the same (`at_send = \"send\"`)",
    );
    assert_eq!(post.letters().len(), 3);
    assert_eq!(run(&room)["let_go"]["approvals"], serde_json::json!([]));
    let status = room.run(&["status"]).exits(0).stdout;
    assert!(status.contains("nobody approved it"), "{status}");
}

/// Nobody is mailed by a rehearsal, so it waits for nobody.
#[test]
fn a_rehearsal_needs_none() {
    let room = Newsroom::new().config("approval", &format!("by = [\"{BEA}\"]"));
    room.run(&["send"]).exits(0).says("a rehearsal needs none");
    assert_eq!(room.list("outbox").len(), 3);
    // It is no reason to approve nothing any more.
    room.run(&["approve"]).exits(0);
    room.run(&["send", "--sample"]).exits(0);
}

/// A run that was stopped was let go when it was frozen.
#[test]
fn a_stopped_run_goes_on() {
    let post = PostOffice::open().hang_up_after_dot(2);
    let room = room(&post, &format!("by = [\"{BEA}\"]"));
    room.run(&["draft"]).exits(0);
    room.run(&["approve"]).exits(0);
    let held = post.hold_letter(1);
    let mut sending = room.spawn(&["send"]);
    held.reached_by(&mut sending);
    room.run(&["approve"]).exits(1).says("was frozen");
    sending.kill();
    held.go_on();
    edit(
        &room,
        "headline = \"Why the tide tables were wrong\"",
        "headline = \"Changed\"",
    );
    let again = room.run(&["send"]);
    assert!(matches!(again.status, Some(0 | 3)), "{}", again.stderr);
    assert_eq!(room.tally().queued, 0);
}

#[test]
fn editions_of_several_newsletters_are_approved_each_by_itself() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\"]"));
    for name in ["city", "harbour"] {
        room.file(
            &format!("newsletters/{name}.toml"),
            format!("[newsletter]\nname = \"{name}\"\nid = \"{name}\"\ndefault = true\n"),
        );
    }
    let config = room.read("newsdigest.toml");
    let shared = config
        .replace("id = \"harbour\"\n", "")
        .replace("name = \"Harbour in your inbox\"\n", "");
    room.file("newsdigest.toml", shared);
    room.run(&["draft", "--all"]).exits(0);
    room.run(&["approve", "--newsletter", "city"]).exits(0);
    room.run(&["send", "--all"])
        .exits(1)
        .says("nobody has approved the edition of 2026-08-24");
    assert_eq!(post.letters().len(), 3, "only those of `city`");
    room.run(&["approve", "--newsletter", "harbour"]).exits(0);
    room.run(&["send", "--all"]).exits(0);
    assert_eq!(post.letters().len(), 6);
}

#[test]
fn what_is_wrong_with_the_config() {
    for (approval, says) in [
        ("needs = 1", "`[approval]` must give `by`"),
        (
            "needs = 2\nby = [\"a@b.example\"]",
            "`needs` is 2, and `by` names 1",
        ),
        (
            "by = [\"a@b.example\", \"A@b.example\"]",
            "this address is in `by` twice",
        ),
        (
            "by = [\"a@b.example\"]\nat_send = \"maybe\"",
            "expected `hold` or `send`",
        ),
        ("by = [\"nobody\"]", "is not an email address"),
        ("needs = 0\nby = [\"a@b.example\"]", "`needs`"),
    ] {
        let room = Newsroom::new().config("approval", approval);
        room.run(&["check"]).exits(1).says(says);
    }
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    room.run(&["approve"])
        .exits(1)
        .says("nobody has to approve an edition");
}

/// The schedule says that an edition waits.
#[test]
fn the_schedule_says_that_it_is_not_approved() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\"]")).config("schedule", "send_at = \"07:00\"");
    let edition = |room: &Newsroom| {
        let told = room.run(&["schedule", "-n", "1", "--json"]).exits(0).json();
        told["runs"][0]["edition"].clone()
    };
    room.run(&["draft"]).exits(0);
    assert_eq!(edition(&room), "not approved");
    room.run(&["approve"]).exits(0);
    assert_eq!(edition(&room), "drafted");
}

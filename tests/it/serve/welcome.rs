//! What a reader gets who has confirmed a sign-up.

use newsdigest::model::token::Purpose;

use super::{Serving, token};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::{PostOffice, Received};

/// A newsroom with a relay that welcomes readers, with letters of these numbers.
fn room(post: &PostOffice, letters: &[u8]) -> Newsroom {
    let welcome = if letters.is_empty() {
        ""
    } else {
        "letters = \"welcome\""
    };
    let room = super::room().config("welcome", welcome);
    with_letters(room.relay(post.port(), 1), letters)
}

fn with_letters(room: Newsroom, letters: &[u8]) -> Newsroom {
    for number in letters {
        room.file(
            &format!("welcome/0{number}.md"),
            format!("# Letter {number} from the quay\n\nWelcome. We are at [the harbour](https://harbourtimes.example/quay).\n"),
        );
    }
    room
}

impl Serving {
    /// Signs somebody up and, once the letter to confirm has left, confirms: sign-up `number` of this ledger.
    fn joins(&mut self, address: &str, number: u64) {
        self.signs_up(address);
        let path = format!("confirm/{}", token(Purpose::Confirm, number));
        assert_eq!(self.pages.post(&path, "").0, 200, "{address}");
    }

    fn signs_up(&mut self, address: &str) {
        let form = format!("email={address}");
        assert_eq!(self.pages.post("", &form).0, 200);
        self.program.says("a letter to confirm has left");
    }

    fn ends(self) {
        self.program.interrupt();
        self.program.wait().exits(0);
    }
}

/// The subjects of letters to a reader, those to confirm left out.
fn subjects(post: &PostOffice, to: &str) -> Vec<String> {
    let all = post.letters().into_iter();
    let own = all.filter(|letter| letter.to == [to] && letter.header("List-Id").is_some());
    own.map(|letter| letter.header("Subject").unwrap())
        .collect()
}

#[test]
fn the_newest_edition_comes_at_once_and_letters_follow_day_by_day() {
    let post = PostOffice::open();
    let mut room = room(&post, &[2, 3]);
    room.run(&["send"]).exits(0);
    let edition = subjects(&post, "ada@example.org").remove(0);
    let mut serving = Serving::start(&room);
    serving.joins("dee@example.org", 1);
    serving.program.says("a letter of welcome has left");
    // Who gets the edition already gets no second copy of it.
    serving.joins("ada@example.org", 2);
    serving.joins("eve@example.org", 3);
    serving.program.says("a letter of welcome has left");
    serving.ends();
    assert_eq!(subjects(&post, "dee@example.org"), [&*edition]);
    assert_eq!(subjects(&post, "ada@example.org"), [&*edition]);
    let letters: Vec<Received> = post.accepted();
    let welcome = letters
        .iter()
        .rev()
        .find(|letter| letter.to == ["dee@example.org"]);
    let welcome = welcome.unwrap();
    assert!(welcome.header("List-Unsubscribe-Post").is_some());
    assert_ne!(welcome.message_id(), letters[0].message_id());
    // One who pauses or leaves meanwhile gets no more of them.
    let serving = Serving::start(&room);
    let leave = format!("leave/{}", token(Purpose::Leave, 5));
    assert_eq!(serving.pages.post(&leave, super::ONE_CLICK).0, 200);
    serving.ends();
    let mut expected = vec![edition.clone()];
    for (day, number) in [("2026-08-25", 2), ("2026-08-26", 3)] {
        room = room.at(&format!("{day}T12:00:00Z"));
        let mut serving = Serving::start(&room);
        // Dee's and Ada's.
        for _ in 0..2 {
            serving.program.says("a letter of welcome has left");
        }
        serving.ends();
        expected.push(format!("Letter {number} from the quay"));
        assert_eq!(subjects(&post, "dee@example.org"), expected);
        assert_eq!(subjects(&post, "eve@example.org"), [&*edition]);
    }
    // A letter of our own words is no edition of the archive.
    let last = post.accepted().pop().unwrap();
    assert!(last.header("List-Archive").is_none());
    let text = String::from_utf8_lossy(&last.message).into_owned();
    assert!(!text.contains("/editions/"), "{text}");
    let said = room
        .run(&["subscribers", "why", "dee@example.org"])
        .exits(0)
        .stdout;
    assert!(said.contains("confirmed"), "{said}");
}

/// Killed while the relay has the letter and has not answered: nobody knows, and it is not sent again.
#[test]
fn a_kill_sends_no_letter_of_welcome_twice() {
    let post = PostOffice::open();
    let room = room(&post, &[1]);
    let held = post.hold_letter(2);
    let mut serving = Serving::start(&room);
    serving.joins("dee@example.org", 1);
    held.reached_by(&mut serving.program);
    serving.program.kill();
    held.go_on();
    let mut serving = Serving::start(&room);
    serving.joins("eve@example.org", 2);
    serving.program.says("a letter of welcome has left");
    serving.ends();
    for reader in ["dee@example.org", "eve@example.org"] {
        assert_eq!(
            subjects(&post, reader),
            ["Letter 1 from the quay"],
            "{reader}"
        );
    }
}

/// The relay is away or busy: the letter waits. One who signs up and confirms twice is welcomed once.
#[test]
fn a_letter_that_was_put_off_waits_and_nobody_is_welcomed_twice() {
    let post = PostOffice::open().reply_after(crate::postoffice::Stage::Dot, 1, "451 4.3.2 later");
    let mut room = room(&post, &[1]);
    let mut serving = Serving::start(&room);
    serving.joins("dee@example.org", 1);
    serving
        .program
        .says("the relay did not take a letter of welcome: `451 4.3.2 later`");
    serving.ends();
    let post = PostOffice::open();
    room = room.relay(post.port(), 1).at("2026-08-24T06:00:00Z");
    let mut serving = Serving::start(&room);
    serving.program.says("a letter of welcome has left");
    serving.joins("dee@example.org", 2);
    serving.joins("eve@example.org", 3);
    serving.program.says("a letter of welcome has left");
    serving.ends();
    for reader in ["dee@example.org", "eve@example.org"] {
        assert_eq!(subjects(&post, reader).len(), 1, "{reader}");
    }
}

/// At 06:45 the day's edition is a quarter of an hour away: it is the first that the reader gets. A letter of our own words comes hours after it.
#[test]
fn no_letter_of_welcome_comes_beside_the_days_edition() {
    for letters in [&[][..], &[1]] {
        let post = PostOffice::open();
        let schedule = "send_at = \"07:00\"\ncut_off = \"06:55\"";
        let mut room = room(&post, letters);
        room.run(&["send", "--date", "2026-08-23", "--yes"])
            .exits(0);
        room = room.config("schedule", schedule);
        let mut serving = Serving::start(&room);
        serving.joins("dee@example.org", 1);
        // The letter of a second sign-up leaves after dee's was looked at.
        serving.signs_up("eve@example.org");
        serving.signs_up("fay@example.org");
        serving.ends();
        assert!(subjects(&post, "dee@example.org").is_empty(), "{TODAY}");
        room = room.at("2026-08-24T10:01:00Z");
        let mut serving = Serving::start(&room);
        if !letters.is_empty() {
            serving.program.says("a letter of welcome has left");
        }
        serving.ends();
        assert_eq!(subjects(&post, "dee@example.org").len(), letters.len());
    }
}

/// Dee turns to the newsletter of the week, and is not sent the one that welcomes them; Eve is.
#[test]
fn who_turns_to_the_week_gets_no_more_letters_of_welcome() {
    let post = PostOffice::open();
    let room = crate::weekly::with_week().config("welcome", "letters = \"welcome\"");
    let mut room = with_letters(room.relay(post.port(), 1), &[1, 2]);
    let mut serving = Serving::start(&room);
    for (name, number) in [("dee", 1), ("eve", 2)] {
        serving.joins(&format!("{name}@example.org&newsletter=morning"), number);
        serving.program.says("a letter of welcome has left");
    }
    let weekly = format!("preferences/{}/weekly", token(Purpose::Leave, 1));
    assert_eq!(serving.pages.post(&weekly, "").0, 200);
    serving.ends();
    room = room.at("2026-08-25T12:00:00Z");
    let mut serving = Serving::start(&room);
    // Dee's turn comes before Eve's.
    serving.program.says("a letter of welcome has left");
    serving.ends();
    let [first, second] = [1, 2].map(|number| format!("Letter {number} from the quay"));
    assert_eq!(subjects(&post, "dee@example.org"), [&*first]);
    assert_eq!(subjects(&post, "eve@example.org"), [first, second]);
}

#[test]
fn a_letter_of_welcome_begins_with_its_subject() {
    let post = PostOffice::open();
    let room = room(&post, &[1]);
    room.file("welcome/02.md", "Welcome\n\nNo subject.\n");
    let said = room.run(&["check"]).exits(1).stderr;
    assert!(
        said.contains("welcome/02.md` must begin with its subject"),
        "{said}"
    );
    std::fs::remove_dir_all(room.path("welcome")).unwrap();
    let said = room.run(&["check"]).exits(1).stderr;
    assert!(said.contains("has none of `01.md` to `04.md`"), "{said}");
}

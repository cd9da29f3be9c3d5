//! Who gets which newsletter, after changes, edits by hand, moves of the list and kills in any order: list, ledger and page say the same, wherever the list
//! is.

use std::collections::BTreeSet;

use crate::newsletters::{link, with_readers};
use crate::newsroom::Newsroom;
use crate::serve::Serving;
use newsdigest::model::token::Purpose;

/// A generator of numbers that are the same for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}

const NAMES: [(&str, &str); 2] = [("morning", "harbour"), ("sport", "sport")];

/// What must be true of Ada: which newsletters they get, or none since they left all.
#[derive(Clone, Debug, PartialEq)]
struct Expected {
    gets: BTreeSet<&'static str>,
    left_all: bool,
}

/// Ten changes of one reader, in an order that the seed gives; after each the page is compared, at the end the list and who is sent what.
fn one_order(seed: u64, place: &'static str) {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    let move_to = |place| room.run(&["subscribers", "move", "--to", place]).exits(0);
    let mut place = place;
    move_to(place);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (seed + 1));
    let mut serving = Serving::start(&room);
    let mut sign_ups = 0;
    let mut expected = Expected {
        gets: NAMES.iter().map(|(name, _)| *name).collect(),
        left_all: false,
    };
    let mut story = Vec::new();
    for _ in 0..10 {
        let (name, id) = NAMES[usize::try_from(dice.below(2)).unwrap()];
        let leave = format!("leave/{}", link(id, Purpose::Leave, 1));
        let preferences = format!("preferences/{}", link(id, Purpose::Leave, 1));
        match dice.below(9) {
            0 | 1 => {
                story.push(format!("leaves {name}"));
                assert_eq!(
                    serving.pages.post(&leave, "List-Unsubscribe=One-Click").0,
                    200
                );
                expected.gets.remove(name);
            }
            2 => {
                story.push("leaves all".to_owned());
                let all = "List-Unsubscribe=One-Click&all=yes";
                assert_eq!(serving.pages.post(&leave, all).0, 200);
                expected = Expected {
                    gets: BTreeSet::new(),
                    left_all: true,
                };
            }
            3 | 4 => {
                let chosen: BTreeSet<&str> = NAMES
                    .iter()
                    .map(|(name, _)| *name)
                    .filter(|_| dice.below(2) == 0)
                    .collect();
                story.push(format!("prefers {chosen:?}"));
                let ticked = chosen.iter().map(|name| format!("&newsletter={name}"));
                let form = format!("pause=no{}", ticked.collect::<String>());
                assert_eq!(serving.pages.post(&preferences, &form).0, 200);
                // Who left all changes nothing before they come back.
                if !expected.left_all {
                    expected.gets = chosen;
                }
            }
            5 => {
                story.push(format!("signs up for {name}"));
                let form = format!("email=ada@example.org&newsletter={name}");
                assert_eq!(serving.pages.post("", &form).0, 200);
                sign_ups += 1;
                let confirm = format!("confirm/{}", link(id, Purpose::Confirm, sign_ups));
                assert_eq!(serving.pages.post(&confirm, "").0, 200);
                expected.gets.insert(name);
                expected.left_all = false;
            }
            6 => {
                story.push("an editor saves the file with a comment more".to_owned());
                if room.has("subscribers.toml") {
                    let text = room.read("subscribers.toml");
                    room.file("subscribers.toml", format!("# seen\n{text}"));
                }
            }
            7 => {
                place = if place == "file" { "ledger" } else { "file" };
                story.push(format!("the list moves to the {place}"));
                move_to(place);
            }
            _ => {
                story.push("kill".to_owned());
                serving.program.kill();
                serving = Serving::start(&room);
            }
        }
        agree_on_the_page(&serving, &expected, &story);
    }
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let slug = "2026-08-24b";
    for (name, _) in NAMES {
        let gets = sent(&room, name, slug)
            .iter()
            .any(|who| who == "ada@example.org");
        assert_eq!(
            gets,
            expected.gets.contains(name),
            "seed {seed}: {name} after {story:?}"
        );
        let why = room
            .run(&["subscribers", "why", "ada@example.org"])
            .exits(0)
            .stdout;
        let said = why.contains(&format!("{name}: gets it\n"));
        assert_eq!(said, gets, "seed {seed}: {why}\nafter {story:?}");
    }
}

fn agree_on_the_page(serving: &Serving, expected: &Expected, story: &[String]) {
    let path = format!("preferences/{}", link("harbour", Purpose::Leave, 1));
    let page = serving.pages.get(&path).1;
    for (name, _) in NAMES {
        let ticked = page.contains(&format!("name=\"newsletter\" value=\"{name}\" checked"));
        assert_eq!(
            ticked,
            expected.gets.contains(name),
            "{name} after {story:?}\n{page}"
        );
    }
    let away = page.contains("You are not subscribed");
    assert_eq!(away, expected.left_all, "after {story:?}\n{page}");
}

/// Who is sent that edition, as a rehearsal.
fn sent(room: &Newsroom, newsletter: &str, slug: &str) -> Vec<String> {
    room.run(&["send", "--newsletter", newsletter, "--date", slug])
        .exits(0);
    let table = room
        .run(&["status", "--newsletter", newsletter, slug, "--csv"])
        .exits(0)
        .stdout;
    let accepted = table.lines().filter(|line| line.contains(",accepted,"));
    let addresses = accepted.filter_map(|line| line.split(',').find(|cell| cell.contains('@')));
    addresses.map(str::to_owned).collect()
}

/// `NEWSDIGEST_ORDERS=200` tries so many.
#[test]
fn list_ledger_and_page_agree_after_any_order_of_changes() {
    #[expect(clippy::disallowed_methods, reason = "a knob of the test itself")]
    let orders = std::env::var("NEWSDIGEST_ORDERS");
    let orders = orders.map_or(4, |orders| orders.parse().unwrap());
    for seed in 0..orders {
        for place in ["file", "ledger"] {
            one_order(seed, place);
        }
    }
}

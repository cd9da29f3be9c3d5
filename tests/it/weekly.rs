//! Readers who want less: once a week instead of every edition.

use std::fmt::Write as _;

use newsdigest::model::token::Purpose;

use crate::newsletters::{gets, link, with_readers};
use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;
use crate::serve::Serving;

const WEEK: &str = "[newsletter]\nname = \"Harbour Week\"\nkind = \"week\"\nof = [\"morning\"]\n";

/// The morning, sport, and a week of the morning, whose editions are there. Ada gets the first two, Bob sport, Cleo the morning.
pub(crate) fn with_week() -> Newsroom {
    let room = with_readers();
    room.file("newsletters/week.toml", WEEK);
    for letter in ["", "b", "c", "d", "e", "f", "g"] {
        let edition = "[[top]]\nheadline = \"A\"\nurl = \"https://harbourtimes.example/a\"\n";
        room.file(&format!("editions/week/2026-08-24{letter}.toml"), edition);
    }
    room
}

/// Who gets the morning, sport and the week in the edition of that letter.
fn all_get(room: &Newsroom, letter: &str) -> [Vec<String>; 3] {
    let date = format!("2026-08-24{letter}");
    ["morning", "sport", "week"].map(|name| {
        let sent = room.run(&["send", "--newsletter", name, "--date", &date]);
        if sent.stderr.contains("nobody in") {
            return Vec::new();
        }
        gets(room, name, &date)
    })
}

/// The newsroom notes that a reader wants letters once a week.
fn wants_less(room: &Newsroom, address: &str) {
    room.run(&["subscribers", "set", address, "--frequency", "weekly"])
        .exits(0);
}

#[test]
fn once_a_week_instead_is_one_click_and_leaving_stays_one() {
    let room = with_week();
    let serving = Serving::start(&room);
    let pages = serving.pages;
    let of = |id: &str, page: &str| format!("{page}/{}", link(id, Purpose::Leave, 1));
    assert_eq!(
        all_get(&room, ""),
        [vec!["ada", "cleo"], vec!["ada", "bob"], vec![]]
    );
    // The offer comes first, and only where there is a week.
    let page = pages.get(&of("harbour", "leave")).1;
    let (offer, leave) = ("Once a week instead: Harbour Week", "no more of it");
    assert!(
        page.find(offer).unwrap() < page.find(leave).unwrap(),
        "{page}"
    );
    assert!(!pages.get(&of("sport", "leave")).1.contains(offer));
    // What mail programs post leaves as ever; and who thinks again gets the week.
    let (status, _) = pages.post(&of("harbour", "leave"), "List-Unsubscribe=One-Click");
    assert_eq!(status, 200);
    let weekly = format!("{}/weekly", of("harbour", "preferences"));
    assert_eq!(pages.get(&weekly).0, 405, "looking changes nothing");
    let (status, page) = pages.post(&weekly, "");
    assert!(
        status == 200 && page.contains("value=\"weekly\" checked"),
        "{page}"
    );
    assert_eq!(
        all_get(&room, "b"),
        [vec!["cleo"], vec!["ada", "bob"], vec!["ada"]]
    );
    assert!(
        room.read("subscribers.toml")
            .contains("frequency = \"weekly\"")
    );
    // Who leaves the week gets neither, and is shown that they get neither.
    pages.post(&of("week", "leave"), "List-Unsubscribe=One-Click");
    let shown = pages.get(&of("week", "preferences")).1;
    assert!(!shown.contains("value=\"morning\" checked"), "{shown}");
    assert_eq!(
        all_get(&room, "c"),
        [vec!["cleo"], vec!["ada", "bob"], vec![]]
    );
    // They want it weekly again, then daily: as they say.
    for (letter, frequency, expected) in [
        ("d", "weekly", [vec!["cleo"], vec!["bob"], vec!["ada"]]),
        ("e", "daily", [vec!["ada", "cleo"], vec!["bob"], vec![]]),
        // A page that does not ask changes nothing of it.
        ("f", "", [vec!["ada", "cleo"], vec!["bob"], vec![]]),
    ] {
        let form = format!("newsletter=morning&frequency={frequency}");
        assert_eq!(pages.post(&of("harbour", "preferences"), &form).0, 200);
        assert_eq!(all_get(&room, letter), expected, "{letter}");
    }
}

#[test]
fn the_list_says_it_and_what_was_left_stays_left() {
    let room = with_week();
    wants_less(&room, "cleo@example.net");
    wants_less(&room, "bob@example.org");
    // No week is of sport: Bob gets it as before.
    assert_eq!(
        all_get(&room, ""),
        [vec!["ada"], vec!["ada", "bob"], vec!["cleo"]]
    );
    let why = room
        .run(&["subscribers", "why", "cleo@example.net"])
        .exits(0)
        .stdout;
    assert!(
        why.contains("morning: does not get it: gets the newsletter of the week instead")
            && why.contains("week: gets it"),
        "{why}"
    );
    // Whoever left what the week is of does not get the week of it.
    let serving = Serving::start(&room);
    let leave = format!("leave/{}", link("harbour", Purpose::Leave, 1));
    serving.pages.post(&leave, "List-Unsubscribe=One-Click");
    wants_less(&room, "ada@example.org");
    assert_eq!(
        all_get(&room, "b"),
        [vec![], vec!["ada", "bob"], vec!["cleo"]] as [Vec<&str>; 3]
    );
    // A word that is wrong in the week's file brings nobody every edition; a week that is gone does.
    for (text, letter) in [
        (format!("{WEEK}nmae = 1\n"), "c"),
        ("[newsletter\n".to_owned(), "d"),
    ] {
        room.file("newsletters/week.toml", text);
        let date = format!("2026-08-24{letter}");
        room.run(&["send", "--newsletter", "morning", "--date", &date])
            .exits(1)
            .says("nobody in");
    }
    std::fs::remove_file(room.path("newsletters/week.toml")).unwrap();
    assert_eq!(gets(&room, "morning", "2026-08-24e"), ["cleo"]);
}

/// Until somebody wants less, a newsletter of the week is nobody's, and cron hears of no error.
#[test]
fn a_newsletter_that_nobody_gets_is_no_error() {
    let room = with_week();
    room.run(&["send", "--all"])
        .exits(0)
        .says("week: nobody in `subscribers.toml` gets `Harbour Week`: nothing is sent");
    room.run(&["send", "--newsletter", "week"])
        .exits(0)
        .says("nobody in `subscribers.toml` gets `Harbour Week`");
    // Another newsletter is nobody's too, while the others are sent.
    let city = "[newsletter]\nname = \"City\"\n[selection]\nminimum = 1\n";
    room.file("newsletters/city.toml", city);
    room.run(&["send", "--all", "--date", "2026-08-24b"])
        .exits(0)
        .says("city: nobody in `subscribers.toml` gets `City`: nothing is sent");
    room.run(&["send", "--newsletter", "city", "--date", "2026-08-24b"])
        .exits(1)
        .says("`default = true` below `[newsletter]` gives it to all who do not say");
    wants_less(&room, "cleo@example.net");
    assert_eq!(gets(&room, "week", "2026-08-24c"), ["cleo"]);
    // A newsroom in which no newsletter is everybody's has made a mistake.
    for name in ["morning", "sport"] {
        let path = format!("newsletters/{name}.toml");
        room.file(&path, room.read(&path).replace("default = true\n", ""));
    }
    room.run(&["send", "--all", "--date", "2026-08-24d"])
        .exits(1)
        .says("nobody in `subscribers.toml` gets `City`");
}

/// Who lives where no database knows is named, and gets their letters.
#[test]
fn a_time_zone_that_is_none_is_named() {
    let room = with_week();
    for (address, zone) in [
        ("ada@example.org", "Mars/Base"),
        ("bob@example.org", "Mars/Base"),
        ("cleo@example.net", "Asia/Tokyo"),
    ] {
        room.run(&["subscribers", "set", address, "--time-zone", zone])
            .exits(0);
    }
    let said = room.run(&["check"]).exits(0).stderr;
    assert!(
        said.contains("the time zone `Mars/Base` of `a***@e***.org` and 1 more is not known"),
        "{said}"
    );
    assert!(!said.contains("Tokyo"), "{said}");
    assert_eq!(gets(&room, "sport", "2026-08-24"), ["ada", "bob"]);
}

#[test]
fn what_a_week_can_be_of() {
    let room = with_week();
    let check = |name: &str, more: &str, expected: &str| {
        let text = format!("[newsletter]\nname = \"W\"\n{more}\n");
        room.file(&format!("newsletters/{name}.toml"), text);
        let said = room.run(&["check"]).stderr;
        assert!(said.contains(expected), "{said}");
    };
    check("week", "kind = \"month\"", "expected `day` or `week`");
    check("week", "kind = \"week\"", "must say which others it is of");
    check(
        "week",
        "of = [\"morning\"]",
        "`of` goes with `kind = \"week\"`",
    );
    check("week", "kind = \"week\"\nof = [\"week\"]", "not of itself");
    check(
        "week",
        "kind = \"week\"\nof = [\"morning\", \"gone\"]",
        "the newsletter `week` is of `gone`, which is not there",
    );
    // A circle costs those who make it.
    check(
        "other",
        "kind = \"week\"\nof = [\"week\"]",
        "which is itself one of the week",
    );
    check(
        "week",
        "kind = \"week\"\nof = [\"other\"]",
        "which is itself one of the week",
    );
    room.run(&["draft", "--newsletter", "morning"]).exits(0);
    room.run(&["draft", "--newsletter", "week"]).exits(1);
}

/// An edition of the morning, as an editor left it.
fn morning(room: &Newsroom, day: &str, stories: &[(&str, &str, &str, &str)]) {
    let mut text = String::new();
    for (headline, dek, path, published) in stories {
        write!(
            text,
            "[[top]]\nheadline = \"{headline}\"\ndek = \"{dek}\"\nurl = \"https://harbourtimes.example/{path}\"\npublished = {published}\n"
        )
        .unwrap();
    }
    room.file(&format!("editions/morning/{day}.toml"), text);
    room.run(&["send", "--newsletter", "morning", "--date", day])
        .exits(0);
}

/// What ran, in the words in which it ran, and what was read most besides; an event once, with what happened since.
#[test]
fn a_week_is_what_ran_and_what_was_read() {
    let post = PostOffice::open();
    let room = with_readers().relay(post.port(), 1);
    room.file("newsletters/week.toml", WEEK);
    let draft = |room: &Newsroom| {
        let drafted = room.run(&["draft", "--newsletter", "week", "--force"]);
        (
            drafted.exits(0).stderr,
            room.read("editions/week/2026-08-24.toml"),
        )
    };
    let (said, _) = draft(&room);
    assert!(
        said.contains("no edition of it was sent in the week"),
        "{said}"
    );
    let aground = "The ferry Aurora ran aground on the sandbank before Port Ellery with 200 passengers aboard";
    morning(
        &room,
        "2026-08-20",
        &[
            (
                "Ferry fares go up, whatever the council says",
                "By a tenth.",
                "story-1",
                "2026-08-16T05:00:00Z",
            ),
            (
                "Ferry Aurora runs aground before Port Ellery",
                aground,
                "aground",
                "2026-08-19T20:00:00Z",
            ),
        ],
    );
    morning(
        &room,
        "2026-08-22",
        &[
            (
                "Ferry Aurora freed from the sandbank before Port Ellery",
                "The 200 passengers of the ferry Aurora, aground before Port Ellery, are ashore",
                "freed",
                "2026-08-21T20:00:00Z",
            ),
            (
                "A choir of fishmongers sings on the quay",
                "Twelve voices.",
                "choir",
                "2026-08-21T10:00:00Z",
            ),
        ],
    );
    room.file(
        "views.csv",
        "url,views\nhttps://harbourtimes.example/story-1,1204\nhttps://harbourtimes.example/story-3,950\n\
         https://harbourtimes.example/aground,4000\nhttps://harbourtimes.example/freed,900\nhttps://harbourtimes.example/choir,20\n",
    );
    let (_, edition) = draft(&room);
    let top = &edition[edition.find("[[top]]").unwrap()..edition.find("[[most_read]]").unwrap()];
    let at = |words: &str| {
        top.find(words)
            .unwrap_or_else(|| panic!("{words} is not in\n{edition}"))
    };
    // By what was read in all, not by what is new; the older story of the event leads, and what happened since is below it.
    assert!(
        at("Aurora runs aground") < at("Ferry fares go up, whatever"),
        "{edition}"
    );
    assert!(
        at("{ headline = \"Ferry Aurora freed") < at("Ferry fares go up"),
        "{edition}"
    );
    assert!(at("fat seal") > at("Ferry fares go up") && at("choir of fishmongers") > 0);
    assert_eq!(top.matches("Aurora freed").count(), 1, "{edition}");
    // What neither ran nor was read is not this week's.
    assert!(
        !edition.contains("tide tables") && !edition.contains("library opens"),
        "{edition}"
    );
    let why = room
        .run(&["explain", "--newsletter", "week"])
        .exits(0)
        .stdout;
    assert!(why.contains("views in the window"), "{why}");
    // Without readership it counts the place in its edition, and freshness does not.
    std::fs::remove_file(room.path("views.csv")).unwrap();
    let (_, edition) = draft(&room);
    assert!(
        edition.find("Ferry fares go up").unwrap() < edition.find("A choir").unwrap(),
        "{edition}"
    );
    // The week that was sent is not the next week's.
    wants_less(&room, "cleo@example.net");
    room.run(&["send", "--newsletter", "week"]).exits(0);
    room.run(&["draft", "--newsletter", "week", "--date", "2026-08-25"])
        .exits(0);
    assert!(!room.has("editions/week/2026-08-25.toml"));
}

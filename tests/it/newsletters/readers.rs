//! Who gets which of several newsletters, and leaves and chooses.

use newsdigest::model::token::Purpose;

use super::{gets, link, with_readers};
use crate::postoffice::PostOffice;
use crate::serve::{HOST, Serving};

#[test]
fn a_reader_leaves_one_chooses_and_leaves_all() {
    let room = with_readers();
    assert_eq!(gets(&room, "morning", "2026-08-24"), ["ada", "cleo"]);
    assert_eq!(gets(&room, "sport", "2026-08-24"), ["ada", "bob"]);
    let serving = Serving::start(&room);
    let pages = serving.pages;
    let leave = |id| format!("leave/{}", link(id, Purpose::Leave, 1));
    let preferences = format!("preferences/{}", link("harbour", Purpose::Leave, 1));
    let ticked = |name: &str| {
        let page = pages.get(&preferences).1;
        page.contains(&format!("name=\"newsletter\" value=\"{name}\" checked"))
    };
    assert_eq!((ticked("morning"), ticked("sport")), (true, true));
    // What a mail program posts leaves one.
    assert!(pages.get(&leave("sport")).1.contains("The Harbour Times"));
    for _ in 0..2 {
        let (status, page) = pages.post(&leave("sport"), "List-Unsubscribe=One-Click");
        assert!(status == 200 && page.contains("Harbour Sport"), "{page}");
    }
    assert_eq!((ticked("morning"), ticked("sport")), (true, false));
    assert_eq!(gets(&room, "morning", "2026-08-24b"), ["ada", "cleo"]);
    assert_eq!(gets(&room, "sport", "2026-08-24b"), ["bob"]);
    let out = [
        "status",
        "--newsletter",
        "sport",
        "2026-08-24b",
        "--left-out",
    ];
    let said = room.run(&out).exits(0).stdout;
    assert!(
        said.contains("ada@example.org  left this newsletter"),
        "{said}"
    );
    // The preferences say which.
    let (status, page) = pages.post(&preferences, "newsletter=sport&pause=no");
    assert!(status == 200 && page.contains("Saved"), "{page}");
    assert_eq!((ticked("morning"), ticked("sport")), (false, true));
    assert_eq!(gets(&room, "morning", "2026-08-24c"), ["cleo"]);
    assert_eq!(gets(&room, "sport", "2026-08-24c"), ["ada", "bob"]);
    assert!(
        room.read("subscribers.toml")
            .contains("ada@example.org\"\nnewsletters = [\"sport\"]")
    );
    // Whoever puts an older file back brings nobody back.
    let older = "[[subscriber]]\nemail = \"ada@example.org\"\nnewsletters = [\"morning\", \"sport\"]\n[[subscriber]]\nemail = \"bob@example.org\"\nnewsletters = [\"morning\"]\n";
    room.file("subscribers.toml", older);
    assert_eq!(gets(&room, "morning", "2026-08-24d"), ["bob"]);
    let (status, _) = pages.post(&leave("harbour"), "List-Unsubscribe=One-Click&all=yes");
    assert_eq!(status, 200);
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    assert!(listed.contains("unsubscribed  ada@example.org"), "{listed}");
    // Nobody is left who gets sport.
    let said = room
        .run(&["send", "--newsletter", "sport", "--date", "2026-08-24e"])
        .exits(0)
        .stderr;
    assert!(said.contains("1 left out"), "{said}");
}

/// Who left one newsletter is in the list of those who get no letters, with its name.
#[test]
fn who_left_one_newsletter_only_is_listed_too() {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    let serving = Serving::start(&room);
    for (id, reader) in [("sport", 1), ("harbour", 2), ("sport", 3)] {
        let path = format!("leave/{}", link(id, Purpose::Leave, reader));
        assert_eq!(
            serving.pages.post(&path, "List-Unsubscribe=One-Click").0,
            200
        );
    }
    room.run(&["suppress", "bob@example.org"]).exits(0);
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    for line in [
        "left sport    ada@example.org",
        "left harbour  cleo@example.net",
        "by hand       bob@example.org",
    ] {
        assert!(listed.contains(line), "{line}\n{listed}");
    }
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let json = room.run(&["suppress", "--list", "--json"]).exits(0).json();
    let left: Vec<_> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["left"])
        .collect();
    assert_eq!(
        left,
        [&serde_json::Value::Null, &"sport".into(), &"harbour".into()]
    );
    // A table is what other programs read as those who get nothing at all.
    let csv = room.run(&["suppress", "--list", "--csv"]).exits(0).stdout;
    assert!(csv.contains("bob@") && !csv.contains("ada@"), "{csv}");
    room.run(&["unsuppress", "ada@example.org"]).exits(0);
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    assert!(!listed.contains("ada@"), "{listed}");
}

#[test]
fn whoever_signs_up_says_which_and_keeps_what_they_have() {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    let serving = Serving::start(&room);
    let pages = serving.pages;
    let ticked = |path: &str, name: &str| {
        let page = pages.get(path).1;
        page.contains(&format!("name=\"newsletter\" value=\"{name}\" checked"))
    };
    assert_eq!((ticked("", "morning"), ticked("", "sport")), (true, true));
    let one = "?newsletter=sport";
    assert_eq!(
        (ticked(one, "morning"), ticked(one, "sport")),
        (false, true)
    );
    // Who ticks none is asked again, and so is nobody's newsletter.
    for none in ["", "&newsletter=gone"] {
        let (_, page) = pages.post("", &format!("email=dan@example.org{none}"));
        assert!(page.contains("dan@example.org"), "{page}");
    }
    for (number, email, name, id) in [
        (1, "dan@example.org", "sport", "sport"),
        (2, "bob@example.org", "morning", "harbour"),
        (3, "ada@example.org", "sport", "sport"),
    ] {
        let form = format!("email={email}&newsletter={name}");
        assert_eq!(pages.post("", &form).0, 200);
        let confirm = format!("confirm/{}", link(id, Purpose::Confirm, number));
        assert_eq!(pages.post(&confirm, "").0, 200, "{email}");
    }
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let file = room.read("subscribers.toml");
    for block in [
        "email = \"ada@example.org\"\n\n",
        "email = \"bob@example.org\"\nnewsletters = [\"sport\", \"morning\"]\n",
        "email = \"dan@example.org\"\nnewsletters = [\"sport\"]\n",
    ] {
        assert!(file.contains(block), "{block}\n{file}");
    }
    // The letters that ask are the newsletter's own.
    let letters = room.list("outbox").into_iter();
    let letters = letters.map(|name| room.read(&format!("outbox/{name}")));
    let asked = letters.filter(|letter| letter.contains("To: dan@example.org"));
    let asked: Vec<String> = asked.collect();
    assert!(
        asked.len() == 1 && asked[0].contains("Harbour Sport"),
        "{asked:?}"
    );
}

/// Leaving and coming back in any order, the file edited by hand in between, and one newsletter out of order for a while: what was left stays left.
#[test]
fn what_was_left_stays_left_whatever_comes_between() {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    let sport = room.read("newsletters/sport.toml");
    let file = |newsletters: &str| {
        room.file(
            "subscribers.toml",
            format!("[[subscriber]]\nemail = \"ada@example.org\"\nnewsletters = [{newsletters}]\n\n[[subscriber]]\nemail = \"eve@example.org\"\nnewsletters = [\"morning\", \"sport\"]\n"),
        );
    };
    let leave = |id| format!("leave/{}", link(id, Purpose::Leave, 1));
    let preferences = format!("preferences/{}", link("harbour", Purpose::Leave, 1));
    let serving = Serving::start(&room);
    assert_eq!(serving.pages.post(&leave("sport"), "").0, 200);
    serving.program.interrupt();
    serving.program.wait().exits(0);
    // Sport is out of order while they change something else.
    room.file("newsletters/sport.toml", "[newsletter]\nnmae = 1\n");
    file("\"morning\", \"sport\"");
    let serving = Serving::start(&room);
    let (status, page) = serving
        .pages
        .post(&preferences, "newsletter=morning&name=Ada");
    assert!(status == 200 && page.contains("Saved"), "{page}");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    room.file("newsletters/sport.toml", &sport);
    assert_eq!(gets(&room, "sport", "2026-08-24b"), ["eve"]);
    // They leave all, and come back to the morning while it is out of order again.
    file("\"sport\"");
    let serving = Serving::start(&room);
    let all = "List-Unsubscribe=One-Click&all=yes";
    assert_eq!(serving.pages.post(&leave("harbour"), all).0, 200);
    serving.program.interrupt();
    serving.program.wait().exits(0);
    room.run(&["unsuppress", "eve@example.org"]).exits(0);
    file("\"sport\", \"morning\"");
    room.file("newsletters/sport.toml", "[newsletter]\nnmae = 1\n");
    let serving = Serving::start(&room);
    let form = "email=ada@example.org&newsletter=morning";
    assert_eq!(serving.pages.post("", form).0, 200);
    let confirm = format!("confirm/{}", link("harbour", Purpose::Confirm, 1));
    assert_eq!(serving.pages.post(&confirm, "").0, 200);
    serving.program.interrupt();
    serving.program.wait().exits(0);
    room.file("newsletters/sport.toml", &sport);
    file("\"sport\", \"morning\"");
    assert_eq!(gets(&room, "sport", "2026-08-24c"), ["eve"]);
    assert_eq!(gets(&room, "morning", "2026-08-24c"), ["ada", "eve"]);
}

/// The file cannot be changed for a while: the page says what the reader will get.
#[test]
fn who_signs_up_for_more_sees_all_they_get_before_the_file_says_so() {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    let serving = Serving::start(&room);
    let pages = serving.pages;
    let file = room.read("subscribers.toml");
    room.file(
        "subscribers.toml",
        format!("{file}\n[[subscriber]]\nemail = \"x"),
    );
    let form = "email=bob@example.org&newsletter=morning";
    assert_eq!(pages.post("", form).0, 200);
    let confirm = format!("confirm/{}", link("harbour", Purpose::Confirm, 1));
    let (status, page) = pages.post(&confirm, "");
    assert_eq!(status, 200);
    let (_, after) = page.split_once("preferences/").unwrap();
    let token = after.split('"').next().unwrap();
    let page = pages.get(&format!("preferences/{token}")).1;
    for name in ["morning", "sport"] {
        let ticked = format!("name=\"newsletter\" value=\"{name}\" checked");
        assert!(page.contains(&ticked), "{name}\n{page}");
    }
}

/// Its readers can still leave.
#[test]
fn a_newsletter_that_is_gone_is_left_all_the_same() {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    std::fs::remove_file(room.path("newsletters/sport.toml")).unwrap();
    let serving = Serving::start(&room);
    let path = format!("leave/{}", link("sport", Purpose::Leave, 1));
    assert_eq!(serving.pages.get(&path).0, 303);
    let (status, page) = serving.pages.post(&path, "List-Unsubscribe=One-Click");
    assert!(
        status == 200 && !page.contains("Harbour in your inbox."),
        "{page}"
    );
    // One that never was is none.
    let path = format!("leave/{}", link("noon", Purpose::Leave, 1));
    assert_eq!(serving.pages.get(&path).0, 404);
    let said = room.run(&["check"]).exits(0).stderr;
    assert!(
        said.contains("1 reader wants the newsletter `sport`"),
        "{said}"
    );
    // Bob's link shows what the others are, and does not lead round in a circle: it leaves all.
    let path = format!("preferences/{}", link("sport", Purpose::Leave, 3));
    let page = serving.pages.get(&path).1;
    assert!(
        page.contains("name=\"all\" value=\"yes\"") && !page.contains("href=\"/leave/"),
        "{page}"
    );
    let why = room
        .run(&["subscribers", "why", "bob@example.org"])
        .exits(0)
        .stdout;
    assert!(why.contains("sport: there is no such newsletter"), "{why}");
    // It is there again under another name, and its old id.
    assert!(said.contains("letters were sent under `sport`"), "{said}");
    room.file(
        "newsletters/games.toml",
        "[newsletter]\nname = \"Harbour Sport\"\nid = \"sport\"\n",
    );
    let said = room.run(&["check"]).exits(0).stderr;
    assert!(!said.contains("letters were sent under"), "{said}");
    let why = room
        .run(&["subscribers", "why", "ada@example.org"])
        .exits(0)
        .stdout;
    assert!(why.contains("games: does not get it: left it"), "{why}");
}

/// The only newsletter has another id: whoever leaves by an older letter leaves it all the same.
#[test]
fn an_older_id_of_the_only_newsletter_is_left_all_the_same() {
    let room = crate::serve::room();
    room.run(&["send"]).exits(0);
    let config = room.read("newsdigest.toml");
    assert!(config.contains("id = \"harbour\""), "{config}");
    room.file(
        "newsdigest.toml",
        config.replace("id = \"harbour\"", "id = \"quay\""),
    );
    let said = room.run(&["check"]).exits(0).stderr;
    assert!(said.contains("letters were sent under `harbour`"), "{said}");
    let serving = Serving::start(&room);
    let path = format!("leave/{}", link("harbour", Purpose::Leave, 1));
    let (status, page) = serving.pages.get(&path);
    assert!(status == 200 && page.contains("One-Click"), "{page}");
    assert_eq!(
        serving.pages.post(&path, "List-Unsubscribe=One-Click").0,
        200
    );
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    assert_eq!(listed.matches("unsubscribed").count(), 1, "{listed}");
    let never = format!("leave/{}", link("noon", Purpose::Leave, 1));
    assert_eq!(serving.pages.get(&never).0, 404);
}

/// Addresses in letters of the time when there was one newsletter.
#[test]
fn old_addresses_lead_to_where_the_pages_are() {
    let post = PostOffice::open();
    let room = crate::serve::room().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    room.run(&["init", "--newsletter", "morning", "--move"])
        .exits(0);
    room.run(&["init", "--newsletter", "sport"]).exits(0);
    let serving = Serving::start(&room);
    let pages = serving.pages;
    let leads = |path: &str, to: &str| {
        let answer = pages.ask(&format!("GET /{path}"), HOST, "");
        let place = format!("location: https://news.harbourtimes.example/{to}\r\n");
        assert!(
            answer.starts_with("HTTP/1.1 308") && answer.contains(&place),
            "{answer}"
        );
        assert_eq!(pages.get(to).0, 200, "{to}");
    };
    leads("editions/2026-08-24", "editions/morning/2026-08-24");
    leads("editions.atom", "editions/morning.atom");
    let list = pages.get("editions").1;
    assert!(
        list.contains("editions/morning") && list.contains("editions/sport"),
        "{list}"
    );
    for gone in [
        "editions/2026-08-25",
        "editions/noon",
        "editions/sport/2026-08-24",
    ] {
        assert_eq!(pages.get(gone).0, 404, "{gone}");
    }
    // So do readers' links.
    let path = format!("leave/{}", link("harbour", Purpose::Leave, 1));
    assert_eq!(pages.get(&path).0, 200);
}

//! Several newsletters in one newsroom.

use newsdigest::model::token::{Keys, Purpose, Token};

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;
use crate::serve::{HOST, Serving};

/// What newsletters share: the same stories, views and readers as the Harbour's, and a relay or an outbox.
pub(crate) fn shared() -> Newsroom {
    let room = Newsroom::new()
        .config(
            "newsletter",
            r#"from = "The Harbour Times <digest@harbourtimes.example>"
site = "https://harbourtimes.example/"
address = "1 Quay Street, Port Ellery"
unsubscribe = "mailto:leave@harbourtimes.example"
time_zone = "Europe/Lisbon""#,
        )
        .config("[source]", "name = \"all\"\nstories = \"stories/*.toml\"");
    room.file(
        "newsletters/morning.toml",
        "[newsletter]\nname = \"Harbour in your inbox\"\nid = \"harbour\"\ndefault = true\n",
    );
    room.file(
        "newsletters/sport.toml",
        "[newsletter]\nname = \"Harbour Sport\"\ndefault = true\n[selection]\nminimum = 1\nboost = [{ section = \"Sport\", by = 50 }]\n",
    );
    room
}

#[test]
fn each_has_editions_of_its_own_and_one_must_be_named() {
    let room = shared();
    for verb in [
        &["draft"][..],
        &["send"],
        &["proof", "a@example.org"],
        &["preview", "--out", "page"],
        &["explain"],
    ] {
        let said = room.run(verb).exits(2).stderr;
        assert!(said.contains("`morning`, `sport`"), "{said}");
    }
    let said = room.run(&["draft", "--newsletter", "sprt"]).exits(2).stderr;
    assert!(said.contains("there is no newsletter `sprt`"), "{said}");
    room.run(&["draft", "--newsletter", "sport"]).exits(0);
    let edition = room.read("editions/sport/2026-08-24.toml");
    assert!(edition.contains("newsletter = \"sport\"\n"), "{edition}");
    assert!(!room.has("editions/morning"));
    // Sport's edition in the morning's folder is refused by whoever reads it.
    room.file("editions/morning/2026-08-24.toml", edition);
    for verb in [&["send"][..], &["preview", "--out", "page"], &["check"]] {
        let said = room
            .run(&[verb, &["--newsletter", "morning"]].concat())
            .exits(1)
            .stderr;
        assert!(
            said.contains("is an edition of the newsletter `sport`, not of `morning`"),
            "{said}"
        );
    }
}

#[test]
fn one_that_was_stopped_holds_up_no_other() {
    let room = shared();
    let slug = |name: &str| format!("editions/{name}/{TODAY}.toml");
    for name in ["morning", "sport"] {
        room.run(&["send", "--newsletter", name]).exits(0);
        assert!(room.has(&slug(name)));
    }
    assert_eq!(room.list("outbox").len(), 6);
    let ids = |room: &Newsroom| {
        let all = room.list("outbox").into_iter();
        let ids = all.map(|file| {
            let letter = room.read(&format!("outbox/{file}"));
            let line = letter.lines().find(|line| line.starts_with("List-Id:"));
            line.unwrap().to_owned()
        });
        ids.collect::<std::collections::BTreeSet<_>>()
    };
    let said = format!("{:?}", ids(&room));
    assert!(
        said.contains("<harbour.harbourtimes.example>")
            && said.contains("<sport.harbourtimes.example>"),
        "{said}"
    );
    // Sent again, each knows what it has sent.
    room.run(&["send", "--newsletter", "sport"]).exits(0);
    assert_eq!(room.list("outbox").len(), 6);
}

#[test]
fn what_is_wrong_with_one_costs_no_other() {
    let room = shared();
    room.file("newsletters/sport.toml", "[newsletter]\nnmae = \"Sport\"\n");
    let said = room.run(&["check"]).exits(1).stderr;
    assert!(said.contains("newsletters/sport.toml:2:1"), "{said}");
    room.run(&["draft", "--newsletter", "morning"]).exits(0);
    let said = room
        .run(&["draft", "--newsletter", "sport"])
        .exits(1)
        .stderr;
    assert!(said.contains("did you mean `name`?"), "{said}");
    // What all share is said once.
    let room = shared().config("relay", "hots = \"x\"");
    let said = room.run(&["check"]).exits(1).stderr;
    assert_eq!(said.matches("unknown key `hots`").count(), 1, "{said}");
}

#[test]
fn what_belongs_elsewhere_is_said() {
    let check = |file: &str, text: &str, expected: &str| {
        let room = shared();
        room.file(file, text);
        let said = room.run(&["check"]).exits(1).stderr;
        assert!(said.contains(expected), "{said}");
    };
    let own = "[newsletter]\nname = \"Sport\"\n";
    for (more, expected) in [
        (
            "[relay]\nhost = \"x\"\n",
            "`relay` is shared by all newsletters",
        ),
        ("id = \"harbour\"\n", "have one id, `harbour`"),
        (
            "subscribers = \"s.toml\"\n",
            "`subscribers` is the list of all newsletters' readers",
        ),
    ] {
        check("newsletters/sport.toml", &format!("{own}{more}"), expected);
    }
    let sources = format!("sources = [\"al\"]\n{own}");
    check("newsletters/sport.toml", &sources, "did you mean `all`?");
    // A source that cannot be used is there all the same.
    let room = shared().config("[source]", "name = \"all\"\nfeed = \"\"");
    room.file(
        "newsletters/sport.toml",
        format!("sources = [\"all\"]\n{own}"),
    );
    let said = room.run(&["check"]).exits(1).stderr;
    assert!(!said.contains("is called"), "{said}");
    check("newsletters/2026-08-24.toml", own, "it begins with a day");
    check(
        "newsletters/Sport.toml",
        own,
        "small letters, digits and hyphens",
    );
    // A folder of one newsletter, and somebody's first step to several.
    let room = Newsroom::new();
    room.file("newsletters/sport.toml", own);
    let said = room.run(&["draft"]).exits(1).stderr;
    assert!(said.contains("`id` is each newsletter's own"), "{said}");
}

#[test]
fn sources_are_chosen_by_name_or_are_its_own() {
    let room = shared();
    room.file(
        "stories2/1.toml",
        "[[story]]\nheadline = \"Only for sport\"\nurl = \"https://harbourtimes.example/own\"\npublished = 2026-08-24T05:00:00Z\n",
    );
    let draft = |text: &str| {
        room.file("newsletters/sport.toml", format!("{text}[newsletter]\nname = \"S\"\n[selection]\nminimum = 1\n[[source]]\nstories = \"stories2/*.toml\"\n"));
        room.run(&["draft", "--newsletter", "sport", "--force"])
            .exits(0);
        let edition = room.read("editions/sport/2026-08-24.toml");
        (edition.contains("Only for sport"), edition.contains("seal"))
    };
    assert_eq!(draft(""), (true, false));
    assert_eq!(draft("sources = [\"all\"]\n"), (true, true));
}

/// The paper's feed, three newsletters of it, one of them with a source of its own.
#[test]
fn sources_are_asked_once_for_all() {
    let feed = "<rss><channel><item><title>A seal</title><link>https://harbourtimes.example/a</link><pubDate>Mon, 24 Aug 2026 05:00:00 GMT</pubDate></item></channel></rss>";
    let server = FeedServer::open();
    for path in ["/rss", "/own"] {
        server.route(path, Page::new("application/rss+xml", feed));
    }
    let room = shared().config(
        "[source]",
        &format!("name = \"all\"\nfeed = \"{}\"", server.url("/rss")),
    );
    for name in ["morning", "noon", "sport"] {
        let mut text =
            format!("[newsletter]\nname = \"{name}\"\ndefault = true\n[selection]\nminimum = 1\n");
        if name == "sport" {
            let own = server.url("/own");
            text = format!("sources = [\"all\"]\n{text}[[source]]\nfeed = \"{own}\"\n");
        }
        room.file(&format!("newsletters/{name}.toml"), text);
    }
    room.run(&["draft", "--all"]).exits(0);
    let asked = |path: &str| {
        let requests = server.requests().into_iter();
        requests.filter(|request| request.path == path).count()
    };
    assert_eq!((asked("/rss"), asked("/own")), (1, 1));
    for name in ["morning", "noon", "sport"] {
        let edition = room.read(&format!("editions/{name}/{TODAY}.toml"));
        assert!(edition.contains("A seal"), "{edition}");
    }
    // All that nobody has drafted yet, for one send.
    for name in ["morning", "noon", "sport"] {
        std::fs::remove_file(room.path(&format!("editions/{name}/{TODAY}.toml"))).unwrap();
    }
    room.run(&["send", "--all"]).exits(0);
    assert_eq!(asked("/rss"), 2);
    assert_eq!(room.list("outbox").len(), 9);
    let said = room.run(&["send", "--all", "--json"]).exits(0).stdout;
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(told.as_array().unwrap().len(), 3, "{said}");
    assert_eq!(told[0]["tally"]["accepted"], 3, "{said}");
}

#[test]
fn a_newsroom_of_one_moves_over() {
    let room = Newsroom::new();
    room.run(&["send"]).exits(0);
    room.run(&["suppress", "bob@example.org"]).exits(0);
    room.file(
        "editions/2026-08-23.toml",
        "[[top]]\nheadline = \"Old\"\nurl = \"https://harbourtimes.example/old\"\n",
    );
    let said = room.run(&["init", "--newsletter", "sport"]).exits(1).stderr;
    assert!(said.contains("--move"), "{said}");
    room.run(&["init", "--newsletter", "morning", "--move"])
        .exits(0);
    assert_eq!(
        room.list("editions"),
        ["morning"],
        "the folder holds newsletters only"
    );
    assert_eq!(
        room.list("editions/morning"),
        ["2026-08-23.toml", "2026-08-24.toml", "2026-08-24.why.json"]
    );
    let shared = room.read("newsdigest.toml");
    assert!(
        !shared.contains("Harbour in your inbox") && shared.contains("site = "),
        "{shared}"
    );
    // There is one, so there is nothing to say; and what was sent is known.
    let before = room.list("outbox").len();
    room.run(&["send"]).exits(0);
    assert_eq!(room.list("outbox").len(), before);
    room.run(&["init", "--newsletter", "sport"]).exits(0);
    room.run(&["check"]).exits(0);
    let said = room.run(&["init", "--newsletter", "sport"]).exits(1).stderr;
    assert!(said.contains("already exists"), "{said}");
    room.run(&["init", "--newsletter", "x", "--move"]).exits(1);
    let said = room.run(&["status"]).exits(0).stdout;
    assert!(said.contains("3 subscribers"), "{said}");
}

/// Killed at any step, the same command goes on.
#[test]
fn a_move_that_was_killed_goes_on() {
    let own = "# What newsdigest.toml says holds here too, unless this file says otherwise.\n[newsletter]\nname = \"Harbour in your inbox\"\nid = \"harbour\"   # as ever: readers' links and what was sent go by it\ndefault = true   # readers get it who do not say which they want\n";
    for step in 0..3 {
        let room = Newsroom::new();
        room.run(&["draft"]).exits(0);
        let edition = room.read("editions/2026-08-24.toml");
        room.file("editions/morning/2026-08-24.toml", &edition);
        if step > 0 {
            room.file("newsletters/morning.toml", own);
            room.run(&["send"]).exits(1);
        }
        room.run(&["init", "--newsletter", "morning", "--move"])
            .exits(0);
        assert_eq!(room.list("editions"), ["morning"], "{step}");
        assert_eq!(room.read("editions/morning/2026-08-24.toml"), edition);
        room.run(&["send"]).exits(0);
        assert_eq!(room.list("outbox").len(), 3);
    }
}

/// The relay puts a reader of one newsletter off; the other goes out meanwhile, and then that reader's copy.
#[test]
fn all_are_sent_and_a_greylisted_copy_holds_up_no_other() {
    let post = PostOffice::open().reply_to_times("ada@example.org", "451 4.7.1 greylisted", 1);
    let room = shared().relay(post.port(), 1);
    room.run(&["send", "--all"]).exits(0);
    let lists = post.accepted().into_iter();
    let lists: Vec<(String, String)> = lists
        .map(|letter| (letter.header("List-Id").unwrap(), letter.to[0].clone()))
        .collect();
    assert_eq!(lists.len(), 6, "{lists:?}");
    // The first newsletter's copy that was put off comes last, behind all of the other's.
    let (list, to) = &lists[5];
    assert_eq!(to, "ada@example.org");
    assert_eq!(*list, lists[0].0);
    assert_eq!(post.most_at_once(), 1);
}

/// Two newsletters and readers' pages. Ada gets both, for she does not say; Bob gets sport, Cleo the morning.
pub(crate) fn with_readers() -> Newsroom {
    let room = shared().config(
        "public",
        "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"",
    );
    room.secret("secret.key", Keys::file(&[7; 32]));
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\n\n[[subscriber]]\nemail = \"bob@example.org\"\nnewsletters = [\"sport\"]\n\n\
         [[subscriber]]\nemail = \"cleo@example.net\"\nnewsletters = [\"morning\"]\n",
    );
    room
}

/// A token of a newsletter's letters, by its id.
pub(crate) fn link(newsletter: &str, purpose: Purpose, number: u64) -> String {
    let keys = Keys::parse(&Keys::file(&[7; 32])).unwrap();
    let token = Token {
        purpose,
        number,
        run: 0,
    };
    keys.seal(newsletter, &token)
}

/// Who gets that edition of a newsletter, as a rehearsal.
pub(crate) fn gets(room: &Newsroom, newsletter: &str, date: &str) -> Vec<String> {
    room.run(&["send", "--newsletter", newsletter, "--date", date])
        .exits(0);
    let csv = ["status", "--newsletter", newsletter, date, "--csv"];
    let table = room.run(&csv).exits(0).stdout;
    let accepted = table.lines().filter(|line| line.contains(",accepted,"));
    let accepted = accepted.map(|line| {
        let cells = line.split(',').find(|cell| cell.contains('@'));
        cells.unwrap().split('@').next().unwrap().to_owned()
    });
    accepted.collect()
}

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

#[test]
fn what_is_wrong_with_a_newsletter_or_was_not_asked_for_is_not_said_to_be_gone() {
    let room = with_readers();
    room.file(
        "newsletters/sport.toml",
        "[newsletter]\nname = \"Harbour Sport\"\n",
    );
    for name in ["morning", "sport"] {
        let said = room.run(&["check", "--newsletter", name]).exits(0).stderr;
        assert!(!said.contains("not there"), "{said}");
        assert!(!said.contains("no newsletter says"), "{said}");
    }
    room.file("newsletters/sport.toml", "[newsletter]\nnmae = 1\n");
    let said = room.run(&["check"]).exits(1).stderr;
    assert!(!said.contains("not there"), "{said}");
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

#[test]
fn one_command_tells_why_and_one_forgets() {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    let why = |address: &str| room.run(&["subscribers", "why", address]).exits(0).stdout;
    let said = why("Bob@example.org");
    for line in [
        "in `subscribers.toml`: newsletters sport",
        "morning: does not get it: did not ask for it",
        "sport: gets it",
        "not on the suppression list",
        "copy of 2026-08-24: accepted at ",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    room.run(&["suppress", "bob@example.org"]).exits(0);
    let said = why("bob@example.org");
    assert!(
        said.contains("sport: does not get it: on the suppression list")
            && said.contains("by hand since"),
        "{said}"
    );
    // A pause ends on its day, by the newsroom's own calendar.
    for (day, fate) in [
        ("2026-08-24", "gets it\n"),
        ("2026-08-25", "gets it, but for the pause"),
    ] {
        let text = format!("[[subscriber]]\nemail = \"pia@example.org\"\npaused = {day}\n");
        room.file(
            "subscribers.toml",
            room.read("subscribers.toml") + "\n" + &text,
        );
        let said = why("pia@example.org");
        assert!(said.contains(&format!("morning: {fate}")), "{day}\n{said}");
        room.run(&["subscribers", "remove", "pia@example.org"])
            .exits(0);
    }
    let said = why("nobody@example.org");
    assert!(said.contains("not in `subscribers.toml`"), "{said}");
    let erase = ["subscribers", "erase", "ada@example.org", "--json"];
    let receipt = room.run(&erase).exits(0).stdout;
    let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!(receipt["blocks"], 1, "{receipt}");
    assert_eq!(receipt["ledger"]["copies"], 2, "{receipt}");
    assert!(!room.read("subscribers.toml").contains("ada@"));
    let table = room.run(&["status", "2026-08-24", "--csv"]).exits(0).stdout;
    assert!(!table.contains("ada@"), "{table}");
    // An old list brings nobody back, also one who was never heard of.
    room.run(&["subscribers", "erase", "eve@example.org"])
        .exits(0);
    room.run(&["subscribers", "add", "ada@example.org", "eve@example.org"])
        .exits(0);
    for erased in ["ada@example.org", "eve@example.org"] {
        let said = why(erased);
        assert!(
            said.contains("morning: does not get it: on the suppression list"),
            "{said}"
        );
    }
}

#[test]
fn newsletters_side_by_side() {
    let post = PostOffice::open();
    let room = with_readers()
        .config("bounces", "domain = \"bounce.harbourtimes.example\"")
        .relay(post.port(), 1);
    room.file(
        "newsletters/sport.toml",
        "[newsletter]\nname = \"Harbour Sport\"\n[selection]\nminimum = 1\n[schedule]\ndays = \"daily\"\nsend_at = \"18:00\"\n",
    );
    room.run(&["send", "--newsletter", "morning"]).exits(0);
    let serving = Serving::start(&room);
    let path = format!("leave/{}", link("harbour", Purpose::Leave, 1));
    let left = serving.pages.post(&path, "List-Unsubscribe=One-Click");
    assert_eq!(left.0, 200);
    // Cleo, one of the two who got it, calls the morning's letter spam.
    let token = Token {
        purpose: Purpose::Bounce,
        number: 2,
        run: 1,
    };
    let token = Keys::parse(&Keys::file(&[7; 32]))
        .unwrap()
        .seal("harbour", &token);
    let sample = format!("{}/tests/bounces/complaint.eml", env!("CARGO_MANIFEST_DIR"));
    let complaint = std::fs::read_to_string(sample)
        .unwrap()
        .replace("TOKEN", &token);
    room.run_with_input(&["bounces", "-"], &complaint).exits(0);
    let metrics = serving.pages.watch("metrics").1;
    for figure in [
        "newsdigest_readers_left{newsletter=\"morning\"} 1\n",
        "newsdigest_readers_gained{newsletter=\"sport\"} 0\n",
        "newsdigest_complaints_per_thousand{newsletter=\"morning\"} 500\n",
        "newsdigest_complaints_level{newsletter=\"morning\"} 2\n",
        "newsdigest_complaints_level{newsletter=\"sport\"} 0\n",
    ] {
        assert!(metrics.contains(figure), "{figure}{metrics}");
    }
    assert!(
        !metrics.contains("per_thousand{newsletter=\"sport\"}"),
        "{metrics}"
    );
    let copies = "newsdigest_copies{newsletter=\"morning\",state=\"accepted\"} 2";
    assert!(metrics.contains(copies), "{metrics}");
    let said = room.run(&["status", "--all", "--json"]).exits(0).stdout;
    let all: serde_json::Value = serde_json::from_str(&said).unwrap();
    let (morning, sport) = (&all[0], &all[1]);
    assert_eq!(morning["left"], 1, "{said}");
    assert_eq!(morning["accepted"], 2, "{said}");
    assert_eq!(morning["last"]["tally"]["accepted"], 2, "{said}");
    assert_eq!(sport["next"], "2026-08-24T18:00:00+01:00", "{said}");
    assert!(sport["last"].is_null(), "{said}");
    assert!(sport["complaints_per_thousand"].is_null(), "{said}");
    let table = room.run(&["status", "--all"]).exits(0).stdout;
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("morning ").contains("500.0   !!"), "{table}");
    let sport = table.lines().find(|line| line.starts_with("sport  "));
    assert!(sport.unwrap().contains("Mon 08-24 18:00"), "{table}");
}

//! Several newsletters in one newsroom.

mod looking;
mod night;
mod readers;

use newsdigest::model::token::{Keys, Purpose, Token};

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

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

/// Two newsletters and readers' pages. Ada gets both, since nothing says which; Bob gets sport, Cleo the morning.
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

/// A copy that a file manager made, a capital letter, a day: the newsletters whose files are well named go out.
#[test]
fn a_file_whose_name_names_no_newsletter_costs_no_other() {
    for name in ["sport copy", "Sport", "2026-08-24", "sport~"] {
        let room = shared();
        room.file(
            &format!("newsletters/{name}.toml"),
            "[newsletter]\nname = \"Sport\"\n",
        );
        room.run(&["check"])
            .exits(1)
            .says(&format!("`{name}` cannot name a newsletter"));
        room.run(&["send", "--all"])
            .exits(1)
            .says("morning: Harbour in your inbox, 2026-08-24: 3 accepted")
            .says("the other newsletters were sent");
        room.run(&["status", "--newsletter", "sport"]).exits(0);
    }
    // Alone it is no newsletter, and nothing is sent as if there were one.
    let room = Newsroom::new();
    room.file("newsletters/Sport.toml", "[newsletter]\nname = \"Sport\"\n");
    room.run(&["send"])
        .exits(1)
        .says("`Sport` cannot name a newsletter");
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

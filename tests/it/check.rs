//! The words a person meets when a file is wrong, and the exit codes that scripts act on. A new message means a new snapshot here.

use std::fmt::Write as _;

use crate::feedserver::{FeedServer, Page};
use crate::nameserver::NameServer;
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::{PostOffice, Stage};

/// What `check` says of a newsroom with this file in it.
fn check(path: &str, text: &str) -> String {
    let room = Newsroom::new();
    room.file(path, text);
    let output = room.run(&["check"]).exits(1);
    assert_eq!(output.stdout, "");
    output.words()
}

#[test]
fn a_sound_newsroom_has_no_problem() {
    Newsroom::new().run(&["check"]).exits(0).says("no problem");
}

#[test]
fn what_init_invented_is_named_where_the_paper_is_a_real_one() {
    let room = Newsroom::bare();
    room.run(&["init", "paper"]).exits(0);
    let file = "paper/newsdigest.toml";
    let at = ["--config", file];
    let run = |verb| room.run(&[&at[..], &[verb]].concat());
    let config = room
        .read(file)
        .replace("harbourtimes.example", "thepaper.org");
    room.file(file, &config);
    let everything = "still has what `init` invented: `1 Quay Street, Port Ellery`, `14°, rain by noon`, `Marta Ilves`, `harbourtimes.example` (`invented`)";
    run("check")
        .exits(1)
        .says(&format!("the newsroom: {everything}"));
    run("send")
        .exits(0)
        .says(&format!("the letter: {everything}"));
    for story in room.list("paper/stories") {
        let path = format!("paper/stories/{story}");
        let own = room
            .read(&path)
            .replace("harbourtimes.example", "thepaper.org");
        room.file(&path, own);
    }
    let config = config.replace("1 Quay Street, Port Ellery", "2 Ferry Lane, Alwick");
    room.file(file, &config);
    run("check")
        .exits(1)
        .says("invented: `14°, rain by noon`, `Marta Ilves` (");
    let config = config
        .replace("14°, rain", "15°, dry")
        .replace("Marta Ilves", "Ann Lee");
    room.file(file, config);
    run("check").exits(0).says("no problem");
}

#[test]
fn an_address_that_no_letter_reaches_is_said_and_stops_nothing() {
    let room = Newsroom::new().subscribers(&[
        "ada@example.org",
        "bo@localhost",
        "cy@printer.local",
        "=?utf-8?q?x?=@example.org",
    ]);
    let said = room.run(&["check"]).exits(0).words();
    assert!(
        said.contains("no letter will reach `b***@l***` at subscribers.toml:5: the domain is a name of this machine only; and 2 more like it"),
        "{said}"
    );
}

#[test]
fn what_init_writes_is_sound_and_can_be_sent() {
    let room = Newsroom::bare();
    room.run(&["init", "paper"]).exits(0);
    for verb in [
        &["check"][..],
        &["draft"],
        &["preview", "--out", "out"],
        &["proof", "me@example.org"],
        &["send"],
        &["send"],
        &["status"],
    ] {
        let mut arguments = vec!["--config", "paper/newsdigest.toml"];
        arguments.extend(verb);
        room.run(&arguments).exits(0);
    }
    room.run(&["init", "paper"])
        .exits(1)
        .says("a newsroom is there already");
}

#[test]
fn every_problem_is_shown_at_once_with_its_place() {
    let said = check(
        "newsdigest.toml",
        "[newsletter]\nname = \"\"\nfrom = \"nobody\"\nsite = \"javascript:alert(1)\"\naddress = \"1 Quay Street\"\ntime_zone = \"Europe/Lisboa\"\nsubscriber = \"x\"\n\n\
         [[source]]\nfeed = \"a\"\nstories = \"b\"\n\n[selection]\ntop = \"five\"\nwindow = \"a day\"\n\n[relay]\nhost = \"smtp.example.com\"\nsecurity = \"ssl\"\nport = 99999\npassword = \"hunter2\"\n",
    );
    for place in [
        ":3:", ":4:", ":6:", ":7:", ":14:", ":15:", ":19:", ":20:", ":21:",
    ] {
        assert!(
            said.contains(&format!("newsdigest.toml{place}")),
            "no problem at newsdigest.toml{place}\n{said}"
        );
    }
    assert!(!said.contains("hunter2"), "a password is printed:\n{said}");
}

#[test]
fn a_file_that_is_no_toml() {
    let said = check("newsdigest.toml", "[newsletter\nname = x\n");
    assert!(said.contains("newsdigest.toml:1:"), "{said}");
}

#[test]
fn a_subscriber_who_is_none() {
    let said = check(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"jane.example.org\"\n\n[[subscriber]]\nemail = \"bob@example.org\"\nsection = [\"News\"]\n",
    );
    assert!(
        said.contains("subscribers.toml:2:9") && said.contains("subscribers.toml:6:"),
        "{said}"
    );
    assert!(
        !said.contains("bob@example.org"),
        "addresses are masked:\n{said}"
    );
}

#[test]
fn an_edition_that_was_edited_wrongly() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    room.file(
        "editions/2026-08-24.toml",
        "[[top]]\nheadline = \"A\"\nurl = \"nowhere\"\n",
    );
    for verb in ["check", "send"] {
        room.run(&[verb])
            .exits(1)
            .says("editions/2026-08-24.toml:3:7");
    }
}

#[test]
fn there_is_no_newsroom_here() {
    let room = Newsroom::bare();
    for verb in ["draft", "send", "check", "status"] {
        room.run(&[verb]).exits(1).says("newsdigest.toml");
    }
}

#[test]
fn wrong_usage_is_2() {
    let room = Newsroom::new();
    for arguments in [
        &["sned"][..],
        &["send", "--fast"],
        &["draft", "--date", "today"],
        &["draft", "--now", "noon"],
        &[],
    ] {
        room.run(arguments).exits(2);
    }
}

#[test]
fn a_relay_needs_a_way_to_unsubscribe() {
    let room = Newsroom::new().relay(2525, 1);
    let config = room
        .read("newsdigest.toml")
        .replace("unsubscribe =", "# unsubscribe =");
    room.file("newsdigest.toml", config);
    room.run(&["send"])
        .exits(1)
        .says("unsubscribe")
        .says("nothing was sent");
    room.run(&["check"]).exits(1).says("unsubscribe");
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let output = Newsroom::bare().run(&["completions", shell]).exits(0);
        assert!(output.data().contains("unsuppress"), "{shell}");
    }
}

#[test]
fn a_dead_link_of_the_days_edition_is_found_online() {
    let web = FeedServer::open();
    for path in ["/", "/ferry", "/terms"] {
        web.route(path, Page::new("text/html", "<!doctype html><p>Here"));
    }
    web.route("/broken", Page::error(500));
    web.route("/paywall", Page::error(403));
    let room = Newsroom::new();
    let config = room.read("newsdigest.toml");
    room.file(
        "newsdigest.toml",
        config.replace("https://harbourtimes.example/", &web.url("/")),
    );
    let edition = |links: &[&str]| {
        let mut file = format!("note = \"Our [terms]({}).\"\n", web.url("/terms"));
        for (number, path) in links.iter().enumerate() {
            write!(
                file,
                "[[top]]\nheadline = \"Story {number}\"\nurl = \"{}\"\n",
                web.url(path)
            )
            .unwrap();
        }
        file += "[[notice]]\nlabel = \"Advertisement\"\ntext = \"Boats\"\nurl = \"http://10.0.0.1/boats\"\n";
        room.file("editions/2026-08-24.toml", file);
    };
    edition(&["/ferry", "/gone?id=1", "/broken", "/paywall"]);
    room.run(&["check"]).exits(0);
    assert!(web.requests().is_empty(), "offline, nobody is asked");
    let said = room.run(&["check", "--online"]).exits(1).words();
    let said = &said[said.find("6 links").unwrap_or_else(|| panic!("{said}"))..];
    insta::assert_snapshot!(said, @"
    6 links of 2026-08-24 asked, 3 dead
    warning: top: Story 1: `http://127.0.0.1:[port]/gone?id=1` answered 404 (`dead-link`)
    warning: top: Story 2: `http://127.0.0.1:[port]/broken` answered 500 (`dead-link`)
    warning: notice: Advertisement: `http://10.0.0.1/boats` leads to `10.0.0.1`, which is not on the public internet (`dead-link`)

    sections that the sources give, and stories of each: `News` 2; `Business` 1; `City` 1; `Opinion` 1; `Sport` 1
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    3 problems
    ");
    assert!(
        web.requests()
            .iter()
            .any(|request| request.path == "/terms")
    );
}

#[test]
fn an_edition_that_is_held_is_named() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let file = format!("editions/{TODAY}.toml");
    let held = room.read(&file).replace("# hold = true", "hold = true");
    room.file(&file, held);
    let said =
        "`hold = true` is in `editions/2026-08-24.toml`: the edition is not sent as long as it is";
    room.run(&["check"]).exits(0).says(said);
    let other_day = room.at("2026-08-25T05:45:00Z").run(&["check"]).exits(0);
    assert!(!other_day.stderr.contains("hold = true"));
}

/// Whoever drafts, looks or reads bounces talks to no relay.
#[test]
fn a_password_that_is_not_set_stops_only_those_who_talk_to_the_relay() {
    let names = NameServer::with("harbourtimes.example A 192.0.2.8");
    let room = Newsroom::new().config("check", &names.config()).config(
        "relay",
        "host = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\nusername = \"digest\"\npassword_env = \"SMTP_PASSWORD\"",
    );
    for (arguments, code) in [
        (&["draft"][..], 0),
        (&["preview", "--out", "page"], 0),
        (&["explain"], 0),
        (&["send", "--dry-run"], 0),
        (&["send"], 1),
        (&["proof", "desk@harbourtimes.example"], 1),
        (&["check", "--online"], 1),
        (&["check"], 0),
    ] {
        let output = room.run(arguments).exits(code);
        let is_named = output
            .stderr
            .contains("the environment variable `SMTP_PASSWORD` is not set");
        let says_it = code == 1 || arguments == ["check"];
        assert_eq!(is_named, says_it, "{arguments:?}: {}", output.stderr);
    }
    // A variable without anything in it is no password.
    let empty = room.environment("SMTP_PASSWORD", "");
    empty
        .run(&["send"])
        .exits(1)
        .says("`SMTP_PASSWORD` is not set");
}

#[test]
fn a_providers_relay_without_its_events_is_named() {
    let room = |events: &str| {
        let relay =
            "host = \"smtp.eu.mailgun.org\"\nusername = \"digest\"\npassword_env = \"PASSWORD\"";
        let room = Newsroom::new()
            .config("relay", relay)
            .environment("PASSWORD", "open sesame")
            .environment("KEY", "key");
        let room = match events {
            "" => room,
            events => room
                .config("public", "url = \"https://news.harbourtimes.example\"")
                .config("[events]", events),
        };
        room.run(&["check"]).exits(0).words()
    };
    let remark = "what bounces at Mailgun comes back to nobody: `[[events]]` with `from = \"mailgun\"` takes it (docs/providers.md)";
    let said = room("");
    assert!(said.contains(remark), "{said}");
    let said = room("from = \"postmark\"");
    assert!(said.contains(remark), "another provider's: {said}");
    let said = room("from = \"mailgun\"\nkey_env = \"KEY\"");
    assert!(!said.contains("comes back to nobody"), "{said}");
}

/// A newsroom whose letters go to that relay, which `check --online` is to try.
fn at_relay(post: &PostOffice, lines: &str) -> Newsroom {
    let relay = format!("host = \"127.0.0.1\"\nport = {}\n{lines}", post.port());
    let names = NameServer::with("harbourtimes.example A 192.0.2.8");
    let room = Newsroom::new().config("relay", &relay);
    room.config("check", &names.config())
}

const LOGIN: &str = "security = \"none\"\nusername = \"digest\"\npassword_env = \"PASSWORD\"";

#[test]
fn online_the_relay_is_spoken_to_but_gets_no_letter() {
    let post = PostOffice::open().offer(&["AUTH PLAIN"]);
    let room = at_relay(&post, &format!("hello = \"[192.0.2.7]\"\n{LOGIN}"))
        .environment("PASSWORD", "open sesame");
    room.run(&["check", "--online"])
        .exits(1)
        .says("was greeted with `EHLO [192.0.2.7]`, without TLS, the log-in works");
    let said: Vec<String> = post.commands();
    let json = room.run(&["--json", "check", "--online"]).exits(1).json();
    assert!(
        json["relay"].is_null(),
        "nothing is wrong with the relay: {json}"
    );
    let verbs: Vec<&str> = said
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(verbs, ["EHLO", "AUTH", "QUIT"]);
    // Offline, nobody is asked.
    room.run(&["check"]).exits(0);
    assert_eq!(post.connections(), 2);
}

#[test]
fn online_what_is_wrong_with_the_relay_is_said_in_words() {
    let wrong = PostOffice::open()
        .offer(&["AUTH PLAIN"])
        .reply_at(Stage::Auth, "535 5.7.8 no such log-in");
    let output = at_relay(&wrong, LOGIN)
        .environment("PASSWORD", "open sesame")
        .run(&["check", "--online"])
        .exits(1)
        .says("refused the log-in: `535 5.7.8 no such log-in`");
    assert!(!output.stderr.contains("sesame"), "{}", output.stderr);
    let post = PostOffice::open().offer(&["AUTH PLAIN"]);
    at_relay(&post, LOGIN)
        .run(&["check", "--online"])
        .exits(1)
        .says("no log-in was tried")
        .says("`PASSWORD` is not set");
    let plain = PostOffice::open();
    at_relay(&plain, "security = \"starttls\"")
        .run(&["check", "--online"])
        .exits(1)
        .says("does not offer STARTTLS");
    let busy = PostOffice::open().reply_at(Stage::Greeting, "421 4.3.2 not now");
    at_relay(&busy, "security = \"none\"")
        .run(&["check", "--online"])
        .exits(1)
        .says("refused the greeting: `421 4.3.2 not now`");
}

//! From sources to an edition file. What an edition looks like is a folder in `tests/golden`: add a folder, not a function.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

/// Of what a case brings, this is not part of the newsroom.
const EXPECTED: &str = "expected";

#[test]
fn golden_editions_are_as_expected() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(&golden)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 9, "the golden cases are gone");
    let wrong: Vec<String> = cases.iter().flat_map(|case| differences(case)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Drafts and renders the case and compares what came out with what is expected, in both directions.
fn differences(case: &Path) -> Vec<String> {
    let room = Newsroom::new();
    copy(case, &room, case);
    let edition = format!("editions/{TODAY}.toml");
    // A case that brings an edition file shows what stays of it.
    let drafted = if room.has(&edition) {
        room.run(&["draft", "--force"])
    } else {
        room.run(&["draft"])
    };
    let mut produced = vec![(
        "said.txt",
        format!("exit {}\n{}", drafted.status.unwrap_or(-1), drafted.words()),
    )];
    if room.has(&edition) {
        produced.push(("edition.toml", room.read(&edition)));
        room.run(&["preview", "--out", "out"]).exits(0);
        produced.push(("digest.txt", room.read("out/digest.txt")));
        if case.join(EXPECTED).join("digest.html").exists() {
            produced.push(("digest.html", room.read("out/digest.html")));
        }
    }
    let name = case.file_name().unwrap().to_str().unwrap();
    let actual = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("golden")
        .join(name);
    _ = fs::remove_dir_all(&actual);
    fs::create_dir_all(&actual).unwrap();
    let mut wrong = Vec::new();
    for (file, text) in &produced {
        fs::write(actual.join(file), text).unwrap();
        match fs::read_to_string(case.join(EXPECTED).join(file)) {
            Ok(expected) if expected == *text => {}
            Ok(expected) => wrong.push(format!(
                "{file} differs: {}",
                first_difference(&expected, text)
            )),
            Err(_) => wrong.push(format!("{file} came out, but is not expected")),
        }
    }
    for entry in fs::read_dir(case.join(EXPECTED)).into_iter().flatten() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if !produced.iter().any(|(name, _)| *name == file) {
            wrong.push(format!("{file} is expected, but nothing makes it"));
        }
    }
    if !wrong.is_empty() {
        let expected = case.join(EXPECTED);
        wrong.push(format!(
            "if that is right: mkdir -p {1} && cp {0}/* {1}/",
            actual.display(),
            expected.display()
        ));
    }
    wrong
        .iter()
        .map(|line| format!("golden/{name}: {line}"))
        .collect()
}

/// Lays the files of the case over the newsroom.
fn copy(case: &Path, room: &Newsroom, folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let inner = path.strip_prefix(case).unwrap();
        if path.is_dir() {
            if inner != Path::new(EXPECTED) {
                copy(case, room, &path);
            }
        } else {
            room.file(inner.to_str().unwrap(), fs::read(&path).unwrap());
        }
    }
}

fn first_difference(expected: &str, found: &str) -> String {
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    match lines.find(|(_, (expected, found))| expected != found) {
        Some((number, (expected, found))) => {
            format!(
                "line {}: expected `{expected}`, but found `{found}`",
                number + 1
            )
        }
        None => format!(
            "expected {} lines, but found {}",
            expected.lines().count(),
            found.lines().count()
        ),
    }
}

pub(crate) const FEED: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title><link>https://harbourtimes.example/</link>
<item><title>One from the feed</title><link>https://harbourtimes.example/feed-1</link><pubDate>Mon, 24 Aug 2026 05:00:00 GMT</pubDate></item>
<item><title>Swans return to the mill pond</title><link>https://harbourtimes.example/feed-2</link><pubDate>Mon, 24 Aug 2026 04:00:00 GMT</pubDate></item>
<item><title>Tram line four is late again</title><link>https://harbourtimes.example/feed-3</link><pubDate>Mon, 24 Aug 2026 03:00:00 GMT</pubDate></item>
</channel></rss>"#;

pub(crate) fn from_feed(feeds: &FeedServer, path: &str) -> Newsroom {
    Newsroom::new().config("[source]", &format!("feed = \"{}\"", feeds.url(path)))
}

pub(crate) fn edition(room: &Newsroom) -> String {
    room.read(&format!("editions/{TODAY}.toml"))
}

#[test]
fn the_edition_file_is_named_on_standard_output() {
    let room = Newsroom::new();
    let output = room.run(&["draft"]).exits(0);
    assert_eq!(output.stdout.trim_end(), format!("editions/{TODAY}.toml"));
    assert!(edition(&room).contains("A very fat seal blocks the slipway"));
    assert!(room.has(&format!("editions/{TODAY}.why.json")));
}

#[test]
fn an_edition_file_is_not_written_over_without_force() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let path = format!("editions/{TODAY}.toml");
    room.file(&path, room.read(&path).replace("A very fat seal", "A seal"));
    room.run(&["draft"])
        .exits(1)
        .says("exists already")
        .says("nothing was changed");
    assert!(edition(&room).contains("\"A seal blocks"));
    room.story(7, "A gull steals a sandwich", "City");
    room.run(&["draft", "--force"]).exits(0);
    assert!(edition(&room).contains("A gull steals"));
}

#[test]
fn every_list_is_a_true_ranking() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let edition = edition(&room);
    let most_read = edition.split("[[most_read]]").nth(1).unwrap();
    assert!(
        most_read.contains("story-3"),
        "the most read story is first:\n{edition}"
    );
    let why = room.run(&["explain", "--json"]).exits(0).json();
    let candidates = why["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 6);
    for candidate in candidates {
        assert!(
            candidate["why"].as_str().is_some_and(|why| !why.is_empty()),
            "{candidate:#}"
        );
    }
}

#[test]
fn a_source_that_fails_is_named_and_the_rest_goes_on() {
    let feeds = FeedServer::open();
    feeds.route("/gone", Page::error(500));
    feeds.route(
        "/page",
        Page::new("text/html", "<!doctype html><title>Sign in</title>"),
    );
    feeds.route("/rss", Page::new("application/rss+xml", FEED));
    for (path, words) in [("/gone", "500"), ("/page", "/page"), ("/none", "404")] {
        let room = from_feed(&feeds, path);
        let config = room.read("newsdigest.toml");
        room.file(
            "newsdigest.toml",
            format!("{config}\n[[source]]\nfeed = \"{}\"\n", feeds.url("/rss")),
        );
        room.run(&["draft"])
            .exits(0)
            .says(&feeds.url(path))
            .says(words);
        assert!(edition(&room).contains("One from the feed"), "{path}");
    }
}

#[test]
fn all_sources_failing_is_a_problem() {
    let feeds = FeedServer::open();
    let room = from_feed(&feeds, "/none");
    room.run(&["draft"])
        .exits(1)
        .says("404")
        .says("nothing was written or sent");
    assert!(!room.has("editions"));
}

#[test]
fn an_endless_or_truncated_feed_does_no_harm() {
    let feeds = FeedServer::open();
    feeds.route(
        "/endless",
        Page::endless(
            "application/rss+xml",
            "<rss><channel><item><title>x</title>",
        ),
    );
    feeds.route(
        "/cut",
        Page::cut("application/rss+xml", &FEED[..FEED.len() - 40]),
    );
    let room = from_feed(&feeds, "/endless");
    room.run(&["draft"]).exits(1).says("/endless");
    let room = from_feed(&feeds, "/cut");
    let output = room.run(&["draft"]);
    assert!(
        matches!(output.status, Some(0 | 75)) && output.stderr.contains("/cut"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_redirect_to_a_private_address_is_not_followed() {
    let (inside, feeds) = (FeedServer::open(), FeedServer::open());
    inside.route("/secret", Page::new("application/rss+xml", FEED));
    // Another host than the configured one, though it is the same machine.
    let elsewhere = inside.url("/secret").replace("127.0.0.1", "localhost");
    feeds.route("/rss", Page::redirect(&elsewhere));
    from_feed(&feeds, "/rss")
        .run(&["draft"])
        .exits(1)
        .says("/rss");
    assert!(inside.requests().is_empty());
}

#[test]
fn trouble_that_may_pass_is_tried_again_and_what_is_missing_is_not() {
    let feeds = FeedServer::open();
    for status in [403, 410, 429, 500, 503] {
        feeds.route(&format!("/{status}"), Page::error(status));
    }
    feeds.route("/cut", Page::cut("application/rss+xml", "<rss>"));
    feeds.route("/page", Page::new("text/html", "<!doctype html><p>Sign in"));
    let at = |path: &str| format!("feed = \"{}\"", feeds.url(path));
    let also = |source: String| format!("feed = \"none.rss\"\n[[source]]\n{source}");
    let closed = FeedServer::open().url("/rss");
    for (source, code) in [
        (at("/403"), 1),
        (at("/404"), 1),
        (at("/410"), 1),
        (at("/page"), 1),
        ("feed = \"none.rss\"".to_owned(), 1),
        (also(at("/404")), 1),
        (at("/429"), 75),
        (at("/500"), 75),
        (at("/503"), 75),
        (at("/cut"), 75),
        (format!("feed = \"{closed}\""), 75),
        ("feed = \"http://no-such-host.invalid/rss\"".to_owned(), 75),
        (also(at("/503")), 75),
    ] {
        let room = Newsroom::new().config("[source]", &source);
        for verb in [&["draft"][..], &["send"], &["proof", "ada@example.org"]] {
            let output = room.run(verb);
            assert_eq!(
                output.status,
                Some(code),
                "{source}: {verb:?}: {}",
                output.stderr
            );
        }
        assert!(!room.has("editions") && !room.has("outbox"), "{source}");
    }
}

/// The feed that must be there, as `main`, and story files beside it.
fn with_main(feeds: &FeedServer) -> Newsroom {
    let main = format!(
        "name = \"main\"\nfeed = \"{}\"\nmust = true",
        feeds.url("/rss")
    );
    Newsroom::new().config(
        "[source]",
        &format!("{main}\n[[source]]\nstories = \"stories/*.toml\""),
    )
}

#[test]
fn the_last_good_answer_of_a_source_that_must_be_there_is_used_for_a_while() {
    let feeds = FeedServer::open();
    feeds.route("/rss", Page::new("application/rss+xml", FEED));
    let room = with_main(&feeds);
    // The ledger remembers sources; there is one once something was sent.
    room.run(&["send"]).exits(0);
    room.run(&["draft", "--force"]).exits(0);
    for broken in [
        Page::error(503),
        Page::error(404),
        Page::new("text/html", "<!doctype html><title>Sign in</title>"),
        Page::new("application/rss+xml", "<rss><channel></channel></rss>"),
    ] {
        feeds.route("/rss", broken);
        let room = &room;
        let at = |now: &str, verb: &[&str]| room.run(&[verb, &["--now", now]].concat());
        at("2026-08-24T11:44:30Z", &["draft", "--force"])
            .exits(0)
            .says("main: its last good answer is used instead, 359 min old");
        assert!(edition(room).contains("One from the feed"));
        let before = edition(room);
        at("2026-08-24T11:47:30Z", &["draft", "--force"])
            .exits(75)
            .says("main: its last good answer is 362 min old, and `max_stale` allows 360")
            .says("`main` gave nothing, and no edition goes out without it")
            .says("nothing was written or sent");
        assert_eq!(edition(room), before);
    }
    feeds.route("/rss", Page::new("application/rss+xml", FEED));
    room.run(&["draft", "--force", "--now", "2026-08-24T11:48:30Z"])
        .exits(0);
}

#[test]
fn without_a_source_that_must_be_there_nothing_is_sent() {
    let feeds = FeedServer::open();
    feeds.route("/rss", Page::error(503));
    let room = with_main(&feeds);
    for verb in [&["draft"][..], &["send"], &["proof", "ada@example.org"]] {
        room.run(verb)
            .exits(75)
            .says("no edition goes out without it");
    }
    assert!(!room.has("editions") && !room.has("outbox"));
    let room = Newsroom::new().config(
        "[source]",
        "stories = \"stories/*.toml\"\nmax_stale = \"6h\"",
    );
    room.run(&["draft"])
        .exits(1)
        .says("`max_stale` says nothing without `must = true`");
}

#[test]
fn through_a_proxy_only_servers_that_the_config_names_are_asked() {
    let (inside, proxy) = (FeedServer::open(), FeedServer::open());
    let secret = inside.url("/secret");
    let local = secret.replace("127.0.0.1", "localhost");
    let feed = FEED.replace("https://harbourtimes.example", "http://www.paper.invalid");
    let rss = |feed: &str| Page::new("application/rss+xml", feed);
    let story = "<title>One</title><meta property='og:description' content='What its own page says of it.'>";
    proxy.route(
        "http://feeds.paper.invalid/rss",
        Page::redirect("http://www.paper.invalid/rss"),
    );
    proxy.route("http://www.paper.invalid/rss", rss(&feed));
    proxy.route("http://www.paper.invalid/feed-1", Page::redirect("/feed/1"));
    proxy.route(
        "http://www.paper.invalid/feed/1",
        Page::new("text/html", story),
    );
    for (path, to) in [
        ("cdn", "http://cdn.invalid/rss"),
        ("port", "http://www.paper.invalid:8080/rss"),
        ("literal", secret.as_str()),
        ("local", local.as_str()),
    ] {
        proxy.route(
            &format!("http://feeds.paper.invalid/{path}"),
            Page::redirect(to),
        );
    }
    let room = Newsroom::new()
        .environment("HTTP_PROXY", &proxy.url("/"))
        .environment("NO_PROXY", "localhost")
        .config(
            "[source]",
            "feed = \"http://feeds.paper.invalid/rss\"\nenrich = true",
        );
    let mut config = room.read("newsdigest.toml");
    for source in [
        "feeds.paper.invalid/cdn",
        "feeds.paper.invalid/port",
        "feeds.paper.invalid/literal",
        "feeds.paper.invalid/local",
        "www.paper.invalid/rss",
    ] {
        config = format!("{config}\n[[source]]\nfeed = \"http://{source}\"\n");
    }
    room.file("newsdigest.toml", config);
    room.run(&["draft"])
        .exits(0)
        .says("leads to `cdn.invalid`: through the proxy only servers that the config names are asked")
        .says("leads to `www.paper.invalid:8080`: through the proxy")
        .says("leads to `127.0.0.1:")
        .says("leads to `localhost:");
    assert!(edition(&room).contains("What its own page says of it."));
    assert!(inside.requests().is_empty());
    let asked = |path: &str| {
        proxy
            .requests()
            .iter()
            .any(|request| request.path.contains(path))
    };
    assert!(
        asked("feeds.paper.invalid/cdn")
            && !asked("//cdn.invalid")
            && !asked(":8080")
            && !asked("secret")
    );
}

#[test]
fn a_feed_that_has_not_changed_is_not_fetched_again() {
    let feeds = FeedServer::open();
    feeds.route("/rss", Page::new("application/rss+xml", FEED).etag("\"1\""));
    let room = from_feed(&feeds, "/rss");
    // The ledger remembers feeds; there is one once something was sent.
    room.run(&["send"]).exits(0);
    room.run(&["draft", "--force"]).exits(0);
    room.run(&["draft", "--force"]).exits(0);
    assert!(edition(&room).contains("One from the feed"));
    assert_eq!(
        feeds.requests().last().map(|request| request.status),
        Some(304)
    );
}

#[test]
fn a_quiet_day_gives_no_edition_and_is_no_failure() {
    let room = Newsroom::new().config("selection", "minimum = 50");
    room.run(&["draft"]).exits(0).says("quiet day");
    assert!(!room.has("editions"));
}

#[test]
fn an_edition_that_gmail_would_clip_is_trimmed_from_its_end_and_says_so() {
    let room = Newsroom::new().config(
        "selection",
        "top = 100\nmost_read = 100\nlatest = 100\noverlap = false\nwindow = \"24h\"",
    );
    let (mut stories, mut views) = (String::new(), "url,views\n".to_owned());
    for number in 0..300 {
        // Words of its own, so that no two are one event.
        let words: Vec<String> = (1..=12)
            .map(|place| format!("{:x}", (number * 97 + place) * 7_919_u64 * place))
            .collect();
        let words = words.join(" ");
        let url = format!("https://harbourtimes.example/{number}");
        write!(stories, "[[story]]\nheadline = \"Story {number} {words}\"\nurl = \"{url}\"\ndek = \"{words}\"\npublished = 2026-08-24T05:00:00Z\n").unwrap();
        writeln!(views, "{url},{}", number * 10).unwrap();
    }
    room.file("stories/all.toml", stories);
    room.file("views.csv", views);
    let said = room.run(&["draft"]).exits(0).words();
    let (left_out, rest) = said
        .split_once(" stories were left out: the letter would be ")
        .unwrap_or_else(|| panic!("{said}"));
    let left_out: usize = left_out.rsplit('\n').next().unwrap().parse().unwrap();
    assert!(
        rest.contains(" kB, and Gmail clips it from 100 kB on"),
        "{rest}"
    );
    let drafted = edition(&room);
    assert!(
        drafted.contains(&format!("\nfurther = {left_out} ")),
        "{drafted}"
    );
    room.run(&["preview", "--out", "out"]).exits(0);
    let letter = room.read("out/digest.eml").len();
    assert!((98_000..=100_000).contains(&letter), "{letter} octets");
    let further = format!("{left_out} further stories on our site");
    for page in ["out/digest.html", "out/digest.txt"] {
        assert!(room.read(page).contains(&further), "{page}");
    }
    let why = room.run(&["explain", "--json"]).exits(0).json();
    let candidates = why["candidates"].as_array().unwrap();
    let whys = candidates.iter().filter_map(|story| story["why"].as_str());
    let too_long = whys.filter(|why| why.contains("the letter would be longer than Gmail shows"));
    assert_eq!(too_long.count(), left_out);
    // An edited file is as its editor wants it, and an error stops the send.
    let file = format!("editions/{TODAY}.toml");
    let (before, last) = drafted.rsplit_once("\nheadline = ").unwrap();
    let pinned = format!("{before}\npin = true\nheadline = {last}");
    let with_note = |note: &str| room.file(&file, format!("note = \"{note}\"\n{pinned}"));
    with_note(&"word ".repeat(3_000));
    let stopped = room.run(&["send", "--dry-run"]).exits(0).words();
    assert!(stopped.contains("(error, `size`)"), "{stopped}");
    // Drafted again there is less room; what is pinned and what leads stays.
    room.run(&["draft", "--force"])
        .exits(0)
        .says("were left out");
    let shorter = edition(&room);
    let headline = |text: &str| text.lines().next().unwrap().to_owned();
    assert!(
        shorter.contains(&headline(last)),
        "the pinned story is gone"
    );
    let lede = |edition: &str| headline(edition.split("\nheadline = ").nth(1).unwrap());
    assert_eq!(lede(&shorter), lede(&drafted));
    room.run(&["preview", "--out", "out"]).exits(0);
    assert!(room.read("out/digest.eml").len() <= 100_000);
    // What no cut makes short enough is not cut.
    with_note(&"港".repeat(19_000));
    room.run(&["draft", "--force"]).exits(0);
    assert!(!edition(&room).contains("\nfurther = "));
}

#[test]
fn a_story_that_ran_does_not_run_again() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let room = room
        .at("2026-08-25T05:45:00Z")
        .config("selection", "window = \"48h\"");
    room.story(0, "Fog over the harbour", "News");
    room.run(&["draft"]).exits(0).says("quiet day");
    let why = room.run(&["explain", "--json"]).exits(0).json();
    let passed_over = why["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|story| story["slots"].as_object().unwrap().is_empty());
    assert!(passed_over.count() >= 6);
}

#[test]
fn old_readership_is_not_used_and_that_is_said() {
    let room = Newsroom::new();
    room.file(
        "views.csv",
        "url,views,time\nhttps://harbourtimes.example/story-4,9000,2026-08-20T05:00:00Z\n",
    );
    room.run(&["draft"]).exits(0);
    let why = room.run(&["explain", "--json"]).exits(0).json();
    let formulas = why["formulas"].to_string() + &why["misses"].to_string();
    assert!(formulas.contains("old"), "{formulas}");
}

#[test]
fn without_any_file_the_sample_shows_everything() {
    let room = Newsroom::bare();
    for verb in ["draft", "explain", "send", "check"] {
        room.run(&[verb, "--sample"]).exits(0);
    }
}

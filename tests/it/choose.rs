//! What a newsroom with everything chooses, and what it says when something is missing: a feed, a front page, a day's access log. One file, since
//! all of it goes by that one newsroom.

use std::fmt::Write as _;

use serde_json::Value;

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;

/// Headline, section, how many minutes before 05:45 it was published, dek.
type Item<'a> = (&'a str, &'a str, i64, &'a str);

/// Six stories, two of them about the same event.
const MORNING: [Item<'static>; 6] = [
    (
        "Ferry fares rise by a tenth on Monday",
        "News",
        130,
        "The Harbour Ferry Company blames the price of diesel for the rise.",
    ),
    (
        "Fish market moves indoors after forty years",
        "Business",
        200,
        "Traders on Gull Quay fear for their custom.",
    ),
    (
        "Harbour Ferry Company raises fares by a tenth",
        "City",
        95,
        "Diesel is to blame for the rise on Monday, the company says.",
    ),
    (
        "Rowers win the river cup again",
        "Sport",
        340,
        "The eight from Port Ellery led from the start.",
    ),
    (
        "Why the tide tables were wrong all summer",
        "Opinion",
        600,
        "A misprint, and nobody looked up.",
    ),
    (
        "Library to open on Sundays",
        "City",
        45,
        "Volunteers will keep the doors open until four.",
    ),
];

fn address(number: usize) -> String {
    format!("https://harbourtimes.example/story-{number}")
}

fn feed(items: &[Item<'_>]) -> String {
    let now = chrono::DateTime::parse_from_rfc3339(crate::newsroom::NOW).unwrap();
    let mut xml = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>The Harbour Times</title><link>https://harbourtimes.example/</link>".to_owned();
    for (number, (headline, section, minutes, dek)) in items.iter().enumerate() {
        let published = (now - chrono::TimeDelta::minutes(*minutes)).to_rfc2822();
        write!(
            xml,
            "<item><title>{headline}</title><link>{}</link><category>{section}</category><description>{dek}</description><pubDate>{published}</pubDate></item>",
            address(number + 1)
        )
        .unwrap();
    }
    xml + "</channel></rss>"
}

/// A front page that lists the stories in that order.
fn front_page(order: &[usize], items: &[Item<'_>]) -> String {
    let mut html = "<!doctype html><title>The Harbour Times</title><nav><a href=/>Home</a></nav><main class=latest>".to_owned();
    for number in order {
        let headline = items[number - 1].0;
        write!(
            html,
            "<article class=item><a class=headline href=\"/story-{number}?utm_source=front\">{headline}</a><img src=\"data:,\" data-src=\"/pictures/{number}.jpg\" alt=\"Picture {number}\" width=800 height=500></article>"
        )
        .unwrap();
    }
    html + "</main>"
}

/// Combined log lines: `views` of each story by readers of their own, a minute apart back from 05:40, and as many requests by a crawler,
/// by one reader who reloads, and for a style sheet.
fn access_log(views: &[(usize, usize)], day: &str) -> String {
    const READER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";
    const CRAWLER: &str =
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    let mut lines = Vec::new();
    for &(story, count) in views {
        for view in 0..count {
            let minute = 340 - (view % 100);
            let time = format!("{:02}:{:02}:{:02}", minute / 60, minute % 60, story);
            let mut line = |address: &str, path: &str, agent: &str| {
                lines.push((
                    time.clone(),
                    format!("{address} - - [{day}/Aug/2026:{time} +0000] \"GET {path} HTTP/1.1\" 200 5120 \"-\" \"{agent}\""),
                ));
            };
            line(
                &format!("203.0.{story}.{view}"),
                &format!("/story-{story}/?utm_source=x"),
                READER,
            );
            line("198.51.100.7", "/story-5", CRAWLER);
            line("203.0.113.1", "/story-5", READER);
            line(&format!("203.0.{story}.{view}"), "/style.css", READER);
        }
    }
    lines.sort();
    let mut lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    lines.push(String::new());
    lines.join("\n")
}

const VIEWS: [(usize, usize); 4] = [(1, 40), (2, 90), (3, 60), (4, 12)];

/// A feed, a front page and a day's log, all files.
fn newsroom() -> Newsroom {
    let room = Newsroom::new()
        .config("[source]", "feed = \"feed.xml\"\n\n[[source]]\npage = \"front.html\"\nstory = \".item\"\nheadline = \"a.headline\"")
        .config("[readership]", "access_log = \"logs/access.log*\"");
    room.file("feed.xml", feed(&MORNING));
    room.file("front.html", front_page(&[2, 1, 6], &MORNING));
    room.file("logs/access.log", access_log(&VIEWS, "24"));
    room
}

fn explained(room: &Newsroom) -> Value {
    serde_json::from_str(&room.run(&["explain", "--json", "-q"]).exits(0).stdout).unwrap()
}

/// The candidate of that number.
fn story(told: &Value, number: usize) -> Value {
    let candidates = told["candidates"].as_array().unwrap();
    let found = candidates
        .iter()
        .find(|candidate| candidate["url"] == address(number).as_str());
    found
        .unwrap_or_else(|| panic!("story {number} is no candidate"))
        .clone()
}

#[test]
fn a_feed_a_front_page_and_a_log_make_an_edition_that_explains_itself() {
    let room = newsroom();
    let log = room.read("logs/access.log") + "\u{16}\u{3}\u{1} no line of a log\n";
    room.file("logs/access.log", log);
    room.run(&["draft"])
        .exits(0)
        .says("expected the combined format, but found something else; 808 lines could be read")
        .says("feed.xml")
        .says("front.html")
        .says("logs/access.log");
    let told = explained(&room);
    // Readers only: no crawler, no style sheet, one reader once in half an hour.
    let views: Vec<u64> = (1..=4)
        .map(|number| story(&told, number)["views"].as_u64().unwrap())
        .collect();
    assert_eq!(views, [40, 90, 60, 12]);
    let reloads = story(&told, 5)["views"].as_u64().unwrap();
    assert!(
        (1..=4).contains(&reloads),
        "one reader for 100 minutes is {reloads} views"
    );
    // The front page's order counts, and fills what the feed lacks.
    assert!(
        story(&told, 2)["why"]
            .as_str()
            .unwrap()
            .contains("first in the editor's order"),
        "{told:#}"
    );
    assert!(
        room.read("editions/2026-08-24.toml")
            .contains("https://harbourtimes.example/pictures/2.jpg")
    );
    for candidate in told["candidates"].as_array().unwrap() {
        assert!(!candidate["why"].as_str().unwrap().is_empty());
    }
    let said = serde_json::to_string(&told).unwrap();
    assert!(
        !said.contains("203.0."),
        "an address of a reader is printed"
    );
}

#[test]
fn an_event_has_one_slot_and_its_other_story_stands_below() {
    let room = newsroom();
    room.run(&["draft"]).exits(0);
    let told = explained(&room);
    let (first, second) = (story(&told, 1), story(&told, 3));
    let (lead, follower) = if first["event"].is_null() {
        (first, second)
    } else {
        (second, first)
    };
    assert_eq!(follower["event"], lead["url"], "{told:#}");
    assert_eq!(follower["slots"], serde_json::json!({}));
    let why = follower["why"].as_str().unwrap();
    assert!(
        why.contains(&format!(
            "same event as `{}`",
            lead["headline"].as_str().unwrap()
        )),
        "{why}"
    );
    let edition: toml_edit::DocumentMut = room.read("editions/2026-08-24.toml").parse().unwrap();
    let related: Vec<&str> = edition["top"]
        .as_array_of_tables()
        .unwrap()
        .iter()
        .filter_map(|story| {
            story
                .get("related")?
                .as_array()?
                .get(0)?
                .as_inline_table()?
                .get("url")?
                .as_str()
        })
        .collect();
    assert_eq!(related, [follower["url"].as_str().unwrap()]);
}

#[test]
fn a_stale_log_is_named_and_not_used() {
    let room = newsroom();
    room.file("logs/access.log", access_log(&VIEWS, "23"));
    room.run(&["draft"])
        .exits(0)
        .says("logs/access.log*: is 24 h old, expected at most 3 h; not used");
    let told = explained(&room);
    assert!(
        told["formulas"]["top"]
            .as_str()
            .unwrap()
            .contains("readership is 24 h old")
    );
    assert!(story(&told, 2)["slots"]["top"].is_u64());
}

#[test]
fn without_a_log_or_with_a_broken_feed_there_is_still_an_edition() {
    let room = newsroom();
    std::fs::remove_file(room.path("logs/access.log")).unwrap();
    room.run(&["draft"])
        .exits(0)
        .says("logs/access.log*: matches no file");
    room.file(
        "feed.xml",
        "<!doctype html><title>Down for maintenance</title>",
    );
    room.run(&["draft", "--force"])
        .exits(0)
        .says("feed.xml: is an HTML page, not a feed");
    assert_eq!(explained(&room)["candidates"].as_array().unwrap().len(), 3);
}

#[test]
fn a_most_read_page_is_an_order_without_numbers() {
    let room = newsroom().config(
        "[readership]",
        "page = \"widget.html\"\nstory = \"ol.most-read a\"",
    );
    room.file(
        "widget.html",
        "<!doctype html><ol class=most-read><li><a href=/story-4>Rowers</a><li><a href=https://harbourtimes.example/story-2?utm_source=w>Fish</a><li><a href=/elsewhere>Else</a></ol>",
    );
    room.run(&["draft"]).exits(0);
    let told = explained(&room);
    assert_eq!(story(&told, 4)["slots"]["most_read"], 1, "{told:#}");
    assert_eq!(story(&told, 2)["slots"]["most_read"], 2);
    assert!(story(&told, 1)["slots"]["most_read"].is_null());
    assert!(
        story(&told, 4)["views"].is_null(),
        "a place is no number of views"
    );
    // A page that says in each link where it is clicked, whatever it calls that.
    room.file(
        "widget.html",
        "<!doctype html><ol class=most-read><li><a href=\"/story-4?box=mostread&pos=1\">Rowers</a><li><a href=\"https://m.harbourtimes.example/story-2?ref=mostread#comments\">Fish</a></ol>",
    );
    let told = explained(&room);
    assert_eq!(story(&told, 4)["slots"]["most_read"], 1, "{told:#}");
    assert_eq!(story(&told, 2)["slots"]["most_read"], 2);
}

#[test]
fn what_was_read_in_the_last_hours_is_a_list_of_its_own_and_shows_its_sections() {
    let room = newsroom()
        .config(
            "selection",
            "top = 2\nminimum = 1\nmost_read_of = \"6h\"\noverlap = false",
        )
        .config("template", "use = \"own\"");
    room.file(
        "own/template.toml",
        "extends = \"broadsheet\"\n[show]\nmost_read_section = true\n",
    );
    room.run(&["draft"]).exits(0);
    let told = explained(&room);
    let formula = told["formulas"]["most_read"].as_str().unwrap();
    assert_eq!(
        formula,
        "views in the last 6 h; the best others, without what is in top"
    );
    let candidates = told["candidates"].as_array().unwrap();
    let listed = || {
        candidates
            .iter()
            .filter(|one| one["slots"]["most_read"] == 1)
    };
    let first = listed().next().unwrap();
    assert!(first["slots"]["top"].is_null());
    assert!(
        first["why"].as_str().unwrap().contains(" in the last 6 h"),
        "{first}"
    );
    room.run(&["preview", "--out", "seen"]).exits(0);
    let page = std::fs::read_to_string(room.path("seen/digest.html")).unwrap();
    let list = &page[page.find("<ol").unwrap()..page.find("</ol>").unwrap()];
    let section = first["section"].as_str().unwrap();
    assert!(list.contains(&format!(">{section}</span>")), "{list}");
    let refused = newsroom().config("selection", "most_read_of = \"yesterday\"");
    let said = refused.run(&["check"]).exits(1);
    assert!(
        said.stderr
            .contains("expected `today`, or a length from `1h` to `7d`"),
        "{}",
        said.stderr
    );
}

#[test]
fn what_ran_stays_away_and_so_does_its_event_until_it_moves_on() {
    let post = PostOffice::open();
    let room = newsroom().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let later = [
        MORNING[1],
        (
            "Harbour ferry fares to rise by a tenth from Monday",
            "News",
            -1_200,
            "The Harbour Ferry Company blames diesel for the rise.",
        ),
        (
            "Harbour Ferry Company takes back its fares after a minister orders an inquiry",
            "News",
            -1_300,
            "Ines Duarte told parliament that the contract forbids any rise before spring, whatever diesel costs the company.",
        ),
        (
            "Lighthouse to let",
            "Business",
            -1_250,
            "Four rooms, no lift.",
        ),
        (
            "Night bus returns to the hills",
            "City",
            -1_100,
            "The council found the money after all.",
        ),
        (
            "Swimming lessons for everyone",
            "Opinion",
            -1_150,
            "A harbour town ought to float.",
        ),
    ];
    let items: String = feed(&later)
        .replace("/story-", "/next-")
        .replacen("/next-1", "/story-2", 1);
    room.file("feed.xml", items);
    room.file("front.html", front_page(&[], &MORNING));
    let room = room.at("2026-08-25T05:45:00Z");
    let told = explained(&room);
    let why = |end: &str| {
        let candidates = told["candidates"].as_array().unwrap();
        let found = candidates
            .iter()
            .find(|candidate| candidate["url"].as_str().unwrap().ends_with(end));
        found.unwrap()["why"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        why("/story-2"),
        "passed over: ran in the edition of 2026-08-24"
    );
    assert!(
        why("/next-2").starts_with("passed over: its event ran in the edition of 2026-08-24 as `"),
        "{}",
        why("/next-2")
    );
    assert!(
        why("/next-3").contains("moved on since the edition of 2026-08-24"),
        "{}",
        why("/next-3")
    );
}

#[test]
fn the_papers_own_wishes() {
    let room = newsroom().config(
        "selection",
        "top = 3\nnever = [\"Rowers\", \"opinion\"]\nsections = [\"City\", \"Business\"]\n\n[[selection.boost]]\nsection = \"City\"\nby = 20",
    );
    let told = explained(&room);
    assert_eq!(
        story(&told, 4)["why"],
        "passed over: `Rowers` is never printed"
    );
    assert_eq!(
        story(&told, 5)["why"],
        "passed over: `opinion` is never printed"
    );
    assert_eq!(story(&told, 6)["parts"]["boost"], 20.0);
    assert!(story(&told, 2)["parts"]["boost"].is_null());
}

#[test]
fn check_online_says_how_each_source_is_doing() {
    let feeds = FeedServer::open();
    feeds.route("/rss", Page::new("application/rss+xml", feed(&MORNING)));
    feeds.route("/gone", Page::error(404));
    let room = newsroom().config(
        "[source]",
        &format!("feed = \"{}\"\n\n[[source]]\nfeed = \"{}\"\n\n[[source]]\npage = \"front.html\"\nstory = \".item\"", feeds.url("/rss"), feeds.url("/gone")),
    );
    let output = room.run(&["check", "--online"]).exits(1);
    let said = output.words();
    assert!(
        said.contains("stories  newest") && said.contains("/rss"),
        "{said}"
    );
    assert!(said.contains("answered 404"), "{said}");
    assert!(said.contains("front.html"), "{said}");
    // Offline, nobody is asked.
    let asked = feeds.requests().len();
    room.run(&["check"]).exits(0);
    assert_eq!(feeds.requests().len(), asked);
}

//! Dates of sources: of which zone, how exact, ahead of the clock, moving on, unreadable.

use crate::draft::{FEED, edition, from_feed};
use crate::feedserver::{FeedServer, Page};
use crate::newsroom::Newsroom;

#[test]
fn a_story_whose_date_cannot_be_read_is_old_unless_the_source_was_seen_without_it() {
    let feeds = FeedServer::open();
    let item = |name: &str, date: &str| {
        format!(
            "<item><title>{name} opens</title><link>https://harbourtimes.example/{name}</link><pubDate>{date}</pubDate></item>"
        )
    };
    let route = |items: &str| {
        let feed = FEED.replace("</channel>", &format!("{items}</channel>"));
        feeds.route("/rss", Page::new("application/rss+xml", feed));
    };
    let old = item("bridge", "the third of May");
    route(&old);
    let room = from_feed(&feeds, "/rss");
    for verb in [&["draft"][..], &["send"], &["draft", "--force"]] {
        room.run(verb).exits(0);
        assert!(!edition(&room).contains("bridge"));
    }
    route(&(old + &item("market", "the third of May")));
    room.run(&["draft", "--force", "--now", "2026-08-24T06:45:00Z"])
        .exits(0)
        .says("`the third of May` is no date we know, nor are those of 1 others");
    assert!(edition(&room).contains("market opens") && !edition(&room).contains("bridge"));
    let why = room.run(&["explain", "bridge"]).exits(0).stdout;
    assert!(why.contains("its date cannot be read"), "{why}");
}

#[test]
fn a_feed_that_changes_its_dates_each_hour_is_believed_the_first_time() {
    let feeds = FeedServer::open();
    let at = |hour: u32| {
        let items = [0, 1, 2, 3].map(|number| {
            format!(
                "<item><title>Ferry number {number} is late</title><link>https://harbourtimes.example/late-{number}</link>\
                 <pubDate>Mon, 24 Aug 2026 {hour:02}:1{number}:00 GMT</pubDate></item>"
            )
        });
        let items = items.concat();
        let feed = format!("<rss version=\"2.0\"><channel><title>H</title>{items}</channel></rss>");
        feeds.route("/rss", Page::new("application/rss+xml", feed));
    };
    let room = from_feed(&feeds, "/rss");
    at(5);
    room.run(&["send"]).exits(0);
    let first = edition(&room);
    assert!(
        first.contains("published = 2026-08-24T06:13:00+01:00"),
        "{first}"
    );
    for hour in [6, 7, 8] {
        at(hour);
        let now = format!("2026-08-24T{hour:02}:45:00Z");
        room.run(&["draft", "--force", "--now", &now])
            .exits(0)
            .says(
                "gives 4 stories later dates than when they were first seen: those of then count",
            );
        let again = edition(&room);
        for number in 0..4 {
            let dated = format!("published = 2026-08-24T06:1{number}:00+01:00");
            assert!(again.contains(&dated), "{hour}: {again}");
        }
    }
}

#[test]
fn dates_are_of_the_sources_zone_and_as_exact_as_they_say() {
    let feeds = FeedServer::open();
    let feed = FEED
        .replace("Mon, 24 Aug 2026 05:00:00 GMT", "2026/8/24 14:00:00")
        .replace("Mon, 24 Aug 2026 04:00:00 GMT", "Montag, 24. August 2026");
    feeds.route("/rss", Page::new("application/rss+xml", feed));
    let source = format!(
        "feed = \"{}\"\ntime_zone = \"Asia/Tokyo\"",
        feeds.url("/rss")
    );
    let room = Newsroom::new().config("[source]", &source);
    room.run(&["draft"]).exits(0);
    let edition = edition(&room);
    assert!(
        edition.contains("published = 2026-08-24T06:00:00+01:00"),
        "{edition}"
    );
    assert_eq!(edition.matches("day_only = true").count(), 1, "{edition}");
}

#[test]
fn a_story_dated_ahead_of_the_clock_is_published_now() {
    let feeds = FeedServer::open();
    let feed = FEED
        .replace(
            "Mon, 24 Aug 2026 05:00:00 GMT",
            "Mon, 24 Aug 2026 06:30:00 GMT",
        )
        .replace(
            "Mon, 24 Aug 2026 04:00:00 GMT",
            "Mon, 24 Aug 2026 06:41:00 GMT",
        );
    feeds.route("/rss", Page::new("application/rss+xml", feed));
    let room = from_feed(&feeds, "/rss");
    // Again later: the dates have not moved.
    for (now, clock) in [("05:45", "06:45"), ("06:00", "07:00"), ("06:35", "07:30")] {
        let now = format!("2026-08-24T{now}:00Z");
        let said = room.run(&["draft", "--force", "--now", &now]).exits(0);
        assert!(!said.stderr.contains("later dates"), "{}", said.stderr);
        let edition = edition(&room);
        let published = format!("published = 2026-08-24T{clock}:00+01:00");
        assert!(edition.contains(&published), "{edition}");
        let after = ["07:30", "07:41"].map(|hour| edition.matches(hour).count());
        assert_eq!(
            after.iter().sum::<usize>(),
            usize::from(clock == "07:30"),
            "{edition}"
        );
    }
}

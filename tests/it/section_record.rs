//! What the sections of a paper did at earlier drafts counts at the next one.

use std::fmt::Write as _;

use serde_json::Value;

use crate::newsroom::Newsroom;

const STORIES: [(&str, &str); 6] = [
    ("Ferry fares rise on Monday", "News"),
    ("Library opens on Sundays", "News"),
    ("Rowers win the river cup", "Sport"),
    ("Chess club loses its room", "Sport"),
    ("Fish market moves indoors", "Business"),
    ("Rope works hires forty people", "Business"),
];

/// Six stories that came out on the evening before the 24th, and their views an hour from midnight on until 05:00 of that day. All are read
/// alike, but for what is said of `Sport` by day.
fn counted(room: &Newsroom, day: u32, sport: u32) {
    let mut feed = "<rss version=\"2.0\"><channel><title>H</title>".to_owned();
    let mut counts = "time,url,count\n".to_owned();
    for (number, (headline, section)) in STORIES.iter().enumerate() {
        write!(feed, "<item><title>{headline}</title><link>https://harbourtimes.example/{number}</link><category>{section}</category><pubDate>Sun, 23 Aug 2026 20:00:00 GMT</pubDate></item>").unwrap();
        for hour in 0..(day - 24) * 24 + 6 {
            let is_their_day = (6..18).contains(&hour) && *section == "Sport";
            let views = if is_their_day { sport } else { 100 };
            let (day, hour) = (24 + hour / 24, hour % 24);
            writeln!(
                counts,
                "2026-08-{day}T{hour:02}:30:00Z,https://harbourtimes.example/{number},{views}"
            )
            .unwrap();
        }
    }
    room.file("feed.xml", feed + "</channel></rss>");
    room.file("views.csv", counts);
}

fn factors(room: &Newsroom) -> Vec<Option<f64>> {
    let told = room.run(&["explain", "--json", "-q"]).exits(0).stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    let of = |section: &str| {
        let mut all = told["candidates"].as_array().unwrap().iter();
        all.find(|story| story["section"] == section).unwrap()["parts"]["section_record"].as_f64()
    };
    ["News", "Sport", "Business"].map(of).to_vec()
}

#[test]
fn what_sections_did_after_the_last_draft_counts_at_the_next() {
    let room = Newsroom::new()
        .config("[source]", "feed = \"feed.xml\"")
        .config("[readership]", "counts = \"views.csv\"")
        .config("selection", "window = \"72h\"");
    counted(&room, 24, 100);
    room.run(&["draft"]).exits(0);
    assert_eq!(factors(&room), [None; 3]);
    counted(&room, 25, 700);
    let room = room.at("2026-08-25T05:45:00Z");
    let learned = factors(&room);
    let [Some(news), Some(sport), Some(business)] = learned[..] else {
        panic!("{learned:?}")
    };
    assert!(
        sport > 1.2 && news < 0.9 && (news - business).abs() < 1e-9,
        "{learned:?}"
    );
    // Asking changes nothing, and neither does drafting again: a morning is learned once.
    for verb in [&["draft"][..], &["draft", "--force"], &["draft", "--force"]] {
        assert_eq!(factors(&room), learned);
        room.run(verb).exits(0);
    }
    assert_eq!(factors(&room), learned);
    let why = room.run(&["explain", "rowers"]).exits(0).stdout;
    assert!(why.contains("section record"), "{why}");
    let edition = room.read("editions/2026-08-25.toml");
    let first = edition.split("[[top]]").nth(1).unwrap();
    assert!(
        first.contains("/2\"") || first.contains("/3\""),
        "{edition}"
    );
}

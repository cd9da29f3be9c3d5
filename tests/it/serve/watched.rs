//! What those who watch are told, and that docs/operations.md tells them of all of it and of nothing else.

use std::collections::BTreeSet;

use super::{Serving, room};
use crate::postoffice::PostOffice;
use crate::results::{Log, PERSON};

#[test]
fn every_metric_and_every_label_of_an_alert_is_there() {
    let post = PostOffice::open()
        .reply_to("bob@example.org", "550 5.1.1 no such user")
        .reply_to("eve@example.net", "450 4.2.0 not yet");
    let host = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nattempts = 1",
        post.port()
    );
    let room = room()
        .config("relay", &host)
        .config("[events]", "from = \"brevo\"")
        .config("links", "add = \"s={slot}\"")
        .config("[readership]", "access_log = \"web.log\"")
        .subscribers(&[
            "ada@example.org",
            "bob@example.org",
            "cleo@example.net",
            "eve@example.net",
        ]);
    room.run(&["suppress", "cleo@example.net"]).exits(0);
    // Views by time, so that what the edition brought is known a day later.
    let mut log = Log(String::new());
    log.ask(9, "24T05:00", "/story-1", PERSON);
    room.file("web.log", &log.0);
    // It cannot be read, and that is a miss.
    room.file("stories/7.toml", "[[story]]\nheadline = 7\n");
    room.run(&["send"]).exits(3);
    log.ask(9, "24T07:00", "/story-1?s=top-1", PERSON);
    log.ask(150, "24T08:00", "/story-1", PERSON);
    room.file("web.log", &log.0);
    room.run(&["results", "--now", "2026-08-25T06:00:00Z"])
        .exits(0);
    let serving = Serving::start(&room);
    assert_eq!(serving.pages.post("", "email=dee@example.org").0, 200);
    assert_eq!(serving.pages.get("metrics").0, 404, "not for everybody");
    assert_eq!(serving.pages.watch("readyz").0, 200);
    let (_, numbers) = serving.pages.watch("metrics");
    for line in [
        "newsdigest_copies{state=\"accepted\"} 1",
        "newsdigest_answers{class=\"2xx\"} 1",
        "newsdigest_answers{class=\"4xx\"} 1",
        "newsdigest_answers{class=\"5xx\"} 1",
        "newsdigest_misses 1",
        "newsdigest_arrivals{slot=\"top-1\"} 9",
        "newsdigest_ranking_ndcg{order=\"edition\"} 1",
    ] {
        assert!(
            numbers.lines().any(|told| told == line),
            "{line}\n{numbers}"
        );
    }

    let paper = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    let paper = std::fs::read_to_string(paper).unwrap();
    let told: BTreeSet<&str> = numbers
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| names(line).next())
        .collect();
    let named: BTreeSet<&str> = names(&paper).collect();
    assert_eq!(
        named, told,
        "docs/operations.md on the left, /metrics on the right"
    );
    let labels: Vec<(&str, &str)> = paper.lines().flat_map(labels).collect();
    assert!(labels.len() > 5, "{labels:?}");
    for (name, value) in labels {
        assert!(
            numbers.contains(&format!("{name}=\"{value}\"")),
            "no metric has `{name}=\"{value}\"`\n{numbers}"
        );
    }
}

/// The names of metrics in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    text.split(move |letter| !is_name(letter))
        .filter(|word| word.starts_with("newsdigest_"))
}

/// The labels that the expression in a line asks for, with each value of an alternative; other patterns are left out.
fn labels(line: &str) -> Vec<(&str, &str)> {
    let Some((_, expression)) = line.split_once("expr: ") else {
        return Vec::new();
    };
    let pairs = expression.split(['{', '}', ',']).filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim_start_matches('~').strip_prefix('"')?;
        Some((name.trim_end_matches('!'), value.strip_suffix('"')?))
    });
    pairs
        .filter(|(name, _)| *name != "job")
        .flat_map(|(name, value)| value.split('|').map(move |value| (name, value)))
        .filter(|(_, value)| !value.contains('.'))
        .collect()
}

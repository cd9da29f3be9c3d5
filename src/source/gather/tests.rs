use std::path::Path;

use chrono::TimeDelta;

use super::*;
use crate::source::LIMITS;

fn source(kind: Kind, name: &str) -> Source {
    Source::of(Line::clean(name), kind)
}

async fn gathered(sources: &[Source]) -> Gathered {
    let now = "2026-08-24T06:00:00Z".parse().unwrap();
    gather(sources, &HashMap::new(), &LIMITS, now).await
}

/// What is missing and why; files by their paths within that folder.
pub(in crate::source) fn misses(harvest: &Harvest, folder: &Path) -> String {
    let here = format!("{}/", folder.display());
    let misses = harvest.misses.iter();
    let told = misses.map(|miss| format!("{}: {}", miss.source, miss.what));
    told.collect::<Vec<_>>().join("\n").replace(&here, "")
}

#[tokio::test]
async fn feeds_and_files_become_one_harvest() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let path = |name: &str| Origin::Path(folder.path().join(name));
    write(
        "a.rss",
        "<rss><channel><item><title>A</title><link>https://a.example/a</link><pubDate>Mon, 24 Aug 2026 05:00:00 GMT</pubDate></item></channel></rss>",
    );
    write("b.rss", "<html>");
    write(
        "s1.toml",
        "[[story]]\nheadline = \"B\"\nurl = \"https://a.example/b\"\n[[story]]\nheadline = \"C\"\n",
    );
    write(
        "s2.json",
        "[{\"headline\": \"A!\", \"url\": \"https://a.example/a\", \"dek\": \"D\"}]",
    );
    let mut feeds = source(Kind::Feed(path("*.rss")), "*.rss");
    feeds.section = Line::non_empty("News");
    let found = gathered(&[
        feeds,
        source(Kind::Stories(path("s*")), "s*"),
        source(Kind::Feed(path("none.rss")), "none.rss"),
        source(Kind::Stories(path("*.md")), "*.md"),
    ])
    .await;
    let harvest = found.harvest;
    let stories: Vec<String> = harvest
        .candidates
        .iter()
        .map(|candidate| {
            let story = &candidate.story;
            format!(
                "{} {:?} {:?} {:?} {:?}",
                story.headline, story.dek, story.section, candidate.sources, candidate.position
            )
        })
        .collect();
    insta::assert_snapshot!(stories.join("\n"), @r#"
    A Some("D") Some("News") ["*.rss", "s*"] Some(1)
    B None None ["s*"] Some(0)
    "#);
    insta::assert_snapshot!(misses(&harvest, folder.path()), @"
    *.rss: `b.rss` is an HTML page, not a feed
    s*: s1.toml:4:1: a story must have a `url`
    none.rss: does not exist
    *.md: matches no file
    ");
    assert_eq!((harvest.asked, harvest.failed), (4, 2));
}

#[tokio::test]
async fn what_an_edition_must_have_is_lent_its_last_good_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.rss");
    let mut main = source(Kind::Feed(Origin::Path(path.clone())), "main");
    main.must = Some(TimeDelta::hours(6));
    std::fs::write(
        &path,
        "<rss><channel><item><title>A</title><link>https://a.example/a</link></item></channel></rss>",
    )
    .unwrap();
    let sources = [main];
    let at = |hour: &str| format!("2026-08-24T{hour}:00Z").parse().unwrap();
    let first = gather(&sources, &HashMap::new(), &LIMITS, at("04:00")).await;
    assert!(first.harvest.lacking.is_empty());
    let known: HashMap<String, Remembered> = first
        .remember
        .into_iter()
        .map(|kept| (kept.url.clone(), kept))
        .collect();
    for broken in ["<html>", "<rss><channel></channel></rss>", ""] {
        std::fs::write(&path, broken).unwrap();
        let lent = gather(&sources, &known, &LIMITS, at("10:00")).await.harvest;
        assert_eq!((lent.candidates.len(), lent.failed), (1, 0), "{broken}");
        assert_eq!(lent.candidates, first.harvest.candidates);
        let said = &lent.misses[0].what;
        assert_eq!(*said, "its last good answer is used instead, 360 min old");
        let late = gather(&sources, &known, &LIMITS, at("10:01")).await.harvest;
        assert_eq!(late.lacking, ["main"], "{broken}");
        let said = &late.misses[0].what;
        assert_eq!(
            *said,
            "its last good answer is 361 min old, and `max_stale` allows 360"
        );
        let new = gather(&sources, &HashMap::new(), &LIMITS, at("10:00")).await;
        assert_eq!(new.harvest.lacking, ["main"], "{broken}");
    }
}

#[tokio::test]
async fn packed_files_are_unpacked() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let packed = |text: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let rss = "<rss><channel><item><title>A</title><link>https://a.example/a</link><pubDate>Mon, 24 Aug 2026 05:00:00 GMT</pubDate></item></channel></rss>";
    let toml = "[[story]]\nheadline = \"B\"\nurl = \"https://a.example/b\"\n";
    let whole = packed(&rss.repeat(2));
    let written = [
        ("a.xml.gz", packed(rss)),
        ("a.xml", packed(rss)),
        ("cut.gz", whole[..whole.len() - 12].to_vec()),
        ("b.gz", packed(toml)),
    ];
    for (name, bytes) in &written {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let path = |name: &str| Origin::Path(folder.path().join(name));
    for (kind, expected) in [
        (Kind::Feed(path("a.xml.gz")), "A"),
        (Kind::Feed(path("a.xml")), "A"),
        (
            Kind::Feed(path("cut.gz")),
            "A its gzip data is cut short or damaged breaks off after 1 item",
        ),
        (Kind::Stories(path("b.gz")), "B"),
    ] {
        let harvest = gathered(&[source(kind, "s")]).await.harvest;
        let stories = harvest
            .candidates
            .iter()
            .map(|one| one.story.headline.to_string());
        let misses = harvest.misses.iter().map(|miss| miss.what.to_string());
        let told: Vec<String> = stories.chain(misses).collect();
        assert_eq!(told.join(" "), expected);
    }
}

#[tokio::test]
async fn many_misses_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, "[[story]]\nheadline = \"C\"\n".repeat(30)).unwrap();
    let found = gathered(&[source(Kind::Stories(Origin::Path(path)), "s.toml")]).await;
    assert_eq!(found.harvest.misses.len(), MISSES + 1);
    assert_eq!(found.harvest.misses[MISSES].what, "10 more of this kind");
    assert_eq!(found.harvest.failed, 1);
}

use super::*;
use crate::model::link::Origin;
use crate::model::story::Harvest;
use crate::model::story::Story;
use crate::source::fetch::tests::{Act, answer, serve};
use crate::source::{Kind, LIMITS};

const NOW: &str = "2026-08-24T06:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn source(name: &str, at: &str) -> Source {
    Source {
        enrich: true,
        ..Source::of(
            Line::clean(name),
            Kind::Feed(Origin::Url(Link::parse(at).unwrap())),
        )
    }
}

fn candidate(headline: &str, url: &str, source: &str) -> Candidate {
    Candidate {
        story: Story::new(Line::clean(headline), Link::parse(url).unwrap()),
        sources: vec![Line::clean(source)],
        position: None,
    }
}

fn gathered(candidates: Vec<Candidate>) -> Gathered {
    Gathered {
        harvest: Harvest {
            candidates,
            ..Harvest::default()
        },
        ..Gathered::default()
    }
}

/// The work may be spawned.
fn sendable<F: Future + Send>(future: F) -> F {
    future
}

/// Enriches stories of a feed on that server, one for each path.
async fn enriched(
    server: &str,
    paths: &[&str],
    before: &[Remembered],
    limits: &Limits,
) -> Gathered {
    let sources = [source("feed", &format!("{server}/rss"))];
    let mut gathered = gathered(
        paths
            .iter()
            .map(|path| candidate("Ferry", &format!("{server}{path}"), "feed"))
            .collect(),
    );
    let remembered = before
        .iter()
        .map(|known| (known.url.clone(), known.clone()))
        .collect();
    let pages = thin(&gathered, &sources, now());
    sendable(enrich(
        &mut gathered,
        &sources,
        &pages,
        &remembered,
        limits,
        now(),
    ))
    .await;
    gathered
}

fn misses(gathered: &Gathered, server: &str) -> String {
    let lines: Vec<String> = gathered
        .harvest
        .misses
        .iter()
        .map(|miss| format!("{}: {}", miss.source, miss.what))
        .collect();
    lines.join("\n").replace(server, "SERVER")
}

const PAGE: &str = "<meta property=og:description content='On Monday.'><meta property=og:image content=/a.jpg>\
    <meta property=article:published_time content=2026-08-24T05:00:00Z><meta name=author content='Ana Reis'>";

fn path(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

#[test]
fn thin_stories_are_those_worth_asking_for() {
    let sources = [
        source("a", "https://a.example/rss"),
        Source {
            enrich: false,
            ..source("b", "https://b.example/rss")
        },
    ];
    let dated = |name: &str, source: &str, date: &str| {
        let mut candidate = candidate(name, &format!("https://x.example/{name}"), source);
        candidate.story.published = Some(date.parse().unwrap());
        candidate
    };
    let mut whole = dated("whole", "a", NOW);
    whole.story.dek = Line::non_empty("x");
    whole.story.picture = Some(crate::model::story::Picture::at(
        Link::parse("https://x.example/p").unwrap(),
    ));
    let mut placed = candidate("placed", "https://x.example/placed", "a");
    placed.position = Some(3);
    let gathered = gathered(vec![
        candidate("undated", "https://x.example/undated", "a"),
        dated("older", "a", "2026-08-23T07:00:00Z"),
        dated("newer", "a", "2026-08-23T08:00:00Z"),
        dated("old", "a", "2026-08-20T08:00:00Z"),
        dated("other", "b", NOW),
        whole,
        placed,
    ]);
    let since = "2026-08-23T06:00:00Z".parse().unwrap();
    let thin = thin(&gathered, &sources, since);
    let paths: Vec<&str> = thin.iter().map(|link| link.url().path()).collect();
    assert_eq!(paths, ["/placed", "/newer", "/older", "/undated"]);
}

#[tokio::test]
async fn what_is_missing_is_filled_and_remembered() {
    let server = serve(|request| match path(request) {
        "/a" => answer("200 OK", "ETag: \"1\"\r\n", PAGE),
        _ => answer("404 Not Found", "", ""),
    })
    .await;
    let first = enriched(&server, &["/a"], &[], &LIMITS).await;
    let story = &first.harvest.candidates[0].story;
    assert_eq!(story.headline, "Ferry");
    assert_eq!(story.dek, Line::non_empty("On Monday."));
    assert_eq!(story.byline, Line::non_empty("Ana Reis"));
    assert_eq!(
        story.published,
        Some("2026-08-24T05:00:00Z".parse().unwrap())
    );
    assert_eq!(
        story
            .picture
            .as_ref()
            .map(|picture| picture.url.as_str().to_owned()),
        Some(format!("{server}/a.jpg"))
    );
    assert_eq!(first.harvest.misses, []);
    let [known] = first.remember.as_slice() else {
        panic!("{:?}", first.remember)
    };
    assert_eq!(
        (known.url.as_str(), known.etag.as_deref()),
        (format!("{server}/a").as_str(), Some("\"1\""))
    );

    // Nobody answers there now: it is not asked.
    let known = Remembered {
        url: "http://127.0.0.1:1/a".into(),
        ..known.clone()
    };
    let again = enriched("http://127.0.0.1:1", &["/a"], &[known], &LIMITS).await;
    assert_eq!(
        again.harvest.candidates[0].story.dek,
        Line::non_empty("On Monday.")
    );
    assert_eq!((again.harvest.misses.len(), again.remember.len()), (0, 0));
}

#[tokio::test]
async fn a_page_that_said_little_is_asked_whether_it_changed() {
    let server = serve(|request| match path(request) {
        "/same" if request.contains("if-none-match: \"1\"") => answer("304 Not Modified", "", ""),
        "/changed" => answer("200 OK", "ETag: \"2\"\r\n", PAGE),
        _ => answer("500 Oops", "", ""),
    })
    .await;
    let known = |path: &str, etag: Option<&str>| Remembered {
        url: format!("{server}{path}"),
        etag: etag.map(str::to_owned),
        last_modified: None,
        body: serde_json::to_vec(&Facts {
            dek: "Before.".into(),
            ..Facts::default()
        })
        .unwrap(),
    };
    let before = [
        known("/same", Some("\"1\"")),
        known("/changed", Some("\"1\"")),
        known("/broken", Some("\"1\"")),
        known("/unasked", None),
    ];
    let found = enriched(
        &server,
        &["/same", "/changed", "/broken", "/unasked"],
        &before[..2],
        &LIMITS,
    )
    .await;
    let dek = |place: usize| found.harvest.candidates[place].story.dek.clone();
    assert_eq!(
        (dek(0), dek(1)),
        (Line::non_empty("Before."), Line::non_empty("On Monday."))
    );
    assert_eq!(found.remember.len(), 1);
    let found = enriched(&server, &["/broken", "/unasked"], &before[2..], &LIMITS).await;
    assert_eq!(misses(&found, &server), "");
    assert_eq!(
        found.harvest.candidates[1].story.dek,
        Line::non_empty("Before.")
    );
}

#[tokio::test]
async fn failures_are_summed_by_host() {
    let server = serve(|request| match path(request) {
        "/robots.txt" => answer("200 OK", "", "User-agent: *\nDisallow: /secret"),
        "/front" => answer("302 Found", "Location: /\r\n", ""),
        "/" => answer("200 OK", "", PAGE),
        "/bottomless" => Act::Endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        _ => answer("404 Not Found", "", ""),
    })
    .await;
    let found = enriched(
        &server,
        &["/gone", "/front", "/secret/1", "/bottomless", "/secret/2"],
        &[],
        &LIMITS,
    )
    .await;
    insta::assert_snapshot!(misses(&found, &server), @"
    feed: 2 story pages of `127.0.0.1` gave nothing: the first answered 404
    feed: 2 story pages of `127.0.0.1` may not be read: `robots.txt` there forbids it
    ");
    let found = enriched(&server, &["/front"], &[], &LIMITS).await;
    insta::assert_snapshot!(misses(&found, &server), @"feed: 1 story page of `127.0.0.1` gave nothing: it redirects to a front page");
}

#[tokio::test]
async fn silence_ends_it() {
    let server = serve(|request| match path(request) {
        "/a" => answer("200 OK", "", PAGE),
        "/robots.txt" => answer("404 Not Found", "", ""),
        _ => Act::Silence,
    })
    .await;
    let limits = Limits {
        time: Duration::from_millis(100),
        ..LIMITS
    };
    let paths: Vec<String> = (0..20).map(|n| format!("/{n}")).collect();
    let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    paths.insert(0, "/a");
    let found = enriched(&server, &paths, &[], &limits).await;
    assert_eq!(
        found.harvest.candidates[0].story.dek,
        Line::non_empty("On Monday.")
    );
    let misses = misses(&found, &server);
    assert!(
        misses.contains("gave nothing: the first took longer than 0.1 s"),
        "{misses}"
    );
    assert!(
        misses.contains("of 21 story pages were not read: 0.3 s are the time for all"),
        "{misses}"
    );
}

#[tokio::test]
async fn a_feed_may_not_send_us_into_a_private_network() {
    let server = serve(|_| answer("200 OK", "", PAGE)).await;
    let sources = [
        source("ours", &format!("{server}/rss")),
        source("theirs", "https://feeds.example/rss"),
    ];
    let mut gathered = gathered(vec![candidate("A", &format!("{server}/a"), "theirs")]);
    let pages = thin(&gathered, &sources, now());
    enrich(
        &mut gathered,
        &sources,
        &pages,
        &HashMap::new(),
        &LIMITS,
        now(),
    )
    .await;
    assert_eq!(
        misses(&gathered, &server),
        format!(
            "theirs: 1 story page of `127.0.0.1` gave nothing: it leads to `{}`, which is not on the public internet",
            server.trim_start_matches("http://")
        )
    );
    assert_eq!(gathered.harvest.candidates[0].story.dek, None);
}

#[tokio::test]
async fn what_all_pages_say_is_the_papers() {
    let server = serve(|request| match path(request) {
        "/robots.txt" => answer("404 Not Found", "", ""),
        path => answer(
            "200 OK",
            "",
            &format!("<meta name=description content='All the news.'><meta property=og:image content=/logo.jpg><meta property=og:image content={path}.jpg>"),
        ),
    })
    .await;
    let found = enriched(&server, &["/a", "/b", "/c"], &[], &LIMITS).await;
    let stories = found
        .harvest
        .candidates
        .iter()
        .map(|candidate| &candidate.story);
    for (story, path) in stories.zip(["/a.jpg", "/b.jpg", "/c.jpg"]) {
        assert_eq!(story.dek, None);
        assert_eq!(story.picture.as_ref().unwrap().url.url().path(), path);
    }
}

#[test]
fn only_a_headline_that_was_cut_is_replaced() {
    let check = |headline: &str, said: &str, expected: &str| {
        let mut story = candidate(headline, "https://a.example/a", "feed").story;
        let facts = Facts {
            headline: said.into(),
            site: "The Paper".into(),
            published: Some("2027-01-01T00:00:00Z".parse().unwrap()),
            ..Facts::default()
        };
        fill(
            &mut story,
            facts,
            (&Sections::default(), &DateStyle::universal()),
            now(),
        );
        assert_eq!((story.headline.as_str(), story.published), (expected, None));
    };
    check(
        "Ferry fares to…",
        "Ferry fares to rise &amp; rise | The Paper",
        "Ferry fares to rise & rise",
    );
    check(
        "Ferry fares ...",
        "Ferry fares to rise",
        "Ferry fares to rise",
    );
    check("Ferry fares ...", "Seals", "Ferry fares ...");
    check("Ferry fares.", "Ferry fares to rise", "Ferry fares.");
    check("Ferry", "Ferry fares to rise", "Ferry");
}

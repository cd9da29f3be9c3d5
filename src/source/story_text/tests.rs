use super::*;
use proptest::prelude::*;

fn check(markup: &str, most: usize) -> String {
    let headline = Line::clean("Ferry fares rise on Monday");
    let found = paragraphs(markup, &headline, most);
    let lines: Vec<&str> = found.iter().map(Line::as_str).collect();
    lines.join("\n")
}

const FIRST: &str = "The company that runs the ferries says that diesel has become dear.";
const SECOND: &str = "The council found out from a poster on the quay, and will appeal.";
const THIRD: &str = "Islanders keep their free return on Sundays, for now at least.";

#[test]
fn running_text_and_nothing_else() {
    let all = format!("{FIRST}\n{SECOND}\n{THIRD}");
    for (around, expected) in [
        (format!("<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"), &all),
        (format!("{FIRST}<br><br>{SECOND}<br/>\n<br/>{THIRD}"), &all),
        (format!("{FIRST}\n\n{SECOND}\r\n\r\n{THIRD}"), &all),
        (format!("<div>{FIRST}<div>{SECOND}</div>{THIRD}</div>"), &all),
        // Captions, adverts, lists, appeals, authors, scripts, the headline again.
        (format!(
            "<h1>Ferry fares rise on Monday</h1><p>By Ana Reis</p><figure><img src=a.jpg><figcaption>The ferry leaves the quay at dawn, one deck full.</figcaption></figure>
             <p>{FIRST}</p><div class='ad-slot'>Buy a boat this summer, they are cheap as never before.</div><script>document.write('It says something, and ends.')</script>
             <p><strong>Read also:</strong> <a href=/a>What commuters on all of the routes will have to pay.</a></p>
             <ul class=share><li>Share this story on the social network of your choice.</li></ul>
             <p>{SECOND}</p><p>Sign up for our newsletter, and get the best of it in your inbox.</p><p>Published 5 hours ago on this very site of ours</p>
             <p>ADVERTISEMENT. CONTINUE READING BELOW.</p><aside><p>In 1874 the fare was one herring, says our archive.</p></aside><p>{THIRD}</p>"
        ), &all),
        (format!("<p>{FIRST}</p><p><a href=/x>{SECOND}</a></p><p>{SECOND}</p><p>{SECOND}</p><p hidden>A secret that nobody is to see or to hear of.</p><p>{THIRD}</p>"), &all),
        (format!("<div class=articleShareTools>Pass this story on to all of the friends you have.</div><div class='article-body related'><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div>"), &all),
    ] {
        assert_eq!(check(&around, 3), *expected, "{around}");
    }
    assert_eq!(check(&format!("<p>{FIRST}</p><p>{SECOND}</p>"), 1), FIRST);
    assert_eq!(
        check(
            &format!(
                "<p>{FIRST}</p><p>She said of the poster on the quay:</p><blockquote>No.</blockquote>"
            ),
            2
        ),
        FIRST
    );
    assert_eq!(
        check(
            "<p>Short.</p><p>Photo: Rui Falk of The Harbour Times.</p>",
            3
        ),
        ""
    );
}

#[test]
fn other_languages() {
    for (text, elsewhere) in [
        (
            "運賃は月曜日に値上げされ、島の住民からは不満の声が上がっている。",
            "関連記事：フェリーの歴史を振り返る連載はこちらから。",
        ),
        (
            "Die Fähre wird am Montag teurer, und niemand hat es den Pendlern gesagt.",
            "Lesen Sie auch: Was Pendler auf allen Linien zahlen.",
        ),
        (
            "أعلنت شركة العبّارات أن الأسعار سترتفع يوم الاثنين المقبل.",
            "اقرأ أيضا: ما الذي سيدفعه الركاب على جميع الخطوط.",
        ),
        (
            "Паром подорожает в понедельник, и никто не сказал об этом людям.",
            "Читайте также: сколько заплатят пассажиры всех линий.",
        ),
    ] {
        assert_eq!(check(&format!("<p>{text}</p><p>{elsewhere}</p>"), 3), text);
    }
}

#[test]
fn no_sentence_is_cut() {
    let sentence = "The fare of the U.S. ferry, said Mr. Doe, rises by a tenth on Monday. ";
    let long = check(&format!("<p>{}</p>", sentence.repeat(20)), 3);
    assert!(
        long.ends_with("Monday.") && long.chars().count() <= 700,
        "{long}"
    );
    let many = check(
        &format!("<p>{}</p>", sentence.repeat(8))
            .replace("</p>", &format!("</p><p>{FIRST}</p>"))
            .repeat(9),
        20,
    );
    assert!(many.chars().count() <= 2_000 && many.lines().all(|line| line.ends_with('.')));
    // A feed that cuts its text has no more of it.
    let cut = format!("<p>{FIRST} The rest of it goes on in the pa […]</p><p>{SECOND}</p>");
    assert_eq!(check(&cut, 3), FIRST);
    assert_eq!(
        check(
            "<p>The company that runs the ferries says that dies…</p>",
            3
        ),
        ""
    );
    // Neither has a text that is longer than what is read of it.
    let endless = format!("<p>{FIRST}</p><p>{}", "word ".repeat(20_000));
    assert_eq!(check(&endless, 3), FIRST);
    assert_eq!(check(&format!("<p>{}</p>", "word ".repeat(400)), 3), "");
}

#[test]
fn a_page_is_read_as_reader_views_do() {
    let url = Link::parse("https://harbour.example/news/ferry").unwrap();
    let headline = Line::clean("Ferry fares rise on Monday");
    let more = "And so it went on all morning, with people who had come to the quay as they do on every day. ".repeat(4);
    let page = format!(
        "<!DOCTYPE html><html><head><title>Ferry fares rise on Monday | The Harbour Times</title></head><body>
         <header><nav><a href=/>News</a> <a href=/city>City</a></nav><p>The Harbour Times has been here for you since 1851, every day.</p></header>
         <main><article><h1>Ferry fares rise on Monday</h1><p class=byline>By Ana Reis, our reporter on the quay.</p>
         <p>{FIRST}</p><div class=ad><p>Buy a boat this summer, they are cheap as never before.</p></div><p>{SECOND}</p>
         <div class='related-stories'><p>What the tide tables got wrong, and the girl who noticed it.</p></div><p>{THIRD}</p><p>{more}</p><p>{more}</p></article></main>
         <div id=cookie-banner><p>We and our 1,204 partners store cookies on your device, and love you.</p></div>
         <footer><p>All rights reserved by The Harbour Times of Port Ellery, 2026.</p></footer></body></html>"
    );
    let found = of_page(&page, &url, &headline, 3);
    let lines: Vec<&str> = found.iter().map(Line::as_str).collect();
    assert_eq!(lines, [FIRST, SECOND, THIRD]);
}

#[test]
fn text_for_machines_has_its_paragraphs_however_they_are_parted() {
    let headline = Line::clean("Ferry fares rise on Monday");
    let told = |text: &str| {
        let found = or_for_machines(Vec::new(), text, &headline, 3);
        let lines: Vec<&str> = found.iter().map(Line::as_str).collect();
        lines.join("\n")
    };
    let all = [FIRST, SECOND, THIRD].join("\n");
    for between in ["\n\n", "\r\n\r\n", "\n", " \n", "", "</p><p>", "<br/><br/>"] {
        assert_eq!(
            told(&[FIRST, SECOND, THIRD].join(between)),
            all,
            "{between:?}"
        );
    }
    for (text, expected) in [
        (
            "Er sei „müde vom Warten am Kai.“Dann kam das Boot doch noch an.",
            "Er sei „müde vom Warten am Kai.“\nDann kam das Boot doch noch an.",
        ),
        (
            "Er wartete lange am Kai von Ellery.„Es reicht mir jetzt wirklich.“",
            "Er wartete lange am Kai von Ellery.\n„Es reicht mir jetzt wirklich.“",
        ),
        // Lines of a fixed width are one paragraph, and so is what has no marks at all.
        (
            "The company that runs the ferries\nsays that diesel has become dear.",
            FIRST,
        ),
        (
            "It is U.S.A. Today that says so of the boats.",
            "It is U.S.A. Today that says so of the boats.",
        ),
        (
            "The boats, 3.5 of them &amp; more, sail <b>late</b> today.",
            "The boats, 3.5 of them & more, sail late today.",
        ),
        (
            "The crane has lifted nothing since 1998.Two members walked out of the room.",
            "The crane has lifted nothing since 1998.\nTwo members walked out of the room.",
        ),
        (
            "By Rule 2.B the crane is to stay where it is.",
            "By Rule 2.B the crane is to stay where it is.",
        ),
        (
            "&lt;p&gt;The boats &amp;amp; more sail late today.&lt;/p&gt;&lt;p class=&quot;x&quot;&gt;Nobody knows why they do.&lt;/p&gt;",
            "The boats & more sail late today.",
        ),
        ("Too short.", ""),
        ("", ""),
    ] {
        assert_eq!(told(text), expected);
    }
    assert_eq!(told(&format!("{FIRST} ").repeat(30)).lines().count(), 1);
    _ = told(&".\"“A".repeat(500_000));
}

#[test]
fn what_a_page_shows_comes_before_what_it_tells_machines() {
    let headline = Line::clean("Ferry fares rise on Monday");
    let lines = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| Line::clean(line))
            .collect::<Vec<_>>()
    };
    let cookies = "We and our partners store cookies on your device.";
    let text = [FIRST, SECOND, THIRD].join(" ");
    for (shown, text, expected) in [
        (vec![FIRST, SECOND], text.as_str(), vec![FIRST, SECOND]),
        (vec![cookies], &text, vec![text.as_str()]),
        // A summary is not the text.
        (
            vec![FIRST, SECOND],
            "The ferry is dearer from Monday on.",
            vec![FIRST, SECOND],
        ),
        (vec![cookies], "", vec![cookies]),
    ] {
        let found = or_for_machines(lines(&shown), text, &headline, 3);
        assert_eq!(found, lines(&expected), "{shown:?}");
    }
}

#[test]
fn hostile_pages_end_soon() {
    let url = Link::parse("https://harbour.example/news/ferry").unwrap();
    let headline = Line::clean("x");
    for piece in [
        "<div>",
        "<p><b><i>",
        "<table><tr><td>",
        "<a href=x><a href=y>",
        "<div class='ad ad ad'>x",
        "<svg><g>",
        "<br>",
        "<p>One two three, four five six. ",
    ] {
        let page = piece.repeat(50_000);
        _ = of_page(&page, &url, &headline, 3);
        _ = paragraphs(&page, &headline, 3);
    }
}

proptest! {
    #[test]
    fn whole_sentences_only(markup in "(<p>|</p>|<br>|<div class=\"(ad|body)\">|</div>|<a href=x>|</a>|<script>|&amp;|[A-Z][a-z ,]{0,60}[.!?…] |\\PC{0,9}){0,40}") {
        for paragraph in paragraphs(&markup, &Line::clean("x"), 3) {
            prop_assert!(paragraph.as_str().chars().count() <= 700);
            prop_assert!(judge::ends_a_sentence(paragraph.as_str()) && !paragraph.as_str().ends_with("..."), "{paragraph}");
        }
    }
}

#[test]
fn live_blogs_are_known_by_their_address() {
    let is_live = |path: &str| {
        is_live_address(&Link::parse(&format!("https://paper.example/{path}")).unwrap())
    };
    for live in [
        "world/live/2026/aug/24/talks",
        "news/liveblog/2026/8/24/talks",
        "2026/08/24/storm-live-updates",
        "politik/liveticker-wahl.html",
        "international/live/2026/08/24/le-direct.html?x=1",
    ] {
        assert!(is_live(live), "{live}");
    }
    for not in [
        "news/where-seals-live",
        "news/live-music-returns",
        "a?live=1",
        "directors/live-aid-at-40",
    ] {
        assert!(!is_live(not), "{not}");
    }
}

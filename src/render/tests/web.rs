//! The edition as a page for everybody.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_and_html_say_the_same(
        headlines in prop::collection::vec(any_words(), 0..9),
        dek in any_words(),
        note in prop::option::of(".{0,200}"),
        path in "[a-z0-9&'(),;=?%-]{0,90}",
        tag in prop::sample::select(vec!["en", "ja", "he", "fr"]),
    ) {
        let headlines: Vec<&str> = headlines.iter().map(String::as_str).filter(|headline| !Line::clean(headline).is_empty()).collect();
        let mut edition = sample::edition(&headlines);
        edition.notices = sample::full().notices;
        edition.notices[0].label = Line::clean(headlines.first().unwrap_or(&"x"));
        edition.notices[0].text = note.clone().unwrap_or_default();
        edition.note = note.map(|note| crate::model::line::clean_lines(&note));
        for placed in &mut edition.top {
            placed.story.dek = Line::non_empty(&dek);
            placed.story.section = Line::non_empty(&dek);
            placed.story.url = sample::link(&format!("{}/{path}", placed.story.url));
        }
        edition.most_read = edition.top.iter().take(2).cloned().collect();
        edition.latest = edition.top.iter().skip(2).cloned().collect();
        let (html, text) = check(&edition, &sample::broadsheet(tag));
        let lines: BTreeSet<&str> = text.lines().collect();
        for link in links(&html) {
            prop_assert!(lines.contains(link.as_str()), "{link} is not alone on a line of\n{text}");
        }
        for line in text.lines() {
            let columns = crate::render::columns::width(line);
            prop_assert!(columns <= crate::render::plain::WIDTH || line.contains("://"), "{columns}: {line}");
        }
        prop_assert!(!(html + &text).chars().any(|c| c.is_control() && c != '\n'));
        prop_assert!(edition.list(List::Top).len() == headlines.len());
    }

    #[test]
    fn any_style_sheet_is_read(css in "[ -~\n]{0,200}", rule in "\\.(headline|page|x) ?\\{ ?[a-z-]{0,8}:? ?[ -~]{0,40}[;}]{0,2}") {
        for css in [css, rule] {
            if let Ok(template) = sample::own("extends = \"broadsheet\"", &css) {
                let (html, _) = check(&hostile::edition(), &template);
                prop_assert_eq!(html.matches("</style>").count(), 1);
                prop_assert_eq!(html.matches("<script").count(), 0);
                prop_assert_eq!(html.matches("<h2").count(), 5);
            }
        }
    }
}

#[test]
fn the_web_edition_is_for_everybody() {
    let mut newsletter = sample::newsletter();
    newsletter.language = crate::model::newsletter::Language::parse("en-GB").unwrap();
    let place = sample::link("https://harbour.example/digest/2026-08-24");
    let (edition, template) = (sample::full(), sample::broadsheet("en-GB"));
    let page = web(&edition, &newsletter, &template, Some(&place));
    let (head, body) = page.split_once("<style>").unwrap();
    insta::assert_snapshot!(head.replace("><", ">\n<"), @r#"
    <!DOCTYPE html>
    <html lang="en-GB" dir="ltr">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <title>Ferry fares rise on Monday</title>
    <meta name="description" content="Good morning. Fares rise on Monday, and the seal is back.">
    <link rel="canonical" href="https://harbour.example/digest/2026-08-24">
    <meta property="og:url" content="https://harbour.example/digest/2026-08-24">
    <meta property="og:type" content="article">
    <meta property="og:site_name" content="Harbour in your inbox">
    <meta property="og:title" content="Ferry fares rise on Monday">
    <meta property="og:description" content="Good morning. Fares rise on Monday, and the seal is back.">
    <meta property="article:published_time" content="2026-08-24">
    <meta property="og:locale" content="en_GB">
    <meta property="og:image" content="https://img.example/ferry.jpg">
    <meta property="og:image:alt" content="The evening ferry">
    "#);
    let letter = pages(&edition, &newsletter, &template)
        .html
        .fill(|_| "leave".into());
    let mut same = links(&letter);
    assert!(same.remove("leave"));
    assert_eq!(links(body), same, "the stories are those of the letter");
    assert!(body.contains(">Subscribe</a>") && !body.contains("nsubscribe"));
    assert!(!page.contains("<!--") && !page.contains(Slot::Unsubscribe.marker()));
    let nowhere = web(&edition, &newsletter, &template, None);
    assert!(!nowhere.contains("canonical") && !nowhere.contains("og:url"));
}

#[test]
fn a_letter_leads_to_its_web_edition() {
    let mut newsletter = sample::newsletter();
    let (edition, template) = (sample::full(), sample::broadsheet("en"));
    assert!(
        !pages(&edition, &newsletter, &template)
            .html
            .fill(|_| String::new())
            .contains("Read on the web")
    );
    newsletter.public = Some(Public::parse("https://news.harbour.example/").unwrap());
    let rendered = pages(&edition, &newsletter, &template);
    let link = format!("https://news.harbour.example/editions/{}", edition.slug);
    let html = rendered.html.fill(|_| "leave".into());
    assert!(
        links(&html).contains(&link) && html.contains(">Read on the web</a> · "),
        "{html}"
    );
    assert!(
        rendered
            .text
            .fill(|_| "leave".into())
            .contains(&format!("Read on the web:\n{link}\n"))
    );
    assert!(
        links(&web(&edition, &newsletter, &template, None))
            .contains("https://news.harbour.example/")
    );
}

#[test]
fn hostile_words_stay_words_on_the_web() {
    let page = web(
        &hostile::edition(),
        &sample::newsletter(),
        &broadsheet(),
        None,
    );
    for (open, times) in [("<script", 0), ("<!--", 0), ("<b>", 0), ("<head>", 1)] {
        assert_eq!(page.matches(open).count(), times, "{open}");
    }
}

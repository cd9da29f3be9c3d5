use super::*;
use proptest::prelude::*;

fn link(text: &str) -> Link {
    Link::parse(text).unwrap()
}

fn shown(facts: &Facts) -> String {
    serde_json::to_string_pretty(facts).unwrap()
}

#[test]
fn a_storys_page_says_what_it_is() {
    let page = r#"<!DOCTYPE html><html><head><title>Ferry | The Paper</title>
        <meta property="og:title" content="Ferry fares rise &amp; rise">
        <meta name=description content="Short.">
        <meta property="og:description" content="Fares go up on Monday, &quot;and not only those&quot; > ever.">
        <META PROPERTY='og:image' CONTENT='/i/ferry-1200.jpg'><meta property="og:image:width" content="1200">
        <meta property="og:image:alt" content="A ferry"><meta property="og:site_name" content="The Paper">
        <meta property="article:author" content="https://facebook.com/ana"><meta name="author" content="Ana Reis">
        <script type="application/ld+json">
        {"@context":"https://schema.org","@graph":[
          {"@type":"WebPage","url":"https://paper.example/ferry","description":"no"},
          {"@type":["NewsArticle"],"mainEntityOfPage":{"@id":"https://www.paper.example/ferry/"},"headline":"Ferry
 fares","description":"First words ...",
           "datePublished":"2026-08-24T05:00:00+01:00","articleSection":["City","News"],"author":[{"name":"Ana Reis"},{"name":"Bo"}],
           "image":{"url":"https://cdn.example/a.jpg","width":"800px","height":450},"publisher":{"name":"Paper"}},
          {"@type":"NewsArticle","url":"/other","headline":"Other"}]}
        </script></head>"#;
    let at = link("https://paper.example/ferry");
    insta::assert_snapshot!(shown(&of(page, &at, &at)), @r#"
    {
      "headline": "Ferry  fares",
      "dek": "Fares go up on Monday, \"and not only those\" > ever.",
      "authors": [
        "Ana Reis",
        "Bo"
      ],
      "section": "City",
      "published": "2026-08-24T05:00:00+01:00",
      "pictures": [
        {
          "url": "https://cdn.example/a.jpg",
          "width": 800,
          "height": 450,
          "alt": null,
          "credit": null
        },
        {
          "url": "https://paper.example/i/ferry-1200.jpg",
          "width": 1200,
          "height": null,
          "alt": "A ferry",
          "credit": null
        }
      ],
      "site": "Paper"
    }
    "#);
}

#[test]
fn what_a_page_does_not_want_taken_is_not() {
    let at = link("https://paper.example/ferry");
    let page = "<meta name=description content=Words><meta property=og:image content=/a.jpg>";
    let facts = of(
        &format!("{page}<meta name=robots content='index, nosnippet, max-image-preview: none'>"),
        &at,
        &at,
    );
    assert_eq!(facts, Facts::default());
    assert_eq!(of(page, &at, &at).dek, "Words");
}

#[test]
fn another_storys_article_is_not_this_storys() {
    let at = link("https://paper.example/ferry");
    let script = |json: &str| format!("<script type='application/ld+json'>{json}</script>");
    let other = script(r#"{"@type":"NewsArticle","url":"/other","headline":"Other"}"#);
    assert_eq!(of(&other, &at, &at), Facts::default());
    let nameless = script(r#"{"@type":"BlogPosting","headline":"Own"}"#);
    assert_eq!(of(&(other + &nameless), &at, &at).headline, "Own");
    assert_eq!(of(&script("{\"@type\":"), &at, &at), Facts::default());
}

#[test]
fn lists_of_stories() {
    let page = r#"<script type=application/ld+json>//<![CDATA[
        [{"@type":"ItemList","itemListElement":[
          {"@type":"ListItem","position":1,"url":"/a"},
          {"@type":"ListItem","position":2,"item":{"@type":"NewsArticle","@id":"https://paper.example/b","name":"B","author":"Ana"}},
          {"@type":"ListItem","position":3,"item":"https://paper.example/c","name":"C","image":["/c.jpg"]}]}]
        //]]></script>"#;
    let all = listed(page, &link("https://paper.example/"));
    let of = |path: &str| &all[&link(&format!("https://paper.example{path}")).key()];
    assert_eq!(of("/a"), &Facts::default());
    assert_eq!(
        (of("/b").headline.as_str(), of("/b").authors.join("")),
        ("B", "Ana".to_owned())
    );
    assert_eq!(
        (
            of("/c").headline.as_str(),
            of("/c").pictures[0].url.as_str()
        ),
        ("C", "https://paper.example/c.jpg")
    );
}

proptest! {
    #[test]
    fn never_panics(page in "(<meta |<script type=ld\\+json>|</script>|property=og:|image|\\{\"@type\":\"Article\",|\"url\":|\\}|\\[|[<>=\"' ,:a-z]|\\PC){0,60}") {
        let at = link("https://paper.example/");
        _ = of(&page, &at, &at);
        _ = listed(&page, &at);
    }
}

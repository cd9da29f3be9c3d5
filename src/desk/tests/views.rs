//! The views and switches: what the browser is told to drop, and what is on the page for each position.

use super::super::{Showing, Variant};
use super::fixture::{line, showing, spots};
use super::{PreviewServer, open};

impl PreviewServer {
    async fn policy(&self, target: &str) -> String {
        let answer = self.get(target).await;
        let line = answer
            .lines()
            .find_map(|line| line.strip_prefix("content-security-policy: "));
        line.unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_letter_runs_nothing() {
    let preview = open(showing(1)).await;
    insta::assert_snapshot!(preview.policy("/html").await, @"sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; style-src-elem 'self' 'unsafe-inline'; style-src-attr 'unsafe-inline'; img-src http: https:");
    for target in ["/html?scheme=inverted", "/html?scheme=dark", "/web"] {
        assert_eq!(
            preview.policy(target).await,
            preview.policy("/html").await,
            "{target}"
        );
    }
}

#[tokio::test]
async fn a_client_drops_what_the_policy_forbids() {
    let preview = open(showing(1)).await;
    for (query, elements, attributes, pictures) in [
        (
            "",
            "'self' 'unsafe-inline'",
            "'unsafe-inline'",
            "http: https:",
        ),
        ("styles=inline", "'self'", "'unsafe-inline'", "http: https:"),
        ("styles=none", "'self'", "'none'", "http: https:"),
        (
            "pictures=off",
            "'self' 'unsafe-inline'",
            "'unsafe-inline'",
            "'none'",
        ),
    ] {
        let policy = preview.policy(&format!("/html?{query}")).await;
        let end =
            format!("style-src-elem {elements}; style-src-attr {attributes}; img-src {pictures}");
        assert!(policy.ends_with(&end), "{query}: {policy}");
    }
    let inverted = preview.get("/html?scheme=inverted").await;
    assert!(inverted.contains("<head><link rel=\"stylesheet\" href=\"inverted.css\"><title>"));
    assert!(!preview.get("/html").await.contains("inverted.css"));
}

/// Without a script every view is on the page, and each switch leads to a page that says what it imitates.
#[tokio::test]
async fn the_page_says_what_it_imitates() {
    let preview = open(showing(1)).await;
    for (query, words) in [
        (
            "",
            "<iframe name=\"phone\" title=\"The letter, 375 pixels wide\"",
        ),
        ("scheme=dark", "<b>Dark</b> is a mail program"),
        ("scheme=inverted", "<b>Inverted</b> is the Gmail app"),
        ("styles=inline", "<b>No &lt;style&gt;</b> is the Gmail app"),
        ("styles=none", "<b>No CSS at all</b> is a watch"),
        ("pictures=off", "<b>No pictures</b> is Outlook"),
        ("compare=1", "side by side as soon as a file is saved"),
        (
            "",
            "<dt>List-Id</dt><dd><p class=\"value\">&lt;harbour&gt;</p><p class=\"fine\">The newsletter's lasting name",
        ),
        ("", "say in <code>picture.alt</code> what it shows"),
        ("", "3 views/h; 4 h old"),
        ("", "rank 1 of 42"),
        (
            "",
            "<option value=\"1\">News, City · 3 subscribers</option>",
        ),
        ("variant=1", "<option value=\"1\" selected>"),
    ] {
        let page = preview.get(&format!("/?{query}")).await;
        assert!(page.contains(words), "{query}: no `{words}` in:\n{page}");
    }
}

fn changed() -> Showing {
    let mut next = showing(2);
    next.variants[0] = Variant {
        stories: spots(&["The fish market", "A fat seal"]),
        ..super::fixture::variant("Everyone", "Fish & a seal")
    };
    next.variants[0].text = "Everyone\n\nA fat seal\n".into();
    next
}

#[tokio::test]
async fn before_and_after_stand_side_by_side() {
    let preview = open(changed().after(&showing(1))).await;
    let page = preview.get("/?compare=1").await;
    for part in [
        "<b>Subject</b> <del>Ferry fares &amp; a very fat seal</del> <ins>Fish &amp; a seal</ins>",
        "<b>In</b> <i>A fat seal</i>",
        "<b>Out</b> <i>Ferry fares rise</i>",
        "<b>Size</b> ",
        "src=\"html?before=1&amp;v=1\"",
        "src=\"html?&amp;v=2\"",
        "<del>Fares rise</del>\n",
        "<ins>A fat seal</ins>\n",
    ] {
        assert!(page.contains(part), "no `{part}` in:\n{page}");
    }
    assert!(!preview.get("/").await.contains("before=1"));
    for (target, words) in [
        ("/text?before=1", "Fares rise"),
        ("/text", "A fat seal"),
        ("/html?variant=1&before=1", "<title>News, City</title>"),
        (
            "/?variant=1&compare=1",
            "The last change left this letter as it was.",
        ),
    ] {
        assert!(preview.get(target).await.contains(words), "{target}");
    }
}

#[test]
fn only_another_letter_is_a_change() {
    let first = showing(1);
    let second = changed().after(&first);
    assert_eq!(second.before.as_ref().unwrap().version, 1);
    let third = Showing {
        audience: Some(line("13 subscribers")),
        version: 3,
        ..changed()
    };
    assert_eq!(third.after(&second).before.unwrap().version, 1);
    let nothing = Showing {
        variants: vec![],
        ..showing(0)
    };
    assert!(first.after(&nothing).before.is_none());
}

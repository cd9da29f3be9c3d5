//! The form on the paper's own site.

use super::{HOST, Serving};
use crate::newsroom::Newsroom;

const PAPER: &str = "Origin: https://harbourtimes.example\r\n";

/// A newsroom whose `[public]` says more.
fn room(more: &str) -> Newsroom {
    let room = super::room();
    let config = room.read("newsdigest.toml");
    room.file(
        "newsdigest.toml",
        config.replace("[public]\n", &format!("[public]\n{more}\n")),
    );
    room
}

impl Serving {
    /// Posts a form with these fields in the head; the answer with its head, in small letters.
    fn form(&self, fields: &str, form: &str) -> String {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.pages
            .ask("POST /", &format!("{HOST}{kind}{fields}"), form)
    }
}

/// The value of a hidden field of a form.
fn hidden<'s>(snippet: &'s str, name: &str) -> &'s str {
    let (_, after) = snippet
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    after.split('"').next().unwrap()
}

#[test]
fn a_form_on_the_papers_site_subscribes_and_its_words_are_kept() {
    let room = room(
        "forms = [\"https://harbourtimes.example\"]\nprivacy = \"https://harbourtimes.example/privacy\"",
    );
    let snippet = room.run(&["form"]).exits(0).stdout;
    insta::assert_snapshot!(snippet, @r#"
    <form class="newsdigest" action="https://news.harbourtimes.example/" method="post" accept-charset="utf-8" lang="en" dir="ltr">
    <p><label for="newsdigest-email">Email address</label> <input id="newsdigest-email" type="email" name="email" autocomplete="email" maxlength="254" required dir="ltr"></p>
    <div hidden><label for="newsdigest-website">Leave this field empty</label> <input id="newsdigest-website" type="text" name="website" autocomplete="off" tabindex="-1"></div>
    <input type="hidden" name="consent" value="0fc94f95">
    <p>I would like to receive Harbour in your inbox by email. I can leave at any time with one click. <a href="https://harbourtimes.example/privacy">Privacy</a></p>
    <p><button type="submit">Subscribe</button></p>
    </form>
    "#);
    let version = hidden(&snippet, "consent");
    let mut serving = Serving::start(&room);
    let form = format!("email=dee%40example.org&website=&consent={version}");
    let answer = serving.form(&format!("{PAPER}Sec-Fetch-Site: cross-site\r\n"), &form);
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("Look in your inbox"),
        "{answer}"
    );
    let path = serving.confirm_paths(&room, 1).remove(0);
    assert_eq!(serving.pages.post(&path, "").0, 200);
    serving.merged(&room, |text| {
        text.contains("email = \"dee@example.org\"")
            && text.contains("consent = \"I would like to receive Harbour in your inbox by email.")
    });
    let said = room
        .run(&["subscribers", "why", "dee@example.org"])
        .exits(0)
        .stdout;
    let form = format!("form on https://harbourtimes.example, text {version}");
    assert!(said.contains(&form), "{said}");
    // Our own page sends the version too.
    let page = serving.pages.get("").1;
    assert_eq!(hidden(&page, "consent"), version);
    assert!(page.contains("href=\"https://harbourtimes.example/privacy\""));
}

#[test]
fn forms_of_other_sites_and_in_frames_are_refused_with_a_page() {
    let room = room(
        "forms = [\"https://harbourtimes.example\", \"https://www.harbourtimes.example:8443\"]",
    );
    let serving = Serving::start(&room);
    for (fields, status) in [
        (PAPER, "200"),
        ("Origin: https://www.harbourtimes.example:8443\r\n", "200"),
        ("Origin: https://www.harbourtimes.example\r\n", "403"),
        ("Origin: http://harbourtimes.example\r\n", "403"),
        (
            "Origin: https://harbourtimes.example.evil.example\r\n",
            "403",
        ),
        ("Origin: null\r\n", "403"),
        ("Origin: null\r\nSec-Fetch-Site: cross-site\r\n", "403"),
        ("Sec-Fetch-Site: same-site\r\n", "403"),
        // Of a browser that knows neither header.
        ("Referer: https://evil.example/form\r\n", "403"),
        ("Referer: https://harbourtimes.example/a/b?c\r\n", "200"),
        ("Referer: https://news.harbourtimes.example/\r\n", "200"),
        (
            "Referer: https://evil.example/https://harbourtimes.example/\r\n",
            "403",
        ),
        (
            "Referer: https://harbourtimes.example@evil.example/\r\n",
            "403",
        ),
        ("Referer: about:blank\r\n", "403"),
        (
            "Origin: https://harbourtimes.example\r\nSec-Fetch-Dest: iframe\r\n",
            "403",
        ),
        (
            "Origin: https://harbourtimes.example\r\nOrigin: https://evil.example\r\n",
            "403",
        ),
    ] {
        let answer = serving.form(fields, "email=dee@example.org");
        assert_eq!(&answer[9..12], status, "{fields}\n{answer}");
        assert!(answer.contains("<body class=\"paper\">"), "{answer}");
        let is_readable = answer.contains("access-control-allow-origin");
        assert!(
            status == "200" || !is_readable || fields.starts_with(PAPER),
            "{answer}"
        );
    }
    // Nobody may frame our pages, and only the form to subscribe is for other sites.
    let answer = serving.pages.ask("GET /", HOST, "");
    assert!(answer.contains("frame-ancestors 'none'"), "{answer}");
}

#[test]
fn a_script_of_the_papers_gets_json_and_no_other_can_read_it() {
    let room = room("forms = [\"https://harbourtimes.example\"]");
    let serving = Serving::start(&room);
    let wants = "Accept: application/json\r\n";
    let told = |fields: &str, form: &str| {
        let answer = serving.form(&format!("{wants}{fields}"), form);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let said: serde_json::Value = serde_json::from_str(body).unwrap();
        let may_read =
            head.contains("access-control-allow-origin: https://harbourtimes.example\r\n");
        let done = said["done"].as_bool().unwrap();
        let field = said["field"].as_str().unwrap_or_default().to_owned();
        assert!(!said["title"].as_str().unwrap().is_empty());
        (head[9..12].to_owned(), may_read, done, field)
    };
    let expected = |status: &str, may_read, done, field: &str| {
        (status.to_owned(), may_read, done, field.to_owned())
    };
    let good = "email=dee@example.org";
    assert_eq!(told(PAPER, good), expected("200", true, true, ""));
    // A program believes the same.
    let trapped = format!("{good}&website=x");
    assert_eq!(told(PAPER, &trapped), expected("200", true, true, ""));
    assert_eq!(
        told(PAPER, "email=dee"),
        expected("422", true, false, "email")
    );
    let old = format!("{good}&consent=00000000");
    assert_eq!(told(PAPER, &old), expected("422", true, false, "consent"));
    let evil = "Origin: https://evil.example\r\n";
    assert_eq!(told(evil, good), expected("403", false, false, ""));
    for (origin, status) in [
        ("https://harbourtimes.example", "204"),
        ("https://evil.example", "405"),
    ] {
        let fields = format!(
            "{HOST}Origin: {origin}\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n"
        );
        let answer = serving.pages.ask("OPTIONS /", &fields, "");
        assert_eq!(&answer[9..12], status, "{answer}");
        let allows = answer.contains("access-control-allow-headers: accept, content-type\r\n");
        assert_eq!(allows, status == "204", "{answer}");
    }
    // What is no form is said to be none.
    let json = format!("{HOST}{PAPER}{wants}Content-Type: application/json\r\n");
    let answer = serving
        .pages
        .ask("POST /", &json, "{\"email\": \"dee@example.org\"}");
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
    // The same limits: this client has five of its ten left.
    for left in (0..8).rev() {
        let answer = serving.form(&format!("{wants}{PAPER}"), good);
        let (status, waits) = (&answer[9..12], answer.contains("retry-after: "));
        assert_eq!(
            (status, waits),
            if left > 2 {
                ("200", false)
            } else {
                ("429", true)
            },
            "{left}"
        );
    }
}

#[test]
fn readers_come_back_to_the_paper_or_read_the_newsletters_own_page() {
    let room = room(
        "forms = [\"https://harbourtimes.example\"]\nthanks = \"https://harbourtimes.example/thanks\"",
    );
    let serving = Serving::start(&room);
    let leads = "location: https://harbourtimes.example/thanks\r\n";
    for form in ["email=dee@example.org", "email=dee@example.org&website=x"] {
        let answer = serving.form(PAPER, form);
        assert!(
            answer.starts_with("HTTP/1.1 303") && answer.contains(leads),
            "{answer}"
        );
    }
    // What is wrong is said on our page, with the form; and our own form stays here.
    let answer = serving.form(PAPER, "email=dee");
    assert!(
        answer.starts_with("HTTP/1.1 422") && answer.contains("value=\"dee\""),
        "{answer}"
    );
    let answer = serving.form("", "email=dee@example.org");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn the_form_speaks_the_newsletters_language_and_offers_several() {
    let room = crate::newsletters::shared().config(
        "public",
        "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"\nforms = [\"https://harbourtimes.example\"]",
    );
    room.file(
        "newsletters/arabic.toml",
        "[newsletter]\nname = \"الميناء\"\nlanguage = \"ar\"\nabout = \"كل صباح\"\n[selection]\nminimum = 1\n",
    );
    let all = room.run(&["form"]).exits(0).stdout;
    for part in [
        "lang=\"en\" dir=\"ltr\"",
        "<input type=\"checkbox\" name=\"newsletter\" value=\"morning\" checked>",
        "<input type=\"checkbox\" name=\"newsletter\" value=\"arabic\">",
        "<span dir=\"auto\">كل صباح</span>",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    let one = room
        .run(&["form", "--newsletter", "arabic"])
        .exits(0)
        .stdout;
    assert!(one.contains("lang=\"ar\" dir=\"rtl\""), "{one}");
    assert_eq!(hidden(&one, "newsletter"), "arabic");
    assert!(
        !one.contains("checkbox") && !one.contains("<script"),
        "{one}"
    );
    let serving = Serving::start(&room);
    // Both are of today's words, and the answer is the chosen newsletter's page.
    for (form, lang) in [(&all, "en"), (&one, "ar")] {
        let chosen = if lang == "ar" { "arabic" } else { "morning" };
        let body = format!(
            "email=dee@example.org&newsletter={chosen}&consent={}",
            hidden(form, "consent")
        );
        let answer = serving.form(PAPER, &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(
            answer.contains(&format!("<html lang=\"{lang}\"")),
            "{answer}"
        );
    }
    let answer = serving.form(PAPER, "email=dee@example.org");
    assert!(
        answer.starts_with("HTTP/1.1 422")
            && answer.contains("Please choose at least one newsletter."),
        "{answer}"
    );
}

#[test]
fn sites_are_named_whole_or_not_at_all() {
    let room = room(
        "forms = [\"https://harbourtimes.example/news\", \"http://harbourtimes.example\", \"https://*.harbourtimes.example\"]",
    );
    let said = room.run(&["check"]).exits(1).stderr;
    for words in [
        "a site without a path",
        "must begin with `https`",
        "without `*`",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let room = super::room();
    let said = room.run(&["form"]).exits(0);
    assert!(
        said.stdout.starts_with("<form class=\"newsdigest\""),
        "{}",
        said.stdout
    );
    assert!(
        said.stderr.contains("no site may send this form yet"),
        "{}",
        said.stderr
    );
}

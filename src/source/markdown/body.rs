//! The text under the front matter.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::on_the_web;
use crate::source::plain::escaped;

/// How much of it is looked at, in octets: enough for a first paragraph and a first picture.
const BODY: usize = 65_536;

/// The paragraphs and pictures of the text, as the HTML from which a dek and a picture are taken.
pub(super) fn html(body: &str) -> String {
    let body = without_calls(&body[..body.floor_char_boundary(BODY)]);
    let (mut html, mut paragraph) = (String::new(), false);
    let mut image: Option<(String, String)> = None;
    for event in Parser::new_ext(
        &body,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    ) {
        match (event, &mut image) {
            (Event::Text(text) | Event::Code(text), Some((_, alt))) => alt.push_str(&text),
            (Event::Text(text) | Event::Code(text), None) if paragraph => {
                html.push_str(&escaped(&text));
            }
            (Event::SoftBreak | Event::HardBreak, _) => html.push(' '),
            (Event::InlineHtml(raw) | Event::Html(raw), _) => html.push_str(&raw),
            (Event::Start(Tag::Paragraph), _) => {
                paragraph = true;
                html.push_str("<p>");
            }
            (Event::End(TagEnd::Paragraph), _) => {
                paragraph = false;
                html.push_str("</p>");
            }
            (Event::Start(Tag::Image { dest_url, .. }), _) => {
                image = Some((dest_url.into_string(), String::new()));
            }
            (Event::End(TagEnd::Image), Some((url, alt))) => {
                if on_the_web(url) {
                    let (url, alt) = (escaped(url), escaped(alt));
                    _ = write!(html, "<img src=\"{url}\" alt=\"{alt}\">");
                }
                image = None;
            }
            _ => {}
        }
    }
    html
}

/// The text without calls of the generator's own functions: `{{< figure .. >}}`, `{% include .. %}`.
fn without_calls(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let closing = if rest[at..].starts_with("{{") {
            "}}"
        } else {
            "%}"
        };
        let Some(end) = rest[at..].find(closing) else {
            break;
        };
        kept.push_str(&rest[..at]);
        rest = &rest[at + end + closing.len()..];
    }
    kept + rest
}

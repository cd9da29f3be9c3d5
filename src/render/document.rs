//! The frame around the blocks.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::block::{self, picture};
use super::compose;
use super::keys::Class;
use super::plain::Plain;
use super::printing::Printing;
use super::template::Template;
use crate::model::edition::Edition;
use crate::model::line::Line;
use crate::model::link::Link;

/// The whole HTML document.
///
/// `lang` and `dir` are on the wrapper too, because many clients keep nothing outside the body. Outlook's Word engine knows no
/// `max-width`: it gets the one table, in a comment that others skip. No text from outside is ever put in a comment.
pub(super) fn html(page: &Printing<'_>, subject: &Line) -> String {
    let language = page.template.language();
    let (lang, dir) = (language.tag(), language.direction());
    let width = page.template.settings().width;
    let body = page.element("div", Class::Column, block::html(page));
    let ghost = format!(
        "<!--[if mso]><table role=\"none\" dir=\"{dir}\" align=\"center\" width=\"{width}\" cellpadding=\"0\" cellspacing=\"0\" style=\"table-layout:fixed;max-width:100%\"><tr><td><![endif]-->"
    );
    let name = html! { (page.newsletter.name) }.into_string();
    let article = format!(
        "div role=\"article\" aria-roledescription=\"email\" aria-label=\"{name}\" lang=\"{lang}\" dir=\"{dir}\""
    );
    let inside = html! { (PreEscaped(ghost)) (body) (PreEscaped("<!--[if mso]></td></tr></table><![endif]-->")) };
    let body = page.element(
        "body",
        Class::Paper,
        page.element(&article, Class::Page, inside),
    );
    // Phones would make links of numbers and dates.
    let numbers = html! { meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no"; };
    frame(page.template, &numbers, subject, &style(page, &body), &body)
}

/// A document: its title with what is `before` and `behind` it in the head, and its body.
pub(super) fn frame(
    template: &Template,
    before: &Markup,
    title: &Line,
    behind: &Markup,
    body: &Markup,
) -> String {
    let language = template.language();
    let document = html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                (before) title { (title) } (behind)
            }
            (body)
        }
    };
    document.into_string()
}

/// The whole document for a browser: what only mail programs need is gone, what search engines and those who pass it on need is there
/// (Open Graph protocol, <https://ogp.me>).
pub(super) fn web(
    page: &Printing<'_>,
    canonical: Option<&Link>,
    corrections: &[Edition],
) -> String {
    let (template, edition) = (page.template, page.edition);
    let (subject, opening) = (
        compose::subject(edition, template),
        compose::opening(edition, template),
    );
    let lede = edition.stories().next().map(|(_, placed)| &placed.story);
    let picture = lede.and_then(|lede| picture::of(edition, lede));
    let body = page.element(
        "main",
        Class::Page,
        page.element(
            "div",
            Class::Column,
            html! {
                @for one in corrections { (block::correction(page, one)) }
                (block::html(page))
            },
        ),
    );
    let body = page.element("body", Class::Paper, body);
    let property = |name: &str, content: &str| html! { meta property=(name) content=(content); };
    let behind = html! {
        meta name="description" content=(opening);
        @if let Some(link) = canonical {
            link rel="canonical" href=(link.as_str());
            (property("og:url", link.as_str()))
        }
        (property("og:type", "article"))
        (property("og:site_name", page.newsletter.name.as_str()))
        (property("og:title", subject.as_str()))
        (property("og:description", opening.as_str()))
        (property("article:published_time", &edition.slug.day().to_string()))
        @if let Some(locale) = locale(template.language().tag()) { (property("og:locale", &locale)) }
        @if let Some(picture) = picture {
            (property("og:image", picture.url.as_str()))
            @if let Some(alt) = &picture.alt { (property("og:image:alt", alt.as_str())) }
        }
        (style(page, &body))
    };
    frame(template, &html! {}, &subject, &behind, &body)
}

/// The one `<style>`: what only improves this body on dark and narrow screens.
fn style(page: &Printing<'_>, body: &Markup) -> Markup {
    let media = page.media(&body.0);
    html! { @if !media.is_empty() { style { (PreEscaped(media)) } } }
}

/// `en_GB` of `en-GB`; Open Graph knows no language without a country.
fn locale(tag: &str) -> Option<String> {
    let mut parts = tag.split('-');
    let language = parts.next()?.to_ascii_lowercase();
    let country = parts.find(|part| part.len() == 2)?.to_ascii_uppercase();
    Some(format!("{language}_{country}"))
}

/// The whole plain text.
pub(super) fn text(page: &Printing<'_>) -> String {
    let mut plain = Plain::default();
    block::text(page, &mut plain);
    plain.finish()
}

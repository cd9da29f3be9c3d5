//! The parts of a story that several blocks print.

use maud::{Markup, Render as _, html};

use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Story;
use crate::render::keys::{Class, Phrase, Switch, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// The headline, which is the link: no "read more".
pub(super) fn link(page: &Printing<'_>, headline: &Line, url: &Link) -> Markup {
    let words = page.headline(headline, url);
    html! {
        a href=(page.href(url)) class=[page.class(Class::Link)] style=[page.style(Class::Link)] { (page.words(&words)) }
    }
}

/// A headline and its address.
pub(super) fn link_text(
    page: &Printing<'_>,
    plain: &mut Plain,
    first: &str,
    headline: &Line,
    url: &Link,
) {
    plain.lines(first, &page.headline(headline, url));
    plain.address(&page.href(url));
}

pub(super) fn heading(page: &Printing<'_>, word: Word) -> Markup {
    html! { h2 class=[page.class(Class::Heading)] style=[page.style(Class::Heading)] { (page.template.word(word)) } }
}

/// The label over a headline.
pub(super) fn label(page: &Printing<'_>, story: &Story) -> Markup {
    html! {
        @if let Some(label) = page.label(story).filter(|_| !page.shows(Switch::SectionInline)) {
            p class=[page.class(Class::Label)] style=[page.style(Class::Label)] { (page.words(label.as_str())) }
        }
    }
}

/// Byline and time, behind the label where that stands in their line.
pub(super) fn meta(page: &Printing<'_>, story: &Story) -> Markup {
    let label = page
        .label(story)
        .filter(|_| page.shows(Switch::SectionInline));
    let label = label.map(|label| {
        html! { span class=[page.class(Class::Label)] style=[page.style(Class::Label)] { (page.words(label.as_str())) } }
    });
    let byline = page
        .byline(story)
        .map(|byline| page.words(&byline).render());
    let time = page.time(story).map(|time| time.render());
    let mut parts = [label, byline, time].into_iter().flatten();
    html! {
        @if let Some(first) = parts.next() {
            p class=[page.class(Class::Meta)] style=[page.style(Class::Meta)] {
                (first)
                @for part in parts { (page.dot()) (part) }
            }
        }
    }
}

pub(super) fn related(page: &Printing<'_>, story: &Story) -> Markup {
    html! {
        @if !story.related.is_empty() && page.shows(Switch::Related) {
            p class=[page.class(Class::RelatedLabel)] style=[page.style(Class::RelatedLabel)] { (page.template.word(Word::Related)) }
            ul class=[page.class(Class::Related)] style=[page.style(Class::Related)] {
                @for related in &story.related {
                    li class=[page.class(Class::RelatedEntry)] style=[page.style(Class::RelatedEntry)] {
                        (link(page, &related.headline, &related.url))
                    }
                }
            }
        }
    }
}

/// A whole story; `first` is its number. A lede's paragraphs are printed with it.
pub(super) fn text(
    page: &Printing<'_>,
    plain: &mut Plain,
    first: &str,
    story: &Story,
    dek: Option<&Line>,
    is_lede: bool,
) {
    plain.lines(first, &page.headline(&story.headline, &story.url));
    let label = page.label(story).map(ToString::to_string);
    let line: Vec<String> = label
        .into_iter()
        .chain(page.byline(story))
        .chain(page.time(story))
        .collect();
    plain.lines("", &line.join(page.dot()));
    plain.lines("", dek.map_or("", Line::as_str));
    if is_lede && !story.paragraphs.is_empty() {
        for paragraph in &story.paragraphs {
            plain.gap();
            plain.lines("", paragraph.as_str());
        }
        plain.gap();
        let read_on = page.template.word(Word::ReadOn);
        plain.lines("", &page.phrase(Phrase::Label, read_on));
    }
    plain.address(&page.href(&story.url));
    if !story.related.is_empty() && page.shows(Switch::Related) {
        let related = page.template.word(Word::Related);
        plain.lines("", &page.phrase(Phrase::Label, related));
        for related in &story.related {
            link_text(page, plain, "- ", &related.headline, &related.url);
        }
    }
}

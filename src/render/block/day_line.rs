//! The lines of the day: the weather, the markets, a number.

use maud::{Markup, html};

use crate::model::edition::DayLine;
use crate::render::keys::{Class, Phrase};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    html! {
        @for line in &page.edition.lines {
            p class=[page.class(Class::DayLine)] style=[page.style(Class::DayLine)] {
                @if let Some(label) = &line.label { (page.words(label.as_str())) " " }
                @if let Some(url) = &line.url {
                    a href=(page.href(url)) class=[page.class(Class::TextLink)] style=[page.style(Class::TextLink)] { (page.words(line.text.as_str())) }
                } @else {
                    strong { (page.words(line.text.as_str())) }
                }
            }
        }
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    for DayLine { label, text, url } in &page.edition.lines {
        let label = label.as_ref().map_or_else(String::new, |label| {
            page.phrase(Phrase::Label, label.as_str()) + " "
        });
        plain.lines("", &(label + text.as_str()));
        if let Some(url) = url {
            plain.address(&page.href(url));
        }
    }
}

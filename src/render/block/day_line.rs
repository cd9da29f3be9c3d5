//! The lines of the day: the weather, the markets, a number; all in one line.

use maud::{Markup, PreEscaped, Render as _, html};

use crate::model::edition::DayLine;
use crate::render::columns::width;
use crate::render::keys::{Class, Phrase};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Their words, with links of that class; `None` without any.
pub(super) fn words(page: &Printing<'_>, link: Class) -> Option<Markup> {
    let lines = page
        .edition
        .lines
        .iter()
        .map(|DayLine { label, text, url }| {
            let text = match url {
                Some(url) => page.link(link, &page.href(url), page.words(text.as_str())),
                None => page.words(text.as_str()).render(),
            };
            html! { @if let Some(label) = label { (page.words(label.as_str())) " " } (text) }
                .into_string()
        });
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| PreEscaped(lines.join(page.dot())))
}

/// Columns that they take; 0 without any.
pub(super) fn columns(page: &Printing<'_>) -> usize {
    let lines = page.edition.lines.iter();
    let each = lines.map(|line| {
        line.label
            .as_ref()
            .map_or(0, |label| width(label.as_str()) + 1)
            + width(line.text.as_str())
            + 3
    });
    each.sum()
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

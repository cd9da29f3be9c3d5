//! Name and date on top.

use maud::{Markup, html};

use super::{day_line, reading_time};
use crate::render::keys::{Class, Switch};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let newsletter = page.newsletter;
    html! {
        div class=[page.class(Class::Masthead)] style=[page.style(Class::Masthead)] {
            h1 class=[page.class(Class::Name)] style=[page.style(Class::Name)] {
                a href=(page.href(&newsletter.site)) class=[page.class(Class::NameLink)] style=[page.style(Class::NameLink)] {
                    @if let Some(logo) = &page.template.settings().logo {
                        img src=(logo.url.as_str()) width=(logo.width) height=(logo.height) alt=(logo.alt.as_ref().unwrap_or(&newsletter.name))
                            class=[page.class(Class::Logo)] style=[page.style(Class::Logo)];
                    } @else {
                        (page.words(newsletter.name.as_str()))
                    }
                }
            }
            @if let Some(date) = date(page) {
                p class=[page.class(Class::Date)] style=[page.style(Class::Date)] { (date) }
            }
            (day_line::html(page))
        }
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    plain.rule();
    plain.lines("", page.newsletter.name.as_str());
    plain.lines("", &date(page).unwrap_or_default());
    day_line::text(page, plain);
    plain.address(&page.href(&page.newsletter.site));
    plain.rule();
}

/// The day, and how long the letter takes.
fn date(page: &Printing<'_>) -> Option<String> {
    let day = page.shows(Switch::Date);
    let day = day.then(|| page.template.words().day(page.edition.slug.day()));
    let parts: Vec<String> = day.into_iter().chain(reading_time::words(page)).collect();
    (!parts.is_empty()).then(|| parts.join(page.dot()))
}

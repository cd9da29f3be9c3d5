//! The opening line: visible, first, and what an inbox shows after the subject.

use maud::{Markup, html};

use crate::render::compose;
use crate::render::keys::Class;
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let opening = compose::opening(page.edition, page.template);
    html! {
        p class=[page.class(Class::Opening)] style=[page.style(Class::Opening)] { (page.words(opening.as_str())) }
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    plain.lines("", compose::opening(page.edition, page.template).as_str());
}

//! Why you get this, who sends it, how you leave.

use maud::{Markup, html};

use crate::pages::Slot;
use crate::render::keys::{Class, Phrase, Word};
use crate::render::page::Page;
use crate::render::plain::Plain;

pub(super) fn html(page: &Page<'_>) -> Markup {
    let newsletter = page.newsletter;
    let (before, after) = page.template.phrase(Phrase::Why);
    let link = |href: &str, words: &str| {
        html! { a href=(href) class=[page.class(Class::TextLink)] style=[page.style(Class::TextLink)] { (page.words(words)) } }
    };
    html! {
        div class=[page.class(Class::Footer)] style=[page.style(Class::Footer)] {
            p class=[page.class(Class::Line)] style=[page.style(Class::Line)] {
                (before) (link(&page.href(&newsletter.site), newsletter.name.as_str())) (after) " "
                (link(Slot::Unsubscribe.marker(), page.template.word(Word::Unsubscribe)))
            }
            p class=[page.class(Class::Line)] style=[page.style(Class::Line)] { (page.words(newsletter.address.as_str())) }
        }
    }
}

pub(super) fn text(page: &Page<'_>, plain: &mut Plain) {
    let newsletter = page.newsletter;
    plain.gap();
    plain.rule();
    plain.lines("", &page.phrase(Phrase::Why, &newsletter.name));
    plain.address(&page.href(&newsletter.site));
    plain.gap();
    plain.lines("", newsletter.address.as_str());
    plain.gap();
    plain.lines("", &format!("{}:", page.template.word(Word::Unsubscribe)));
    plain.address(Slot::Unsubscribe.marker());
}

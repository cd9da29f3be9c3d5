//! Why you get this, who sends it, how you leave; on the web, how you subscribe.

use maud::{Markup, Render as _, html};

use crate::model::pages::Slot;
use crate::render::keys::{Class, Counted, Phrase, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let newsletter = page.newsletter;
    let (before, after) = page.template.words().phrase(Phrase::Why);
    let link = |href: &str, words: &str| page.link(Class::TextLink, href, page.words(words));
    let line = |inside: Markup| page.element("p", Class::Line, inside);
    let last = html! {
        @if page.public {
            (page.words(newsletter.name.as_str())) (page.dot())
            (link(&page.sign_up(), page.template.word(Word::Subscribe)))
        } @else {
            (before) (link(&page.href(&newsletter.site), newsletter.name.as_str())) (after) " "
            @if let Some(web) = page.on_the_web() {
                (link(web.as_str(), page.template.word(Word::Web))) (page.dot())
            }
            (link(Slot::Unsubscribe.marker(), page.template.word(Word::Unsubscribe)))
        }
    };
    let inside = html! {
        @if let Some(further) = further(page) { (line(link(&page.href(&newsletter.site), &further))) }
        (line(last))
        (line(page.words(newsletter.address.as_str()).render()))
    };
    page.element("div", Class::Footer, inside)
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    let newsletter = page.newsletter;
    plain.gap();
    plain.rule();
    if let Some(further) = further(page) {
        plain.lines("", &page.phrase(Phrase::Label, &further));
        plain.address(&page.href(&newsletter.site));
        plain.gap();
    }
    plain.lines("", &page.phrase(Phrase::Why, newsletter.name.as_str()));
    plain.address(&page.href(&newsletter.site));
    plain.gap();
    plain.lines("", newsletter.address.as_str());
    plain.gap();
    if let Some(web) = page.on_the_web() {
        plain.lines(
            "",
            &page.phrase(Phrase::Label, page.template.word(Word::Web)),
        );
        plain.address(web.as_str());
        plain.gap();
    }
    let unsubscribe = page.template.word(Word::Unsubscribe);
    plain.lines("", &page.phrase(Phrase::Label, unsubscribe));
    plain.address(Slot::Unsubscribe.marker());
}

/// How many stories are not on the page.
fn further(page: &Printing<'_>) -> Option<String> {
    let further = page.edition.further;
    (further > 0).then(|| page.template.words().counted(Counted::Further, further))
}

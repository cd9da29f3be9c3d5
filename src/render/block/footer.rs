//! Why you get this, who sends it, how you leave; on the web, how you subscribe.

use maud::{Markup, html};

use crate::model::pages::Slot;
use crate::render::columns::spaced;
use crate::render::keys::{Class, Counted, Phrase, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;
use crate::render::site_words::SiteWord;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let newsletter = page.newsletter;
    let (before, after) = page.template.words().phrase(Phrase::Why);
    let link = |href: &str, words: &str| page.link(Class::TextLink, href, page.words(words));
    let line = |inside: Markup| page.element("p", Class::Line, inside);
    let word = |word| page.template.word(word);
    let dot = page.dot();
    let links = html! {
        @if page.public {
            (page.words(newsletter.name.as_str())) (dot) (link(&page.sign_up(), word(Word::Subscribe)))
        } @else {
            @if newsletter.public.is_some() { (link(Slot::Preferences.marker(), &preferences(page))) (dot) }
            @if let Some(web) = page.on_the_web() { (link(web.as_str(), word(Word::Web))) (dot) }
            (link(Slot::Unsubscribe.marker(), word(Word::Unsubscribe)))
            @if let Some(public) = &newsletter.public {
                br; (word(Word::Forwarded)) " " (link(public.url(), word(Word::Subscribe)))
            }
        }
    };
    let why = html! {
        @if !page.public { (before) (page.words(newsletter.name.as_str())) (after) " " }
        (page.words(newsletter.address.as_str()))
    };
    let inside = html! {
        @if let Some(further) = further(page) { (line(link(&page.href(&newsletter.site), &further))) }
        (line(links)) (line(why))
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
    let mut link = |words: &str, address: &str| {
        plain.lines("", &page.phrase(Phrase::Label, words));
        plain.address(address);
        plain.gap();
    };
    let word = |word| page.template.word(word);
    if let Some(web) = page.on_the_web() {
        link(word(Word::Web), web.as_str());
    }
    if let Some(public) = &newsletter.public {
        link(&preferences(page), Slot::Preferences.marker());
        link(&forwarded(page), public.url());
    }
    link(word(Word::Unsubscribe), Slot::Unsubscribe.marker());
}

/// `Forwarded to you? Subscribe`.
fn forwarded(page: &Printing<'_>) -> String {
    let word = |word| page.template.word(word);
    spaced(word(Word::Forwarded), word(Word::Subscribe))
}

/// What a link to the reader's own preferences says.
fn preferences(page: &Printing<'_>) -> String {
    let name = &page.newsletter.name;
    page.template.say(SiteWord::Preferences, name)
}

/// How many stories are not on the page.
fn further(page: &Printing<'_>) -> Option<String> {
    let further = page.edition.further;
    (further > 0).then(|| page.template.words().counted(Counted::Further, further))
}

//! A sponsor's or the house's words among the stories: bordered, under a label that says what they are.

use maud::{Markup, Render as _, html};

use super::{note, story};
use crate::model::edition::Notice;
use crate::model::link::Link;
use crate::render::keys::{Block, Class};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// The notices printed with a block: those that stand behind it. Where a template leaves their block out they go with the footer, so that no
/// change of template loses a sponsor's words.
fn beside<'a>(block: Block, page: &Printing<'a>) -> impl Iterator<Item = &'a Notice> {
    let (edition, blocks) = (page.edition, page.template.blocks());
    edition.notices.iter().filter(move |notice| {
        let own = Block::named(notice.after.key()).filter(|own| blocks.contains(own));
        own.unwrap_or(Block::Footer) == block
    })
}

pub(super) fn html(page: &Printing<'_>, block: Block) -> Markup {
    html! { @for notice in beside(block, page) { (super::inset(page, one(page, notice))) } }
}

/// Of paragraphs, lists and links.
const CLASSES: note::Classes = [Class::NoticeText, Class::NoticePoints, Class::NoticeLink];

fn one(page: &Printing<'_>, notice: &Notice) -> Markup {
    let headline = notice.headline.as_ref().map(|headline| match &notice.url {
        Some(url) => story::link(page, Class::Link, headline, url),
        None => page.words(headline.as_str()).render(),
    });
    let inside = html! {
        (page.say("p", Class::NoticeLabel, notice.label.as_str()))
        @if let Some(headline) = headline { (page.element("h2", Class::Headline, headline)) }
        (note::markdown_html(page, &notice.text, CLASSES))
        @if let Some(url) = bare(notice) {
            (page.element("p", Class::NoticeText, page.link(Class::NoticeLink, &page.href(url), url.host())))
        }
    };
    let cell = page.element("td", Class::Notice, inside);
    html! { div role="complementary" aria-label=(notice.label) { table role="none" width="100%" { tr { (cell) } } } }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain, block: Block) {
    for notice in beside(block, page) {
        plain.gap();
        plain.rule();
        plain.lines("", notice.label.as_str());
        plain.gap();
        match (&notice.headline, &notice.url) {
            (Some(headline), Some(url)) => story::link_text(page, plain, "", headline, url),
            (Some(headline), None) => plain.lines("", headline.as_str()),
            (None, _) => {}
        }
        note::markdown_text(page, plain, &notice.text);
        if let Some(url) = bare(notice) {
            plain.address(&page.href(url));
        }
        plain.rule();
    }
}

/// The address that no headline names: it is printed by the name of its host.
fn bare(notice: &Notice) -> Option<&Link> {
    notice.url.as_ref().filter(|_| notice.headline.is_none())
}

//! A sponsor's or the house's words among the stories: bordered, under a label that says what they are.

use maud::{Markup, Render as _, html};

use super::{note, picture, story};
use crate::model::edition::Notice;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::render::fit::{self, Frame};
use crate::render::keys::{Block, Class, Form};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Pixels: a higher picture is shown narrower.
const HIGHEST: u32 = 400;

/// The notices printed with a block: those that are behind it. Where a template leaves their block out they go with the footer, so that no
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
        Some(url) => story::aside(page, Class::Link, headline, url),
        None => page.words(headline.as_str()).render(),
    });
    let label = page.say("p", Class::NoticeLabel, &label(page, notice));
    let words = html! {
        @if let Some(headline) = headline { (page.element("h2", Class::Headline, headline)) }
        (note::markdown_html(page, &notice.text, CLASSES))
        @if let Some(url) = bare(notice) {
            (page.element("p", Class::NoticeText, page.link(Class::NoticeLink, &page.href(url), url.host())))
        }
    };
    let side = |inside| page.element("td", Class::NoticeSide, inside);
    let main = |inside| page.element("td", Class::NoticeMain, inside);
    let settings = page.template.settings();
    let above = || image(page, notice, settings.width / 3);
    // In a margin hangs the label, else the picture, unless that is a banner.
    let cells = match page.form() {
        Form::Axis => {
            html! { (side(label)) (main(html! { @if let Some(picture) = above() { (picture) } (words) })) }
        }
        _ if is_banner(notice) => main(
            html! { (label) @if let Some(picture) = image(page, notice, settings.width) { (picture) } (words) },
        ),
        _ => html! {
            @if let Some(picture) = image(page, notice, settings.width / 3) { (side(picture)) }
            (main(html! { (label) (words) }))
        },
    };
    let table = page.element(
        "table role=\"none\"",
        Class::Notice,
        html! { tr { (cells) } },
    );
    html! { div role="complementary" aria-label=(notice.label) { (table) } }
}

/// Whether its picture is more than twice as wide as high.
fn is_banner(notice: &Notice) -> bool {
    let sides = notice
        .picture
        .as_ref()
        .and_then(|picture| fit::sides(&picture.light));
    sides.is_some_and(|(width, height)| width / 2 > height)
}

/// The picture, a link where the notice has one.
fn image(page: &Printing<'_>, notice: &Notice, width: u32) -> Option<Markup> {
    let picture = notice.picture.as_ref()?;
    let frame = Frame {
        width,
        height: HIGHEST,
        least: 0,
    };
    let light = page.edition.as_shown(&picture.light, width)?;
    let shown = fit::within(&light, frame)?;
    let alt = light.alt.as_ref().map_or("", Line::as_str);
    let size = (shown.width, shown.height);
    let light = page.image(
        Class::NoticePicture,
        &light.url,
        size,
        alt,
        &format!(";max-width:{}px", shown.width),
    );
    let both = picture::with_dark(light, picture.dark.as_ref());
    // A link without words would be read aloud as its address.
    let url = notice.url.as_ref().filter(|_| !alt.is_empty());
    Some(html! { @if let Some(url) = url { a href=(page.href(url)) { (both) } } @else { (both) } })
}

/// `Advertisement · Ellery Rope Works`.
fn label(page: &Printing<'_>, notice: &Notice) -> String {
    match &notice.sponsor {
        Some(sponsor) => format!("{}{}{sponsor}", notice.label, page.dot()),
        None => notice.label.to_string(),
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain, block: Block) {
    for notice in beside(block, page) {
        plain.gap();
        plain.rule();
        plain.lines("", &label(page, notice));
        plain.gap();
        match (&notice.headline, &notice.url) {
            (Some(headline), Some(url)) => story::aside_text(page, plain, "", headline, url),
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

//! A sponsor's or the house's words among the stories: bordered, under a label that says what they are.

use maud::{Markup, html};

use super::{note, picture, story};
use crate::model::edition::Notice;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::render::keys::{Block, Class};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Pixels: a higher picture is shown narrower.
const HIGHEST: u32 = 400;

/// The notices printed with a block: those that stand behind it. Where a template leaves their block out they go with the footer, so that no
/// change of template loses a sponsor's words.
pub(super) fn beside<'a>(block: Block, page: &Printing<'a>) -> impl Iterator<Item = &'a Notice> {
    let (edition, blocks) = (page.edition, page.template.blocks());
    edition.notices.iter().filter(move |notice| {
        let own = Block::named(notice.after.key()).filter(|own| blocks.contains(own));
        own.unwrap_or(Block::Footer) == block
    })
}

pub(super) fn html<'a>(page: &Printing<'_>, notices: impl Iterator<Item = &'a Notice>) -> Markup {
    html! {
        @for notice in notices {
            div role="complementary" aria-label=(notice.label) class=[page.class(Class::Notice)] style=[page.style(Class::Notice)] {
                p class=[page.class(Class::NoticeLabel)] style=[page.style(Class::NoticeLabel)] { (page.words(&label(page, notice))) }
                (picture(page, notice))
                @if let Some(headline) = &notice.headline {
                    h2 class=[page.class(Class::Headline)] style=[page.style(Class::Headline)] {
                        @match &notice.url {
                            Some(url) => (story::link(page, headline, url)),
                            None => (page.words(headline.as_str())),
                        }
                    }
                }
                (note::markdown_html(page, &notice.text))
                @if let Some(url) = bare(notice) {
                    p class=[page.class(Class::Paragraph)] style=[page.style(Class::Paragraph)] {
                        a href=(page.href(url)) class=[page.class(Class::TextLink)] style=[page.style(Class::TextLink)] { (url.host()) }
                    }
                }
            }
        }
    }
}

pub(super) fn text<'a>(
    page: &Printing<'_>,
    plain: &mut Plain,
    notices: impl Iterator<Item = &'a Notice>,
) {
    for notice in notices {
        plain.gap();
        plain.rule();
        plain.lines("", &label(page, notice));
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

/// `Advertisement · Ellery Rope Works`.
fn label(page: &Printing<'_>, notice: &Notice) -> String {
    match &notice.sponsor {
        Some(sponsor) => format!("{}{}{sponsor}", notice.label, page.dot()),
        None => notice.label.to_string(),
    }
}

/// The picture, a link where the notice has one. Programs that know no `picture` show its `img`, the light one.
fn picture(page: &Printing<'_>, notice: &Notice) -> Markup {
    let width = page.template.settings().width;
    let shown = notice.picture.as_ref().and_then(|picture| {
        let alt = picture.light.alt.as_ref().map_or("", Line::as_str);
        let most = (width, HIGHEST);
        let light = picture::image(page, &picture.light, alt, Class::NoticePicture, most)?;
        // A link without words would be read aloud as its address.
        Some((
            light,
            picture.dark.as_ref(),
            notice.url.as_ref().filter(|_| !alt.is_empty()),
        ))
    });
    let Some((light, dark, url)) = shown else {
        return html! {};
    };
    let both = html! {
        @if let Some(dark) = dark {
            picture {
                // A comma at its end would be the list's.
                source media="(prefers-color-scheme:dark)" srcset=(dark.as_str().replace(',', "%2C"));
                (light)
            }
        } @else {
            (light)
        }
    };
    html! {
        @if let Some(url) = url { a href=(page.href(url)) { (both) } } @else { (both) }
    }
}

/// The address that no headline names: it is printed by the name of its host.
fn bare(notice: &Notice) -> Option<&Link> {
    notice.url.as_ref().filter(|_| notice.headline.is_none())
}

//! The editor's last words, beside their portrait.

use maud::{Markup, html};

use super::{note, picture};
use crate::model::edition::SignOff;
use crate::render::keys::Class;
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Pixels: the longest side of a portrait.
const LONGEST: u32 = 64;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let Some(sign_off) = &page.edition.sign_off else {
        return html! {};
    };
    let portrait = sign_off.picture.as_ref().and_then(|portrait| {
        // Without words of its own it shows whose name stands beside it.
        let alt = portrait.alt.as_ref();
        let alt = alt.map_or("", |alt| alt.as_str());
        picture::image(page, portrait, alt, Class::Portrait, (LONGEST, LONGEST))
    });
    html! {
        table role="none" class=[page.class(Class::SignOff)] style=[page.style(Class::SignOff)] {
            tr {
                @if let Some(portrait) = portrait {
                    td class=[page.class(Class::SignOffPicture)] style=[page.style(Class::SignOffPicture)] { (portrait) }
                }
                td class=[page.class(Class::SignOffText)] style=[page.style(Class::SignOffText)] {
                    @if let Some(text) = &sign_off.text { (note::markdown_html(page, text)) }
                    p class=[page.class(Class::Signature)] style=[page.style(Class::Signature)] { (page.words(&signature(page, sign_off))) }
                }
            }
        }
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    if let Some(sign_off) = &page.edition.sign_off {
        plain.gap();
        if let Some(text) = &sign_off.text {
            note::markdown_text(page, plain, text);
        }
        plain.lines("", &signature(page, sign_off));
    }
}

/// `Marta Ilves · morning editor`.
fn signature(page: &Printing<'_>, sign_off: &SignOff) -> String {
    let name = sign_off.name.as_str();
    match &sign_off.role {
        Some(role) => format!("{name}{}{role}", page.dot()),
        None => name.to_owned(),
    }
}

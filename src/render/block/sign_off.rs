//! The editor's last words, beside their portrait.

use maud::{Markup, html};

use super::{note, part};
use crate::model::edition::SignOff;
use crate::model::line::Line;
use crate::render::fit::{self, Frame};
use crate::render::keys::Class;
use crate::render::plain::Plain;
use crate::render::printing::Printing;

const FRAME: Frame = Frame {
    width: 64,
    height: 64,
    least: 0,
};

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let Some(sign_off) = &page.edition.sign_off else {
        return html! {};
    };
    let portrait = sign_off.picture.as_ref().and_then(|portrait| {
        let portrait = page.edition.as_shown(portrait, FRAME.width)?;
        let shown = fit::within(&portrait, FRAME)?;
        // Without words of its own it shows whose name is beside it.
        let alt = portrait.alt.as_ref().map_or("", Line::as_str);
        Some(page.image(
            Class::Portrait,
            &portrait.url,
            (shown.width, shown.height),
            alt,
            "",
        ))
    });
    let text = html! {
        @if let Some(text) = &sign_off.text { (note::markdown_html(page, text, note::CLASSES)) }
        (page.say("p", Class::Signature, &signature(page, sign_off)))
    };
    let row = html! {
        tr {
            @if let Some(portrait) = portrait { (page.element("td", Class::SignOffPicture, portrait)) }
            (page.element("td", Class::SignOffText, text))
        }
    };
    part(
        page,
        None,
        page.element("table role=\"none\"", Class::SignOff, row),
    )
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

//! The blocks of a page, each a file: its HTML and its plain text side by side, so that neither says what the other does not.

mod day_line;
mod footer;
mod latest;
mod lede;
mod masthead;
mod most_read;
mod note;
mod notice;
pub(super) mod picture;
mod question;
mod reading_time;
mod sign_off;
mod story;
mod top;

use maud::{Markup, html};

use super::keys::{Block, Class, Form};
use super::plain::Plain;
use super::printing::Printing;
use crate::model::edition::Edition;

pub use note::links_in;

/// All blocks, each with its notices behind it, those without a block before the footer. A block with nothing to show leaves no trace.
pub(super) fn html(page: &Printing<'_>) -> Markup {
    let (first, blocks) = posters(page);
    html! {
        @if !first.is_empty() {
            (panel(page, html! { @for block in first { (poster(*block, page)) } }))
            @for block in first {
                @if *block == Block::Lede { (lede::behind_poster(page)) }
                (notice::html(page, *block))
            }
        }
        @for block in blocks {
            @if *block == Block::Footer { (notice::html(page, *block)) (own(*block, page)) }
            @else { (own(*block, page)) (notice::html(page, *block)) }
            "\n"
        }
    }
}

/// The same in plain text.
pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    for block in page.template.blocks() {
        plain.gap();
        if *block == Block::Footer {
            notice::text(page, plain, *block);
        }
        match block {
            Block::Masthead => masthead::text(page, plain),
            Block::Opening => masthead::opening_text(page, plain),
            Block::Note => note::text(page, plain),
            Block::Lede => lede::text(page, plain),
            Block::Top => top::text(page, plain),
            Block::MostRead => most_read::text(page, plain),
            Block::Latest => latest::text(page, plain),
            Block::SignOff => sign_off::text(page, plain),
            Block::Question => question::text(page, plain),
            Block::Footer => footer::text(page, plain),
        }
        if *block != Block::Footer {
            notice::text(page, plain, *block);
        }
    }
}

/// The blocks that share one panel, where the form has panels, and those behind them.
fn posters<'p>(page: &'p Printing<'_>) -> (&'p [Block], &'p [Block]) {
    let blocks = page.template.blocks();
    let count = blocks
        .iter()
        .take_while(|block| is_poster(**block, page))
        .count();
    blocks.split_at(count)
}

fn is_poster(block: Block, page: &Printing<'_>) -> bool {
    page.form() == Form::Axis && matches!(block, Block::Masthead | Block::Opening | Block::Lede)
}

/// What of a block is on a panel.
fn poster(block: Block, page: &Printing<'_>) -> Markup {
    match block {
        Block::Masthead => masthead::html(page),
        Block::Opening => masthead::opening(page),
        _ => lede::poster(page),
    }
}

fn panel(page: &Printing<'_>, inside: Markup) -> Markup {
    html! {
        @if !inside.0.is_empty() {
            table role="none" style="width:100%;border-collapse:collapse" { tr { (page.element("td", Class::Masthead, inside)) } }
        }
    }
}

fn own(block: Block, page: &Printing<'_>) -> Markup {
    match block {
        Block::Masthead | Block::Opening if is_poster(block, page) => {
            panel(page, poster(block, page))
        }
        Block::Masthead => masthead::html(page),
        Block::Opening => masthead::opening(page),
        Block::Note => note::html(page),
        Block::Lede => lede::html(page),
        Block::Top => top::html(page),
        Block::MostRead => most_read::html(page),
        Block::Latest => latest::html(page),
        Block::SignOff => sign_off::html(page),
        Block::Question => question::html(page),
        Block::Footer => inset(page, footer::html(page)),
    }
}

/// What keeps its distance from the edges of a narrow page, where pictures and panels do not.
fn inset(page: &Printing<'_>, inside: Markup) -> Markup {
    match page.form() {
        Form::Front => inside,
        Form::Axis | Form::Plates => page.element("div", Class::Inset, inside),
    }
}

/// A part of the page and its heading: in the margin, where the form has one.
fn part(page: &Printing<'_>, heading: Option<&str>, inside: Markup) -> Markup {
    let heading = heading.map(|heading| page.say("h2", Class::Heading, heading));
    let heading = html! { @if let Some(heading) = heading { (heading) } };
    match page.form() {
        Form::Axis => beside(page, Class::Part, heading, inside),
        Form::Front | Form::Plates => inset(page, html! { (heading) (inside) }),
    }
}

/// Words and what is in the margin beside them.
fn beside(page: &Printing<'_>, class: Class, side: Markup, main: Markup) -> Markup {
    let row = html! { tr { (page.element("td", Class::Side, side)) (page.element("td", Class::Main, main)) } };
    inset(page, page.element("table role=\"none\"", class, row))
}

/// What a correction says, above the edition that it corrects.
pub(super) fn correction(page: &Printing<'_>, correction: &Edition) -> Markup {
    let subject = correction.subject.as_ref();
    let words = html! {
        @if let Some(subject) = subject { (page.say("h2", Class::Heading, subject.as_str())) }
        @if let Some(note) = &correction.note { (note::markdown_html(page, note, note::CLASSES)) }
    };
    inset(page, page.element("div role=\"note\"", Class::Note, words))
}

//! The blocks of a page, each a file: its HTML and its plain text side by side, so that neither says what the other does not.

mod day_line;
mod footer;
mod latest;
mod lede;
mod masthead;
mod most_read;
mod note;
mod notice;
mod opening;
pub(super) mod picture;
mod question;
mod reading_time;
mod sign_off;
mod story;
mod top;

use maud::{Markup, html};

use super::keys::Block;
use super::plain::Plain;
use super::printing::Printing;

pub use note::links_in;

/// A block in HTML, with its notices behind it, those without a block before the footer; nothing at all when it has nothing to show.
pub(super) fn html(block: Block, page: &Printing<'_>) -> Markup {
    let own = own_html(block, page);
    let notices = notice::html(page, notice::beside(block, page));
    if block == Block::Footer {
        html! { (notices) (own) }
    } else {
        html! { (own) (notices) }
    }
}

/// The same in plain text.
pub(super) fn text(block: Block, page: &Printing<'_>, plain: &mut Plain) {
    let notices = notice::beside(block, page);
    if block == Block::Footer {
        notice::text(page, plain, notices);
        own_text(block, page, plain);
    } else {
        own_text(block, page, plain);
        notice::text(page, plain, notices);
    }
}

fn own_html(block: Block, page: &Printing<'_>) -> Markup {
    match block {
        Block::Opening => opening::html(page),
        Block::Masthead => masthead::html(page),
        Block::Note => note::html(page),
        Block::Lede => lede::html(page),
        Block::Top => top::html(page),
        Block::MostRead => most_read::html(page),
        Block::Latest => latest::html(page),
        Block::SignOff => sign_off::html(page),
        Block::Question => question::html(page),
        Block::Footer => footer::html(page),
    }
}

fn own_text(block: Block, page: &Printing<'_>, plain: &mut Plain) {
    match block {
        Block::Opening => opening::text(page, plain),
        Block::Masthead => masthead::text(page, plain),
        Block::Note => note::text(page, plain),
        Block::Lede => lede::text(page, plain),
        Block::Top => top::text(page, plain),
        Block::MostRead => most_read::text(page, plain),
        Block::Latest => latest::text(page, plain),
        Block::SignOff => sign_off::text(page, plain),
        Block::Question => question::text(page, plain),
        Block::Footer => footer::text(page, plain),
    }
}

//! An edition becomes pages: one HTML document and one plain text, from the same blocks in the same order.
//! It never chooses, drops or reorders stories, reads no file and knows no reader; what differs from reader to reader stays a slot.
//!
//! The structure (tables for Outlook, headings, escaping) is Rust, the looks are a template's. Inline styles alone must be enough: some
//! Gmail accounts drop every `<style>`. The one `<style>` there is holds what only improves: dark and narrow screens.

mod block;
mod columns;
mod compose;
mod confirm;
mod contrast;
mod css;
mod dates;
mod document;
mod door;
mod keys;
mod logo;
mod look;
mod page;
mod plain;
mod plural;
mod settings;
mod support;
mod template;
mod tokens;
mod words;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use block::links_in;
pub use compose::{opening, subject};
pub use confirm::confirm;
pub use door::Say;
pub use template::Template;

use crate::model::edition::Edition;
use crate::model::link::Link;
use crate::model::newsletter::Newsletter;
use crate::model::pages::{Pages, Slotted};

/// Renders an edition. It cannot fail: its nouns are clean and the template was checked when it was loaded.
pub fn pages(edition: &Edition, newsletter: &Newsletter, template: &Template) -> Pages {
    let subject = subject(edition, template);
    let page = page::Page::new(edition, newsletter, template);
    let html = document::html(&page, &subject);
    let text = document::text(&page);
    Pages {
        subject,
        opening: opening(edition, template),
        html: Slotted::cut(&html),
        text: Slotted::cut(&text),
    }
}

/// The same edition as a page of its own, for everybody: with Open Graph for those who pass it on, and a way in where the letter has the way
/// out. `canonical` is where it will stand; without it the page does not say.
pub fn web(
    edition: &Edition,
    newsletter: &Newsletter,
    template: &Template,
    canonical: Option<&Link>,
) -> String {
    let mut page = page::Page::new(edition, newsletter, template);
    page.public = true;
    document::web(&page, canonical)
}

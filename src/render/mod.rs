//! An edition becomes pages: one HTML document and one plain text, from the same blocks in the same order.
//! It never chooses, drops or reorders stories, reads no file and knows no reader; what differs from reader to reader stays a slot.
//!
//! The structure (tables for Outlook, headings, escaping) is Rust, the looks are a template's. Inline styles alone must be enough: some
//! Gmail accounts drop every `<style>`. The one `<style>` there is holds what only improves: dark and narrow screens.

mod arrangement;
mod block;
mod columns;
mod compose;
mod confirm;
mod contrast;
mod css;
mod date_format;
mod dates;
mod document;
mod fit;
mod hyphens;
mod keys;
mod logo;
mod look;
mod nesting;
mod opinion;
mod plain;
mod plural;
mod printing;
mod proof;
mod settings;
mod site_words;
mod support;
mod template;
mod tokens;
mod typography;
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
pub use proof::{ProofNotice, with_notice};
pub use site_words::SiteWord;
pub use template::Template;

use crate::model::edition::Edition;
use crate::model::link::Link;
use crate::model::newsletter::Newsletter;
use crate::model::pages::{Pages, Slotted};
use printing::Printing;

/// Renders an edition. It cannot fail: its nouns are clean and the template was checked when it was loaded.
pub fn pages(edition: &Edition, newsletter: &Newsletter, template: &Template) -> Pages {
    let edition = &typeset(edition, template);
    let subject = subject(edition, template);
    let page = Printing::new(edition, newsletter, template);
    let html = document::html(&page, &subject);
    let text = document::text(&page);
    Pages {
        subject,
        opening: opening(edition, template),
        html: Slotted::cut(&html),
        text: Slotted::cut(&text),
    }
}

/// The edition with typographic quotation marks, dashes and ellipses, as its pages print it.
#[must_use]
pub fn typeset(edition: &Edition, template: &Template) -> Edition {
    typography::edition(edition, template.language())
}

/// The same edition as a page of its own, for everybody: with Open Graph for those who pass it on, and a way in where the letter has the way
/// out. `canonical` is where it will be; without it the page does not say.
pub fn web(
    edition: &Edition,
    newsletter: &Newsletter,
    template: &Template,
    canonical: Option<&Link>,
) -> String {
    corrected(edition, newsletter, template, canonical, &[])
}

/// The same with corrections on top: below them it is as it was sent.
pub fn corrected(
    edition: &Edition,
    newsletter: &Newsletter,
    template: &Template,
    canonical: Option<&Link>,
    corrections: &[Edition],
) -> String {
    let edition = &typeset(edition, template);
    let corrections: Vec<Edition> = corrections
        .iter()
        .map(|one| typeset(one, template))
        .collect();
    let mut page = Printing::new(edition, newsletter, template);
    page.public = true;
    document::web(&page, canonical, &corrections)
}

//! A look at an edition before it is sent: what mail programs will clip, hide or misread, and what readers will stumble over.
//!
//! It judges what is there and changes nothing. What a reader would meet is a [`Finding`] with its reason; what a newsroom's file has wrong is
//! a [`crate::model::problem::Problem`] and never comes so far. The requirements and their sources are those of the comments beside each rule.

mod invented;
mod letter;
mod lists;
mod stories;
mod words;

#[cfg(test)]
mod tests;

pub use invented::invented;
pub use letter::CLIPPED;
pub use stories::place;
pub use words::MACHINE_WRITTEN;

use chrono::{DateTime, Utc};

use crate::model::edition::{Edition, List};
use crate::model::finding::Finding;
use crate::model::line::Line;
use crate::model::newsletter::Newsletter;
use crate::model::pages::Pages;

/// What is looked at.
pub struct Inspection<'a> {
    /// The edition.
    pub edition: &'a Edition,
    /// The same, rendered for everyone.
    pub pages: &'a Pages,
    /// The octets of one whole letter, header included.
    pub letter: usize,
    /// The newsletter.
    pub newsletter: &'a Newsletter,
    /// The lists that the newsroom wants.
    pub wants: &'a [List],
    /// The different sets of sections that subscribers ask for.
    pub sections: &'a [Vec<Line>],
    /// The instant of the look.
    pub now: DateTime<Utc>,
}

/// The octets by which a letter may be longer than its template without a reader: their address, name and links.
pub const PERSONAL: usize = 700;

/// The names of findings that can be errors.
pub const GRAVE: [&str; 3] = ["size", "unsubscribe", "postal-address"];

/// All that is found, the gravest first.
#[must_use]
pub fn inspect(proof: &Inspection<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    letter::inspect(proof, &mut findings);
    invented::inspect(proof, &mut findings);
    words::inspect(proof, &mut findings);
    stories::inspect(proof, &mut findings);
    lists::inspect(proof, &mut findings);
    // Stable: rules keep their order.
    findings.sort_by_key(|finding| finding.gravity);
    findings
}

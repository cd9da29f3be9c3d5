//! What `init` invented and nobody replaced: readers would take it for the paper's own.

use std::net::IpAddr;

use super::Inspection;
use super::letter::fixed;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::newsletter::{Newsletter, Unsubscribe};

/// The site of the invented paper; of whoever still has it everything is invented.
const SITE: &str = "harbourtimes.example";
/// What `init` writes into a config, beside addresses of that site.
const WORDS: [&str; 3] = [
    "1 Quay Street, Port Ellery",
    "14°, rain by noon",
    "Marta Ilves",
];

pub(super) fn inspect(proof: &Inspection<'_>, findings: &mut Vec<Finding>) {
    let text = fixed(&proof.pages.text);
    findings.extend(invented("the letter", &text, proof.newsletter));
}

/// What of the invented paper is in `text`, or in the newsletter's own addresses, though the site is another paper's. A machine without a name
/// is no paper's.
#[must_use]
pub fn invented(place: &str, text: &str, newsletter: &Newsletter) -> Option<Finding> {
    let site = newsletter.site.host();
    if site == SITE || site.parse::<IpAddr>().is_ok() {
        return None;
    }
    let mailboxes = std::iter::once(&newsletter.from).chain(&newsletter.reply_to);
    let domains = mailboxes.map(|mailbox| mailbox.address.domain().to_owned());
    let leaving = newsletter.unsubscribe.iter().map(Unsubscribe::uri);
    let own: Vec<String> = domains.chain(leaving).collect();
    let text = [text, newsletter.address.as_str(), &own.join("\n")].join("\n");
    // A line of the letter may end anywhere.
    let text: Vec<&str> = text.split_whitespace().collect();
    let text = text.join(" ");
    let found = WORDS
        .iter()
        .chain([&SITE])
        .filter(|words| text.contains(**words));
    let found: Vec<String> = found.map(|words| format!("`{words}`")).collect();
    (!found.is_empty()).then(|| Finding {
        name: "invented",
        gravity: Gravity::Warning,
        place: Line::clean(place),
        what: Line::clean(&format!("still has what `init` invented: {}", found.join(", "))),
        why: "readers take it for yours",
        hint: "put your own into `newsdigest.toml`, or take `[[line]]`, `[sign_off]`, the sample stories and `views.csv` out",
    })
}

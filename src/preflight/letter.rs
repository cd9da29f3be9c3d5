//! The letter as a whole: its size, its footer, its style.

use super::Inspection;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::pages::{Piece, Slot, Slotted};

/// The octets of the longest letter that Gmail shows whole. It clips an HTML part between 102 and 105 kB, and counts the source; the whole
/// letter below this is safe by any way of counting (email-bugs#41).
pub const CLIPPED: usize = 100_000;
/// From here on the next long edition may be clipped.
const NEARLY: usize = 80_000;
/// Gmail drops a `<style>` element over 16 kB whole, and did over 8 kB before (email-bugs#90).
const STYLE: usize = 8_192;

pub(super) fn inspect(proof: &Inspection<'_>, findings: &mut Vec<Finding>) {
    let mut found = |name, gravity, what: String, why, hint| {
        findings.push(Finding {
            name,
            gravity,
            place: Line::clean("the letter"),
            what: Line::clean(&what),
            why,
            hint,
        });
    };
    if proof.letter > CLIPPED {
        found(
            "size",
            Gravity::Error,
            format!(
                "is {} kB, expected at most {} kB",
                proof.letter / 1_000,
                CLIPPED / 1_000
            ),
            "Gmail clips it, and with the end goes the way to leave",
            "cut stories from the end, or shorten deks",
        );
    } else if proof.letter > NEARLY {
        found(
            "size",
            Gravity::Warning,
            format!(
                "is {} kB; Gmail clips from about {} kB on",
                proof.letter / 1_000,
                CLIPPED / 1_000
            ),
            "a little more, and readers miss the end",
            "cut stories from the end, or shorten deks",
        );
    }
    let further = proof.edition.further;
    if further > 0 {
        let stories = if further == 1 { "story" } else { "stories" };
        found(
            "left-out",
            Gravity::Warning,
            format!("leaves out {further} {stories}, and says so at its end"),
            "with them it would have been longer than Gmail shows",
            "choose fewer stories in `[selection]`, or remove `further` from the edition file",
        );
    }
    let html = fixed(&proof.pages.html);
    let style = between(&html, "<style>", "</style>");
    if style.len() > STYLE {
        found(
            "style-size",
            Gravity::Warning,
            format!(
                "has {} bytes of style, expected at most {STYLE}",
                style.len()
            ),
            "Gmail drops a large style element whole: no dark colors, no narrow layout",
            "shorten the template's style.css",
        );
    }
    // The declaration itself is dropped by Outlook (caniemail, css-important).
    let spaceless = style
        .match_indices("!important")
        .filter(|(at, _)| !style[..*at].ends_with(' '))
        .count();
    if spaceless > 0 {
        found(
            "important",
            Gravity::Warning,
            format!("has {spaceless} `!important` without a space before it"),
            "Outlook drops the whole declaration",
            "write ` !important` in the template's style.css",
        );
    }
    if !(leads_away(&proof.pages.html) && leads_away(&proof.pages.text)) {
        found(
            "unsubscribe",
            Gravity::Error,
            "has no link to leave".to_owned(),
            "Gmail, Yahoo and Microsoft refuse bulk mail without one, and the law does in most countries",
            "put the block `footer` back into the template",
        );
    }
    if !close(&fixed(&proof.pages.text)).contains(&close(proof.newsletter.address.as_str())) {
        found(
            "postal-address",
            Gravity::Error,
            "does not print the newsroom's postal address".to_owned(),
            "most countries demand one in every newsletter",
            "put the block `footer` back into the template",
        );
    }
}

fn leads_away(page: &Slotted) -> bool {
    page.pieces().contains(&Piece::Open(Slot::Unsubscribe))
}

/// The text without its spaces: lines may break anywhere.
fn close(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The text without what differs from reader to reader.
pub(super) fn fixed(page: &Slotted) -> String {
    page.fill(|_| String::new())
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from)
        .and_then(|(_, rest)| rest.split_once(to))
        .map_or("", |(inside, _)| inside)
}

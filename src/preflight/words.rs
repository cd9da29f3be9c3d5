//! Subject and headlines: what inboxes cut off and filters dislike.

use super::Inspection;
use crate::model::edition::MachineLine;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;

/// What inboxes on a desk show of a subject; phones show half of it.
const SUBJECT: usize = 60;
/// A headline of more characters is a paragraph.
const HEADLINE: usize = 120;

/// The name of what approval clears.
pub const MACHINE_WRITTEN: &str = "machine-written";
const MACHINES: &str = "is a machine's, and no person has touched it";
const YOURS: &str =
    "change it, take `machine_written` out of the edition file, or approve the edition";
const READ: &str = "whatever it claims, the paper says it";

pub(super) fn inspect(proof: &Inspection<'_>, findings: &mut Vec<Finding>) {
    let subject = proof.pages.subject.as_str();
    let mut found = |name, what: String, why, hint| {
        findings.push(Finding {
            name,
            gravity: Gravity::Warning,
            place: Line::clean("the subject"),
            what: Line::clean(&what),
            why,
            hint,
        });
    };
    let length = subject.chars().count();
    if length > SUBJECT {
        found(
            "long-subject",
            format!("has {length} characters, expected at most {SUBJECT}"),
            "inboxes cut it off",
            "write a shorter `subject` in the edition file",
        );
    }
    if proof.edition.is_machine_written(MachineLine::Subject) {
        found(MACHINE_WRITTEN, MACHINES.to_owned(), READ, YOURS);
    }
    if shouts(subject) {
        found(
            "shouting",
            "is in capitals, or has several exclamation marks".to_owned(),
            "it looks like spam, to readers and to filters",
            "write it as a sentence",
        );
    }
    if poses_as_answer(subject) {
        found(
            "false-answer",
            "begins like an answer or a forwarded mail".to_owned(),
            "Gmail's rules forbid it (support.google.com/mail/answer/81126)",
            "begin with the news",
        );
    }
    let pictures = subject.chars().filter(|c| is_emoji(*c)).count();
    if pictures > 1
        || (pictures > 0 && pictures * 2 >= subject.chars().filter(|c| !c.is_whitespace()).count())
    {
        found(
            "emoji",
            format!("has {pictures} emoji"),
            "screen readers read each one's name aloud, and filters count them",
            "keep one at most, and never instead of words",
        );
    }
    if subject.chars().filter(|c| is_currency(*c)).count() > 1 {
        found(
            "currency",
            "has several currency signs".to_owned(),
            "filters take it for an offer",
            "write the sum once, or in words",
        );
    }
    if proof.edition.is_machine_written(MachineLine::Opening) {
        findings.push(Finding {
            name: MACHINE_WRITTEN,
            gravity: Gravity::Warning,
            place: Line::clean("the opening"),
            what: Line::clean(MACHINES),
            why: READ,
            hint: YOURS,
        });
    }
    for (list, placed) in proof.edition.stories() {
        let length = placed.story.headline.as_str().chars().count();
        if length > HEADLINE {
            findings.push(Finding {
                name: "long-headline",
                gravity: Gravity::Warning,
                place: Line::clean(&format!(
                    "{}: {}",
                    list.words(),
                    Line::clean_to(placed.story.headline.as_str(), 60)
                )),
                what: Line::clean(&format!(
                    "the headline has {length} characters, expected at most {HEADLINE}"
                )),
                why: "on a phone it fills the screen",
                hint: "shorten it in the edition file",
            });
        }
    }
}

/// More than one exclamation mark, or hardly a small letter in scripts that have them.
fn shouts(text: &str) -> bool {
    let (upper, lower) = text.chars().fold((0, 0), |(upper, lower), c| {
        (
            upper + usize::from(c.is_uppercase()),
            lower + usize::from(c.is_lowercase()),
        )
    });
    text.matches(['!', '！']).count() > 1 || (upper > 8 && lower * 3 < upper)
}

fn poses_as_answer(text: &str) -> bool {
    let start: String = text.chars().take(5).collect::<String>().to_lowercase();
    ["re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "tr:"]
        .iter()
        .any(|mark| start.starts_with(mark))
}

/// Symbols that are drawn as small pictures. The blocks are those of Unicode's emoji data that hold little else.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{2b50}' | '\u{2b55}')
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '\u{20a0}'..='\u{20cf}')
}

//! Reports with fields: deliveries (RFC 3464), complaints (RFC 5965), and Amazon's notifications in JSON.

use super::mime::{self, Fields};
use super::notice;
use super::provider;
use super::reply::{self, Told};
use super::{Class, Said};

/// Groups of fields that are read: one of the message, one a recipient.
const GROUPS: usize = 100;

/// What a delivery report says of all its recipients: the mildest that it says of one of them. Where a reader's address is a list of three people, and one of them is gone,
/// the reader is not gone. `None` if it names no recipient.
pub(super) fn delivery(status: &[u8], text: &str) -> Option<Said> {
    let mut all = groups(status).filter_map(|group| recipient(&group, text));
    let first = all.next()?;
    Some(all.fold(first, |mildest, next| {
        if rank(&next) < rank(&mildest) {
            next
        } else {
            mildest
        }
    }))
}

/// The same of a text that holds such a report: forwarded, or by a system that knows no MIME type for it.
pub(super) fn inline(text: &str) -> Option<Said> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let lower = line
            .trim_start_matches([' ', '>', '\t'])
            .to_ascii_lowercase();
        let begins = [
            "final-recipient:",
            "original-recipient:",
            "action:",
            "reporting-mta:",
        ];
        if begins.iter().any(|name| lower.starts_with(name)) {
            let unquoted: Vec<&str> = text[at..]
                .lines()
                .map(|line| line.strip_prefix("> ").unwrap_or(line))
                .collect();
            return delivery(unquoted.join("\n").as_bytes(), &text[..at]);
        }
        at += line.len();
    }
    None
}

fn rank(said: &Said) -> (u8, Option<Class>) {
    match said {
        Said::Failed(failure) => (2, Some(failure.class)),
        Said::Delayed => (1, None),
        _ => (0, None),
    }
}

/// Fields parted by empty lines.
fn groups(status: &[u8]) -> impl Iterator<Item = Fields> {
    let mut rest = status.trim_ascii();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (fields, behind) = mime::split(rest);
        rest = behind.trim_ascii_start();
        Some(fields)
    })
    .take(GROUPS)
    .filter(|fields| !fields.is_empty())
}

fn recipient(fields: &Fields, text: &str) -> Option<Said> {
    let status = fields.get("status").and_then(reply::status);
    let action = fields.get("action").map(|action| {
        let word = action.split([' ', '(', ';']).next().unwrap_or_default();
        word.to_ascii_lowercase()
    });
    match (action.as_deref(), status) {
        (Some("failed" | "failure"), _) | (None, Some((5, ..))) => {}
        (Some("delayed"), _) | (None, Some((4, ..))) => return Some(Said::Delayed),
        (Some("delivered" | "relayed" | "expanded"), _) | (None, Some(_)) => {
            return Some(Said::Delivered);
        }
        _ => return None,
    }
    // `smtp; 550 5.1.1 ..`, `x-unix; ..`, `X-Postfix; ..`; Exchange 2003 and its kin have their own field.
    let diagnostic = ["diagnostic-code", "x-supplementary-info"]
        .iter()
        .filter_map(|name| fields.get(name))
        .map(|code| code.split_once(';').map_or(code, |(_, words)| words).trim())
        .find(|words| words.chars().any(char::is_alphabetic));
    if let Some(words) = diagnostic {
        let told = Told::read(words).after_content_if(notice::after_content(text));
        return Some(Said::Failed(told.failure(status)));
    }
    // Exim and others say it in the text only. Where the status is exact, prose does not change it.
    let is_vague = status.is_none_or(|(_, subject, _)| subject == 0);
    let told = notice::mildest(notice::before_the_copy(text), status)
        .filter(|failure| is_vague || failure.code.is_some());
    Some(Said::Failed(
        told.unwrap_or_else(|| Told::default().failure(status)),
    ))
}

/// What a complaint says. RFC 5965 section 3.1; `not-spam` and `auth-failure` (RFC 6430, RFC 6591) are none.
pub(super) fn feedback(fields: &Fields) -> Said {
    let kind = fields.get("feedback-type").unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "not-spam" | "auth-failure" | "dmarc" => Said::NoBounce,
        _ => Said::Complained,
    }
}

/// What Amazon SES tells by SNS: JSON, or JSON within JSON.
pub(super) fn notification(text: &str) -> Option<Said> {
    let text = text.trim_start();
    if !text.starts_with('{') {
        return None;
    }
    // Servers break its long lines, and put a blank behind the break.
    provider::said_by_ses(&text.replace("\r\n", "\n").replace("\n ", ""))
}

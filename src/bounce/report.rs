//! Reports with fields: deliveries (RFC 3464) and complaints (RFC 5965).

use super::mime::{self, Fields};
use super::told::{self, Told};
use super::{Class, Said};

/// Groups of fields that are read: one of the message, one a recipient.
const GROUPS: usize = 100;

/// What a delivery report says of all its recipients: the mildest that it says of one of them. Where she is a list of three behind one
/// address, and one of them is gone, she is not gone. `None` if it names no recipient.
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
    let status = fields.get("status").and_then(told::status);
    let action = fields.get("action").map(|action| {
        let word = action.split([' ', '(', ';']).next().unwrap_or_default();
        word.to_ascii_lowercase()
    });
    match (action.as_deref(), status) {
        (Some("failed"), _) | (None, Some((5, ..))) => {}
        (Some("delayed"), _) | (None, Some((4, ..))) => return Some(Said::Delayed),
        (Some("delivered" | "relayed" | "expanded"), _) | (None, Some(_)) => {
            return Some(Said::Delivered);
        }
        _ => return None,
    }
    // `smtp; 550 5.1.1 ..`, `x-unix; ..`, `X-Postfix; ..`
    let diagnostic = fields
        .get("diagnostic-code")
        .map(|code| code.split_once(';').map_or(code, |(_, words)| words))
        .map(str::trim)
        .filter(|words| !words.is_empty());
    let told = match diagnostic {
        Some(words) => Told::read(words),
        // Exim says it in the text only.
        None => told::exim(text).map_or_else(Told::default, |(_, told)| told),
    };
    Some(Said::Failed(told.failure(status)))
}

/// What a complaint says. RFC 5965 section 3.1; `not-spam` and `auth-failure` (RFC 6430, RFC 6591) are none.
pub(super) fn feedback(fields: &Fields) -> Said {
    let kind = fields.get("feedback-type").unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "not-spam" | "auth-failure" | "dmarc" => Said::NoBounce,
        _ => Said::Complained,
    }
}

//! Where a token of ours may be in a message: a run of its letters. Whether it is one, its signature says.

use super::mime::{self, Fields, Parts};

/// The shortest run of base32 that can be a token, in letters.
const SHORTEST: usize = 32;
/// The longest: it fits a local part (RFC 5321 section 4.5.3.1.1).
const LONGEST: usize = 64;
/// The most that are tried.
const MOST: usize = 24;

/// The address a message came to, as mail servers note it; the last is what the sender wrote.
const ENVELOPE: [&str; 7] = [
    "x-original-to",
    "delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-rcpt-to",
    "to",
];

/// All that are in it, each once: first where it came to, then in the report, then in the head of the letter that comes back, or in the
/// text that holds it.
pub(super) fn candidates(fields: &Fields, parts: &Parts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    add_candidates(fields, parts, &mut found);
    found
}

/// The same, behind those found before.
pub(super) fn add_candidates(fields: &Fields, parts: &Parts<'_>, found: &mut Vec<String>) {
    for value in ENVELOPE.iter().flat_map(|name| fields.all(name)) {
        add(value, found);
    }
    for report in [&parts.status, &parts.feedback].into_iter().flatten() {
        add(&String::from_utf8_lossy(report), found);
    }
    if let Some(returned) = &parts.returned {
        let (fields, _) = mime::split(returned);
        for name in ["return-path", "list-unsubscribe", "message-id"] {
            fields.all(name).for_each(|value| add(value, found));
        }
    } else {
        add(&parts.text, found);
    }
}

/// Those in one text.
pub(super) fn add(text: &str, found: &mut Vec<String>) {
    let letters = |c: char| !matches!(c, 'a'..='z' | 'A'..='Z' | '2'..='7');
    for run in text.split(letters) {
        if found.len() == MOST {
            return;
        }
        if (SHORTEST..=LONGEST).contains(&run.len()) {
            let run = run.to_ascii_lowercase();
            if !found.contains(&run) {
                found.push(run);
            }
        }
    }
}

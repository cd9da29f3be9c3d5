//! The codes and the words within whatever a mail system writes about one recipient.

use super::class::{Refusal, STATUSES, exact};
use super::{Failure, Status, shown};

/// What a piece of text says of a failure.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The reply code that it begins with or quotes.
    pub(super) code: Option<u16>,
    /// All status codes in it: a relay quotes the reply of the next one behind its own.
    statuses: Vec<Status>,
    text: String,
    after_content: bool,
}

/// The most of a text that is looked through for a reason, in words.
const LONGEST: usize = 1_000;

/// Phrases by which mail systems say that the letter itself was refused, not its recipient.
const AFTER_CONTENT: [&str; 11] = [
    "end of data",
    "reply to data",
    "after data",
    "final data",
    "for text command",
    "following data command",
    "smtp command data",
    "after body",
    // GMX; qmail-remote; Yahoo.
    "after transfer of mail text",
    "failed after i sent the message",
    "[body]",
];

impl Told {
    /// Finds the reply (`550 5.1.1 ..`) and the status codes (`5.1.1`, `(#5.1.1)`) in it; what is in front of a reply is dropped.
    pub(super) fn read(text: &str) -> Self {
        let paragraphs: Vec<String> = paragraphs(text);
        let quoted = paragraphs
            .iter()
            .find_map(|paragraph| Self::quoted(paragraph));
        let flat = paragraphs.join(" ");
        let mut told = quoted.unwrap_or_else(|| Self {
            statuses: statuses(&flat),
            text: flat.clone(),
            ..Self::default()
        });
        told.after_content = says_after_content(&flat);
        told
    }

    /// Reads a paragraph that quotes a reply.
    fn quoted(flat: &str) -> Option<Self> {
        let is_answer = flat.contains(">>> RCPT");
        let mut found = None;
        let (mut at, mut end) = (0, flat.len());
        for word in flat.split_inclusive(' ') {
            match reply_code(word) {
                Some((code, behind)) if found.is_none() => found = Some((code, at, at + behind)),
                // What a server says of the commands that we send on is no word about the recipient; nor is, behind its answer to RCPT, that it ends the session.
                Some((code, _)) if matches!(code, 500..=503) || code == 421 && is_answer => {
                    end = at;
                    break;
                }
                _ => {}
            }
            at += word.len();
        }
        let (code, front, begin) = found?;
        let rest = flat[begin..end].trim_start_matches([' ', ':', '-']);
        let first = rest.split(' ').next().unwrap_or_default();
        let behind = match status(first.trim_matches(is_edge)) {
            Some(_) => &rest[first.len()..],
            None => rest,
        };
        // Sendmail's words for a mailer of its own that failed; what that said is in front (`mail.local: unknown user: ada`).
        let is_mailers = rest.ends_with("... Service unavailable") && flat[..front].contains(": ");
        // `mailbox unavailable. [SMTP Error Code 550]`
        let text = if is_mailers {
            &flat[..front]
        } else if behind.chars().any(char::is_alphabetic) {
            behind.trim_start_matches([' ', ':', '-'])
        } else {
            flat
        };
        Some(Self {
            code: Some(code),
            statuses: statuses(rest),
            text: if answers_mail(&flat[..front]) {
                format!("MAIL FROM: {text}")
            } else {
                text.to_owned()
            },
            after_content: false,
        })
    }

    /// The same, where the rest of the message tells that the letter itself was refused.
    pub(super) fn after_content_if(mut self, is_after: bool) -> Self {
        self.after_content |= is_after;
        self
    }

    /// Whether it holds a code at all.
    pub(super) fn has_code(&self) -> bool {
        self.code.is_some() || !self.statuses.is_empty()
    }

    /// The failure it amounts to, beside the status of a report.
    pub(super) fn failure(self, reported: Option<Status>) -> Failure {
        let words = shown(&self.text);
        let replied = self.statuses.first().copied();
        let mut statuses = [None; STATUSES];
        let all = reported.into_iter().chain(self.statuses);
        for (place, status) in statuses.iter_mut().zip(all) {
            *place = Some(status);
        }
        // What is shown is cut; what is judged is not. An address may look like a word of the server.
        let without_addresses: Vec<&str> = self
            .text
            .split(' ')
            .filter(|word| !word.contains('@'))
            .collect();
        let refusal = Refusal {
            code: self.code,
            statuses,
            text: &without_addresses.join(" "),
            after_content: self.after_content,
        };
        Failure {
            class: refusal.class(),
            code: self.code,
            status: exact(reported, replied),
            words,
        }
    }
}

/// Whether what follows answers MAIL: `unknown user` is then said of our own address.
fn answers_mail(front: &str) -> bool {
    let upper = front.to_ascii_uppercase();
    // qmail-remote.
    if upper.contains("DOES NOT LIKE YOUR SENDER") {
        return true;
    }
    let sent = upper.rfind("MAIL FROM:");
    sent.is_some_and(|at| !upper[at..].contains("RCPT TO:"))
}

/// Whether it says that the letter itself was refused.
pub(super) fn says_after_content(text: &str) -> bool {
    let lower = text.to_lowercase();
    AFTER_CONTENT.iter().any(|phrase| lower.contains(phrase))
}

/// Paragraphs, each on one line.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    let mut left = LONGEST;
    for line in text.lines() {
        if line.trim().is_empty() {
            paragraphs.push(String::new());
        }
        for word in line.split_whitespace().take(left) {
            left -= 1;
            if let Some(paragraph) = paragraphs.last_mut() {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(word);
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// All status codes of failures in it.
fn statuses(text: &str) -> Vec<Status> {
    let all = text.split(is_edge).filter_map(status);
    all.filter(|&(class, ..)| class != 2).collect()
}

fn is_edge(c: char) -> bool {
    c.is_whitespace() || "()#[]<>{},;:'\"".contains(c)
}

/// `550`, `550-`, `550:`, `[550`, `#550`, `smtp;550`: the code, and where the text behind it begins.
fn reply_code(word: &str) -> Option<(u16, usize)> {
    let begin = word.rfind(';').map_or(0, |at| at + 1);
    let begin = begin + (word[begin..].len() - word[begin..].trim_start_matches(is_edge).len());
    let digits = word.get(begin..begin + 3)?;
    let is_code = digits.bytes().all(|b| b.is_ascii_digit());
    let behind = word.as_bytes().get(begin + 3);
    let ends = behind.is_none_or(|&b| b == b'-' || b == b'.' || is_edge(char::from(b)));
    // `550.1` is no code.
    let goes_on = behind == Some(&b'.')
        && word
            .as_bytes()
            .get(begin + 4)
            .is_some_and(u8::is_ascii_digit);
    let code: u16 = digits
        .parse()
        .ok()
        .filter(|_| is_code && ends && !goes_on)?;
    let is_known = matches!(
        code,
        421 | 422 | 431..=434 | 441..=459 | 471 | 500..=559 | 570..=579
    );
    is_known.then_some((code, (begin + 4).min(word.len())))
}

/// Reads `5.1.1`; a comment behind it is dropped. Subjects end at 7 (RFC 3463 section 3), so that `4.94.2` is a version.
pub(super) fn status(text: &str) -> Option<Status> {
    let text = text.split([' ', '(']).next()?.trim_end_matches('.');
    let text = text.rsplit('-').next()?;
    let mut numbers = text.split('.').map(str::parse::<u16>);
    match (
        numbers.next(),
        numbers.next(),
        numbers.next(),
        numbers.next(),
    ) {
        (
            Some(Ok(class @ (2 | 4 | 5))),
            Some(Ok(subject @ 0..=7)),
            Some(Ok(detail @ 0..=999)),
            None,
        ) => Some((u8::try_from(class).ok()?, subject, detail)),
        _ => None,
    }
}

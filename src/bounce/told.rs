//! Bounces told in words: Exim's, qmail's (QSBMF, cr.yp.to/proto/qsbmf.txt), Sendmail's old form; and the codes within any words.

use super::class::{self, Refusal};
use super::mime::Fields;
use super::{Class, Failure, Said, Status, shown};

/// What a piece of text says of a failure.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) code: Option<u16>,
    pub(super) status: Option<Status>,
    text: String,
}

impl Told {
    /// Finds the reply (`550 5.1.1 ..`) or the bare status (`5.1.1`, `(#5.1.1)`) in it; what stands before a reply is dropped.
    pub(super) fn read(text: &str) -> Self {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let flat = match flat.char_indices().nth(LONGEST) {
            Some((end, _)) => &flat[..end],
            None => &flat,
        };
        let mut at = 0;
        for word in flat.split_inclusive(' ') {
            if let Some(code) = reply_code(word) {
                let behind = flat[at..].get(4..).unwrap_or_default();
                let first = behind.split(' ').next().unwrap_or_default();
                let found = status(first);
                return Self {
                    code: Some(code),
                    status: found.or_else(|| any_status(behind)),
                    text: behind[found.map_or(0, |_| first.len())..].to_owned(),
                };
            }
            at += word.len();
        }
        Self {
            code: None,
            status: any_status(flat),
            text: flat.to_owned(),
        }
    }

    /// The failure it amounts to, beside the status of a report.
    pub(super) fn failure(self, reported: Option<Status>) -> Failure {
        let words = shown(&self.text);
        let refusal = Refusal {
            code: self.code,
            statuses: [reported, self.status],
            text: words.as_str(),
            after_content: false,
        };
        Failure {
            class: refusal.class(),
            code: self.code,
            status: class::exact(reported, self.status),
            words,
        }
    }
}

/// The longest text that is looked through for a reason, in characters.
const LONGEST: usize = 4_000;

/// `550` or `550-`, at the beginning of a word.
fn reply_code(word: &str) -> Option<u16> {
    let digits = word.get(..3)?;
    let code: u16 = digits.parse().ok()?;
    ((400..600).contains(&code) && matches!(word.as_bytes().get(3), None | Some(b' ' | b'-')))
        .then_some(code)
}

/// Reads `5.1.1`; a comment behind it is dropped. Subjects end at 7 (RFC 3463 section 3), so that `4.94.2` is a version.
pub(super) fn status(text: &str) -> Option<Status> {
    let text = text.split([' ', '(']).next()?;
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

fn any_status(text: &str) -> Option<Status> {
    text.split([' ', '(', ')', '#', '[', ']', ',', ';', ':'])
        .find_map(status)
        .filter(|&(class, ..)| class != 2)
}

/// What a message says that has no report with fields. Only a mail server is believed: people quote bounces.
pub(super) fn said(fields: &Fields, text: &str) -> Option<Said> {
    if !is_from_a_server(fields) {
        return None;
    }
    let text = text.trim_start();
    if let Some(reason) = text.strip_prefix("Hi. This is the ") {
        return qmail(reason);
    }
    if text.starts_with("This message was created automatically by mail delivery software") {
        return Some(match exim(text) {
            Some((recipients, told)) => Said::Failed(one_of(recipients, told)),
            None if fields.get("x-failed-recipients").is_some() => {
                Said::Failed(Told::read(before_the_copy(text)).failure(None))
            }
            // Its warning that it is still trying has no such field.
            None => Said::Delayed,
        });
    }
    sendmail(text)
}

/// Whether it comes from nobody (RFC 5321 section 4.5.5), or from the name that mail servers go by.
fn is_from_a_server(fields: &Fields) -> bool {
    let is_nobody = fields.get("return-path").is_some_and(|path| path == "<>");
    let from = fields.get("from").unwrap_or_default().to_ascii_lowercase();
    is_nobody
        || ["mailer-daemon@", "postmaster@"]
            .iter()
            .any(|name| from.contains(name))
}

/// Words about several recipients do not say which of them is ours.
fn one_of(recipients: usize, told: Told) -> Failure {
    let mut failure = told.failure(None);
    if recipients > 1 {
        failure.class = failure.class.min(Class::Soft);
    }
    failure
}

/// The recipients in Exim's text, and what it says about them. The address stands on a line of its own, indented; the reason below it.
pub(super) fn exim(text: &str) -> Option<(usize, Told)> {
    const BEGIN: &str = "The following address(es) failed:";
    let begin = text.find(BEGIN)? + BEGIN.len();
    let list = before_the_copy(&text[begin..]);
    let is_recipient = |line: &&str| line.contains('@') && !line.trim().contains(' ');
    let recipients = list.lines().filter(is_recipient).count();
    let reason: Vec<&str> = list.lines().filter(|line| !is_recipient(line)).collect();
    Some((recipients, Told::read(&reason.join("\n"))))
}

/// Bounces in words end with a copy of the message, behind a line that begins with hyphens.
fn before_the_copy(text: &str) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("--") {
            return &text[..end];
        }
        end += line.len();
    }
    text
}

/// QSBMF: paragraphs; one that begins with `<` is about that recipient, one with `-` ends them.
fn qmail(text: &str) -> Option<Said> {
    let text = text.replace("\r\n", "\n");
    let mut about = text
        .split("\n\n")
        .map(str::trim_start)
        .take_while(|paragraph| !paragraph.starts_with('-'))
        .filter(|paragraph| paragraph.starts_with('<'));
    let reason = about.next()?.split_once('\n')?.1;
    Some(Said::Failed(one_of(1 + about.count(), Told::read(reason))))
}

/// Sendmail before it knew of reports: a transcript between lines of hyphens.
fn sendmail(text: &str) -> Option<Said> {
    let failed = text.find("had permanent fatal errors -----")?;
    let transcript = text[failed..].find("Transcript of session follows -----");
    let reason = transcript.map_or("", |at| {
        text[failed + at..]
            .split_once('\n')
            .map_or("", |(_, rest)| rest)
    });
    Some(Said::Failed(
        Told::read(before_the_copy(reason)).failure(None),
    ))
}

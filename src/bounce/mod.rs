//! Bounces: what a message that came back to the envelope sender says, and which texts in it may be the token of a reader.
//!
//! Pure, and linear in what it looks at: the message comes from anybody. Only its first [`LOOKED_AT`] bytes, a few parts and a few levels
//! of nesting are read. The walk over the parts is our own: a full MIME parser looks for each boundary to the end (measured: minutes for
//! 770 kB of multiparts without ends, where this takes milliseconds). What is within a part (encodings, charsets, HTML) is mail-parser's.
//! RFC 3464 (delivery reports), RFC 5965 (complaints), RFC 3463 (codes), RFC 3834 (auto-replies), and the words of Exim, qmail, Sendmail.

mod class;
mod mime;
mod notice;
pub mod provider;
pub mod refusals;
mod reply;
mod report;
mod tokens;
mod words;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::model::delivery::Reply;
use crate::model::line::Line;
use mime::{Fields, Parts};

pub use class::{Class, Refusal};

/// The most of a message that is looked at, in bytes: a report is before the letter it returns.
pub const LOOKED_AT: usize = 1_000_000;

/// One message, read.
#[derive(Clone, Debug)]
pub struct Bounce {
    /// What it says.
    pub said: Said,
    /// Texts in it that may be a token of ours, the most trusted place first: the address it came to, the report, the letter it returns.
    pub tokens: Vec<String>,
    /// Its `Date`, in seconds since 1970, if it tells one.
    pub dated: Option<i64>,
    /// The same for the same message, however it was stored: SHA-256 of what it says, its Message-ID and its Date, cut to 16 bytes.
    pub digest: [u8; 16],
}

/// What a message says about a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It was not delivered, and nobody tries any more.
    Failed(Failure),
    /// The reader, or their provider for them, calls it spam (RFC 5965).
    Complained,
    /// It is still being tried.
    Delayed,
    /// It was delivered, relayed or expanded.
    Delivered,
    /// The reader left at the provider, which sends them nothing any more. No message says so.
    Left,
    /// A machine answers for a person who is away.
    AutoReply,
    /// Anything else, such as a person's answer or one of our own letters.
    NoBounce,
}

/// Why a letter was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What follows from it.
    pub class: Class,
    /// SMTP's reply code, where one is told.
    pub code: Option<u16>,
    /// The status code of RFC 3463, where one is told: the more exact of the report's and the reply's.
    pub status: Option<Status>,
    /// The words, cleaned, addresses masked.
    pub words: Line,
}

/// A status code of RFC 3463, such as 5.1.1.
pub type Status = (u8, u16, u16);

impl Failure {
    /// Codes and words on one line.
    #[must_use]
    pub fn line(&self) -> Line {
        Line::clean(&self.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map(|code| code.to_string());
        let status = self
            .status
            .map(|(class, subject, detail)| format!("{class}.{subject}.{detail}"));
        let words = Some(self.words.to_string()).filter(|words| !words.is_empty());
        let parts: Vec<String> = [code, status, words].into_iter().flatten().collect();
        f.write_str(&parts.join(" "))
    }
}

/// How many messages within one another are looked through: a bounce that somebody forwards is within their message.
const WRAPPED: usize = 3;

/// Reads a message: header and body, line ends of either kind.
#[must_use]
pub fn read(message: &[u8]) -> Bounce {
    let message = &message[..message.len().min(LOOKED_AT)];
    let (fields, body) = mime::split(message);
    let parts = mime::parts(&fields, body);
    let mut tokens = tokens::candidates(&fields, &parts);
    let mut said = said(&fields, &parts);
    let mut within = parts.returned.clone().map(Cow::into_owned);
    for _ in 1..WRAPPED {
        let Some(message) = within.take_if(|_| says_nothing(&said)) else {
            break;
        };
        let (fields, body) = mime::split(&message);
        let parts = mime::parts(&fields, body);
        let inner = self::said(&fields, &parts);
        if matches!(inner, Said::Failed(_) | Said::Complained | Said::Delayed) {
            said = inner;
            tokens::add_candidates(&fields, &parts, &mut tokens);
        }
        within = parts.returned.clone().map(Cow::into_owned);
    }
    Bounce {
        tokens,
        dated: fields
            .get("date")
            .and_then(|date| chrono::DateTime::parse_from_rfc2822(date.trim()).ok())
            .map(|date| date.timestamp()),
        digest: digest(&said, &fields, &parts),
        said,
    }
}

/// Whether a message tells no reason, so that one within it may say more.
fn says_nothing(said: &Said) -> bool {
    match said {
        Said::NoBounce => true,
        Said::Failed(failure) => {
            failure.class == Class::Soft && failure.code.is_none() && failure.status.is_none()
        }
        _ => false,
    }
}

fn said(fields: &Fields, parts: &Parts<'_>) -> Said {
    if let Some(feedback) = &parts.feedback {
        return report::feedback(&mime::fields(feedback));
    }
    let report = parts.status.as_deref();
    if let Some(said) = report.and_then(|status| report::delivery(status, &parts.text)) {
        return said;
    }
    // Microsoft's complaints (JMRP) before June 2026 are no ARF: the letter is attached, with a field of theirs in it.
    let returned = parts.returned.as_deref().map(mime::split);
    if returned.is_some_and(|(fields, _)| fields.get("x-hmxmroriginalrecipient").is_some()) {
        return Said::Complained;
    }
    let is_notice = notice::is_notice(fields, is_auto_reply(fields));
    report::notification(&parts.text)
        .or_else(|| report::inline(&parts.text).filter(|_| is_notice))
        .or_else(|| notice::said(fields, &parts.text).filter(|_| is_notice))
        .unwrap_or(if is_auto_reply(fields) {
            Said::AutoReply
        } else {
            Said::NoBounce
        })
}

/// RFC 3834 section 5, and what answering machines say that do not know it. Our own letters are `auto-generated`.
fn is_auto_reply(fields: &Fields) -> bool {
    let starts = |name, word: &str| fields.lower(name).trim_start().starts_with(word);
    starts("auto-submitted", "auto-replied")
        || starts("auto-submitted", "auto-notified")
        || starts("precedence", "auto_reply")
        || [
            "x-autoreply",
            "x-autorespond",
            "x-autoresponse",
            "x-auto-reply-from",
            "x-loop",
        ]
        .iter()
        .any(|name| fields.get(name).is_some())
        || [
            "out of office",
            "out of the office",
            "automatic reply",
            "autoreply",
            "auto-reply",
            "auto:",
            "automatische antwort",
            "abwesenheit",
            "réponse automatique",
            "respuesta automática",
            "risposta automatica",
            "resposta automática",
            "automatisch antwoord",
            "autosvar",
            "automaattinen vastaus",
            "odpowiedź automatyczna",
            "autoodpowiedź",
            "автоответ",
            "自动回复",
            "自動回覆",
            "自動応答",
        ]
        .iter()
        .any(|words| starts("subject", words))
}

fn digest(said: &Said, fields: &Fields, parts: &Parts<'_>) -> [u8; 16] {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    let what = match said {
        Said::Failed(failure) => format!("failed {:?} {failure}", failure.class),
        other => format!("{other:?}"),
    };
    let id = fields.get("message-id").map(str::trim);
    let date = fields.get("date").map(str::trim);
    context.update(what.as_bytes());
    for named in [id, date] {
        context.update(b"\0");
        context.update(named.unwrap_or_default().as_bytes());
    }
    if id.is_none() && date.is_none() {
        context.update(parts.text.as_bytes());
    }
    let mut cut = [0; 16];
    cut.copy_from_slice(&context.finish().as_ref()[..16]);
    cut
}

/// The words of a failure as they may be shown: cleaned, addresses of readers masked, those of machines left out.
fn shown(text: &str) -> Line {
    let edge = |c: char| c.is_whitespace() || "[]()<>,;\"'".contains(c);
    let is_machine = |word: &str| {
        let word = word.trim_end_matches([':', '.']);
        let word = word.strip_prefix("IPv6:").unwrap_or(word);
        word.parse::<IpAddr>().is_ok()
    };
    let text: String = text
        .split_inclusive(edge)
        .map(|word| {
            let bare = word.trim_end_matches(edge);
            if is_machine(bare) {
                format!("..{}", &word[bare.len()..])
            } else {
                word.to_owned()
            }
        })
        .collect();
    Reply::new(0, &text).text
}

#[cfg(test)]
mod tests;

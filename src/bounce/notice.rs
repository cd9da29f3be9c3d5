//! Bounces told in words, without a report: classic Gmail, qmail and its kin (QSBMF, cr.yp.to/proto/qsbmf.txt), Exim, old Sendmail, Exchange 5.5 to 2003, DragonFly, Yahoo, Zoho and many others.
//!
//! They have no common form, but a common build: some lines of prose, then each recipient at the beginning of a line with the reason behind or below it, then the copy of
//! the letter. So the text is parted at its recipients, each piece is judged like a reply, and the mildest counts.

use super::mime::Fields;
use super::reply::{self, Told};
use super::{Failure, Said, Status};

/// Names that mail systems sign their notices with.
const SERVERS: [&str; 14] = [
    "mailer-daemon",
    "mailerdaemon",
    "mail-daemon",
    "mailer daemon",
    "postmaster",
    "post_master",
    "mail delivery",
    "mail system",
    "delivery system",
    "delivery subsystem",
    "system administrator",
    "mail administrator",
    "microsoft exchange",
    "mail_service",
];

/// Subjects of notices that a letter was not delivered.
const FAILED: [&str; 66] = [
    "undeliver",
    "not deliver",
    "non-deliver",
    "nondeliver",
    "non deliver",
    "delivery fail",
    "delivery has failed",
    "delivery error",
    "delivery problem",
    "delivery status notification",
    "delivery notification",
    "delivery report",
    "failed delivery",
    "delivery to the following",
    "failure notice",
    "failed mail",
    "mail failed",
    "mail failure",
    "mail error",
    "mail system error",
    "message delivery",
    "email delivery",
    "mail delivery",
    "error sending your mail",
    "returned mail",
    "returned to sender",
    "returning message",
    "could not be delivered",
    "could not send",
    "couldn't be delivered",
    "processing error",
    "message not sent",
    "mail not sent",
    "unzustellbar",
    "nicht zugestellt",
    "zustellung fehl",
    "non remis",
    "non distribu",
    "échec de la remise",
    "no se puede entregar",
    "no se ha podido entregar",
    "no entregado",
    "mancato recapito",
    "não entregue",
    "не доставлен",
    "退信",
    "无法发送",
    "无法送达",
    "无法投递",
    "無法傳送",
    "無法投遞",
    "配信不能",
    "送信できません",
    "配信できません",
    "無法傳遞",
    "onbestelbaar",
    "niet worden bezorgd",
    "kunde inte levereras",
    "kunne ikke leveres",
    "ei voitu toimittaa",
    "nie dostarczon",
    "nedoruč",
    "kézbesíthetetlen",
    "teslim edilemedi",
    "impossibile recapitare",
    "недоставлен",
];

/// Words of a warning that the letter is still being tried. Nothing failed yet.
const DELAYED: [&str; 14] = [
    "this is a warning message only",
    "this is just a warning",
    "has not yet been delivered",
    "not yet been delivered",
    "you do not need to re-send",
    "you do not need to resend",
    "message is delayed",
    "has been delayed",
    "message delayed",
    "temporary failure report",
    "will continue to attempt delivery",
    "delivery attempts will continue",
    "will be retried for",
    "still undelivered",
];

/// What a message of a mail system says that has no report with fields.
pub(super) fn said(fields: &Fields, text: &str) -> Option<Said> {
    let text = text.replace("\r\n", "\n");
    let text = before_the_copy(&text);
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let subject = fields.lower("subject");
    if has(&DELAYED) || (subject.contains("delay") && !subject.contains("fail")) {
        return Some(Said::Delayed);
    }
    let failure = mildest(text, None)?;
    // What is neither entitled nor worded like a bounce is a receipt, a notice to the postmaster, or somebody who is away.
    let is_bounce = fields.get("x-failed-recipients").is_some()
        || failure.code.is_some()
        || failure.status.is_some()
        || FAILED.iter().any(|word| subject.contains(word))
        || has(&FAILED)
        || (is_from_a_server(fields) && has(&["deliver", "recipient"]));
    is_bounce.then_some(Said::Failed(failure))
}

/// Whether a mail system wrote it; people quote bounces, and are not believed. It comes from nobody (RFC 5321 section 4.5.5), from a name that mail systems go by, or is entitled as their notices are.
pub(super) fn is_notice(fields: &Fields, is_auto_reply: bool) -> bool {
    let is_nobody = fields.get("return-path").is_some_and(|path| path == "<>");
    let subject = fields.lower("subject");
    let is_answer = ["re:", "aw:", "sv:", "fwd:", "fw:", "wg:"]
        .iter()
        .any(|answer| subject.starts_with(answer));
    (is_nobody && !is_auto_reply)
        || fields.get("x-failed-recipients").is_some()
        || is_from_a_server(fields)
        || (!is_answer && FAILED.iter().any(|word| subject.contains(word)))
}

fn is_from_a_server(fields: &Fields) -> bool {
    let from = fields.lower("from");
    SERVERS.iter().any(|name| from.contains(name))
}

/// Notices end with a copy of the letter: behind a line of hyphens that says so, or at the first line of its header.
pub(super) fn before_the_copy(text: &str) -> &str {
    let mut end = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim();
        let lower = bare.to_lowercase();
        let is_ruled = bare.starts_with("--") || bare.starts_with("==") || bare.starts_with("__");
        let is_about_the_copy = [
            "below this line",
            "original m",
            "returned m",
            "copy of",
            "message header",
            "header of",
            "headers of",
            "start of returned",
            "header and",
            "mensaje original",
            "message follows",
            "unsent message",
        ]
        .iter()
        .any(|words| lower.contains(words));
        let is_header = [
            "received:",
            "return-path:",
            "dkim-signature:",
            "x-received:",
        ]
        .iter()
        .any(|name| lower.starts_with(name));
        let is_announced = is_about_the_copy
            && (is_ruled
                || lower.ends_with(':')
                || lower.ends_with("follow.")
                || lower.ends_with("follows."));
        if is_header || (number > 0 && is_announced) {
            return &text[..end];
        }
        end += line.len();
    }
    text
}

/// The mildest of what is said about the recipients, beside the status of a report.
pub(super) fn mildest(text: &str, reported: Option<Status>) -> Option<Failure> {
    let is_after = after_content(text);
    let pieces = pieces(text);
    let has_code = pieces.iter().any(Told::has_code);
    pieces
        .into_iter()
        // Prose has words that look like reasons; where a server is quoted, it alone counts.
        .filter(|piece| piece.has_code() || !has_code)
        .map(|piece| piece.after_content_if(is_after).failure(reported))
        .min_by_key(|failure| failure.class)
}

/// The text in pieces, one for each recipient; all of it if no recipient begins a line.
fn pieces(text: &str) -> Vec<Told> {
    const MOST: usize = 100;
    let mut pieces: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter(|line| !is_of_the_letter(line)) {
        match recipient(line) {
            Some((address, rest))
                if pieces.len() < MOST && pieces.iter().all(|(known, _)| *known != address) =>
            {
                pieces.push((address, rest.to_owned()));
            }
            _ => {
                if let Some((_, piece)) = pieces.last_mut() {
                    piece.push('\n');
                    piece.push_str(line);
                }
            }
        }
    }
    let told: Vec<Told> = pieces
        .iter()
        .filter(|(_, piece)| piece.chars().any(char::is_alphanumeric))
        .map(|(_, piece)| Told::read(piece))
        .collect();
    // Where the reason comes before its recipients, the whole counts.
    if told.is_empty() || (!told.iter().any(Told::has_code) && Told::read(text).has_code()) {
        return vec![Told::read(&prose(text))];
    }
    told
}

/// Lines about the letter rather than about its way.
fn is_of_the_letter(line: &str) -> bool {
    let lower = line.trim_start().to_lowercase();
    ["subject:", "to:", "date:", "sent:", "from:", "message-id:"]
        .iter()
        .any(|name| lower.starts_with(name))
}

fn prose(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !is_of_the_letter(line))
        .collect();
    lines.join("\n")
}

/// The address at the beginning of a line, and what is behind it.
fn recipient(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("Recipient:").unwrap_or(line).trim_start();
    let end = line.find([' ', '\t']).unwrap_or(line.len());
    let end = line.find(">:").map_or(end, |at| end.min(at + 2));
    let address = line[..end].trim_matches(|c: char| "<>:;,()'\"".contains(c));
    let (local, domain) = address.rsplit_once('@')?;
    let is_address = !local.is_empty() && domain.contains('.') && !local.contains("//");
    is_address.then(|| (address.to_lowercase(), &line[end..]))
}

/// Whether a transcript (`>>> DATA`, `<<< 550 ..`) shows that the letter was refused, not its recipient. A server that took no recipient answers DATA, too, but says so.
pub(super) fn after_content(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let answer = |at: usize| lines.get(at).and_then(|line| line.strip_prefix("<<< "));
    let data = lines.iter().position(|line| *line == ">>> DATA");
    let is_refused =
        data.is_some_and(|at| answer(at + 1).is_some_and(|said| said.starts_with('5')));
    let no_recipient = lines.iter().any(|line| {
        let lower = line.to_lowercase();
        lower.starts_with("<<<") && (lower.contains("recipient") || lower.contains("rcpt"))
    });
    (is_refused && !no_recipient) || reply::says_after_content(before_the_copy(text))
}

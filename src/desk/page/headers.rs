//! The letter's header fields, decoded and explained.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use maud::{Markup, html};

use super::{Sight, kilobytes};
use crate::model::line::Line;

pub(super) fn headers(sight: &Sight<'_>) -> Markup {
    html! {
        header {
            h2 #headers-title { "The letter as it is handed over" }
            @if sight.variant.is_some() { p { a href={ "eml?" (sight.switches.sent()) } download { "Download .eml" } } }
        }
        @if let Some(variant) = sight.variant {
            dl.fields {
                @for field in fields(&variant.letter) {
                    div {
                        dt { (field.name) }
                        dd {
                            p.value { (field.value) }
                            @if let Some(role) = role(field.name.as_str()) { p.fine { (role) } }
                            @if field.is_coded { details { summary { "As it is sent" } pre { (field.written) } } }
                        }
                    }
                }
            }
            p.fine {
                span { (kilobytes(variant.letter.len())) " in all" } span { (kilobytes(variant.html.len())) " HTML" }
                span { (kilobytes(variant.text.len())) " plain text" }
                span { "the relay adds Received and, where it signs, DKIM-Signature" }
            }
        } @else { p.empty { "No letter yet." } }
    }
}

/// What a field does, for those who are not at home in mail.
fn role(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "from" => "Whose mail it is. SPF, DKIM and DMARC must speak for this domain.",
        "subject" => "What inboxes show first.",
        "date" => "When the edition is frozen; the same for every reader.",
        "to" => "The one reader of this copy; here somebody invented.",
        "reply-to" => "Where answers go.",
        "list-id" => "The newsletter's lasting name: filters and complaint reports go by it.",
        "list-unsubscribe" => {
            "The way out that mail programs show beside the sender. Gmail and Yahoo demand it of bulk mail."
        }
        "list-unsubscribe-post" => "Says that one click is enough (RFC 8058).",
        "list-help" => "Whom to ask about the newsletter.",
        "list-archive" => "Where the editions are on the web.",
        "dkim-signature" => {
            "By this the reader's mail server sees that the domain is behind the letter, and that nobody changed it."
        }
        "precedence" => "Keeps out-of-office answers away.",
        "auto-submitted" => "Says that no person sent it by hand, so that no machine answers.",
        "feedback-id" => {
            "By this Gmail counts complaints: edition, kind and sender, nothing about the reader."
        }
        "message-id" => {
            "This copy's name. Sent again after a crash it is the same, so a mailbox that has it can tell."
        }
        "mime-version" => "Says that what follows is MIME.",
        "content-language" => "The language, for screen readers and translators.",
        "content-type" => {
            "Two parts that say the same: plain text first, then HTML, which most programs prefer."
        }
        _ => return None,
    })
}

/// One field of a letter.
#[derive(Debug, PartialEq, Eq)]
struct ShownField {
    name: String,
    /// Unfolded and decoded.
    value: Line,
    /// As it is in the letter, folds and all.
    written: String,
    /// Whether that differs from what it says.
    is_coded: bool,
}

/// Everything before the first empty line.
fn fields(letter: &[u8]) -> Vec<ShownField> {
    let end = letter
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or(letter.len());
    let head = String::from_utf8_lossy(&letter[..end]);
    let mut written: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match written.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.extend(["\n", line]),
            _ => written.push(line.to_owned()),
        }
    }
    let field = |written: String| {
        let (name, value) = written.split_once(':')?;
        let unfolded = value.replace('\n', "");
        let decoded = decoded(unfolded.trim());
        Some(ShownField {
            name: name.to_owned(),
            is_coded: decoded != unfolded.trim() || written.contains('\n'),
            value: Line::clean(&decoded),
            written,
        })
    };
    written.into_iter().filter_map(field).collect()
}

/// The text with its encoded words decoded (RFC 2047): those of UTF-8, which are all that our letters have.
fn decoded(text: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = text;
    let mut behind_a_word = false;
    while let Some(start) = rest.find("=?") {
        let Some((word, after)) = encoded_word(&rest[start..]) else {
            decoded.extend_from_slice(&rest.as_bytes()[..start + 2]);
            rest = &rest[start + 2..];
            behind_a_word = false;
            continue;
        };
        // The space between two words is not part of the text.
        if !(behind_a_word && rest[..start].trim().is_empty()) {
            decoded.extend_from_slice(&rest.as_bytes()[..start]);
        }
        decoded.extend(word);
        rest = after;
        behind_a_word = true;
    }
    decoded.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The octets of the encoded word with which `text` begins, and what follows it.
fn encoded_word(text: &str) -> Option<(Vec<u8>, &str)> {
    let text = text.strip_prefix("=?")?;
    let (charset, text) = text.split_once('?')?;
    let (encoding, text) = text.split_once('?')?;
    let (coded, after) = text.split_once("?=")?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let octets = match encoding {
        "B" | "b" => BASE64.decode(coded).ok()?,
        "Q" | "q" => unquoted(coded)?,
        _ => return None,
    };
    Some((octets, after))
}

fn unquoted(coded: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(coded.len());
    let mut rest = coded.bytes();
    while let Some(byte) = rest.next() {
        octets.push(match byte {
            b'_' => b' ',
            b'=' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
                u8::try_from(value).ok()?
            }
            byte => byte,
        });
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn encoded_words_are_read() {
        for (written, read) in [
            ("Ferry fares", "Ferry fares"),
            ("=?utf-8?Q?F=C3=A4hren_und_mehr?=", "Fähren und mehr"),
            ("=?UTF-8?b?0KDRi9Cx0LA=?= =?utf-8?Q?_!?=", "Рыба !"),
            ("=?utf-8?Q?a?= b", "a b"),
            ("1 =? 2", "1 =? 2"),
            ("=?latin-1?Q?=E4?=", "=?latin-1?Q?=E4?="),
            ("=?utf-8?Q?=E?=", "=?utf-8?Q?=E?="),
        ] {
            assert_eq!(decoded(written), read);
        }
    }

    #[test]
    fn fields_end_at_the_first_empty_line() {
        let fields =
            fields(b"List-Id: <x>\r\nSubject: =?utf-8?Q?=C3=A4?=\r\n b\r\n\r\nC: 2\r\n\r\n");
        let told: Vec<_> = fields
            .iter()
            .map(|field| format!("{}|{}|{}", field.name, field.value, field.is_coded))
            .collect();
        assert_eq!(told, ["List-Id|<x>|false", "Subject|ä b|true"]);
        assert_eq!(fields[1].written, "Subject: =?utf-8?Q?=C3=A4?=\n b");
    }

    proptest! {
        #[test]
        fn any_letter_has_fields(letter in proptest::collection::vec(any::<u8>(), 0..200), text in "(=\\?utf-8\\?[BQ]\\?[=_A-F0-9é]{0,9}\\?= ?){0,4}") {
            fields(&letter);
            decoded(&text);
        }
    }
}

//! Header fields: folding, encoded words, display names. It never decides which fields a letter has.
//!
//! Lines are folded between tokens only, so that a URI, an address or an encoded word is always whole. A field whose text is not
//! plain ASCII becomes encoded words as a whole (RFC 2047): white space between two of them does not count, so nothing is gained or lost.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::model::address::Address;
use crate::model::line::Line;

/// Octets of a line that holds an encoded word (RFC 2047 section 2); RFC 5322 would allow two more on the others.
const LINE: usize = 76;
/// Octets of an encoded word (RFC 2047 section 2).
const WORD: usize = 75;
/// Octets of `=?utf-8?B?` and `?=`.
const WRAPPING: usize = 12;

/// A field in the making.
pub(super) struct HeaderField {
    text: String,
    /// Where the current line begins.
    line: usize,
}

impl HeaderField {
    pub(super) fn new(name: &str) -> Self {
        Self {
            text: format!("{name}:"),
            line: 0,
        }
    }

    /// Unstructured text, such as a subject.
    pub(super) fn text(mut self, text: &str) -> Self {
        if is_printable(text) && text.split(' ').all(|word| word.len() < LINE) {
            text.split(' ').for_each(|word| self.push(word));
        } else {
            self.push_encoded(text);
        }
        self
    }

    /// A display name (RFC 5322 `phrase`): as atoms, as a quoted string or as encoded words, whichever is the plainest that holds it.
    pub(super) fn phrase(mut self, name: &str) -> Self {
        if is_printable(name)
            && name
                .split(' ')
                .all(|word| word.len() < LINE && word.bytes().all(is_atom))
        {
            name.split(' ').for_each(|word| self.push(word));
        } else if is_printable(name) && name.len() < LINE - WRAPPING {
            self.push(&format!(
                "\"{}\"",
                name.replace('\\', "\\\\").replace('"', "\\\"")
            ));
        } else {
            self.push_encoded(name);
        }
        self
    }

    /// One thing that is never cut, such as `<https://harbour.example/leave>`.
    pub(super) fn token(mut self, token: &str) -> Self {
        self.push(token);
        self
    }

    /// `Name <name@domain>`, or the address alone. An address that needs SMTPUTF8 is left as it is (RFC 6532).
    pub(super) fn mailbox(self, name: Option<&Line>, address: &Address) -> Self {
        match name.filter(|name| !name.is_empty()) {
            Some(name) => self
                .phrase(name.as_str())
                .token(&format!("<{}>", address.reveal())),
            None => self.token(address.reveal()),
        }
    }

    /// The whole field with its line end.
    pub(super) fn end(mut self) -> String {
        self.text.push_str("\r\n");
        self.text
    }

    fn column(&self) -> usize {
        self.text.len() - self.line
    }

    fn fold(&mut self) {
        self.text.push_str("\r\n");
        self.line = self.text.len();
    }

    fn push(&mut self, token: &str) {
        // A token that is too long for any line stays behind the field's name: a fold would not help, and some readers of
        // List-Unsubscribe and Message-ID do not unfold.
        let alone = self.text.ends_with(':') && self.line == 0;
        let helps = token.len() < LINE || !alone;
        if self.column() + 1 + token.len() > LINE && helps {
            self.fold();
        }
        self.text.push(' ');
        self.text.push_str(token);
    }

    fn push_encoded(&mut self, text: &str) {
        let quoted_len: usize = text.bytes().map(quoted_len).sum();
        let quoted = quoted_len <= text.len().div_ceil(3) * 4;
        let mut rest = text;
        while !rest.is_empty() {
            let room = WORD
                .min(LINE.saturating_sub(self.column() + 1))
                .saturating_sub(WRAPPING);
            let end = whole_characters(rest, room, quoted);
            if end == 0 {
                self.fold();
                continue;
            }
            let (word, after) = rest.split_at(end);
            self.text.push_str(" =?utf-8?");
            if quoted {
                self.text.push_str("Q?");
                word.bytes()
                    .for_each(|byte| push_quoted(byte, &mut self.text));
            } else {
                self.text.push_str("B?");
                BASE64.encode_string(word, &mut self.text);
            }
            self.text.push_str("?=");
            rest = after;
        }
    }
}

/// How many octets of `text` fit into `room` encoded ones without cutting a character (RFC 2047 section 5).
fn whole_characters(text: &str, room: usize, quoted: bool) -> usize {
    let mut used = 0;
    let mut end = 0;
    for c in text.chars() {
        let next = end + c.len_utf8();
        used += text[end..next].bytes().map(quoted_len).sum::<usize>();
        let len = if quoted { used } else { next.div_ceil(3) * 4 };
        if len > room {
            break;
        }
        end = next;
    }
    end
}

/// The alphabet that may be in an encoded word of a display name (RFC 2047 section 5 (3)); it serves everywhere.
fn is_word_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!*+-/".contains(&byte)
}

fn quoted_len(byte: u8) -> usize {
    if byte == b' ' || is_word_safe(byte) {
        1
    } else {
        3
    }
}

fn push_quoted(byte: u8, out: &mut String) {
    match byte {
        b' ' => out.push('_'),
        safe if is_word_safe(safe) => out.push(char::from(safe)),
        other => out.push_str(&super::escape(other)),
    }
}

/// Whether it can be as it is: visible ASCII and single inner spaces, and nothing that would be taken for an encoded word.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !text.contains("=?")
        && !text.contains("  ")
        && text.trim() == text
}

/// `atext` (RFC 5322 section 3.2.3).
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    fn subject(text: &str) -> String {
        HeaderField::new("Subject").text(text).end()
    }

    fn to(name: &str, address: &str) -> String {
        let address = Address::parse(address).unwrap();
        HeaderField::new("To")
            .mailbox(Some(&Line::clean(name)), &address)
            .end()
    }

    #[test]
    fn subjects() {
        insta::assert_snapshot!([
            subject("Ferry fares, the fish market and a very fat seal"),
            subject("Ferry fares, the fish market, a very fat seal, and what the council said about them"),
            subject("Fährpreise steigen – und ein sehr dicker Seehund liegt auf dem Fischmarkt herum"),
            subject("渡し船の運賃が月曜から値上げ、魚市場は予算を巡り紛糾"),
            subject("What =?utf-8?Q?this?= means"),
            subject(""),
        ].concat().replace('\r', ""), @r"
        Subject: Ferry fares, the fish market and a very fat seal
        Subject: Ferry fares, the fish market, a very fat seal, and what the council
         said about them
        Subject: =?utf-8?Q?F=C3=A4hrpreise_steigen_=E2=80=93_und_ein_sehr_dicker_S?=
         =?utf-8?Q?eehund_liegt_auf_dem_Fischmarkt_herum?=
        Subject: =?utf-8?B?5rih44GX6Ii544Gu6YGL6LOD44GM5pyI5puc44GL44KJ5YCk5LiK?=
         =?utf-8?B?44GS44CB6a2a5biC5aC044Gv5LqI566X44KS5beh44KK57Sb57O+?=
        Subject: =?utf-8?B?V2hhdCA9P3V0Zi04P1E/dGhpcz89IG1lYW5z?=
        Subject: 
        ");
    }

    #[test]
    fn names() {
        insta::assert_snapshot!([
            to("Ada Lovelace", "ada@example.org"),
            to("Lovelace, Ada \"the\" first", "ada@example.org"),
            to("Zoë", "zoe@example.org"),
            to("=?utf-8?Q?Ada?=", "ada@example.org"),
            to("", "ada@example.org"),
            to("Ada", "zoë@example.org"),
        ].concat().replace('\r', ""), @r#"
        To: Ada Lovelace <ada@example.org>
        To: "Lovelace, Ada \"the\" first" <ada@example.org>
        To: =?utf-8?Q?Zo=C3=AB?= <zoe@example.org>
        To: =?utf-8?B?PT91dGYtOD9RP0FkYT89?= <ada@example.org>
        To: ada@example.org
        To: Ada <zoë@example.org>
        "#);
    }

    #[test]
    fn a_long_uri_is_never_folded() {
        let uri = format!("<https://harbour.example/{}>", "x".repeat(90));
        let field = HeaderField::new("List-Unsubscribe").token(&uri).end();
        assert_eq!(field, format!("List-Unsubscribe: {uri}\r\n"));
    }

    proptest! {
        #[test]
        fn any_subject_and_name_come_back(text in "\\PC{0,300}", name in "\\PC{0,120}") {
            let (text, name) = (Line::clean(&text), Line::clean(&name));
            let head = subject(text.as_str()) + &to(name.as_str(), "ada@example.org");
            prop_assert!(head.is_ascii());
            for line in head.trim_end().split("\r\n") {
                prop_assert!(line.len() <= LINE && !line.contains(['\r', '\n']), "{}", line);
            }
            let mail = format!("{head}\r\n");
            let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
            prop_assert_eq!(mail.headers().len(), 2);
            prop_assert_eq!(mail.subject().unwrap_or_default(), text.as_str());
            let to = mail.to().and_then(|to| to.first()).unwrap();
            prop_assert_eq!(to.name().unwrap_or_default(), name.as_str());
            prop_assert_eq!(to.address(), Some("ada@example.org"));
        }
    }
}

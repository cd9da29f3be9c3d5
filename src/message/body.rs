//! Transfer encoding of one part (RFC 2045 section 6): all that is the same for every reader is encoded once. It never changes a
//! character: what a reader's program decodes is the rendered page with its slots filled, lines ended by CRLF.
//!
//! # A slot is on lines of its own
//! - Quoted-printable: a soft break before it and after it.
//! - Base64: three octets become four letters, so what follows a slot depends on the slot's length. A fixed piece is therefore kept in
//!   the three alignments it can meet; the octets at its seams, at most two on each side, are encoded together with the slot.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::model::pages::{Piece, Slot, Slotted};

/// Characters of an encoded line (RFC 2045 sections 6.7 and 6.8).
const LINE: usize = 76;

/// A part, encoded as far as it can be.
pub(super) enum EncodedPart {
    /// `quoted-printable`.
    Quoted(Vec<Quoted>),
    /// `base64`.
    Based(Vec<Based>),
}

pub(super) enum Quoted {
    Fixed(Vec<u8>),
    Open(Slot),
}

pub(super) enum Based {
    Fixed {
        raw: Vec<u8>,
        /// Encoded without its first none, one or two octets, in full groups of three.
        aligned: [Vec<u8>; 3],
    },
    Open(Slot),
}

impl EncodedPart {
    /// Encodes in the form that takes fewer octets.
    pub(super) fn new(page: &Slotted) -> Self {
        let pieces: Vec<_> = page
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Fixed(text) => Ok(canonical(text)),
                Piece::Open(slot) => Err(*slot),
            })
            .collect();
        let quoted = Self::Quoted(quoted_pieces(&pieces));
        let raw: usize = pieces.iter().flatten().map(String::len).sum();
        if quoted.len() <= raw.div_ceil(57) * (LINE + 2) {
            quoted
        } else {
            Self::Based(based_pieces(pieces))
        }
    }

    /// The value of Content-Transfer-Encoding.
    pub(super) fn encoding(&self) -> &'static str {
        match self {
            Self::Quoted(_) => "quoted-printable",
            Self::Based(_) => "base64",
        }
    }

    /// Octets of what is encoded already.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Quoted(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Quoted::Fixed(lines) => lines.len(),
                    Quoted::Open(_) => 0,
                })
                .sum(),
            Self::Based(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Based::Fixed { aligned, .. } => aligned[0].len(),
                    Based::Open(_) => 0,
                })
                .sum(),
        }
    }

    /// Appends the encoded part with its slots filled.
    pub(super) fn fill<'a>(&self, value: impl Fn(Slot) -> &'a str, out: &mut Vec<u8>) {
        match self {
            Self::Quoted(pieces) => {
                for piece in pieces {
                    match piece {
                        Quoted::Fixed(lines) => out.extend_from_slice(lines),
                        Quoted::Open(slot) => push_quoted(value(*slot).as_bytes(), out),
                    }
                }
            }
            Self::Based(pieces) => {
                let mut seam = Vec::new();
                for piece in pieces {
                    match piece {
                        Based::Fixed { raw, aligned } => {
                            let head = (3 - seam.len() % 3) % 3;
                            let Some((head_octets, body)) = raw.split_at_checked(head) else {
                                seam.extend_from_slice(raw);
                                continue;
                            };
                            seam.extend_from_slice(head_octets);
                            push_based(&seam, out);
                            out.extend_from_slice(&aligned[head]);
                            seam.clear();
                            seam.extend_from_slice(&body[body.len() - body.len() % 3..]);
                        }
                        Based::Open(slot) => seam.extend_from_slice(value(*slot).as_bytes()),
                    }
                }
                push_based(&seam, out);
            }
        }
    }
}

/// Text in MIME's canonical form: every line break is CRLF (RFC 2046 section 4.1.1).
fn canonical(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn quoted_pieces(pieces: &[Result<String, Slot>]) -> Vec<Quoted> {
    const SOFT_BREAK: &[u8] = b"=\r\n";
    let mut encoded = Vec::with_capacity(pieces.len());
    let mut line_begins = true;
    for piece in pieces {
        match piece {
            Ok(text) => {
                let mut lines = Vec::with_capacity(text.len() + text.len() / 8);
                if !line_begins {
                    lines.extend_from_slice(SOFT_BREAK);
                }
                push_quoted(text.as_bytes(), &mut lines);
                line_begins = text.ends_with("\r\n");
                encoded.push(Quoted::Fixed(lines));
            }
            Err(slot) => {
                if !line_begins {
                    encoded.push(Quoted::Fixed(SOFT_BREAK.to_vec()));
                }
                line_begins = false;
                encoded.push(Quoted::Open(*slot));
            }
        }
    }
    encoded
}

fn based_pieces(pieces: Vec<Result<String, Slot>>) -> Vec<Based> {
    pieces
        .into_iter()
        .map(|piece| match piece {
            Ok(text) => {
                let raw = text.into_bytes();
                let aligned = [0, 1, 2].map(|head| {
                    let body = raw.get(head..).unwrap_or_default();
                    let mut lines = Vec::new();
                    push_based(&body[..body.len() - body.len() % 3], &mut lines);
                    lines
                });
                Based::Fixed { raw, aligned }
            }
            Err(slot) => Based::Open(slot),
        })
        .collect()
}

/// Quoted-printable, beginning at a line's start.
fn push_quoted(raw: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        if let Some(next) = rest.strip_prefix(b"\r\n") {
            out.extend_from_slice(b"\r\n");
            column = 0;
            rest = next;
            continue;
        }
        let literal = match byte {
            b'!'..=b'<' | b'>'..=b'~' => true,
            // White space at a line's end is lost on the way (RFC 2045 section 6.7 (3)).
            b' ' | b'\t' => !after.is_empty() && !after.starts_with(b"\r\n"),
            _ => false,
        };
        if column + if literal { 1 } else { 3 } >= LINE {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        // What some relays change at a line's start: a dot (RFC 5321 section 4.5.2) and mbox's `From `.
        let changed = column == 0 && (byte == b'.' || rest.starts_with(b"From "));
        if literal && !changed {
            out.push(byte);
            column += 1;
        } else {
            out.extend_from_slice(super::escape(byte).as_bytes());
            column += 3;
        }
        rest = after;
    }
}

/// Base64 in whole lines.
fn push_based(raw: &[u8], out: &mut Vec<u8>) {
    let mut line = [0; LINE];
    for chunk in raw.chunks(LINE / 4 * 3) {
        // The buffer holds any chunk, so this cannot fail.
        let len = BASE64.encode_slice(chunk, &mut line).unwrap_or_default();
        out.extend_from_slice(&line[..len]);
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(text: &str, value: &str) -> (EncodedPart, String) {
        let part = EncodedPart::new(&Slotted::cut(
            &text.replace("{}", Slot::Unsubscribe.marker()),
        ));
        let mut out = Vec::new();
        part.fill(|_| value, &mut out);
        (part, String::from_utf8(out).unwrap())
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(
            encode(text, "https://h.example/?a=b").1,
            expected.replace('\n', "\r\n")
        );
    }

    #[test]
    fn quoted_printable() {
        check("Ferry fares = up\n", "Ferry fares =3D up\n");
        check(
            "ends in a space \n.dot\nFrom here\nFrost",
            "ends in a space=20\n=2Edot\n=46rom here\nFrost",
        );
        check(
            "Leave:\n{}\nBye",
            "Leave:\nhttps://h.example/?a=3Db=\n\nBye",
        );
        check(
            "<a href=\"{}\">{}</a>",
            "<a href=3D\"=\nhttps://h.example/?a=3Db=\n\">=\nhttps://h.example/?a=3Db=\n</a>",
        );
        check(
            "{}{}\n",
            "https://h.example/?a=3Db=\nhttps://h.example/?a=3Db=\n\n",
        );
        check("", "");
    }

    #[test]
    fn base64_where_it_is_shorter() {
        check(
            "フェリー運賃が月曜から値上げ、魚市場は紛糾\n{} ",
            "44OV44Kn44Oq44O86YGL6LOD44GM5pyI5puc44GL44KJ5YCk5LiK44GS44CB6a2a5biC5aC044Gv\n57Sb57O+\n\
             DQpodHRwczovL2guZXhhbXBsZS8/YT1i\nIA==\n",
        );
    }

    fn decode(part: &EncodedPart, encoded: &str) -> String {
        let kind = part.encoding();
        let mail = format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {kind}\r\n\r\n{encoded}"
        );
        let mail = mail_parser::MessageParser::default()
            .parse(mail.as_bytes())
            .unwrap();
        mail.body_text(0).unwrap_or_default().into_owned()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn every_text_comes_back(text in "([a-z .=]|\\PC|\n|\\{\\}){0,300}", value in "[!-~]{0,200}") {
            let (part, encoded) = encode(&text, &value);
            prop_assert!(encoded.is_ascii());
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= LINE && !line.contains(['\r', '\n']), "{}", line);
                prop_assert!(!line.starts_with('.') && !line.ends_with(' '));
            }
            prop_assert_eq!(decode(&part, &encoded), canonical(&text.replace("{}", &value)));
        }

        #[test]
        fn mostly_beyond_ascii(text in "([а-я]|\\{\\}){0,300}", value in "[!-~]{0,9}") {
            let (part, encoded) = encode(&text, &value);
            prop_assert!(encoded.split("\r\n").all(|line| line.len() <= LINE));
            prop_assert_eq!(decode(&part, &encoded), text.replace("{}", &value));
        }
    }
}

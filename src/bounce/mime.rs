//! As much of MIME as reports are made of: fields unfolded, parts by their boundary, base64 and quoted-printable.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Fields of one header that are read.
const FIELDS: usize = 1_000;
/// The longest field, in bytes; the rest of it is dropped.
const LONGEST: usize = 8_000;
/// Parts of one message that are read, on all levels.
const PARTS: usize = 40;
/// The most of the text that is read, in bytes: what it says, and the head of a letter copied behind it.
const TEXT: usize = 100_000;
/// How deep multiparts may stand in one another.
const DEEPEST: usize = 4;

/// The fields of a header, names in lower case, in their order.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first of that name (in lower case).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All of that name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The parts of a message that say what it is. Of each kind the first counts.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// Plain text.
    pub(super) text: String,
    /// `message/delivery-status`.
    pub(super) status: Option<Cow<'a, [u8]>>,
    /// `message/feedback-report`.
    pub(super) feedback: Option<Cow<'a, [u8]>>,
    /// The letter that comes back, or its header.
    pub(super) returned: Option<Cow<'a, [u8]>>,
}

/// Header and body, parted by the first empty line.
pub(super) fn split(message: &[u8]) -> (Fields, &[u8]) {
    let mut at = 0;
    for line in message.split_inclusive(|&b| b == b'\n') {
        if line.trim_ascii().is_empty() {
            return (fields(&message[..at]), &message[at + line.len()..]);
        }
        at += line.len();
    }
    (fields(message), &[])
}

/// The fields of a header or of one group of a report. What is no field is skipped.
pub(super) fn fields(header: &[u8]) -> Fields {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in header.split(|&b| b == b'\n') {
        let line = &line[..line.len().min(LONGEST)];
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some((_, value)) = fields.last_mut()
                && value.len() + line.len() <= LONGEST
            {
                value.push(' ');
                value.push_str(String::from_utf8_lossy(line.trim_ascii()).as_ref());
            }
            continue;
        }
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            continue;
        };
        if fields.len() == FIELDS {
            break;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
        fields.push((
            text(&line[..colon]).to_ascii_lowercase(),
            text(&line[colon + 1..]),
        ));
    }
    Fields(fields)
}

/// The telling parts of a message.
pub(super) fn parts<'a>(fields: &Fields, body: &'a [u8]) -> Parts<'a> {
    let mut parts = Parts::default();
    let mut left = PARTS;
    collect(fields, body, DEEPEST, &mut left, &mut parts);
    parts
}

fn collect<'a>(
    fields: &Fields,
    body: &'a [u8],
    deeper: usize,
    left: &mut usize,
    parts: &mut Parts<'a>,
) {
    let content = fields.get("content-type").unwrap_or("text/plain");
    let kind = content
        .split([';', ' '])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let place = match kind.as_str() {
        "message/delivery-status" | "message/global-delivery-status" => &mut parts.status,
        "message/feedback-report" => &mut parts.feedback,
        "message/rfc822"
        | "message/global"
        | "message/global-headers"
        | "message/rfc822-headers"
        | "text/rfc822-headers" => &mut parts.returned,
        "text/plain" => {
            if parts.text.is_empty() {
                let text = decode(fields, body);
                parts.text = String::from_utf8_lossy(&text[..text.len().min(TEXT)]).into_owned();
            }
            return;
        }
        _ if kind.starts_with("multipart/") && deeper > 0 => {
            let Some(boundary) = boundary(content) else {
                return;
            };
            for part in between(body, &boundary) {
                if *left == 0 {
                    return;
                }
                *left -= 1;
                let (fields, body) = split(part);
                collect(&fields, body, deeper - 1, left, parts);
            }
            return;
        }
        _ => return,
    };
    if place.is_none() {
        *place = Some(decode(fields, body));
    }
}

/// The parameter `boundary` of a Content-Type, in quotes or without.
fn boundary(content: &str) -> Option<String> {
    // Lower case in ASCII only: places stay.
    let at = content.to_ascii_lowercase().find("boundary=")? + "boundary=".len();
    let value = content[at..].trim_start();
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split([';', ' ', '\t']).next()?,
    };
    (!value.is_empty()).then(|| value.to_owned())
}

/// What stands between the boundaries; in a message cut short the last part too.
fn between<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut began = None;
    let mut at = 0;
    for line in body.split_inclusive(|&b| b == b'\n') {
        let mark = line
            .strip_prefix(b"--")
            .and_then(|line| line.trim_ascii_end().strip_prefix(boundary.as_bytes()));
        if let Some(end @ (b"" | b"--")) = mark {
            parts.extend(began.map(|began| &body[began..at]));
            began = (end.is_empty() && parts.len() < PARTS).then_some(at + line.len());
            if began.is_none() {
                return parts;
            }
        }
        at += line.len();
    }
    parts.extend(began.map(|began| &body[began..]));
    parts
}

fn decode<'a>(fields: &Fields, body: &'a [u8]) -> Cow<'a, [u8]> {
    let encoding = fields
        .get("content-transfer-encoding")
        .unwrap_or_default()
        .to_ascii_lowercase();
    match encoding.as_str() {
        "base64" => base64(body).into(),
        "quoted-printable" => quoted_printable(body).into(),
        _ => body.into(),
    }
}

/// What can be read of it: a message cut short ends in the middle of four letters.
fn base64(body: &[u8]) -> Vec<u8> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let letters: Vec<u8> = body
        .iter()
        .copied()
        .take_while(|&b| b != b'=')
        .filter(|&b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        .collect();
    let whole = letters.len() - usize::from(letters.len() % 4 == 1);
    LENIENT.decode(&letters[..whole]).unwrap_or_default()
}

/// RFC 2045 section 6.7; what is not encoded rightly stays as it is.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let hex = |b: Option<&u8>| b.and_then(|&b| char::from(b).to_digit(16));
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(&b) = body.get(at) {
        let rest = &body[at + 1..];
        at += 1;
        if b != b'=' {
            out.push(b);
        } else if rest.starts_with(b"\n") {
            at += 1;
        } else if rest.starts_with(b"\r\n") {
            at += 2;
        } else if let (Some(high), Some(low)) = (hex(rest.first()), hex(rest.get(1))) {
            out.extend(u8::try_from(high * 16 + low));
            at += 2;
        } else {
            out.push(b);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &str) -> String {
        let (fields, body) = split(message.as_bytes());
        parts(&fields, body).text
    }

    #[test]
    fn fields_are_unfolded_and_named_in_lower_case() {
        let (fields, body) = split(b"From x\r\nSubject: a\r\n\tb\r\n  c\nX-A:1\nx-a: 2\n\nbody");
        assert_eq!(fields.get("subject"), Some("a b c"));
        assert_eq!(fields.all("x-a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(body, b"body");
    }

    #[test]
    fn parts_are_found_and_decoded() {
        for (message, expected) in [
            ("A: b\n\nplain", "plain"),
            (
                "Content-Transfer-Encoding: BASE64\n\naGFyYm\n91cg==",
                "harbour",
            ),
            (
                "Content-Transfer-Encoding: base64\n\naGFyYm91cg==x",
                "harbour",
            ),
            (
                "Content-Transfer-Encoding: quoted-printable\n\nh=61r=\r\nb=\nour=3D=zz",
                "harbour==zz",
            ),
            (
                "Content-Type: multipart/mixed; boundary=\"a b\"\n\npre\n--a b\n\none\n--a b\n\ntwo\n--a b--\n",
                "one\n",
            ),
            (
                "Content-Type: multipart/mixed; Boundary=x; y=z\n\n--x\nContent-Type: text/html\n\n<p>\n--x\n\ncut short",
                "cut short",
            ),
            (
                "Content-Type: multipart/mixed; boundary=x\n\n--xy\n\nno\n--x\nContent-Type: multipart/alternative; boundary=y\n\n--y\n\nin\n--y--\n--x--",
                "in\n",
            ),
            ("Content-Type: multipart/mixed\n\nnothing", ""),
        ] {
            assert_eq!(text(message), expected, "{message}");
        }
    }

    #[test]
    fn nesting_and_number_end_somewhere() {
        let level = |n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
        let deep: Vec<String> = (0..50).map(level).collect();
        let deep = deep.concat();
        assert_eq!(text(&(deep + "\nfar down")), "");
        let many = format!(
            "Content-Type: multipart/mixed; boundary=x\n\n{}--x\n\nlate\n",
            "--x\nContent-Type: text/html\n\n".repeat(100)
        );
        assert_eq!(text(&many), "");
    }
}

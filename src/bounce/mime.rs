//! As much of MIME as reports are made of. Encodings, charsets, parameters and HTML are mail-parser's; the walk over the parts is ours, since it is bounded:
//! a full parser looks for each boundary to the end, and keeps as many levels as a stranger likes.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::parsers::MessageStream;
use mail_parser::{ContentType, HeaderValue};

/// Fields of one header that are read.
const FIELDS: usize = 1_000;
/// The longest field, in bytes; the rest of it is dropped.
const LONGEST: usize = 8_000;
/// Parts of one message that are read, on all levels.
const PARTS: usize = 40;
/// The most of the text that is read, in bytes: what it says, and the head of a letter copied behind it.
const TEXT: usize = 100_000;
/// How deep multiparts may be nested.
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

    /// The first of that name, in lower case, RFC 2047's encoded words decoded.
    pub(super) fn lower(&self, name: &str) -> String {
        let line = format!("{}\n", self.get(name).unwrap_or_default());
        match MessageStream::new(line.as_bytes()).parse_unstructured() {
            HeaderValue::Text(text) => text.to_lowercase(),
            _ => String::new(),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The parts of a message that say what it is. Of each kind the first counts.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// The text in front of the letter that comes back, HTML as plain text where there is nothing else.
    pub(super) text: String,
    /// `message/delivery-status`.
    pub(super) status: Option<Cow<'a, [u8]>>,
    /// `message/feedback-report`.
    pub(super) feedback: Option<Cow<'a, [u8]>>,
    /// The letter that comes back, or its header.
    pub(super) returned: Option<Cow<'a, [u8]>>,
    /// Whether `text` came from HTML, which plain text replaces.
    is_html: bool,
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

fn content_type(fields: &Fields) -> Option<ContentType<'static>> {
    let line = format!("{}\n", fields.get("content-type")?);
    match MessageStream::new(line.as_bytes())
        .parse_content_type()
        .into_owned()
    {
        HeaderValue::ContentType(content) => Some(content),
        _ => None,
    }
}

fn collect<'a>(
    fields: &Fields,
    body: &'a [u8],
    deeper: usize,
    left: &mut usize,
    parts: &mut Parts<'a>,
) {
    let content = content_type(fields);
    let (kind, subkind) = content.as_ref().map_or(("text", "plain"), |content| {
        (content.ctype(), content.subtype().unwrap_or_default())
    });
    let parameter = |name| content.as_ref().and_then(|content| content.attribute(name));
    let place = match (kind, subkind) {
        (_, "delivery-status" | "global-delivery-status") => &mut parts.status,
        (_, "feedback-report") => &mut parts.feedback,
        ("message", "rfc822" | "global" | "global-headers") | (_, "rfc822-headers") => {
            &mut parts.returned
        }
        ("text", "plain" | "html") => {
            let is_html = subkind == "html";
            let is_wanted = parts.text.is_empty() || (!is_html && parts.returned.is_none());
            if is_wanted && parts.text.len() < TEXT {
                let text = text(fields, body, parameter("charset"), is_html);
                if parts.is_html {
                    parts.text.clear();
                }
                parts.is_html = is_html;
                parts.text.push_str(&text);
                parts.text.push_str("\n\n");
            }
            return;
        }
        ("multipart", _) if deeper > 0 => {
            let boundary = parameter("boundary").filter(|text| !text.is_empty());
            let found = boundary.map_or_else(Vec::new, |boundary| between(body, boundary));
            // Some systems fold the field wrongly, and lists change the boundary: all of it is text then.
            if found.is_empty() && parts.text.is_empty() {
                parts.text = text(fields, body, None, false);
            }
            for part in found {
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

fn text(fields: &Fields, body: &[u8], charset: Option<&str>, is_html: bool) -> String {
    let bytes = decode(fields, body);
    let bytes = &bytes[..bytes.len().min(TEXT)];
    let decoder = charset.and_then(|charset| charset_decoder(charset.as_bytes()));
    let text = match decoder {
        // Mail systems say us-ascii and write UTF-8.
        Some(decoder) if std::str::from_utf8(bytes).is_err() || bytes.contains(&0x1b) => {
            decoder(bytes)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    if is_html { html_to_text(&text) } else { text }
}

/// What is between the boundaries; in a message cut short the last part too.
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
    let decoded = match encoding.as_str() {
        // A message cut short ends in the middle of four letters, and list software adds a footer.
        "base64" => {
            let end = body.iter().position(|&b| b == b'=').unwrap_or(body.len());
            let letters = body[..end].iter().copied();
            let letters: Vec<u8> = letters
                .filter(|&b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
                .collect();
            base64_decode(&letters)
        }
        "quoted-printable" => quoted_printable_decode(body),
        _ => None,
    };
    decoded.map_or(Cow::Borrowed(body), Cow::Owned)
}

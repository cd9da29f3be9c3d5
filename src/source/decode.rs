//! Bytes to text, whatever they claim to be.
//!
//! In this order: a byte-order mark; bytes that are valid UTF-8 (a claim of Latin-1 over them is a lie); what the server says;
//! what the XML declaration says; a guess from the bytes. UTF-8 with a few foreign bytes keeps its good part. Before all that, gzip data is
//! unpacked.

use std::borrow::Cow;
use std::io::Read as _;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use oem_cp::code_table::DECODING_TABLE_CP_MAP;
use oem_cp::code_table_type::TableType;

use crate::files::size;

/// How far into the bytes an XML declaration is looked for.
const DECLARATION: usize = 1_024;

/// How gzip data begins, whatever it is called (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The document, unpacked as far as it can be if it is gzip data, and what is wrong with that. More than `most` octets are cut off.
pub(super) fn unpacked(bytes: &[u8], most: u64) -> (Cow<'_, [u8]>, Option<String>) {
    if !bytes.starts_with(&GZIP) {
        return (Cow::Borrowed(bytes), None);
    }
    let mut whole = Vec::new();
    // An error leaves what came before it.
    let read = MultiGzDecoder::new(bytes)
        .take(most + 1)
        .read_to_end(&mut whole);
    let fault = if read.is_err() {
        Some("its gzip data is cut short or damaged".to_owned())
    } else {
        (whole.len() as u64 > most).then(|| format!("it is larger than {}", size(most)))
    };
    (Cow::Owned(whole), fault)
}

/// An encoding by one of its names.
#[derive(Clone, Copy)]
enum Named {
    /// One of the web's.
    Web(&'static Encoding),
    /// A code page of DOS.
    Page(&'static TableType),
}

impl Named {
    /// Names are those of the WHATWG, and what programs write besides: `MacCyrillic`, `win-1251`, `IBM855`, `cp_850`.
    fn parse(label: &[u8]) -> Option<Self> {
        if let Some(encoding) = Encoding::for_label(label) {
            return Some(Self::Web(encoding));
        }
        let letters = label.iter().filter(|byte| byte.is_ascii_alphanumeric());
        let name: String = letters
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
        let name = name.strip_prefix("cs").unwrap_or(&name);
        let name = name.strip_prefix('x').unwrap_or(name);
        let web = match name {
            "maccyrillic" | "macukrainian" => "x-mac-cyrillic".to_owned(),
            "macroman" => "macintosh".to_owned(),
            _ => {
                let after = |prefix| Some((prefix, name.strip_prefix(prefix)?));
                let prefixes = [
                    "windows", "win", "cp", "ibm", "oem", "dos", "iso8859", "latin", "utf", "koi8",
                ];
                match prefixes.into_iter().find_map(after)? {
                    ("utf", number) if number.starts_with('8') => "utf-8".to_owned(),
                    (prefix @ ("iso8859" | "latin" | "utf" | "koi8"), number) => {
                        format!("{prefix}-{number}")
                    }
                    (_, number) if number.starts_with("125") => format!("windows-{number}"),
                    (_, number) => {
                        let page = DECODING_TABLE_CP_MAP.get(&number.parse().ok()?);
                        return page.map(Self::Page).or_else(|| {
                            Encoding::for_label(format!("ibm{number}").as_bytes()).map(Self::Web)
                        });
                    }
                }
            }
        };
        Encoding::for_label(web.as_bytes()).map(Self::Web)
    }

    fn is_like_ascii(self) -> bool {
        match self {
            Self::Web(encoding) => encoding.is_ascii_compatible(),
            Self::Page(_) => true,
        }
    }

    fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Web(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Self::Page(page) => page.decode_string_lossy(bytes).into(),
        }
    }
}

/// The text of `bytes`. `charset` is what the server said, if it said anything. Never fails: what nothing can read becomes `�`.
pub(super) fn text<'b>(bytes: &'b [u8], charset: Option<&str>) -> Cow<'b, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return if encoding == UTF_8 {
            utf8(&bytes[mark..])
        } else {
            encoding.decode_without_bom_handling(&bytes[mark..]).0
        };
    }
    if let Some(encoding) = wide(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    // ISO-2022-JP is the one common encoding that is ASCII to look at.
    let claimed = charset
        .and_then(|name| Named::parse(name.as_bytes()))
        .or_else(|| declared(bytes))
        .filter(|named| !matches!(named, Named::Web(wide) if [UTF_16LE, UTF_16BE].contains(wide)));
    if bytes.is_ascii() {
        return claimed
            .filter(|encoding| !encoding.is_like_ascii())
            .map_or_else(
                || String::from_utf8_lossy(bytes),
                |encoding| encoding.decode(bytes),
            );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => return Cow::Borrowed(text),
        // Cut in the middle of a letter: all the others are good.
        Err(error) if error.error_len().is_none() && !bytes[..error.valid_up_to()].is_ascii() => {
            return String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        }
        Err(_) => {}
    }
    match claimed {
        None => utf8(bytes),
        Some(Named::Web(encoding)) if encoding == UTF_8 => utf8(bytes),
        Some(encoding) => encoding.decode(bytes),
    }
}

/// UTF-8 that may be something else, or hold a few bytes of something else.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if bad > good {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        return detector
            .guess(None, Utf8Detection::Deny)
            .decode_without_bom_handling(bytes)
            .0;
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Cow::Owned(text)
}

/// UTF-16 without a mark, told by the zeros around the first two letters.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some(UTF_16LE),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// `encoding="..."` of the XML declaration.
fn declared(bytes: &[u8]) -> Option<Named> {
    let head = &bytes[..bytes.len().min(DECLARATION)];
    let at = find(head, b"<?xml")?;
    let head = &head[at..];
    let head = &head[..find(head, b"?>")?];
    let value = &head[find(head, b"encoding")? + b"encoding".len()..];
    let open = value.iter().position(|b| matches!(b, b'"' | b'\''))?;
    let value = &value[open + 1..];
    let close = value.iter().position(|b| matches!(b, b'"' | b'\''))?;
    Named::parse(&value[..close])
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &[u8], charset: Option<&str>, expected: &str) {
        assert_eq!(text(bytes, charset), expected, "{charset:?}");
    }

    #[test]
    fn finds_the_encoding() {
        check(b"plain", None, "plain");
        check("café".as_bytes(), None, "café");
        check("\u{feff}café".as_bytes(), Some("latin1"), "café");
        check(b"\xff\xfeh\0i\0", None, "hi");
        check(b"<\0a\0", None, "<a");
        check(b"\0<\0a", None, "<a");
        check(b"caf\xe9", Some("iso-8859-1"), "café");
        check(
            b"<?xml version='1.0' encoding='windows-1251'?>\xcf\xf0",
            None,
            "<?xml version='1.0' encoding='windows-1251'?>Пр",
        );
        check(b"\x1b$B%F\x1b(B", Some("iso-2022-jp"), "テ");
    }

    #[test]
    fn names_that_the_web_does_not_know() {
        for (label, bytes, expected) in [
            ("IBM855", &b"\xdd\xe1"[..], "Пр"),
            ("cp855", b"\xdd\xe1", "Пр"),
            ("csIBM855", b"\xdd\xe1", "Пр"),
            ("ibm-866", b"\x8f\xe0", "Пр"),
            ("MacCyrillic", b"\x8f\xf0", "Пр"),
            ("mac-cyrillic", b"\x8f\xf0", "Пр"),
            ("x-mac-roman", b"caf\x8e", "café"),
            ("MacRoman", b"caf\x8e", "café"),
            ("CP_850", b"caf\x82", "café"),
            ("ibm437", b"caf\x82", "café"),
            ("win-1251", b"\xcf\xf0", "Пр"),
            ("Windows 1252", b"caf\xe9", "café"),
            ("ISO 8859 1", b"caf\xe9", "café"),
            ("latin 1", b"caf\xe9", "café"),
            ("utf8mb4", "café".as_bytes(), "café"),
        ] {
            let declaration = format!("<?xml version='1.0' encoding='{label}'?>");
            let whole = [declaration.as_bytes(), bytes].concat();
            check(&whole, None, &(declaration + expected));
            check(bytes, Some(label), expected);
        }
    }

    #[test]
    fn sees_through_lies() {
        // Says Latin-1, is UTF-8.
        check("ação".as_bytes(), Some("iso-8859-1"), "ação");
        // Says UTF-8, is Latin-1.
        check(
            "É a <b>situação</b> da educação e da saúde"
                .chars()
                .map(|c| c as u8)
                .collect::<Vec<_>>()
                .as_slice(),
            Some("utf-8"),
            "É a <b>situação</b> da educação e da saúde",
        );
        // UTF-8 with one byte of Windows-1252.
        check(b"\xc3\xa9t\xc3\xa9 \x93", Some("utf-8"), "été “");
        // Cut in the middle of a letter.
        check(b"\xc3\xa9t\xc3", None, "ét");
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), charset in "[a-z0-9-]{0,12}") {
            _ = text(&bytes, Some(&charset));
            _ = text(&bytes, None);
        }
    }
}

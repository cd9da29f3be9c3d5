//! Bytes to text, whatever they claim to be.
//!
//! In this order: a byte-order mark; bytes that are valid UTF-8 (a claim of Latin-1 over them is a lie); what the server says;
//! what the XML declaration says; a guess from the bytes. UTF-8 with a few foreign bytes keeps its good part.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into the bytes an XML declaration is looked for.
const DECLARATION: usize = 1_024;

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
        .and_then(|name| Encoding::for_label(name.as_bytes()))
        .or_else(|| declared(bytes))
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE);
    if bytes.is_ascii() {
        return claimed
            .filter(|encoding| !encoding.is_ascii_compatible())
            .map_or_else(
                || String::from_utf8_lossy(bytes),
                |encoding| encoding.decode_without_bom_handling(bytes).0,
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
        Some(encoding) if encoding != UTF_8 => encoding.decode_without_bom_handling(bytes).0,
        _ => utf8(bytes),
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
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION)];
    let at = find(head, b"<?xml")?;
    let head = &head[at..];
    let head = &head[..find(head, b"?>")?];
    let value = &head[find(head, b"encoding")? + b"encoding".len()..];
    let open = value.iter().position(|b| matches!(b, b'"' | b'\''))?;
    let value = &value[open + 1..];
    let close = value.iter().position(|b| matches!(b, b'"' | b'\''))?;
    Encoding::for_label(&value[..close])
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

//! The relaxed forms of header and body that a signature is over (RFC 6376 section 3.4).

use aws_lc_rs::digest::{Context, Digest, SHA256};

/// The hash of a body, its lines ended by CRLF, in relaxed form (section 3.4.4): white space at the end of a line is gone, any other run of
/// it is one space, empty lines at the end are gone.
pub(super) fn body_hash(body: &[u8]) -> Digest {
    let mut hash = Context::new(&SHA256);
    let mut empty = 0;
    let mut line = Vec::new();
    for text in body.split_inclusive(|&b| b == b'\n') {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text).trim_ascii_end();
        if text.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            hash.update(b"\r\n");
        }
        if text.contains(&b'\t') || text.windows(2).any(|two| two == b"  ") {
            line.clear();
            squeeze(text, &mut line);
            hash.update(&line);
        } else {
            hash.update(text);
        }
        hash.update(b"\r\n");
    }
    hash.finish()
}

/// A field, with its folds and without its line end, in relaxed form (section 3.4.2): `name:value`, the name in lower case, the value on one
/// line without white space around it and with single spaces in it.
pub(super) fn field(field: &[u8], out: &mut Vec<u8>) {
    let colon = field.iter().position(|&b| b == b':').unwrap_or(field.len());
    let (name, value) = field.split_at(colon);
    out.extend(name.trim_ascii_end().to_ascii_lowercase());
    out.push(b':');
    squeeze(value.get(1..).unwrap_or_default().trim_ascii(), out);
}

/// Every run of white space, line ends of folds included, becomes one space.
fn squeeze(text: &[u8], out: &mut Vec<u8>) {
    let mut space = false;
    for &byte in text {
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            space = true;
        } else {
            if std::mem::take(&mut space) {
                out.push(b' ');
            }
            out.push(byte);
        }
    }
    if space {
        out.push(b' ');
    }
}

/// The fields of a header, each with its folds and without its line end.
pub(super) fn fields(header: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let mut from = 0;
    while from < header.len() {
        let mut end = from;
        loop {
            end = header[end..]
                .windows(2)
                .position(|two| two == b"\r\n")
                .map_or(header.len(), |at| end + at);
            // A line that begins with white space goes on with the field before it.
            match header.get(end + 2) {
                Some(b' ' | b'\t') => end += 2,
                _ => break,
            }
        }
        fields.push(&header[from..end]);
        from = end + 2;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest::digest;
    use proptest::prelude::*;

    /// The examples of RFC 6376 section 3.4.5.
    #[test]
    fn as_the_standard_shows() {
        let header = b"A: X\r\nB : Y\t\r\n\tZ  \r\n";
        let mut out = Vec::new();
        for text in fields(header) {
            field(text, &mut out);
            out.extend(b"\r\n");
        }
        assert_eq!(out, b"a:X\r\nb:Y Z\r\n");
        let expected = digest(&SHA256, b" C\r\nD E\r\n");
        assert_eq!(
            body_hash(b" C \r\nD \t E\r\n\r\n\r\n").as_ref(),
            expected.as_ref()
        );
        assert_eq!(
            body_hash(b"\r\n\r\n").as_ref(),
            digest(&SHA256, b"").as_ref()
        );
        let expected = digest(&SHA256, b"a\r\n\r\nb\r\n");
        assert_eq!(body_hash(b"a\r\n \t\r\nb").as_ref(), expected.as_ref());
    }

    proptest! {
        /// The hash is that of the body as the standard's own words would have it.
        #[test]
        fn the_same_as_word_by_word(body in "([ab \t]{0,6}\r\n){0,6}") {
            let lines = body.split("\r\n").map(|line| {
                let words: Vec<&str> = line.split([' ', '\t']).collect();
                let mut text = String::new();
                for (index, word) in words.iter().enumerate() {
                    if index > 0 && !text.ends_with(' ') {
                        text.push(' ');
                    }
                    text.push_str(word);
                }
                text.trim_end().to_owned()
            });
            let mut whole = lines.collect::<Vec<_>>().join("\r\n");
            while whole.ends_with("\r\n") {
                whole.truncate(whole.len() - 2);
            }
            if !whole.is_empty() {
                whole.push_str("\r\n");
            }
            let (ours, theirs) = (body_hash(body.as_bytes()), digest(&SHA256, whole.as_bytes()));
            prop_assert_eq!(ours.as_ref(), theirs.as_ref());
        }

        #[test]
        fn never_panics(header in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut out = Vec::new();
            for text in fields(&header) {
                field(text, &mut out);
            }
            _ = body_hash(&header);
        }
    }
}

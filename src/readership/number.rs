//! Counts as spreadsheets write them.

/// Reads a count: `1204`, `1,204`, `1.204`, `1 204`, `1'204`, `1204.0`. A separator before exactly three digits groups thousands,
/// since nobody writes views to the thousandth; otherwise a point or comma begins decimals, which are rounded.
pub(super) fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(plain) = text.parse() {
        return (!text.starts_with('+')).then_some(plain);
    }
    let mut groups = text.split(is_separator);
    let first = groups.next()?;
    if !(1..=3).contains(&first.len()) || !digits(first) {
        return decimal(text);
    }
    let mut whole = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return decimal(text);
        }
        whole += group;
    }
    whole.parse().ok()
}

fn decimal(text: &str) -> Option<u64> {
    let (whole, fraction) = text.rsplit_once(['.', ','])?;
    let tenths = fraction.bytes().next()?;
    if !digits(fraction) || whole.is_empty() {
        return None;
    }
    let whole = match whole.parse() {
        Ok(whole) => whole,
        // `1,204.5`: decimals after groups.
        Err(_) if !whole.ends_with(is_separator) && whole.len() > 4 => count(whole)?,
        Err(_) => return None,
    };
    Some(whole + u64::from(tenths >= b'5'))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | '.' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_spreadsheets_write_them() {
        for (text, number) in [
            ("1204", 1_204),
            ("1,204", 1_204),
            ("1.204", 1_204),
            ("1 204", 1_204),
            ("1\u{202f}204", 1_204),
            ("1'204", 1_204),
            ("12,345,678", 12_345_678),
            ("1204.0", 1_204),
            ("12.5", 13),
            ("1,204.49", 1_204),
            ("1.204,5", 1_205),
            (" 0 ", 0),
        ] {
            assert_eq!(count(text), Some(number), "{text}");
        }
        for text in [
            "",
            "-3",
            "+3",
            "n/a",
            "1e3",
            "1,,204",
            "12,",
            ".5",
            "1.2.3",
            "١٢",
            "99999999999999999999",
        ] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[0-9., '\u{a0}x-]{0,30}") {
            _ = count(&text);
        }
    }
}

//! Counts as spreadsheets write them.

/// No count is longer, in octets.
const LONGEST: usize = 40;

/// Reads a count: `1204`, `1,204`, `1.204`, `1 204`, `1'204`, `12,34,567` (India), `1204.0`. A separator before exactly three digits groups
/// thousands, since nobody writes views to the thousandth; otherwise, and after a leading zero, a point or comma begins decimals, which
/// are rounded. What is rounded already (`1.2K`, `1.2E+03`) is no count.
pub(super) fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    if let Ok(plain) = text.parse() {
        return (!text.starts_with('+')).then_some(plain);
    }
    let groups: Vec<&str> = text.split(is_separator).collect();
    let [first, middle @ .., last] = &groups[..] else {
        return None;
    };
    let grouped = matches!(first.len(), 1..=3)
        && !first.starts_with('0')
        && middle.iter().all(|group| matches!(group.len(), 2 | 3))
        && last.len() == 3
        && groups.iter().all(|group| digits(group));
    if grouped {
        groups.concat().parse().ok()
    } else {
        decimal(text)
    }
}

/// Reads a place in a list: `1`, `#1`, `1.`.
pub(super) fn place(text: &str) -> Option<u32> {
    let text = text.trim().trim_start_matches('#').trim_end_matches('.');
    u32::try_from(count(text)?).ok().filter(|place| *place > 0)
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
    u64::checked_add(whole, u64::from(tenths >= b'5'))
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
            ("1\u{a0}204", 1_204),
            ("1'204", 1_204),
            ("1’204", 1_204),
            ("12,345,678", 12_345_678),
            ("12,34,567", 1_234_567),
            ("1204.0", 1_204),
            ("12,0", 12),
            ("12.5", 13),
            ("0.250", 0),
            ("0,75", 1),
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
            "1.204E+03",
            "1.2K",
            "40%",
            "1/2",
            "18446744073709551615.9",
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

    #[test]
    fn places() {
        for (text, number) in [
            ("1", Some(1)),
            (" #12 ", Some(12)),
            ("3.", Some(3)),
            ("0", None),
            ("", None),
            ("top", None),
        ] {
            assert_eq!(place(text), number, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[0-9., '#\u{a0}x-]{0,30}") {
            _ = (count(&text), place(&text));
        }
    }
}

//! Text from outside, made safe to print: one line, no control characters, no direction tricks, bounded length.
//!
//! Headlines come from the internet and end up in terminals, mail headers and HTML. They are cleaned once, here,
//! at the door; no later room needs to ask again. Escaping for HTML is not done here: Maud does it where it prints.

use std::fmt;
use std::sync::Arc;

/// The most characters a [`Line`] keeps; the rest is cut and marked with an ellipsis. A headline of 10 KB is an
/// accident or an attack, and no client shows more than this.
pub const MAX_CHARS: usize = 1_000;

/// One line of clean text, possibly empty.
///
/// Invariants: no control character (C0, C1, line and paragraph separators), no bidirectional override, embedding or
/// isolate, no byte-order mark or other invisible filler, no white space at either end, white space never doubled, at most
/// [`MAX_CHARS`] characters. Joiners (Persian, emoji) and direction marks (Arabic, Hebrew) stay.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line(Arc<str>);

impl Line {
    /// Cleans `raw`. Cleaning is idempotent and never fails; text of nothing but filler becomes the empty line.
    #[must_use]
    pub fn clean(raw: &str) -> Self {
        Self::clean_to(raw, MAX_CHARS)
    }

    /// As [`Line::clean`], but nothing left is `None`.
    #[must_use]
    pub fn non_empty(raw: &str) -> Option<Self> {
        let line = Self::clean(raw);
        (!line.is_empty()).then_some(line)
    }

    /// As [`Line::clean`], keeping at most `max` characters; a cut is made at the last space if one is near, and shown as `…`.
    #[must_use]
    pub fn clean_to(raw: &str, max: usize) -> Self {
        let max = max.clamp(1, MAX_CHARS);
        let mut clean = String::with_capacity(raw.len().min(4 * max));
        let mut count = 0;
        let mut gap = None;
        for c in raw.chars() {
            if is_space(c) {
                // A single no-break space is the writer's (French punctuation); in company it is only a space.
                gap = Some(match (gap, c) {
                    (None, '\u{a0}' | '\u{202f}') => c,
                    _ => ' ',
                });
                continue;
            }
            if is_invisible(c) {
                continue;
            }
            let space = gap.take().filter(|_| !clean.is_empty());
            if count + usize::from(space.is_some()) + 1 > max {
                cut(&mut clean, max);
                break;
            }
            if let Some(space) = space {
                clean.push(space);
                count += 1;
            }
            clean.push(c);
            count += 1;
        }
        Self(clean.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was left after cleaning.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Cleans text of several lines (an editor's note, an SMTP reply): the same characters go, line breaks become `\n`, more than one
/// empty line in a row becomes one.
#[must_use]
pub fn clean_lines(raw: &str) -> String {
    let mut clean = String::with_capacity(raw.len());
    let mut empty = 0;
    for line in raw.lines() {
        let line: String = line
            .chars()
            .map(|c| {
                if is_space(c) && c != '\u{a0}' && c != '\u{202f}' {
                    ' '
                } else {
                    c
                }
            })
            .filter(|&c| !is_invisible(c))
            .collect();
        let line = line.trim_end();
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 && !(line.is_empty() && clean.is_empty()) {
            clean.push_str(line);
            clean.push('\n');
        }
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// Shortens to `max` characters with the ellipsis, at a word's end if that costs less than a fifth.
fn cut(clean: &mut String, max: usize) {
    let keep = max - 1;
    let end = clean
        .char_indices()
        .nth(keep)
        .map_or(clean.len(), |(at, _)| at);
    clean.truncate(end);
    if let Some(space) = clean.rfind(' ')
        && space * 5 >= end * 4
    {
        clean.truncate(space);
    }
    clean.truncate(clean.trim_end().len());
    clean.push('…');
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// Characters that print as nothing and only ever do harm: controls, direction overrides, filler, noncharacters.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0100}'..='\u{e01ef}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
        || (c as u32) & 0xfffe == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for Line {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Line {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Line {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl serde::Serialize for Line {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Line {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::clean(&<std::borrow::Cow<'de, str>>::deserialize(
            deserializer,
        )?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_one_clean_line() {
        for (raw, clean) in [
            ("  Ferry\r\n fares\trise  ", "Ferry fares rise"),
            ("a\0b\u{7}c\u{92}", "abc"),
            ("abc\u{202e}fed\u{2066}x\u{2069}", "abcfedx"),
            ("\u{feff}Zero\u{200b}width", "Zerowidth"),
            ("Très bien\u{a0}!", "Très bien\u{a0}!"),
            ("two\u{a0} spaces", "two spaces"),
            ("👩‍👩‍👧 می‌خواهم", "👩‍👩‍👧 می‌خواهم"),
            (" \n\u{200b} ", ""),
        ] {
            assert_eq!(Line::clean(raw), clean, "{raw:?}");
        }
    }

    #[test]
    fn cuts_at_a_word() {
        assert_eq!(Line::clean_to("one two three four", 15), "one two three…");
        assert_eq!(Line::clean_to("one two three", 13), "one two three");
        assert_eq!(Line::clean_to("incomprehensibilities", 10), "incompreh…");
    }

    #[test]
    fn several_lines_keep_their_breaks() {
        assert_eq!(
            clean_lines("\n\nOne\r\nTwo \n\n\n\nThree\u{202e}\n"),
            "One\nTwo\n\nThree"
        );
    }

    proptest! {
        #[test]
        fn cleaning_is_idempotent_and_clean(raw in ".{0,1200}", max in 1_usize..1200) {
            let once = Line::clean_to(&raw, max);
            prop_assert_eq!(&Line::clean_to(once.as_str(), max), &once);
            prop_assert!(once.as_str().chars().count() <= max);
            prop_assert!(!once.as_str().chars().any(|c| c.is_control() || is_invisible(c)));
            prop_assert_eq!(once.as_str().trim(), once.as_str());
            let lines = clean_lines(&raw);
            prop_assert_eq!(clean_lines(&lines), lines.clone());
        }
    }
}

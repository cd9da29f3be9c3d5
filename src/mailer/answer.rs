//! A relay's answers, read from octets as they arrive. Pure.
//!
//! The three digits decide (RFC 5321 section 4.2), those of the last line where lines differ. The words behind them are for people:
//! they may be missing and in any encoding. Every octet is looked at once, however many lines an answer has.

use std::ops::Range;

use crate::model::delivery::Reply;
use crate::model::line::Line;

use super::error::{Cause, shown};

/// The most octets of one answer. The answer to EHLO of a large provider has 300.
const MAX_OCTETS: usize = 200_000;
/// The most octets of an answer's words that are kept for a verdict.
const MAX_WORDS: usize = 4_096;

/// An answer of one or more lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RelayAnswer {
    pub(super) code: u16,
    /// What is behind the digits, a text for each line.
    pub(super) lines: Vec<String>,
}

impl RelayAnswer {
    pub(super) fn reply(&self) -> Reply {
        let mut words = String::new();
        for line in &self.lines {
            if words.len() > MAX_WORDS {
                break;
            }
            if !words.is_empty() {
                words.push(' ');
            }
            words.extend(line.chars().take(MAX_WORDS));
        }
        Reply::new(self.code, &words)
    }
}

/// What has arrived and was not given out yet.
#[derive(Debug, Default)]
pub(super) struct Answers {
    arrived: Vec<u8>,
    /// Up to here there is no end of a line.
    searched: usize,
    /// The lines of the answer that is arriving.
    lines: Vec<Range<usize>>,
    /// Where its next line begins.
    line: usize,
}

impl Answers {
    pub(super) fn push(&mut self, octets: &[u8]) {
        self.arrived.extend_from_slice(octets);
    }

    /// Whether nothing waits, not even the beginning of a line.
    pub(super) const fn is_empty(&self) -> bool {
        self.arrived.is_empty()
    }

    /// The beginning of what waits, for people.
    pub(super) fn beginning(&self) -> Line {
        let end = self.arrived.len().min(200);
        shown(&String::from_utf8_lossy(&self.arrived[..end]))
    }

    /// The next answer, once its last line is there.
    pub(super) fn next(&mut self) -> Result<Option<RelayAnswer>, Cause> {
        while let Some(length) = memchr::memchr(b'\n', &self.arrived[self.searched..]) {
            let end = self.searched + length;
            let line = self.line..end;
            let code = code(&self.arrived[line.clone()])?;
            let goes_on = self.arrived.get(line.start + 3) == Some(&b'-');
            self.lines.push(line);
            self.line = end + 1;
            self.searched = self.line;
            if !goes_on {
                let answer = RelayAnswer {
                    code,
                    lines: self
                        .lines
                        .drain(..)
                        .map(|line| words(&self.arrived[line]))
                        .collect(),
                };
                self.arrived.drain(..self.line);
                (self.line, self.searched) = (0, 0);
                return Ok(Some(answer));
            }
        }
        self.searched = self.arrived.len();
        if self.arrived.len() > MAX_OCTETS {
            let why = Line::clean("an answer of more than 200,000 octets");
            return Err(Cause::Garbled(why));
        }
        Ok(None)
    }
}

/// The three digits at the beginning of a line, alone: a fourth would make them another number.
fn code(line: &[u8]) -> Result<u16, Cause> {
    match line {
        [a @ b'2'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..]
            if !rest.first().is_some_and(u8::is_ascii_digit) =>
        {
            Ok([a, b, c]
                .iter()
                .fold(0, |code, digit| code * 10 + u16::from(**digit - b'0')))
        }
        _ => {
            let found = shown(&String::from_utf8_lossy(&line[..line.len().min(200)]));
            let why = format!("expected a three-digit code, but found `{found}`");
            Err(Cause::Garbled(Line::clean(&why)))
        }
    }
}

/// What is behind the digits and their space or hyphen.
fn words(line: &[u8]) -> String {
    let words = line.get(4..).unwrap_or_default();
    String::from_utf8_lossy(words.strip_suffix(b"\r").unwrap_or(words)).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every answer in these octets, and what is left of them.
    fn read(octets: &[u8], chunk: usize) -> (Vec<String>, usize) {
        let mut answers = Answers::default();
        let mut all = Vec::new();
        for octets in octets.chunks(chunk) {
            answers.push(octets);
            loop {
                match answers.next() {
                    Ok(Some(answer)) => {
                        all.push(format!("{} {}", answer.code, answer.lines.join("|")));
                    }
                    Ok(None) => break,
                    Err(cause) => {
                        all.push(format!("{cause:?}"));
                        return (all, 0);
                    }
                }
            }
        }
        (all, answers.arrived.len())
    }

    #[test]
    fn the_three_digits_decide() {
        for (octets, expected) in [
            (&b"250 2.0.0 ok\r\n"[..], "250 2.0.0 ok"),
            (b"250\r\n", "250 "),
            (b"250 \r\n", "250 "),
            (b"250\tok\r\n", "250 ok"),
            (b"250 ok\n", "250 ok"),
            (b"250-one\r\n250-\r\n250 three\r\n", "250 one||three"),
            (b"250-one\r\n250\r\n", "250 one|"),
            (b"250 re\xe7u\r\n", "250 re\u{fffd}u"),
            (
                b"550 \xd0\xbd\xd0\xb5\xd1\x82\r\n",
                "550 \u{43d}\u{435}\u{442}",
            ),
            (
                b"550 5.1.1 \xff\xfe\x00\x1b[2J\r\n",
                "550 5.1.1 \u{fffd}\u{fffd}\0\u{1b}[2J",
            ),
            (b"250-so\r\n550 no\r\n", "550 so|no"),
        ] {
            for chunk in [1, 2, 3, 1_000] {
                assert_eq!(read(octets, chunk), (vec![expected.to_owned()], 0));
            }
        }
    }

    #[test]
    fn what_is_no_answer() {
        for octets in [
            &b"HTTP/1.1 400 Bad\r\n"[..],
            b"2500 ok\r\n",
            b"\r\n",
            b"25\r\n",
            b" 250 ok\r\n",
            b"150 wait\r\n",
            b"250-a\r\nb\r\n",
        ] {
            let (all, _) = read(octets, 1_000);
            assert!(all.len() == 1 && all[0].starts_with("Garbled"), "{all:?}");
        }
        assert_eq!(read(b"250-more\r\n250", 1), (vec![], 13));
    }

    /// A hundred thousand octets of lines, and as many of one line, an octet at a time: each octet is looked at once.
    #[test]
    fn long_answers_are_read_in_one_pass() {
        let many = [&b"250-\r\n".repeat(33_000)[..], b"250 ok\r\n"].concat();
        let long = [&b"250 "[..], &b"x".repeat(199_000)[..], b"\r\n"].concat();
        for octets in [&many, &long] {
            assert_eq!(read(octets, 1).0.len(), 1);
        }
        let endless = b"250-x\r\n".repeat(40_000);
        let (all, _) = read(&endless, 4_096);
        insta::assert_snapshot!(all.join("\n"), @r#"Garbled("an answer of more than 200,000 octets")"#);
        let reply = RelayAnswer {
            code: 250,
            lines: vec!["x ".repeat(100_000); 3],
        }
        .reply();
        assert!(reply.text.as_str().len() <= 300);
    }

    proptest! {
        #[test]
        fn how_octets_are_cut_does_not_matter(
            octets in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'2'), Just(b'5'), Just(b'0'), Just(b'-')], 0..80),
            chunk in 1..9_usize,
        ) {
            prop_assert_eq!(read(&octets, chunk), read(&octets, 100));
        }
    }
}

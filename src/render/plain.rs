//! Plain text being written: 72 columns, every address alone on its line.

use super::columns::{beginning, pieces, width};

/// Columns, as a terminal counts them.
pub(super) const WIDTH: usize = 72;
/// A line across the page is only so long: what reads plain text on a phone or a watch would break a longer one in two.
const RULE: usize = 32;

/// Text that grows line by line.
#[derive(Default)]
pub(super) struct Plain(String);

impl Plain {
    /// A paragraph, wrapped. `first` is before its first line, as many spaces before the others.
    pub(super) fn lines(&mut self, first: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let hang = width(first);
        self.0.push_str(first);
        let mut used = hang;
        for mut piece in pieces(text) {
            // A piece longer than a line is cut, but an address in running text is not.
            loop {
                let room = WIDTH.saturating_sub(used);
                if width(piece.trim_end()) <= room {
                    break;
                }
                if used > hang {
                    self.turn(hang);
                    used = hang;
                } else if piece.contains("://") {
                    break;
                } else {
                    let cut = beginning(piece, room);
                    self.0.push_str(cut);
                    self.turn(hang);
                    piece = &piece[cut.len()..];
                }
            }
            self.0.push_str(piece);
            used += width(piece);
        }
        self.turn(0);
    }

    /// Ends a line and begins one with `hang` spaces.
    fn turn(&mut self, hang: usize) {
        self.0.truncate(self.0.trim_end_matches(' ').len());
        self.0.push('\n');
        self.0.extend(std::iter::repeat_n(' ', hang));
    }

    /// An address on its own line, never wrapped.
    pub(super) fn address(&mut self, address: &str) {
        self.0.push_str(address);
        self.0.push('\n');
    }

    /// An empty line, unless there is one already.
    pub(super) fn gap(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    /// A line across the page, unless there is one just above.
    pub(super) fn rule(&mut self) {
        let line = "-".repeat(RULE);
        if !self.0.trim_end().ends_with(&line) {
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }

    /// A heading, underlined.
    pub(super) fn heading(&mut self, text: &str) {
        self.gap();
        self.lines("", text);
        let columns = width(text).clamp(1, WIDTH);
        self.0.push_str(&"-".repeat(columns));
        self.0.push_str("\n\n");
    }

    /// The whole text; one line end at its end.
    pub(super) fn finish(mut self) -> String {
        self.0.truncate(self.0.trim_end().len());
        self.0.push('\n');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(first: &str, text: &str) -> String {
        let mut plain = Plain::default();
        plain.lines(first, text);
        plain.finish()
    }

    #[test]
    fn wraps_by_display_width() {
        assert_eq!(
            check(" 1. ", &"word ".repeat(20)).lines().nth(1),
            Some("    word word word word word word word")
        );
        assert!(
            check("", &"日本".repeat(40))
                .lines()
                .all(|line| line.chars().count() <= 36)
        );
        let url = format!("https://harbour.example/{}", "x".repeat(90));
        assert_eq!(
            check("", &format!("see {url} there")),
            format!("see\n{url}\nthere\n")
        );
    }

    #[test]
    fn a_headline_of_two_hundred_japanese_letters() {
        let headline = "港のフェリー運賃が月曜日に値上げ、「市議会」は上訴を断念へ。".repeat(7);
        let shown = check("1. ", &headline);
        assert_eq!(
            shown.lines().map(str::trim).collect::<String>(),
            format!("1. {headline}")
        );
        assert!(
            shown
                .lines()
                .all(|line| (60..=WIDTH).contains(&width(line)) || line.ends_with("へ。"))
        );
        assert!(!shown.lines().any(
            |line| line.trim().starts_with(['、', '。', '」', 'ー', 'ェ']) || line.ends_with('「')
        ));
    }

    #[test]
    fn letters_stay_whole() {
        assert_eq!(
            check("", &"e\u{301}".repeat(73)),
            format!("{}\ne\u{301}\n", "e\u{301}".repeat(72))
        );
        assert!(
            check("", &"👩‍👩‍👧".repeat(40))
                .lines()
                .all(|line| line.ends_with('👧'))
        );
        let arabic = "ارتفاع أسعار العبّارة ".repeat(9);
        assert!(check("", &arabic).lines().all(
            |line| (60..=WIDTH).contains(&width(line)) || arabic.ends_with(&format!("{line} "))
        ));
    }

    #[test]
    fn an_address_is_whole_also_in_japanese() {
        let url = format!("https://harbour.example/{}", "x".repeat(90));
        let shown = check(
            "",
            &format!("{}は{url}を{}", "港".repeat(35), "港".repeat(40)),
        );
        assert_eq!(shown.lines().nth(1), Some(url.as_str()));
    }
}

//! Plain text being written: 72 columns, every address alone on its line.

use textwrap::{Options, WordSplitter};

/// Columns, as a terminal counts them.
pub(super) const WIDTH: usize = 72;

/// Text that grows line by line.
#[derive(Default)]
pub(super) struct Plain(String);

impl Plain {
    /// A paragraph, wrapped. `first` stands before its first line, as many spaces before the others.
    pub(super) fn lines(&mut self, first: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let hang = " ".repeat(textwrap::core::display_width(first));
        let options = Options::new(WIDTH)
            .initial_indent(first)
            .subsequent_indent(&hang)
            .word_splitter(WordSplitter::NoHyphenation)
            // Japanese has no spaces and is broken anywhere; an address in running text is never broken.
            .break_words(!text.contains("://"));
        for line in textwrap::wrap(text, options) {
            self.0.push_str(line.trim_end());
            self.0.push('\n');
        }
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

    /// A line across the page.
    pub(super) fn rule(&mut self) {
        self.0.push_str(&"-".repeat(WIDTH));
        self.0.push('\n');
    }

    /// A heading, underlined.
    pub(super) fn heading(&mut self, text: &str) {
        self.gap();
        self.lines("", text);
        let columns = textwrap::core::display_width(text).clamp(1, WIDTH);
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
}

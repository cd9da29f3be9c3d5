//! Subject and opening that a machine wrote and no person has touched. The edition file names each by a few letters that follow from its words: whoever changes the
//! words, in whatever editor, has touched them, and so has whoever takes the name away.

use aws_lc_rs::digest;

use super::Edition;
use crate::model::line::Line;
use crate::model::token::base32;

/// A line that a machine may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineLine {
    Subject,
    Opening,
}

impl MachineLine {
    pub const ALL: [Self; 2] = [Self::Subject, Self::Opening];

    /// Its key in the edition file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Opening => "opening",
        }
    }

    const fn of(self, edition: &Edition) -> Option<&Line> {
        match self {
            Self::Subject => edition.subject.as_ref(),
            Self::Opening => edition.opening.as_ref(),
        }
    }

    /// What the edition file says of these words.
    fn mark(self, words: &Line) -> Line {
        let hash = digest::digest(&digest::SHA256, words.as_str().as_bytes());
        Line::clean(&format!("{} {}", self.key(), base32(&hash.as_ref()[..5])))
    }
}

impl Edition {
    /// Says that a machine wrote that line as it is.
    pub fn mark_machine_written(&mut self, line: MachineLine) {
        if let Some(words) = line.of(self) {
            let mark = line.mark(words);
            self.machine_written.push(mark);
        }
    }

    /// Whether that line is a machine's, and nobody has touched it.
    #[must_use]
    pub fn is_machine_written(&self, line: MachineLine) -> bool {
        line.of(self)
            .is_some_and(|words| self.machine_written.contains(&line.mark(words)))
    }

    /// All lines that are a machine's.
    pub fn machine_lines(&self) -> impl Iterator<Item = MachineLine> {
        let all = MachineLine::ALL.into_iter();
        all.filter(|line| self.is_machine_written(*line))
    }
}

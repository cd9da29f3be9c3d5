//! What a newsroom may choose about choosing.

use chrono::TimeDelta;

use super::Window;
use super::window::{LengthError, parse_length};
use crate::model::edition::List;
use crate::model::line::Line;
use crate::model::zone::Zone;

/// What a newsroom may choose about choosing: `[selection]`.
#[derive(Clone, Debug)]
pub struct SelectionOptions {
    /// From which span of publication times.
    pub window: Window,
    /// A newsletter of the week: `top` is what was most read in the window, not what will be read next.
    pub looks_back: bool,
    /// How many stories in `top`; the first is the lede.
    pub top: usize,
    pub most_read: usize,
    /// What `most_read` counts.
    pub most_read_of: MostReadOf,
    pub latest: usize,
    /// Whether a story of `top` may also be in `most_read`.
    pub overlap: Overlap,
    /// At most so many of one section in `top`; 0: no limit. It never leaves a slot empty, and stories without a section do not count.
    pub per_section: usize,
    /// For how long a story that was printed does not come back. The caller fills [`super::History::ran`] by it.
    pub no_repeat_for: TimeDelta,
    /// Older readership is not used.
    pub readership_max_age: TimeDelta,
    /// With fewer different stories than this there is no edition.
    pub minimum: usize,
    /// Sections whose stories count for more, or less, in `top`.
    pub boosts: Vec<Boost>,
    /// Sections that are never printed, and words whose stories are not: compared whole, without case, in section, kicker and headline.
    pub never: Vec<Line>,
    /// So many further stories of an event are printed below the one of `top`, as headlines.
    pub related: usize,
    /// So many paragraphs of the lede are printed with it; 0: none.
    pub lede_paragraphs: usize,
    /// The order of sections in `top`, below the lede; the others follow. It changes no choice.
    pub sections: Vec<Line>,
    /// The newsletter's clocks: when the day of `most_read` begins, and the days that are named in reasons.
    pub zone: Zone,
}

impl SelectionOptions {
    /// The lists that hold stories when there are any.
    #[must_use]
    pub fn wants(&self) -> Vec<List> {
        let sizes = [self.top, self.most_read, self.latest];
        let lists = List::ALL.into_iter().zip(sizes);
        lists
            .filter(|(_, size)| *size > 0)
            .map(|(list, _)| list)
            .collect()
    }
}

/// What a section's stories count for in `top`.
#[derive(Clone, Debug, PartialEq)]
pub struct Boost {
    /// Compared without case.
    pub section: Line,
    /// The factor; finite and greater than 0.
    pub by: f64,
}

/// What the most-read list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MostReadOf {
    /// Today's views, up to now and, by forecast, until midnight.
    Today,
    /// What was read in the last hours, up to the newest count.
    Last(TimeDelta),
}

impl MostReadOf {
    /// The longest time that counts: readers are not asked for further back.
    const LONGEST: TimeDelta = TimeDelta::days(7);

    /// Reads `today` or a length such as `24h`.
    ///
    /// # Errors
    /// It is neither, less than an hour, or more than a week.
    pub fn parse(text: &str) -> Result<Self, LengthError> {
        if text.trim().eq_ignore_ascii_case("today") {
            return Ok(Self::Today);
        }
        match parse_length(text) {
            Ok(length) if (TimeDelta::hours(1)..=Self::LONGEST).contains(&length) => {
                Ok(Self::Last(length))
            }
            _ => Err(LengthError::MostReadOf(Line::clean_to(text, 40))),
        }
    }
}

/// Whether the day's ranking shows stories that are already in `top`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// It is the true ranking.
    Allowed,
    /// It shows other stories only.
    Removed,
}

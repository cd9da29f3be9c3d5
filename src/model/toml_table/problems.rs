//! What is wrong with a text, as far as it is told.

use std::cell::{Cell, RefCell};

use crate::model::problem::Problem;

/// The most problems of one text that are told; the rest are counted. A person mends a hundred and looks again.
pub const MOST_PROBLEMS: usize = 100;

/// The problems found so far; shared by all the tables of one reading.
#[derive(Debug, Default)]
pub struct Problems {
    /// At most [`MOST_PROBLEMS`].
    pub(super) found: RefCell<Vec<Problem>>,
    /// How many more there were.
    pub(super) more: Cell<usize>,
    /// Whether some of the text is not TOML at all.
    pub(super) garbled: Cell<bool>,
}

impl Problems {
    /// Adds one.
    pub fn add(&self, problem: Problem) {
        let mut found = self.found.borrow_mut();
        if found.len() < MOST_PROBLEMS {
            found.push(problem);
        } else {
            self.more.set(self.more.get() + 1);
        }
    }

    /// Adds one about something that is not there. Where lines could not be read, it may be in one of them, and nothing is said.
    pub fn add_missing(&self, problem: Problem) {
        if !self.garbled.get() {
            self.add(problem);
        }
    }

    /// Adds several.
    pub fn extend(&self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.add(problem));
    }

    /// Whether no more of them are told: then only their number counts.
    pub(super) fn is_full(&self) -> bool {
        self.found.borrow().len() >= MOST_PROBLEMS
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.borrow().len() + self.more.get()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Those that are told, in the order of their places; at most [`MOST_PROBLEMS`], and one that says how many more there are.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        let mut all = self.found.into_inner();
        let more = self.more.get();
        all.sort_by_key(|problem| {
            problem
                .place
                .as_ref()
                .map(|place| (place.line, place.column))
        });
        if more > 0 {
            all.push(Problem::new(format!("and {more} more problems")));
        }
        all
    }

    /// `value` if there are no problems.
    ///
    /// # Errors
    /// All the problems, in the order of their places.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Vec<Problem>> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self.into_vec()),
        }
    }
}

//! The list of readers, where the newsroom keeps it: in its file or in the ledger, and what readers changed on its way into the file.
//!
//! The ledger knows whether it holds the list, and its word counts: `[newsletter] subscribers_in` says where a list that does not exist yet is begun.

mod error;
mod merge;
mod moving;

use std::path::{Path, PathBuf};

pub use error::ListError;
pub use merge::{Merged, merge};
pub use moving::{Moved, into_file, into_ledger};

use crate::ledger::{Ledger, LedgerError, LedgerFile, SubscriberPage};
use crate::model::address::Address;
use crate::model::inbox;
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::reader::Preferences;
use crate::model::subscriber::{ListPlace, Subscriber};
use crate::newsroom;
use crate::newsroom::subscribers::{
    self as file, Added, Removed, Revision, ShownProblems, Survey, Wish,
};

/// The list, in its place.
pub enum SubscriberList {
    /// The newsroom's file, whether it is there or not.
    File(PathBuf),
    Ledger(Box<Ledger>),
}

/// The list to be read whole: of a file its text is in memory, of the ledger nothing.
pub struct LoadedList {
    name: String,
    source: Source,
}

enum Source {
    Text { file: String, text: String },
    Ledger(Box<Ledger>),
}

/// The whole list.
pub struct Listing {
    /// All who could be read, in the list's order.
    pub subscribers: Vec<Subscriber>,
    /// What could not; each costs its own reader only. After the first fifty, one last problem says how many more there are.
    pub problems: Vec<Problem>,
}

/// The whole list, looked at closely.
pub struct Examined {
    pub listing: Listing,
    /// Addresses that come more than once.
    pub doubles: Vec<Problem>,
    /// A remark on addresses that no letter can reach.
    pub unreachable: Option<String>,
}

impl SubscriberList {
    /// Finds the list; looking at it makes none.
    ///
    /// # Errors
    /// The ledger cannot be read, or the list is not where the config wants it to be begun.
    pub fn open(file: &Path, place: ListPlace, ledger: &LedgerFile) -> Result<Self, ListError> {
        let ledger = Ledger::open_if_any(ledger)?;
        let is_here = match &ledger {
            Some(ledger) => ledger.subscribers_version()?.is_some(),
            None => false,
        };
        match (ledger, place) {
            (Some(ledger), _) if is_here => Ok(Self::Ledger(Box::new(ledger))),
            (_, ListPlace::File) => Ok(Self::File(file.to_owned())),
            _ if file.exists() => Err(ListError::NotMoved(file.to_owned())),
            (Some(ledger), ListPlace::Ledger) => Ok(Self::Ledger(Box::new(ledger))),
            (None, ListPlace::Ledger) => Err(ListError::NotBegun),
        }
    }

    /// Finds the list, and begins one in the ledger if that is its place and there is none.
    ///
    /// # Errors
    /// As [`SubscriberList::open`], or the ledger cannot be written.
    pub fn open_or_begin(
        file: &Path,
        place: ListPlace,
        ledger: &LedgerFile,
    ) -> Result<Self, ListError> {
        let found = Self::open(file, place, ledger);
        let mut ledger = match found {
            Ok(Self::Ledger(ledger)) => ledger,
            Err(ListError::NotBegun) => Box::new(Ledger::open(ledger)?),
            found => return found,
        };
        ledger.begin_subscribers()?;
        Ok(Self::Ledger(ledger))
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(file) => format!("`{}`", file.display()),
            Self::Ledger(_) => "the ledger".to_owned(),
        }
    }

    /// Whether there is a list; the newsroom may have no file yet.
    #[must_use]
    pub fn exists(&self) -> bool {
        match self {
            Self::File(file) => file.exists(),
            Self::Ledger(_) => true,
        }
    }

    /// # Errors
    /// The file cannot be read.
    pub fn load(self) -> Result<LoadedList, ListError> {
        let name = self.name();
        let source = match self {
            Self::File(file) => Source::Text {
                text: newsroom::read_text(&file, file::LARGEST)?,
                file: file.display().to_string(),
            },
            Self::Ledger(ledger) => Source::Ledger(ledger),
        };
        Ok(LoadedList { name, source })
    }

    /// Adds those who are not in the list yet, by [`Address::key`].
    ///
    /// # Errors
    /// The list cannot be changed; nobody is added then.
    pub fn add(&mut self, newcomers: &[Subscriber]) -> Result<Added, ListError> {
        match self {
            Self::File(file) => Ok(file::add(file, newcomers)?),
            Self::Ledger(ledger) => {
                let already = ledger.add_subscribers(newcomers)?;
                let added = newcomers.len() - already.len();
                Ok(Added { added, already })
            }
        }
    }

    /// Takes these out of the list.
    ///
    /// # Errors
    /// The list cannot be changed; all are still in it then.
    pub fn remove(&mut self, leavers: &[Address]) -> Result<Removed, ListError> {
        match self {
            Self::File(file) => Ok(file::remove(file, leavers)?),
            Self::Ledger(ledger) => {
                let unknown = ledger.remove_subscribers(leavers)?;
                let removed = leavers.len() - unknown.len();
                Ok(Removed { removed, unknown })
            }
        }
    }

    /// Gives those who are in the list other preferences. How many are other than before.
    ///
    /// # Errors
    /// The list cannot be changed; nobody's are changed then.
    pub fn change(&mut self, wanted: Vec<(Address, Preferences)>) -> Result<usize, ListError> {
        match self {
            Self::File(file) => {
                let revisions = wanted.into_iter().map(|(address, wanted)| Revision {
                    address,
                    wish: Wish::Prefer(wanted),
                    only_over: None,
                });
                let revisions: Vec<Revision> = revisions.collect();
                let outcomes = file::hold(file)?.revise(&revisions)?;
                Ok(outcomes.iter().filter(|outcome| outcome.changed).count())
            }
            Self::Ledger(ledger) => Ok(ledger.change_subscribers(&wanted)?),
        }
    }
}

impl LoadedList {
    /// As [`SubscriberList::name`].
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// # Errors
    /// The ledger cannot be read to its end.
    pub fn read(&self) -> Result<Listing, LedgerError> {
        let mut problems = ShownProblems::default();
        let mut subscribers = Vec::new();
        for item in self.items() {
            match item? {
                Ok(subscriber) => subscribers.push(subscriber),
                Err(misread) => problems.add(misread),
            }
        }
        Ok(Listing {
            subscribers,
            problems: problems.finish(&self.name),
        })
    }

    /// # Errors
    /// The ledger cannot be read to its end.
    pub fn examine(&self) -> Result<Examined, LedgerError> {
        let Source::Text { file, text } = &self.source else {
            let listing = self.read()?;
            let unreachable = unreachable(&listing.subscribers);
            return Ok(Examined {
                listing,
                doubles: Vec::new(),
                unreachable,
            });
        };
        let reading = file::read(file, text);
        Ok(Examined {
            doubles: file::duplicates(&reading),
            unreachable: file::unreachable(&reading),
            listing: Listing {
                subscribers: reading.subscribers,
                problems: reading.problems,
            },
        })
    }

    /// Surveys the whole list and keeps no subscriber, so that memory stays flat.
    ///
    /// # Errors
    /// The ledger cannot be read to its end.
    pub fn survey(&self) -> Result<Survey, LedgerError> {
        let mut survey = Survey::default();
        for item in self.items() {
            survey.add(item?);
        }
        survey.finish(&self.name);
        Ok(survey)
    }

    /// Those who can be read, one by one.
    pub fn each(&self) -> impl Iterator<Item = Result<Subscriber, LedgerError>> {
        self.items().filter_map(|item| match item {
            Ok(found) => found.ok().map(Ok),
            Err(error) => Some(Err(error)),
        })
    }

    fn items(&self) -> Box<dyn Iterator<Item = Item> + '_> {
        match &self.source {
            Source::Text { file, text } => {
                let all = file::Subscribers::of(file, text);
                Box::new(all.map(|found| {
                    Ok(found
                        .map(|listed| listed.subscriber)
                        .map_err(|misread| misread.problems))
                }))
            }
            Source::Ledger(ledger) => Box::new(Rows {
                ledger,
                page: Vec::new().into_iter(),
                last: Some(0),
            }),
        }
    }
}

/// A subscriber, or what is wrong with one; an error says that there may be more.
type Item = Result<Result<Subscriber, Vec<Problem>>, LedgerError>;

/// The rows of the ledger's list, read some at a time.
struct Rows<'a> {
    ledger: &'a Ledger,
    page: std::vec::IntoIter<Result<Subscriber, Line>>,
    /// The last that was read; `None`: there are no more.
    last: Option<i64>,
}

impl Iterator for Rows<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(row) = self.page.next() {
                return Some(Ok(row.map_err(|what| vec![Problem::new(what.to_string())])));
            }
            match self.ledger.subscribers_after(self.last.take()?) {
                Ok(SubscriberPage { rows, last }) => {
                    self.page = rows.into_iter();
                    self.last = last;
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn unreachable(subscribers: &[Subscriber]) -> Option<String> {
    let mut all = subscribers
        .iter()
        .filter_map(|one| Some((&one.address, inbox::unreachable(&one.address)?)));
    let (address, why) = all.next()?;
    let rest = match all.count() {
        0 => String::new(),
        more => format!("; and {more} more like it"),
    };
    Some(format!("no letter will reach `{address}`: {why}{rest}"))
}

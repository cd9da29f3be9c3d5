//! The subscribers, counted: the page needs to know how many want the same, and none of them by name.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::NaiveDate;

use crate::config::Config;
use crate::model::edition::Slug;
use crate::model::figures::{counted, grouped};
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::subscriber::{Paused, Subscriber};
use crate::newsroom::subscribers::Stamp;
use crate::subscriber_list::{ListError, SubscriberList};

/// Subscribers who want the same sections, and are or are not paused alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SubscriberGroup {
    /// As the first of them wrote it; empty: all.
    pub(super) sections: Vec<Line>,
    pub(super) paused: Paused,
    pub(super) count: usize,
}

/// A newsletter's readers among the subscribers, read again only when the list or what they ask for has changed: a hundred thousand of them take longer than all the rest of the page.
#[derive(Debug, Default)]
pub(super) struct SubscriberCounts {
    seen: Option<SeenList>,
    /// The newsletter whose readers were counted, as in [`Config::asked_for_as`].
    newsletter: Option<(String, bool)>,
    crowds: Vec<SubscriberGroup>,
}

impl SubscriberCounts {
    /// The newsletter's readers in the list as it is now. A newsroom may have no list yet.
    pub(super) fn of(&mut self, config: &Config) -> Result<&[SubscriberGroup], Vec<Problem>> {
        let (name, is_default) = config.asked_for_as();
        let newsletter = Some((name.to_owned(), is_default));
        if newsletter != self.newsletter {
            self.seen = None;
            self.newsletter = newsletter;
        }
        let (file, place) = (&config.subscribers, config.subscribers_in);
        let list = match SubscriberList::open(file, place, &config.ledger) {
            Ok(list) => Some(list),
            Err(ListError::NotBegun) => None,
            Err(error) => return Err(vec![Problem::of(&error)]),
        };
        let seen = list.as_ref().and_then(SeenList::of);
        self.read_by(seen, || {
            let Some(list) = list.filter(SubscriberList::exists) else {
                return Ok(Vec::new());
            };
            let list = list.load().map_err(|error| vec![Problem::of(&error)])?;
            let listing = list.read().map_err(|error| vec![Problem::of(&error)])?;
            if !listing.problems.is_empty() {
                return Err(listing.problems);
            }
            let mut all = listing.subscribers;
            all.retain(|reader| reader.asks_for(name, is_default));
            Ok(all)
        })
    }

    fn read_by<E>(
        &mut self,
        here: Option<SeenList>,
        read: impl FnOnce() -> Result<Vec<Subscriber>, E>,
    ) -> Result<&[SubscriberGroup], E> {
        if here.is_none() || here != self.seen {
            self.seen = None;
            self.crowds = crowds(&read()?);
            self.seen = here;
        }
        Ok(&self.crowds)
    }
}

/// What tells two states of a list apart.
#[derive(Debug, PartialEq, Eq)]
enum SeenList {
    File(PathBuf, Stamp),
    /// By its version.
    Ledger(i64),
}

impl SeenList {
    /// `None`: there is no list yet.
    fn of(list: &SubscriberList) -> Option<Self> {
        match list {
            SubscriberList::File(path) => Some(Self::File(path.clone(), Stamp::of(path)?)),
            SubscriberList::Ledger(ledger) => ledger.subscribers_version().ok()?.map(Self::Ledger),
        }
    }
}

/// The different sets of sections that those who are not paused ask for.
pub(super) fn sections(crowds: &[SubscriberGroup], slug: &Slug) -> Vec<Vec<Line>> {
    let asking = crowds
        .iter()
        .filter(|crowd| !crowd.sections.is_empty() && !crowd.paused.on(slug.day()));
    let mut sections: Vec<Vec<Line>> = asking.map(|crowd| crowd.sections.clone()).collect();
    sections.sort();
    sections.dedup();
    sections
}

/// Who gets the edition, in words.
pub(super) fn audience(crowds: &[SubscriberGroup], slug: &Slug) -> String {
    let all: usize = crowds.iter().map(|crowd| crowd.count).sum();
    let paused = crowds.iter().filter(|crowd| crowd.paused.on(slug.day()));
    let paused: usize = paused.map(|crowd| crowd.count).sum();
    let mut words = counted(all, "subscriber", "subscribers");
    if paused > 0 {
        _ = write!(words, ", {} of them paused", grouped(paused as u64));
    }
    words
}

pub(super) fn crowds(subscribers: &[Subscriber]) -> Vec<SubscriberGroup> {
    let mut crowds: Vec<SubscriberGroup> = Vec::new();
    let mut places = HashMap::new();
    for subscriber in subscribers {
        let until = match subscriber.paused {
            Paused::No => None,
            Paused::Yes => Some(NaiveDate::MAX),
            Paused::Until(day) => Some(day),
        };
        let place = *places
            .entry((subscriber.section_set(), until))
            .or_insert(crowds.len());
        if place == crowds.len() {
            crowds.push(SubscriberGroup {
                sections: subscriber.sections.clone(),
                paused: subscriber.paused,
                count: 0,
            });
        }
        crowds[place].count += 1;
    }
    crowds
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::address::Address;

    pub(in super::super) fn subscriber(
        number: usize,
        sections: &str,
        paused: Paused,
    ) -> Subscriber {
        Subscriber {
            sections: sections.split_whitespace().map(Line::clean).collect(),
            paused,
            ..Subscriber::new(Address::parse(&format!("reader{number}@mail.example")).unwrap())
        }
    }

    #[test]
    fn the_file_is_read_again_only_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("subscribers.toml");
        let mut counts = SubscriberCounts::default();
        let mut count = |names: &[&str]| {
            let all = names
                .iter()
                .map(|one| subscriber(1, one, Paused::No))
                .collect();
            let seen = SeenList::of(&SubscriberList::File(file.clone()));
            counts.read_by(seen, || Ok::<_, ()>(all)).unwrap().len()
        };
        assert_eq!(count(&[]), 0, "there is none");
        assert_eq!(count(&["News"]), 1, "none is looked for every time");
        std::fs::write(&file, "1").unwrap();
        assert_eq!(count(&["News", "City"]), 2);
        assert_eq!(count(&[]), 2, "nothing changed");
        std::fs::write(&file, "12").unwrap();
        assert_eq!(count(&[]), 0);
        let other = || Some(SeenList::Ledger(1));
        assert!(counts.read_by(other(), || Err(())).is_err());
        assert!(
            counts.read_by(other(), || Err(())).is_err(),
            "what failed is no reading"
        );
    }
}

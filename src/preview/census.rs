//! The subscribers, counted. The page needs to know how many want the same, and none of them by name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::NaiveDate;

use crate::model::line::Line;
use crate::model::subscriber::{Paused, Subscriber};

/// Subscribers who want the same sections, and are or are not paused alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// As the first of them wrote it; empty: all.
    pub sections: Vec<Line>,
    /// Whether they get nothing for now.
    pub paused: Paused,
    /// How many they are.
    pub count: usize,
}

/// The subscribers of a file, read again only when it has changed: a hundred thousand of them take longer than all the rest of the page.
#[derive(Debug, Default)]
pub struct Census {
    /// Path, change and length of what was read.
    seen: Option<(PathBuf, SystemTime, u64)>,
    crowds: Vec<Crowd>,
}

impl Census {
    /// Those in the file as it is now, read by `read` where need be. A newsroom may have no such file yet.
    ///
    /// # Errors
    /// What `read` says; it is asked again the next time.
    pub fn of<E>(
        &mut self,
        file: &Path,
        read: impl FnOnce() -> Result<Vec<Subscriber>, E>,
    ) -> Result<&[Crowd], E> {
        let here = file.metadata().ok().and_then(|data| {
            let changed = data.modified().ok()?;
            Some((file.to_owned(), changed, data.len()))
        });
        if here.is_none() || here != self.seen {
            self.seen = None;
            self.crowds = crowds(&read()?);
            self.seen = here;
        }
        Ok(&self.crowds)
    }
}

pub(super) fn crowds(subscribers: &[Subscriber]) -> Vec<Crowd> {
    let mut crowds: Vec<Crowd> = Vec::new();
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
            crowds.push(Crowd {
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
            address: Address::parse(&format!("reader{number}@mail.example")).unwrap(),
            name: None,
            sections: sections.split_whitespace().map(Line::clean).collect(),
            since: None,
            consent: None,
            paused,
        }
    }

    #[test]
    fn the_file_is_read_again_only_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("subscribers.toml");
        let mut census = Census::default();
        let mut count = |names: &[&str]| {
            let all = names
                .iter()
                .map(|one| subscriber(1, one, Paused::No))
                .collect();
            census.of(&file, || Ok::<_, ()>(all)).unwrap().len()
        };
        assert_eq!(count(&[]), 0, "there is none");
        assert_eq!(count(&["News"]), 1, "none is looked for every time");
        std::fs::write(&file, "1").unwrap();
        assert_eq!(count(&["News", "City"]), 2);
        assert_eq!(count(&[]), 2, "nothing changed");
        std::fs::write(&file, "12").unwrap();
        assert_eq!(count(&[]), 0);
        assert!(census.of(&folder.path().join("other"), || Err(())).is_err());
        assert!(
            census.of(&file, || Err(())).is_err(),
            "what failed is no reading"
        );
    }
}

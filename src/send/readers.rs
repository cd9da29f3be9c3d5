//! Whom an edition may go to: the readers of a newsletter, or of a correction those who got the edition.

use std::collections::{HashMap, HashSet};

use super::begin::target;
use super::error::SendError;
use super::{SendEvent, Tell};
use crate::config::Config;
use crate::ledger::{Ledger, LedgerError, RunId};
use crate::model::address::Address;
use crate::model::edition::Edition;
use crate::model::link::Link;
use crate::model::subscriber::{Paused, Subscriber};
use crate::newsroom::subscribers::Survey;
use crate::subscriber_list::{LoadedList, SubscriberList};

/// The readers of a newsletter. Nobody is in memory: they are read out of the list one by one, each time anew. Who changes something in the ledger between
/// two times is taken as they are then; who chose sections that nobody had gets the whole edition.
pub(super) struct Readers<'a> {
    config: &'a Config,
    left: WhoLeft,
    pub(super) list: LoadedList,
    pub(super) survey: Survey,
    /// Of a correction: who got what it corrects.
    pub(super) got: Option<GotCopies>,
}

/// Who got an edition that is corrected.
pub(super) struct GotCopies {
    ledger: Ledger,
    pub(super) run: RunId,
    /// Which of its pages had a story that the correction names; `None`: it names none, and is for all.
    concerned: Option<Vec<bool>>,
}

impl<'a> Readers<'a> {
    /// Surveys the list; a subscriber who cannot be read is told, and costs themselves only.
    pub(super) fn read(
        config: &'a Config,
        ledger: Option<&Ledger>,
        edition: &Edition,
        tell: Tell<'_>,
    ) -> Result<Self, SendError> {
        let list = SubscriberList::open(&config.subscribers, config.subscribers_in, &config.ledger);
        let list = list.and_then(SubscriberList::load);
        let list = list.map_err(SendError::Subscribers)?;
        let mut survey = list.survey()?;
        let problems = std::mem::take(&mut survey.problems);
        if !problems.is_empty() {
            if survey.subscribers == 0 {
                return Err(SendError::Problems(problems));
            }
            tell(SendEvent::Misread {
                problems,
                list: list.name().to_owned(),
                blocks: survey.misread as u64,
            });
        }
        Ok(Self {
            config,
            left: WhoLeft::of(config, ledger)?,
            list,
            survey,
            got: GotCopies::of(config, edition)?,
        })
    }

    pub(super) fn each(&self) -> impl Iterator<Item = Result<Subscriber, LedgerError>> {
        self.list.each().filter_map(|reader| {
            let reader = match reader {
                Ok(reader) => reader,
                Err(error) => return Some(Err(error)),
            };
            if let Some(got) = &self.got {
                return got.told(reader, self.config);
            }
            let has_left = |id: &str, address: &Address| self.left.has(id, address);
            let is_wanted = self.config.is_wanted_by(&reader, has_left);
            is_wanted.then_some(Ok(reader))
        })
    }
}

impl GotCopies {
    /// `None`: the edition is no correction.
    fn of(config: &Config, edition: &Edition) -> Result<Option<Self>, SendError> {
        let Some(corrected) = edition.slug.corrected() else {
            return Ok(None);
        };
        let ledger = Ledger::open(&config.ledger)?;
        let run = ledger.run(config.runs_of(), &corrected, &target(config))?;
        let run = run.ok_or(SendError::NothingToCorrect(corrected))?;
        let stories: Vec<&Link> = edition
            .stories()
            .map(|(_, placed)| &placed.story.url)
            .collect();
        let concerned = if stories.is_empty() {
            None
        } else {
            let pages = ledger.pages(run.id)?;
            let has_one = |text: &str| stories.iter().any(|url| has_address(text, url.as_str()));
            let of_pages = pages.iter().map(|pages| {
                let pages = pages.unpack()?;
                Ok(has_one(&pages.text.fill(|_| String::new())))
            });
            Some(of_pages.collect::<Result<Vec<bool>, LedgerError>>()?)
        };
        Ok(Some(Self {
            ledger,
            run: run.id,
            concerned,
        }))
    }

    /// The reader, if they are to be told: they are in the list still and want the newsletter, however often and whatever sections they want by now.
    fn told(
        &self,
        mut reader: Subscriber,
        config: &Config,
    ) -> Option<Result<Subscriber, LedgerError>> {
        let (name, is_default) = config.asked_for_as();
        if config.week.is_none() && !reader.asks_for(name, is_default) {
            return None;
        }
        let page_set = match self.ledger.page_set_got(self.run, &reader.address) {
            Ok(page_set) => page_set?,
            Err(error) => return Some(Err(error)),
        };
        let concerned = self.concerned.as_ref();
        let is_concerned = concerned.is_none_or(|all| all.get(page_set).is_some_and(|one| *one));
        if !is_concerned {
            return None;
        }
        reader.sections.clear();
        reader.paused = Paused::default();
        Some(Ok(reader))
    }
}

/// Whether that address is in the text, and not only as the beginning of a longer one; with what `[links] add` puts behind it too.
fn has_address(text: &str, address: &str) -> bool {
    let bare = address.split('#').next().unwrap_or_default();
    let mut found = text.match_indices(bare);
    found.any(|(at, _)| {
        let next = text[at + bare.len()..].chars().next();
        next.is_none_or(|next| next.is_whitespace() || "?&#".contains(next))
    })
}

/// Who left the newsletters that a newsletter of the week is of: the keys of their addresses, by the newsletter's id.
struct WhoLeft(HashMap<String, HashSet<String>>);

impl WhoLeft {
    fn of(config: &Config, ledger: Option<&Ledger>) -> Result<Self, LedgerError> {
        let mut left = HashMap::new();
        let Some(ledger) = ledger else {
            return Ok(Self(left));
        };
        for one in config.week.iter().flat_map(|week| &week.of) {
            let addresses = ledger.who_left(&one.id)?.rows.into_iter();
            let keys = addresses.map(|address| address.key().into_owned());
            left.insert(one.id.clone(), keys.collect());
        }
        Ok(Self(left))
    }

    fn has(&self, id: &str, address: &Address) -> bool {
        let left = self.0.get(id);
        left.is_some_and(|left| left.contains(&*address.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_whole() {
        let text =
            "Ferry\nhttps://h.example/story-1?utm_source=n\nhttps://h.example/a?x=1&utm=n#c\n";
        for (address, is_there) in [
            ("https://h.example/story-1", true),
            ("https://h.example/story-1#part", true),
            ("https://h.example/story", false),
            ("https://h.example/a?x=1", true),
            ("https://h.example/a?x", false),
        ] {
            assert_eq!(has_address(text, address), is_there, "{address}");
        }
    }
}

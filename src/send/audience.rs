//! Who gets which pages: the edition rendered once for all readers who get the same stories.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::config::Config;
use crate::ledger::{LedgerError, Seat};
use crate::model::edition::Edition;
use crate::model::line::Line;
use crate::model::pages::Pages;
use crate::model::subscriber::{LeftOut, Subscriber};
use crate::render;
use crate::source::Sections;

/// The most page sets of one edition. Readers beyond get the whole edition.
pub(super) const MOST_SETS: usize = 4_096;

/// Which sections of an edition a reader gets, by their numbers in order.
type Wish = Vec<u16>;

/// Which reader gets which pages.
pub(super) struct Audience<'e> {
    edition: &'e Edition,
    /// The sections that the edition's stories have, in small letters, by number.
    sections: HashMap<String, u16>,
    /// Whether every story has a section: then all sections are the whole edition.
    all_sectioned: bool,
    /// What the paper calls sections by now: a reader may have chosen one by its older name.
    names: Arc<Sections>,
    /// The number of each wish's pages; 0 is the whole edition.
    sets: HashMap<Wish, usize>,
    /// The wishes in the order of their numbers, the whole edition left out.
    wishes: Vec<Wish>,
    /// How many readers get the whole edition because there are too many sets.
    pub(super) crowded: u64,
    /// The day of the edition, for pauses.
    day: NaiveDate,
}

/// What a reader is to get.
enum Wanted {
    Nothing,
    Whole,
    Part(Wish),
}

impl<'e> Audience<'e> {
    /// Numbers the different parts of the edition that these subscribers ask for; `names` is what the paper calls its sections.
    pub(super) fn of(
        edition: &'e Edition,
        names: &Arc<Sections>,
        subscribers: impl Iterator<Item = Result<Subscriber, LedgerError>>,
    ) -> Result<Self, LedgerError> {
        let mut sections = HashMap::new();
        let mut all_sectioned = true;
        for (_, placed) in edition.stories() {
            match &placed.story.section {
                Some(section) => {
                    let next = u16::try_from(sections.len()).unwrap_or(u16::MAX);
                    sections
                        .entry(section.as_str().to_lowercase())
                        .or_insert(next);
                }
                None => all_sectioned = false,
            }
        }
        let mut audience = Self {
            edition,
            sections,
            all_sectioned,
            names: Arc::clone(names),
            sets: HashMap::new(),
            wishes: Vec::new(),
            crowded: 0,
            day: edition.slug.day(),
        };
        for subscriber in subscribers {
            let subscriber = subscriber?;
            if subscriber.paused.on(audience.day) {
                continue;
            }
            let Wanted::Part(wish) = audience.wanted(&subscriber.sections) else {
                continue;
            };
            if audience.sets.contains_key(&wish) {
                continue;
            }
            if audience.wishes.len() + 1 == MOST_SETS {
                audience.crowded += 1;
                continue;
            }
            audience.wishes.push(wish.clone());
            audience.sets.insert(wish, audience.wishes.len());
        }
        Ok(audience)
    }

    /// The pages in the order of their numbers, each rendered when its turn comes; the first are the whole edition.
    pub(super) fn pages<'a>(&'a self, config: &'a Config) -> impl Iterator<Item = Pages> + 'a {
        let mut names = vec![""; self.sections.len()];
        for (name, number) in &self.sections {
            if let Some(slot) = names.get_mut(usize::from(*number)) {
                *slot = name;
            }
        }
        let part = move |wish: &Wish| {
            let wanted: Vec<Line> = wish
                .iter()
                .filter_map(|number| names.get(usize::from(*number)))
                .map(|name| Line::clean(name))
                .collect();
            let part = self.edition.for_sections(&wanted);
            // Numbers must go on without a gap.
            part.unwrap_or_else(|| self.edition.clone())
        };
        let parts = self.wishes.iter().map(part);
        std::iter::once(self.edition.clone())
            .chain(parts)
            .map(move |edition| render::pages(&edition, &config.newsletter, &config.template))
    }

    fn wanted(&self, sections: &[Line]) -> Wanted {
        if sections.is_empty() {
            return Wanted::Whole;
        }
        let by_name = |name: &Line| self.sections.get(&name.as_str().to_lowercase()).copied();
        let number =
            |section: &Line| by_name(section).or_else(|| by_name(&self.names.of(section)?));
        let mut wish: Wish = sections.iter().filter_map(number).collect();
        wish.sort_unstable();
        wish.dedup();
        if wish.is_empty() {
            Wanted::Nothing
        } else if self.all_sectioned && wish.len() == self.sections.len() {
            Wanted::Whole
        } else {
            Wanted::Part(wish)
        }
    }

    /// Where that subscriber sits: with which pages, or left out and why. The ledger leaves out further ones: suppressed and twice named.
    pub(super) fn seat(&self, subscriber: &Subscriber) -> Seat {
        let address = subscriber.address.clone();
        let left_out = |why| Seat::LeftOut {
            address: address.clone(),
            why,
        };
        if subscriber.paused.on(self.day) {
            return left_out(LeftOut::Paused);
        }
        let page_set = match self.wanted(&subscriber.sections) {
            Wanted::Nothing => return left_out(LeftOut::NoStory),
            Wanted::Whole => 0,
            Wanted::Part(wish) => self.sets.get(&wish).copied().unwrap_or(0),
        };
        Seat::Recipient {
            address,
            name: subscriber.name.clone(),
            page_set,
            release: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Address;
    use crate::model::edition::Placed;
    use crate::model::link::Link;
    use crate::model::story::Story;

    fn subscriber(sections: &[&str]) -> Subscriber {
        Subscriber {
            sections: sections.iter().map(|name| Line::clean(name)).collect(),
            ..Subscriber::new(Address::parse("ada@example.org").unwrap())
        }
    }

    /// An edition of a story for each of these sections.
    fn edition(sections: &[String]) -> Edition {
        let mut edition = Edition::new("2026-08-24".parse().unwrap());
        for (number, section) in sections.iter().enumerate() {
            let url = Link::parse(&format!("https://a.example/{number}")).unwrap();
            let mut story = Story::new(Line::clean("A"), url);
            story.section = Line::non_empty(section);
            edition.top.push(Placed {
                story,
                pin: false,
                why: None,
            });
        }
        edition
    }

    fn page_set(audience: &Audience<'_>, sections: &[&str]) -> Option<usize> {
        match audience.seat(&subscriber(sections)) {
            Seat::Recipient { page_set, .. } => Some(page_set),
            Seat::LeftOut { .. } => None,
        }
    }

    #[test]
    fn who_gets_the_same_stories_shares_a_page_set() {
        let edition = edition(&["News", "City", "Sport"].map(str::to_owned));
        let names = Arc::new(Sections {
            rename: HashMap::from([("stadt".to_owned(), Some(Line::clean("City")))]),
            only: Vec::new(),
        });
        let wishes: [&[&str]; 8] = [
            &[],
            &["city"],
            &["City", "Chess", "Opinion"],
            &["Stadt"],
            &["Sport", "news"],
            &["News", "Sport", "Chess"],
            &["Chess"],
            &["Sport", "City", "News"],
        ];
        let asking = wishes.iter().map(|sections| subscriber(sections));
        let audience = Audience::of(&edition, &names, asking.map(Ok)).unwrap();
        let sets = wishes.map(|sections| page_set(&audience, sections));
        assert_eq!(
            sets,
            [
                Some(0),
                Some(1),
                Some(1),
                Some(1),
                Some(2),
                Some(2),
                None,
                Some(0)
            ]
        );
        assert_eq!((audience.wishes.len(), audience.crowded), (2, 0));
    }

    #[test]
    fn beyond_the_most_sets_readers_get_the_whole_edition() {
        let names: Vec<String> = (0..13).map(|number| format!("Section {number}")).collect();
        let edition = edition(&names);
        let wish = |bits: u32| {
            let chosen = (0..13).filter(move |bit| bits & (1 << bit) != 0);
            chosen.map(|bit| &*names[bit]).collect::<Vec<&str>>()
        };
        let asking = (1..1 << 13).map(|bits| subscriber(&wish(bits)));
        let audience = Audience::of(&edition, &Arc::default(), asking.map(Ok)).unwrap();
        assert_eq!(audience.wishes.len(), MOST_SETS - 1);
        // All sections are the whole edition, and no set of their own.
        assert_eq!(audience.crowded, (1 << 13) - 2 - (MOST_SETS as u64 - 1));
        let of = |bits: u32| page_set(&audience, &wish(bits));
        assert_eq!(of(1), Some(1));
        assert_eq!(of(4_095), Some(4_095));
        assert_eq!(of(4_096), Some(0));
        assert_eq!(of((1 << 13) - 1), Some(0));
    }
}

//! The words that links in our letters carry, and what a view tells by them: that it came from a letter, and from which place in it.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::model::edition::{Place, Slug};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::Stories;

const NEWSLETTER: &str = "{newsletter}";
const DAY: &str = "{day}";
const SLOT: &str = "{slot}";

/// `[links] add`: the query that the paper's own links carry in a letter. `{newsletter}`, `{day}` and `{slot}` in it are filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkQuery(String);

impl LinkQuery {
    /// # Errors
    /// It is no query, or has a placeholder that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let query = text.trim_start_matches('?');
        let mut plain = query.to_owned();
        for known in [NEWSLETTER, DAY, SLOT] {
            plain = plain.replace(known, "_");
        }
        if plain.contains(['{', '}']) {
            return Err(format!(
                "`{}` has a placeholder that is not known: expected `{NEWSLETTER}`, `{DAY}` or `{SLOT}`",
                Line::clean_to(text, 60)
            ));
        }
        let is_query = |b: u8| b.is_ascii_alphanumeric() || b"-._~=&%+".contains(&b);
        if !plain.bytes().all(is_query) {
            return Err(format!(
                "`{}` is no query: expected letters such as `utm_source=newsletter&utm_medium=email`",
                Line::clean_to(text, 60)
            ));
        }
        Ok(Self(query.to_owned()))
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether links say in which place they are.
    #[must_use]
    pub fn has_slot(&self) -> bool {
        self.0.contains(SLOT)
    }

    /// The query of a link in `place`; pairs that name the slot are left out where there is none. It may be empty.
    #[must_use]
    pub fn written(&self, newsletter: &str, day: &Slug, place: Option<Place>) -> String {
        let (day, place) = (day.to_string(), place.map(|place| place.to_string()));
        let pairs = self.0.split('&').filter_map(|pair| {
            let pair = match &place {
                Some(place) => pair.replace(SLOT, place),
                None if pair.contains(SLOT) => return None,
                None => pair.to_owned(),
            };
            Some(pair.replace(NEWSLETTER, newsletter).replace(DAY, &day))
        });
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// By what views that came from our letters are known: an address whose query holds every fixed pair of `[links] add` was reached from one. If
/// none is fixed, those tell that have a word of their own beside the day or the place.
#[derive(Clone, Debug, Default)]
pub struct LetterLinks {
    /// Names and values, those of each newsletter together; never none.
    pairs: Vec<Vec<(String, LetterValue)>>,
    edition: Option<Arc<EditionLinks>>,
}

/// What a pair of a letter's links has as its value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LetterValue {
    Fixed(String),
    /// The day of an edition between two texts.
    Day(String, String),
    /// A place between two texts.
    Slot(String, String),
}

impl LetterValue {
    /// `None`: it tells nothing, or has two placeholders.
    fn parse(value: &str) -> Option<Self> {
        let around = |placeholder| {
            let (start, end) = value.split_once(placeholder)?;
            let says_something = (start.to_owned() + end).contains(char::is_alphanumeric);
            let is_one = !start.contains('{') && !end.contains('{');
            (is_one && says_something).then(|| (start.to_owned(), end.to_owned()))
        };
        if !value.contains('{') {
            return Some(Self::Fixed(value.to_owned()));
        }
        let day = around(DAY).map(|(start, end)| Self::Day(start, end));
        day.or_else(|| around(SLOT).map(|(start, end)| Self::Slot(start, end)))
    }

    fn is(&self, value: &str) -> bool {
        let between = |start: &String, end: &String| {
            let rest = value.strip_prefix(start.as_str())?;
            rest.strip_suffix(end.as_str()).map(str::to_owned)
        };
        match self {
            Self::Fixed(fixed) => value == fixed,
            Self::Day(start, end) => {
                between(start, end).is_some_and(|day| day.parse::<Slug>().is_ok())
            }
            Self::Slot(start, end) => {
                between(start, end).is_some_and(|place| place.parse::<Place>().is_ok())
            }
        }
    }
}

impl LetterLinks {
    /// Those of every letter of that newsletter.
    #[must_use]
    pub fn of(add: Option<&LinkQuery>, newsletter: &str) -> Self {
        let add = add.map_or("", |add| add.0.as_str());
        let named = form_urlencoded::parse(add.as_bytes()).into_owned();
        let named: Vec<(String, String)> = named.filter(|(name, _)| !name.is_empty()).collect();
        let values = |pairs: &[(String, String)]| {
            let pairs = pairs.iter().filter_map(|(name, value)| {
                let value = value.replace(NEWSLETTER, newsletter);
                Some((name.clone(), LetterValue::parse(&value)?))
            });
            pairs.collect::<Vec<_>>()
        };
        let (fixed, varying): (Vec<_>, Vec<_>) = named
            .into_iter()
            .partition(|(_, value)| !value.contains('{'));
        let pairs = if fixed.is_empty() {
            values(&varying)
        } else {
            values(&fixed)
        };
        Self {
            pairs: Some(pairs)
                .filter(|pairs| !pairs.is_empty())
                .into_iter()
                .collect(),
            edition: None,
        }
    }

    /// Those of every letter that any of these knows.
    #[must_use]
    pub fn of_all(all: impl IntoIterator<Item = Self>) -> Self {
        let mut together = Self::default();
        for pairs in all.into_iter().flat_map(|one| one.pairs) {
            if !together.pairs.contains(&pairs) {
                together.pairs.push(pairs);
            }
        }
        together
    }

    /// The same, and arrivals from the letters of that edition are counted.
    #[must_use]
    pub fn of_edition(self, edition: Arc<EditionLinks>) -> Self {
        Self {
            edition: Some(edition),
            ..self
        }
    }

    /// The edition whose arrivals are counted.
    #[must_use]
    pub const fn edition(&self) -> Option<&Arc<EditionLinks>> {
        self.edition.as_ref()
    }

    /// Whether a query, without its `?`, holds every one of a newsletter's pairs.
    #[must_use]
    pub fn are_in(&self, query: &[u8]) -> bool {
        let query = without_fragment(query);
        let has = |(name, value): &(String, LetterValue)| {
            form_urlencoded::parse(query).any(|pair| pair.0 == *name && value.is(&pair.1))
        };
        !query.is_empty() && self.pairs.iter().any(|pairs| pairs.iter().all(has))
    }

    /// Whether the query of an address, whole or a path, holds every one of a newsletter's pairs.
    #[must_use]
    pub fn are_in_address(&self, address: &str) -> bool {
        self.are_in(query_of(address))
    }

    /// From which place of the edition a view of `story` at that address came.
    #[must_use]
    pub fn place_in_address(&self, address: &str, story: &StoryKey) -> Option<Place> {
        self.edition()?.place_in(query_of(address), story)
    }
}

/// The links of one edition's letters, and when a view by one of them is an arrival. Anybody can ask for the paper's pages with words of
/// their own in the query: only places of this edition count, and only for the story that is printed there.
#[derive(Clone, Debug)]
pub struct EditionLinks {
    /// The names of the pairs.
    names: Vec<String>,
    /// The pairs that are the same in every place.
    shared: Vec<(String, String)>,
    /// The place that the values of all pairs say; `None`: they say none. Values are in small letters, as some services keep them.
    said: HashMap<Vec<String>, Option<Place>>,
    /// The places of each story, the first one first.
    places: HashMap<StoryKey, Vec<Place>>,
    stories: Stories,
    /// Whether the pairs name the day, so that a view without a time is known to be of this edition.
    pub is_dated: bool,
    /// When the edition was sent.
    pub from: DateTime<Utc>,
    /// Later views are no arrivals.
    pub until: DateTime<Utc>,
}

impl EditionLinks {
    /// The links of the edition of `day`, which prints those stories.
    #[must_use]
    pub fn new(
        query: &LinkQuery,
        (newsletter, day): (&str, &Slug),
        printed: &[(Place, StoryKey)],
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Self {
        let pairs = |place| {
            let query = query.written(newsletter, day, place);
            let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
            let named = pairs.filter(|(name, _)| !name.is_empty());
            named.collect::<Vec<(String, String)>>()
        };
        let has_slot = query.has_slot();
        let mut names = Vec::new();
        let mut said = HashMap::new();
        let mut places: HashMap<StoryKey, Vec<Place>> = HashMap::new();
        for (place, story) in printed {
            places.entry(story.clone()).or_default().push(*place);
            let place = Some(*place).filter(|_| has_slot);
            let values: Vec<String>;
            (names, values) = pairs(place)
                .into_iter()
                .map(|(name, value)| (name, value.to_lowercase()))
                .unzip();
            // Without a pair, every address would say it.
            if !values.is_empty() {
                said.insert(values, place);
            }
        }
        Self {
            names,
            shared: pairs(None),
            said,
            stories: Stories::new(places.keys().cloned()),
            places,
            is_dated: query.0.contains(DAY),
            from,
            until,
        }
    }

    /// The pairs that are the same in every place: what a service need not be asked for.
    #[must_use]
    pub fn shared(&self) -> &[(String, String)] {
        &self.shared
    }

    /// What the pairs are called, in the order of [`EditionLinks::place`]'s values.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Every place that a story is printed in, in order.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let mut all: Vec<Place> = self.places.values().flatten().copied().collect();
        all.sort_unstable();
        all
    }

    /// Whether a view at that instant is an arrival.
    #[must_use]
    pub fn takes(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// The place that those values say: the story's own, in the list that they name. Readers of single sections get a shorter edition, so
    /// what is printed third may be first in their letter. Without a `story`, the values alone tell.
    #[must_use]
    pub fn place(&self, values: &[String], story: Option<&StoryKey>) -> Option<Place> {
        let values: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
        let said = self.said.get(&values)?;
        let Some(story) = story else {
            return *said;
        };
        let [story] = self.stories.meant_by(story) else {
            return None;
        };
        let mut places = self.places.get(story)?.iter();
        let place = match said {
            Some(said) => {
                places.find(|place| place.list == said.list && place.number >= said.number)
            }
            None => places.next(),
        };
        place.copied()
    }

    /// The values of the pairs in a query, without its `?`; `None`: it does not have them all.
    #[must_use]
    pub fn values_in(&self, query: &[u8]) -> Option<Vec<String>> {
        let query = without_fragment(query);
        let value = |name: &String| {
            let mut pairs = form_urlencoded::parse(query);
            pairs
                .find(|pair| pair.0 == *name)
                .map(|pair| pair.1.into_owned())
        };
        self.names.iter().map(value).collect()
    }

    /// The place that a query, without its `?`, says of a view of `story`.
    #[must_use]
    pub fn place_in(&self, query: &[u8], story: &StoryKey) -> Option<Place> {
        self.place(&self.values_in(query)?, Some(story))
    }
}

fn query_of(address: &str) -> &[u8] {
    address
        .split_once('?')
        .map_or("", |(_, query)| query)
        .as_bytes()
}

/// The fragment is no part of a query, wherever it was copied from.
fn without_fragment(query: &[u8]) -> &[u8] {
    query.split(|byte| *byte == b'#').next().unwrap_or_default()
}

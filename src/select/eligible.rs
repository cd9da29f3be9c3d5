//! Which stories may be printed: not those that ran, were dropped, are barred by the config, or came out before the window.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::events::Events;
use super::{History, SelectionOptions};
use crate::model::edition::{Ran, Slug};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::{Candidate, Harvest, Precision, Story};

/// Why a story may not be printed at all.
#[derive(Clone, Debug)]
pub(super) enum Barred {
    /// The editor took it out.
    Dropped,
    /// The config bars this section, or this word.
    Never(Line),
    /// It ran in that edition.
    Ran(Slug),
    /// Its event ran in that edition, under that headline, and nothing much is new.
    EventRan(Slug, Line),
    /// It came out before the window opened.
    BeforeWindow(DateTime<Utc>),
    /// It has a date that cannot be read, and may be of any age.
    Undated,
}

/// What keeps a story out by itself, whatever its event.
struct Rules<'a> {
    history: &'a History,
    ran: HashMap<&'a StoryKey, &'a Slug>,
    /// What the config bars, in lower case.
    never: Vec<(&'a Line, String)>,
    opens: DateTime<Utc>,
    /// What a week is made of ran in it or was read in it, whenever it came out.
    looks_back: bool,
}

impl<'a> Rules<'a> {
    fn new(history: &'a History, options: &'a SelectionOptions, opens: DateTime<Utc>) -> Self {
        Self {
            history,
            ran: history
                .ran
                .iter()
                .map(|ran| (&ran.story.key, &ran.slug))
                .collect(),
            never: options
                .never
                .iter()
                .map(|never| (never, never.as_str().to_lowercase()))
                .collect(),
            opens,
            looks_back: options.looks_back,
        }
    }

    /// Why a story may not be printed. Without a date it may: it is taken as published at some time in the window.
    fn bar(&self, candidate: &Candidate) -> Option<Barred> {
        let story = &candidate.story;
        let key = story.url.key();
        if self.history.dropped.contains(&key) {
            return Some(Barred::Dropped);
        }
        if let Some((never, _)) = self.never.iter().find(|(_, never)| is_named(story, never)) {
            return Some(Barred::Never((*never).clone()));
        }
        if let Some(slug) = self.ran.get(&key) {
            return Some(Barred::Ran((*slug).clone()));
        }
        if story.precision == Precision::Unreadable {
            return Some(Barred::Undated);
        }
        let published = story.published.filter(|_| !self.looks_back)?;
        (published < self.opens).then_some(Barred::BeforeWindow(published))
    }
}

/// Whether the story's section is that, or its kicker or headline has it as a word, or as words. `never` is in lower case.
fn is_named(story: &Story, never: &str) -> bool {
    let holds = |line: &Line| {
        let text = line.as_str().to_lowercase();
        text.match_indices(never).any(|(at, _)| {
            let end = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
            end(text[..at].chars().next_back()) && end(text[at + never.len()..].chars().next())
        })
    };
    story
        .section
        .as_ref()
        .is_some_and(|section| section.as_str().to_lowercase() == never)
        || story.kicker.as_ref().is_some_and(holds)
        || holds(&story.headline)
}

/// Which candidates may be printed, by their index.
pub(super) struct Eligibility<'a> {
    /// Why each may not be; `None`: it may.
    pub(super) barred: Vec<Option<Barred>>,
    /// The edition in which its event ran, where that has moved on since.
    pub(super) moved_on: HashMap<usize, &'a Slug>,
}

impl<'a> Eligibility<'a> {
    /// `opens` is when the window opens; `events` are those of [`super::events`].
    pub(super) fn of(
        harvest: &Harvest,
        history: &'a History,
        options: &SelectionOptions,
        opens: DateTime<Utc>,
        events: &Events<'_>,
    ) -> Self {
        let rules = Rules::new(history, options, opens);
        let memory = Memory::new(events, harvest.candidates.len(), &history.ran);
        let mut moved_on = HashMap::new();
        let bar = |(index, candidate): (usize, &Candidate)| {
            if let Some(barred) = rules.bar(candidate) {
                return Some(barred);
            }
            let earlier = memory.earlier(index, candidate.story.published)?;
            let ran = earlier.ran;
            if earlier.moved_on {
                moved_on.insert(index, &ran.slug);
                return None;
            }
            Some(Barred::EventRan(
                ran.slug.clone(),
                ran.story.headline.clone(),
            ))
        };
        let barred = harvest.candidates.iter().enumerate().map(bar).collect();
        Self { barred, moved_on }
    }
}

/// So much of a story must be new beside what ran of its event for the event to have moved on. Of 35 headlines of a front page whose event
/// had run, 5 of the 6 with less than a third new tell the same again, and 4 of the 29 with more.
const MOVED_ON: f64 = 1.0 / 3.0;

/// The newest edition in which a story's event ran.
struct Earlier<'a> {
    ran: &'a Ran,
    /// Whether the event has moved on since: the story came out after that edition, and says enough that none of them said.
    moved_on: bool,
}

/// What ran, by event.
struct Memory<'a, 'e> {
    events: &'e Events<'e>,
    ran: &'a [Ran],
    /// How many candidates are before what ran in `events`.
    candidates: usize,
    by_event: HashMap<usize, Vec<usize>>,
}

impl<'a, 'e> Memory<'a, 'e> {
    fn new(events: &'e Events<'e>, candidates: usize, ran: &'a [Ran]) -> Self {
        let mut by_event: HashMap<usize, Vec<usize>> = HashMap::new();
        for text in candidates..candidates + ran.len() {
            by_event.entry(events.event(text)).or_default().push(text);
        }
        Self {
            events,
            ran,
            candidates,
            by_event,
        }
    }

    /// Whether that candidate's event ran.
    fn earlier(&self, candidate: usize, published: Option<DateTime<Utc>>) -> Option<Earlier<'a>> {
        let same = self.by_event.get(&self.events.event(candidate))?;
        // Oldest edition first.
        let ran = &self.ran[same.last()? - self.candidates];
        let since = published.is_some_and(|published| published > ran.at);
        Some(Earlier {
            ran,
            moved_on: since && self.events.news(candidate, same) >= MOVED_ON,
        })
    }
}

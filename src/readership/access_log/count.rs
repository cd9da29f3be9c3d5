//! One worker's count: line after line, who read which story when.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use chrono::DateTime;
use foldhash::fast::FixedState;
use foldhash::quality;
use memchr::memchr;

use super::clock::LogTime;
use super::fields::{Field, Seen, plain_agent};
use super::files::MAX_LINE;
use super::json::Object;
use super::layout::{DIRECTIVE, Layout, Layouts, W3c};
use super::stories::{Place, Stories};
use super::times::Times;
use super::visits::Visits;
use crate::model::edition;
use crate::model::letter_links::LetterLinks;
use crate::readership::agents::Agents;

/// What does not change while a log is read. Times are unix seconds.
pub(super) struct Rules<'k> {
    pub(super) stories: Stories<'k>,
    pub(super) agents: Agents,
    pub(super) layouts: Layouts,
    pub(super) letters: &'k LetterLinks,
    /// The places of the edition whose arrivals are counted, in order.
    pub(super) places: Vec<edition::Place>,
    /// Whether the format was given: then no line is looked at for another.
    pub(super) told: bool,
    pub(super) since: i64,
    pub(super) now: i64,
    /// What visits are counted from: not after `since`.
    pub(super) origin: i64,
    /// Of this run alone. With it addresses become numbers that say nothing afterwards.
    pub(super) salt: u64,
}

impl Rules<'_> {
    /// The number of the place whose link in a letter brought a reader to a story.
    fn arrival(&self, query: &[u8], story: u32, at: i64) -> Option<u32> {
        let links = self.letters.edition()?;
        DateTime::from_timestamp(at, 0).filter(|at| links.takes(*at))?;
        let place = links.place_in(query, self.stories.key(story)?)?;
        u32::try_from(self.places.binary_search(&place).ok()?).ok()
    }
}

/// A clock that runs fast by less than this is taken for right.
const AHEAD: i64 = 5 * 60;
/// So many paths are remembered; a newer one takes the place of an older.
const PATHS: usize = 1 << 16;
/// So many names of programs are remembered before they are forgotten all at once.
const AGENTS: usize = 1 << 14;

/// How the lines of a file went. All but `bad` and `good` speak of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Lines of a known form, whenever they were written.
    pub(super) good: u64,
    /// Lines of none.
    pub(super) bad: u64,
    /// The line of the first of those, from 1 where reading began, and the name of the form that it lacks.
    pub(super) first_bad: Option<(u64, &'static str)>,
    /// Lines more than five minutes in the future.
    pub(super) ahead: u64,
    pub(super) requests: u64,
    /// Of them, of one of the stories.
    pub(super) of_stories: u64,
    /// Of those, by somebody who reads.
    pub(super) read: u64,
    /// Of those, without a name for the program, since the form has none.
    pub(super) unnamed: u64,
    /// Requests that name no host, for a path that stories of two hosts have.
    pub(super) shared: u64,
    /// Requests for a story's path on another host.
    pub(super) other_host: u64,
    /// Views that came from our own letters.
    pub(super) from_letters: u64,
    /// Whether any request has a query: some servers write none down.
    pub(super) has_queries: bool,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.bad += other.bad;
        self.first_bad = [self.first_bad, other.first_bad]
            .into_iter()
            .flatten()
            .min();
        self.ahead += other.ahead;
        self.requests += other.requests;
        self.of_stories += other.of_stories;
        self.read += other.read;
        self.unnamed += other.unnamed;
        self.shared += other.shared;
        self.other_host += other.other_host;
        self.from_letters += other.from_letters;
        self.has_queries |= other.has_queries;
    }
}

/// One worker's state.
pub(super) struct Count<'r> {
    rules: &'r Rules<'r>,
    clock: LogTime<'r>,
    hasher: FixedState,
    /// By a path's hash, which is beside.
    paths: Vec<(u64, Place)>,
    readers: HashMap<u64, bool, FixedState>,
    pub(super) seen: Views,
}

/// What a log tells of readers. Times are unix seconds.
#[derive(Default)]
pub(super) struct Views {
    /// By the story's number.
    pub(super) visits: Visits,
    /// Of readers whom a letter brought, by the number of the place that it says.
    pub(super) arrivals: Visits,
    /// The time of the newest request, not after now.
    pub(super) newest: Option<i64>,
    /// When there were requests.
    pub(super) times: Times,
}

impl Views {
    pub(super) fn append(&mut self, other: Self) {
        self.visits.append(other.visits);
        self.arrivals.append(other.arrivals);
        self.newest = self.newest.max(other.newest);
        self.times.append(other.times);
    }
}

impl<'r> Count<'r> {
    pub(super) fn new(rules: &'r Rules<'r>, clock: LogTime<'r>) -> Self {
        Self {
            rules,
            clock,
            hasher: FixedState::with_seed(rules.salt),
            paths: vec![(0, Place::Elsewhere); PATHS],
            readers: HashMap::with_hasher(FixedState::with_seed(rules.salt)),
            seen: Views::default(),
        }
    }

    /// Takes the lines of one block, the first of which is written as `layout` says; so many lines of their file come `before` them.
    pub(super) fn take(&mut self, mut layout: Arc<Layout>, lines: &[u8], before: u64) -> Tally {
        let mut tally = Tally::default();
        let (mut begin, mut number) = (0, before);
        while begin < lines.len() {
            let end = memchr(b'\n', &lines[begin..]).map(|length| begin + length);
            let line = &lines[begin..end.unwrap_or(lines.len())];
            let mut line = line.strip_suffix(b"\r").unwrap_or(line);
            // IIS 6 ends its lines with a space.
            while let (Layout::W3c(_), Some(rest)) = (&*layout, line.strip_suffix(b" ")) {
                line = rest;
            }
            number += 1;
            if let Layout::W3c(w3c) = &*layout
                && let Some(next) = w3c.moved_on(line)
            {
                layout = Arc::new(next);
            }
            // A last line without an end is still being written.
            let ended = end.is_some();
            if self.line(&mut layout, line, ended, &mut tally).is_some() {
                tally.good += 1;
            } else if let Layout::W3c(w3c) = &*layout
                && line.starts_with(DIRECTIVE)
                && let Some(Ok(next)) = w3c.announced_at(lines, begin)
            {
                layout = Arc::new(next);
            } else if ended && !matches!(line, [] | [b'#', ..]) {
                tally.bad += 1;
                tally.first_bad = tally.first_bad.or(Some((number, layout.name())));
            }
            begin = end.map_or(lines.len(), |end| end + 1);
        }
        tally
    }

    /// Takes a line, in another layout if it has another. `None`: it has none.
    fn line(
        &mut self,
        layout: &mut Arc<Layout>,
        line: &[u8],
        ended: bool,
        tally: &mut Tally,
    ) -> Option<()> {
        if line.len() > MAX_LINE {
            return None;
        }
        if let Some(()) = self.request(layout, line, tally) {
            return Some(());
        }
        if self.rules.told || !ended || line.starts_with(b"#") {
            return None;
        }
        let other = self.rules.layouts.of(line, &mut self.clock)?;
        *layout = other.clone();
        self.request(layout, line, tally)
    }

    fn request(&mut self, layout: &Layout, line: &[u8], tally: &mut Tally) -> Option<()> {
        match layout {
            Layout::Text(lines) | Layout::W3c(W3c { lines, .. }) => {
                let mut seen = Seen::nothing();
                let rest = lines.head(line, &mut seen)?;
                let at = layout.time_of(&seen, &mut self.clock)?;
                let place = self.place(&seen);
                if let Place::Story(_) = place {
                    lines.tail(rest, &mut seen)?;
                }
                self.view(at, place, &seen, layout.has_agent(), tally);
            }
            Layout::Json => {
                let object = Object::read(line)?;
                let seen = object.seen();
                let at = layout.time_of(&seen, &mut self.clock)?;
                let place = self.place(&seen);
                self.view(at, place, &seen, true, tally);
            }
        }
        Some(())
    }

    /// Where a request goes to. Most go to few paths, which are looked up once.
    fn place(&mut self, seen: &Seen<'_>) -> Place {
        let Some(asked) = seen.asked() else {
            return Place::Elsewhere;
        };
        if !self.rules.stories.may_be(asked.path) {
            return Place::Elsewhere;
        }
        let host = asked.host.unwrap_or_else(|| seen.get(Field::Host));
        let mut hash = self.hasher.hash_one(asked.path);
        if !host.is_empty() {
            hash ^= self.hasher.hash_one(host).rotate_left(32);
        }
        let slot = &mut self.paths[usize::try_from(hash % PATHS as u64).unwrap_or_default()];
        if slot.0 != hash {
            *slot = (hash, self.rules.stories.place(host, asked.path));
        }
        match slot.1 {
            Place::Elsewhere => Place::Elsewhere,
            _ if asked.method != b"GET" => Place::Elsewhere,
            Place::ByQuery => self.rules.stories.with_query(host, asked.path, asked.query),
            place => place,
        }
    }

    /// Counts a request, once it is known to be one.
    fn view(&mut self, at: i64, place: Place, seen: &Seen<'_>, has_agent: bool, tally: &mut Tally) {
        let rules = self.rules;
        if at > rules.now + AHEAD {
            tally.ahead += 1;
            return;
        }
        let at = at.min(rules.now);
        self.seen.newest = self.seen.newest.max(Some(at));
        self.seen.times.add(at);
        if at < rules.since {
            return;
        }
        tally.requests += 1;
        if !tally.has_queries && rules.letters.edition().is_some() {
            tally.has_queries = seen.asked().is_some_and(|asked| !asked.query.is_empty());
        }
        match place {
            Place::Story(story) => {
                tally.of_stories += 1;
                if !was_served(seen.get(Field::Status)) || seen.is_prefetch() {
                    return;
                }
                let agent = seen.get(Field::Agent);
                if has_agent && !self.is_reader(agent) {
                    return;
                }
                tally.read += 1;
                let query = seen.asked().map_or(&b""[..], |asked| asked.query);
                let client =
                    || quality::FixedState::with_seed(rules.salt).hash_one((seen.client(), agent));
                let since_origin = u32::try_from(at - rules.origin).unwrap_or(u32::MAX >> 1);
                if let Some(place) = rules.arrival(query, story, at) {
                    tally.from_letters += 1;
                    self.seen.arrivals.push(place, client(), since_origin);
                    return;
                }
                if rules.letters.are_in(query) {
                    tally.from_letters += 1;
                    return;
                }
                tally.unnamed += u64::from(!has_agent);
                self.seen.visits.push(story, client(), since_origin);
            }
            Place::Shared => tally.shared += 1,
            Place::OtherHost => tally.other_host += 1,
            Place::Elsewhere | Place::ByQuery => {}
        }
    }

    fn is_reader(&mut self, agent: &[u8]) -> bool {
        if agent.is_empty() {
            return false;
        }
        let agents = &self.rules.agents;
        if self.readers.len() >= AGENTS {
            self.readers.clear();
        }
        *self
            .readers
            .entry(self.hasher.hash_one(agent))
            .or_insert_with(|| agents.is_reader(&plain_agent(agent)))
    }
}

/// 200 and its kin, and 304, with which a reader sees the page again. A form without a status is believed.
fn was_served(status: &[u8]) -> bool {
    matches!(status, [] | [b'2', _, _] | b"304")
}

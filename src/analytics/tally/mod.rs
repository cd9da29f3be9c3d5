//! Rows of a service, added up as they come: what is kept grows with the pages, not with the rows.

mod report;
mod told_apart;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::Deserialize;

use super::answer::{Count, Rows};
use super::page_counts::PageCounts;
use super::span::Span;
use told_apart::ToldApart;

use crate::model::edition::Place;
use crate::model::figures::grouped;
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::Sample;
use crate::model::when::When;
pub(super) use told_apart::SAME_PAGE;

/// So many different pages are kept. Services give the most read ones first, so that those behind are read by nobody.
const MAX_PAGES: usize = 100_000;
/// So many bad rows are named; the rest are counted.
const NAMED: usize = 3;
/// A time this far ahead is a clock that runs fast.
const FAST_CLOCK: TimeDelta = TimeDelta::minutes(5);
/// How long a reader may stay on a page, in seconds; what a service says beyond that is not believed.
const SHORTEST_STAY: f64 = 10.0;
const LONGEST_STAY: f64 = 600.0;
/// So many of the most read pages are in one sample.
const SAMPLED: usize = 500;
/// No page's address is longer, in octets: servers refuse those that are.
const LONGEST: usize = 16_000;
/// More rows than these are not read: those behind them are of pages that nobody reads.
const MOST_ROWS: u64 = 1_000_000;
/// So much of what a bad row holds is kept until its secrets are out.
const KEPT: usize = 1_000;

/// What was said of pages so far.
pub(super) struct Tally {
    span: Span,
    hosts: Vec<String>,
    letters: LetterLinks,
    from_letters: u64,
    arrivals: BTreeMap<Place, u64>,
    pages: HashMap<StoryKey, PageCounts>,
    /// When the newest figure was counted.
    newest: Option<DateTime<Utc>>,
    /// Up to when totals are counted; `None`: that is asked apart.
    until: Option<DateTime<Utc>>,
    /// Whether pages, or what is asked for, say by which links readers came.
    has_queries: bool,
    /// Rows that came, whatever became of them.
    pub(super) rows: u64,
    told_apart: Option<ToldApart>,
    bad: (Vec<(u64, &'static str, Line)>, u64),
    /// Views by host that is not the paper's.
    foreign: BTreeMap<String, u64>,
    crowded_out: u64,
    notes: Vec<String>,
}

impl Tally {
    pub(super) fn new(span: Span, hosts: &[String], letters: &LetterLinks) -> Self {
        Self {
            span,
            letters: letters.clone(),
            from_letters: 0,
            arrivals: BTreeMap::new(),
            hosts: hosts.to_vec(),
            pages: HashMap::new(),
            newest: None,
            until: Some(span.to),
            has_queries: false,
            rows: 0,
            told_apart: None,
            bad: (Vec::new(), 0),
            foreign: BTreeMap::new(),
            crowded_out: 0,
            notes: Vec::new(),
        }
    }

    /// It is asked what the links said that readers came by.
    pub(super) const fn asks_for_arrivals(&mut self) {
        self.has_queries = true;
    }

    /// Whether so many rows came that no more are read; it is noted.
    pub(super) fn is_full(&mut self) -> bool {
        let is_full = self.rows >= MOST_ROWS;
        if is_full {
            self.note("only its first 1,000,000 rows were read");
        }
        is_full
    }

    /// From now on a row of an earlier answer is not counted again: while a service is asked page by page, its order changes.
    pub(super) fn tell_rows_apart(&mut self) {
        self.told_apart = Some(ToldApart::default());
    }

    /// An answer is over; why it is asked no further, if it held nothing but what had come before.
    pub(super) fn ends_with(&mut self) -> Option<&'static str> {
        self.told_apart.as_mut()?.ends_with()
    }

    /// Counts a row; whether it is to be taken.
    fn is_new(&mut self, of: impl Hash) -> bool {
        let rows = self.told_apart.as_mut();
        if rows.is_some_and(|rows| !rows.is_new(of)) {
            return false;
        }
        self.rows += 1;
        true
    }

    /// Takes the rows of an answer one by one; those that are not what is `expected` are counted, and some are named.
    pub(super) fn each<'a, T: Deserialize<'a>>(
        &mut self,
        rows: &Rows<'a, T>,
        expected: &'static str,
        mut take: impl FnMut(&mut Self, T),
    ) {
        for row in rows.each() {
            match row {
                Ok(row) => take(self, row),
                Err(found) => self.unread(expected, found),
            }
        }
    }

    /// Views of a page within an hour, or at an instant: what was `written`, and what it was read as.
    pub(super) fn at(
        &mut self,
        host: Option<&str>,
        page: &str,
        (written, when): (&str, Option<When>),
        views: &Count,
    ) {
        if !self.is_new((host, page, written)) {
            return;
        }
        let Some(when) = when else {
            return self.bad("a time", written);
        };
        if when.from > self.span.to + FAST_CLOCK {
            return self.bad("a time in the past", &when.from.to_rfc3339());
        }
        let Some(views) = self.views(views) else {
            return;
        };
        // An hour that is not over was counted up to now. Instants are kept to the minute.
        let to = when
            .to
            .duration_trunc(TimeDelta::minutes(1))
            .unwrap_or(when.to);
        let at = to.min(self.span.to);
        if let Some(page) = self.page(host, page, Some(at), views) {
            if views > 0 {
                page.add(at, views);
            }
            self.newest = self.newest.max(Some(at));
        }
    }

    /// The totals that come now were counted up to then; `None`, and what is ahead: up to now.
    pub(super) fn totals_are_until(&mut self, end: Option<DateTime<Utc>>) {
        self.until = Some(end.unwrap_or(self.span.to).min(self.span.to));
    }

    /// Nobody knows when the last of the views in a total was: [`Tally::newest_is`] says it.
    pub(super) const fn totals_have_no_time(&mut self) {
        self.until = None;
    }

    pub(super) fn newest_is(&mut self, at: DateTime<Utc>) {
        self.newest = self.newest.max(Some(at));
    }

    pub(super) fn has_pages(&self) -> bool {
        !self.pages.is_empty()
    }

    /// Views of a page in the whole span.
    pub(super) fn total(&mut self, host: Option<&str>, page: &str, views: &Count) {
        if !self.is_new((host, page, self.until)) {
            return;
        }
        let Some(views) = self.views(views) else {
            return;
        };
        let until = self.until;
        if let Some(page) = self.page(host, page, None, views) {
            page.total = page.total.saturating_add(views);
            self.newest = self.newest.max(until);
        }
    }

    /// How many people read a page now, and for how many seconds each stays: so many views an hour are as good as that.
    pub(super) fn people(&mut self, host: Option<&str>, page: &str, people: &Count, stay: f64) {
        if !self.is_new((host, page)) {
            return;
        }
        let Some(people) = self.views(people) else {
            return;
        };
        let now = self.span.to;
        if let Some(page) = self.page(host, page, None, people) {
            page.people = page.people.saturating_add(people);
            page.hourly += people as f64 * 3_600.0 / stay.clamp(SHORTEST_STAY, LONGEST_STAY);
            self.newest = self.newest.max(Some(now));
        }
    }

    /// Visits by what the links of an edition's letters said: the `values` of its pairs. An hour in which the edition was sent counts whole;
    /// `None`: the service was asked for no other time, or knows none.
    pub(super) fn arrival(
        &mut self,
        values: &[String],
        page: Option<&str>,
        when: Option<When>,
        visits: &Count,
    ) {
        if !self.is_new((values, page, when.map(|when| when.from), self.until)) {
            return;
        }
        let Some(visits) = self.views(visits) else {
            return;
        };
        let story = page.map(|page| StoryKey::written(page).map(|key| key.path_only()));
        let Some(links) = self.letters.edition().filter(|_| story != Some(None)) else {
            return;
        };
        let place = links.place(values, story.flatten().as_ref());
        let at = when.map(|when| {
            // The last hour counts if most of it does.
            let is_mostly_later =
                when.to > links.until && (links.until - when.from) * 2 < when.to - when.from;
            if is_mostly_later {
                when.to
            } else if when.to > links.from {
                when.from.max(links.from)
            } else {
                when.from
            }
        });
        self.arrived(place, at, visits);
        let counted = when.map_or(self.span.to, |when| when.to.min(self.span.to));
        self.newest = self.newest.max(Some(counted));
    }

    /// What a person should know of all the figures; said once.
    pub(super) fn note(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.notes.contains(&what) {
            self.notes.push(what);
        }
    }

    fn views(&mut self, views: &Count) -> Option<u64> {
        match views {
            Count::Views(views) => Some(*views),
            Count::Bad(found) => {
                self.bad("a number of views", found);
                None
            }
        }
    }

    /// Says of an answer saved to a file that it holds so many rows of so many.
    pub(super) fn holds(&mut self, came: u64, all: u64) {
        if came < all {
            let (came, all) = (grouped(came), grouped(all));
            self.note(format!(
                "holds only {came} of {all} rows: the request that was saved asked for no more"
            ));
        }
    }

    /// Says of an answer saved to a file that it has just as many rows as the service gives unless more is asked for, by that word.
    pub(super) fn may_be_cut(&mut self, came: u64, full: u64, service: &str, word: &str) {
        if came == full {
            self.note(format!(
                "has exactly {} rows, which is all that {service} gives unless `{word}` asks for more",
                grouped(full)
            ));
        }
    }

    /// A row that says nothing about a page.
    pub(super) fn unread(&mut self, expected: &'static str, found: &str) {
        self.rows += 1;
        if let Some(rows) = &mut self.told_apart {
            rows.add_odd();
        }
        self.bad(expected, found);
    }

    fn bad(&mut self, expected: &'static str, found: &str) {
        let (named, count) = &mut self.bad;
        *count += 1;
        if named.len() < NAMED {
            // Of what is longer by far not even that is looked at.
            let found = &found[..found.floor_char_boundary(4 * KEPT)];
            named.push((self.rows, expected, Line::clean_to(found, KEPT)));
        }
    }

    /// The page, if it is one of the paper's, nobody's letter brought its readers, and there is room for it.
    fn page(
        &mut self,
        host: Option<&str>,
        text: &str,
        at: Option<DateTime<Utc>>,
        views: u64,
    ) -> Option<&mut PageCounts> {
        if text.len() > LONGEST {
            self.bad("an address", text);
            return None;
        }
        let key = match host.filter(|host| !host.is_empty()) {
            Some(host) if text.starts_with('/') => {
                StoryKey::written(&format!("https://{host}{text}"))
            }
            _ => StoryKey::written(text),
        };
        self.has_queries |= text.contains('?');
        // `(not set)` and totals are no pages.
        let mut key = key?;
        if !self.hosts.is_empty() {
            let host = key.as_str().split('/').next().unwrap_or_default();
            if !host.is_empty() && !self.hosts.iter().any(|own| own == host) {
                if self.foreign.len() < 1_000 || self.foreign.contains_key(host) {
                    let of = self.foreign.entry(host.to_owned()).or_default();
                    *of = of.saturating_add(views);
                }
                return None;
            }
            key = key.path_only();
        }
        let place = self.letters.place_in_address(text, &key);
        if place.is_some() || self.letters.are_in_address(text) {
            self.from_letters = self.from_letters.saturating_add(views);
            self.arrived(place, at, views);
            return None;
        }
        if self.pages.len() >= MAX_PAGES && !self.pages.contains_key(&key) {
            self.crowded_out += 1;
            return None;
        }
        Some(self.pages.entry(key).or_default())
    }

    /// Counts arrivals from that place; without a time, if the links themselves name the day.
    fn arrived(&mut self, place: Option<Place>, at: Option<DateTime<Utc>>, views: u64) {
        let Some((place, links)) = place.zip(self.letters.edition()) else {
            return;
        };
        if at.map_or(links.is_dated, |at| links.takes(at)) {
            let known = self.arrivals.entry(place).or_default();
            *known = known.saturating_add(views);
            self.newest = self.newest.max(at.or(Some(self.span.to)));
        }
    }

    /// The most read pages, as a sample of now.
    pub(super) fn samples(&self) -> Vec<Sample> {
        let mut samples: Vec<Sample> = self
            .pages
            .iter()
            .map(|(page, of)| Sample {
                page: page.clone(),
                at: self.span.to,
                count: of.count(),
            })
            .filter(|sample| sample.count > 0)
            .collect();
        samples.sort_unstable_by(|one, other| {
            let order = other.count.cmp(&one.count);
            order.then_with(|| one.page.cmp(&other.page))
        });
        samples.truncate(SAMPLED);
        samples
    }
}

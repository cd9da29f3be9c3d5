//! Files of counts: a row for each story, or for each story and time, from whatever wrote it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::dates::{self, DateStyle};
use crate::model::edition;
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::{ReadershipReport, Reading};
use crate::model::story::Miss;
use crate::model::when::{self, When};

use super::table::{self, Figure, Found, Names, Row, Shape};
use super::{Input, number};

/// So many bad lines are named; the rest are counted.
const NAMED: usize = 3;
/// Characters that print as nothing.
const UNSEEN: [char; 5] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];
/// A time this far ahead is a clock that runs fast, and is taken as now; beyond it the row is left out.
const FAST_CLOCK: TimeDelta = TimeDelta::minutes(5);

/// Reads files of counts and merges them as [`Reading::with`] does: the same story's series become one, its totals add up. A file with
/// places instead of views is a most-read list. Columns are found by name, those of `names` before all others; the format by looking.
///
/// `dates` is for times that do not say it all themselves. Without a time column the counts are as old as the file; if its age is not known either, they
/// count as taken now. What could not be used is in [`ReadershipReport::misses`]; rows that are no page (`(not set)`, totals) are not.
#[must_use]
pub fn read_counts(
    source: Line,
    inputs: &[Input],
    names: &Names,
    letters: &LetterLinks,
    dates: &DateStyle,
    now: DateTime<Utc>,
) -> ReadershipReport {
    let mut report = ReadershipReport::of(source);
    for input in inputs {
        read_one(input, (names, letters), dates, now, &mut report);
    }
    join_paths(&mut report.readings);
    for reading in report.readings.values_mut() {
        if let Reading::Series(points) = reading {
            points.sort_by_key(|(at, _)| *at);
            points.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 = kept.1.saturating_add(next.1);
                }
                same
            });
        }
    }
    if are_totals_so_far(&report.readings) {
        report.misses.push(Miss {
            source: report.source.clone(),
            what: Line::clean(
                "its counts only ever rise: taken as totals so far, not as views since the count before",
            ),
        });
        for reading in report.readings.values_mut() {
            if let Reading::Series(points) = reading {
                let mut before = 0;
                for (_, views) in points {
                    (before, *views) = (*views, views.saturating_sub(before));
                }
            }
        }
    }
    report
}

/// Whether counters were written down as they were. Views of an hour or a quarter of one rise and fall: that those of five stories, each
/// counted four times or more, never fall and mostly rise does not happen by chance.
fn are_totals_so_far(readings: &HashMap<StoryKey, Reading>) -> bool {
    let long = readings.values().filter_map(|reading| match reading {
        Reading::Series(points) if points.len() >= 4 => Some(points),
        _ => None,
    });
    let (mut all, mut rising) = (0, 0);
    for points in long {
        if !points.is_sorted_by_key(|(_, views)| views) {
            return false;
        }
        let ends = points.first().zip(points.last());
        all += 1;
        rising += usize::from(ends.is_some_and(|(first, last)| first.1 < last.1));
    }
    all >= 5 && rising * 2 > all
}

fn read_one(
    input: &Input,
    (names, letters): (&Names, &LetterLinks),
    dates: &DateStyle,
    now: DateTime<Utc>,
    report: &mut ReadershipReport,
) {
    // Follows a byte-order mark, so that what Excel saves as "Unicode text" is read too. Its plain "CSV" is Windows-1252 in the west, where
    // thousands may be kept apart by the one octet of a no-break space.
    let (mut text, _, malformed) = encoding_rs::UTF_8.decode(&input.body);
    if malformed {
        (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&input.body);
    }
    // What spreadsheets and web pages leave behind and nobody sees.
    if text.contains(UNSEEN) {
        text = text.replace(UNSEEN, "").into();
    }
    let taken = input.taken.unwrap_or(now).min(now);
    let mut gather = Gather {
        dates,
        now,
        taken,
        letters,
        from_letters: 0,
        arrivals: Vec::new(),
        stories: HashMap::new(),
        keys: Vec::new(),
        readings: Vec::new(),
        last_time: (String::new(), None),
        newest: None,
        has_queries: false,
        taken_rows: 0,
        bad: Named::default(),
        ahead: Named::default(),
    };
    let mut miss = |what: &str| {
        report.misses.push(Miss {
            source: input.name.clone(),
            what: Line::clean(what),
        });
    };
    let shape = match table::rows(&text, names, |found| match found {
        Found::Row(row) => gather.take(&row),
        Found::LastDay(day) => gather.is_of(day),
        Found::TooLong(at) => gather
            .bad
            .add(at, "a row", "a line without an end (an open quote?)"),
    }) {
        Ok(shape) => shape,
        Err(what) => return miss(&what),
    };
    let taken_rows = gather.taken_rows;
    let rest = match taken_rows {
        0 => "no row was taken".to_owned(),
        1 => "the other row was taken".to_owned(),
        many => format!("the other {many} rows were taken"),
    };
    if let Some(bad) = gather.bad.told(shape) {
        miss(&format!("{bad}; {rest}"));
    }
    if let Some(ahead) = gather.ahead.told(shape) {
        miss(&format!("from the future: {ahead}; {rest}"));
    }
    if taken_rows == 0 && gather.bad.count + gather.ahead.count == 0 {
        miss("no row names a page");
    }
    report.as_of = report.as_of.max(gather.newest);
    report.from_letters += gather.from_letters;
    report.knows_arrivals |= gather.has_queries;
    for (place, views) in gather.arrivals {
        report.arrived(place, views);
    }
    for (key, reading) in gather.keys.into_iter().zip(gather.readings) {
        if let Some(reading) = reading {
            merge(&mut report.readings, key, reading);
        }
    }
}

/// What one file gives, row by row.
struct Gather<'a> {
    dates: &'a DateStyle,
    now: DateTime<Utc>,
    taken: DateTime<Utc>,
    letters: &'a LetterLinks,
    from_letters: u64,
    arrivals: Vec<(edition::Place, u64)>,
    /// By the text as written, so that an address is parsed once for all its rows.
    stories: HashMap<String, Place>,
    keys: Vec<StoryKey>,
    /// `None` until a row of it was good.
    readings: Vec<Option<Reading>>,
    /// Rows come sorted by time more often than not.
    last_time: (String, Option<When>),
    newest: Option<DateTime<Utc>>,
    /// Whether addresses say anything by which arrivals are known.
    has_queries: bool,
    taken_rows: u64,
    bad: Named,
    ahead: Named,
}

impl Gather<'_> {
    /// Counts of a day that is over were taken at its end, whenever the file was written.
    fn is_of(&mut self, day: &str) {
        if let Some(day) = self.read(day) {
            self.taken = self.taken.min(day.to);
        }
    }

    /// A time as exports write it, else as spreadsheets do in the newsletter's country: `24.08.2026 05:00`, `8/24/2026 5:00 AM`.
    fn read(&self, time: &str) -> Option<When> {
        let zone = self.dates.zone();
        when::read(time, zone).or_else(|| {
            let date = dates::parse(time, self.dates)?;
            if date.is_day {
                return when::read(&zone.day(date.at).to_string(), zone);
            }
            Some(When {
                from: date.at,
                to: date.at,
            })
        })
    }

    fn take(&mut self, row: &Row<'_>) {
        let story = match self.stories.get(&*row.url) {
            Some(story) => *story,
            None => self.meet(&row.url),
        };
        let story = match story {
            Place::Nowhere => return,
            Place::Page(story) => story,
            Place::FromLetter(place) => {
                let views = number::count(&row.number).filter(|_| row.figure == Figure::Views);
                let views = views.unwrap_or(0);
                self.from_letters = self.from_letters.saturating_add(views);
                self.taken_rows += 1;
                let links = place.zip(self.letters.edition());
                if let Some((place, links)) = links
                    && let Some(at) = self.time(row)
                    && (links.takes(at) || (row.time.is_none() && links.is_dated))
                {
                    self.arrivals.push((place, views));
                    self.newest = self.newest.max(Some(at));
                }
                return;
            }
        };
        let (number, expected) = match row.figure {
            Figure::Views => (number::count(&row.number), "a number of views"),
            Figure::Rank => (number::place(&row.number).map(u64::from), "a place from 1"),
        };
        let Some(number) = number else {
            return self.bad.add(row.at, expected, &row.number);
        };
        let Some(at) = self.time(row) else {
            return;
        };
        self.taken_rows += 1;
        self.newest = self.newest.max(Some(at));
        let reading = self.readings[story].get_or_insert_with(|| match (row.figure, &row.time) {
            (Figure::Rank, _) => Reading::Rank(u32::MAX),
            (Figure::Views, Some(_)) => Reading::Series(Vec::new()),
            (Figure::Views, None) => Reading::Total(0),
        });
        match reading {
            Reading::Series(points) if number > 0 => points.push((at, number)),
            Reading::Series(_) => {}
            Reading::Total(total) => *total = total.saturating_add(number),
            Reading::Rank(best) => *best = u32::try_from(number).unwrap_or(u32::MAX).min(*best),
        }
    }

    /// When the views of a row were counted; `None`: its time is none, which is noted.
    fn time(&mut self, row: &Row<'_>) -> Option<DateTime<Utc>> {
        let Some(time) = &row.time else {
            return Some(self.taken);
        };
        if self.last_time.0 != **time {
            self.last_time = (time.to_string(), self.read(time));
        }
        let Some(when) = self.last_time.1 else {
            self.bad
                .add(row.at, "a time such as `2026-08-24 06:00`", time);
            return None;
        };
        if when.from > self.now + FAST_CLOCK {
            self.ahead.add(row.at, "a time in the past", time);
            return None;
        }
        // A day or hour that is not over was counted up to when the file was written.
        Some(if when.to > when.from {
            when.to.min(self.taken).max(when.from).min(self.now)
        } else {
            when.to.min(self.now)
        })
    }

    fn meet(&mut self, text: &str) -> Place {
        self.has_queries |= text.contains('?');
        let place = match StoryKey::written(text) {
            None => Place::Nowhere,
            Some(key) => match self.letters.place_in_address(text, &key) {
                None if !self.letters.are_in_address(text) => {
                    self.keys.push(key);
                    self.readings.push(None);
                    Place::Page(self.keys.len() - 1)
                }
                place => Place::FromLetter(place),
            },
        };
        self.stories.insert(text.to_owned(), place);
        place
    }
}

/// What the address of a row is.
#[derive(Clone, Copy)]
enum Place {
    /// No page.
    Nowhere,
    /// A page, reached from one of our letters; in the edition that is asked about, from that place.
    FromLetter(Option<edition::Place>),
    /// The page of that number.
    Page(usize),
}

/// Rows that were left out: the first few by line, the others by number.
#[derive(Default)]
struct Named {
    first: Vec<(u64, &'static str, Line)>,
    count: usize,
}

impl Named {
    fn add(&mut self, at: u64, expected: &'static str, found: &str) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push((at, expected, Line::clean_to(found, 40)));
        }
    }

    fn told(&self, shape: Shape) -> Option<String> {
        let line = match shape {
            Shape::Csv => "line",
            Shape::Json => "item",
        };
        let mut told: Vec<String> = self
            .first
            .iter()
            .map(|(at, expected, found)| {
                format!("{line} {at}: expected {expected}, but found `{found}`")
            })
            .collect();
        match self.count - self.first.len() {
            0 => {}
            more => told.push(format!("and {more} more")),
        }
        (!told.is_empty()).then(|| told.join("; "))
    }
}

fn merge(readings: &mut HashMap<StoryKey, Reading>, key: StoryKey, new: Reading) {
    let together = match (readings.remove(&key), new) {
        // Put in order once, at the end: a story may come under very many addresses.
        (Some(Reading::Series(mut points)), Reading::Series(more)) => {
            points.extend(more);
            Reading::Series(points)
        }
        (Some(before), new) => before.with(new),
        (None, new) => new,
    };
    readings.insert(key, together);
}

/// A path without a host is the page of the one host that has it: one file has whole addresses, another paths.
fn join_paths(readings: &mut HashMap<StoryKey, Reading>) {
    let is_path = |key: &StoryKey| key.as_str().starts_with('/');
    if !readings.keys().any(is_path) || readings.keys().all(is_path) {
        return;
    }
    let mut hosts: HashMap<StoryKey, Vec<StoryKey>> = HashMap::new();
    for key in readings.keys().filter(|key| !is_path(key)) {
        hosts.entry(key.path_only()).or_default().push(key.clone());
    }
    for (path, mut keys) in hosts {
        if let [_] = keys[..]
            && let Some(whole) = keys.pop()
            && let Some(reading) = readings.remove(&path)
        {
            merge(readings, whole, reading);
        }
    }
}

#[cfg(test)]
mod tests;

//! The sentences: every choice in words that an editor reads beside the story, every formula and every fallback once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::edition::{List, Slug};
use crate::model::figures::rounded;
use crate::model::line::Line;
use crate::model::page_views::ReadershipReport;
use crate::model::story::Miss;
use crate::model::zone::Zone;

use super::eligible::Barred;
use super::rank::{Evidence, FURNISHED, HALF_FRESH, NoReadership, hours};
use super::{MostReadOf, Overlap, SelectionOptions};

/// The end of a formula in which the editor's order counts.
const EDITOR: &str = " x the editor's order where there is one (1.5 for the first, 1.33, 1.25 ..)";

/// What the sentences about one story are made of, whichever list it is in.
pub(super) struct Grounds<'a> {
    pub(super) evidence: Evidence,
    pub(super) parts: &'a BTreeMap<&'static str, f64>,
    pub(super) views: Option<u64>,
    /// When it came out, never later than now.
    pub(super) published: Option<DateTime<Utc>>,
    /// Its place in an editor's order, from 0.
    pub(super) position: Option<u32>,
    pub(super) section: Option<&'a Line>,
    pub(super) now: DateTime<Utc>,
    pub(super) zone: &'a Zone,
    pub(super) looks_back: bool,
    pub(super) most_read_of: MostReadOf,
    /// The edition in which its event ran, and has moved on since.
    pub(super) moved_on: Option<&'a Slug>,
}

/// `rank 1 of 42: 1,204 views/h, 2 h old, first from News`. `nth` counts the section's stories in `top`, 0 without a section.
pub(super) fn top(grounds: &Grounds<'_>, rank: usize, of: usize, nth: usize, cap: usize) -> Line {
    let mut text = ranked(grounds, rank, of);
    if let Some(section) = grounds.section
        && nth > 0
    {
        _ = write!(text, ", {} from {section}", ordinal(nth));
        if nth > cap && cap > 0 {
            _ = write!(text, " for want of others");
        }
    }
    if let (Some(section), Some(by)) = (grounds.section, grounds.parts.get("boost")) {
        _ = write!(text, ", {section} counts x {}", figure(*by));
    }
    if let Some(slug) = grounds.moved_on {
        _ = write!(text, ", moved on since the edition of {slug}");
    }
    Line::clean(&text)
}

/// `rank 2 of 40: 5,210 views today, 1,204 views/h, about 24,000 by midnight`, or `.. 5,210 views in the last 24 h, 1,204 views/h`.
pub(super) fn most_read(grounds: &Grounds<'_>, rank: usize, of: usize) -> Line {
    let part = |name| grounds.parts.get(name).copied().unwrap_or_default();
    let facts = match (grounds.evidence, grounds.most_read_of) {
        (Evidence::Series, MostReadOf::Last(length)) => format!(
            "{} in the last {}, {} views/h",
            views(part("views_counted")),
            exactly(length),
            figure(part("views_per_hour")),
        ),
        (Evidence::Series, MostReadOf::Today) => format!(
            "{} today, {} views/h, about {} by midnight",
            views(part("views_today")),
            figure(part("views_per_hour")),
            figure(roughly(part("expected_today")))
        ),
        (Evidence::Ranks, _) => format!("{}, {}", place(grounds), age(grounds)),
        (Evidence::Totals, MostReadOf::Last(length)) => format!(
            "about {} in the last {}, {} in all, {}",
            figure(roughly(part("views_counted"))),
            exactly(length),
            figure(grounds.views.unwrap_or_default() as f64),
            age(grounds)
        ),
        (Evidence::Totals | Evidence::Nothing(_), _) => format!(
            "{}, {}",
            views(grounds.views.unwrap_or_default() as f64),
            age(grounds)
        ),
    };
    Line::clean(&format!("rank {rank} of {of}: {facts}"))
}

/// `published 2026-08-24 05:10, 2 h old`, and what kept it from `top` if that was not its rank.
pub(super) fn latest(grounds: &Grounds<'_>, crowded: Option<(usize, usize)>) -> Line {
    let mut text = grounds.published.map_or_else(String::new, |published| {
        let at = grounds.zone.at(published);
        format!("published {}, ", at.format("%Y-%m-%d %H:%M"))
    });
    text += &age(grounds);
    if let Some((nth, cap)) = crowded {
        _ = write!(text, "; {}", crowding(grounds, nth, cap));
    }
    Line::clean(&text)
}

/// `passed over: rank 23 of 42: 12 views/h, 5 h old`, or for its section `passed over: 4th of News, at most 3 in top`, or for its event
/// `passed over: same event as .. (ferry, fares); rank 7 of 42: ..`.
pub(super) fn outranked(
    grounds: &Grounds<'_>,
    rank: usize,
    of: usize,
    crowded: Option<(usize, usize)>,
    follows: Option<Follows<'_>>,
) -> Line {
    Line::clean(&match (follows, crowded) {
        (Some(Follows { lead, shared }), _) => {
            let shared = match &shared[..] {
                [] => String::new(),
                words => format!(" ({})", words.join(", ")),
            };
            format!(
                "passed over: same event as `{lead}`{shared}; {}",
                ranked(grounds, rank, of)
            )
        }
        (None, Some((nth, cap))) => format!("passed over: {}", crowding(grounds, nth, cap)),
        (None, None) => format!("passed over: {}", ranked(grounds, rank, of)),
    })
}

/// `passed over: ran in the edition of 2026-08-23`.
pub(super) fn barred(barred: &Barred, zone: &Zone) -> Line {
    Line::clean(&match barred {
        Barred::Dropped => "passed over: dropped by the editor".to_owned(),
        Barred::Never(word) => format!("passed over: `{word}` is never printed"),
        Barred::EventRan(slug, headline) => {
            format!(
                "passed over: its event ran in the edition of {slug} as `{headline}`, and has not moved on"
            )
        }
        Barred::Ran(slug) => format!("passed over: ran in the edition of {slug}"),
        Barred::BeforeWindow(published) => format!(
            "passed over: published {}, before the window",
            zone.day(*published)
        ),
        Barred::Undated => "passed over: its date cannot be read, so it may be old".to_owned(),
    })
}

/// The formula of each list, as a sentence.
pub(super) fn formulas(evidence: Evidence, options: &SelectionOptions) -> BTreeMap<List, Line> {
    let (top, most_read) = match evidence {
        Evidence::Series => (
            format!(
                "views per hour expected over the next 12 h: by a story's age and its views per hour now beside those of the ten best, \
                 x how well its section is read{EDITOR}"
            ),
            match options.most_read_of {
                MostReadOf::Today => {
                    "today's forecast: views since midnight + views per hour expected x hours left of the day".to_owned()
                }
                MostReadOf::Last(length) => format!("views in the last {}", exactly(length)),
            },
        ),
        Evidence::Totals => (
            format!(
                "views per hour expected over the next 12 h: by a story's age and its views per hour since it came out beside those of \
                 the ten best{EDITOR}; readership says how many, not when"
            ),
            match options.most_read_of {
                MostReadOf::Today => {
                    "today's forecast: the part of the views taken to be of today + views per hour expected x hours left of the day".to_owned()
                }
                MostReadOf::Last(length) => format!("the part of the views taken to be of the last {}", exactly(length)),
            },
        ),
        Evidence::Ranks => (
            format!(
                "the paper's own most-read list in its order, then what is freshest (half after {HALF_FRESH} h){EDITOR}; \
                 readership says in what order, not how many"
            ),
            "the paper's own most-read list, in its order".to_owned(),
        ),
        Evidence::Nothing(why) => {
            let why = missing(why);
            (
                format!(
                    "freshness (half after {HALF_FRESH} h) + the editor's order where there is one (1 for the first, half for the sixth) \
                     + {FURNISHED} with a picture + {FURNISHED} with a dek; readership {why}"
                ),
                format!("left empty, not invented: readership {why}"),
            )
        }
    };
    let top = if options.looks_back {
        looking_back(evidence)
    } else {
        top
    };
    let latest = "newest first, without what is printed above".to_owned();
    let others = match (evidence, options.overlap) {
        (Evidence::Nothing(_), _) | (_, Overlap::Allowed) => "",
        (_, Overlap::Removed) => "; the best others, without what is in top",
    };
    let cap = match options.per_section {
        0 => String::new(),
        cap => format!("; at most {cap} of one section while others can fill the slots"),
    };
    BTreeMap::from([
        (List::Top, Line::clean(&(top + &cap))),
        (List::MostRead, Line::clean(&(most_read + others))),
        (List::Latest, Line::clean(&latest)),
    ])
}

/// The formula of `top` in a newsletter of the week.
fn looking_back(evidence: Evidence) -> String {
    match evidence {
        Evidence::Series | Evidence::Totals => format!("views in the window{EDITOR}"),
        Evidence::Ranks => {
            format!(
                "the paper's own most-read list in its order, then what led its edition{EDITOR}"
            )
        }
        Evidence::Nothing(why) => format!(
            "the place in the edition that it ran in (1 for the first, half for the sixth) + {FURNISHED} with a picture + {FURNISHED} with a dek; readership {}",
            missing(why)
        ),
    }
}

/// That a better story of the same event is printed.
pub(super) struct Follows<'a> {
    /// Its headline.
    pub(super) lead: &'a Line,
    /// The words by which the two were found to be about the same event, the weightiest first.
    pub(super) shared: Vec<&'a str>,
}

/// What to say of sources of readership that are fresh and could not be used. Of old ones each is named by itself, and one that holds
/// nothing has most often said why.
pub(super) fn fallback(why: NoReadership, fresh: &[&ReadershipReport]) -> Option<Miss> {
    let named: Vec<&str> = fresh
        .iter()
        .filter(|report| match why {
            NoReadership::NotConfigured | NoReadership::Old(_) => false,
            NoReadership::Empty => report.misses.is_empty(),
            NoReadership::Matches(..) => !report.readings.is_empty(),
        })
        .map(|report| report.source.as_str())
        .collect();
    (!named.is_empty()).then(|| Miss {
        source: Line::clean(&named.join(", ")),
        what: Line::clean(&format!("{}; not used", missing(why))),
    })
}

/// Why no readers counted, in one sentence.
pub(super) fn unread(why: NoReadership) -> Line {
    Line::clean(&format!("readership {}", missing(why)))
}

/// What to say of a source of readership that is too old.
pub(super) fn stale(old: TimeDelta, max_age: TimeDelta) -> Line {
    Line::clean(&format!(
        "is {} old, expected at most {}; not used",
        span(hours(old)),
        span(hours(max_age))
    ))
}

/// What is wrong with readership.
fn missing(why: NoReadership) -> String {
    match why {
        NoReadership::NotConfigured => "is not configured".to_owned(),
        NoReadership::Empty => "holds no views".to_owned(),
        NoReadership::Old(by) => format!("is {} old", span(hours(by))),
        NoReadership::Matches(0, _) => "knows none of the stories in the window".to_owned(),
        NoReadership::Matches(some, all) => {
            format!("knows only {some} of the {all} stories in the window")
        }
    }
}

fn ranked(grounds: &Grounds<'_>, rank: usize, of: usize) -> String {
    let mut text = format!("rank {rank} of {of}: ");
    let part = |name| grounds.parts.get(name).copied().unwrap_or_default();
    match (grounds.evidence, grounds.views) {
        (Evidence::Nothing(_), _) => {}
        (Evidence::Ranks, _) => {
            _ = write!(text, "{}, ", place(grounds));
        }
        (_, None | Some(0)) => text += "no views yet, ",
        (Evidence::Series, Some(_)) if !grounds.looks_back => {
            _ = write!(text, "{} views/h, ", figure(part("views_per_hour")));
        }
        (Evidence::Series | Evidence::Totals, Some(count)) => {
            _ = write!(text, "{}, ", views(count as f64));
        }
    }
    text += &age(grounds);
    if let Some(position) = grounds.position {
        let nth = usize::try_from(position).unwrap_or(usize::MAX);
        _ = write!(
            text,
            ", {} in the editor's order",
            ordinal(nth.saturating_add(1))
        );
    }
    text
}

/// `place 2 in the paper's most-read list`.
fn place(grounds: &Grounds<'_>) -> String {
    match grounds.parts.get("place") {
        Some(place) => format!("place {place:.0} in the paper's most-read list"),
        None => "not in the paper's most-read list".to_owned(),
    }
}

fn crowding(grounds: &Grounds<'_>, nth: usize, cap: usize) -> String {
    let section = grounds.section.map_or("its section", Line::as_str);
    format!("{} of {section}, at most {cap} in top", ordinal(nth))
}

fn age(grounds: &Grounds<'_>) -> String {
    match grounds.published {
        None => "no date".to_owned(),
        Some(published) => match hours(grounds.now - published) {
            age if age * 60.0 < 1.0 => "just out".to_owned(),
            age => format!("{} old", span(age)),
        },
    }
}

/// A length of time, rounded down: `35 min`, `2 h`, `3 days`.
fn span(hours: f64) -> String {
    match hours {
        hours if hours < 1.0 => format!("{:.0} min", (hours * 60.0 + 1e-6).floor()),
        hours if hours < 48.0 => format!("{:.0} h", hours.floor()),
        hours => format!("{:.0} days", (hours / 24.0).floor()),
    }
}

/// A length that a config says, which is no age: `90 min`, `24 h`, `7 days`.
fn exactly(length: TimeDelta) -> String {
    let (minutes, hours) = (length.num_minutes(), length.num_hours());
    match hours {
        _ if minutes % 60 != 0 => format!("{minutes} min"),
        _ if hours < 48 || hours % 24 != 0 => format!("{hours} h"),
        _ => format!("{} days", hours / 24),
    }
}

fn views(count: f64) -> String {
    match figure(count) {
        one if one == "1" => "1 view".to_owned(),
        many => format!("{many} views"),
    }
}

/// Two digits of a forecast; more would claim too much.
fn roughly(number: f64) -> f64 {
    let unit = 10_f64.powf((number.max(1.0).log10().floor() - 1.0).max(0.0));
    (number / unit).round() * unit
}

/// `1,204`, `35`, `3.4`.
fn figure(number: f64) -> String {
    if number < 9.95 && (number - number.round()).abs() >= 0.05 {
        return format!("{number:.1}");
    }
    rounded(number)
}

/// `first`, `2nd`, `3rd` ...
fn ordinal(number: usize) -> String {
    match (number % 100, number % 10) {
        _ if number == 1 => "first".to_owned(),
        (11..=13, _) => format!("{number}th"),
        (_, 1) => format!("{number}st"),
        (_, 2) => format!("{number}nd"),
        (_, 3) => format!("{number}rd"),
        _ => format!("{number}th"),
    }
}

#[cfg(test)]
mod tests;

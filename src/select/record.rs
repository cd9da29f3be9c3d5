//! What the stories of each section were read, beside what was expected of them: a section that did better than its forecasts has them raised.
//! Of each draft the forecast is kept, and compared at the first draft at which its twelve hours are over.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::MostReadOf;
use super::rank::{Facts, Score};
use crate::model::page_views::Reading;

/// What a forecast is for: the time after the draft.
const AHEAD: TimeDelta = TimeDelta::hours(12);
/// Counts that begin later than this after a draft do not tell what came in those hours.
const LATE: TimeDelta = TimeDelta::hours(1);
/// Fewer views in those hours are chance.
const LEAST: f64 = 100.0;
/// What an edition counts beside the one after it.
const FADING: f64 = 0.99;
/// A section is judged by its own share of the views and by this much more, read as expected: 1 is all that an edition's readers read.
const DOUBT: f64 = 0.6;
/// The highest factor, and one over the lowest.
const MOST: f64 = 4.0;
/// The most kept: stories of a forecast, forecasts whose hours are not over, sections.
const STORIES: usize = 1_000;
const OPEN: usize = 4;
const SECTIONS: usize = 1_000;

/// How the sections did at earlier drafts. The caller keeps it from one to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SectionRecord {
    /// Of each section, in lower case, its shares of the views that came and of those that were expected, added up.
    shares: BTreeMap<String, (f64, f64)>,
    /// Those whose hours are not over.
    open: Vec<Forecast>,
}

/// The views per hour that a draft expected of stories, by their keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Forecast {
    at: DateTime<Utc>,
    stories: BTreeMap<String, f64>,
}

fn section(facts: &Facts<'_>) -> String {
    let section = facts.candidate.story.section.as_ref();
    section.map_or_else(String::new, |section| section.as_str().to_lowercase())
}

impl SectionRecord {
    /// Takes in what came of the forecasts whose hours are over; `counted`: up to when readers were counted.
    pub(super) fn learn(&mut self, facts: &[Facts<'_>], counted: DateTime<Utc>) {
        let open = std::mem::take(&mut self.open).into_iter();
        let (over, open): (Vec<_>, _) = open.partition(|open| open.at + AHEAD <= counted);
        self.open = open;
        let series = facts.iter().filter_map(|facts| match facts.reading {
            Some(Reading::Series(points)) => points.first(),
            _ => None,
        });
        let began = series.map(|(at, _)| *at).min();
        for forecast in over {
            if began.is_some_and(|began| began <= forecast.at + LATE) {
                self.compare(&forecast, facts);
            }
        }
    }

    fn compare(&mut self, forecast: &Forecast, facts: &[Facts<'_>]) {
        let mut sections: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        let mut all = (0.0, 0.0);
        for facts in facts {
            // What the sources have no more, nobody counts.
            let key = facts.candidate.story.url.key();
            let Some(expected) = forecast.stories.get(key.as_str()) else {
                continue;
            };
            let came = match facts.reading {
                Some(Reading::Series(points)) => {
                    let hours = |at| at > forecast.at && at <= forecast.at + AHEAD;
                    let points = points.iter().filter(|(at, _)| hours(*at));
                    points.map(|(_, views)| *views as f64).sum()
                }
                None => 0.0,
                Some(Reading::Total(_) | Reading::Rank(_)) => continue,
            };
            let of = sections.entry(section(facts)).or_default();
            *of = (of.0 + came, of.1 + expected);
            all = (all.0 + came, all.1 + expected);
        }
        if all.0 < LEAST || all.1 <= 0.0 {
            return;
        }
        for (came, expected) in self.shares.values_mut() {
            (*came, *expected) = (*came * FADING, *expected * FADING);
        }
        for (section, (came, expected)) in sections {
            let of = self.shares.entry(section).or_default();
            *of = (of.0 + came / all.0, of.1 + expected / all.1);
        }
        if self.shares.len() > SECTIONS {
            let mut sizes: Vec<f64> = self
                .shares
                .values()
                .map(|(_, expected)| *expected)
                .collect();
            sizes.sort_unstable_by(|a, b| b.total_cmp(a));
            let least = sizes.get(SECTIONS).copied().unwrap_or_default();
            self.shares.retain(|_, (_, expected)| *expected > least);
        }
    }

    /// Keeps what is expected now, as no record has raised it; where the hours of another draft have hardly begun, it stays with that one.
    pub(super) fn expect(&mut self, facts: &[Facts<'_>], scores: &[Score], now: DateTime<Utc>) {
        if self.open.iter().any(|open| now - open.at < AHEAD) {
            return;
        }
        let expected = facts.iter().zip(scores).filter_map(|(facts, score)| {
            let hourly = score.parts.get("expected_per_hour")?;
            Some((facts.candidate.story.url.key().as_str().to_owned(), *hourly))
        });
        let mut stories: Vec<(String, f64)> = expected.collect();
        stories.sort_by(|a, b| b.1.total_cmp(&a.1));
        stories.truncate(STORIES);
        self.open.push(Forecast {
            at: now,
            stories: stories.into_iter().collect(),
        });
        let old = self.open.len().saturating_sub(OPEN);
        self.open.drain(..old);
    }

    /// Lets it count in the forecasts.
    pub(super) fn raise(&self, scores: &mut [Score], facts: &[Facts<'_>], of: MostReadOf) {
        for (score, facts) in scores.iter_mut().zip(facts) {
            let part = |name| score.parts.get(name).copied();
            let named = (
                self.factor(&section(facts)),
                part("expected_per_hour"),
                part("views_today"),
                part("expected_today"),
            );
            let (Some(by), Some(hourly), Some(today), Some(day)) = named else {
                continue;
            };
            let day = today + (day - today) * by;
            score.top *= by;
            if of == MostReadOf::Today {
                score.most_read = score.most_read.map(|_| day);
            }
            score.parts.extend([
                ("section_record", by),
                ("expected_per_hour", hourly * by),
                ("expected_today", day),
            ]);
        }
    }

    /// What the forecast of a section is multiplied by; `None` where nothing is known.
    fn factor(&self, section: &str) -> Option<f64> {
        let (came, expected) = self.shares.get(section).filter(|_| !section.is_empty())?;
        Some(((came + DOUBT) / (expected + DOUBT)).clamp(1.0 / MOST, MOST))
    }
}

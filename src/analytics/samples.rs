//! Samples of totals, or of people, as views by time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::service::Granularity;
use crate::model::link::StoryKey;
use crate::model::page_views::{Reading, Sample};
use crate::model::zone::Zone;

/// So long after midnight, or after the sample before, a service may still give the totals of the day before.
const LONGEST_LATE: TimeDelta = TimeDelta::hours(2);
/// Samples further apart than this are of their own days, whatever they say.
const ALL_DAY: TimeDelta = TimeDelta::hours(23);
/// People are taken to have been there for so long before a sample, where there was none in between.
const LONGEST_GAP: TimeDelta = TimeDelta::hours(1);

/// Views by time, from samples in any order, and when views were seen last. Totals begin anew after midnight in `zone`, and wherever they fall to less
/// than half: services that estimate take a view back now and then, which is no beginning.
#[must_use]
pub fn series(
    known: Granularity,
    samples: &[Sample],
    zone: &Zone,
) -> (HashMap<StoryKey, Reading>, Option<DateTime<Utc>>) {
    let times: BTreeSet<DateTime<Utc>> = samples.iter().map(|sample| sample.at).collect();
    let mut pages: HashMap<&StoryKey, Vec<(DateTime<Utc>, u64)>> = HashMap::new();
    for sample in samples {
        let of = pages.entry(&sample.page).or_default();
        of.push((sample.at, sample.count));
    }
    let days = days(samples, zone);
    let mut newest = None;
    let mut readings = HashMap::new();
    for (page, mut counts) in pages {
        counts.sort_unstable();
        counts.dedup_by_key(|(at, _)| *at);
        let points = match known {
            Granularity::PeopleNow => people(&counts, &times),
            Granularity::Hours | Granularity::Totals => totals(&counts, &days),
        };
        newest = newest.max(points.last().map(|(at, _)| *at));
        readings.insert(page.clone(), Reading::Series(points));
    }
    (readings, newest)
}

/// Of which day the totals of each sample are. Just after midnight a service may still give those of the day before: they begin anew when those that
/// were known fall together.
fn days(samples: &[Sample], zone: &Zone) -> HashMap<DateTime<Utc>, NaiveDate> {
    let mut all: BTreeMap<DateTime<Utc>, HashMap<&StoryKey, u64>> = BTreeMap::new();
    for sample in samples {
        let of = all.entry(sample.at).or_default();
        of.insert(&sample.page, sample.count);
    }
    let mut days = HashMap::new();
    let mut before: Option<(DateTime<Utc>, NaiveDate, HashMap<&StoryKey, u64>)> = None;
    for (at, counts) in all {
        let mut day = zone.day(at);
        let may_be_late = |then| {
            let since_midnight = at - zone.begins(day);
            at - then <= ALL_DAY && since_midnight.min(at - then) <= LONGEST_LATE
        };
        if let Some((then, known_day, known)) = before
            && may_be_late(then)
        {
            let sum = |count: fn(u64, u64) -> u64| {
                known.iter().fold(0_u64, |sum, (page, known)| {
                    let now = counts.get(page).copied().unwrap_or(0);
                    sum.saturating_add(count(*known, now))
                })
            };
            if sum(|_, now| now) >= sum(|known, _| known) / 2 {
                day = known_day;
            }
        }
        days.insert(at, day);
        before = Some((at, day, counts));
    }
    days
}

fn totals(
    counts: &[(DateTime<Utc>, u64)],
    days: &HashMap<DateTime<Utc>, NaiveDate>,
) -> Vec<(DateTime<Utc>, u64)> {
    let mut before: Option<(DateTime<Utc>, u64)> = None;
    let mut points = Vec::new();
    for &(at, count) in counts {
        let known = match before {
            Some((then, known)) if known / 2 <= count && days.get(&then) == days.get(&at) => known,
            _ => 0,
        };
        if count > known {
            points.push((at, count - known));
        }
        before = Some((at, count.max(known)));
    }
    points
}

/// `counts` are the views an hour that the people of that moment make: between two samples there were as many as at both on average.
fn people(
    counts: &[(DateTime<Utc>, u64)],
    times: &BTreeSet<DateTime<Utc>>,
) -> Vec<(DateTime<Utc>, u64)> {
    let rates: HashMap<DateTime<Utc>, u64> = counts.iter().copied().collect();
    let rate = |at: &DateTime<Utc>| rates.get(at).copied().unwrap_or(0) as f64;
    let mut points = Vec::new();
    let mut over = 0.0;
    for (then, at) in times.iter().zip(times.iter().skip(1)) {
        let hours = (*at - *then).min(LONGEST_GAP).as_seconds_f64() / 3_600.0;
        let views = f64::midpoint(rate(then), rate(at)) * hours + over;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "never negative, and a sum of counts"
        )]
        let whole = views as u64;
        over = views - whole as f64;
        if whole > 0 {
            points.push((*at, whole));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-08-{text}:00Z").parse().unwrap()
    }

    fn told(known: Granularity, samples: &[(&str, &str, u64)]) -> String {
        let samples: Vec<Sample> = samples
            .iter()
            .map(|(time, page, count)| Sample {
                page: StoryKey::of_path(page),
                at: at(time),
                count: *count,
            })
            .collect();
        let zone = Zone::bundled("Europe/Lisbon").unwrap();
        let (readings, newest) = series(known, &samples, &zone);
        let mut lines: Vec<String> = readings
            .iter()
            .map(|(page, reading)| {
                let Reading::Series(points) = reading else {
                    panic!("{reading:?}")
                };
                let points = points
                    .iter()
                    .map(|(at, views)| format!(" {}={views}", at.format("%d %H:%M")));
                format!("{}:{}", page.as_str(), points.collect::<String>())
            })
            .collect();
        lines.sort();
        lines.push(format!(
            "newest {}",
            newest.map_or_else(String::new, |at| at.format("%d %H:%M").to_string())
        ));
        lines.join("\n")
    }

    #[test]
    fn totals_that_rise_fall_and_begin_anew() {
        insta::assert_snapshot!(told(Granularity::Totals, &[
            ("23T22:40", "/a", 100), ("23T22:50", "/a", 130), ("23T22:50", "/b", 5),
            // Midnight in Lisbon is 23 h UTC; by then /b has more than it had the day before.
            ("23T23:10", "/a", 7), ("23T23:10", "/b", 9),
            ("23T23:20", "/a", 2), ("23T23:30", "/a", 8), ("23T23:40", "/a", 8),
            // A view is taken back, and comes again.
            ("23T23:10", "/c", 5_000), ("23T23:20", "/c", 4_999), ("23T23:30", "/c", 5_000), ("23T23:40", "/c", 5_003),
        ]), @"
        /a: 23 22:40=100 23 22:50=30 23 23:10=7 23 23:20=2 23 23:30=6
        /b: 23 22:50=5 23 23:10=9
        /c: 23 23:10=5000 23 23:40=3
        newest 23 23:40
        ");
    }

    /// At midnight in Lisbon (23 h UTC) the service still gives the totals of the day that is over.
    #[test]
    fn yesterdays_totals_are_not_counted_twice() {
        insta::assert_snapshot!(told(Granularity::Totals, &[
            ("23T22:50", "/a", 900), ("23T22:50", "/b", 9),
            ("23T23:00", "/a", 900), ("23T23:00", "/b", 9), ("23T23:10", "/a", 903), ("23T23:10", "/b", 9), ("23T23:10", "/d", 2),
            // Now they begin anew: /b has nearly as many as it had, and /c has more than all together.
            ("23T23:20", "/a", 4), ("23T23:20", "/b", 7), ("23T23:20", "/c", 5_000), ("23T23:30", "/a", 10), ("23T23:30", "/b", 8), ("23T23:30", "/c", 5_001),
            // The next night nothing was sampled, and the morning has more than the day before had.
            ("24T06:00", "/a", 40), ("24T06:00", "/c", 5_002), ("25T06:00", "/a", 70), ("25T06:00", "/c", 9_000),
        ]), @"
        /a: 23 22:50=900 23 23:10=3 23 23:20=4 23 23:30=6 24 06:00=30 25 06:00=70
        /b: 23 22:50=9 23 23:20=7 23 23:30=1
        /c: 23 23:20=5000 23 23:30=1 24 06:00=1 25 06:00=9000
        /d: 23 23:10=2
        newest 25 06:00
        ");
    }

    /// Cron takes a sample every three hours: midnight in Lisbon (23 h UTC) is between two of them.
    #[test]
    fn yesterdays_totals_of_three_hours_later_are_not_counted_twice() {
        insta::assert_snapshot!(told(Granularity::Totals, &[
            ("23T18:30", "/a", 700), ("23T21:30", "/a", 900),
            // Late: still the day before's.
            ("24T00:30", "/a", 903),
            ("24T03:30", "/a", 40), ("24T06:30", "/a", 95),
            // In time, and with more than half of what the day before had by then.
            ("25T03:30", "/a", 60), ("26T03:30", "/a", 61),
        ]), @"
        /a: 23 18:30=700 23 21:30=200 24 00:30=3 24 03:30=40 24 06:30=55 25 03:30=60 26 03:30=61
        newest 26 03:30
        ");
    }

    #[test]
    fn people_become_views() {
        insta::assert_snapshot!(told(Granularity::PeopleNow, &[
            ("24T05:00", "/a", 600), ("24T05:10", "/a", 1_200), ("24T05:20", "/b", 60), ("24T09:20", "/b", 60),
        ]), @"
        /a: 24 05:10=150 24 05:20=100
        /b: 24 05:20=5 24 09:20=60
        newest 24 09:20
        ");
    }
}

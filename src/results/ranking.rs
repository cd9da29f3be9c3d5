//! Whether what an edition printed first was what was read next, beside two plain orders of the same stories.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::link::StoryKey;
use crate::model::page_views::{KnownViews, ReadershipReport, Reading};
use crate::model::results::{RankScore, Ranking};
use crate::newsroom::reasons::{Reason, Reasons};

/// Views of so long after an edition was sent are what it is judged by.
pub(super) const READ_FOR: TimeDelta = TimeDelta::hours(12);
/// With fewer views than this an order is judged by chance.
const FEWEST_VIEWS: u64 = 100;

/// How good each order was; empty where nobody knows views by time. `printed` is what the edition printed, in printing order.
pub(super) fn judged(
    reasons: &Reasons,
    printed: &[&StoryKey],
    reports: &[ReadershipReport],
    sent: DateTime<Utc>,
) -> Vec<(Ranking, RankScore)> {
    let ranked: Vec<(StoryKey, &Reason)> = reasons
        .candidates
        .iter()
        .filter(|candidate| candidate.score.is_some())
        .map(|candidate| (candidate.url.key(), candidate))
        .collect();
    let known = KnownViews::from_reports(reports, ranked.iter().map(|(key, _)| key.clone()));
    let read = |key: &StoryKey| match known.of(key) {
        Some(Reading::Series(points)) => points
            .iter()
            .filter(|(at, _)| *at > sent && *at <= sent + READ_FOR)
            .fold(0_u64, |sum, (_, views)| sum.saturating_add(*views)),
        _ => 0,
    };
    let stories: Vec<(&StoryKey, &Reason, u64)> = ranked
        .iter()
        .map(|(key, reason)| (key, *reason, read(key)))
        .collect();
    let all = stories
        .iter()
        .fold(0_u64, |sum, (.., views)| sum.saturating_add(*views));
    if all < FEWEST_VIEWS {
        return Vec::new();
    }
    let score = |ranking: Ranking| {
        let mut order = stories.clone();
        // Stories are ranked best first, and a sort leaves equals in that order.
        match ranking {
            Ranking::Edition => order.sort_by_key(|(key, ..)| {
                let place = printed.iter().position(|printed| printed == key);
                place.unwrap_or(usize::MAX)
            }),
            Ranking::NewestFirst => order.sort_by_key(|(_, reason, _)| Reverse(reason.published)),
            Ranking::ViewsSoFar => {
                order.sort_by_key(|(_, reason, _)| Reverse(reason.views.unwrap_or(0)));
            }
        }
        let views: Vec<u64> = order.iter().map(|(.., views)| *views).collect();
        RankScore::of(&views).map(|score| (ranking, score))
    };
    Ranking::ALL.into_iter().filter_map(score).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;

    #[test]
    fn the_next_hours_judge_three_orders() {
        let candidate = |name: &str, published: &str, views: u64, score: &str| {
            format!(
                r#"{{"headline": "{name}", "url": "https://h.example/{name}", "section": null, "published": "2026-08-24T{published}:00Z",
                    "views": {views}, "parts": {{}}, "score": {score}, "slots": {{}}, "why": ""}}"#
            )
        };
        let candidates = [
            candidate("ferry", "04:00", 10, "0.9"),
            candidate("seal", "05:00", 90, "0.8"),
            candidate("fish", "03:00", 50, "0.7"),
            // Never ranked, so in no order.
            candidate("old", "01:00", 900, "null"),
        ];
        let reasons = Reasons::parse(&format!(
            r#"{{"window": {{"from": "2026-08-23T06:00:00Z", "to": "2026-08-24T06:00:00Z"}}, "formulas": {{}}, "candidates": [{}]}}"#,
            candidates.join(",")
        ))
        .unwrap();
        let at = |hour: i64| {
            "2026-08-24T06:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
        };
        let mut report = ReadershipReport::of(Line::clean("log"));
        for (path, points) in [
            ("/ferry", vec![(at(0), 500), (at(1), 80), (at(13), 900)]),
            ("/fish", vec![(at(12), 40)]),
            ("/seal", vec![(at(2), 10)]),
            ("/old", vec![(at(2), 7_000)]),
        ] {
            report
                .readings
                .insert(StoryKey::of_path(path), Reading::Series(points));
        }
        let printed = ["ferry", "fish"]
            .map(|name| StoryKey::written(&format!("https://h.example/{name}")).unwrap());
        let printed: Vec<&StoryKey> = printed.iter().collect();
        let told = judged(&reasons, &printed, &[report.clone()], at(0));
        let told: Vec<String> = told
            .iter()
            .map(|(ranking, score)| {
                format!("{} {:.3} {:.1}", ranking.key(), score.ndcg, score.capture)
            })
            .collect();
        insta::assert_snapshot!(told.join("\n"), @"
        edition 1.000 1.0
        newest_first 0.730 1.0
        views_so_far 0.683 1.0
        ");
        // Totals say nothing of these hours.
        for reading in report.readings.values_mut() {
            *reading = Reading::Total(reading.total());
        }
        assert_eq!(judged(&reasons, &printed, &[report], at(0)), []);
    }
}

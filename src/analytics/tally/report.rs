//! What was counted, as a report: with what is wrong, and what a person should know of the figures.

use secrecy::SecretString;

use super::{MAX_PAGES, Tally};
use crate::analytics::secrets;
use crate::model::figures::grouped;
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::{ReadershipReport, Reading};
use crate::model::story::Miss;

/// So many foreign hosts are named.
const HOSTS_NAMED: usize = 3;
/// So much of what a bad row holds is shown.
const SHOWN: usize = 40;

impl Tally {
    /// All of it as a report, without the secrets; `failed` is why no more came.
    pub(in crate::analytics) fn report(
        mut self,
        source: &Line,
        failed: Option<&str>,
        secrets: &[SecretString],
    ) -> ReadershipReport {
        let mut report = ReadershipReport::of(source.clone());
        let mut places: Vec<(u64, StoryKey)> = Vec::new();
        let used = self.pages.len();
        for (key, mut page) in self.pages {
            page.put_in_order();
            if page.people > 0 {
                places.push((page.people, key));
            } else if page.points.is_empty() {
                report.readings.insert(key, Reading::Total(page.total));
            } else {
                report.readings.insert(key, Reading::Series(page.points));
            }
        }
        places.sort_unstable_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        for ((_, key), place) in places.into_iter().zip(1..) {
            report.readings.insert(key, Reading::Rank(place));
        }
        report.as_of = self.newest;
        report.from_letters = self.from_letters;
        report.arrivals = self.arrivals;
        report.knows_arrivals = self.has_queries && failed.is_none();
        let mut miss = |what: String| {
            report.misses.push(Miss {
                source: source.clone(),
                what: Line::clean(&what),
            });
        };
        if let Some(why) = failed {
            miss(match self.rows {
                0 => why.to_owned(),
                rows => format!("{why}; {} rows came before", grouped(rows)),
            });
        }
        let (named, count) = &self.bad;
        if *count > 0 {
            let named: Vec<String> = named
                .iter()
                .map(|(row, expected, found)| {
                    let found = secrets::without(secrets, found.as_str());
                    let found = Line::clean_to(&found, SHOWN);
                    format!("row {row}: expected {expected}, but found `{found}`")
                })
                .collect();
            let more = count - named.len() as u64;
            let more = if more > 0 {
                format!("; and {more} more")
            } else {
                String::new()
            };
            miss(format!(
                "{}{more}; the other rows were taken",
                named.join("; ")
            ));
        }
        // Whoever asks for arrivals does not look for views.
        if failed.is_none() && used == 0 && self.letters.edition().is_none() {
            miss(match self.rows {
                0 => "has no views in this time".to_owned(),
                _ if self.foreign.is_empty() => "no row names a page".to_owned(),
                _ => "has no views of the hosts that `hosts` names".to_owned(),
            });
        }
        if self.crowded_out > 0 {
            self.notes.push(format!(
                "more than {} different pages: {} rows of others were left out",
                grouped(MAX_PAGES as u64),
                grouped(self.crowded_out)
            ));
        }
        let mut foreign: Vec<_> = self.foreign.into_iter().collect();
        foreign.sort_unstable_by_key(|(_, views)| std::cmp::Reverse(*views));
        let most: Vec<_> = foreign
            .iter()
            .take(HOSTS_NAMED)
            .map(|(host, views)| format!("{} ({})", Line::clean_to(host, 60), grouped(*views)))
            .collect();
        if !most.is_empty() {
            let more = if foreign.len() > HOSTS_NAMED {
                ", .."
            } else {
                ""
            };
            self.notes.push(format!(
                "views of other hosts were left out: {}{more}",
                most.join(", ")
            ));
        }
        report.notes = self
            .notes
            .iter()
            .map(|what| Miss {
                source: source.clone(),
                what: Line::clean(what),
            })
            .collect();
        report
    }
}

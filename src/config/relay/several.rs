//! `[relay]`, or `[[relay]]` for several: who takes whose letters.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use chrono::NaiveDate;

use super::super::{DomainLimit, Surroundings, per_domain};
use super::{Handover, read_one};
use crate::model::address::ascii_domain;
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::toml_table::{Problems, TomlTable};

/// Where letters go: at least one relay.
#[derive(Clone, Debug)]
pub struct Relays {
    first: Handover,
    others: Vec<Handover>,
    /// `[per_domain]`: limits that hold over all of several relays; what one says itself of a domain holds there instead.
    pub per_domain: Vec<DomainLimit>,
}

impl Relays {
    /// One relay, or a folder.
    #[must_use]
    pub const fn one(relay: Handover) -> Self {
        Self {
            first: relay,
            others: Vec::new(),
            per_domain: Vec::new(),
        }
    }

    /// The one that comes first in the config.
    #[must_use]
    pub const fn first(&self) -> &Handover {
        &self.first
    }

    /// All of them, in the order of the config.
    pub fn each(&self) -> impl Iterator<Item = &Handover> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(in crate::config) fn each_mut(&mut self) -> impl Iterator<Item = &mut Handover> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }

    /// Which one takes a letter that belongs to no run: the first that names the domain, else the first that takes all.
    #[must_use]
    pub fn of_domain(&self, domain: &str) -> &Handover {
        let named = self.each().find(|one| one.domains.contains(domain));
        let any = || self.each().find(|one| one.domains.is_empty());
        named.or_else(any).unwrap_or(&self.first)
    }

    /// Whether letters reach people; else it is a rehearsal.
    #[must_use]
    pub const fn is_real(&self) -> bool {
        self.first.relay.is_real()
    }

    /// Why a relay's password is not known, if one should be.
    #[must_use]
    pub fn password_missing(&self) -> Option<&Problem> {
        self.each().find_map(|one| one.password_missing.as_ref())
    }

    /// Where a letter is once it is handed over, in words.
    #[must_use]
    pub fn place(&self) -> String {
        let places: Vec<String> = self.each().map(|one| one.relay.place()).collect();
        places.join(" or ")
    }

    /// The longest that a letter waits between two attempts.
    #[must_use]
    pub fn longest_wait(&self) -> chrono::TimeDelta {
        let waits = self.others.iter().map(Handover::longest_wait);
        waits.fold(self.first.longest_wait(), std::cmp::max)
    }
}

/// What one of several relays is called. Its day's letters and the copies that it may have are kept under this name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelayName(String);

impl RelayName {
    /// Parses letters, digits, `.`, `-` and `_`.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if text.is_empty() || text.len() > 60 || !text.bytes().all(is_part) {
            return Err(format!(
                "`{}` is no name of a relay: expected up to 60 letters, digits, `.`, `-` and `_`",
                Line::clean_to(text, 80)
            ));
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `share`: how many letters a new relay takes on each of its first days (UTC), growing by the same factor from day to day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUp {
    /// The first day.
    pub from: NaiveDate,
    pub start: u32,
    /// On the last day.
    pub full: u32,
    pub days: u32,
}

impl WarmUp {
    /// The most letters on that day: none before the first, and no limit after the last.
    #[must_use]
    pub fn most(&self, day: NaiveDate) -> Option<u32> {
        let day = day.signed_duration_since(self.from).num_days();
        let Ok(day) = u32::try_from(day) else {
            return Some(0);
        };
        if day >= self.days {
            return None;
        }
        if day + 1 == self.days {
            return Some(self.full);
        }
        let factor = f64::from(self.full) / f64::from(self.start);
        let grown = f64::from(self.start) * factor.powf(f64::from(day) / f64::from(self.days - 1));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between `start` and `full`"
        )]
        let grown = grown as u32;
        Some(grown.clamp(self.start, self.full))
    }
}

/// Reads `[[relay]]` and `[per_domain]`.
pub(super) fn read(
    table: &mut TomlTable<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    problems: &Problems,
) -> Option<Relays> {
    let before = problems.len();
    let mut names = HashSet::new();
    let mut all = Vec::new();
    let mut takes_all = false;
    for mut one in table.tables("relay", problems) {
        let own = Own::read(&mut one, problems);
        if let Some(name) = &own.name
            && !names.insert(name.clone())
        {
            problems.add(one.problem_here(format!("two relays have the name `{name}`")));
        }
        takes_all |= own.domains.is_empty();
        if let Some(mut relay) = read_one(one, home, surroundings, true, problems) {
            relay.name = own.name;
            relay.domains = own.domains;
            relay.weight = own.weight;
            relay.share = own.share;
            all.push(relay);
        }
    }
    let per_domain = per_domain::read(table, problems);
    if problems.len() > before {
        return None;
    }
    if !takes_all {
        problems.add(
            table
                .problem_here("no `[[relay]]` takes letters to all domains")
                .hint("one of them must have no `domains`"),
        );
    }
    let mut all = all.into_iter();
    all.next().map(|first| Relays {
        first,
        others: all.collect(),
        per_domain,
    })
}

/// What only one of several relays says.
struct Own {
    name: Option<RelayName>,
    domains: HashSet<String>,
    weight: u32,
    share: Option<WarmUp>,
}

impl Own {
    fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Self {
        let before = problems.len();
        let name = table.value("name", problems, RelayName::parse);
        if name.is_none() && problems.len() == before {
            problems.add(
                table
                    .problem_here("a `[[relay]]` has no `name`")
                    .hint("`name = \"ses\"`: its quota and its copies are known by it"),
            );
        }
        let before = problems.len();
        let is_limited = table.has("domains");
        let domains: HashSet<String> = table
            .all_parsed("domains", problems, |text| {
                ascii_domain(text).map_err(|why| {
                    let shown = Line::clean_to(text, 80);
                    format!("`{shown}` is not a mail domain: {why}")
                })
            })
            .into_iter()
            .map(|found| found.value)
            .collect();
        if is_limited && domains.is_empty() && problems.len() == before {
            problems.add(
                table
                    .problem_here("`domains` is empty: this relay would take no letter")
                    .hint("without `domains` it takes letters to all"),
            );
        }
        Self {
            name,
            domains,
            weight: table
                .whole("weight", 1, 1_000, problems)
                .and_then(|weight| u32::try_from(weight).ok())
                .unwrap_or(1),
            share: share(table, problems),
        }
    }
}

fn share(table: &mut TomlTable<'_>, problems: &Problems) -> Option<WarmUp> {
    let mut table = table.table("share", problems)?;
    let before = problems.len();
    let from = table.day("from", problems);
    let mut number = |key, most| {
        table
            .whole(key, 1, most, problems)
            .and_then(|number| u32::try_from(number).ok())
    };
    let (start, full) = (number("start", 100_000_000), number("full", 100_000_000));
    let days = number("days", 366);
    if problems.len() == before {
        let what = match (from, start, full, days) {
            (Some(from), Some(start), Some(full), Some(days)) if start <= full => {
                table.finish(problems);
                return Some(WarmUp {
                    from,
                    start,
                    full,
                    days,
                });
            }
            (Some(_), Some(_), Some(_), Some(_)) => "`start` is more than `full`",
            _ => "`share` needs `from`, `start`, `full` and `days`",
        };
        problems.add(
            table
                .problem_here(what)
                .hint("`share = { from = 2026-12-01, start = 200, full = 200000, days = 42 }`"),
        );
    }
    table.finish(problems);
    None
}

/// What belongs below `[[relay]]`, and not below `[relay]`.
pub(super) fn refuse_below_one(table: &mut TomlTable<'_>, problems: &Problems) {
    for key in ["name", "domains", "weight", "share"] {
        let what = format!("`{key}` is of one of several relays");
        table.refuse(key, &what, "write `[[relay]]` above each of them", problems);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_relay_grows_by_the_same_factor_from_day_to_day() {
        let share = WarmUp {
            from: "2026-12-01".parse().unwrap(),
            start: 200,
            full: 200_000,
            days: 42,
        };
        let on = |day: &str| share.most(day.parse().unwrap());
        let days = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-21"];
        assert_eq!(days.map(on), [Some(0), Some(200), Some(236), Some(5_813)]);
        let last = ["2027-01-10", "2027-01-11", "2027-01-12", "2030-01-01"];
        assert_eq!(last.map(on), [Some(168_989), Some(200_000), None, None]);
        let mut before = 0;
        for day in 0..42 {
            let most = share.most(share.from + chrono::TimeDelta::days(day));
            assert!(most.unwrap() >= before && most.unwrap() <= 200_000);
            before = most.unwrap();
        }
        let at_once = WarmUp { days: 1, ..share };
        assert_eq!(at_once.most(share.from), Some(200_000));
    }
}

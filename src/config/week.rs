//! `kind = "week"`: a newsletter of what others brought, which weekly readers get instead of them.

use super::{Config, Newsroom};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::newsletter_name::{NewsletterKey, NewsletterName};
use crate::model::problem::{Problem, Written};
use crate::model::rhythm::Frequency;
use crate::model::subscriber::Subscriber;
use crate::model::toml_table::{Problems, TomlTable};

/// What makes a newsletter one of the week.
#[derive(Clone, Debug)]
pub struct Week {
    /// `of`, as written.
    names: Vec<NewsletterName>,
    /// Those of them that are there.
    pub of: Vec<NewsletterKey>,
}

/// `kind` and `of` below `[newsletter]`.
pub(super) fn read(
    table: &mut TomlTable<'_>,
    own: &NewsletterName,
    problems: &Problems,
) -> Option<Week> {
    let is_week = table.value("kind", problems, |kind| match kind {
        "week" => Ok(true),
        "day" => Ok(false),
        other => Err(format!(
            "`{}` is no kind of newsletter: expected `day` or `week`",
            Line::clean_to(other, 40)
        )),
    });
    let has_of = table.has("of");
    let found = table.all_parsed("of", problems, str::parse::<NewsletterName>);
    if let Some(itself) = found.iter().find(|found| found.value == *own) {
        let what = "a newsletter of the week is of others, not of itself";
        problems.add(table.problem(itself.span.clone(), what));
    }
    let names: Vec<NewsletterName> = found.into_iter().map(|found| found.value).collect();
    match is_week {
        Some(true) if names.is_empty() => {
            let hint =
                "`of = [\"morning\"]` names the newsletters instead of which weekly readers get it";
            let what = "a newsletter of `kind = \"week\"` must say which others it is of";
            problems.add(table.problem_here(what).hint(hint));
            None
        }
        Some(true) => Some(Week {
            names,
            of: Vec::new(),
        }),
        _ if has_of => {
            let what = "`of` goes with `kind = \"week\"`";
            problems.add(table.problem_here(what));
            None
        }
        _ => None,
    }
}

/// The newsletters that any newsletter of the week is of.
#[derive(Default)]
pub(super) struct TiedByWeeks {
    names: Vec<NewsletterName>,
    /// A file is no TOML: nobody knows whether it is of the week, and of which.
    is_any: bool,
}

impl TiedByWeeks {
    /// Reads the file of a newsletter, whatever else is wrong with it.
    pub(super) fn add(&mut self, own: &NewsletterName, file: Written<'_>) {
        let problems = Problems::default();
        let mut table = TomlTable::parse(file, file.text, &problems);
        self.is_any |= !problems.is_empty();
        let section = table.table("newsletter", &problems);
        let week = section.and_then(|mut section| read(&mut section, own, &problems));
        self.names
            .extend(week.into_iter().flat_map(|week| week.names));
    }

    fn has(&self, name: &NewsletterName) -> bool {
        self.is_any || self.names.contains(name)
    }
}

impl Newsroom {
    /// Ties newsletters of the week to those that they are of. `tied` are all that any of the week is of, also one that cannot be used: its
    /// readers are not to get every edition because of a word that is wrong in its file. One of the week that is of another one of the week cannot be used: its readers
    /// would be sent round in a circle, or get one week twice.
    pub(super) fn tie_weeks(&mut self, tied: &TiedByWeeks) {
        let keys: Vec<NewsletterKey> = self.newsletters.iter().filter_map(Config::key).collect();
        let weeks = self.newsletters.iter().filter(|one| one.week.is_some());
        let weeks: Vec<NewsletterName> = weeks.filter_map(|one| one.name.clone()).collect();
        for config in std::mem::take(&mut self.newsletters) {
            let names = config.week.as_ref().map(|week| &week.names);
            let other = names.and_then(|names| names.iter().find(|name| weeks.contains(name)));
            match (config.name.clone(), other) {
                (Some(name), Some(other)) => {
                    let what = format!(
                        "the newsletter `{name}` is of `{other}`, which is itself one of the week"
                    );
                    let hint = "`of` names newsletters that come by the day";
                    self.broken
                        .push((name, vec![Problem::new(what).hint(hint)]));
                }
                _ => self.newsletters.push(config),
            }
        }
        for week in self
            .newsletters
            .iter_mut()
            .filter_map(|one| one.week.as_mut())
        {
            let is_of = |key: &&NewsletterKey| week.names.contains(&key.name);
            week.of = keys.iter().filter(is_of).cloned().collect();
        }
        for config in &mut self.newsletters {
            config.has_week = config.name.as_ref().is_some_and(|name| tied.has(name));
        }
    }

    /// What newsletters of the week are of and is not there.
    #[must_use]
    pub fn weeks_of_nothing(&self) -> Vec<String> {
        let known = self.names();
        let weeks = self.newsletters.iter();
        let weeks = weeks.filter_map(|one| Some((one.name.as_ref()?, one.week.as_ref()?)));
        let missing = weeks.flat_map(|(name, week)| {
            let missing = week.names.iter().filter(|one| !known.contains(one));
            missing.map(move |one| {
                format!("the newsletter `{name}` is of `{one}`, which is not there")
            })
        });
        missing.collect()
    }
}

impl Config {
    /// As the ledger and the list of readers know it, where there are several newsletters.
    #[must_use]
    pub fn key(&self) -> Option<NewsletterKey> {
        Some(NewsletterKey {
            id: self.newsletter.id.clone(),
            name: self.name.clone()?,
            is_default: self.is_default,
            week_of: self
                .week
                .as_ref()
                .map_or_else(Vec::new, |week| week.names.clone()),
        })
    }

    /// Whether that reader is to get it; `has_left` says whether they left the newsletter of an id. Weekly readers get the newsletter of the
    /// week instead of those that it is of and that they ask for; where there is none, they get those.
    #[must_use]
    pub fn is_wanted_by(
        &self,
        reader: &Subscriber,
        has_left: impl Fn(&str, &Address) -> bool,
    ) -> bool {
        if self.is_alerts {
            return reader.rhythm.alerts;
        }
        let (name, is_default) = self.asked_for_as();
        let asks = reader.asks_for(name, is_default);
        let is_weekly = reader.rhythm.frequency == Frequency::Weekly;
        match &self.week {
            None => asks && !(is_weekly && self.has_week),
            Some(week) => {
                let gets = |one: &NewsletterKey| {
                    reader.asks_for(one.name.as_str(), one.is_default)
                        && !has_left(&one.id, &reader.address)
                };
                asks || (is_weekly && week.of.iter().any(gets))
            }
        }
    }
}

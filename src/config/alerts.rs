//! `[alerts]`: letters of one story, sent at once to the readers who want them.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::sections::parse_id;
use super::{Config, Newsroom};
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::Problem;
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::schedule::parse_time;
use crate::select::parse_length;

/// What alerts are called where a newsletter has its name: in the archive's addresses, and behind `--newsletter`.
const NAME: &str = "alerts";

/// What `[alerts]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// Of their List-Id, runs and links.
    pub id: String,
    /// What readers call them.
    pub name: Line,
    pub max_per_day: usize,
    /// When none leaves.
    pub quiet: Option<QuietHours>,
    /// How long after its freeze a letter of an alert may still leave.
    pub give_up_after: TimeDelta,
    /// The only sections that an alert may be of; none: any.
    pub sections: Vec<Line>,
}

/// `22:00-06:00`: from a time of day, that included, to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    to: NaiveTime,
}

impl QuietHours {
    fn parse(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once('-').ok_or_else(|| {
            let shown = Line::clean_to(text, 40);
            format!("`{shown}` is no span of time: expected one such as `22:00-06:00`")
        })?;
        let (from, to) = (parse_time(from.trim())?, parse_time(to.trim())?);
        if from == to {
            return Err("quiet hours that end when they begin are none, or all".to_owned());
        }
        Ok(Self { from, to })
    }

    /// When the quiet hours end that hold at `now` by the clocks of `zone`; `None`: it is not quiet.
    #[must_use]
    pub fn until(&self, now: DateTime<Utc>, zone: &Zone) -> Option<DateTime<Utc>> {
        let time = zone.at(now).time();
        let is_quiet = if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            time >= self.from || time < self.to
        };
        is_quiet.then(|| next(self.to, now, zone))
    }

    /// When they begin next, behind `now`.
    #[must_use]
    pub fn begin(&self, now: DateTime<Utc>, zone: &Zone) -> DateTime<Utc> {
        next(self.from, now, zone)
    }
}

/// The first instant behind `now` at which the clocks of `zone` have reached that time of a day.
fn next(time: NaiveTime, now: DateTime<Utc>, zone: &Zone) -> DateTime<Utc> {
    let days = std::iter::successors(Some(zone.day(now)), chrono::NaiveDate::succ_opt);
    let mut instants = days.map(|day| zone.first(day.and_time(time)));
    instants.find(|at| *at > now).unwrap_or(now)
}

pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Alerts> {
    let mut table = table.table("alerts", problems)?;
    let before = problems.len();
    let id = table.value("id", problems, parse_id);
    let name = table.line("name", problems);
    let max_per_day = table.whole("max_per_day", 1, 50, problems);
    let quiet = table.value("quiet", problems, QuietHours::parse);
    let give_up_after = table.value("give_up_after", problems, parse_length);
    let sections = table.lines("sections", problems).unwrap_or_default();
    if name.is_none() && problems.len() == before {
        let what = "`[alerts]` must give `name`: what readers call them";
        problems.add_missing(table.problem_here(what));
    }
    table.finish(problems);
    Some(Alerts {
        id: id.unwrap_or_else(|| NAME.to_owned()),
        name: name?,
        max_per_day: max_per_day.map_or(3, |most| usize::try_from(most).unwrap_or(3)),
        quiet,
        give_up_after: give_up_after.unwrap_or(TimeDelta::hours(2)),
        sections,
    })
}

impl Newsroom {
    /// Makes the alerts' own config of `[alerts]`: they come from the sender and in the look of the first newsletter that is everybody's, or of the
    /// first. If a newsletter has their id or name, that costs the alerts only.
    pub(super) fn add_alerts(&mut self) {
        let mut all = self.newsletters.iter();
        let base = all.find(|one| one.is_default).or(self.newsletters.first());
        self.alerts = base.and_then(|base| {
            let alerts = base.alerts.as_ref()?;
            let name = NAME.parse::<NewsletterName>().ok()?;
            if self.names().contains(&name) || self.ids().any(|id| id == alerts.id) {
                let what = "a newsletter has the name or the `id` of `[alerts]`";
                let hint = "`id` below `[alerts]` gives alerts another one; `newsletters/alerts.toml` cannot be beside `[alerts]`";
                return Some(Err(Problem::new(what).hint(hint)));
            }
            Some(Ok(Box::new(base.of_alerts(name, alerts))))
        });
    }
}

impl Config {
    fn of_alerts(&self, name: NewsletterName, alerts: &Alerts) -> Self {
        let mut config = Self {
            name: Some(name),
            is_alerts: true,
            is_default: false,
            about: None,
            week: None,
            has_week: false,
            schedule: None,
            welcome: None,
            // It goes at once, by a person who has seen it and said so.
            approval: None,
            ..self.clone()
        };
        // Of an edition of one story nothing else is expected.
        let selection = &mut config.selection;
        (selection.top, selection.most_read, selection.latest) = (1, 0, 0);
        config.newsletter.id.clone_from(&alerts.id);
        config.newsletter.name = alerts.name.clone();
        let pages = [&mut config.newsletter.public, &mut config.serving.public];
        for public in pages.into_iter().flatten() {
            public.newsletter.clone_from(&config.name);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_by_the_newsletters_clocks() {
        let zone = Zone::bundled("Europe/Lisbon").unwrap();
        let check = |hours: &str, now: &str| {
            let hours = QuietHours::parse(hours).unwrap();
            let until = hours.until(now.parse().unwrap(), &zone);
            until.map(|until| zone.at(until).to_rfc3339())
        };
        let six = |day: &str, offset: &str| Some(format!("{day}T06:00:00{offset}"));
        assert_eq!(check("22:00-06:00", "2026-08-24T20:59:59Z"), None);
        assert_eq!(
            check("22:00-06:00", "2026-08-24T21:00:00Z"),
            six("2026-08-25", "+01:00")
        );
        assert_eq!(
            check("22:00-06:00", "2026-08-25T04:59:59Z"),
            six("2026-08-25", "+01:00")
        );
        assert_eq!(check("22:00-06:00", "2026-08-25T05:00:00Z"), None);
        // The night in which the clocks go back.
        assert_eq!(
            check("22:00 - 06:00", "2026-10-24T22:00:00Z"),
            six("2026-10-25", "+00:00")
        );
        assert_eq!(
            check("00:00-06:00", "2026-10-25T05:59:00Z"),
            six("2026-10-25", "+00:00")
        );
        assert_eq!(check("00:00-06:00", "2026-10-25T06:00:00Z"), None);
        for wrong in ["22:00", "22:00-22:00", "22-6", "24:00-06:00", ""] {
            assert!(QuietHours::parse(wrong).is_err(), "{wrong}");
        }
    }
}

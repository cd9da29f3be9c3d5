//! `schedule`: the next runs by the clock, and what is special about them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Offset as _, Utc};

use super::arguments::ScheduleArgs;
use super::exit::Exit;
use super::open::{Setting, no_ledger};
use super::report::{Failure, Report, counted};
use super::subscribers_list;
use crate::clock;
use crate::config::Config;
use crate::model::rhythm::ZoneName;
use crate::model::zone::Zone;
use crate::schedule::{EditionStage, Planned, Schedule};

pub(super) fn run(verb: &ScheduleArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let (configs, broken) = setting.meant()?;
    let (mut tables, mut values) = (Vec::new(), Vec::new());
    for config in &configs {
        let Some(schedule) = &config.schedule else {
            continue;
        };
        let (table, value) = of_one(verb, config, schedule, setting)?;
        tables.push(table);
        values.push(value);
    }
    if values.is_empty() {
        return Err(Failure::says(format!(
            "`{}` has no `[schedule]`: nothing is drafted or sent by the clock",
            setting.config_file().display()
        ))
        .hint("`[schedule]` with `send_at = \"07:00\"` sends from Monday to Friday at seven"));
    }
    if !setting.json() {
        report.data(&tables.join("\n"));
    } else if let (Some(only), None) = (values.first(), &configs[0].name) {
        report.json(only);
    } else {
        report.json(&values);
    }
    if broken.is_empty() {
        Ok(Exit::Done)
    } else {
        Err(Failure::problems(broken).still("the schedules of the other newsletters are shown"))
    }
}

/// The schedule of one newsletter, as a table and as JSON.
fn of_one(
    verb: &ScheduleArgs,
    config: &Config,
    schedule: &Schedule,
    setting: &Setting,
) -> Result<(String, serde_json::Value), Failure> {
    let runs: Vec<Planned> = schedule
        .runs(setting.now())
        .take(verb.count.into())
        .collect();
    let mut rows = Vec::new();
    for run in &runs {
        rows.push((run, clock::stage(config, &run.slug).map_err(no_ledger)?));
    }
    let last = runs.last().map(|run| run.slug.day());
    let today = schedule.zone.day(setting.now());
    let holidays: Vec<NaiveDate> = last
        .map(|last| schedule.left_out(today, last).collect())
        .unwrap_or_default();
    let mut value = json(schedule, &rows, &holidays);
    let hours = match runs.first() {
        Some(next) if schedule.is_local(&next.slug) => hours(config, schedule, next)?,
        _ => Vec::new(),
    };
    if !hours.is_empty() {
        value["hours"] = hours.iter().map(ZoneHours::json).collect();
    }
    if let Some(name) = &config.name {
        value["newsletter"] = name.as_str().into();
    }
    let mut table = table(config, schedule, &rows, &holidays);
    for one in hours {
        _ = writeln!(table, "{}", one.line(&schedule.zone));
    }
    Ok((table, value))
}

/// When readers of one zone get the next edition, by the newsletter's clocks and by theirs.
struct ZoneHours {
    zone: Zone,
    at: DateTime<Utc>,
    until: DateTime<Utc>,
    readers: u64,
}

impl ZoneHours {
    fn line(&self, own: &Zone) -> String {
        let span = |zone: &Zone| {
            let time = |instant| zone.at(instant).format("%H:%M").to_string();
            format!("{} to {}", time(self.at), time(self.until))
        };
        format!(
            "  {:<22}  {} here, {} there: {}",
            self.zone.name(),
            span(own),
            span(&self.zone),
            counted(self.readers, "reader", "readers")
        )
    }

    fn json(&self) -> serde_json::Value {
        let at = |instant| self.zone.at(instant).to_rfc3339();
        serde_json::json!({
            "time_zone": self.zone.name(),
            "send_at": at(self.at),
            "not_after": at(self.until),
            "readers": self.readers,
        })
    }
}

/// The hours of each zone that readers name, in order; of those without a zone, or with one that nobody knows, those of the newsletter.
fn hours(config: &Config, schedule: &Schedule, run: &Planned) -> Result<Vec<ZoneHours>, Failure> {
    let (readers, ..) = subscribers_list::read_if_any(config, Report::silent())?;
    let mut counts: BTreeMap<Option<ZoneName>, u64> = BTreeMap::new();
    for reader in readers {
        if config.is_wanted_by(&reader, |_, _| false) {
            *counts.entry(reader.rhythm.time_zone).or_default() += 1;
        }
    }
    let mut all: Vec<ZoneHours> = Vec::new();
    for (name, readers) in counts {
        let zone = name.and_then(|name| Zone::bundled(name.as_str()).ok());
        let hours = schedule.hours_in(&run.slug, zone.as_ref());
        let zone = zone.unwrap_or_else(|| schedule.zone.clone());
        let Some(hours) = hours else {
            continue;
        };
        match all
            .iter_mut()
            .find(|known| known.zone.name() == zone.name())
        {
            Some(known) => known.readers += readers,
            None => all.push(ZoneHours {
                zone,
                at: hours.at.max(run.send_at),
                until: hours.until,
                readers,
            }),
        }
    }
    all.sort_by_key(|one| one.at);
    Ok(all)
}

fn table(
    config: &Config,
    schedule: &Schedule,
    rows: &[(&Planned, EditionStage)],
    holidays: &[NaiveDate],
) -> String {
    let mut lines: Vec<(NaiveDate, String)> = rows
        .iter()
        .map(|(run, stage)| (run.slug.day(), line(schedule, run, *stage)))
        .collect();
    lines.extend(holidays.iter().map(|day| {
        let line = format!("{}  a holiday", day.format("%a %Y-%m-%d"));
        (*day, line)
    }));
    lines.sort_by_key(|(day, _)| *day);
    let mut out = format!(
        "{}, {}\nday             draft at  send at  not after\n",
        config.newsletter.name,
        schedule.zone.name()
    );
    for (_, line) in lines {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn line(schedule: &Schedule, run: &Planned, stage: EditionStage) -> String {
    let local = |instant| schedule.zone.at(instant);
    let time = |instant| local(instant).format("%H:%M").to_string();
    let offset = |instant| local(instant).offset().fix();
    let is_next_day = local(run.not_after).date_naive() > local(run.send_at).date_naive();
    let end = time(run.not_after) + if is_next_day { " +1" } else { "" };
    let mut line = format!(
        "{}  {:<8}  {:<7}  {:<9}  {}",
        run.slug.day().format("%a %Y-%m-%d"),
        time(run.cut_off),
        time(run.send_at),
        end,
        offset(run.cut_off)
    );
    if offset(run.cut_off) != offset(run.not_after) {
        _ = write!(line, " to {}", offset(run.not_after));
    }
    let name = run.slug.name().map(|name| name.as_str().to_owned());
    let remarks: Vec<String> = name
        .into_iter()
        .chain(stage_in_words(stage).map(str::to_owned))
        .chain(
            schedule
                .is_local(&run.slug)
                .then(|| "by readers' clocks".to_owned()),
        )
        .chain(schedule.remarks(run).iter().map(ToString::to_string))
        .collect();
    if !remarks.is_empty() {
        line.push_str("  ");
        line.push_str(&remarks.join("; "));
    }
    line
}

fn stage_in_words(stage: EditionStage) -> Option<&'static str> {
    match stage {
        EditionStage::Missing => None,
        EditionStage::Drafted => Some("drafted"),
        EditionStage::Held => Some("held by the editor"),
        EditionStage::Unapproved => Some("not approved"),
        EditionStage::Over => Some("sent"),
    }
}

fn json(
    schedule: &Schedule,
    rows: &[(&Planned, EditionStage)],
    holidays: &[NaiveDate],
) -> serde_json::Value {
    let at = |instant| schedule.zone.at(instant).to_rfc3339();
    let runs: Vec<serde_json::Value> = rows
        .iter()
        .map(|(run, stage)| {
            let remarks: Vec<String> = schedule
                .remarks(run)
                .iter()
                .map(ToString::to_string)
                .collect();
            let mut row = serde_json::json!({
                "day": run.slug.day().to_string(),
                "draft_at": at(run.cut_off),
                "send_at": at(run.send_at),
                "not_after": at(run.not_after),
                "edition": stage_in_words(*stage),
                "remarks": remarks,
            });
            if let Some(name) = run.slug.name() {
                row["name"] = name.as_str().into();
            }
            row
        })
        .collect();
    let holidays: Vec<String> = holidays.iter().map(ToString::to_string).collect();
    serde_json::json!({ "time_zone": schedule.zone.name(), "runs": runs, "holidays": holidays })
}

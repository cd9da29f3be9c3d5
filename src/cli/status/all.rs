//! `status --all`: the newsletters side by side.

use serde_json::{Value, json};

use crate::cli::exit::Exit;
use crate::cli::open::{self, Setting};
use crate::cli::report::{Failure, Report, column, grouped};
use crate::cli::tally::tally_in_words;
use crate::config::Config;
use crate::ledger::{AskedAs, Fared, Target};
use crate::model::line::Line;

pub(super) fn run(setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let (configs, broken) = if setting.newsletter().is_some() {
        (vec![setting.config_or_alerts()?], Vec::new())
    } else {
        let newsroom = setting.newsroom()?;
        let all = newsroom.with_alerts().cloned().collect();
        (all, newsroom.problems())
    };
    let mut table = format!(
        "{}{}{}{}{}{}last edition",
        cell("newsletter", 20),
        cell("next", 18),
        cell("came", 8),
        cell("left", 8),
        cell("spam", 8),
        cell("", 2),
    );
    let mut values = Vec::new();
    for config in &configs {
        let (line, value) = row(config, setting)?;
        table.push('\n');
        table.push_str(line.trim_end());
        values.push(value);
    }
    if setting.json() {
        report.json(&values);
    } else {
        report.data(&table);
        report.say("\ncame, left: readers within 30 days; spam: complaints in a thousand copies within 30 days (! from 1 on, Gmail's line; !! from 3 on, too many)");
    }
    if broken.is_empty() {
        Ok(Exit::Done)
    } else {
        Err(Failure::problems(broken).still("the other newsletters are shown"))
    }
}

fn cell(text: &str, width: usize) -> String {
    column(&Line::clean(text), width)
}

/// A newsletter's row, and the same for a program.
fn row(config: &Config, setting: &Setting) -> Result<(String, Value), Failure> {
    let now = setting.now();
    let name = config.name.as_ref();
    let name = name.map_or(&*config.newsletter.id, |name| name.as_str());
    let (mut fared, mut last) = (Fared::default(), None);
    if let Some(ledger) = open::ledger_if_any(config)? {
        let asked_as = if config.is_alerts {
            AskedAs::Alerts
        } else {
            AskedAs::Newsletter(config.name.as_ref())
        };
        fared = ledger.fared(config.runs_of(), asked_as, now - Fared::SPAN)?;
        let runs = ledger.runs(config.runs_of())?.rows;
        if let Some(run) = runs.into_iter().find(|run| run.target == Target::Relay) {
            last = Some((run.slug.clone(), ledger.tally(run.id)?));
        }
    }
    let schedule = config.schedule.as_ref();
    let next =
        schedule.and_then(|schedule| schedule.runs(now).take(3).find(|run| run.send_at > now));
    let next = next.zip(schedule);
    let next = next.map(|(run, schedule)| schedule.zone.at(run.send_at));
    let spam = fared.complaint_rate();
    let mark = &"!!"[..fared.complaint_level()];
    let line = format!(
        "{}{}{}{}{}{}{}",
        cell(name, 20),
        cell(
            &next.as_ref().map_or_else(
                || "-".to_owned(),
                |at| at.format("%a %m-%d %H:%M").to_string()
            ),
            18
        ),
        cell(&grouped(fared.gained), 8),
        cell(&grouped(fared.left), 8),
        cell(
            &spam.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}")),
            8
        ),
        cell(mark, 2),
        last.as_ref().map_or_else(
            || "-".to_owned(),
            |(slug, tally)| format!("{slug}: {}", tally_in_words(tally))
        ),
    );
    let value = json!({
        "newsletter": name,
        "last": last.map(|(slug, tally)| json!({ "edition": slug.to_string(), "tally": tally })),
        "next": next.map(|at| at.to_rfc3339()),
        "gained": fared.gained,
        "left": fared.left,
        "complaints": fared.complaints,
        "accepted": fared.accepted,
        "complaints_per_thousand": spam,
    });
    Ok((line, value))
}

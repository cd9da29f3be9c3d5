//! `status`: what became of every copy of an edition.

mod all;
mod of;
mod refusals;
mod table;

use chrono::{DateTime, Utc};

use super::arguments::StatusArgs;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, grouped};
use super::tally::{relay_in_words, relays_json, tally_in_words};
use crate::config::Config;
use crate::ledger::{CopyStatus, Fate, Ledger, Run, Target};
use crate::model::approval::LetGo;
use crate::model::edition::{Edition, Question};
use crate::model::zone::Zone;
use crate::send::target;

pub(super) fn run(verb: &StatusArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    if verb.all {
        return all::run(setting, report);
    }
    let config = match setting.newsletter() {
        Some(_) => setting.config_or_alerts()?,
        None => setting.shared_config()?,
    };
    let zone = &config.newsletter.zone;
    let wanted = verb.day.clone().or_else(|| setting.date());
    let nothing = |any: bool| -> Failure {
        let what = wanted.as_ref().map_or_else(
            || "no edition was sent yet".to_owned(),
            |slug| format!("the edition of {slug} was not sent yet"),
        );
        let hint = if any {
            "`newsdigest status` shows the newest"
        } else {
            "`newsdigest send` sends today's"
        };
        Failure::says(what).hint(hint)
    };
    let Some(ledger) = open::ledger_if_any(&config)? else {
        return Err(nothing(false));
    };
    let of = setting.newsletter().and(config.runs_of());
    let found = ledger.runs(of)?;
    report.broken(&found.broken);
    let runs = found.rows;
    if let Some(address) = &verb.of {
        let runs: Vec<&Run> = runs
            .iter()
            .filter(|run| wanted.as_ref().is_none_or(|slug| *slug == run.slug))
            .collect();
        return of::run(address, &runs, &ledger, zone, setting, report);
    }
    // Of several newsletters each has a newest edition.
    let is_several = config.name.is_some();
    let newest = |run: &Run| {
        let mut same = runs.iter();
        same.find(|other| !is_several || other.newsletter == run.newsletter)
            .map(|newest| &newest.slug)
    };
    let shown: Vec<&Run> = runs
        .iter()
        .filter(|run| Some(&run.slug) == wanted.as_ref().or_else(|| newest(run)))
        .collect();
    if shown.is_empty() {
        return Err(nothing(!runs.is_empty()));
    }
    let lists = lists(verb);
    if verb.csv {
        table::print(&shown, &ledger, report)?;
    } else if setting.json() {
        let rows = shown
            .iter()
            .map(|run| json(run, &ledger, &lists))
            .collect::<Result<Vec<_>, Failure>>()?;
        report.json(&rows);
    } else {
        for run in &shown {
            let whose = is_several.then_some(&*run.newsletter);
            print(run, whose, &ledger, &lists, &target(&config), zone, report)?;
        }
    }
    if !verb.csv && !setting.json() && lists.is_empty() {
        today(&config, &ledger, setting.now(), report)?;
        refusals::complaints(&ledger, setting.now(), report)?;
    }
    for run in shown {
        let tally = ledger.tally(run.id)?;
        if !tally.balances() {
            return Err(Failure::says(format!(
                "the tally of {} does not balance: {}",
                run.slug,
                tally_in_words(&tally)
            ))
            .hint("either the ledger was damaged, or this is a bug of newsdigest: keep a copy of the ledger, and report it"));
        }
    }
    Ok(Exit::Done)
}

/// What the relay took of its quota today.
fn today(
    config: &Config,
    ledger: &Ledger,
    now: DateTime<Utc>,
    report: Report,
) -> Result<(), Failure> {
    let day = now.date_naive();
    for relay in config.relays.each() {
        let share = relay.share.and_then(|share| share.most(day));
        let most = relay.daily.into_iter().chain(share).min();
        if let (Some(name), Some(most)) = (relay.counted_as(), most) {
            let key = if Some(most) == relay.daily {
                "rate"
            } else {
                "share"
            };
            report.say(format!(
                "`{name}` took {} of the {} letters that `[relay] {key}` allows on {day} (UTC)",
                grouped(ledger.handed(name, day)?),
                grouped(u64::from(most)),
            ));
        }
    }
    Ok(())
}

/// `whose` is the id of its newsletter, where there are several.
fn print(
    run: &Run,
    whose: Option<&str>,
    ledger: &Ledger,
    lists: &[CopyStatus],
    target: &Target,
    zone: &Zone,
    report: Report,
) -> Result<(), Failure> {
    let tally = ledger.tally(run.id)?;
    if lists.is_empty() {
        report.data(&format!(
            "{}{}, frozen {}, {}: {}",
            whose.map_or_else(String::new, |id| format!("{id} ")),
            run.slug,
            zone.at(run.frozen).format("%Y-%m-%d %H:%M"),
            place(run),
            tally_in_words(&tally)
        ));
        if let Some(let_go) = &run.let_go {
            report.data(&let_go_in_words(let_go, zone));
        }
        if let Some((question, answers)) = answers(run, ledger)? {
            let [yes, no] = answers.map(grouped);
            let [first, second] = &question.answers;
            report.data(&format!(
                "asked `{}`: {yes} `{first}`, {no} `{second}`",
                question.text
            ));
        }
        for relay in ledger.relays(run.id)? {
            report.data(&relay_in_words(&relay));
        }
        refusals::print(run, ledger, report)?;
        if tally.queued > 0 && run.target == *target {
            report.hint(format!(
                "`newsdigest send --date {}` hands over the rest",
                run.slug
            ));
        }
    }
    if run.is_pruned && !lists.is_empty() {
        report.warn(format!(
            "the copies of {} were deleted after `[ledger] keep`: {}",
            run.slug,
            tally_in_words(&tally)
        ));
    }
    for standing in lists {
        let rows = ledger.list(run.id, *standing)?;
        report.say(format!(
            "{}, {}: {} {}",
            run.slug,
            place(run),
            grouped(rows.len() as u64),
            in_words(*standing)
        ));
        for row in rows {
            // The person asked for the list: addresses are in full.
            report.data(&format!("{}  {}", row.address, row.why));
        }
    }
    Ok(())
}

/// Who let it go. The addresses are the staff's own, in full.
fn let_go_in_words(let_go: &LetGo, zone: &Zone) -> String {
    let by = let_go.approvals.iter().map(|one| {
        let at = zone.at(one.at).format("%Y-%m-%d %H:%M");
        format!("{} {} at {at}", one.by, one.way.words())
    });
    let by = by.collect::<Vec<_>>().join(", ");
    match (let_go.approvals.len(), let_go.is_approved()) {
        (0, _) => "nobody approved it".to_owned(),
        (_, true) => format!("approved by {by}"),
        (given, false) => format!("approved by {by}: {given} of {}", let_go.needs),
    }
}

/// What the edition asked, and how often each answer was given; `None` where nobody could answer.
fn answers(run: &Run, ledger: &Ledger) -> Result<Option<(Question, [u64; 2])>, Failure> {
    let edition = Edition::from_toml(run.slug.clone(), "", &run.edition).ok();
    let question = edition.and_then(|edition| edition.question);
    match question.filter(|_| run.target == Target::Relay) {
        Some(question) => Ok(Some((question, ledger.answers(run.id)?))),
        None => Ok(None),
    }
}

fn place(run: &Run) -> String {
    match &run.target {
        Target::Relay => "to the relay".to_owned(),
        Target::Outbox(folder) => format!("rehearsal to `{folder}`"),
    }
}

fn lists(verb: &StatusArgs) -> Vec<CopyStatus> {
    let all = [
        (verb.rejected, CopyStatus::Rejected),
        (verb.in_doubt, CopyStatus::InDoubt),
        (verb.given_up, CopyStatus::GivenUp),
        (verb.left_out, CopyStatus::LeftOut),
    ];
    all.into_iter()
        .filter_map(|(asked, standing)| asked.then_some(standing))
        .collect()
}

fn in_words(standing: CopyStatus) -> String {
    standing.name().replace('_', " ")
}

fn json(run: &Run, ledger: &Ledger, lists: &[CopyStatus]) -> Result<serde_json::Value, Failure> {
    let tally = ledger.tally(run.id)?;
    let mut value = serde_json::json!({
        "edition": run.slug.to_string(),
        "newsletter": run.newsletter,
        "frozen": run.frozen.to_rfc3339(),
        "target": target_json(&run.target),
        "tally": tally,
        "balances": tally.balances(),
    });
    if let Some(let_go) = &run.let_go {
        value["let_go"] = serde_json::json!(let_go);
    }
    if let Some((question, answers)) = answers(run, ledger)? {
        let answers = question.answers.iter().zip(answers);
        let answers: Vec<_> = answers
            .map(|(answer, times)| serde_json::json!({ "answer": answer, "times": times }))
            .collect();
        value["question"] = serde_json::json!({ "text": question.text, "answers": answers });
    }
    let relays = relays_json(&ledger.relays(run.id)?);
    if !relays.is_empty() {
        value["relays"] = relays.into();
    }
    let refusals = refusals::json(run, ledger)?;
    if refusals.as_array().is_some_and(|all| !all.is_empty()) {
        value["refusals"] = refusals;
    }
    for standing in lists {
        let rows = ledger.list(run.id, *standing)?;
        value[standing.name()] = rows
            .iter()
            .map(|row| {
                let mut fate = fate_json(row);
                fate["email"] = row.address.as_str().into();
                fate
            })
            .collect();
    }
    Ok(value)
}

pub(super) fn target_json(target: &Target) -> serde_json::Value {
    match target {
        Target::Relay => serde_json::json!("relay"),
        Target::Outbox(folder) => serde_json::json!({ "outbox": folder }),
    }
}

fn fate_json(fate: &Fate) -> serde_json::Value {
    serde_json::json!({ "state": fate.standing.name(), "attempts": fate.attempts, "why": fate.why, "at": fate.at.to_rfc3339() })
}

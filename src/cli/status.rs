//! `status`: what became of every copy of an edition.

use super::Exit;
use super::arguments::Status;
use super::open::{self, Setting};
use super::report::{Failure, Report, grouped};
use super::send::{tally_in_words, target};
use crate::ledger::{Ledger, Listing, Run, Target};

pub(super) fn run(verb: &Status, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let wanted = verb
        .day
        .clone()
        .or_else(|| setting.date_given().then(|| setting.slug(&config)));
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
    let runs = ledger.runs().map_err(Failure::error)?;
    let newest = wanted
        .clone()
        .or_else(|| runs.first().map(|run| run.slug.clone()));
    let shown: Vec<&Run> = runs
        .iter()
        .filter(|run| Some(&run.slug) == newest.as_ref())
        .collect();
    if shown.is_empty() {
        return Err(nothing(!runs.is_empty()));
    }
    let lists = lists(verb);
    if setting.json() {
        let rows = shown
            .iter()
            .map(|run| json(run, &ledger, &lists))
            .collect::<Result<Vec<_>, Failure>>()?;
        report.json(&rows);
        return Ok(Exit::Done);
    }
    for run in shown {
        let tally = ledger.tally(run.id).map_err(Failure::error)?;
        let frozen = config
            .newsletter
            .zone
            .at(run.frozen)
            .format("%Y-%m-%d %H:%M");
        let place = match &run.target {
            Target::Relay => "to the relay".to_owned(),
            Target::Outbox(folder) => format!("rehearsal to `{folder}`"),
        };
        if lists.is_empty() {
            report.data(&format!(
                "{}, frozen {frozen}, {place}: {}",
                run.slug,
                tally_in_words(&tally)
            ));
        }
        if lists.is_empty() && tally.queued > 0 && run.target == target(&config) {
            report.hint(format!(
                "`newsdigest send --date {}` hands over the rest",
                run.slug
            ));
        }
        if !tally.balances() {
            report.warn("the tally does not balance: this is a bug of newsdigest");
        }
        for (name, listing) in &lists {
            let rows = ledger.list(run.id, *listing).map_err(Failure::error)?;
            report.say(format!(
                "{}, {place}: {} {}",
                run.slug,
                grouped(rows.len() as u64),
                name.replace('_', " ")
            ));
            for row in rows {
                // The person asked for the list: addresses stand in full.
                report.data(&format!("{}  {}", row.address.reveal(), row.why));
            }
        }
    }
    Ok(Exit::Done)
}

fn lists(verb: &Status) -> Vec<(&'static str, Listing)> {
    let all = [
        (verb.rejected, "rejected", Listing::Rejected),
        (verb.in_doubt, "in_doubt", Listing::InDoubt),
        (verb.given_up, "given_up", Listing::GivenUp),
        (verb.left_out, "left_out", Listing::LeftOut),
    ];
    all.into_iter()
        .filter(|(asked, ..)| *asked)
        .map(|(_, name, listing)| (name, listing))
        .collect()
}

fn json(
    run: &Run,
    ledger: &Ledger,
    lists: &[(&'static str, Listing)],
) -> Result<serde_json::Value, Failure> {
    let tally = ledger.tally(run.id).map_err(Failure::error)?;
    let target = match &run.target {
        Target::Relay => serde_json::json!("relay"),
        Target::Outbox(folder) => serde_json::json!({ "outbox": folder }),
    };
    let mut value = serde_json::json!({
        "edition": run.slug.to_string(),
        "frozen": run.frozen.to_rfc3339(),
        "target": target,
        "tally": tally,
        "balances": tally.balances(),
    });
    for (name, listing) in lists {
        let rows = ledger.list(run.id, *listing).map_err(Failure::error)?;
        value[*name] = rows.iter().map(|row| serde_json::json!({ "email": row.address.reveal(), "why": row.why, "at": row.at.map(|at| at.to_rfc3339()) })).collect();
    }
    Ok(value)
}

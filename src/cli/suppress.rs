//! `suppress` and `unsuppress`: the list that always wins over the subscribers file.

use super::arguments::{AddressArgs, SuppressArgs};
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use crate::model::address::Address;
use crate::model::problem::Problem;
use crate::model::subscriber::Suppression;
use crate::newsroom::SpreadsheetTable;

pub(super) fn add(verb: &SuppressArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    if let Some(path) = &verb.import {
        return super::import::suppress(path, &config, setting, report);
    }
    if verb.list {
        return list(verb.csv, setting, report);
    }
    let addresses = addresses(&verb.addresses)?;
    let mut ledger = open::ledger(&config)?;
    let new = ledger.suppress(&addresses, Suppression::ByHand, setting.now())?;
    report.say(format!(
        "{} put on the suppression list{}",
        counted(new, "address", "addresses"),
        match addresses.len() - new {
            0 => String::new(),
            before => format!(", {before} already there"),
        }
    ));
    Ok(Exit::Done)
}

fn list(csv: bool, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    let (mut all, mut left) = (Vec::new(), Vec::new());
    if let Some(ledger) = open::ledger_if_any(&config)? {
        let (found, left_one) = (ledger.suppressed()?, ledger.left_one()?);
        report.broken(&found.broken);
        report.broken(&left_one.broken);
        (all, left) = (found.rows, left_one.rows);
    }
    // The person asked for the list: addresses are in full.
    let zone = &config.newsletter.zone;
    if csv {
        let mut bytes = Vec::new();
        let mut table = SpreadsheetTable::new(&mut bytes, ["address", "reason", "date"])?;
        for row in &all {
            let day = zone.day(row.since).to_string();
            table.row([row.address.reveal(), row.reason.code(), &day])?;
        }
        table.finish()?;
        report.data(&String::from_utf8_lossy(&bytes));
    } else if setting.json() {
        let rows = all.iter().map(|row| serde_json::json!({ "email": row.address.reveal(), "reason": row.reason.code(), "since": row.since.to_rfc3339() }));
        let left = left.iter().map(|(address, newsletter, since)| serde_json::json!({ "email": address.reveal(), "left": newsletter, "since": since.to_rfc3339() }));
        let rows: Vec<_> = rows.chain(left).collect();
        report.json(&rows);
    } else if all.is_empty() && left.is_empty() {
        report.say("the suppression list is empty");
    } else {
        let row = |since, why: &str, address: &Address| {
            format!("{}  {why:<12}  {}", zone.day(since), address.reveal())
        };
        let rows = all
            .iter()
            .map(|one| row(one.since, one.reason.code(), &one.address));
        let left = left.iter();
        let left = left.map(|(address, id, since)| row(*since, &format!("left {id}"), address));
        let rows: Vec<String> = rows.chain(left).collect();
        report.data(&rows.join("\n"));
    }
    Ok(Exit::Done)
}

pub(super) fn lift(verb: &AddressArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    let addresses = addresses(&verb.addresses)?;
    let lifted = match open::ledger_if_any(&config)? {
        Some(mut ledger) => ledger.unsuppress(&addresses)?,
        None => 0,
    };
    let unknown = addresses.len() - lifted;
    report.say(format!(
        "{} taken off the suppression list{}",
        counted(lifted, "address", "addresses"),
        if unknown == 0 {
            String::new()
        } else {
            format!(", {unknown} not on it")
        }
    ));
    Ok(Exit::Done)
}

/// Every argument as an address, or every problem with them.
pub(super) fn addresses(texts: &[String]) -> Result<Vec<Address>, Failure> {
    let mut problems = Vec::new();
    let mut addresses = Vec::new();
    for text in texts {
        match Address::parse(text) {
            Ok(address) => addresses.push(address),
            Err(error) => problems.push(Problem::new(error.to_string())),
        }
    }
    if problems.is_empty() {
        Ok(addresses)
    } else {
        Err(Failure::problems(problems).still("nothing was changed or sent"))
    }
}

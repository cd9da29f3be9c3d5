//! `status --of`: everything the ledger knows about one reader. The address is shown in full: the person typed it.

use super::{fate_json, in_words, place, target_json};
use crate::cli::exit::Exit;
use crate::cli::open::Setting;
use crate::cli::report::{Failure, Report, counted};
use crate::cli::suppress::addresses;
use crate::ledger::{CameBack, CopyStatus, Fate, Ledger, Run};
use crate::model::zone::Zone;

pub(super) fn run(
    address: &str,
    runs: &[&Run],
    ledger: &Ledger,
    zone: &Zone,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let all = addresses(&[address.to_owned()])?;
    let address = &all[0];
    let mut copies: Vec<(&Run, Fate)> = Vec::new();
    for (id, fate) in ledger.copies_of(address)? {
        let run = runs.iter().find(|run| run.id == id);
        copies.extend(run.map(|run| (*run, fate)));
    }
    let suppressed = ledger.suppression_of(address)?;
    let mut back: Vec<(Option<&Run>, CameBack)> = Vec::new();
    for row in ledger.came_back(address)? {
        let number = row.run.and_then(|run| u64::try_from(run).ok());
        let run = runs.iter().find(|run| Some(run.id.number()) == number);
        // One of another edition than that asked for is left out.
        if run.is_some() || number.is_none() {
            back.push((run.copied(), row));
        }
    }
    if setting.json() {
        let copies: Vec<_> = copies
            .iter()
            .map(|(run, fate)| {
                let mut copy = fate_json(fate);
                copy["edition"] = run.slug.to_string().into();
                copy["target"] = target_json(&run.target);
                copy
            })
            .collect();
        let back: Vec<_> = back
            .iter()
            .map(|(run, row)| serde_json::json!({ "edition": run.map(|run| run.slug.to_string()), "class": row.what, "why": row.words, "at": row.at.to_rfc3339() }))
            .collect();
        let suppressed = suppressed.map(|row| serde_json::json!({ "reason": row.reason.code(), "since": row.since.to_rfc3339() }));
        report.json(&serde_json::json!({ "email": address.reveal(), "suppressed": suppressed, "copies": copies, "came_back": back }));
        return Ok(Exit::Done);
    }
    let time = |at| zone.at(at).format("%Y-%m-%d %H:%M").to_string();
    if copies.is_empty() && suppressed.is_none() && back.is_empty() {
        return Err(Failure::says("no edition was sent to that address")
            .hint("`newsdigest subscribers list` shows who is in the subscribers file"));
    }
    if let Some(row) = suppressed {
        let (since, reason) = (time(row.since), row.reason.code());
        report.data(&format!("on the suppression list since {since}: {reason}"));
    }
    for (run, fate) in copies {
        let mut line = format!(
            "{}, {}: {}, {}",
            run.slug,
            place(run),
            in_words(fate.standing),
            time(fate.at)
        );
        let taken = matches!(fate.standing, CopyStatus::Accepted | CopyStatus::InDoubt);
        let not_taken = fate.attempts.saturating_sub(u32::from(taken));
        if not_taken > 0 && fate.standing != CopyStatus::Rejected {
            let times = counted(not_taken, "time", "times");
            line.extend([", not taken ", &times]);
        }
        if !fate.why.is_empty() {
            line.extend([": ", fate.why.as_str()]);
        }
        report.data(&line);
    }
    for (run, row) in back {
        let edition = run.map_or_else(String::new, |run| format!("{}, ", run.slug));
        let (at, what, words) = (time(row.at), row.what, row.words);
        report.data(&format!("{edition}came back, {at}: {what}: {words}"));
    }
    Ok(Exit::Done)
}

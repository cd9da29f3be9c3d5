//! What large providers' refusals of a run mean, and where readers complained.

use chrono::{DateTime, Utc};

use crate::bounce::refusals::{KnownRefusal, explain};
use crate::cli::report::{Report, counted, grouped};
use crate::ledger::{Fared, Ledger, LedgerError, Run};

/// The refusals of a run that are known, each with how many readers had it, the most frequent first.
fn known(run: &Run, ledger: &Ledger) -> Result<Vec<(&'static KnownRefusal, u64)>, LedgerError> {
    let mut all: Vec<(&'static KnownRefusal, u64)> = Vec::new();
    for (words, count) in ledger.refusals(run.id)? {
        let Some(refusal) = explain(words.as_str()) else {
            continue;
        };
        match all.iter_mut().find(|(one, _)| *one == refusal) {
            Some((_, sum)) => *sum += count,
            None => all.push((refusal, count)),
        }
    }
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(all)
}

pub(super) fn print(run: &Run, ledger: &Ledger, report: Report) -> Result<(), LedgerError> {
    for (one, count) in known(run, ledger)? {
        report.data(&format!(
            "{} refused {}: {}\n  to do: {}\n  see {}",
            one.who,
            counted(count, "letter", "letters"),
            one.means,
            one.remedy,
            one.source
        ));
    }
    Ok(())
}

pub(super) fn json(run: &Run, ledger: &Ledger) -> Result<serde_json::Value, LedgerError> {
    let all = known(run, ledger)?.into_iter().map(|(one, count)| {
        serde_json::json!({ "who": one.who, "letters": count, "means": one.means, "remedy": one.remedy, "source": one.source })
    });
    Ok(all.collect())
}

/// Where readers complained within 30 days, if any did.
pub(super) fn complaints(
    ledger: &Ledger,
    now: DateTime<Utc>,
    report: Report,
) -> Result<(), LedgerError> {
    let rates = ledger.complaint_rates(now - Fared::SPAN)?;
    let told = rates.iter().filter(|one| one.complaints > 0).map(|one| {
        let (complaints, accepted) = (grouped(one.complaints), grouped(one.accepted));
        let rate = one.per_thousand();
        format!(
            "{} {complaints} of {accepted} ({rate:.1} in a thousand)",
            one.provider.title()
        )
    });
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        report.say(format!(
            "called spam within 30 days: {}; Gmail and Yahoo want less than 1 in a thousand, and never 3",
            told.join(", ")
        ));
    }
    Ok(())
}

//! The record of a newsletter's sections, as the ledger keeps it from one draft to the next.

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::ledger::{Ledger, LedgerError, StoredAnswer};
use crate::select::SectionRecord;

fn key(config: &Config) -> String {
    format!("record of sections: {}", config.newsletter.id)
}

/// The record of the last draft; a new one where there is none that can be read.
pub(super) fn recall(
    config: &Config,
    ledger: Option<&Ledger>,
) -> Result<SectionRecord, LedgerError> {
    let kept = match ledger {
        Some(ledger) => ledger.remembered(&key(config))?,
        None => None,
    };
    let record = kept.and_then(|kept| serde_json::from_slice(&kept.body).ok());
    Ok(record.unwrap_or_default())
}

/// Keeps it for the next.
pub(super) fn keep(
    config: &Config,
    ledger: &mut Ledger,
    record: &SectionRecord,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let Ok(body) = serde_json::to_vec(record) else {
        return Ok(());
    };
    let kept = StoredAnswer {
        etag: None,
        last_modified: None,
        body,
    };
    ledger.remember(&key(config), &kept, now)
}

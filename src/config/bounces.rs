//! `[bounces]`: what is done about letters that come back.

use chrono::TimeDelta;

use crate::ledger::Patience;
use crate::select::parse_length;
use crate::sheet::{Problems, Sheet};

/// When soft bounces are too many; five editions within a fortnight unless it says otherwise.
pub(super) fn read(sheet: &mut Sheet<'_>, problems: &Problems) -> Patience {
    let mut patience = Patience {
        soft: 5,
        within: TimeDelta::days(14),
    };
    let Some(mut sheet) = sheet.sheet("bounces", problems) else {
        return patience;
    };
    if let Some(soft) = sheet.whole("soft", 1, 100, problems) {
        patience.soft = u32::try_from(soft).unwrap_or(patience.soft);
    }
    if let Some(within) = sheet.parsed("within", problems, parse_length) {
        patience.within = within.value;
    }
    sheet.finish(problems);
    patience
}

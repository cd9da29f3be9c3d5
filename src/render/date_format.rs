//! The formats of days and times, in strftime's form.

use std::fmt::Write as _;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Utc};

use super::keys::Format;
use crate::model::line::Line;

/// A format, checked: printing a day (or, but for `date`, a moment) with it cannot fail.
pub(super) type Items = Vec<Item<'static>>;

/// Parses strftime's form.
pub(super) fn parse(key: Format, text: &str) -> Result<Items, String> {
    let clean = Line::clean(text);
    let wrong = || {
        format!(
            "`{}` must be a date's format such as `%A, %-d %B %Y`, but found `{}`",
            key.key(),
            Line::clean_to(text, 60)
        )
    };
    let items = StrftimeItems::new(clean.as_str())
        .parse_to_owned()
        .map_err(|_| wrong())?;
    // A day knows no hour: chrono finds that out only when it prints.
    let sample = DateTime::<Utc>::UNIX_EPOCH;
    let mut shown = String::new();
    let printed = if key == Format::Date {
        write!(
            shown,
            "{}",
            sample.date_naive().format_with_items(items.iter())
        )
    } else {
        write!(shown, "{}", sample.format_with_items(items.iter()))
    };
    if printed.is_err() || Line::clean(&shown).is_empty() || shown.contains(char::is_control) {
        return Err(wrong());
    }
    Ok(items)
}

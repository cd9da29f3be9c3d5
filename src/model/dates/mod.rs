//! Dates as feeds, pages and spreadsheets write them: numbers and words in any order, in the languages of our words and their neighbours.
//!
//! Nothing is guessed. Where the order of day and month cannot be told, or a zone has a name that is not known, a date is not read: hours
//! off, or months off, is worse than nothing.

mod calendar;
mod reader;
mod simplify;
mod words;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::model::newsletter::Language;
use crate::model::zone::Zone;
use reader::Parts;

/// The longest date, in octets.
const LONGEST: usize = 160;

/// When something was published, as far as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Of a mere day, when it began.
    pub at: DateTime<Utc>,
    /// Whether only the day is known.
    pub is_day: bool,
}

impl Date {
    const fn of(at: DateTime<Utc>) -> Self {
        Self { at, is_day: false }
    }

    /// The instant; of a mere day its middle, or the middle of what has passed of it. Taken as published when it began, the stories of a
    /// whole day would be too old for the edition of the next morning, and be in none.
    #[must_use]
    pub fn middle(self, now: DateTime<Utc>) -> DateTime<Utc> {
        if self.is_day {
            of_day(self.at, now)
        } else {
            self.at
        }
    }
}

/// Which of day and month comes first in `08/09/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    DayFirst,
    MonthFirst,
}

/// How a source writes its dates, as far as a date alone does not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateStyle {
    /// Of times that name no zone.
    zone: Zone,
    /// `None`: `08/09/2026` is not read.
    order: Option<Order>,
}

impl DateStyle {
    /// The style of a source in that language. Of English papers only those that say so (`en-US`, `en-GB`) write in one order.
    #[must_use]
    pub fn new(zone: Zone, language: &Language) -> Self {
        let order = match (&*language.primary(), language.tag()) {
            (_, "en-US") => Some(Order::MonthFirst),
            ("ja" | "zh" | "ko" | "fa" | "hu", _) | (_, "en") => None,
            _ => Some(Order::DayFirst),
        };
        Self { zone, order }
    }

    /// The zone of times that name none.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The same in another zone.
    #[must_use]
    pub fn in_zone(&self, zone: Zone) -> Self {
        Self {
            zone,
            ..self.clone()
        }
    }

    /// That of dates that always name their zone and begin with the year.
    #[must_use]
    pub fn universal() -> Self {
        Self {
            zone: Zone::utc(),
            order: None,
        }
    }

    /// The order of a document that has these dates: those with a day after the twelfth tell it for all.
    #[must_use]
    pub fn of_document<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Self {
        let mut told = texts.filter_map(|text| Parts::read(text.trim(), None)?.order);
        let order = match told.next() {
            Some(first) if told.all(|order| order == first) => Some(first),
            Some(_) => None,
            None => self.order,
        };
        Self {
            order,
            ..self.clone()
        }
    }
}

/// The middle of the day that began at `start`, or of what has passed of it.
#[must_use]
pub fn of_day(start: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    start + (now - start).clamp(TimeDelta::zero(), TimeDelta::days(1)) / 2
}

/// Whether `date` is midnight in universal time, as which many systems write a day.
#[must_use]
pub fn is_midnight(date: DateTime<Utc>) -> bool {
    date.time() == NaiveTime::MIN
}

/// The date that `text` names, if it can be told.
#[must_use]
pub fn parse(text: &str, style: &DateStyle) -> Option<Date> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Date::of(instant.to_utc()));
    }
    since_1970(text).or_else(|| Parts::read(text, style.order)?.date(&style.zone))
}

/// Seconds or milliseconds since 1970.
fn since_1970(text: &str) -> Option<Date> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let number = whole.parse().ok()?;
    let at = match whole.len() {
        10 => DateTime::from_timestamp(number, 0),
        13 => DateTime::from_timestamp_millis(number),
        _ => None,
    };
    at.map(Date::of)
}

#[cfg(test)]
mod tests;

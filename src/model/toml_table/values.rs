//! Values out of a table, each taken once and as what it should be.

use std::fmt::Display;
use std::rc::Rc;

use chrono::{DateTime, FixedOffset, NaiveDate};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Found, Problems, TomlTable};
use crate::model::line::Line;

impl<'t> TomlTable<'t> {
    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.left.remove(key)
    }

    /// Leaves a key unread: what it says does not count here.
    pub fn pass_over(&mut self, key: &'static str) {
        self.take(key);
    }

    /// A key that may not stand here is a problem, with that hint.
    pub fn refuse(&mut self, key: &'static str, what: &str, hint: &str, problems: &Problems) {
        if let Some(value) = self.left.remove(key) {
            problems.add(self.problem(value.span(), what).hint(hint));
        }
    }

    fn take_as<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        problems: &Problems,
        read: impl FnOnce(DeValue<'t>) -> Option<T>,
    ) -> Option<Found<T>> {
        let value = self.take(key)?;
        let (span, found) = (value.span(), value.get_ref().type_str());
        if let Some(value) = read(value.into_inner()) {
            return Some(Found { value, span });
        }
        let problem = self.problem(
            span,
            format!("`{key}` must be {expected}, but found {found}"),
        );
        // An impossible date is no TOML, and has been named as such already.
        if !problems
            .found
            .borrow()
            .iter()
            .any(|known| known.place == problem.place)
        {
            problems.add(problem);
        }
        None
    }

    /// A string, as written.
    pub fn text(&mut self, key: &'static str, problems: &Problems) -> Option<Found<String>> {
        self.take_as(key, "a string", problems, |value| match value {
            DeValue::String(text) => Some(text.into_owned()),
            _ => None,
        })
    }

    /// A string, cleaned; one with nothing left counts as not given.
    pub fn line(&mut self, key: &'static str, problems: &Problems) -> Option<Line> {
        self.text(key, problems)
            .and_then(|found| Line::non_empty(&found.value))
    }

    /// A string that `parse` turns into what it means; its error, a sentence in the house's form, becomes a problem.
    pub fn parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        problems: &Problems,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Found<T>> {
        let Found { value, span } = self.text(key, problems)?;
        match parse(&value) {
            Ok(value) => Some(Found { value, span }),
            Err(error) => {
                problems.add(self.problem(span, error.to_string()));
                None
            }
        }
    }

    /// As [`TomlTable::parsed`], where its place does not matter.
    pub fn value<T, E: Display>(
        &mut self,
        key: &'static str,
        problems: &Problems,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.parsed(key, problems, parse).map(|found| found.value)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str, problems: &Problems) -> Option<bool> {
        self.take_as(key, "true or false", problems, |value| value.as_bool())
            .map(|found| found.value)
    }

    /// A whole number between `least` and `most`.
    pub fn whole(
        &mut self,
        key: &'static str,
        least: u64,
        most: u64,
        problems: &Problems,
    ) -> Option<u64> {
        let found = self.take_as(key, "a whole number", problems, |value| match value {
            DeValue::Integer(number) => {
                Some(i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX))
            }
            _ => None,
        })?;
        match u64::try_from(found.value) {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            _ => {
                problems.add(self.problem(
                    found.span,
                    format!(
                        "`{key}` must be from {least} to {most}, but found {}",
                        found.value
                    ),
                ));
                None
            }
        }
    }

    /// A number, whole or decimal, not negative.
    pub fn number(&mut self, key: &'static str, problems: &Problems) -> Option<Found<f64>> {
        let found = self.take_as(key, "a number", problems, |value| match value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse::<f64>().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        })?;
        if found.value.is_finite() && found.value >= 0.0 {
            return Some(found);
        }
        problems.add(self.problem(
            found.span,
            format!(
                "`{key}` must be a number of at least 0, but found {}",
                found.value
            ),
        ));
        None
    }

    /// A day such as `2026-08-24`, as a TOML date or as a string.
    pub fn day(&mut self, key: &'static str, problems: &Problems) -> Option<NaiveDate> {
        let what = "a day such as 2026-08-24";
        self.take_as(key, what, problems, |value| day_of(&value))
            .map(|found| found.value)
    }

    /// A list of days, each as [`TomlTable::day`] reads it; none when the key is missing.
    pub fn days(&mut self, key: &'static str, problems: &Problems) -> Vec<NaiveDate> {
        let expected = "a list of days such as 2026-08-24";
        let days = self.list(key, expected, problems, |value| day_of(&value).ok_or(value));
        days.into_iter()
            .flatten()
            .map(|found| found.value)
            .collect()
    }

    /// `true`, `false` or a day.
    pub fn flag_or_day(
        &mut self,
        key: &'static str,
        problems: &Problems,
    ) -> Option<Result<bool, NaiveDate>> {
        let what = "true, false or a day such as 2026-08-24";
        self.take_as(key, what, problems, |value| {
            value.as_bool().map(Ok).or_else(|| day_of(&value).map(Err))
        })
        .map(|found| found.value)
    }

    /// An instant with its offset, such as `2026-08-24T05:10:00+01:00`, as a TOML date-time or as a string.
    pub fn instant(
        &mut self,
        key: &'static str,
        problems: &Problems,
    ) -> Option<DateTime<FixedOffset>> {
        let what = "a time with its offset such as 2026-08-24T05:10:00+01:00";
        self.take_as(key, what, problems, |value| {
            let text = match value {
                DeValue::Datetime(moment) => moment.to_string(),
                DeValue::String(text) => text.into_owned(),
                _ => return None,
            };
            DateTime::parse_from_rfc3339(&text).ok()
        })
        .map(|found| found.value)
    }

    /// A list of strings, as written.
    pub fn texts(&mut self, key: &'static str, problems: &Problems) -> Option<Vec<Found<String>>> {
        self.list(key, "a list of strings", problems, |value| match value {
            DeValue::String(text) => Ok(text.into_owned()),
            other => Err(other),
        })
    }

    /// A list of strings, each as [`TomlTable::parsed`] reads one; none when the key is missing.
    pub fn all_parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        problems: &Problems,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<Found<T>> {
        let mut all = Vec::new();
        for Found { value, span } in self.texts(key, problems).into_iter().flatten() {
            match parse(&value) {
                Ok(value) => all.push(Found { value, span }),
                Err(error) => problems.add(self.problem(span, error.to_string())),
            }
        }
        all
    }

    /// A list whose members `read` takes or gives back; each that it gives back is a problem.
    fn list<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        problems: &Problems,
        read: impl Fn(DeValue<'t>) -> Result<T, DeValue<'t>>,
    ) -> Option<Vec<Found<T>>> {
        let list = self.take_as(key, expected, problems, |value| match value {
            DeValue::Array(list) => Some(list),
            _ => None,
        })?;
        let mut all = Vec::with_capacity(list.value.len());
        for item in list.value {
            let span = item.span();
            match read(item.into_inner()) {
                Ok(value) => all.push(Found { value, span }),
                Err(other) => {
                    let found = other.type_str();
                    let what = format!("`{key}` must be {expected}, but found {found} in it");
                    problems.add(self.problem(span, what));
                }
            }
        }
        Some(all)
    }

    /// A list of strings, each cleaned; empty ones are dropped.
    pub fn lines(&mut self, key: &'static str, problems: &Problems) -> Option<Vec<Line>> {
        Some(
            self.texts(key, problems)?
                .iter()
                .filter_map(|found| Line::non_empty(&found.value))
                .collect(),
        )
    }

    /// A table: `[key]` or `{ .. }`.
    pub fn table(&mut self, key: &'static str, problems: &Problems) -> Option<Self> {
        let found = self.take_as(key, "a table", problems, |value| match value {
            DeValue::Table(table) => Some(table),
            _ => None,
        })?;
        Some(self.inner(found))
    }

    /// A list of tables: `[[key]]` or `[{ .. }, ..]`; none when the key is missing.
    pub fn tables(&mut self, key: &'static str, problems: &Problems) -> Vec<Self> {
        let expected = format!("a list of tables, each under `[[{key}]]`");
        let tables = self.list(key, &expected, problems, |value| match value {
            DeValue::Table(table) => Ok(table),
            other => Err(other),
        });
        let tables = tables.into_iter().flatten();
        tables.map(|found| self.inner(found)).collect()
    }

    fn inner(&self, found: Found<DeTable<'t>>) -> Self {
        Self {
            written: self.written,
            span: found.span,
            left: found.value,
            asked: Vec::new(),
            made: Rc::clone(&self.made),
        }
    }

    /// All keys and string values that are left, in the file's order, for tables whose keys are the writer's own (words, headers).
    pub fn rest(&mut self, problems: &Problems) -> Vec<(Found<String>, Found<String>)> {
        let mut all = Vec::new();
        for (key, value) in std::mem::take(&mut self.left) {
            let (key_span, span) = (key.span(), value.span());
            match value.into_inner() {
                DeValue::String(text) => {
                    let key = Found {
                        value: key.into_inner().into_owned(),
                        span: key_span,
                    };
                    all.push((
                        key,
                        Found {
                            value: text.into_owned(),
                            span,
                        },
                    ));
                }
                other => problems.add(self.problem(
                    span,
                    format!(
                        "`{}` must be a string, but found {}",
                        key.get_ref(),
                        other.type_str()
                    ),
                )),
            }
        }
        all.sort_by_key(|(key, _)| key.span.start);
        all
    }

    /// All tables that are left, with their names, in the file's order, for tables whose names are the writer's own (languages).
    pub fn named_tables(&mut self) -> Vec<(Found<String>, Self)> {
        let mut all = Vec::new();
        for (key, value) in std::mem::take(&mut self.left) {
            let span = value.span();
            match value.into_inner() {
                DeValue::Table(value) => {
                    let key = Found {
                        span: key.span(),
                        value: key.into_inner().into_owned(),
                    };
                    all.push((key, self.inner(Found { value, span })));
                }
                other => {
                    self.left.insert(key, Spanned::new(span, other));
                }
            }
        }
        all.sort_by_key(|(key, _)| key.span.start);
        all
    }
}

fn day_of(value: &DeValue<'_>) -> Option<NaiveDate> {
    match value {
        DeValue::Datetime(moment) if moment.time.is_none() => moment.date.and_then(|day| {
            NaiveDate::from_ymd_opt(day.year.into(), day.month.into(), day.day.into())
        }),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    }
}

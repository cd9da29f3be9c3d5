//! A table of subscribers that another program wrote: what can be taken is taken, and each line that cannot is named.
//!
//! Nobody who left may come back by an import. So every column that speaks of whether somebody may be mailed is understood, or the import ends
//! before anything is changed. The table is read twice: once to understand every value, once for the people.

mod columns;
mod json;
mod kinds;
mod programs;
mod rows;
mod speaking;
mod standing;
mod vocabulary;
mod when;

use std::collections::HashMap;
use std::str::FromStr;

use chrono::NaiveDate;

pub use standing::Standing;

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterNameError;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::{Paused, Subscriber};
use crate::newsroom::subscribers::NO_NEWSLETTER;
use columns::{Columns, Judged};
use rows::{Cells, Rows};

/// What a person says about a table before it is read.
#[derive(Clone, Debug, Default)]
pub struct Instructions {
    /// The file's name; that of Mailchimp's `unsubscribed_...csv` is all that says so.
    pub name: String,
    /// What values mean.
    pub means: Vec<Meaning>,
    /// Columns that are not there.
    pub skip: Vec<String>,
    /// The column that becomes `sections`.
    pub sections: Option<String>,
}

/// What a value of a column means. `column` `None`: everybody in the table; `value` `None`: any value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    pub column: Option<String>,
    pub value: Option<String>,
    pub standing: Standing,
}

impl Meaning {
    /// Parses `COLUMN:VALUE=STANDING`, `COLUMN:*=STANDING` or `all=STANDING`.
    ///
    /// # Errors
    /// Says what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            "expected `COLUMN:VALUE=STANDING` or `all=STANDING`, where STANDING is `subscribed`, `left`, `bounced`, `complained`, `suppressed` or `unconfirmed`".to_owned()
        };
        let (left, standing) = text.rsplit_once('=').ok_or_else(wrong)?;
        let standing = Standing::named(standing.trim()).ok_or_else(wrong)?;
        if left == "all" {
            return Ok(Self {
                column: None,
                value: None,
                standing,
            });
        }
        let (column, value) = left.split_once(':').ok_or_else(wrong)?;
        Ok(Self {
            column: Some(column.trim().to_owned()),
            value: (value.trim() != "*").then(|| value.trim().to_owned()),
            standing,
        })
    }
}

/// What a table gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The program whose export it looks like.
    pub program: Option<&'static str>,
    /// Who may be mailed, in order; an address may come twice.
    pub subscribers: Vec<Subscriber>,
    /// Who may not be mailed, each once.
    pub gone: Vec<Gone>,
    /// How many have not confirmed, or never agreed.
    pub unconfirmed: usize,
    /// The other lines, the first hundred of them.
    pub bad: Vec<BadLine>,
    /// How many more of them there are than are named.
    pub more_bad: usize,
    /// The names of the columns by which people were judged.
    pub judged_by: Vec<Line>,
    /// The names of columns that were not read.
    pub ignored: Vec<Line>,
}

/// The most bad lines that are named.
const NAMED: usize = 100;

/// Somebody who may not be mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub address: Address,
    pub standing: Standing,
    /// On which day they left, if the table says so.
    pub day: Option<NaiveDate>,
}

/// A line nobody was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// From 1, as an editor counts them.
    pub line: usize,
    /// What is wrong, in the form of [`crate::model::problem::Problem::what`].
    pub what: String,
}

/// Why nobody was taken from a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("the first line must name a column `email`, but found {}", listed(.0))]
    NoEmailColumn(Vec<Line>),
    #[error("`{0}` is no column of this table: it has {columns}", columns = listed(.1))]
    NoSuchColumn(Line, Vec<Line>),
    #[error("{}", unknown(.0))]
    Unknown(Vec<UnknownColumn>),
    #[error("the table does not say who may be mailed, and looks like a list of people who left")]
    /// Why these people left, if they did.
    Silent(Standing),
    #[error("line {0} says `{1}` where an address belongs: who comes below it may have left")]
    Heading(usize, Line),
    #[error("JSON of more than 100 MB cannot be read: write the table as CSV")]
    LargeJson,
}

/// A column that speaks of whether people may be mailed, in words that are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn {
    pub column: Line,
    /// Each value and how many rows have it, the most frequent first.
    pub values: Vec<(Line, usize)>,
    /// Only its values look like such a column: yes and no, or days and none.
    pub is_guess: bool,
}

fn unknown(columns: &[UnknownColumn]) -> String {
    let each = columns.iter().map(|one| {
        let values = one.values.iter().take(10).map(|(value, count)| {
            let value = if value.as_str().is_empty() { "(empty)".to_owned() } else { format!("`{value}`") };
            format!("{value} ({count})")
        });
        let more = match one.values.len().saturating_sub(10) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let values: Vec<String> = values.collect();
        let (column, values) = (&one.column, values.join(", "));
        if one.is_guess {
            format!("it is not known whether the column `{column}` says who may be mailed: {values}{more}")
        } else {
            format!("the column `{column}` seems to say who may be mailed, but these values are not known: {values}{more}")
        }
    });
    each.collect::<Vec<_>>().join("; ")
}

fn listed(found: &[Line]) -> String {
    if found.is_empty() {
        return "nothing".into();
    }
    let names: Vec<String> = found
        .iter()
        .take(12)
        .map(|name| format!("`{name}`"))
        .collect();
    names.join(", ")
}

/// Reads a table with a header: CSV between commas, semicolons, tabs or bars, or JSON.
///
/// # Errors
/// [`ImportError`]: nobody was taken.
pub fn import(bytes: &[u8], instructions: &Instructions) -> Result<Imported, ImportError> {
    let rows = Rows::of(bytes)?;
    let mut columns = Columns::of(&rows, instructions)?;
    columns.understand(&rows)?;
    let mut imported = Imported {
        program: programs::written_by(&rows.header),
        judged_by: columns.judged_by(),
        ignored: columns.ignored(),
        ..Imported::default()
    };
    let mut gone: HashMap<String, Gone> = HashMap::new();
    rows.each(|line, cells| {
        let person = cells
            .map_err(str::to_owned)
            .and_then(|cells| person(&columns, cells));
        match person {
            Err(what) if imported.bad.len() < NAMED => imported.bad.push(BadLine { line, what }),
            Err(_) => imported.more_bad += 1,
            Ok((
                subscriber,
                Judged {
                    standing: Standing::Subscribed,
                    ..
                },
            )) => imported.subscribers.push(subscriber),
            Ok((
                _,
                Judged {
                    standing: Standing::Unconfirmed,
                    ..
                },
            )) => imported.unconfirmed += 1,
            Ok((Subscriber { address, .. }, Judged { standing, day })) => {
                let key = address.key().into_owned();
                let new = Gone {
                    address,
                    standing,
                    day,
                };
                let known = gone.entry(key).or_insert_with(|| new.clone());
                if known.standing < standing {
                    *known = new;
                }
            }
        }
    });
    // Who is in the table twice and left once has left.
    imported
        .subscribers
        .retain(|one| !gone.contains_key(&*one.address.key()));
    if let Some(standing) = columns.suspected
        && gone.is_empty()
        && imported.unconfirmed == 0
        && !imported.subscribers.is_empty()
    {
        return Err(ImportError::Silent(standing));
    }
    imported.gone = gone.into_values().collect();
    imported
        .gone
        .sort_by(|one, other| one.address.cmp(&other.address));
    Ok(imported)
}

/// A list of addresses to suppress: a table as for [`import`], or one address a line, beside lines of notes that begin with `#`. Where no column says why, it is by hand.
///
/// # Errors
/// As [`import`].
pub fn suppressions(bytes: &[u8], instructions: &Instructions) -> Result<Imported, ImportError> {
    let without_notes = bytes.starts_with(b"#").then(|| without_notes(bytes));
    let bytes = without_notes.as_deref().unwrap_or(bytes);
    let bare = Rows::of(bytes)?
        .header
        .first()
        .is_some_and(|first| first.contains('@'));
    let headed;
    let bytes = if bare {
        headed = [b"email\n".as_slice(), bytes].concat();
        &headed[..]
    } else {
        bytes
    };
    let everybody = |standing| {
        let mut instructions = instructions.clone();
        instructions.means.push(Meaning {
            column: None,
            value: None,
            standing,
        });
        import(bytes, &instructions)
    };
    match import(bytes, instructions) {
        Err(ImportError::Silent(standing)) => everybody(standing),
        Err(ImportError::Unknown(columns)) if columns.iter().all(|one| one.is_guess) => {
            everybody(Standing::Suppressed)
        }
        Err(ImportError::Heading(..)) => everybody(Standing::Suppressed),
        Ok(imported) if imported.judged_by.is_empty() && imported.gone.is_empty() => {
            everybody(Standing::Suppressed)
        }
        other => other,
    }
}

/// The lines that do not begin with `#`, each where it was: problems name lines.
fn without_notes(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let lines = lines.map(|line| if line.starts_with(b"#") { b"\n" } else { line });
    lines.collect::<Vec<_>>().concat()
}

fn person(columns: &Columns, cells: &Cells) -> Result<(Subscriber, Judged), String> {
    let cell = |column: Option<usize>| match column.map_or("", |column| cells.get(column)) {
        // Nothing, in JSON.
        "[]" | "{}" => "",
        text => text,
    };
    let (called, email) = named(cells.get(columns.email));
    if email.is_empty() {
        return Err("no address is in it".into());
    }
    if email.starts_with('#') {
        return Err("it is a note: it begins with `#`".into());
    }
    let address = Address::parse(email).map_err(|error| error.to_string())?;
    let judged = columns.judge(cells)?;
    let sections = cell(columns.sections).split([';', ',', '|']);
    let names = columns.names.iter().map(|column| cells.get(*column));
    let mut name = names
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if name.is_empty() {
        called.clone_into(&mut name);
    }
    let since = match cell(columns.since) {
        "" => columns
            .times
            .iter()
            .find_map(|(_, column)| when::day(cells.get(*column))),
        text => Some(when::day(text).ok_or_else(|| {
            let found = Line::clean_to(text, 40);
            format!("`since` must be a day such as 2026-08-24, but found `{found}`")
        })?),
    };
    let newsletters = match cell(columns.newsletters) {
        "" => None,
        NO_NEWSLETTER => Some(Vec::new()),
        names => {
            let names = names.split([';', ',']).map(|name| name.trim().parse());
            let names: Result<_, NewsletterNameError> = names.collect();
            Some(names.map_err(|error| error.to_string())?)
        }
    };
    let subscriber = Subscriber {
        newsletters,
        address,
        name: Line::non_empty(&name),
        // Mailchimp puts each tag between quotes of its own.
        sections: sections
            .map(|one| one.trim().trim_matches('"'))
            .filter_map(Line::non_empty)
            .collect(),
        since,
        consent: Line::non_empty(cell(columns.consent))
            .or_else(|| Line::non_empty(&columns.opt_in(cells))),
        paused: paused(columns, cell(columns.paused))?,
        rhythm: Rhythm {
            frequency: own(cell(columns.frequency))?.unwrap_or_default(),
            alerts: columns.vocabulary.yes_or_no(cell(columns.alerts)) == Some(true),
            time_zone: own(cell(columns.time_zone))?,
        },
    };
    Ok((subscriber, judged))
}

/// A cell of our own export.
fn own<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<Option<T>, String> {
    let parsed = (!text.is_empty()).then(|| text.parse());
    parsed
        .transpose()
        .map_err(|error: T::Err| error.to_string())
}

/// The name and the address of `"Ada" <ada@example.org>`.
fn named(cell: &str) -> (&str, &str) {
    let parts = cell.strip_suffix('>').and_then(|cell| cell.split_once('<'));
    parts.map_or(("", cell), |(name, address)| {
        (name.trim().trim_matches('"').trim(), address.trim())
    })
}

fn paused(columns: &Columns, text: &str) -> Result<Paused, String> {
    if text.is_empty() {
        return Ok(Paused::No);
    }
    match columns.vocabulary.yes_or_no(text) {
        Some(false) => Ok(Paused::No),
        Some(true) => Ok(Paused::Yes),
        None => when::day(text).map(Paused::Until).ok_or_else(|| {
            let found = Line::clean_to(text, 40);
            format!("`paused` must be true, false or a day such as 2026-08-24, but found `{found}`")
        }),
    }
}

#[cfg(test)]
mod tests;

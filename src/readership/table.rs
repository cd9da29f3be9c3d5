//! The shapes counts come in: CSV of any separator and JSON of any wrapping, as rows of the same three cells.

use std::borrow::Cow;

use serde_json::Value;

use crate::line::Line;

/// The cells of one row, as written.
pub(super) struct Row<'a> {
    /// Its line in a CSV file, its number from 1 in a JSON list.
    pub(super) at: u64,
    pub(super) url: Cow<'a, str>,
    pub(super) views: Cow<'a, str>,
    pub(super) time: Option<Cow<'a, str>>,
}

/// What [`Row::at`] counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Csv,
    Json,
}

/// Column names, compared without case, `_` and `-`, the best first. From Plausible (`name`, `page`), Matomo (`label`, `url`, `nb_hits`), GA4
/// (`Page path and screen class`, `Page location`, `Views`, `dateHour`), Umami (`x`, `y`, `url`), and what people call them.
const URL: &[&str] = &[
    "url",
    "page location",
    "full page url",
    "fullpageurl",
    "metadata: url",
    "link",
    "address",
    "page url",
    "page path and screen class",
    "page path + query string",
    "page path",
    "pagepath",
    "path",
    "page",
    "request",
    "label",
    "name",
    "x",
];
const VIEWS: &[&str] = &[
    "views",
    "pageviews",
    "page views",
    "screenpageviews",
    "nb hits",
    "hits",
    "count",
    "y",
    "nb visits",
    "visits",
    "visitors",
    "unique visitors",
    "users",
    "active users",
    "total users",
    "nb uniq visitors",
];
const TIME: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "date time",
    "date hour",
    "datehour",
    "date + hour (yyyymmddhh)",
    "hour",
    "date",
    "period",
    "day",
];

/// Calls `each` with every row of `text`.
///
/// # Errors
/// The whole is of no form that is understood; says what was expected and found.
pub(super) fn rows(text: &str, mut each: impl FnMut(Row<'_>)) -> Result<Shape, String> {
    match text.trim_start().as_bytes().first() {
        None => Err("expected a table, but it is empty".to_owned()),
        Some(b'{' | b'[') => from_json(text, &mut each).map(|()| Shape::Json),
        Some(_) => from_csv(text, &mut each).map(|()| Shape::Csv),
    }
}

/// Which of the columns is which.
struct Columns<'a> {
    url: &'a str,
    views: &'a str,
    time: Option<&'a str>,
    /// A second column with the hour of the day, where `time` is the day.
    hour: Option<&'a str>,
}

fn columns<'a>(names: &[&'a str]) -> Option<Columns<'a>> {
    let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let find = |wanted: &[&str]| {
        wanted
            .iter()
            .find_map(|wanted| plain.iter().position(|name| name == wanted))
            .map(|index| names[index])
    };
    let hour = find(&["date", "day"]).and(find(&["hour"]));
    Some(Columns {
        url: find(URL)?,
        views: find(VIEWS)?,
        time: if hour.is_some() {
            find(&["date", "day"])
        } else {
            find(TIME)
        },
        hour,
    })
}

fn plain(name: &str) -> String {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c == '_' || c == '-')
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_lowercase()
}

/// Joins a day and an hour of it (`6`, `06`, `06:00`); a whole time in the hour's column stands for itself.
fn joined<'a>(time: Option<Cow<'a, str>>, hour: Option<Cow<'a, str>>) -> Option<Cow<'a, str>> {
    match (time, hour) {
        (Some(day), Some(hour)) if hour.len() <= 2 => {
            Some(Cow::Owned(format!("{day} {hour:0>2}:00")))
        }
        (Some(day), Some(hour)) if hour.len() <= 8 => Some(Cow::Owned(format!("{day} {hour}"))),
        (_, Some(hour)) => Some(hour),
        (time, None) => time,
    }
}

fn from_csv(text: &str, each: &mut impl FnMut(Row<'_>)) -> Result<(), String> {
    // GA4 begins with comments, Excel with the separator it used.
    let start = text
        .split_inclusive('\n')
        .take_while(|line| {
            let line = line.trim();
            line.is_empty() || line.starts_with('#') || line.starts_with("sep=")
        })
        .map(str::len)
        .sum();
    let skipped = text[..start].matches('\n').count() as u64;
    let table = &text[start..];
    let reader = |separator: u8, table| {
        csv::ReaderBuilder::new()
            .delimiter(separator)
            .comment(Some(b'#'))
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(table)
    };
    let header = table.lines().next().unwrap_or_default();
    let names = |separator: u8| {
        let mut record = csv::StringRecord::new();
        let read = reader(separator, header.as_bytes()).read_record(&mut record);
        read.is_ok().then_some(record)
    };
    let found = *b",;\t|";
    let Some((separator, record)) = found
        .into_iter()
        .filter_map(|separator| Some((separator, names(separator)?)))
        .find(|(_, record)| columns(&record.iter().collect::<Vec<_>>()).is_some())
    else {
        return Err(format!(
            "expected columns such as `url` and `views`, but found `{}`",
            Line::clean_to(header, 80)
        ));
    };
    let names: Vec<&str> = record.iter().collect();
    let Some(columns) = columns(&names) else {
        return Ok(());
    };
    let index = |name: &str| names.iter().position(|other| *other == name);
    let (url, views) = (index(columns.url), index(columns.views));
    let (time, hour) = (columns.time.and_then(index), columns.hour.and_then(index));

    let mut reader = reader(separator, table.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut first = true;
    // Reading from memory text that is UTF-8 cannot fail; if it did, what was read so far is taken.
    while let Ok(true) = reader.read_record(&mut record) {
        if std::mem::take(&mut first) {
            continue;
        }
        let cell = |index: Option<usize>| record.get(index?).map(Cow::Borrowed);
        each(Row {
            at: skipped + record.position().map_or(0, csv::Position::line),
            url: cell(url).unwrap_or_default(),
            views: cell(views).unwrap_or_default(),
            time: time.map(|_| joined(cell(time), cell(hour)).unwrap_or_default()),
        });
    }
    Ok(())
}

fn from_json(text: &str, each: &mut impl FnMut(Row<'_>)) -> Result<(), String> {
    let whole: Value =
        serde_json::from_str(text).map_err(|error| format!("expected JSON, but {error}"))?;
    let list = match &whole {
        Value::Array(list) => Some(list),
        Value::Object(object) => ["results", "data", "rows"]
            .iter()
            .find_map(|name| object.get(*name)?.as_array()),
        _ => None,
    };
    let Some(list) = list else {
        return Err(
            "expected a JSON list of objects, alone or as `results`, `data` or `rows`".to_owned(),
        );
    };
    let Some(first) = list.iter().find_map(Value::as_object) else {
        return if list.is_empty() {
            Err("expected objects in the JSON list, but it is empty".to_owned())
        } else {
            Err("expected objects in the JSON list, but found none".to_owned())
        };
    };
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    let Some(columns) = columns(&names) else {
        return Err(format!(
            "expected keys such as `url` and `views`, but found `{}`",
            Line::clean_to(&names.join("`, `"), 80)
        ));
    };
    for (index, value) in list.iter().enumerate() {
        let cell = |name: Option<&str>| value.get(name?).map(scalar);
        each(Row {
            at: index as u64 + 1,
            url: cell(Some(columns.url)).unwrap_or_default(),
            views: cell(Some(columns.views)).unwrap_or_default(),
            time: columns
                .time
                .map(|_| joined(cell(columns.time), cell(columns.hour)).unwrap_or_default()),
        });
    }
    Ok(())
}

/// A number in JSON has no thousands: it is rounded here, so that `1.204` is one view.
fn scalar(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(match number.as_f64() {
            Some(float) if number.is_f64() => format!("{float:.0}"),
            _ => number.to_string(),
        }),
        _ => Cow::Borrowed(""),
    }
}

//! A newsroom's own statement, and the rows that a warehouse gives for it: columns by name, `{from}` and `{to}` as real parameters.

use super::answer::Count;
use super::fault::Fault;
use super::tally::Tally;
use crate::model::line::Line;
use crate::model::when;
use crate::model::zone::Zone;

/// A statement that returns `url`, `views` and, if it likes, `time` (when they were counted) or `hour` (when theirs began).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement(String);

impl Statement {
    /// # Errors
    /// It is empty, or has a placeholder that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches(';').trim_end();
        if text.is_empty() {
            return Err("an empty text is no statement".to_owned());
        }
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else {
                break;
            };
            let is_word =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if is_word && !matches!(name, "from" | "to") {
                return Err(format!(
                    "`{{{}}}` is not known in a statement: expected `{{from}}` or `{{to}}`",
                    Line::clean_to(name, 40)
                ));
            }
            rest = behind;
        }
        Ok(Self(text.to_owned()))
    }

    /// The statement with what the database calls those parameters.
    pub(super) fn with(&self, from: &str, to: &str) -> String {
        self.0.replace("{from}", from).replace("{to}", to)
    }
}

/// Which column is which.
pub(super) struct Columns {
    url: usize,
    views: usize,
    time: Option<usize>,
    /// An hour's views are named by its beginning.
    hour: Option<usize>,
}

impl Columns {
    /// # Errors
    /// There is no `url` or no `views`.
    pub(super) fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, Fault> {
        let names: Vec<String> = names.into_iter().map(str::to_lowercase).collect();
        let at = |wanted: &[&str]| {
            names
                .iter()
                .position(|name| wanted.contains(&name.as_str()))
        };
        let missing = |name: &str| {
            Fault::says(format!(
                "its statement returns no `{name}`, but {}",
                Line::clean_to(&format!("`{}`", names.join("`, `")), 100)
            ))
        };
        Ok(Self {
            url: at(&["url", "path", "page"]).ok_or_else(|| missing("url"))?,
            views: at(&["views", "count"]).ok_or_else(|| missing("views"))?,
            time: at(&["time"]),
            hour: at(&["hour"]),
        })
    }

    /// Takes one row; times without an offset are of `zone`.
    pub(super) fn take(&self, cells: &[serde_json::Value], zone: &Zone, tally: &mut Tally) {
        let cell = |at: usize| cells.get(at).unwrap_or(&serde_json::Value::Null);
        let serde_json::Value::String(url) = cell(self.url) else {
            return tally.unread("an address", &cell(self.url).to_string());
        };
        let views = serde_json::from_value::<Count>(cell(self.views).clone());
        let views = views.unwrap_or_else(|_| Count::Bad(cell(self.views).to_string()));
        let Some(time) = self.hour.or(self.time) else {
            return tally.total(None, url, &views);
        };
        let text = match cell(time) {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let read = match self.hour {
            Some(_) => when::hour,
            None => when::read,
        };
        tally.at(None, url, (&text, read(&text, zone)), &views);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements() {
        let parsed =
            |text: &str| Statement::parse(text).map(|statement| statement.with("@from", "@to"));
        assert_eq!(
            parsed("SELECT url, views FROM v WHERE t >= {from} AND t < {to};\n"),
            Ok("SELECT url, views FROM v WHERE t >= @from AND t < @to".to_owned())
        );
        // Braces of JSON, and of ClickHouse's own parameters.
        assert!(parsed("SELECT '{\"a\": 1}' AS url, {x:UInt8} AS views").is_ok());
        assert_eq!(
            parsed("SELECT {day}").unwrap_err(),
            "`{day}` is not known in a statement: expected `{from}` or `{to}`"
        );
        assert!(parsed(" ; ").is_err());
    }
}

//! What the answers of services have in common: they are JSON, or they are not.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::Fault;

/// More rows in one answer than this are not read: each kind asks for fewer.
const MAX_ROWS: usize = 250_000;

/// The text of an answer. A name that is no UTF-8 costs its own row.
pub(super) fn text(body: Vec<u8>) -> String {
    let text = String::from_utf8(body);
    let text = text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// Reads a whole answer.
pub(super) fn json<'de, T: Deserialize<'de>>(body: &'de str) -> Result<T, Fault> {
    let fault = |error: serde_json::Error| {
        let start = body.trim_ascii_start();
        Fault::says(if start.is_empty() {
            "answered nothing where JSON was expected".to_owned()
        } else if start.starts_with('<') {
            "answered a web page, not JSON: is `server` the right address, does it ask for a log-in?".to_owned()
        } else if error.is_eof() {
            "its answer breaks off in the middle".to_owned()
        } else if let Some(said) = words(body.as_bytes()).filter(|_| start.starts_with('{')) {
            return Fault::said(&said);
        } else {
            format!("its answer is not what was expected: {error}")
        })
    };
    serde_json::from_str(body).map_err(fault)
}

/// For what an answer has beside its rows: of another shape than expected, it is as if it were not there.
pub(super) fn if_readable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// The words for people in an error: in JSON under the names that services use for them, or plain text.
pub(super) fn words(body: &[u8]) -> Option<String> {
    let body = &body[..body.len().min(65_536)];
    if let Ok(value) = serde_json::from_slice(body) {
        return words_in(&value);
    }
    let text = String::from_utf8_lossy(body);
    let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    (!first.starts_with(['<', '{', '['])).then(|| first.to_owned())
}

/// The words for people in an error.
pub(super) fn words_in(error: &serde_json::Value) -> Option<String> {
    find(error, 0)
}

fn find(value: &serde_json::Value, depth: usize) -> Option<String> {
    const NAMES: [&str; 9] = [
        "error_description",
        "message",
        "error",
        "errors",
        "issues",
        "detail",
        "title",
        "msg",
        "reason",
    ];
    if depth > 4 {
        return None;
    }
    match value {
        serde_json::Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        serde_json::Value::Array(all) => {
            all.iter().take(10).find_map(|value| find(value, depth + 1))
        }
        serde_json::Value::Object(object) => {
            let named = NAMES.iter().filter_map(|name| object.get(*name));
            // Within `errors` names may be those of what was asked: `{"start": ["must be before end"]}`.
            let others = object.values().filter(|_| depth > 0);
            named
                .chain(others)
                .take(20)
                .find_map(|value| find(value, depth + 1))
        }
        _ => None,
    }
}

/// The rows of an answer as they came, so many at most: one of another shape than the others costs itself, not its answer.
pub(super) struct Rows<'a, T>(Vec<&'a RawValue>, PhantomData<fn() -> T>);

impl<T> Default for Rows<'_, T> {
    fn default() -> Self {
        Self(Vec::new(), PhantomData)
    }
}

impl<'a, T: Deserialize<'a>> Rows<'a, T> {
    /// How many came, of whatever shape.
    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Each row, or the text of one that is none.
    pub(super) fn each(&self) -> impl Iterator<Item = Result<T, &'a str>> {
        self.texts()
            .map(|text| serde_json::from_str(text).map_err(|_| text))
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|row| row.get())
    }
}

impl<'de: 'a, 'a, T> Deserialize<'de> for Rows<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded<'a, T>(PhantomData<Rows<'a, T>>);
        impl<'de: 'a, 'a, T> Visitor<'de> for Bounded<'a, T> {
            type Value = Rows<'a, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rows")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Rows::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = list.next_element()? {
                    if rows.len() == MAX_ROWS {
                        return Err(A::Error::custom("more than 250,000 rows in one answer"));
                    }
                    rows.push(row);
                }
                Ok(Rows(rows, PhantomData))
            }
        }
        deserializer.deserialize_any(Bounded(PhantomData))
    }
}

/// No page has more views: above 2^53 programs cannot tell neighbours apart.
const MOST_VIEWS: u64 = 1 << 53;

/// A number of views as services write it: `412`, `412.0`, `"412"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Views(u64),
    /// It is none: negative, infinite, or words.
    Bad(String),
}

/// Where there is none. A row without it costs itself, not its whole answer.
impl Default for Count {
    fn default() -> Self {
        Self::Bad("nothing".to_owned())
    }
}

impl Count {
    /// `None`: it is no number of views.
    pub(super) const fn known(&self) -> Option<u64> {
        match self {
            Self::Views(views) => Some(*views),
            Self::Bad(_) => None,
        }
    }

    fn whole(number: u64) -> Self {
        if number <= MOST_VIEWS {
            Self::Views(number)
        } else {
            Self::Bad(number.to_string())
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the bounds it was just compared with"
    )]
    fn of(number: f64) -> Self {
        // Views are whole; an estimate or an average is rounded.
        if (0.0..=MOST_VIEWS as f64).contains(&number) {
            Self::Views(number.round() as u64)
        } else {
            Self::Bad(number.to_string())
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of views")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Count::Bad("null".to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Count::whole(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(u64::try_from(number)
                    .map_or_else(|_| Count::Bad(number.to_string()), Count::whole))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Count::of(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(match (text.parse::<u64>(), text.parse::<f64>()) {
                    (Ok(views), _) => Count::whole(views),
                    (_, Ok(number)) => Count::of(number),
                    _ => Count::Bad(text.to_owned()),
                })
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_views() {
        for (text, expected) in [
            ("412", Some(412)),
            ("\"412\"", Some(412)),
            ("412.4", Some(412)),
            ("\"0.5\"", Some(1)),
            ("1e3", Some(1_000)),
            ("-1", None),
            ("-0.6", None),
            ("\"-3\"", None),
            ("\"NaN\"", None),
            ("\"inf\"", None),
            ("1e300", None),
            ("9007199254740992", Some(9_007_199_254_740_992)),
            ("9007199254740993", None),
            // -1 of a program that knows no negative numbers.
            ("18446744073709551615", None),
            ("\"18446744073709551615\"", None),
            ("null", None),
            ("\"many\"", None),
        ] {
            let count: Count = serde_json::from_str(text).unwrap();
            assert_eq!(count.known(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_answer() {
        let said = |body: &str| json::<Vec<u64>>(body).unwrap_err().to_string();
        insta::assert_snapshot!(["", " <!doctype html>", "[1,2", "{}", "[1]x"].map(said).join("\n"), @"
        answered nothing where JSON was expected
        answered a web page, not JSON: is `server` the right address, does it ask for a log-in?
        its answer breaks off in the middle
        its answer is not what was expected: invalid type: map, expected a sequence at line 1 column 0
        its answer is not what was expected: trailing characters at line 1 column 4
        ");
    }

    #[test]
    fn words_in_errors() {
        for (body, expected) in [
            (
                r#"{"error":{"code":403,"message":"No access","status":"PERMISSION_DENIED"}}"#,
                Some("No access"),
            ),
            (
                r#"{"error":"invalid_grant","error_description":"Invalid JWT"}"#,
                Some("Invalid JWT"),
            ),
            (
                r#"{"errors":[{"message":"zone unknown"}]}"#,
                Some("zone unknown"),
            ),
            (r#"{"errors":{"site":["is unknown"]}}"#, Some("is unknown")),
            (
                r#"{"error":{"issues":[{"message":"bad id"}]}}"#,
                Some("bad id"),
            ),
            (r#"{"rows":{"site":["is unknown"]}}"#, None),
            (
                "\nCode: 62. DB::Exception: Syntax error\n",
                Some("Code: 62. DB::Exception: Syntax error"),
            ),
            ("<html>no", None),
            ("{half", None),
            ("", None),
            ("[]", None),
        ] {
            assert_eq!(words(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn a_row_of_another_shape_costs_itself() {
        #[derive(serde::Deserialize)]
        struct Row(u64);
        let body = text(b"\xef\xbb\xbf[1, null, {\"a\": [\"\\ud800\"]}, \"\xff\", 2]".to_vec());
        let rows: Rows<'_, Row> = json(&body).unwrap();
        let read: Vec<_> = rows.each().map(|row| row.map(|row| row.0)).collect();
        let odd = "{\"a\": [\"\\ud800\"]}";
        assert_eq!(
            read,
            [Ok(1), Err("null"), Err(odd), Err("\"\u{fffd}\""), Ok(2)]
        );
        assert_eq!(rows.count(), 5);
        assert_eq!(json::<Rows<'_, Row>>("null").unwrap().count(), 0);
        assert!(json::<Rows<'_, Row>>("[1, 2").is_err());
    }

    #[test]
    fn what_is_beside_the_rows_may_be_of_any_shape() {
        #[derive(serde::Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "if_readable")]
            total: Option<u64>,
        }
        for (body, expected) in [
            ("{\"total\": 7}", Some(7)),
            ("{\"total\": null}", None),
            ("{\"total\": [{}]}", None),
            ("{}", None),
        ] {
            assert_eq!(json::<Answer>(body).unwrap().total, expected, "{body}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..80)) {
            _ = words(&body);
            let body = text(body);
            _ = json::<Rows<'_, Count>>(&body).map(|rows| rows.each().count());
        }
    }
}

//! What the answers of services have in common: they are JSON, or they are not.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

use super::fault::Fault;

/// More rows in one answer than this are not read: each kind asks for fewer.
const MAX_ROWS: usize = 250_000;

/// Reads a whole answer.
pub(super) fn json<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Fault> {
    let fault = |error: serde_json::Error| {
        let start = body.trim_ascii_start();
        Fault::says(if start.is_empty() {
            "answered nothing where JSON was expected".to_owned()
        } else if start.starts_with(b"<") {
            "answered a web page, not JSON: is `server` the right address, does it ask for a log-in?".to_owned()
        } else if error.is_eof() {
            "its answer breaks off in the middle".to_owned()
        } else {
            format!("its answer is not what was expected: {error}")
        })
    };
    serde_json::from_slice(body).map_err(fault)
}

/// The words for people in an error: in JSON under the names that services use for them, or plain text.
pub(super) fn words(body: &[u8]) -> Option<String> {
    let body = &body[..body.len().min(65_536)];
    if let Ok(value) = serde_json::from_slice(body) {
        return find(&value, 0);
    }
    let text = String::from_utf8_lossy(body);
    let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    (!first.starts_with(['<', '{', '['])).then(|| first.to_owned())
}

fn find(value: &serde_json::Value, depth: usize) -> Option<String> {
    const NAMES: [&str; 8] = [
        "error_description",
        "message",
        "error",
        "errors",
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
        serde_json::Value::Array(all) => find(all.first()?, depth + 1),
        serde_json::Value::Object(object) => NAMES
            .iter()
            .filter_map(|name| object.get(*name))
            .find_map(|value| find(value, depth + 1)),
        _ => None,
    }
}

/// The rows of an answer, so many at most.
pub(super) struct Rows<T>(pub(super) Vec<T>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Bounded<T> {
            type Value = Rows<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rows")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Rows(Vec::new()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = list.next_element()? {
                    if rows.len() == MAX_ROWS {
                        return Err(A::Error::custom("more than 250,000 rows in one answer"));
                    }
                    rows.push(row);
                }
                Ok(Rows(rows))
            }
        }
        deserializer.deserialize_any(Bounded(PhantomData))
    }
}

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
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the bounds it was just compared with"
    )]
    fn of(number: f64) -> Self {
        // Views are whole; an estimate or an average is rounded. Above 2^53 neighbours cannot be told apart.
        if (0.0..=9_007_199_254_740_992.0).contains(&number) {
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
                Ok(Count::Views(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(u64::try_from(number)
                    .map_or_else(|_| Count::Bad(number.to_string()), Count::Views))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Count::of(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(match (text.parse::<u64>(), text.parse::<f64>()) {
                    (Ok(views), _) => Count::Views(views),
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
            ("null", None),
            ("\"many\"", None),
        ] {
            let count: Count = serde_json::from_str(text).unwrap();
            let views = match count {
                Count::Views(views) => Some(views),
                Count::Bad(_) => None,
            };
            assert_eq!(views, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_answer() {
        let said = |body: &str| json::<Vec<u64>>(body.as_bytes()).unwrap_err().to_string();
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
            (r#"{"errors":{"site":["is unknown"]}}"#, None),
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

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..80)) {
            _ = words(&body);
            _ = json::<Rows<Count>>(&body);
        }
    }
}

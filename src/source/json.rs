//! Lists in JSON, element by element: what comes before a fault is kept, and every element knows where it is.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Map, Value};

/// A list found in a document.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The elements, each with the octet at which it begins.
    pub elements: Vec<(usize, Value)>,
    /// The keys that are beside the list in its object.
    pub beside: Map<String, Value>,
    /// Where and why the reading ended too early.
    pub fault: Option<(usize, String)>,
    /// Whether there are more elements than were asked for.
    pub more: bool,
}

/// Reads the document's list, or the one its object holds under `key`: at most `most` elements. `None` if there is no such list.
pub(super) fn list(text: &str, key: &str, most: usize) -> Option<List> {
    let text = &*paired(text);
    let mut at = blank(text, 0);
    let mut list = List::default();
    match text.as_bytes().get(at)? {
        b'[' => {
            elements(text, at + 1, most, &mut list);
            return Some(list);
        }
        b'{' => at += 1,
        _ => return None,
    }
    let mut found = false;
    loop {
        at = blank(text, at);
        match text.as_bytes().get(at) {
            Some(b',') => {
                at += 1;
                continue;
            }
            Some(b'}') => break,
            _ => {}
        }
        let name = match one::<String>(text, at) {
            Ok((name, end)) => {
                at = blank(text, end);
                name
            }
            Err(fault) => {
                list.fault = Some(fault);
                break;
            }
        };
        if text.as_bytes().get(at) != Some(&b':') {
            list.fault = Some((at, "expected `:`".into()));
            break;
        }
        at = blank(text, at + 1);
        if name == key && !found && text.as_bytes().get(at) == Some(&b'[') {
            found = true;
            at = elements(text, at + 1, most, &mut list);
            if list.fault.is_some() || list.more {
                break;
            }
            continue;
        }
        // What is beside the list is short; a long value is only passed over.
        let read = match text.as_bytes().get(at) {
            Some(b'{' | b'[') => one::<IgnoredAny>(text, at).map(|(_, end)| end),
            _ => one::<Value>(text, at).map(|(value, end)| {
                list.beside.insert(name, value);
                end
            }),
        };
        match read {
            Ok(end) => at = end,
            Err(fault) => {
                list.fault = Some(fault);
                break;
            }
        }
    }
    found.then_some(list)
}

/// The text with a blank for every half of a surrogate pair (RFC 8259 section 8.2): programs that cut text by UTF-16 units write
/// `\ud83d` alone, and a parser would refuse the whole document. Every octet keeps its place.
pub(super) fn paired(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut halves = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find('\\') {
        let at = from + found;
        let (high, low) = (0xd800..0xdc00, 0xdc00..0xe000);
        from = at
            + match (unit(at), unit(at + 6)) {
                (Some(one), Some(two)) if high.contains(&one) && low.contains(&two) => 12,
                (Some(one), _) if high.contains(&one) || low.contains(&one) => {
                    halves.push(at);
                    6
                }
                // The escaped character may itself be a backslash.
                _ => 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            };
    }
    if halves.is_empty() {
        return text.into();
    }
    let mut whole = text.to_owned();
    for at in halves {
        whole.replace_range(at..at + 6, "\\u0020");
    }
    whole.into()
}

/// Reads elements from behind the `[`; gives where it stopped.
fn elements(text: &str, mut at: usize, most: usize, list: &mut List) -> usize {
    loop {
        at = blank(text, at);
        match text.as_bytes().get(at) {
            Some(b',') => at += 1,
            Some(b']') => return at + 1,
            _ if list.elements.len() == most => {
                list.more = true;
                return at;
            }
            _ => match one::<Value>(text, at) {
                Ok((value, end)) => {
                    list.elements.push((at, value));
                    at = end;
                }
                Err(fault) => {
                    list.fault = Some(fault);
                    return at;
                }
            },
        }
    }
}

/// One value beginning at `at`, and where it ends; or where the fault is, in words without a place.
pub(super) fn one<T: serde::de::DeserializeOwned>(
    text: &str,
    at: usize,
) -> Result<(T, usize), (usize, String)> {
    let rest = &text[at..];
    let mut values = Deserializer::from_str(rest).into_iter::<T>();
    match values.next() {
        Some(Ok(value)) => Ok((value, at + values.byte_offset())),
        Some(Err(error)) => {
            let words = error.to_string();
            let words = words
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned();
            Err((at + offset_of(rest, error.line(), error.column()), words))
        }
        None => Err((at, "the file ends too early".into())),
    }
}

fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

fn blank(text: &str, at: usize) -> usize {
    let rest = text[at..].trim_start_matches([' ', '\n', '\r', '\t', '\u{feff}']);
    text.len() - rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let found = list(text, "items", 3).map_or("none".into(), |list| {
            let mut words: Vec<String> = list
                .elements
                .iter()
                .map(|(at, value)| format!("{at}:{value}"))
                .collect();
            words.extend(
                list.beside
                    .iter()
                    .map(|(key, value)| format!("{key}={value}")),
            );
            words.extend(list.fault.map(|(at, fault)| format!("{at}! {fault}")));
            words.extend(list.more.then(|| "more".to_owned()));
            words.join(" ")
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn lists() {
        check("[1, {}]", "1:1 4:{}");
        check(
            "{\"a\": \"b\", \"c\": {\"items\": [7]}, \"items\": [1 ,2], \"d\": 4}",
            "42:1 45:2 a=\"b\" d=4",
        );
        check("[1,2,3,4]", "1:1 3:2 5:3 more");
        check("{\"stories\": []}", "none");
        check("7", "none");
        check("", "none");
    }

    #[test]
    fn faults_keep_what_came_before() {
        check("[1, 2", "1:1 4:2 5! the file ends too early");
        check(
            "{\"items\": [1, {\"a\": \"b",
            "11:1 21! EOF while parsing a string",
        );
        check("[1, tru]", "1:1 7! expected ident");
        check("{\"items\" [1]}", "none");
    }

    #[test]
    fn half_of_a_pair_is_a_blank() {
        check(
            r#"["a\ud83d", "\ud83d\ude00\ude00", "\\ud83d \udfff\\"]"#,
            r#"1:"a " 12:"😀 " 34:"\\ud83d  \\""#,
        );
        check(r#"["\ud83d\u12", 1]"#, "13! invalid escape");
    }

    proptest! {
        #[test]
        fn never_panics(text in "([\\[\\]{}\",:0-9a-z é\\\\]|\"items\":|\\\\ud83d|\\\\ude00){0,60}") {
            _ = list(&text, "items", 10);
        }
    }
}

//! A list of objects in JSON as rows: nested names become columns.

use std::collections::BTreeMap;

use serde_json::Value;

/// The longest name of a column, in characters.
const LONGEST_NAME: usize = 200;
/// Names within names, as in `subscription.status`, go so deep; what lies deeper is its text.
const DEPTH: usize = 3;

/// Its cells by their names.
pub(super) type Object = BTreeMap<String, String>;

/// The objects of a JSON list, of a list that is wrapped as an API answers, or one a line; and what the wrapped list is called.
pub(super) fn objects(text: &str) -> Option<(Option<String>, Vec<Object>)> {
    let mut all = Vec::new();
    let mut called = None;
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let mut value = value.ok()?;
        // `{"data": {"results": [..]}}`
        for _ in 0..2 {
            let Some((name, inner)) = wrapped(&mut value) else {
                break;
            };
            called = Some(name);
            value = inner;
        }
        let list = match value {
            Value::Array(list) => list,
            other => vec![other],
        };
        for one in list {
            if !one.is_object() {
                return None;
            }
            let mut object = Object::new();
            flatten("", one, 0, &mut object);
            all.push(object);
        }
    }
    (!all.is_empty()).then_some((called, all))
}

/// The only list in an object that is nobody, or else the only object in it.
fn wrapped(value: &mut Value) -> Option<(String, Value)> {
    let object = value.as_object_mut()?;
    if object.keys().any(|key| key.to_lowercase().contains("mail")) {
        return None;
    }
    let only = |is: fn(&Value) -> bool| {
        let mut of_that = object.iter().filter(|(_, inner)| is(inner));
        let (name, _) = of_that.next()?;
        of_that.next().is_none().then(|| name.clone())
    };
    let lists = object.values().filter(|inner| inner.is_array()).count();
    let name = if lists == 0 {
        only(Value::is_object)
    } else {
        only(Value::is_array)
    }?;
    let inner = object.get_mut(&name)?.take();
    Some((name, inner))
}

/// Gives every value a column of its own, such as `subscription.status`; values of one name are one cell.
fn flatten(name: &str, value: Value, depth: usize, into: &mut Object) {
    let text = match value {
        Value::Object(object) if depth < DEPTH && name.len() <= 200 && !object.is_empty() => {
            for (key, value) in object {
                let name = if depth == 0 {
                    key
                } else {
                    format!("{name}.{key}")
                };
                flatten(&name, value, depth + 1, into);
            }
            return;
        }
        Value::Array(list) if !list.iter().all(is_nothing) => {
            if list.iter().any(Value::is_object) {
                // Something is in it, whatever it is.
                into.entry(cut(name)).or_default().push_str("[..]");
            }
            for one in list {
                flatten(name, one, depth, into);
            }
            return;
        }
        Value::Array(_) => "[]".to_owned(),
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let cell = into.entry(cut(name)).or_default();
    if !cell.is_empty() && !text.is_empty() {
        cell.push_str("; ");
    }
    cell.push_str(&text);
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.iter().all(is_nothing),
        Value::Object(object) => object.values().all(is_nothing),
        _ => false,
    }
}

/// A column's name: what is looked for in it needs no more.
pub(super) fn cut(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

//! A log of JSON, an object a line.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fields::{FIELDS, Field, Seen, named};

/// What one object says.
pub(super) struct Object<'l> {
    values: [Cow<'l, str>; FIELDS],
    /// Of the names that gave the values; 0: none did.
    ranks: [u8; FIELDS],
}

impl<'l> Object<'l> {
    /// Reads one object; `None` where it is not whole.
    pub(super) fn read(line: &'l [u8]) -> Option<Self> {
        let mut object = Self {
            values: [const { Cow::Borrowed("") }; FIELDS],
            ranks: [0; FIELDS],
        };
        let mut json = serde_json::Deserializer::from_slice(line);
        json.deserialize_map(Level {
            object: &mut object,
            field: (Field::Skip, 0),
            depth: 0,
        })
        .ok()?;
        json.end().ok()?;
        Some(object)
    }

    pub(super) fn seen(&self) -> Seen<'_> {
        let mut seen = Seen::nothing();
        for (value, slot) in self.values.iter().zip(&mut seen.0) {
            *slot = value.as_bytes();
        }
        seen
    }

    fn take(&mut self, (field, rank): (Field, u8), value: Cow<'l, str>) {
        let at = field as usize;
        if rank > self.ranks[at] && !matches!(&*value, "" | "-") {
            self.ranks[at] = rank;
            self.values[at] = value;
        }
    }
}

/// A value inside an object, which may be one itself: Caddy has the request's headers two levels down.
struct Level<'o, 'l> {
    object: &'o mut Object<'l>,
    field: (Field, u8),
    depth: u8,
}

/// Objects this deep are passed over, and those in which nothing of the request is looked for.
const DEPTH: u8 = 3;

impl<'l> DeserializeSeed<'l> for Level<'_, 'l> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'l> Visitor<'l> for Level<'_, 'l> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'l str) -> Result<(), E> {
        self.object.take(self.field, text.into());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.object.take(self.field, text.to_owned().into());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.object.take(self.field, number.to_string().into());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.object.take(self.field, format!("{number:.3}").into());
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    /// Of several values of a header the first.
    fn visit_seq<A: SeqAccess<'l>>(self, mut values: A) -> Result<(), A::Error> {
        values.next_element_seed(self)?;
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'l>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(Name { field, opens }) = entries.next_key()? {
            if self.depth < DEPTH && (opens || field.0 != Field::Skip) {
                entries.next_value_seed(Level {
                    object: self.object,
                    field,
                    depth: if opens { self.depth + 1 } else { DEPTH },
                })?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Name {
    field: (Field, u8),
    /// Whether what is in it speaks of the request too; a response's headers do not.
    opens: bool,
}

impl<'l> serde::Deserialize<'l> for Name {
    fn deserialize<D: Deserializer<'l>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                let opens = matches!(
                    name,
                    "request"
                        | "headers"
                        | "request_headers"
                        | "http"
                        | "httpRequest"
                        | "req"
                        | "properties"
                        | "proxy"
                );
                Ok(Name {
                    field: named(name),
                    opens,
                })
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn looks_into_the_request() {
        let line = br#"{"ts":1703373474.8155608,"request":{"remote_ip":"192.0.2.1","client_ip":"192.0.2.2","uri":"/caf\u00e9",
            "headers":{"User-Agent":["Firefox","x"],"Date":{"x":1}}},"resp_headers":{"Date":["today"]},"status":200,"size":null}"#;
        let object = Object::read(line).unwrap();
        let seen = object.seen();
        let shown = [
            Field::Time,
            Field::Client,
            Field::Target,
            Field::Agent,
            Field::Date,
            Field::Status,
        ]
        .map(|field| String::from_utf8_lossy(seen.get(field)).into_owned());
        assert_eq!(
            shown.join(" "),
            "1703373474.816 192.0.2.2 /café Firefox  200"
        );
        assert!(Object::read(b"{\"ts\":1").is_none());
        assert!(Object::read(b"{\"ts\":1} {").is_none());
        assert!(Object::read(b"[]").is_none());
    }

    proptest! {
        #[test]
        fn never_panics(line in r#"\{?("(request|headers|ts|x)":[\[{]{0,3}("a"|1|-2|1e9|null)[\]}]{0,3},?){0,4}\}?"#) {
            _ = Object::read(line.as_bytes());
        }
    }
}

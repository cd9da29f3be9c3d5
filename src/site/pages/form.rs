//! What a form sent, in either of the encodings that RFC 8058 section 3.2 knows. Hostile like everything from outside; that it is short was
//! seen to before.

use std::borrow::Cow;

/// The most fields a form may have; ours has a handful, and a newspaper not so many sections.
const FIELDS: usize = 200;

/// Names and values in their order.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body. Without a type that says otherwise it is taken for `application/x-www-form-urlencoded`: some one-click senders say
    /// nothing. `None`: too many fields, or a multipart body without a boundary.
    pub(super) fn parse(kind: &str, body: &[u8]) -> Option<Self> {
        let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
        let mut fields = Vec::new();
        if kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            let body = String::from_utf8_lossy(body);
            let delimiter = format!("--{}", boundary(parameters)?);
            // What stands before the first delimiter and after the last one is nobody's (RFC 2046 section 5.1.1).
            for part in body.split(&delimiter).skip(1) {
                if part.starts_with("--") {
                    break;
                }
                fields.extend(field(part));
                if fields.len() > FIELDS {
                    return None;
                }
            }
        } else {
            for (name, value) in url::form_urlencoded::parse(body) {
                if fields.len() == FIELDS {
                    return None;
                }
                fields.push((name.into_owned(), value.into_owned()));
            }
        }
        Some(Self(fields))
    }

    /// The first value of that name; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of that name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Whether it says what RFC 8058 section 3.1 wants said.
    pub(super) fn is_one_click(&self) -> bool {
        self.get("List-Unsubscribe").trim() == "One-Click"
    }
}

/// The boundary, at most 70 characters (RFC 2046 section 5.1.1).
fn boundary(parameters: &str) -> Option<&str> {
    let text = parameter(parameters, "boundary")?;
    (1..=70).contains(&text.len()).then_some(text)
}

fn parameter<'p>(parameters: &'p str, name: &str) -> Option<&'p str> {
    parameters.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches('"'))
    })
}

/// Name and value of a part, its lines ended as the RFC says or as scripts do.
fn field(part: &str) -> Option<(String, String)> {
    let part: Cow<'_, str> = if part.contains("\r\n") {
        part.replace("\r\n", "\n").into()
    } else {
        part.into()
    };
    let (head, value) = part.split_once("\n\n")?;
    let name = head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then(|| parameter(value, "name"))?
    })?;
    let value = value.strip_suffix('\n').unwrap_or(value);
    Some((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENCODED: &str = "application/x-www-form-urlencoded";

    #[test]
    fn both_encodings_say_the_same() {
        let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        let bare = "--b\nContent-Type: text/plain\ncontent-disposition:form-data;name=List-Unsubscribe\n\nOne-Click\n--b--";
        for (kind, body, is_one_click) in [
            (ENCODED, "List-Unsubscribe=One-Click", true),
            ("", "List-Unsubscribe=One-Click", true),
            ("multipart/form-data; boundary=b", multipart, true),
            ("Multipart/Form-Data; charset=x; Boundary=\"b\"", bare, true),
            ("multipart/form-data; boundary=c", multipart, false),
            (ENCODED, "list-unsubscribe=one-click", false),
            (ENCODED, "", false),
        ] {
            let form = Form::parse(kind, body.as_bytes()).unwrap();
            assert_eq!(form.is_one_click(), is_one_click, "{kind}: {body}");
        }
        for kind in ["multipart/form-data", "multipart/form-data; boundary="] {
            assert!(Form::parse(kind, multipart.as_bytes()).is_none());
        }
    }

    #[test]
    fn fields_keep_their_order_and_their_letters() {
        let form = Form::parse(
            ENCODED,
            "section=City&name=Ana+%C3%B3&section=News&%ff=%00".as_bytes(),
        )
        .unwrap();
        assert_eq!(form.all("section").collect::<Vec<_>>(), ["City", "News"]);
        assert_eq!((form.get("name"), form.get("none")), ("Ana ó", ""));
        let many = |count: usize| Form::parse(ENCODED, "a=b&".repeat(count).as_bytes());
        assert!(many(FIELDS).is_some() && many(FIELDS + 1).is_none());
    }

    proptest! {
        #[test]
        fn never_panics(kind in "\\PC{0,80}", body in proptest::collection::vec(any::<u8>(), 0..400)) {
            _ = Form::parse(&kind, &body);
        }

        #[test]
        fn nor_where_it_looks_like_one(body in "(--b|\r\n|\n|content-disposition:|name=|\"|;|=|&|%|a){0,60}") {
            _ = Form::parse("multipart/form-data; boundary=b", body.as_bytes());
            _ = Form::parse(ENCODED, body.as_bytes());
        }

        #[test]
        fn what_was_sent_is_read(name in "[a-z]{1,8}", value in "[^-\r\n]{0,40}") {
            let encoded = url::form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            let form = Form::parse(ENCODED, encoded.as_bytes()).unwrap();
            prop_assert_eq!(form.get(&name), &value);
            let multipart = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--\r\n");
            let form = Form::parse("multipart/form-data; boundary=b", multipart.as_bytes()).unwrap();
            prop_assert_eq!(form.get(&name), &value);
        }
    }
}

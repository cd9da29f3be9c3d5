//! What a form sent, in either of the encodings that RFC 8058 section 3.2 knows. Hostile like everything from outside; that it is short was
//! seen to before.

use std::borrow::Cow;

use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;

/// The most fields a form may have; ours has a handful, and a newspaper not so many sections.
const FIELDS: usize = 200;
/// The most letters of a name.
const NAME: usize = 100;

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
            // Nothing before the first delimiter and after the last one is part of the form (RFC 2046 section 5.1.1).
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

    /// Whether alerts are ticked.
    pub(super) fn wants_alerts(&self) -> bool {
        self.all("alerts").any(|tick| tick == "yes")
    }
}

/// What somebody wrote into the form to subscribe, or to change what they get.
#[derive(Debug, Default)]
pub(super) struct FormEntries {
    /// As it was written, to be shown again.
    pub(super) email: String,
    pub(super) name: Option<Line>,
    pub(super) sections: Vec<Line>,
    /// Of several.
    pub(super) newsletters: Vec<NewsletterName>,
    /// Whether alerts too.
    pub(super) alerts: bool,
}

impl Form {
    /// Its sections are those of the offered ones that the form names; all of them is the same as none.
    pub(super) fn draft(&self, offered: &[Line]) -> FormEntries {
        let named = |section: &&Line| self.all("section").any(|value| value == section.as_str());
        let mut sections: Vec<Line> = offered.iter().filter(named).cloned().collect();
        if sections.len() == offered.len() {
            sections.clear();
        }
        FormEntries {
            email: Line::clean_to(self.get("email"), 254).to_string(),
            name: Some(Line::clean_to(self.get("name"), NAME)).filter(|name| !name.is_empty()),
            sections,
            newsletters: Vec::new(),
            alerts: self.wants_alerts(),
        }
    }
}

/// Whether a body that was posted to a link to leave clearly means something else. The link alone says who leaves, so nothing less will do:
/// some senders of one-click say no type, some no body, and RFC 8058 section 3.1 wants both.
pub(super) fn is_something_else(kind: &str, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    if text.trim().is_empty() || text.contains("one-click") {
        return false;
    }
    if is_no_form(kind) {
        return true;
    }
    match Form::parse(kind, body) {
        Some(Form(fields)) => {
            let one_click = |value: &str| value.trim().eq_ignore_ascii_case("one-click");
            let mut values = fields.iter().map(|(_, value)| value.as_str());
            values.clone().any(|value| !value.trim().is_empty()) && !values.any(one_click)
        }
        None => true,
    }
}

/// Whether the type of a body is none that a form has. No type, and types that nobody knows, may be a form's.
pub(super) fn is_no_form(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind.contains("json") || kind.contains("xml")
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
        for (kind, body, value) in [
            (ENCODED, "List-Unsubscribe=One-Click", "One-Click"),
            ("", "List-Unsubscribe=One-Click", "One-Click"),
            ("multipart/form-data; boundary=b", multipart, "One-Click"),
            (
                "Multipart/Form-Data; charset=x; Boundary=\"b\"",
                bare,
                "One-Click",
            ),
            ("multipart/form-data; boundary=c", multipart, ""),
            (ENCODED, "", ""),
        ] {
            let form = Form::parse(kind, body.as_bytes()).unwrap();
            assert_eq!(form.get("List-Unsubscribe"), value, "{kind}: {body}");
        }
        for kind in ["multipart/form-data", "multipart/form-data; boundary="] {
            assert!(Form::parse(kind, multipart.as_bytes()).is_none());
        }
    }

    #[test]
    fn whoever_posts_to_the_link_leaves_unless_they_say_something_else() {
        let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        let other =
            "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b.example\r\n--b--\r\n";
        for (kind, body, is_other) in [
            (ENCODED, "List-Unsubscribe=One-Click", false),
            (ENCODED, "list-unsubscribe=one-click", false),
            (ENCODED, "List%2DUnsubscribe=One%2DClick", false),
            (ENCODED, "List-Unsubscribe=", false),
            (ENCODED, "", false),
            ("", "\r\n", false),
            ("application/json", "", false),
            (
                "application/json",
                "{\"List-Unsubscribe\":\"One-Click\"}",
                false,
            ),
            ("text/plain", "List-Unsubscribe=One-Click", false),
            ("", "unsubscribe", false),
            ("application/octet-stream", "\u{0}\u{1}", false),
            ("multipart/form-data", multipart, false),
            ("multipart/form-data; boundary=c", multipart, false),
            ("multipart/form-data; boundary=b", "--b--", false),
            (ENCODED, "email=a%40b.example", true),
            (ENCODED, "List-Unsubscribe=Two-Clicks", true),
            ("multipart/form-data; boundary=b", other, true),
            ("application/json", "{\"email\":\"a\"}", true),
            ("text/xml; charset=utf-8", "<a/>", true),
            ("", "pause=yes&section=City", true),
        ] {
            assert_eq!(
                is_something_else(kind, body.as_bytes()),
                is_other,
                "{kind}: {body}"
            );
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

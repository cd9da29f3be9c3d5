//! What services call the sites that they count: each name becomes a piece of an address.

use crate::model::line::Line;

/// The number of a property of GA4.
pub(super) fn property(text: &str) -> Result<String, String> {
    let number = text.strip_prefix("properties/").unwrap_or(text);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| number.to_owned()).ok_or_else(|| {
        format!(
            "`{}` is no property: expected its number, as in `properties/1234`",
            Line::clean_to(text, 60)
        )
    })
}

/// A part of a service by its name there: it becomes a piece of an address.
pub(super) fn id(text: &str) -> Result<String, String> {
    named(text, b"-_")
}

/// A project of Google, which may be of a domain: `paper.example:web`.
pub(super) fn project(text: &str) -> Result<String, String> {
    named(text, b"-.:")
}

fn named(text: &str, marks: &[u8]) -> Result<String, String> {
    let is_of = |b: u8| b.is_ascii_alphanumeric() || marks.contains(&b);
    let is_id = (1..=200).contains(&text.len())
        && text.bytes().all(is_of)
        && !text.contains("..")
        && text.starts_with(char::is_alphanumeric);
    is_id.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "`{}` is no name that a service gives: expected letters, digits, `-` and `.`, without `https://`",
            Line::clean_to(text, 60)
        )
    })
}

/// The name of a host, in small letters.
pub(super) fn host_name(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        let is_of = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        label.chars().all(is_of)
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_host = text.len() <= 253 && text.split('.').all(is_label);
    is_host.then(|| text.to_lowercase()).ok_or_else(|| {
        format!(
            "`{}` is no name of a site: expected one such as `paper.example`, without `https://`, port or `/`",
            Line::clean_to(text, 60)
        )
    })
}

/// The domain of a site as Plausible keeps it: in small letters, without `www.`; a part of a site has a path.
pub(super) fn plausible_site(text: &str) -> Result<String, String> {
    let (host, path) = text.split_once('/').unzip();
    let host = host_name(host.unwrap_or(text)).map_err(|what| {
        let value = Line::clean_to(host.unwrap_or(text), 60);
        what.replace(
            &format!("`{value}`"),
            &format!("`{}`", Line::clean_to(text, 60)),
        )
    })?;
    if let Some(bare) = host.strip_prefix("www.") {
        return Err(format!(
            "Plausible names a site without `www.`: expected `{}`",
            Line::clean_to(bare, 60)
        ));
    }
    let is_segment = |segment: &str| {
        let is_of = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
        segment.chars().all(is_of) && !segment.trim_matches('.').is_empty()
    };
    match path {
        None => Ok(host),
        Some(path) if path.split('/').all(is_segment) => Ok(format!("{host}/{path}")),
        Some(_) => Err(format!(
            "`{}` is no name of a site: expected `{}`",
            Line::clean_to(text, 60),
            Line::clean_to(&host, 60)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sites() {
        for (text, expected) in [
            ("Paper.Example", Some("paper.example")),
            ("blog.paper.example", Some("blog.paper.example")),
            ("paper.example/blog", Some("paper.example/blog")),
            ("zeitung-köln.example", Some("zeitung-köln.example")),
            ("intranet", Some("intranet")),
            ("paper.example/", None),
            ("paper.example//blog", None),
            ("paper.example/../blog", None),
            ("paper.example/blog/", None),
            ("www.paper.example", None),
            ("WWW.paper.example:443", None),
            ("paper.example:443", None),
            ("https://paper.example", None),
            ("//paper.example", None),
            ("paper.example.", None),
            (".paper.example", None),
            ("paper..example", None),
            ("-paper.example", None),
            ("paper.example?x=1", None),
            ("paper.example#x", None),
            ("u:pw@paper.example", None),
            ("paper example", None),
            ("", None),
        ] {
            assert_eq!(plausible_site(text).ok().as_deref(), expected, "{text}");
        }
        assert_eq!(
            host_name("www.Paper.example").as_deref(),
            Ok("www.paper.example")
        );
        for bad in ["paper.example/blog", "paper.example:443", "[::1]", ""] {
            assert!(host_name(bad).is_err(), "{bad}");
        }
        assert_eq!(
            project("paper.example:web-1").as_deref(),
            Ok("paper.example:web-1")
        );
        for bad in ["", "a/b", "a..b", ".a", "a b"] {
            assert!(project(bad).is_err() && id(bad).is_err(), "{bad}");
        }
    }
}

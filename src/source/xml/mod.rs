//! XML as the web writes it, broken or not: its tags, its texts, what its prefixes mean.

mod entities;
mod reader;
mod scan;

pub(super) use entities::Entities;
pub(super) use reader::{Reader, Space};
pub(super) use scan::{Scan, Tag, Token, attributes, local};

/// How far into a document its root is looked for; a server's warnings may come before it.
const JUNK: usize = 65_536;

/// The first tag whose local name `wanted` knows; if there is none, the name of the first tag of all.
pub(super) fn root<'t, T>(
    scan: &mut Scan<'t>,
    wanted: impl Fn(&str) -> Option<T>,
) -> Result<(Tag<'t>, T), Option<&'t str>> {
    let mut first = None;
    loop {
        match (scan.at() < JUNK).then(|| scan.next()).flatten() {
            None => return Err(first),
            Some(Token::Open(tag)) => {
                if let Some(found) = wanted(local(tag.name).0) {
                    return Ok((tag, found));
                }
                first.get_or_insert(tag.name);
            }
            Some(_) => {}
        }
    }
}

/// Whether a text that is not what was expected is a page.
pub(super) fn is_html(text: &str) -> bool {
    let head = text[..text.floor_char_boundary(2_000)].to_ascii_lowercase();
    ["<html", "<!doctype html", "<head", "<body", "<p>", "<div"]
        .iter()
        .any(|tag| head.contains(tag))
}

//! `[dkim]`: the keys that sign letters.

use std::path::Path;

use super::{LARGEST, folder};
use crate::message::{Key, Signer};
use crate::model::address::ascii_domain;
use crate::model::line::Line;
use crate::model::toml_table::{Problems, TomlTable};

/// Reads the section and its keys; without it letters are not signed. `from` is the domain of the sender.
pub(super) fn read(
    table: &mut TomlTable<'_>,
    home: &Path,
    from: Option<&str>,
    problems: &Problems,
) -> Option<Signer> {
    let mut table = table.table("dkim", problems)?;
    let before = problems.len();
    let domain = table.parsed("domain", problems, |text| {
        let domain = ascii_domain(text)?;
        match from {
            // DMARC wants the two to agree (RFC 9989): the same, or one above.
            Some(from) if from != domain && !from.ends_with(&format!(".{domain}")) => Err(format!(
                "letters come from `{from}`, and a signature by `{}` says nothing about that",
                Line::clean_to(&domain, 80)
            )),
            _ => Ok(domain),
        }
    });
    let first = key(&mut table, home, problems);
    let second = table.table("ed25519", problems).and_then(|mut table| {
        let second = key(&mut table, home, problems);
        table.finish(problems);
        second
    });
    if problems.len() == before && (domain.is_none() || first.is_none()) {
        problems.add(
            table
                .problem_here("`[dkim]` must give `domain`, `selector` and `key_file`")
                .hint("`newsdigest dkim keygen` makes a key, and says what to write"),
        );
    }
    table.finish(problems);
    let keys = std::iter::once(first?).chain(second).collect();
    Some(Signer::new(domain?.value, keys))
}

fn key(table: &mut TomlTable<'_>, home: &Path, problems: &Problems) -> Option<(String, Key)> {
    let selector = table.parsed("selector", problems, selector);
    let key = table.parsed("key_file", problems, |text| {
        let path = home.join(text);
        let pem = folder::read_secret(&path, LARGEST).map_err(|problem| problem.what)?;
        Key::parse(pem.as_bytes()).map_err(|error| format!("`{}` {error}", path.display()))
    });
    Some((selector?.value, key?.value))
}

/// Parses a selector (RFC 6376 section 3.1): labels as of a domain name, with dots between.
///
/// # Errors
/// The sentence that says what it should be.
pub fn selector(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.split('.').all(label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!(
            "`{}` is no selector: expected letters, digits and hyphens, such as `s1`",
            Line::clean_to(text, 60)
        ))
    }
}

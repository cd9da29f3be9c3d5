//! Which objects have names that fit a pattern.

use futures_util::stream::StreamExt as _;
use glob::{MatchOptions, Pattern};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt as _};

use super::MOST;

/// Adds the objects whose names fit the pattern. Names come in the order of their octets, so what follows the last that may fit is not
/// listed.
pub(super) async fn list(
    store: &dyn ObjectStore,
    pattern: &str,
    found: &mut Vec<ObjectMeta>,
) -> Result<(), Error> {
    let fixed = fixed(pattern);
    if fixed == pattern {
        match store.head(&Path::parse(pattern)?).await {
            Ok(object) => found.push(object),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        return Ok(());
    }
    // What is known to be wrong was refused when the config was read.
    let Ok(glob) = Pattern::new(pattern) else {
        return Ok(());
    };
    let within = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::new()
    };
    let folder = Path::parse(folder(pattern))?;
    let mut names = if fixed.ends_with('/') || fixed.is_empty() {
        store.list(Some(&folder))
    } else {
        store.list_with_offset(Some(&folder), &Path::parse(fixed)?)
    };
    let mut seen = 0;
    while let Some(object) = names.next().await.transpose()? {
        let name = object.location.as_ref();
        seen += 1;
        if (name > fixed && !name.starts_with(fixed)) || seen > 10 * MOST || found.len() > MOST {
            break;
        }
        if glob.matches_with(name, within) {
            found.push(object);
        }
    }
    Ok(())
}

/// The beginning of a pattern in which nothing varies.
fn fixed(pattern: &str) -> &str {
    &pattern[..pattern.find(['*', '?', '[']).unwrap_or(pattern.len())]
}

/// The folder below which everything is that the pattern means.
pub(super) fn folder(pattern: &str) -> &str {
    let fixed = fixed(pattern);
    &fixed[..fixed.rfind('/').unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_listing_begins() {
        assert_eq!((fixed("a/b.2026*"), folder("a/b.2026*")), ("a/b.2026", "a"));
        assert_eq!((fixed("a/b"), folder("a/b")), ("a/b", "a"));
        assert_eq!((fixed("*.gz"), folder("*.gz")), ("", ""));
        assert_eq!((fixed("a/*/b"), folder("a/*/b")), ("a/", "a"));
    }
}

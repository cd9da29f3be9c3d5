//! Which objects have names that fit a pattern.

use futures_util::stream::StreamExt as _;
use glob::{MatchOptions, Pattern};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt as _};

use super::vendor::words;

/// More objects than this are not listed.
const MOST: usize = 20_000;
/// So many names are looked at for those that fit.
const LOOKED_THROUGH: usize = 10 * MOST;

/// Adds the objects whose names fit the pattern. Names come in the order of their octets, so what follows the last that may fit is not
/// listed.
///
/// # Errors
/// They cannot be listed, or are too many.
pub(super) async fn list(
    store: &dyn ObjectStore,
    pattern: &str,
    found: &mut Vec<ObjectMeta>,
) -> Result<(), String> {
    let broken = |error| words(&error);
    let path = |name| Path::parse(name).map_err(|error| words(&error.into()));
    // What is known to be wrong was refused when the config was read.
    let Ok(glob) = Pattern::new(pattern) else {
        return Ok(());
    };
    let within = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::new()
    };
    let fixed = fixed(pattern);
    let folder = path(folder(pattern))?;
    let mut names = if fixed.ends_with('/') || fixed.is_empty() {
        store.list(Some(&folder))
    } else {
        let fixed_path = path(fixed)?;
        // A list begins behind the name that it is given, and a star may mean nothing.
        if glob.matches_with(fixed, within) {
            match store.head(&fixed_path).await {
                Ok(object) => found.push(object),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(words(&error)),
            }
        }
        if fixed == pattern {
            return Ok(());
        }
        store.list_with_offset(Some(&folder), &fixed_path)
    };
    let mut seen = 0;
    while let Some(object) = names.next().await.transpose().map_err(broken)? {
        let name = object.location.as_ref();
        seen += 1;
        if name > fixed && !name.starts_with(fixed) {
            break;
        }
        if seen > LOOKED_THROUGH {
            return Err(format!(
                "more than {LOOKED_THROUGH} objects were looked through for such names: `{{date}}` before the first `*` of the address tells those of a day"
            ));
        }
        if glob.matches_with(name, within) {
            found.push(object);
        }
        if found.len() > MOST {
            return Err(format!(
                "more than {MOST} objects have such names: `{{date}}` in the address tells those of a day"
            ));
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
    use object_store::memory::InMemory;

    #[test]
    fn where_listing_begins() {
        assert_eq!((fixed("a/b.2026*"), folder("a/b.2026*")), ("a/b.2026", "a"));
        assert_eq!((fixed("a/b"), folder("a/b")), ("a/b", "a"));
        assert_eq!((fixed("*.gz"), folder("*.gz")), ("", ""));
        assert_eq!((fixed("a/*/b"), folder("a/*/b")), ("a/", "a"));
    }

    async fn listed(
        names: impl IntoIterator<Item = String>,
        pattern: &str,
    ) -> Result<String, String> {
        let store = InMemory::new();
        for name in names {
            store.put(&Path::from(name), "".into()).await.unwrap();
        }
        let mut found = Vec::new();
        list(&store, pattern, &mut found).await?;
        let names = found.iter().map(|object| object.location.as_ref());
        Ok(names.collect::<Vec<_>>().join(" "))
    }

    #[tokio::test]
    async fn a_star_may_mean_nothing() {
        let names = [
            "a/access.log",
            "a/access.log.1.gz",
            "a/access.lo",
            "a/b/access.log",
            "a",
        ];
        for (pattern, expected) in [
            ("a/access.log*", "a/access.log a/access.log.1.gz"),
            ("a/access.log.*", "a/access.log.1.gz"),
            ("a/access.log", "a/access.log"),
            ("a/*", "a/access.lo a/access.log a/access.log.1.gz"),
            ("*", "a"),
        ] {
            let listed = listed(names.map(str::to_owned), pattern).await;
            assert_eq!(listed.as_deref(), Ok(expected), "{pattern}");
        }
    }

    #[tokio::test]
    async fn what_is_not_looked_through_to_its_end_is_said() {
        let many = (0..=LOOKED_THROUGH).map(|number| format!("{number:07}"));
        let error = listed(many, "*.gz").await.unwrap_err();
        assert!(error.contains("looked through"), "{error}");
    }
}

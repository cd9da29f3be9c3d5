//! The door to buckets: objects of Amazon S3 and what speaks like it, of Google Cloud Storage and of Azure, listed by a pattern and read as
//! a stream. Credentials are those of the environment, as the vendors' own programs take them; none is in any message.

mod listing;
mod object;
mod vendor;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use glob::Pattern;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use tokio::runtime::Handle;

pub use object::Object;

use crate::model::line::Line;
use listing::{folder, list};
use vendor::{PROVIDERS, Provider, words};

/// So much of each object's beginning is fetched when it is listed; of most that is all.
const START: u64 = 32 * 1024;
/// So many are asked for at once.
const AT_ONCE: usize = 16;
/// Listing takes no longer than this.
const LISTED_WITHIN: Duration = Duration::from_mins(1);

/// Objects of one bucket, by a pattern over their names: `s3://bucket/logs/{date}/*.gz`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    provider: Provider,
    name: String,
    /// With `{date}`, `{year}`, `{month}` and `{day}`.
    pattern: String,
}

impl Bucket {
    /// Reads an address; `None`: it is none of a bucket.
    ///
    /// # Errors
    /// Within: it is one, but names no objects.
    #[must_use]
    pub fn parse(text: &str) -> Option<Result<Self, String>> {
        let (rest, provider) = PROVIDERS
            .iter()
            .find_map(|(scheme, provider)| Some((text.strip_prefix(scheme)?, *provider)))?;
        let wrong = || {
            format!(
                "`{}` names no objects of a bucket: expected an address such as `s3://bucket/logs/{{date}}/*.gz`",
                Line::clean_to(text, 100)
            )
        };
        let Some((name, pattern)) = rest.split_once('/') else {
            return Some(Err(wrong()));
        };
        let bucket = Self {
            provider,
            name: name.to_owned(),
            pattern: pattern.to_owned(),
        };
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        let today = bucket.of_day(DateTime::UNIX_EPOCH);
        let is_sound = !name.is_empty()
            && name.bytes().all(is_name)
            && !today.contains(['{', '}'])
            && today
                .split('/')
                .all(|part| !matches!(part, "" | "." | ".."))
            && Path::parse(folder(&today)).is_ok()
            && Pattern::new(&today).is_ok();
        Some(if is_sound { Ok(bucket) } else { Err(wrong()) })
    }

    /// The pattern of the objects of a day (UTC).
    fn of_day(&self, day: DateTime<Utc>) -> String {
        let mut pattern = self.pattern.clone();
        for (word, format) in [
            ("{date}", "%Y-%m-%d"),
            ("{year}", "%Y"),
            ("{month}", "%m"),
            ("{day}", "%d"),
        ] {
            pattern = pattern.replace(word, &day.format(format).to_string());
        }
        pattern
    }

    /// The objects that were last written from `since` on, each with its beginning, and whether there are older ones; if all are older, the
    /// newest of them. Names are looked for of every day from the one before `since`, because logs come late.
    ///
    /// # Errors
    /// They cannot be listed, or are too many; a sentence without any credentials.
    pub async fn objects(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Object>, bool), String> {
        let store = self.provider.store(&self.name).map_err(|error| {
            let error = words(&error);
            format!("{error}: is the environment complete? (docs/readership.md)")
        })?;
        let listed = tokio::time::timeout(LISTED_WITHIN, self.listed(store, since, now));
        let seconds = LISTED_WITHIN.as_secs();
        listed
            .await
            .unwrap_or_else(|_| Err(format!("could not be listed within {seconds} s")))
    }

    async fn listed(
        &self,
        store: Arc<dyn ObjectStore>,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Object>, bool), String> {
        let mut patterns: Vec<String> = Vec::new();
        let mut day = since - TimeDelta::days(1);
        while day.date_naive() <= now.date_naive() {
            patterns.push(self.of_day(day));
            day += TimeDelta::days(1);
        }
        patterns.dedup();
        let mut found: Vec<ObjectMeta> = Vec::new();
        for pattern in &patterns {
            list(&*store, pattern, &mut found).await?;
        }
        // A name may fit the patterns of two days.
        found.sort_unstable_by(|one, other| one.location.cmp(&other.location));
        found.dedup_by(|next, kept| next.location == kept.location);
        let Some(newest) = found.iter().map(|object| object.last_modified).max() else {
            return Err("no object has such a name".to_owned());
        };
        let all = found.len();
        found.retain(|object| object.last_modified >= since.min(newest));
        let has_older = found.len() < all;
        let runtime = Handle::current();
        let begun = found.into_iter().map(|object| {
            let (store, runtime) = (Arc::clone(&store), runtime.clone());
            async move {
                let end = object.size.min(START);
                let start = match end {
                    0 => Ok(Bytes::new()),
                    end => store.get_range(&object.location, 0..end).await,
                };
                Ok::<_, String>(Object {
                    name: format!("{self}/{}", object.location),
                    len: object.size,
                    modified: object.last_modified,
                    start: start.map_err(|error| words(&error))?,
                    path: object.location,
                    store,
                    runtime,
                })
            }
        });
        let begun = stream::iter(begun).buffer_unordered(AT_ONCE);
        Ok((begun.try_collect().await?, has_older))
    }
}

/// The bucket alone, as its address begins.
impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = PROVIDERS
            .iter()
            .find(|(_, provider)| *provider == self.provider);
        write!(
            f,
            "{}{}",
            scheme.map_or("", |(scheme, _)| scheme),
            self.name
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_objects() {
        let read = |text: &str| {
            Bucket::parse(text).map(|parsed| {
                parsed.map(|bucket| bucket.of_day("2026-08-04T05:00:00Z".parse().unwrap()))
            })
        };
        for (text, pattern) in [
            ("s3://logs/cdn/{date}/*.gz", "cdn/2026-08-04/*.gz"),
            (
                "gs://my.logs/{year}/{month}/{day}/[ab]?.zst",
                "2026/08/04/[ab]?.zst",
            ),
            ("az://logs/access.log", "access.log"),
        ] {
            assert_eq!(read(text), Some(Ok(pattern.to_owned())), "{text}");
        }
        for text in ["logs/*.gz", "https://h.example/a", "S3://b/a", "s4://b/a"] {
            assert_eq!(read(text), None, "{text}");
        }
        for text in [
            "s3://",
            "s3://bucket",
            "s3://bucket/",
            "s3:///a",
            "s3://b/a/",
            "s3://b/{hour}/*",
            "s3://b/***",
            "s3://b/[a",
            "s3://b@c/a",
            "s3://user:key@b/a",
            "s3://b//a/*",
            "s3://b/../a/*",
        ] {
            let error = read(text).unwrap().unwrap_err();
            assert!(error.contains("names no objects"), "{text}: {error}");
        }
    }

    #[tokio::test]
    async fn an_object_that_the_names_of_two_days_mean_is_one() {
        let store = object_store::memory::InMemory::new();
        let name = Path::from("2026-08-24-23.gz");
        store.put(&name, "line".into()).await.unwrap();
        let bucket = Bucket::parse("s3://logs/*{day}*").unwrap().unwrap();
        let at = |text: &str| text.parse().unwrap();
        let (since, now) = (at("2026-08-24T05:00:00Z"), at("2026-08-24T06:00:00Z"));
        let listed = bucket.listed(Arc::new(store), since, now).await;
        let names = listed.map(|(objects, _)| format!("{objects:?}"));
        assert_eq!(names, Ok("[s3://logs/2026-08-24-23.gz]".to_owned()));
    }
}

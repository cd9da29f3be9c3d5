//! The door to buckets: objects of Amazon S3 and what speaks like it, of Google Cloud Storage and of Azure, listed by a pattern and read as
//! a stream. Credentials are those of the environment, as the vendors' own programs take them; none is in any message.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _};
use glob::{MatchOptions, Pattern};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{
    ClientConfigKey, Error, ObjectMeta, ObjectStore, ObjectStoreExt as _, RetryConfig,
};
use tokio::runtime::Handle;

use crate::model::line::Line;

/// So much of each object's beginning is fetched when it is listed; of most that is all.
const START: u64 = 32 * 1024;
/// More objects than this are not listed.
const MOST: usize = 20_000;
/// So many are asked for at once.
const AT_ONCE: usize = 16;
/// Listing takes no longer than this; an object is read as long as something comes.
const LISTED_WITHIN: Duration = Duration::from_mins(1);
const SILENCE: &str = "30 seconds";
const CONNECTED_WITHIN: &str = "10 seconds";
const WHOLE_OBJECT: &str = "1 day";

/// Objects of one bucket, by a pattern over their names: `s3://bucket/logs/{date}/*.gz`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    provider: Provider,
    name: String,
    /// With `{date}`, `{year}`, `{month}` and `{day}`.
    pattern: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    Amazon,
    Google,
    Azure,
}

const PROVIDERS: [(&str, Provider); 3] = [
    ("s3://", Provider::Amazon),
    ("gs://", Provider::Google),
    ("az://", Provider::Azure),
];

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
        let listed = tokio::time::timeout(LISTED_WITHIN, self.listed(since, now));
        let seconds = LISTED_WITHIN.as_secs();
        listed
            .await
            .unwrap_or_else(|_| Err(format!("could not be listed within {seconds} s")))
    }

    async fn listed(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Object>, bool), String> {
        let store = self.store().map_err(|error| words(&error))?;
        let mut patterns: Vec<String> = Vec::new();
        let mut day = since - TimeDelta::days(1);
        while day.date_naive() <= now.date_naive() {
            patterns.push(self.of_day(day));
            day += TimeDelta::days(1);
        }
        patterns.dedup();
        let mut found: Vec<ObjectMeta> = Vec::new();
        for pattern in &patterns {
            self.list(&*store, pattern, &mut found)
                .await
                .map_err(|error| words(&error))?;
            if found.len() > MOST {
                return Err(format!(
                    "more than {MOST} objects have such names: `{{date}}` in the address tells those of a day"
                ));
            }
        }
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
        let begun = futures_util::stream::iter(begun).buffer_unordered(AT_ONCE);
        Ok((begun.try_collect().await?, has_older))
    }

    /// Adds the objects whose names fit the pattern. Names come in the order of their octets, so what follows the last that may fit is not
    /// listed.
    async fn list(
        &self,
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
            if (name > fixed && !name.starts_with(fixed)) || seen > 10 * MOST || found.len() > MOST
            {
                break;
            }
            if glob.matches_with(name, within) {
                found.push(object);
            }
        }
        Ok(())
    }

    fn store(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        let limits = [
            (ClientConfigKey::Timeout, WHOLE_OBJECT),
            (ClientConfigKey::ReadTimeout, SILENCE),
            (ClientConfigKey::ConnectTimeout, CONNECTED_WITHIN),
        ];
        let retry = RetryConfig {
            max_retries: 2,
            retry_timeout: Duration::from_secs(30),
            ..RetryConfig::default()
        };
        Ok(match self.provider {
            Provider::Amazon => {
                let builder = AmazonS3Builder::from_env().with_bucket_name(&self.name);
                let builder = limits.into_iter().fold(builder, |builder, (key, value)| {
                    builder.with_config(AmazonS3ConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
            Provider::Google => {
                let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(&self.name);
                let builder = limits.into_iter().fold(builder, |builder, (key, value)| {
                    builder.with_config(GoogleConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
            Provider::Azure => {
                let builder = MicrosoftAzureBuilder::from_env().with_container_name(&self.name);
                let builder = limits.into_iter().fold(builder, |builder, (key, value)| {
                    builder.with_config(AzureConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
        })
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

/// The beginning of a pattern in which nothing varies.
fn fixed(pattern: &str) -> &str {
    &pattern[..pattern.find(['*', '?', '[']).unwrap_or(pattern.len())]
}

/// The folder below which everything is that the pattern means.
fn folder(pattern: &str) -> &str {
    let fixed = fixed(pattern);
    &fixed[..fixed.rfind('/').unwrap_or(0)]
}

/// What went wrong, without an address that may hold a signature.
fn words(error: &Error) -> String {
    match error {
        Error::NotFound { .. } => "is not there: is the bucket's name right?".to_owned(),
        Error::Unauthenticated { .. } | Error::PermissionDenied { .. } => {
            "may not be read with the credentials that the environment has (docs/readership.md)"
                .to_owned()
        }
        other => {
            let mut cause: &dyn std::error::Error = other;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            let cause = cause.to_string();
            // S3, Google and Azure all write errors as XML with these two elements.
            let within = |name: &str| {
                let (_, rest) = cause.split_once(&format!("<{name}>"))?;
                rest.split('<').next()
            };
            let shown = match (within("Code"), within("Message")) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                // An address may hold a signature.
                _ => cause.split("http").next().unwrap_or_default().to_owned(),
            };
            format!("could not be read: {}", Line::clean_to(&shown, 160))
        }
    }
}

/// One object, as it was when it was listed.
pub struct Object {
    /// Its whole address.
    pub name: String,
    /// In octets.
    pub len: u64,
    pub modified: DateTime<Utc>,
    start: Bytes,
    path: Path,
    store: Arc<dyn ObjectStore>,
    runtime: Handle,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Object {
    /// Its first octets.
    #[must_use]
    pub const fn start(&self) -> &Bytes {
        &self.start
    }

    /// All of it. To be read on a thread that may wait, while the runtime goes on elsewhere.
    pub fn read(&self) -> impl Read + Send + use<> {
        ObjectReader {
            ahead: self.start.clone(),
            rest: self.start.len() as u64..self.len,
            path: self.path.clone(),
            store: Arc::clone(&self.store),
            stream: None,
            runtime: self.runtime.clone(),
        }
    }
}

/// An object on its way.
struct ObjectReader {
    /// What came and was not read.
    ahead: Bytes,
    /// What was not asked for, until it is.
    rest: std::ops::Range<u64>,
    path: Path,
    store: Arc<dyn ObjectStore>,
    stream: Option<BoxStream<'static, object_store::Result<Bytes>>>,
    runtime: Handle,
}

impl ObjectReader {
    /// The next octets; none at the end.
    fn next(&mut self) -> object_store::Result<Bytes> {
        let runtime = self.runtime.clone();
        runtime.block_on(async {
            if !self.rest.is_empty() {
                let range = std::mem::take(&mut self.rest);
                let options = object_store::GetOptions {
                    range: Some(range.into()),
                    ..object_store::GetOptions::default()
                };
                let answer = self.store.get_opts(&self.path, options).await?;
                self.stream = Some(answer.into_stream());
            }
            while let Some(stream) = &mut self.stream {
                match stream.next().await.transpose()? {
                    Some(octets) if octets.is_empty() => {}
                    Some(octets) => return Ok(octets),
                    None => self.stream = None,
                }
            }
            Ok(Bytes::new())
        })
    }
}

impl Read for ObjectReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() && !into.is_empty() {
            self.ahead = self
                .next()
                .map_err(|error| io::Error::other(words(&error)))?;
        }
        let count = self.ahead.len().min(into.len());
        into[..count].copy_from_slice(&self.ahead.split_to(count));
        Ok(count)
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

    #[test]
    fn where_listing_begins() {
        assert_eq!((fixed("a/b.2026*"), folder("a/b.2026*")), ("a/b.2026", "a"));
        assert_eq!((fixed("a/b"), folder("a/b")), ("a/b", "a"));
        assert_eq!((fixed("*.gz"), folder("*.gz")), ("", ""));
        assert_eq!((fixed("a/*/b"), folder("a/*/b")), ("a/", "a"));
    }
}

//! A body made once and given often, with what it takes not to send it again (RFC 9110 section 13).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};
use tokio::time::Instant;

use super::guard::only;
use crate::model::edition::Slug;
use crate::model::picture::PictureName;
use crate::site::service::Archived;

/// The form of dates in headers (RFC 9110 section 5.6.7).
const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// A body for everybody, with its headers.
#[derive(Clone, Debug)]
pub(super) struct CachedBody {
    body: Bytes,
    etag: String,
    modified: Option<DateTime<Utc>>,
    headers: HeaderMap,
}

impl CachedBody {
    /// `modified` is the instant of its last change, where that is known.
    pub(super) fn new(
        kind: &'static str,
        body: impl Into<Bytes>,
        modified: Option<DateTime<Utc>>,
        cache: &'static str,
    ) -> Self {
        // The same in every process: its keys are fixed. Nobody gains by a collision of two of our own pages.
        let body = body.into();
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        let modified = modified.map(|instant| instant.trunc_subsecs(0));
        let date = modified.map(|modified| modified.format(DATE).to_string());
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (header::CONTENT_TYPE, Some(kind)),
            (header::CACHE_CONTROL, Some(cache)),
            (header::ETAG, Some(etag.as_str())),
            (header::LAST_MODIFIED, date.as_deref()),
        ] {
            headers.extend(value.and_then(|value| Some((name, value.parse().ok()?))));
        }
        Self {
            body,
            etag,
            modified,
            headers,
        }
    }

    /// A page that may do other things than our own.
    pub(super) fn under(mut self, policy: &'static str) -> Self {
        let policy = HeaderValue::from_static(policy);
        self.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        self
    }

    /// One that pages of other servers may show.
    pub(super) fn for_all(mut self) -> Self {
        let (name, value) = ("cross-origin-resource-policy", "cross-origin");
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    pub(super) fn octets(&self) -> usize {
        self.body.len()
    }

    /// What changes whenever the body does.
    pub(super) fn version(&self) -> &str {
        self.etag.trim_matches('"')
    }

    /// All of it, or only that it has not changed.
    pub(super) fn reply(&self, headers: &HeaderMap) -> Response {
        if self.is_known_to(headers) {
            (StatusCode::NOT_MODIFIED, self.headers.clone()).into_response()
        } else {
            (self.headers.clone(), self.body.clone()).into_response()
        }
    }

    fn is_known_to(&self, headers: &HeaderMap) -> bool {
        if headers.contains_key(header::IF_NONE_MATCH) {
            let mut tags = headers
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .filter_map(|value| value.to_str().ok());
            return tags.any(|tags| {
                tags.split(',')
                    .map(str::trim)
                    .any(|tag| tag == "*" || tag.trim_start_matches("W/") == self.etag)
            });
        }
        let since = only(headers, &header::IF_MODIFIED_SINCE);
        let since = since.and_then(|date| NaiveDateTime::parse_from_str(date, DATE).ok());
        since
            .zip(self.modified)
            .is_some_and(|(since, modified)| modified <= since.and_utc())
    }
}

/// What is kept of the archive.
#[derive(Default)]
pub(super) struct ArchiveCache {
    pub(super) shelf: RwLock<Option<Arc<Shelf>>>,
    /// Held by the one request that looks again.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// By how many corrections are on top.
    pub(super) editions: RwLock<HashMap<(Slug, usize), CachedBody>>,
}

/// The list of editions, as it was when somebody looked.
#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) editions: Arc<[Archived]>,
    pub(super) list: CachedBody,
    pub(super) feed: CachedBody,
    pub(super) looked: Instant,
}

impl ArchiveCache {
    pub(super) fn known(&self) -> Option<Arc<Shelf>> {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        shelf.clone()
    }
}

/// The most octets of pictures held in memory.
const PICTURES: usize = 32_000_000;

/// The pictures that were asked for lately.
#[derive(Default)]
pub(super) struct PictureCache(RwLock<HashMap<PictureName, CachedBody>>);

impl PictureCache {
    pub(super) fn reply(&self, name: &PictureName, headers: &HeaderMap) -> Option<Response> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(name).map(|kept| kept.reply(headers))
    }

    pub(super) fn hold(&self, name: PictureName, kept: CachedBody) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.values().map(CachedBody::octets).sum::<usize>() + kept.octets() > PICTURES {
            held.clear();
        }
        held.insert(name, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_sent_again() {
        let modified = "2026-08-24T06:00:00.75Z".parse().unwrap();
        let kept = CachedBody::new("text/html", "page".to_owned(), Some(modified), "public");
        let etag = kept.etag.clone();
        let check = |name: &'static str, value: &str| {
            let headers = [(name.parse().unwrap(), value.parse().unwrap())]
                .into_iter()
                .collect();
            let response = kept.reply(&headers);
            assert_eq!(response.headers()["etag"], etag);
            assert_eq!(
                response.headers()["last-modified"],
                "Mon, 24 Aug 2026 06:00:00 GMT"
            );
            response.status().as_u16()
        };
        for (name, value, status) in [
            ("if-none-match", etag.as_str(), 304),
            ("if-none-match", &format!("\"a\", W/{etag}"), 304),
            ("if-none-match", "*", 304),
            ("if-none-match", "\"a\"", 200),
            ("if-modified-since", "Mon, 24 Aug 2026 06:00:00 GMT", 304),
            ("if-modified-since", "Mon, 24 Aug 2026 05:59:59 GMT", 200),
            ("if-modified-since", "yesterday", 200),
            ("accept", "*/*", 200),
        ] {
            assert_eq!(check(name, value), status, "{name}: {value}");
        }
        let other = CachedBody::new("text/html", "pages".to_owned(), None, "public");
        assert_ne!(other.etag, etag);
    }
}

//! A body made once and given often, with what it takes not to send it again (RFC 9110 section 13).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};

use super::only;
use super::reply::Reply;

/// The form of dates in headers (RFC 9110 section 5.6.7).
const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// A body for everybody.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    kind: &'static str,
    body: Bytes,
    etag: String,
    modified: Option<DateTime<Utc>>,
    cache: &'static str,
    policy: Option<&'static str>,
}

impl Kept {
    /// `modified` is the instant of its last change, where that is known.
    pub(super) fn new(
        kind: &'static str,
        body: String,
        modified: Option<DateTime<Utc>>,
        cache: &'static str,
    ) -> Self {
        // The same in every process: its keys are fixed. Nobody gains by a collision of two of our own pages.
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        Self {
            kind,
            body: body.into(),
            etag: format!("\"{:016x}\"", hasher.finish()),
            modified: modified.map(|instant| instant.trunc_subsecs(0)),
            cache,
            policy: None,
        }
    }

    /// A page that may do other things than our own.
    pub(super) fn under(self, policy: &'static str) -> Self {
        Self {
            policy: Some(policy),
            ..self
        }
    }

    /// What changes whenever the body does.
    pub(super) fn version(&self) -> &str {
        self.etag.trim_matches('"')
    }

    /// All of it, or only that it has not changed.
    pub(super) fn reply(&self, headers: &HeaderMap) -> Reply {
        let fresh = self.is_known_to(headers);
        let body = if fresh {
            Bytes::new()
        } else {
            self.body.clone()
        };
        let mut reply = Reply::of(self.kind, body)
            .cached(self.cache)
            .with(header::ETAG, self.etag.as_str());
        if let Some(modified) = self.modified {
            reply = reply.with(header::LAST_MODIFIED, modified.format(DATE).to_string());
        }
        if let Some(policy) = self.policy {
            reply = reply.under(policy);
        }
        if fresh {
            reply.status = StatusCode::NOT_MODIFIED;
        }
        reply
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_sent_again() {
        let modified = "2026-08-24T06:00:00.75Z".parse().unwrap();
        let kept = Kept::new("text/html", "page".to_owned(), Some(modified), "public");
        let etag = kept.etag.clone();
        let check = |name: &'static str, value: &str| {
            let headers = [(name.parse().unwrap(), value.parse().unwrap())]
                .into_iter()
                .collect();
            let response = kept.reply(&headers).into_response();
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
        let other = Kept::new("text/html", "pages".to_owned(), None, "public");
        assert_ne!(other.etag, etag);
    }
}

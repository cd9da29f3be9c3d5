//! An answer before it is on the wire, and the headers that every answer has.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use maud::Markup;

/// What our pages may load and do: our style sheet, and forms to ourselves.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    kind: &'static str,
    body: Bytes,
    cache: &'static str,
    policy: &'static str,
    more: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// A page. What it shows is somebody's own, so nobody keeps it.
    pub(super) fn page(status: StatusCode, page: Markup) -> Self {
        Self::of("text/html; charset=utf-8", page.into_string()).status(status)
    }

    /// A line for programs and for those who look after them.
    pub(super) fn line(status: StatusCode, line: &'static str) -> Self {
        Self::of("text/plain; charset=utf-8", line).status(status)
    }

    pub(super) fn of(kind: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            kind,
            body: body.into(),
            cache: "no-store",
            policy: PAGE_POLICY,
            more: Vec::new(),
        }
    }

    fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// It may be kept for as long as `cache` says.
    pub(super) fn cached(self, cache: &'static str) -> Self {
        Self { cache, ..self }
    }

    /// It may do other things than our own pages.
    pub(super) fn under(self, policy: &'static str) -> Self {
        Self { policy, ..self }
    }

    /// With a header. A value that is none is left out: ours are all.
    pub(super) fn with(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        self.more
            .extend(value.try_into().ok().map(|value| (name, value)));
        self
    }

    /// Ask again after so many seconds.
    pub(super) fn after(self, seconds: u64) -> Self {
        self.with(header::RETRY_AFTER, seconds)
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, self.kind),
            (header::CACHE_CONTROL, self.cache),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.extend(self.more);
        response
    }
}

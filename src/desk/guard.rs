//! Who may look: requests that name a loopback address and come from no foreign page. It knows no route.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// What the preview's own page may load: only what this server answers.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// What the desk may load: also the pictures that it offers, from where the paper keeps them, as the letter does.
pub(super) const DESK_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https:; connect-src 'self'; \
    frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The port on which the preview was bound: part of every `Host` it answers to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Port(pub(super) u16);

/// Refuses foreign requests, and puts the safety headers on every answer, refusals included. A route that set a policy of its own keeps it.
pub(super) async fn guard(State(port): State<Port>, request: Request, next: Next) -> Response {
    let mut response = match refusal(port, &request) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(PAGE_POLICY));
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: under that a browser sends our own form with `Origin: null` (Fetch, "append a request Origin header").
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refusal(port: Port, request: &Request) -> Option<&'static str> {
    let headers = request.headers();
    // In the absolute form of RFC 9112 section 3.2.2 the target, not `Host`, names the server.
    let target = request.uri().authority();
    if !port.is_named_by(only(headers, &header::HOST))
        || target.is_some_and(|target| !port.is_named_by(Some(target.as_str())))
    {
        return Some("this page answers only to the loopback address it was started on\n");
    }
    // Browsers name the origin of everything that may change something; without it such a request comes from no page of ours.
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let foreign = (headers.contains_key(header::ORIGIN) || !reads)
        && !port.is_named_by(
            only(headers, &header::ORIGIN).and_then(|origin| origin.strip_prefix("http://")),
        );
    foreign.then_some("this page answers no other page\n")
}

/// The value of a header that is there exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

impl Port {
    fn is_named_by(self, authority: Option<&str>) -> bool {
        let Some(authority) = authority else {
            return false;
        };
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
            authority
                .get(..name.len())
                .is_some_and(|host| host.eq_ignore_ascii_case(name))
                && match authority[name.len()..].strip_prefix(':') {
                    Some(port) => port == self.0.to_string(),
                    None => authority.len() == name.len() && self.0 == 80,
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_with_the_right_port() {
        for (authority, named) in [
            (Some("127.0.0.1:4321"), true),
            (Some("localhost:4321"), true),
            (Some("LocalHost:4321"), true),
            (Some("[::1]:4321"), true),
            (Some("127.0.0.1"), false),
            (Some("127.0.0.1:80"), false),
            (Some("localhost:4321.evil.example"), false),
            (Some("localhost.evil.example:4321"), false),
            (Some("evil.example:4321"), false),
            (Some("127.0.0.1é:4321"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(Port(4321).is_named_by(authority), named, "{authority:?}");
        }
        assert!(Port(80).is_named_by(Some("localhost")));
    }
}

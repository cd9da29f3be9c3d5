//! Who may come in, and under which name. It knows no route.
//!
//! At a desk of this machine alone, requests that name a loopback address and come from no foreign page. At a team's, those that the paper's
//! sign-on passed on: from an address of its proxies, with one name in its header, for the desk's own site.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::config::SignOn;
use crate::model::line::Line;

/// What the preview's own page may load: only what this server answers.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

/// What the desk may load: also the pictures that it offers, from where the paper keeps them, as the letter does.
pub(super) const DESK_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https:; connect-src 'self'; \
    frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The longest name of a person that is kept, in characters.
const NAME: usize = 100;

/// The way in.
pub(super) enum Entrance {
    /// By a loopback name with this port, which is part of every `Host`; `who` works on this machine.
    Here { port: u16, who: Line },
    /// Through the paper's sign-on.
    SignOn(SignOn),
}

/// Who asks; without a name where nobody says it.
#[derive(Clone, Debug)]
pub(super) struct Person(pub(super) Line);

/// Refuses foreign requests, and puts the safety headers on every answer, refusals included. A route that set a policy of its own keeps it.
pub(super) async fn guard(
    State(entrance): State<Arc<Entrance>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match entrance.admits(&request, peer.ip()) {
        Err(why) => (StatusCode::FORBIDDEN, why).into_response(),
        Ok(person) => {
            request.extensions_mut().insert(person);
            next.run(request).await
        }
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

impl Entrance {
    fn admits(&self, request: &Request, peer: IpAddr) -> Result<Person, &'static str> {
        let headers = request.headers();
        let person = self.person(headers, peer)?;
        // In the absolute form of RFC 9112 section 3.2.2 the target, not `Host`, names the server.
        let target = request.uri().authority();
        let host = only(headers, &header::HOST);
        if !self.is_named_by(host)
            || target.is_some_and(|target| !self.is_named_by(Some(target.as_str())))
        {
            return Err(match self {
                Self::Here { .. } => {
                    "this page answers only to the loopback address it was started on\n"
                }
                Self::SignOn(_) => {
                    "the desk answers only under its `url`: the proxy must pass `Host` on\n"
                }
            });
        }
        // Browsers name the origin of everything that may change something; without it such a request comes from no page of ours.
        let reads = [Method::GET, Method::HEAD].contains(request.method());
        let origin = only(headers, &header::ORIGIN);
        if (headers.contains_key(header::ORIGIN) || !reads) && !self.is_origin(origin) {
            return Err("this page answers no other page\n");
        }
        Ok(person)
    }

    /// Who asks, as the entrance believes it.
    fn person(&self, headers: &HeaderMap, peer: IpAddr) -> Result<Person, &'static str> {
        let sign_on = match self {
            Self::Here { who, .. } => return Ok(Person(who.clone())),
            Self::SignOn(sign_on) => sign_on,
        };
        if !sign_on.proxies.iter().any(|network| network.holds(peer)) {
            return Err(
                "the desk is reached through the paper's sign-on only: this address is none of `trusted_proxies`\n",
            );
        }
        let mut names = headers.get_all(sign_on.user_header.as_str()).iter();
        let name = names.next().and_then(|name| {
            let name = std::str::from_utf8(name.as_bytes()).ok()?;
            Line::non_empty(Line::clean_to(name, NAME).as_str())
        });
        match (name, names.next()) {
            (Some(name), None) => Ok(Person(name)),
            (None, None) => {
                Err("the sign-on says nobody's name: sign in, and load the page again\n")
            }
            // A client's own header came through beside the proxy's.
            _ => Err("the sign-on says several names: the proxy must replace what clients send\n"),
        }
    }

    fn is_named_by(&self, authority: Option<&str>) -> bool {
        let Some(authority) = authority else {
            return false;
        };
        match self {
            Self::Here { port, .. } => is_loopback(authority, *port),
            Self::SignOn(sign_on) => {
                let site = sign_on.site.as_str();
                let site = site.split_once("://").map_or(site, |(_, site)| site);
                // Some proxies leave the port out.
                let bare = site.rsplit_once(':').map(|(name, _)| name);
                let bare = bare.filter(|_| !site.ends_with(']'));
                authority.eq_ignore_ascii_case(site)
                    || bare.is_some_and(|bare| authority.eq_ignore_ascii_case(bare))
            }
        }
    }

    fn is_origin(&self, origin: Option<&str>) -> bool {
        match self {
            Self::Here { port, .. } => origin
                .and_then(|origin| origin.strip_prefix("http://"))
                .is_some_and(|authority| is_loopback(authority, *port)),
            Self::SignOn(sign_on) => origin == Some(sign_on.site.as_str()),
        }
    }
}

/// The value of a header that is there exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

fn is_loopback(authority: &str, port: u16) -> bool {
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
        authority
            .get(..name.len())
            .is_some_and(|host| host.eq_ignore_ascii_case(name))
            && match authority[name.len()..].strip_prefix(':') {
                Some(named) => named == port.to_string(),
                None => authority.len() == name.len() && port == 80,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_with_the_right_port() {
        for (authority, named) in [
            ("127.0.0.1:4321", true),
            ("localhost:4321", true),
            ("LocalHost:4321", true),
            ("[::1]:4321", true),
            ("127.0.0.1", false),
            ("127.0.0.1:80", false),
            ("localhost:4321.evil.example", false),
            ("localhost.evil.example:4321", false),
            ("evil.example:4321", false),
            ("127.0.0.1é:4321", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(authority, 4321), named, "{authority:?}");
        }
        assert!(is_loopback("localhost", 80));
    }
}

//! What a request says of itself, and what of it is believed. It knows no page.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, Uri, header};

use crate::model::public::Public;

use super::only;

/// By which name the server was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// Its public address.
    Public,
    /// The address on which it listens: the machine's own, where a proxy or a monitor stands.
    Here,
}

/// By which name a request calls; `None`: by neither, so it is not for us (RFC 9110 section 15.5.20).
pub(super) fn called(
    headers: &HeaderMap,
    uri: &Uri,
    public: &Public,
    listens: SocketAddr,
) -> Option<Called> {
    let host = only(headers, &header::HOST)?;
    // In the absolute form of RFC 9112 section 3.2.2 the target, not `Host`, names the server.
    if uri
        .authority()
        .is_some_and(|target| !target.as_str().eq_ignore_ascii_case(host))
    {
        return None;
    }
    // Where both are one, nobody stands between: somebody tries it on this machine.
    if is_listener(host, listens) {
        return Some(Called::Here);
    }
    // Some proxies leave the port out. It is the name that counts: no link of ours is made from it.
    let name = |text: &str| {
        let port = text.rfind(':').filter(|at| !text[*at..].contains(']'));
        text[..port.unwrap_or(text.len())].to_ascii_lowercase()
    };
    (name(host) == name(public.authority())).then_some(Called::Public)
}

fn is_listener(host: &str, listens: SocketAddr) -> bool {
    if listens.ip().is_loopback()
        && host.eq_ignore_ascii_case(&format!("localhost:{}", listens.port()))
    {
        return true;
    }
    // Of a listener on all addresses, any address with its port; a name could be anybody's.
    host.parse().is_ok_and(|named: SocketAddr| {
        named == listens || (listens.ip().is_unspecified() && named.port() == listens.port())
    })
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whether a proxy passed it on.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

/// Who asks: the peer; or, where the peer is a proxy on this machine, whom it saw, which is the last of its list. What stands before that is
/// the client's own word.
pub(super) fn client(headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    if !peer.to_canonical().is_loopback() {
        return peer;
    }
    let last = headers.get_all(FORWARDED_FOR).iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.and_then(|text| text.trim().parse().ok())
        .unwrap_or(peer)
}

/// Whether a browser says that a foreign page sends this form. Browsers too old to say send nothing, or an `Origin` of `null`: our pages
/// send no referrer, so that is what ours is too.
pub(super) fn is_foreign(headers: &HeaderMap, public: &Public) -> bool {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    if headers.contains_key(&SITE) {
        return !matches!(only(headers, &SITE), Some("same-origin" | "none"));
    }
    if !headers.contains_key(header::ORIGIN) {
        return false;
    }
    let origin = only(headers, &header::ORIGIN);
    let scheme = if public.is_secure() {
        "https://"
    } else {
        "http://"
    };
    let host = origin.and_then(|origin| origin.strip_prefix(scheme));
    origin != Some("null")
        && !host.is_some_and(|host| host.eq_ignore_ascii_case(public.authority()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn names_of_the_server() {
        let public = Public::parse("https://news.h.example/mail/").unwrap();
        let check = |host: &'static str, listens: &str| {
            called(
                &headers(&[("host", host)]),
                &"/".parse().unwrap(),
                &public,
                listens.parse().unwrap(),
            )
        };
        let loopback = "127.0.0.1:8080";
        for (host, expected) in [
            ("news.h.example", Some(Called::Public)),
            ("News.H.Example:443", Some(Called::Public)),
            ("127.0.0.1:8080", Some(Called::Here)),
            ("localhost:8080", Some(Called::Here)),
            ("news.h.example:8443", Some(Called::Public)),
            ("news.h.example.evil.example", None),
            ("evil.example", None),
            ("127.0.0.1", None),
            ("192.0.2.1:8080", None),
            ("", None),
        ] {
            assert_eq!(check(host, loopback), expected, "{host}");
        }
        assert_eq!(check("192.0.2.1:8080", "0.0.0.0:8080"), Some(Called::Here));
        assert_eq!(check("evil.example:8080", "0.0.0.0:8080"), None);
        assert_eq!(check("localhost:8080", "192.0.2.1:8080"), None);
        let twice = headers(&[("host", "news.h.example"), ("host", "news.h.example")]);
        let (here, away) = ("http://news.h.example/", "http://evil.example/");
        let called = |headers: &HeaderMap, uri: &str| {
            called(
                headers,
                &uri.parse().unwrap(),
                &public,
                loopback.parse().unwrap(),
            )
        };
        assert_eq!(called(&twice, "/"), None);
        let once = headers(&[("host", "news.h.example")]);
        assert_eq!(called(&once, here), Some(Called::Public));
        assert_eq!(called(&once, away), None);
        assert_eq!(called(&headers(&[]), "/"), None);
    }

    #[test]
    fn only_a_proxy_here_is_believed() {
        let check = |peer: &str, pairs: &[(&'static str, &'static str)]| {
            client(&headers(pairs), peer.parse().unwrap()).to_string()
        };
        let forged = ("x-forwarded-for", "203.0.113.9, 192.0.2.7");
        assert_eq!(check("127.0.0.1", &[forged]), "192.0.2.7");
        assert_eq!(
            check("::1", &[("x-forwarded-for", "2001:db8::1")]),
            "2001:db8::1"
        );
        assert_eq!(
            check("127.0.0.1", &[forged, ("x-forwarded-for", "192.0.2.8")]),
            "192.0.2.8"
        );
        assert_eq!(check("198.51.100.1", &[forged]), "198.51.100.1");
        assert_eq!(
            check("127.0.0.1", &[("x-forwarded-for", "unknown")]),
            "127.0.0.1"
        );
        assert_eq!(check("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn forms_of_foreign_pages() {
        let public = Public::parse("https://h.example/").unwrap();
        for (pairs, foreign) in [
            (&[][..], false),
            (
                &[("sec-fetch-site", "same-origin"), ("origin", "null")],
                false,
            ),
            (&[("sec-fetch-site", "none")], false),
            (
                &[("sec-fetch-site", "cross-site"), ("origin", "null")],
                true,
            ),
            (&[("sec-fetch-site", "same-site")], true),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-site", "cross-site"),
                ],
                true,
            ),
            (&[("origin", "https://h.example")], false),
            (&[("origin", "null")], false),
            (&[("origin", "http://h.example")], true),
            (&[("origin", "https://evil.example")], true),
            (&[("origin", "https://h.example.evil.example")], true),
        ] {
            assert_eq!(is_foreign(&headers(pairs), &public), foreign, "{pairs:?}");
        }
    }
}

//! What a request says of itself, and what of it is believed. It knows no page.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, Uri, header};

use crate::model::network::Network;
use crate::model::origin::Origin;
use crate::model::public::Public;

/// The value of a header that was sent exactly once.
pub(super) fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

/// By which name the server was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// Its public address.
    Public,
    /// The address on which it listens: the machine's own, as a proxy or a monitor on it says.
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
    // Where both are one there is no proxy: somebody tries it on this machine.
    if is_listener(host, listens) {
        return Some(Called::Here);
    }
    // Some proxies leave the port out. It is the name that counts: no link of ours is made from it.
    let (name, ours) = (name_of(host)?, name_of(public.authority())?);
    name.eq_ignore_ascii_case(ours).then_some(Called::Public)
}

/// The name in `name`, `name:port`, `[v6]` or `[v6]:port`, and in nothing else (RFC 9110 section 7.2): no log-in, no path, no second port.
fn name_of(host: &str) -> Option<&str> {
    let end = match host.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at(end);
    let is_name = match name.strip_prefix('[') {
        Some(six) => six.trim_end_matches(']').parse::<Ipv6Addr>().is_ok(),
        None => name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)),
    };
    let is_port = match port.strip_prefix(':') {
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
        None => port.is_empty(),
    };
    (is_name && is_port).then_some(name)
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

/// What only proxies write, beside all that begins with `x-forwarded-`.
const OF_PROXIES: [&str; 7] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
];

/// Whether a proxy passed it on.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        name.as_str().starts_with("x-forwarded-") || OF_PROXIES.contains(&name.as_str())
    })
}

/// The proxies whose word on their clients is believed: those on this machine, and those that the config names.
pub(super) struct Proxies(pub(super) Vec<Network>);

impl Proxies {
    /// Whether that address is one of them.
    pub(super) fn hold(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.0.iter().any(|network| network.holds(address))
    }

    /// Who asks: the peer; or, where the peer is one of the proxies, whom it saw, and so on through all of them. What comes before that in
    /// the list is the client's own word.
    pub(super) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        let lists = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = lists.flat_map(|list| list.to_str().unwrap_or("unknown").rsplit(','));
        let mut client = peer;
        for hop in hops.map(str::trim).filter(|hop| !hop.is_empty()) {
            match address_of(hop) {
                Some(address) if self.hold(client) => client = address,
                _ => break,
            }
        }
        client.to_canonical()
    }
}

/// The address in a hop as proxies write it: alone or with a port, of IPv6 with brackets or without.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim_matches('"');
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
    let address = bare.unwrap_or(hop).parse().ok();
    address.or_else(|| hop.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
}

/// Whose page sends a form, as far as a browser says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender<'o> {
    /// Ours; or nothing is said, as by programs and very old browsers.
    Ours,
    /// One of the sites that the config names.
    Named(&'o Origin),
    Foreign,
}

/// Whose page sends this form. Our pages with such a form say `same-origin` as their referrer policy, so a browser that knows no
/// `Sec-Fetch-Site` names us in `Origin`: `null` is never ours.
pub(super) fn sender<'o>(headers: &HeaderMap, public: &Public, named: &'o [Origin]) -> Sender<'o> {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    const WHERE_TO: HeaderName = HeaderName::from_static("sec-fetch-dest");
    // In a frame a form can lie invisible over somebody else's page.
    if headers.contains_key(&WHERE_TO)
        && !matches!(only(headers, &WHERE_TO), Some("document" | "empty"))
    {
        return Sender::Foreign;
    }
    if headers.contains_key(&SITE) {
        if matches!(only(headers, &SITE), Some("same-origin" | "none")) {
            return Sender::Ours;
        }
        return origin(headers, named).map_or(Sender::Foreign, Sender::Named);
    }
    // A browser that knows no `Origin` either says the page's address.
    let says_whose = [header::ORIGIN, header::REFERER];
    let Some(name) = says_whose.iter().find(|name| headers.contains_key(*name)) else {
        return Sender::Ours;
    };
    let said = only(headers, name).and_then(|said| said.split_once("://"));
    let (scheme, rest) = said.unwrap_or_default();
    let host = match rest.split_once('/') {
        Some((host, _)) if *name == header::REFERER => host,
        _ => rest,
    };
    let is_our_scheme = scheme == if public.is_secure() { "https" } else { "http" };
    if is_our_scheme && host.eq_ignore_ascii_case(public.authority()) {
        return Sender::Ours;
    }
    let of = format!("{scheme}://{host}");
    let mut named = named.iter();
    named
        .find(|one| one.as_str() == of)
        .map_or(Sender::Foreign, Sender::Named)
}

/// The site that sends a request, if it is one of those.
pub(super) fn origin<'o>(headers: &HeaderMap, named: &'o [Origin]) -> Option<&'o Origin> {
    let origin = only(headers, &header::ORIGIN)?;
    named.iter().find(|one| one.as_str() == origin)
}

/// Whether a script asks, and wants JSON rather than a page.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = only(headers, &header::ACCEPT)
        .unwrap_or_default()
        .split(',');
    let mut kinds = accepted.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds.any(|kind| kind.eq_ignore_ascii_case("application/json"))
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
            ("news.h.example:80@evil.example", None),
            ("news.h.example:x", None),
            ("news.h.example:", None),
            ("news.h.example:+80", None),
            ("news.h.example:99999", None),
            ("news.h.example:80:80", None),
            ("evil.example@news.h.example", None),
            ("news.h.example/", None),
            ("news.h.example#evil.example", None),
            ("news.h.example, evil.example", None),
            ("[news.h.example]", None),
            ("[::1]:80@news.h.example", None),
            ("127.0.0.1:8080@evil.example", None),
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
            Proxies(Vec::new())
                .client(&headers(pairs), peer.parse().unwrap())
                .to_string()
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
    fn through_all_proxies_that_are_trusted_and_no_further() {
        let proxies = Proxies(
            ["10.0.0.0/8", "fd00::/8"]
                .map(|text| Network::parse(text).unwrap())
                .into(),
        );
        let check = |peer: &str, lists: &[&'static str]| {
            let lists: Vec<_> = lists
                .iter()
                .map(|list| ("x-forwarded-for", *list))
                .collect();
            proxies
                .client(&headers(&lists), peer.parse().unwrap())
                .to_string()
        };
        for (peer, lists, client) in [
            ("10.0.0.3", &["192.0.2.7"][..], "192.0.2.7"),
            ("10.0.0.3", &["203.0.113.9, 192.0.2.7"], "192.0.2.7"),
            (
                "10.0.0.3",
                &["203.0.113.9, 192.0.2.7, 10.0.0.9"],
                "192.0.2.7",
            ),
            (
                "10.0.0.3",
                &["203.0.113.9", "192.0.2.7,10.0.0.9", "127.0.0.1"],
                "192.0.2.7",
            ),
            ("10.0.0.3", &["192.0.2.7:49152"], "192.0.2.7"),
            ("10.0.0.3", &["[2001:db8::7]:49152"], "2001:db8::7"),
            ("10.0.0.3", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.3", &["\"[2001:db8::7]:80\""], "2001:db8::7"),
            ("::ffff:10.0.0.3", &["::ffff:192.0.2.7"], "192.0.2.7"),
            ("fd00::1", &["192.0.2.7 , "], "192.0.2.7"),
            ("10.0.0.3", &["192.0.2.7, unknown"], "10.0.0.3"),
            ("10.0.0.3", &["192.0.2.7, _hidden, 10.0.0.9"], "10.0.0.9"),
            ("10.0.0.3", &["192.0.2.7:x"], "10.0.0.3"),
            ("10.0.0.3", &["\u{fc}"], "10.0.0.3"),
            ("10.0.0.3", &["10.0.0.4, 10.0.0.5"], "10.0.0.4"),
            ("11.0.0.3", &["192.0.2.7"], "11.0.0.3"),
        ] {
            assert_eq!(check(peer, lists), client, "{peer} {lists:?}");
        }
    }

    #[test]
    fn forms_of_foreign_pages() {
        let public = Public::parse("https://h.example/").unwrap();
        let paper = [Origin::parse("https://paper.example").unwrap()];
        let (site, origin, to) = ("sec-fetch-site", "origin", "sec-fetch-dest");
        let named = (origin, "https://paper.example");
        for (pairs, expected) in [
            (&[][..], "ours"),
            (&[(site, "same-origin"), (origin, "null")], "ours"),
            (&[(site, "none"), (to, "document")], "ours"),
            (&[(site, "cross-site"), (origin, "null")], "foreign"),
            (&[(site, "same-site")], "foreign"),
            (&[(site, "same-origin"), (site, "cross-site")], "foreign"),
            (&[(origin, "https://h.example")], "ours"),
            (&[(origin, "null")], "foreign"),
            (&[(origin, "http://h.example")], "foreign"),
            (&[(origin, "https://evil.example")], "foreign"),
            (&[(origin, "https://h.example.evil.example")], "foreign"),
            // Sites that the config names.
            (&[named], "named"),
            (&[(site, "cross-site"), named, (to, "document")], "named"),
            (&[(site, "same-site"), named, (to, "empty")], "named"),
            (&[named, named], "foreign"),
            (&[(origin, "http://paper.example")], "foreign"),
            (&[(origin, "https://paper.example:8443")], "foreign"),
            (&[(origin, "https://paper.example.evil.example")], "foreign"),
            (
                &[(origin, "https://paper.example, https://h.example")],
                "foreign",
            ),
            // In a frame, whoever's.
            (&[named, (to, "iframe")], "foreign"),
            (&[named, (to, "fencedframe")], "foreign"),
            (&[(site, "same-origin"), (to, "iframe")], "foreign"),
            (&[named, (to, "document"), (to, "iframe")], "foreign"),
        ] {
            let found = match sender(&headers(pairs), &public, &paper) {
                Sender::Ours => "ours",
                Sender::Named(_) => "named",
                Sender::Foreign => "foreign",
            };
            assert_eq!(found, expected, "{pairs:?}");
        }
    }
}

//! Reading from the web: bounded in time and size, conditional where the server allows it.
//!
//! Configured addresses are trusted, a CMS on the intranet included. Where a redirect leaves the configured host, private addresses are
//! refused: IP literals here, names when they are resolved, so that the address checked is the address used.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RANGE,
};
use reqwest::{Client, Method, Response, StatusCode};
use url::Host;

use super::decode;
use super::guard::{NotPublic, PublicOnly, is_public};
use super::{Limits, Remembered};
use crate::line::Line;
use crate::link::{Link, LinkError};
use crate::problem::system_words;

/// The most redirects followed for one address.
const REDIRECTS: usize = 5;

const USER_AGENT: &str = concat!(
    "newsdigest/",
    env!("CARGO_PKG_VERSION"),
    " (+https://crates.io/crates/newsdigest)"
);

/// What an address gave.
#[derive(Debug)]
pub struct Fetched {
    /// The bytes, unpacked. If the server named an encoding other than UTF-8, they have been turned into UTF-8.
    pub body: Vec<u8>,
    /// Where they came from, after redirects.
    pub url: Link,
    /// What to send next time, if the server gave something to send; `None` too if nothing has changed.
    pub remember: Option<Remembered>,
}

/// Why an address gave nothing. The sentences begin after its name.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An answer other than 200 or a redirect.
    #[error("answered {0}")]
    Status(u16),
    /// Over the limit, all redirects and the body included.
    #[error("took longer than {} s", .0.as_secs_f64())]
    Slow(Duration),
    /// Over the limit after unpacking.
    #[error("is larger than {}", size(*.0))]
    Large(u64),
    /// More than five in a row.
    #[error("redirects more than 5 times")]
    Redirects,
    /// A redirect to what is no web address.
    #[error("redirects to something else than a web page")]
    Location(#[source] LinkError),
    /// From the configured host, by a redirect or in a document, to one that is not on the public internet.
    #[error("leads to `{0}`, which is not on the public internet")]
    Private(Line),
    /// The name has no address.
    #[error("could not be found: no address is known for `{0}`")]
    Unknown(Line),
    /// No connection, no trust in the certificate, a broken answer.
    #[error("could not be read")]
    Broken(#[source] reqwest::Error),
}

impl FetchError {
    /// The sentence with the innermost cause, for a [`crate::story::Miss`]. Never holds an address's query, which may be a key.
    #[must_use]
    pub fn explained(&self) -> String {
        let mut cause = self.source();
        while let Some(inner) = cause.and_then(std::error::Error::source) {
            cause = Some(inner);
        }
        match (self, cause) {
            (Self::Broken(_), Some(cause)) if cause.downcast_ref::<reqwest::Error>().is_none() => {
                format!(
                    "{self}: {}",
                    Line::clean_to(&system_words(&cause.to_string()), 160)
                )
            }
            _ => self.to_string(),
        }
    }
}

/// Reads an address within the limits. `remembered` is what an earlier reading of the same address gave; if nothing has changed since,
/// its body is the answer.
///
/// # Errors
/// The server's answer, or the lack of one.
pub async fn fetch(
    link: &Link,
    remembered: Option<&Remembered>,
    limits: &Limits,
) -> Result<Fetched, FetchError> {
    Web::new()?
        .fetch(link, Wanted::Feed, remembered, limits)
        .await
}

/// What an address is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A source's feed or list, whole.
    Feed,
    /// A configured page, whole.
    Page,
    /// A story's own page: its beginning, up to the limit.
    Beginning,
    /// Whether it is there.
    Head,
    /// The same, of a server that does not know HEAD: one octet, where it knows ranges (RFC 9110, section 14).
    Sign,
}

/// The connections of one gathering.
pub(super) struct Web {
    /// For configured hosts.
    trusted: Client,
    /// For where redirects lead; its resolver gives public addresses only.
    guarded: Client,
}

impl Web {
    pub(super) fn new() -> Result<Self, FetchError> {
        // Redirects are followed here, where it is known whether they leave the configured host.
        let builder = || {
            Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(FetchError::Broken);
        Ok(Self {
            trusted: build(builder())?,
            guarded: build(builder().dns_resolver(Arc::new(PublicOnly)))?,
        })
    }

    pub(super) async fn fetch(
        &self,
        link: &Link,
        wanted: Wanted,
        remembered: Option<&Remembered>,
        limits: &Limits,
    ) -> Result<Fetched, FetchError> {
        self.fetch_from(Some(link), link, wanted, remembered, limits)
            .await
    }

    /// As [`Web::fetch`], but of an address that a document at `home` names: another host than `home`'s must be public.
    pub(super) async fn fetch_from(
        &self,
        home: Option<&Link>,
        link: &Link,
        wanted: Wanted,
        remembered: Option<&Remembered>,
        limits: &Limits,
    ) -> Result<Fetched, FetchError> {
        let answer = self.follow(home, link, wanted, remembered, limits.bytes);
        tokio::time::timeout(limits.time, answer)
            .await
            .unwrap_or(Err(FetchError::Slow(limits.time)))
    }

    async fn follow(
        &self,
        home: Option<&Link>,
        link: &Link,
        wanted: Wanted,
        remembered: Option<&Remembered>,
        limit: u64,
    ) -> Result<Fetched, FetchError> {
        let (response, url) = self.last(home, link, wanted, remembered).await?;
        match response.status() {
            StatusCode::OK => take(response, link, url, wanted, limit).await,
            StatusCode::NOT_MODIFIED if remembered.is_some() => Ok(Fetched {
                body: remembered
                    .map(|remembered| remembered.body.clone())
                    .unwrap_or_default(),
                url,
                remember: None,
            }),
            status => Err(FetchError::Status(status.as_u16())),
        }
    }

    /// Whether an address answers, body unread: the error is what it answers instead. `home` is as for [`Web::fetch_from`].
    pub(super) async fn answers(
        &self,
        home: Option<&Link>,
        link: &Link,
        time: Duration,
    ) -> Result<(), FetchError> {
        let answer = async {
            let mut last = Ok(());
            // Many servers answer HEAD with an error where they would give the page.
            for wanted in [Wanted::Head, Wanted::Sign] {
                last = match self.last(home, link, wanted, None).await {
                    Ok((response, _)) if response.status().is_success() => return Ok(()),
                    Ok((response, _)) => Err(FetchError::Status(response.status().as_u16())),
                    Err(error) => Err(error),
                };
            }
            last
        };
        tokio::time::timeout(time, answer)
            .await
            .unwrap_or(Err(FetchError::Slow(time)))
    }

    /// The answer at the end of all redirects, and who gave it.
    async fn last(
        &self,
        home: Option<&Link>,
        link: &Link,
        wanted: Wanted,
        remembered: Option<&Remembered>,
    ) -> Result<(Response, Link), FetchError> {
        let mut url = link.clone();
        let is_home = |url: &Link| home.is_some_and(|home| url.url().host() == home.url().host());
        let mut at_home = is_home(&url);
        for _ in 0..=REDIRECTS {
            let response = self.ask(&url, at_home, wanted, remembered).await?;
            let status = response.status();
            if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
                return Ok((response, url));
            }
            let to =
                header(response.headers(), &LOCATION).ok_or(FetchError::Status(status.as_u16()))?;
            url = url.join(&to).map_err(FetchError::Location)?;
            at_home &= is_home(&url);
        }
        Err(FetchError::Redirects)
    }

    async fn ask(
        &self,
        url: &Link,
        at_home: bool,
        wanted: Wanted,
        remembered: Option<&Remembered>,
    ) -> Result<Response, FetchError> {
        let private =
            || FetchError::Private(Line::clean_to(url.url().host_str().unwrap_or_default(), 80));
        let literal = match url.url().host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            _ => None,
        };
        if !at_home && literal.is_some_and(|ip| !is_public(ip)) {
            return Err(private());
        }
        let client = if at_home {
            &self.trusted
        } else {
            &self.guarded
        };
        let kinds = match wanted {
            Wanted::Feed => {
                "application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, */*;q=0.5"
            }
            Wanted::Page | Wanted::Beginning | Wanted::Head | Wanted::Sign => {
                "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
            }
        };
        let method = match wanted {
            Wanted::Head => Method::HEAD,
            _ => Method::GET,
        };
        let mut request = client
            .request(method, url.url().clone())
            .header(ACCEPT, kinds);
        if wanted == Wanted::Sign {
            request = request.header(RANGE, "bytes=0-0");
        }
        if let Some(remembered) = remembered {
            for (name, value) in [
                (IF_NONE_MATCH, &remembered.etag),
                (IF_MODIFIED_SINCE, &remembered.last_modified),
            ] {
                // What a file on disk says may have been damaged since.
                if let Some(value) = value
                    .as_deref()
                    .and_then(|value| reqwest::header::HeaderValue::from_str(value).ok())
                {
                    request = request.header(name, value);
                }
            }
        }
        request.send().await.map_err(|error| {
            let mut cause = error.source();
            while let Some(inner) = cause {
                if inner.is::<NotPublic>() {
                    return private();
                }
                cause = inner.source();
            }
            if error.is_dns() {
                return FetchError::Unknown(Line::clean_to(
                    url.url().host_str().unwrap_or_default(),
                    80,
                ));
            }
            FetchError::Broken(error.without_url())
        })
    }
}

async fn take(
    mut response: Response,
    asked: &Link,
    url: Link,
    wanted: Wanted,
    limit: u64,
) -> Result<Fetched, FetchError> {
    let beginning = wanted == Wanted::Beginning;
    if !beginning
        && response
            .content_length()
            .is_some_and(|length| length > limit)
    {
        return Err(FetchError::Large(limit));
    }
    let (etag, last_modified) = (
        header(response.headers(), &ETAG),
        header(response.headers(), &LAST_MODIFIED),
    );
    let charset = header(response.headers(), &CONTENT_TYPE).and_then(|kind| charset(&kind));
    let mut body = Vec::new();
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|error| FetchError::Broken(error.without_url()))?
    {
        body.extend_from_slice(&piece);
        if body.len() as u64 > limit {
            if !beginning {
                return Err(FetchError::Large(limit));
            }
            body.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            break;
        }
    }
    // The header is gone when the body is remembered, so what it says is put to use now; of packed bytes it says nothing.
    let packed = body.starts_with(&[0x1f, 0x8b]);
    if let Some(charset) =
        charset.filter(|charset| !packed && !charset.eq_ignore_ascii_case("utf-8"))
    {
        body = decode::text(&body, Some(&charset))
            .into_owned()
            .into_bytes();
    }
    let remember = (etag.is_some() || last_modified.is_some()).then(|| Remembered {
        url: asked.as_str().to_owned(),
        etag,
        last_modified,
        body: body.clone(),
    });
    Ok(Fetched {
        body,
        url,
        remember,
    })
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// The `charset` of a `Content-Type`.
fn charset(kind: &str) -> Option<String> {
    kind.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    })
}

/// A limit in words.
pub(super) fn size(octets: u64) -> String {
    match octets {
        1_000_000.. => format!("{} MB", octets / 1_000_000),
        1_000.. => format!("{} kB", octets / 1_000),
        _ => format!("{octets} bytes"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::source::LIMITS;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    /// What the server does with a request for a path.
    pub(in crate::source) type Script = fn(&str) -> Act;

    pub(in crate::source) enum Act {
        /// Writes this and closes.
        Say(String),
        /// Writes this and then goes on writing.
        Endless(&'static str),
        /// Says nothing and keeps the connection.
        Silence,
    }

    async fn head_of(stream: &mut TcpStream) -> String {
        let mut head = Vec::new();
        let mut piece = [0; 1024];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read(&mut piece).await.unwrap_or(0);
            if count == 0 {
                break;
            }
            head.extend_from_slice(&piece[..count]);
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    /// A server on this machine; its address without the path.
    pub(in crate::source) async fn serve(script: Script) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    match script(&head_of(&mut stream).await) {
                        Act::Say(answer) => _ = stream.write_all(answer.as_bytes()).await,
                        Act::Endless(head) => {
                            _ = stream.write_all(head.as_bytes()).await;
                            while stream.write_all(&[b'x'; 1000]).await.is_ok() {}
                        }
                        Act::Silence => std::future::pending().await,
                    }
                });
            }
        });
        format!("http://{address}")
    }

    pub(in crate::source) fn answer(status: &str, headers: &str, body: &str) -> Act {
        Act::Say(format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
    }

    async fn get(at: &str, limits: &Limits) -> Result<Fetched, FetchError> {
        fetch(&Link::parse(at).unwrap(), None, limits).await
    }

    async fn refused(at: &str, limits: &Limits) -> String {
        get(at, limits).await.unwrap_err().explained()
    }

    #[tokio::test]
    async fn reads_and_remembers() {
        let server = serve(|request| {
            assert!(request.contains("user-agent: newsdigest/"), "{request}");
            if request.contains("if-none-match: \"1\"") {
                answer("304 Not Modified", "", "")
            } else {
                answer(
                    "200 OK",
                    "ETag: \"1\"\r\nContent-Type: text/xml; charset=\"ISO-8859-1\"\r\n",
                    "hello",
                )
            }
        })
        .await;
        let link = Link::parse(&format!("{server}/rss")).unwrap();
        let first = fetch(&link, None, &LIMITS).await.unwrap();
        let remembered = first.remember.unwrap();
        assert_eq!(
            (
                first.body.as_slice(),
                remembered.url.as_str(),
                remembered.etag.as_deref()
            ),
            (b"hello".as_slice(), link.as_str(), Some("\"1\""))
        );
        let second = fetch(&link, Some(&remembered), &LIMITS).await.unwrap();
        assert_eq!(
            (second.body.as_slice(), second.remember),
            (b"hello".as_slice(), None)
        );
    }

    #[tokio::test]
    async fn answers_that_are_none() {
        let server = serve(
            |request| match request.split(' ').nth(1).unwrap_or_default() {
                "/gone" => answer("410 Gone", "", ""),
                "/broken" => answer("502 Bad Gateway", "", ""),
                "/same" => answer("304 Not Modified", "", ""),
                "/nowhere" => answer("302 Found", "", ""),
                _ => Act::Say("SSH-2.0-OpenSSH\r\n".into()),
            },
        )
        .await;
        for (path, expected) in [
            ("/gone", "answered 410"),
            ("/broken", "answered 502"),
            ("/same", "answered 304"),
            ("/nowhere", "answered 302"),
            ("/ssh", "could not be read: invalid HTTP version parsed"),
        ] {
            assert_eq!(
                refused(&format!("{server}{path}"), &LIMITS).await,
                expected,
                "{path}"
            );
        }
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap()
        };
        let words = refused(&format!("http://{closed}/?key=secret"), &LIMITS).await;
        assert!(
            words.starts_with("could not be read: connection refused"),
            "{words}"
        );
        let words = refused("http://no-such-host.invalid/?key=secret", &LIMITS).await;
        assert_eq!(
            words,
            "could not be found: no address is known for `no-such-host.invalid`"
        );
    }

    #[tokio::test]
    async fn too_large_and_endless() {
        let limits = Limits {
            bytes: 4_000,
            ..LIMITS
        };
        let server = serve(
            |request| match request.split(' ').nth(1).unwrap_or_default() {
                "/said" => answer("200 OK", "", &"x".repeat(4_001)),
                "/exactly" => answer("200 OK", "", &"x".repeat(4_000)),
                _ => Act::Endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
            },
        )
        .await;
        assert_eq!(
            refused(&format!("{server}/said"), &limits).await,
            "is larger than 4 kB"
        );
        assert_eq!(
            refused(&format!("{server}/endless"), &limits).await,
            "is larger than 4 kB"
        );
        assert_eq!(
            get(&format!("{server}/exactly"), &limits)
                .await
                .unwrap()
                .body
                .len(),
            4_000
        );
    }

    #[tokio::test]
    async fn silence_ends() {
        let server = serve(|_| Act::Silence).await;
        let limits = Limits {
            time: Duration::from_millis(50),
            ..LIMITS
        };
        assert_eq!(refused(&server, &limits).await, "took longer than 0.05 s");
    }

    #[tokio::test]
    async fn redirects_within_the_host_are_followed() {
        let server = serve(
            |request| match request.split(' ').nth(1).unwrap_or_default() {
                "/old" => answer("301 Moved Permanently", "Location: /new/\r\n", ""),
                "/new/" => answer("200 OK", "", "here"),
                "/file" => answer("302 Found", "Location: file:///etc/passwd\r\n", ""),
                _ => answer("302 Found", "Location: /again\r\n", ""),
            },
        )
        .await;
        let found = get(&format!("{server}/old"), &LIMITS).await.unwrap();
        assert_eq!(
            (found.body.as_slice(), found.url.as_str()),
            (b"here".as_slice(), format!("{server}/new/").as_str())
        );
        assert_eq!(
            refused(&format!("{server}/loop"), &LIMITS).await,
            "redirects more than 5 times"
        );
        assert_eq!(
            refused(&format!("{server}/file"), &LIMITS).await,
            "redirects to something else than a web page"
        );
    }

    #[tokio::test]
    async fn redirects_to_private_addresses_are_refused() {
        let server = serve(|request| {
            let to = match request.split(' ').nth(1).unwrap_or_default() {
                "/literal" => "http://127.0.0.2/admin",
                "/metadata" => "http://169.254.169.254/latest",
                "/number" => "http://2130706434/",
                "/six" => "http://[::ffff:10.0.0.1]/",
                _ => "http://localhost:1/",
            };
            answer("302 Found", &format!("Location: {to}\r\n"), "")
        })
        .await;
        for (path, host) in [
            ("/literal", "127.0.0.2"),
            ("/metadata", "169.254.169.254"),
            ("/number", "127.0.0.2"),
            ("/six", "[::ffff:a00:1]"),
            ("/name", "localhost"),
        ] {
            assert_eq!(
                refused(&format!("{server}{path}"), &LIMITS).await,
                format!("leads to `{host}`, which is not on the public internet")
            );
        }
    }

    #[tokio::test]
    async fn of_a_storys_page_the_beginning_is_read() {
        let server = serve(|request| {
            assert!(request.contains("accept: text/html"), "{request}");
            match request.split(' ').nth(1).unwrap_or_default() {
                "/said" => answer("200 OK", "", &"x".repeat(4_001)),
                _ => Act::Endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
            }
        })
        .await;
        let limits = Limits {
            bytes: 4_000,
            ..LIMITS
        };
        let web = Web::new().unwrap();
        for path in ["/said", "/endless"] {
            let link = Link::parse(&format!("{server}{path}")).unwrap();
            let read = web.fetch(&link, Wanted::Beginning, None, &limits).await;
            assert_eq!(read.unwrap().body.len(), 4_000);
        }
    }

    #[test]
    fn charsets() {
        for (kind, expected) in [
            ("text/xml", None),
            ("text/xml; charset=UTF-8", Some("UTF-8")),
            ("text/xml;q=1; Charset=\"koi8-r\"", Some("koi8-r")),
        ] {
            assert_eq!(charset(kind).as_deref(), expected, "{kind}");
        }
    }

    #[test]
    fn every_sentence() {
        let all = [
            FetchError::Status(503),
            FetchError::Slow(Duration::from_secs(20)),
            FetchError::Large(10 << 20),
            FetchError::Redirects,
            FetchError::Location(Link::parse("ftp://h.example").unwrap_err()),
            FetchError::Private(Line::clean("10.0.0.1")),
            FetchError::Unknown(Line::clean("nosuch.example")),
        ];
        insta::assert_snapshot!(all.map(|error| error.explained()).join("\n"), @"
        answered 503
        took longer than 20 s
        is larger than 10 MB
        redirects more than 5 times
        redirects to something else than a web page
        leads to `10.0.0.1`, which is not on the public internet
        could not be found: no address is known for `nosuch.example`
        ");
    }
}

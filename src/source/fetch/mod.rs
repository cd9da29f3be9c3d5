//! Reading from the web: bounded in time and size, conditional where the server allows it.
//!
//! Configured addresses are trusted, a CMS on the intranet included. Where a redirect leaves the configured host or its port, private
//! addresses are refused: IP literals here, names when they are resolved, so that the address checked is the address used. A proxy
//! resolves names itself, out of our sight, so through one only the servers that the config names are asked.

mod error;
#[cfg(test)]
pub(super) mod tests;

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RANGE,
};
use reqwest::{Client, Method, Response, StatusCode};
use url::Host;

pub use error::FetchError;

use super::decode;
use super::guard::{NotPublic, PublicOnly, is_public, is_same_server};
use super::limits::Limits;
use crate::model::line::Line;
use crate::model::link::Link;

/// The most redirects followed for one address.
const REDIRECTS: usize = 5;

const USER_AGENT: &str = concat!(
    "newsdigest/",
    env!("CARGO_PKG_VERSION"),
    " (+https://crates.io/crates/newsdigest)"
);

/// A document and what its server said to ask with next time (RFC 9110, section 13). The caller keeps it from one run to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The address that was asked, before redirects.
    pub url: String,
    /// The server's `ETag`.
    pub etag: Option<String>,
    /// The server's `Last-Modified`.
    pub last_modified: Option<String>,
    /// The document, as [`Fetched::body`]; of a story's own page, what was found there.
    pub body: Vec<u8>,
}

/// What an address gave.
#[derive(Debug)]
pub struct Fetched {
    /// The bytes, unpacked. If the server named an encoding other than UTF-8, they have been turned into UTF-8.
    pub body: Vec<u8>,
    /// Where they came from, after redirects.
    pub url: Link,
    /// How many bytes there are where only the beginning was asked for, if the server says so.
    pub whole: Option<u64>,
    /// What to send next time, if the server gave something to send; `None` too if nothing has changed.
    pub remember: Option<Remembered>,
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
    Web::new(vec![link.clone()])?
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
    /// A picture, whole.
    Picture,
    /// The beginning of one, up to the limit.
    PictureBeginning,
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
    /// What the environment says of proxies.
    proxies: Matcher,
    /// An address of each server that the config names.
    named: Vec<Link>,
}

impl Web {
    /// `named` are the addresses that the config names.
    pub(super) fn new(named: Vec<Link>) -> Result<Self, FetchError> {
        // Redirects are followed here, where it is known whether they leave the configured host.
        let builder = || {
            Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                // `object_store` builds reqwest with HTTP/2, which no source was ever asked by.
                .http1_only()
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(FetchError::Broken);
        Ok(Self {
            trusted: build(builder())?,
            guarded: build(builder().no_proxy().dns_resolver(Arc::new(PublicOnly)))?,
            proxies: Matcher::from_env(),
            named,
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

    /// As [`Web::fetch`], but of an address that a document at `home` names: another server than `home`'s must be public.
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
                whole: None,
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
        let is_home = |url: &Link| home.is_some_and(|home| is_same_server(home, url));
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
        let server = || {
            let server = &url.url()[url::Position::BeforeHost..url::Position::AfterPort];
            Line::clean_to(server, 80)
        };
        let literal = match url.url().host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            _ => None,
        };
        if !at_home && literal.is_some_and(|ip| !is_public(ip)) {
            return Err(FetchError::Private(server()));
        }
        let proxied = || {
            url.as_str()
                .parse()
                .is_ok_and(|uri| self.proxies.intercept(&uri).is_some())
        };
        let named = || self.named.iter().any(|named| is_same_server(named, url));
        let client = match at_home {
            true => &self.trusted,
            false if !proxied() => &self.guarded,
            false if named() => &self.trusted,
            false => return Err(FetchError::Unnamed(server())),
        };
        let kinds = match wanted {
            Wanted::Feed => {
                "application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, */*;q=0.5"
            }
            // AVIF is not among them: no decoder is fit for it, and no mail program shows it.
            Wanted::Picture | Wanted::PictureBeginning => {
                "image/jpeg, image/png, image/gif;q=0.9, image/webp;q=0.8"
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
                    return FetchError::Private(server());
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
    let beginning = matches!(wanted, Wanted::Beginning | Wanted::PictureBeginning);
    let is_picture = matches!(wanted, Wanted::Picture | Wanted::PictureBeginning);
    let mut whole = response.content_length();
    if !beginning && whole.is_some_and(|length| length > limit) {
        return Err(FetchError::Large(limit));
    }
    let (etag, last_modified) = (
        header(response.headers(), &ETAG),
        header(response.headers(), &LAST_MODIFIED),
    );
    let charset = header(response.headers(), &CONTENT_TYPE).and_then(|kind| charset(&kind));
    let (mut body, mut cut) = (Vec::new(), false);
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
            cut = true;
            break;
        }
    }
    if !cut {
        whole = Some(body.len() as u64);
    }
    if is_picture {
        return Ok(Fetched {
            body,
            url,
            whole,
            remember: None,
        });
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
        whole,
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

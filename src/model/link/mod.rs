//! Web addresses that may be printed in a mail, and the key by which two of them are the same story.

mod key;
#[cfg(test)]
mod tests;

use std::fmt;

use url::Url;

use crate::model::line::Line;
pub use key::{StoryKey, site_host};
use key::{is_route, is_tracking};

/// An absolute `http` or `https` address with a host and without a user name or password. Nothing else ever becomes a link.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link(Url);

/// Where something is to be read from: the web or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On the web.
    Url(Link),
    /// A path, absolute or relative to the working directory; may be a glob such as `stories/*.toml`.
    Path(std::path::PathBuf),
}

/// Why a text is not a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not a URL at all.
    #[error("`{0}` is not a web address: expected `https://..`")]
    NotUrl(Line),
    /// `javascript:`, `data:`, `file:` and so on.
    #[error("`{0}` is not a web address: expected `https` or `http`, but found `{1}`")]
    Scheme(Line, String),
    /// A user name or password is in it.
    #[error("`{0}` carries a user name or password")]
    Credentials(Line),
    /// Longer than [`MAX_LINK`] octets.
    #[error("`{0}` is longer than 2,000 octets")]
    TooLong(Line),
}

/// The longest link kept, in octets. Mail clients and header lines cope with this much; tracking redirects grow longer.
pub const MAX_LINK: usize = 2_000;

impl Link {
    /// Parses an absolute address.
    ///
    /// # Errors
    /// Says what it is instead.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        Self::check(text, Url::parse(text.trim()))
    }

    /// Resolves `text` against this address.
    ///
    /// # Errors
    /// As [`Link::parse`].
    pub fn join(&self, text: &str) -> Result<Self, LinkError> {
        Self::check(text, self.0.join(text.trim()))
    }

    fn check(text: &str, url: Result<Url, url::ParseError>) -> Result<Self, LinkError> {
        let shown = || Line::clean_to(text, 80);
        let url = url.map_err(|_| LinkError::NotUrl(shown()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(LinkError::Scheme(shown(), url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LinkError::Credentials(Line::clean_to(
                url.host_str().unwrap_or_default(),
                80,
            )));
        }
        if url.as_str().len() > MAX_LINK {
            return Err(LinkError::TooLong(Line::clean_to(text, 60)));
        }
        Ok(Self(url))
    }

    /// The address, percent-encoded, ASCII only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address as the `url` crate's type.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host, lower case, without `www.`.
    #[must_use]
    pub fn host(&self) -> &str {
        bare_host(self.0.host_str().unwrap_or_default())
    }

    /// The same address without parameters that only say where the reader came from.
    #[must_use]
    pub fn without_tracking(mut self) -> Self {
        if self.0.query().is_none() {
            return self;
        }
        let kept: Vec<&str> = self
            .0
            .query()
            .into_iter()
            .flat_map(|query| query.split('&'))
            .filter(|pair| !is_tracking(pair))
            .collect();
        let kept = kept.join("&");
        self.0.set_query((!kept.is_empty()).then_some(&kept));
        self
    }

    /// The same address with `query` (such as `utm_source=newsletter`) added.
    #[must_use]
    pub fn with_query(mut self, query: &str) -> Self {
        let whole = match self.0.query() {
            Some(old) if !old.is_empty() => format!("{old}&{query}"),
            _ => query.to_owned(),
        };
        self.0.set_query(Some(&whole));
        self
    }

    /// The same address without a fragment, unless that is the way to a page of its own (`#!/article/1`).
    #[must_use]
    pub fn without_place(mut self) -> Self {
        if !self.0.fragment().is_some_and(is_route) {
            self.0.set_fragment(None);
        }
        self
    }

    /// The key of this story.
    #[must_use]
    pub fn key(&self) -> StoryKey {
        StoryKey::of(&self.0)
    }
}

fn bare_host(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(link) => link.fmt(f),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.as_str(), f)
    }
}

impl<'de> serde::Deserialize<'de> for Link {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for Link {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

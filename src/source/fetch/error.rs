//! Why nothing came from the web.

use std::error::Error as _;
use std::time::Duration;

use crate::files::size;
use crate::model::line::Line;
use crate::model::link::LinkError;
use crate::model::problem::system_words;

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
    /// By a redirect or in a document, to a server that the config does not name, with a proxy in between.
    #[error("leads to `{0}`: through the proxy only servers that the config names are asked")]
    Unnamed(Line),
    /// The name has no address.
    #[error("could not be found: no address is known for `{0}`")]
    Unknown(Line),
    /// No connection, no trust in the certificate, a broken answer.
    #[error("could not be read")]
    Broken(#[source] reqwest::Error),
}

impl FetchError {
    /// Whether the same question may be answered in a minute: the network, the name server or the server is in trouble.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Status(408 | 425 | 429 | 500..)
                | Self::Slow(_)
                | Self::Unknown(_)
                | Self::Broken(_)
        )
    }

    /// The sentence with the innermost cause, for a [`crate::model::story::Miss`]. Never holds an address's query, which may be a key.
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

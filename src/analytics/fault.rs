//! Why a service gave nothing.

use crate::model::line::Line;

/// Why a service gave nothing, or no more: a sentence that begins after its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Fault(pub(super) String);

impl Fault {
    pub(super) fn says(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// The first figures of an answer that was saved are other ones.
    pub(super) fn not_views(found: &str, wanted: &str) -> Self {
        let found = Line::clean_to(found, 60);
        Self(format!("its first figures are `{found}`, not `{wanted}`"))
    }

    /// What the service itself said was wrong, cleaned; it is cut where it is shown, for it may repeat a secret.
    pub(super) fn said(words: &str) -> Self {
        Self(format!("answered `{}`", Line::clean_to(words, 10_000)))
    }
}

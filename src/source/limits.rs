//! How much is read, at most.

use std::time::Duration;

/// How much is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time for one address, redirects and body included.
    pub time: Duration,
    /// The octets of one document, after unpacking.
    pub bytes: u64,
    /// Sources read at once.
    pub at_once: usize,
    /// Stories of one document.
    pub items: usize,
    /// Paragraphs of a story's text in a feed; 0: its text is not read for any.
    pub paragraphs: usize,
}

/// The limits we use.
pub const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    bytes: 20_000_000,
    at_once: 8,
    items: 2_000,
    paragraphs: 0,
};

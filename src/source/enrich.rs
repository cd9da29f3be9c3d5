//! What a story lacks, from its own page: Open Graph, JSON-LD, `<meta>`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Gathered, Limits, Remembered, Source};
use crate::link::Link;

/// The pages worth asking: of stories that lack a dek, a picture or a date, whose source says `enrich`, published since then or without a
/// date. Newest first, and a bounded number.
#[must_use]
pub fn thin(gathered: &Gathered, sources: &[Source], since: DateTime<Utc>) -> Vec<Link> {
    _ = (gathered, sources, since);
    Vec::new()
}

/// Asks those pages and fills what the stories lack. `remembered` holds what earlier askings found, by address; what is new is added to
/// [`Gathered::remember`]. A page that fails is a miss, and holds nobody up.
#[expect(clippy::unused_async, reason = "not written yet")]
#[expect(
    clippy::implicit_hasher,
    reason = "the caller fills it from the ledger; there is one kind"
)]
pub async fn enrich(
    gathered: &mut Gathered,
    pages: &[Link],
    remembered: &HashMap<String, Remembered>,
    limits: &Limits,
    now: DateTime<Utc>,
) {
    _ = (gathered, pages, remembered, limits, now);
}

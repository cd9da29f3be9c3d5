//! Who is a reader, by the name a client gives itself: crawlers, monitors, feed fetchers and headless tools are not.

use aho_corasick::AhoCorasick;

/// Stands in until the real list is here.
pub(super) struct Agents(Option<AhoCorasick>);

impl Agents {
    /// With further words of crawlers' names.
    pub(super) fn new(extra: &[String]) -> Self {
        let words = [
            "bot", "crawl", "spider", "curl", "wget", "python", "headless", "monitor", "feed",
            "http",
        ];
        let words = words.into_iter().chain(extra.iter().map(String::as_str));
        Self(
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(words)
                .ok(),
        )
    }

    /// Whether a person reads with it.
    pub(super) fn is_reader(&self, agent: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|words| !words.is_match(agent))
    }
}

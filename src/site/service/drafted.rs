//! What the newest draft met, for those who watch. Whoever drafted it, by hand or by the clock, left its reasons beside the edition.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::metric::Metric;
use crate::model::newsletter_name::NewsletterName;
use crate::newsroom::editions::{self, EditionFiles};
use crate::site::Publication;

/// So many editions are looked through for one that was drafted; others were written by hand.
const LOOKED_THROUGH: usize = 7;

/// As `explain --json` has it.
#[derive(Deserialize)]
struct Drafted {
    now: DateTime<Utc>,
    readership_as_of: Option<DateTime<Utc>>,
    misses: Vec<IgnoredAny>,
}

/// Of each newsletter's edition with the latest day; none where none was drafted, or its reasons cannot be read. Figures of one name stand
/// together, each with its newsletter's name where there are several.
pub(super) fn metrics(publications: &[Arc<Publication>]) -> Vec<Metric> {
    let newest = publications
        .iter()
        .filter_map(|publication| Some((publication.name(), newest(&publication.editions)?)));
    let drafted: Vec<(Option<&NewsletterName>, Drafted)> = newest.collect();
    let mut metrics = Vec::new();
    let mut figure = |name, help, of: &dyn Fn(&Drafted) -> Option<f64>| {
        metrics.extend(Metric::of_each(name, help, &drafted, of));
    };
    figure(
        "newsdigest_last_draft_timestamp_seconds",
        "When the newest edition was drafted.",
        &|drafted| Some(drafted.now.timestamp() as f64),
    );
    figure(
        "newsdigest_misses",
        "What its sources and readership lacked.",
        &|drafted| Some(drafted.misses.len() as f64),
    );
    figure(
        "newsdigest_readership_age_seconds",
        "How old the newest figure of readership was then.",
        &|drafted| Some((drafted.now - drafted.readership_as_of?).as_seconds_f64()),
    );
    metrics
}

fn newest(editions: &EditionFiles) -> Option<Drafted> {
    let slugs = editions::list(editions).ok()?;
    let why = slugs
        .iter()
        .rev()
        .take(LOOKED_THROUGH)
        .find_map(|slug| editions::read_why(editions, slug).ok().flatten())?;
    serde_json::from_str(&why).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn of_the_newest_that_was_drafted() {
        let folder = tempfile::tempdir().unwrap();
        let files = EditionFiles::of_the_only(folder.path().to_owned(), "h");
        let told = || {
            newest(&files).map(|drafted| {
                (
                    drafted.now.timestamp(),
                    drafted.misses.len(),
                    drafted.readership_as_of.is_some(),
                )
            })
        };
        assert_eq!(told(), None);
        let why = r#"{
  "now": "2026-08-24T05:45:00Z",
  "readership_as_of": "2026-08-24T04:45:00Z",
  "misses": [{"source": "a.xml", "what": "does not exist"}],
  "drafted": ""
}"#;
        for (file, text) in [
            ("2026-08-23.toml", ""),
            ("2026-08-23.why.json", "{}"),
            ("2026-08-24.toml", ""),
            ("2026-08-24.why.json", why),
            ("2026-08-25.toml", ""),
        ] {
            fs::write(folder.path().join(file), text).unwrap();
        }
        assert_eq!(told(), Some((1_787_550_300, 1, true)));
        // As an older version wrote it.
        let older = why.replace("  \"readership_as_of\": \"2026-08-24T04:45:00Z\",\n", "");
        assert_ne!(older, why);
        fs::write(folder.path().join("2026-08-24.why.json"), older).unwrap();
        assert_eq!(told(), Some((1_787_550_300, 1, false)));
        fs::write(folder.path().join("2026-08-24.why.json"), "{").unwrap();
        assert_eq!(told(), None);
    }
}

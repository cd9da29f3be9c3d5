//! What the newest draft met, for those who watch. Whoever drafted it, by hand or by the clock, left its reasons beside the edition.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::metric::Metric;
use crate::newsroom::editions;

/// So many editions are looked through for one that was drafted; others were written by hand.
const LOOKED_THROUGH: usize = 7;

/// As `explain --json` has it.
#[derive(Deserialize)]
struct Drafted {
    now: DateTime<Utc>,
    readership_as_of: Option<DateTime<Utc>>,
    misses: Vec<IgnoredAny>,
}

/// Of the edition with the latest day; none where none was drafted, or its reasons cannot be read.
pub(super) fn metrics(folder: &Path) -> Vec<Metric> {
    let Some(drafted) = newest(folder) else {
        return Vec::new();
    };
    let metric = |name, help, value| Metric {
        name,
        help,
        is_counter: false,
        labels: Vec::new(),
        value,
    };
    let age = drafted.readership_as_of.map(|as_of| {
        metric(
            "newsdigest_readership_age_seconds",
            "How old the newest figure of readership was then.",
            (drafted.now - as_of).as_seconds_f64(),
        )
    });
    let mut metrics = vec![
        metric(
            "newsdigest_last_draft_timestamp_seconds",
            "When the newest edition was drafted.",
            drafted.now.timestamp() as f64,
        ),
        metric(
            "newsdigest_misses",
            "What its sources and readership lacked.",
            drafted.misses.len() as f64,
        ),
    ];
    metrics.extend(age);
    metrics
}

fn newest(folder: &Path) -> Option<Drafted> {
    let slugs = editions::list(folder).ok()?;
    let why = slugs
        .iter()
        .rev()
        .take(LOOKED_THROUGH)
        .find_map(|slug| editions::read_why(folder, slug).ok().flatten())?;
    serde_json::from_str(&why).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn of_the_newest_that_was_drafted() {
        let folder = tempfile::tempdir().unwrap();
        let told = || -> Vec<String> {
            let metrics = metrics(folder.path());
            let told = metrics
                .iter()
                .map(|one| format!("{} {}", one.name, one.value));
            told.collect()
        };
        assert_eq!(told(), [""; 0]);
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
        let expected = [
            "newsdigest_last_draft_timestamp_seconds 1787550300",
            "newsdigest_misses 1",
            "newsdigest_readership_age_seconds 3600",
        ];
        assert_eq!(told(), expected);
        // As an older version wrote it.
        let older = why.replace("  \"readership_as_of\": \"2026-08-24T04:45:00Z\",\n", "");
        assert_ne!(older, why);
        fs::write(folder.path().join("2026-08-24.why.json"), older).unwrap();
        assert_eq!(told(), expected[..2]);
        fs::write(folder.path().join("2026-08-24.why.json"), "{").unwrap();
        assert_eq!(told(), [""; 0]);
    }
}

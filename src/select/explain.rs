//! The form of `explain --json`: what scripts read, so it changes only with a line in the CHANGELOG.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{Judged, Selection};

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Selection", 7)?;
        form.serialize_field("now", &instant(self.now))?;
        form.serialize_field(
            "window",
            &BTreeMap::from([("from", instant(self.from)), ("to", instant(self.now))]),
        )?;
        form.serialize_field("formulas", &self.formulas)?;
        form.serialize_field("readership_as_of", &self.readership_as_of.map(instant))?;
        form.serialize_field("views_from_letters", &self.from_letters)?;
        form.serialize_field("misses", &self.misses)?;
        form.serialize_field("candidates", &self.candidates)?;
        form.end()
    }
}

impl Serialize for Judged {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts: BTreeMap<&str, f64> = self
            .parts
            .iter()
            .map(|(name, part)| (*name, rounded(*part)))
            .collect();
        let mut form = serializer.serialize_struct("Judged", 14)?;
        form.serialize_field("headline", &self.story.headline)?;
        form.serialize_field("url", &self.story.url)?;
        form.serialize_field("dek", &self.story.dek)?;
        form.serialize_field("section", &self.story.section)?;
        form.serialize_field("byline", &self.story.byline)?;
        form.serialize_field("published", &self.story.published.map(instant))?;
        form.serialize_field("picture", &self.story.picture)?;
        form.serialize_field("sources", &self.sources)?;
        form.serialize_field("views", &self.views)?;
        form.serialize_field("parts", &parts)?;
        form.serialize_field("score", &rounded(self.score))?;
        form.serialize_field("slots", &self.slots)?;
        form.serialize_field("event", &self.event)?;
        form.serialize_field("why", &self.why())?;
        form.end()
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Six decimals: enough to multiply the parts again, and the same text on every machine.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

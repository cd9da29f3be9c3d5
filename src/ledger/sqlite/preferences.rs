//! Preferences as the ledger keeps them.

use serde::{Deserialize, Serialize};

use crate::model::line::Line;
use crate::model::newsletter_name::{NewsletterKey, NewsletterName};
use crate::model::reader::Preferences;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::Paused;

/// Preferences as the ledger keeps them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredPreferences {
    name: Option<String>,
    sections: Vec<String>,
    /// Of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newsletters: Option<Vec<NewsletterName>>,
    /// Of a sign-up: what readers get who do not say which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    defaults: Vec<NewsletterName>,
    /// `no`, `yes` or the first day on which the reader gets letters again.
    paused: String,
    #[serde(flatten)]
    rhythm: Rhythm,
}

impl StoredPreferences {
    /// As the form asked for it.
    pub(super) fn signed_up(
        name: Option<&str>,
        sections: &str,
        newsletters: Vec<NewsletterName>,
        alerts: bool,
    ) -> Self {
        let sections: Vec<String> = serde_json::from_str(sections).unwrap_or_default();
        Self::of(&Preferences {
            name: name.and_then(Line::non_empty),
            sections: sections
                .iter()
                .map(|section| Line::clean(section))
                .collect(),
            newsletters: Some(newsletters).filter(|chosen| !chosen.is_empty()),
            rhythm: Rhythm {
                alerts,
                ..Rhythm::DEFAULT
            },
            ..Preferences::NONE
        })
    }

    /// Whether that newsletter was chosen.
    pub(super) fn names(&self, newsletter: &NewsletterName) -> bool {
        let mut chosen = self.newsletters.iter().flatten();
        chosen.any(|one| one == newsletter)
    }

    /// Whether alerts were asked for.
    pub(super) const fn alerts(&self) -> bool {
        self.rhythm.alerts
    }

    /// Notes which of these readers get who do not say. Where there are several, who asked for alerts and for none of them gets none.
    pub(super) fn beside(&mut self, newsletters: &[NewsletterKey]) {
        if self.alerts() && !newsletters.is_empty() {
            self.newsletters.get_or_insert_default();
        }
        let defaults = newsletters.iter().filter(|one| one.is_default);
        self.defaults = defaults.map(|one| one.name.clone()).collect();
    }

    pub(super) fn of(preferences: &Preferences) -> Self {
        Self {
            name: preferences.name.as_ref().map(ToString::to_string),
            sections: preferences
                .sections
                .iter()
                .map(ToString::to_string)
                .collect(),
            newsletters: preferences.newsletters.clone(),
            defaults: Vec::new(),
            paused: match preferences.paused {
                Paused::No => "no".to_owned(),
                Paused::Yes => "yes".to_owned(),
                Paused::Until(day) => day.to_string(),
            },
            rhythm: preferences.rhythm.clone(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// `None`: nothing that this program wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// `None`: the pause is nothing that this program wrote.
    pub(super) fn preferences(&self) -> Option<Preferences> {
        Some(Preferences {
            name: self.name.as_deref().and_then(Line::non_empty),
            sections: self
                .sections
                .iter()
                .map(|section| Line::clean(section))
                .collect(),
            newsletters: self.newsletters.clone(),
            paused: match self.paused.as_str() {
                "no" => Paused::No,
                "yes" => Paused::Yes,
                day => Paused::Until(day.parse().ok()?),
            },
            rhythm: self.rhythm.clone(),
        })
    }

    /// Which newsletters readers get who do not say, as they were at the sign-up.
    pub(super) fn defaults(&self) -> &[NewsletterName] {
        &self.defaults
    }
}

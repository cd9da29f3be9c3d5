//! Whether somebody may be mailed, by a foreign list.

use crate::model::subscriber::Suppression;

/// Whether somebody may be mailed, by a foreign list. Of several words about one person the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Subscribed,
    /// Never agreed, or did not confirm yet.
    Unconfirmed,
    /// Taken off by whoever kept the list.
    Suppressed,
    Left,
    Bounced,
    Complained,
}

impl Standing {
    pub(super) const NAMES: [(&str, Self); 6] = [
        ("subscribed", Self::Subscribed),
        ("unconfirmed", Self::Unconfirmed),
        ("suppressed", Self::Suppressed),
        ("left", Self::Left),
        ("bounced", Self::Bounced),
        ("complained", Self::Complained),
    ];

    /// The standing of that name, as a person writes it behind `--means`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, standing)| *standing)
    }

    /// Why such a person is on the suppression list; `None`: they are not put on it.
    #[must_use]
    pub const fn suppression(self) -> Option<Suppression> {
        match self {
            Self::Subscribed | Self::Unconfirmed => None,
            Self::Suppressed => Some(Suppression::ByHand),
            Self::Left => Some(Suppression::Unsubscribed),
            Self::Bounced => Some(Suppression::Bounced),
            Self::Complained => Some(Suppression::Complained),
        }
    }
}

//! An edition rendered: subject, HTML and plain text, with typed places for what differs from letter to letter.

use serde::{Deserialize, Serialize};

use crate::model::line::Line;

/// The rendered edition, once for all who get the same stories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    /// The subject line.
    pub subject: Line,
    /// The visible first line, which inboxes show after the subject; may be empty.
    pub opening: Line,
    /// A whole HTML document.
    pub html: Slotted,
    /// Plain text, lines ended by `\n`.
    pub text: Slotted,
}

/// What differs from reader to reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// The URI by which this reader leaves.
    Unsubscribe,
    /// Where this reader sees and changes what they get.
    Preferences,
}

/// Text cut at its slots: fixed pieces and places to fill, never text searched again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slotted(Vec<Piece>);

/// One part of a [`Slotted`] text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// The same for all.
    Fixed(String),
    /// To be filled.
    Open(Slot),
}

impl Slot {
    /// Every slot.
    pub const ALL: [Self; 2] = [Self::Unsubscribe, Self::Preferences];

    /// What a renderer writes where the slot is to be. It holds control characters, which no cleaned text can contain, so nothing
    /// from outside can pose as a slot.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Unsubscribe => "\u{2}unsubscribe\u{3}",
            Self::Preferences => "\u{2}preferences\u{3}",
        }
    }
}

impl Slotted {
    /// Cuts rendered text at the markers.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((at, slot)) = Slot::ALL
            .iter()
            .filter_map(|slot| Some((rest.find(slot.marker())?, *slot)))
            .min()
        {
            if at > 0 {
                pieces.push(Piece::Fixed(rest[..at].to_owned()));
            }
            pieces.push(Piece::Open(slot));
            rest = &rest[at + slot.marker().len()..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Fixed(rest.to_owned()));
        }
        Self(pieces)
    }

    /// The pieces in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The whole text with every slot filled.
    pub fn fill(&self, mut value: impl FnMut(Slot) -> String) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Fixed(text) => text.clone(),
                Piece::Open(slot) => value(*slot),
            })
            .collect()
    }

    /// Octets without the slots' contents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0
            .iter()
            .map(|piece| {
                if let Piece::Fixed(text) = piece {
                    text.len()
                } else {
                    0
                }
            })
            .sum()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_and_fills() {
        let text = format!("a {0} b {0}", Slot::Unsubscribe.marker());
        let slotted = Slotted::cut(&text);
        assert_eq!(slotted.pieces().len(), 4);
        assert_eq!(slotted.fill(|_| "U".into()), "a U b U");
        assert_eq!(Slotted::cut("").fill(|_| "U".into()), "");
    }

    #[test]
    fn clean_text_cannot_pose_as_a_slot() {
        let hostile = Line::clean(Slot::Unsubscribe.marker());
        assert_eq!(
            Slotted::cut(hostile.as_str()).fill(|_| "U".into()),
            "unsubscribe"
        );
    }
}

//! What names a reader in their letter, and nowhere else.

use std::sync::Arc;

use super::escape_html;
use crate::model::address::Address;
use crate::model::pages::Slot;
use crate::model::public::Public;
use crate::model::token::{Keys, Purpose, Token};

pub(super) struct ReaderTokens {
    pub(super) keys: Arc<Keys>,
    pub(super) newsletter: String,
    pub(super) public: Option<Public>,
    pub(super) bounces: Option<String>,
    pub(super) is_complaint_address_told: bool,
    pub(super) run: u64,
}

impl ReaderTokens {
    fn of(&self, purpose: Purpose, reader: u64) -> String {
        // A link to leave is the same in every edition; a bounce says which letter it is about.
        let run = if purpose == Purpose::Bounce {
            self.run
        } else {
            0
        };
        let token = Token {
            purpose,
            number: reader,
            run,
        };
        self.keys.seal(&self.newsletter, &token)
    }

    pub(super) fn links(&self, reader: u64) -> Option<Links> {
        let public = self.public.as_ref()?;
        let token = self.of(Purpose::Leave, reader);
        Some(Links {
            leave: public.leave(&token),
            preferences: public.preferences(&token),
        })
    }

    /// The envelope sender by which a bounce tells whom it is about (VERP).
    pub(super) fn sender(&self, reader: u64) -> Option<Address> {
        let domain = self.bounces.as_ref()?;
        Address::parse(&format!(
            "{BOUNCES}{}@{domain}",
            self.of(Purpose::Bounce, reader)
        ))
        .ok()
    }
}

/// What fills the slots of one reader's letter.
#[derive(Clone)]
pub(super) struct Links {
    pub(super) leave: String,
    pub(super) preferences: String,
}

impl Links {
    pub(super) fn get(&self, slot: Slot) -> &str {
        match slot {
            Slot::Unsubscribe => &self.leave,
            Slot::Preferences => &self.preferences,
        }
    }

    /// The same, as they are in attributes of HTML.
    pub(super) fn in_html(&self) -> Self {
        Self {
            leave: escape_html(&self.leave),
            preferences: escape_html(&self.preferences),
        }
    }
}

/// What the local part of a bounce address begins with: some relays sort by what is before a `+`.
pub const BOUNCES: &str = "b+";

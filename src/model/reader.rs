//! Readers as the ledger numbers them, and what they can choose.

use std::net::IpAddr;

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::{Paused, Subscriber};
use crate::model::token::{Purpose, Token};

/// A reader's number in the ledger, from a link in their letters ([`Purpose::Leave`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReaderId(u64);

impl ReaderId {
    /// Of a token that was opened; `None`: it is for something else.
    #[must_use]
    pub fn of(token: &Token) -> Option<Self> {
        (token.purpose == Purpose::Leave).then_some(Self(token.number))
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// As the ledger gave it.
    #[must_use]
    pub const fn from_ledger(number: u64) -> Self {
        Self(number)
    }
}

/// A sign-up's number in the ledger, from the link of its letter ([`Purpose::Confirm`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignUpId(u64);

impl SignUpId {
    /// Of a token that was opened; `None`: it is for something else.
    #[must_use]
    pub fn of(token: &Token) -> Option<Self> {
        (token.purpose == Purpose::Confirm).then_some(Self(token.number))
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The newsletter that a link to leave is of, where there are several.
#[derive(Clone, Debug)]
pub struct LeftNewsletter {
    pub id: String,
    /// `None`: it is there no more.
    pub name: Option<NewsletterName>,
    /// Whether it is no newsletter, but the alerts.
    pub is_alerts: bool,
}

/// Someone asks for the newsletter; nothing of it is proved yet.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Where the letter goes.
    pub address: Address,
    /// The reader's name.
    pub name: Option<Line>,
    /// Only these sections; empty: all.
    pub sections: Vec<Line>,
    /// Which of several newsletters; none: there is one.
    pub newsletters: Vec<NewsletterName>,
    /// Whether alerts too.
    pub alerts: bool,
    /// The form and its version, such as `page 1`.
    pub form: Line,
    /// The sentence the reader agreed to, as it was on the page, and the day.
    pub consent: Line,
    /// Who asked; kept only where the config says so.
    pub client: Option<IpAddr>,
}

/// What a reader can have otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// The reader's name.
    pub name: Option<Line>,
    /// Only these sections; empty: all.
    pub sections: Vec<Line>,
    /// Which of several newsletters; `None`: those that everybody gets who does not say.
    pub newsletters: Option<Vec<NewsletterName>>,
    /// Whether no letter comes for now.
    pub paused: Paused,
    /// How often, and by which clocks.
    pub rhythm: Rhythm,
}

/// The ids of newsletters that a reader gets from now on without choosing them by name, perhaps after they had left them, and of those that they
/// get no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switched {
    pub on: Vec<String>,
    pub off: Vec<String>,
}

impl Preferences {
    /// Those of a reader who chose nothing: every section, no pause.
    pub const NONE: Self = Self {
        name: None,
        sections: Vec::new(),
        newsletters: None,
        paused: Paused::No,
        rhythm: Rhythm::DEFAULT,
    };

    /// Those of a subscriber.
    #[must_use]
    pub fn of(subscriber: &Subscriber) -> Self {
        Self {
            name: subscriber.name.clone(),
            sections: subscriber.sections.clone(),
            newsletters: subscriber.newsletters.clone(),
            paused: subscriber.paused,
            rhythm: subscriber.rhythm.clone(),
        }
    }

    /// The same for a reader who asks for it on the page to subscribe, and of whom the list says `before`: of several newsletters they keep those
    /// they have, which are the `defaults` where the list does not say, alerts and their clocks.
    #[must_use]
    pub fn joined_to(self, before: Option<&Self>, defaults: &[NewsletterName]) -> Self {
        let Some(before) = before else {
            return self;
        };
        let has = before.newsletters.as_deref().unwrap_or(defaults);
        let mut more = self.newsletters.unwrap_or_default();
        more.retain(|name| !has.contains(name));
        Self {
            newsletters: if more.is_empty() {
                before.newsletters.clone()
            } else {
                Some([has, &more].concat())
            },
            rhythm: Rhythm {
                frequency: self.rhythm.frequency,
                alerts: self.rhythm.alerts || before.rhythm.alerts,
                ..before.rhythm.clone()
            },
            ..self
        }
    }

    /// The subscriber with these preferences.
    #[must_use]
    pub fn given_to(self, subscriber: Subscriber) -> Subscriber {
        Subscriber {
            name: self.name,
            sections: self.sections,
            newsletters: self.newsletters,
            paused: self.paused,
            rhythm: self.rhythm,
            ..subscriber
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_door_only() {
        let token = |purpose| Token {
            purpose,
            number: 7,
            run: 0,
        };
        let opened = |purpose| {
            let token = token(purpose);
            (
                ReaderId::of(&token).map(ReaderId::number),
                SignUpId::of(&token).map(SignUpId::number),
            )
        };
        assert_eq!(opened(Purpose::Leave), (Some(7), None));
        assert_eq!(opened(Purpose::Confirm), (None, Some(7)));
        assert_eq!(opened(Purpose::Bounce), (None, None));
    }
}

//! The readers' site. `pages` speaks HTTP; `service` keeps what readers ask for: in the ledger first, in the subscribers file soon after.

pub mod pages;
pub mod service;

use std::sync::Arc;

use crate::config::{Config, Welcome};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::network::Network;
use crate::model::newsletter::Newsletter;
use crate::model::newsletter_name::{NewsletterKey, NewsletterName};
use crate::model::origin::Origin;
use crate::model::public::Public;
use crate::model::token::{Keys, Purpose, Token};
use crate::model::zone::Clock;
use crate::newsroom::editions::EditionFiles;
use crate::render::Template;
use crate::schedule::Schedule;

/// What the site says of one newsletter. All of it is fixed while it is served.
pub struct Publication {
    pub newsletter: Newsletter,
    /// Whether readers get it who do not say which they want.
    pub is_default: bool,
    /// What it is, in a sentence, for readers who choose.
    pub about: Option<Line>,
    pub editions: EditionFiles,
    /// Where the pages are reached from outside.
    pub public: Public,
    /// How they look and what they say.
    pub template: Template,
    /// What seals and opens the tokens in readers' links.
    pub keys: Arc<Keys>,
    /// The sections a reader may choose from; none: they are not asked.
    pub sections: Vec<Line>,
    /// The sentence a reader agrees to when they subscribe; `None`: the template's.
    pub consent: Option<Line>,
    /// The paper's page on privacy.
    pub privacy: Option<Link>,
    /// The sites whose own forms may subscribe readers here, and where such a form leads; `None`: to our page.
    pub forms: Vec<Origin>,
    pub thanks: Option<Link>,
    /// Proxies whose word on their clients is believed, besides this machine's.
    pub trusted_proxies: Vec<Network>,
    pub clock: Clock,
    /// What follows a sign-up.
    pub welcome: Option<Welcome>,
    /// When its editions are sent.
    pub schedule: Option<Schedule>,
    /// As the ledger knows it, where there are several, and of alerts.
    pub key: Option<NewsletterKey>,
    /// Whether weekly readers get the newsletter of the week instead of its editions.
    pub has_week: bool,
}

impl Publication {
    /// `None`: the config does not say where its pages are reached.
    fn of(config: &Config, keys: &Arc<Keys>, clock: &Clock) -> Option<Arc<Self>> {
        Some(Arc::new(Self {
            newsletter: config.newsletter.clone(),
            is_default: config.is_default || config.name.is_none(),
            about: config.about.clone(),
            editions: config.editions(),
            public: config.serving.public.clone()?,
            template: config.template.clone(),
            keys: Arc::clone(keys),
            sections: config.serving.sections.clone(),
            consent: config.serving.consent.clone(),
            privacy: config.serving.privacy.clone(),
            forms: config.serving.forms.clone(),
            thanks: config.serving.thanks.clone(),
            trusted_proxies: config.serving.trusted_proxies.clone(),
            clock: Arc::clone(clock),
            welcome: config.welcome.clone(),
            schedule: config.schedule.clone(),
            key: config.key(),
            has_week: config.has_week,
        }))
    }

    /// Whose runs in the ledger are its own; `None`: all, since there is no other newsletter.
    #[must_use]
    pub fn runs_of(&self) -> Option<&str> {
        self.name().map(|_| &*self.newsletter.id)
    }

    /// Its name among several newsletters.
    #[must_use]
    pub const fn name(&self) -> Option<&NewsletterName> {
        self.public.newsletter.as_ref()
    }

    /// The text of a token for the links of its letters and pages.
    #[must_use]
    pub fn token(&self, purpose: Purpose, number: u64, run: u64) -> String {
        let token = Token {
            purpose,
            number,
            run,
        };
        self.keys.seal(&self.newsletter.id, &token)
    }
}

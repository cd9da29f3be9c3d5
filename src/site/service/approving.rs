//! What an approver does by the link of a proof: it is one of the newsroom's own words, so the config is read anew for each.

use std::sync::Arc;

use super::{NotDone, Service, SiteEvent, lock};
use crate::config::Config;
use crate::draft::{self, Change, SaveError};
use crate::model::approval::{ApprovalLink, Pressed};
use crate::model::edition::{Edit, VersionOrigin};
use crate::model::line::Line;
use crate::send::{self, Approved, LinkState, PressError};

/// What came of a press.
#[derive(Debug)]
pub enum Pressing {
    Approved(Box<Approved>),
    Held(Box<LinkState>),
    /// The button does nothing any more.
    Refused(Box<LinkState>),
    /// The edition file could not be changed.
    NotHeld(Line),
}

impl Service {
    /// What the link of that number says; nothing is changed. `newsletter` is the id for which it was sealed.
    ///
    /// # Errors
    /// There is no such link, or the ledger or the config cannot be read.
    pub async fn approval(
        self: Arc<Self>,
        newsletter: String,
        number: u64,
    ) -> Result<LinkState, NotDone> {
        self.look(move |service| {
            let (config, link) = service.link(&newsletter, number)?;
            service.or_later(send::look(&config, link, &service.clock))
        })
        .await
    }

    /// Presses one of its buttons. What is answered is in the ledger, and a hold in the edition file.
    ///
    /// # Errors
    /// As [`Service::approval`].
    pub async fn press(
        self: Arc<Self>,
        newsletter: String,
        number: u64,
        pressed: Pressed,
    ) -> Result<Pressing, NotDone> {
        self.look(move |service| {
            let (config, link) = service.link(&newsletter, number)?;
            let (slug, by) = (link.slug.clone(), link.by.clone());
            let done = match pressed {
                Pressed::Approve => service.press_approve(&config, number, link),
                Pressed::Hold => service.press_hold(&config, number, link),
            }?;
            if matches!(done, Pressing::Approved(_) | Pressing::Held(_)) {
                service.tell(&SiteEvent::ByLink { slug, by, pressed });
            }
            Ok(done)
        })
        .await
    }

    fn press_approve(
        &self,
        config: &Config,
        number: u64,
        link: ApprovalLink,
    ) -> Result<Pressing, NotDone> {
        match send::press_approve(config, number, link, &self.clock) {
            Ok(approved) => Ok(Pressing::Approved(Box::new(approved))),
            Err(PressError::Refused(state)) => Ok(Pressing::Refused(state)),
            Err(PressError::Ledger(error)) => self.or_later(Err(error)),
            // The file was taken away or broken in the same moment.
            Err(PressError::Approve(_)) => Err(NotDone::Later),
        }
    }

    /// Writes the hold first: a crash before the link is spent leaves the edition held, which is what was wanted.
    fn press_hold(
        &self,
        config: &Config,
        number: u64,
        link: ApprovalLink,
    ) -> Result<Pressing, NotDone> {
        let (slug, who) = (link.slug.clone(), Line::clean(link.by.reveal()));
        let state = self.or_later(send::look(config, link, &self.clock))?;
        let (true, Ok(found)) = (state.may_hold(), &state.edition) else {
            return Ok(Pressing::Refused(Box::new(state)));
        };
        let hold = Change::Edits(found.version, vec![Edit::Hold(true)]);
        let origin = (VersionOrigin::Link, Some(&who));
        match draft::save(config, &slug, &hold, origin, &self.clock) {
            Ok(_) => {}
            Err(SaveError::Ledger(error)) => return self.or_later(Err(error)),
            Err(SaveError::Problems(problems)) => {
                let first = problems.first().map(|problem| problem.what.as_str());
                return Ok(Pressing::NotHeld(Line::clean(first.unwrap_or_default())));
            }
            Err(error) => return Ok(Pressing::NotHeld(Line::clean(&error.to_string()))),
        }
        self.or_later(send::spend_for_hold(config, number, &self.clock))?;
        Ok(Pressing::Held(Box::new(state)))
    }

    fn link(&self, newsletter: &str, number: u64) -> Result<(Config, ApprovalLink), NotDone> {
        let link = lock(&self.questions).approval_link(number);
        let link = self.or_later(link)?;
        let link = link.filter(|link| link.newsletter == newsletter);
        let link = link.ok_or(NotDone::Unknown)?;
        let newsroom = (self.read_newsroom)().map_err(|_| NotDone::Later)?;
        let mut all = newsroom.newsletters.into_iter();
        let config = all.find(|config| config.newsletter.id == newsletter);
        Ok((config.ok_or(NotDone::Later)?, link))
    }
}

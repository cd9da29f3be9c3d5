//! The links in proofs: each is one approver's, of the pages that the proof showed, for one press of a button, until it ends.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Approvable, ApprovalState, ApproveError, Approved, approval_state, pages_hash};
use crate::config::Config;
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::Address;
use crate::model::approval::{Approval, ApprovalLink, ApprovalWay, PagesHash, Pressed};
use crate::model::edition::{Edition, VersionOrigin};
use crate::model::line::Line;
use crate::model::token::{Keys, Purpose, Token};
use crate::model::world::World;
use crate::model::zone::Clock;
use crate::newsroom::editions;
use crate::render::ProofNotice;
use crate::send::Halt;

/// A link is good until its edition is too late to be sent, or for a day where that is not known; never longer than a week.
const WITHOUT_SCHEDULE: TimeDelta = TimeDelta::days(1);
const LONGEST: TimeDelta = TimeDelta::days(7);

/// What the proofs of one edition say to its approvers.
pub(in crate::send) struct Offers<'a> {
    config: &'a Config,
    edition: &'a Edition,
    /// What seals the links, if readers have links at all.
    keys: Option<Arc<Keys>>,
    ledger: Ledger,
    pages: PagesHash,
    version: Option<u64>,
    until: DateTime<Utc>,
}

impl<'a> Offers<'a> {
    /// `None`: nobody has to approve.
    pub(in crate::send) fn of(
        config: &'a Config,
        edition: &'a Edition,
        keys: Option<Arc<Keys>>,
        world: &World,
    ) -> Result<Option<Self>, Halt> {
        if config.approval.is_none() {
            return Ok(None);
        }
        let mut ledger = Ledger::open(&config.ledger).map_err(Halt::Ledger)?;
        let of = (&*config.newsletter.id, &edition.slug);
        // Somebody may have saved the file since the edition was read.
        let version = match editions::read_with_text(&config.editions(), &edition.slug) {
            Ok(Some((found, text))) if found == *edition => {
                let saved = (VersionOrigin::File, None);
                let kept = ledger.keep_version(of, &text, saved, world.now());
                Some(kept.map_err(Halt::Ledger)?)
            }
            _ => None,
        };
        let now = world.now();
        let schedule = config.schedule.as_ref();
        let end = schedule.and_then(|schedule| schedule.not_after(&edition.slug));
        let until = end
            .filter(|end| *end > now)
            .unwrap_or(now + WITHOUT_SCHEDULE);
        Ok(Some(Self {
            config,
            edition,
            keys,
            ledger,
            pages: pages_hash(edition, config),
            version,
            until: until.min(now + LONGEST),
        }))
    }

    /// What the proof for that address says; `None`: it is no approver's. From the ledger's commit on the link is good.
    pub(in crate::send) fn notice(
        &mut self,
        address: &Address,
    ) -> Result<Option<ProofNotice>, Halt> {
        let config = self.config;
        let rule = config.approval.as_ref();
        let Some(by) = rule.and_then(|rule| rule.approver(address)) else {
            return Ok(None);
        };
        let link = match (&config.newsletter.public, &self.keys) {
            (Some(public), Some(keys)) => {
                let id = &config.newsletter.id;
                let link = ApprovalLink {
                    by: by.clone(),
                    newsletter: id.clone(),
                    slug: self.edition.slug.clone(),
                    pages: self.pages,
                    version: self.version,
                    until: self.until,
                    spent: None,
                };
                let number = self.ledger.keep_approval_link(&link);
                let token = Token {
                    purpose: Purpose::Approve,
                    number: number.map_err(Halt::Ledger)?,
                    run: 0,
                };
                Some(public.approve(&keys.seal(id, &token)))
            }
            _ => None,
        };
        Ok(Some(ProofNotice {
            by: by.clone(),
            slug: self.edition.slug.clone(),
            until: config.newsletter.zone.at(self.until).fixed_offset(),
            link,
        }))
    }
}

/// What a link shows before anything is pressed.
#[derive(Debug)]
pub struct LinkState {
    pub link: ApprovalLink,
    /// The edition as it is now, if it may be approved; else why not.
    pub edition: Result<LinkedEdition, ApproveError>,
    pub is_over: bool,
    /// Whether its holder may approve still.
    pub is_approver: bool,
    /// What changed since the proof that it came with.
    pub changed: Vec<Line>,
}

/// The edition of a link as its file is now.
#[derive(Debug)]
pub struct LinkedEdition {
    pub approval: ApprovalState,
    pub subject: Line,
    pub version: u64,
}

impl LinkState {
    /// Whether *hold* would do something.
    #[must_use]
    pub fn may_hold(&self) -> bool {
        self.edition.is_ok() && !self.is_over && self.is_approver && self.link.spent.is_none()
    }

    /// Whether *approve* would do something.
    #[must_use]
    pub fn may_approve(&self) -> bool {
        self.may_hold() && self.changed.is_empty()
    }
}

/// Why a press did nothing.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// What the page would show says why.
    #[error("the link does nothing any more")]
    Refused(Box<LinkState>),
    #[error(transparent)]
    Approve(#[from] ApproveError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Looks at a link, and changes nothing but that the version of the file is kept which is there now.
///
/// # Errors
/// The ledger fails.
pub fn look(config: &Config, link: ApprovalLink, clock: &Clock) -> Result<LinkState, LedgerError> {
    seen(config, link, clock).map(|(state, _)| state)
}

fn seen(
    config: &Config,
    link: ApprovalLink,
    clock: &Clock,
) -> Result<(LinkState, Option<Approvable>), LedgerError> {
    let rule = config.approval.as_ref();
    let mut state = LinkState {
        is_over: link.until <= clock(),
        is_approver: rule.is_some_and(|rule| rule.approver(&link.by).is_some()),
        edition: Err(ApproveError::NotAsked),
        changed: Vec::new(),
        link,
    };
    let found = match Approvable::read(config, &state.link.slug, clock) {
        Ok(found) => found,
        Err(ApproveError::Ledger(error)) => return Err(error),
        Err(error) => {
            state.edition = Err(error);
            return Ok((state, None));
        }
    };
    let Some(approval) = approval_state(config, &found.edition, Some(&found.ledger))? else {
        return Ok((state, None));
    };
    if approval.pages != state.link.pages {
        let (id, ledger) = (&*config.newsletter.id, Some(&found.ledger));
        let version = state.link.version;
        state.changed = super::changed_since(version, &found.edition, id, ledger)?;
    }
    state.edition = Ok(LinkedEdition {
        approval,
        subject: found.subject(config),
        version: found.version,
    });
    Ok((state, Some(found)))
}

/// Approves by a link, and spends it in the same commit.
///
/// # Errors
/// The link does nothing any more, or the ledger fails; nothing is approved then.
pub fn press_approve(
    config: &Config,
    number: u64,
    link: ApprovalLink,
    clock: &Clock,
) -> Result<Approved, PressError> {
    let (state, found) = seen(config, link, clock)?;
    let Some(mut found) = found.filter(|_| state.may_approve()) else {
        return Err(PressError::Refused(Box::new(state)));
    };
    let at = clock();
    let approval = Approval {
        by: state.link.by.clone(),
        way: ApprovalWay::Link,
        login: None,
        at,
        version: Some(found.version),
        pages: state.link.pages,
    };
    let of = (&*config.newsletter.id, &state.link.slug);
    let ledger = &mut found.ledger;
    if !ledger.spend_approval_link(number, Pressed::Approve, Some((of, &approval)), at)? {
        // Pressed twice at the same time.
        let spent = ledger.approval_link(number)?.and_then(|link| link.spent);
        let link = ApprovalLink {
            spent: spent.or(Some((at, Pressed::Approve))),
            ..state.link
        };
        return Err(PressError::Refused(Box::new(LinkState { link, ..state })));
    }
    Ok(found.approved(config, true)?)
}

/// Spends a link whose holder has held the edition; the file says so by then.
///
/// # Errors
/// The ledger cannot be written.
pub fn spend_for_hold(config: &Config, number: u64, clock: &Clock) -> Result<(), LedgerError> {
    let mut ledger = Ledger::open(&config.ledger)?;
    ledger.spend_approval_link(number, Pressed::Hold, None, clock())?;
    Ok(())
}

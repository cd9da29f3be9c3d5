//! Whether an edition may go out: who approved it with the pages that it has now, and what changed since somebody approved others.
//!
//! The gate is `freeze::let_go`, in the one place where an edition is frozen: whoever sends passes it. What is frozen was let go, so a run that goes on asks
//! nobody.

mod link;

pub(super) use link::Offers;
pub use link::{LinkState, LinkedEdition, PressError, look, press_approve, spend_for_hold};

use chrono::{DateTime, FixedOffset};

use crate::config::Config;
use crate::ledger::{Ledger, LedgerError, Target};
use crate::model::address::Address;
use crate::model::approval::{Approval, ApprovalWay, LetGo, LetGoBy, PagesHash, PagesHasher};
use crate::model::edition::{Edition, Slug, VersionOrigin, changes};
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::zone::Clock;
use crate::newsroom::editions;
use crate::render;

/// How far the approval of an edition is.
#[derive(Clone, Debug)]
pub struct ApprovalState {
    pub slug: Slug,
    pub needs: usize,
    pub pages: PagesHash,
    /// Approvals of these very pages, one a person, by those who may.
    pub given: Vec<Approval>,
    /// What others of them last approved, before it was changed.
    pub void: Vec<VoidApproval>,
}

/// An approval of other pages than the edition has now.
#[derive(Clone, Debug)]
pub struct VoidApproval {
    pub approval: Approval,
    /// What the edition says otherwise now.
    pub changed: Vec<Line>,
}

impl ApprovalState {
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.given.len() >= self.needs
    }

    /// What is lacking, and what made an approval void; addresses are masked.
    #[must_use]
    pub fn lacking(&self) -> String {
        let mut words = match (self.given.len(), self.needs) {
            (0, 1) => format!("nobody has approved the edition of {} as it is", self.slug),
            (given, needs) => format!(
                "the edition of {} as it is has {given} of the {needs} approvals that it needs",
                self.slug
            ),
        };
        for void in &self.void {
            words.push_str("; ");
            words.push_str(&void.words(&void.approval.by.to_string()));
        }
        words
    }

    /// As a run keeps it.
    pub(super) fn let_go(&self) -> LetGo {
        LetGo {
            needs: self.needs as u64,
            approvals: self.given.iter().map(LetGoBy::from).collect(),
        }
    }
}

impl VoidApproval {
    /// Whose it was and what changed since; `by` is how the approver may be named.
    #[must_use]
    pub fn words(&self, by: &str) -> String {
        let changed: Vec<&str> = self.changed.iter().map(Line::as_str).collect();
        format!(
            "{by} approved it before this changed: {}",
            changed.join(", ")
        )
    }
}

/// What all readers would get of it, as a hash: see [`PagesHash`].
#[must_use]
fn pages_hash(edition: &Edition, config: &Config) -> PagesHash {
    let (newsletter, template) = (&config.newsletter, &config.template);
    let mut hasher = PagesHasher::default();
    // It is text, numbers and lists of them: nothing that JSON cannot hold.
    let head = serde_json::to_vec(&newsletter.letterhead(None));
    hasher.part(&head.unwrap_or_default());
    hasher.pages(&render::pages(edition, newsletter, template));
    let sections = edition
        .stories()
        .filter_map(|(_, placed)| placed.story.section.as_ref());
    let mut sections: Vec<String> = sections
        .map(|section| section.as_str().to_lowercase())
        .collect();
    sections.sort_unstable();
    sections.dedup();
    for section in sections {
        let Some(part) = edition.for_sections(&[Line::clean(&section)]) else {
            continue;
        };
        hasher.part(section.as_bytes());
        hasher.pages(&render::pages(&part, newsletter, template));
    }
    hasher.finish()
}

/// How far the approval of `edition` is; `None`: nobody has to approve.
///
/// # Errors
/// The ledger cannot be read.
pub fn approval_state(
    config: &Config,
    edition: &Edition,
    ledger: Option<&Ledger>,
) -> Result<Option<ApprovalState>, LedgerError> {
    let Some(rule) = &config.approval else {
        return Ok(None);
    };
    let pages = pages_hash(edition, config);
    let id = &*config.newsletter.id;
    let mut known = match ledger {
        Some(ledger) => ledger.approvals(id, &edition.slug)?.rows,
        None => Vec::new(),
    };
    // Whoever may approve no more has not approved.
    known.retain(|approval| rule.approver(&approval.by).is_some());
    let (given, others): (Vec<_>, Vec<_>) = known
        .into_iter()
        .partition(|approval| approval.pages == pages);
    let mut void: Vec<VoidApproval> = Vec::new();
    for approval in others.into_iter().rev() {
        let is_known = given
            .iter()
            .chain(void.iter().map(|void| &void.approval))
            .any(|known| known.by == approval.by);
        if !is_known {
            let changed = changed_since(approval.version, edition, id, ledger)?;
            void.push(VoidApproval { approval, changed });
        }
    }
    Ok(Some(ApprovalState {
        slug: edition.slug.clone(),
        needs: rule.needs,
        pages,
        given,
        void,
    }))
}

/// What an edition says otherwise than that version of it.
fn changed_since(
    version: Option<u64>,
    edition: &Edition,
    newsletter: &str,
    ledger: Option<&Ledger>,
) -> Result<Vec<Line>, LedgerError> {
    let text = match (version, ledger) {
        (Some(version), Some(ledger)) => ledger.version_text(newsletter, &edition.slug, version)?,
        _ => None,
    };
    let before = text.and_then(|text| Edition::from_toml(edition.slug.clone(), "", &text).ok());
    let Some(before) = before else {
        return Ok(vec![Line::clean("something in the edition")]);
    };
    let changed = changes(&before, edition);
    if changed.is_empty() {
        return Ok(vec![Line::clean(
            "how its pages look: the config, the template or the program",
        )]);
    }
    Ok(changed)
}

/// An approval that was given.
#[derive(Debug)]
pub struct Approved {
    /// How far it is now.
    pub state: ApprovalState,
    /// Whether it was not there before.
    pub is_new: bool,
    /// The version of the file that was approved.
    pub version: u64,
    pub subject: Line,
    /// `hold = true` is in the file all the same.
    pub is_held: bool,
}

/// Why nothing was approved.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    #[error("nobody has to approve an edition: there is no `[approval]` in the config")]
    NotAsked,
    #[error("`{}` is not in `by` below `[approval]`", .0.reveal())]
    NoApprover(Address),
    #[error("there is no edition of {0} yet")]
    NotDrafted(Slug),
    /// What is approved now would change nothing.
    #[error("the edition of {0} was frozen for its readers at {t}", t = .1.format("%H:%M on %Y-%m-%d"))]
    Frozen(Slug, DateTime<FixedOffset>),
    #[error("the edition file has problems")]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// An edition that may be approved: as its file is now, with the version that says so.
struct Approvable {
    edition: Edition,
    version: u64,
    ledger: Ledger,
}

impl Approvable {
    fn read(config: &Config, slug: &Slug, clock: &Clock) -> Result<Self, ApproveError> {
        let found = editions::read_with_text(&config.editions(), slug);
        let found = found.map_err(ApproveError::Problems)?;
        let mut ledger = Ledger::open(&config.ledger)?;
        if let Some(run) = ledger.run(config.runs_of(), slug, &Target::Relay)? {
            let at = config.newsletter.zone.at(run.frozen).fixed_offset();
            return Err(ApproveError::Frozen(slug.clone(), at));
        }
        let (edition, text) = found.ok_or_else(|| ApproveError::NotDrafted(slug.clone()))?;
        let of = (&*config.newsletter.id, slug);
        let version = ledger.keep_version(of, &text, (VersionOrigin::File, None), clock())?;
        Ok(Self {
            edition,
            version,
            ledger,
        })
    }

    fn subject(&self, config: &Config) -> Line {
        render::subject(&self.edition, &config.template)
    }

    fn approved(self, config: &Config, is_new: bool) -> Result<Approved, ApproveError> {
        let state = approval_state(config, &self.edition, Some(&self.ledger))?;
        Ok(Approved {
            state: state.ok_or(ApproveError::NotAsked)?,
            is_new,
            version: self.version,
            subject: self.subject(config),
            is_held: self.edition.hold,
        })
    }
}

/// Approves the edition as its file is now, in the name of `by`. `login` is who says so at the shell. From the ledger's commit on it is approved.
///
/// # Errors
/// As [`ApproveError`] says; nothing is approved then.
pub fn approve(
    config: &Config,
    slug: &Slug,
    by: &Address,
    (way, login): (ApprovalWay, Option<&Line>),
    clock: &Clock,
) -> Result<Approved, ApproveError> {
    let rule = config.approval.as_ref().ok_or(ApproveError::NotAsked)?;
    let known = rule.approver(by);
    let by = known.ok_or_else(|| ApproveError::NoApprover(by.clone()))?;
    let mut found = Approvable::read(config, slug, clock)?;
    let approval = Approval {
        by: by.clone(),
        way,
        login: login.cloned(),
        at: clock(),
        version: Some(found.version),
        pages: pages_hash(&found.edition, config),
    };
    let of = (&*config.newsletter.id, slug);
    let is_new = found.ledger.approve(of, &approval)?;
    found.approved(config, is_new)
}

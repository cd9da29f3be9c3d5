//! From an edition to a run: who gets it, and the commit from which on the send exists. Until then the stop leaves nothing behind.

use std::time::{Duration, Instant};

use super::approval::approval_state;
use super::audience::Audience;
use super::begin::{Begun, in_time, target};
use super::error::SendError;
use super::hours::ReadersHours;
use super::readers::Readers;
use super::{SendEvent, Sending, Tell, findings, keys, turn};
use crate::config::{ApprovalRule, Config, Relays, Unapproved};
use crate::ledger::{Freeze, Ledger, LedgerError, Target};
use crate::mailer::{Relay, Session, SessionError, Smtp};
use crate::model::approval::LetGo;
use crate::model::edition::Edition;
use crate::model::finding::Finding;
use crate::model::line::Line;
use crate::model::story::Printed;
use crate::newsroom::{NewsroomError, editions};
use crate::subscriber_list::{ListError, merge};

/// So long the relay is waited for before a word is said.
const SOON: Duration = Duration::from_secs(2);
/// The most copies that are deleted at one freeze, for the letters wait for it. What is older still goes at the next ones.
const AT_A_FREEZE: u64 = 500_000;

impl<'a> Begun<'a> {
    /// Whether the edition is frozen: then [`Begun::resume`] goes on, and the edition file counts no more.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// Freezes edition, pages and recipients. The send exists from the ledger's commit on.
    ///
    /// # Errors
    /// Something keeps it from being sent, or the stop was asked for; nothing is frozen then.
    pub async fn freeze(
        mut self,
        edition: &Edition,
        tell: Tell<'_>,
    ) -> Result<Sending<'a>, SendError> {
        let (config, world) = (self.config, self.world);
        world.stop.check()?;
        not_held(edition, config)?;
        let let_go = let_go(config, edition, Some(&self.ledger), &self.target, tell)?;
        if self.turn.is_none() {
            let gives_way = self.order.gives_way;
            self.turn = Some(turn::take(config, world, self.not_after, gives_way).await?);
        }
        in_time(config, self.order, self.not_after, world)?;
        // Whoever was told that they are in, or wants it otherwise, is heard today.
        let (list, zone) = (&config.subscribers, &config.newsletter.zone);
        let merged =
            merge(&mut self.ledger, list, zone, world.now()).map_err(|error| match error {
                ListError::Newsroom(NewsroomError::Broken(_, problems)) => {
                    SendError::Problems(problems)
                }
                error => SendError::Merge(error),
            })?;
        tell(SendEvent::BrokenRows(merged.broken));
        tell(SendEvent::ChangesWait(merged.waiting));
        let readers = Readers::read(config, Some(&self.ledger), edition, tell)?;
        if readers.survey.subscribers == 0 {
            return Err(SendError::NoSubscriber(readers.list.name().to_owned()));
        }
        if readers.each().next().is_none() {
            if let Some(corrected) = edition.slug.corrected() {
                return Err(SendError::NothingToCorrect(corrected));
            }
            return Err(SendError::NoReader {
                list: readers.list.name().to_owned(),
                newsletter: config.newsletter.name.clone(),
                is_alerts: config.is_alerts,
            });
        }
        let audience = Audience::of(edition, &config.sections, readers.each())?;
        if audience.crowded > 0 {
            tell(SendEvent::TooManySets {
                readers: audience.crowded,
            });
        }
        let (wanted, now) = (&readers.survey.sections, world.now());
        let found = findings::of(edition, config, wanted, now, let_go.as_ref());
        // A rehearsal harms nobody.
        if config.relays.is_real() {
            let grave: Vec<Finding> = findings::grave(&found, &self.order.despite);
            if !grave.is_empty() {
                return Err(SendError::Found(grave));
            }
        }
        tell(SendEvent::Found(found));
        // A relay that refuses our log-in is found out before anything exists.
        let answers = world
            .stop
            .unless_asked(Box::pin(answers(&config.relays, tell)));
        answers.await?.map_err(SendError::Relay)?;
        let sealed_by = keys::keys(config, world.random)?.map(|keys| keys.newest());
        let stories = edition.stories();
        // A rehearsal waits for no hour.
        let hours = match self.target {
            Target::Relay => ReadersHours::of(config, &self.order.slug, readers.each())?,
            Target::Outbox(_) => None,
        };
        let order = Freeze {
            slug: self.order.slug.clone(),
            newsletter: config.newsletter.id.clone(),
            letterhead: config.newsletter.letterhead(sealed_by),
            target: self.target.clone(),
            edition: edition.to_toml(world.now(), zone),
            key: world.random.bytes()?,
            stories: stories
                .flat_map(|(_, placed)| Printed::of(&placed.story))
                .collect(),
            releases: hours
                .as_ref()
                .map_or_else(Vec::new, |hours| hours.releases.clone()),
            is_alert: config.is_alerts,
            let_go,
            corrects: readers.got.as_ref().map(|got| got.run),
        };
        let began = Instant::now();
        let seats = readers.each().map(|subscriber| {
            let subscriber = subscriber?;
            let release = hours.as_ref().map(|hours| hours.number_of(&subscriber));
            Ok(audience.seat(&subscriber).leaving(release))
        });
        let (now, stop) = (world.now(), &world.stop);
        let id = (self.ledger).freeze(&order, audience.pages(config), seats, now, stop)?;
        tell(SendEvent::BrokenRows(self.ledger.take_refused()));
        let tally = self.ledger.tally(id)?;
        tell(SendEvent::Frozen {
            slug: order.slug.clone(),
            recipients: tally.queued,
            left_out: tally.left_out,
            took: began.elapsed(),
        });
        if let Some(until) = config.prunes_until(world.now()) {
            // It never stops a send.
            tell(match self.ledger.prune(until, AT_A_FREEZE) {
                Ok(pruned) => SendEvent::Pruned(pruned),
                Err(error) => SendEvent::NotPruned(Line::clean(&error.to_string())),
            });
        }
        let run = (self.ledger).run(config.runs_of(), &order.slug, &self.target)?;
        Ok(self.sending(run.ok_or(LedgerError::Nonsense {
            what: "no run after its freeze".to_owned(),
        })?))
    }
}

/// Makes sure that a relay answers; whether the others do is found out when they get letters.
async fn answers(relays: &Relays, tell: Tell<'_>) -> Result<(), SessionError> {
    let mut first = None;
    for relay in relays.each() {
        let Relay::Smtp(smtp) = &relay.relay else {
            return Ok(());
        };
        match answer(smtp, tell).await {
            Ok(()) => return Ok(()),
            Err(error) => first = first.or(Some(error)),
        }
    }
    first.map_or(Ok(()), Err)
}

/// Opens a conversation with the relay and ends it.
async fn answer(smtp: &Smtp, tell: Tell<'_>) -> Result<(), SessionError> {
    let mut opening = std::pin::pin!(Session::open(smtp));
    let session = if let Ok(session) = tokio::time::timeout(SOON, opening.as_mut()).await {
        session?
    } else {
        tell(SendEvent::RelayIsSlow {
            relay: smtp.to_string(),
        });
        opening.await?
    };
    session.close().await;
    Ok(())
}

/// An editor's `hold = true` stops what is not frozen yet.
pub(super) fn not_held(edition: &Edition, config: &Config) -> Result<(), SendError> {
    if !edition.hold {
        return Ok(());
    }
    Err(SendError::HeldByEditor {
        slug: edition.slug.clone(),
        file: editions::path_of(&config.editions(), &edition.slug),
    })
}

/// The gate of every send: who let the edition go, to be kept with its run. A rehearsal passes without; it is said what a real send would lack.
///
/// # Errors
/// It is not approved, and is not sent without.
pub(super) fn let_go(
    config: &Config,
    edition: &Edition,
    ledger: Option<&Ledger>,
    target: &Target,
    tell: Tell<'_>,
) -> Result<Option<LetGo>, SendError> {
    let (Some(state), Some(rule)) = (approval_state(config, edition, ledger)?, &config.approval)
    else {
        return Ok(None);
    };
    if !state.is_enough() {
        match (target, rule.at_send) {
            (Target::Relay, Unapproved::Hold) => {
                return Err(SendError::Unapproved(Box::new(state)));
            }
            (Target::Relay, Unapproved::Send) => tell(SendEvent::Unapproved(state.lacking())),
            (Target::Outbox(_), _) => tell(SendEvent::UnapprovedRehearsal(state.lacking())),
        }
    }
    Ok(Some(state.let_go()))
}

/// Whether a send of it to readers would end because it is not approved.
///
/// # Errors
/// The ledger cannot be read.
pub fn waits_for_approval(
    config: &Config,
    edition: &Edition,
    ledger: Option<&Ledger>,
) -> Result<bool, LedgerError> {
    let is_held = |rule: &ApprovalRule| rule.at_send == Unapproved::Hold;
    if !config.approval.as_ref().is_some_and(is_held) || target(config) != Target::Relay {
        return Ok(false);
    }
    let state = approval_state(config, edition, ledger)?;
    Ok(state.is_some_and(|state| !state.is_enough()))
}

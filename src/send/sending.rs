//! From a frozen run to its tally: what a crash left in doubt is decided, then every queued letter is handed over.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::begin::{Begun, InDoubt};
use super::error::SendError;
use super::hours::{self, Round};
use super::templates::Templates;
use super::turn::SenderTurn;
use super::{Halt, HandoverOutcome, Job, SendEvent, Tell, conversation, keys, turn};
use crate::config::{Config, Handover, RelayName};
use crate::ledger::{
    Doubtful, Ledger, LedgerError, LedgerPlace, PackedPages, RelayTally, Run, RunId, SendLock,
    SendLockError, Target,
};
use crate::message::{LetterKind, LetterTemplate, RunKey};
use crate::model::delivery::Tally;
use crate::model::edition::{Edition, Slug};
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::world::World;
use crate::newsroom::editions;

/// A frozen edition whose letters may go out now.
pub struct Sending<'a> {
    config: &'a Config,
    world: &'a World,
    ledger: Ledger,
    run: Run,
    not_after: Option<DateTime<Utc>>,
    turn: Option<SenderTurn>,
    gives_way: Duration,
    _lock: Option<SendLock>,
}

/// What came of a send.
#[derive(Debug)]
pub struct Sent {
    /// What its newsletter is called.
    pub newsletter: Line,
    /// Which of several newsletters it is.
    pub name: Option<NewsletterName>,
    pub slug: Slug,
    pub is_alert: bool,
    pub target: Target,
    /// What became of every subscriber.
    pub tally: Tally,
    /// The same of each relay, where there are several.
    pub relays: Vec<RelayTally>,
    /// Why it ended early, if it did.
    pub halt: Option<Halt>,
    /// Whether the ledger's file is still the one that was opened.
    pub place: LedgerPlace,
    pub ledger: PathBuf,
}

impl Sent {
    /// Whether nothing is left to do but what a person decides.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.place == LedgerPlace::Kept
            && self.halt.is_none()
            && self.tally.queued == 0
            && self.tally.balances()
    }
}

impl<'a> Begun<'a> {
    pub(super) fn sending(self, run: Run) -> Sending<'a> {
        Sending {
            config: self.config,
            world: self.world,
            ledger: self.ledger,
            run,
            not_after: self.not_after,
            turn: self.turn,
            gives_way: self.order.gives_way,
            _lock: self.lock,
        }
    }

    /// Takes up a frozen run: what a crash left in doubt is sent again or skipped, and the number is told either way. `None` if it is not
    /// frozen.
    ///
    /// # Errors
    /// It is another newsletter's, its key is lost, or the ledger fails.
    pub fn resume(mut self, tell: Tell<'_>) -> Result<Option<Sending<'a>>, SendError> {
        let (config, world) = (self.config, self.world);
        let Some(run) = self.frozen.take() else {
            return Ok(None);
        };
        if run.newsletter != config.newsletter.id {
            return Err(SendError::OfAnother {
                slug: run.slug,
                ledger: config.ledger.path.clone(),
                theirs: run.newsletter,
                ours: config.newsletter.id.clone(),
            });
        }
        let frozen = Edition::from_toml(run.slug.clone(), "", &run.edition);
        if frozen.is_ok_and(|frozen| editions::differs(&config.editions(), &run.slug, &frozen)) {
            tell(SendEvent::ChangedSince(run.slug.clone()));
        }
        let ledger = &mut self.ledger;
        let which = match self.order.in_doubt {
            None | Some(InDoubt::Skip) => Doubtful::Unskipped,
            Some(InDoubt::Resend) => Doubtful::All,
        };
        if which == Doubtful::Unskipped {
            keep_in_doubt(config, &run, (ledger, world), tell)?;
        }
        let copies = ledger.in_doubt(run.id, which)?;
        if copies > 0 {
            // Told before it is done: a kill in between must not leave doubles unsaid.
            if self.order.in_doubt == Some(InDoubt::Skip) {
                tell(SendEvent::StayInDoubt(copies));
                count_unanswered(config, &run, ledger)?;
                ledger.skip_in_doubt(run.id, world.now())?;
            } else {
                // What cannot be sent again stays in doubt.
                templates(config, &run, ledger)?;
                tell(SendEvent::MayArriveTwice(copies));
                count_unanswered(config, &run, ledger)?;
                ledger.resend_in_doubt(run.id, which, world.now())?;
            }
        }
        ledger.wait_no_longer(run.id, world.now() + config.relays.longest_wait())?;
        let tally = ledger.tally(run.id)?;
        if tally.queued > 0 {
            tell(SendEvent::GoesOn {
                slug: run.slug.clone(),
                queued: tally.queued,
            });
        }
        Ok(Some(self.sending(run)))
    }
}

impl Sending<'_> {
    /// Hands over every queued letter. After the stop no letter begins.
    ///
    /// # Errors
    /// The letters cannot be made, or the ledger cannot even be asked for the tally.
    pub async fn hand_over(self, tell: Tell<'_>) -> Result<Sent, SendError> {
        let (slug, target) = (self.run.slug.clone(), self.run.target.clone());
        let newsletter = self.config.newsletter.name.clone();
        let name = self.config.name.clone();
        let ledger = self.config.ledger.path.clone();
        let tally = self.ledger.tally(self.run.id)?;
        if tally.queued == 0 {
            tell(SendEvent::NothingIsLeft(slug.clone()));
            let relays = self.ledger.relays(self.run.id)?;
            return Ok(Sent {
                newsletter,
                relays,
                name,
                slug,
                is_alert: self.config.is_alerts,
                target,
                tally,
                halt: None,
                place: LedgerPlace::Kept,
                ledger,
            });
        }
        let began = Instant::now();
        let (config, world) = (self.config, self.world);
        let (mut turn, mut ledger_now) = (self.turn, Some(self.ledger));
        let outcome = loop {
            let mine = match turn.take() {
                Some(mine) => mine,
                None => turn::take(config, world, self.not_after, self.gives_way).await?,
            };
            let mut ledger = match ledger_now.take() {
                Some(ledger) => ledger,
                None => Ledger::open(&config.ledger).map_err(SendError::Lost)?,
            };
            let round = hours::round(
                &mut ledger,
                &self.run,
                self.not_after,
                (config, world),
                tell,
            );
            let (not_after, by_clocks) = match round.map_err(SendError::Lost)? {
                Round::Leave {
                    not_after,
                    by_clocks,
                } => (not_after, by_clocks),
                Round::Wait(halt) => {
                    let tally = ledger.tally(self.run.id).map_err(SendError::Lost)?;
                    let relays = ledger.relays(self.run.id).map_err(SendError::Lost)?;
                    let place = ledger.close_file();
                    break HandoverOutcome {
                        tally,
                        relays,
                        halt,
                        place,
                    };
                }
            };
            let job = Job {
                templates: templates(config, &self.run, &ledger)?,
                ledger,
                run: self.run.id,
                relays: config.relays.clone(),
                patience: config.patience,
                not_after,
                clock: world.clock.clone(),
                zone: config.newsletter.zone.clone(),
                is_alert: config.is_alerts,
                shares_relay: config.name.is_some(),
            };
            let (events, mut told) = mpsc::unbounded_channel();
            let letters = conversation::all(job, world.stop.clone(), events);
            let telling = async {
                while let Some(event) = told.recv().await {
                    tell(event);
                }
            };
            let (outcome, ()) = tokio::join!(letters, telling);
            let outcome = outcome.map_err(SendError::Lost)?;
            let again = match outcome.halt {
                Some(Halt::AlertFirst) => {
                    tell(SendEvent::AlertFirst);
                    mine.behind_the_alert(config, world, self.not_after).await
                }
                Some(Halt::OthersFirst(until)) => {
                    drop(mine);
                    let wait = (until - world.now()).to_std().unwrap_or_default();
                    match world.stop.unless_asked(tokio::time::sleep(wait)).await {
                        Ok(()) => turn::take(config, world, self.not_after, self.gives_way).await,
                        Err(stopped) => Err(stopped.into()),
                    }
                }
                // The hours of some readers are over.
                Some(Halt::TooLate) | None if by_clocks && outcome.tally.queued > 0 => {
                    if not_after.is_some_and(|end| world.now() < end) && outcome.halt.is_some() {
                        // All that is left of them was deferred for longer.
                        let ledger = Ledger::open(&config.ledger).map_err(SendError::Lost)?;
                        let next = hours::next(&ledger, &self.run, (config, world));
                        let next = next.map_err(SendError::Lost)?;
                        break HandoverOutcome {
                            halt: next.or(outcome.halt),
                            ..outcome
                        };
                    }
                    Ok(mine)
                }
                _ => break outcome,
            };
            let halt = match again {
                Ok(mine) => {
                    turn = Some(mine);
                    continue;
                }
                Err(SendError::Stopped(_)) => Halt::Interrupted,
                // Somebody else has the turn still.
                Err(SendError::Locked(SendLockError::Other { .. })) => Halt::TooLate,
                Err(error) => return Err(error),
            };
            break HandoverOutcome {
                halt: Some(halt),
                ..outcome
            };
        };
        tell(SendEvent::HandedOver {
            took: began.elapsed(),
        });
        Ok(Sent {
            newsletter,
            name,
            slug,
            is_alert: config.is_alerts,
            target,
            tally: outcome.tally,
            relays: outcome.relays,
            halt: outcome.halt,
            place: outcome.place,
            ledger,
        })
    }
}

/// Leaves in doubt what a relay may have that is not in the config any more, and says so: no other relay sends it unasked.
pub(super) fn keep_in_doubt(
    config: &Config,
    run: &Run,
    (ledger, world): (&mut Ledger, &World),
    tell: Tell<'_>,
) -> Result<(), LedgerError> {
    let names: Vec<&str> = (config.relays.each())
        .filter_map(|relay| relay.name.as_ref())
        .map(RelayName::as_str)
        .collect();
    let gone = ledger.relays(run.id)?.into_iter();
    let gone: Vec<RelayTally> = gone
        .filter(|relay| !names.contains(&&*relay.relay))
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    count_unanswered(config, run, ledger)?;
    for RelayTally { relay, .. } in gone {
        let id = ledger.relay(&relay)?;
        let copies = ledger.keep_in_doubt(run.id, id, world.now())?;
        if copies > 0 {
            tell(SendEvent::DoubtElsewhere { relay, copies });
        }
    }
    Ok(())
}

/// Counts for the day's quota what was on its way at a kill: the relay may have taken it. A kill before these copies are queued or skipped counts
/// them once more.
pub(super) fn count_unanswered(
    config: &Config,
    run: &Run,
    ledger: &mut Ledger,
) -> Result<(), LedgerError> {
    let own = config.relays.first().counted_as();
    for unanswered in ledger.unanswered(run.id)? {
        if let Some(relay) = unanswered.relay.as_deref().or(own) {
            ledger.count_handed(relay, 1, unanswered.claimed)?;
        }
    }
    Ok(())
}

/// Letters come from pages and letterhead as they were frozen, whatever the files say now: a copy sent again by the same relay is the same to the byte.
/// Each relay has its own: what it wants in the head is in it, and what it replaces is not signed.
fn templates(config: &Config, run: &Run, ledger: &Ledger) -> Result<Vec<Templates>, SendError> {
    let newsletter = run.newsletter(&config.newsletter);
    let newsletter = newsletter.ok_or_else(|| SendError::Letterhead(run.slug.clone()))?;
    let keys = keys::of_run(config, run)?;
    let pages: Arc<[PackedPages]> = ledger.pages(run.id)?.into();
    let answers = match run.corrects {
        Some(corrected) => answered(config, corrected, ledger)?,
        None => None,
    };
    let of_relay = |relay: &Handover| {
        let answers = answers.clone();
        let (slug, key, frozen, number) = (
            run.slug.clone(),
            RunKey(run.key),
            run.frozen,
            run.id.number(),
        );
        let newsletter = relay.letterhead(&newsletter);
        let (keys, signer) = (keys.clone(), relay.signer.clone());
        Templates::new(Arc::clone(&pages), move |pages| {
            LetterTemplate::new(&newsletter, &slug, pages, &key, frozen, LetterKind::Edition)
                .sealed(&newsletter, keys.as_ref(), number)
                .answering(answers.clone())
                .signed(signer.as_ref())
        })
    };
    Ok(config.relays.each().map(of_relay).collect())
}

/// What names the letters of a run that is corrected: its key, and the domain from which they came.
fn answered(
    config: &Config,
    corrected: RunId,
    ledger: &Ledger,
) -> Result<Option<(RunKey, String)>, SendError> {
    let Some(run) = ledger.run_numbered(corrected)? else {
        return Ok(None);
    };
    let newsletter = run.newsletter(&config.newsletter);
    let newsletter = newsletter.ok_or_else(|| SendError::Letterhead(run.slug.clone()))?;
    let domain = newsletter.from.address.domain().to_owned();
    Ok(Some((RunKey(run.key), domain)))
}

//! The letters that ask whether a sign-up was meant. They wait in the ledger for the relay, for two days at most.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Service, SiteEvent};
use crate::ledger::{Handed, Ledger, LedgerError, Letters, WaitingLetter};
use crate::mailer::{Cause, Outbox, OutboxError, Relay, Sendmail, Session, SessionError, Stage};
use crate::message::{Unsigned, confirmation};
use crate::model::delivery::{Letter, Verdict};
use crate::model::token::Purpose;
use crate::render;

/// So many are taken at a time.
const BATCH: u32 = 100;
/// Longer than this no letter is tried: the reader has long given up waiting.
const PATIENCE: TimeDelta = TimeDelta::days(2);

/// So many refusals of ours at an address, running, are no matter of the addresses.
const REFUSALS: u32 = 20;

/// Open conversations, by the relay.
#[derive(Default)]
pub(super) struct Sessions(HashMap<String, Session>);

impl Sessions {
    pub(super) async fn close(self) {
        for session in self.0.into_values() {
            session.close().await;
        }
    }
}

/// Why no letter leaves.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// The relay cannot be reached, or refuses us.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The folder of letters fails.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// They cannot be signed.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// The ledger fails.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Service {
    /// Hands over the letters that are due, to confirm and of welcome; when the next one is.
    pub(super) async fn post_all(
        self: &Arc<Self>,
        ledger: &mut Ledger,
    ) -> Result<Option<DateTime<Utc>>, LetterError> {
        let next = self.post(ledger).await?;
        let welcome = self.welcome(ledger).await?;
        let lapse = self.lapse(ledger).await?;
        Ok([next, welcome, lapse].into_iter().flatten().min())
    }

    /// Hands over every letter that is due; when the next one is. A letter that does not leave stays, and the others behind it too, unless
    /// it was its address that the relay would not take from us: strangers choose the addresses, and must not hold up everybody's letters.
    async fn post(&self, ledger: &mut Ledger) -> Result<Option<DateTime<Utc>>, LetterError> {
        let mut refusals = 0;
        loop {
            let Letters {
                waiting,
                next,
                broken,
            } = ledger.letters_waiting(BATCH, self.now())?;
            for what in broken {
                self.tell(&SiteEvent::LetterBroken(what));
            }
            if waiting.is_empty() {
                return Ok(next);
            }
            let mut sessions = Sessions::default();
            for one in &waiting {
                let verdict = match self.hand_over(&self.letter(one)?, &mut sessions).await {
                    Ok(verdict) => verdict,
                    Err(error) => {
                        ledger.letter_handed(one.id, self.later(one))?;
                        refusals += 1;
                        match error {
                            LetterError::Session(SessionError {
                                stage: Stage::Recipient,
                                cause: Cause::Refused(reply),
                                ..
                            }) if refusals < REFUSALS => {
                                self.tell(&SiteEvent::LetterRefused(reply));
                            }
                            error => return Err(error),
                        }
                        continue;
                    }
                };
                refusals = 0;
                let handed = match &verdict {
                    Verdict::Accepted(_) | Verdict::InDoubt => Handed::Over,
                    Verdict::Rejected(_) => Handed::GivenUp,
                    Verdict::Deferred(_) => self.later(one),
                };
                ledger.letter_handed(one.id, handed)?;
                self.tell(&match verdict {
                    Verdict::Accepted(_) | Verdict::InDoubt => SiteEvent::LetterLeft,
                    Verdict::Rejected(reply) | Verdict::Deferred(reply) => {
                        SiteEvent::LetterRefused(reply)
                    }
                });
            }
            sessions.close().await;
        }
    }

    fn letter(&self, one: &WaitingLetter) -> Result<Letter, Unsigned> {
        let publication = self.publication_of(&one.newsletters);
        let relay = self.relays.of_domain(one.address.domain());
        let newsletter = &relay.letterhead(&publication.newsletter);
        let token = publication.token(Purpose::Confirm, one.id, 0);
        let link = publication.public.confirm(&token);
        let pages = render::confirm(newsletter, &publication.template, &link);
        confirmation(
            newsletter,
            &pages,
            &token,
            &one.address,
            one.at,
            relay.signer.as_ref(),
        )
    }

    pub(super) async fn hand_over(
        &self,
        letter: &Letter,
        sessions: &mut Sessions,
    ) -> Result<Verdict, LetterError> {
        let relay = self.relays.of_domain(letter.to.domain());
        let smtp = match &relay.relay {
            Relay::Outbox(folder) => return Ok(Outbox::new(folder).hand_over(letter)?),
            Relay::Sendmail(program) => {
                return Ok(Sendmail::new(program).hand_over(letter).await?.1);
            }
            Relay::Smtp(smtp) => smtp,
        };
        let mut open = match sessions.0.remove(&relay.called()) {
            Some(open) => open,
            None => Session::open(smtp).await?,
        };
        let handed = open.hand_over(letter, None).await;
        if open.is_open() {
            sessions.0.insert(relay.called(), open);
        }
        Ok(handed?.1)
    }

    /// One minute, two, four .. an hour.
    fn later(&self, one: &WaitingLetter) -> Handed {
        let now = self.now();
        if now - one.at > PATIENCE {
            return Handed::GivenUp;
        }
        Handed::Later(now + TimeDelta::minutes(1_i64 << one.tries.min(6)).min(TimeDelta::hours(1)))
    }
}

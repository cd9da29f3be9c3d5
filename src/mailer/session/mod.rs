//! One conversation with a relay, step by step. It never tries anything twice: that is the caller's to decide.
//!
//! A session whose step was dropped half-way (a time limit, Ctrl-C) is closed, never used again: its next answer would belong to
//! another question. So a step takes the connection out and puts it back only when it has ended cleanly.
//!
//! With [`Pipelining::Full`] MAIL, RCPT and DATA of the next letter leave with the final dot of this one: one turn a letter. The relay may
//! be waiting for a content then; hanging up before its dot delivers nothing (RFC 5321 section 4.1.1.4), so a session that is
//! not given that very letter next is dropped without another word.

mod commands;
mod offer;
mod opening;

use std::time::Duration;

use tokio::time::timeout;

use crate::model::delivery::{Letter, Reply, Verdict};

use super::answer::RelayAnswer;
use super::connection::{CLOSING, Connection};
use super::error::{Cause, SessionError, Stage};
use super::verdict::{Ruling, rule};
use super::{Pipelining, Smtp, StepLimits};
use commands::{Commands, Unfit, dotted};
use offer::Offer;
pub use opening::Opened;

/// What a step says, and how long its answer may take.
type Step<'a> = (Stage, &'a str, Duration);

/// An open conversation.
pub struct Session {
    /// `None` when the conversation is over.
    connection: Option<Connection>,
    relay: String,
    limits: StepLimits,
    offer: Offer,
    /// What we want and the relay offers.
    pipelining: Pipelining,
    /// The letter whose commands left with the dot of the one before; their answers are still to come.
    announced: Option<Commands>,
    /// The last letter was refused in mid-transaction; the relay must forget it first.
    needs_reset: bool,
    /// A letter was settled in it.
    is_used: bool,
    /// An answer that no verdict shows ended the conversation.
    is_dead: bool,
}

impl Session {
    /// Connects, greets, secures the connection and logs in.
    ///
    /// # Errors
    /// Names the step that failed.
    pub async fn open(smtp: &Smtp) -> Result<Self, SessionError> {
        Self::open_seen(smtp, &mut Opened::default()).await
    }

    /// Opens a conversation and ends it without a letter: how far it came, and the step that failed.
    pub async fn try_out(smtp: &Smtp) -> (Opened, Result<(), SessionError>) {
        let mut seen = Opened::default();
        match Self::open_seen(smtp, &mut seen).await {
            Ok(session) => {
                session.close().await;
                (seen, Ok(()))
            }
            Err(error) => (seen, Err(error)),
        }
    }

    async fn open_seen(smtp: &Smtp, seen: &mut Opened) -> Result<Self, SessionError> {
        let relay = smtp.to_string();
        match opening::open(smtp, seen).await {
            Ok((connection, offer)) => Ok(Self {
                connection: Some(connection),
                relay,
                limits: smtp.limits,
                offer,
                pipelining: if offer.pipelining {
                    smtp.pipelining
                } else {
                    Pipelining::Off
                },
                announced: None,
                needs_reset: false,
                is_used: false,
                is_dead: false,
            }),
            Err((stage, cause)) => Err(SessionError {
                relay,
                stage,
                cause,
            }),
        }
    }

    /// Whether the relay takes letters of so many octets (RFC 1870).
    ///
    /// # Errors
    /// It says that it does not.
    pub fn takes(&self, octets: usize) -> Result<(), SessionError> {
        let size = octets as u64;
        match self.offer.size.filter(|&limit| size > limit) {
            Some(limit) => Err(self.error(Stage::Sender, Cause::TooLarge { size, limit })),
            None => Ok(()),
        }
    }

    /// Hands one letter over and says what became of it, and at which step.
    ///
    /// `next` may be the letter after it: where commands may leave ahead ([`Session::announces`]) its own leave with the dot of this one, and it must be
    /// the one handed over next. Its content does not leave before that.
    ///
    /// # Errors
    /// The conversation is over, or the relay will not serve us; the letter was not handed over. After an error as after a verdict
    /// [`Session::is_open`] says whether this session can be used again.
    pub async fn hand_over(
        &mut self,
        letter: &Letter,
        next: Option<&Letter>,
    ) -> Result<(Stage, Verdict), SessionError> {
        let Some(mut connection) = self.connection.take() else {
            return Err(self.error(Stage::Sender, Cause::Over));
        };
        let outcome = self.converse(&mut connection, letter, next).await;
        let outcome = match outcome {
            Ok((stage, verdict)) => Ok((stage, verdict.about(&letter.to))),
            Err((stage, Cause::Refused(reply))) => {
                Err((stage, Cause::Refused(reply.about(&letter.to))))
            }
            other => other,
        };
        let is_over = match &outcome {
            Ok((_, Verdict::InDoubt)) => true,
            Ok((
                _,
                Verdict::Accepted(reply) | Verdict::Rejected(reply) | Verdict::Deferred(reply),
            ))
            | Err((_, Cause::Refused(reply))) => reply.code == CLOSING,
            Err((_, cause)) => !matches!(cause, Cause::NoSmtpUtf8 | Cause::TooLarge { .. }),
        };
        if !is_over && !self.is_dead {
            self.connection = Some(connection);
        }
        self.is_used |= outcome.is_ok();
        outcome.map_err(|(stage, cause)| self.error(stage, cause))
    }

    /// Whether the commands of a letter can leave with the dot of the one before.
    #[must_use]
    pub fn announces(&self) -> bool {
        self.pipelining == Pipelining::Full
    }

    /// Whether a letter was settled in it: a relay may end such a session between two letters for no other reason than that it is old.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        self.is_used
    }

    /// Whether another letter can be handed over.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.connection.is_some()
    }

    /// Takes leave (QUIT), if there is still someone to take leave of. What the relay answers does not matter.
    pub async fn close(self) {
        // Where a letter was announced, the relay would take QUIT for its content.
        if let (Some(mut connection), None) = (self.connection, self.announced) {
            let _ = timeout(self.limits.quit, connection.ask(b"QUIT\r\n")).await;
        }
    }

    /// The steps of one letter, each ruled on.
    async fn converse(
        &mut self,
        connection: &mut Connection,
        letter: &Letter,
        next: Option<&Letter>,
    ) -> Result<(Stage, Verdict), (Stage, Cause)> {
        let announced = self.announced.take();
        let commands = match Commands::of(letter, &self.offer) {
            Ok(commands) if announced.as_ref().is_none_or(|said| *said == commands) => commands,
            _ if announced.is_some() => return Err((Stage::Sender, Cause::Over)),
            Ok(commands) => commands,
            Err(Unfit::Recipient(verdict)) => return Ok((Stage::Recipient, verdict)),
            Err(Unfit::Us(cause)) => return Err((Stage::Sender, cause)),
        };
        let limits = self.limits;
        let reset = self.needs_reset.then_some((Stage::Reset, "RSET\r\n"));
        let steps: Vec<Step<'_>> = reset
            .into_iter()
            .chain(commands.steps())
            .map(|(stage, words)| (stage, words, limits.of(stage)))
            .collect();
        let rulings = if announced.is_some() {
            self.answers(connection, &steps, None).await?
        } else if self.pipelining == Pipelining::Off {
            self.one_by_one(connection, &steps).await?
        } else {
            let words: String = steps.iter().map(|(_, words, _)| *words).collect();
            self.answers(connection, &steps, Some(&words)).await?
        };
        for (stage, ruling) in rulings {
            match ruling {
                Ruling::GoOn => {}
                // It takes leave of the session, not of this letter (RFC 5321 section 3.8): `too many messages on this connection`.
                Ruling::Settled(Verdict::Deferred(reply))
                    if stage == Stage::Sender && reply.code == CLOSING && self.is_used =>
                {
                    return Err((stage, Cause::Refused(reply)));
                }
                Ruling::Settled(verdict) => return Ok((stage, verdict)),
                Ruling::Stop(cause) => return Err((stage, cause)),
            }
        }
        self.content(connection, letter, next).await
    }

    /// The letter itself, up to the answer after its final dot.
    async fn content(
        &mut self,
        connection: &mut Connection,
        letter: &Letter,
        next: Option<&Letter>,
    ) -> Result<(Stage, Verdict), (Stage, Cause)> {
        const STAGE: Stage = Stage::Content;
        let mut words = dotted(&letter.bytes);
        let whole = words.len() as u64;
        let next = next
            .filter(|_| self.announces())
            .and_then(|next| Commands::of(next, &self.offer).ok());
        for (_, command) in next.iter().flat_map(Commands::steps) {
            words.extend_from_slice(command.as_bytes());
        }
        let before = connection.sent();
        let answer = ask(connection, &words, self.limits.content).await;
        self.needs_reset = false;
        self.announced = next;
        match answer.map(|reply| rule(STAGE, reply)) {
            Ok(Ruling::Settled(verdict)) => Ok((STAGE, verdict)),
            Ok(Ruling::Stop(cause)) => Err((STAGE, cause)),
            // TLS only ever adds to the count, so an error can only be taken for a doubt, never a doubt for an error.
            Err(cause) if connection.sent() - before < whole => Err((STAGE, cause)),
            Ok(Ruling::GoOn) | Err(_) => Ok((STAGE, Verdict::InDoubt)),
        }
    }

    /// Each step waits for the answer to the one before; the first that is no success is the last.
    async fn one_by_one(
        &mut self,
        connection: &mut Connection,
        steps: &[Step<'_>],
    ) -> Result<Vec<(Stage, Ruling)>, (Stage, Cause)> {
        let mut rulings = Vec::with_capacity(steps.len());
        for &(stage, command, limit) in steps {
            let reply = ask(connection, command.as_bytes(), limit)
                .await
                .map_err(|cause| (stage, cause))?;
            let ruling = rule(stage, reply);
            let goes_on = ruling == Ruling::GoOn;
            if goes_on {
                self.needs_reset = stage != Stage::Reset;
            }
            rulings.push((stage, ruling));
            if !goes_on {
                break;
            }
        }
        Ok(rulings)
    }

    /// The answers to steps that leave in one turn, now (`words`) or before; every one is answered (RFC 2920 section 3.1). The first that is
    /// no success says what becomes of the letter; the others only say how the session is left.
    async fn answers(
        &mut self,
        connection: &mut Connection,
        steps: &[Step<'_>],
        mut words: Option<&str>,
    ) -> Result<Vec<(Stage, Ruling)>, (Stage, Cause)> {
        let mut rulings: Vec<(Stage, Ruling)> = Vec::with_capacity(steps.len());
        let (mut is_decided, mut has_nobody) = (false, false);
        for &(stage, _, limit) in steps {
            let answer = match words.take() {
                Some(words) => ask(connection, words.as_bytes(), limit).await,
                None => within(limit, connection.listen()).await,
            };
            let reply = match answer {
                Ok(reply) => reply,
                // What the letter's fate hangs on was said before.
                Err(_) if is_decided => {
                    self.is_dead = true;
                    return Ok(rulings);
                }
                Err(cause) => return Err((stage, cause)),
            };
            let closes = reply.code == CLOSING;
            self.is_dead |= is_decided && closes;
            has_nobody |= stage == Stage::Recipient && reply.code >= 400;
            let waits_for_content = stage == Stage::Data && reply.code == 354;
            let ruling = rule(stage, reply);
            self.needs_reset = true;
            if waits_for_content && is_decided && !has_nobody {
                // It may have taken the recipient after all, and would send them an empty letter.
                self.is_dead = true;
            } else if waits_for_content && is_decided {
                // A relay may take DATA although it took no recipient: the dot alone ends that.
                let ended = ask(connection, b".\r\n", self.limits.content).await;
                self.is_dead |= ended.is_err();
                self.needs_reset = false;
            }
            is_decided |= ruling != Ruling::GoOn;
            rulings.push((stage, ruling));
            if closes {
                break;
            }
        }
        Ok(rulings)
    }

    fn error(&self, stage: Stage, cause: Cause) -> SessionError {
        SessionError {
            relay: self.relay.clone(),
            stage,
            cause,
        }
    }
}

/// Says something and reads the answer, a refusal included.
async fn ask(connection: &mut Connection, words: &[u8], limit: Duration) -> Result<Reply, Cause> {
    within(limit, connection.ask(words)).await
}

async fn within(
    limit: Duration,
    answer: impl Future<Output = Result<RelayAnswer, Cause>>,
) -> Result<Reply, Cause> {
    let answer = timeout(limit, answer)
        .await
        .unwrap_or(Err(Cause::Silent(limit)));
    answer.map(|answer| answer.reply())
}

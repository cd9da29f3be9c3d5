//! One conversation with a relay, step by step. It never tries anything twice: that is the caller's to decide.
//!
//! A session whose step was dropped half-way (a time limit, Ctrl-C) is closed, never used again: its next answer would belong to
//! another question. So a step takes the connection out and puts it back only when it has ended cleanly.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lettre::transport::smtp::Error as LettreError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use crate::delivery::{Letter, Reply, Verdict};

use super::error::{Cause, SessionError, Stage};
use super::verdict::{Ruling, rule};
use super::wire::Wire;
use super::{Login, Pipelining, Security, Smtp, StepLimits};

/// The code by which a relay announces that it hangs up (RFC 5321 section 3.8).
const CLOSING: u16 = 421;

/// An open conversation.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the conversation"
)]
pub struct Session {
    /// `None` when the conversation is over.
    connection: Option<AsyncSmtpConnection>,
    relay: String,
    limits: StepLimits,
    /// Octets that left, counted below TLS.
    sent: Arc<AtomicU64>,
    /// The last letter was refused in mid-transaction; the relay must forget it first.
    needs_reset: bool,
    /// A letter was settled in it.
    is_used: bool,
    /// The relay offers PIPELINING, and we want it.
    pipelines: bool,
    /// An answer that no verdict shows ended the conversation.
    is_dead: bool,
}

impl Session {
    /// Connects, greets, secures the connection and logs in.
    ///
    /// # Errors
    /// Names the step that failed.
    pub async fn open(smtp: &Smtp) -> Result<Self, SessionError> {
        let relay = format!("{}:{}", smtp.host, smtp.port);
        match connect(smtp).await {
            Ok(Connected {
                connection,
                sent,
                pipelines,
            }) => Ok(Self {
                connection: Some(connection),
                relay,
                limits: smtp.limits,
                sent,
                needs_reset: false,
                is_used: false,
                pipelines,
                is_dead: false,
            }),
            Err((stage, cause)) => Err(SessionError {
                relay,
                stage,
                cause,
            }),
        }
    }

    /// Hands one letter over and says what became of it.
    ///
    /// # Errors
    /// The conversation is over, or the relay will not serve us; the letter was not handed over. After an error as after a verdict
    /// [`Session::is_open`] says whether this session can be used again.
    pub async fn hand_over(&mut self, letter: &Letter) -> Result<Verdict, SessionError> {
        let Some(mut connection) = self.connection.take() else {
            return Err(self.error(Stage::Sender, Cause::Over));
        };
        let outcome = self.converse(&mut connection, letter).await;
        let is_over = match &outcome {
            Ok(Verdict::InDoubt) => true,
            Ok(Verdict::Accepted(reply) | Verdict::Rejected(reply) | Verdict::Deferred(reply))
            | Err((_, Cause::Refused(reply))) => reply.code == CLOSING,
            Err((_, cause)) => *cause != Cause::NoSmtpUtf8,
        };
        if !is_over && !self.is_dead {
            self.connection = Some(connection);
        }
        self.is_used |= outcome.is_ok();
        outcome.map_err(|(stage, cause)| self.error(stage, cause))
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
        if let Some(mut connection) = self.connection {
            let _ = timeout(self.limits.quit, connection.quit()).await;
        }
    }

    /// The steps of one letter, each ruled on. In this order they could also leave together (RFC 2920).
    async fn converse(
        &mut self,
        connection: &mut AsyncSmtpConnection,
        letter: &Letter,
    ) -> Result<Verdict, (Stage, Cause)> {
        let limits = self.limits;
        let mut parameters = "";
        if letter.from.needs_smtputf8() || letter.to.needs_smtputf8() {
            let info = connection.server_info();
            if info.supports_feature(Extension::SmtpUtfEight) {
                parameters = " BODY=8BITMIME SMTPUTF8";
            } else if letter.from.needs_smtputf8() {
                return Err((Stage::Sender, Cause::NoSmtpUtf8));
            } else {
                // RFC 6531 section 3.5
                let why = "5.6.7 the address needs SMTPUTF8, which the relay does not offer";
                return Ok(Verdict::Rejected(Reply::new(553, why)));
            }
        }
        let from = format!("MAIL FROM:<{}>{parameters}\r\n", letter.from.reveal());
        let to = format!("RCPT TO:<{}>\r\n", letter.to.reveal());
        let reset = self
            .needs_reset
            .then_some((Stage::Reset, "RSET\r\n", limits.reset));
        let steps = [
            (Stage::Sender, &*from, limits.sender),
            (Stage::Recipient, &*to, limits.recipient),
            (Stage::Data, "DATA\r\n", limits.data),
        ];
        let steps: Vec<Step<'_>> = reset.into_iter().chain(steps).collect();
        let rulings = if self.pipelines {
            self.together(connection, &steps).await?
        } else {
            self.one_by_one(connection, &steps).await?
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
                Ruling::Settled(verdict) => return Ok(verdict),
                Ruling::Stop(cause) => return Err((stage, cause)),
            }
        }
        let content = dotted(&letter.bytes);
        let before = self.sent.load(Ordering::Relaxed);
        let answer = ask(connection, Stage::Content, &content, limits.content).await;
        self.needs_reset = false;
        match answer.map(|reply| rule(Stage::Content, reply)) {
            Ok(Ruling::Settled(verdict)) => Ok(verdict),
            Ok(Ruling::Stop(cause)) => Err((Stage::Content, cause)),
            // TLS only ever adds to the count, so an error can only be taken for a doubt, never a doubt for an error.
            Err(cause) if self.sent.load(Ordering::Relaxed) - before < content.len() as u64 => {
                Err((Stage::Content, cause))
            }
            Ok(Ruling::GoOn) | Err(_) => Ok(Verdict::InDoubt),
        }
    }

    /// Each step waits for the answer to the one before; the first that is no success is the last.
    async fn one_by_one(
        &mut self,
        connection: &mut AsyncSmtpConnection,
        steps: &[Step<'_>],
    ) -> Result<Vec<(Stage, Ruling)>, (Stage, Cause)> {
        let mut rulings = Vec::with_capacity(steps.len());
        for &(stage, command, limit) in steps {
            let reply = ask(connection, stage, command, limit)
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

    /// All steps leave in one turn, and every one is answered (RFC 2920 section 3.1). The first answer that is no success says what becomes of
    /// the letter; the others only say how the session is left.
    async fn together(
        &mut self,
        connection: &mut AsyncSmtpConnection,
        steps: &[Step<'_>],
    ) -> Result<Vec<(Stage, Ruling)>, (Stage, Cause)> {
        let commands: String = steps.iter().map(|(_, command, _)| *command).collect();
        let mut rulings: Vec<(Stage, Ruling)> = Vec::with_capacity(steps.len());
        let mut is_decided = false;
        for &(stage, _, limit) in steps {
            let answer = if rulings.is_empty() {
                ask(connection, stage, &commands, limit).await
            } else {
                listen(connection, stage, limit).await
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
            self.is_dead |= is_decided && reply.code == CLOSING;
            let waits_for_content = stage == Stage::Data && reply.code == 354;
            let ruling = rule(stage, reply);
            self.needs_reset = true;
            if waits_for_content && is_decided {
                // A relay may take DATA although it took no recipient: the dot alone ends that.
                let ended = ask(connection, Stage::Content, ".\r\n", self.limits.content).await;
                self.is_dead |= ended.is_err();
                self.needs_reset = false;
            }
            is_decided |= ruling != Ruling::GoOn;
            rulings.push((stage, ruling));
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

/// A step of a letter: what is said, and how long an answer may take.
type Step<'a> = (Stage, &'a str, Duration);

/// A conversation in which letters can be handed over.
struct Connected {
    connection: AsyncSmtpConnection,
    sent: Arc<AtomicU64>,
    pipelines: bool,
}

async fn connect(smtp: &Smtp) -> Result<Connected, (Stage, Cause)> {
    let limits = smtp.limits;
    let hello = ClientId::Domain(smtp.hello.clone());
    let wire = match timeout(limits.connect, Wire::connect(&smtp.host, smtp.port)).await {
        Ok(Ok(wire)) => wire,
        Ok(Err(error)) => return Err((Stage::Connect, Cause::of_io(Stage::Connect, &error))),
        Err(_) => return Err((Stage::Connect, Cause::Silent(limits.connect))),
    };
    let sent = wire.sent();
    let tls = || {
        TlsParameters::new(smtp.host.clone())
            .map_err(|error| (Stage::Tls, Cause::of(Stage::Tls, &error)))
    };
    let stream: Box<dyn AsyncTokioStream> = match smtp.security {
        Security::Tls => Box::new(within(Stage::Tls, limits.tls, wire.secure(tls()?)).await?),
        Security::None | Security::StartTls => Box::new(wire),
    };
    let mut connection = within(
        Stage::Greeting,
        limits.greeting,
        AsyncSmtpConnection::connect_with_transport(stream, &hello),
    )
    .await?;
    if smtp.security == Security::StartTls {
        if !connection.can_starttls() {
            return Err((Stage::Tls, Cause::NoStartTls));
        }
        let upgrade = connection.starttls(tls()?, &hello);
        within(Stage::Tls, limits.tls, upgrade).await?;
    }
    if let Some(Login { user, password }) = &smtp.login {
        let account = Credentials::new(user.clone(), password.expose_secret().to_owned());
        let auth = connection.auth(DEFAULT_MECHANISMS, &account);
        let response = within(Stage::Login, limits.login, auth).await?;
        // Only 235 will do: whatever else somebody slipped in before TLS began puts the conversation out of step, and shows here.
        if let Ruling::Stop(cause) = rule(Stage::Login, reply(&response)) {
            return Err((Stage::Login, cause));
        }
    }
    let pipelines = match smtp.pipelining {
        Pipelining::Off => false,
        Pipelining::On => {
            let hello = format!("EHLO {}\r\n", smtp.hello);
            let offer = within(Stage::Greeting, limits.greeting, connection.command(hello)).await?;
            offer
                .message()
                .any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"))
        }
    };
    Ok(Connected {
        connection,
        sent,
        pipelines,
    })
}

/// A step of lettre's, with its time limit.
async fn within<T>(
    stage: Stage,
    limit: Duration,
    step: impl Future<Output = Result<T, LettreError>>,
) -> Result<T, (Stage, Cause)> {
    match timeout(limit, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err((stage, Cause::of(stage, &error))),
        Err(_) => Err((stage, Cause::Silent(limit))),
    }
}

/// Says something and reads the answer, a refusal included.
async fn ask(
    connection: &mut AsyncSmtpConnection,
    stage: Stage,
    words: &str,
    limit: Duration,
) -> Result<Reply, Cause> {
    match within(stage, limit, connection.command(words)).await {
        Ok(response) => Ok(reply(&response)),
        Err((_, Cause::Refused(reply))) => Ok(reply),
        Err((_, cause)) => Err(cause),
    }
}

/// Reads the answer to something that was said before.
async fn listen(
    connection: &mut AsyncSmtpConnection,
    stage: Stage,
    limit: Duration,
) -> Result<Reply, Cause> {
    match within(stage, limit, connection.read_response()).await {
        Ok(response) => Ok(reply(&response)),
        Err((_, Cause::Refused(reply))) => Ok(reply),
        Err((_, cause)) => Err(cause),
    }
}

fn reply(response: &Response) -> Reply {
    let lines: Vec<&str> = response.message().collect();
    Reply::new(response.code().into(), &lines.join(" "))
}

/// The letter as it goes over the wire: dots at a line's beginning doubled, the final dot behind it (RFC 5321 section 4.5.2).
fn dotted(letter: &[u8]) -> String {
    let letter = String::from_utf8_lossy(letter);
    let mut content = String::with_capacity(letter.len() + 64);
    for line in letter.split_inclusive('\n') {
        if line.starts_with('.') {
            content.push('.');
        }
        content.push_str(line);
    }
    if !content.ends_with("\r\n") {
        content.push_str("\r\n");
    }
    content.push_str(".\r\n");
    content
}

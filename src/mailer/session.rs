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
use super::{Login, Security, Smtp, StepLimits};

/// The code by which a relay announces that it hangs up (RFC 5321 section 3.8).
const CLOSING: u16 = 421;

/// An open conversation.
pub struct Session {
    /// `None` when the conversation is over.
    connection: Option<AsyncSmtpConnection>,
    relay: String,
    limits: StepLimits,
    /// Octets that left, counted below TLS.
    sent: Arc<AtomicU64>,
    /// The last letter was refused in mid-transaction; the relay must forget it first.
    needs_reset: bool,
}

impl Session {
    /// Connects, greets, secures the connection and logs in.
    ///
    /// # Errors
    /// Names the step that failed.
    pub async fn open(smtp: &Smtp) -> Result<Self, SessionError> {
        let relay = format!("{}:{}", smtp.host, smtp.port);
        match connect(smtp).await {
            Ok((connection, sent)) => Ok(Self {
                connection: Some(connection),
                relay,
                limits: smtp.limits,
                sent,
                needs_reset: false,
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
        if !is_over {
            self.connection = Some(connection);
        }
        outcome.map_err(|(stage, cause)| self.error(stage, cause))
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
        for (stage, command, limit) in reset.into_iter().chain(steps) {
            let reply = ask(connection, stage, command, limit)
                .await
                .map_err(|cause| (stage, cause))?;
            match rule(stage, reply) {
                Ruling::GoOn => self.needs_reset = stage != Stage::Reset,
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

    fn error(&self, stage: Stage, cause: Cause) -> SessionError {
        SessionError {
            relay: self.relay.clone(),
            stage,
            cause,
        }
    }
}

async fn connect(smtp: &Smtp) -> Result<(AsyncSmtpConnection, Arc<AtomicU64>), (Stage, Cause)> {
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
    Ok((connection, sent))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use crate::mailer::postoffice::Office;

    const HELLO: &str = "< 220 post ready\n> EHLO\n< 250-post\n< 250 SMTPUTF8\n";
    const MAIL: &str = "> MAIL\n< 250 ok\n";
    const RCPT: &str = "> RCPT\n< 250 ok\n";
    const DATA: &str = "> DATA\n< 354 go\n> .\n";

    fn smtp(office: &Office) -> Smtp {
        Smtp {
            host: office.address.ip().to_string(),
            port: office.address.port(),
            security: Security::None,
            login: None,
            hello: "mail.harbour.example".into(),
            limits: StepLimits::RFC_5321,
        }
    }

    fn letter(to: &str) -> Letter {
        Letter {
            from: Address::parse("digest@harbour.example").unwrap(),
            to: Address::parse(to).unwrap(),
            message_id: "abc@harbour.example".into(),
            bytes: b"Subject: x\r\n\r\n.dot\r\n..\r\n\r\n".to_vec(),
        }
    }

    /// Opens a session and hands `letters` letters over, a line each; `open` or `over` says how the session is left.
    async fn talk(smtp: &Smtp, letters: u32) -> String {
        let name = format!("{}:{}", smtp.host, smtp.port);
        let say = |error: &SessionError| {
            let what = if error.is_about_us() {
                "about us"
            } else {
                "again"
            };
            format!("{what}: {error}").replace(&name, "relay")
        };
        let mut session = match Session::open(smtp).await {
            Ok(session) => session,
            Err(error) => return say(&error),
        };
        let mut lines = Vec::new();
        for _ in 0..letters {
            lines.push(match session.hand_over(&letter("ada@example.org")).await {
                Ok(verdict) => format!("{verdict:?}"),
                Err(error) => say(&error),
            });
        }
        lines.push(if session.is_open() { "open" } else { "over" }.into());
        session.close().await;
        lines.join("\n")
    }

    async fn play(letters: u32, script: &[&str]) -> String {
        let office = Office::open(&script.concat()).await;
        talk(&smtp(&office), letters).await
    }

    async fn one(script: &str) -> String {
        play(1, &[HELLO, script]).await
    }

    #[tokio::test]
    async fn accepted() {
        let office =
            Office::open(&[HELLO, MAIL, RCPT, DATA, "< 250 2.0.0 queued as 1\n"].concat()).await;
        assert_eq!(
            talk(&smtp(&office), 1).await,
            "Accepted(250 2.0.0 queued as 1)\nopen"
        );
        insta::assert_snapshot!(office.heard().await, @"
        EHLO mail.harbour.example
        MAIL FROM:<digest@harbour.example>
        RCPT TO:<ada@example.org>
        DATA
        Subject: x

        ..dot
        ...

        .
        QUIT
        ");
    }

    #[tokio::test]
    async fn verdicts_by_stage() {
        let reset = "> RSET\n< 250 ok\n";
        let accepted = [MAIL, RCPT, DATA, "< 250 ok\n"].concat();
        for (script, expected) in [
            (
                format!("{MAIL}> RCPT\n< 550 5.1.1 <ada@example.org> unknown\n{reset}{accepted}"),
                "Rejected(550 5.1.1 <a***@e***.org> unknown)\nAccepted(250 ok)\nopen",
            ),
            (
                format!("{MAIL}> RCPT\n< 451 4.3.0 later\n{reset}{accepted}"),
                "Deferred(451 4.3.0 later)\nAccepted(250 ok)\nopen",
            ),
            (
                format!("> MAIL\n< 451 later\n{accepted}"),
                "Deferred(451 later)\nAccepted(250 ok)\nopen",
            ),
            (
                format!("{MAIL}{RCPT}> DATA\n< 452 4.3.1 no room\n{reset}{accepted}"),
                "Deferred(452 4.3.1 no room)\nAccepted(250 ok)\nopen",
            ),
            (
                format!("{MAIL}{RCPT}{DATA}< 554 5.7.1 spam\n{accepted}"),
                "Deferred(554 5.7.1 spam)\nAccepted(250 ok)\nopen",
            ),
            (
                format!("{MAIL}{RCPT}{DATA}< 250-two\n< 250 lines\n{accepted}"),
                "Accepted(250 two lines)\nAccepted(250 ok)\nopen",
            ),
            (
                "> MAIL\n< 421 4.7.0 closing\nhang up\n".into(),
                "Deferred(421 4.7.0 closing)\nagain: the conversation with `relay` is over\nover",
            ),
            (
                format!("{MAIL}> RCPT\n< 421 closing\nhang up\n"),
                "Deferred(421 closing)\nagain: the conversation with `relay` is over\nover",
            ),
        ] {
            assert_eq!(play(2, &[HELLO, &script]).await, expected);
        }
    }

    #[tokio::test]
    async fn three_refused_then_one_accepted_on_one_connection() {
        let refused = [MAIL, "> RCPT\n< 550 no such user\n> RSET\n< 250 ok\n"].concat();
        let script = [HELLO, &refused.repeat(3), MAIL, RCPT, DATA, "< 250 ok\n"];
        assert_eq!(
            play(4, &script).await,
            format!(
                "{}Accepted(250 ok)\nopen",
                "Rejected(550 no such user)\n".repeat(3)
            )
        );
    }

    #[tokio::test]
    async fn about_us() {
        for (script, expected) in [
            (
                "> MAIL\n< 550 5.7.1 blocked\n",
                "about us: `relay` refused MAIL: `550 5.7.1 blocked`\nopen",
            ),
            (
                "> MAIL\n< 250 ok\n> RCPT\n< 554 5.7.1 Relay access denied\n",
                "about us: `relay` refused RCPT: `554 5.7.1 Relay access denied`\nopen",
            ),
        ] {
            assert_eq!(one(script).await, expected);
        }
        assert_eq!(
            play(1, &["< 554 no service\n"]).await,
            "about us: `relay` refused the greeting: `554 no service`"
        );
        assert_eq!(
            play(1, &["< HTTP/1.1 400 Bad Request\n"]).await,
            "about us: `relay` does not speak SMTP at the greeting: expected a three-digit code, but found `HTTP/1.1 400 Bad Request`"
        );
    }

    #[tokio::test]
    async fn lost_before_the_dot() {
        let mail = "again: `relay` hung up at MAIL\nover";
        assert_eq!(one("hang up\n").await, mail);
        assert_eq!(one("> MAIL\nhang up\n").await, mail);
        assert_eq!(
            one("> MAIL\n< 250 ok\n> RCPT\n< 250 ok\n> DATA\nhang up\n").await,
            "again: `relay` hung up at DATA\nover"
        );
        assert_eq!(
            one("> MAIL\n< 354 go\n").await,
            "again: `relay` is out of step at MAIL: expected `250`, but found `354 go`\nover"
        );
        assert_eq!(
            play(1, &["< 421 too many\n"]).await,
            "again: `relay` refused the greeting: `421 too many`"
        );
        assert_eq!(
            play(1, &["hang up\n"]).await,
            "again: `relay` hung up at the greeting"
        );
        assert_eq!(
            one("> MAIL\n< 250 d\\xE9j\\xE0 vu\n").await,
            "again: `relay` does not speak SMTP at MAIL: expected a three-digit code, but found `stream did not contain valid UTF-8`\nover"
        );
    }

    #[tokio::test]
    async fn in_doubt_after_the_dot() {
        for end in ["hang up\n", "< 354 what\n", "< nonsense\n"] {
            assert_eq!(
                play(1, &[HELLO, MAIL, RCPT, DATA, end]).await,
                "InDoubt\nover",
                "{end}"
            );
        }
    }

    #[tokio::test]
    async fn silence_has_a_limit_at_every_step() {
        let tiny = Duration::from_millis(40);
        let stall = |script: &'static str| async move {
            let office = Office::open(&format!("{script}stall\n")).await;
            let mut smtp = smtp(&office);
            smtp.limits = StepLimits {
                greeting: tiny,
                sender: tiny,
                recipient: tiny,
                content: tiny,
                ..smtp.limits
            };
            talk(&smtp, 1).await
        };
        assert_eq!(
            stall("").await,
            "again: `relay` did not answer within 40ms at the greeting"
        );
        assert_eq!(
            stall("< 220 post\n> EHLO\n< 250 post\n> MAIL\n").await,
            "again: `relay` did not answer within 40ms at MAIL\nover"
        );
        assert_eq!(
            stall("< 220 post\n> EHLO\n< 250 post\n> MAIL\n< 250 ok\n> RCPT\n< 250 ok\n> DATA\n< 354 go\n> .\n").await,
            "InDoubt\nover"
        );
    }

    #[tokio::test]
    async fn a_letter_that_did_not_leave_whole_is_not_in_doubt() {
        let office =
            Office::open(&[HELLO, MAIL, RCPT, "> DATA\n< 354 go\nstall\n"].concat())
                .await;
        let mut smtp = smtp(&office);
        smtp.limits.content = Duration::from_millis(200);
        let mut session = Session::open(&smtp).await.unwrap();
        let mut letter = letter("ada@example.org");
        letter.bytes.resize(64 << 20, b'x');
        let error = session.hand_over(&letter).await.unwrap_err();
        assert_eq!(
            (error.stage, error.is_worth_retrying(), session.is_open()),
            (Stage::Content, true, false)
        );
    }

    #[tokio::test]
    async fn a_flood_is_cut_off() {
        let said = play(1, &["< 220 post\n> EHLO\nflood\n"]).await;
        insta::assert_snapshot!(said, @"about us: `relay` does not speak SMTP at the greeting: expected a three-digit code, but found `an answer of more than 200,000 octets`");
    }

    #[tokio::test]
    async fn a_dropped_step_ends_the_session() {
        let office = Office::open(&[HELLO, "> MAIL\nstall\n"].concat()).await;
        let mut session = Session::open(&smtp(&office)).await.unwrap();
        let letter = letter("ada@example.org");
        let dropped = timeout(Duration::from_millis(40), session.hand_over(&letter)).await;
        assert!(dropped.is_err() && !session.is_open());
    }

    #[tokio::test]
    async fn log_in() {
        let offer =
            "< 220 post\n> EHLO\n< 250-post\n< 250 AUTH PLAIN\n> AUTH PLAIN AGRpZ2VzdABvcGVu\n";
        for (script, expected) in [
            (format!("{offer}< 235 welcome\n"), "open"),
            (
                format!("{offer}< 535 5.7.8 wrong password\n"),
                "about us: `relay` refused the log-in: `535 5.7.8 wrong password`",
            ),
            (
                format!("{offer}< 454 4.7.0 later\n"),
                "again: `relay` refused the log-in: `454 4.7.0 later`",
            ),
            (
                format!("{offer}< 250 ok\n"),
                "again: `relay` is out of step at the log-in: expected `235`, but found `250 ok`",
            ),
            (
                HELLO.into(),
                "about us: `relay` offers no log-in: expected `AUTH PLAIN` or `AUTH LOGIN`",
            ),
        ] {
            let office = Office::open(&script).await;
            let mut smtp = smtp(&office);
            smtp.login = Some(Login {
                user: "digest".into(),
                password: "open".into(),
            });
            assert_eq!(talk(&smtp, 0).await, expected);
            assert!(!format!("{smtp:?}").contains("open"));
        }
    }

    #[tokio::test]
    async fn never_falls_back_to_plain() {
        let starttls = "< 220 post\n> EHLO\n< 250-post\n< 250 STARTTLS\n> STARTTLS\n";
        for (security, script, expected) in [
            (
                Security::StartTls,
                HELLO.into(),
                "about us: `relay` does not offer STARTTLS, so the connection would not be secure",
            ),
            (
                Security::StartTls,
                format!("{starttls}< 454 4.7.0 not now\n> QUIT\n< 221 bye\n"),
                "again: `relay` refused STARTTLS: `454 4.7.0 not now`",
            ),
            (
                Security::StartTls,
                format!("{starttls}< 220 go\n< 250 plain\n"),
                "about us: no secure connection to `relay`: received corrupt message of type InvalidContentType",
            ),
            (
                Security::Tls,
                HELLO.into(),
                "about us: no secure connection to `relay`: received corrupt message of type InvalidContentType",
            ),
        ] {
            let office = Office::open(&script).await;
            let smtp = Smtp {
                security,
                ..smtp(&office)
            };
            assert_eq!(talk(&smtp, 1).await, expected);
        }
    }

    #[tokio::test]
    async fn addresses_beyond_ascii() {
        let zoe = letter("zoë@example.org");
        let office = Office::open(&[HELLO, MAIL, RCPT, DATA, "< 250 ok\n"].concat()).await;
        let mut session = Session::open(&smtp(&office)).await.unwrap();
        let verdict = session.hand_over(&zoe).await.unwrap();
        assert_eq!(format!("{verdict:?}"), "Accepted(250 ok)");
        session.close().await;
        assert!(
            office
                .heard()
                .await
                .contains("> BODY=8BITMIME SMTPUTF8\nRCPT TO:<zoë@example.org>\n")
        );

        let script = [
            "< 220 post\n> EHLO\n< 250 post\n",
            MAIL,
            RCPT,
            DATA,
            "< 250 ok\n",
        ]
        .concat();
        let office = Office::open(&script).await;
        let mut session = Session::open(&smtp(&office)).await.unwrap();
        let verdict = session.hand_over(&zoe).await.unwrap();
        assert_eq!(
            format!("{verdict:?}"),
            "Rejected(553 5.6.7 the address needs SMTPUTF8, which the relay does not offer)"
        );
        let verdict = session.hand_over(&letter("ada@example.org")).await.unwrap();
        assert_eq!(format!("{verdict:?}"), "Accepted(250 ok)");
    }
}

//! From nothing to a conversation in which letters can be handed over: connect, greet, hear what is offered, secure, log in.

use chrono::{DateTime, Utc};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::Auth;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use super::super::answer::RelayAnswer;
use super::super::connection::Connection;
use super::super::error::{Cause, Stage, shown};
use super::super::verdict::{Ruling, rule};
use super::super::{Login, Security, Smtp, hello};
use super::offer::Offer;
use crate::model::line::Line;

/// How far an opening came.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// What the relay said first.
    pub greeting: Option<Line>,
    /// The name that we gave.
    pub hello: Option<String>,
    pub is_secure: bool,
    /// When the relay's certificate ends.
    pub certificate_ends: Option<DateTime<Utc>>,
    pub is_logged_in: bool,
}

pub(super) async fn open(
    smtp: &Smtp,
    seen: &mut Opened,
) -> Result<(Connection, Offer), (Stage, Cause)> {
    let connect = async {
        let connected = Connection::open(&smtp.host, smtp.port).await;
        connected.map_err(|error| Cause::of_io(&error))
    };
    let mut connection = step(smtp, Stage::Connect, connect).await?;
    if smtp.security == Security::Tls {
        step(smtp, Stage::Tls, connection.secure(&smtp.host)).await?;
        seen.is_secure = true;
        seen.certificate_ends = connection.certificate_ends();
    }
    let greeting = answered(smtp, Stage::Greeting, connection.listen()).await?;
    seen.greeting = greeting.lines.first().map(|line| shown(line));
    let mut offer = offered(smtp, &mut connection, seen).await?;
    if smtp.security == Security::StartTls {
        if !offer.starttls {
            return Err((Stage::Tls, Cause::NoStartTls));
        }
        answered(smtp, Stage::Tls, connection.ask(b"STARTTLS\r\n")).await?;
        step(smtp, Stage::Tls, connection.secure(&smtp.host)).await?;
        seen.is_secure = true;
        seen.certificate_ends = connection.certificate_ends();
        // What was offered in plain text may be anybody's (RFC 3207 section 4.2).
        offer = offered(smtp, &mut connection, seen).await?;
    }
    if let Some(login) = &smtp.login {
        let mechanism = offer.login.ok_or((Stage::Login, Cause::NoLogin))?;
        answered(
            smtp,
            Stage::Login,
            log_in(&mut connection, login, mechanism),
        )
        .await?;
        seen.is_logged_in = true;
    }
    Ok((connection, offer))
}

async fn offered(
    smtp: &Smtp,
    connection: &mut Connection,
    seen: &mut Opened,
) -> Result<Offer, (Stage, Cause)> {
    let name = smtp.hello.clone();
    let name = name.unwrap_or_else(|| hello::literal(connection.local()));
    let words = format!("EHLO {name}\r\n");
    seen.hello = Some(name);
    let answer = answered(smtp, Stage::Hello, connection.ask(words.as_bytes())).await?;
    Ok(Offer::read(&answer.lines))
}

/// The answer to AUTH. With LOGIN it asks for the name, then for the password, in words of its own.
async fn log_in(
    connection: &mut Connection,
    Login { user, password }: &Login,
    mechanism: Mechanism,
) -> Result<RelayAnswer, Cause> {
    let account = Credentials::new(user.clone(), password.expose_secret().to_owned());
    let questions: &[_] = match mechanism {
        Mechanism::Login => &[None, Some("Username:"), Some("Password:")],
        Mechanism::Plain | Mechanism::Xoauth2 => &[None],
    };
    let mut answer = None;
    for question in questions {
        if answer
            .as_ref()
            .is_some_and(|answer: &RelayAnswer| answer.code != 334)
        {
            break;
        }
        let command = Auth::new(mechanism, account.clone(), question.map(str::to_owned))
            .map_err(|_| Cause::NoLogin)?;
        answer = Some(connection.ask(command.to_string().as_bytes()).await?);
    }
    answer.ok_or(Cause::NoLogin)
}

/// A step that must be answered with success.
async fn answered(
    smtp: &Smtp,
    stage: Stage,
    answer: impl Future<Output = Result<RelayAnswer, Cause>>,
) -> Result<RelayAnswer, (Stage, Cause)> {
    let answer = step(smtp, stage, answer).await?;
    match rule(stage, answer.reply()) {
        Ruling::Stop(cause) => Err((stage, cause)),
        Ruling::GoOn | Ruling::Settled(_) => Ok(answer),
    }
}

async fn step<T>(
    smtp: &Smtp,
    stage: Stage,
    step: impl Future<Output = Result<T, Cause>>,
) -> Result<T, (Stage, Cause)> {
    let limit = smtp.limits.of(stage);
    let done = timeout(limit, step)
        .await
        .unwrap_or(Err(Cause::Silent(limit)));
    done.map_err(|cause| (stage, cause))
}

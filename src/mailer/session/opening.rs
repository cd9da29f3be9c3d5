//! From nothing to a conversation in which letters can be handed over: connect, greet, secure, log in, hear what is offered.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use super::super::error::{Cause, Stage};
use super::super::verdict::{Ruling, rule};
use super::super::wire::Wire;
use super::super::{Login, Security, Smtp};
use super::offer::Offer;
use super::{CLOSING, reply, within};

/// A conversation in which letters can be handed over.
pub(super) struct Opened {
    pub(super) connection: AsyncSmtpConnection,
    pub(super) sent: Arc<AtomicU64>,
    pub(super) offer: Offer,
}

pub(super) async fn open(smtp: &Smtp) -> Result<Opened, (Stage, Cause)> {
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
    // lettre has heard it already, but forgets most of it.
    let again = connection.command(format!("EHLO {}\r\n", smtp.hello));
    let offer = match within(Stage::Greeting, limits.greeting, again).await {
        Ok(answer) => Offer::read(answer.message()),
        Err((_, Cause::Refused(reply))) if reply.code != CLOSING => Offer::default(),
        Err(error) => return Err(error),
    };
    Ok(Opened {
        connection,
        sent,
        offer,
    })
}

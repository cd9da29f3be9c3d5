//! What takes a letter away: an SMTP session, opened again when it is lost, a program, or a folder.

use crate::mailer::{Outbox, OutboxError, Relay, Sendmail, Session, SessionError, Smtp, Stage};
use crate::model::delivery::{Letter, Verdict};

/// One conversation's way out.
pub(super) enum Carrier {
    /// Letters become files.
    Outbox(Outbox),
    /// Letters go to a relay.
    Smtp {
        smtp: Box<Smtp>,
        session: Option<Box<Session>>,
    },
    /// Letters go to a program.
    Sendmail(Sendmail),
}

/// Why a letter was not taken, other than by a verdict.
pub(super) enum CarrierError {
    /// The folder failed.
    Outbox(OutboxError),
    /// The conversation ended before the letter's last dot: it was not handed over.
    Session(SessionError),
}

impl Carrier {
    pub(super) fn new(relay: &Relay) -> Self {
        match relay {
            Relay::Outbox(folder) => Self::Outbox(Outbox::new(folder)),
            Relay::Smtp(smtp) => Self::Smtp {
                smtp: smtp.clone(),
                session: None,
            },
            Relay::Sendmail(program) => Self::Sendmail(Sendmail::new(program)),
        }
    }

    /// Whether [`Carrier::ready`] has nothing to open.
    pub(super) const fn is_open(&self) -> bool {
        !matches!(self, Self::Smtp { session: None, .. })
    }

    /// Opens the conversation if there is none.
    ///
    /// # Errors
    /// It cannot be opened, or the relay says that letters of so many octets are too large for it.
    pub(super) async fn ready(&mut self, octets: usize) -> Result<(), SessionError> {
        if let Self::Smtp {
            smtp,
            session: session @ None,
        } = self
        {
            let open = Session::open(smtp).await?;
            open.takes(octets)?;
            *session = Some(Box::new(open));
        }
        Ok(())
    }

    /// Whether the commands of the next letter can leave with the dot of this one.
    pub(super) fn announces(&self) -> bool {
        matches!(self, Self::Smtp { session: Some(open), .. } if open.announces())
    }

    /// Hands one letter over, and announces the `next`. A lost session is forgotten, and opened anew by the next [`Carrier::ready`].
    ///
    /// A session that served other letters and ends before this one has begun (it was idle, or had its number of letters) is replaced at
    /// once by a fresh one, unless `stop` comes first; what the fresh one says counts.
    pub(super) async fn hand_over(
        &mut self,
        letter: &Letter,
        next: Option<&Letter>,
        stop: impl Future<Output = ()>,
    ) -> Result<(Stage, Verdict), CarrierError> {
        let (smtp, session) = match self {
            Self::Outbox(outbox) => {
                let verdict = outbox.hand_over(letter).map_err(CarrierError::Outbox)?;
                return Ok((Stage::Content, verdict));
            }
            Self::Sendmail(sendmail) => {
                let answer = sendmail.hand_over(letter).await;
                return answer.map_err(CarrierError::Session);
            }
            Self::Smtp { smtp, session } => (smtp, session),
        };
        let mut open = match session.take() {
            Some(open) => open,
            None => Box::new(Session::open(smtp).await.map_err(CarrierError::Session)?),
        };
        let mut answer = open.hand_over(letter, next).await;
        if let Err(error) = &answer
            && open.is_used()
            && (error.stage == Stage::Reset || error.stage == Stage::Sender && !error.is_about_us())
        {
            tokio::select! {
                fresh = Session::open(smtp) => open = Box::new(fresh.map_err(CarrierError::Session)?),
                () = stop => return answer.map_err(CarrierError::Session),
            }
            answer = open.hand_over(letter, next).await;
        }
        // After silence, or a polite 421, nobody listens at the other end any more.
        if open.is_open() {
            *session = Some(open);
        }
        answer.map_err(CarrierError::Session)
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        if let Self::Smtp {
            session: Some(session),
            ..
        } = self
        {
            session.close().await;
        }
    }
}

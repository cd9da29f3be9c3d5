//! The connection below a conversation: lettre's stream and its TLS, over a socket that counts what leaves.
//!
//! We read the answers ourselves. lettre's own reader keeps what arrives behind the answer to STARTTLS and believes it inside TLS (docs/security.md),
//! takes an answer that is not UTF-8 for the end of the conversation, and reads an answer of many lines anew with every line.
//!
//! Nothing may wait unread when we speak: a relay answers, it does not begin. So an answer slipped in before TLS, or
//! before a letter, ends the conversation instead of being taken for the answer to what we say next.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use chrono::{DateTime, Utc};
use futures_util::io::{AsyncReadExt as _, AsyncWriteExt as _};
#[expect(
    deprecated,
    reason = "lettre wraps a stream into TLS nowhere else in public"
)]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::client::{AsyncTokioStream, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::answer::{Answers, RelayAnswer};
use super::error::Cause;

/// The code by which a relay announces that it hangs up (RFC 5321 section 3.8).
pub(super) const CLOSING: u16 = 421;

/// How much is read at once; the answers to the commands of one letter have 100 octets.
const CHUNK: usize = 4_096;

pub(super) struct Connection {
    #[expect(deprecated, reason = "as above")]
    stream: AsyncNetworkStream,
    answers: Answers,
    chunk: Box<[u8; CHUNK]>,
    sent: Arc<AtomicU64>,
    /// Our own address.
    local: IpAddr,
}

impl Connection {
    pub(super) async fn open(host: &str, port: u16) -> io::Result<Self> {
        let tcp = TcpStream::connect((host, port)).await?;
        // Every write is a whole command or a whole letter: waiting to fill a packet only costs a turn.
        tcp.set_nodelay(true)?;
        let local = tcp.local_addr()?.ip();
        let sent: Arc<AtomicU64> = Arc::default();
        let wire = Wire {
            tcp,
            sent: Arc::clone(&sent),
        };
        Ok(Self {
            #[expect(deprecated, reason = "as above")]
            stream: AsyncNetworkStream::use_existing_tokio1(Box::new(wire)),
            answers: Answers::default(),
            chunk: Box::new([0; CHUNK]),
            sent,
            local,
        })
    }

    /// Our own address, as the relay sees it unless something translates it.
    pub(super) const fn local(&self) -> IpAddr {
        self.local
    }

    /// Octets that the system took for sending, including those of TLS.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Puts TLS above it. What arrives from now on must be TLS; what arrived before must have been read.
    pub(super) async fn secure(&mut self, host: &str) -> Result<(), Cause> {
        if !self.answers.is_empty() {
            return Err(Cause::SlippedIn(self.answers.beginning()));
        }
        let upgrade = async {
            let parameters = TlsParameters::new(host.to_owned())?;
            self.stream.upgrade_tls(parameters).await
        };
        upgrade.await.map_err(|error| Cause::of_tls(&error))
    }

    /// When the certificate ends that the relay showed.
    pub(super) fn certificate_ends(&self) -> Option<DateTime<Utc>> {
        let certificate = self.stream.peer_certificate().ok()?;
        let (_, certificate) = X509Certificate::from_der(&certificate).ok()?;
        DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)
    }

    /// Says something and reads the answer. Where the relay has announced already that it hangs up, that is the answer, and nothing is said.
    pub(super) async fn ask(&mut self, words: &[u8]) -> Result<RelayAnswer, Cause> {
        if !self.answers.is_empty() {
            let beginning = self.answers.beginning();
            return match self.answers.next() {
                Ok(Some(answer)) if answer.code == CLOSING => Ok(answer),
                _ => Err(Cause::Unasked(beginning)),
            };
        }
        let said = async {
            self.stream.write_all(words).await?;
            self.stream.flush().await
        };
        said.await.map_err(|error| Cause::of_io(&error))?;
        self.listen().await
    }

    /// Reads the answer to something that was said before.
    pub(super) async fn listen(&mut self) -> Result<RelayAnswer, Cause> {
        loop {
            if let Some(answer) = self.answers.next()? {
                return Ok(answer);
            }
            match self.stream.read(&mut self.chunk[..]).await {
                Ok(0) => return Err(Cause::HungUp),
                Ok(read) => self.answers.push(&self.chunk[..read]),
                Err(error) => return Err(Cause::of_io(&error)),
            }
        }
    }
}

/// A socket that counts what the system took for sending.
struct Wire {
    tcp: TcpStream,
    sent: Arc<AtomicU64>,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.tcp).poll_write(cx, buf))?;
        self.sent.fetch_add(written as u64, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wire").field(&self.tcp).finish()
    }
}

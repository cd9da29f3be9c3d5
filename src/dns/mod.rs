//! What the world's DNS says: the texts (TXT records) of a name, asked of the machine's own resolvers over TCP (RFC 7766).
//!
//! TCP, because the record of an RSA key may be longer than a datagram, and because an answer over it cannot be forged from elsewhere; so nothing
//! here is random. Resolvers follow aliases by themselves.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long one resolver may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How many of the machine's resolvers are asked; the system's own library asks as many.
const RESOLVERS: usize = 3;
/// The kind of record (RFC 1035 section 3.2.2).
const TXT: u16 = 16;
/// The number of our question; each has a connection of its own.
const NUMBER: [u8; 2] = *b"nd";

/// Why nothing is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// It cannot be asked for.
    #[error("is no name that DNS can know")]
    Name,
    /// No resolver could be reached, or none answered in time.
    #[error("no DNS resolver of this machine answers over TCP")]
    Silent,
    /// The resolver would not or could not say.
    #[error("the DNS resolver gave no answer (code {0}, RFC 1035 section 4.1.1)")]
    Refused(u8),
    /// What came is no answer to the question.
    #[error("the DNS resolver answered nonsense")]
    Nonsense,
}

/// The resolvers that this machine uses.
#[must_use]
pub fn resolvers() -> Vec<SocketAddr> {
    listed(&std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default())
}

/// Those of a `resolv.conf`; a file that names none means this machine itself.
fn listed(text: &str) -> Vec<SocketAddr> {
    let mut all: Vec<SocketAddr> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .filter_map(|address| address.trim().parse::<IpAddr>().ok())
        .map(|address| SocketAddr::new(address, 53))
        .take(RESOLVERS)
        .collect();
    if all.is_empty() {
        all.push(SocketAddr::from((Ipv4Addr::LOCALHOST, 53)));
    }
    all
}

/// The texts of `name`, each joined from its pieces; none if there is no such name. The first of `resolvers` that can be asked counts.
///
/// # Errors
/// Nobody said anything about the name.
pub async fn texts(name: &str, resolvers: &[SocketAddr]) -> Result<Vec<Vec<u8>>, DnsError> {
    let question = question(name).ok_or(DnsError::Name)?;
    let mut outcome = Err(DnsError::Silent);
    for resolver in resolvers {
        if let Ok(Ok(answer)) = timeout(LIMIT, ask(*resolver, &question)).await {
            outcome = read(&answer);
            if outcome.is_ok() {
                break;
            }
        }
    }
    outcome
}

async fn ask(resolver: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(resolver).await?;
    stream.write_all(question).await?;
    // The length is two octets, so no answer is longer than 64 KB.
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// The question with its length before it (RFC 1035 sections 4.1 and 4.2.2).
fn question(name: &str) -> Option<Vec<u8>> {
    let mut message = NUMBER.to_vec();
    // Recursion desired; one question.
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok()?;
        if !(1..=63).contains(&length) {
            return None;
        }
        message.push(length);
        message.extend(label.bytes());
    }
    message.extend([0, 0]);
    message.extend([TXT.to_be_bytes()[1], 0, 1]);
    let length = u16::try_from(message.len())
        .ok()
        .filter(|_| name.len() <= 253)?;
    Some([&length.to_be_bytes()[..], &message].concat())
}

fn read(answer: &[u8]) -> Result<Vec<Vec<u8>>, DnsError> {
    let mut rest = Rest(answer);
    let header = rest.take(12).ok_or(DnsError::Nonsense)?;
    let is_answer = header[..2] == NUMBER && header[2] & 0x80 != 0;
    match header[3] & 0x0f {
        _ if !is_answer => return Err(DnsError::Nonsense),
        0 => {}
        // No such name.
        3 => return Ok(Vec::new()),
        code => return Err(DnsError::Refused(code)),
    }
    let count = |at| u16::from_be_bytes([header[at], header[at + 1]]);
    rest.texts(count(4), count(6)).ok_or(DnsError::Nonsense)
}

/// What of an answer has not been read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn texts(&mut self, questions: u16, answers: u16) -> Option<Vec<Vec<u8>>> {
        for _ in 0..questions {
            self.name()?;
            self.take(4)?;
        }
        let mut texts = Vec::new();
        for _ in 0..answers {
            self.name()?;
            let kind = self.number()?;
            self.take(6)?;
            let length = self.number()?;
            let mut data = Rest(self.take(length.into())?);
            if kind == TXT {
                let mut text = Vec::new();
                while let Some(length) = data.take(1) {
                    text.extend(data.take(length[0].into())?);
                }
                texts.push(text);
            }
        }
        Some(texts)
    }

    /// Passes over a name; one that goes on elsewhere ends here with a pointer (section 4.1.4).
    fn name(&mut self) -> Option<()> {
        loop {
            match self.take(1)?[0] {
                0 => return Some(()),
                length if length & 0xc0 == 0xc0 => return self.take(1).map(drop),
                length => self.take(length.into())?,
            };
        }
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2).map(|two| u16::from_be_bytes([two[0], two[1]]))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::net::TcpListener;

    use super::*;

    /// An answer of that code to the question, with these texts in pieces, behind an alias.
    fn answer(code: u8, texts: &[&[&str]]) -> Vec<u8> {
        let question = question("s1._domainkey.harbour.example").unwrap();
        let mut all = question[2..].to_vec();
        all[2] |= 0x80;
        all[3] = 0x80 | code;
        all[7] = u8::try_from(texts.len() + 1).unwrap();
        // A pointer to the name of the question, CNAME, IN, a time, and a name of one label.
        all.extend(*b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x03\x01k\0");
        for pieces in texts {
            let data: Vec<u8> = pieces
                .iter()
                .flat_map(|piece| {
                    std::iter::once(u8::try_from(piece.len()).unwrap()).chain(piece.bytes())
                })
                .collect();
            all.extend(*b"\x01k\0\0\x10\0\x01\0\0\0\x3c");
            all.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            all.extend(data);
        }
        all
    }

    #[test]
    fn answers_read() {
        let long = "p".repeat(255);
        assert_eq!(
            read(&answer(0, &[&["v=DKIM1; ", &long], &["x"]])),
            Ok(vec![format!("v=DKIM1; {long}").into_bytes(), b"x".to_vec()])
        );
        assert_eq!(read(&answer(0, &[])), Ok(Vec::new()));
        assert_eq!(read(&answer(3, &[])), Ok(Vec::new()));
        assert_eq!(read(&answer(2, &[])), Err(DnsError::Refused(2)));
        let whole = answer(0, &[&["x"]]);
        for cut in 0..whole.len() {
            assert_eq!(read(&whole[..cut]), Err(DnsError::Nonsense), "{cut}");
        }
        assert_eq!(question("a..b"), None);
        assert_eq!(question(&"a.".repeat(127)), None);
    }

    #[test]
    fn the_machine_s_own() {
        let text = "# x\nsearch a\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 \nnameserver x\n";
        let shown: Vec<String> = listed(text).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["192.0.2.1:53", "[2001:db8::1]:53"]);
        assert_eq!(listed("").len(), 1);
    }

    #[tokio::test]
    async fn a_resolver_that_answers_and_one_that_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = question("s1._domainkey.harbour.example").unwrap();
            let mut got = vec![0; asked.len()];
            stream.read_exact(&mut got).await.unwrap();
            assert_eq!(got, asked);
            let answer = answer(0, &[&["found"]]);
            stream
                .write_u16(u16::try_from(answer.len()).unwrap())
                .await
                .unwrap();
            stream.write_all(&answer).await.unwrap();
        });
        let nobody = SocketAddr::from(([127, 0, 0, 1], 0));
        let name = "s1._domainkey.harbour.example";
        assert_eq!(
            texts(name, &[nobody, there]).await,
            Ok(vec![b"found".to_vec()])
        );
        served.await.unwrap();
        assert_eq!(texts(name, &[nobody]).await, Err(DnsError::Silent));
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), name in "\\PC{0,80}") {
            let mut bytes = bytes;
            if let [a, b, c, d, ..] = bytes.as_mut_slice() {
                (*a, *b, *c, *d) = (b'n', b'd', 0x81, 0x80);
            }
            _ = read(&bytes);
            _ = question(&name);
        }
    }
}

//! A relay that plays a dialogue, for tests. It never understands SMTP: what it says is what the script says.
//!
//! One line a step: `< 250 ok` is said, with `\r\n` in it for more lines in one write and `\xE9` for any octet; `> MAIL` waits for a line that begins so; `> .` reads up to the final dot; `hang up` and
//! `stall` are what they are; `stop the clock`, only behind a `>`, makes waiting take no time from there on; `---` ends the script of
//! one connection and begins that of the next.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A playing relay. [`Office::heard`] ends it.
pub(super) struct Office {
    pub(super) address: SocketAddr,
    task: JoinHandle<String>,
}

impl Office {
    pub(super) async fn open(script: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = script.to_owned();
        let task = tokio::spawn(async move {
            let mut heard = String::new();
            for connection in script.split("---\n") {
                let (stream, _) = listener.accept().await.unwrap();
                play(stream, connection, &mut heard).await;
            }
            heard
        });
        Self { address, task }
    }

    /// Everything it was told, once the script is over.
    pub(super) async fn heard(self) -> String {
        self.task.await.unwrap()
    }
}

async fn play(stream: TcpStream, script: &str, heard: &mut String) {
    let mut stream = BufReader::new(stream);
    for step in script.lines().map(str::trim) {
        if let Some(said) = step.strip_prefix("< ") {
            let _ = stream
                .write_all(&[&octets(said)[..], b"\r\n"].concat())
                .await;
        } else if let Some(expected) = step.strip_prefix("> ") {
            loop {
                let mut line = String::new();
                let read = stream.read_line(&mut line).await.unwrap_or(0);
                let line = line.trim_end_matches("\r\n");
                heard.push_str(line);
                heard.push('\n');
                assert!(
                    read > 0,
                    "expected `{expected}`, but the other side hung up"
                );
                if expected == "." && line != "." {
                    continue;
                }
                assert!(
                    line.starts_with(expected),
                    "expected `{expected}`, but found `{line}`"
                );
                break;
            }
        } else if step == "stop the clock" {
            tokio::time::pause();
        } else if step == "stall" {
            std::future::pending::<()>().await;
        } else if step == "flood" {
            while stream.write_all(&[b'2'; 8_192]).await.is_ok() {}
        } else if step == "hang up" {
            return;
        } else {
            assert_eq!(step, "", "not a step");
        }
    }
    // Taking leave.
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        heard.push_str(&line.replace("\r\n", "\n"));
        if line.starts_with("QUIT") {
            let _ = stream.write_all(b"221 bye\r\n").await;
        }
        line.clear();
    }
}

/// What a script's words stand for, so that a relay can be as rude as relays are.
fn octets(said: &str) -> Vec<u8> {
    let mut parts = said.split("\\x");
    let mut text = parts.next().unwrap().replace("\\r\\n", "\r\n").into_bytes();
    for part in parts {
        text.push(u8::from_str_radix(&part[..2], 16).unwrap());
        text.extend(part[2..].replace("\\r\\n", "\r\n").bytes());
    }
    text
}

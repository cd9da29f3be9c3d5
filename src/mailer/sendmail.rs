//! The `sendmail` of a mail system on this machine, for hosts without an open port.
//!
//! Its verdict is coarser than a relay's: an exit code (`sysexits.h`) and a line of words. 0 says that the letter is in that system's queue.
//!
//! The letter is in a file of its own, whole, before the program starts. Through a pipe a letter that we could not finish would look finished: its
//! end is the pipe's, also when we are killed.

use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use super::error::{Cause, SessionError, Stage, shown};
use crate::model::delivery::{Letter, Reply, Verdict};
use crate::programs::{self, Failure};

/// How long it may take to queue a letter, as a relay after the dot (RFC 5321 section 4.5.3.2.6).
const PATIENCE: Duration = Duration::from_mins(10);
/// So much of what it says is read.
const WORDS: u64 = 4 << 10;

/// Hands letters to a `sendmail`.
#[derive(Clone, Debug)]
pub struct Sendmail {
    program: PathBuf,
}

impl Sendmail {
    #[must_use]
    pub fn new(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
        }
    }

    /// Hands the letter over: `sendmail -i -f SENDER -- RECIPIENT`.
    ///
    /// # Errors
    /// It was not taken, for a reason that is not about this letter.
    pub async fn hand_over(&self, letter: &Letter) -> Result<(Stage, Verdict), SessionError> {
        let failed = |cause| SessionError {
            relay: self.program.display().to_string(),
            stage: Stage::Content,
            cause,
        };
        let body = written(&letter.bytes).map_err(|error| failed(Cause::of_io(&error)))?;
        let mut command = Command::new(&self.program);
        command
            .args(["-i", "-f", letter.from.reveal(), "--"])
            .arg(letter.to.reveal())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let read = async |_, stderr: Option<tokio::process::ChildStderr>| {
            let mut words = Vec::new();
            if let Some(mut stderr) = stderr {
                let read = (&mut stderr).take(WORDS).read_to_end(&mut words).await;
                read.map_err(|error| error.to_string())?;
                // It may say more, and is not to stop because nobody reads.
                _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
            }
            Ok(String::from_utf8_lossy(&words).into_owned())
        };
        match programs::run_with(&mut command, Stdio::from(body), PATIENCE, read).await {
            Ok((words, status)) => match status.code() {
                Some(code) => ruled(code, &words).map_err(failed),
                None => Ok((Stage::Content, Verdict::InDoubt)),
            },
            Err(Failure::Start(error)) => {
                let words = shown(&error.kind().to_string());
                Err(failed(Cause::NotRun(words)))
            }
            // It may be in the queue already.
            Err(Failure::Read(_) | Failure::Late) => Ok((Stage::Content, Verdict::InDoubt)),
        }
    }
}

/// A file without a name that holds the letter. A `sendmail` wants the line ends of this machine.
fn written(letter: &[u8]) -> io::Result<std::fs::File> {
    let mut file = tempfile::tempfile()?;
    let mut lines = Vec::with_capacity(letter.len());
    let mut rest = letter.iter().peekable();
    while let Some(&octet) = rest.next() {
        if octet != b'\r' || rest.peek() != Some(&&b'\n') {
            lines.push(octet);
        }
    }
    file.write_all(&lines)?;
    file.rewind()?;
    Ok(file)
}

/// What an exit code of `sysexits.h` says of a letter, or of us.
fn ruled(code: i32, words: &str) -> Result<(Stage, Verdict), Cause> {
    let words = words.lines().find(|line| !line.trim().is_empty());
    let words = words.unwrap_or("without a word");
    let reply =
        |smtp, enhanced: &str| Reply::new(smtp, &format!("{enhanced} exit {code}, {words}"));
    let content = |verdict| Ok((Stage::Content, verdict));
    match code {
        0 => content(Verdict::Accepted(Reply::new(250, "2.0.0 queued"))),
        // EX_NOUSER, EX_NOHOST: what a relay would say at RCPT.
        67 => Ok((Stage::Recipient, Verdict::Rejected(reply(550, "5.1.1")))),
        68 => Ok((Stage::Recipient, Verdict::Rejected(reply(550, "5.1.2")))),
        // EX_DATAERR: this letter; the next may be right.
        65 => content(Verdict::Deferred(reply(554, "5.6.0"))),
        // EX_TEMPFAIL.
        75 => content(Verdict::Deferred(reply(451, "4.3.0"))),
        // EX_UNAVAILABLE, EX_OSERR, EX_CANTCREAT, EX_IOERR: the mail system is away, or the disk full.
        69 | 71 | 73 | 74 => Err(Cause::Network(shown(&format!("exit {code}, {words}")))),
        _ => Err(Cause::NotRun(shown(&format!("exit {code}, {words}")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn exit_codes_are_about_the_letter_or_about_us() {
        let told: Vec<String> = [0, 67, 68, 65, 75, 69, 64, 77, 78, 1, 127]
            .into_iter()
            .map(
                |code| match ruled(code, "\nsendmail: fatal: a@example.org is no user\nmore") {
                    Ok(verdict) => format!("{code}: {verdict:?}"),
                    Err(cause) => format!("{code}: {cause:?}"),
                },
            )
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        0: (Content, Accepted(250 2.0.0 queued))
        67: (Recipient, Rejected(550 5.1.1 exit 67, sendmail: fatal: a***@e***.org is no user))
        68: (Recipient, Rejected(550 5.1.2 exit 68, sendmail: fatal: a***@e***.org is no user))
        65: (Content, Deferred(554 5.6.0 exit 65, sendmail: fatal: a***@e***.org is no user))
        75: (Content, Deferred(451 4.3.0 exit 75, sendmail: fatal: a***@e***.org is no user))
        69: Network("exit 69, sendmail: fatal: a***@e***.org is no user")
        64: NotRun("exit 64, sendmail: fatal: a***@e***.org is no user")
        77: NotRun("exit 77, sendmail: fatal: a***@e***.org is no user")
        78: NotRun("exit 78, sendmail: fatal: a***@e***.org is no user")
        1: NotRun("exit 1, sendmail: fatal: a***@e***.org is no user")
        127: NotRun("exit 127, sendmail: fatal: a***@e***.org is no user")
        "#);
    }

    #[test]
    fn lines_end_as_on_this_machine() {
        let mut text = String::new();
        let mut file = written(b"a\r\n.\r\n\rb\r\r\n\r").unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "a\n.\n\rb\r\n\r");
    }
}

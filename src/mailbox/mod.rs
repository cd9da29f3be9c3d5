//! Mailboxes: the messages of a Maildir, an mbox file, a file with one message, or a stream of either. Nothing is moved, marked or deleted.
//! Messages come one by one, each up to a number of bytes; what is longer is read past, so that a pipe's other end never breaks.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Why a mailbox could not be read.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// The system says no.
    #[error("`{}` cannot be read", .path.display())]
    Unreadable {
        /// What was read.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder of another kind.
    #[error("`{}` is no Maildir: expected `new` or `cur` in it", .0.display())]
    NoMaildir(PathBuf),
}

/// Hands every message of the mailbox at `path` to `work`, at most `most` bytes of each; a file is taken for an mbox if it begins with
/// `From `. Gives the files of a Maildir that could not be read; those that were moved away meanwhile are not among them.
///
/// # Errors
/// The mailbox cannot be read, or `work` failed; messages before that were handed over.
pub fn read<E: From<MailboxError>>(
    path: &Path,
    most: usize,
    work: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Vec<MailboxError>, E> {
    let wrong = |source| MailboxError::Unreadable {
        path: path.to_owned(),
        source,
    };
    if !fs::metadata(path).map_err(wrong)?.is_dir() {
        stream(File::open(path).map_err(wrong)?, path, most, work)?;
        return Ok(Vec::new());
    }
    let mut found = false;
    let mut missed = Vec::new();
    // A mail program moves messages from `new` to `cur`, so that none of them escapes in this order.
    for folder in ["new", "cur"] {
        let Ok(entries) = fs::read_dir(path.join(folder)) else {
            continue;
        };
        found = true;
        for entry in entries {
            let file = entry.map_err(wrong)?.path();
            match one(&file, most) {
                Ok(Some(message)) => work(&message)?,
                Ok(None) => {}
                Err(source) if source.kind() == io::ErrorKind::NotFound => {}
                Err(source) => missed.push(MailboxError::Unreadable { path: file, source }),
            }
        }
    }
    if found {
        Ok(missed)
    } else {
        Err(MailboxError::NoMaildir(path.to_owned()).into())
    }
}

/// How the file at `path` begins; `None` if it is none, or cannot be read.
#[must_use]
pub fn beginning(path: &Path) -> Option<Vec<u8>> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut beginning = Vec::new();
    let mut file = File::open(path).ok()?.take(1_000);
    file.read_to_end(&mut beginning).ok()?;
    Some(beginning)
}

/// One message of a Maildir; `None` for what is none there, such as a folder or a file of the system's.
fn one(file: &Path, most: usize) -> io::Result<Option<Vec<u8>>> {
    let is_hidden = file
        .file_name()
        .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    // Not through a link, and never a pipe, which would wait for a writer.
    if is_hidden || !fs::symlink_metadata(file)?.is_file() {
        return Ok(None);
    }
    let mut message = Vec::new();
    File::open(file)?
        .take(most as u64)
        .read_to_end(&mut message)?;
    Ok(Some(message))
}

/// The same of a stream: an mbox if it begins with `From ` (as what a mail server pipes to a program does), else one message. It is read
/// to its end. `name` is what errors call it.
///
/// # Errors
/// As [`read`].
pub fn stream<E: From<MailboxError>>(
    from: impl Read,
    name: &Path,
    most: usize,
    work: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut from = BufReader::with_capacity(64 * 1024, from);
    let mut message = Vec::new();
    let mut piece = Vec::new();
    let mut is_mbox = None;
    // Where the piece is: at the beginning of a line, and behind an empty one.
    let (mut begins_line, mut behind_empty) = (true, true);
    loop {
        piece.clear();
        let length = (&mut from)
            .take(PIECE)
            .read_until(b'\n', &mut piece)
            .map_err(|source| MailboxError::Unreadable {
                path: name.to_owned(),
                source,
            })?;
        if length == 0 {
            break;
        }
        let starts = begins_line && behind_empty && piece.starts_with(b"From ");
        let is_first = is_mbox.is_none();
        if *is_mbox.get_or_insert(starts) && starts {
            if !is_first {
                work(&message)?;
            }
            message.clear();
        } else {
            let unquoted = is_mbox == Some(true) && begins_line && is_quoted(&piece);
            let piece = &piece[usize::from(unquoted)..];
            let room = most.saturating_sub(message.len());
            message.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        behind_empty = begins_line && piece.trim_ascii_end().is_empty();
        begins_line = piece.ends_with(b"\n");
    }
    if is_mbox.is_some() {
        work(&message)?;
    }
    Ok(())
}

/// How much of a line is read at once, in bytes.
const PIECE: u64 = 64 * 1024;

/// `>From `, with any number of `>` (mboxrd).
fn is_quoted(line: &[u8]) -> bool {
    let behind = line.iter().position(|&b| b != b'>').unwrap_or(0);
    behind > 0 && line[behind..].starts_with(b"From ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is read of a stream, as text.
    fn messages(text: &str, most: usize) -> Vec<String> {
        let mut all = Vec::new();
        let mut work = |message: &[u8]| {
            all.push(String::from_utf8_lossy(message).into_owned());
            Ok::<(), MailboxError>(())
        };
        stream(text.as_bytes(), Path::new("-"), most, &mut work).unwrap();
        all
    }

    #[test]
    fn messages_of_an_mbox() {
        let mbox = "From a Mon\nA: b\n\n>From here\n>>From there\nnot From\nFrom within\n\nFrom b Tue\nA: c\n";
        assert_eq!(
            messages(mbox, 1_000),
            [
                "A: b\n\nFrom here\n>From there\nnot From\nFrom within\n\n",
                "A: c\n"
            ]
        );
        assert_eq!(messages(mbox, 3), ["A: ", "A: "]);
        assert_eq!(messages("From a\n", 10), [""]);
    }

    #[test]
    fn a_single_message_is_not_parted() {
        let message = "A: b\n\n>From here\n\nFrom there\n";
        assert_eq!(messages(message, 1_000), [message]);
        assert_eq!(messages("", 1_000), [""; 0]);
    }

    #[test]
    fn a_line_without_an_end_is_read_past() {
        let long = "x".repeat(300_000);
        let mbox = format!("From a\nA: {long}From no\n\nFrom b\nA: c\n");
        let read = messages(&mbox, 10);
        assert_eq!(read, ["A: xxxxxxx", "A: c\n"]);
    }

    #[test]
    fn new_and_cur_of_a_maildir() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["new", "cur", "tmp", "cur/folder"] {
            fs::create_dir(at(name)).unwrap();
        }
        for (name, text) in [
            ("new/1.host", "one"),
            ("cur/2.host:2,S", "two and more"),
            ("cur/.hidden", "x"),
            ("tmp/3", "x"),
        ] {
            fs::write(at(name), text).unwrap();
        }
        let mut all = Vec::new();
        let mut work = |message: &[u8]| {
            all.push(message.to_owned());
            Ok::<(), MailboxError>(())
        };
        let missed = read(folder.path(), 3, &mut work).unwrap();
        assert!(missed.is_empty());
        assert_eq!(all, [b"one", b"two"]);
        assert!(at("new/1.host").exists() && at("cur/2.host:2,S").exists());
    }

    #[test]
    fn what_is_no_mailbox() {
        let folder = tempfile::tempdir().unwrap();
        let mut work = |_: &[u8]| Ok::<(), MailboxError>(());
        let mut told = |path: &Path| {
            let error = read(path, 1, &mut work).unwrap_err().to_string();
            error.replace(&folder.path().display().to_string(), "DIR")
        };
        insta::assert_snapshot!(told(folder.path()), @"`DIR` is no Maildir: expected `new` or `cur` in it");
        insta::assert_snapshot!(told(&folder.path().join("none")), @"`DIR/none` cannot be read");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_of_a_short_mbox(text in "(From a\n|>From b\n|c: d\n|\n|e){0,20}") {
            let read: usize = messages(&format!("From x\n{text}"), 10_000).iter().map(String::len).sum();
            prop_assert!(read <= text.len());
        }
    }
}

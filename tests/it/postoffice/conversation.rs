//! One SMTP conversation: what is asked, what the script says, what is answered.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;

use super::{Act, Book, Received, Rule, Stage, lock};
use crate::newsroom::PATIENCE;

/// One conversation, from greeting to the end, whoever brings it about.
pub(super) fn serve(stream: &TcpStream, book: &Mutex<Book>) {
    let number = {
        let mut book = lock(book);
        book.connections += 1;
        book.open += 1;
        book.most_open = book.most_open.max(book.open);
        book.streams.extend(stream.try_clone());
        book.connections
    };
    // A broken pipe is how most of these conversations are meant to end.
    _ = converse(stream, book, number);
    _ = stream.shutdown(Shutdown::Both);
    lock(book).open -= 1;
}

fn converse(stream: &TcpStream, book: &Mutex<Book>, number: usize) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut input = BufReader::new(stream.try_clone()?);
    let answer =
        |stage, recipient: Option<&str>, usual: &str| answer(stream, book, stage, recipient, usual);
    if answer(Stage::Greeting, None, "220 postoffice.example ESMTP")?.is_none() {
        return Ok(());
    }
    let mut from = None;
    let mut to: Vec<String> = Vec::new();
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end_matches(['\r', '\n']);
        lock(book).commands.push(line.to_owned());
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let replied = match verb.as_str() {
            "EHLO" | "HELO" => {
                let offers = lock(book).offers.clone();
                let mut greeting = "250-postoffice.example".to_owned();
                for name in &offers {
                    greeting = format!("{greeting}\r\n250-{name}");
                }
                // The last line has a space behind its code (RFC 5321 section 4.2.1).
                let last = greeting.rfind("250-").map_or(0, |at| at + 3);
                greeting.replace_range(last..=last, " ");
                answer(Stage::Ehlo, None, &greeting)?
            }
            "AUTH" => answer(Stage::Auth, None, "235 2.7.0 welcome")?,
            "MAIL" => {
                to.clear();
                let replied = answer(Stage::Mail, None, "250 2.1.0 ok")?;
                from = replied.filter(|reply| reply.is_good()).map(|_| path(line));
                replied
            }
            "RCPT" if from.is_none() => Some(say(stream, "503 5.5.1 MAIL first")?),
            "RCPT" => {
                let recipient = path(line);
                let replied = answer(Stage::Rcpt, Some(&recipient), "250 2.1.5 ok")?;
                if replied.is_some_and(Answer::is_good) {
                    to.push(recipient);
                }
                replied
            }
            "DATA" if to.is_empty() => Some(say(stream, "503 5.5.1 RCPT first")?),
            "DATA" => {
                let replied = answer(Stage::Data, None, "354 go on")?;
                if replied.is_some_and(|reply| reply == Answer(354)) {
                    let Some(message) = read_message(&mut input)? else {
                        return Ok(());
                    };
                    let letter = Received {
                        from: from.take().unwrap_or_default(),
                        to: std::mem::take(&mut to),
                        message,
                        accepted: false,
                        connection: number,
                    };
                    let recipient = letter.to.first().cloned();
                    let index = {
                        let mut book = lock(book);
                        book.letters.push(letter);
                        book.letters.len() - 1
                    };
                    let reply = decide(book, Stage::Dot, recipient.as_deref());
                    // Written down before it is said: whoever has read the answer finds the letter in the book.
                    lock(book).letters[index].accepted =
                        matches!(reply, None | Some(Act::Hold(..)));
                    act(stream, reply, "250 2.0.0 taken")?
                } else {
                    replied
                }
            }
            "RSET" => {
                from = None;
                to.clear();
                Some(say(stream, "250 2.0.0 ok")?)
            }
            "NOOP" => Some(say(stream, "250 2.0.0 ok")?),
            "QUIT" => {
                say(stream, "221 2.0.0 bye")?;
                return Ok(());
            }
            _ => Some(say(stream, "500 5.5.2 what?")?),
        };
        if replied.is_none_or(|reply| reply == Answer(421)) {
            return Ok(());
        }
    }
}

/// The code that was said.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Answer(u16);

impl Answer {
    const fn is_good(self) -> bool {
        self.0 / 100 == 2
    }
}

/// Does what the script says, or answers as usual; `None` when the conversation is over.
fn answer(
    stream: &TcpStream,
    book: &Mutex<Book>,
    stage: Stage,
    recipient: Option<&str>,
    usual: &str,
) -> std::io::Result<Option<Answer>> {
    let decided = decide(book, stage, recipient);
    act(stream, decided, usual)
}

fn decide(book: &Mutex<Book>, stage: Stage, recipient: Option<&str>) -> Option<Act> {
    let mut book = lock(book);
    let fits = |rule: &&mut Rule| {
        rule.stage == stage
            && rule.times > 0
            && rule
                .recipient
                .as_deref()
                .is_none_or(|wanted| recipient == Some(wanted))
    };
    // Every rule counts the moments that fit it, also when an earlier rule decides.
    let mut decided = None;
    for rule in book.rules.iter_mut().filter(fits) {
        if rule.skip > 0 {
            rule.skip -= 1;
        } else if decided.is_none() {
            rule.times -= 1;
            decided = Some(match &mut rule.act {
                Act::Reply(reply) => Act::Reply(reply.clone()),
                Act::HangUp => Act::HangUp,
                // A letter is held once; the channel goes along.
                act => std::mem::replace(act, Act::Stall),
            });
        }
    }
    decided
}

fn act(
    mut stream: &TcpStream,
    decided: Option<Act>,
    usual: &str,
) -> std::io::Result<Option<Answer>> {
    match decided {
        None => say(stream, usual).map(Some),
        Some(Act::Reply(reply)) => say(stream, &reply).map(Some),
        Some(Act::HangUp) => Ok(None),
        Some(Act::Stall) => {
            // Reads on until the client hangs up, so that the test ends when the client does.
            while stream.read(&mut [0; 1024])? > 0 {}
            Ok(None)
        }
        Some(Act::Hold(here, go_on)) => {
            _ = here.send(());
            match go_on.recv_timeout(PATIENCE) {
                Ok(()) => say(stream, usual).map(Some),
                Err(_) => Ok(None),
            }
        }
    }
}

fn say(mut stream: &TcpStream, reply: &str) -> std::io::Result<Answer> {
    stream.write_all(format!("{reply}\r\n").as_bytes())?;
    Ok(Answer(
        reply
            .get(..3)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0),
    ))
}

/// The path between the angle brackets of MAIL FROM or RCPT TO.
fn path(line: &str) -> String {
    let from = line.find('<').map_or(0, |at| at + 1);
    let to = line.find('>').unwrap_or(line.len());
    line[from..to.max(from)].to_owned()
}

/// Reads up to the final dot and takes the stuffed dots out (RFC 5321 section 4.5.2); `None` when the client hung up before it.
fn read_message(input: &mut impl std::io::BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        match line.as_slice() {
            b".\r\n" => return Ok(Some(message)),
            [b'.', rest @ ..] => message.extend_from_slice(rest),
            line => message.extend_from_slice(line),
        }
    }
}

//! An SMTP server on 127.0.0.1 that does what the script says, and writes down what it was given. One file: one conversation, read from top to bottom.
//!
//! ```ignore
//! let post = PostOffice::open().reply_to("bob@example.org", "550 5.1.1 no such user").hang_up_after_dot(3);
//! ```
//!
//! It accepts whatever the script does not mention. Nothing sleeps: a letter can be held back ([`PostOffice::hold_letter`]) until the test
//! lets it go on. Rules are asked in the order in which they were made; the first that fits and is not used up decides.

mod conversation;
mod starttls;

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::newsroom::{PATIENCE, Running};
use conversation::serve;

pub(crate) use starttls::StartTls;

/// A point of the conversation at which the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// When the connection is made.
    Greeting,
    Ehlo,
    Auth,
    Mail,
    /// The one stage at which a rule can name a recipient.
    Rcpt,
    Data,
    /// The whole letter is here, its dot included.
    Dot,
}

/// What the server does instead of accepting.
enum Act {
    /// Answers; after a 421 it closes the connection (RFC 5321 section 3.8).
    Reply(String),
    /// Closes the connection without a word.
    HangUp,
    /// Never answers, until the client hangs up.
    Stall,
    /// Says that it is there, waits to be let go on, then accepts.
    Hold(Sender<()>, Receiver<()>),
}

struct Rule {
    stage: Stage,
    recipient: Option<String>,
    /// How many fitting moments pass before it acts.
    skip: usize,
    /// How many more it decides.
    times: usize,
    act: Act,
}

/// A letter of which the server has seen the dot.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// MAIL FROM, without angle brackets.
    pub(crate) from: String,
    /// RCPT TO, without angle brackets.
    pub(crate) to: Vec<String>,
    /// The message as it came, dots unstuffed, the final dot removed.
    pub(crate) message: Vec<u8>,
    /// Whether it was answered with 250.
    pub(crate) accepted: bool,
    /// Which connection brought it, from 1.
    pub(crate) connection: usize,
}

impl Received {
    /// The Message-ID with its angle brackets.
    pub(crate) fn message_id(&self) -> String {
        self.header("Message-ID")
            .expect("the letter has no Message-ID")
    }

    /// A header field, unfolded; `None` when it is not there.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.message).into_owned();
        let head = text
            .split("\r\n\r\n")
            .next()?
            .replace("\r\n ", " ")
            .replace("\r\n\t", " ");
        head.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    }
}

#[derive(Default)]
struct Book {
    rules: Vec<Rule>,
    offers: Vec<String>,
    letters: Vec<Received>,
    commands: Vec<String>,
    connections: usize,
    open: usize,
    most_open: usize,
    streams: Vec<TcpStream>,
    closed: bool,
}

/// The server. Dropped, it hangs up on everybody.
pub(crate) struct PostOffice {
    port: u16,
    book: Arc<Mutex<Book>>,
}

/// An answer that the server holds back.
pub(crate) struct Held {
    here: Receiver<()>,
    go_on: Sender<()>,
}

impl Held {
    /// Waits until the server is there; a letter is with it then, unanswered. Fails when the program ends before.
    #[track_caller]
    pub(crate) fn reached_by(&self, program: &mut Running) {
        let end = Instant::now() + PATIENCE;
        while self.here.recv_timeout(Duration::from_millis(10)).is_err() {
            assert!(
                program.is_running() && Instant::now() < end,
                "the program never came to that point, but said:\n{}",
                program.heard()
            );
        }
    }

    /// Lets the server answer as usual.
    pub(crate) fn go_on(&self) {
        // The connection may be gone by now, and that is the point of many a test.
        _ = self.go_on.send(());
    }
}

impl PostOffice {
    /// Opens on a free port and accepts everything.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let book = Arc::new(Mutex::new(Book {
            offers: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"]
                .map(String::from)
                .into(),
            ..Book::default()
        }));
        let shared = Arc::clone(&book);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                if lock(&shared).closed {
                    break;
                }
                let book = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &book));
            }
        });
        Self { port, book }
    }

    /// Where it listens, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The extensions EHLO names, in place of PIPELINING, 8BITMIME and ENHANCEDSTATUSCODES.
    pub(crate) fn offer(self, extensions: &[&str]) -> Self {
        self.book().offers = extensions.iter().copied().map(String::from).collect();
        self
    }

    /// Answers that way whenever this recipient is named.
    pub(crate) fn reply_to(self, recipient: &str, reply: &str) -> Self {
        self.reply_to_times(recipient, reply, usize::MAX)
    }

    /// Answers that way the first so many times this recipient is named, then accepts.
    pub(crate) fn reply_to_times(self, recipient: &str, reply: &str, times: usize) -> Self {
        self.rule(
            Stage::Rcpt,
            Some(recipient),
            0,
            times,
            Act::Reply(reply.to_owned()),
        )
    }

    /// Answers that way at every such stage.
    pub(crate) fn reply_at(self, stage: Stage, reply: &str) -> Self {
        self.rule(stage, None, 0, usize::MAX, Act::Reply(reply.to_owned()))
    }

    /// Answers that way at the `nth` such stage (from 1), once.
    pub(crate) fn reply_once(self, stage: Stage, nth: usize, reply: &str) -> Self {
        self.rule(stage, None, nth - 1, 1, Act::Reply(reply.to_owned()))
    }

    /// Answers that way at every such stage but the first `skip`.
    pub(crate) fn reply_after(self, stage: Stage, skip: usize, reply: &str) -> Self {
        self.rule(stage, None, skip, usize::MAX, Act::Reply(reply.to_owned()))
    }

    /// Closes the connection whenever this recipient is named.
    pub(crate) fn hang_up_on(self, recipient: &str) -> Self {
        self.rule(Stage::Rcpt, Some(recipient), 0, usize::MAX, Act::HangUp)
    }

    /// The first `times` MAIL commands are answered with `421` (which closes the connection) or `451`, as `reply` says.
    pub(crate) fn throttle(self, times: usize, reply: &str) -> Self {
        self.rule(Stage::Mail, None, 0, times, Act::Reply(reply.to_owned()))
    }

    /// Closes the connection at the `nth` MAIL command (from 1).
    pub(crate) fn hang_up_before_mail(self, nth: usize) -> Self {
        self.rule(Stage::Mail, None, nth - 1, 1, Act::HangUp)
    }

    /// Takes the `nth` letter (from 1), dot and all, and closes the connection without an answer.
    pub(crate) fn hang_up_after_dot(self, nth: usize) -> Self {
        self.rule(Stage::Dot, None, nth - 1, 1, Act::HangUp)
    }

    /// Takes the `nth` letter (from 1), dot and all, and never answers.
    pub(crate) fn stall_after_dot(self, nth: usize) -> Self {
        self.rule(Stage::Dot, None, nth - 1, 1, Act::Stall)
    }

    /// Never answers at the first such stage.
    pub(crate) fn stall_at(self, stage: Stage) -> Self {
        self.rule(stage, None, 0, 1, Act::Stall)
    }

    /// Takes the `nth` letter (from 1) and holds its answer back until the test lets it go.
    pub(crate) fn hold_letter(&self, nth: usize) -> Held {
        self.hold(Stage::Dot, nth)
    }

    /// Holds back what it says at the `nth` such stage (from 1).
    pub(crate) fn hold(&self, stage: Stage, nth: usize) -> Held {
        let (say_here, here) = channel();
        let (go_on, wait) = channel();
        self.add(stage, None, nth - 1, 1, Act::Hold(say_here, wait));
        Held { here, go_on }
    }

    fn rule(
        self,
        stage: Stage,
        recipient: Option<&str>,
        skip: usize,
        times: usize,
        act: Act,
    ) -> Self {
        self.add(stage, recipient, skip, times, act);
        self
    }

    fn add(&self, stage: Stage, recipient: Option<&str>, skip: usize, times: usize, act: Act) {
        let recipient = recipient.map(str::to_owned);
        self.book().rules.push(Rule {
            stage,
            recipient,
            skip,
            times,
            act,
        });
    }

    /// Every letter of which the dot was seen, answered or not, in order.
    pub(crate) fn letters(&self) -> Vec<Received> {
        self.book().letters.clone()
    }

    /// Those answered with 250.
    pub(crate) fn accepted(&self) -> Vec<Received> {
        self.letters()
            .into_iter()
            .filter(|letter| letter.accepted)
            .collect()
    }

    /// The recipients of the letters answered with 250, sorted, each as often as they got one.
    pub(crate) fn accepted_for(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .accepted()
            .into_iter()
            .flat_map(|letter| letter.to)
            .collect();
        all.sort();
        all
    }

    /// Every command line it was sent, in order of arrival.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.book().commands.clone()
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.book().connections
    }

    /// How many there were at once at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.book().most_open
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        let mut book = self.book();
        book.closed = true;
        book.rules.clear();
        for stream in &book.streams {
            _ = stream.shutdown(Shutdown::Both);
        }
        drop(book);
        // Wakes the thread that waits for connections, so that it sees the end.
        _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};

    use super::*;

    /// Says all of it at once, as a pipelining client may, and gives every reply up to the end of the connection.
    fn talk(post: &PostOffice, lines: &str) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", post.port())).unwrap();
        stream
            .write_all(lines.replace('\n', "\r\n").as_bytes())
            .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        BufReader::new(stream)
            .lines()
            .map_while(Result::ok)
            .collect()
    }

    const LETTER: &str = "EHLO x\nMAIL FROM:<a@x.example>\nRCPT TO:<bob@example.org>\nDATA\nSubject: hi\nMessage-ID:\n <1@x>\n\n..dot\n.\nQUIT\n";

    #[test]
    fn a_letter_is_taken_and_written_down() {
        let post = PostOffice::open().offer(&["SIZE"]);
        let replies = talk(&post, LETTER);
        assert_eq!(replies[1..3], ["250-postoffice.example", "250 SIZE"]);
        assert_eq!(replies.last().map(String::as_str), Some("221 2.0.0 bye"));
        let [letter] = post.accepted().try_into().unwrap();
        assert_eq!(
            (letter.from.as_str(), letter.to.as_slice()),
            ("a@x.example", &["bob@example.org".to_owned()][..])
        );
        assert_eq!(
            letter.message,
            b"Subject: hi\r\nMessage-ID:\r\n <1@x>\r\n\r\n.dot\r\n"
        );
        assert_eq!(
            (letter.message_id().as_str(), letter.connection),
            ("<1@x>", 1)
        );
        assert_eq!(
            (
                post.connections(),
                post.most_at_once(),
                post.commands().len()
            ),
            (1, 1, 5)
        );
    }

    #[test]
    fn the_script_decides() {
        let last = |post: &PostOffice| talk(post, LETTER).last().cloned().unwrap_or_default();
        let post = PostOffice::open()
            .reply_to("bob@example.org", "550 5.1.1 no such user")
            .reply_to("eve@example.org", "250 ok");
        assert_eq!(
            talk(&post, LETTER)[5..8],
            [
                "250 2.1.0 ok",
                "550 5.1.1 no such user",
                "503 5.5.1 RCPT first"
            ]
        );
        assert!(post.letters().is_empty());
        assert_eq!(
            last(&PostOffice::open().throttle(1, "421 4.7.0 slow down")),
            "421 4.7.0 slow down"
        );
        let post = PostOffice::open()
            .throttle(1, "451 4.7.1 later")
            .reply_once(Stage::Dot, 2, "554 5.6.0 no");
        assert_eq!(talk(&post, LETTER)[5], "451 4.7.1 later");
        assert!(talk(&post, LETTER).contains(&"250 2.0.0 taken".to_owned()));
        assert!(talk(&post, LETTER).contains(&"554 5.6.0 no".to_owned()));
        assert_eq!((post.letters().len(), post.accepted().len()), (2, 1));
        assert_eq!(post.accepted_for(), ["bob@example.org"]);
        let closed = PostOffice::open().reply_at(Stage::Greeting, "554 5.7.1 go away");
        assert_eq!(
            talk(&closed, "QUIT\n"),
            ["554 5.7.1 go away", "221 2.0.0 bye"]
        );
    }

    #[test]
    fn hanging_up() {
        let post = PostOffice::open()
            .hang_up_before_mail(1)
            .hang_up_after_dot(1);
        assert_eq!(talk(&post, LETTER).len(), 5);
        assert!(post.letters().is_empty());
        assert_eq!(
            talk(&post, LETTER).last().map(String::as_str),
            Some("354 go on")
        );
        assert_eq!((post.letters().len(), post.accepted().len()), (1, 0));
        let stalled = PostOffice::open().stall_after_dot(1).stall_at(Stage::Auth);
        assert_eq!(
            talk(&stalled, LETTER).last().map(String::as_str),
            Some("354 go on")
        );
    }

    #[test]
    fn a_letter_is_held_until_the_test_lets_it_go() {
        let post = PostOffice::open();
        let held = post.hold_letter(1);
        thread::scope(|scope| {
            let client = scope.spawn(|| talk(&post, LETTER));
            held.here.recv_timeout(PATIENCE).unwrap();
            assert!(!client.is_finished());
            held.go_on();
            assert_eq!(
                client.join().unwrap().last().map(String::as_str),
                Some("221 2.0.0 bye")
            );
        });
    }
}

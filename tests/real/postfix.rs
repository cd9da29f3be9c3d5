//! A whole Postfix with its own configuration, queue and mailbox: what we hand over is what a reader gets.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::newsroom::{Newsroom, TODAY};
use crate::{answers, free_port, is_root, open_folder, say, tool, wait_until};

/// A running Postfix. Dropped, it is stopped.
pub(crate) struct Postfix {
    folder: tempfile::TempDir,
    pub(crate) port: u16,
}

impl Postfix {
    /// Mailboxes for these readers of `example.org`; all others of that domain are unknown, all other domains are not relayed to. What
    /// comes to the newsroom's bounce domain lies in the mailbox `bounces`.
    fn start(readers: &[&str]) -> Self {
        Self::start_with(readers, "")
    }

    /// The same, with these lines in its `main.cf` too.
    pub(crate) fn start_with(readers: &[&str], more: &str) -> Self {
        let program = tool("postfix", "postfix");
        assert!(
            is_root(),
            "Postfix runs as root only: run this test as root, or let `.ci/run` do it"
        );
        let postfix = Self {
            folder: open_folder(),
            port: free_port(),
        };
        let folder = postfix.folder.path();
        let (queue, data, mail) = (
            folder.join("queue"),
            folder.join("data"),
            folder.join("mail"),
        );
        for path in [&queue, &data, &mail] {
            fs::create_dir(path).unwrap();
        }
        shell(&format!(
            "chown postfix {} && chown nobody {}",
            data.display(),
            mail.display()
        ));
        let boxes: Vec<String> = readers
            .iter()
            .map(|reader| format!("{{ {reader}@example.org = {reader}/ }}"))
            .collect();
        let port = postfix.port;
        fs::write(
            folder.join("main.cf"),
            format!(
                "compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\nmaillog_file = {folder}/log\nmaillog_file_prefixes = {folder}\n\
                 myhostname = postfix-{port}.example\nmydestination =\nalias_maps =\nlocal_recipient_maps =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks =\n\
                 virtual_mailbox_domains = example.org, bounce.harbourtimes.example\nvirtual_mailbox_base = {mail}\nvirtual_mailbox_maps = inline:{{ {{ @bounce.harbourtimes.example = bounces/ }}, {boxes} }}\n\
                 virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\nsmtpd_relay_restrictions = reject_unauth_destination\n{more}",
                queue = queue.display(),
                data = data.display(),
                mail = mail.display(),
                folder = folder.display(),
                boxes = boxes.join(", "),
            ),
        )
        .unwrap();
        fs::write(
            folder.join("master.cf"),
            format!(
                "127.0.0.1:{port} inet n - n - - smtpd\npostlog unix-dgram n - n - 1 postlogd\npickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\n\
                 qmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
                 verify unix - - n - 1 verify\nproxymap unix - - n - - proxymap\nsmtp unix - - n - - smtp\nerror unix - - n - - error\nretry unix - - n - - error\n\
                 discard unix - - n - - discard\nvirtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n"
            ),
        )
        .unwrap();
        let started = Command::new(program)
            .arg("-c")
            .arg(folder)
            .arg("start")
            .output()
            .unwrap();
        assert!(
            started.status.success(),
            "Postfix does not start: {}\n{}",
            String::from_utf8_lossy(&started.stderr),
            postfix.log()
        );
        wait_until("Postfix listens", || answers(port));
        postfix
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn mailbox(&self, reader: &str) -> PathBuf {
        self.folder.path().join("mail").join(reader)
    }

    /// The one letter in that reader's mailbox, as soon as it is there.
    pub(crate) fn letter(&self, reader: &str) -> String {
        let new = self.mailbox(reader).join("new");
        let files = || -> Vec<PathBuf> {
            fs::read_dir(&new)
                .into_iter()
                .flatten()
                .map(|entry| entry.unwrap().path())
                .collect()
        };
        wait_until("the letter is delivered", || !files().is_empty());
        let [file] = files().try_into().expect("one letter");
        fs::read_to_string::<&Path>(&file).unwrap()
    }
}

impl Postfix {
    /// `stop` or `start`.
    fn control(&self, word: &str) {
        _ = Command::new(tool("postfix", "postfix"))
            .arg("-c")
            .arg(self.folder.path())
            .arg(word)
            .output();
    }

    /// How many letters are in each reader's mailbox.
    fn delivered(&self, readers: &[String]) -> Vec<usize> {
        let count = |reader: &String| {
            let new = fs::read_dir(self.mailbox(reader).join("new"));
            new.map_or(0, Iterator::count)
        };
        readers.iter().map(count).collect()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.control("stop");
    }
}

fn shell(line: &str) {
    let status = Command::new("/bin/sh").args(["-c", line]).status().unwrap();
    assert!(status.success(), "`{line}` failed");
}

/// A wire between us and Postfix that writes down what we say.
struct Wire {
    port: u16,
    said: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Wire {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            said: Arc::default(),
        };
        let said = Arc::clone(&wire.said);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    break;
                };
                let index = {
                    let mut said = said.lock().unwrap();
                    said.push(Vec::new());
                    said.len() - 1
                };
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let said = Arc::clone(&said);
                thread::spawn(move || {
                    let mut buffer = [0; 8192];
                    while let Ok(length @ 1..) = from.read(&mut buffer) {
                        said.lock().unwrap()[index].extend_from_slice(&buffer[..length]);
                        if to.write_all(&buffer[..length]).is_err() {
                            break;
                        }
                    }
                    _ = to.shutdown(Shutdown::Write);
                });
                thread::spawn(move || {
                    let (mut from, mut to) = (server, client);
                    _ = std::io::copy(&mut from, &mut to);
                    _ = to.shutdown(Shutdown::Write);
                });
            }
        });
        wire
    }

    /// The messages we handed over, each with its envelope sender, dots unstuffed, lines ended by `\n` as in a mailbox.
    fn letters(&self) -> Vec<(String, String)> {
        let mut letters = Vec::new();
        for said in self.said.lock().unwrap().iter() {
            let text = String::from_utf8(said.clone()).expect("our letters are ASCII");
            let mut from = String::new();
            let mut message: Option<String> = None;
            for line in text.split_terminator("\r\n") {
                match &mut message {
                    Some(_) if line == "." => letters.push((from.clone(), message.take().unwrap())),
                    Some(message) => {
                        message.push_str(line.strip_prefix('.').unwrap_or(line));
                        message.push('\n');
                    }
                    None if line == "DATA" => message = Some(String::new()),
                    None => {
                        if let Some(path) = line.strip_prefix("MAIL FROM:<") {
                            path.split('>').next().unwrap().clone_into(&mut from);
                        }
                    }
                }
            }
        }
        letters
    }
}

#[test]
fn a_letter_arrives_byte_for_byte() {
    let postfix = Postfix::start(&["ada", "bob"]);
    let wire = Wire::to(postfix.port);
    let room = Newsroom::new().relay(wire.port, 2).subscribers(&[
        "ada@example.org",
        "bob@example.org",
        "nobody@example.org",
    ]);
    // A line that begins with a dot, and letters beyond ASCII.
    room.story(0, ". The café's naïve „façade“ — 日本の船 🦭", "News");
    room.run(&["send"]).exits(3).says("1 rejected");

    let tally = room.tally();
    assert_eq!(
        (tally.accepted, tally.rejected),
        (2, 1),
        "{tally:?}\n{}",
        postfix.log()
    );
    let rejected = room.run(&["status", TODAY, "--rejected"]).exits(0).stdout;
    assert!(
        rejected.contains("nobody@example.org") && rejected.contains("550 5.1.1"),
        "{rejected}"
    );

    let handed_over = wire.letters();
    assert_eq!(handed_over.len(), 2);
    for reader in ["ada", "bob"] {
        let arrived = postfix.letter(reader);
        let (from, _) = handed_over
            .iter()
            .find(|(_, letter)| arrived.ends_with(letter.as_str()))
            .unwrap_or_else(|| panic!("what arrived is not what was handed over:\n{arrived}"));
        assert!(
            arrived.starts_with(&format!("Return-Path: <{from}>\n")),
            "{arrived}"
        );
        // Everything before our letter is Postfix's own trace (RFC 5321 section 4.4).
        let letter = &handed_over
            .iter()
            .find(|(_, letter)| arrived.ends_with(letter.as_str()))
            .unwrap()
            .1;
        let trace = &arrived[..arrived.len() - letter.len()];
        assert!(
            trace.lines().all(|line| [
                "Return-Path:",
                "X-Original-To:",
                "Delivered-To:",
                "Received:",
                "\t",
                " "
            ]
            .iter()
            .any(|start| line.starts_with(start))),
            "{trace}"
        );
    }
}

#[test]
fn what_postfix_sends_back_is_understood() {
    // The reader's server refuses what our relay has taken; an `error:` route is refused at RCPT. The two have names of their own, or the
    // one would take the other for a loop.
    let refusals = [
        ("moved", "error:5.1.1 mailbox has been removed"),
        ("full", "error:5.2.2 over quota"),
        ("refused", "error:5.7.1 not wanted"),
    ];
    let routes = |route: &dyn Fn(&str) -> String| {
        let table =
            refusals.map(|(name, why)| format!("{{ {name}@example.org = {} }}", route(why)));
        format!("transport_maps = inline:{{ {} }}\n", table.join(", "))
    };
    let names = ["ada", "moved", "full", "refused"];
    let theirs = Postfix::start_with(&names, &routes(&str::to_owned));
    let there = format!("smtp:[127.0.0.1]:{}", theirs.port);
    let postfix = Postfix::start_with(&names, &routes(&|_| there.clone()));
    let room = Newsroom::new()
        .config("bounces", "domain = \"bounce.harbourtimes.example\"")
        .relay(postfix.port, 2)
        .subscribers(
            &names
                .map(|name| format!("{name}@example.org"))
                .each_ref()
                .map(String::as_str),
        );
    room.run(&["send"]).exits(0);
    let bounces = postfix.mailbox("bounces");
    wait_until("three letters came back", || {
        fs::read_dir(bounces.join("new")).is_ok_and(|files| files.count() == 3)
    });
    room.run(&["bounces", bounces.to_str().unwrap()])
        .exits(0)
        .says("3 messages read: 1 hard, 1 soft, 1 about us");
    let list = room.run(&["suppress", "--list"]).exits(0).stdout;
    assert!(
        list.contains("bounced") && list.contains("moved@example.org") && list.lines().count() == 1,
        "{list}"
    );
}

#[test]
fn a_relay_that_does_not_relay_is_about_us() {
    let postfix = Postfix::start(&["ada"]);
    let room = Newsroom::new()
        .relay(postfix.port, 1)
        .subscribers(&["ada@elsewhere.example"]);
    room.run(&["send"]).exits(75).says("1 queued");
    let tally = room.tally();
    assert_eq!((tally.queued, tally.rejected), (1, 0), "{tally:?}");
}

#[test]
fn this_postfix_and_this_wire_change_nothing() {
    let postfix = Postfix::start(&["ada"]);
    let wire = Wire::to(postfix.port);
    let letter = "Message-ID: <1@x.example>\r\nFrom: a@x.example\r\nDate: Mon, 24 Aug 2026 06:45:00 +0100\r\nSubject: hi\r\n\r\n..dot \r\n\r\n.\r\n";
    let answers = say(
        wire.port,
        &[
            "EHLO x\r\n",
            "MAIL FROM:<a@x.example>\r\n",
            "RCPT TO:<ada@example.org>\r\n",
            "DATA\r\n",
            letter,
            "QUIT\r\n",
        ],
    );
    assert!(answers.contains("\r\n221 "), "{answers}\n{}", postfix.log());
    let expected = "Message-ID: <1@x.example>\nFrom: a@x.example\nDate: Mon, 24 Aug 2026 06:45:00 +0100\nSubject: hi\n\n.dot \n\n";
    assert_eq!(
        wire.letters(),
        [("a@x.example".to_owned(), expected.to_owned())]
    );
    assert!(
        postfix.letter("ada").ends_with(expected),
        "{}",
        postfix.letter("ada")
    );
}

/// Two of them, one stopped in mid-send: nobody is lost, and only those that were named may have got two.
#[test]
fn two_postfixes_of_which_one_is_stopped_in_mid_send() {
    let readers: Vec<String> = (0..200).map(|number| format!("reader{number}")).collect();
    let names: Vec<&str> = readers.iter().map(String::as_str).collect();
    let [first, second] = [Postfix::start(&names), Postfix::start(&names)];
    let relay = |name: &str, postfix: &Postfix| {
        format!(
            "name = \"{name}\"\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 4\nrate = \"60/s\"\nretry_after = \"1s\"\n",
            postfix.port
        )
    };
    let relays = format!(
        "{}[[relay]]\n{}",
        relay("first", &first),
        relay("second", &second)
    );
    let room = Newsroom::new()
        .many_subscribers(readers.len())
        .config("[relay]", &relays);
    let running = room.spawn(&["send"]);
    let at_second = || second.delivered(&readers).iter().sum::<usize>();
    wait_until("the second has some letters", || at_second() > 20);
    second.control("stop");
    let sent = running.wait();
    let tally = room.tally();
    assert!(
        sent.words().contains("goes on without the relay `second`"),
        "{}",
        sent.words()
    );
    assert_eq!(tally.accepted + tally.in_doubt, 200, "{}", sent.words());
    second.control("start");
    wait_until("the second listens again", || answers(second.port));
    // What was in doubt at the second goes to it again.
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 200);
    let all = || -> Vec<usize> {
        let (one, other) = (first.delivered(&readers), second.delivered(&readers));
        one.iter()
            .zip(other)
            .map(|(one, other)| one + other)
            .collect()
    };
    wait_until("all letters are delivered", || {
        all().iter().all(|&letters| letters > 0)
    });
    let doubles = all().iter().filter(|&&letters| letters > 1).count() as u64;
    assert!(
        doubles <= tally.in_doubt,
        "{doubles} doubles, {} named",
        tally.in_doubt
    );
}

//! The promise that nobody is lost, against software that is not ours: kill it at any instant, run it again, and nobody is lost.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::newsroom::Newsroom;
use crate::{answers, free_port, is_root, open_folder, say, tool, wait_until};

const READERS: usize = 10_000;
const CONNECTIONS: usize = 8;

/// How often the program is killed; more of it with `KILLS=100 cargo test --test real kills_lose_nobody -- --show-output`.
fn kills() -> usize {
    std::env::var("KILLS").map_or(10, |kills| kills.parse().expect("KILLS is a number"))
}

/// A running smtp-sink that writes every letter to a file of its own. Dropped, it is killed.
pub(crate) struct Sink(Child);

impl Sink {
    pub(crate) fn start(port: u16, letters: &Path) -> Self {
        let mut command = Command::new(tool("smtp-sink", "postfix"));
        if is_root() {
            // smtp-sink refuses to run as root.
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg("-d")
            .arg(letters.join("%H."))
            .arg(format!("127.0.0.1:{port}"))
            .arg("128")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("smtp-sink listens", || answers(port));
        Self(child)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Numbers that look random and are the same in every run.
struct Seeded(u64);

impl Seeded {
    /// Below `end`.
    fn below(&mut self, end: usize) -> usize {
        // Knuth's MMIX; its high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[test]
fn kills_lose_nobody() {
    kills_with("on");
}

/// The same where the next letter's commands leave before this one is answered.
#[test]
fn kills_lose_nobody_in_one_turn_a_letter() {
    kills_with("full");
}

fn kills_with(pipelining: &str) {
    let kills = kills();
    let folder = open_folder();
    let port = free_port();
    let _sink = Sink::start(port, folder.path());
    let room = Newsroom::new().many_subscribers(READERS).config(
        "relay",
        &format!("host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nconnections = {CONNECTIONS}\nretry_after = \"1s\"\npipelining = \"{pipelining}\""),
    );
    let mut random = Seeded(20_260_824);
    let (mut hit, mut announced) = (0, 0);
    for kill in 1..=kills {
        // Not more letters than that a round: there is always something left to be killed in.
        let moment = count(folder.path()) + random.below(READERS * 3 / 4 / kills);
        let mut running = room.spawn(&["send"]);
        wait_until("the letters come", || {
            count(folder.path()) >= moment || !running.is_running()
        });
        let output = running.kill();
        hit += usize::from(output.status.is_none());
        announced += doubtful(&output.stderr);
        assert!(
            output.status.is_none_or(|code| code == 0),
            "kill {kill}: {}",
            output.stderr
        );
    }
    assert!(
        hit >= kills * 9 / 10,
        "only {hit} of {kills} kills met a running program"
    );
    let last = room.run(&["send"]).exits(0);
    announced += doubtful(&last.stderr);
    let tally = room.tally();
    assert_eq!(
        (tally.subscribers, tally.accepted),
        (READERS as u64, READERS as u64),
        "{tally:?}"
    );

    let copies = copies(folder.path());
    let lost: Vec<usize> = (0..READERS)
        .filter(|n| !copies.contains_key(&format!("reader{n}@example.org")))
        .collect();
    assert!(
        lost.is_empty(),
        "{} readers are lost: {lost:?}\n{}",
        lost.len(),
        last.stderr
    );
    assert_eq!(copies.len(), READERS);
    let doubles: usize = copies.values().map(|copies| copies.len() - 1).sum();
    assert!(
        doubles <= announced.min(kills * CONNECTIONS),
        "{doubles} doubles, {announced} announced, with {kills} kills and {CONNECTIONS} connections"
    );
    for (reader, copies) in &copies {
        assert!(
            copies.iter().all(|copy| *copy == copies[0]),
            "{reader}: a double has another Message-ID"
        );
    }
    println!("{hit} kills, {doubles} doubles, {announced} announced");
}

/// How many copies it said may arrive twice.
fn doubtful(said: &str) -> usize {
    said.lines()
        .filter(|line| line.contains("may arrive twice"))
        .filter_map(|line| line.split(' ').find_map(|word| word.parse::<usize>().ok()))
        .sum()
}

/// How many letters have come, those under way included.
fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// The Message-IDs each reader got.
pub(crate) fn copies(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let field = |name: &str| {
            let line = text
                .lines()
                .position(|line| line.starts_with(name))
                .unwrap_or_else(|| panic!("a letter without {name}\n{text}"));
            // Our own Message-ID may be on the line below its name.
            text.lines()
                .skip(line)
                .take(2)
                .find_map(|line| line.split('<').nth(1)?.split('>').next())
                .unwrap()
                .to_owned()
        };
        copies
            .entry(field("X-Rcpt-Args:"))
            .or_default()
            .push(field("Message-ID:"));
    }
    copies
}

#[test]
fn the_sink_keeps_what_it_is_given() {
    let folder = open_folder();
    let port = free_port();
    let _sink = Sink::start(port, folder.path());
    let letter = [
        "EHLO x\r\n",
        "MAIL FROM:<a@x.example>\r\n",
        "RCPT TO:<ada@example.org>\r\n",
        "DATA\r\n",
        "Message-ID:\r\n <1@x.example>\r\n\r\nhi\r\n.\r\n",
        "QUIT\r\n",
    ];
    let answers = say(port, &letter);
    assert!(answers.contains("\r\n221 "), "{answers}");
    say(port, &letter);
    assert_eq!(
        copies(folder.path()),
        BTreeMap::from([("ada@example.org".into(), vec!["1@x.example".into(); 2])])
    );
    // A letter that is cut off before its dot does not count.
    let mut cut = TcpStream::connect(("127.0.0.1", port)).unwrap();
    cut.write_all(
        b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: x\r\n",
    )
    .unwrap();
    drop(cut);
    wait_until("the sink forgets it", || count(folder.path()) == 2);
}

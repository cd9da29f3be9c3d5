//! `serve` under load, twice at once, and what its log says of readers.

use std::collections::BTreeSet;

use mail_parser::Message;

use super::{CLIENT, HOST, ONE_CLICK, Serving, leave, letters, link, room, to};
use crate::pages::checked;
use crate::relay::Relay;
use crate::sink::{Sink, copies};
use crate::{free_port, open_folder, tool, wait_until};

/// Every other request is somebody who leaves, the others look at pages. It ends when all who leave have been answered: never, if a
/// request of theirs is lost.
const LOAD: &str = r#"
wrk.headers["Host"] = "HOST"
local form = { ["Host"] = "HOST", ["Content-Type"] = "application/x-www-form-urlencoded" }
local pages, links = { "/", "/editions", "/editions.atom" }, {}
for link in io.lines("FILE") do links[#links + 1] = link end
local sent, left, bad = 0, 0, 0
function request()
    sent = sent + 1
    local link = links[sent / 2]
    if link then return wrk.format("POST", link, form, "ONE_CLICK") end
    return wrk.format("GET", pages[sent % #pages + 1])
end
function response(status, headers, body)
    if status < 200 or status > 299 then bad = bad + 1 end
    if body:find("You have unsubscribed", 1, true) then left = left + 1 end
    if left == #links then
        print(left .. " left, " .. bad .. " bad")
        os.exit()
    end
end
"#;

#[test]
fn a_thousand_leave_at_once() {
    const READERS: usize = 1_000;
    let room = room().many_subscribers(READERS);
    room.run(&["send"]).exits(0);
    let letters = letters(&room.path("outbox"));
    let paths: Vec<&str> = letters
        .iter()
        .map(|letter| leave(letter).strip_prefix(super::PUBLIC).unwrap())
        .collect();
    room.file("links", paths.join("\n"));
    let load = LOAD
        .replace("HOST", HOST)
        .replace("ONE_CLICK", ONE_CLICK)
        .replace("FILE", &room.path("links").display().to_string());
    room.file("load.lua", load);
    let load = room.path("load.lua").display().to_string();
    let serving = Serving::start(&room);
    // The minute is not for `serve` but for a harness that hangs.
    let arguments = [
        "-t1",
        "-c32",
        "-d60s",
        "--timeout",
        "60s",
        "-s",
        &load,
        &serving.url,
    ];
    let said = checked(&tool("wrk", "wrk"), &arguments, &room.path(".home"), "");
    assert!(said.contains(&format!("{READERS} left, 0 bad")), "{said}");
    serving.program.kill();
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    let listed: BTreeSet<&str> = listed
        .lines()
        .filter(|line| line.contains(" unsubscribed "))
        .filter_map(|line| line.split(' ').next_back())
        .collect();
    let all: BTreeSet<&str> = letters.iter().map(to).collect();
    assert_eq!((all.len(), &listed), (READERS, &all));
}

#[test]
fn two_that_serve_send_one_edition() {
    const READERS: usize = 500;
    let (folder, port) = (open_folder(), free_port());
    let _sink = Sink::start(port, folder.path());
    let room = room()
        .config("schedule", "send_at = \"07:00\"")
        .relay(port, 2)
        .many_subscribers(READERS)
        .at("2026-08-24T06:00:00Z");
    let looked = |log: &str| log.contains("the next edition is that of Mon 2026-08-24");
    let mut both = [Serving::start(&room), Serving::start(&room)];
    wait_until("both have looked at the clock, and one has sent", || {
        let logs = both.each_mut().map(Serving::said);
        logs.iter().all(|log| looked(log)) && logs.iter().any(|log| log.contains("500 accepted"))
    });
    // What has begun is brought to its end, the other one's look too.
    let logs = both.map(Serving::ends);
    // One that comes later.
    let mut third = Serving::start(&room);
    wait_until("it has looked at the clock", || looked(third.said()));
    third.ends();

    let runs = room.run(&["status", "--json"]).exits(0).json();
    assert_eq!(runs.as_array().unwrap().len(), 1, "{runs}");
    assert_eq!(room.tally().accepted, READERS as u64);
    let copies = copies(folder.path());
    assert_eq!(copies.len(), READERS, "{logs:?}");
    for (reader, copies) in copies {
        assert_eq!(copies.len(), 1, "{reader}\n{logs:?}");
    }
}

/// Who has an address that no other word of a log holds.
const NAMES: [&str; 8] = [
    "quellwasser",
    "birkenhain",
    "steinbruch",
    "moosbeere",
    "sandkuhle",
    "torfstich",
    "weidenrute",
    "kiesgrube",
];

/// Relays quote whom they answer about.
const RULES: &str = "rcpt birkenhain@example.org 9 550 5.1.1 <birkenhain@example.org>: no such mailbox\n\
    rcpt steinbruch@example.org 1 451 4.7.1 steinbruch is greylisted\n\
    data moosbeere@example.org 9 552 5.3.4 too big for moosbeere@example.org\n\
    rcpt kiesgrube@example.org 9 550 5.1.1 kiesgrube... User unknown\n";

#[test]
fn no_log_says_who_reads() {
    let relay = Relay::start(&[], RULES);
    let addresses = NAMES.map(|name| format!("{name}@example.org"));
    let room = room()
        .subscribers(&addresses[..6].iter().map(String::as_str).collect::<Vec<_>>())
        .config("bounces", "domain = \"bounce.harbourtimes.example\"")
        .config(
            "relay",
            &format!("host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 2\nretry_after = \"0s\"\nattempts = 2", relay.port),
        );
    let mut serving = Serving::start(&room);
    let sent = room.run(&["send", "--verbose"]).exits(3);
    let mut log = sent.stdout + &sent.stderr;
    let got = |name: &str| -> Option<Message<'static>> {
        let mut all = letters(relay.folder.path()).into_iter();
        all.find(|letter| to(letter).starts_with(name))
    };

    // Two sign up; one of them can be reached, says yes, changes their mind twice and wants to be forgotten.
    let form = "email=weidenrute@example.org&name=Weidenrute&section=City";
    let mut seen = serving.good(&["--data", form], "/");
    serving.good(&["--data", "email=kiesgrube@example.org"], "/");
    serving.good(&["--data", "website=x&email=kiesgrube@example.org"], "/");
    wait_until("the letter to confirm comes", || {
        got("weidenrute").is_some()
    });
    let confirm = link(&got("weidenrute").unwrap(), "confirm");
    seen += &serving.good(&[], &confirm);
    let welcome = serving.good(&["--data", ""], &confirm);
    let at = welcome.find("/preferences/").unwrap();
    let preferences = welcome[at..].split('"').next().unwrap();
    serving.good(&["--data", "name=Weidenrute&pause=yes"], preferences);
    serving.good(&[], &format!("{preferences}/data"));
    serving.good(&["--data", ""], &format!("{preferences}/erase"));
    // One leaves, and one whose link is not theirs does not.
    let quellwasser = got("quellwasser").unwrap();
    serving.good(&["--data", ONE_CLICK], leave(&quellwasser));
    let own = leave(&quellwasser);
    let (begin, last) = own.split_at(own.len() - 1);
    let forged = format!("{begin}{}", if last == "a" { "b" } else { "a" });
    let lost = serving.curl(&["--data", ONE_CLICK], &forged);
    assert!(lost.starts_with("HTTP/1.1 404 "), "{lost}");
    wait_until("the log says whose letter was refused", || {
        serving.said().contains("did not take a letter to confirm")
    });
    log += &serving.ends();

    // Two letters come back.
    for (reader, sample) in [("sandkuhle", "postfix_unknown"), ("torfstich", "complaint")] {
        let letter = got(reader).unwrap();
        let sender = letter.header_raw("X-From").unwrap().trim();
        let token = sender
            .strip_prefix("b+")
            .unwrap()
            .split('@')
            .next()
            .unwrap();
        let file = format!("{}/tests/bounces/{sample}.eml", env!("CARGO_MANIFEST_DIR"));
        let sample = std::fs::read_to_string(file).unwrap();
        let sample = sample
            .replace("TOKEN", token)
            .replace("ada@", &format!("{reader}@"));
        room.file(&format!("Maildir/new/{reader}"), sample);
    }
    let bounces = room.run(&["bounces", "--verbose", "Maildir"]).exits(0);
    log += &bounces.stdout;
    log += &bounces.stderr;

    // All of it was said in this log ..
    for words in [
        "method=POST page=leave status=200",
        "method=POST page=erase status=200",
        "550 5.1.1",
        "suppressed (complaint)",
    ] {
        assert!(log.contains(words), "`{words}` was never said:\n{log}");
    }
    // .. and nothing of this.
    let letters = letters(relay.folder.path());
    let hidden = tokens(&letters, &[&seen, &welcome]);
    // Each letter has a token in Message-ID, and one to leave and one to bounce, or one to confirm; and there is the one of their preferences.
    assert_eq!(hidden.len(), 3 * 4 + 2 + 1, "{hidden:?}");
    let low = log.to_lowercase();
    let said: Vec<&str> = NAMES
        .into_iter()
        .chain([CLIENT])
        .chain(hidden.iter().map(String::as_str))
        .filter(|secret| low.contains(secret))
        .collect();
    assert!(said.is_empty(), "{said:?} in:\n{log}");
}

/// All words of letters and pages that are long enough for the seal of a token or of a Message-ID.
fn tokens(letters: &[Message<'_>], pages: &[&str]) -> BTreeSet<String> {
    let mut texts: Vec<String> = pages.iter().map(|page| (*page).to_owned()).collect();
    for letter in letters {
        texts.push(letter.body_text(0).unwrap().into_owned());
        for field in ["X-From", "Message-ID", "List-Unsubscribe"] {
            texts.extend(letter.header_raw(field).map(str::to_owned));
        }
    }
    let words = texts
        .iter()
        .flat_map(|text| text.split(|c| !matches!(c, 'a'..='z' | '2'..='7')));
    words
        .filter(|word| word.len() >= 24)
        .map(str::to_owned)
        .collect()
}

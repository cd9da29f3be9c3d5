//! The list of readers in the ledger, and its way there and back.

use newsdigest::model::token::Purpose;
use rusqlite::Connection;

use crate::newsletters::with_readers;
use crate::newsroom::Newsroom;
use crate::serve::{self, Serving};

const FILE: &str = "# Our readers\n[[subscriber]] # the first\nemail = \"Ada@example.org\"\nname = \"Ada \\\"the\\\" L.\"\nsections = [\"News\", \"City, and more\"]\nnewsletters = []\nsince = 2026-01-02\nconsent = \"by phone\"\npaused = 2026-09-01\nfrequency = \"weekly\"\nalerts = true\ntime_zone = \"Asia/Tokyo\"\n\n[[subscriber]]\nemail = \"müller@bücher.example\"\n\n[[subscriber]]\nemail = \"bob@example.org\"\nnewsletters = [\"sport\", \"city\"]\npaused = true\n";

/// The config says that the list is in the ledger.
fn says_ledger(room: &Newsroom) {
    let config = room.read("newsdigest.toml");
    let line = "[newsletter]\nsubscribers_in = \"ledger\"\n";
    room.file(
        "newsdigest.toml",
        config.replacen("[newsletter]\n", line, 1),
    );
}

fn in_ledger() -> Newsroom {
    let room = Newsroom::new();
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0);
    room
}

#[test]
fn a_list_moves_into_the_ledger_and_back_and_is_the_same() {
    let room = Newsroom::new();
    room.file("subscribers.toml", FILE);
    let config = room.read("newsdigest.toml");
    let list = || room.run(&["subscribers", "list", "--json"]).exits(0).stdout;
    let (before, csv) = (list(), room.run(&["subscribers", "export"]).exits(0).stdout);
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0)
        .says("3 subscribers moved from `subscribers.toml` into the ledger")
        .says("`subscribers.toml` is now `subscribers.toml.moved`, with its comments, which the ledger does not keep")
        .says("`subscribers_in = \"ledger\"` is now in `newsdigest.toml`");
    assert!(!room.has("subscribers.toml"));
    assert_eq!(room.read("subscribers.toml.moved"), FILE);
    assert_eq!(list(), before);
    assert_eq!(room.run(&["subscribers", "export"]).exits(0).stdout, csv);
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0)
        .says("the list of readers is in the ledger");
    room.run(&["subscribers", "move", "--to", "file"])
        .exits(0)
        .says("3 subscribers moved from the ledger into `subscribers.toml`")
        .says("`subscribers_in` is no longer in `newsdigest.toml`");
    assert_eq!(list(), before);
    assert_eq!(room.read("newsdigest.toml"), config);
    let text: String = FILE
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| {
            line.replace(" # the first", "")
                .replace("müller@bücher", "müller@xn--bcher-kva")
                + "\n"
        })
        .collect();
    assert_eq!(room.read("subscribers.toml"), text);
    room.run(&["subscribers", "move", "--to", "file"])
        .exits(0)
        .says("the list of readers is `subscribers.toml`");
}

/// What a kill leaves behind between the steps of a move, on the way in and out.
#[test]
fn a_move_that_was_killed_leaves_one_list_and_goes_on() {
    let room = Newsroom::new();
    let (config, file) = (room.read("newsdigest.toml"), room.read("subscribers.toml"));
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0);
    // In: after the commit, before the file is renamed and the config is written.
    room.file("subscribers.toml", &file);
    room.file("newsdigest.toml", &config);
    std::fs::remove_file(room.path("subscribers.toml.moved")).unwrap();
    room.run(&["subscribers", "add", "dora@example.org"])
        .exits(0)
        .says("1 subscriber added to the ledger")
        .says("the list of readers is in the ledger, but `newsdigest.toml` does not say so");
    room.run(&["check"]).exits(0).says("does not say so");
    assert_eq!(room.read("subscribers.toml"), file, "it is not read");
    room.run(&["send"]).exits(0).says("frozen for 4 recipients");
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0)
        .says("`subscribers.toml` is now `subscribers.toml.moved`");
    // Somebody puts an old file there.
    room.file("subscribers.toml", &file);
    room.run(&["check"])
        .exits(0)
        .says("`subscribers.toml` is not read");
    // Out: the config is written, and perhaps the file; the commit did not come.
    room.file("newsdigest.toml", &config);
    let list = room.run(&["subscribers", "list"]).exits(0);
    assert_eq!(list.stdout.lines().count(), 4);
    room.run(&["subscribers", "move", "--to", "file"])
        .exits(0)
        .says("4 subscribers moved")
        .says("what lay there and was not read is now `subscribers.toml.moved-2`");
    room.run(&["subscribers", "check"])
        .exits(0)
        .says("`subscribers.toml`: 4 subscribers, no problem");
}

#[test]
fn every_verb_is_at_home_in_the_ledger() {
    let room = Newsroom::new();
    says_ledger(&room);
    // The file is still the list.
    for verb in [&["check"][..], &["subscribers", "list"]] {
        room.run(verb)
            .exits(1)
            .says("the list of readers is still in `subscribers.toml`")
            .says("newsdigest subscribers move --to ledger");
    }
    std::fs::remove_file(room.path("subscribers.toml")).unwrap();
    room.run(&["subscribers", "list"])
        .exits(1)
        .says("there is no ledger yet");
    room.file(
        "new.csv",
        "email,name\nada@example.org,Ada\nbob@example.org,Bob\n",
    );
    room.run(&["subscribers", "import", "new.csv"])
        .exits(0)
        .says("2 subscribers added to the ledger");
    room.file("new.csv", "email,name\nADA@example.org,Ada L.\n");
    room.run(&["subscribers", "import", "new.csv", "--update"])
        .exits(0)
        .says("1 subscriber given the name");
    room.run(&[
        "subscribers",
        "set",
        "bob@example.org",
        "--frequency",
        "weekly",
        "--time-zone",
        "Asia/Tokyo",
    ])
    .exits(0)
    .says("`bob@example.org` changed in the ledger");
    let list = room.run(&["subscribers", "list"]).exits(0);
    assert_eq!(
        list.stdout,
        "ada@example.org  Ada L.\nbob@example.org  Bob  weekly  in Asia/Tokyo\n"
    );
    room.run(&["subscribers", "check"])
        .exits(0)
        .says("the ledger: 2 subscribers, no problem");
    let why = room
        .run(&["subscribers", "why", "bob@example.org"])
        .exits(0);
    assert!(
        why.stdout.contains("in the ledger: name Bob; weekly"),
        "{}",
        why.stdout
    );
    room.run(&["send", "--dry-run"])
        .exits(0)
        .says("would go to 2 subscribers");
    room.run(&["send"]).exits(0);
    let erased = room
        .run(&["subscribers", "erase", "bob@example.org"])
        .exits(0);
    assert!(
        erased.stdout.contains("blocks of the ledger: 1"),
        "{}",
        erased.stdout
    );
    room.run(&["subscribers", "remove", "ada@example.org", "x@example.org"])
        .exits(0)
        .says("1 subscriber removed from the ledger, 1 not in it");
    room.run(&["check"])
        .exits(0)
        .says("the ledger holds no subscriber");
    assert!(!room.has("subscribers.toml"));
    let bytes =
        String::from_utf8_lossy(&std::fs::read(room.path("newsdigest.db")).unwrap()).into_owned();
    assert!(!bytes.contains("bob@example.org"), "what is erased is gone");
}

/// Nothing is merged and nothing waits: the list is right when the answer comes.
#[test]
fn what_readers_ask_on_the_pages_is_true_at_the_next_statement() {
    let room = serve::room();
    room.run(&["send"]).exits(0);
    for name in room.list("outbox") {
        std::fs::remove_file(room.path(&format!("outbox/{name}"))).unwrap();
    }
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0);
    let mut serving = Serving::start(&room);
    let (status, _) = serving.pages.post("", "email=new@example.org");
    assert_eq!(status, 200);
    for path in serving.confirm_paths(&room, 1) {
        assert_eq!(serving.pages.post(&path, "").0, 200);
    }
    let preferences = format!("preferences/{}", serve::token(Purpose::Leave, 1));
    assert_eq!(
        serving.pages.post(&preferences, "name=Adele&pause=no").0,
        200
    );
    let list = room.run(&["subscribers", "list"]).exits(0).stdout;
    assert!(
        list.contains("ada@example.org  Adele\n") && list.contains("new@example.org"),
        "{list}"
    );
    let erase = format!("{preferences}/erase");
    assert_eq!(serving.pages.post(&erase, "").0, 200);
    let list = room.run(&["subscribers", "list"]).exits(0).stdout;
    assert!(!list.contains("ada@example.org"), "{list}");
    serving.program.kill();
    assert_eq!(room.run(&["subscribers", "list"]).exits(0).stdout, list);
}

/// Nobody is mailed from a list that the config does not mean.
#[test]
fn a_list_that_was_not_moved_stops_a_send() {
    let room = Newsroom::new();
    says_ledger(&room);
    room.run(&["send"])
        .exits(1)
        .says("the list of readers is still in `subscribers.toml`");
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0);
    room.run(&["send"]).exits(0).says("frozen for 3 recipients");
}

#[test]
fn a_list_with_problems_stays_where_it_is() {
    let room = Newsroom::new();
    let file = room.read("subscribers.toml") + "\n[[subscriber]]\nemial = \"x@example.org\"\n";
    room.file("subscribers.toml", &file);
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(1)
        .says("unknown key `emial`")
        .says("nothing was changed");
    assert_eq!(room.read("subscribers.toml"), file);
    let room = in_ledger();
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch("UPDATE subscriber SET since = 'never' WHERE id = 2")
        .unwrap();
    room.run(&["subscribers", "move", "--to", "file"])
        .exits(1)
        .says("the list of readers in the ledger has 1 row that cannot be read")
        .says("nothing was changed");
    room.run(&["subscribers", "check"])
        .exits(1)
        .says("row 2 of the list of subscribers in the ledger cannot be read");
    // The others get their letters.
    room.run(&["send"])
        .exits(0)
        .says("1 block of the ledger cannot be read")
        .says("frozen for 2 recipients");
}

#[test]
fn the_place_of_the_list_is_said_once_for_all_newsletters() {
    let room = with_readers();
    let text = room.read("newsdigest.toml");
    let remarked = text.replacen("[newsletter]\n", "[newsletter] # our paper\n", 1);
    room.file("newsdigest.toml", &remarked);
    room.run(&["subscribers", "move", "--to", "ledger"])
        .exits(0)
        .says("is now in `newsdigest.toml`");
    room.file(
        "newsletters/sport.toml",
        room.read("newsletters/sport.toml").replacen(
            "[newsletter]\n",
            "[newsletter]\nsubscribers_in = \"file\"\n",
            1,
        ),
    );
    room.run(&["check"])
        .exits(1)
        .says("`subscribers_in` places the list of all newsletters' readers");
    let words = room
        .read("newsdigest.toml")
        .replace("\"ledger\"", "\"cloud\"");
    room.file("newsdigest.toml", words);
    room.run(&["subscribers", "list"])
        .exits(1)
        .says("`cloud` is no place for the list of readers: expected `file` or `ledger`");
}

/// A change of an older time that cannot be read is set aside and named once, as it is where the list is a file.
#[test]
fn a_change_that_cannot_be_read_is_set_aside() {
    let room = in_ledger();
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch(
        "INSERT OR IGNORE INTO reader (id, key) VALUES (91, 'no address');
         INSERT INTO change (reader, kind, address, at) VALUES (91, 3, 'no address', 1787550291000)",
    )
    .unwrap();
    let said = room.run(&["send"]).exits(0).words();
    assert!(said.contains("is not an email address"), "{said}");
    let left = db.query_row("SELECT count(*) FROM change", [], |row| row.get(0));
    assert_eq!(left, Ok(0));
}

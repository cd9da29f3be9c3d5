//! `check` and what many verbs say.

use super::transcript;
use crate::newsroom::Newsroom;

#[test]
fn check() {
    let room = Newsroom::new();
    insta::assert_snapshot!(transcript(&room, &["check -v"]), @"
    $ newsdigest check -v
    looked at `newsdigest.toml`
    looked at `subscribers.toml`
    looked at `stories/*.toml`
    looked at `views.csv`
    sections that the sources give, and stories of each: `News` 2; `Business` 1; `City` 1; `Opinion` 1; `Sport` 1
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    4 files checked: no problem
    = 0
    ");
    room.file("newsdigest.toml", "[newsletter\nname = \"x\"\n");
    insta::assert_snapshot!(transcript(&room, &["check", "draft"]), @r#"
    $ newsdigest check
    error: unclosed table, expected `]`
      ──▶ newsdigest.toml:1:12
      │
    1 │ [newsletter
      │            ^
    1 problem in `newsdigest.toml`; what it names was not looked at

    hint: `[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it
    = 1

    $ newsdigest draft
    error: unclosed table, expected `]`
      ──▶ newsdigest.toml:1:12
      │
    1 │ [newsletter
      │            ^
    nothing was changed or sent

    hint: `[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it
    = 1
    "#);
    room.file("newsdigest.toml", "");
    insta::assert_snapshot!(transcript(&room, &["check"]), @r#"
    $ newsdigest check
    error: the section `[newsletter]` is missing: it must give `name`, `from`, `site` and `address`
      ──▶ newsdigest.toml:1:1
      │
    1 │ 
      │ ^

    error: no `[[source]]` is given: stories must come from somewhere
      ──▶ newsdigest.toml:1:1
      │
    1 │ 
      │ ^
    hint: `[[source]]` with `feed = "https://.."` or `stories = "stories/*.toml"`
    2 problems in `newsdigest.toml`; what it names was not looked at
    = 1
    "#);
    insta::assert_snapshot!(transcript(&room, &["check --config none.toml", "check --config ."]), @"
    $ newsdigest check --config none.toml
    error: `none.toml` does not exist
    1 problem in `none.toml`; what it names was not looked at

    hint: `newsdigest init paper` writes a newsroom to start from; `newsdigest preview --sample` needs none
    = 1

    $ newsdigest check --config .
    error: `.` is not a file
    1 problem in `.`; what it names was not looked at
    = 1
    ");
}

#[test]
fn completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Newsroom::bare().run(&["completions", shell]).exits(0);
        assert!(output.stdout.contains("newsdigest") && output.stderr.is_empty());
    }
}

#[test]
fn a_sample_of_every_verb() {
    let commands = [
        "send --sample",
        "status --sample",
        "check --sample",
        "subscribers list --sample",
        "suppress ada@example.org --sample",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::bare(), &commands), @"
    $ newsdigest send --sample
    the sample newsroom is in `[newsroom]/.tmp/newsdigest-sample-[random]`
    Harbour in your inbox, 2026-08-24: 14 of 15 stories chosen
    written to `[newsroom]/.tmp/newsdigest-sample-[random]/editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 2 left out
    3 letters lie in `[newsroom]/.tmp/newsdigest-sample-[random]/outbox`: a rehearsal, nobody was mailed
    Harbour in your inbox, 2026-08-24: 3 accepted, 2 left out (5 subscribers)
    = 0

    $ newsdigest status --sample
    the sample newsroom is in `[newsroom]/.tmp/newsdigest-sample-[random]`
    error: no edition was sent yet

    hint: `newsdigest --config [newsroom]/.tmp/newsdigest-sample-[random]/newsdigest.toml send` sends today's
    = 1

    $ newsdigest check --sample
    the sample newsroom is in `[newsroom]/.tmp/newsdigest-sample-[random]`
    sections that the sources give, and stories of each: `City` 4; `News` 4; `Business` 3; `Meanwhile` 2; `Opinion` 2
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    4 files checked: no problem
    = 0

    $ newsdigest subscribers list --sample
    the sample newsroom is in `[newsroom]/.tmp/newsdigest-sample-[random]`
    5 subscribers
    > ada@example.org  Ada Marsh  [News, City]
    > bela@xn--bcher-kva.example  Béla
    > carlos@example.org  paused
    > dov@example.net  Dov  [Business, Opinion, Meanwhile]  paused until 2026-09-01
    > harbourmaster@harbourtimes.example
    = 0

    $ newsdigest suppress ada@example.org --sample
    the sample newsroom is in `[newsroom]/.tmp/newsdigest-sample-[random]`
    1 address put on the suppression list
    = 0
    ");
}

#[test]
fn hints_name_the_newsroom_and_the_day() {
    let room = Newsroom::bare();
    let commands = [
        "init -q the/paper",
        "draft -q --config the/paper/newsdigest.toml --date 2026-08-24b",
        "draft --config the/paper/newsdigest.toml --date 2026-08-24b",
        "status --config the/paper/newsdigest.toml",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @"
    $ newsdigest init -q the/paper
    > the/paper/newsdigest.toml
    = 0

    $ newsdigest draft -q --config the/paper/newsdigest.toml --date 2026-08-24b
    > the/paper/editions/2026-08-24b.toml
    = 0

    $ newsdigest draft --config the/paper/newsdigest.toml --date 2026-08-24b
    error: `the/paper/editions/2026-08-24b.toml` exists already
    nothing was changed

    hint: `newsdigest --config the/paper/newsdigest.toml --date 2026-08-24b preview` shows it; `newsdigest --config the/paper/newsdigest.toml --date 2026-08-24b draft --force` chooses anew and keeps what you wrote and pinned
    = 1

    $ newsdigest status --config the/paper/newsdigest.toml
    error: no edition was sent yet

    hint: `newsdigest --config the/paper/newsdigest.toml send` sends today's
    = 1
    ");
}

#[test]
fn a_ledger_that_is_none() {
    let room = Newsroom::new();
    room.file("newsdigest.db", "no database, but a diary of some length");
    insta::assert_snapshot!(transcript(&room, &["send", "status", "preview --out page"]), @"
    $ newsdigest send
    error: `newsdigest.db` is not a ledger of newsdigest
    nothing was changed or sent

    hint: `[ledger] path` in the config names the ledger; a newsroom that never had one gets a new one
    = 1

    $ newsdigest status
    error: `newsdigest.db` is not a ledger of newsdigest
    nothing was changed or sent

    hint: `[ledger] path` in the config names the ledger; a newsroom that never had one gets a new one
    = 1

    $ newsdigest preview --out page
    error: `newsdigest.db` is not a ledger of newsdigest
    nothing was written
    = 1
    ");
    std::fs::remove_file(room.path("newsdigest.db")).unwrap();
    std::fs::create_dir(room.path("newsdigest.db")).unwrap();
    insta::assert_snapshot!(transcript(&room, &["send"]), @"
    $ newsdigest send
    error: `newsdigest.db` cannot be opened or made: expected a file in a folder that exists and may be written
    nothing was changed or sent
    = 1
    ");
}

#[test]
fn folders_that_cannot_be_written() {
    // A file is where a folder must be; a test that takes rights away would not notice it as root.
    let room = Newsroom::new();
    room.file("editions", "");
    room.file("outbox", "");
    insta::assert_snapshot!(transcript(&room, &["draft -q", "check"]), @"
    $ newsdigest draft -q
    error: cannot write `editions`: file exists
    nothing was written or sent
    = 1

    $ newsdigest check
    sections that the sources give, and stories of each: `News` 2; `Business` 1; `City` 1; `Opinion` 1; `Sport` 1
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    error: cannot read `editions`: not a directory
    1 problem
    = 1
    ");
    std::fs::remove_file(room.path("editions")).unwrap();
    let said = transcript(&room, &["send", "status"]);
    let (before, random) = said.split_once("outbox/").unwrap();
    let (_, after) = random.split_once(".eml").unwrap();
    insta::assert_snapshot!(format!("{before}outbox/[random].eml{after}"), @"
    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    error: cannot write `outbox/[random].eml`: not a directory
    Harbour in your inbox, 2026-08-24: 0 accepted, 3 queued (3 subscribers)

    hint: `newsdigest send --date 2026-08-24` goes on with the 3 that are left
    = 75

    $ newsdigest status

    hint: `newsdigest send --date 2026-08-24` hands over the rest
    > 2026-08-24, frozen 2026-08-24 06:45, rehearsal to `[newsroom]/outbox`: 0 accepted, 3 queued (3 subscribers)
    = 0
    ");
}

#[test]
fn manual_pages() {
    let room = Newsroom::bare();
    room.run(&["man", "."]).exits(0);
    assert!(room.read("newsdigest.1").contains(".TH newsdigest 1"));
    assert!(room.read("newsdigest-status.1").contains("\\-\\-rejected"));
    room.run(&["man", "nowhere"])
        .exits(1)
        .says("cannot write to `nowhere`: no such file");
}

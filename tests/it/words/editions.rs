//! Verbs that make an edition, and `init`. One file: nearly all of it is what they print.

use std::net::TcpListener;

use super::transcript;
use crate::newsroom::Newsroom;

#[test]
fn init() {
    let room = Newsroom::bare();
    room.file("a_file", "");
    let commands = [
        "init paper",
        "init paper",
        "init a_file",
        "init",
        "init -q other",
        "init --template bulletin",
        "init --template bulletin",
        "init --template bulletin -q my/look",
        "init --template tabloid",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @r#"
    $ newsdigest init paper
    a newsroom is in `paper`: 19 files; its stories and views are samples

    hint: `cd paper && newsdigest preview` shows its first edition; then put your own feeds into `newsdigest.toml`
    > paper/newsdigest.toml
    = 0

    $ newsdigest init paper
    error: `paper/newsdigest.toml` exists: a newsroom is there already
    nothing was changed

    hint: `newsdigest --config paper/newsdigest.toml check` looks for problems in it
    = 1

    $ newsdigest init a_file
    error: cannot write `a_file`: file exists
    nothing was changed
    = 1

    $ newsdigest init
    a newsroom is in this folder: 19 files; its stories and views are samples

    hint: `newsdigest preview` shows its first edition; then put your own feeds into `newsdigest.toml`
    > newsdigest.toml
    = 0

    $ newsdigest init -q other
    > other/newsdigest.toml
    = 0

    $ newsdigest init --template bulletin
    a template is in `template`: README.md there explains its files

    hint: write `use = "./template"` below `[template]` in `newsdigest.toml`; `newsdigest preview` then follows every change of it
    > template
    = 0

    $ newsdigest init --template bulletin
    error: `template/template.toml` already exists
    nothing was changed
    = 1

    $ newsdigest init --template bulletin -q my/look
    > my/look
    = 0

    $ newsdigest init --template tabloid
    error: invalid value 'tabloid' for '--template <NAME>'
      [possible values: broadsheet, bulletin, gallery]

    For more information, try '--help'.
    = 2
    "#);
}

#[test]
fn draft() {
    let commands = [
        "draft",
        "draft",
        "draft --force --quiet",
        "draft --date 2026-08-24b -v",
        "draft --date 2026-08-24b",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest draft
    source                     stories  newest  no date  no dek  no pic  twice      ms
    stories/*.toml                   6  15 min        -       -       6      -       -

    readership                 stories  newest      views  known
    views.csv                        4  15 min      4,541  totals

    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen

    top
      1  A very fat seal blocks the slipway
      2  Ferry fares rise on Monday
      3  The fish market moves indoors
      4  Rowers win the river cup
      5  Why the tide tables were wrong

    most read
      1  A very fat seal blocks the slipway
      2  Ferry fares rise on Monday
      3  The fish market moves indoors
      4  Rowers win the river cup

    latest
      1  The library opens on Sundays

    hint: `newsdigest preview` shows it, `newsdigest explain` says why; edit the file freely
    > editions/2026-08-24.toml
    = 0

    $ newsdigest draft
    error: `editions/2026-08-24.toml` exists already
    nothing was changed

    hint: `newsdigest preview` shows it; `newsdigest draft --force` chooses anew and keeps what you wrote and pinned
    = 1

    $ newsdigest draft --force --quiet
    > editions/2026-08-24.toml
    = 0

    $ newsdigest draft --date 2026-08-24b -v
    source                     stories  newest  no date  no dek  no pic  twice      ms
    stories/*.toml                   6  15 min        -       -       6      -       -

    readership                 stories  newest      views  known
    views.csv                        4  15 min      4,541  totals

    top: views per hour expected over the next 12 h: by a story's age and its views per hour since it came out beside those of the ten best x the editor's order where there is one (1.5 for the first, 1.33, 1.25 ..); readership says how many, not when; at most 3 of one section while others can fill the slots
    most read: today's forecast: the part of the views taken to be of today + views per hour expected x hours left of the day
    latest: newest first, without what is printed above
    Harbour in your inbox, 2026-08-24b: 6 of 6 stories chosen

    top
      1  A very fat seal blocks the slipway
         rank 1 of 6: 2,950 views, 35 min old, 3rd in the editor's order, first from News
      2  Ferry fares rise on Monday
         rank 2 of 6: 1,204 views, 15 min old, first in the editor's order, 2nd from News
      3  The fish market moves indoors
         rank 3 of 6: 310 views, 25 min old, 2nd in the editor's order, first from Business
      4  Rowers win the river cup
         rank 4 of 6: 77 views, 1 h old, 4th in the editor's order, first from Sport
      5  Why the tide tables were wrong
         rank 5 of 6: no views yet, 1 h old, 5th in the editor's order, first from Opinion

    most read
      1  A very fat seal blocks the slipway
         rank 1 of 4: 2,950 views, 35 min old
      2  Ferry fares rise on Monday
         rank 2 of 4: 1,204 views, 15 min old
      3  The fish market moves indoors
         rank 3 of 4: 310 views, 25 min old
      4  Rowers win the river cup
         rank 4 of 4: 77 views, 1 h old

    latest
      1  The library opens on Sundays
         published 2026-08-24 05:20, 1 h old

    hint: `newsdigest --date 2026-08-24b preview` shows it, `newsdigest --date 2026-08-24b explain` says why; edit the file freely
    > editions/2026-08-24b.toml
    = 0

    $ newsdigest draft --date 2026-08-24b
    error: `editions/2026-08-24b.toml` exists already
    nothing was changed

    hint: `newsdigest --date 2026-08-24b preview` shows it; `newsdigest --date 2026-08-24b draft --force` chooses anew and keeps what you wrote and pinned
    = 1
    ");
}

#[test]
fn draft_on_a_quiet_day() {
    let room = Newsroom::new().config("selection", "minimum = 10");
    let commands = [
        "draft",
        "send",
        "proof me@example.org",
        "preview --out page",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @"
    $ newsdigest draft
    source                     stories  newest  no date  no dek  no pic  twice      ms
    stories/*.toml                   6  15 min        -       -       6      -       -

    readership                 stories  newest      views  known
    views.csv                        4  15 min      4,541  totals

    a quiet day: of 6 stories fewer than 10 can be printed, so there is no edition

    hint: `newsdigest explain` says why each was passed over
    = 0

    $ newsdigest send
    a quiet day: of 6 stories fewer than 10 can be printed, so there is no edition

    hint: `newsdigest explain` says why each was passed over
    = 0

    $ newsdigest proof me@example.org
    a quiet day: of 6 stories fewer than 10 can be printed, so there is no edition

    hint: `newsdigest explain` says why each was passed over
    = 0

    $ newsdigest preview --out page
    error: a quiet day: fewer than 10 stories can be printed, so there is no edition
    nothing was written

    hint: `newsdigest explain` says why each was passed over
    = 1
    ");
}

#[test]
fn draft_without_its_sources() {
    let room = Newsroom::new().config("[source]", "feed = \"none.xml\"");
    insta::assert_snapshot!(transcript(&room, &["draft", "explain", "send", "preview --out page"]), @"
    $ newsdigest draft
    warning: none.xml: does not exist
    error: the only source could not be read
    nothing was written or sent
    = 1

    $ newsdigest explain
    warning: none.xml: does not exist
    error: the only source could not be read
    nothing was written or sent
    = 1

    $ newsdigest send
    warning: none.xml: does not exist
    error: the only source could not be read
    nothing was written or sent
    = 1

    $ newsdigest preview --out page
    error: the only source could not be read

    error: none.xml: does not exist
    nothing was written
    = 1
    ");
    let room = Newsroom::new();
    std::fs::remove_file(room.path("views.csv")).unwrap();
    insta::assert_snapshot!(transcript(&room, &["draft -q", "check"]), @"
    $ newsdigest draft -q
    warning: views.csv: does not exist
    > editions/2026-08-24.toml
    = 0

    $ newsdigest check
    sections that the sources give, and stories of each: `News` 2; `Business` 1; `City` 1; `Opinion` 1; `Sport` 1
    warning: views.csv: does not exist
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    1 problem
    = 1
    ");
}

#[test]
fn explain() {
    let room = Newsroom::new();
    insta::assert_snapshot!(transcript(&room, &["explain", "draft -q", "explain seal", "explain unicorn"]), @"
    $ newsdigest explain
    > 6 stories, published 2026-08-23 06:45 to 2026-08-24 06:45
    > top: views per hour expected over the next 12 h: by a story's age and its views
    >   per hour since it came out beside those of the ten best x the editor's order
    >   where there is one (1.5 for the first, 1.33, 1.25 ..); readership says how
    >   many, not when; at most 3 of one section while others can fill the slots
    > most read: today's forecast: the part of the views taken to be of today + views
    >   per hour expected x hours left of the day
    > latest: newest first, without what is printed above
    >
    > slot            score     story
    >
    > top 1, read 1   ████████  A very fat seal blocks the slipway
    >                 age 0.58 h · views 8,850/h · ten best 661/h ·
    >                 of ten best x 2.26 · section x 1 · expected 1,496/h ·
    >                 editor x 1.25 · views today 2,950 · expected today 28,763
    >                 top: rank 1 of 6: 2,950 views, 35 min old, 3rd in the editor's
    >                 order, first from News; most read: rank 1 of 4: 2,950 views, 35
    >                 min old
    >
    > top 2, read 2   █████▉    Ferry fares rise on Monday
    >                 age 0.25 h · views 6,120/h · ten best 661/h ·
    >                 of ten best x 1.38 · section x 1 · expected 911/h ·
    >                 editor x 1.5 · views today 1,204 · expected today 16,915
    >                 top: rank 2 of 6: 1,204 views, 15 min old, first in the editor's
    >                 order, 2nd from News; most read: rank 2 of 4: 1,204 views, 15
    >                 min old
    >
    > top 3, read 3   █▉        The fish market moves indoors
    >                 age 0.417 h · views 1,340/h · ten best 661/h ·
    >                 of ten best x 0.51 · section x 1 · expected 339/h ·
    >                 editor x 1.33 · views today 310 · expected today 6,150
    >                 top: rank 3 of 6: 310 views, 25 min old, 2nd in the editor's
    >                 order, first from Business; most read: rank 3 of 4: 310 views,
    >                 25 min old
    >
    > top 4, read 4   ▌         Rowers win the river cup
    >                 age 1.08 h · views 92.4/h · ten best 661/h ·
    >                 of ten best x 0.144 · section x 1 · expected 95.1/h ·
    >                 editor x 1.2 · views today 77 · expected today 1,717
    >                 top: rank 4 of 6: 77 views, 1 h old, 4th in the editor's order,
    >                 first from Sport; most read: rank 4 of 4: 77 views, 1 h old
    >
    > top 5           ▎         Why the tide tables were wrong
    >                 age 1.25 h · views 0/h · ten best 661/h · of ten best x 0.088 ·
    >                 section x 1 · expected 57.9/h · editor x 1.17 · views today 0 ·
    >                 expected today 998
    >                 top: rank 5 of 6: no views yet, 1 h old, 5th in the editor's
    >                 order, first from Opinion
    >
    > new 1           ▎         The library opens on Sundays
    >                 age 1.42 h · views 0/h · ten best 661/h · of ten best x 0.085 ·
    >                 section x 1 · expected 56.3/h · editor x 1.14 · views today 0 ·
    >                 expected today 971
    >                 latest: published 2026-08-24 05:20, 1 h old
    = 0

    $ newsdigest draft -q
    > editions/2026-08-24.toml
    = 0

    $ newsdigest explain seal
    the reasons of the draft of 2026-08-24; `newsdigest draft --force` chooses anew
    > A very fat seal blocks the slipway
    >   https://harbourtimes.example/story-3
    >   section     News
    >   published   2026-08-24 06:10 +01:00
    >   source      stories/*.toml
    >   views       2,950
    >   slots       top 1, read 1
    >
    >   each bar beside the largest of 6
    >   score                            1,871  ██████████████████████████████████████
    >   age                             0.58 h  ███████████████▋
    >   views                          8,850/h  ██████████████████████████████████████
    >   ten best                         661/h  ██████████████████████████████████████
    >   of ten best                     x 2.26  ██████████████████████████████████████
    >   section                            x 1  ██████████████████████████████████████
    >   expected                       1,496/h  ██████████████████████████████████████
    >   editor                          x 1.25  ███████████████████████████████▋
    >   views today                      2,950  ██████████████████████████████████████
    >   expected today                  28,763  ██████████████████████████████████████
    >
    >   top: rank 1 of 6: 2,950 views, 35 min old, 3rd in the editor's order, first
    >   from News; most read: rank 1 of 4: 2,950 views, 35 min old
    = 0

    $ newsdigest explain unicorn
    the reasons of the draft of 2026-08-24; `newsdigest draft --force` chooses anew
    error: no story among 6 has `unicorn` in its headline or address

    hint: `newsdigest explain` shows them all
    = 1
    ");
}

#[test]
fn preview() {
    let room = Newsroom::new();
    room.file("a_file", "");
    insta::assert_snapshot!(transcript(&room, &["preview --out page", "preview --out a_file"]), @"
    $ newsdigest preview --out page
    > page/digest.html
    > page/digest.txt
    > page/digest.eml
    > page/web.html
    = 0

    $ newsdigest preview --out a_file
    error: `a_file` cannot be made: file exists
    nothing was written
    = 1
    ");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = room.run(&["preview", "--port", &port]);
    assert_eq!(said.status, Some(1));
    insta::assert_snapshot!(said.stderr.replace(&port, "[port]"), @"
    error: port [port] on 127.0.0.1 cannot be used: address already in use

    hint: `newsdigest preview --port 0` takes any free one
    ");
}

#[test]
fn proof() {
    let commands = [
        "proof me@example.org",
        "proof me@example.org you@example.org",
        "proof me you@nowhere",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest proof me@example.org
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    1 proof of 2026-08-24 in `outbox`
    = 0

    $ newsdigest proof me@example.org you@example.org
    2 proofs of 2026-08-24 in `outbox`
    = 0

    $ newsdigest proof me you@nowhere
    error: `me` is not an email address: expected `name@domain`, but found no `@`

    error: `y***@n***` is not an email address: the domain has no dot
    nothing was changed or sent
    = 1
    ");
    let nobody_listens = Newsroom::new().relay(1, 1);
    insta::assert_snapshot!(transcript(&nobody_listens, &["proof me@example.org"]), @"
    $ newsdigest proof me@example.org
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    error: cannot reach `127.0.0.1:[port]`: connection refused
    the subscribers got nothing
    = 75
    ");
}

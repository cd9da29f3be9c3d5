//! The words on the screen: what each verb says, on a good day and on bad ones. One test a verb; a new message means a new line here.
//!
//! A transcript holds the commands as they were typed, standard error as it stands, standard output behind `> `, and the exit code. Where
//! other tests already show a verb's words (`check.rs` for problems in files, `send/` for what a relay may answer), they are not shown again.

use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;

use crate::newsroom::{Newsroom, Output};
use crate::postoffice::{PostOffice, Stage};

/// Runs each line as a command and writes down what came of it.
fn transcript(room: &Newsroom, commands: &[&str]) -> String {
    let mut all = String::new();
    for command in commands {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        all += &told(command, &room.run(&arguments));
    }
    all
}

fn told(command: &str, output: &Output) -> String {
    let data: String = output
        .data()
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned() + "\n")
        .collect();
    let words = output.words();
    let code = output.status.unwrap();
    sample_folder(&format!(
        "$ newsdigest {command}\n{words}{data}= {code}\n\n"
    ))
}

/// The sample newsroom lies in a folder with a random name.
fn sample_folder(text: &str) -> String {
    const BEFORE: &str = "newsdigest-sample-";
    let mut pieces = text.split(BEFORE);
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let end = piece.find(['/', '`']).unwrap();
        out.extend([BEFORE, "[random]", &piece[end..]]);
    }
    out
}

/// The help of a verb without what all verbs have.
fn help(verb: &str) -> String {
    let arguments: Vec<&str> = verb.split_whitespace().chain(["--help"]).collect();
    let text = Newsroom::bare().run(&arguments).exits(0).stdout;
    let mut own: Vec<&str> = text.split("\n\n").collect();
    own.retain(|paragraph| {
        let only_help = paragraph.starts_with("Options:") && paragraph.lines().count() == 2;
        !only_help && !paragraph.starts_with("Everywhere:")
    });
    let own = own.join("\n\n");
    let lines = own
        .lines()
        .filter(|line| !line.contains("Print help"))
        .map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

#[test]
fn help_of_the_program() {
    let text = Newsroom::bare().run(&["--help"]).exits(0).stdout;
    insta::assert_snapshot!(text, @"
    An email digest for a newspaper: chooses the day's stories, renders the edition, sends it

    Usage: newsdigest [OPTIONS] <COMMAND>

    Make an edition:
      draft        Choose the day's stories and write the edition file
      explain      Say why each story was chosen or passed over
      readership   Say what each source of readership says now
      preview      Show the edition on a local page that follows every change
      proof        Send the edition to a few colleagues only

    Send it:
      send         Send the edition to all subscribers; run again, it resumes and sends nothing twice
      status       Say what became of every copy of an edition
      schedule     Show when the next editions are drafted and sent by the clock
      serve        Answer readers who subscribe, leave or read the archive, and keep the schedule
      ledger       Delete what became of copies long ago

    Readers:
      subscribers  List, add, remove, import, export and check subscribers
      suppress     Never mail these addresses again, whatever the subscribers file says
      unsuppress   Lift the suppression of these addresses
      bounces      Read what came back, and suppress whose mailbox is gone or who complained

    Set up:
      init         Write a newsroom to start from: config, subscribers, sample stories and views
      check        Look for problems in every file of the newsroom
      dkim         Make keys that sign letters, and show their DNS records
      completions  Write completions for a shell
      man          Write the manual pages, for packagers

    Everywhere:
          --config <FILE>  The newsroom's config [default: newsdigest.toml]
          --sample         Try it on a built-in newsroom, written to a temporary folder
          --date <DAY>     The edition's day; a second edition of a day takes a letter, as in
                           2026-08-24b [default: today]
          --now <TIME>     Take this instant for now, as in 2026-08-24T06:45:00+01:00
          --json           Print data as JSON, where there is data
      -q, --quiet          Say only what went wrong
      -v, --verbose        Say more
      -h, --help           Print help
      -V, --version        Print version

    Explain one verb:                newsdigest help send
    Try it with nothing configured:  newsdigest preview --sample
    Start a newsroom of your own:    newsdigest init paper && cd paper && newsdigest draft
    ");
}

#[test]
fn help_of_every_verb() {
    let verbs = [
        "init",
        "draft",
        "explain",
        "readership",
        "preview",
        "proof",
        "send",
        "status",
        "schedule",
        "subscribers",
        "subscribers add",
        "subscribers remove",
        "subscribers import",
        "subscribers export",
        "suppress",
        "unsuppress",
        "bounces",
        "check",
        "completions",
    ];
    let all: Vec<String> = verbs.iter().map(|verb| help(verb)).collect();
    insta::assert_snapshot!(all.join("\n----\n"), @r#"
    Write a newsroom to start from: config, subscribers, sample stories and views

    Usage: newsdigest init [OPTIONS] [DIR]

    Arguments:
      [DIR]  The folder to write to [default: this one; with --template, `template` in it]

    Options:
          --template <NAME>  Write the files of a built-in template instead, to make your own of them
                             [possible values: broadsheet, bulletin, gallery]

    ----
    Choose the day's stories and write the edition file

    Usage: newsdigest draft [OPTIONS]

    Options:
          --force  Draft again; what an editor wrote, pinned or dropped in the file stays

    ----
    Say why each story was chosen or passed over

    Usage: newsdigest explain [OPTIONS] [STORY]

    Arguments:
      [STORY]  Only this story: a part of its headline or address

    Options:
          --all   Show all stories, not only the chosen and the best twenty of those passed over

    newsdigest explain               the chosen and the next twenty, best first
    newsdigest explain seal          one story, with the parts of its score
    newsdigest explain --json        the same for a program

    ----
    Say what each source of readership says now

    Usage: newsdigest readership [OPTIONS]

    Options:
          --keep  Keep what services of totals say as one sample, for cron: from samples come views by
                  time

    ----
    Show the edition on a local page that follows every change

    Usage: newsdigest preview [OPTIONS]

    Options:
          --port <PORT>  The port on 127.0.0.1; 0 takes any free one [default: 4711]
          --open         Open it in the browser
          --out <DIR>    Write digest.html, digest.txt, digest.eml and web.html, a page for everybody,
                         to this folder and end

    newsdigest preview --open        in the browser
    newsdigest preview --out page    as files, for a script

    ----
    Send the edition to a few colleagues only

    Usage: newsdigest proof [OPTIONS] <ADDRESS>...

    Arguments:
      <ADDRESS>...  Whom to send it to

    ----
    Send the edition to all subscribers; run again, it resumes and sends nothing twice

    Usage: newsdigest send [OPTIONS]

    Options:
          --dry-run            Do everything but freeze and send: say who would get it
          --in-doubt <WHAT>    Copies whose fate a stopped run left unknown: hand them over again, or
                               leave them [default: resend those that were never skipped] [possible
                               values: resend, skip]
          --despite <FINDING>  Send although the look before sending found this
          --yes                Do not ask, even if nobody has drafted the edition yet

    newsdigest send --dry-run           who would get it, and who would not
    newsdigest send                     for real; the same again after a crash

    Ends with 0 when all were accepted, 1 on a problem (nothing was sent), 3 when some were refused,
    75 when the relay is away or busy, when it stopped part-way or another run is sending: run it again.

    ----
    Say what became of every copy of an edition

    Usage: newsdigest status [OPTIONS] [DAY]

    Arguments:
      [DAY]  The edition's day [default: the newest run]

    Options:
          --rejected      List whom the relay refused, with its words
          --in-doubt      List the copies whose fate is unknown
          --left-out      List who was left out, and why
          --given-up      List those not tried any more, with the relay's last words
          --of <ADDRESS>  Say what became of this reader's copies, in all editions or in that of the day
          --csv           Print every copy as a row of a table: edition, target, email, state, attempts,
                          at, why

    newsdigest status                        the newest edition
    newsdigest status 2026-08-24 --rejected  one line an address: address, then why
    newsdigest status --of ada@example.org   what became of one reader's copies
    newsdigest status --csv > copies.csv     every copy of the newest edition

    ----
    Show when the next editions are drafted and sent by the clock

    Usage: newsdigest schedule [OPTIONS]

    Options:
      -n <N>      How many runs [default: 10]

    ----
    List, add, remove, import, export and check subscribers

    Usage: newsdigest subscribers [OPTIONS] <COMMAND>

    Commands:
      list    List all, one a line
      add     Add addresses
      set     Change the name or the sections of one
      remove  Remove addresses
      import  Add the subscribers of a table that another program wrote; who left goes on the
              suppression list
      export  Write all subscribers as CSV
      check   Look for problems in the file

    ----
    Add addresses

    Usage: newsdigest subscribers add [OPTIONS] <ADDRESS>...

    Arguments:
      <ADDRESS>...  The addresses

    Options:
          --name <NAME>         The reader's name (with one address)
          --sections <SECTION>  Only these sections, separated by commas
          --consent <TEXT>      How the reader asked for it, in your own words

    newsdigest subscribers add ada@example.org --name Ada --sections News,City --consent "sign-up form"

    ----
    Remove addresses

    Usage: newsdigest subscribers remove [OPTIONS] <ADDRESS>...

    Arguments:
      <ADDRESS>...  The addresses

    Options:
          --for-good  Put them on the suppression list too, so that no import brings them back

    ----
    Add the subscribers of a table that another program wrote; who left goes on the suppression list

    Usage: newsdigest subscribers import [OPTIONS] <FILE>

    Arguments:
      <FILE>  A table (CSV, TSV or JSON) with a header that names a column `email`; `-` is standard
              input

    Options:
          --means <MEANING>         What a value means: `COLUMN:VALUE=STANDING`, `COLUMN:*=STANDING` or
                                    `all=STANDING`; STANDING is subscribed, left, bounced, complained,
                                    suppressed or unconfirmed
          --skip <COLUMN>           Read the table as if this column were not there
          --sections-from <COLUMN>  The column that holds the sections a reader wants, such as tags or
                                    groups
          --update                  Take names and sections from the table also for those who are in the
                                    file
          --dry-run                 Say what would happen, and change nothing

    Other columns it knows: name, sections, since, consent, paused, and those of Mailchimp, Brevo,
    listmonk and others. A column that speaks of whether somebody may be mailed is understood, or
    nothing is imported. What is in the file already is not added twice.

    newsdigest subscribers import list.csv --dry-run
    newsdigest subscribers import list.csv --means 'status:on hold=unconfirmed'
    newsdigest subscribers export | newsdigest --config other/newsdigest.toml subscribers import -

    ----
    Write all subscribers as CSV

    Usage: newsdigest subscribers export [OPTIONS]

    ----
    Never mail these addresses again, whatever the subscribers file says

    Usage: newsdigest suppress [OPTIONS] [ADDRESS]...

    Arguments:
      [ADDRESS]...  The addresses

    Options:
          --list           Show the suppression list
          --csv            Show it as a table: address, reason, date
          --import <FILE>  Take addresses from a table, or from a text with one a line; `-` is standard
                           input

    ----
    Lift the suppression of these addresses

    Usage: newsdigest unsuppress [OPTIONS] <ADDRESS>...

    Arguments:
      <ADDRESS>...  The addresses

    ----
    Read what came back, and suppress whose mailbox is gone or who complained

    Usage: newsdigest bounces [OPTIONS] <PATH>...

    Arguments:
      <PATH>...  Maildirs, mbox files or single messages; `-` is standard input

    newsdigest bounces /var/mail/bounces/Maildir   every hour; nothing in it is moved, what was read
    before counts once
    newsdigest bounces -                           behind a mail alias: ends with 0, or with 75 to be
    tried again

    ----
    Look for problems in every file of the newsroom

    Usage: newsdigest check [OPTIONS]

    Options:
          --online  Ask the web too: how each source is doing, which links of the day's edition are
                    dead, whether DNS has the DKIM keys

    ----
    Write completions for a shell

    Usage: newsdigest completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>  The shell [possible values: bash, elvish, fish, powershell, zsh]

    newsdigest completions bash > ~/.local/share/bash-completion/completions/newsdigest
    "#);
}

#[test]
fn wrong_usage() {
    let commands = [
        "sned",
        "draft --date 2026-02-30",
        "draft --date today",
        "send --now 7am",
        "status yesterday",
        "proof",
        "suppress",
        "suppress --list ada@example.org",
        "preview --port 0 --out page",
        "draft -q -v",
        "check --sample --config x.toml",
        "init --sample",
        "completions cmd",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest sned
    error: unrecognized subcommand 'sned'

      tip: some similar subcommands exist: 'schedule', 'send'

    Usage: newsdigest [OPTIONS] <COMMAND>

    For more information, try '--help'.
    = 2

    $ newsdigest draft --date 2026-02-30
    error: invalid value '2026-02-30' for '--date <DAY>': expected a day such as 2026-08-24, or 2026-08-24b for a second edition of that day

    For more information, try '--help'.
    = 2

    $ newsdigest draft --date today
    error: invalid value 'today' for '--date <DAY>': expected a day such as 2026-08-24, or 2026-08-24b for a second edition of that day

    For more information, try '--help'.
    = 2

    $ newsdigest send --now 7am
    error: invalid value '7am' for '--now <TIME>': expected a time with its offset, such as 2026-08-24T06:45:00+01:00

    For more information, try '--help'.
    = 2

    $ newsdigest status yesterday
    error: invalid value 'yesterday' for '[DAY]': expected a day such as 2026-08-24, or 2026-08-24b for a second edition of that day

    For more information, try '--help'.
    = 2

    $ newsdigest proof
    error: the following required arguments were not provided:
      <ADDRESS>...

    Usage: newsdigest proof --now <TIME> <ADDRESS>...

    For more information, try '--help'.
    = 2

    $ newsdigest suppress
    error: the following required arguments were not provided:
      <ADDRESS>...

    Usage: newsdigest suppress --now <TIME> <ADDRESS>...

    For more information, try '--help'.
    = 2

    $ newsdigest suppress --list ada@example.org
    error: the argument '--list' cannot be used with '[ADDRESS]...'

    Usage: newsdigest suppress --list --now <TIME> [ADDRESS]...

    For more information, try '--help'.
    = 2

    $ newsdigest preview --port 0 --out page
    error: the argument '--port <PORT>' cannot be used with '--out <DIR>'

    Usage: newsdigest preview --port <PORT> --now <TIME>

    For more information, try '--help'.
    = 2

    $ newsdigest draft -q -v
    error: the argument '--quiet' cannot be used with '--verbose'

    Usage: newsdigest draft --quiet --now <TIME>

    For more information, try '--help'.
    = 2

    $ newsdigest check --sample --config x.toml
    error: the argument '--sample' cannot be used with '--config <FILE>'

    Usage: newsdigest check --sample --now <TIME>

    For more information, try '--help'.
    = 2

    $ newsdigest init --sample
    error: `--sample` makes its own newsroom: it cannot be used with `init`

    Usage: newsdigest [OPTIONS] <COMMAND>

    For more information, try '--help'.
    = 2

    $ newsdigest completions cmd
    error: invalid value 'cmd' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

    For more information, try '--help'.
    = 2
    ");
}

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
    a newsroom stands in `paper`: 19 files; its stories and views are samples

    hint: `cd paper && newsdigest preview` shows its first edition; then put your own feeds into `newsdigest.toml`
    > paper/newsdigest.toml
    = 0

    $ newsdigest init paper
    error: `paper/newsdigest.toml` exists: a newsroom stands there already
    nothing was changed

    hint: `newsdigest --config paper/newsdigest.toml check` looks for problems in it
    = 1

    $ newsdigest init a_file
    error: cannot write `a_file`: file exists
    nothing was changed
    = 1

    $ newsdigest init
    a newsroom stands in this folder: 19 files; its stories and views are samples

    hint: `newsdigest preview` shows its first edition; then put your own feeds into `newsdigest.toml`
    > newsdigest.toml
    = 0

    $ newsdigest init -q other
    > other/newsdigest.toml
    = 0

    $ newsdigest init --template bulletin
    a template stands in `template`: README.md there explains its files

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
    the subscribers got nothing, and the ledger was not touched
    = 75
    ");
}

#[test]
fn send() {
    let commands = [
        "send --dry-run",
        "send",
        "send",
        "send --dry-run",
        "send -q",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: would go to 3 subscribers, into `outbox`
    nothing was frozen or sent
    = 0

    $ newsdigest send
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    3 letters lie in `[newsroom]/outbox`: a rehearsal, nobody was mailed
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0

    $ newsdigest send
    2026-08-24: nothing is left to hand over
    3 letters lie in `[newsroom]/outbox`: a rehearsal, nobody was mailed
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0

    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: nothing is left to hand over; 3 accepted (3 subscribers)
    nothing was sent
    = 0

    $ newsdigest send -q
    = 0
    ");
}

#[test]
fn send_to_a_relay() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    insta::assert_snapshot!(transcript(&room, &["send --dry-run", "send", "send"]), @"
    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: would go to 3 subscribers, through `127.0.0.1:[port]`
    nothing was frozen or sent
    = 0

    $ newsdigest send
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0

    $ newsdigest send
    2026-08-24: nothing is left to hand over
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0
    ");
    let room = Newsroom::new().relay(1, 1);
    insta::assert_snapshot!(transcript(&room, &["send", "status"]), @"
    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    error: cannot reach `127.0.0.1:[port]`: connection refused
    nothing was frozen or sent
    = 75

    $ newsdigest status
    error: no edition was sent yet

    hint: `newsdigest send` sends today's
    = 1
    ");
}

#[test]
fn send_with_refusals() {
    let post = PostOffice::open().reply_to("bob@example.org", "550 5.1.1 no such user");
    let room = Newsroom::new().relay(post.port(), 1);
    insta::assert_snapshot!(transcript(&room, &["send", "send", "status --rejected", "proof bob@example.org"]), @"
    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    Harbour in your inbox, 2026-08-24: 2 accepted, 1 rejected (3 subscribers)

    hint: `newsdigest status 2026-08-24 --rejected` lists whom the relay refused
    = 3

    $ newsdigest send
    2026-08-24: nothing is left to hand over
    Harbour in your inbox, 2026-08-24: 2 accepted, 1 rejected (3 subscribers)

    hint: `newsdigest status 2026-08-24 --rejected` lists whom the relay refused
    = 3

    $ newsdigest status --rejected
    2026-08-24, to the relay: 1 rejected
    > bob@example.org  550 5.1.1 no such user
    = 0

    $ newsdigest proof bob@example.org
    warning: `bob@example.org` was refused: `550 5.1.1 no such user`
    0 proofs of 2026-08-24 handed to `127.0.0.1:[port]`
    = 3
    ");
}

#[test]
fn send_to_a_relay_that_refuses_us() {
    let post = PostOffice::open().reply_at(Stage::Mail, "550 5.7.1 relay access denied");
    let room = Newsroom::new().relay(post.port(), 1);
    insta::assert_snapshot!(transcript(&room, &["send", "status", "send --date 2026-08-25", "send --dry-run"]), @"
    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    error: the relay refuses us, not a reader: `127.0.0.1:[port]` refused MAIL: `550 5.7.1 relay access denied`
    Harbour in your inbox, 2026-08-24: 0 accepted, 3 queued (3 subscribers)

    hint: `newsdigest send --date 2026-08-24` goes on with the 3 that are left
    = 75

    $ newsdigest status

    hint: `newsdigest send --date 2026-08-24` hands over the rest
    > 2026-08-24, frozen 2026-08-24 06:45, to the relay: 0 accepted, 3 queued (3 subscribers)
    = 0

    $ newsdigest send --date 2026-08-25
    error: the edition of 2026-08-24 is not sent to its end
    nothing was sent

    hint: `newsdigest send --date 2026-08-24` finishes it, 3 to go
    = 1

    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: frozen already, would go on with 3 letters; 0 accepted, 3 queued (3 subscribers)
    nothing was sent
    = 0
    ");
}

#[test]
fn send_while_another_one_sends() {
    let room = Newsroom::new();
    let mut lock = File::create(room.path("newsdigest.db.lock")).unwrap();
    lock.try_lock().unwrap();
    let nameless = transcript(&room, &["send"]);
    write!(lock, "process 4711 since 2026-08-24T05:44:00Z").unwrap();
    insta::assert_snapshot!(nameless + &transcript(&room, &["send"]), @"
    $ newsdigest send
    error: another run is sending
    this run sent nothing

    hint: `newsdigest status` says how far it is
    = 75

    $ newsdigest send
    error: another run is sending (process 4711 since 2026-08-24T05:44:00Z)
    this run sent nothing

    hint: `newsdigest status` says how far it is
    = 75
    ");
}

#[test]
fn send_where_no_lock_can_be() {
    let room = Newsroom::new();
    std::fs::create_dir(room.path("newsdigest.db.lock")).unwrap();
    insta::assert_snapshot!(transcript(&room, &["send"]), @"
    $ newsdigest send
    error: `newsdigest.db.lock` cannot be locked: is a directory
    this run sent nothing
    = 1
    ");
}

#[test]
fn status() {
    let room = Newsroom::new();
    let commands = [
        "status",
        "status 2026-08-20",
        "suppress bob@example.org",
        "send -q",
        "status",
        "status --left-out --rejected",
        "status 2026-08-20",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @"
    $ newsdigest status
    error: no edition was sent yet

    hint: `newsdigest send` sends today's
    = 1

    $ newsdigest status 2026-08-20
    error: the edition of 2026-08-20 was not sent yet

    hint: `newsdigest send` sends today's
    = 1

    $ newsdigest suppress bob@example.org
    1 address put on the suppression list
    = 0

    $ newsdigest send -q
    = 0

    $ newsdigest status
    > 2026-08-24, frozen 2026-08-24 06:45, rehearsal to `[newsroom]/outbox`: 2 accepted, 1 left out (3 subscribers)
    = 0

    $ newsdigest status --left-out --rejected
    2026-08-24, rehearsal to `[newsroom]/outbox`: 0 rejected
    2026-08-24, rehearsal to `[newsroom]/outbox`: 1 left out
    > bob@example.org  on the suppression list
    = 0

    $ newsdigest status 2026-08-20
    error: the edition of 2026-08-20 was not sent yet

    hint: `newsdigest status` shows the newest
    = 1
    ");
}

#[test]
fn subscribers() {
    let room = Newsroom::new();
    room.file(
        "new.csv",
        "e-mail,name,shoe size\ndora@example.org,Dora,38\nnobody,,\nada@example.org,,\n",
    );
    room.file("no.csv", "a;b\n1;2\n");
    let commands = [
        "subscribers list",
        "subscribers list --json",
        "subscribers add dora@example.org emil@example.org --sections News,City",
        "subscribers add dora@example.org",
        "subscribers add dora@example.org emil@example.org --name Dora",
        "subscribers add dora",
        "subscribers remove dora@example.org nobody@example.org",
        "subscribers import new.csv -v",
        "subscribers import new.csv",
        "subscribers import no.csv",
        "subscribers import none.csv",
        "subscribers export",
        "subscribers check",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @r#"
    $ newsdigest subscribers list
    3 subscribers
    > ada@example.org
    > bob@example.org
    > cleo@example.net
    = 0

    $ newsdigest subscribers list --json
    > [
    >   {
    >     "consent": null,
    >     "email": "ada@example.org",
    >     "name": null,
    >     "paused": false,
    >     "sections": [],
    >     "since": null
    >   },
    >   {
    >     "consent": null,
    >     "email": "bob@example.org",
    >     "name": null,
    >     "paused": false,
    >     "sections": [],
    >     "since": null
    >   },
    >   {
    >     "consent": null,
    >     "email": "cleo@example.net",
    >     "name": null,
    >     "paused": false,
    >     "sections": [],
    >     "since": null
    >   }
    > ]
    = 0

    $ newsdigest subscribers add dora@example.org emil@example.org --sections News,City
    2 subscribers added to `subscribers.toml`
    = 0

    $ newsdigest subscribers add dora@example.org
    0 subscribers added to `subscribers.toml`, 1 stood there already
    = 0

    $ newsdigest subscribers add dora@example.org emil@example.org --name Dora
    error: `--name` goes with one address, but found 2
    nothing was changed
    = 1

    $ newsdigest subscribers add dora
    error: `dora` is not an email address: expected `name@domain`, but found no `@`
    nothing was changed or sent
    = 1

    $ newsdigest subscribers remove dora@example.org nobody@example.org
    1 subscriber removed from `subscribers.toml`, 1 not in it

    hint: an import of an old list would bring them back: `--for-good` puts them on the suppression list too
    = 0

    $ newsdigest subscribers import new.csv -v
    warning: new.csv:3: `nobody` is not an email address: expected `name@domain`, but found no `@`
    not read: the columns `shoe size`
    1 subscriber added to `subscribers.toml`, 1 stood there already, 1 line not taken
    = 3

    $ newsdigest subscribers import new.csv
    warning: new.csv:3: `nobody` is not an email address: expected `name@domain`, but found no `@`
    not read: the columns `shoe size`
    0 subscribers added to `subscribers.toml`, 2 stood there already, 1 line not taken
    = 3

    $ newsdigest subscribers import no.csv
    error: the first line must name a column `email`, but found `a`, `b`
    nothing was changed
    = 1

    $ newsdigest subscribers import none.csv
    error: `none.csv` cannot be read: no such file or directory
    nothing was changed
    = 1

    $ newsdigest subscribers export
    > email,name,sections,since,consent,paused
    > ada@example.org,,,,,
    > bob@example.org,,,,,
    > cleo@example.net,,,,,
    > emil@example.org,,News; City,2026-08-24,,
    > dora@example.org,Dora,,,,
    = 0

    $ newsdigest subscribers check
    `subscribers.toml`: 5 subscribers, no problem
    = 0
    "#);
}

#[test]
fn subscribers_in_a_broken_file() {
    let room = Newsroom::new();
    room.file("subscribers.toml", "[[subscriber]]\nemail = 3\n");
    let commands = [
        "subscribers list",
        "send",
        "subscribers add dora@example.org",
        "send",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @"
    $ newsdigest subscribers list
    error: `email` must be a string, but found integer
      ──▶ subscribers.toml:2:9
      │
    2 │ email = 3
      │         ^
    0 subscribers
    = 3

    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    error: `email` must be a string, but found integer
      ──▶ subscribers.toml:2:9
      │
    2 │ email = 3
      │         ^
    nothing was sent
    = 1

    $ newsdigest subscribers add dora@example.org
    1 subscriber added to `subscribers.toml`
    = 0

    $ newsdigest send
    error: `email` must be a string, but found integer
      ──▶ subscribers.toml:2:9
      │
    2 │ email = 3
      │         ^
    warning: 1 block of `subscribers.toml` cannot be read: who it is for gets nothing until it is mended
    Harbour in your inbox, 2026-08-24: frozen for 1 recipient, 0 left out
    1 letter lies in `[newsroom]/outbox`: a rehearsal, nobody was mailed
    Harbour in your inbox, 2026-08-24: 1 accepted (1 subscriber)
    = 0
    ");
    room.file("subscribers.toml", b"\xff\xfe");
    insta::assert_snapshot!(transcript(&room, &["subscribers list", "check"]), @"
    $ newsdigest subscribers list
    error: `subscribers.toml` must be UTF-8 text, but line 1 holds bytes that are not
    nothing was changed
    = 1

    $ newsdigest check
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    error: `subscribers.toml` must be UTF-8 text, but line 1 holds bytes that are not
    1 problem
    = 1
    ");
    // Nothing is frozen yet.
    for file in ["subscribers.toml", "newsdigest.db", ".harbour.ledger"] {
        std::fs::remove_file(room.path(file)).unwrap();
    }
    insta::assert_snapshot!(transcript(&room, &["subscribers list", "check", "send"]), @"
    $ newsdigest subscribers list
    error: `subscribers.toml` does not exist
    nothing was changed

    hint: `newsdigest subscribers add ADDRESS` makes the file
    = 1

    $ newsdigest check
    note: `[relay]` names no host: `send` writes letters to a folder, as a rehearsal
    error: `subscribers.toml` does not exist
    1 problem

    hint: `newsdigest subscribers add ADDRESS` makes the file
    = 1

    $ newsdigest send
    error: `subscribers.toml` does not exist
    nothing was sent

    hint: `newsdigest subscribers add ADDRESS` makes the file
    = 1
    ");
}

#[test]
fn suppress() {
    let commands = [
        "suppress --list",
        "suppress ada@example.org",
        "suppress ada@example.org bob@example.org",
        "suppress --list",
        "subscribers add ada@example.org",
        "unsuppress ada@example.org cleo@example.net",
        "suppress nobody",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest suppress --list
    the suppression list is empty
    = 0

    $ newsdigest suppress ada@example.org
    1 address put on the suppression list
    = 0

    $ newsdigest suppress ada@example.org bob@example.org
    1 address put on the suppression list, 1 stood there already
    = 0

    $ newsdigest suppress --list
    > 2026-08-24  by hand       ada@example.org
    > 2026-08-24  by hand       bob@example.org
    = 0

    $ newsdigest subscribers add ada@example.org
    0 subscribers added to `subscribers.toml`, 1 stood there already
    warning: `ada@example.org` is on the suppression list (by hand) and gets nothing until `newsdigest unsuppress ada@example.org` lifts it
    = 0

    $ newsdigest unsuppress ada@example.org cleo@example.net
    1 address taken off the suppression list, 1 not on it
    = 0

    $ newsdigest suppress nobody
    error: `nobody` is not an email address: expected `name@domain`, but found no `@`
    nothing was changed or sent
    = 1
    ");
}

#[test]
fn check() {
    let room = Newsroom::new();
    insta::assert_snapshot!(transcript(&room, &["check -v"]), @"
    $ newsdigest check -v
    looked at `newsdigest.toml`
    looked at `subscribers.toml`
    looked at `stories/*.toml`
    looked at `views.csv`
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
    // A file stands where a folder must be; a test that takes rights away would not notice it as root.
    let room = Newsroom::new();
    room.file("editions", "");
    room.file("outbox", "");
    insta::assert_snapshot!(transcript(&room, &["draft -q", "check"]), @"
    $ newsdigest draft -q
    error: cannot write `editions`: file exists
    nothing was written or sent
    = 1

    $ newsdigest check
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

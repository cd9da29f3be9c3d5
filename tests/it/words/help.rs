//! The help of the program and of every verb.

use super::help;
use crate::newsroom::Newsroom;

#[test]
fn the_version_says_what_it_is_made_of() {
    let text = Newsroom::bare().run(&["--version"]).exits(0).stdout;
    let [version, commit, engine] = text.lines().collect::<Vec<_>>()[..] else {
        panic!("{text}");
    };
    assert_eq!(
        version,
        concat!("newsdigest ", env!("CARGO_PKG_VERSION")),
        "{text}"
    );
    assert!(commit.starts_with("commit "), "{text}");
    assert!(engine.starts_with("SQLite 3."), "{text}");
}

#[test]
fn help_of_the_program() {
    let text = Newsroom::bare().run(&["--help"]).exits(0).stdout;
    insta::assert_snapshot!(text, @"
    An email digest for a newspaper: chooses the day's stories, renders the edition, sends it

    Usage: newsdigest [OPTIONS] <COMMAND>

    Make an edition:
      draft        Choose the day's stories and write the edition file
      edition      Show, compare and restore what an edition file said at each save
      explain      Say why each story was chosen or passed over
      readership   Say what each source of readership says now
      preview      Show the edition on a local page that follows every change
      desk         Edit the edition in the browser: order, words, pictures, other stories
      proof        Send the edition to a few colleagues only
      approve      Say that the edition may go out as it is now, where `[approval]` wants that

    Send it:
      send         Send the edition to all subscribers; run again, it resumes and sends nothing twice
      correct      Open a letter that corrects an edition, for those who got it
      alert        Send one story now to the readers who want alerts
      status       Say what became of every copy of an edition
      results      Say who came by the links of an edition that was sent, place by place
      schedule     Show when the next editions are drafted and sent by the clock
      serve        Answer readers who subscribe, leave or read the archive, and keep the schedule
      ledger       Delete what became of copies long ago

    Readers:
      subscribers  List, add, remove, import, export and check subscribers
      form         Print the form to subscribe, for a page of the paper's own site
      suppress     Never mail these addresses again, whatever the subscribers file says
      unsuppress   Lift the suppression of these addresses
      bounces      Read what came back, and suppress whose mailbox is gone or who complained
      events       Show the addresses at which `serve` takes the events of mail providers

    Set up:
      init         Write a newsroom to start from: config, subscribers, sample stories and views
      check        Look for problems in every file of the newsroom
      dkim         Make keys that sign letters, and show their DNS records
      completions  Write completions for a shell
      man          Write the manual pages, for packagers

    Everywhere:
          --config <FILE>      The newsroom's config [default: newsdigest.toml]
          --newsletter <NAME>  Which of several newsletters, by the name of its file in `newsletters`
          --sample             Try it on a built-in newsroom, written to a temporary folder
          --date <DAY>         The edition's day; further editions of a day are 2026-08-24-evening, or
                               2026-08-24b by hand [default: the one that it is time for]
          --now <TIME>         Take this instant for now, as in 2026-08-24T06:45:00+01:00
          --json               Print data as JSON, where there is data
      -q, --quiet              Say only what went wrong
      -v, --verbose            Say more
      -h, --help               Print help
      -V, --version            Print version

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
          --move             With --newsletter: make the only newsletter of this newsroom the first of
                             several, under that name
          --template <NAME>  Write the files of a built-in template instead, to make your own of them
                             [possible values: broadsheet, bulletin, gallery]

    ----
    Choose the day's stories and write the edition file

    Usage: newsdigest draft [OPTIONS]

    Options:
          --force  Draft again; what an editor wrote, pinned or dropped in the file stays
          --all    Draft every newsletter of the newsroom; sources are read once for all

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
          --all                Send every newsletter of the newsroom, the most urgent first; for cron

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
          --all           A table of the newsletters: the last edition, the next, readers who came and
                          left within 30 days, complaints in a thousand copies
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
      check   Look for problems in the list
      move    Move the list from the file into the ledger, or back
      why     Say all that is known of one: the file, sign-ups, newsletters, suppression, what came
              back, the last copies
      erase   Forget one for good, and say what was erased; a mark that nobody can read stays, so that
              no list brings them back

    ----
    Add addresses

    Usage: newsdigest subscribers add [OPTIONS] <ADDRESS>...

    Arguments:
      <ADDRESS>...  The addresses

    Options:
          --name <NAME>               The reader's name (with one address)
          --sections <SECTION>        Only these sections, separated by commas
          --newsletters <NAME>        Which of several newsletters, separated by commas [default: those
                                      that everybody gets]
          --frequency <daily|weekly>  `weekly`: the newsletter of the week instead of those that it is
                                      of
          --alerts <true|false>       Whether alerts are wanted too [possible values: true, false]
          --time-zone <ZONE>          Where the reader lives, such as America/New_York
          --consent <TEXT>            How the reader asked for it, in your own words

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
      <PATH>...  Maildirs, mbox files, messages, providers' events in JSON; `-` is standard input

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

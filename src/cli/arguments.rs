//! The command line as it was written; nothing here looks at the world. One file, since it is read from top to bottom, as the help is.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr as _;

use chrono::{DateTime, TimeDelta, Utc};
use clap::builder::{ArgPredicate, PossibleValuesParser};
use clap::{Args, Command, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::ledger::Ledger;
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::link::{Link, LinkError};
use crate::model::newsletter_name::{NewsletterName, NewsletterNameError};
use crate::model::rhythm::{Frequency, NoZoneName, Rhythm, ZoneName};
use crate::model::subscriber::ListPlace;
use crate::newsroom::import::Meaning;
use crate::preflight;
use crate::render::Template;
use crate::select::parse_length;
use crate::send::LATE;

/// newsdigest makes a newspaper's morning email: it chooses the day's stories, shows the edition, sends it.
#[derive(Debug, Parser)]
#[command(
    name = "newsdigest",
    bin_name = "newsdigest",
    version,
    about,
    max_term_width = 100
)]
#[command(
    after_help = "Explain one verb:                newsdigest help send\nTry it with nothing configured:  newsdigest preview --sample\nStart a newsroom of your own:    newsdigest init paper && cd paper && newsdigest draft"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) options: GlobalOptions,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// The verbs, by what a person wants.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Make an edition",
        &[
            "draft",
            "edition",
            "explain",
            "readership",
            "preview",
            "desk",
            "proof",
            "approve",
        ],
    ),
    (
        "Send it",
        &[
            "send", "correct", "alert", "status", "results", "schedule", "serve", "ledger",
        ],
    ),
    (
        "Readers",
        &[
            "subscribers",
            "form",
            "suppress",
            "unsuppress",
            "bounces",
            "events",
        ],
    ),
    ("Set up", &["init", "check", "dkim", "completions", "man"]),
];

impl Arguments {
    /// The command line, its verbs in groups.
    pub(super) fn grouped() -> Command {
        let command = Self::command();
        let mut verbs = String::new();
        for (group, names) in GROUPS {
            _ = writeln!(verbs, "{group}:");
            for verb in names
                .iter()
                .filter_map(|name| command.find_subcommand(name))
            {
                let about = verb.get_about().map(ToString::to_string);
                let about = about.unwrap_or_default();
                _ = writeln!(verbs, "  {:<12} {about}", verb.get_name());
            }
            verbs.push('\n');
        }
        let command = command.long_version(version());
        command.help_template(format!(
            "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{verbs}Everywhere:\n{{options}}{{after-help}}"
        ))
    }

    /// What clap cannot say by itself.
    pub(super) fn sound(self) -> Result<Self, clap::Error> {
        let clash = match &self.verb {
            Verb::Init(_) if self.options.sample => {
                "`--sample` makes its own newsroom: it cannot be used with `init`"
            }
            Verb::Init(init) if init.move_over && self.options.newsletter.is_none() => {
                "`--move` needs `--newsletter NAME`: what the newsletter is called among several"
            }
            Verb::Completions(_) | Verb::Man(_) if self.options.sample => {
                "`--sample` cannot be used with this verb"
            }
            _ => return Ok(self),
        };
        Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, clash))
    }
}

/// What somebody who asks for help is asked for.
fn version() -> String {
    let (version, commit) = (env!("CARGO_PKG_VERSION"), env!("NEWSDIGEST_COMMIT"));
    let commit = match commit {
        "" => "not known: a debug build, or sources without git",
        commit => commit,
    };
    format!("{version}\ncommit {commit}\n{}", Ledger::engine())
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that a person types"
)]
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct GlobalOptions {
    /// The newsroom's config
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "newsdigest.toml"
    )]
    pub(super) config: PathBuf,
    /// Which of several newsletters, by the name of its file in `newsletters`
    #[arg(long, global = true, value_name = "NAME", value_parser = parse_newsletter)]
    pub(super) newsletter: Option<NewsletterName>,
    /// Try it on a built-in newsroom, written to a temporary folder
    #[arg(long, global = true, conflicts_with = "config")]
    pub(super) sample: bool,
    /// The edition's day; further editions of a day are 2026-08-24-evening, or 2026-08-24b by hand [default: the one that it is time for]
    #[arg(long, global = true, value_name = "DAY", value_parser = parse_day)]
    pub(super) date: Option<Slug>,
    /// Take this instant for now, as in 2026-08-24T06:45:00+01:00
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_now)]
    pub(super) now: Option<DateTime<Utc>>,
    /// Print data as JSON, where there is data
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
}

fn parse_newsletter(text: &str) -> Result<NewsletterName, NewsletterNameError> {
    text.parse()
}

/// Clap has named the value by itself.
fn parse_day(text: &str) -> Result<Slug, &'static str> {
    text.parse().map_err(
        |_| "expected a day such as 2026-08-24, or 2026-08-24b for a second edition of that day",
    )
}

fn parse_back(text: &str) -> Result<TimeDelta, String> {
    parse_length(text).map_err(|error| error.to_string())
}

fn parse_now(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_| {
            "expected a time with its offset, such as 2026-08-24T06:45:00+01:00".to_owned()
        })
}

/// A name behind `--despite`.
fn parse_finding(text: &str) -> Result<&'static str, String> {
    let known = preflight::GRAVE.iter().chain([&LATE]);
    known.copied().find(|name| *name == text).ok_or_else(|| {
        format!(
            "`{}` is no finding that stops a send: expected {}, {LATE}",
            Line::clean_to(text, 40),
            preflight::GRAVE.join(", ")
        )
    })
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Write a newsroom to start from: config, subscribers, sample stories and views
    Init(InitArgs),
    /// Choose the day's stories and write the edition file
    Draft(DraftArgs),
    /// Show, compare and restore what an edition file said at each save
    #[command(subcommand, disable_help_subcommand = true)]
    Edition(EditionVerb),
    /// Say why each story was chosen or passed over
    Explain(ExplainArgs),
    /// Show the edition on a local page that follows every change
    Preview(PreviewArgs),
    /// Edit the edition in the browser: order, words, pictures, other stories
    Desk(DeskArgs),
    /// Send the edition to a few colleagues only
    Proof(ProofArgs),
    /// Say that the edition may go out as it is now, where `[approval]` wants that
    Approve(ApproveArgs),
    /// Send the edition to all subscribers; run again, it resumes and sends nothing twice
    Send(SendArgs),
    /// Send one story now to the readers who want alerts
    Alert(AlertArgs),
    /// Open a letter that corrects an edition, for those who got it
    Correct(CorrectArgs),
    /// Answer readers who subscribe, leave or read the archive, and keep the schedule
    Serve,
    /// Say what became of every copy of an edition
    Status(StatusArgs),
    /// Show when the next editions are drafted and sent by the clock
    Schedule(ScheduleArgs),
    /// List, add, remove, import, export and check subscribers
    #[command(subcommand, disable_help_subcommand = true)]
    Subscribers(SubscribersVerb),
    /// Print the form to subscribe, for a page of the paper's own site
    Form,
    /// Delete what became of copies long ago
    #[command(subcommand, disable_help_subcommand = true)]
    Ledger(LedgerVerb),
    /// Never mail these addresses again, whatever the subscribers file says
    Suppress(SuppressArgs),
    /// Lift the suppression of these addresses
    Unsuppress(AddressArgs),
    /// Read what came back, and suppress whose mailbox is gone or who complained
    Bounces(BouncesArgs),
    /// Show the addresses at which `serve` takes the events of mail providers
    Events,
    /// Say what each source of readership says now
    Readership(ReadershipArgs),
    /// Say who came by the links of an edition that was sent, place by place
    Results(ResultsArgs),
    /// Look for problems in every file of the newsroom
    Check(CheckArgs),
    /// Make keys that sign letters, and show their DNS records
    #[command(subcommand, disable_help_subcommand = true)]
    Dkim(DkimVerb),
    /// Write completions for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages, for packagers
    Man(ManArgs),
}

#[derive(Debug, Subcommand)]
pub(super) enum DkimVerb {
    /// Make a key, and say what to write into DNS and config
    Keygen(KeygenArgs),
    /// Show the DNS records of the keys that the config names
    Record,
}

#[derive(Debug, Args)]
pub(super) struct KeygenArgs {
    /// The name of the key in DNS
    #[arg(long, value_name = "NAME", default_value = "s1", value_parser = crate::config::selector)]
    pub(super) selector: String,
    /// The domain that letters come from [default: that of `from` in the config]
    #[arg(long)]
    pub(super) domain: Option<String>,
    /// The file to write, beside the config [default: dkim.pem, or dkim-ed25519.pem]
    #[arg(long)]
    pub(super) file: Option<PathBuf>,
    /// A second, shorter kind of key, which not every receiver knows
    #[arg(long)]
    pub(super) ed25519: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Ask the web too: how each source is doing, which links of the day's edition are dead, whether DNS has the DKIM keys
    #[arg(long)]
    pub(super) online: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReadershipArgs {
    /// Keep what services of totals say as one sample, for cron: from samples come views by time
    #[arg(long)]
    pub(super) keep: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum EditionVerb {
    /// List the versions: every save that was seen
    Log {
        /// The edition's day [default: today]
        #[arg(value_parser = parse_day)]
        day: Option<Slug>,
    },
    /// Print one version
    Show {
        /// The edition's day
        #[arg(value_parser = parse_day)]
        day: Slug,
        /// Its number [default: the newest]
        version: Option<u64>,
    },
    /// Print what differs between two versions, or between one and the file
    Diff {
        /// The edition's day
        #[arg(value_parser = parse_day)]
        day: Slug,
        /// The older one [default: the newest that the file differs from]
        from: Option<u64>,
        /// The newer one [default: the file as it is]
        to: Option<u64>,
    },
    /// Write a version into the file again; what the file says now becomes a version first
    Restore {
        /// The edition's day
        #[arg(value_parser = parse_day)]
        day: Slug,
        /// Its number
        version: u64,
    },
}

#[derive(Debug, Args)]
pub(super) struct ResultsArgs {
    /// The edition's day [default: the newest that was sent]
    #[arg(value_parser = parse_day)]
    pub(super) day: Option<Slug>,
    /// Print every place as a row of a table: slot, headline, url, arrivals, under, share, usual
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    /// Compare what the editions of that long printed first with what was read in the twelve hours after each, as in 30d
    #[arg(long, value_name = "LENGTH", conflicts_with_all = ["day", "csv"], value_parser = parse_back)]
    pub(super) selection: Option<TimeDelta>,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder to write to [default: this one; with --template, `template` in it]
    #[arg(
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true,
        default_value_if("template", ArgPredicate::IsPresent, "template")
    )]
    pub(super) folder: PathBuf,
    /// With --newsletter: make the only newsletter of this newsroom the first of several, under that name
    #[arg(long = "move", conflicts_with = "template")]
    pub(super) move_over: bool,
    /// Write the files of a built-in template instead, to make your own of them
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Template::NAMES))]
    pub(super) template: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct DraftArgs {
    /// Draft again; what an editor wrote, pinned or dropped in the file stays
    #[arg(long)]
    pub(super) force: bool,
    /// Draft every newsletter of the newsroom; sources are read once for all
    #[arg(long, conflicts_with = "newsletter")]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest explain               the chosen and the next twenty, best first\nnewsdigest explain seal          one story, with the parts of its score\nnewsdigest explain --json        the same for a program"
)]
pub(super) struct ExplainArgs {
    /// Only this story: a part of its headline or address
    pub(super) story: Option<String>,
    /// Show all stories, not only the chosen and the best twenty of those passed over
    #[arg(long, conflicts_with = "story")]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest preview --open        in the browser\nnewsdigest preview --out page    as files, for a script"
)]
pub(super) struct PreviewArgs {
    #[command(flatten)]
    pub(super) page: PageArgs,
    /// Write digest.html, digest.txt, digest.eml and web.html, a page for everybody, to this folder and end
    #[arg(long, value_name = "DIR", conflicts_with_all = ["port", "open"])]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct PageArgs {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 4711)]
    pub(super) port: u16,
    /// Open it in the browser
    #[arg(long)]
    pub(super) open: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest desk --open       in the browser; every save is a version of the edition file\nnewsdigest edition log       when each was saved, and how"
)]
pub(super) struct DeskArgs {
    #[command(flatten)]
    pub(super) page: PageArgs,
}

#[derive(Debug, Args)]
pub(super) struct ProofArgs {
    /// Whom to send it to
    #[arg(required = true, value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest approve --as bea@harbourtimes.example   counts until the edition is changed\nnewsdigest edition log                             who approved which version"
)]
pub(super) struct ApproveArgs {
    /// The edition's day [default: the one that it is time for]
    #[arg(value_parser = parse_day)]
    pub(super) day: Option<Slug>,
    /// Whose approval it is: one of `by` below `[approval]` [default: the only one there]
    #[arg(long = "as", value_name = "ADDRESS")]
    pub(super) by: Option<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest send --dry-run           who would get it, and who would not\nnewsdigest send                     for real; the same again after a crash\n\nEnds with 0 when all were accepted, 1 on a problem (nothing was sent), 3 when some were refused,\n75 when the relay is away or busy, when it stopped part-way or another run is sending: run it again."
)]
pub(super) struct SendArgs {
    /// Do everything but freeze and send: say who would get it
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Copies whose fate a stopped run left unknown: hand them over again, or leave them
    /// [default: resend those that were never skipped]
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(super) in_doubt: Option<InDoubtChoice>,
    /// Send although the look before sending found this
    #[arg(long, value_name = "FINDING", value_parser = parse_finding)]
    pub(super) despite: Vec<&'static str>,
    /// Do not ask, even if nobody has drafted the edition yet
    #[arg(long)]
    pub(super) yes: bool,
    /// Send every newsletter of the newsroom, the most urgent first; for cron
    #[arg(long, conflicts_with = "newsletter")]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest alert https://harbourtimes.example/2026/fire --dry-run   the letter's words, and how many get it\nnewsdigest alert https://harbourtimes.example/2026/fire             shows both, asks, and sends it\nnewsdigest alert                                                    goes on with one that was stopped\n\nEnds like `newsdigest send`; with 1, and nothing frozen, in quiet hours, beyond `max_per_day`, and if the story\nwas in an alert within a day. A send in progress stops for an alert between two letters, and goes on behind it."
)]
pub(super) struct AlertArgs {
    /// The address of the story's page, or a story file, or a saved page with `--url` [default: go on with alerts that were stopped]
    pub(super) story: Option<String>,
    /// The address of the story whose page was saved
    #[arg(long, value_name = "ADDRESS", value_parser = parse_link, requires = "story")]
    pub(super) url: Option<Link>,
    /// The story's section, instead of its own
    #[arg(long, value_name = "SECTION", value_parser = parse_line, requires = "story")]
    pub(super) section: Option<Line>,
    /// The subject, instead of the headline
    #[arg(long, value_name = "WORDS", value_parser = parse_line, requires = "story")]
    pub(super) subject: Option<Line>,
    /// Send it although its story was in an alert within a day
    #[arg(long, requires = "story")]
    pub(super) again: bool,
    /// Do everything but freeze and send: say what it is, and how many would get it
    #[arg(long, requires = "story")]
    pub(super) dry_run: bool,
    /// Send it to this address only, and not to readers; may be given more than once
    #[arg(long, value_name = "ADDRESS", requires = "story")]
    pub(super) proof: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
}

fn parse_link(text: &str) -> Result<Link, LinkError> {
    Link::parse(text)
}

fn parse_line(text: &str) -> Result<Line, &'static str> {
    Line::non_empty(text).ok_or("expected some words")
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest correct 2026-08-24                      writes editions/2026-08-24.correction.toml, for you to say what was wrong\nnewsdigest send --date 2026-08-24.correction       to those who got the edition, as an answer to their letter"
)]
pub(super) struct CorrectArgs {
    /// The day of the edition
    #[arg(value_parser = parse_day)]
    pub(super) day: Slug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InDoubtChoice {
    // No doc comments: clap would turn the whole help into its long form for them.
    // Handed over again, with the same Message-ID and bytes, those once skipped too.
    Resend,
    // Left in doubt, today and whenever this edition is sent again.
    Skip,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that a person types"
)]
#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest status                        the newest edition\nnewsdigest status 2026-08-24 --rejected  one line an address: address, then why\nnewsdigest status --of ada@example.org   what became of one reader's copies\nnewsdigest status --csv > copies.csv     every copy of the newest edition"
)]
pub(super) struct StatusArgs {
    /// The edition's day [default: the newest run]
    #[arg(value_parser = parse_day)]
    pub(super) day: Option<Slug>,
    /// List whom the relay refused, with its words
    #[arg(long)]
    pub(super) rejected: bool,
    /// List the copies whose fate is unknown
    #[arg(long)]
    pub(super) in_doubt: bool,
    /// List who was left out, and why
    #[arg(long)]
    pub(super) left_out: bool,
    /// List those not tried any more, with the relay's last words
    #[arg(long)]
    pub(super) given_up: bool,
    /// Say what became of this reader's copies, in all editions or in that of the day
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["rejected", "in_doubt", "left_out", "given_up"])]
    pub(super) of: Option<String>,
    /// A table of the newsletters: the last edition, the next, readers who came and left within 30 days, complaints in a thousand copies
    #[arg(long, conflicts_with_all = ["day", "rejected", "in_doubt", "left_out", "given_up", "of", "csv"])]
    pub(super) all: bool,
    /// Print every copy as a row of a table: edition, target, email, state, attempts, at, why
    #[arg(long, conflicts_with_all = ["rejected", "in_doubt", "left_out", "given_up", "of", "json"])]
    pub(super) csv: bool,
}

#[derive(Debug, Args)]
pub(super) struct ScheduleArgs {
    /// How many runs
    #[arg(short = 'n', value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(super) count: u16,
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerVerb {
    /// Make an empty ledger where the old one is lost: it does not know who left, nor what was sent
    New,
    /// Delete the copies of editions older than `[ledger] keep`; their tallies, stories and pages stay
    Prune {
        /// Give the room back to the disk; readers' changes wait while that is done
        #[arg(long)]
        compact: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum SubscribersVerb {
    /// List all, one a line
    List,
    /// Add addresses
    Add(AddSubscribersArgs),
    /// Change the name or the sections of one
    Set(SetSubscriberArgs),
    /// Remove addresses
    Remove(RemoveArgs),
    /// Add the subscribers of a table that another program wrote; who left goes on the suppression list
    Import(ImportArgs),
    /// Write all subscribers as CSV
    Export,
    /// Look for problems in the list
    Check,
    /// Move the list from the file into the ledger, or back
    Move(MoveArgs),
    /// Say all that is known of one: the file, sign-ups, newsletters, suppression, what came back, the last copies
    Why(OneAddress),
    /// Forget one for good, and say what was erased; a mark that nobody can read stays, so that no list brings them back
    Erase(OneAddress),
}

#[derive(Debug, Args)]
pub(super) struct MoveArgs {
    /// Where the list of readers is to be
    #[arg(long, value_name = "file|ledger", value_parser = ListPlace::from_str)]
    pub(super) to: ListPlace,
}

#[derive(Debug, Args)]
pub(super) struct OneAddress {
    /// The address
    pub(super) address: String,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest subscribers add ada@example.org --name Ada --sections News,City --consent \"sign-up form\""
)]
pub(super) struct AddSubscribersArgs {
    /// The addresses
    #[arg(required = true, value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
    /// The reader's name (with one address)
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Only these sections, separated by commas
    #[arg(long, value_name = "SECTION", value_delimiter = ',')]
    pub(super) sections: Vec<String>,
    /// Which of several newsletters, separated by commas [default: those that everybody gets]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = parse_newsletter)]
    pub(super) newsletters: Option<Vec<NewsletterName>>,
    #[command(flatten)]
    pub(super) rhythm: RhythmArgs,
    /// How the reader asked for it, in your own words
    #[arg(long, value_name = "TEXT")]
    pub(super) consent: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct RhythmArgs {
    /// `weekly`: the newsletter of the week instead of those that it is of
    #[arg(long, value_name = "daily|weekly", value_parser = Frequency::from_str)]
    pub(super) frequency: Option<Frequency>,
    /// Whether alerts are wanted too
    #[arg(long, value_name = "true|false")]
    pub(super) alerts: Option<bool>,
    /// Where the reader lives, such as America/New_York
    #[arg(long, value_name = "ZONE", value_parser = parse_zone)]
    pub(super) time_zone: Option<ZoneOrNone>,
}

/// Spelled out below an `Option`, clap would take it for an option whose value may be left away.
type ZoneOrNone = Option<ZoneName>;

impl RhythmArgs {
    /// The same with what was given.
    pub(super) fn over(&self, known: Rhythm) -> Rhythm {
        Rhythm {
            frequency: self.frequency.unwrap_or(known.frequency),
            alerts: self.alerts.unwrap_or(known.alerts),
            time_zone: self.time_zone.clone().unwrap_or(known.time_zone),
        }
    }
}

fn parse_zone(text: &str) -> Result<ZoneOrNone, NoZoneName> {
    (!text.is_empty()).then(|| text.parse()).transpose()
}

#[derive(Debug, Args)]
pub(super) struct AddressArgs {
    /// The addresses
    #[arg(required = true, value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Other columns it knows: name, sections, since, consent, paused, and those of Mailchimp, Brevo, listmonk and others. A column that speaks of whether somebody may be mailed is understood, or nothing is imported. What is in the file already is not added twice.\n\nnewsdigest subscribers import list.csv --dry-run\nnewsdigest subscribers import list.csv --means 'status:on hold=unconfirmed'\nnewsdigest subscribers export | newsdigest --config other/newsdigest.toml subscribers import -"
)]
pub(super) struct ImportArgs {
    /// A table (CSV, TSV or JSON) with a header that names a column `email`; `-` is standard input
    pub(super) file: PathBuf,
    /// What a value means: `COLUMN:VALUE=STANDING`, `COLUMN:*=STANDING` or `all=STANDING`; STANDING is subscribed, left, bounced, complained, suppressed or unconfirmed
    #[arg(long, value_name = "MEANING", value_parser = Meaning::parse)]
    pub(super) means: Vec<Meaning>,
    /// Read the table as if this column were not there
    #[arg(long, value_name = "COLUMN")]
    pub(super) skip: Vec<String>,
    /// The column that holds the sections a reader wants, such as tags or groups
    #[arg(long, value_name = "COLUMN")]
    pub(super) sections_from: Option<String>,
    /// Take names and sections from the table also for those who are in the file
    #[arg(long)]
    pub(super) update: bool,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest subscribers set ada@example.org --name \"Ada Marsh\" --sections News,City\nnewsdigest subscribers set ada@example.org --sections \"\"     all sections again"
)]
pub(super) struct SetSubscriberArgs {
    /// The address
    pub(super) address: String,
    /// What to call the reader; empty: no name
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Only these sections, separated by commas; empty: all
    #[arg(
        long,
        value_name = "SECTION",
        value_delimiter = ',',
        required_unless_present_any = ["name", "newsletters", "frequency", "alerts", "time_zone"]
    )]
    pub(super) sections: Option<Vec<String>>,
    /// Which of several newsletters, separated by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = parse_newsletter)]
    pub(super) newsletters: Option<Vec<NewsletterName>>,
    #[command(flatten)]
    pub(super) rhythm: RhythmArgs,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArgs {
    /// The addresses
    #[arg(required = true, value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
    /// Put them on the suppression list too, so that no import brings them back
    #[arg(long)]
    pub(super) for_good: bool,
}

#[derive(Debug, Args)]
pub(super) struct SuppressArgs {
    /// The addresses
    #[arg(required_unless_present_any = ["list", "import"], value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
    /// Show the suppression list
    #[arg(long, conflicts_with = "addresses")]
    pub(super) list: bool,
    /// Show it as a table: address, reason, date
    #[arg(long, requires = "list", conflicts_with = "json")]
    pub(super) csv: bool,
    /// Take addresses from a table, or from a text with one a line; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["addresses", "list"])]
    pub(super) import: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest completions bash > ~/.local/share/bash-completion/completions/newsdigest"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The folder to write to; it must exist
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "newsdigest bounces /var/mail/bounces/Maildir   every hour; nothing in it is moved, what was read before counts once\nnewsdigest bounces -                           behind a mail alias: ends with 0, or with 75 to be tried again"
)]
pub(super) struct BouncesArgs {
    /// Maildirs, mbox files, messages, providers' events in JSON; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
}

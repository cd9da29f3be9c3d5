//! Tests that run the real binary against a real feed server and a real SMTP server on 127.0.0.1. One binary, so it links once.
//! New here? Read `newsroom.rs` first.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has said what it had to say"
)]

mod browser; // at the pages of the preview and the desk, by plain sockets
mod feedserver; // an HTTP server with routes, for sources
mod nameserver; // a name server with a zone of the test's own
mod newsroom; // a temporary newsroom you can draft and send from
mod postoffice; // an SMTP server that does what the script says

mod alerts; // letters of one story, for which other sends stop
mod analytics; // readership over APIs, each service played at the wire
mod approval; // who must say that an edition may go out, and how they say it
mod audit; // what became of whom
mod blocks; // lines of the day, the sign-off, the question, the lede's first paragraphs
mod book; // the documents: links, configs, commands, keys
mod bounces; // letters that come back: samples are in `tests/bounces`
mod check; // messages about files a person wrote: a new message means a new snapshot here
mod choose; // feeds, front pages and logs: what is chosen, and what is said of what is missing
mod correction; // the letter that corrects an edition, and who gets it
mod dates; // dates of sources
mod desk; // the edition edited in the browser, by plain sockets: what was answered is in the file or in a version
mod dkim; // keys, records and signatures
mod draft; // golden editions: add a folder to `tests/golden`, not a function here
mod hand; // what an editor did to an edition file, drafted again
mod ledger; // the file of the ledger: pruned, removed, replaced
mod local_hours; // an edition that goes out by readers' own clocks
mod newsletter_orders; // who gets what after any order of changes, moves of the list and kills
mod newsletters; // several in one newsroom
mod online; // how receivers see the newsroom: DNS, the relay, the one-click address
mod opening; // subject and opening by a command, and how long they are a machine's
mod pictures; // looked at, copied for the mail, served
mod poisoned; // rows that cannot be read, in the ledger and in the subscribers file
mod preview; // the local page and `preview --out`
mod readme; // what README.md tells a newcomer to type
mod results; // who came by the links of an edition that was sent
mod schedule; // the next runs, and editions that are held
mod section_record; // what sections were read after the last draft
mod send; // verdicts, resuming, tallies: anything with a socket or a crash
mod serve; // readers' pages, by plain sockets: what was answered is kept, whatever happens next
mod starttls; // answers that somebody slips in before TLS
mod stop; // Ctrl-C and SIGTERM at every stage of a morning
mod subscriber_list; // the list of readers in the ledger, and its way there and back
mod subscribers; // the subscribers file and the suppression list
mod team_desk; // the desk of a team, beside serve
mod terminal; // what it asks at a terminal, and how wide it writes
mod tidy; // the house rules
mod versions; // what an edition file said at each save
mod weekly; // readers who want less: a newsletter of the week
mod words; // what every verb says: a new message means a new line in a transcript here

//! newsdigest makes a newspaper's morning email: it chooses the day's stories, composes an edition, renders it and hands a letter
//! to the relay for every subscriber.
//!
//! # The chain of types
//! ```text
//! Config -> Harvest + Readership -> Selection -> Edition <-> editions/*.toml -> Pages
//! Edition + Pages + Audience -> run (frozen) -> Claim -> Letter -> Verdict -> settled row -> Tally
//! ```
//!
//! # The house
//! Nouns are files, stages are folders. A room names only lower floors; rooms of one floor never name one another, except the nouns of
//! floor 0 and the verbs of floor 5. A test (`tests/it/tidy.rs`) reads these two tables and holds the code to them.
//!
//! | floor | rooms |
//! |---|---|
//! | 0 nouns: no I/O, no clock | `line` `problem` `sheet` `address` `link` `zone` `newsletter` `story` `readers` `edition` `pages` `subscriber` `delivery` `finding` `token` `public` `ask` |
//! | 1 pure stages: cannot fail on good nouns | `select` `render` `preflight` `message` `schedule` `bounce` |
//! | 2 the outside | `source` `readership` `ledger` `mailer` `web` `desk` `mailbox` `dns` |
//! | 3 the file | `config` |
//! | 4 the work: the only rooms that know both sides | `draft` `preview` `send` `checkup` `intake` `serve` |
//! | 5 the voice | `cli` |
//!
//! | foreign crate | rooms that may name it |
//! |---|---|
//! | `lettre` | `mailer` |
//! | `rusqlite` | `ledger` |
//! | `reqwest` | `source` |
//! | `feed_rs` | `source` |
//! | `scraper` | `source` |
//! | `axum` | `web` |
//! | `hyper` | `web` |
//! | `hyper_util` | `web` |
//! | `notify` | `preview` |
//! | `maud` | `render` `web` |
//! | `cssparser` | `render` |
//! | `pulldown_cmark` | `render` `source` |
//! | `unicode_segmentation` | `render` |
//! | `serde_saphyr` | `source` |
//! | `csv` | `readership` `desk` |
//! | `aho_corasick` | `readership` |
//! | `flate2` | `readership` `source` |
//! | `ruzstd` | `readership` |
//! | `foldhash` | `readership` |
//! | `jiff` | `zone` |
//! | `aws_lc_rs` | `token` `message` `bounce` `cli` |
//! | `rustls_pki_types` | `message` |
//! | `clap` | `cli` |
//! | `anyhow` | `cli` |
//! | `indicatif` | `cli` |
//!
//! # What is deliberately absent
//! No trait with one implementor: fakes live at the wire. No global state, no logger: the work reports events, `cli::report` prints them.
//! No clock and no randomness below floor 5: both are arguments. No tracking pixel, no link rewriting, no address in a log.

pub mod address;
pub mod ask;
pub mod bounce;
pub mod checkup;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod desk;
pub mod dns;
pub mod draft;
pub mod edition;
pub mod finding;
pub mod intake;
pub mod ledger;
pub mod line;
pub mod link;
pub mod mailbox;
pub mod mailer;
pub mod message;
pub mod newsletter;
pub mod pages;
pub mod preflight;
pub mod preview;
pub mod problem;
pub mod public;
pub mod readers;
pub mod readership;
pub mod render;
pub mod schedule;
pub mod select;
pub mod send;
pub mod serve;
pub mod sheet;
pub mod source;
pub mod story;
pub mod subscriber;
pub mod token;
pub mod web;
pub mod zone;

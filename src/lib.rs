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
//! Nouns are files of `model`, stages are folders. A room names only lower floors; rooms of one floor never name one another. A test (`tests/it/tidy.rs`) reads these two tables and holds the code to them.
//!
//! | floor | rooms |
//! |---|---|
//! | 0 nouns: no I/O, no clock | `model` |
//! | 1 pure stages: cannot fail on good nouns | `select` `render` `preflight` `message` `schedule` `bounce` `pictures` `deliverability` |
//! | 1 the doors to files (regular, bounded, never waited for), to buckets, and to programs (for so long, with all that they begin) | `files` `buckets` `programs` |
//! | 2 the outside | `source` `readership` `analytics` `ledger` `mailer` `newsroom` `mailbox` `dns` `probe` `day_lines` |
//! | 3 from two of them: the config, and the list of readers in its file or the ledger | `config` `subscriber_list` |
//! | 4 the work: the only rooms that know both sides | `draft` `send` `check` `bounces` |
//! | 5 what the work brought | `results` |
//! | 6 what keeps going: it calls the work | `clock` `desk` `site` |
//! | 7 the voice | `cli` |
//!
//! | foreign crate | rooms that may name it |
//! |---|---|
//! | `lettre` | `mailer` |
//! | `rusqlite` | `ledger` |
//! | `reqwest` | `source` `analytics` `probe` |
//! | `glob` | `files` `buckets` |
//! | `object_store` | `buckets` |
//! | `libc` | `files` |
//! | `scraper` | `source` |
//! | `dom_smoothie` | `source` |
//! | `axum` | `desk` `site` |
//! | `hyper` | `site` |
//! | `hyper_util` | `site` `source` |
//! | `notify` | `desk` |
//! | `tower_service` | `desk` |
//! | `hickory_resolver` | `dns` |
//! | `x509_parser` | `mailer` |
//! | `maud` | `desk` `render` `site` |
//! | `cssparser` | `render` |
//! | `pulldown_cmark` | `render` `source` |
//! | `hypher` | `render` |
//! | `unicode_segmentation` | `render` |
//! | `serde_saphyr` | `source` |
//! | `csv` | `readership` `newsroom` |
//! | `csv_core` | `newsroom` |
//! | `aho_corasick` | `readership` `newsroom` |
//! | `flate2` | `ledger` `readership` `source` |
//! | `ruzstd` | `readership` |
//! | `foldhash` | `readership` |
//! | `image` | `pictures` |
//! | `jpeg_decoder` | `pictures` |
//! | `jpeg_encoder` | `pictures` |
//! | `moxcms` | `pictures` |
//! | `jiff` | `model` |
//! | `aws_lc_rs` | `model` `message` `bounce` `analytics` `config` `cli` |
//! | `mail_parser` | `bounce` `message` |
//! | `rustls_pki_types` | `message` `analytics` `bounce` |
//! | `webpki` | `bounce` |
//! | `tokio_postgres` | `analytics` |
//! | `tokio_rustls` | `analytics` |
//! | `rustls_native_certs` | `analytics` |
//! | `clap` | `cli` |
//! | `anyhow` | `cli` |
//! | `indicatif` | `cli` |
//! | `similar` | `cli` |
//! | `console` | `cli` |
//!
//! # A morning
//! `cli` reads the config and calls `clock::send`: `send::begin` (the lock, what is older, what is too late), `draft::edition` (the file, or a draft),
//! `Begun::freeze` or `Begun::resume`, `Sending::hand_over`. Config and [`model::world::World`] (time, chance, the stop) go down as arguments; events and
//! errors come up as values, and `cli` finds the words.
//!
//! # What is deliberately absent
//! No trait with one implementor: fakes live at the wire. No global state, no logger: the work reports events, `cli::report` prints them.
//! No clock, no randomness and no signal below the voice: time, chance and the stop are arguments. No tracking pixel, no link rewriting, no address in a log.

pub mod analytics;
pub mod bounce;
pub mod bounces;
pub mod buckets;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod day_lines;
pub mod deliverability;
pub mod desk;
pub mod dns;
pub mod draft;
pub mod files;
pub mod ledger;
pub mod mailbox;
pub mod mailer;
pub mod message;
pub mod model;
pub mod newsroom;
pub mod pictures;
pub mod preflight;
pub mod probe;
pub mod programs;
pub mod readership;
pub mod render;
pub mod results;
pub mod schedule;
pub mod select;
pub mod send;
pub mod site;
pub mod source;
pub mod subscriber_list;

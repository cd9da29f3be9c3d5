//! Readership from the services that count it: asked over their APIs, turned into readings by story.
//!
//! It never chooses and never fails: a service that refuses, is silent or answers nonsense is a miss with its reason.
//!
//! ```text
//! Service (config) -> Conversation: the requests, one after another, and what each answer means (pure: ga4, plausible, ..)
//!                  -> wire: one HTTP request, bounded in time and size, repeated where the service asks to wait
//!                  -> Tally: rows of (page, host, time, views) -> ReadershipReport
//! ```
//!
//! A key is sent to the service it belongs to and nowhere else: no redirect is followed, and no key is in any message. The address of a
//! service comes from the config, so it may be on a private network; no answer can lead to another one.

mod answer;
mod bigquery;
mod chartbeat;
mod clickhouse;
mod cloudflare;
mod command;
mod conversation;
mod dimensions;
mod fault;
mod ga4;
mod goatcounter;
mod google;
mod matomo;
mod newest;
mod page_counts;
mod parsely;
mod plausible;
mod postgres;
mod request;
mod samples;
mod saved;
mod secrets;
mod service;
mod span;
mod sql;
mod talk;
mod tally;
mod umami;
mod wire;

pub use command::{Printed, Program, run};
pub use google::ServiceAccount;
pub use postgres::Database;
pub use samples::series;
pub use saved::saved;
pub use service::{Account, Api, Granularity, Kind, Login, Secret, Service};
pub use span::Span;
pub use sql::Statement;
pub use wire::{arrivals, ask, sample};

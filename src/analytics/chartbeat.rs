//! Chartbeat: the live API, `toppages`. It says how many people are reading, not how many views there were.

use std::borrow::Cow;

use secrecy::SecretString;
use serde::Deserialize;

use super::answer::{Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation};
use super::fault::Fault;
use super::request::{Request, below};
use super::tally::Tally;

/// How long a reader stays, in seconds, where the service does not say.
const STAY: f64 = 45.0;
/// The pages of one answer.
const PAGE: u64 = 100;

pub(super) struct Chartbeat<'s> {
    pub(super) host: &'s str,
    pub(super) key: &'s SecretString,
    pub(super) asked: Asked<'s>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    pages: Rows<'a, Page<'a>>,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(default)]
    stats: Stats,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stats {
    people: Count,
    #[serde(deserialize_with = "if_readable")]
    engaged_time: Engaged,
}

#[derive(Default, Deserialize)]
struct Engaged {
    avg: Option<f64>,
}

impl Conversation for Chartbeat<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        let mut url = below(self.asked.server, "live/toppages/v3/");
        url.query_pairs_mut()
            .append_pair("host", self.host)
            .append_pair("limit", &PAGE.to_string());
        Ok(Request::get(url)
            .header("x-cb-ak", self.key.clone())
            .hides(self.key))
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        take(&json(body)?, Some(self.host), tally);
        Ok(None)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some("is the key one of the live API, and of this host?")
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &str, tally: &mut Tally) -> Result<(), Fault> {
    take(&json(body)?, None, tally);
    Ok(())
}

fn take(answer: &Answer<'_>, host: Option<&str>, tally: &mut Tally) {
    tally.each(&answer.pages, "a path and its people", |tally, page| {
        let stay = page.stats.engaged_time.avg.filter(|stay| *stay > 0.0);
        tally.people(host, &page.path, &page.stats.people, stay.unwrap_or(STAY));
    });
}

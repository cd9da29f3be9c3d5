//! Chartbeat: the live API, `toppages`. It says how many people are reading, not how many views there were.

use std::borrow::Cow;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, below};
use super::tally::Tally;

/// How long a reader stays, in seconds, where the service does not say.
const STAY: f64 = 45.0;

pub(super) struct Chartbeat {
    host: String,
    server: Url,
    key: SecretString,
}

impl Chartbeat {
    pub(super) fn new(host: String, server: Url, key: SecretString) -> Self {
        Self { host, server, key }
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    pages: Rows<Page<'a>>,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    path: Option<Cow<'a, str>>,
    #[serde(default)]
    stats: Stats,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stats {
    people: Count,
    engaged_time: Option<Engaged>,
}

#[derive(Deserialize)]
struct Engaged {
    avg: Option<f64>,
}

impl Conversation for Chartbeat {
    fn begin(&mut self) -> Result<Request, Fault> {
        let mut url = below(&self.server, "live/toppages/v3/");
        url.query_pairs_mut()
            .append_pair("host", &self.host)
            .append_pair("limit", "100");
        Ok(Request::get(url)
            .header("x-cb-ak", self.key.clone())
            .hides(&self.key))
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        take(&json(body)?, Some(&self.host), tally);
        Ok(None)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some("is the key one of the live API, and of this host?")
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &[u8], tally: &mut Tally) -> Result<(), Fault> {
    take(&json(body)?, None, tally);
    Ok(())
}

fn take(answer: &Answer<'_>, host: Option<&str>, tally: &mut Tally) {
    for page in &answer.pages.0 {
        let Some(path) = &page.path else {
            tally.unread("a path", "nothing");
            continue;
        };
        let stay = page.stats.engaged_time.as_ref().and_then(|time| time.avg);
        let stay = stay.filter(|stay| *stay > 0.0).unwrap_or(STAY);
        tally.people(host, path, &page.stats.people, stay);
    }
}

//! Parse.ly: the Analytics API, `posts`. Its errors come as HTTP 200, and its key and secret belong into the address.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::answer::{Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation, Paging, Wanted};
use super::fault::Fault;
use super::newest::Newest;
use super::request::{Request, below};
use super::tally::Tally;

/// The most that one answer may have.
const PAGE: u64 = 100;
const MOST: u64 = 5_000;

pub(super) struct Parsely<'s> {
    site: &'s str,
    secret: &'s SecretString,
    asked: Asked<'s>,
    paging: Paging,
    newest: Option<Newest>,
}

impl<'s> Parsely<'s> {
    pub(super) const fn new(site: &'s str, secret: &'s SecretString, asked: Asked<'s>) -> Self {
        Self {
            site,
            secret,
            asked,
            paging: Paging::new(PAGE, MOST),
            newest: None,
        }
    }

    fn query(&self) -> Request {
        let written = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M").to_string();
        let (span, limit, page) = match &self.newest {
            Some(newest) => (newest.span(), 1, 1),
            None => (self.asked.span, PAGE, self.paging.offset / PAGE + 1),
        };
        let mut url = below(self.asked.server, "v2/analytics/posts");
        url.query_pairs_mut()
            .append_pair("apikey", self.site)
            .append_pair("secret", self.secret.expose_secret())
            .append_pair("period_start", &written(span.from))
            .append_pair("period_end", &written(span.to))
            .append_pair("sort", "views")
            .append_pair("limit", &limit.to_string())
            .append_pair("page", &page.to_string());
        Request::get(url).hides(self.secret)
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Option<Rows<'a, Post<'a>>>,
    #[serde(default, deserialize_with = "if_readable")]
    success: Option<bool>,
    #[serde(borrow, default, deserialize_with = "if_readable")]
    message: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Post<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(default)]
    metrics: Metrics,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metrics {
    views: Count,
}

impl Conversation for Parsely<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        Ok(self.query())
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        if let Some(newest) = &mut self.newest {
            let posts = posts(body)?;
            let mut views = posts
                .each()
                .flatten()
                .map(|post| post.metrics.views.known());
            let is_read = views.any(|views| views > Some(0));
            return Ok(newest.goes_on(is_read, tally).then(|| self.query()));
        }
        tally.totals_have_no_time();
        let came = take(body, tally)?;
        if self.paging.goes_on(came, None, tally)? {
            return Ok(Some(self.query()));
        }
        if tally.has_pages() && matches!(self.asked.wanted, Wanted::Views) {
            self.newest = Some(Newest::new(self.asked.span));
            return Ok(Some(self.query()));
        }
        Ok(None)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403)
            .then_some("is the secret that of this site, and may it use the API?")
    }
}

fn posts(body: &str) -> Result<Rows<'_, Post<'_>>, Fault> {
    let answer: Answer<'_> = json(body)?;
    match answer {
        Answer {
            success: Some(true) | None,
            data: Some(posts),
            ..
        } => Ok(posts),
        Answer { message, .. } => Err(Fault::said(message.as_deref().unwrap_or("no data"))),
    }
}

/// Takes the posts of an answer; how many there are.
fn take(body: &str, tally: &mut Tally) -> Result<u64, Fault> {
    let posts = posts(body)?;
    tally.each(&posts, "an address and its views", |tally, post| {
        tally.total(None, &post.url, &post.metrics.views);
    });
    Ok(posts.count())
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &str, tally: &mut Tally) -> Result<(), Fault> {
    let came = take(body, tally)?;
    tally.may_be_cut(came, PAGE, "Parse.ly", "page");
    Ok(())
}

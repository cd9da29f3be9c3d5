//! Parse.ly: the Analytics API, `posts`. Its errors come as HTTP 200, and its key and secret belong into the address.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, below};
use super::span::Span;
use super::tally::Tally;

const PAGE: usize = 100;
/// Pages of one asking.
const MOST: usize = 50;

pub(super) struct Parsely {
    site: String,
    server: Url,
    secret: SecretString,
    span: Span,
    page: usize,
}

impl Parsely {
    pub(super) fn new(site: String, server: Url, secret: SecretString, span: Span) -> Self {
        Self {
            site,
            server,
            secret,
            span,
            page: 1,
        }
    }

    fn query(&self) -> Request {
        let written = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M").to_string();
        let mut url = below(&self.server, "v2/analytics/posts");
        url.query_pairs_mut()
            .append_pair("apikey", &self.site)
            .append_pair("secret", self.secret.expose_secret())
            .append_pair("period_start", &written(self.span.from))
            .append_pair("period_end", &written(self.span.to))
            .append_pair("sort", "views")
            .append_pair("limit", &PAGE.to_string())
            .append_pair("page", &self.page.to_string());
        Request::get(url).hides(&self.secret)
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    success: Option<bool>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<Rows<Post<'a>>>,
}

#[derive(Deserialize)]
struct Post<'a> {
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(default)]
    metrics: Metrics,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metrics {
    views: Count,
}

impl Conversation for Parsely {
    fn begin(&mut self) -> Result<Request, Fault> {
        Ok(self.query())
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let came = saved(body, tally)?;
        self.page += 1;
        if came == PAGE && self.page > MOST {
            tally.note("only its 5,000 most read posts were read");
        }
        Ok((came == PAGE && self.page <= MOST).then(|| self.query()))
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403)
            .then_some("is the secret that of this site, and may it use the API?")
    }
}

/// An answer, asked for or saved to a file; how many posts it has.
pub(super) fn saved(body: &[u8], tally: &mut Tally) -> Result<usize, Fault> {
    let answer: Answer<'_> = json(body)?;
    let posts = match answer {
        Answer {
            success: Some(true) | None,
            data: Some(posts),
            ..
        } => posts.0,
        Answer { message, .. } => {
            return Err(Fault::said(message.as_deref().unwrap_or("no data")));
        }
    };
    for post in &posts {
        if let Some(url) = &post.url {
            tally.total(None, url, &post.metrics.views);
        }
    }
    Ok(posts.len())
}

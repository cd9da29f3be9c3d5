//! Matomo: the Reporting API, `Actions.getPageUrls`, a day at a time.

use std::borrow::Cow;
use std::collections::VecDeque;

use chrono::NaiveDate;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, below};
use super::span::Span;
use super::tally::Tally;
use crate::model::figures::grouped;
use crate::model::zone::Zone;

/// Rows of one answer, about 500 octets each. Matomo's own default is 100.
const PAGE: u64 = 20_000;

pub(super) struct Matomo {
    site: u64,
    server: Url,
    token: SecretString,
    /// The days still to be asked for.
    days: VecDeque<NaiveDate>,
    offset: u64,
}

impl Matomo {
    pub(super) fn new(
        site: u64,
        server: Url,
        token: SecretString,
        span: Span,
        zone: &Zone,
    ) -> Self {
        let (first, last) = (zone.day(span.from), zone.day(span.to));
        Self {
            site,
            server,
            token,
            days: first.iter_days().take_while(|day| *day <= last).collect(),
            offset: 0,
        }
    }

    fn query(&self) -> Option<Request> {
        let day = self.days.front()?.to_string();
        let (site, limit, offset) = (
            self.site.to_string(),
            PAGE.to_string(),
            self.offset.to_string(),
        );
        let form = [
            ("module", "API"),
            ("method", "Actions.getPageUrls"),
            ("idSite", &site),
            ("period", "day"),
            ("date", &day),
            ("flat", "1"),
            ("filter_sort_column", "nb_hits"),
            ("filter_sort_order", "desc"),
            ("filter_limit", &limit),
            ("filter_offset", &offset),
            // Otherwise the rows that Matomo put together are called so in the language of the token's user.
            ("language", "en"),
            ("format", "JSON"),
            ("token_auth", self.token.expose_secret()),
        ];
        let request = Request::post_form(below(&self.server, "index.php"), &form);
        Some(request.hides(&self.token))
    }
}

#[derive(Deserialize)]
struct Error {
    message: String,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    label: Cow<'a, str>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    nb_hits: Count,
}

impl Conversation for Matomo {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.query()
            .ok_or_else(|| Fault::says("has no day to be asked for"))
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let came = saved(body, tally)?;
        if came < PAGE {
            self.days.pop_front();
            self.offset = 0;
        } else {
            self.offset += came;
        }
        Ok(self.query())
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403)
            .then_some("does the token belong to a user with view access to this site?")
    }
}

/// An answer, asked for or saved to a file; how many rows it has.
pub(super) fn saved(body: &[u8], tally: &mut Tally) -> Result<u64, Fault> {
    // An error comes as HTTP 200.
    if body.trim_ascii_start().starts_with(b"{") {
        let Error { message } = json(body)?;
        return Err(Fault::said(&message));
    }
    let rows: Rows<Row<'_>> = json(body)?;
    let (mut others, mut all) = (0_u64, 0_u64);
    for row in &rows.0 {
        let views = match &row.nb_hits {
            Count::Views(views) => *views,
            Count::Bad(_) => 0,
        };
        all = all.saturating_add(views);
        // `Others`, `- Others`, `/2026/08/24/ - Others`.
        let is_rest = row.label.trim_end().rsplit([' ', '/']).next() == Some("Others");
        if row.url.is_none() && is_rest {
            others = others.saturating_add(views);
            continue;
        }
        tally.total(None, row.url.as_deref().unwrap_or(&row.label), &row.nb_hits);
    }
    if others > 0 {
        tally.note(format!(
            "{} of {} views are in rows that Matomo called `- Others`: its archive keeps so few pages of each folder (100 by default), and stories of a day are missing. Raise `datatable_archiving_maximum_rows_subtable_actions` in its config.ini.php",
            grouped(others),
            grouped(all)
        ));
    }
    Ok(rows.0.len() as u64)
}

//! Matomo: the Reporting API, `Actions.getPageUrls`, a day at a time.

use std::borrow::Cow;
use std::collections::VecDeque;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::answer::{Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation, Paging};
use super::fault::Fault;
use super::request::{Request, below};
use super::tally::Tally;
use crate::model::figures::grouped;
use crate::model::letter_links::EditionLinks;
use crate::model::line::Line;

/// Rows of one answer, about 500 octets each. Matomo's own default is 100.
const PAGE: u64 = 20_000;

pub(super) struct Matomo<'s> {
    site: u64,
    token: &'s SecretString,
    asked: Asked<'s>,
    /// The days still to be asked for, each with its end.
    days: VecDeque<(NaiveDate, DateTime<Utc>)>,
    paging: Paging,
}

impl<'s> Matomo<'s> {
    pub(super) fn new(site: u64, token: &'s SecretString, asked: Asked<'s>) -> Self {
        let zone = asked.zone;
        let last = zone.day(asked.end());
        let days = zone.day(asked.span.from).iter_days();
        Self {
            site,
            token,
            days: days
                .take_while(|day| *day <= last)
                .map(|day| (day, zone.begins(day.succ_opt().unwrap_or(day))))
                .collect(),
            asked,
            paging: Paging::new(PAGE, u64::MAX),
        }
    }

    fn query(&self) -> Option<Request> {
        let day = self.days.front()?.0.to_string();
        let (site, limit, offset) = (
            self.site.to_string(),
            PAGE.to_string(),
            self.paging.offset.to_string(),
        );
        let (method, metric) = match self.asked.links() {
            None => ("Actions.getPageUrls", "nb_hits"),
            Some(_) => ("Referrers.getCampaigns", "nb_visits"),
        };
        let form = [
            ("module", "API"),
            ("method", method),
            ("idSite", &site),
            ("period", "day"),
            ("date", &day),
            ("flat", "1"),
            ("filter_sort_column", metric),
            ("filter_sort_order", "desc"),
            ("filter_limit", &limit),
            ("filter_offset", &offset),
            // Otherwise the rows that Matomo put together are called so in the language of the token's user.
            ("language", "en"),
            ("format", "JSON"),
            ("token_auth", self.token.expose_secret()),
        ];
        let request = Request::post_form(below(self.asked.server, "index.php"), &form);
        Some(request.hides(self.token))
    }
}

#[derive(Deserialize)]
struct Error {
    message: String,
}

#[derive(Deserialize)]
struct Row<'a> {
    /// A number where a folder is called so.
    #[serde(borrow, default, deserialize_with = "if_readable")]
    label: Option<Cow<'a, str>>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(default)]
    nb_hits: Count,
}

impl Conversation for Matomo<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.query()
            .ok_or_else(|| Fault::says("has no day to be asked for"))
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        tally.totals_are_until(self.days.front().map(|(_, end)| *end));
        let came = match self.asked.links() {
            None => saved(body, tally)?,
            Some(links) => take_arrivals(body, links, tally)?,
        };
        if !self.paging.goes_on(came, None, tally)? {
            self.days.pop_front();
            self.paging.offset = 0;
        }
        Ok(self.query())
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403)
            .then_some("does the token belong to a user with view access to this site?")
    }
}

/// The rows of an answer. An error comes as HTTP 200.
fn rows<'a, T: Deserialize<'a>>(body: &'a str) -> Result<Rows<'a, T>, Fault> {
    if body.trim_ascii_start().starts_with('{') {
        let Error { message } = json(body)?;
        return Err(Fault::said(&message));
    }
    json(body)
}

/// A campaign and its keyword: all that Matomo keeps of what a link said, in small letters.
#[derive(Deserialize)]
struct Campaign<'a> {
    #[serde(borrow, default)]
    label: Cow<'a, str>,
    #[serde(default)]
    nb_visits: Count,
}

/// The names of pairs that say the campaign, and those that say the keyword.
const CAMPAIGN: [&str; 4] = [
    "utm_campaign",
    "mtm_campaign",
    "matomo_campaign",
    "pk_campaign",
];
const KEYWORD: [&str; 4] = ["utm_term", "mtm_kwd", "matomo_kwd", "pk_kwd"];

/// Takes visits by campaign and keyword; how many rows there are. It knows whole days, so the campaign must say which edition it is.
fn take_arrivals(body: &str, links: &EditionLinks, tally: &mut Tally) -> Result<u64, Fault> {
    let is = |known: [&str; 4], name: &String| known.contains(&name.as_str());
    let varies = |name: &String| !links.shared().iter().any(|(shared, _)| shared == name);
    let lost = |name: &&String| varies(name) && !is(KEYWORD, name) && !is(CAMPAIGN, name);
    if let Some(name) = links.names().iter().find(lost) {
        return Err(Fault::says(format!(
            "cannot tell arrivals: Matomo keeps the campaign and the keyword of a link, so `{{slot}}` of `[links] add` must be in `utm_term`, not in `{}`",
            Line::clean_to(name, 40)
        )));
    }
    if !links.is_dated {
        return Err(Fault::says(
            "cannot tell arrivals: Matomo knows days, no hours, so `[links] add` must have `{day}` in `utm_campaign`",
        ));
    }
    let rows: Rows<'_, Campaign<'_>> = rows(body)?;
    tally.each(&rows, "a campaign and its visits", |tally, row| {
        let (campaign, keyword) = row.label.rsplit_once(" - ").unwrap_or((&row.label, ""));
        let value = |name: &String| {
            if is(CAMPAIGN, name) {
                return campaign.to_owned();
            }
            let shared = links.shared().iter().find(|(shared, _)| shared == name);
            shared.map_or(keyword, |(_, value)| value).to_owned()
        };
        let values: Vec<String> = links.names().iter().map(value).collect();
        tally.arrival(&values, None, None, &row.nb_visits);
    });
    Ok(rows.count())
}

/// An answer, asked for or saved to a file; how many rows it has.
pub(super) fn saved(body: &str, tally: &mut Tally) -> Result<u64, Fault> {
    let rows: Rows<'_, Row<'_>> = rows(body)?;
    let (mut others, mut all) = (0_u64, 0_u64);
    tally.each(&rows, "a page and its views", |tally, row| {
        let views = row.nb_hits.known().unwrap_or(0);
        all = all.saturating_add(views);
        // `Others`, `- Others`, `/2026/08/24/ - Others`.
        let is_rest = |label: &str| label.trim_end().rsplit([' ', '/']).next() == Some("Others");
        match (&row.url, &row.label) {
            (None, Some(label)) if is_rest(label) => others = others.saturating_add(views),
            (Some(page), _) | (None, Some(page)) => tally.total(None, page, &row.nb_hits),
            (None, None) => tally.unread("a page", "none"),
        }
    });
    if others > 0 {
        tally.note(format!(
            "{} of {} views are in rows that Matomo called `- Others`: its archive keeps so few pages of each folder (100 by default), and stories of a day are missing. Raise `datatable_archiving_maximum_rows_subtable_actions` in its config.ini.php",
            grouped(others),
            grouped(all)
        ));
    }
    Ok(rows.count())
}

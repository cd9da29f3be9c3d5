//! One story that a person points at: from its own page on the web, or from a saved copy of it.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::enrich::ask_politely;
use super::facts::{self, Facts};
use super::fetch::Web;
use super::guard::is_same_server;
use super::item::{self, Setting};
use super::kind::{Source, named};
use super::limits::LIMITS;
use super::reading::OUR_FAULT;
use super::sections::Sections;
use super::{decode, tags};
use crate::files;
use crate::model::dates::DateStyle;
use crate::model::link::Link;
use crate::model::story::Story;

/// How much of a page is read, in octets.
const PAGE: u64 = 3_000_000;

/// What it takes to understand the page.
pub struct PageSetting<'a> {
    pub sources: &'a [Source],
    /// The paper's front page.
    pub site: &'a Link,
    pub sections: &'a Sections,
    pub dates: &'a DateStyle,
}

/// The story at that address, as its page tells it to machines, by the rules by which the pages of sources' stories are read; `saved` is a copy of the
/// page. `None`: the page names no headline.
///
/// # Errors
/// The page cannot be read: why.
pub async fn story_at(
    url: &Link,
    saved: Option<&Path>,
    setting: &PageSetting<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Story>, String> {
    let limits = super::Limits {
        bytes: PAGE,
        ..LIMITS
    };
    let (body, found_at) = if let Some(path) = saved {
        let (bytes, _) = files::read(path, PAGE).map_err(|error| error.to_string())?;
        let (bytes, fault) = decode::unpacked(&bytes, PAGE);
        if let Some(fault) = fault {
            return Err(fault);
        }
        (bytes.into_owned(), url.clone())
    } else {
        let homes = named(setting.sources);
        let homes: Vec<Link> = homes.into_iter().chain([setting.site.clone()]).collect();
        let home = homes.iter().find(|home| is_same_server(home, url)).cloned();
        let web = Web::new(homes).map_err(|error| error.explained())?;
        let fetched = ask_politely(&web, home.as_ref(), url, &limits).await?;
        (fetched.body, fetched.url)
    };
    let asked = url.clone();
    // Parsing takes the processor.
    let told =
        tokio::task::spawn_blocking(move || facts::of(&tags::decoded(&body), &asked, &found_at));
    let told = told.await.map_err(|_| OUR_FAULT.to_owned())?;
    Ok(story(told, url, setting, now))
}

fn story(told: Facts, url: &Link, setting: &PageSetting<'_>, now: DateTime<Utc>) -> Option<Story> {
    let (headline, site) = (told.whole_headline(), told.site.clone());
    let mut told = told.into_item(url.as_str().to_owned());
    told.headline = super::plain::escaped(headline.as_str());
    let setting = Setting {
        base: None,
        title: &site,
        section: None,
        sections: setting.sections,
        dates: setting.dates,
        now,
    };
    let mut story = item::story(&told, &setting)?;
    story.section = story
        .section
        .and_then(|section| setting.sections.of(&section));
    story.published = story.published.filter(|at| facts::is_believable(*at, now));
    Some(story)
}

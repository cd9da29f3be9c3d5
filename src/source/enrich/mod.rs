//! What a story lacks, from its own page: Open Graph, JSON-LD, `<meta>`.
//!
//! The pages' addresses come from feeds, so a host is trusted only if a source of that story is on it; on all others private addresses
//! are refused. We read like a polite stranger: our own name, `robots.txt` obeyed, two pages of a host at once. Of a page, the facts
//! found are remembered, not the page. It is asked again only while facts are missing and its server gave something to ask with: what
//! a page says of its story for machines hardly ever changes. One page never holds up the rest.

mod fill;
mod misses;
mod robots;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;

use super::facts::{self, Facts};
use super::fetch::{Fetched, Remembered, Wanted, Web};
use super::gather::Gathered;
use super::guard::is_same_server;
use super::kind::{Source, named};
use super::limits::Limits;
use super::sections::Sections;
use super::tags;
use crate::model::dates::DateStyle;
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::story::{Candidate, Miss, Picture, unseen};
use fill::fill;
use misses::Misses;
use robots::Robots;

/// The most pages of one run.
const PAGES: usize = 60;
/// Hosts asked at once, and pages of each: eight connections in all.
pub(super) const HOSTS: usize = 4;
pub(super) const OF_ONE_HOST: usize = 2;
/// The time for one page.
pub(super) const TIME: Duration = Duration::from_secs(10);
/// The time for all of them, in times for one page.
const TIMES: u32 = 3;
/// How much of a page is read, in octets: its head, and the JSON-LD that some put behind.
const HEAD: u64 = 1_000_000;
/// How much of a `robots.txt` is read, in octets.
const ROBOTS: u64 = 100_000;
/// What so many stories of a host have in common is the paper's: its motto, its logo.
const COMMON: usize = 3;
/// The pages worth asking: of stories that lack a dek, a picture that mail programs show or a date, from a source that says `enrich`, published since then or
/// without a date. At most 60: first those without a date that an editor placed, then the newest. The caller looks them up in what it
/// remembers and calls [`enrich`].
#[must_use]
pub fn thin(gathered: &Gathered, sources: &[Source], since: DateTime<Utc>) -> Vec<Link> {
    let wanted = |candidate: &&Candidate| {
        let story = &candidate.story;
        let seen = |picture: &Picture| unseen(&picture.url).is_none();
        let lacks = story.dek.is_none()
            || !story.picture.as_ref().is_some_and(seen)
            || story.published.is_none();
        let asked = |source: &Source| source.enrich && candidate.sources.contains(&source.name);
        lacks && story.published.is_none_or(|date| date >= since) && sources.iter().any(asked)
    };
    let candidates = gathered.harvest.candidates.iter();
    let mut thin: Vec<&Candidate> = candidates.filter(wanted).collect();
    thin.sort_by_key(
        |candidate| match (candidate.story.published, candidate.position) {
            (None, Some(position)) => (0, i64::from(position)),
            (Some(date), _) => (1, -date.timestamp()),
            (None, None) => (2, 0),
        },
    );
    thin.truncate(PAGES);
    thin.iter().map(|thin| thin.story.url.clone()).collect()
}

/// A page to ask.
struct StoryPage<'g> {
    link: &'g Link,
    /// Where its story is in the harvest.
    place: usize,
    /// The source whose words are used.
    source: Line,
    dates: &'g DateStyle,
    sections: &'g Sections,
    /// Where on the web a source of its story is, on the same host if one is: only then may that be a private one.
    home: Option<&'g Link>,
}

/// What asking for a page came to.
enum Answer {
    Said(Box<Facts>, Option<Remembered>),
    /// The host does not want it read.
    Barred,
    Failed(String),
}

/// Asks those pages and fills what the stories lack. `remembered` holds what earlier askings found, by address; what is new is added to
/// [`Gathered::remember`], with the facts found as [`Remembered::body`]. Pages that fail, or for which no time was left, are misses; the
/// time is three times that of one page, which `limits` says and 10 s bound.
#[expect(
    clippy::implicit_hasher,
    reason = "the caller fills it from the ledger; there is one kind"
)]
pub async fn enrich(
    gathered: &mut Gathered,
    sources: &[Source],
    pages: &[Link],
    remembered: &HashMap<String, Remembered>,
    limits: &Limits,
    now: DateTime<Utc>,
) {
    let pages = placed(gathered, sources, pages);
    let Some(first) = pages.first() else { return };
    let web = match Web::new(named(sources)) {
        Ok(web) => web,
        Err(error) => {
            let what = Line::clean(&format!("story pages: {}", error.explained()));
            let source = first.source.clone();
            return gathered.harvest.misses.push(Miss { source, what });
        }
    };
    let mut hosts: Vec<(String, Vec<&StoryPage<'_>>)> = Vec::new();
    for page in &pages {
        let host = page.link.url().origin().ascii_serialization();
        match hosts.iter_mut().find(|(known, _)| *known == host) {
            Some((_, pages)) => pages.push(page),
            None => hosts.push((host, vec![page])),
        }
    }
    let round = Round {
        web,
        limits: Limits {
            time: limits.time.min(TIME),
            bytes: limits.bytes.min(HEAD),
            ..*limits
        },
        remembered,
        answers: Mutex::default(),
    };
    let whole = round.limits.time * TIMES;
    let work = futures_util::stream::iter(hosts)
        .for_each_concurrent(HOSTS, |(host, pages)| round.host(host, pages));
    // When the time is over, what has come stays.
    _ = tokio::time::timeout(whole, work).await;
    let mut answers = round
        .answers
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let (mut misses, mut said) = (Misses::default(), Vec::new());
    for page in &pages {
        match answers.remove(&page.place) {
            Some(Answer::Said(facts, remember)) => {
                gathered.remember.extend(remember);
                said.push((page, facts));
            }
            Some(Answer::Barred) => Misses::add(&mut misses.barred, page, ""),
            Some(Answer::Failed(what)) => Misses::add(&mut misses.failed, page, &what),
            None => misses.unasked.push(page.source.clone()),
        }
    }
    gathered
        .harvest
        .misses
        .extend(misses.told(pages.len(), whole));
    without_common(&mut said);
    for (page, facts) in said {
        fill(
            &mut gathered.harvest.candidates[page.place].story,
            *facts,
            (page.sections, page.dates),
            now,
        );
    }
}

/// Those of the pages that belong to a story of the harvest.
fn placed<'p>(gathered: &Gathered, sources: &'p [Source], pages: &'p [Link]) -> Vec<StoryPage<'p>> {
    let candidates = &gathered.harvest.candidates;
    let places: HashMap<StoryKey, usize> = candidates
        .iter()
        .enumerate()
        .map(|(place, candidate)| (candidate.story.url.key(), place))
        .collect();
    let page = |link: &'p Link| {
        let place = *places.get(&link.key())?;
        let given = &candidates[place].sources;
        let of_it = || sources.iter().filter(|source| given.contains(&source.name));
        let home = of_it()
            .filter_map(Source::home)
            .find(|home| is_same_server(home, link));
        Some(StoryPage {
            link,
            place,
            source: given.first()?.clone(),
            dates: &of_it().next()?.dates,
            sections: &of_it().next()?.sections,
            home,
        })
    };
    pages.iter().take(PAGES).filter_map(page).collect()
}

/// One asking of all pages.
struct Round<'r> {
    web: Web,
    limits: Limits,
    remembered: &'r HashMap<String, Remembered>,
    /// By the place of the story.
    answers: Mutex<HashMap<usize, Answer>>,
}

impl Round<'_> {
    async fn host(&self, host: String, pages: Vec<&StoryPage<'_>>) {
        let mut unknown = Vec::new();
        for page in pages {
            let earlier = self.remembered.get(page.link.as_str());
            let earlier = earlier.and_then(|earlier| {
                let facts: Facts = serde_json::from_slice(&earlier.body).ok()?;
                Some((earlier, facts))
            });
            match earlier {
                Some((earlier, facts)) if is_enough(earlier, &facts) => {
                    self.keep(page, Answer::Said(Box::new(facts), None));
                }
                earlier => unknown.push((page, earlier)),
            }
        }
        let Some((page, _)) = unknown.first() else {
            return;
        };
        let robots = &robots(&self.web, &self.limits, &host, page.home).await;
        let unknown = futures_util::stream::iter(unknown);
        unknown
            .for_each_concurrent(OF_ONE_HOST, |(page, earlier)| async move {
                self.keep(page, self.ask(page, earlier, robots).await);
            })
            .await;
    }

    fn keep(&self, page: &StoryPage<'_>, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(page.place, answer);
    }

    async fn ask(
        &self,
        page: &StoryPage<'_>,
        earlier: Option<(&Remembered, Facts)>,
        robots: &Robots,
    ) -> Answer {
        if !robots.allow(path(page.link)) {
            return Answer::Barred;
        }
        let asked_with = earlier.as_ref().map(|(earlier, _)| *earlier);
        let fetched = self
            .web
            .fetch_from(
                page.home,
                page.link,
                Wanted::Beginning,
                asked_with,
                &self.limits,
            )
            .await;
        let fetched = match (fetched, earlier) {
            (Ok(fetched), Some((earlier, facts))) if fetched.body == earlier.body => {
                return Answer::Said(Box::new(facts), None);
            }
            (Err(_), Some((_, facts))) => return Answer::Said(Box::new(facts), None),
            (Err(error), None) => return Answer::Failed(error.explained()),
            (Ok(fetched), _) => fetched,
        };
        if is_front_page(&fetched, page.link) {
            return Answer::Failed(FRONT_PAGE.to_owned());
        }
        let facts = facts::of(&tags::decoded(&fetched.body), page.link, &fetched.url);
        let (etag, last_modified) = fetched.remember.map_or((None, None), |remember| {
            (remember.etag, remember.last_modified)
        });
        let remember = serde_json::to_vec(&facts).ok().map(|body| Remembered {
            url: page.link.as_str().to_owned(),
            etag,
            last_modified,
            body,
        });
        Answer::Said(Box::new(facts), remember)
    }
}

/// What the host asks for; nothing, if it does not answer that.
async fn robots(web: &Web, limits: &Limits, host: &str, home: Option<&Link>) -> Robots {
    let Ok(link) = Link::parse(&format!("{host}/robots.txt")) else {
        return Robots::default();
    };
    let limits = Limits {
        bytes: limits.bytes.min(ROBOTS),
        ..*limits
    };
    let fetched = web.fetch_from(home, &link, Wanted::Beginning, None, &limits);
    match fetched.await {
        Ok(fetched) => Robots::parse(&String::from_utf8_lossy(&fetched.body)),
        Err(_) => Robots::default(),
    }
}

/// The path of an address as `robots.txt` means it.
fn path(link: &Link) -> &str {
    &link.url()[url::Position::BeforePath..url::Position::AfterQuery]
}

/// Whether an answer is the front page in place of a story.
fn is_front_page(fetched: &Fetched, link: &Link) -> bool {
    fetched.url.url().path() == "/" && link.url().path() != "/"
}

const FRONT_PAGE: &str = "redirects to a front page";

/// One story's page, asked for as politely as the others; the error is what its miss says.
pub(super) async fn ask_politely(
    web: &Web,
    home: Option<&Link>,
    link: &Link,
    limits: &Limits,
) -> Result<Fetched, String> {
    let limits = Limits {
        time: limits.time.min(TIME),
        ..*limits
    };
    let host = link.url().origin().ascii_serialization();
    if !robots(web, &limits, &host, home).await.allow(path(link)) {
        return Err("`robots.txt` does not want its page read".to_owned());
    }
    let fetched = web.fetch_from(home, link, Wanted::Beginning, None, &limits);
    match fetched.await {
        Ok(fetched) if is_front_page(&fetched, link) => Err(FRONT_PAGE.to_owned()),
        fetched => fetched.map_err(|error| error.explained()),
    }
}

/// Whether there is nothing more to ask for, or nothing to ask with.
fn is_enough(earlier: &Remembered, facts: &Facts) -> bool {
    let whole = !facts.dek.is_empty() && !facts.pictures.is_empty() && facts.published.is_some();
    whole || (earlier.etag.is_none() && earlier.last_modified.is_none())
}

/// Takes away words and pictures that several stories of one host have in common.
fn without_common(said: &mut [(&StoryPage<'_>, Box<Facts>)]) {
    let mut times: HashMap<(String, String), usize> = HashMap::new();
    for (page, facts) in said.iter() {
        let pictures = facts.pictures.iter().map(|picture| &picture.url);
        for common in pictures.chain([&facts.dek]) {
            let known = (page.link.host().to_owned(), common.clone());
            *times.entry(known).or_default() += 1;
        }
    }
    for (page, facts) in said {
        let host = page.link.host();
        let own = |text: &str| times.get(&(host.to_owned(), text.to_owned())) < Some(&COMMON);
        facts.pictures.retain(|picture| own(&picture.url));
        if !own(&facts.dek) {
            facts.dek.clear();
        }
    }
}

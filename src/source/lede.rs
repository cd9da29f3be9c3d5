//! The first paragraphs of the lede, from its own page, where no feed gave its text.

use super::enrich::ask_politely;
use super::fetch::Web;
use super::guard::is_same_server;
use super::kind::{Source, named};
use super::limits::Limits;
use super::reading::OUR_FAULT;
use super::{facts, story_text, tags};
use crate::model::line::Line;
use crate::model::link::Link;

/// How much of a page is read, in octets.
const PAGE: u64 = 3_000_000;

const LIVE: &str = "it is a live blog, whose text begins with its newest minutes";

/// Asks a story's own page for its first paragraphs; `given` names the sources of the story. The page is asked for as those that lack something
/// are: under our name, as `robots.txt` allows, bounded in time and size.
///
/// # Errors
/// Why there are none.
pub async fn first_paragraphs(
    (headline, url): (&Line, &Link),
    given: &[Line],
    sources: &[Source],
    most: usize,
    limits: &Limits,
) -> Result<Vec<Line>, String> {
    if story_text::is_live_address(url) {
        return Err(LIVE.to_owned());
    }
    let web = Web::new(named(sources)).map_err(|error| error.explained())?;
    let of_it = sources.iter().filter(|source| given.contains(&source.name));
    let mut homes = of_it.filter_map(Source::home);
    let home = homes.find(|home| is_same_server(home, url));
    let limits = Limits {
        bytes: limits.bytes.min(PAGE),
        ..*limits
    };
    let fetched = ask_politely(&web, home, url, &limits).await?;
    let (headline, asked) = (headline.clone(), url.clone());
    let read = tokio::task::spawn_blocking(move || {
        let page = tags::decoded(&fetched.body);
        let Some(text) = facts::text_of(&page, &asked, &fetched.url) else {
            return Err("its page forbids to quote it".to_owned());
        };
        if story_text::is_live_page(&page) {
            return Err(LIVE.to_owned());
        }
        let shown = story_text::of_page(&page, &fetched.url, &headline, most);
        Ok(story_text::or_for_machines(shown, &text, &headline, most))
    });
    read.await.unwrap_or_else(|_| Err(OUR_FAULT.to_owned()))
}

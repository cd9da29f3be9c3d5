//! Where stories come from: `[[source]]`.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::model::line::Line;
use crate::model::link::{Link, Origin};
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::select::parse_length;
use crate::source::{Css, DateStyle, Kind, Layout, Source};

/// How old the last good answer of a source with `must = true` may be.
const MAX_STALE: TimeDelta = TimeDelta::hours(6);

/// The parts of a story on a page, by CSS selector. `section` is one too, when it looks like a selector.
const PARTS: [&str; 5] = ["headline", "time", "byline", "dek", "picture"];

/// `[[source]]`. `site` is what addresses are relative to that are in a file.
pub(super) fn sources(
    table: &mut TomlTable<'_>,
    home: &Path,
    site: Option<&Link>,
    dates: &DateStyle,
    problems: &Problems,
) -> Vec<Source> {
    let before = problems.len();
    let tables = table.tables("source", problems);
    if tables.is_empty() && problems.len() == before {
        problems.add(
            table
                .problem_here("no `[[source]]` is given: stories must come from somewhere")
                .hint(
                    "`[[source]]` with `feed = \"https://..\"` or `stories = \"stories/*.toml\"`",
                ),
        );
    }
    tables
        .into_iter()
        .filter_map(|table| source(table, home, site, dates, problems))
        .collect()
}

fn source(
    mut table: TomlTable<'_>,
    home: &Path,
    site: Option<&Link>,
    dates: &DateStyle,
    problems: &Problems,
) -> Option<Source> {
    let before = problems.len();
    let [feed, stories, sitemap, page] = ["feed", "stories", "sitemap", "page"]
        .map(|key| table.value(key, problems, |text| origin(text, home)));
    let enrich = table.flag("enrich", problems).unwrap_or(false);
    let label = table.line("name", problems);
    let own_zone = table.value("time_zone", problems, Zone::bundled);
    let must = table.flag("must", problems).unwrap_or(false);
    let max_stale = table.parsed("max_stale", problems, parse_length);
    if let Some(found) = max_stale.as_ref().filter(|_| !must) {
        let what = "`max_stale` says nothing without `must = true`";
        problems.add(table.problem(found.span.clone(), what));
    }
    let max_stale = max_stale.map_or(MAX_STALE, |found| found.value);
    let given = table.text("section", problems);
    let is_selector = |text: &str| page.is_some() && text.starts_with(['.', '#', '[']);
    let (selector, section) = match given {
        Some(found) if is_selector(&found.value) => (Some(found), None),
        other => (None, other.and_then(|found| Line::non_empty(&found.value))),
    };
    let named = match (feed, stories, sitemap, page) {
        (Some((name, feed)), None, None, None) => Some((name, Kind::Feed(feed))),
        (None, Some((name, stories)), None, None) => Some((name, Kind::Stories(stories))),
        (None, None, Some((name, sitemap)), None) => Some((name, Kind::Sitemap(sitemap))),
        (None, None, None, Some((name, page))) => {
            let story = table.value("story", problems, Css::parse);
            let [headline, time, byline, dek, picture] =
                PARTS.map(|key| table.value(key, problems, Css::parse));
            let section = selector.and_then(|found| match Css::parse(&found.value) {
                Ok(css) => Some(css),
                Err(error) => {
                    problems.add(table.problem(found.span, error));
                    None
                }
            });
            if story.is_none() && problems.len() == before {
                problems.add(
                    table
                        .problem_here("a `page` needs `story`, a CSS selector of each story on it")
                        .hint("`story = \".latest .item\"`"),
                );
            }
            story.zip(site).map(|(story, site)| {
                let layout = Layout {
                    base: site.clone(),
                    story,
                    headline,
                    section,
                    time,
                    byline,
                    dek,
                    picture,
                };
                (name, Kind::Page(page, Box::new(layout)))
            })
        }
        _ => {
            if problems.len() == before {
                problems.add(table.problem_here(
                    "a `[[source]]` must give exactly one of `feed`, `stories`, `sitemap` and `page`",
                ));
            }
            None
        }
    };
    table.finish(problems);
    named.zip(site).map(|((name, kind), site)| Source {
        name: label.unwrap_or(name),
        kind,
        section,
        sections: Arc::default(),
        site: site.clone(),
        enrich,
        dates: own_zone.map_or_else(|| dates.clone(), |zone| dates.in_zone(zone)),
        must: must.then_some(max_stale),
    })
}

/// A URL, or a path relative to the config file; with the name to show for it.
pub(super) fn origin(text: &str, home: &Path) -> Result<(Line, Origin), String> {
    if text.trim().is_empty() {
        return Err("an empty text is neither a web address nor a path".into());
    }
    if text.contains("://") {
        let link = Link::parse(text).map_err(|error| error.to_string())?;
        // The query may carry a key; the name is printed.
        let name = text.split(['?', '#']).next().unwrap_or_default();
        return Ok((Line::clean_to(name, 120), Origin::Url(link)));
    }
    Ok((Line::clean_to(text, 120), Origin::Path(home.join(text))))
}

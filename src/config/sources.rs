//! Where stories come from: `[[source]]`.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;

use super::layers::Layers;
use crate::model::dates::DateStyle;
use crate::model::line::Line;
use crate::model::link::{Link, Origin};
use crate::model::toml_table::{Found, Problems, TomlTable, nearest};
use crate::model::zone::Zone;
use crate::select::parse_length;
use crate::source::{Css, Kind, Layout, Source};

/// How old the last good answer of a source with `must = true` may be.
const MAX_STALE: TimeDelta = TimeDelta::hours(6);

/// The parts of a story on a page, by CSS selector. `section` is one too, when it looks like a selector.
const PARTS: [&str; 5] = ["headline", "time", "byline", "dek", "picture"];

/// What the sources of a newsletter are read by.
pub(super) struct Around<'a> {
    pub(super) home: &'a Path,
    /// What addresses are relative to that are in a file.
    pub(super) site: Option<&'a Link>,
    pub(super) dates: &'a DateStyle,
}

/// The sources of a newsletter: `[[source]]`, and of those that all newsletters share the ones that `sources` names; all of them where the
/// newsletter says neither.
pub(super) fn sources(
    layers: &mut Layers<'_>,
    around: &Around<'_>,
    problems: &Problems,
) -> Vec<Source> {
    let before = problems.len();
    let mut read = |table: &mut TomlTable<'_>| -> Vec<Source> {
        let tables = table.tables("source", problems).into_iter();
        let all = tables.filter_map(|table| source(table, around, problems));
        all.collect()
    };
    let own = read(layers.own());
    let shared = layers.shared().map(&mut read);
    let sources = match shared {
        None => own,
        Some(shared) => {
            let mut sources = match layers.own().texts("sources", problems) {
                // One that has a problem is there, and so are all names.
                Some(_) if problems.len() > before => Vec::new(),
                Some(names) => chosen(&names, &shared, layers.own(), problems),
                None if own.is_empty() => shared,
                None => Vec::new(),
            };
            sources.extend(own);
            sources
        }
    };
    if sources.is_empty() && problems.len() == before {
        problems.add(
            layers
                .own()
                .problem_here("no `[[source]]` is given: stories must come from somewhere")
                .hint(
                    "`[[source]]` with `feed = \"https://..\"` or `stories = \"stories/*.toml\"`",
                ),
        );
    }
    sources
}

/// The shared sources of these names, in the order of `newsdigest.toml`.
fn chosen(
    names: &[Found<String>],
    shared: &[Source],
    table: &TomlTable<'_>,
    problems: &Problems,
) -> Vec<Source> {
    for found in names {
        if shared
            .iter()
            .any(|source| source.name.as_str() == found.value)
        {
            continue;
        }
        let what = format!(
            "no source of `newsdigest.toml` is called `{}`",
            Line::clean_to(&found.value, 120)
        );
        let known = shared.iter().map(|source| source.name.as_str());
        let hint = match nearest(&found.value, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "there are: {}",
                known
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        problems.add(table.problem(found.span.clone(), what).hint(hint));
    }
    let is_named = |source: &&Source| {
        names
            .iter()
            .any(|found| found.value == source.name.as_str())
    };
    shared.iter().filter(is_named).cloned().collect()
}

fn source(mut table: TomlTable<'_>, around: &Around<'_>, problems: &Problems) -> Option<Source> {
    let Around { home, site, dates } = *around;
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

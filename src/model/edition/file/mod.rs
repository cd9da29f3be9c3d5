//! The edition file: written for a person to edit, read back with every problem named.

mod looks;
#[cfg(test)]
mod tests;
mod write;

pub(super) use write::{LEDE, placeholder, story_text};

use std::collections::HashSet;

use super::values::{markdown, read_picture};
use super::{DayLine, Edition, List, Placed, Question, SignOff, Slug, notice};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::problem::{Problem, Written};
use crate::model::story::{Precision, Related, Story};
use crate::model::toml_table::{Found, Problems, TomlTable};

/// The longest editor's note, in characters.
const NOTE: usize = 20_000;
/// The most further stories: what three full lists could hold, and more.
const FURTHER: u64 = 10_000;

impl Edition {
    /// Reads a file written by [`Edition::to_toml`] and edited since. Every story may be gone from it.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn from_toml(slug: Slug, file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let problems = Problems::default();
        let written = Written::new(file, text);
        let mut table = TomlTable::parse(written, text, &problems);
        let newsletter = table.value("newsletter", &problems, str::parse);
        let hold = table.flag("hold", &problems).unwrap_or(false);
        let subject = table.line("subject", &problems);
        let opening = table.line("opening", &problems);
        let machine_written = table
            .lines("machine_written", &problems)
            .unwrap_or_default();
        let note = markdown(&mut table, "note", NOTE, &problems);
        let further = table.whole("further", 0, FURTHER, &problems).unwrap_or(0);
        let notices = notice::read(&mut table, &problems);
        let looks = looks::read(&mut table, &problems);
        let lines = DayLine::read(&mut table, &problems);
        let sign_off = SignOff::read(&mut table, &problems);
        let question = Question::read(&mut table, None, &problems);
        let drop = table.all_parsed("drop", &problems, Link::parse);
        let drop: Vec<Link> = drop.into_iter().map(|found| found.value).collect();
        let dropped: HashSet<StoryKey> = drop.iter().map(Link::key).collect();
        let mut lists = List::ALL.map(|list| {
            let mut seen = HashSet::new();
            let mut placed = Vec::new();
            let tables = table.tables(list.key(), &problems);
            if let Some(first) = tables.get(STORIES) {
                problems.add(first.problem_here(format!(
                    "`{}` has {} stories: expected at most {STORIES}",
                    list.key(),
                    tables.len()
                )));
            }
            for mut table in tables.into_iter().take(STORIES) {
                let pin = table.flag("pin", &problems).unwrap_or(false);
                if let Some(found) = read_story(table, &problems) {
                    let (url, key) = (found.value.url.as_str(), found.value.url.key());
                    if pin && dropped.contains(&key) {
                        let what = format!("`{url}` is pinned here, and is in `drop`");
                        problems.add(written.problem(found.span.clone(), what));
                    }
                    if !seen.insert(key) {
                        let what = format!("`{url}` is in `{}` twice", list.key());
                        problems.add(written.problem(found.span.clone(), what));
                    }
                    placed.push(Placed {
                        story: found.value,
                        pin,
                        why: None,
                    });
                }
            }
            placed
        });
        table.finish(&problems);
        let [top, most_read, latest] = lists.each_mut().map(std::mem::take);
        restore_whys(
            text,
            problems.or(Some(Self {
                slug,
                newsletter,
                hold,
                subject,
                opening,
                machine_written,
                drop,
                note,
                lines,
                top,
                most_read,
                latest,
                sign_off,
                question,
                notices,
                looks,
                further,
            })),
        )
    }
}

/// The most paragraphs of a story.
const PARAGRAPHS: usize = 20;
/// The most stories of one list; a draft has at most a hundred.
const STORIES: usize = 1_000;

/// Brings the `# why:` comments back to their stories: the n-th header of a list belongs to its n-th story.
fn restore_whys(
    text: &str,
    edition: Result<Edition, Vec<Problem>>,
) -> Result<Edition, Vec<Problem>> {
    let mut edition = edition?;
    let mut place: Option<(List, usize)> = None;
    let mut seen = [0_usize; List::ALL.len()];
    for line in text.lines() {
        let line = line.trim();
        if let Some(list) = List::ALL.into_iter().find(|list| {
            line.strip_prefix("[[")
                .and_then(|rest| rest.strip_prefix(list.key()))
                .is_some_and(|rest| rest.starts_with("]]"))
        }) {
            let count = &mut seen[list as usize];
            place = Some((list, *count));
            *count += 1;
        } else if line.starts_with('[') {
            place = None;
        } else if let (Some(why), Some((list, index))) = (line.strip_prefix("# why:"), place)
            && let Some(placed) = edition.list_mut(list).get_mut(index)
        {
            placed.why = Line::non_empty(why);
        }
    }
    Ok(edition)
}

/// Reads a story's table, here and in story files; the span is that of its `url`. `None` only if there is a problem.
pub(crate) fn read_story(mut table: TomlTable<'_>, problems: &Problems) -> Option<Found<Story>> {
    let before = problems.len();
    let headline = table.line("headline", problems);
    let url = table.parsed("url", problems, Link::parse);
    let dek = table.line("dek", problems);
    let kicker = table.line("kicker", problems);
    let section = table.line("section", problems);
    let byline = table.line("byline", problems);
    let published = table
        .instant("published", problems)
        .map(|instant| instant.to_utc());
    let precision = match table.flag("day_only", problems) {
        Some(true) => Precision::Day,
        _ => Precision::Time,
    };
    let paragraphs = table.texts("paragraphs", problems).unwrap_or_default();
    if let Some(one_more) = paragraphs.get(PARAGRAPHS) {
        let what = format!("a story has at most {PARAGRAPHS} paragraphs");
        problems.add(table.problem(one_more.span.clone(), what));
    }
    let paragraphs = paragraphs
        .iter()
        .filter_map(|found| Line::non_empty(&found.value));
    let picture = table.table("picture", problems).and_then(|mut table| {
        let picture = read_picture(&mut table, problems);
        table.finish(problems);
        picture
    });
    let mut related = Vec::new();
    for mut table in table.tables("related", problems) {
        let (headline, url) = (
            table.line("headline", problems),
            table.value("url", problems, Link::parse),
        );
        match (headline, url) {
            (Some(headline), Some(url)) => related.push(Related { headline, url }),
            _ if problems.len() == before => problems
                .add(table.problem_here("a related story must have a `headline` and a `url`")),
            _ => {}
        }
        table.finish(problems);
    }
    if problems.len() == before {
        if headline.is_none() {
            problems.add_missing(table.problem_here("a story must have a `headline`"));
        }
        if url.is_none() {
            problems.add_missing(table.problem_here("a story must have a `url`"));
        }
    }
    table.finish(problems);
    let url = url?;
    let story = Story {
        headline: headline?,
        url: url.value,
        dek,
        kicker,
        section,
        byline,
        published,
        precision,
        picture,
        related,
        paragraphs: paragraphs.collect(),
    };
    Some(Found {
        value: story,
        span: url.span,
    })
}

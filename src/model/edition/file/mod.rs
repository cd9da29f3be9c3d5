//! The edition file: written for a person to edit, read back with every problem named.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{After, Edition, List, Notice, Placed, Slug, notice};
use crate::model::line::{Line, clean_lines};
use crate::model::link::{Link, StoryKey};
use crate::model::problem::{Problem, Written};
use crate::model::story::{Picture, Precision, Related, Story};
use crate::model::toml_table::{Found, Problems, TomlTable};
use crate::model::zone::Zone;

/// The longest editor's note, in characters.
const NOTE: usize = 20_000;
/// The most further stories: what three full lists could hold, and more.
const FURTHER: u64 = 10_000;

impl Edition {
    /// The file's text. `drafted` is the instant for its first line; times are written as the clocks of `zone` show them.
    #[must_use]
    pub fn to_toml(&self, drafted: DateTime<Utc>, zone: &Zone) -> String {
        let mut out = format!(
            "# drafted {}; edit freely, then preview\n\
             # drafted again with --force, your words stay, and a story with `pin = true` keeps its place\n\n",
            zone.at(drafted).format("%Y-%m-%d %H:%M %:z")
        );
        // A key that nobody filled is written as a comment, so that editors see what they may write.
        out.push_str(if self.hold {
            "hold = true\n"
        } else {
            "# hold = true   # not to be sent\n"
        });
        key(
            &mut out,
            "subject",
            self.subject.as_ref(),
            "composed from the stories",
        );
        key(
            &mut out,
            "opening",
            self.opening.as_ref(),
            "composed from the stories",
        );
        let drop: Vec<String> = self.drop.iter().map(|link| quoted(link.as_str())).collect();
        match &drop[..] {
            [] => out.push_str("# drop = [\"address\"]   # stories not to be chosen again\n"),
            [one] => _ = writeln!(out, "drop = [{one}]"),
            more => _ = writeln!(out, "drop = [\n    {},\n]", more.join(",\n    ")),
        }
        match &self.note {
            Some(note) => _ = writeln!(out, "note = \"\"\"\n{}\"\"\"", multi_line(note)),
            None => out.push_str("# note = \"\"\"your words, in Markdown\"\"\"\n"),
        }
        if self.further > 0 {
            _ = writeln!(
                out,
                "further = {}   # so many stories did not fit: the end of the letter says so",
                self.further
            );
        }
        for list in List::ALL {
            for (index, placed) in self.list(list).iter().enumerate() {
                _ = writeln!(
                    out,
                    "\n[[{}]]{}",
                    list.key(),
                    if list == List::Top && index == 0 {
                        "   # the lede"
                    } else {
                        ""
                    }
                );
                if let Some(why) = &placed.why {
                    _ = writeln!(out, "# why: {why}");
                }
                story(&mut out, placed, zone);
            }
        }
        for notice in &self.notices {
            write_notice(&mut out, notice);
        }
        out
    }

    /// Reads a file written by [`Edition::to_toml`] and edited since. Every story may be gone from it.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn from_toml(slug: Slug, file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let problems = Problems::default();
        let written = Written::new(file, text);
        let mut table = TomlTable::parse(written, text, &problems);
        let hold = table.flag("hold", &problems).unwrap_or(false);
        let subject = table.line("subject", &problems);
        let opening = table.line("opening", &problems);
        let note = table.text("note", &problems).and_then(|found| {
            let note = clean_lines(&found.value);
            if note.chars().count() > NOTE {
                problems.add(table.problem(
                    found.span,
                    format!("`note` is longer than {NOTE} characters"),
                ));
            }
            (!note.is_empty()).then_some(note)
        });
        let further = table.whole("further", 0, FURTHER, &problems).unwrap_or(0);
        let notices = notice::read(&mut table, &problems);
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
                        let what = format!("`{url}` is pinned here, and stands in `drop`");
                        problems.add(written.problem(found.span.clone(), what));
                    }
                    if !seen.insert(key) {
                        let what = format!("`{url}` stands in `{}` twice", list.key());
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
                hold,
                subject,
                opening,
                drop,
                note,
                top,
                most_read,
                latest,
                notices,
                further,
            })),
        )
    }
}

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
    let picture = table.table("picture", problems).and_then(|mut table| {
        let url = table.value("url", problems, Link::parse);
        let (alt, credit) = (table.line("alt", problems), table.line("credit", problems));
        let mut pixels = |key| {
            table
                .whole(key, 1, 20_000, problems)
                .and_then(|n| u32::try_from(n).ok())
        };
        let (width, height) = (pixels("width"), pixels("height"));
        if url.is_none() && problems.len() == before {
            problems.add(table.problem_here("a picture must have a `url`"));
        }
        table.finish(problems);
        Some(Picture {
            url: url?,
            alt,
            credit,
            width,
            height,
        })
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
    };
    Some(Found {
        value: story,
        span: url.span,
    })
}

fn story(out: &mut String, placed: &Placed, zone: &Zone) {
    let story = &placed.story;
    let optional = |out: &mut String, name: &str, value: Option<&Line>| {
        if let Some(value) = value {
            _ = writeln!(out, "{name} = {}", quoted(value.as_str()));
        }
    };
    _ = writeln!(out, "headline = {}", quoted(story.headline.as_str()));
    if placed.pin {
        out.push_str("pin = true\n");
    }
    optional(out, "dek", story.dek.as_ref());
    optional(out, "kicker", story.kicker.as_ref());
    _ = writeln!(out, "url = {}", quoted(story.url.as_str()));
    optional(out, "section", story.section.as_ref());
    optional(out, "byline", story.byline.as_ref());
    if let Some(published) = story.published {
        _ = writeln!(
            out,
            "published = {}",
            zone.at(published)
                .to_rfc3339_opts(SecondsFormat::Secs, false)
        );
        if story.precision == Precision::Day {
            out.push_str("day_only = true\n");
        }
    }
    if let Some(picture) = &story.picture {
        let mut parts = vec![format!("url = {}", quoted(picture.url.as_str()))];
        parts.extend(
            picture
                .alt
                .iter()
                .map(|alt| format!("alt = {}", quoted(alt.as_str()))),
        );
        parts.extend(
            picture
                .credit
                .iter()
                .map(|credit| format!("credit = {}", quoted(credit.as_str()))),
        );
        parts.extend(picture.width.iter().map(|width| format!("width = {width}")));
        parts.extend(
            picture
                .height
                .iter()
                .map(|height| format!("height = {height}")),
        );
        _ = writeln!(out, "picture = {{ {} }}", parts.join(", "));
    }
    if !story.related.is_empty() {
        let all: Vec<String> = story
            .related
            .iter()
            .map(|related| {
                format!(
                    "    {{ headline = {}, url = {} }},",
                    quoted(related.headline.as_str()),
                    quoted(related.url.as_str())
                )
            })
            .collect();
        _ = writeln!(out, "related = [\n{}\n]", all.join("\n"));
    }
}

fn write_notice(out: &mut String, notice: &Notice) {
    _ = writeln!(
        out,
        "\n[[notice]]\nlabel = {}",
        quoted(notice.label.as_str())
    );
    if let Some(headline) = &notice.headline {
        _ = writeln!(out, "headline = {}", quoted(headline.as_str()));
    }
    _ = writeln!(out, "text = \"\"\"\n{}\"\"\"", multi_line(&notice.text));
    if let Some(url) = &notice.url {
        _ = writeln!(out, "url = {}", quoted(url.as_str()));
    }
    if notice.after != After::default() {
        _ = writeln!(out, "after = {}", quoted(notice.after.key()));
    }
}

fn key(out: &mut String, name: &str, value: Option<&Line>, otherwise: &str) {
    match value {
        Some(value) => _ = writeln!(out, "{name} = {}", quoted(value.as_str())),
        None => _ = writeln!(out, "# {name} = \"\"   # {otherwise}"),
    }
}

/// A TOML basic string. Cleaned text holds no control characters, so only two characters need an escape.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn multi_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

//! The edition file: written for a person to edit, read back with every problem named.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Edition, List, Placed, Slug};
use crate::line::{Line, clean_lines};
use crate::link::Link;
use crate::problem::{Problem, Written};
use crate::sheet::{Found, Problems, Sheet};
use crate::story::{Picture, Related, Story};
use crate::zone::Zone;

/// The longest editor's note, in characters.
const NOTE: usize = 20_000;

impl Edition {
    /// The file's text. `drafted` is the instant for its first line; times are written as the clocks of `zone` show them.
    #[must_use]
    pub fn to_toml(&self, drafted: DateTime<Utc>, zone: &Zone) -> String {
        let mut out = format!(
            "# drafted {}; edit freely, then preview\n\n",
            zone.at(drafted).format("%Y-%m-%d %H:%M %:z")
        );
        // A key that nobody filled stands as a comment, so that an editor sees what she may write.
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
        match &self.note {
            Some(note) => _ = writeln!(out, "note = \"\"\"\n{}\"\"\"", multi_line(note)),
            None => out.push_str("# note = \"\"\"your words, in Markdown\"\"\"\n"),
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
                story(&mut out, &placed.story, zone);
            }
        }
        out
    }

    /// Reads a file written by [`Edition::to_toml`] and edited since.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn from_toml(slug: Slug, file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let problems = Problems::default();
        let written = Written::new(file, text);
        let mut sheet = Sheet::parse(written, text, &problems);
        let subject = sheet.line("subject", &problems);
        let opening = sheet.line("opening", &problems);
        let note = sheet.text("note", &problems).and_then(|found| {
            let note = clean_lines(&found.value);
            if note.chars().count() > NOTE {
                problems.add(sheet.problem(
                    found.span,
                    format!("`note` is longer than {NOTE} characters"),
                ));
            }
            (!note.is_empty()).then_some(note)
        });
        let mut lists = List::ALL.map(|list| {
            let mut seen = std::collections::HashSet::new();
            let mut placed = Vec::new();
            for sheet in sheet.sheets(list.key(), &problems) {
                if let Some(found) = read_story(sheet, &problems) {
                    if !seen.insert(found.value.url.key()) {
                        let url = found.value.url.as_str();
                        problems.add(written.problem(
                            found.span.clone(),
                            format!("`{url}` stands in `{}` twice", list.key()),
                        ));
                    }
                    placed.push(Placed {
                        story: found.value,
                        why: None,
                    });
                }
            }
            placed
        });
        sheet.finish(&problems);
        if problems.is_empty() && lists.iter().all(Vec::is_empty) {
            problems.add(
                Problem::new(format!("no story stands in `{file}`"))
                    .hint("`newsdigest draft --force` writes it anew"),
            );
        }
        let [top, most_read, latest] = lists.each_mut().map(std::mem::take);
        restore_whys(
            text,
            problems.or(Some(Self {
                slug,
                subject,
                opening,
                note,
                top,
                most_read,
                latest,
            })),
        )
    }
}

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
pub(crate) fn read_story(mut sheet: Sheet<'_>, problems: &Problems) -> Option<Found<Story>> {
    let before = problems.len();
    let headline = sheet.line("headline", problems);
    let url = sheet.parsed("url", problems, Link::parse);
    let dek = sheet.line("dek", problems);
    let kicker = sheet.line("kicker", problems);
    let section = sheet.line("section", problems);
    let byline = sheet.line("byline", problems);
    let published = sheet
        .instant("published", problems)
        .map(|instant| instant.to_utc());
    let picture = sheet.sheet("picture", problems).and_then(|mut sheet| {
        let url = sheet.parsed("url", problems, Link::parse);
        let (alt, credit) = (sheet.line("alt", problems), sheet.line("credit", problems));
        let mut pixels = |key| {
            sheet
                .whole(key, 1, 20_000, problems)
                .and_then(|n| u32::try_from(n).ok())
        };
        let (width, height) = (pixels("width"), pixels("height"));
        if url.is_none() && problems.len() == before {
            problems.add(sheet.problem_here("a picture must have a `url`"));
        }
        sheet.finish(problems);
        Some(Picture {
            url: url?.value,
            alt,
            credit,
            width,
            height,
        })
    });
    let mut related = Vec::new();
    for mut sheet in sheet.sheets("related", problems) {
        let (headline, url) = (
            sheet.line("headline", problems),
            sheet.parsed("url", problems, Link::parse),
        );
        match (headline, url) {
            (Some(headline), Some(url)) => related.push(Related {
                headline,
                url: url.value,
            }),
            _ if problems.len() == before => problems
                .add(sheet.problem_here("a related story must have a `headline` and a `url`")),
            _ => {}
        }
        sheet.finish(problems);
    }
    if problems.len() == before {
        if headline.is_none() {
            problems.add_missing(sheet.problem_here("a story must have a `headline`"));
        }
        if url.is_none() {
            problems.add_missing(sheet.problem_here("a story must have a `url`"));
        }
    }
    sheet.finish(problems);
    let url = url?;
    let story = Story {
        headline: headline?,
        url: url.value,
        dek,
        kicker,
        section,
        byline,
        published,
        picture,
        related,
    };
    Some(Found {
        value: story,
        span: url.span,
    })
}

fn story(out: &mut String, story: &Story, zone: &Zone) {
    let optional = |out: &mut String, name: &str, value: Option<&Line>| {
        if let Some(value) = value {
            _ = writeln!(out, "{name} = {}", quoted(value.as_str()));
        }
    };
    _ = writeln!(out, "headline = {}", quoted(story.headline.as_str()));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Edition {
        let link = |text: &str| Link::parse(text).unwrap();
        let story = Story {
            headline: Line::clean(r#"Ferry "fares" \ rise"#),
            url: link("https://harbour.example/ferry"),
            dek: Some(Line::clean("On Monday.")),
            kicker: None,
            section: Some(Line::clean("News")),
            byline: Some(Line::clean("Ines Duarte")),
            published: Some("2026-08-24T04:10:00Z".parse().unwrap()),
            picture: Some(Picture {
                url: link("https://harbour.example/ferry.jpg"),
                alt: Some(Line::clean("A ferry")),
                credit: None,
                width: Some(1200),
                height: Some(800),
            }),
            related: vec![Related {
                headline: Line::clean("Old fares"),
                url: link("https://harbour.example/old"),
            }],
        };
        let second = Story {
            headline: Line::clean("日本の船"),
            url: link("https://harbour.example/jp"),
            dek: None,
            section: None,
            byline: None,
            published: None,
            picture: None,
            related: vec![],
            ..story.clone()
        };
        let placed = |story: &Story, why: &str| Placed {
            story: story.clone(),
            why: Line::non_empty(why),
        };
        Edition {
            slug: "2026-08-24".parse().unwrap(),
            subject: Some(Line::clean("Ferry fares")),
            opening: None,
            note: Some("Hello \"you\"\n\n*Bye* \\o/".into()),
            top: vec![placed(&story, "rank 1 of 42"), placed(&second, "")],
            most_read: vec![placed(&story, "1,204 views")],
            latest: vec![],
        }
    }

    #[test]
    fn written_for_people_and_read_back_the_same() {
        let edition = sample();
        let text = edition.to_toml(
            "2026-08-24T05:45:00Z".parse().unwrap(),
            &Zone::bundled("Europe/Lisbon").unwrap(),
        );
        insta::assert_snapshot!(text, @r##"
        # drafted 2026-08-24 06:45 +01:00; edit freely, then preview

        subject = "Ferry fares"
        # opening = ""   # composed from the stories
        note = """
        Hello \"you\"

        *Bye* \\o/"""

        [[top]]   # the lede
        # why: rank 1 of 42
        headline = "Ferry \"fares\" \\ rise"
        dek = "On Monday."
        url = "https://harbour.example/ferry"
        section = "News"
        byline = "Ines Duarte"
        published = 2026-08-24T05:10:00+01:00
        picture = { url = "https://harbour.example/ferry.jpg", alt = "A ferry", width = 1200, height = 800 }
        related = [
            { headline = "Old fares", url = "https://harbour.example/old" },
        ]

        [[top]]
        headline = "日本の船"
        url = "https://harbour.example/jp"

        [[most_read]]
        # why: 1,204 views
        headline = "Ferry \"fares\" \\ rise"
        dek = "On Monday."
        url = "https://harbour.example/ferry"
        section = "News"
        byline = "Ines Duarte"
        published = 2026-08-24T05:10:00+01:00
        picture = { url = "https://harbour.example/ferry.jpg", alt = "A ferry", width = 1200, height = 800 }
        related = [
            { headline = "Old fares", url = "https://harbour.example/old" },
        ]
        "##);
        assert_eq!(
            Edition::from_toml(edition.slug.clone(), "e.toml", &text).unwrap(),
            edition
        );
    }

    #[test]
    fn every_problem_at_once() {
        let text = "subject = 5\nteaser = \"x\"\n[[top]]\nheadline = \"A\"\nurl = \"javascript:alert(1)\"\n[[top]]\nurl = \"https://a.example/\"\n[[latest]]\nheadline = \"B\"\nurl = \"https://a.example/b\"\n[[latest]]\nheadline = \"B\"\nurl = \"https://a.example/b/\"\npublished = \"yesterday\"\n";
        let problems = Edition::from_toml(
            "2026-08-24".parse().unwrap(),
            "editions/2026-08-24.toml",
            text,
        )
        .unwrap_err();
        insta::assert_snapshot!(
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n\n")
        );
    }

    #[test]
    fn an_empty_file_is_a_problem() {
        let problems = Edition::from_toml("2026-08-24".parse().unwrap(), "e.toml", "").unwrap_err();
        assert_eq!(problems[0].what, "no story stands in `e.toml`");
    }

    #[test]
    fn sections_filter_and_recompose() {
        let edition = sample();
        let news = edition.for_sections(&[Line::clean("news")]).unwrap();
        assert_eq!(
            (news.top.len(), news.most_read.len(), news.subject.is_some()),
            (1, 1, true)
        );
        assert_eq!(edition.for_sections(&[Line::clean("Sport")]), None);
        assert_eq!(edition.for_sections(&[]), Some(edition.clone()));
        let mut other = edition;
        other.top[0].story.section = Some(Line::clean("City"));
        other.most_read[0].story.url = Link::parse("https://harbour.example/other").unwrap();
        assert_eq!(
            other.for_sections(&[Line::clean("News")]).unwrap().subject,
            None
        );
    }
}

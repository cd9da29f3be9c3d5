//! The edition file's text.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};

use super::looks;
use crate::model::edition::values::{multi_line, optional, picture, quoted};
use crate::model::edition::{After, Edition, List, Notice, NoticePicture, Placed};
use crate::model::line::Line;
use crate::model::story::Precision;
use crate::model::zone::Zone;

impl Edition {
    /// The file's text. `drafted` is the instant for its first line; times are written as the clocks of `zone` show them.
    #[must_use]
    pub fn to_toml(&self, drafted: DateTime<Utc>, zone: &Zone) -> String {
        let mut out = format!(
            "# drafted {}; edit freely, then preview\n\
             # drafted again with --force, your words stay, and a story with `pin = true` keeps its place\n\n",
            zone.at(drafted).format("%Y-%m-%d %H:%M %:z")
        );
        if let Some(newsletter) = &self.newsletter {
            _ = writeln!(out, "newsletter = \"{newsletter}\"");
        }
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
        for line in &self.lines {
            line.write(&mut out);
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
        if let Some(sign_off) = &self.sign_off {
            sign_off.write(&mut out);
        }
        if let Some(question) = &self.question {
            question.write(&mut out);
        }
        looks::write(&mut out, &self.looks);
        out
    }
}

fn story(out: &mut String, placed: &Placed, zone: &Zone) {
    let story = &placed.story;
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
    if let Some(shown) = &story.picture {
        _ = writeln!(out, "picture = {{ {} }}", picture(shown));
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
    if !story.paragraphs.is_empty() {
        let paragraphs = story.paragraphs.iter();
        let all: Vec<String> = paragraphs
            .map(|paragraph| format!("    {},", quoted(paragraph.as_str())))
            .collect();
        _ = writeln!(out, "paragraphs = [\n{}\n]", all.join("\n"));
    }
}

fn write_notice(out: &mut String, notice: &Notice) {
    _ = writeln!(
        out,
        "\n[[notice]]\nlabel = {}",
        quoted(notice.label.as_str())
    );
    optional(out, "sponsor", notice.sponsor.as_ref());
    optional(out, "headline", notice.headline.as_ref());
    _ = writeln!(out, "text = \"\"\"\n{}\"\"\"", multi_line(&notice.text));
    if let Some(url) = &notice.url {
        _ = writeln!(out, "url = {}", quoted(url.as_str()));
    }
    if let Some(NoticePicture { light, dark }) = &notice.picture {
        let mut parts = picture(light);
        parts.extend(
            dark.iter()
                .map(|dark| format!(", dark = {}", quoted(dark.as_str()))),
        );
        _ = writeln!(out, "picture = {{ {parts} }}");
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

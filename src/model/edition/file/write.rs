//! The edition file's text.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};

use super::looks;
use crate::model::edition::values::{multi_line, optional, picture, quoted};
use crate::model::edition::{After, Edition, List, Notice, NoticePicture, Placed};
use crate::model::line::Line;
use crate::model::story::Precision;
use crate::model::zone::Zone;

/// Behind the header of the first story.
pub(in crate::model::edition) const LEDE: &str = "   # the lede";

/// What is in the place of a key that nobody filled, so that editors see what they may write.
pub(in crate::model::edition) fn placeholder(key: &str) -> Option<&'static str> {
    Some(match key {
        "hold" => "# hold = true   # not to be sent",
        "subject" => "# subject = \"\"   # composed from the stories",
        "opening" => "# opening = \"\"   # composed from the stories",
        "drop" => "# drop = [\"address\"]   # stories not to be chosen again",
        "note" => "# note = \"\"\"your words, in Markdown\"\"\"",
        _ => return None,
    })
}

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
        let line = |line: &Option<Line>| line.as_ref().map(|line| quoted(line.as_str()));
        let drop: Vec<String> = self.drop.iter().map(|link| quoted(link.as_str())).collect();
        let drop = match &drop[..] {
            [] => None,
            [one] => Some(format!("[{one}]")),
            more => Some(format!("[\n    {},\n]", more.join(",\n    "))),
        };
        let note = self.note.as_ref();
        key(&mut out, "hold", self.hold.then(|| "true".to_owned()));
        key(&mut out, "subject", line(&self.subject));
        key(&mut out, "opening", line(&self.opening));
        if !self.machine_written.is_empty() {
            let marks = self.machine_written.iter();
            let marks: Vec<String> = marks.map(|mark| quoted(mark.as_str())).collect();
            _ = writeln!(
                out,
                "machine_written = [{}]   # change the words, or take this line away, and they are yours",
                marks.join(", ")
            );
        }
        key(&mut out, "drop", drop);
        key(
            &mut out,
            "note",
            note.map(|note| format!("\"\"\"\n{}\"\"\"", multi_line(note))),
        );
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
                        LEDE
                    } else {
                        ""
                    }
                );
                out.push_str(&story_text(placed, zone));
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

/// A story below its header.
pub(in crate::model::edition) fn story_text(placed: &Placed, zone: &Zone) -> String {
    let (mut text, story) = (String::new(), &placed.story);
    let out = &mut text;
    if let Some(why) = &placed.why {
        _ = writeln!(out, "# why: {why}");
    }
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
    text
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

fn key(out: &mut String, name: &str, value: Option<String>) {
    match (value, placeholder(name)) {
        (Some(value), _) => _ = writeln!(out, "{name} = {value}"),
        (None, Some(comment)) => _ = writeln!(out, "{comment}"),
        (None, None) => {}
    }
}

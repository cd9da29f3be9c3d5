//! What was found when pictures were looked at, as it is at the end of an edition file: `[[picture]]`.

use std::fmt::Write as _;

use crate::model::edition::values::quoted;
use crate::model::link::Link;
use crate::model::picture::{Format, Found, Look, PictureCopy, Seen};
use crate::model::toml_table::{Problems, TomlTable};

/// The longest side of a picture, in pixels.
const SIDE: u64 = 20_000;
/// The most octets of one.
const OCTETS: u64 = 1 << 40;

pub(super) fn write(out: &mut String, looks: &[Look]) {
    if looks.is_empty() {
        return;
    }
    out.push_str(
        "\n# What the pictures above were when this was drafted. A picture that is not named here is shown as it is.\n",
    );
    for look in looks {
        _ = writeln!(out, "\n[[picture]]\nof = {}", quoted(look.of.as_str()));
        match &look.found {
            Found::Nothing { story, why } => {
                _ = writeln!(
                    out,
                    "story = {}\nnothing = {}",
                    quoted(story.as_str()),
                    quoted(why.as_str())
                );
            }
            Found::Picture(seen) => {
                let (width, height) = (seen.width, seen.height);
                let format = seen.format.name();
                _ = writeln!(
                    out,
                    "format = \"{format}\"\nwidth = {width}\nheight = {height}"
                );
                if let Some(octets) = seen.octets {
                    _ = writeln!(out, "bytes = {octets}");
                }
                let copies: Vec<String> = seen.copies.iter().map(inline).collect();
                if !copies.is_empty() {
                    _ = writeln!(out, "copies = [\n{}\n]", copies.join("\n"));
                }
            }
        }
    }
}

fn inline(copy: &PictureCopy) -> String {
    format!(
        "    {{ url = {}, width = {}, height = {}, bytes = {} }},",
        quoted(copy.url.as_str()),
        copy.width,
        copy.height,
        copy.octets
    )
}

pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<Look> {
    let tables = table.tables("picture", problems).into_iter();
    tables.filter_map(|table| look(table, problems)).collect()
}

fn look(mut table: TomlTable<'_>, problems: &Problems) -> Option<Look> {
    let before = problems.len();
    let of = table.value("of", problems, Link::parse);
    let found = if let Some(why) = table.line("nothing", problems) {
        let story = table.value("story", problems, Link::parse);
        story.map(|story| Found::Nothing { story, why })
    } else {
        let format = table.value("format", problems, |text| {
            let known = Format::ALL.into_iter().find(|format| format.name() == text);
            known.ok_or("expected `JPEG`, `PNG`, `GIF` or `WebP`")
        });
        let size = size(&mut table, problems);
        let octets = table.whole("bytes", 0, OCTETS, problems);
        let copies = table.tables("copies", problems).into_iter();
        let copies = copies.filter_map(|table| copy(table, problems)).collect();
        format.zip(size).map(|(format, (width, height))| {
            Found::Picture(Seen {
                format,
                width,
                height,
                octets,
                copies,
            })
        })
    };
    if problems.len() == before && (of.is_none() || found.is_none()) {
        problems.add(table.problem_here(
            "a `[[picture]]` must say `of` which it is, and its `format`, `width` and `height`",
        ));
    }
    table.finish(problems);
    Some(Look {
        of: of?,
        found: found?,
    })
}

fn copy(mut table: TomlTable<'_>, problems: &Problems) -> Option<PictureCopy> {
    let before = problems.len();
    let url = table.value("url", problems, Link::parse);
    let size = size(&mut table, problems);
    let octets = table.whole("bytes", 0, OCTETS, problems);
    if problems.len() == before && (url.is_none() || size.is_none()) {
        problems.add(table.problem_here("a copy must have `url`, `width` and `height`"));
    }
    table.finish(problems);
    let (width, height) = size?;
    Some(PictureCopy {
        url: url?,
        width,
        height,
        octets: octets.unwrap_or_default(),
    })
}

fn size(table: &mut TomlTable<'_>, problems: &Problems) -> Option<(u32, u32)> {
    let mut side = |key| {
        let pixels = table.whole(key, 1, SIDE, problems)?;
        u32::try_from(pixels).ok()
    };
    let (width, height) = (side("width"), side("height"));
    width.zip(height)
}

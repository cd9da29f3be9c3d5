//! `[logo]` of a template: a picture in place of the newsletter's name.

use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::unseen;
use crate::model::toml_table::{Problems, TomlTable};

/// The picture, and the size at which it is shown.
#[derive(Clone, Debug)]
pub(super) struct Logo {
    pub(super) url: Link,
    /// Its variant for dark screens, of the same shape.
    pub(super) dark: Option<Link>,
    /// Its words; the newsletter's name when there are none.
    pub(super) alt: Option<Line>,
    /// Pixels.
    pub(super) width: u32,
    /// Pixels.
    pub(super) height: u32,
}

impl Logo {
    pub(super) fn read(mut table: TomlTable<'_>, problems: &Problems) -> Option<Self> {
        let url = table.parsed("url", problems, picture);
        let dark = table.parsed("dark", problems, picture);
        let alt = table.line("alt", problems);
        let mut pixels = |key, most| {
            let found = table.whole(key, 16, most, problems)?;
            u32::try_from(found).ok()
        };
        let (width, height) = (pixels("width", 900), pixels("height", 400));
        if problems.is_empty() && (url.is_none() || width.is_none() || height.is_none()) {
            problems.add(table.problem_here(
                "`[logo]` needs `url`, `width` and `height`: without its size the page jumps when it appears",
            ));
        }
        table.finish(problems);
        Some(Self {
            url: url?.value,
            dark: dark.map(|found| found.value),
            alt,
            width: width?,
            height: height?,
        })
    }
}

fn picture(text: &str) -> Result<Link, String> {
    let link = Link::parse(text).map_err(|error| error.to_string())?;
    if link.url().scheme() != "https" {
        return Err(format!(
            "`{}` must begin with `https://`",
            Line::clean_to(text, 80)
        ));
    }
    match unseen(&link) {
        Some(kind) => Err(format!(
            "a logo must be PNG or JPEG, but found {kind}, which Outlook or Gmail do not show"
        )),
        None => Ok(link),
    }
}

//! `template.toml`, read. What a folder of one's own leaves out, it inherits.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, Utc};

use super::keys::{Block, Format, Phrase, Switch, Word};
use super::tokens::Tokens;
use crate::line::Line;
use crate::problem::Written;
use crate::sheet::{Found, Problems, Sheet};
use crate::zone::Zone;

/// Everything `template.toml` says.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) blocks: Vec<Block>,
    words: Vec<Line>,
    phrases: Vec<(String, String)>,
    formats: Vec<Vec<Item<'static>>>,
    show: Vec<bool>,
    /// Pixels: the widest the page becomes, and the widest picture.
    pub(super) width: u32,
    /// Pixels: the widest a small picture becomes.
    pub(super) thumbnail: u32,
}

impl Settings {
    /// Reads a file. `base` is what it extends; without one, every key is required.
    pub(super) fn read(
        (file, toml): (&str, &str),
        base: Option<(Self, Tokens)>,
        problems: &Problems,
    ) -> Option<(Self, Tokens)> {
        let mut sheet = Sheet::parse(Written::new(file, toml), toml, problems);
        if base.is_some() {
            // Its value was looked at before, to find the base.
            sheet.text("extends", problems);
        }
        let (base, mut tokens) =
            base.map_or_else(Default::default, |(base, tokens)| (Some(base), tokens));
        let base = base.as_ref();
        let blocks =
            read_blocks(&mut sheet, problems).or_else(|| base.map(|base| base.blocks.clone()));
        if blocks.is_none() {
            problems.add(sheet.problem_here("`blocks` is missing"));
        }

        let mut words = sheet.sheet("words", problems);
        let plain = each(
            Word::ALL,
            &mut words,
            base.map(|base| &base.words),
            problems,
            Word::key,
            |sheet, key| sheet.line(key, problems),
        );
        let phrases = each(
            Phrase::ALL,
            &mut words,
            base.map(|base| &base.phrases),
            problems,
            Phrase::key,
            |sheet, key| {
                sheet
                    .parsed(key, problems, |text| split_at_name(key, text))
                    .map(|found| found.value)
            },
        );
        let formats = each(
            Format::ALL,
            &mut words,
            base.map(|base| &base.formats),
            problems,
            Format::key,
            |sheet, key| {
                sheet
                    .parsed(key, problems, |text| parse_format(key, text))
                    .map(|found| found.value)
            },
        );
        finish(words, problems);

        let mut show = sheet.sheet("show", problems);
        let switches = each(
            Switch::ALL,
            &mut show,
            base.map(|base| &base.show),
            problems,
            Switch::key,
            |sheet, key| sheet.flag(key, problems),
        );
        finish(show, problems);

        let mut layout = sheet.sheet("layout", problems);
        let mut pixels = |key, least, most, inherited: Option<u32>| {
            let found = layout
                .as_mut()
                .and_then(|sheet| sheet.whole(key, least, most, problems));
            let found = found
                .and_then(|number| u32::try_from(number).ok())
                .or(inherited);
            if found.is_none() {
                problems.add(sheet.problem_here(format!("`{key}` is missing")));
            }
            found
        };
        let width = pixels("width", 320, 900, base.map(|base| base.width));
        let thumbnail = pixels("thumbnail", 60, 400, base.map(|base| base.thumbnail));
        finish(layout, problems);

        tokens.read(&mut sheet, problems);
        sheet.finish(problems);
        let (width, thumbnail) = (width?, thumbnail?);
        tokens.set("width", &format!("{width}px"));
        tokens.set("thumbnail", &format!("{thumbnail}px"));
        let settings = Self {
            blocks: blocks?,
            words: plain?,
            phrases: phrases?,
            formats: formats?,
            show: switches?,
            width,
            thumbnail,
        };
        Some((settings, tokens))
    }

    pub(super) fn word(&self, word: Word) -> &str {
        self.words[word as usize].as_str()
    }

    /// The words before the name and those after it.
    pub(super) fn phrase(&self, phrase: Phrase) -> (&str, &str) {
        let (before, after) = &self.phrases[phrase as usize];
        (before, after)
    }

    pub(super) fn shows(&self, switch: Switch) -> bool {
        self.show[switch as usize]
    }

    /// A day in words.
    pub(super) fn day(&self, day: NaiveDate) -> String {
        day.format_with_items(self.formats[Format::Date as usize].iter())
            .to_string()
    }

    /// A time of day in words.
    pub(super) fn moment(&self, format: Format, moment: &DateTime<Zone>) -> String {
        moment
            .format_with_items(self.formats[format as usize].iter())
            .to_string()
    }
}

/// One value a key, from the file or inherited; a key in neither is a problem.
fn each<'t, K: Copy, V: Clone>(
    keys: &[K],
    sheet: &mut Option<Sheet<'t>>,
    base: Option<&Vec<V>>,
    problems: &Problems,
    name: impl Fn(K) -> &'static str,
    mut read: impl FnMut(&mut Sheet<'t>, &'static str) -> Option<V>,
) -> Option<Vec<V>> {
    let mut all = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        let key = name(*key);
        let found = sheet
            .as_mut()
            .and_then(|sheet| read(sheet, key))
            .or_else(|| base.map(|base| base[index].clone()));
        if found.is_none() && problems.is_empty() {
            let what = format!("`{key}` is missing");
            problems.add(sheet.as_ref().map_or_else(
                || crate::problem::Problem::new(what.clone()),
                |sheet| sheet.problem_here(what.clone()),
            ));
        }
        all.extend(found);
    }
    (all.len() == keys.len()).then_some(all)
}

fn finish(sheet: Option<Sheet<'_>>, problems: &Problems) {
    if let Some(sheet) = sheet {
        sheet.finish(problems);
    }
}

fn read_blocks(sheet: &mut Sheet<'_>, problems: &Problems) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    let found = sheet.texts("blocks", problems)?;
    let whole = found.first().map_or(0..0, |found| found.span.clone());
    for Found { value, span } in found {
        match Block::named(&value) {
            Some(block) if blocks.contains(&block) => {
                problems.add(sheet.problem(span, format!("`{value}` stands in `blocks` twice")));
            }
            Some(block) => blocks.push(block),
            None => {
                let known: Vec<String> = Block::ALL
                    .iter()
                    .map(|block| format!("`{}`", block.key()))
                    .collect();
                let what = format!("`{}` is not a block", Line::clean_to(&value, 40));
                problems.add(
                    sheet
                        .problem(span, what)
                        .hint(format!("the blocks are {}", known.join(", "))),
                );
            }
        }
    }
    if !blocks.contains(&Block::Footer) {
        problems.add(sheet.problem(
            whole,
            "`footer` must be among the `blocks`: it holds the way to unsubscribe",
        ));
    }
    Some(blocks)
}

fn split_at_name(key: &str, text: &str) -> Result<(String, String), String> {
    // Cleaned as a whole, cut after: the space before `{name}` is not one at the end of a line.
    let clean = Line::clean(text);
    match clean.as_str().split_once("{name}") {
        Some((before, after)) if !after.contains("{name}") => {
            Ok((before.to_owned(), after.to_owned()))
        }
        _ => Err(format!(
            "`{key}` must hold `{{name}}` once, but found `{}`",
            Line::clean_to(text, 60)
        )),
    }
}

fn parse_format(key: &str, text: &str) -> Result<Vec<Item<'static>>, String> {
    use std::fmt::Write as _;
    let clean = Line::clean(text);
    let wrong = || {
        format!(
            "`{key}` must be a date's format such as `%A, %-d %B %Y`, but found `{}`",
            Line::clean_to(text, 60)
        )
    };
    let items = StrftimeItems::new(clean.as_str())
        .parse_to_owned()
        .map_err(|_| wrong())?;
    // A day knows no hour: chrono finds that out only when it prints.
    let sample = DateTime::<Utc>::UNIX_EPOCH;
    let mut shown = String::new();
    let printed = if key == Format::Date.key() {
        write!(
            shown,
            "{}",
            sample.date_naive().format_with_items(items.iter())
        )
    } else {
        write!(shown, "{}", sample.format_with_items(items.iter()))
    };
    if printed.is_err() || Line::clean(&shown).is_empty() || shown.contains(char::is_control) {
        return Err(wrong());
    }
    Ok(items)
}

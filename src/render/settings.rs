//! `template.toml`, read. What a folder of one's own leaves out, it inherits.

use super::keys::{Block, Form, Switch};
use super::logo::Logo;
use super::tokens::Tokens;
use super::words::Words;
use crate::model::line::Line;
use crate::model::newsletter::Language;
use crate::model::problem::Written;
use crate::model::toml_table::{Found, Problems, TomlTable};

/// Everything `template.toml` says.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) blocks: Vec<Block>,
    pub(super) words: Words,
    pub(super) form: Form,
    show: Vec<bool>,
    /// Pixels: the widest the page becomes, and the widest picture.
    pub(super) width: u32,
    /// Pixels: the widest a small picture becomes.
    pub(super) thumbnail: u32,
    pub(super) logo: Option<Logo>,
}

impl Settings {
    /// Reads a file for an edition in `language`. `base` is what it extends; without one, every key but the words is required.
    pub(super) fn read(
        (file, toml): (&str, &str),
        base: Option<(Self, Tokens)>,
        language: &Language,
        problems: &Problems,
    ) -> Option<(Self, Tokens)> {
        let mut table = TomlTable::parse(Written::new(file, toml), toml, problems);
        // Its value was looked at before, to find the base.
        table.text("extends", problems);
        let (base, mut tokens) =
            base.map_or_else(Default::default, |(base, tokens)| (Some(base), tokens));
        let base = base.as_ref();
        let mut missing = Vec::new();
        let blocks =
            read_blocks(&mut table, problems).or_else(|| base.map(|base| base.blocks.clone()));
        if blocks.is_none() {
            missing.push("blocks");
        }

        let mut words = base.map_or_else(|| Words::built_in(language), |base| base.words.clone());
        if let Some(table) = table.table("words", problems) {
            words.read(table, problems);
        }

        let mut show = table.table("show", problems);
        let mut switches = Vec::with_capacity(Switch::ALL.len());
        for switch in Switch::ALL {
            let found = show
                .as_mut()
                .and_then(|table| table.flag(switch.key(), problems))
                .or_else(|| base.map(|base| base.show[*switch as usize]))
                .or(switch.otherwise());
            if found.is_none() {
                missing.push(switch.key());
            }
            switches.extend(found);
        }
        // Sections were once shown in the line of byline and time: a whole template of that time says so.
        show.as_mut()
            .and_then(|table| table.flag("section_inline", problems));
        finish(show, problems);

        let mut layout = table.table("layout", problems);
        let form = layout
            .as_mut()
            .and_then(|table| table.parsed("form", problems, Form::parse));
        // A whole template of an older program has none.
        let form = form.map_or_else(
            || base.map_or(Form::Front, |base| base.form),
            |found| found.value,
        );
        let mut pixels = |key, least, most, inherited: Option<u32>| {
            let found = layout
                .as_mut()
                .and_then(|table| table.whole(key, least, most, problems));
            let found = found
                .and_then(|number| u32::try_from(number).ok())
                .or(inherited);
            if found.is_none() {
                missing.push(key);
            }
            found
        };
        let width = pixels("width", 320, 900, base.map(|base| base.width));
        let thumbnail = pixels("thumbnail", 60, 400, base.map(|base| base.thumbnail));
        finish(layout, problems);

        let logo = table
            .table("logo", problems)
            .and_then(|table| Logo::read(table, problems));
        tokens.read(&mut table, problems);
        // A key that is there and cannot be used has been named.
        if !missing.is_empty() && problems.is_empty() {
            let missing = missing.join("`, `");
            problems.add(
                table
                    .problem_here(format!("without `extends` nothing is inherited, but these are missing: `{missing}`"))
                    .hint("write `extends = \"broadsheet\"`, the template whose blocks and words yours builds on"),
            );
        }
        table.finish(problems);
        let (width, thumbnail) = (width?, thumbnail?);
        tokens.set("width", &format!("{width}px"));
        let half = half(width);
        tokens.set("half", &format!("{half}px"));
        tokens.set("first-half", &format!("{}px", half + GUTTER));
        tokens.set("thumbnail", &format!("{thumbnail}px"));
        let settings = Self {
            blocks: blocks?,
            words,
            form,
            show: (switches.len() == Switch::ALL.len()).then_some(switches)?,
            width,
            thumbnail,
            logo: logo.or_else(|| base.and_then(|base| base.logo.clone())),
        };
        Some((settings, tokens))
    }

    /// Pixels: the width of one of two that are side by side.
    pub(super) fn half(&self) -> u32 {
        half(self.width)
    }

    pub(super) fn shows(&self, switch: Switch) -> bool {
        self.show[switch as usize]
    }
}

/// Pixels between two that are side by side.
const GUTTER: u32 = 24;

fn half(width: u32) -> u32 {
    width.saturating_sub(GUTTER) / 2
}

fn finish(table: Option<TomlTable<'_>>, problems: &Problems) {
    if let Some(table) = table {
        table.finish(problems);
    }
}

fn read_blocks(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    let found = table.texts("blocks", problems)?;
    let whole = found.first().map_or(0..0, |found| found.span.clone());
    for Found { value, span } in found {
        match Block::named(&value) {
            Some(block) if blocks.contains(&block) => {
                problems.add(table.problem(span, format!("`{value}` is in `blocks` twice")));
            }
            Some(block) => blocks.push(block),
            None => {
                let known: Vec<String> = Block::ALL
                    .iter()
                    .map(|block| format!("`{}`", block.key()))
                    .collect();
                let what = format!("`{}` is not a block", Line::clean_to(&value, 40));
                problems.add(
                    table
                        .problem(span, what)
                        .hint(format!("the blocks are {}", known.join(", "))),
                );
            }
        }
    }
    // What an editor wrote is not lost to a template that does not place it; a notice is not either.
    if let Some(footer) = blocks.iter().position(|block| *block == Block::Footer) {
        let mut unplaced = vec![Block::SignOff, Block::Question];
        unplaced.retain(|block| !blocks.contains(block));
        blocks.splice(footer..footer, unplaced);
    } else {
        problems.add(table.problem(
            whole,
            "`footer` must be among the `blocks`: it holds the way to unsubscribe",
        ));
    }
    Some(blocks)
}

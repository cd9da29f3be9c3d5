//! `explain`: why each story is where it is, or why it was passed over.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::arguments::ExplainArgs;
use super::exit::Exit;
use super::failures;
use super::open::Setting;
use super::report::{Failure, Report, column, counted, grouped};
use crate::config::Config;
use crate::draft;
use crate::model::edition::{List, Slug};
use crate::model::line::Line;
use crate::model::world::World;
use crate::model::zone::Zone;
use crate::newsroom::editions;
use crate::newsroom::reasons::{Reason, Reasons};

pub(super) async fn run(
    verb: &ExplainArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let zone = &config.newsletter.zone;
    let text = of_the_day(&config, &setting.slug(&config), world, report).await?;
    let told = Reasons::parse(&text).map_err(|error| {
        Failure::says(format!("the reasons cannot be read: {error}"))
            .hint("`newsdigest draft --force` writes them anew")
    })?;
    report.misses(&told.misses);
    if setting.json() && verb.story.is_none() {
        report.data(&text);
        return Ok(Exit::Done);
    }
    match &verb.story {
        None => {
            let next = if verb.all { usize::MAX } else { NEXT };
            let (table, more) = table(&told, zone, next);
            report.data(&table);
            if more > 0 {
                report.hint(format!(
                    "`newsdigest explain --all` shows the other {}, passed over too",
                    counted(more, "story", "stories")
                ));
            }
        }
        Some(wanted) => {
            let wanted = wanted.to_lowercase();
            let found: Vec<&Reason> = told
                .candidates
                .iter()
                .filter(|story| {
                    story.headline.as_str().to_lowercase().contains(&wanted)
                        || story.url.as_str().to_lowercase().contains(&wanted)
                })
                .collect();
            if found.is_empty() {
                return Err(Failure::says(format!(
                    "no story among {} has `{}` in its headline or address",
                    told.candidates.len(),
                    Line::clean_to(&wanted, 60)
                ))
                .hint("`newsdigest explain` shows them all"));
            }
            if setting.json() {
                let whole: serde_json::Value = serde_json::from_str(&text)?;
                let urls: Vec<&str> = found.iter().map(|story| story.url.as_str()).collect();
                let rows: Vec<&serde_json::Value> = whole["candidates"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|row| row["url"].as_str().is_some_and(|url| urls.contains(&url)))
                    .collect();
                report.json(&rows);
            } else {
                report.data(
                    &found
                        .iter()
                        .map(|story| detail(story, &told, zone))
                        .collect::<Vec<_>>()
                        .join("\n"),
                );
            }
        }
    }
    Ok(Exit::Done)
}

/// The reasons of the day's draft if there is one, else of a choice made now; as text.
async fn of_the_day(
    config: &Config,
    slug: &Slug,
    world: &World,
    report: Report,
) -> Result<String, Failure> {
    if let Some(text) = editions::read_why(&config.editions(), slug)? {
        report.say(format!(
            "the reasons of the draft of {slug}; `newsdigest draft --force` chooses anew"
        ));
        return Ok(text);
    }
    // It writes and sends nothing, so no service need run it again.
    let draft = draft::choose(config, slug, world)
        .await
        .map_err(|error| failures::draft(error, report).exit(Exit::Problem))?;
    serde_json::to_string_pretty(&draft.selection).map_err(Failure::error)
}

/// The slots of a story, short: `top 1, read 3`.
fn slots(story: &Reason) -> String {
    let words = [
        (List::Top, "top"),
        (List::MostRead, "read"),
        (List::Latest, "new"),
    ];
    let all: Vec<String> = words
        .iter()
        .filter_map(|(list, word)| story.slots.get(list).map(|place| format!("{word} {place}")))
        .collect();
    if all.is_empty() {
        "-".to_owned()
    } else {
        all.join(", ")
    }
}

/// The whole width of what is printed, in columns of a terminal.
const WIDTH: usize = 80;

/// The columns of the table: slots, score, and the story for the rest; figures and reason are under score and story.
const SLOTS: usize = 16;
const SCORE: usize = 8;

/// How many of those passed over are shown unasked.
const NEXT: usize = 20;

/// Who was chosen, the best `next` of those passed over, and how many more there are.
fn table(told: &Reasons, zone: &Zone, next: usize) -> (String, usize) {
    let time = |at: DateTime<Utc>| zone.at(at).format("%Y-%m-%d %H:%M").to_string();
    let seen = format!(
        "{} stories, published {} to {}",
        told.candidates.len(),
        time(told.window.from),
        time(told.window.to)
    );
    let mut out = wrapped(&seen, 0, 2);
    for list in List::ALL {
        if let Some(formula) = told.formulas.get(&list) {
            out += &wrapped(&format!("{}: {formula}", list.words()), 0, 2);
        }
    }
    if told.views_from_letters > 0 {
        let words = format!(
            "{} that came from our own letters are left out",
            counted(told.views_from_letters, "view", "views")
        );
        out += &wrapped(&words, 0, 2);
    }
    _ = writeln!(out, "\n{:SLOTS$}{:SCORE$}  story", "slot", "score");
    let best = largest(told, |story| story.score);
    let mut passed_over = 0_usize;
    for story in &told.candidates {
        passed_over += usize::from(story.slots.is_empty());
        if story.slots.is_empty() && passed_over > next {
            continue;
        }
        _ = writeln!(
            out,
            "\n{}{}  {}",
            column(&Line::clean(&slots(story)), SLOTS),
            bar(story.score.unwrap_or(0.0), best, SCORE),
            column(&story.headline, WIDTH - SLOTS - SCORE - 2).trim_end()
        );
        let parts = parts(story).into_iter().filter(|part| !part.is_neutral());
        let parts = parts.map(|part| {
            let (words, figure) = part.told();
            // A part stays on one line, with the point behind it.
            format!("{words} {figure}").replace(' ', "\u{a0}")
        });
        let parts = parts.collect::<Vec<_>>().join("\u{a0}· ");
        if !parts.is_empty() {
            out += &wrapped(&parts, SLOTS, SLOTS).replace('\u{a0}', " ");
        }
        out += &wrapped(story.why.as_str(), SLOTS, SLOTS);
    }
    (out, passed_over.saturating_sub(next))
}

/// One story, with bars that say how each figure compares with the largest of the day.
fn detail(story: &Reason, told: &Reasons, zone: &Zone) -> String {
    let mut out = wrapped(story.headline.as_str(), 0, 0);
    _ = writeln!(out, "  {}", story.url);
    let mut row = |name: &str, words: &str| {
        let line = format!("{name:<12}{words}");
        out += &wrapped(&line, 2, 14);
    };
    if let Some(section) = &story.section {
        row("section", section.as_str());
    }
    if let Some(published) = story.published {
        let at = zone.at(published).format("%Y-%m-%d %H:%M %:z");
        row("published", &at.to_string());
    }
    for source in &story.sources {
        row("source", source.as_str());
    }
    if let Some(views) = story.views {
        row("views", &grouped(views));
    }
    row("slots", &slots(story));
    let lead = |story: &Reason| story.event.as_ref().unwrap_or(&story.url).clone();
    for other in &told.candidates {
        if other.url != story.url && lead(other) == lead(story) {
            let headline = &other.headline;
            row("same event", &format!("{headline} ({})", slots(other)));
        }
    }
    let stories = told.candidates.len();
    _ = writeln!(out, "\n  each bar beside the largest of {stories}");
    let mut figure_row = |words: &str, figure: &str, value: f64, largest: f64| {
        let words = column(&Line::clean(words), 22);
        let bar = bar(value, largest, 38);
        _ = writeln!(
            out,
            "{}",
            format!("  {words}{figure:>16}  {bar}").trim_end()
        );
    };
    if let Some(score) = story.score {
        let best = largest(told, |story| story.score);
        figure_row("score", &figure(score), score, best);
    }
    for part in parts(story) {
        let (words, shown) = part.told();
        let (name, value) = (part.name, part.value);
        let most = largest(told, |story| story.parts.get(name).copied());
        figure_row(&words, &shown, value, most);
    }
    out + "\n" + &wrapped(story.why.as_str(), 2, 2)
}

/// What a score is made of, in the order in which it is: what was seen, what follows from it, factors. Names that are not known come last.
const ORDER: [&str; 17] = [
    "age_hours",
    "views_per_hour",
    "ten_best_per_hour",
    "of_ten_best",
    "section",
    "section_record",
    "expected_per_hour",
    "place",
    "listed",
    "fresh",
    "editor",
    "picture",
    "dek",
    "boost",
    "views_today",
    "expected_today",
    "views_counted",
];

/// One part of a score.
struct ScorePart<'a> {
    name: &'a str,
    value: f64,
    /// Whether the score is a sum: where no reader counted.
    summed: bool,
}

fn parts(story: &Reason) -> Vec<ScorePart<'_>> {
    let summed = story.parts.contains_key("fresh");
    let rank = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut parts: Vec<ScorePart<'_>> = story
        .parts
        .iter()
        .map(|(name, value)| ScorePart {
            name,
            value: *value,
            summed: summed && name != "boost",
        })
        .collect();
    parts.sort_by_key(|part| rank(part.name).unwrap_or(ORDER.len()));
    parts
}

impl ScorePart<'_> {
    /// Whether it is a wish that does not apply: a summand of 0, a factor of 1.
    fn is_neutral(&self) -> bool {
        let nothing = if self.summed { 0.0 } else { 1.0 };
        ["editor", "boost", "picture", "dek"].contains(&self.name)
            && (self.value - nothing).abs() < 0.0005
    }

    /// In words, and its figure with its unit. A part that is no plain fact is a factor or a summand.
    fn told(&self) -> (String, String) {
        let figure = figure(self.value);
        let (name, figure) = if self.summed {
            (self.name, format!("+ {figure}"))
        } else if let Some(rest) = self.name.strip_suffix("_per_hour") {
            (rest, format!("{figure}/h"))
        } else if let Some(rest) = self.name.strip_suffix("_hours") {
            (rest, format!("{figure} h"))
        } else if ["views", "expected", "most_read", "place"]
            .iter()
            .any(|fact| self.name.starts_with(fact))
        {
            (self.name, figure)
        } else {
            (self.name, format!("x {figure}"))
        };
        (name.replace('_', " "), figure)
    }
}

/// Three digits that count, or the whole number.
fn figure(number: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast to an integer stays within it"
    )]
    let whole = number.abs().round() as u64;
    let digits = match whole {
        100.. => return if number < 0.0 { "-" } else { "" }.to_owned() + &grouped(whole),
        10..100 => 1,
        1..10 => 2,
        0 => 3,
    };
    let text = format!("{number:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn largest(told: &Reasons, of: impl Fn(&Reason) -> Option<f64>) -> f64 {
    told.candidates.iter().filter_map(of).fold(0.0, f64::max)
}

/// `width` columns, filled as far as `value` reaches towards `largest`.
fn bar(value: f64, largest: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if largest > 0.0 { value / largest } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the share is between 0 and 1"
    )]
    let eighths = (share.clamp(0.0, 1.0) * (width * 8) as f64).round() as usize;
    let bar = "█".repeat(eighths / 8) + EIGHTHS[eighths % 8];
    column(&Line::clean(&bar), width)
}

fn wrapped(text: &str, first: usize, rest: usize) -> String {
    let (first, rest) = (" ".repeat(first), " ".repeat(rest));
    let form = textwrap::Options::new(WIDTH)
        .initial_indent(&first)
        .subsequent_indent(&rest);
    textwrap::fill(text, form) + "\n"
}

#[cfg(test)]
mod tests;

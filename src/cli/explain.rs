//! `explain`: why each story stands where it stands, or why it was passed over.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::Exit;
use super::arguments::Explain;
use super::open::Setting;
use super::reasons::{self, Reasons, Told};
use super::report::{Failure, Report, column, grouped};
use crate::config::Config;
use crate::edition::List;
use crate::line::Line;

pub(super) fn run(verb: &Explain, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let text = reasons::of_the_day(&config, setting, report)?;
    if setting.json() && verb.story.is_none() {
        report.data(&text);
        return Ok(Exit::Done);
    }
    let told: Reasons = serde_json::from_str(&text).map_err(|error| {
        Failure::says(format!("the reasons cannot be read: {error}"))
            .hint("`newsdigest draft --force` writes them anew")
    })?;
    match &verb.story {
        None => report.data(&table(&told, &config)),
        Some(wanted) => {
            let wanted = wanted.to_lowercase();
            let found: Vec<&Told> = told
                .candidates
                .iter()
                .filter(|story| {
                    story.headline.as_str().to_lowercase().contains(&wanted)
                        || story.url.to_lowercase().contains(&wanted)
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
                let whole: serde_json::Value =
                    serde_json::from_str(&text).map_err(Failure::error)?;
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
                        .map(|story| detail(story, &config))
                        .collect::<Vec<_>>()
                        .join("\n"),
                );
            }
        }
    }
    Ok(Exit::Done)
}

/// The slots of a story, short: `top 1, read 3`.
fn slots(story: &Told) -> String {
    let words = [("top", "top"), ("most_read", "read"), ("latest", "new")];
    let all: Vec<String> = words
        .iter()
        .filter_map(|(key, word)| story.slots.get(*key).map(|place| format!("{word} {place}")))
        .collect();
    if all.is_empty() {
        "-".to_owned()
    } else {
        all.join(", ")
    }
}

/// 80 columns: slot, score as a bar, headline; the reason under it.
fn table(told: &Reasons, config: &Config) -> String {
    let zone = &config.newsletter.zone;
    let time = |at: DateTime<Utc>| zone.at(at).format("%Y-%m-%d %H:%M").to_string();
    let mut out = format!(
        "{} stories, published {} to {}, seen at {}\n",
        told.candidates.len(),
        time(told.window.from),
        time(told.window.to),
        time(told.now)
    );
    for list in List::ALL {
        if let Some(formula) = told.formulas.get(list.key()) {
            let line = format!("{}: {formula}", list.words());
            let form = textwrap::Options::new(80).subsequent_indent("  ");
            _ = writeln!(out, "{}", textwrap::fill(&line, form));
        }
    }
    let best = told
        .candidates
        .iter()
        .filter_map(|story| story.score)
        .fold(0.0, f64::max);
    for story in &told.candidates {
        _ = writeln!(
            out,
            "\n{}{}  {}",
            column(&Line::clean(&slots(story)), 14),
            bar(story.score.unwrap_or(0.0), best),
            column(&story.headline, 56).trim_end()
        );
        let indent = " ".repeat(14);
        _ = writeln!(
            out,
            "{}",
            textwrap::fill(
                story.why.as_str(),
                textwrap::Options::new(80)
                    .initial_indent(&indent)
                    .subsequent_indent(&indent)
            )
        );
    }
    out
}

/// Eight columns that say how near the best score this one is.
fn bar(score: f64, best: f64) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the share is between 0 and 64"
    )]
    let share = if best > 0.0 {
        (score / best * 64.0).clamp(0.0, 64.0).round() as usize
    } else {
        0
    };
    let mut bar = "█".repeat(share / 8);
    if share % 8 > 0 {
        bar.push(EIGHTHS[share % 8]);
    }
    column(&Line::clean(&bar), 8)
}

fn detail(story: &Told, config: &Config) -> String {
    let mut out = format!("{}\n  {}\n", story.headline, story.url);
    if let Some(section) = &story.section {
        _ = writeln!(out, "  section     {section}");
    }
    if let Some(published) = story.published {
        _ = writeln!(
            out,
            "  published   {}",
            config
                .newsletter
                .zone
                .at(published)
                .format("%Y-%m-%d %H:%M %:z")
        );
    }
    if let Some(views) = story.views {
        _ = writeln!(out, "  views       {}", grouped(views));
    }
    _ = writeln!(out, "  slots       {}", slots(story));
    if let Some(score) = story.score {
        _ = writeln!(out, "  score       {score:.4}");
    }
    for (part, value) in &story.parts {
        _ = writeln!(out, "    {part:<20} {value:>12.4}");
    }
    _ = writeln!(out, "  {}", story.why);
    out
}

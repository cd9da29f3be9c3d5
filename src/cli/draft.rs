//! `draft`: chooses the day's stories and writes the edition file.

use super::arguments::DraftArgs;
use super::exit::Exit;
use super::open::Setting;
use super::report::{Failure, Report, column, counted};
use super::{failures, health, results};
use crate::config::Config;
use crate::draft::{self, Draft, DraftError};
use crate::model::edition::{Edition, List, MachineLine, Slug};
use crate::model::world::World;
use crate::newsroom::editions::{self, Overwrite};
use crate::preflight::CLIPPED;

pub(super) async fn run(
    verb: &DraftArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let overwrite = if verb.force {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    };
    if !verb.all {
        let config = setting.config()?;
        let slug = setting.slug(&config);
        let draft = draft::to_file(&config, &slug, overwrite, None, world).await;
        let draft = said(draft, &config, world, report).await?;
        if setting.json() {
            report.json(&draft::as_json(&draft, &config, &slug));
        } else {
            show(&draft, &config, report);
        }
        return Ok(Exit::Done);
    }
    let newsroom = setting.newsroom()?;
    let problems = newsroom.problems();
    let configs = &newsroom.newsletters;
    let slugs: Vec<Slug> = configs.iter().map(|config| setting.slug(config)).collect();
    let editions: Vec<(&Config, &Slug)> = configs.iter().zip(&slugs).collect();
    let written = draft::all_to_files(&editions, overwrite, world).await;
    let written = written.map_err(|error| failures::draft(error, report))?;
    let (mut exits, mut drafts) = (Vec::new(), Vec::new());
    for ((config, slug), written) in editions.into_iter().zip(written) {
        let report = report.of(config.name.as_ref());
        match said(written, config, world, report).await {
            Ok(draft) if setting.json() => drafts.push(draft::as_json(&draft, config, slug)),
            Ok(draft) => show(&draft, config, report),
            Err(failure) => exits.push(report.failure(&failure)),
        }
    }
    if setting.json() {
        report.json(&drafts);
    }
    if !problems.is_empty() {
        exits.push(
            report
                .failure(&Failure::problems(problems).still("the other newsletters were drafted")),
        );
    }
    Ok(Exit::of_all(exits))
}

/// Says what was chosen.
async fn said(
    drafted: Result<Draft, DraftError>,
    config: &Config,
    world: &World,
    report: Report,
) -> Result<Draft, Failure> {
    let draft = drafted.map_err(|error| failures::draft(error, report))?;
    health::sources(&draft.health, world.now(), report);
    health::readers(&draft.readership, world.now(), report);
    report.say("");
    chosen(&draft, config, report);
    if draft.edition.is_some() {
        results::gather_due(config, world, report).await?;
    }
    Ok(draft)
}

/// The lists of its edition, and where it is.
fn show(draft: &Draft, config: &Config, report: Report) {
    let Some(edition) = &draft.edition else {
        return;
    };
    if !report.is_quiet() {
        print_lists(edition, report);
    }
    let path = editions::path_of(&config.editions(), &edition.slug);
    report.data(&path.display().to_string());
    report
        .hint("`newsdigest preview` shows it, `newsdigest explain` says why; edit the file freely");
}

/// A draft on the way to a proof or a send.
pub(super) fn told(draft: &Draft, config: &Config, report: Report) {
    chosen(draft, config, report);
    if let Some(edition) = &draft.edition {
        let path = editions::path_of(&config.editions(), &edition.slug);
        report.say(format!("written to `{}`", path.display()));
    }
}

/// A draft in one line, for a log; what was missed in a line each.
pub(super) fn logged(draft: &Draft, config: &Config, report: Report) {
    report.misses(&draft.selection.misses);
    for line in &draft.remarks {
        report.say(line);
    }
    let found = counted(draft.selection.candidates.len(), "story", "stories");
    match &draft.edition {
        Some(edition) => report.say(format!(
            "{}, {}: drafted, {} of {found} chosen",
            config.newsletter.name,
            edition.slug,
            edition.count(),
        )),
        None => report.say(format!(
            "a quiet day: of {found} fewer than {} can be printed",
            config.selection.minimum
        )),
    }
}

/// What was missed, how much was chosen, and what of it a person should know.
fn chosen(draft: &Draft, config: &Config, report: Report) {
    let selection = &draft.selection;
    report.misses(&selection.misses);
    for (list, formula) in &selection.formulas {
        report.detail(format!("{}: {formula}", list.words()));
    }
    let found = counted(selection.candidates.len(), "story", "stories");
    let Some(edition) = &draft.edition else {
        report.say(format!(
            "a quiet day: of {found} fewer than {} can be printed, so there is no edition",
            config.selection.minimum
        ));
        report.hint("`newsdigest explain` says why each was passed over");
        return;
    };
    report.say(format!(
        "{}, {}: {} of {found} chosen",
        config.newsletter.name,
        edition.slug,
        edition.count()
    ));
    if let Some(why) = &selection.unread {
        report.say(format!(
            "{why}: `top` is ranked by freshness, `most read` is left empty"
        ));
    }
    for line in &draft.remarks {
        report.say(line);
    }
    let machine: Vec<&str> = edition.machine_lines().map(MachineLine::key).collect();
    if !machine.is_empty() {
        report.warn(format!(
            "{} by a machine: read before it goes out",
            machine.join(" and ")
        ));
    }
    if let Some(trimmed) = &draft.trimmed {
        let left_out = match trimmed.stories.len() {
            0 => "the lists were shortened".to_owned(),
            1 => "1 story was left out".to_owned(),
            more => format!("{more} stories were left out"),
        };
        report.say(format!(
            "{left_out}: the letter would be {} kB, and Gmail clips it from {} kB on",
            trimmed.letter.div_ceil(1_000),
            CLIPPED / 1_000
        ));
    }
    if draft.moved > 0 {
        report.say(format!(
            "{} that you moved keep{} {} now: `pin = true` was written for {}",
            counted(draft.moved, "story", "stories"),
            if draft.moved == 1 { "s" } else { "" },
            if draft.moved == 1 {
                "its place"
            } else {
                "their places"
            },
            if draft.moved == 1 { "it" } else { "them" },
        ));
    }
    if draft.came_back > 0 {
        report.say(format!(
            "{} that had been taken out of the file came back: `drop = [\"address\"]` at its top keeps a story out",
            counted(draft.came_back, "story", "stories")
        ));
    }
}

fn print_lists(edition: &Edition, report: Report) {
    for list in List::ALL {
        let placed = edition.list(list);
        if placed.is_empty() {
            continue;
        }
        report.say(format!("\n{}", list.words()));
        for (index, placed) in placed.iter().enumerate() {
            let headline = column(&placed.story.headline, 74);
            report.say(format!("{:>3}  {}", index + 1, headline.trim_end()));
            if let Some(why) = &placed.why {
                report.detail(format!("     {why}"));
            }
        }
    }
}

//! `draft`: chooses the day's stories and writes the edition file.

use super::arguments::Draft as Arguments;
use super::open::{self, Setting};
use super::report::{Failure, Report, column, counted};
use super::{Exit, health};
use crate::config::Config;
use crate::draft::{self, Draft, DraftError};
use crate::model::edition::{Edition, List};
use crate::newsroom::editions::{self, Overwrite};
use crate::preflight::CLIPPED;

pub(super) fn run(verb: &Arguments, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let slug = setting.slug(&config);
    let path = editions::path_of(&config.editions(), &slug);
    if path.exists() && !verb.force {
        let hint = "`newsdigest preview` shows it; `newsdigest draft --force` chooses anew and keeps what you wrote and pinned";
        return Err(
            Failure::says(format!("`{}` exists already", path.display()))
                .still("nothing was changed")
                .hint(hint),
        );
    }
    let overwrite = if verb.force {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    };
    let draft = choose(&config, setting, report)?;
    health::sources(&draft.health, setting.now(), report);
    health::readers(&draft.readership, setting.now(), report);
    report.say("");
    let Some(edition) = write(&config, &draft, overwrite, setting, report)? else {
        return Ok(Exit::Done);
    };
    if !report.is_quiet() {
        print_lists(&edition, report);
    }
    report.data(&path.display().to_string());
    report
        .hint("`newsdigest preview` shows it, `newsdigest explain` says why; edit the file freely");
    Ok(Exit::Done)
}

/// Gathers and chooses, heeding what an editor did to the day's file; all sources failing is a failure.
pub(super) fn choose(config: &Config, setting: &Setting, report: Report) -> Result<Draft, Failure> {
    let mut ledger = open::ledger_if_any(config)?;
    let slug = setting.slug(config);
    let hand = editions::read_hand(&config.editions(), &slug).map_err(|problems| {
        Failure::problems(problems)
            .still("nothing was written or sent")
            .hint("mend the file, or remove it if nothing in it is worth keeping")
    })?;
    let draft = open::runtime()?.block_on(draft::draft(
        config,
        ledger.as_mut(),
        &slug,
        hand,
        setting.now(),
        open::salt()?,
    ));
    draft.map_err(|error| failure(error, report))
}

/// Every source failed, or the ledger did.
pub(super) fn failure(error: DraftError, report: Report) -> Failure {
    let is_outside = match &error {
        DraftError::NoSource { misses } | DraftError::Lacking { misses, .. } => {
            report.misses(misses);
            true
        }
        DraftError::Ledger(_) => false,
    };
    let failure = Failure::error(error).still("nothing was written or sent");
    if is_outside {
        failure
            .exit(Exit::TryAgain)
            .hint("run it again when the sources answer")
    } else {
        failure
    }
}

/// Writes edition and reasons, and says what was missed. Under [`Overwrite::Refuse`] a file that came up meanwhile stays, and that is a failure. A quiet day writes nothing, and says so.
pub(super) fn write(
    config: &Config,
    draft: &Draft,
    overwrite: Overwrite,
    setting: &Setting,
    report: Report,
) -> Result<Option<Edition>, Failure> {
    let selection = &draft.selection;
    report.misses(&selection.misses);
    for (list, formula) in &selection.formulas {
        report.detail(format!("{}: {formula}", list.words()));
    }
    let found = counted(selection.candidates.len() as u64, "story", "stories");
    let (Some(edition), Some(drafted)) = (&draft.edition, &draft.drafted) else {
        report.say(format!(
            "a quiet day: of {found} fewer than {} can be printed, so there is no edition",
            config.selection.minimum
        ));
        report.hint("`newsdigest explain` says why each was passed over");
        return Ok(None);
    };
    editions::write(
        &config.editions(),
        edition,
        drafted,
        selection,
        setting.now(),
        &config.newsletter.zone,
        overwrite,
    )
    .map_err(|error| Failure::error(error).still("nothing was written or sent"))?;
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
    if draft.came_back > 0 {
        report.say(format!(
            "{} that had been taken out of the file came back: `drop = [\"address\"]` at its top keeps a story out",
            counted(draft.came_back, "story", "stories")
        ));
    }
    Ok(Some(edition.clone()))
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

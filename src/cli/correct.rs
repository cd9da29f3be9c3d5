//! `correct`: opens the letter that corrects an edition. A person writes it; it is previewed, proofed, approved and sent like an edition.

use super::arguments::CorrectArgs;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report};
use crate::config::Config;
use crate::ledger::Run;
use crate::model::edition::{Edition, Slug};
use crate::newsroom::editions;
use crate::render;
use crate::send::target;

pub(super) fn run(verb: &CorrectArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    const STILL: &str = "nothing was written";
    let config = setting.config()?;
    let slug = &verb.day;
    if let Some(corrected) = slug.corrected() {
        return Err(Failure::says("a correction is not corrected")
            .still(STILL)
            .hint(format!(
                "`newsdigest correct {corrected}` opens another one of the edition"
            )));
    }
    let ledger = open::ledger_if_any(&config)?;
    let target = target(&config);
    let run = match &ledger {
        Some(ledger) => ledger.run(config.runs_of(), slug, &target)?,
        None => None,
    };
    let (Some(ledger), Some(run)) = (ledger, run) else {
        return Err(Failure::says(format!("the edition of {slug} was not sent"))
            .still(STILL)
            .hint(
                "what is not sent is changed in its file; an alert is corrected by another alert",
            ));
    };
    let folder = config.editions();
    for number in 1..=Slug::MOST_CORRECTIONS {
        let correction = slug.correction(number);
        if ledger
            .run(config.runs_of(), &correction, &target)?
            .is_some()
        {
            continue;
        }
        let path = editions::path_of(&folder, &correction);
        if path.exists() {
            return Err(
                Failure::says(format!("`{}` exists already", path.display()))
                    .still(STILL)
                    .hint(next(&correction)),
            );
        }
        let path = editions::write_new_source(&folder, &correction, &text(&config, &run))?;
        report.data(&path.display().to_string());
        report.say("write what was wrong and what is right as its `note`; it goes to those who got the edition");
        report.hint(next(&correction));
        return Ok(Exit::Done);
    }
    Err(Failure::says(format!(
        "the edition of {slug} was corrected {} times",
        Slug::MOST_CORRECTIONS
    ))
    .still(STILL))
}

fn next(correction: &Slug) -> String {
    format!(
        "`newsdigest preview --date {correction}` shows it, `newsdigest send --date {correction}` sends it"
    )
}

/// The file, with everything but the words.
fn text(config: &Config, run: &Run) -> String {
    let edition = Edition::from_toml(run.slug.clone(), "", &run.edition).ok();
    let subject = edition.map(|edition| render::subject(&edition, &config.template).to_string());
    let subject = subject.unwrap_or_else(|| run.slug.to_string());
    let subject = format!("Correction: {subject}")
        .replace('\\', "\\\\")
        .replace('"', "\\\"");
    let newsletter = config.name.as_ref();
    let newsletter =
        newsletter.map_or_else(String::new, |name| format!("newsletter = \"{name}\"\n"));
    format!(
        "# a correction of {}: it goes to those who got that edition, as an answer to their letter\n\n\
         {newsletter}# hold = true   # not to be sent\n\
         subject = \"{subject}\"\n\
         # note = \"\"\"what was wrong, and what is right; in Markdown\"\"\"\n\n\
         # with a story it goes only to those whose letter had that story:\n\
         # [[top]]\n# headline = \"\"\n# url = \"\"\n",
        run.slug
    )
}

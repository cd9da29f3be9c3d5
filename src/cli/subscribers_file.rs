//! The file of subscribers as `subscribers` and the imports need it: whoever can be read is, and the problems of the others are said.

use super::exit::Exit;
use super::report::{Failure, Report};
use crate::check;
use crate::config::Config;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::Subscriber;
use crate::newsroom::subscribers as file;
use crate::newsroom::{self, NewsroomError};

/// All subscribers of the file that can be read. The problems of the others are said, and the exit code is that of something left out.
pub(super) fn read(config: &Config, report: Report) -> Result<(Vec<Subscriber>, Exit), Failure> {
    let text = text(config)?;
    let shown = config.subscribers.display().to_string();
    let reading = file::read(&shown, &text);
    let exit = if reading.problems.is_empty() {
        Exit::Done
    } else {
        report.problems(&reading.problems);
        Exit::DoneWithRefusals
    };
    Ok((reading.subscribers, exit))
}

/// The same; nobody where there is no file yet.
pub(super) fn read_if_any(
    config: &Config,
    report: Report,
) -> Result<(Vec<Subscriber>, Exit), Failure> {
    if config.subscribers.exists() {
        read(config, report)
    } else {
        Ok((Vec::new(), Exit::Done))
    }
}

pub(super) fn text(config: &Config) -> Result<String, Failure> {
    newsroom::read_text(&config.subscribers, file::LARGEST).map_err(|error| {
        Failure::problems(vec![check::unreadable(&error)]).still("nothing was changed")
    })
}

/// A change that could not be made. In a file with problems the problems are what helps.
pub(super) fn unchanged(error: NewsroomError) -> Failure {
    match error {
        NewsroomError::Broken(_, problems) => Failure::problems(problems),
        NewsroomError::NotDurable(..) => return Failure::error(error),
        _ => Failure::error(error),
    }
    .still("nothing was changed")
}

/// What a reader's rhythm has that others' have not.
pub(super) fn rhythm_words(rhythm: &Rhythm) -> impl Iterator<Item = String> {
    let frequency = (!rhythm.frequency.is_daily()).then(|| rhythm.frequency.as_str().to_owned());
    let alerts = rhythm.alerts.then(|| "alerts".to_owned());
    let zone = rhythm.time_zone.as_ref().map(|zone| format!("in {zone}"));
    [frequency, alerts, zone].into_iter().flatten()
}

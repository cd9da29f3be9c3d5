//! The list of readers as `subscribers` and the imports need it: whoever can be read is, and the problems of the others are said.

use super::exit::Exit;
use super::report::{Failure, Report};
use crate::check;
use crate::config::Config;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::Subscriber;
use crate::newsroom::NewsroomError;
use crate::subscriber_list::{ListError, LoadedList, SubscriberList};

/// The list, to be looked at or taken from.
pub(super) fn open(config: &Config, report: Report) -> Result<SubscriberList, Failure> {
    let found = SubscriberList::open(&config.subscribers, config.subscribers_in, &config.ledger);
    let list = found.map_err(unchanged)?;
    if let Some(remark) = check::half_moved(config, &list) {
        report.warn(remark);
    }
    Ok(list)
}

/// The list, to be added to.
pub(super) fn open_or_begin(config: &Config, report: Report) -> Result<SubscriberList, Failure> {
    let place = config.subscribers_in;
    let found = SubscriberList::open_or_begin(&config.subscribers, place, &config.ledger);
    let list = found.map_err(unchanged)?;
    if let Some(remark) = check::half_moved(config, &list) {
        report.warn(remark);
    }
    Ok(list)
}

pub(super) fn load(list: SubscriberList) -> Result<LoadedList, Failure> {
    list.load().map_err(unreadable)
}

/// All subscribers of the list that can be read. The problems of the others are said, and the exit code is that of something left out.
pub(super) fn read(list: &LoadedList, report: Report) -> Result<(Vec<Subscriber>, Exit), Failure> {
    let listing = list.read()?;
    let exit = if listing.problems.is_empty() {
        Exit::Done
    } else {
        report.problems(&listing.problems);
        Exit::DoneWithRefusals
    };
    Ok((listing.subscribers, exit))
}

/// The same, and what the list is called; nobody where there is no list yet.
pub(super) fn read_if_any(
    config: &Config,
    report: Report,
) -> Result<(Vec<Subscriber>, Exit, String), Failure> {
    let nobody = |name| Ok((Vec::new(), Exit::Done, name));
    match SubscriberList::open(&config.subscribers, config.subscribers_in, &config.ledger) {
        Err(ListError::NotBegun) => nobody("the ledger".to_owned()),
        Ok(list) if !list.exists() => nobody(list.name()),
        found => {
            let list = load(found.map_err(unchanged)?)?;
            let (subscribers, exit) = read(&list, report)?;
            Ok((subscribers, exit, list.name().to_owned()))
        }
    }
}

fn unreadable(error: ListError) -> Failure {
    match error {
        ListError::Newsroom(error) => {
            Failure::problems(vec![check::unreadable(&error)]).still("nothing was changed")
        }
        error => unchanged(error),
    }
}

/// A change that could not be made. In a file with problems the problems are what helps.
pub(super) fn unchanged(error: ListError) -> Failure {
    let hint = error.hint();
    let failure = match error {
        ListError::Newsroom(NewsroomError::Broken(_, problems)) => Failure::problems(problems),
        ListError::Newsroom(error @ NewsroomError::NotDurable(..)) => return Failure::error(error),
        ListError::Ledger(error) => return super::open::no_ledger(error),
        error => Failure::error(error),
    };
    let failure = failure.still("nothing was changed");
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What a reader's rhythm has that others' have not.
pub(super) fn rhythm_words(rhythm: &Rhythm) -> impl Iterator<Item = String> {
    let frequency = (!rhythm.frequency.is_daily()).then(|| rhythm.frequency.as_str().to_owned());
    let alerts = rhythm.alerts.then(|| "alerts".to_owned());
    let zone = rhythm.time_zone.as_ref().map(|zone| format!("in {zone}"));
    [frequency, alerts, zone].into_iter().flatten()
}

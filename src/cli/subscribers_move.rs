//! `subscribers move`: the list of readers goes from the file into the ledger, or back. The ledger says where the list is; the config is written so that
//! it says the same.

use super::arguments::MoveArgs;
use super::exit::Exit;
use super::open::Setting;
use super::report::{Failure, Report, counted};
use super::subscribers_list::unchanged;
use crate::config::Config;
use crate::model::subscriber::ListPlace;
use crate::newsroom::{self, NewsroomError};
use crate::subscriber_list::{self, Moved};

pub(super) fn run(
    verb: &MoveArgs,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    match verb.to {
        ListPlace::Ledger => into_ledger(config, setting, report),
        ListPlace::File => into_file(config, report),
    }
}

fn into_ledger(config: &Config, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let zone = &config.newsletter.zone;
    let moved =
        subscriber_list::into_ledger(&config.subscribers, &config.ledger, zone, setting.now())
            .map_err(unchanged)?;
    let file = config.subscribers.display();
    match moved.subscribers {
        Some(count) => report.say(format!(
            "{} moved from `{file}` into the ledger",
            counted(count, "subscriber", "subscribers")
        )),
        None => report.say("the list of readers is in the ledger"),
    }
    if moved.again > 0 {
        report.say(format!(
            "{} left behind that named a subscriber a second time: the first counts",
            counted(moved.again, "block was", "blocks were")
        ));
    }
    match moved.set_aside {
        Ok(None) => {}
        Ok(Some(aside)) => {
            report.say(format!(
                "`{file}` is now `{}`, with its comments, which the ledger does not keep; it is not read any more",
                aside.display()
            ));
            report.hint("it holds readers' addresses: delete it when you no longer need it");
        }
        Err(error) => report.warn(format!(
            "`{file}` is not read any more, but keeps its name: {error}"
        )),
    }
    // The ledger's word counts, so that a config that cannot be written stops nothing.
    match newsroom::set_subscribers_in(&config.file, Some("ledger")) {
        Ok(true) => report.say(format!(
            "`subscribers_in = \"ledger\"` is now in `{}`",
            config.file.display()
        )),
        Ok(false) => {}
        Err(error) => {
            report.warn(config_words(config, &error));
            report.hint("write `subscribers_in = \"ledger\"` below `[newsletter]` yourself");
        }
    }
    Ok(Exit::Done)
}

fn into_file(config: &Config, report: Report) -> Result<Exit, Failure> {
    let file = config.subscribers.display();
    // First the config: one that wants the list in the ledger, beside a file that is the list, would stop every verb.
    let says = newsroom::set_subscribers_in(&config.file, None).map_err(|error| {
        Failure::says(config_words(config, &error))
            .still("nothing was changed")
            .hint("take `subscribers_in` out of `[newsletter]` yourself; then this moves the list")
    })?;
    let moved = subscriber_list::into_file(&config.subscribers, &config.ledger);
    let Moved {
        subscribers,
        set_aside,
        ..
    } = moved.map_err(unchanged)?;
    match subscribers {
        Some(count) => report.say(format!(
            "{} moved from the ledger into `{file}`",
            counted(count, "subscriber", "subscribers")
        )),
        None => report.say(format!("the list of readers is `{file}`")),
    }
    if let Ok(Some(aside)) = set_aside {
        report.say(format!(
            "what lay there and was not read is now `{}`",
            aside.display()
        ));
    }
    if says {
        report.say(format!(
            "`subscribers_in` is no longer in `{}`",
            config.file.display()
        ));
    }
    Ok(Exit::Done)
}

fn config_words(config: &Config, error: &NewsroomError) -> String {
    let what = match error {
        NewsroomError::Broken(_, problems) => problems.first().map(|problem| problem.what.clone()),
        _ => None,
    };
    let what = what.unwrap_or_else(|| error.to_string());
    format!("`{}` is as it was: {what}", config.file.display())
}

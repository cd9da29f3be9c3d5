//! `init`: a newsroom to start from, so that the next verb works.

use std::path::{Component, Path};

use super::Exit;
use super::arguments::Init;
use super::open::{self, Setting};
use super::report::{Failure, Report};
use crate::desk::{DeskError, newsroom};
use crate::zone::Zone;

pub(super) fn run(verb: &Init, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    // `./newsdigest.toml` is only a longer name for it.
    let here = verb
        .folder
        .components()
        .all(|part| part == Component::CurDir);
    let folder = if here { Path::new("") } else { &verb.folder };
    let config = folder.join("newsdigest.toml");
    if config.exists() {
        let hint = format!(
            "`newsdigest --config {} check` looks for problems in it",
            open::for_shell(&config)
        );
        return Err(Failure::says(format!(
            "`{}` exists: a newsroom stands there already",
            config.display()
        ))
        .still("nothing was changed")
        .hint(hint));
    }
    let files = newsroom::starter(setting.now(), &Zone::utc());
    let written = newsroom::found(folder, &files).map_err(|error| {
        // What is there now was not there before, or nothing would have been written.
        let begun = !matches!(error, DeskError::Exists { .. })
            && files.iter().any(|(path, _)| folder.join(path).exists());
        let still = if begun {
            "the newsroom is not whole"
        } else {
            "nothing was changed"
        };
        Failure::error(error).still(still)
    })?;
    for path in &written {
        report.detail(format!("wrote `{}`", path.display()));
    }
    report.say(format!(
        "a newsroom stands in {}: {} files; its stories and views are samples",
        if here {
            "this folder".to_owned()
        } else {
            format!("`{}`", folder.display())
        },
        written.len()
    ));
    report.data(&config.display().to_string());
    let go = if here {
        String::new()
    } else {
        format!("cd {} && ", open::for_shell(folder))
    };
    report.hint(format!("`{go}newsdigest preview` shows its first edition; then put your own feeds into `newsdigest.toml`"));
    Ok(Exit::Done)
}

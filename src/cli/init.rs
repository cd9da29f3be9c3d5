//! `init`: a newsroom to start from, so that the next verb works.

use super::Exit;
use super::arguments::Init;
use super::open::Setting;
use super::report::{Failure, Report};
use crate::desk::newsroom;
use crate::zone::Zone;

pub(super) fn run(verb: &Init, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let folder = &verb.folder;
    let config = folder.join("newsdigest.toml");
    if config.exists() {
        let hint = format!(
            "`newsdigest --config {} check` looks for problems in it",
            config.display()
        );
        return Err(Failure::says(format!(
            "`{}` exists: a newsroom stands there already",
            config.display()
        ))
        .still("nothing was changed")
        .hint(hint));
    }
    let written = newsroom::found(folder, &newsroom::starter(setting.now(), &Zone::utc()))
        .map_err(Failure::error)?;
    for path in &written {
        report.detail(format!("wrote `{}`", path.display()));
    }
    report.say(format!(
        "a newsroom stands in `{}`: {} files; its stories and views are samples",
        folder.display(),
        written.len()
    ));
    report.data(&config.display().to_string());
    let go = if folder.as_os_str() == "." {
        String::new()
    } else {
        format!("cd {} && ", folder.display())
    };
    report.hint(format!("`{go}newsdigest preview` shows its first edition; then put your own feeds into `newsdigest.toml`"));
    Ok(Exit::Done)
}

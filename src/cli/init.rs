//! `init`: a newsroom to start from, so that the next verb works; or a template to start from.

use std::path::{Component, Path, PathBuf};

use super::arguments::InitArgs;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report};
use crate::ledger::{LockOf, SendLock};
use crate::model::newsletter_name::NewsletterName;
use crate::model::zone::Zone;
use crate::newsroom::{NewsroomError, several, starter};
use crate::render::Template;

pub(super) fn run(verb: &InitArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    if let Some(files) = verb.template.as_deref().and_then(Template::files) {
        return template(&verb.folder, files, report);
    }
    // `./newsdigest.toml` is only a longer name for it.
    let here = verb
        .folder
        .components()
        .all(|part| part == Component::CurDir);
    let folder = if here { Path::new("") } else { &verb.folder };
    let config = folder.join("newsdigest.toml");
    if let Some(name) = setting.newsletter() {
        return newsletter(verb.move_over, name, &config, setting, report);
    }
    if config.exists() {
        let hint = format!(
            "`newsdigest --config {} check` looks for problems in it",
            open::for_shell(&config)
        );
        return Err(Failure::says(format!(
            "`{}` exists: a newsroom is there already",
            config.display()
        ))
        .still("nothing was changed")
        .hint(hint));
    }
    let files = starter::files(setting.now(), &Zone::utc());
    let written = write(folder, &files, "the newsroom is not whole", report)?;
    report.say(format!(
        "a newsroom is in {}: {} files; its stories and views are samples",
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

/// A further newsletter of a newsroom that is there; or its only one becomes the first of several.
fn newsletter(
    is_moved: bool,
    name: &NewsletterName,
    config: &Path,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    const STILL: &str = "nothing was changed";
    let home = config.parent().unwrap_or(Path::new(""));
    if !config.exists() {
        return Err(Failure::says(format!("there is no `{}`", config.display()))
            .still(STILL)
            .hint("`newsdigest init` writes a newsroom to start from"));
    }
    if is_moved {
        return move_over(name, config, setting, report);
    }
    let broken = |problems| Failure::problems(problems).still(STILL);
    if open::read_newsroom(config).map_err(broken)?.is_of_one() {
        return Err(Failure::says("this newsroom has one newsletter, and no name for it")
            .still(STILL)
            .hint("`newsdigest init --newsletter morning --move` makes it the first of several, under a name that you choose; its runs, links and archive go with it"));
    }
    let path = several::add(home, name).map_err(|error| Failure::error(error).still(STILL))?;
    report.say(format!(
        "the newsletter `{name}` has a file: its name and what it is made of belong there"
    ));
    report.data(&path.display().to_string());
    report.hint("`newsdigest preview` shows its first edition");
    Ok(Exit::Done)
}

fn move_over(
    name: &NewsletterName,
    config: &Path,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    const STILL: &str = "run again, the same command goes on where this one stopped";
    if open::read_newsroom(config).is_ok_and(|newsroom| !newsroom.is_of_one()) {
        return Err(
            Failure::says("this newsroom has several newsletters already")
                .still("nothing was changed")
                .hint(format!("`newsdigest init --newsletter {name}` adds one")),
        );
    }
    let only = open::read_as_one(config)
        .map_err(|problems| Failure::problems(problems).still("nothing was changed"))?;
    let _lock = SendLock::take(&only.ledger.path, LockOf::Newsletter(None), setting.now())
        .map_err(|held| {
            Failure::error(held)
                .exit(Exit::TryAgain)
                .still("nothing was changed")
        })?;
    let as_it_was = several::OnlyNewsletter {
        config,
        id: &only.newsletter.id,
        title: only.newsletter.name.as_str(),
    };
    let path = several::move_over(&only.home, name, &as_it_was).map_err(|error| match error {
        NewsroomError::Broken(_, problems) => {
            Failure::problems(problems).still("nothing was changed")
        }
        error => Failure::error(error).still(STILL),
    })?;
    report.say(format!(
        "`{}` is the newsletter `{name}` now: its editions lie in `editions/{name}`; readers' links, the ledger and the archive go on as they were",
        only.newsletter.name
    ));
    report.data(&path.display().to_string());
    report.hint("start `serve` again if it runs; `newsdigest init --newsletter sport` adds another newsletter");
    Ok(Exit::Done)
}

/// The files of a built-in template, for a folder of one's own.
fn template(
    folder: &Path,
    files: [(&'static str, &'static str); 3],
    report: Report,
) -> Result<Exit, Failure> {
    let files = files.map(|(name, text)| (PathBuf::from(name), text.to_owned()));
    write(folder, &files, "the template is not whole", report)?;
    let shown = folder.display();
    report.say(format!(
        "a template is in `{shown}`: README.md there explains its files"
    ));
    report.data(&shown.to_string());
    // A bare name might be that of a built-in template.
    let own = if folder.components().count() == 1 && folder.is_relative() {
        format!("./{shown}")
    } else {
        shown.to_string()
    };
    report.hint(format!("write `use = \"{own}\"` below `[template]` in `newsdigest.toml`; `newsdigest preview` then follows every change of it"));
    Ok(Exit::Done)
}

/// Writes files that must not be there yet; `broken` is what is true when it failed half-way.
fn write(
    folder: &Path,
    files: &[(PathBuf, String)],
    broken: &'static str,
    report: Report,
) -> Result<Vec<PathBuf>, Failure> {
    let written = starter::create(folder, files).map_err(|error| {
        // What is there now was not there before, or nothing would have been written.
        let begun = !matches!(error, NewsroomError::Exists(..))
            && files.iter().any(|(path, _)| folder.join(path).exists());
        let still = if begun { broken } else { "nothing was changed" };
        Failure::error(error).still(still)
    })?;
    for path in &written {
        report.detail(format!("wrote `{}`", path.display()));
    }
    Ok(written)
}

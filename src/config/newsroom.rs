//! All newsletters of a newsroom: the one that `newsdigest.toml` describes, or those of `newsletters/NAME.toml` beside it.
//!
//! A newsletter with a problem costs itself only: the others are read, drafted and sent as ever.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::week::TiedByWeeks;
use super::{Config, LARGEST, Surroundings, folder};
use crate::ledger::LedgerFile;
use crate::model::letter_links::LetterLinks;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::{Problem, Written};
use crate::newsroom::several;

/// The newsletters of a newsroom.
pub struct Newsroom {
    /// Those that can be used, by name; one at least.
    pub newsletters: Vec<Config>,
    /// Those that cannot, and why.
    pub broken: Vec<(NewsletterName, Vec<Problem>)>,
    /// Files whose names name no newsletter.
    misnamed: Vec<Problem>,
    /// The alerts, as if they were one more newsletter, if `[alerts]` is there. Only who means alerts looks here.
    pub alerts: Option<Result<Box<Config>, Problem>>,
}

/// Reads the config of all newsletters anew.
pub type ReadNewsroom = Box<dyn Fn() -> Result<Newsroom, Vec<Problem>> + Send + Sync>;

/// Why nobody knows which newsletter is meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Unchosen {
    /// There are several, and none was named.
    Several(Vec<NewsletterName>),
    /// There is none of that name; these are there.
    Unknown(NewsletterName, Vec<NewsletterName>),
    /// It cannot be used.
    Broken(Vec<Problem>),
}

/// A newsletter's own file.
struct OwnFile {
    name: NewsletterName,
    shown: String,
    text: Result<String, Problem>,
}

impl Newsroom {
    /// Reads `file`, the newsletters beside it, and all that they name but the subscribers, stories and readership, which change while the
    /// config stays.
    ///
    /// # Errors
    /// Every problem, with places and hints, where no newsletter can be used.
    pub fn read(file: &Path, surroundings: &Surroundings<'_>) -> Result<Self, Vec<Problem>> {
        let text = folder::read(file, LARGEST).map_err(|problem| {
            let missing = !file.exists();
            vec![if missing {
                problem.hint("`newsdigest init paper` writes a newsroom to start from; `newsdigest preview --sample` needs none")
            } else {
                problem
            }]
        })?;
        let shown = file.display().to_string();
        let root = Written::new(&shown, &text);
        let home = file.parent().unwrap_or(Path::new(""));
        let (own_files, misnamed) = own_files(home)?;
        if own_files.is_empty() {
            if !misnamed.is_empty() {
                return Err(misnamed);
            }
            let only = Config::assemble(file, root, None, surroundings)?;
            let mut newsroom = Self {
                newsletters: vec![only],
                broken: Vec::new(),
                misnamed,
                alerts: None,
            };
            newsroom.add_alerts();
            return Ok(newsroom);
        }
        let (mut newsletters, mut broken) = (Vec::new(), Vec::new());
        let mut tied = TiedByWeeks::default();
        for own in own_files {
            let read = own.text.map_err(|problem| vec![problem]);
            let read = read.and_then(|text| {
                let written = Written::new(&own.shown, &text);
                tied.add(&own.name, written);
                Config::assemble(file, root, Some((&own.name, written)), surroundings)
            });
            match read {
                Ok(config) => newsletters.push(config),
                Err(problems) => broken.push((own.name, problems)),
            }
        }
        let mut newsroom = Self {
            newsletters,
            broken,
            misnamed,
            alerts: None,
        };
        newsroom.part_twins();
        newsroom.share_letters();
        newsroom.tie_weeks(&tied);
        if newsroom.newsletters.is_empty() {
            return Err(newsroom.problems());
        }
        // The mark of the ledger that they share is the room's, not that of a newsletter which may go.
        let ids: Vec<&str> = std::iter::once("newsletters")
            .chain(newsroom.ids())
            .collect();
        let marked = |config: &Config| LedgerFile::of_all(config.ledger.path.clone(), home, &ids);
        let files: Vec<LedgerFile> = newsroom.newsletters.iter().map(marked).collect();
        for (config, file) in newsroom.newsletters.iter_mut().zip(files) {
            config.ledger = file;
        }
        newsroom.add_alerts();
        Ok(newsroom)
    }

    /// Readership is shared, so each newsletter knows the letters of all.
    fn share_letters(&mut self) {
        let all = self.newsletters.iter().map(|config| config.letters.clone());
        let all = LetterLinks::of_all(all);
        for config in &mut self.newsletters {
            for source in &mut config.readership {
                *source = source.with_letters(&all);
            }
            config.letters = all.clone();
        }
    }

    /// Reads `file` as it was when it described one newsletter, whatever lies beside it.
    ///
    /// # Errors
    /// Every problem, with places and hints.
    pub fn read_as_one(
        file: &Path,
        surroundings: &Surroundings<'_>,
    ) -> Result<Config, Vec<Problem>> {
        let text = folder::read(file, LARGEST).map_err(|problem| vec![problem])?;
        let shown = file.display().to_string();
        Config::assemble(file, Written::new(&shown, &text), None, surroundings)
    }

    /// Whether there is one newsletter, and `newsdigest.toml` says all of it.
    #[must_use]
    pub fn is_of_one(&self) -> bool {
        self.names().is_empty()
    }

    /// What is wrong with newsletters that cannot be used, and with files that name none. What several say of the same line is said once.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut all: Vec<Problem> = Vec::new();
        let of_alerts = self
            .alerts
            .iter()
            .filter_map(|alerts| alerts.as_ref().err());
        let broken = self.broken.iter().flat_map(|(_, problems)| problems);
        for problem in broken.chain(of_alerts).chain(&self.misnamed) {
            if !all.contains(problem) {
                all.push(problem.clone());
            }
        }
        all
    }

    /// The newsletter of that name, or the only one there is.
    ///
    /// # Errors
    /// There are several and none is named, none has that name, or it cannot be used.
    pub fn into_one(self, wanted: Option<&NewsletterName>) -> Result<Config, Unchosen> {
        let names = self.names();
        let Some(wanted) = wanted else {
            let is_one = self.newsletters.len() + self.broken.len() == 1;
            let only = self.newsletters.into_iter().next().filter(|_| is_one);
            return only.ok_or(Unchosen::Several(names));
        };
        for (name, problems) in self.broken {
            if name == *wanted {
                return Err(Unchosen::Broken(problems));
            }
        }
        let mut all = self.newsletters.into_iter();
        all.find(|config| config.answers_to(wanted))
            .ok_or_else(|| Unchosen::Unknown(wanted.clone(), names))
    }

    /// Whether some newsletter is everybody's who does not say: then another one may be nobody's.
    #[must_use]
    pub fn has_default(&self) -> bool {
        self.newsletters.iter().any(|config| config.is_default)
    }

    /// The ids of all that can be used.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.newsletters.iter().map(|config| &*config.newsletter.id)
    }

    /// All that can be used, and the alerts.
    pub fn with_alerts(&self) -> impl Iterator<Item = &Config> {
        let alerts = self.alerts.iter().flatten();
        self.newsletters
            .iter()
            .chain(alerts.map(|config| &**config))
    }

    /// The names of all, also of those that cannot be used; none where there is one newsletter without a name.
    #[must_use]
    pub fn names(&self) -> Vec<NewsletterName> {
        let sound = self
            .newsletters
            .iter()
            .filter_map(|config| config.name.clone());
        let mut names: Vec<NewsletterName> = sound.collect();
        names.extend(self.broken.iter().map(|(name, _)| name.clone()));
        names.sort();
        names
    }

    /// Two newsletters with one id would share runs and links: neither can be used.
    fn part_twins(&mut self) {
        let mut of_id: HashMap<String, Vec<NewsletterName>> = HashMap::new();
        for config in &self.newsletters {
            let names = of_id.entry(config.newsletter.id.clone()).or_default();
            names.extend(config.name.clone());
        }
        of_id.retain(|_, names| names.len() > 1);
        for config in std::mem::take(&mut self.newsletters) {
            let (id, twins) = (&config.newsletter.id, of_id.get(&config.newsletter.id));
            let (Some(name), Some(twins)) = (&config.name, twins) else {
                self.newsletters.push(config);
                continue;
            };
            let names: Vec<String> = twins.iter().map(|name| format!("`{name}`")).collect();
            let what = format!(
                "the newsletters {} have one id, `{id}`",
                names.join(" and ")
            );
            let hint = "`id` below `[newsletter]` tells runs and readers' links apart: give each its own, and leave that of the older as it is";
            self.broken
                .push((name.clone(), vec![Problem::new(what).hint(hint)]));
        }
    }
}

/// The folder of the newsletters' own files.
pub(super) fn folder_of(home: &Path) -> PathBuf {
    home.join(several::NEWSLETTERS)
}

/// The files of the folder, by name, and what is wrong with the names of others; none: there is one newsletter.
fn own_files(home: &Path) -> Result<(Vec<OwnFile>, Vec<Problem>), Vec<Problem>> {
    let folder = folder_of(home);
    let unreadable = |error: io::Error| {
        vec![Problem::new(format!(
            "`{}` cannot be read: {error}",
            folder.display()
        ))]
    };
    let entries = match fs::read_dir(&folder) {
        Err(error)
            if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) =>
        {
            return Ok((Vec::new(), Vec::new()));
        }
        entries => entries.map_err(unreadable)?,
    };
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden || path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let shown = path.display().to_string();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        match stem.parse::<NewsletterName>() {
            Ok(name) => files.push(OwnFile {
                name,
                text: folder::read(&path, LARGEST),
                shown,
            }),
            Err(error) => problems.push(Problem::new(format!("`{shown}`: {error}"))),
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((files, problems))
}

//! `newsdigest.toml`: read whole, every problem at once, assembled into each room's own options.
//!
//! It is the only room that knows the file. Rooms below see their options, never a [`Config`].

mod folder;
mod relay;
mod sections;

use std::path::{Path, PathBuf};

use crate::line::Line;
use crate::link::Origin;
use crate::newsletter::Newsletter;
use crate::problem::{Problem, Written};
use crate::render::Template;
use crate::select;
use crate::sheet::{Problems, Sheet};
use crate::source::Source;
use crate::zone::Zone;

pub use relay::Handover;

/// Everything a newsroom's config says, parsed; all paths are ready to open.
pub struct Config {
    /// The config file, as the person named it.
    pub file: PathBuf,
    /// The folder it lies in; editions lie beside it.
    pub home: PathBuf,
    /// `[newsletter]` and `[links]`.
    pub newsletter: Newsletter,
    /// The subscribers file.
    pub subscribers: PathBuf,
    /// `[[source]]`.
    pub sources: Vec<Source>,
    /// `[[readership]]`.
    pub readership: Vec<Counts>,
    /// `[selection]`.
    pub selection: select::Options,
    /// `[template]`, loaded.
    pub template: Template,
    /// Where the template's own files lie, if it is a folder.
    pub template_folder: Option<PathBuf>,
    /// `[relay]`.
    pub handover: Handover,
    /// `[ledger] path`.
    pub ledger: PathBuf,
}

/// One `[[readership]]` of counts.
#[derive(Clone, Debug)]
pub struct Counts {
    /// As the config names it.
    pub name: Line,
    /// Where it is read from.
    pub origin: Origin,
}

/// The world around the config file: what its words may refer to.
pub struct Surroundings<'a> {
    /// The value of an environment variable (`password_env`).
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The machine's time zone database, if there is one.
    pub zoneinfo: &'a Path,
}

/// The largest config or template file, in bytes.
const LARGEST: u64 = 1_000_000;

impl Config {
    /// Reads `file` and all that it names but the subscribers, stories and readership, which change while the config stays.
    ///
    /// # Errors
    /// Every problem of the config and its template, with places and hints.
    pub fn read(file: &Path, surroundings: &Surroundings<'_>) -> Result<Self, Vec<Problem>> {
        let shown = file.display().to_string();
        let text = folder::read(file, LARGEST).map_err(|problem| {
            let missing = !file.exists();
            vec![if missing {
                problem.hint("`newsdigest init paper` writes a newsroom to start from; `newsdigest preview --sample` needs none")
            } else {
                problem
            }]
        })?;
        let home = file.parent().unwrap_or(Path::new("")).to_owned();
        let problems = Problems::default();
        let mut sheet = Sheet::parse(Written::new(&shown, &text), &text, &problems);
        if !problems.is_empty() {
            // Half a table is read for a whole one: what it seems to lack or to hold would be noise.
            return Err(problems.into_vec());
        }
        let newsletter = sections::newsletter(&mut sheet, surroundings, &problems);
        let subscribers = newsletter
            .as_ref()
            .map_or("subscribers.toml", |(_, path)| path);
        let subscribers = home.join(subscribers);
        let sources = sections::sources(&mut sheet, &home, &problems);
        let readership = sections::readership(&mut sheet, &home, &problems);
        let zone = newsletter
            .as_ref()
            .map_or_else(Zone::utc, |(newsletter, _)| newsletter.zone.clone());
        let selection = sections::selection(&mut sheet, zone, &problems);
        let (template, template_folder) = folder::template(&mut sheet, &home, &problems);
        let handover = relay::read(&mut sheet, &home, surroundings, &problems);
        let ledger = sections::ledger(&mut sheet, &home, &problems);
        sheet.finish(&problems);
        let parts = newsletter.zip(template).zip(handover);
        problems.or(parts.map(|((newsletter, template), handover)| Self {
            file: file.to_owned(),
            home,
            newsletter: newsletter.0,
            subscribers,
            sources,
            readership,
            selection,
            template,
            template_folder,
            handover,
            ledger,
        }))
    }

    /// The folder of the edition files.
    #[must_use]
    pub fn editions(&self) -> PathBuf {
        self.home.join("editions")
    }
}

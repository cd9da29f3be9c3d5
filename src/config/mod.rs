//! `newsdigest.toml`: read whole, every problem at once, assembled into each room's own options.
//!
//! It is the only room that knows the file. Rooms below see their options, never a [`Config`].

mod daily;
mod dkim;
mod folder;
mod paper_sections;
mod per_domain;
mod pictures;
mod public;
mod readership;
mod relay;
mod schedule;
mod sections;
mod sources;

use chrono::{DateTime, TimeDelta, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ledger::{LedgerFile, Patience};
use crate::message::Signer;
use crate::model::address::Address;
use crate::model::letter_links::LetterLinks;
use crate::model::newsletter::{Language, Newsletter};
use crate::model::problem::{Problem, Written};
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::render::Template;
use crate::schedule::Schedule;
use crate::select;
use crate::source::{DateStyle, Sections, Source};

pub use daily::Daily;
pub use dkim::selector;
pub use per_domain::DomainLimit;
pub use pictures::Pictures;
pub use public::{MOST_SECTIONS, NoKeys, Serving};
pub use readership::{ReadershipKind, ReadershipSource};
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
    /// What the paper calls its sections; each source has the same.
    pub sections: Arc<Sections>,
    /// `[[readership]]`.
    pub readership: Vec<ReadershipSource>,
    /// `[selection]`.
    pub selection: select::SelectionOptions,
    /// `[[line]]`, `[sign_off]`, `[question]`: what every edition gets when it is drafted.
    pub daily: Daily,
    /// `[template]`, loaded.
    pub template: Template,
    /// Where the template's own files lie, if it is a folder.
    pub template_folder: Option<PathBuf>,
    /// `[relay]`.
    pub handover: Handover,
    /// `[dkim]`, its keys read.
    pub signer: Option<Arc<Signer>>,
    /// `[schedule]`: when the newsroom drafts and sends by the clock, if it does.
    pub schedule: Option<Schedule>,
    /// Who gets a proof of what is drafted by the clock.
    pub proof_to: Vec<Address>,
    /// `[public]`: how readers reach us, and the keys of their links.
    pub serving: Serving,
    /// `[pictures]`.
    pub pictures: Pictures,
    /// `[bounces]`: when soft ones are too many.
    pub patience: Patience,
    /// `[ledger] path`, and the mark that there is one.
    pub ledger: LedgerFile,
    /// `[ledger] keep`: how long copies are kept; `None`: for ever.
    pub keep: Option<TimeDelta>,
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
        let mut table = TomlTable::parse(Written::new(&shown, &text), &text, &problems);
        if !problems.is_empty() {
            // Half a table is read for a whole one: what it seems to lack or to hold would be noise.
            return Err(problems.into_vec());
        }
        let newsletter = sections::newsletter(&mut table, surroundings, &problems);
        let subscribers = newsletter
            .as_ref()
            .map_or("subscribers.toml", |(_, path)| path);
        let subscribers = home.join(subscribers);
        let site = newsletter.as_ref().map(|(newsletter, _)| &newsletter.site);
        let zone = newsletter
            .as_ref()
            .map_or_else(Zone::utc, |(newsletter, _)| newsletter.zone.clone());
        let around = readership::Around {
            home: &home,
            site,
            zone: &zone,
            surroundings,
            letters: newsletter
                .as_ref()
                .map_or_else(LetterLinks::default, |(newsletter, _)| {
                    LetterLinks::of(newsletter.link_query.as_ref())
                }),
        };
        let readership = readership::read(&mut table, &around, &problems);
        let paper = paper_sections::read(&mut table, &problems);
        let language = newsletter
            .as_ref()
            .map_or_else(Language::english, |(newsletter, _)| {
                newsletter.language.clone()
            });
        let dates = DateStyle::new(zone.clone(), &language);
        let mut sources = sources::sources(&mut table, &home, site, &dates, &problems);
        for source in &mut sources {
            source.sections = Arc::clone(&paper.sections);
        }
        let (schedule, proof_to) = schedule::read(&mut table, &home, zone.clone(), &problems);
        let selection = sections::selection(&mut table, zone, paper.order, &problems);
        let (template, template_folder) = folder::template(&mut table, &home, &language, &problems);
        let words = newsletter.as_ref().map(|(newsletter, _)| newsletter);
        let words = words.zip(template.as_ref());
        let daily = daily::read(&mut table, &home, surroundings, words, &problems);
        let handover = relay::read(&mut table, &home, surroundings, &problems);
        let from = newsletter
            .as_ref()
            .map(|(newsletter, _)| newsletter.from.address.domain());
        let rewrites = handover
            .as_ref()
            .map(|(handover, _)| handover.rewrites.clone());
        let signer = dkim::read(&mut table, &home, from, &problems)
            .map(|signer| signer.leaving_out(rewrites.unwrap_or_default()));
        let offered = public::offered(&paper.sections, &selection.sections, &sources);
        let serving = public::public(&mut table, &home, offered, &problems);
        let public = serving.public.as_ref();
        let pictures = pictures::read(&mut table, &home, public, &problems);
        let (bounces, patience) = public::bounces(&mut table, &problems);
        let (ledger, keep) = sections::ledger(&mut table, &home, &problems);
        table.finish(&problems);
        let parts = newsletter.zip(template).zip(handover);
        problems.or(
            parts.map(|((newsletter, template), (handover, headers))| Self {
                ledger: LedgerFile::new(ledger, &home, &newsletter.0.id),
                file: file.to_owned(),
                home,
                newsletter: Newsletter {
                    public: serving.public.clone(),
                    bounces,
                    headers,
                    ..newsletter.0
                },
                subscribers,
                sources,
                sections: paper.sections,
                readership,
                selection,
                daily,
                template,
                template_folder,
                handover,
                signer: signer.map(Arc::new),
                schedule,
                proof_to,
                serving,
                pictures,
                patience,
                keep,
            }),
        )
    }

    /// Why letters may not go to a relay, although they may go to a folder.
    #[must_use]
    pub fn unsendable(&self) -> Option<Problem> {
        (self.newsletter.unsubscribe.is_none() && self.newsletter.public.is_none()).then(|| {
            Problem::new("`[newsletter] unsubscribe` is not set: every letter must say how to leave")
                .hint("`unsubscribe = \"mailto:leave@your.domain\"`, a mailbox that a person reads, or a page `https://..`")
        })
    }

    /// From when on what ran does not come back. Days are whole days: the edition of this weekday last week was perhaps drafted a minute earlier.
    #[must_use]
    pub fn remembers_since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let since = now - self.selection.no_repeat_for;
        if self.selection.no_repeat_for < TimeDelta::days(1) {
            return since;
        }
        let zone = &self.newsletter.zone;
        zone.begins(zone.day(since))
    }

    /// Copies of runs frozen before that instant may be deleted (`[ledger] keep`): never of one that `no_repeat_for` still looks at.
    #[must_use]
    pub fn prunes_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some((now - self.keep?).min(self.remembers_since(now)))
    }

    /// The folder of the edition files.
    #[must_use]
    pub fn editions(&self) -> PathBuf {
        self.home.join("editions")
    }
}

#[cfg(test)]
mod tests;

//! `newsdigest.toml` and `newsletters/NAME.toml`: read whole, every problem at once, assembled into each room's own options.
//!
//! It is the only room that knows the files. Rooms below see their options, never a [`Config`]. Where there are several newsletters, each has a
//! [`Config`] of its own, with all that it shares with the others in it: the work above knows one newsletter at a time.

mod alerts;
mod approval;
mod daily;
mod desk;
mod dkim;
mod events;
mod folder;
mod lapsed;
mod layers;
mod newsroom;
mod opening;
mod paper_sections;
mod per_domain;
mod pictures;
mod public;
mod readership;
mod relay;
mod schedule;
mod sections;
mod sources;
mod variable;
mod week;
mod welcome;

use chrono::{DateTime, TimeDelta, Utc};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ledger::{LedgerFile, Patience};
use crate::message::Signer;
use crate::model::address::Address;
use crate::model::dates::DateStyle;
use crate::model::edition::Slug;
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::newsletter::{Language, Newsletter};
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::{Problem, Written};
use crate::model::subscriber::ListPlace;
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::newsroom::editions::{self, EditionFiles};
use crate::render::Template;
use crate::schedule::Schedule;
use crate::select;
use crate::source::{Sections, Source};

use layers::Layers;

pub use alerts::{Alerts, QuietHours};
pub use approval::{ApprovalRule, Unapproved};
pub use daily::Daily;
pub use desk::{SignOn, TeamDesk, UserHeader};
pub use dkim::selector;
pub use events::EventSource;
pub use lapsed::Lapsed;
pub use newsroom::{Newsroom, ReadNewsroom, Unchosen};
pub use opening::OpeningCommand;
pub use per_domain::DomainLimit;
pub use pictures::Pictures;
pub use public::{MOST_SECTIONS, NoKeys, Serving};
pub use readership::{ReadershipKind, ReadershipSource};
pub use relay::{Handover, RelayName, Relays, WarmUp};
pub use week::Week;
pub use welcome::Welcome;

/// Everything the config says of one newsletter, or of alerts, parsed; all paths are ready to open.
#[derive(Clone)]
pub struct Config {
    /// Its name among several, that of its file; `None`: the newsroom has one newsletter, and `newsdigest.toml` says all of it.
    pub name: Option<NewsletterName>,
    /// Whether other newsletters share its ledger and relay.
    pub beside: Beside,
    /// Whether it is that of the alerts.
    pub is_alerts: bool,
    /// `[alerts]`; `None`: there are none.
    pub alerts: Option<Alerts>,
    /// Whether readers get it who do not say which they want.
    pub is_default: bool,
    /// What it is, in a sentence, for readers who choose.
    pub about: Option<Line>,
    /// A newsletter of the week (`kind = "week"`), and which others it is of.
    pub week: Option<Week>,
    /// Whether a newsletter of the week is of it: weekly readers get that one instead.
    pub has_week: bool,
    /// The config file, as the person named it.
    pub file: PathBuf,
    /// The folder it lies in; editions lie beside it.
    pub home: PathBuf,
    /// `[newsletter]` and `[links]`.
    pub newsletter: Newsletter,
    /// The subscribers file.
    pub subscribers: PathBuf,
    /// Where a list of readers that does not exist yet is begun.
    pub subscribers_in: ListPlace,
    /// `[[source]]`.
    pub sources: Vec<Source>,
    /// What the paper calls its sections; each source has the same.
    pub sections: Arc<Sections>,
    /// `[[readership]]`.
    pub readership: Vec<ReadershipSource>,
    /// By what the letters of every newsletter are known that shares the readership.
    pub letters: LetterLinks,
    /// `[selection]`.
    pub selection: select::SelectionOptions,
    /// `[[line]]`, `[sign_off]`, `[question]`: what every edition gets when it is drafted.
    pub daily: Daily,
    /// `[template]`, loaded.
    pub template: Template,
    /// Where the template's own files lie, if it is a folder.
    pub template_folder: Option<PathBuf>,
    /// `[relay]`, or `[[relay]]`.
    pub relays: Relays,
    /// Whom `check --online` asks about DNS; nobody: the resolvers of this machine.
    pub resolvers: Vec<SocketAddr>,
    /// `[dkim]`, its keys read. Each relay has one of its own, for the fields that it leaves alone.
    pub signer: Option<Arc<Signer>>,
    /// `[schedule]`: when the newsroom drafts and sends by the clock, if it does.
    pub schedule: Option<Schedule>,
    /// Who gets a proof of what is drafted by the clock.
    pub proof_to: Vec<Address>,
    /// `[public]`: how readers reach us, and the keys of their links.
    pub serving: Serving,
    /// `[desk]`: the desk of a team, which `serve` has; `None`: it has none.
    pub desk: Option<TeamDesk>,
    /// `[welcome]`: what follows a sign-up; `None`: nothing.
    pub welcome: Option<Welcome>,
    /// `[opening]`; `None`: subject and opening are composed from the headlines.
    pub opening: Option<OpeningCommand>,
    /// `[approval]`; `None`: nobody has to approve.
    pub approval: Option<ApprovalRule>,
    /// `[lapsed]`; `None`: nobody is asked.
    pub lapsed: Option<Lapsed>,
    /// `[[events]]`: providers whose events `serve` takes.
    pub events: Vec<Arc<EventSource>>,
    /// `[pictures]`.
    pub pictures: Pictures,
    /// `[bounces]`: when soft ones are too many.
    pub patience: Patience,
    /// `[ledger] path`, and the mark that there is one.
    pub ledger: LedgerFile,
    /// `[ledger] keep`: how long copies are kept; `None`: for ever.
    pub keep: Option<TimeDelta>,
}

/// Whether a newsroom has further newsletters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    None,
    Others,
}

/// The world around the config file: what its words may refer to.
pub struct Surroundings<'a> {
    /// The value of an environment variable (`password_env`).
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The machine's time zone database, if there is one.
    pub zoneinfo: &'a Path,
}

/// What all newsletters of a newsroom share: it is said in `newsdigest.toml` alone.
const SHARED: [&str; 14] = [
    "check",
    "readership",
    "relay",
    "per_domain",
    "dkim",
    "public",
    "bounces",
    "events",
    "ledger",
    "pictures",
    "sections",
    "lapsed",
    "alerts",
    "desk",
];

/// The largest config or template file, in bytes.
const LARGEST: u64 = 1_000_000;

impl Config {
    /// Reads what `root`, the text of `file`, says, and the newsletter's own file over it where there are several.
    fn assemble(
        file: &Path,
        root: Written<'_>,
        own: Option<(&NewsletterName, Written<'_>)>,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Vec<Problem>> {
        let home = file.parent().unwrap_or(Path::new("")).to_owned();
        let problems = Problems::default();
        let root = TomlTable::parse(root, root.text, &problems);
        let (name, mut layers) = match own {
            None => (None, Layers::new(root, None)),
            Some((name, own)) => {
                let mut own = TomlTable::parse(own, own.text, &problems);
                for key in SHARED {
                    let what = format!("`{key}` is shared by all newsletters");
                    own.refuse(key, &what, "it belongs in `newsdigest.toml`", &problems);
                }
                (Some(name), Layers::new(own, Some(root)))
            }
        };
        if !problems.is_empty() {
            // Half a table is read for a whole one: what it seems to lack or to hold would be noise.
            return Err(problems.into_vec());
        }
        let section = sections::newsletter(&mut layers, name, surroundings, &problems);
        let newsletter = section.as_ref().map(|section| &section.newsletter);
        let subscribers = section
            .as_ref()
            .map_or("subscribers.toml", |section| &section.subscribers);
        let subscribers = home.join(subscribers);
        let site = newsletter.map(|newsletter| &newsletter.site);
        let zone = newsletter.map_or_else(Zone::utc, |newsletter| newsletter.zone.clone());
        let letters = newsletter.map_or_else(LetterLinks::default, |newsletter| {
            LetterLinks::of(newsletter.link_query.as_ref(), &newsletter.id)
        });
        let around = readership::Around {
            home: &home,
            site,
            zone: &zone,
            surroundings,
            letters: letters.clone(),
        };
        let readership = readership::read(layers.of("readership"), &around, &problems);
        let paper = paper_sections::read(layers.of("sections"), &problems);
        let language =
            newsletter.map_or_else(Language::english, |newsletter| newsletter.language.clone());
        let around = sources::Around {
            home: &home,
            site,
            dates: &DateStyle::new(zone.clone(), &language),
        };
        let mut sources = sources::sources(&mut layers, &around, &problems);
        for source in &mut sources {
            source.sections = Arc::clone(&paper.sections);
        }
        let (schedule, proof_to) =
            schedule::read(layers.of("schedule"), &home, zone.clone(), &problems);
        let is_week = section.as_ref().is_some_and(|one| one.week.is_some());
        let selection = sections::selection(
            layers.of("selection"),
            zone.clone(),
            paper.order,
            is_week,
            &problems,
        );
        let (template, template_folder) =
            folder::template(layers.of("template"), &home, &language, &problems);
        let words = newsletter.zip(template.as_ref());
        let daily = daily::read(&mut layers, &home, surroundings, words, &problems);
        let mut relays = relay::read(layers.of("relay"), &home, surroundings, &problems);
        let resolvers = relay::resolvers(layers.of("check"), &problems);
        let from = newsletter.map(|newsletter| newsletter.from.address.domain());
        let signer = dkim::read(layers.of("dkim"), &home, from, &problems);
        for relay in relays.iter_mut().flat_map(Relays::each_mut) {
            let signer = signer.as_ref();
            relay.signer = signer.map(|signer| Arc::new(signer.leaving_out(&relay.rewrites)));
        }
        let offered = public::offered(&paper.sections, &selection.sections, &sources);
        let mut serving = public::public(layers.of("public"), &home, offered, &problems);
        if let Some(public) = &mut serving.public {
            public.newsletter = name.cloned();
        }
        let public = serving.public.as_ref();
        let pictures = pictures::read(layers.of("pictures"), &home, public, &problems);
        let welcome = welcome::read(layers.of("welcome"), &home, &problems);
        let opening = opening::read(layers.of("opening"), surroundings, &problems);
        let approval = approval::read(layers.of("approval"), &problems);
        let lapsed = lapsed::read(layers.of("lapsed"), &problems);
        let alerts = alerts::read(layers.of("alerts"), &problems);
        let (bounces, patience) = public::bounces(layers.of("bounces"), &problems);
        let is_served = serving.public.is_some();
        let readers = is_served.then_some(serving.listen);
        let desk = desk::read(layers.of("desk"), readers, &problems);
        let events = layers.of("events");
        let events = events::read(events, &home, surroundings, is_served, &problems);
        let (ledger, keep) = sections::ledger(layers.of("ledger"), &home, &problems);
        layers.finish(&problems);
        let parts = section.zip(template).zip(relays);
        problems.or(parts.map(|((section, template), relays)| Self {
            name: name.cloned(),
            beside: if name.is_some() {
                Beside::Others
            } else {
                Beside::None
            },
            is_alerts: false,
            alerts,
            is_default: section.is_default,
            about: section.about,
            week: section.week,
            has_week: false,
            ledger: LedgerFile::new(ledger, &home, &section.newsletter.id),
            file: file.to_owned(),
            home,
            newsletter: Newsletter {
                public: serving.public.clone(),
                is_complaint_address_told: bounces.is_some(),
                bounces,
                headers: relays.first().headers.clone(),
                ..section.newsletter
            },
            subscribers,
            subscribers_in: section.subscribers_in,
            sources,
            sections: paper.sections,
            readership,
            letters,
            selection,
            daily,
            template,
            template_folder,
            relays,
            resolvers,
            signer: signer.map(Arc::new),
            schedule,
            proof_to,
            serving,
            desk,
            welcome,
            opening,
            approval,
            lapsed,
            events,
            pictures,
            patience,
            keep,
        }))
    }

    /// Why letters may not go to a relay, although they may go to a folder.
    #[must_use]
    pub fn unsendable(&self) -> Option<Problem> {
        (self.newsletter.unsubscribe.is_none() && self.newsletter.public.is_none()).then(|| {
            Problem::new("`[newsletter] unsubscribe` is not set: every letter must say how to leave")
                .hint("`unsubscribe = \"mailto:leave@your.domain\"`, a mailbox that a person reads, or a page `https://..`")
        })
    }

    /// How the paper writes dates that do not say it all themselves.
    #[must_use]
    pub fn dates(&self) -> DateStyle {
        DateStyle::new(self.newsletter.zone.clone(), &self.newsletter.language)
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

    /// The edition that it is time for.
    #[must_use]
    pub fn edition(&self, now: DateTime<Utc>) -> Slug {
        match &self.schedule {
            Some(schedule) => schedule.edition(now),
            None => Slug::of(self.newsletter.zone.day(now)),
        }
    }

    /// Its edition files: in `editions`, or in a folder there for each of several newsletters.
    #[must_use]
    pub fn editions(&self) -> EditionFiles {
        let all = self.home.join(editions::FOLDER);
        match &self.name {
            None => EditionFiles::of_the_only(all, &self.newsletter.id),
            Some(name) => EditionFiles::of(all.join(name.as_str()), name),
        }
    }

    /// Its own config file, where there are several newsletters.
    #[must_use]
    pub fn own_file(&self) -> Option<PathBuf> {
        let name = self.name.as_ref()?;
        Some(newsroom::folder_of(&self.home).join(format!("{name}.toml")))
    }

    /// Whose runs in the ledger are its own: those of its id; `None`: all, since no other newsletter has any.
    #[must_use]
    pub fn runs_of(&self) -> Option<&str> {
        self.name.as_ref().map(|_| &*self.newsletter.id)
    }

    /// By which name readers ask for it, and whether it goes to all who do not say.
    #[must_use]
    pub fn asked_for_as(&self) -> (&str, bool) {
        match &self.name {
            Some(name) => (name.as_str(), self.is_default),
            None => (&self.newsletter.id, true),
        }
    }

    /// Whether a person who says `name` means this one: by the name of its file, or, where it is the only one, by its id.
    #[must_use]
    pub fn answers_to(&self, name: &NewsletterName) -> bool {
        match &self.name {
            Some(own) => own == name,
            None => self.newsletter.id == name.as_str(),
        }
    }
}

#[cfg(test)]
mod tests;

//! What the preview shows: the same pages that proof and send make, with the reasons beside them. It sends nothing and writes nothing.

mod watch;

pub use watch::{Watch, watch};

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::address::Address;
use crate::config::{Config, Readers};
use crate::desk::editions;
use crate::edition::{Edition, List, Slug};
use crate::finding::Finding;
use crate::line::Line;
use crate::link::Origin;
use crate::message::{Copy, Press, RunKey, Signer};
use crate::newsletter::Newsletter;
use crate::pages::Pages;
use crate::preflight::{self, Proof};
use crate::render;
use crate::story::Miss;
use crate::subscriber::Subscriber;
use crate::web::preview::{Reason, Showing, Source, State, Variant};

/// An edition to show, and what is known about it.
pub struct Exhibit {
    /// Whose it is: as frozen, or as the config says now.
    pub newsletter: Newsletter,
    /// Where it stands.
    pub state: State,
    /// Its day.
    pub slug: Slug,
    /// What it prints; `None` when a frozen file can no longer be read.
    pub edition: Option<Edition>,
    /// The same as a page of its own, if it can be made.
    pub web: Option<String>,
    /// What is wrong with the template that draws it.
    pub template: Vec<Finding>,
    /// Its pages: everyone's first, then one for each further set of sections, each with a name.
    pub pages: Vec<(Line, Pages)>,
    /// What is needed for the letter: frozen, or made up for a draft.
    pub key: RunKey,
    /// The letter's date.
    pub date: DateTime<Utc>,
    /// Who signs it.
    pub signer: Option<Arc<Signer>>,
    /// The edition file, if there is one.
    pub source: Option<Source>,
    /// One for each candidate.
    pub reasons: Vec<Reason>,
    /// The lists that the newsroom wants.
    pub wants: Vec<List>,
    /// The different sets of sections that subscribers ask for.
    pub sections: Vec<Vec<Line>>,
    /// The sources that gave nothing.
    pub misses: Vec<Miss>,
    /// Who would get it, in words.
    pub audience: Option<Line>,
}

/// The pages of an edition for everyone, and for each set of sections that a subscriber asks for.
#[must_use]
pub fn pages(edition: &Edition, config: &Config, subscribers: &[Subscriber]) -> Vec<(Line, Pages)> {
    let render = |edition: &Edition| render::pages(edition, &config.newsletter, &config.template);
    let mut all = vec![(Line::clean("Everyone"), render(edition))];
    let mut seen = HashSet::from([Vec::new()]);
    for subscriber in subscribers {
        if all.len() == MOST_VARIANTS {
            break;
        }
        if !seen.insert(subscriber.section_set()) {
            continue;
        }
        let mut names: Vec<&str> = subscriber.sections.iter().map(Line::as_str).collect();
        names.sort_unstable();
        let name = Line::clean(&names.join(", "));
        all.extend(
            edition
                .for_sections(&subscriber.sections)
                .map(|edition| (name, render(&edition))),
        );
    }
    all
}

/// More sets of sections than this are not shown: the list would be longer than the page.
const MOST_VARIANTS: usize = 12;

/// The page's state.
#[must_use]
pub fn showing(version: u64, exhibit: Exhibit) -> Showing {
    let newsletter = &exhibit.newsletter;
    let reader = sample_reader(newsletter);
    let variants = exhibit.pages.iter().map(|(name, pages)| {
        let press = Press::new(
            newsletter,
            &exhibit.slug,
            pages,
            &exhibit.key,
            exhibit.date,
            Copy::Edition,
        )
        .signed(exhibit.signer.as_ref());
        Variant {
            name: name.clone(),
            subject: pages.subject.clone(),
            opening: pages.opening.clone(),
            html: press.html(pages),
            text: press.text(pages),
            letter: press
                .letter(0, &reader, None)
                .map(|letter| letter.bytes)
                .unwrap_or_default(),
        }
    });
    let variants: Vec<Variant> = variants.collect();
    let everyone = exhibit.pages.first().zip(variants.first());
    let findings =
        everyone
            .zip(exhibit.edition.as_ref())
            .map(|(((_, pages), variant), edition)| {
                preflight::inspect(&Proof {
                    edition,
                    pages,
                    letter: variant.letter.len(),
                    newsletter,
                    wants: &exhibit.wants,
                    sections: &exhibit.sections,
                    now: exhibit.date,
                })
            });
    let mut findings = findings.unwrap_or_default();
    findings.extend(exhibit.template);
    findings.sort_by_key(|finding| finding.gravity);
    Showing {
        version,
        findings,
        web: exhibit.web,
        newsletter: newsletter.name.clone(),
        from: newsletter
            .from
            .name
            .clone()
            .unwrap_or_else(|| Line::clean(newsletter.from.address.reveal())),
        variants,
        slug: exhibit.slug,
        state: exhibit.state,
        source: exhibit.source,
        reasons: exhibit.reasons,
        misses: exhibit.misses,
        problems: Vec::new(),
        audience: exhibit.audience,
    }
}

/// The page before anything good was seen; `config` is what could be read of it.
#[must_use]
pub fn nothing(config: Option<&Config>, slug: Slug) -> Showing {
    let name = config.map_or_else(
        || Line::clean("newsdigest"),
        |config| config.newsletter.name.clone(),
    );
    let file = config.map(|config| editions::path_of(&config.editions(), &slug));
    let state = match file.filter(|path| path.exists()) {
        Some(path) => State::Draft(Line::clean(&path.display().to_string())),
        None => State::WouldDraft,
    };
    Showing {
        version: 0,
        web: None,
        findings: Vec::new(),
        newsletter: name.clone(),
        from: name,
        slug,
        state,
        variants: Vec::new(),
        source: None,
        reasons: Vec::new(),
        misses: Vec::new(),
        problems: Vec::new(),
        audience: None,
    }
}

/// The address a previewed letter is made out to: nobody's, at the newsletter's own domain.
fn sample_reader(newsletter: &Newsletter) -> Address {
    Address::parse(&format!("reader@{}", newsletter.from.address.domain()))
        .unwrap_or_else(|_| newsletter.from.address.clone())
}

/// The files and folders whose change changes the page.
#[must_use]
pub fn watched(config: &Config) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut files = vec![config.file.clone(), config.subscribers.clone()];
    let mut folders = vec![config.editions()];
    folders.extend(config.template_folder.clone());
    // A freeze shows itself in the ledger, or in its log.
    files.push(config.ledger.clone());
    let sources = config
        .sources
        .iter()
        .map(|source| source.kind.origin().clone());
    for origin in sources.chain(config.readership.iter().map(Readers::origin)) {
        let Origin::Path(path) = &origin else {
            continue;
        };
        match path.parent() {
            // Of a glob only the last part may vary to be watched; that is what people write.
            Some(parent) if path.to_string_lossy().contains(['*', '?', '[']) => {
                folders.push(parent.to_owned());
            }
            _ => files.push(path.clone()),
        }
    }
    (files, folders)
}

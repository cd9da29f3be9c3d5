//! What the preview shows: the same pages that proof and send make, with the reasons beside them. It sends nothing and writes nothing.

mod census;
mod groups;
mod watch;

pub use census::{Census, Crowd};
pub use groups::{Group, frozen, groups};
pub use watch::{Watch, watch};

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::{Config, Readers};
use crate::message::{Copy, Press, RunKey};
use crate::model::address::Address;
use crate::model::edition::{Edition, List, Placed, Slug};
use crate::model::line::Line;
use crate::model::link::Origin;
use crate::model::newsletter::Newsletter;
use crate::model::story::Miss;
use crate::model::token::Keys;
use crate::newsroom::editions;
use crate::preflight::{self, Proof};
use crate::render;
use crate::web::preview::{Reason, Showing, Source, Spot, State, Variant};

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
    /// Who gets which pages, the whole edition first.
    pub groups: Vec<Group>,
    /// What is needed for the letter: frozen, or made up for a draft.
    pub key: RunKey,
    /// The letter's date.
    pub date: DateTime<Utc>,
    /// The edition file, if there is one.
    pub source: Option<Source>,
    /// One for each candidate.
    pub reasons: Vec<Reason>,
    /// The different sets of sections that subscribers ask for.
    pub sections: Vec<Vec<Line>>,
    /// The sources that gave nothing.
    pub misses: Vec<Miss>,
    /// Who would get it, in words.
    pub audience: Option<Line>,
    /// Where a proof of it goes, in words.
    pub relay: Option<Line>,
}

/// The page's state.
#[must_use]
pub fn showing(version: u64, exhibit: Exhibit, config: &Config) -> Showing {
    let template = &config.template;
    let newsletter = &exhibit.newsletter;
    let edition = exhibit.edition.as_ref();
    let reader = sample_reader(newsletter);
    let keys = sample_keys();
    let variants = exhibit.groups.iter().map(|group| {
        let pages = &group.pages;
        let press = Press::new(
            newsletter,
            &exhibit.slug,
            pages,
            &exhibit.key,
            exhibit.date,
            Copy::Edition,
        )
        .signed(config.signer.as_ref())
        .sealed(newsletter, keys.as_ref(), 0);
        Variant {
            name: group.name.clone(),
            readers: group.readers,
            stories: group.edition.as_ref().map(spots).unwrap_or_default(),
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
    let everyone = exhibit.groups.first().zip(variants.first());
    let findings = everyone.zip(edition).map(|((group, variant), edition)| {
        preflight::inspect(&Proof {
            edition,
            pages: &group.pages,
            letter: variant.letter.len(),
            newsletter,
            wants: &config.selection.wants(),
            sections: &exhibit.sections,
            now: exhibit.date,
        })
    });
    let mut findings = findings.unwrap_or_default();
    findings.extend_from_slice(template.findings());
    findings.sort_by_key(|finding| finding.gravity);
    Showing {
        version,
        findings,
        web: edition.map(|edition| render::web(edition, newsletter, template, None)),
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
        relay: exhibit.relay,
        before: None,
    }
}

/// Its stories in their places, with the why that stands beside each.
fn spots(edition: &Edition) -> Vec<Spot> {
    let spot = |list, (place, placed): (usize, &Placed)| Spot {
        list,
        place,
        headline: placed.story.headline.clone(),
        url: placed.story.url.clone(),
        why: placed.why.clone(),
    };
    let of = |list| (1..).zip(edition.list(list)).map(move |at| spot(list, at));
    List::ALL.into_iter().flat_map(of).collect()
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
        Some(path) => State::Draft {
            file: Line::clean(&path.display().to_string()),
            held: false,
        },
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
        relay: None,
        before: None,
    }
}

/// The address a previewed letter is made out to: nobody's, at the newsletter's own domain.
fn sample_reader(newsletter: &Newsletter) -> Address {
    Address::parse(&format!("reader@{}", newsletter.from.address.domain()))
        .unwrap_or_else(|_| newsletter.from.address.clone())
}

/// Keys of nobody: links in a previewed letter have the form of a reader's own, and open nothing.
fn sample_keys() -> Option<Arc<Keys>> {
    Keys::parse(&Keys::file(&[0; 32])).ok().map(Arc::new)
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

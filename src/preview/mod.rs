//! What the preview shows: the same pages that proof and send make, with the reasons beside them. It sends nothing and writes nothing.

mod watch;

pub use watch::{Watch, watch};

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::address::Address;
use crate::config::{Config, Readers};
use crate::desk::editions;
use crate::edition::{Edition, List, Placed, Slug};
use crate::line::Line;
use crate::link::Origin;
use crate::message::{Copy, Press, RunKey};
use crate::newsletter::Newsletter;
use crate::pages::Pages;
use crate::preflight::{self, Proof};
use crate::render::{self, Template};
use crate::story::Miss;
use crate::subscriber::Subscriber;
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
    /// The sources that gave nothing.
    pub misses: Vec<Miss>,
    /// Who would get it, in words.
    pub audience: Option<Line>,
    /// Where a proof of it goes, in words.
    pub relay: Option<Line>,
}

/// Readers who get the same pages.
pub struct Group {
    /// Their sections; none: all of them.
    pub sections: Vec<Line>,
    /// How many get them; `None` when that is not known any more.
    pub readers: Option<usize>,
    /// The pages.
    pub pages: Pages,
}

/// The pages of an edition for everyone, and for each set of sections that a subscriber asks for. Nobody who is paused is counted.
#[must_use]
pub fn groups(
    edition: &Edition,
    newsletter: &Newsletter,
    template: &Template,
    subscribers: &[Subscriber],
) -> Vec<Group> {
    let mut groups = vec![Group {
        sections: Vec::new(),
        readers: None,
        pages: render::pages(edition, newsletter, template),
    }];
    // By set of sections: its group, if any story is left for it.
    let mut sets = HashMap::from([(Vec::new(), Some(0))]);
    let mut counts = vec![0];
    for subscriber in subscribers {
        let group = *sets.entry(subscriber.section_set()).or_insert_with(|| {
            let sections = &subscriber.sections;
            let edition = edition
                .for_sections(sections)
                .filter(|_| groups.len() < MOST_GROUPS)?;
            let mut sections = sections.clone();
            sections.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
            groups.push(Group {
                sections,
                readers: None,
                pages: render::pages(&edition, newsletter, template),
            });
            counts.push(0);
            Some(groups.len() - 1)
        });
        if let Some(group) = group.filter(|_| !subscriber.paused.on(edition.slug.day())) {
            counts[group] += 1;
        }
    }
    for (group, count) in groups.iter_mut().zip(counts) {
        group.readers = Some(count);
    }
    groups
}

/// Frozen pages and who gets them, as far as edition and subscribers still give the same pages.
#[must_use]
pub fn frozen(
    pages: Vec<Pages>,
    edition: Option<&Edition>,
    newsletter: &Newsletter,
    template: &Template,
    subscribers: &[Subscriber],
) -> Vec<Group> {
    let mut known = edition.map_or_else(Vec::new, |edition| {
        groups(edition, newsletter, template, subscribers)
    });
    pages
        .into_iter()
        .map(
            |pages| match known.iter().position(|group| group.pages == pages) {
                Some(at) => known.swap_remove(at),
                None => Group {
                    sections: Vec::new(),
                    readers: None,
                    pages,
                },
            },
        )
        .collect()
}

impl Group {
    /// What they are called: their sections; of unknown ones, their number.
    fn name(&self, index: usize) -> Line {
        if self.sections.is_empty() {
            return match index {
                0 => Line::clean("All sections"),
                _ => Line::clean(&format!("Sections {index}")),
            };
        }
        let names: Vec<&str> = self.sections.iter().map(Line::as_str).collect();
        Line::clean(&names.join(", "))
    }
}

/// More sets of sections than this are not shown: the list would be longer than the page.
const MOST_GROUPS: usize = 12;

/// The page's state.
#[must_use]
pub fn showing(version: u64, exhibit: Exhibit, config: &Config) -> Showing {
    let template = &config.template;
    let newsletter = &exhibit.newsletter;
    let edition = exhibit.edition.as_ref();
    let reader = sample_reader(newsletter);
    let variants = exhibit.groups.iter().enumerate().map(|(index, group)| {
        let pages = &group.pages;
        let press = Press::new(
            newsletter,
            &exhibit.slug,
            pages,
            &exhibit.key,
            exhibit.date,
            Copy::Edition,
        )
        .signed(config.signer.as_ref());
        let printed = edition.and_then(|edition| edition.for_sections(&group.sections));
        // What unknown readers get of a frozen edition is unknown too.
        let printed = printed.filter(|_| index == 0 || !group.sections.is_empty());
        Variant {
            name: group.name(index),
            readers: group.readers,
            stories: printed.map_or_else(Vec::new, |printed| spots(&printed)),
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
            wants_most_read: config.selection.most_read > 0,
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
        relay: None,
        before: None,
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

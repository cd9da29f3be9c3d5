//! Looks at the newsroom's files and the ledger, and makes of them what the page shows: the same pages that proof and send make, with the
//! reasons beside them. It writes nothing but the version of an edition file that somebody has saved.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::brought::{brought, versions};
use super::groups::{self, ReaderGroup};
use super::showing::{EditionFile, EditionState, Showing, Spot, Variant};
use super::subscriber_counts::{SubscriberCounts, SubscriberGroup, audience, sections};
use crate::config::Config;
use crate::draft::{self, Asking, DraftError};
use crate::ledger::{Ledger, LedgerError, PackedPages, Run, Target};
use crate::message::{LetterKind, LetterTemplate, RunKey};
use crate::model::address::Address;
use crate::model::edition::{Edition, List, Placed, Slug};
use crate::model::line::Line;
use crate::model::newsletter::Newsletter;
use crate::model::pages::Pages;
use crate::model::problem::Problem;
use crate::model::story::Miss;
use crate::model::token::Keys;
use crate::model::zone::Clock;
use crate::newsroom::reasons::{Reason, Reasons};
use crate::newsroom::{self, editions};
use crate::preflight::{self, Inspection};
use crate::render;

/// Where the desk works: the newsroom's config as it is at each look, the time, and fresh random bytes.
pub struct DeskSetup {
    pub config_file: PathBuf,
    pub read_config: Box<dyn Fn() -> Result<Config, Vec<Problem>> + Send + Sync>,
    /// The edition to show; `None`: the one that it is time for.
    pub date: Option<Slug>,
    pub clock: Clock,
    /// Clients in access logs are told apart under it.
    pub salt: u64,
    /// Whether the edition file may be edited.
    pub can_edit: bool,
}

impl DeskSetup {
    pub(super) fn slug(&self, config: &Config) -> Slug {
        let now = || config.edition((self.clock)());
        self.date.clone().unwrap_or_else(now)
    }
}

/// What would be shown of the newsroom as it is now, broken or not.
pub async fn look_once(premises: &DeskSetup) -> Showing {
    let mut asking = Asking::once(premises.salt);
    look(
        1,
        None,
        &mut SubscriberCounts::default(),
        &mut asking,
        premises,
    )
    .await
}

/// The newsroom as it is now; where something in it is broken, `last` with its problems.
pub(super) async fn look(
    version: u64,
    last: Option<&Showing>,
    counts: &mut SubscriberCounts,
    asking: &mut Asking,
    premises: &DeskSetup,
) -> Showing {
    let (empty, problems) = match (premises.read_config)() {
        Ok(config) => match current(version, &config, counts, asking, premises).await {
            Ok(showing) => return showing,
            Err(problems) => (
                Showing::empty(Some(&config), premises.slug(&config)),
                problems,
            ),
        },
        Err(problems) => {
            let today = Slug::of((premises.clock)().date_naive());
            (Showing::empty(None, today), problems)
        }
    };
    Showing {
        version,
        problems,
        ..last.cloned().unwrap_or(empty)
    }
}

/// The edition that is shown: as frozen, as its file says, or as it would be drafted now.
struct ShownEdition {
    /// As frozen, or as the config says now.
    newsletter: Newsletter,
    state: EditionState,
    /// `None` when a frozen file can no longer be read.
    edition: Option<Edition>,
    /// The whole edition first.
    groups: Vec<ReaderGroup>,
    key: RunKey,
    /// The letter's date.
    date: DateTime<Utc>,
    reasons: Vec<Reason>,
    misses: Vec<Miss>,
    /// The version of its file.
    edition_version: Option<u64>,
}

async fn current(
    version: u64,
    config: &Config,
    counts: &mut SubscriberCounts,
    asking: &mut Asking,
    premises: &DeskSetup,
) -> Result<Showing, Vec<Problem>> {
    let slug = premises.slug(config);
    let crowds = counts.of(config)?;
    let no_ledger = |error: LedgerError| vec![Problem::of(&error)];
    // What is edited is kept in versions, so the desk makes the ledger that a newsroom may not have yet.
    let mut ledger = if premises.can_edit {
        Ledger::open(&config.ledger).map(Some)
    } else {
        Ledger::open_if_any(&config.ledger)
    }
    .map_err(no_ledger)?;
    let known = ledger.as_ref().map(|ledger| frozen(ledger, config, &slug));
    let shown = if let Some((run, pages)) = known.transpose().map_err(no_ledger)?.flatten() {
        shown_as_frozen(&run, pages, config, &slug, crowds)?
    } else {
        let about = (config, &slug, ledger.as_mut());
        shown_as_drafted(about, crowds, asking, premises).await?
    };
    let template = &config.template;
    let newsletter = &shown.newsletter;
    let edition = shown.edition.as_ref();
    let variants = variants(&shown, config, &slug);
    let everyone = shown.groups.first().zip(variants.first());
    let findings = everyone.zip(edition).map(|((group, variant), edition)| {
        preflight::inspect(&Inspection {
            edition,
            pages: &group.pages,
            letter: variant.letter.len(),
            newsletter,
            wants: &config.selection.wants(),
            sections: &sections(crowds, &slug),
            now: shown.date,
        })
    });
    let mut findings = findings.unwrap_or_default();
    if edition.is_some_and(|edition| edition.machine_lines().next().is_some()) {
        let text = editions::read_source(&config.editions(), &slug)
            .ok()
            .flatten();
        let is_approved = ledger.as_ref().zip(text).is_some_and(|(ledger, text)| {
            let id = &newsletter.id;
            ledger.is_text_approved(id, &slug, &text).unwrap_or(false)
        });
        // Whoever approved it has read the machine's words.
        findings.retain(|finding| !is_approved || finding.name != preflight::MACHINE_WRITTEN);
    }
    findings.extend_from_slice(template.findings());
    findings.sort_by_key(|finding| finding.gravity);
    let from = &newsletter.from;
    let name = from.name.clone();
    let path = editions::path_of(&config.editions(), &slug);
    Ok(Showing {
        version,
        findings,
        pictures: Some(config.pictures.clone()),
        web: edition.map(|edition| render::web(edition, newsletter, template, None)),
        newsletter: newsletter.name.clone(),
        from: name.unwrap_or_else(|| Line::clean(from.address.reveal())),
        variants,
        state: shown.state,
        source: newsroom::read_text(&path, editions::LARGEST)
            .ok()
            .map(|text| EditionFile {
                file: Line::clean(&path.display().to_string()),
                text,
            }),
        reasons: shown.reasons,
        misses: shown.misses,
        problems: Vec::new(),
        audience: Line::non_empty(&audience(crowds, &slug)),
        relay: Line::non_empty(&config.relays.place()),
        before: None,
        versions: match (&ledger, shown.edition_version) {
            (Some(ledger), Some(_)) => versions(ledger, config, &slug),
            _ => Vec::new(),
        },
        results: ledger.and_then(|ledger| brought(&ledger, config, &slug, (premises.clock)())),
        edition_version: shown.edition_version,
        drafted: editions::read_drafted(&config.editions(), &slug),
        send_at: (config
            .schedule
            .as_ref()
            .and_then(|schedule| schedule.run_of(&slug)))
        .map(|run| config.newsletter.zone.at(run.send_at).fixed_offset()),
        edition: shown.edition,
        slug,
    })
}

fn shown_as_frozen(
    run: &Run,
    pages: Vec<Pages>,
    config: &Config,
    slug: &Slug,
    crowds: &[SubscriberGroup],
) -> Result<ShownEdition, Vec<Problem>> {
    let folder = config.editions();
    let edition = Edition::from_toml(slug.clone(), "", &run.edition).ok();
    let differs = |edition| editions::differs(&folder, slug, edition);
    let newsletter = run.newsletter(&config.newsletter).ok_or_else(|| {
        vec![Problem::new(format!(
            "the letterhead of {slug} in the ledger is broken"
        ))]
    })?;
    let (reasons, misses) = reasons_of_file(config, slug)?;
    Ok(ShownEdition {
        newsletter,
        state: EditionState::Frozen {
            when: config.newsletter.zone.at(run.frozen).fixed_offset(),
            changed_since: edition.as_ref().is_some_and(differs),
        },
        groups: groups::frozen(pages, edition.as_ref(), crowds),
        edition,
        edition_version: None,
        key: RunKey(run.key),
        date: run.frozen,
        reasons,
        misses,
    })
}

async fn shown_as_drafted(
    (config, slug, mut ledger): (&Config, &Slug, Option<&mut Ledger>),
    crowds: &[SubscriberGroup],
    asking: &mut Asking,
    premises: &DeskSetup,
) -> Result<ShownEdition, Vec<Problem>> {
    let now = (premises.clock)();
    let folder = config.editions();
    // The page is shown all the same if the ledger is busy: the next look keeps it.
    let kept = ledger
        .as_mut()
        .map(|ledger| draft::keep_saved(config, ledger, slug, &premises.clock));
    let edition_version = kept.and_then(Result::ok).flatten();
    let (state, edition, (reasons, misses)) = if let Some(edition) = editions::read(&folder, slug)?
    {
        let file = editions::path_of(&folder, slug).display().to_string();
        let state = EditionState::Draft {
            file: Line::clean(&file),
            held: edition.hold,
        };
        (state, edition, reasons_of_file(config, slug)?)
    } else {
        let draft = Box::pin(draft::draft(config, ledger, slug, None, now, asking)).await;
        let draft = draft.map_err(no_draft)?;
        let reasons = serde_json::to_string(&draft.selection)
            .map(|text| read_reasons(&text))
            .unwrap_or_default();
        let edition = draft.edition.ok_or_else(|| quiet_day(config))?;
        (EditionState::WouldDraft, edition, reasons)
    };
    Ok(ShownEdition {
        newsletter: config.newsletter.clone(),
        state,
        groups: groups::groups(&edition, &config.newsletter, &config.template, crowds),
        edition: Some(edition),
        edition_version,
        key: RunKey([0; 16]),
        date: now,
        reasons,
        misses,
    })
}

fn frozen(
    ledger: &Ledger,
    config: &Config,
    slug: &Slug,
) -> Result<Option<(Run, Vec<Pages>)>, LedgerError> {
    let Some(run) = ledger.run(config.runs_of(), slug, &Target::Relay)? else {
        return Ok(None);
    };
    let pages = ledger.pages(run.id)?;
    let pages = pages.iter().take(groups::MOST).map(PackedPages::unpack);
    let pages = pages.collect::<Result<_, _>>()?;
    Ok(Some((run, pages)))
}

/// One letter for each group, as it would be handed over.
fn variants(shown: &ShownEdition, config: &Config, slug: &Slug) -> Vec<Variant> {
    let newsletter = &shown.newsletter;
    let reader = sample_reader(newsletter);
    // Keys of nobody: links in a previewed letter have the form of a reader's own, and open nothing.
    let keys = Keys::parse(&Keys::file(&[0; 32])).ok().map(Arc::new);
    let variant = |group: &ReaderGroup| {
        let pages = &group.pages;
        let template = LetterTemplate::new(
            newsletter,
            slug,
            pages,
            &shown.key,
            shown.date,
            LetterKind::Edition,
        )
        .signed(config.relays.first().signer.as_ref())
        .sealed(newsletter, keys.as_ref(), 0);
        let letter = template.letter(0, &reader, None);
        Variant {
            name: group.name.clone(),
            readers: group.readers,
            stories: group.edition.as_ref().map(spots).unwrap_or_default(),
            subject: pages.subject.clone(),
            opening: pages.opening.clone(),
            html: template.html(pages),
            text: template.text(pages),
            letter: letter.map(|letter| letter.bytes).unwrap_or_default(),
        }
    };
    shown.groups.iter().map(variant).collect()
}

/// Its stories in their places, each with the reason written beside it.
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

/// The address a previewed letter is made out to: nobody's, at the newsletter's own domain.
fn sample_reader(newsletter: &Newsletter) -> Address {
    Address::parse(&format!("reader@{}", newsletter.from.address.domain()))
        .unwrap_or_else(|_| newsletter.from.address.clone())
}

fn reasons_of_file(config: &Config, slug: &Slug) -> Result<(Vec<Reason>, Vec<Miss>), Vec<Problem>> {
    let text =
        editions::read_why(&config.editions(), slug).map_err(|error| vec![Problem::of(&error)])?;
    Ok(text.as_deref().map(read_reasons).unwrap_or_default())
}

/// Those chosen first. A file of reasons that a person broke shows none, and harms nothing.
fn read_reasons(json: &str) -> (Vec<Reason>, Vec<Miss>) {
    let Ok(mut reasons) = Reasons::parse(json) else {
        return Default::default();
    };
    reasons
        .candidates
        .sort_by_key(|reason| reason.slots.is_empty());
    (reasons.candidates, reasons.misses)
}

fn quiet_day(config: &Config) -> Vec<Problem> {
    let what = format!(
        "a quiet day: fewer than {} stories can be printed, so there is no edition",
        config.selection.minimum
    );
    vec![Problem::new(what).hint("`newsdigest explain` says why each was passed over")]
}

fn no_draft(error: DraftError) -> Vec<Problem> {
    let mut problems = vec![Problem::new(error.to_string())];
    if let DraftError::NoSource { misses, .. } | DraftError::Lacking { misses, .. } = error {
        problems.extend(
            misses
                .into_iter()
                .map(|miss| Problem::new(format!("{}: {}", miss.source, miss.what))),
        );
    }
    problems
}

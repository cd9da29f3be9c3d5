//! Editions that were really sent, as pages. A frozen edition never changes, so each is rendered once, and again when it is corrected.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{NotDone, Service, lock};
use crate::ledger::{Ledger, LedgerError, Run, RunId, SentRun, Target};
use crate::model::edition::{Edition, Question, Slug};
use crate::model::line::Line;
use crate::model::newsletter::Letterhead;
use crate::render;
use crate::site::Publication;

/// So many pages are kept; the archive's visitors come for the newest ones.
const KEPT: usize = 64;

/// An edition in the list of those that were really sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    pub slug: Slug,
    pub subject: Line,
    /// Its first visible line.
    pub opening: Line,
    /// When it was frozen; it never changes after.
    pub frozen: DateTime<Utc>,
    /// How many corrections of it were sent.
    pub corrections: usize,
    /// Whether its letters name its page without its newsletter's name: it was frozen when there was one newsletter.
    pub is_of_the_only: bool,
}

/// An edition as a page of its own.
#[derive(Clone, Debug)]
pub struct EditionPage {
    /// The whole document.
    pub html: String,
    pub frozen: DateTime<Utc>,
}

/// What the letters of an edition asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// As they printed it.
    pub question: Question,
    run: RunId,
}

/// What has been rendered of one newsletter.
#[derive(Default)]
pub(super) struct RenderedArchive {
    asked: HashMap<Slug, Arc<Asked>>,
    lines: HashMap<Slug, Archived>,
    /// By how many corrections are on top.
    pages: HashMap<(Slug, usize), Arc<EditionPage>>,
}

impl Service {
    /// Newest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn editions(
        self: Arc<Self>,
        of: Arc<Publication>,
    ) -> Result<Arc<[Archived]>, NotDone> {
        self.look(move |service| {
            let (ledger, archives) = &mut *lock(&service.archive);
            service.or_later(archived(&of, ledger, archive_of(&of, archives)))
        })
        .await
    }

    /// One edition as a page.
    ///
    /// # Errors
    /// It was not sent, or the ledger cannot be read.
    pub async fn edition(
        self: Arc<Self>,
        of: Arc<Publication>,
        slug: Slug,
    ) -> Result<Arc<EditionPage>, NotDone> {
        self.look(move |service| {
            let (ledger, archives) = &mut *lock(&service.archive);
            let page = rendered(&of, &slug, ledger, archive_of(&of, archives));
            service.or_later(page)?.ok_or(NotDone::Unknown)
        })
        .await
    }

    /// What the letters of an edition asked.
    ///
    /// # Errors
    /// It was not frozen for readers, it asked nothing, or the ledger cannot be read.
    pub async fn asked(
        self: Arc<Self>,
        of: Arc<Publication>,
        slug: Slug,
    ) -> Result<Arc<Asked>, NotDone> {
        self.look(move |service| {
            let (ledger, archives) = &mut *lock(&service.archive);
            let asked = asked_in(&of, &slug, ledger, archive_of(&of, archives));
            service.or_later(asked)?.ok_or(NotDone::Unknown)
        })
        .await
    }

    /// Counts an answer, by its place in the question.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn answer(self: Arc<Self>, asked: Arc<Asked>, answer: usize) -> Result<(), NotDone> {
        let counted = self.writer.answer(asked.run, answer).await;
        self.or_later(counted)
    }
}

fn archive_of<'a>(
    of: &Publication,
    archives: &'a mut HashMap<String, RenderedArchive>,
) -> &'a mut RenderedArchive {
    archives.entry(of.newsletter.id.clone()).or_default()
}

fn asked_in(
    of: &Publication,
    slug: &Slug,
    ledger: &Ledger,
    archive: &mut RenderedArchive,
) -> Result<Option<Arc<Asked>>, LedgerError> {
    if let Some(asked) = archive.asked.get(slug) {
        return Ok(Some(Arc::clone(asked)));
    }
    let Some((run, edition)) = frozen(of, ledger, slug)? else {
        return Ok(None);
    };
    let edition = render::typeset(&edition, &of.template);
    let asked = edition.question.map(|question| {
        let run = run.id;
        Arc::new(Asked { question, run })
    });
    if archive.asked.len() >= KEPT {
        archive.asked.clear();
    }
    archive
        .asked
        .extend(asked.clone().map(|asked| (slug.clone(), asked)));
    Ok(asked)
}

fn archived(
    of: &Publication,
    ledger: &Ledger,
    archive: &mut RenderedArchive,
) -> Result<Arc<[Archived]>, LedgerError> {
    let template = &of.template;
    let mut lines = Vec::new();
    let corrections = ledger.corrections_sent(of.runs_of())?;
    let corrections_of = |slug: &Slug| {
        let same = corrections
            .iter()
            .filter(|one| one.corrected().as_ref() == Some(slug));
        same.count()
    };
    for SentRun {
        slug, frozen: at, ..
    } in ledger.sent(of.runs_of())?
    {
        if !archive.lines.contains_key(&slug)
            && let Some((run, edition)) = frozen(of, ledger, &slug)?
        {
            let edition = render::typeset(&edition, template);
            let line = Archived {
                slug: slug.clone(),
                subject: render::subject(&edition, template),
                opening: render::opening(&edition, template),
                frozen: at,
                corrections: 0,
                is_of_the_only: is_of_the_only(&run),
            };
            archive.lines.insert(slug.clone(), line);
        }
        lines.extend(archive.lines.get(&slug).map(|line| Archived {
            corrections: corrections_of(&slug),
            ..line.clone()
        }));
    }
    Ok(lines.into())
}

fn rendered(
    of: &Publication,
    slug: &Slug,
    ledger: &Ledger,
    archive: &mut RenderedArchive,
) -> Result<Option<Arc<EditionPage>>, LedgerError> {
    let corrections = ledger.corrections_sent(of.runs_of())?.into_iter();
    let corrections = corrections.filter(|one| one.corrected().as_ref() == Some(slug));
    let key = (slug.clone(), corrections.count());
    if let Some(page) = archive.pages.get(&key) {
        return Ok(Some(Arc::clone(page)));
    }
    let sent = ledger.sent(of.runs_of())?;
    if !sent.iter().any(|sent| sent.slug == *slug) {
        return Ok(None);
    }
    let Some((run, edition)) = frozen(of, ledger, slug)? else {
        return Ok(None);
    };
    let newsletter = run.newsletter(&of.newsletter);
    let newsletter = newsletter.as_ref().unwrap_or(&of.newsletter);
    let canonical = of.public.edition(slug);
    let corrections = ledger.corrections(run.id)?;
    let corrections: Vec<Edition> = corrections
        .iter()
        .filter_map(|one| Edition::from_toml(one.slug.clone(), "", &one.edition).ok())
        .collect();
    let page = Arc::new(EditionPage {
        html: render::corrected(
            &edition,
            newsletter,
            &of.template,
            canonical.as_ref(),
            &corrections,
        ),
        frozen: run.frozen,
    });
    if archive.pages.len() >= KEPT {
        archive.pages.clear();
    }
    archive.pages.insert(key, Arc::clone(&page));
    Ok(Some(page))
}

fn is_of_the_only(run: &Run) -> bool {
    let head = run.letterhead.as_ref();
    head.and_then(Letterhead::public_newsletter).is_none()
}

/// The edition as it was frozen; `None`: this program cannot read it any more.
pub(super) fn frozen(
    of: &Publication,
    ledger: &Ledger,
    slug: &Slug,
) -> Result<Option<(Run, Edition)>, LedgerError> {
    let Some(run) = ledger.run(of.runs_of(), slug, &Target::Relay)? else {
        return Ok(None);
    };
    let edition = Edition::from_toml(slug.clone(), "", &run.edition).ok();
    Ok(edition.map(|edition| (run, edition)))
}

//! Editions that were really sent, as pages. A frozen edition never changes, so each is rendered once.

use std::collections::HashMap;
use std::sync::Arc;

use super::Service;
use crate::ledger::{Ledger, LedgerError, Run, Target};
use crate::model::ask::{Answer, Archived, Page};
use crate::model::edition::{Edition, Slug};
use crate::render;

/// So many pages are kept; the archive's visitors come for the newest ones.
const KEPT: usize = 64;

/// What has been rendered.
#[derive(Default)]
pub(super) struct Archive {
    lines: HashMap<Slug, Archived>,
    pages: HashMap<Slug, Arc<Page>>,
}

impl Service {
    pub(super) fn editions(
        &self,
        ledger: &Ledger,
        archive: &mut Archive,
    ) -> Result<Answer, LedgerError> {
        let mut lines = Vec::new();
        for (slug, at) in ledger.sent()? {
            if !archive.lines.contains_key(&slug)
                && let Some((_, edition)) = frozen(ledger, &slug)?
            {
                let edition = render::typeset(&edition, &self.template);
                let line = Archived {
                    slug: slug.clone(),
                    subject: render::subject(&edition, &self.template),
                    opening: render::opening(&edition, &self.template),
                    frozen: at,
                };
                archive.lines.insert(slug.clone(), line);
            }
            lines.extend(archive.lines.get(&slug).cloned());
        }
        Ok(Answer::Editions(lines.into()))
    }

    pub(super) fn page(
        &self,
        slug: &Slug,
        ledger: &Ledger,
        archive: &mut Archive,
    ) -> Result<Answer, LedgerError> {
        if let Some(page) = archive.pages.get(slug) {
            return Ok(Answer::Edition(Arc::clone(page)));
        }
        if !ledger.sent()?.iter().any(|(sent, _)| sent == slug) {
            return Ok(Answer::Unknown);
        }
        let Some((run, edition)) = frozen(ledger, slug)? else {
            return Ok(Answer::Unknown);
        };
        let newsletter = run.newsletter(&self.newsletter);
        let newsletter = newsletter.as_ref().unwrap_or(&self.newsletter);
        let canonical = self.public.edition(slug);
        let page = Arc::new(Page {
            html: render::web(&edition, newsletter, &self.template, canonical.as_ref()),
            frozen: run.frozen,
        });
        if archive.pages.len() >= KEPT {
            archive.pages.clear();
        }
        archive.pages.insert(slug.clone(), Arc::clone(&page));
        Ok(Answer::Edition(page))
    }
}

/// The edition as it was frozen; `None`: this program cannot read it any more.
fn frozen(ledger: &Ledger, slug: &Slug) -> Result<Option<(Run, Edition)>, LedgerError> {
    let Some(run) = ledger.run(slug, &Target::Relay)? else {
        return Ok(None);
    };
    let edition = Edition::from_toml(slug.clone(), "", &run.edition).ok();
    Ok(edition.map(|edition| (run, edition)))
}

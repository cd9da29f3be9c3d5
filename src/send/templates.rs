//! The letters of a run as one relay takes them, as templates: one for each of its page sets, made when a letter needs it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ledger::PackedPages;
use crate::message::LetterTemplate;
use crate::model::pages::Pages;

/// So many are kept besides the whole edition's: an edition with more page sets makes some of them anew, and memory stays flat.
const KEPT: usize = 64;

/// What makes a template of pages.
type Make = Box<dyn Fn(&Pages) -> LetterTemplate + Send + Sync>;

pub(super) struct Templates {
    make: Make,
    pages: Arc<[PackedPages]>,
    /// Of the whole edition, which most readers get; `None` if the ledger holds none.
    whole: Option<Arc<LetterTemplate>>,
    /// The others made last, by the number of their pages.
    made: Mutex<VecDeque<(usize, Arc<LetterTemplate>)>>,
}

impl Templates {
    pub(super) fn new(
        pages: Arc<[PackedPages]>,
        make: impl Fn(&Pages) -> LetterTemplate + Send + Sync + 'static,
    ) -> Self {
        let whole = pages.first().and_then(|pages| pages.unpack().ok());
        Self {
            whole: whole.map(|pages| Arc::new(make(&pages))),
            make: Box::new(make),
            pages,
            made: Mutex::default(),
        }
    }

    /// The template of those pages; `None`: the run has no such pages, or they cannot be read.
    pub(super) fn get(&self, page_set: usize) -> Option<Arc<LetterTemplate>> {
        if page_set == 0 {
            return self.whole.clone();
        }
        let lock = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = lock().iter().find(|(number, _)| *number == page_set) {
            return Some(Arc::clone(made));
        }
        let pages = self.pages.get(page_set)?.unpack().ok()?;
        let template = Arc::new((self.make)(&pages));
        let mut made = lock();
        if made.len() == KEPT {
            made.pop_front();
        }
        made.push_back((page_set, Arc::clone(&template)));
        Some(template)
    }

    /// Octets of the largest letter, or nearly: all others are parts of the whole edition.
    pub(super) fn heaviest(&self) -> usize {
        self.whole.as_ref().map_or(0, |whole| whole.size())
    }
}

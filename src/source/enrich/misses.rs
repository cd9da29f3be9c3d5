//! What is said of the pages that gave nothing: a sentence for each host.

use std::time::Duration;

use super::StoryPage;
use crate::model::line::Line;
use crate::model::story::Miss;

/// Pages that gave nothing, by host.
#[derive(Default)]
pub(super) struct Misses {
    /// The host does not want them read.
    pub(super) barred: Vec<Missed>,
    pub(super) failed: Vec<Missed>,
    /// The source of each.
    pub(super) unasked: Vec<Line>,
}

/// Those of one host.
pub(super) struct Missed {
    host: Line,
    source: Line,
    pages: usize,
    /// What happened to the first.
    what: String,
}

impl Misses {
    pub(super) fn add(list: &mut Vec<Missed>, page: &StoryPage<'_>, what: &str) {
        let host = Line::clean_to(page.link.host(), 80);
        match list.iter_mut().find(|missed| missed.host == host) {
            Some(missed) => missed.pages += 1,
            None => list.push(Missed {
                host,
                source: page.source.clone(),
                pages: 1,
                what: what.to_owned(),
            }),
        }
    }

    /// All of them in words: of `all` pages, in that time.
    pub(super) fn told(self, all: usize, time: Duration) -> Vec<Miss> {
        let failed = self.failed.iter().map(|missed| {
            let first = if missed.pages == 1 { "it" } else { "the first" };
            let what = format!("{} gave nothing: {first} {}", missed.pages(), missed.what);
            (missed.source.clone(), what)
        });
        let barred = self.barred.iter().map(|missed| {
            let what = format!(
                "{} may not be read: `robots.txt` there forbids it",
                missed.pages()
            );
            (missed.source.clone(), what)
        });
        let unasked = self.unasked.first().map(|source| {
            let what = format!(
                "{} of {all} story pages were not read: {} s are the time for all",
                self.unasked.len(),
                time.as_secs_f64()
            );
            (source.clone(), what)
        });
        failed
            .chain(barred)
            .chain(unasked)
            .map(|(source, what)| Miss {
                source,
                what: Line::clean(&what),
            })
            .collect()
    }
}

impl Missed {
    fn pages(&self) -> String {
        let pages = match self.pages {
            1 => "1 story page".to_owned(),
            more => format!("{more} story pages"),
        };
        format!("{pages} of `{}`", self.host)
    }
}

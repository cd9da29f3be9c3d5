//! A conversation with a service: what is asked, and what each answer means. No I/O here.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use super::fault::Fault;
use super::request::Request;
use super::span::Span;
use super::tally::Tally;
use crate::model::figures::grouped;
use crate::model::letter_links::EditionLinks;
use crate::model::line::Line;
use crate::model::zone::Zone;

/// What a service is asked for.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Views,
    /// Totals that are kept as a sample: when the last of those views was is not asked.
    Sample,
    /// Visits that an edition's letters brought, by what their links said.
    Arrivals(Arc<EditionLinks>),
}

/// What a conversation is about, whatever the service.
pub(super) struct Asked<'s> {
    pub(super) server: &'s Url,
    /// The zone of times without an offset.
    pub(super) zone: &'s Zone,
    pub(super) span: Span,
    pub(super) wanted: Wanted,
}

impl Asked<'_> {
    /// The edition whose arrivals are wanted.
    pub(super) const fn links(&self) -> Option<&Arc<EditionLinks>> {
        match &self.wanted {
            Wanted::Arrivals(links) => Some(links),
            Wanted::Views | Wanted::Sample => None,
        }
    }

    /// The end of what is asked about: of arrivals, no more than the day of their edition.
    pub(super) fn end(&self) -> DateTime<Utc> {
        let links = self.links();
        links.map_or(self.span.to, |links| self.span.to.min(links.until))
    }
}

/// What a service calls the pairs of our links; `known` are the names that it keeps, each with its own word for it.
///
/// # Errors
/// It does not keep one of them.
pub(super) fn own_words(
    links: &EditionLinks,
    service: &str,
    known: &[(&str, &'static str)],
) -> Result<Vec<&'static str>, Fault> {
    let own = |name: &String| {
        let found = known.iter().find(|(pair, _)| pair == name);
        found.map(|(_, own)| *own).ok_or_else(|| {
            let kept: Vec<&str> = known.iter().map(|(pair, _)| *pair).collect();
            Fault::says(format!(
                "cannot tell arrivals: of the pairs in `[links] add` {service} keeps only `{}`, not `{}`",
                kept.join("`, `"),
                Line::clean_to(name, 40)
            ))
        })
    };
    links.names().iter().map(own).collect()
}

/// A conversation with one service. The wire sends its requests and brings back the answers.
pub(super) trait Conversation: Send {
    /// The first request.
    ///
    /// # Errors
    /// Nothing can be asked; the sentence says why.
    fn begin(&mut self) -> Result<Request, Fault>;

    /// Takes the body of a good answer: adds its rows to `tally`, and says what to ask next.
    ///
    /// # Errors
    /// The answer is an error in disguise, or no answer to what was asked.
    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault>;

    /// Whether it has one row for each page (and hour): a row of an earlier answer that comes again is the same one. Not so of a statement
    /// that does not group its rows.
    fn rows_are_distinct(&self) -> bool {
        true
    }

    /// What a person should look at when the service answers with that status.
    fn hint(&self, status: u16) -> Option<&'static str>;
}

/// The answers to one question, each with so many rows at most.
pub(super) struct Paging {
    size: u64,
    /// More rows are not read: behind them are pages that nobody reads.
    most: u64,
    /// Rows that came.
    pub(super) offset: u64,
}

impl Paging {
    pub(super) const fn new(size: u64, most: u64) -> Self {
        Self {
            size,
            most,
            offset: 0,
        }
    }

    /// Whether more is to be asked for after `came` rows of `all` that there are, if the service says it.
    ///
    /// # Errors
    /// It says that there are more, and gives none.
    pub(super) fn goes_on(
        &mut self,
        came: u64,
        all: Option<u64>,
        tally: &mut Tally,
    ) -> Result<bool, Fault> {
        self.offset += came;
        let is_over = match all {
            Some(all) => self.offset >= all,
            None => came < self.size,
        };
        if is_over {
            return Ok(false);
        }
        if came == 0 {
            return Err(Fault::says("says that it has more rows, but gives none"));
        }
        if self.offset >= self.most {
            tally.note(format!(
                "only its {} most read pages were read",
                grouped(self.offset)
            ));
            return Ok(false);
        }
        Ok(true)
    }
}

//! Rows by dimensions, as GA4 and Plausible give them.

use std::borrow::Cow;

use super::answer::Count;
use super::fault::Fault;
use super::tally::Tally;
use crate::model::line::Line;
use crate::model::when::When;

/// What a figure is of, and the figure.
pub(super) struct Row<'a> {
    pub(super) dimensions: Vec<Cow<'a, str>>,
    pub(super) figure: Option<Count>,
}

impl Row<'_> {
    fn at(&self, place: usize) -> Option<&str> {
        self.dimensions.get(place).map(|value| &**value)
    }

    /// As messages show it.
    fn shown(&self) -> String {
        self.dimensions.join(" ")
    }
}

/// Which dimension is which.
pub(super) struct Dimensions {
    hour: Option<usize>,
    host: Option<usize>,
    page: usize,
}

impl Dimensions {
    /// As they are asked for.
    pub(super) const ASKED: Self = Self {
        hour: Some(0),
        host: Some(1),
        page: 2,
    };
    /// What a row must have.
    pub(super) const EXPECTED: &'static str = "an hour, a host, a page and their views";

    /// As an answer that was saved names them; the service calls them so.
    ///
    /// # Errors
    /// None of them is a page.
    pub(super) fn named(
        names: &[String],
        [hours, hosts, pages]: [&[&str]; 3],
    ) -> Result<Self, Fault> {
        let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let page = find(pages).ok_or_else(|| {
            let found = Line::clean_to(&names.join("`, `"), 100);
            Fault::says(format!(
                "its figures are by `{found}`: expected `{}` among them",
                pages.first().copied().unwrap_or_default()
            ))
        })?;
        Ok(Self {
            hour: find(hours),
            host: find(hosts),
            page,
        })
    }

    /// Takes the views of a page.
    pub(super) fn take(
        &self,
        row: &Row<'_>,
        read: impl FnOnce(&str) -> Option<When>,
        tally: &mut Tally,
    ) {
        let (Some(page), Some(views)) = (row.at(self.page), &row.figure) else {
            return tally.unread(Self::EXPECTED, &row.shown());
        };
        let host = self.host.and_then(|host| row.at(host));
        let host = host.filter(|host| *host != "(not set)");
        match self.hour {
            None => tally.total(host, page, views),
            Some(hour) => {
                let hour = row.at(hour).unwrap_or_default();
                tally.at(host, page, (hour, read(hour)), views);
            }
        }
    }
}

/// Takes visits by hour, the page that they began with, and what its link said.
pub(super) fn take_arrival(
    row: &Row<'_>,
    read: impl FnOnce(&str) -> Option<When>,
    tally: &mut Tally,
) {
    let ([hour, page, words @ ..], Some(visits)) = (&row.dimensions[..], &row.figure) else {
        return tally.unread("an hour, a page and its visits", &row.shown());
    };
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    match read(hour) {
        None => tally.unread("a time", hour),
        read => tally.arrival(&words, Some(page), read, visits),
    }
}

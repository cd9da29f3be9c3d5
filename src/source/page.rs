//! HTML pages that list stories: by CSS selector, with what the page says of them in JSON-LD.

use crate::line::Line;
use crate::link::{Link, Origin};

use super::Limits;

/// A CSS selector that is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Css(scraper::Selector);

impl Css {
    /// Parses a selector, or several with commas between.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        scraper::Selector::parse(text).map(Self).map_err(|error| {
            format!(
                "`{}` is not a CSS selector: {error}",
                Line::clean_to(text, 60)
            )
        })
    }
}

/// Where on a page the stories stand, and their parts within each. A part that is `None` is looked for where pages usually have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What relative addresses of a page on disk are relative to.
    pub base: Link,
    /// Each story's element.
    pub story: Css,
    /// Its headline, and with it the link.
    pub headline: Option<Css>,
    /// Its section.
    pub section: Option<Css>,
    /// When it was published.
    pub time: Option<Css>,
    /// Who wrote it.
    pub byline: Option<Css>,
    /// The sentence under the headline.
    pub dek: Option<Css>,
    /// Its picture.
    pub picture: Option<Css>,
}

/// The links of a page in order, each story once, and when the page was made if that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The first is the first on the page.
    pub links: Vec<Link>,
    /// The file's time, or `Last-Modified`; `None`: now.
    pub taken: Option<chrono::DateTime<chrono::Utc>>,
}

/// Reads a page's list, such as a "most read" widget: `story` selects the links, or elements that each hold one.
///
/// # Errors
/// What is wrong with the page, in the form of [`crate::story::Miss::what`].
#[expect(clippy::unused_async, reason = "not written yet")]
pub async fn listed(
    origin: &Origin,
    story: &Css,
    base: &Link,
    limits: &Limits,
) -> Result<Listed, String> {
    _ = (origin, story, base, limits);
    Err("cannot be read yet".to_owned())
}

//! Stories from feeds and story files, on the web and on disk.
//!
//! It never fails and never chooses: what could not be read is a miss, and the rest goes on. Everything that comes in is hostile:
//! bounded in size, time and number, decoded, repaired, stripped of markup. What leaves this room is plain words and web addresses.
//!
//! ```text
//! bytes -> decode (encoding) -> feed (xml, broken or not | json) -> item -> story -> merge
//! HTML page -> tags (what a tree would cost) -> page (scraper), facts (JSON-LD) -> item
//! thin story -> enrich -> its own page -> tags -> facts (Open Graph, JSON-LD) -> item
//!          words of an item: plain (HTML away) -> dek, byline, section, picture
//! full text of an item, or the lede's page (dom_smoothie) -> story_text -> paragraphs
//! printed link -> answers: is anything there?
//! ```

mod answers;
mod decode;
mod dek;
mod enrich;
mod facts;
mod feed;
mod fetch;
mod gather;
mod guard;
mod health;
mod identity;
mod image;
mod item;
mod json;
mod kind;
mod last_good;
mod lede;
mod limits;
mod markdown;
mod merge;
mod page;
mod pictures;
mod plain;
mod polite;
mod reading;
mod sections;
mod seen;
mod sitemap;
mod sitemap_index;
mod stories;
mod story_page;
mod story_text;
mod tags;
mod xml;

pub use answers::answers;
pub use enrich::{enrich, thin};
pub use fetch::{FetchError, Fetched, Remembered, fetch};
#[cfg(test)]
use gather::gather;
pub use gather::{Gathered, Order, asked_too, gather_all};
pub use kind::{Kind, Source};
pub use lede::first_paragraphs;
pub use limits::{LIMITS, Limits};
pub use page::{Css, Layout, Listed, listed};
pub use pictures::{Much, pictures};
pub use sections::{LONGEST_SECTION, Sections};
pub use story_page::{PageSetting, story_at};

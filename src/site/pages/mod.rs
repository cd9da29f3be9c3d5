//! Readers' own pages: subscribe, confirm, preferences, leave, the archive; and what watches over them. It keeps nothing: what a reader
//! wants is asked at a [`Door`](crate::model::ask::Door), and its look and words are the template's. No page has a script.
//!
//! | path | GET, HEAD | POST |
//! |---|---|---|
//! | `` | the form to subscribe | sends a letter to confirm |
//! | `confirm/TOKEN` | a button | the reader is subscribed |
//! | `leave/TOKEN` | a button; changes nothing, for links are scanned | one-click (RFC 8058), at once, in both encodings |
//! | `preferences/TOKEN` | sections, pause, name | changes them |
//! | `preferences/TOKEN/data` | all that is held of the reader, as a file | |
//! | `preferences/TOKEN/erase` | a button | forgets the reader |
//! | `editions` `editions/DAY` `editions.atom` | what was really sent | |
//! | `healthz` `readyz` `metrics` | for those who watch, under the listener's own address only | |
//!
//! # Nothing to forge
//! There is no cookie, so no request carries a power its sender does not have: a token is the power, and it is in the path. The form to
//! subscribe needs none, so a browser's request from a foreign page is refused, and all it could do is send one letter to confirm.

mod archive;
mod desk;
mod form;
mod guard;
mod html;
mod kept;
mod limits;
mod meters;
mod reader;
mod reply;
mod route;
mod server;

#[cfg(test)]
mod tests;

pub use guard::Proxies;
pub use server::serve;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

use crate::model::line::Line;
use crate::model::newsletter::Newsletter;
use crate::model::public::Public;
use crate::model::token::Keys;
use crate::model::zone::Clock;
use crate::render::Template;

/// What the pages are about. All of it is fixed while they are served.
#[derive(Clone)]
pub struct Options {
    /// Whose pages they are.
    pub newsletter: Newsletter,
    /// Where they are reached from outside.
    pub public: Public,
    /// How they look and what they say.
    pub template: Template,
    /// What opens the tokens.
    pub keys: Arc<Keys>,
    /// The sections a reader may choose from; none: they are not asked.
    pub sections: Vec<Line>,
    /// The sentence a reader agrees to when they subscribe; `None`: the template's.
    pub consent: Option<Line>,
    /// Whose word on their clients is believed.
    pub proxies: Arc<Proxies>,
    /// What time it is: a pause must end on a day to come.
    pub now: Clock,
    /// Told of every request that was answered.
    pub report: Arc<dyn Fn(&Visit) + Send + Sync>,
}

/// A request that was answered, without whose it was: no path, for a path holds a token, and no client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The page, such as `leave`; `other` where there is none.
    pub page: &'static str,
    /// Whether it was to change something.
    pub is_post: bool,
    /// The status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub took: Duration,
}

/// The value of a header that was sent exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

//! Readers' own pages: subscribe, confirm, preferences, leave, the archive; and what watches over them. They keep nothing: what a reader
//! wants is the [`Service`]'s work, and their look and words are the template's. No page has a script.
//!
//! | path | GET, HEAD | POST |
//! |---|---|---|
//! | `` | the form to subscribe | sends a letter to confirm |
//! | `confirm/TOKEN` | a button | the reader is subscribed |
//! | `leave/TOKEN` | a button; changes nothing, for links are scanned | one-click (RFC 8058), at once, in both encodings |
//! | `stay/TOKEN` | a button | the reader still wants letters |
//! | `preferences/TOKEN` | sections, pause, name | changes them |
//! | `preferences/TOKEN/data` | all that is held of the reader, as a file | |
//! | `preferences/TOKEN/erase` | a button | forgets the reader |
//! | `answer/DAY/1` `answer/DAY/2` | a button | counts an answer to the edition's question |
//! | `editions` `editions/DAY` `editions.atom` | what was really sent | |
//! | `pictures/NAME` | a picture of a letter | |
//! | `healthz` `readyz` `metrics` | for those who watch, under the listener's own address only | |
//!
//! # Nothing to forge
//! There is no cookie, so no request carries a power its sender does not have: a token is the power, and it is in the path. The form to
//! subscribe needs none, so a browser's request from a foreign page is refused, and all it could do is send one letter to confirm.
//!
//! # What is axum's and what is ours
//! axum finds the page of a path and a method. Forms are read here: one-click senders leave out the type or the line ends that axum's readers
//! insist on. So are `Host`, proxies, limits, and the time that each step may take.
//!
//! [`Service`]: super::service::Service

mod approval;
mod archive;
mod event_state;
mod events;
mod form;
mod guard;
mod html;
mod join;
mod kept;
mod limits;
mod meters;
mod pictures;
mod question;
mod reader;
mod router;
mod server;
mod state;

#[cfg(test)]
mod tests;

pub use html::snippet;
pub use meters::{Visit, VisitListener};
pub use server::serve;

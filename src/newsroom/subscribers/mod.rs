//! `subscribers.toml`: read whole or one by one, added to, taken from; and a table of them out.
//! It never decides who gets an edition: suppression, pauses and doubles are looked at when a run is frozen.
//!
//! A file of a million subscribers is 200 MB, and a parsed TOML document twenty times its text. So the text is cut at the lines
//! `[[subscriber]]` and each piece is parsed alone; memory is the text and the result. A piece ends where TOML ends it, not where a line looks
//! like a header: one that does not parse and holds a multi-line string is widened to where that string may close.

mod edit;
mod export;
mod index;
mod moved;
mod pieces;
mod read;
mod revise;
mod splice;

pub use edit::{add, remove};
pub(in crate::newsroom) use export::NO_NEWSLETTER;
pub use export::export;
pub use index::{Index, Stamp};
pub use pieces::{ListedSubscriber, Misread, Subscribers};
pub use read::{ShownProblems, SubscribersRead, Survey, duplicates, read, unreachable};
pub use revise::{Revision, RevisionOutcome, SubscribersLock, Wish, hold};
pub use splice::{Added, Removed};

/// The most bytes a file of subscribers may have: five million of them.
pub const LARGEST: u64 = 1_000_000_000;

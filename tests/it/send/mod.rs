//! Verdicts, resuming, tallies: anything with an SMTP conversation or a crash. DESIGN section 7 says what must hold.

mod about_us;
mod ahead;
mod audience;
mod crashes;
mod hardships;
mod late;
mod quota;
mod rehearsal;
mod relays;
mod resumed;
mod sendmail;
mod survival;
mod verdicts;

use std::collections::BTreeMap;

use crate::newsroom::{Newsroom, Tally};
use crate::postoffice::{PostOffice, Received};

const NOBODY: Tally = Tally {
    subscribers: 0,
    accepted: 0,
    rejected: 0,
    queued: 0,
    in_doubt: 0,
    given_up: 0,
    left_out: 0,
};

/// Three subscribers, one connection: letters come in the order of the file.
fn room(post: &PostOffice) -> Newsroom {
    Newsroom::new().relay(post.port(), 1)
}

/// Every letter, per recipient, in the order in which they came.
fn copies(letters: &[Received]) -> BTreeMap<String, Vec<Received>> {
    let mut copies: BTreeMap<String, Vec<Received>> = BTreeMap::new();
    for letter in letters {
        copies
            .entry(letter.to[0].clone())
            .or_default()
            .push(letter.clone());
    }
    copies
}

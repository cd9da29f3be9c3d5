//! The world around the work, as one argument: the time, chance and the wish to stop. Only the voice makes one; tests make their own.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::line::Line;
use super::stop::Stop;
use super::turn::TurnQueue;
use super::zone::Clock;

/// What all work needs that takes a while.
#[derive(Clone)]
pub struct World {
    pub clock: Clock,
    pub random: Random,
    pub stop: Stop,
    /// The name under which whoever runs the program is logged in.
    pub who: Option<Line>,
    /// Whose turn it is to speak to the relay, of several newsletters that one process sends: the one that must be out first.
    pub turn: Arc<TurnQueue>,
}

impl World {
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}

/// Fills a buffer with fresh random bytes.
#[derive(Clone, Copy)]
pub struct Random(pub fn(&mut [u8]) -> Result<(), NoRandom>);

/// The machine has no random bytes to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the machine gives no random bytes")]
pub struct NoRandom;

impl Random {
    /// # Errors
    /// The machine gives none.
    pub fn bytes<const N: usize>(self) -> Result<[u8; N], NoRandom> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

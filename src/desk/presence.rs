//! Who has the desk open, and where in it they are: as long as their page listens.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::model::line::Line;

/// The most pages that are counted, and the most characters of what each says.
const MOST: usize = 50;
const LONGEST: usize = 300;

/// Everybody at the desk.
pub(super) struct Presence(watch::Sender<Vec<Seat>>);

/// A page somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Seat {
    /// As the page calls itself.
    tab: Line,
    /// Its person; empty where nobody says who that is.
    who: Line,
    /// What they are at; empty: nothing yet.
    at: Line,
    /// A page that lost its connection may listen again before the old one is known to be lost.
    #[serde(skip)]
    listening: usize,
}

/// Where a page says that its person is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whereabouts {
    tab: String,
    at: String,
}

/// A page that listens; dropped, it has gone.
pub(super) struct Listening {
    presence: Arc<Presence>,
    tab: Line,
}

impl Presence {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(Vec::new())))
    }

    /// Who is here, now and at every change.
    pub(super) fn seen(&self) -> watch::Receiver<Vec<Seat>> {
        self.0.subscribe()
    }

    pub(super) fn enter(self: &Arc<Self>, tab: &str, who: Line) -> Listening {
        let tab = Line::clean_to(tab, LONGEST);
        self.0.send_modify(|seats| {
            if let Some(seat) = seats.iter_mut().find(|seat| seat.tab == tab) {
                seat.listening += 1;
            } else if seats.len() < MOST {
                seats.push(Seat {
                    tab: tab.clone(),
                    who,
                    at: Line::clean(""),
                    listening: 1,
                });
            }
        });
        Listening {
            presence: Arc::clone(self),
            tab,
        }
    }

    /// Whether nobody is here.
    pub(super) fn is_nobody(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(super) fn moves(&self, to: &Whereabouts) {
        let (tab, at) = (
            Line::clean_to(&to.tab, LONGEST),
            Line::clean_to(&to.at, LONGEST),
        );
        self.0.send_if_modified(|seats| {
            let seat = seats.iter_mut().find(|seat| seat.tab == tab);
            seat.is_some_and(|seat| std::mem::replace(&mut seat.at, at.clone()) != at)
        });
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.presence.0.send_modify(|seats| {
            if let Some(seat) = seats.iter_mut().find(|seat| seat.tab == self.tab) {
                seat.listening -= 1;
            }
            seats.retain(|seat| seat.listening > 0);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_here_as_long_as_they_listen() {
        let presence = Presence::new();
        let told = |presence: &Presence| {
            let seats = presence.seen().borrow().clone();
            let told = seats.iter().map(|seat| format!("{} {}", seat.tab, seat.at));
            told.collect::<Vec<_>>().join(", ")
        };
        let bea = presence.enter("bea", Line::clean("Bea"));
        let noor = presence.enter("noor", Line::clean("Noor"));
        let at = |tab: &str, at: &str| Whereabouts {
            tab: tab.into(),
            at: at.into(),
        };
        presence.moves(&at("noor", "subject"));
        presence.moves(&at("nobody", "subject"));
        assert_eq!(told(&presence), "bea , noor subject");
        let again = presence.enter("bea", Line::clean("Bea"));
        drop(bea);
        assert_eq!(told(&presence), "bea , noor subject");
        drop((again, noor));
        assert_eq!(told(&presence), "");
    }
}

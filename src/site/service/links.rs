//! The links in readers' letters: of every newsletter and of alerts, also of those that are there no more, or that were added after `serve` began.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Service, lock};
use crate::ledger::{Ledger, LedgerError};
use crate::model::token::Token;

/// What the ledger says of the ids is good for so long.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(1);

/// The ids under which anything was ever sent.
pub(super) struct SentIds {
    all: Vec<String>,
    /// Those of them that are of alerts.
    alerts: Vec<String>,
    read: DateTime<Utc>,
}

impl SentIds {
    pub(super) fn read(ledger: &Ledger, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        Ok(Self {
            all: ledger.newsletters()?,
            alerts: ledger.alerts()?,
            read: now,
        })
    }
}

impl Service {
    /// What the token of a link says, and of which newsletter or alerts by their id; `None`: it is nobody's. The ledger is asked again for a token
    /// that is not known: its letter may be of a newsletter that was added meanwhile.
    pub(in crate::site) async fn opened(self: Arc<Self>, text: String) -> Option<(String, Token)> {
        if let Some(opened) = self.open_link(&text) {
            return Some(opened);
        }
        let now = self.now();
        if (now - lock(&self.sent_ids).read).abs() < GOOD_FOR {
            return None;
        }
        let asked = self.look(move |service| {
            let read = SentIds::read(&lock(&service.questions), now);
            *lock(&service.sent_ids) = service.or_later(read)?;
            Ok(service.open_link(&text))
        });
        asked.await.ok().flatten()
    }

    fn open_link(&self, text: &str) -> Option<(String, Token)> {
        let mut ids = self.ids().into_iter();
        ids.find_map(|id| self.keys.open(&id, text).map(|token| (id, token)))
    }

    /// The ids with which tokens were ever sealed.
    pub(super) fn ids(&self) -> Vec<String> {
        let sound = self.publications.iter().map(|one| &one.newsletter.id);
        let mut ids: Vec<String> = sound.cloned().collect();
        ids.extend(self.alerts().map(|alerts| alerts.newsletter.id.clone()));
        for id in &lock(&self.sent_ids).all {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        ids
    }

    /// Whether that id is, or once was, that of the alerts.
    pub(in crate::site) fn is_of_alerts(&self, id: &str) -> bool {
        let alerts = self.alerts();
        alerts.is_some_and(|alerts| alerts.newsletter.id == id)
            || lock(&self.sent_ids).alerts.iter().any(|one| one == id)
    }
}

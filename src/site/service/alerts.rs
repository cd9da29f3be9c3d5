//! The alerts, which may be added, changed and removed while `serve` runs: a config that is read again says so.

use std::sync::{Arc, Mutex};

use super::{Service, lock};
use crate::config::{Alerts, Config, Newsroom};
use crate::model::token::Keys;
use crate::model::zone::Clock;
use crate::site::Publication;

/// What `[alerts]` said when it was last read.
#[derive(Default)]
pub(super) struct ServedAlerts(Mutex<Option<(Alerts, Arc<Publication>)>>);

impl ServedAlerts {
    /// `false`: it says nothing new.
    fn follow(&self, newsroom: &Newsroom, keys: &Arc<Keys>, clock: &Clock) -> bool {
        let found = newsroom.alerts.as_ref();
        let found = found.and_then(|alerts| alerts.as_ref().ok());
        let said = found.and_then(|config| config.alerts.as_ref());
        let mut known = lock(&self.0);
        if known.as_ref().map(|(said, _)| said) == said {
            return false;
        }
        let served = |config: &Config| Publication::of(config, keys, clock);
        let served = found.and_then(|config| served(config));
        *known = said.cloned().zip(served);
        true
    }
}

impl Service {
    pub(in crate::site) fn alerts(&self) -> Option<Arc<Publication>> {
        let served = lock(&self.served_alerts.0);
        served.as_ref().map(|(_, alerts)| Arc::clone(alerts))
    }

    /// Serves the alerts of a config that was read again.
    pub fn follow_alerts(&self, newsroom: &Newsroom) {
        if self.served_alerts.follow(newsroom, &self.keys, &self.clock) {
            // What was counted is of the alerts before.
            let mut counts = lock(&self.counts);
            (counts.newest, counts.month) = Default::default();
        }
    }
}

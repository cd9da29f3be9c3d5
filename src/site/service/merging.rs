//! What goes on beside the pages: changes come into the subscribers file, letters to the relay.

use std::sync::Arc;

use tokio::time::Instant;

use super::{POLL, Service, SiteEvent};
use crate::ledger::{Ledger, LedgerError};
use crate::model::stop::Stop;
use crate::newsroom::subscribers::Stamp;
use crate::subscriber_list::{Merged, merge};

impl Service {
    /// Merges and posts until the stop is asked for; then merges what has come last. It is to be asked for when nobody is answered any more.
    ///
    /// # Errors
    /// The ledger cannot be opened.
    pub async fn work(self: Arc<Self>, stop: Stop) -> Result<(), LedgerError> {
        let open = || Ledger::open(&self.ledger)?.for_readers();
        let (merges, posts) = (open()?, open()?);
        tokio::join!(
            Arc::clone(&self).keep_merging(merges, stop.clone()),
            Arc::clone(&self).keep_posting(posts, stop)
        );
        Ok(())
    }

    async fn keep_merging(self: Arc<Self>, mut ledger: Ledger, stop: Stop) {
        let mut told = String::new();
        let (mut waiting, mut broken) = (Vec::new(), Vec::new());
        let mut seen = None;
        loop {
            let service = Arc::clone(&self);
            let (began, is_last) = (Instant::now(), stop.is_asked());
            let done = tokio::task::spawn_blocking(move || {
                let stamp = Stamp::of(&service.subscribers);
                let done = match ledger.has_unmerged_changes() {
                    // Only another file than the last one can lack what was merged.
                    Ok(false) if stamp.is_some() && stamp == seen => Ok(Merged::default()),
                    Ok(_) => {
                        let zone = &service.zone;
                        merge(&mut ledger, &service.subscribers, zone, service.now())
                    }
                    Err(error) => Err(error.into()),
                };
                // A file that was looked at and found right, not the one that was just written: an editor may have been faster.
                let right = matches!(&done, Ok(merged) if *merged == Merged::default());
                (ledger, stamp.filter(|_| right), done)
            });
            let Ok((back, stamp, done)) = done.await else {
                return;
            };
            (ledger, seen) = (back, stamp);
            let failed = done.as_ref().err().map(ToString::to_string);
            match done {
                Ok(mut merged) => {
                    // Who waits, and what is wrong, is named once.
                    once(&mut merged.waiting, &mut waiting);
                    once(&mut merged.broken, &mut broken);
                    if merged != Merged::default() {
                        self.tell(&SiteEvent::Merged(merged));
                    }
                }
                Err(error) if failed.as_ref() != Some(&told) => {
                    self.tell(&SiteEvent::Unmerged(error));
                }
                Err(_) => {}
            }
            told = failed.unwrap_or_default();
            if is_last {
                return;
            }
            // A large file takes a while, and one reader can change their mind all day long: it rests four fifths of the time.
            tokio::select! {
                () = tokio::time::sleep((began.elapsed() * 4).min(POLL)) => {}
                () = stop.asked() => continue,
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                // Once more: what was answered last is merged too.
                () = stop.asked() => {}
            }
        }
    }

    async fn keep_posting(self: Arc<Self>, mut ledger: Ledger, stop: Stop) {
        let mut told = String::new();
        loop {
            let posted = tokio::select! {
                posted = self.post_all(&mut ledger) => posted,
                () = stop.asked() => return,
            };
            let (wait, failed) = match posted {
                Ok(next) => {
                    let until = next.and_then(|next| (next - self.now()).to_std().ok());
                    (until.unwrap_or(POLL).min(POLL), String::new())
                }
                Err(error) => {
                    let failed = error.to_string();
                    if failed != told {
                        self.tell(&SiteEvent::Unposted(error));
                    }
                    (POLL, failed)
                }
            };
            let is_well = failed.is_empty();
            told = failed;
            tokio::select! {
                () = self.signed_up.notified(), if is_well => {}
                () = tokio::time::sleep(wait) => {}
                () = stop.asked() => return,
            }
        }
    }
}

/// Leaves out what was told the last time too.
fn once<T: Clone + PartialEq>(now: &mut Vec<T>, told: &mut Vec<T>) {
    if std::mem::replace(told, now.clone()) == *now {
        now.clear();
    }
}

//! The wish to stop: made once, in `main`, and handed down as an argument to all that takes long.
//!
//! After it was asked for nothing new begins: nothing is frozen, no letter is claimed. What is under way (a letter at the relay, a commit) is finished.

use tokio::sync::watch;

/// Whether somebody asked the program to stop. Cheap to clone and to ask; once asked, it stays so. If its [`Stopper`] is gone, nobody can ask
/// any more.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// Asks for the stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// The work ended early because it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped as asked")]
pub struct Stopped;

impl Stop {
    /// A stop that nobody has asked for yet.
    #[must_use]
    pub fn new() -> (Stopper, Self) {
        let (ask, asked) = watch::channel(false);
        (Stopper(ask), Self(asked))
    }

    /// A stop that nobody can ask for.
    #[must_use]
    pub fn never() -> Self {
        Self::new().1
    }

    /// Whether it was asked for.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Between two steps of work.
    ///
    /// # Errors
    /// It was asked for.
    pub fn check(&self) -> Result<(), Stopped> {
        if self.is_asked() {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// Waits until it is asked for. It may be dropped and called again: nothing is missed.
    pub async fn asked(&self) {
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Does `work`, or drops it half-way when the stop is asked for. A stop asked for before counts even if the work would be done at once.
    ///
    /// # Errors
    /// It was asked for.
    pub async fn unless_asked<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            () = self.asked() => Err(Stopped),
            done = work => Ok(done),
        }
    }
}

impl Stopper {
    /// Asks for the stop; once more changes nothing.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn work_goes_on_until_it_is_asked_to_stop() {
        let (stopper, stop) = Stop::new();
        assert_eq!(
            (stop.check(), stop.unless_asked(ready(1)).await),
            (Ok(()), Ok(1))
        );
        let other = stop.clone();
        let waits = tokio::spawn(async move { other.unless_asked(pending::<()>()).await });
        stopper.ask();
        assert_eq!(waits.await.unwrap(), Err(Stopped));
        assert_eq!(
            (stop.check(), stop.unless_asked(ready(1)).await),
            (Err(Stopped), Err(Stopped))
        );
        // Asked once, it stays asked.
        drop(stopper);
        stop.asked().await;
        assert!(stop.is_asked());
    }

    #[tokio::test]
    async fn nobody_can_ask_when_the_stopper_is_gone() {
        let stop = Stop::never();
        assert!(!stop.is_asked());
        let one = stop.unless_asked(async { tokio::task::yield_now().await });
        assert_eq!(one.await, Ok(()));
    }
}

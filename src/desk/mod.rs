//! The newsroom's page: an edition as its readers will see it, and why it is so; it follows every change of the newsroom's files. The preview
//! changes no file; at the desk the edition file is edited, and nothing else. Neither sends anything: when somebody asks for a proof, the
//! question is passed on.
//!
//! `build` looks at the newsroom and makes a [`Showing`], `server` answers browsers with it, [`Desk`] makes a new one whenever a file
//! changes.
//!
//! | route | answers |
//! |---|---|
//! | `/` | the page, whole without JavaScript, for every position of its switches |
//! | `/html` | the letter's HTML as it is sent; the switches are a policy over it, which runs no script and drops what a client drops |
//! | `/text` `/eml` `/web` `/source` | the plain text, the letter as a file, the web edition, the edition file |
//! | `/pictures/NAME` | a copy of a picture: the frame takes it from here, because readers may not find it yet where the letter says |
//! | `/proof` | takes the form that asks for a proof, and leads back to the page |
//! | `/state.json` | all of it but the letters, for scripts and tests |
//! | `/events` | server-sent events: the version, now and at every change |
//! | `/save` | of the desk only: takes edits, and says which version has them. There `/` is the desk, and `/preview` the preview |
//! | `/here` | of the desk only: takes where somebody is; `/events?tab=..` tells the others |
//!
//! A team's desk ([`serve_team`]) has all that below `/NEWSLETTER/DAY/`, or `/DAY/` where there is one newsletter, and before it:
//!
//! | route | answers |
//! |---|---|
//! | `/` | the edition that it is time for; where there are several newsletters, `/editions` |
//! | `/editions` | each newsletter's edition of the day, and those of other days |
//!
//! The switches are `variant=1`, `scheme=dark|inverted`, `styles=inline|none`, `pictures=off`, `compare=1`; `/html` and `/text` know
//! `before=1`, the letter before its last change.
//!
//! Only this machine may look, or whom the paper's sign-on lets in. An unpublished edition is worth stealing, and any web page can send
//! requests to a loopback port or point a name of its own at it (DNS rebinding), so the guard compares `Host` and `Origin` before anything else.

mod brought;
mod build;
mod changes;
mod editor;
mod groups;
mod guard;
mod orders;
mod page;
mod presence;
mod proof_form;
mod routes;
mod server;
mod showing;
mod state_json;
mod subscriber_counts;
mod switches;
mod team;
mod watch;
mod work;

#[cfg(test)]
mod tests;

pub use build::{DeskSetup, look_once};
pub use orders::{DeskOrder, OrderDesk, ProofAnswer, Wanted};
pub use showing::{Before, EditionFile, EditionState, Showing, ShownResults, Spot, Variant};
pub use team::{TeamSetup, serve_team};

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::draft::Asking;
use crate::model::line::Line;
use build::look;
use guard::Entrance;
use presence::Presence;
use proof_form::ProofForm;
use routes::{DeskState, routes};
use server::{Closing, Open};
use subscriber_counts::SubscriberCounts;
use watch::Watch;

/// How long a changed file is left alone before it is read: some editors empty a file before they fill it.
const SETTLE: Duration = Duration::from_millis(20);
/// The largest config, in octets.
const CONFIG: u64 = 1_000_000;

/// The page, and the watch over the files that it is made of.
pub struct Desk {
    premises: Arc<DeskSetup>,
    watch: Watch,
    counts: SubscriberCounts,
    /// Services are not asked again at each change of a file, unless it is the config.
    asking: Asking,
    config: Option<String>,
    shown: tokio::sync::watch::Sender<Arc<Showing>>,
    /// Somebody saved at the desk: there is no need to wait until the system says so.
    saved: Arc<Notify>,
}

/// Why the page ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("files cannot be watched")]
    Watch(#[from] notify::Error),
    #[error("the page's server failed")]
    Server(#[from] std::io::Error),
}

impl Desk {
    /// Looks at the newsroom for the first time. Its files are watched before they are read, so that no change falls in between.
    ///
    /// # Errors
    /// The system cannot watch files.
    pub async fn open(premises: DeskSetup) -> Result<Self, DeskError> {
        let watch = watch_files(&premises)?;
        let mut counts = SubscriberCounts::default();
        let config = config_text(&premises);
        let mut asking = Asking::keeping(premises.salt);
        let first = look(1, None, &mut counts, &mut asking, &premises).await;
        Ok(Self {
            premises: Arc::new(premises),
            watch,
            counts,
            asking,
            config,
            shown: tokio::sync::watch::Sender::new(Arc::new(first)),
            saved: Arc::new(Notify::new()),
        })
    }

    /// What is shown, now and at every change.
    #[must_use]
    pub fn shown(&self) -> tokio::sync::watch::Receiver<Arc<Showing>> {
        self.shown.subscribe()
    }

    /// Serves the page on a listener bound to a loopback address, and follows every change of the files, until `stop` is ready. `who` works
    /// here; empty where nobody knows the name.
    ///
    /// # Errors
    /// The server or the watch failed.
    pub async fn serve(
        mut self,
        listener: TcpListener,
        orders: OrderDesk,
        who: Line,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), DeskError> {
        let port = listener.local_addr()?.port();
        let closing = Closing::new();
        let state = self.state(orders, Presence::new(), closing.open(), false);
        let entrance = Entrance::Here { port, who };
        let server = server::serve(listener, routes(state), entrance, closing, stop);
        let server = tokio::spawn(server);
        tokio::select! {
            error = self.follow() => Err(error),
            served = server => Ok(served.map_err(std::io::Error::other)??),
        }
    }

    fn state(
        &self,
        orders: OrderDesk,
        presence: Arc<Presence>,
        open: Open,
        is_teams: bool,
    ) -> DeskState {
        let editor = self.premises.can_edit.then(|| {
            let (premises, saved) = (Arc::clone(&self.premises), Arc::clone(&self.saved));
            Arc::new(editor::Editor::new(premises, saved, orders.random))
        });
        DeskState {
            showing: self.shown(),
            form: ProofForm::new(orders),
            editor,
            presence,
            is_teams,
            open,
        }
    }

    /// Follows every change of the files; why that ended.
    async fn follow(&mut self) -> DeskError {
        loop {
            tokio::select! {
                () = self.saved.notified() => {}
                () = self.watch.changed() => tokio::time::sleep(SETTLE).await,
            }
            match watch_files(&self.premises) {
                Ok(watch) => self.watch = watch,
                Err(error) => return error.into(),
            }
            let last = Arc::clone(&self.shown.borrow());
            let version = last.version + 1;
            let config = config_text(&self.premises);
            if config != self.config {
                self.config = config;
                self.asking.forget();
            }
            let (counts, asking) = (&mut self.counts, &mut self.asking);
            let next = look(version, Some(&last), counts, asking, &self.premises).await;
            // The system tells of a save of the desk too, after the look that showed it.
            if !next.says_the_same(&last) {
                self.shown.send_replace(Arc::new(next.after(&last)));
            }
        }
    }
}

fn config_text(premises: &DeskSetup) -> Option<String> {
    crate::newsroom::read_text(&premises.config_file, CONFIG).ok()
}

/// Watches what the page is made of; while the config is broken, at least the config.
fn watch_files(premises: &DeskSetup) -> Result<Watch, notify::Error> {
    let (files, folders) = (premises.read_config)().map_or_else(
        |_| (vec![premises.config_file.clone()], Vec::new()),
        |config| watch::watched(&config),
    );
    watch::watch(&files, &folders)
}

//! `desk`: the page at which an edition is edited, on this machine; the same for a team, beside `serve`. What people there want done is done
//! here, by the same steps as the verbs.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::open::{self, Setting};
use super::report::Failure;
use super::{failures, suppress};
use crate::clock;
use crate::config::TeamDesk;
use crate::desk::{DeskOrder, OrderDesk, ProofAnswer, TeamSetup, Wanted, serve_team};
use crate::model::delivery::Verdict;
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::world::World;

/// The way from the pages to [`answer`].
pub(super) fn orders() -> (OrderDesk, mpsc::Receiver<DeskOrder>) {
    let (requests, asked) = mpsc::channel(1);
    let desk = OrderDesk {
        requests,
        random: || open::RANDOM.bytes().ok(),
        newsletter: None,
    };
    (desk, asked)
}

/// A team's desk that listens.
pub(super) struct Team {
    listener: TcpListener,
    desk: TeamDesk,
}

impl Team {
    pub(super) async fn open(desk: TeamDesk) -> Result<Self, Failure> {
        let listener = TcpListener::bind(desk.listen).await.map_err(|error| {
            Failure::trying(format!("`{}` cannot be listened on", desk.listen), error)
                .still("nothing is served")
                .hint("`listen` in `[desk]` names another address")
        })?;
        Ok(Self { listener, desk })
    }

    /// Where people find it, and where it listens.
    pub(super) fn place(&self) -> Result<String, Failure> {
        let bound = self.listener.local_addr()?;
        Ok(match &self.desk.sign_on {
            Some(sign_on) => format!("{}/, listened for on {bound}", sign_on.site.as_str()),
            None => format!("http://{bound}/, for this machine only"),
        })
    }

    /// Serves it until the stop.
    pub(super) async fn serve(self, setting: Setting, world: World) -> Result<(), Failure> {
        let again = setting.clone();
        let setup = TeamSetup {
            sign_on: self.desk.sign_on,
            config_file: setting.config_file().to_owned(),
            read_newsroom: Arc::new(move || again.read_newsroom()),
            clock: Arc::clone(&world.clock),
            salt: open::salt()?,
        };
        let (orders, asked) = orders();
        let stop = world.stop.clone();
        let served = serve_team(self.listener, setup, orders, async move {
            stop.asked().await;
        });
        let (served, ()) = tokio::join!(served, answer(asked, setting, world));
        Ok(served?)
    }
}

/// Does what is asked for on the pages, until they are gone and all of it is done. Each on a thread of its own: to read a list of readers takes
/// a while, and a send takes long.
pub(super) async fn answer(mut asked: mpsc::Receiver<DeskOrder>, setting: Setting, world: World) {
    let mut under_way = JoinSet::new();
    while let Some(order) = asked.recv().await {
        let (setting, world) = (setting.of(order.newsletter.as_ref()), world.clone());
        let runtime = Handle::current();
        under_way.spawn_blocking(move || runtime.block_on(carry_out(order, &setting, &world)));
    }
    while under_way.join_next().await.is_some() {}
}

async fn carry_out(order: DeskOrder, setting: &Setting, world: &World) {
    match order.wanted {
        Wanted::Proof { to, answer } => {
            let told = proof(&to, &order.slug, setting, world).await;
            // Whoever asked may have gone.
            _ = answer.send(told.unwrap_or_else(|error| refused(&error)));
        }
    }
}

/// What became of one proof; whoever asks knows for whom it is.
async fn proof(
    to: &str,
    slug: &Slug,
    setting: &Setting,
    world: &World,
) -> Result<ProofAnswer, String> {
    let config = setting.config().map_err(|failure| failure.words())?;
    let addresses = suppress::addresses(&[to.to_owned()]).map_err(|failure| failure.words())?;
    let verdicts = clock::proof(&config, slug, &addresses, world, &mut |_| {})
        .await
        .map_err(failures::words)?;
    Ok(match verdicts.first() {
        Some((_, Verdict::Accepted(_))) => {
            let place = config.relays.place();
            let time = setting.now().format("%H:%M:%S UTC");
            ProofAnswer {
                accepted: true,
                words: Line::clean(&format!("one letter {place}, {time}")),
            }
        }
        Some((_, Verdict::Rejected(reply) | Verdict::Deferred(reply))) => {
            refused(&format!("refused: `{reply}`"))
        }
        Some((_, Verdict::InDoubt)) => {
            refused("the relay fell silent over it: it may have arrived")
        }
        None => refused("a quiet day: there is no edition to send"),
    })
}

fn refused(words: &str) -> ProofAnswer {
    ProofAnswer {
        accepted: false,
        words: Line::clean(words),
    }
}

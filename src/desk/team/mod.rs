//! The desk of a team: each newsletter's edition of the day and of other days, each opened when somebody comes for it.
//!
//! An edition's page is followed on a thread of its own: to render 65 sets of sections takes a while, and readers' pages must not wait for it.

mod index;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;
use tower_service::Service as _;

use super::build::DeskSetup;
use super::guard::{self, Entrance};
use super::orders::OrderDesk;
use super::presence::Presence;
use super::routes::{asset, routes, under};
use super::server::{self, Closing};
use super::{Desk, DeskError};
use crate::config::{Config, Newsroom, SignOn, Unchosen};
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::Problem;
use crate::model::stop::{Stop, Stopper};
use crate::model::zone::Clock;
use crate::newsroom::editions;

/// The most editions that are kept open; those that nobody looks at give way.
const MOST: usize = 16;
/// So long an edition stays open that nobody looks at.
const IDLE: Duration = Duration::from_mins(10);

/// Where the team works.
pub struct TeamSetup {
    /// Who says who asks; `None`: only this machine comes in.
    pub sign_on: Option<SignOn>,
    pub config_file: PathBuf,
    /// All newsletters, read anew.
    pub read_newsroom: Arc<dyn Fn() -> Result<Newsroom, Vec<Problem>> + Send + Sync>,
    pub clock: Clock,
    /// Clients in access logs are told apart under it.
    pub salt: u64,
}

/// An edition of one of several newsletters, or of the only one.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    newsletter: Option<NewsletterName>,
    slug: Slug,
}

/// An edition that is open.
struct Room {
    routes: Router,
    presence: Arc<Presence>,
    stopper: Stopper,
    following: JoinHandle<()>,
    used: Mutex<Instant>,
}

struct Team {
    setup: TeamSetup,
    orders: OrderDesk,
    rooms: Mutex<HashMap<Place, Arc<OnceCell<Room>>>>,
}

/// Why an edition is not shown.
enum NotShown {
    Unknown,
    Problems(Vec<Problem>),
    Failed(DeskError),
}

/// Serves the desk of a team until `stop` is ready.
///
/// # Errors
/// The listener failed.
pub async fn serve_team(
    listener: TcpListener,
    setup: TeamSetup,
    orders: OrderDesk,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let entrance = match &setup.sign_on {
        Some(sign_on) => Entrance::SignOn(sign_on.clone()),
        None => Entrance::Here {
            port: listener.local_addr()?.port(),
            who: Line::clean(""),
        },
    };
    let team = Arc::new(Team {
        setup,
        orders,
        rooms: Mutex::new(HashMap::new()),
    });
    let routes = Router::new()
        .route("/", get(front))
        .route("/editions", get(editions_page))
        .route("/desk.css", get(async || asset("desk.css")))
        .route("/icon.svg", get(async || asset("icon.svg")))
        .fallback(edition)
        .with_state(Arc::clone(&team));
    let closing = Closing::new();
    let served = server::serve(listener, routes, entrance, closing, {
        let team = Arc::clone(&team);
        async move {
            stop.await;
            // Their event streams end with them.
            team.rooms().clear();
        }
    })
    .await;
    team.rooms().clear();
    served
}

/// The edition that it is time for; of several newsletters, the list.
async fn front(State(team): State<Arc<Team>>) -> Response {
    let newsroom = match (team.setup.read_newsroom)() {
        Ok(newsroom) => newsroom,
        Err(problems) => return NotShown::Problems(problems).into_response(),
    };
    match &newsroom.newsletters[..] {
        [only] if newsroom.is_of_one() => {
            let slug = only.edition((team.setup.clock)());
            Redirect::to(&format!("/{slug}/")).into_response()
        }
        _ => Redirect::to("/editions").into_response(),
    }
}

async fn editions_page(State(team): State<Arc<Team>>) -> Response {
    let listed = tokio::task::spawn_blocking(move || {
        let newsroom = (team.setup.read_newsroom)()?;
        Ok(index::page(&newsroom, (team.setup.clock)()).into_string())
    });
    match listed.await {
        Ok(Ok(page)) => under(guard::DESK_POLICY, Html(page)),
        Ok(Err(problems)) => NotShown::Problems(problems).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What is asked of one edition, below its address.
async fn edition(State(team): State<Arc<Team>>, mut request: Request) -> Response {
    let Some((place, rest)) = place_of(request.uri().path()) else {
        return NotShown::Unknown.into_response();
    };
    if rest.is_empty() {
        return Redirect::to(&format!("{}/", request.uri().path())).into_response();
    }
    let query = request.uri().query();
    let inner = query.map_or_else(|| rest.to_owned(), |query| format!("{rest}?{query}"));
    let Ok(inner) = inner.parse::<PathAndQuery>() else {
        return NotShown::Unknown.into_response();
    };
    *request.uri_mut() = Uri::from(inner);
    match team.room(&place).await {
        Ok(mut routes) => match routes.call(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        },
        Err(why) => why.into_response(),
    }
}

/// `/DAY/..` or `/NEWSLETTER/DAY/..`, and what comes behind; nothing where its last slash is missing.
fn place_of(path: &str) -> Option<(Place, &str)> {
    let (first, rest) = split(path)?;
    if let Ok(slug) = first.parse() {
        let newsletter = None;
        return Some((Place { newsletter, slug }, rest));
    }
    let newsletter = Some(first.parse().ok()?);
    let (second, rest) = split(rest)?;
    let slug = second.parse().ok()?;
    Some((Place { newsletter, slug }, rest))
}

/// The first part of a path, and the rest with its slash.
fn split(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    Some(path.split_at(path.find('/').unwrap_or(path.len())))
}

impl Team {
    fn rooms(&self) -> MutexGuard<'_, HashMap<Place, Arc<OnceCell<Room>>>> {
        // Nothing in here panics half-way.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What answers of that edition; it is opened if it is not.
    async fn room(self: &Arc<Self>, place: &Place) -> Result<Router, NotShown> {
        let open = self.rooms().get(place).cloned();
        if let Some(room) = open.as_ref().and_then(|cell| cell.get())
            && !room.following.is_finished()
        {
            return Ok(room.routes());
        }
        let (team, asked) = (Arc::clone(self), place.clone());
        let known = tokio::task::spawn_blocking(move || team.is_there(&asked));
        known.await.unwrap_or(Err(NotShown::Unknown))?;
        let cell = {
            let mut rooms = self.rooms();
            rooms.retain(|_, cell| cell.get().is_none_or(Room::is_wanted));
            if rooms.len() >= MOST && !rooms.contains_key(place) {
                let used = |cell: &OnceCell<Room>| {
                    let room = cell.get().filter(|room| room.presence.is_nobody());
                    room.map(|room| *lock(&room.used))
                };
                let idle = rooms
                    .iter()
                    .filter_map(|(at, cell)| Some((used(cell)?, at)));
                let oldest = idle.min_by_key(|(used, _)| *used).map(|(_, at)| at.clone());
                oldest.and_then(|oldest| rooms.remove(&oldest));
            }
            Arc::clone(rooms.entry(place.clone()).or_default())
        };
        let room = cell.get_or_try_init(|| self.open(place)).await;
        room.map(Room::routes).map_err(NotShown::Failed)
    }

    /// Whether there is such an edition: one with a file, or the one that it is time for.
    fn is_there(&self, place: &Place) -> Result<(), NotShown> {
        let newsroom = (self.setup.read_newsroom)().map_err(NotShown::Problems)?;
        if place.newsletter.is_some() == newsroom.is_of_one() {
            return Err(NotShown::Unknown);
        }
        let config = chosen(newsroom, place.newsletter.as_ref())?;
        let is_due = || config.edition((self.setup.clock)()) == place.slug;
        let has_file = || editions::path_of(&config.editions(), &place.slug).exists();
        (is_due() || has_file())
            .then_some(())
            .ok_or(NotShown::Unknown)
    }

    async fn open(&self, place: &Place) -> Result<Room, DeskError> {
        let (newsletter, read_newsroom) = (
            place.newsletter.clone(),
            Arc::clone(&self.setup.read_newsroom),
        );
        let setup = DeskSetup {
            config_file: self.setup.config_file.clone(),
            read_config: Box::new(move || {
                let newsroom = read_newsroom()?;
                chosen(newsroom, newsletter.as_ref()).map_err(|why| match why {
                    NotShown::Problems(problems) => problems,
                    _ => vec![Problem::new("this newsletter is there no more")],
                })
            }),
            date: Some(place.slug.clone()),
            clock: Arc::clone(&self.setup.clock),
            salt: self.setup.salt,
            can_edit: true,
        };
        let orders = OrderDesk {
            newsletter: place.newsletter.clone(),
            ..self.orders.clone()
        };
        let presence = Presence::new();
        let (stopper, stop) = Stop::new();
        let (tell, told) = oneshot::channel();
        let runtime = Handle::current();
        let here = Arc::clone(&presence);
        let following = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                let closing = Closing::new();
                match stop.unless_asked(Box::pin(Desk::open(setup))).await {
                    Ok(Ok(mut desk)) => {
                        let state = desk.state(orders, here, closing.open(), true);
                        if tell.send(Ok(routes(state))).is_ok() {
                            // Whatever ends it, it is opened again when somebody comes.
                            _ = stop.unless_asked(Box::pin(desk.follow())).await;
                        }
                    }
                    Ok(Err(error)) => _ = tell.send(Err(error)),
                    Err(_) => {}
                }
            });
        });
        let ended = || DeskError::Server(std::io::Error::other("the desk is ending"));
        Ok(Room {
            routes: told.await.map_err(|_| ended())??,
            presence,
            stopper,
            following,
            used: Mutex::new(Instant::now()),
        })
    }
}

impl Room {
    fn routes(&self) -> Router {
        *lock(&self.used) = Instant::now();
        self.routes.clone()
    }

    fn is_wanted(&self) -> bool {
        !self.following.is_finished()
            && (!self.presence.is_nobody() || lock(&self.used).elapsed() < IDLE)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.stopper.ask();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn chosen(newsroom: Newsroom, newsletter: Option<&NewsletterName>) -> Result<Config, NotShown> {
    newsroom.into_one(newsletter).map_err(|why| match why {
        Unchosen::Broken(problems) => NotShown::Problems(problems),
        Unchosen::Several(_) | Unchosen::Unknown(..) => NotShown::Unknown,
    })
}

impl NotShown {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => (
                StatusCode::NOT_FOUND,
                "there is no such edition; `/editions` lists them\n",
            )
                .into_response(),
            Self::Problems(problems) => {
                let lines = problems.iter().map(|problem| format!("{}\n", problem.what));
                let all: String = lines.collect();
                (StatusCode::SERVICE_UNAVAILABLE, all).into_response()
            }
            Self::Failed(error) => {
                let words = format!("{error}; load the page again\n");
                (StatusCode::SERVICE_UNAVAILABLE, words).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str) -> String {
        place_of(path).map_or("none".to_owned(), |(place, rest)| {
            let name = place.newsletter.map(|name| name.as_str().to_owned());
            format!("{} {} {rest}", name.unwrap_or_default(), place.slug)
        })
    }

    #[test]
    fn an_edition_has_an_address() {
        assert_eq!(told("/2026-08-24/"), " 2026-08-24 /");
        assert_eq!(
            told("/2026-08-24/desk/main.js"),
            " 2026-08-24 /desk/main.js"
        );
        assert_eq!(
            told("/evening/2026-08-24b/save"),
            "evening 2026-08-24b /save"
        );
        assert_eq!(told("/evening/2026-08-24"), "evening 2026-08-24 ");
        for none in [
            "",
            "/",
            "/editions",
            "/evening/",
            "/evening/today/",
            "//2026-08-24/",
            "/../2026-08-24/",
            "/%2e/2026-08-24/",
        ] {
            assert_eq!(told(none), "none", "{none}");
        }
    }
}

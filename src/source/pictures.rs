//! Pictures, asked for as mail programs would, and no kind that they do not show.

use std::time::Duration;

use super::enrich::TIME;
use super::fetch::{FetchError, Fetched, Wanted, Web, is_same_server};
use super::kind::{Source, named};
use super::limits::Limits;
use super::polite;
use crate::model::link::Link;

/// The time for all of them, in times for one.
const TIMES: u32 = 6;
/// How much is read of a picture of which only kind and size are wanted.
const BEGINNING: u64 = 256_000;

/// How much of each picture is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Much {
    /// Enough to know kind and size.
    Beginning,
    All,
}

/// Asks for every picture, a few at once, and gives in their order what `take` made of the answers that came in time: six times that of one
/// picture, which `limits` says and 10 s bound. Private addresses are refused but for the servers of `sources`.
///
/// # Errors
/// Nothing can be asked from this machine.
pub async fn pictures<T, F: Future<Output = T>>(
    links: &[Link],
    sources: &[Source],
    much: Much,
    limits: &Limits,
    take: impl Fn(usize, Result<Fetched, FetchError>) -> F,
) -> Result<Vec<(usize, T)>, FetchError> {
    let homes = named(sources);
    let web = Web::new(homes.clone())?;
    let time: Duration = limits.time.min(TIME);
    let (wanted, bytes) = match much {
        Much::Beginning => (Wanted::PictureBeginning, BEGINNING),
        Much::All => (Wanted::Picture, limits.bytes),
    };
    let limits = &Limits {
        time,
        bytes,
        ..*limits
    };
    let (web, homes, take) = (&web, &homes, &take);
    let ask = |place: usize| {
        let link = &links[place];
        async move {
            let home = homes.iter().find(|home| is_same_server(home, link));
            let fetched = web.fetch_from(home, link, wanted, None, limits).await;
            take(place, fetched).await
        }
    };
    Ok(polite::each(links, time * TIMES, ask).await)
}

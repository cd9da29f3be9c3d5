//! Pictures asked for and judged, and their copies made.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Outcome, Wanted, explained};
use crate::config::{Config, NoKeys};
use crate::model::link::Link;
use crate::model::picture::{PictureCopy, PictureName, Place, Seen};
use crate::model::story::unseen;
use crate::model::token::Keys;
use crate::model::world::Random;
use crate::newsroom;
use crate::pictures::{self, Header, MEMORY};
use crate::source::{self, FetchError, Fetched, LIMITS, Much, Source};

/// What was found at those addresses, in time; one that was not asked is unknown.
pub(super) async fn ask(
    wanted: &[Wanted],
    sources: &[Source],
    fit: Option<&Arc<Fit>>,
    time: Duration,
) -> HashMap<Link, Outcome> {
    let unasked = |link: &Link| {
        let why = "was not asked for: no time was left".to_owned();
        (link.clone(), Outcome::Unknown(why))
    };
    let links = || wanted.iter().map(|(link, _)| link);
    let mut outcomes: HashMap<Link, Outcome> = links().map(unasked).collect();
    for link in links() {
        if unseen(link) == Some("SVG") {
            let why = "is SVG, which mail programs do not show".to_owned();
            outcomes.insert(link.clone(), Outcome::Nothing(why));
        } else if link.host().ends_with(".example") {
            outcomes.insert(link.clone(), Outcome::AsItIs);
        }
    }
    let is_asked = |(link, _): &&Wanted| matches!(outcomes.get(link), Some(Outcome::Unknown(_)));
    let (asked, places): (Vec<Link>, Vec<_>) = wanted.iter().filter(is_asked).cloned().unzip();
    let much = if fit.is_some() {
        Much::All
    } else {
        Much::Beginning
    };
    let take = |place: usize, fetched| judged(fetched, fit.cloned(), places[place]);
    let answers = source::pictures(&asked, sources, much, &LIMITS, time, take).await;
    for (place, outcome) in answers.into_iter().flatten() {
        outcomes.insert(asked[place].clone(), outcome);
    }
    outcomes
}

async fn judged(
    fetched: Result<Fetched, FetchError>,
    fit: Option<Arc<Fit>>,
    places: &'static [Place],
) -> Outcome {
    let fetched = match fetched {
        Ok(fetched) => fetched,
        Err(error) => {
            let refused = matches!(
                error,
                FetchError::Status(401 | 403) | FetchError::Unnamed(_)
            );
            return if refused || error.may_pass() {
                Outcome::Unknown(error.explained())
            } else {
                Outcome::Nothing(error.explained())
            };
        }
    };
    let is_whole = fetched.whole == Some(fetched.body.len() as u64);
    let header = match pictures::header(&fetched.body) {
        Ok(header) => header,
        Err(error @ pictures::Unusable::Broken(_)) if !is_whole => {
            return Outcome::Unknown(error.to_string());
        }
        // A portrait or a mark may be as small as it is shown.
        Err(pictures::Unusable::Small(..)) if places != Place::STORY => return Outcome::AsItIs,
        Err(error) => return Outcome::Nothing(error.to_string()),
    };
    let Some(fit) = fit else {
        return Outcome::Seen(seen(&header, fetched.whole, Vec::new()));
    };
    let Ok(_memory) = fit.memory.acquire_many(header.memory).await else {
        return Outcome::Unknown("could not be decoded".to_owned());
    };
    let making = Arc::clone(&fit);
    let made = tokio::task::spawn_blocking(move || making.make(&fetched.body, &header, places));
    // A decoder that gives up on what it did not foresee costs this picture only.
    made.await
        .unwrap_or_else(|_| Outcome::Nothing("cannot be decoded".to_owned()))
}

fn seen(header: &Header, octets: Option<u64>, copies: Vec<PictureCopy>) -> Seen {
    Seen {
        format: header.format,
        width: header.width,
        height: header.height,
        octets,
        copies,
    }
}

/// Where copies go, and what they may take.
pub(super) struct Fit {
    folder: PathBuf,
    url: String,
    keys: Keys,
    /// Megabytes that decoders may take together.
    memory: Semaphore,
}

impl Fit {
    /// `None`: no copies are wanted.
    pub(super) fn new(config: &Config, random: Random) -> Result<Option<Self>, NoKeys> {
        let Some(url) = config.pictures.url.clone() else {
            return Ok(None);
        };
        Ok(Some(Self {
            folder: config.pictures.folder.clone(),
            url,
            keys: config.serving.keys_or_new(random)?,
            memory: Semaphore::new(MEMORY as usize),
        }))
    }

    fn make(&self, octets: &[u8], header: &Header, places: &[Place]) -> Outcome {
        let made = match pictures::fit(octets, header, places) {
            Ok(made) => made,
            Err(error) => return Outcome::Nothing(error.to_string()),
        };
        let mut copies = Vec::new();
        for copy in made {
            let name = PictureName::of(&self.keys, &copy.octets, copy.ending);
            let written = newsroom::pictures::put(&self.folder, &name, &copy.octets);
            let url = Link::parse(&format!("{}{}", self.url, name.as_str()));
            let (Ok(()), Ok(url)) = (&written, url) else {
                let why = written.err().map(|error| explained(&error));
                return Outcome::Unknown(format!("has no copies: {}", why.unwrap_or_default()));
            };
            copies.push(PictureCopy {
                url,
                width: copy.width,
                height: copy.height,
                octets: copy.octets.len() as u64,
            });
        }
        Outcome::Seen(seen(header, Some(octets.len() as u64), copies))
    }

    /// Whether that copy is where it was put.
    fn has(&self, copy: &PictureCopy) -> bool {
        let name = copy.url.as_str().strip_prefix(&self.url);
        let name = name.and_then(|name| name.parse::<PictureName>().ok());
        name.is_some_and(|name| self.folder.join(name.as_str()).is_file())
    }
}

/// Whether what was found earlier is what would be found again.
pub(super) fn is_good(seen: &Seen, fit: Option<&Fit>) -> bool {
    match fit {
        None => seen.copies.is_empty(),
        Some(fit) => !seen.copies.is_empty() && seen.copies.iter().all(|copy| fit.has(copy)),
    }
}

//! What the desk's page asks to be changed, and the answer. The edits of the page are read here, at the door; what they mean for the file is
//! the model's business.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::sync::Notify;

use super::build::DeskSetup;
use super::proof_form::token;
use super::showing::{EditionState, Showing};
use crate::draft::{self, Change, SaveError, Saved};
use crate::model::edition::{
    Clash, Edit, Edition, Field, List, Placed, StoryAt, StoryWords, Value, VersionOrigin,
};
use crate::model::line::{Line, clean_lines};
use crate::model::link::{Link, StoryKey};
use crate::model::problem::Problem;
use crate::model::story::{Picture, Story};
use crate::newsroom::reasons::Reason;

/// The largest save, in bytes: a note may have 20,000 characters.
pub(super) const LONGEST: usize = 1_000_000;
/// The header with the token of the page.
pub(super) const TOKEN: &str = "x-desk";

/// The way from the page to the edition file.
pub(super) struct Editor {
    premises: Arc<DeskSetup>,
    saved: Arc<Notify>,
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaveRequest {
    /// The version of the file that the edits are made on.
    #[serde(default)]
    from: u64,
    #[serde(default)]
    edits: Vec<EditRequest>,
    undo: Option<UndoRequest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoRequest {
    of: u64,
    to: u64,
}

/// An edit as the page says it: stories by their addresses.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum EditRequest {
    Subject {
        words: String,
    },
    Opening {
        words: String,
    },
    Note {
        words: String,
    },
    Hold {
        on: bool,
    },
    Words {
        list: List,
        url: Link,
        which: String,
        words: String,
    },
    Picture {
        list: List,
        url: Link,
        picture: Option<Link>,
    },
    Pin {
        list: List,
        url: Link,
        on: bool,
    },
    Move {
        list: List,
        url: Link,
        to: List,
        after: Option<Link>,
    },
    PutIn {
        list: List,
        url: Link,
        after: Option<Link>,
    },
    TakeOut {
        list: List,
        url: Link,
    },
}

impl Editor {
    pub(super) fn new(
        premises: Arc<DeskSetup>,
        saved: Arc<Notify>,
        random: fn() -> Option<[u8; 16]>,
    ) -> Self {
        Self {
            premises,
            saved,
            token: token(random),
        }
    }

    /// It goes with every save; empty, which is never right, when there are no random bytes.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Saves what `who` asks for.
    pub(super) async fn save(
        &self,
        showing: &Showing,
        body: &Bytes,
        who: Line,
    ) -> (StatusCode, Json) {
        let refused = |status, what: String, hint: Option<String>| {
            (status, json!({ "problem": what, "hint": hint }))
        };
        if matches!(showing.state, EditionState::Frozen { .. }) {
            let what = "the edition is frozen: what is sent is what it says now".to_owned();
            return refused(StatusCode::CONFLICT, what, None);
        }
        let change = match change(showing, body) {
            // The page was drawn while the ledger was busy.
            Ok(Change::Edits(0, _)) => {
                let what = "no version of the edition file is known yet".to_owned();
                return refused(StatusCode::SERVICE_UNAVAILABLE, what, None);
            }
            Ok(change) => change,
            Err(what) => return refused(StatusCode::UNPROCESSABLE_ENTITY, what, None),
        };
        let premises = Arc::clone(&self.premises);
        let slug = showing.slug.clone();
        let saved = tokio::task::spawn_blocking(move || {
            let config = (premises.read_config)().map_err(SaveError::Problems)?;
            let who = Some(&who).filter(|who| !who.is_empty());
            let origin = (VersionOrigin::Desk, who);
            draft::save(&config, &slug, &change, origin, &premises.clock)
        });
        match saved.await {
            Ok(Ok(saved)) => {
                self.saved.notify_one();
                (StatusCode::OK, answer(&saved))
            }
            Ok(Err(SaveError::Problems(problems))) => {
                let first = problems.into_iter().next();
                let first = first.unwrap_or_else(|| Problem::new("the edition cannot be edited"));
                refused(StatusCode::UNPROCESSABLE_ENTITY, first.what, first.hint)
            }
            Ok(Err(error @ (SaveError::Ledger(_) | SaveError::Newsroom(_) | SaveError::Busy))) => {
                let problem = Problem::of(&error);
                refused(StatusCode::SERVICE_UNAVAILABLE, problem.what, problem.hint)
            }
            Ok(Err(error)) => refused(StatusCode::UNPROCESSABLE_ENTITY, error.to_string(), None),
            Err(_) => {
                let what = "the desk is ending".to_owned();
                refused(StatusCode::SERVICE_UNAVAILABLE, what, None)
            }
        }
    }
}

fn change(showing: &Showing, body: &Bytes) -> Result<Change, String> {
    let request: SaveRequest = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if let Some(UndoRequest { of, to }) = request.undo {
        return Ok(Change::Undo { of, to });
    }
    let edits = request.edits.into_iter().map(|edit| edit.read(showing));
    Ok(Change::Edits(
        request.from,
        edits.collect::<Result<_, _>>()?,
    ))
}

impl EditRequest {
    fn read(self, showing: &Showing) -> Result<Edit, String> {
        let at = |list, url: &Link| StoryAt {
            list,
            key: url.key(),
        };
        let key = |after: Option<Link>| after.as_ref().map(Link::key);
        Ok(match self {
            Self::Subject { words } => Edit::Subject(Line::non_empty(&words)),
            Self::Opening { words } => Edit::Opening(Line::non_empty(&words)),
            Self::Note { words } => {
                Edit::Note(Some(clean_lines(&words)).filter(|words| !words.is_empty()))
            }
            Self::Hold { on } => Edit::Hold(on),
            Self::Words {
                list,
                url,
                which,
                words,
            } => Edit::Words {
                story: at(list, &url),
                which: (StoryWords::ALL
                    .into_iter()
                    .find(|known| known.key() == which))
                .ok_or("a story has no such words")?,
                words: Line::non_empty(&words),
            },
            Self::Picture { list, url, picture } => Edit::Picture {
                story: at(list, &url),
                picture: match picture {
                    None => None,
                    Some(wanted) => {
                        let key = url.key();
                        let reasons = showing.reasons.iter();
                        let reasons = reasons.filter(|reason| reason.url.key() == key);
                        let mut known = pictures(showing, &key, reasons).into_iter();
                        let found = known.find(|picture| picture.url == wanted);
                        Some(found.ok_or("the story has no such picture")?)
                    }
                },
            },
            Self::Pin { list, url, on } => Edit::Pin {
                story: at(list, &url),
                pin: on,
            },
            Self::Move {
                list,
                url,
                to,
                after,
            } => Edit::Move {
                story: at(list, &url),
                to,
                after: key(after),
            },
            Self::PutIn { list, url, after } => Edit::PutIn {
                placed: Box::new(
                    candidate(showing, &url.key()).ok_or("the story is no candidate")?,
                ),
                list,
                after: key(after),
            },
            Self::TakeOut { list, url } => Edit::TakeOut {
                story: at(list, &url),
                dropped: true,
            },
        })
    }
}

/// The pictures that a story may have: the one it has, the source's, and others that the source named. `reasons`: those of that story.
pub(super) fn pictures<'s>(
    showing: &'s Showing,
    key: &StoryKey,
    reasons: impl Iterator<Item = &'s Reason>,
) -> Vec<Picture> {
    let editions = showing.edition.iter().chain(&showing.drafted);
    let stories = editions.flat_map(Edition::stories);
    let stories = stories.filter(|(_, placed)| placed.story.url.key() == *key);
    let printed = stories.filter_map(|(_, placed)| placed.story.picture.clone());
    let offered = reasons
        .filter_map(|reason| reason.picture.clone())
        .flat_map(|picture| {
            let others = picture.instead.clone();
            std::iter::once(picture).chain(others)
        });
    let mut pictures: Vec<Picture> = Vec::new();
    for picture in printed.chain(offered) {
        if pictures.iter().all(|known| known.url != picture.url) {
            pictures.push(plain(picture));
        }
    }
    pictures
}

/// What an edition file has of a picture.
fn plain(picture: Picture) -> Picture {
    Picture {
        sizes: Vec::new(),
        instead: Vec::new(),
        ..picture
    }
}

/// A story that may be put in: one of the edition, of its draft, or a candidate.
fn candidate(showing: &Showing, key: &StoryKey) -> Option<Placed> {
    let editions = showing.edition.iter().chain(&showing.drafted);
    let mut printed = editions.flat_map(Edition::stories);
    let printed = printed.find(|(_, placed)| placed.story.url.key() == *key);
    let mut reasons = showing.reasons.iter();
    let reason = reasons.find(|reason| reason.url.key() == *key);
    let why = reason.map(|reason| Line::clean(&format!("put in by the editor; {}", why(reason))));
    let story = match (printed, reason) {
        (Some((_, placed)), _) => placed.story.clone(),
        (None, Some(reason)) => Story {
            dek: reason.dek.clone(),
            section: reason.section.clone(),
            byline: reason.byline.clone(),
            published: reason.published,
            picture: reason.picture.clone().map(plain),
            ..Story::new(reason.headline.clone(), reason.url.clone())
        },
        (None, None) => return None,
    };
    Some(Placed {
        story,
        pin: false,
        why,
    })
}

/// Why a candidate is where it is, without the words that it was passed over.
pub(super) fn why(reason: &Reason) -> &str {
    let words = reason.why.as_str();
    words.strip_prefix("passed over: ").unwrap_or(words)
}

fn answer(saved: &Saved) -> Json {
    json!({
        "before": saved.before,
        "version": saved.version,
        "clashes": saved.clashes.iter().map(clash).collect::<Vec<_>>(),
    })
}

fn clash(clash: &Clash) -> Json {
    json!({
        "edit": clash.edit,
        "field": match &clash.field {
            Field::Subject => "subject",
            Field::Opening => "opening",
            Field::Note => "note",
            Field::Hold => "hold",
            Field::Words(_, which) => which.key(),
            Field::Picture(_) => "picture",
            Field::Pin(_) => "pin",
            Field::Place(_) => "place",
        },
        "was": shown(&clash.was),
        "mine": shown(&clash.mine),
        "theirs": clash.theirs.as_ref().map(shown),
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Words(words) => words.clone().unwrap_or_default(),
        Value::Flag(true) => "on".to_owned(),
        Value::Flag(false) => "off".to_owned(),
        Value::Picture(None) => "no picture".to_owned(),
        Value::Picture(Some(picture)) => picture.url.as_str().to_owned(),
        Value::Place(None) => "out".to_owned(),
        Value::Place(Some((list, place))) => format!("{} {place}", list.words()),
    }
}

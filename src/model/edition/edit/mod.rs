//! What an editor does to an edition, as values: a headline set, a story moved, one put in for another. Whoever edits (the desk, an undo) says
//! it in these, and they are applied to the text of the edition file: its comments, its order and everything that is not named stay.
//!
//! ```text
//! Edit -> apply(text) -> text        each is applied to the text and to the edition, and both must say the same afterwards
//! between(edition, edition) -> [Edit]
//! merge(from, edits, now) -> text and clashes
//! ```

mod between;
mod document;
mod merge;
mod outline;
#[cfg(test)]
mod tests;
mod text;

pub use between::between;
pub(super) use between::{keys, moved};
pub use merge::{Clash, Merged, merge};
pub use text::apply;

use super::{Edition, List, Placed};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::problem::Problem;
use crate::model::story::{Picture, Story};

/// A story in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoryAt {
    pub list: List,
    pub key: StoryKey,
}

/// Words of a story that an editor may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoryWords {
    Headline,
    Dek,
    Kicker,
    Byline,
    /// What its picture shows.
    Alt,
}

/// One thing that an editor does. Done twice it is as if done once.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// `None`: composed from the stories.
    Subject(Option<Line>),
    /// `None`: composed from the stories.
    Opening(Option<Line>),
    /// Markdown, cleaned.
    Note(Option<String>),
    Hold(bool),
    /// Words of a story; its copies in other lists that said the same say the new words too. A headline cannot be taken away.
    Words {
        story: StoryAt,
        which: StoryWords,
        words: Option<Line>,
    },
    Picture {
        story: StoryAt,
        picture: Option<Picture>,
    },
    Pin {
        story: StoryAt,
        pin: bool,
    },
    /// Behind another story of that list, or at its beginning.
    Move {
        story: StoryAt,
        to: List,
        after: Option<StoryKey>,
    },
    /// A story that was not in that list. If it was dropped, it is no longer.
    PutIn {
        placed: Box<Placed>,
        list: List,
        after: Option<StoryKey>,
    },
    TakeOut {
        story: StoryAt,
        /// Whether it is not to be chosen again, unless it is in another list too.
        dropped: bool,
    },
}

/// What an edit changes. Two who change the same field must agree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Subject,
    Opening,
    Note,
    Hold,
    Words(StoryAt, StoryWords),
    Picture(StoryAt),
    Pin(StoryAt),
    /// Where a story is, or that it is nowhere.
    Place(StoryAt),
}

/// What a field says.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Words(Option<String>),
    Flag(bool),
    Picture(Option<Picture>),
    /// The list, and the place in it from 1; `None`: it is not in the edition.
    Place(Option<(List, usize)>),
}

/// Why an edit cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Refusal {
    Gone(StoryKey),
    AlreadyThere(StoryKey, List),
    NoPicture(StoryKey),
    NoHeadline,
}

impl Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Gone(key) => {
                Problem::new(format!("`{}` is no longer in the edition", key.as_str()))
            }
            Self::AlreadyThere(key, list) => {
                Problem::new(format!("`{}` is in `{}` already", key.as_str(), list.key()))
            }
            Self::NoPicture(key) => {
                Problem::new(format!("`{}` has no picture to describe", key.as_str()))
            }
            Self::NoHeadline => Problem::new("a story must have a headline"),
        }
    }
}

impl StoryWords {
    pub const ALL: [Self; 5] = [
        Self::Headline,
        Self::Dek,
        Self::Kicker,
        Self::Byline,
        Self::Alt,
    ];

    /// Its key in the edition file, and for scripts.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Dek => "dek",
            Self::Kicker => "kicker",
            Self::Byline => "byline",
            Self::Alt => "alt",
        }
    }

    /// What the story says there.
    #[must_use]
    pub fn of(self, story: &Story) -> Option<&Line> {
        match self {
            Self::Headline => Some(&story.headline),
            Self::Dek => story.dek.as_ref(),
            Self::Kicker => story.kicker.as_ref(),
            Self::Byline => story.byline.as_ref(),
            Self::Alt => story.picture.as_ref()?.alt.as_ref(),
        }
    }

    fn set(self, story: &mut Story, words: Option<&Line>) -> Result<(), Refusal> {
        let words = words.cloned();
        match self {
            Self::Headline => story.headline = words.ok_or(Refusal::NoHeadline)?,
            Self::Dek => story.dek = words,
            Self::Kicker => story.kicker = words,
            Self::Byline => story.byline = words,
            Self::Alt => match &mut story.picture {
                Some(picture) => picture.alt = words,
                None => return Err(Refusal::NoPicture(story.url.key())),
            },
        }
        Ok(())
    }
}

impl Edit {
    #[must_use]
    pub fn field(&self) -> Field {
        match self {
            Self::Subject(_) => Field::Subject,
            Self::Opening(_) => Field::Opening,
            Self::Note(_) => Field::Note,
            Self::Hold(_) => Field::Hold,
            Self::Words { story, which, .. } => Field::Words(story.clone(), *which),
            Self::Picture { story, .. } => Field::Picture(story.clone()),
            Self::Pin { story, .. } => Field::Pin(story.clone()),
            Self::Move { story, .. } | Self::TakeOut { story, .. } => Field::Place(story.clone()),
            Self::PutIn { placed, list, .. } => Field::Place(StoryAt {
                list: *list,
                key: placed.story.url.key(),
            }),
        }
    }

    /// What its field says once it is done; `None`: it changes a place, which depends on the others.
    fn value(&self) -> Option<Value> {
        let line = |line: &Option<Line>| Value::Words(line.as_ref().map(Line::to_string));
        Some(match self {
            Self::Subject(words) | Self::Opening(words) | Self::Words { words, .. } => line(words),
            Self::Note(note) => Value::Words(note.clone()),
            Self::Hold(flag) | Self::Pin { pin: flag, .. } => Value::Flag(*flag),
            Self::Picture { picture, .. } => Value::Picture(picture.clone()),
            Self::Move { .. } | Self::PutIn { .. } | Self::TakeOut { .. } => return None,
        })
    }

    /// The story that it changes, unless it puts one in.
    fn story_mut(&mut self) -> Option<&mut StoryAt> {
        match self {
            Self::Words { story, .. }
            | Self::Picture { story, .. }
            | Self::Pin { story, .. }
            | Self::Move { story, .. }
            | Self::TakeOut { story, .. } => Some(story),
            _ => None,
        }
    }

    /// Does it to an edition.
    fn on(&self, edition: &mut Edition) -> Result<(), Refusal> {
        match self {
            Self::Subject(line) => edition.subject.clone_from(line),
            Self::Opening(line) => edition.opening.clone_from(line),
            Self::Note(note) => edition.note.clone_from(note),
            Self::Hold(hold) => edition.hold = *hold,
            Self::Words {
                story,
                which,
                words,
            } => {
                for (list, index) in copies(edition, story, |a, b| which.of(a) == which.of(b))? {
                    which.set(&mut edition.list_mut(list)[index].story, words.as_ref())?;
                }
            }
            Self::Picture { story, picture } => {
                for (list, index) in copies(edition, story, |a, b| a.picture == b.picture)? {
                    edition.list_mut(list)[index]
                        .story
                        .picture
                        .clone_from(picture);
                }
            }
            Self::Pin { story, pin } => {
                let (list, index) = find(edition, story)?;
                edition.list_mut(list)[index].pin = *pin;
            }
            Self::Move { story, to, after } => {
                let (from, index) = find(edition, story)?;
                if from != *to && index_of(edition, *to, &story.key).is_some() {
                    return Err(Refusal::AlreadyThere(story.key.clone(), *to));
                }
                let placed = edition.list_mut(from).remove(index);
                let index = behind(edition, *to, after.as_ref())?;
                edition.list_mut(*to).insert(index, placed);
            }
            Self::PutIn {
                placed,
                list,
                after,
            } => {
                let key = placed.story.url.key();
                if index_of(edition, *list, &key).is_some() {
                    return Err(Refusal::AlreadyThere(key, *list));
                }
                let index = behind(edition, *list, after.as_ref())?;
                edition.list_mut(*list).insert(index, (**placed).clone());
                edition.drop.retain(|dropped| dropped.key() != key);
            }
            Self::TakeOut { story, dropped } => {
                let (list, index) = find(edition, story)?;
                let placed = edition.list_mut(list).remove(index);
                if *dropped && is_to_be_dropped(edition, &placed.story.url) {
                    edition.drop.insert(0, placed.story.url);
                }
            }
        }
        Ok(())
    }
}

impl Field {
    const fn story(&self) -> Option<&StoryAt> {
        match self {
            Self::Subject | Self::Opening | Self::Note | Self::Hold => None,
            Self::Words(story, _)
            | Self::Picture(story)
            | Self::Pin(story)
            | Self::Place(story) => Some(story),
        }
    }

    /// The same of its story in another list.
    fn in_list(&self, list: List) -> Self {
        let at = |story: &StoryAt| StoryAt {
            list,
            key: story.key.clone(),
        };
        match self {
            Self::Words(story, which) => Self::Words(at(story), *which),
            Self::Picture(story) => Self::Picture(at(story)),
            Self::Pin(story) => Self::Pin(at(story)),
            Self::Place(story) => Self::Place(at(story)),
            other => other.clone(),
        }
    }

    /// What it says in an edition; `None`: its story is not there.
    #[must_use]
    pub fn value(&self, edition: &Edition) -> Option<Value> {
        let line = |line: &Option<Line>| Value::Words(line.as_ref().map(Line::to_string));
        let placed = |story: &StoryAt| {
            let (list, index) = find(edition, story).ok()?;
            Some((&edition.list(list)[index], list, index))
        };
        Some(match self {
            Self::Subject => line(&edition.subject),
            Self::Opening => line(&edition.opening),
            Self::Note => Value::Words(edition.note.clone()),
            Self::Hold => Value::Flag(edition.hold),
            Self::Words(story, which) => {
                Value::Words(which.of(&placed(story)?.0.story).map(Line::to_string))
            }
            Self::Picture(story) => Value::Picture(placed(story)?.0.story.picture.clone()),
            Self::Pin(story) => Value::Flag(placed(story)?.0.pin),
            Self::Place(story) => {
                Value::Place(placed(story).map(|(_, list, index)| (list, index + 1)))
            }
        })
    }
}

/// Whether a story that was just taken out of a list is to be remembered as dropped: not if another list still prints it.
fn is_to_be_dropped(edition: &Edition, url: &Link) -> bool {
    let key = url.key();
    !edition.keys().contains(&key) && edition.drop.iter().all(|dropped| dropped.key() != key)
}

fn index_of(edition: &Edition, list: List, key: &StoryKey) -> Option<usize> {
    let mut placed = edition.list(list).iter();
    placed.position(|placed| placed.story.url.key() == *key)
}

fn find(edition: &Edition, story: &StoryAt) -> Result<(List, usize), Refusal> {
    let found = index_of(edition, story.list, &story.key);
    let found = found.map(|index| (story.list, index));
    found.ok_or_else(|| Refusal::Gone(story.key.clone()))
}

/// The story, and its copies in other lists that are the same in what is to be changed.
fn copies(
    edition: &Edition,
    story: &StoryAt,
    is_same: impl Fn(&Story, &Story) -> bool,
) -> Result<Vec<(List, usize)>, Refusal> {
    let (list, index) = find(edition, story)?;
    let this = &edition.list(list)[index].story;
    let others = List::ALL.into_iter().filter(|other| *other != list);
    let others = others.filter_map(|list| {
        let index = index_of(edition, list, &story.key)?;
        is_same(this, &edition.list(list)[index].story).then_some((list, index))
    });
    Ok(std::iter::once((list, index)).chain(others).collect())
}

/// The index right behind that story of a list.
fn behind(edition: &Edition, list: List, after: Option<&StoryKey>) -> Result<usize, Refusal> {
    let Some(after) = after else { return Ok(0) };
    let index = index_of(edition, list, after);
    index
        .map(|index| index + 1)
        .ok_or_else(|| Refusal::Gone(after.clone()))
}

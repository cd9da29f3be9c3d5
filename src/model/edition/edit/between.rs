//! The edits that lead from one edition to another.

use std::collections::HashSet;

use super::{Edit, StoryAt, StoryWords, find, index_of};
use crate::model::edition::hand::longest_increasing;
use crate::model::edition::{Edition, List};
use crate::model::link::StoryKey;

/// The edits that make `from` say what `to` says, as few as explain it; `None` where they differ in something that no edit changes.
#[must_use]
pub fn between(from: &Edition, to: &Edition) -> Option<Vec<Edit>> {
    let mut now = from.clone();
    let mut edits = Vec::new();
    let mut done = |edit: Edit, now: &mut Edition| -> Option<()> {
        edit.on(now).ok()?;
        edits.push(edit);
        Some(())
    };
    if from.subject != to.subject {
        done(Edit::Subject(to.subject.clone()), &mut now)?;
    }
    if from.opening != to.opening {
        done(Edit::Opening(to.opening.clone()), &mut now)?;
    }
    if from.note != to.note {
        done(Edit::Note(to.note.clone()), &mut now)?;
    }
    if from.hold != to.hold {
        done(Edit::Hold(to.hold), &mut now)?;
    }
    let at = |list, key: &StoryKey| StoryAt {
        list,
        key: key.clone(),
    };
    for list in List::ALL {
        let moved = moved(&keys(&now, list), &keys(to, list));
        let mut after = None;
        for placed in to.list(list) {
            let key = placed.story.url.key();
            let is_leaving = |other: &List| {
                index_of(&now, *other, &key).is_some() && index_of(to, *other, &key).is_none()
            };
            let origin = if index_of(&now, list, &key).is_none() {
                List::ALL.into_iter().find(is_leaving)
            } else {
                moved.contains(&key).then_some(list)
            };
            let before = after.replace(key.clone());
            if let Some(origin) = origin {
                let story = at(origin, &key);
                let (to, after) = (list, before);
                done(Edit::Move { story, to, after }, &mut now)?;
            } else if index_of(&now, list, &key).is_none() {
                let (placed, after) = (Box::new(placed.clone()), before);
                done(
                    Edit::PutIn {
                        placed,
                        list,
                        after,
                    },
                    &mut now,
                )?;
            }
        }
    }
    for list in List::ALL {
        for key in keys(&now, list) {
            if index_of(to, list, &key).is_none() {
                let is_in = |edition: &Edition| edition.drop.iter().any(|link| link.key() == key);
                let dropped = is_in(to) && !is_in(&now);
                let story = at(list, &key);
                done(Edit::TakeOut { story, dropped }, &mut now)?;
            }
        }
    }
    for (list, placed) in to.stories() {
        let story = at(list, &placed.story.url.key());
        let (_, index) = find(&now, &story).ok()?;
        let here = now.list(list).get(index)?.clone();
        if here.story.picture != placed.story.picture {
            let (story, picture) = (story.clone(), placed.story.picture.clone());
            done(Edit::Picture { story, picture }, &mut now)?;
        }
        for which in StoryWords::ALL {
            let said = now
                .list(list)
                .get(index)
                .and_then(|here| which.of(&here.story));
            if said != which.of(&placed.story) {
                let (story, words) = (story.clone(), which.of(&placed.story).cloned());
                done(
                    Edit::Words {
                        story,
                        which,
                        words,
                    },
                    &mut now,
                )?;
            }
        }
        if here.pin != placed.pin {
            let pin = placed.pin;
            done(Edit::Pin { story, pin }, &mut now)?;
        }
    }
    super::text::says_the_same(&now, to).then_some(edits)
}

pub(in crate::model::edition) fn keys(edition: &Edition, list: List) -> Vec<StoryKey> {
    let placed = edition.list(list).iter();
    placed.map(|placed| placed.story.url.key()).collect()
}

/// Of the stories in both lists those that must have been moved, as few as explain the order of `to`.
pub(in crate::model::edition) fn moved(from: &[StoryKey], to: &[StoryKey]) -> HashSet<StoryKey> {
    let places = to.iter().filter_map(|key| {
        let place = from.iter().position(|before| before == key)?;
        Some((key, place))
    });
    let (kept, places): (Vec<_>, Vec<_>) = places.unzip();
    let in_order = longest_increasing(&places);
    let out_of_order = kept
        .into_iter()
        .zip(in_order)
        .filter(|(_, in_order)| !in_order);
    out_of_order.map(|(key, _)| key.clone()).collect()
}

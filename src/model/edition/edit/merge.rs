//! Two who edit at once: what one did since a version comes into what the file says now. Story by story and field by field; only where both
//! changed the same field is nothing done, and both are told. No clock decides.

use super::between::{keys, moved};
use super::text::apply;
use super::{Edit, Field, StoryAt, Value, index_of};
use crate::model::edition::{Edition, List, Slug};
use crate::model::link::StoryKey;
use crate::model::problem::Problem;
use crate::model::zone::Zone;

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub text: String,
    /// What is not in the text, because somebody else changed it too.
    pub clashes: Vec<Clash>,
}

/// A field that both have changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Clash {
    /// Which of the edits, from 0.
    pub edit: usize,
    pub field: Field,
    /// Before both.
    pub was: Value,
    pub mine: Value,
    /// As the file says it; `None`: the story is not there any more.
    pub theirs: Option<Value>,
}

/// `edits`, which were made on the text `from`, come into the text `now`.
///
/// # Errors
/// One of the texts is no edition, or an edit cannot be done on `from`.
pub fn merge(
    (slug, zone): (&Slug, &Zone),
    from: &str,
    edits: &[Edit],
    now: &str,
) -> Result<Merged, Vec<Problem>> {
    let mut clashes = Vec::new();
    if from == now {
        let text = apply((slug, zone), now, edits)?;
        return Ok(Merged { text, clashes });
    }
    let before = Edition::from_toml(slug.clone(), "the version it began from", from)?;
    let mut theirs = Edition::from_toml(slug.clone(), "the edition file", now)?;
    let original = theirs.clone();
    let mut mine = before.clone();
    let mut kept = Vec::new();
    for (number, edit) in edits.iter().enumerate() {
        // Where it cannot be done it was done before, or is made of what came later: the file says which.
        _ = relocated(edit.clone(), |story| anywhere(&mine, story)).on(&mut mine);
        match decide(edit, &before, &mine, &original, &theirs) {
            Decision::Nothing => {}
            Decision::Clash(clash) => clashes.push(Clash {
                edit: number,
                ..*clash
            }),
            Decision::Keep(edit) => {
                if edit.on(&mut theirs).is_ok() {
                    kept.push(edit);
                }
            }
        }
    }
    let text = apply((slug, zone), now, &kept)?;
    Ok(Merged { text, clashes })
}

enum Decision {
    Keep(Edit),
    Nothing,
    Clash(Box<Clash>),
}

/// `mine` is `before` with this edit and those before it; `theirs` is `original`, what the file says now, with those that were kept of them.
fn decide(
    edit: &Edit,
    before: &Edition,
    mine: &Edition,
    original: &Edition,
    theirs: &Edition,
) -> Decision {
    let field = edit.field();
    let here = field.story().map(|story| where_now(before, theirs, story));
    let value = |edition: &Edition, list: Option<List>| {
        let list = list.or_else(|| anywhere(edition, field.story()?));
        match list {
            Some(list) => field.in_list(list).value(edition),
            None => field.value(edition),
        }
    };
    let was = value(
        before,
        field.story().and_then(|story| anywhere(before, story)),
    );
    let is = value(original, here.flatten());
    let wanted = || value(mine, None).unwrap_or(Value::Place(None));
    let clash = |theirs: Option<Value>| {
        Decision::Clash(Box::new(Clash {
            edit: 0,
            field: field.clone(),
            was: was.clone().unwrap_or(Value::Place(None)),
            mine: edit.value().unwrap_or_else(wanted),
            theirs,
        }))
    };
    let list = match here {
        Some(None) => {
            return match edit {
                Edit::PutIn {
                    placed,
                    list,
                    after,
                } => Decision::Keep(Edit::PutIn {
                    placed: placed.clone(),
                    list: *list,
                    after: anchor(mine, theirs, *list, after.as_ref()),
                }),
                Edit::TakeOut { .. } => Decision::Nothing,
                Edit::Move { story, to, .. } if index_of(theirs, *to, &story.key).is_some() => {
                    Decision::Nothing
                }
                _ => clash(None),
            };
        }
        Some(Some(list)) => Some(list),
        None => None,
    };
    let here = |edit: &Edit| relocated(edit.clone(), |_| list);
    match edit {
        Edit::PutIn { list: wanted, .. } if list == Some(*wanted) => Decision::Nothing,
        // Somebody put it into another list in the meantime.
        Edit::PutIn { .. } => clash(is),
        Edit::TakeOut { story, .. } => {
            // Whoever writes in a story, or moves it to another list, wants it to be read.
            let said = |edition: &Edition, list: Option<List>| {
                let index = index_of(edition, list?, &story.key)?;
                Some((list, edition.list(list?)[index].story.clone()))
            };
            if said(before, anywhere(before, story)) == said(theirs, list) {
                Decision::Keep(here(edit))
            } else {
                clash(is)
            }
        }
        Edit::Move { story, to, after } => {
            let after = anchor(mine, theirs, *to, after.as_ref());
            let now = list.and_then(|list| index_of(theirs, list, &story.key));
            if list == Some(*to) && now == index_behind(theirs, story, *to, after.as_ref()) {
                return Decision::Nothing;
            }
            if list.is_some_and(|list| is_moved(before, original, story, list)) {
                return clash(is);
            }
            let story = story.clone();
            let to = *to;
            Decision::Keep(here(&Edit::Move { story, to, after }))
        }
        _ if is == edit.value() => Decision::Nothing,
        // Of a story that was not there then, they saw what is there now.
        _ if was.is_some() && was != is => clash(is),
        _ => Decision::Keep(here(edit)),
    }
}

fn relocated(mut edit: Edit, place: impl FnOnce(&StoryAt) -> Option<List>) -> Edit {
    if let Some(story) = edit.story_mut()
        && let Some(list) = place(story)
    {
        story.list = list;
    }
    edit
}

/// The list of a story: the one where it was seen, else another.
fn anywhere(edition: &Edition, story: &StoryAt) -> Option<List> {
    let mut lists = std::iter::once(story.list).chain(List::ALL);
    lists.find(|list| index_of(edition, *list, &story.key).is_some())
}

/// Where a story is now: in its list, or in one to which it was moved.
fn where_now(before: &Edition, now: &Edition, story: &StoryAt) -> Option<List> {
    let is_in = |edition, list| index_of(edition, list, &story.key).is_some();
    let mut moved = List::ALL.into_iter();
    if is_in(now, story.list) {
        return Some(story.list);
    }
    moved.find(|list| is_in(now, *list) && !is_in(before, *list))
}

/// Whether a story, which is in that list now, is elsewhere than it was, and not only because others were moved.
fn is_moved(before: &Edition, after: &Edition, story: &StoryAt, list: List) -> bool {
    anywhere(before, story) != Some(list)
        || moved(&keys(before, list), &keys(after, list)).contains(&story.key)
}

/// The index of a story of that list if it comes right behind another.
fn index_behind(
    edition: &Edition,
    story: &StoryAt,
    list: List,
    after: Option<&StoryKey>,
) -> Option<usize> {
    let mut others = keys(edition, list);
    others.retain(|key| *key != story.key);
    match after {
        None => Some(0),
        Some(after) => Some(others.iter().position(|key| key == after)? + 1),
    }
}

/// Behind which story of `theirs` something comes that is behind `after` in `mine`: the nearest one before it that is in both.
fn anchor(
    mine: &Edition,
    theirs: &Edition,
    list: List,
    after: Option<&StoryKey>,
) -> Option<StoryKey> {
    let after = after?;
    if index_of(theirs, list, after).is_some() {
        return Some(after.clone());
    }
    let order = keys(mine, list);
    let end = order.iter().position(|key| key == after)?;
    let mut above = order[..end].iter().rev();
    above
        .find(|key| index_of(theirs, list, key).is_some())
        .cloned()
}

//! What readers asked for, put into the file: newcomers at its end, new preferences into the lines of those who are there.
//! Every other byte stays, comments beside the changed values too.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::LARGEST;
use super::index::Stamp;
use super::pieces::{ListedSubscriber, Subscribers};
use super::splice::{list, names, rhythm_values, with, without};
use crate::model::address::Address;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::Problem;
use crate::model::reader::Preferences;
use crate::model::subscriber::{Paused, Subscriber};
use crate::model::toml_table::quoted;
use crate::newsroom::NewsroomError;
use crate::newsroom::write::{lock, read_if_any, write_over};

/// How often the file is read anew while somebody saves it.
const TRIES: usize = 5;

/// What is to become of one address.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Whose, compared by [`Address::key`].
    pub address: Address,
    /// What.
    pub wish: Wish,
    /// Only if the file says this about them (`Some(None)`: nothing).
    pub only_over: Option<Option<Preferences>>,
}

/// What a reader asked for.
#[derive(Clone, Debug)]
pub enum Wish {
    /// The reader is in the file, with these preferences. Of several newsletters they get those they have too: where the file does not say
    /// which, `defaults`.
    Join {
        subscriber: Box<Subscriber>,
        defaults: Vec<NewsletterName>,
    },
    /// If the reader is in the file, with these preferences.
    Prefer(Preferences),
    /// The reader is no longer in the file.
    Erase,
}

/// What came of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionOutcome {
    /// What the file said about the reader before it.
    pub before: Option<Preferences>,
    /// Whether it says something else now. Of a change that a later one takes back it does not.
    pub changed: bool,
    /// The reader's own block has a problem, so nothing was changed: to be tried again once it is mended.
    pub waits: bool,
}

/// The right to change the file, until it is dropped.
pub struct SubscribersLock {
    pub(super) path: PathBuf,
    _lock: File,
}

/// Waits for the right to change the file; makes no file where there is none.
///
/// # Errors
/// Somebody else has it for several seconds, or there can be no lock.
pub fn hold(path: &Path) -> Result<SubscribersLock, NewsroomError> {
    Ok(SubscribersLock {
        path: path.to_owned(),
        _lock: lock(path)?,
    })
}

impl SubscribersLock {
    /// Applies revisions in their order, in one step: either all of them are in the file afterwards or none. One outcome each. An editor
    /// knows nothing of our lock and may be half-way through saving: then the file is read again.
    ///
    /// # Errors
    /// The file cannot be read or written, a string in it does not close ([`NewsroomError::Broken`]), or it never stands still; it is left
    /// alone then.
    pub fn revise(&self, revisions: &[Revision]) -> Result<Vec<RevisionOutcome>, NewsroomError> {
        self.revise_as(revisions, |path| read_if_any(path, LARGEST))
    }

    fn revise_as(
        &self,
        revisions: &[Revision],
        mut read: impl FnMut(&Path) -> Result<String, NewsroomError>,
    ) -> Result<Vec<RevisionOutcome>, NewsroomError> {
        let file = self.path.to_string_lossy();
        for _ in 0..TRIES {
            let stamp = Stamp::of(&self.path);
            let is_same = || Stamp::of(&self.path) == stamp;
            let old = read(&self.path)?;
            let (new, outcomes) = revised(&file, &old, revisions)
                .map_err(|problems| NewsroomError::Broken(self.path.clone(), problems))?;
            let done = if new == old {
                is_same()
            } else {
                write_over(&self.path, new.as_bytes(), is_same)?
            };
            if done {
                return Ok(outcomes);
            }
        }
        Err(NewsroomError::Busy(self.path.clone()))
    }
}

/// What is known of one address while its revisions are gone through.
struct AddressState {
    /// The reader's blocks in the text; several if they are there twice.
    listed: Vec<ListedSubscriber>,
    /// What the file will say about the reader.
    now: Option<Preferences>,
    /// Whether there is a block with a problem.
    broken: bool,
    /// Whether that block is to go.
    erased: bool,
    /// The block of a newcomer.
    newcomer: Option<Subscriber>,
}

impl AddressState {
    /// What the file says about the reader; of one who appears twice, the first block counts.
    fn said(&self) -> Option<Preferences> {
        let first = self.listed.first();
        first.map(|listed| Preferences::of(&listed.subscriber))
    }
}

fn revised(
    file: &str,
    text: &str,
    revisions: &[Revision],
) -> Result<(String, Vec<RevisionOutcome>), Vec<Problem>> {
    let mut places: HashMap<String, AddressState> = HashMap::new();
    for revision in revisions {
        places
            .entry(revision.address.key().into_owned())
            .or_insert(AddressState {
                listed: Vec::new(),
                now: None,
                broken: false,
                erased: false,
                newcomer: None,
            });
    }
    for listed in Subscribers::of(file, text) {
        let listed = match listed {
            Ok(listed) => listed,
            Err(misread) if misread.is_open => return Err(misread.problems),
            Err(misread) => {
                let key = misread
                    .whose
                    .map(|listed| listed.subscriber.address.key().into_owned());
                if let Some(place) = key.and_then(|key| places.get_mut(&key)) {
                    place.broken = true;
                }
                continue;
            }
        };
        if let Some(place) = places.get_mut(&*listed.subscriber.address.key()) {
            place.listed.push(listed);
            place.now = place.said();
        }
    }
    let mut outcomes = Vec::with_capacity(revisions.len());
    for revision in revisions {
        let Some(place) = places.get_mut(&*revision.address.key()) else {
            continue;
        };
        let before = place.now.clone();
        let waits = place.broken && !matches!(revision.wish, Wish::Erase);
        if waits {
            outcomes.push(RevisionOutcome {
                before,
                changed: false,
                waits,
            });
            continue;
        }
        let is_meant = revision
            .only_over
            .as_ref()
            .is_none_or(|over| *over == before);
        if is_meant {
            match &revision.wish {
                Wish::Join {
                    subscriber,
                    defaults,
                } => {
                    let joined = Preferences::of(subscriber);
                    place.now = Some(joined.joined_to(before.as_ref(), defaults));
                    if before.is_none() {
                        place.newcomer = Some((**subscriber).clone());
                    }
                }
                Wish::Prefer(wanted) if before.is_some() => place.now = Some(wanted.clone()),
                Wish::Prefer(_) => {}
                Wish::Erase => {
                    place.now = None;
                    place.erased |= std::mem::take(&mut place.broken);
                }
            }
        }
        let changed = place.now != before;
        outcomes.push(RevisionOutcome {
            before,
            changed,
            waits,
        });
    }
    for (revision, outcome) in revisions.iter().zip(&mut outcomes) {
        let place = places.get(&*revision.address.key());
        outcome.changed &= place.is_some_and(|place| place.now != place.said());
    }
    Ok((written(file, text, revisions, &places)?, outcomes))
}

fn written(
    file: &str,
    text: &str,
    revisions: &[Revision],
    places: &HashMap<String, AddressState>,
) -> Result<String, Vec<Problem>> {
    let (mut edits, mut leavers, mut newcomers) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for revision in revisions {
        let key = revision.address.key();
        let Some(place) = places.get(&*key) else {
            continue;
        };
        if !seen.insert(key) {
            continue;
        }
        if place.erased {
            leavers.push(revision.address.clone());
        }
        match &place.now {
            None if !place.listed.is_empty() => leavers.push(revision.address.clone()),
            None => {}
            Some(now) if place.listed.is_empty() || place.erased => {
                let newcomer = place.newcomer.clone();
                newcomers.extend(newcomer.map(|newcomer| now.clone().given_to(newcomer)));
            }
            Some(now) => {
                for listed in &place.listed {
                    edits.extend(edits_of(text, listed, now));
                }
            }
        }
    }
    // From the end, so that what is before keeps its place.
    edits.sort_by_key(|(at, _)| std::cmp::Reverse((at.start, at.end)));
    let mut new = text.to_owned();
    for (at, words) in edits {
        new.replace_range(at, &words);
    }
    if !leavers.is_empty() {
        new = without(file, &new, &leavers)?.0.unwrap_or(new);
    }
    if !newcomers.is_empty() {
        new = with(file, &new, &newcomers)?.0.unwrap_or(new);
    }
    Ok(new)
}

/// What to write where in `text`, so that the block says `wanted`.
fn edits_of(
    text: &str,
    listed: &ListedSubscriber,
    wanted: &Preferences,
) -> Vec<(Range<usize>, String)> {
    let said = Preferences::of(&listed.subscriber);
    let name = wanted.name.as_ref().map(|name| quoted(name.as_str()));
    let sections = (!wanted.sections.is_empty()).then(|| list(&wanted.sections));
    let newsletters = wanted.newsletters.as_deref().map(names);
    let paused = match wanted.paused {
        Paused::No => None,
        Paused::Yes => Some("true".to_owned()),
        Paused::Until(day) => Some(day.format("%Y-%m-%d").to_string()),
    };
    let mut changed = vec![
        ("name", name, said.name != wanted.name),
        ("sections", sections, said.sections != wanted.sections),
        (
            "newsletters",
            newsletters,
            said.newsletters != wanted.newsletters,
        ),
        ("paused", paused, said.paused != wanted.paused),
    ];
    let rhythm = rhythm_values(&wanted.rhythm).into_iter();
    for ((key, value), (_, said)) in rhythm.zip(rhythm_values(&said.rhythm)) {
        let is_other = value != said;
        changed.push((key, value, is_other));
    }
    let values = values_in(text, &listed.block);
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at);
    let mut edits = Vec::new();
    let mut more = String::new();
    for (key, value, _) in changed.into_iter().filter(|(.., changed)| *changed) {
        match (values.get(key), value) {
            (Some((_, at)), Some(value)) => edits.push((at.clone(), value)),
            (Some((from, at)), None) => {
                let start = text[..from.start].rfind('\n').map_or(0, |at| at + 1);
                edits.push((start..text.len().min(line_end(at.end) + 1), String::new()));
            }
            (None, Some(value)) => _ = write!(more, "\n{key} = {value}"),
            (None, None) => {}
        }
    }
    if !more.is_empty() {
        let mut at = line_end(listed.at.end);
        if text[..at].ends_with('\r') {
            at -= 1;
            more = more.replace('\n', "\r\n");
        }
        edits.push((at..at, more));
    }
    edits
}

/// Where keys and their values are in the text, of the subscriber in that block.
fn values_in(text: &str, block: &Range<usize>) -> HashMap<String, (Range<usize>, Range<usize>)> {
    let mut values = HashMap::new();
    let Ok(table) = DeTable::parse(&text[block.clone()]) else {
        return values;
    };
    let tables = table.get_ref().get("subscriber");
    let first = tables
        .and_then(|tables| tables.get_ref().as_array())
        .and_then(|tables| tables.first());
    let moved = |span: Range<usize>| block.start + span.start..block.start + span.end;
    for (key, value) in first
        .and_then(|first| first.get_ref().as_table())
        .into_iter()
        .flat_map(|table| table.iter())
    {
        values.insert(
            key.get_ref().to_string(),
            (moved(key.span()), moved(value.span())),
        );
    }
    values
}

#[cfg(test)]
mod tests;

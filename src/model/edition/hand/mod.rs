//! What an editor changed in an edition file, so that drafting again undoes none of it.
//!
//! It compares three editions: as it is in the file, as it was drafted, as it is chosen now. A word that differs from the drafted one is the editor's.
//! When nothing is known of what was drafted, every word that is in the file is.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::{Edition, List, MachineLine, Placed};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::picture::Look;
use crate::model::story::Story;

/// An edition file as the editor left it, and as it was before that.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    written: Edition,
    drafted: Option<Edition>,
}

/// How an edition's lists are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListRules {
    /// The most stories of each list, in the order of [`List::ALL`]. Pinned stories are in theirs even if they are more.
    pub lengths: [usize; 3],
    /// Whether a story of `top` may also be in `most_read`. `latest` repeats no story from above.
    pub overlap: bool,
}

impl Hand {
    /// The editor's hand in `written`. `drafted`: the stories that were written to the file when it was drafted, in the sources' words, and
    /// the composed subject and opening; `None` if that is not known.
    #[must_use]
    pub fn of(written: Edition, drafted: Option<Edition>) -> Self {
        Self { written, drafted }
    }

    /// The stories that are not to be chosen again.
    pub fn drops(&self) -> impl Iterator<Item = StoryKey> {
        self.written.drop.iter().map(Link::key)
    }

    /// What was found earlier when pictures were looked at.
    #[must_use]
    pub fn looks(&self) -> &[Look] {
        &self.written.looks
    }

    /// The stories that keep their places, each with its list. They need not be among those that the sources give.
    pub fn pinned(&self) -> impl Iterator<Item = (List, StoryKey)> {
        let pinned = self.written.stories().filter(|(_, placed)| placed.pin);
        pinned.map(|(list, placed)| (list, placed.story.url.key()))
    }

    /// Pins what the editor placed: stories in a list in which they were not drafted, and those of a list that were moved within it, as few
    /// as explain its order. When nothing is known of what was drafted, what was moved cannot be told, and nothing is pinned. How many of
    /// them the sources gave, so that nothing but the place is the editor's.
    pub fn pin_moved(&mut self, given: &HashSet<StoryKey>) -> usize {
        let Some(drafted) = &self.drafted else {
            return 0;
        };
        let mut moved = 0;
        for list in List::ALL {
            let before = drafted.list(list).iter().zip(0..);
            let before: HashMap<StoryKey, usize> = before
                .map(|(placed, place)| (placed.story.url.key(), place))
                .collect();
            let unpinned = self.written.list_mut(list).iter_mut();
            let (mut here, mut places) = (Vec::new(), Vec::new());
            for placed in unpinned.filter(|placed| !placed.pin) {
                let key = placed.story.url.key();
                if let Some(place) = before.get(&key) {
                    here.push(placed);
                    places.push(*place);
                } else {
                    placed.pin = true;
                    moved += usize::from(given.contains(&key));
                }
            }
            let in_order = longest_increasing(&places);
            for (placed, in_order) in here.into_iter().zip(in_order) {
                placed.pin = !in_order;
                moved += usize::from(!in_order);
            }
        }
        moved
    }

    /// `chosen` under the editor's hand: without what they dropped, around what they pinned, with the words they wrote. What a pinned story
    /// pushes out of a list may go to `latest`. Where they left subject or opening as they were drafted, they are `None`.
    #[must_use]
    pub fn apply(&self, chosen: Edition, cut: ListRules) -> Edition {
        let mut edition = self.laid_out(chosen, cut);
        for list in List::ALL {
            for placed in edition.list_mut(list) {
                if !placed.pin {
                    self.reword(list, &mut placed.story);
                }
            }
        }
        edition.hold = self.written.hold;
        edition.subject = self.kept(MachineLine::Subject, |edition| edition.subject.as_ref());
        edition.opening = self.kept(MachineLine::Opening, |edition| edition.opening.as_ref());
        edition.drop.clone_from(&self.written.drop);
        edition.note.clone_from(&self.written.note);
        edition.notices.clone_from(&self.written.notices);
        let (written, drafted) = (&self.written, self.drafted.as_ref());
        let lines = drafted.map(|drafted| &drafted.lines);
        keep_block(&mut edition.lines, &written.lines, lines);
        let sign_off = drafted.map(|drafted| &drafted.sign_off);
        keep_block(&mut edition.sign_off, &written.sign_off, sign_off);
        let question = drafted.map(|drafted| &drafted.question);
        keep_block(&mut edition.question, &written.question, question);
        edition
    }

    /// How many stories of `edition` the editor had taken out of the file, without a word in `drop`.
    #[must_use]
    pub fn came_back(&self, edition: &Edition) -> usize {
        let Some(drafted) = &self.drafted else {
            return 0;
        };
        let (written, now) = (self.written.keys(), edition.keys());
        let drafted = drafted.keys().into_iter();
        drafted
            .filter(|key| !written.contains(key) && now.contains(key))
            .count()
    }

    fn laid_out(&self, mut edition: Edition, cut: ListRules) -> Edition {
        let dropped: HashSet<StoryKey> = self.drops().collect();
        let mut standing = List::ALL.map(|list| {
            let here = self.pinned().filter(|(pinned, _)| *pinned == list);
            here.map(|(_, key)| key).collect::<HashSet<_>>()
        });
        let mut pushed_out = Vec::new();
        for list in List::ALL {
            let pins = self.written.list(list).iter().enumerate();
            let pins: Vec<(usize, &Placed)> = pins.filter(|(_, placed)| placed.pin).collect();
            let mut others = std::mem::take(edition.list_mut(list));
            if list == List::Latest && !pushed_out.is_empty() {
                // Of two as new the one that was ranked higher comes first.
                others = pushed_out.drain(..).chain(others).collect();
                others.sort_by_key(|placed| Reverse(placed.story.published));
            }
            let room = cut.lengths[list as usize].saturating_sub(pins.len());
            let mut placed = Vec::with_capacity(room + pins.len());
            for other in others {
                let key = other.story.url.key();
                let elsewhere = List::ALL.into_iter().any(|there| {
                    (there == list || cut.apart(there, list))
                        && standing[there as usize].contains(&key)
                });
                if elsewhere || dropped.contains(&key) {
                    continue;
                }
                if placed.len() < room {
                    standing[list as usize].insert(key);
                    placed.push(other);
                } else {
                    pushed_out.push(other);
                }
            }
            for (place, pinned) in pins {
                let pinned = Placed {
                    why: Line::non_empty("pinned by the editor"),
                    ..pinned.clone()
                };
                placed.insert(place.min(placed.len()), pinned);
            }
            *edition.list_mut(list) = placed;
        }
        edition
    }

    /// Whether the first paragraphs of that story are the editor's, or it has none because the editor took them away.
    #[must_use]
    pub fn wrote_paragraphs(&self, key: &StoryKey) -> bool {
        let mut written = copies(&self.written, key);
        written.any(|(list, written)| {
            let drafted = self.as_drafted(list, key);
            written.paragraphs != drafted.map_or(&[][..], |drafted| &drafted.paragraphs)
        })
    }

    /// The story as it was drafted in that list, else in another.
    fn as_drafted(&self, list: List, key: &StoryKey) -> Option<&Story> {
        let drafted = copies(self.drafted.as_ref()?, key);
        let (_, story) = drafted.min_by_key(|(there, _)| *there != list)?;
        Some(story)
    }

    /// Gives the story the words that the editor wrote for it, wherever in the file.
    fn reword(&self, list: List, story: &mut Story) {
        let key = story.url.key();
        let mut written: Vec<(List, &Story)> = copies(&self.written, &key).collect();
        // The last word is the one written in this very list.
        written.sort_by_key(|(there, _)| *there == list);
        for (there, written) in written {
            keep_words(story, written, self.as_drafted(there, &key));
        }
    }

    /// The line, if it is the editor's: other words than were drafted, or a machine's of which the editor said that they are theirs.
    fn kept(&self, which: MachineLine, line: fn(&Edition) -> Option<&Line>) -> Option<Line> {
        let drafted = self.drafted.as_ref();
        let was_machines = drafted.is_some_and(|drafted| drafted.is_machine_written(which));
        let is_taken_over = was_machines && !self.written.is_machine_written(which);
        line(&self.written)
            .filter(|written| is_taken_over || Some(*written) != drafted.and_then(line))
            .cloned()
    }
}

impl ListRules {
    /// Whether no story may be in both lists.
    fn apart(self, a: List, b: List) -> bool {
        a != b && (!self.overlap || a == List::Latest || b == List::Latest)
    }
}

/// That story in each of the lists that hold it.
fn copies<'e>(edition: &'e Edition, key: &StoryKey) -> impl Iterator<Item = (List, &'e Story)> {
    let all = edition.stories();
    let of_it = all.filter(move |(_, placed)| placed.story.url.key() == *key);
    of_it.map(|(list, placed)| (list, &placed.story))
}

/// Which of `places` belong to the longest run of them that increases; of several, to one.
pub(super) fn longest_increasing(places: &[usize]) -> Vec<bool> {
    // By length: where the run of that length with the smallest end has its end. And what comes before each in its run.
    let (mut ends, mut before) = (Vec::<usize>::new(), Vec::with_capacity(places.len()));
    for (at, place) in places.iter().enumerate() {
        let longer = ends.partition_point(|&end| places[end] < *place);
        before.push(longer.checked_sub(1).map(|shorter| ends[shorter]));
        if longer == ends.len() {
            ends.push(at);
        } else {
            ends[longer] = at;
        }
    }
    let mut belongs = vec![false; places.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        belongs[at] = true;
        next = before[at];
    }
    belongs
}

/// A block that the editor wrote, changed or took away stays so. When nothing is known of what was drafted, a block that is not there was not
/// there.
fn keep_block<T: Clone + Default + PartialEq>(new: &mut T, written: &T, drafted: Option<&T>) {
    let untouched = drafted.map_or_else(|| *written == T::default(), |drafted| drafted == written);
    if !untouched {
        new.clone_from(written);
    }
}

/// Where `written` is not as `drafted`, it becomes `chosen`.
fn keep_words(chosen: &mut Story, written: &Story, drafted: Option<&Story>) {
    fn keep<T: Clone + PartialEq>(chosen: &mut T, written: &T, drafted: &T) {
        if written != drafted {
            chosen.clone_from(written);
        }
    }
    // An editor may take a dek away as well as write one. Without memory only the latter can be seen.
    let nothing = Story::new(Line::clean(""), written.url.clone());
    let drafted = drafted.unwrap_or(&nothing);
    keep(&mut chosen.headline, &written.headline, &drafted.headline);
    keep(&mut chosen.url, &written.url, &drafted.url);
    keep(&mut chosen.dek, &written.dek, &drafted.dek);
    keep(&mut chosen.kicker, &written.kicker, &drafted.kicker);
    keep(&mut chosen.section, &written.section, &drafted.section);
    keep(&mut chosen.byline, &written.byline, &drafted.byline);
    keep(
        &mut chosen.published,
        &written.published,
        &drafted.published,
    );
    keep(
        &mut chosen.precision,
        &written.precision,
        &drafted.precision,
    );
    keep(&mut chosen.picture, &written.picture, &drafted.picture);
    keep(&mut chosen.related, &written.related, &drafted.related);
    keep(
        &mut chosen.paragraphs,
        &written.paragraphs,
        &drafted.paragraphs,
    );
}

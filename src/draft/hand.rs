//! A fresh choice under the editor's hand: the edition as it is written, the one that is remembered, and reasons that are true of the first.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::trim::{Trimmed, trim};
use crate::config::Config;
use crate::model::edition::{Edition, Hand, List, ListRules, Placed};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::Story;
use crate::render;
use crate::select::{Overlap, Selection};

/// `chosen` under the hand.
pub(super) fn laid_out(chosen: Edition, hand: Option<&Hand>, config: &Config) -> Edition {
    let options = &config.selection;
    let cut = ListRules {
        lengths: [options.top, options.most_read, options.latest],
        overlap: options.overlap == Overlap::Allowed,
    };
    match hand {
        Some(hand) => hand.apply(chosen, cut),
        None => chosen,
    }
}

/// What was chosen in the sources' words, in the places that `edition` gives it: what is elsewhere in the file next time was moved by the
/// editor. Stories of the editor's own are not in it.
pub(super) fn placed_as(mut chosen: Edition, edition: &Edition, selection: &Selection) -> Edition {
    let candidates = selection.candidates.iter().map(|judged| &judged.story);
    let given: HashMap<StoryKey, &Story> =
        candidates.map(|story| (story.url.key(), story)).collect();
    for list in List::ALL {
        let here = edition.list(list).iter().filter_map(|placed| {
            Some(Placed {
                story: (*given.get(&placed.story.url.key())?).clone(),
                pin: placed.pin,
                why: placed.why.clone(),
            })
        });
        *chosen.list_mut(list) = here.collect();
    }
    chosen
}

/// Makes `edition` short enough, and composes the lines that nobody wrote, so that an editor finds words to change and not an empty place. `drafted`
/// becomes the same had nobody written a word, to know next time which words are the editor's. What did not fit.
pub(super) fn compose(
    edition: &mut Edition,
    drafted: &mut Edition,
    config: &Config,
    now: DateTime<Utc>,
) -> Option<Trimmed> {
    let template = &config.template;
    let trimmed = trim(edition, config, now);
    let printed = edition.keys();
    for list in List::ALL {
        let drafted = drafted.list_mut(list);
        drafted.retain(|placed| printed.contains(&placed.story.url.key()));
    }
    let (subject, opening) = (edition.subject.take(), edition.opening.take());
    drafted.subject = Some(render::subject(edition, template));
    edition.subject = subject.or_else(|| drafted.subject.clone());
    drafted.opening = Some(render::opening(edition, template)).filter(|line| !line.is_empty());
    edition.opening = opening.or_else(|| drafted.opening.clone());
    trimmed
}

/// Makes slots and reasons those of `edition`, where a pinned story may have moved others and some were `taken` for the letter's length, and
/// tells beside a pinned story what the choice thought of it.
pub(super) fn tell(selection: &mut Selection, edition: &mut Edition, taken: &HashSet<&StoryKey>) {
    for judged in &mut selection.candidates {
        let key = judged.story.url.key();
        let chosen = std::mem::take(&mut judged.slots);
        let reasons = std::mem::take(&mut judged.reasons);
        for list in List::ALL {
            let mut all = edition.list_mut(list).iter_mut().zip(1..);
            let Some((placed, place)) = all.find(|(placed, _)| placed.story.url.key() == key)
            else {
                continue;
            };
            if let (Some(why), true) = (&placed.why, placed.pin) {
                let thought = reasons.get(&list).or(judged.passed_over.as_ref());
                let thought = thought.map(|thought| {
                    let words = thought.as_str();
                    words.strip_prefix("passed over: ").unwrap_or(words)
                });
                placed.why = Line::non_empty(&match thought {
                    Some(thought) => format!("{why}; {thought}"),
                    None => why.to_string(),
                });
            }
            judged.slots.insert(list, place);
            judged
                .reasons
                .extend(placed.why.clone().map(|why| (list, why)));
        }
        if !judged.slots.is_empty() {
            judged.passed_over = None;
        } else if taken.contains(&key) {
            judged.passed_over =
                Line::non_empty("passed over: the letter would be longer than Gmail shows");
        } else if !chosen.is_empty() {
            judged.passed_over = Line::non_empty("passed over: a pinned story has its place");
        }
    }
}

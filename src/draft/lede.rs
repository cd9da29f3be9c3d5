//! The lede speaks: its first paragraphs, from the text that a feed gave, else from its own page.

use crate::config::Config;
use crate::model::edition::{Edition, Hand, List};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::Miss;
use crate::select::Selection;
use crate::source::{self, LIMITS};

/// Leaves no paragraphs to any story.
pub(super) fn hush(edition: &mut Edition) {
    for list in List::ALL {
        for placed in edition.list_mut(list) {
            placed.story.paragraphs.clear();
        }
    }
}

/// Gives paragraphs to the story that leads `edition`, unless those that it has, or that it has none, are the editor's doing. In `drafted` it
/// has them in any case, and no other story has any. A page that gives none is a miss.
pub(super) async fn speak(
    edition: &mut Edition,
    drafted: &mut Edition,
    hand: Option<&Hand>,
    selection: &mut Selection,
    config: &Config,
) {
    hush(drafted);
    let Some(lede) = edition.top.first_mut().map(|placed| &mut placed.story) else {
        return;
    };
    let key = lede.url.key();
    let found = paragraphs(&key, selection, config).await;
    let is_theirs = hand.is_some_and(|hand| hand.wrote_paragraphs(&key));
    if lede.paragraphs.is_empty() && !is_theirs {
        lede.paragraphs.clone_from(&found);
    }
    let mut top = drafted.top.iter_mut().map(|placed| &mut placed.story);
    if let Some(lede) = top.find(|story| story.url.key() == key) {
        lede.paragraphs = found;
    }
}

/// The first paragraphs of that story; none, if no source gave it.
async fn paragraphs(key: &StoryKey, selection: &mut Selection, config: &Config) -> Vec<Line> {
    let most = config.selection.lede_paragraphs;
    let mut judged = selection.candidates.iter();
    let judged = judged.find(|judged| most > 0 && judged.story.url.key() == *key);
    let Some(judged) = judged else {
        return Vec::new();
    };
    let (story, given) = (&judged.story, &judged.sources);
    let mut paragraphs = story.paragraphs.clone();
    paragraphs.truncate(most);
    // A feed of summaries: its text is the dek once more.
    if paragraphs.len() == 1 && paragraphs.first() == story.dek.as_ref() {
        paragraphs.clear();
    }
    // Names that end so are nobody's (RFC 2606): the paper is invented.
    if paragraphs.len() == most || story.url.host().ends_with(".example") {
        return paragraphs;
    }
    let about = (&story.headline, &story.url);
    let found = source::first_paragraphs(about, given, &config.sources, most, &LIMITS).await;
    let what = match found {
        Ok(found) if found.len() > paragraphs.len() => return found,
        Ok(_) => "its page gives no text".to_owned(),
        Err(what) => what,
    };
    if paragraphs.is_empty() {
        let source = given.first().cloned();
        selection.misses.push(Miss {
            source: source.unwrap_or_else(|| Line::clean(story.url.host())),
            what: Line::clean(&format!("the lede's first paragraphs: {what}")),
        });
    }
    paragraphs
}

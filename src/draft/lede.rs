//! The lede speaks: its first paragraphs, from the text that a feed gave, else from its own page.

use crate::config::Config;
use crate::model::edition::{Edition, List};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::{Miss, Story};
use crate::select::Selection;
use crate::source::{self, LIMITS};

/// Leaves paragraphs to the story that leads, and none to the others. A page that gives none is a miss.
pub(super) async fn speak(
    chosen: &mut Edition,
    lede: Option<&StoryKey>,
    selection: &mut Selection,
    config: &Config,
) {
    let most = config.selection.lede_paragraphs;
    let is_lede = |story: &Story| most > 0 && lede == Some(&story.url.key());
    for list in List::ALL {
        for placed in chosen.list_mut(list) {
            if list != List::Top || !is_lede(&placed.story) {
                placed.story.paragraphs.clear();
            }
        }
    }
    let mut top = chosen.top.iter_mut().map(|placed| &mut placed.story);
    let Some(story) = top.find(|story| is_lede(story)) else {
        return;
    };
    story.paragraphs.truncate(most);
    // A feed of summaries: its text is the dek once more.
    if story.paragraphs.len() == 1 && story.paragraphs.first() == story.dek.as_ref() {
        story.paragraphs.clear();
    }
    // Names that end so are nobody's (RFC 2606): the paper is invented.
    if story.paragraphs.len() == most || story.url.host().ends_with(".example") {
        return;
    }
    let mut judged = selection.candidates.iter();
    let judged = judged.find(|judged| is_lede(&judged.story));
    let given = judged.map_or(&[] as &[_], |judged| &judged.sources);
    let about = (&story.headline, &story.url);
    let found = source::first_paragraphs(about, given, &config.sources, most, &LIMITS).await;
    let what = match found {
        Ok(found) if found.len() > story.paragraphs.len() => {
            story.paragraphs = found;
            return;
        }
        Ok(_) => "its page gives no text".to_owned(),
        Err(what) => what,
    };
    if story.paragraphs.is_empty() {
        let source = given.first().cloned();
        selection.misses.push(Miss {
            source: source.unwrap_or_else(|| Line::clean(story.url.host())),
            what: Line::clean(&format!("the lede's first paragraphs: {what}")),
        });
    }
}

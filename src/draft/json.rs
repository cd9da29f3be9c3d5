//! A draft for programs.

use serde_json::{Value, json};

use super::Draft;
use crate::config::Config;
use crate::model::edition::{Edition, List, Placed, Slug};
use crate::newsroom::editions;

/// The form of `docs/schemas/draft.json`.
#[must_use]
pub fn as_json(draft: &Draft, config: &Config, slug: &Slug) -> Value {
    let selection = &draft.selection;
    let lists = draft.edition.as_ref().map(|edition| {
        let lists = List::ALL.map(|list| {
            let stories: Vec<Value> = edition.list(list).iter().map(story).collect();
            (list.key(), Value::from(stories))
        });
        Value::from_iter(lists)
    });
    json!({
        "schema": 1,
        "newsletter": config.newsletter.id,
        "edition": slug.to_string(),
        "file": draft.edition.as_ref().map(|_| editions::path_of(&config.editions(), slug)),
        "found": selection.candidates.len(),
        "chosen": draft.edition.as_ref().map_or(0, Edition::count),
        "minimum": config.selection.minimum,
        "subject": draft.edition.as_ref().map(|edition| &edition.subject),
        "opening": draft.edition.as_ref().map(|edition| &edition.opening),
        "lists": lists,
        "moved": draft.moved,
        "came_back": draft.came_back,
        "cut_for_length": draft.trimmed.as_ref().map_or(0, |trimmed| trimmed.stories.len()),
        "readership_as_of": selection.readership_as_of,
        "unread": selection.unread,
        "sources": draft.health,
        "misses": selection.misses,
    })
}

fn story(placed: &Placed) -> Value {
    let story = &placed.story;
    json!({
        "headline": story.headline,
        "dek": story.dek,
        "url": story.url,
        "section": story.section,
        "published": story.published,
        "pin": placed.pin,
        "why": placed.why,
    })
}

//! The lists, a row for each story, with what opens in it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::TimeDelta;
use maud::{Markup, html};

use super::super::editor::pictures;
use super::super::showing::{EditionState, Showing};
use super::{heading, ticked};
use crate::model::edition::{List, Placed, StoryWords};
use crate::model::figures::{counted, rounded};
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::{Picture, Story};
use crate::newsroom::reasons::Reason;
use crate::preflight;

/// A page has many stories, and there may be thousands of candidates.
type ReasonsByStory<'s> = HashMap<StoryKey, Vec<&'s Reason>>;

pub(super) fn lists(showing: &Showing) -> Markup {
    let Some(edition) = &showing.edition else {
        return html! { p.empty { "No edition can be shown yet." } };
    };
    let mut reasons = ReasonsByStory::new();
    for reason in &showing.reasons {
        reasons.entry(reason.url.key()).or_default().push(reason);
    }
    html! {
        @for list in List::ALL {
            @let placed = edition.list(list);
            section.list aria-labelledby={ "h-" (list.key()) } {
                h2 id={ "h-" (list.key()) } { (heading(list)) " " span.fine { (counted(placed.len(), "story", "stories")) } }
                ol data-list=(list.key()) {
                    @for (number, placed) in (1_usize..).zip(placed) { (row(showing, &reasons, list, number, placed)) }
                }
            }
        }
    }
}

/// What is beside the lists: what was dropped, a note to write.
pub(super) fn more(showing: &Showing) -> Markup {
    let Some(edition) = &showing.edition else {
        return html! {};
    };
    let is_open = matches!(showing.state, EditionState::Draft { .. });
    html! {
        @if is_open && edition.note.is_none() { button #write-note.scripted type="button" { "Write a note" } }
        @if !edition.drop.is_empty() {
            details #dropped {
                summary { "Dropped " (edition.drop.len()) }
                ul {
                    @for link in &edition.drop {
                        @let known = showing.reasons.iter().find(|reason| reason.url.key() == link.key());
                        li {
                            @if let Some(reason) = known {
                                (reason.headline) " "
                                @if is_open { button.link.scripted type="button" data-return=(link.as_str()) { "Put back" span.unseen { ": " (reason.headline) } } }
                            } @else { code { (link.as_str()) } }
                        }
                    }
                }
            }
        }
    }
}

/// A name for the elements of a story in a list: it stays when the story moves in it.
fn id_of(list: List, key: &StoryKey) -> String {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    format!("{}-{:08x}", list.key(), hasher.finish() & 0xffff_ffff)
}

fn row(
    showing: &Showing,
    reasons: &ReasonsByStory<'_>,
    list: List,
    number: usize,
    placed: &Placed,
) -> Markup {
    let story = &placed.story;
    let key = story.url.key();
    let id = id_of(list, &key);
    let reasons = reasons.get(&key).map_or(&[][..], Vec::as_slice);
    let (reason, source) = (reasons.first().copied(), drafted(showing, list, &key));
    let place = preflight::place(list, placed);
    let found = showing
        .findings
        .iter()
        .filter(|finding| finding.place == place);
    let found: Vec<&Finding> = found.collect();
    let is_retitled = source.is_some_and(|source| source.headline != story.headline);
    let is_open = matches!(showing.state, EditionState::Draft { .. });
    html! {
        li.story data-unit id={ "s-" (id) } data-list=(list.key()) data-url=(story.url.as_str()) .lede[list == List::Top && number == 1] {
            @if is_open { button.grip type="button" tabindex="-1" aria-describedby="how" { span.rank { (number) } span.unseen { " " (story.headline) } } }
            @else { p.grip { (number) } }
            div.what {
                h3 { @if is_open { button.headline type="button" tabindex="-1" data-act="edit" { (story.headline) } } @else { (story.headline) } }
                div.under {
                    p.facts {
                        @if let Some(section) = &story.section { span.section { (section) } }
                        @if let Some(age) = age(showing, story, reason) { span { (age) } }
                        @if is_retitled { span { "retitled" } }
                        @for finding in &found { span.flag.grave[finding.gravity == Gravity::Error] title=(finding.what) { (finding.name) } }
                        span.who {}
                    }
                    @if is_open {
                        div.acts.scripted {
                            button type="button" tabindex="-1" data-act="up" aria-keyshortcuts="Alt+K" { span aria-hidden="true" { "↑" } span.unseen { "Move up" } }
                            button type="button" tabindex="-1" data-act="down" aria-keyshortcuts="Alt+J" { span aria-hidden="true" { "↓" } span.unseen { "Move down" } }
                            button type="button" tabindex="-1" data-act="edit" aria-keyshortcuts="e" aria-expanded="false" { "Edit" }
                            button type="button" tabindex="-1" data-act="swap" aria-keyshortcuts="r" aria-expanded="false" { "Swap" }
                            button type="button" tabindex="-1" data-act="drop" aria-keyshortcuts="x" { "Drop" }
                            button.pin type="button" tabindex="-1" data-act="pin" aria-keyshortcuts="f" aria-pressed=(placed.pin) { @if placed.pin { "Pinned" } @else { "Pin" } }
                        }
                    }
                }
                (views(reason))
            }
            @if is_open { (editor(showing, &id, placed, source, (&found, reasons))) }
            @if let Some(why) = &placed.why { p.why.fine hidden { (ticked(why.as_str())) } }
        }
    }
}

/// The story in the source's words: as it was drafted there, or in another list.
fn drafted<'s>(showing: &'s Showing, list: List, key: &StoryKey) -> Option<&'s Story> {
    let drafted = showing.drafted.as_ref()?.stories();
    let copies = drafted.filter(|(_, placed)| placed.story.url.key() == *key);
    let (_, placed) = copies.min_by_key(|(there, _)| *there != list)?;
    Some(&placed.story)
}

/// How old it was when the edition was drafted.
fn age(showing: &Showing, story: &Story, reason: Option<&Reason>) -> Option<String> {
    let hours = reason.and_then(|reason| reason.parts.get("age_hours").copied());
    if let Some(hours) = hours {
        return Some(if hours < 1.0 {
            format!("{} min", rounded(hours * 60.0))
        } else if hours < 48.0 {
            format!("{} h", rounded(hours))
        } else {
            format!("{} days", rounded(hours / 24.0))
        });
    }
    let day = story.published?.date_naive();
    let is_near = (showing.slug.day() - day).abs() < TimeDelta::days(300);
    let form = if is_near { "%-d %B" } else { "%-d %B %Y" };
    Some(day.format(form).to_string())
}

/// How many read it in an hour, where that is known.
pub(super) fn views(reason: Option<&Reason>) -> Markup {
    let views = reason.and_then(|reason| reason.parts.get("views_per_hour"));
    html! {
        p.curve {
            @if let Some(views) = views { b { (rounded(*views)) } span aria-hidden="true" { "/h" } span.unseen { " views an hour" } }
        }
    }
}

fn editor(
    showing: &Showing,
    id: &str,
    placed: &Placed,
    source: Option<&Story>,
    (found, reasons): (&[&Finding], &[&Reason]),
) -> Markup {
    let story = &placed.story;
    let pictures = pictures(showing, &story.url.key(), reasons.iter().copied());
    let about = |names: &[&str]| -> Vec<&Finding> {
        let about = found
            .iter()
            .filter(|finding| names.iter().any(|name| finding.name.contains(name)));
        about.copied().collect()
    };
    html! {
        div.panel.editor hidden role="group" aria-label={ "Edit " (story.headline) } {
            (field(id, StoryWords::Headline, story, source, &about(&["headline"])))
            (field(id, StoryWords::Dek, story, source, &about(&["dek"])))
            (field(id, StoryWords::Kicker, story, source, &[]))
            (field(id, StoryWords::Byline, story, source, &[]))
            @if !pictures.is_empty() {
                fieldset.pictures {
                    legend { "Picture" }
                    @for picture in &pictures { (choice(showing, id, story, picture)) }
                    label { input type="radio" name={ "picture-" (id) } value="" checked[story.picture.is_none()]; span.none { "No picture" } }
                }
            }
            @if story.picture.is_some() { (field(id, StoryWords::Alt, story, source, &about(&["alt"]))) }
            p.close {
                button.strong type="button" data-act="done" { "Done" }
                a href=(story.url.as_str()) target="_blank" rel="noreferrer" { "Read the story" }
                span.fine { "Saved as you type. " kbd { "Esc" } " is done; " kbd { "u" } " takes it back." }
            }
        }
    }
}

fn choice(showing: &Showing, id: &str, story: &Story, picture: &Picture) -> Markup {
    let is_shown = story
        .picture
        .as_ref()
        .is_some_and(|shown| shown.url == picture.url);
    let quoted = format!("\"{}\"", picture.url.as_str());
    let here = showing.with_pictures_here(&quoted);
    let alt = picture
        .alt
        .as_ref()
        .map_or("A picture nobody has described", Line::as_str);
    html! {
        label {
            input type="radio" name={ "picture-" (id) } value=(picture.url.as_str()) checked[is_shown];
            img src=(here.trim_matches('"')) width="72" height="48" alt=(alt) loading="lazy";
        }
    }
}

fn field(
    id: &str,
    which: StoryWords,
    story: &Story,
    source: Option<&Story>,
    found: &[&Finding],
) -> Markup {
    let name = which.key();
    let (id, words) = (
        format!("f-{name}-{id}"),
        which.of(story).map_or("", Line::as_str),
    );
    let label = match which {
        StoryWords::Headline => "Headline",
        StoryWords::Dek => "Dek",
        StoryWords::Kicker => "Kicker",
        StoryWords::Byline => "Byline",
        StoryWords::Alt => "What the picture shows",
    };
    let theirs = source.map(|source| which.of(source).map_or("", Line::as_str));
    html! {
        div.field data-of=(name) {
            label for=(id) { (label) }
            textarea id=(id) rows="1" data-field="words" data-which=(name) { (words) }
            p.measure { (words.chars().count()) " characters" }
            @for finding in found { p.finding { code { (finding.name) } " " (ticked(finding.what.as_str())) span.hint { (ticked(finding.hint)) } } }
        }
        div.source data-of=(name) {
            @if let Some(theirs) = theirs.filter(|theirs| *theirs != words) {
                p.fine { "The source's words" }
                p.words { @if theirs.is_empty() { "none" } @else { (theirs) } }
                button.link type="button" data-reset=(theirs) { "Back to it" span.unseen { ": " (label) } }
            }
        }
    }
}

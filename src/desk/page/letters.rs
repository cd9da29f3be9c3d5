//! The letters in their frames, the one before beside them, and what the switches imitate.

use maud::{Markup, html};

use super::super::changes::LetterChanges;
use super::super::switches::{Scheme, Styles};
use super::super::{Spot, Variant};
use super::{Sight, counted, ticked};
use crate::model::line::Line;

/// What is over the letters: what is imitated, and what has changed.
pub(super) fn said(sight: &Sight<'_>) -> Markup {
    let switches = sight.switches;
    html! {
        @match switches.scheme {
            Scheme::Light => {}
            Scheme::Dark => p { b { "Dark" } " is a mail program that hands the letter its own dark colors, as Apple Mail does." }
            Scheme::Inverted => p { b { "Inverted" } " is the Gmail app on an iPhone: it turns every color over, whatever the letter says, and leaves pictures alone." }
        }
        @match switches.styles {
            Styles::All => {}
            Styles::Inline => p { b { "No <style>" } " is the Gmail app with an account of another provider: it keeps style attributes only." }
            Styles::None => p { b { "No CSS at all" } " is a watch, a text browser, a reader's own style: structure and words must do." }
        }
        @if switches.pictures_off {
            p { b { "No pictures" } " is Outlook, and every company that blocks them, until the reader asks." }
        }
        @if switches.compare { (compared(sight)) }
    }
}

fn compared(sight: &Sight<'_>) -> Markup {
    html! {
        section.changes aria-label="What has changed" {
            @if let Some((variant, (_, before))) = sight.variant.zip(sight.before) {
                @if before.is_same(variant) { p { "The last change left this letter as it was." } }
                @else { (changes(&LetterChanges::between(before, variant))) }
            } @else {
                p { b { "Before and after" } " stand side by side as soon as a file is saved and the letter changes." }
            }
        }
    }
}

fn changes(changes: &LetterChanges<'_>) -> Markup {
    let spot =
        |spot: &Spot| html! { i { (spot.headline) } " (" (spot.list.words()) " " (spot.place) ")" };
    let words = |what: &str, pair: Option<(&Line, &Line)>| {
        html! { @if let Some((was, is)) = pair { li { b { (what) } " " del { (was) } " " ins { (is) } } } }
    };
    let grown = changes.grown.unsigned_abs();
    html! {
        ul {
            (words("Subject", changes.subject))
            (words("Opening", changes.opening))
            @for came in &changes.came { li { b { "In" } " " (spot(came)) } }
            @for went in &changes.went { li { b { "Out" } " " (spot(went)) } }
            @for (was, is) in &changes.moved { li { b { "Moved" } " " (spot(is)) ", was " (was.list.words()) " " (was.place) } }
            @for (was, is) in &changes.retitled { li { b { "Headline" } " " del { (was.headline) } " " ins { (is.headline) } } }
            li {
                b { "Size" } " "
                @if grown == 0 { "the same" }
                @else { (if changes.grown > 0 { "+" } else { "−" }) (counted(usize::try_from(grown).unwrap_or(usize::MAX), "byte")) }
            }
        }
    }
}

/// The two widths side by side, or before and after of each. Frames are named, so that the script finds each again.
pub(super) fn letters(sight: &Sight<'_>) -> Markup {
    html! {
        @if let Some(variant) = sight.variant {
            @for (id, words, width) in [("phone", "Phone", 375), ("desktop", "Desktop", 800)] {
                @if let Some((number, _)) = sight.before { (frame(sight, id, words, width, Some(number))) }
                (frame(sight, id, words, width, None))
            }
            @if sight.before.is_none() { (margin(variant)) }
        } @else { p.empty { "No pages yet." } }
    }
}

/// The version in the address makes a frame load again; its policy is in the answer, and `sandbox` repeats it here.
fn frame(sight: &Sight<'_>, id: &str, words: &str, width: u32, before: Option<usize>) -> Markup {
    let mut switches = *sight.switches;
    let mut version = sight.showing.version;
    let (mut name, mut when) = (id.to_owned(), "");
    if let Some(number) = before {
        switches.variant = number;
        version = sight
            .showing
            .before
            .as_ref()
            .map_or(0, |before| before.version);
        name.push_str("-before");
        when = ", before";
    } else if sight.before.is_some() {
        when = ", now";
    }
    html! {
        section class={ "letter " (id) } id=(name) aria-labelledby={ (name) "-title" } {
            h2 id={ (name) "-title" } { (words) (when) small { (width) " px" } }
            div.screen {
                iframe name=(name) title={ "The letter" (when) ", " (width) " pixels wide" } width=(width)
                    sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
                    src={ "html?" (switches.letter(before.is_some())) "&v=" (version) } {}
            }
        }
    }
}

/// The why beside each story; the script puts each note at the height of its headline.
fn margin(variant: &Variant) -> Markup {
    html! {
        aside #margin.scripted data-part aria-label="Why each story is there" {
            ol {
                @for spot in &variant.stories {
                    @if let Some(why) = &spot.why {
                        li data-url=(spot.url.as_str()) data-headline=(spot.headline) {
                            p.fine { (spot.list.words()) " " (spot.place) }
                            p { (ticked(why.as_str())) }
                        }
                    }
                }
            }
        }
    }
}

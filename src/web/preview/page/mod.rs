//! The page itself, drawn whole on the server for every position of its switches. It decides nothing about routes and holds no state:
//! the script only asks for the same page again and puts the changed parts in their place (elements marked `data-part`).

use axum::http::Uri;
use maud::{DOCTYPE, Markup, html};

use super::{Showing, State, Variant};
use crate::finding::{Finding, Gravity};
use crate::line::Line;
use crate::problem::Problem;

mod views;

/// What Gmail shows of a letter before it clips: not documented, measured at 102 to 105 KB of HTML. The whole letter is held against it, which
/// is the safe side.
const GMAIL_CLIPS: usize = 102_400;

/// The switches of the page, as they stand in its query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Switches {
    /// Which of [`Showing::variants`], from 0.
    pub(super) variant: usize,
    /// The letter as a reader with a dark screen sees it.
    pub(super) dark: bool,
    /// The letter as a reader sees it whose client blocks pictures.
    pub(super) pictures_off: bool,
}

impl Switches {
    /// Reads the query; what it does not know it passes over. Of a repeated key the last counts, as a form's button stands after its
    /// hidden fields.
    pub(super) fn of(uri: &Uri) -> Self {
        let mut switches = Self::default();
        for (key, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        {
            match &*key {
                "variant" => switches.variant = value.parse().unwrap_or(usize::MAX),
                "scheme" => switches.dark = value == "dark",
                "pictures" => switches.pictures_off = value == "off",
                _ => {}
            }
        }
        switches
    }
}

/// The whole page. A variant that is not there is shown as the first.
pub(super) fn page(showing: &Showing, switches: &Switches) -> Markup {
    let index = if switches.variant < showing.variants.len() {
        switches.variant
    } else {
        0
    };
    let switches = &Switches {
        variant: index,
        ..*switches
    };
    let variant = showing.variants.get(index);
    let subject = variant.map_or(showing.newsletter.as_str(), |variant| {
        variant.subject.as_str()
    });
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title {
                    @if !showing.problems.is_empty() { (counted(showing.problems.len(), "problem")) " · " }
                    (subject) " · preview"
                }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                script src="/script.js" defer {}
            }
            body data-view="both" data-version=(showing.version) .stale[!showing.problems.is_empty()] .dark[switches.dark] {
                a.skip href="#stage" { "Skip to the letter" }
                header #masthead data-part {
                    (masthead(showing))
                    @if let Some(variant) = variant { (weight(variant)) }
                }
                div #notices data-part aria-live="polite" { (notices(showing)) }
                section #inbox data-part aria-label="In the inbox" {
                    @if let Some(variant) = variant { (inbox(showing, variant)) }
                }
                div #bar {
                    nav aria-label="Views" { (tabs()) }
                    form #switches data-part method="get" action="/" aria-label="Switches" { (controls(showing, switches)) }
                    p #live role="status" {}
                }
                main #stage tabindex="-1" {
                    div #both { (views::letters(showing, switches)) }
                    section #text data-part aria-labelledby="text-title" { (views::text(variant, switches)) }
                    section #why data-part aria-labelledby="why-title" { (views::why(&showing.reasons)) }
                    section #source data-part aria-labelledby="source-title" { (views::source(showing)) }
                    section #letter data-part aria-labelledby="letter-title" { (views::letter(variant, switches)) }
                }
                (help())
            }
        }
    }
}

fn masthead(showing: &Showing) -> Markup {
    html! {
        div.title {
            p.brand { "newsdigest" span { " preview" } }
            h1 { (showing.newsletter) }
            p.edition {
                time datetime=(showing.slug.day()) { (showing.slug.day().format("%A, %-d %B %Y")) }
                @match &showing.state {
                    State::Draft(file) => { span.state.draft { "Draft" } code { (file) } }
                    State::WouldDraft => { span.state.would { "Not drafted yet" } "this is what " code { "newsdigest draft" } " would write" }
                    State::Frozen { when, .. } => { span.state.frozen { "Frozen" } (when.format("%-d %B %Y, %H:%M %:z")) }
                }
                @if let Some(audience) = &showing.audience { span.audience { "to " (audience) } }
            }
        }
    }
}

/// The letter's size, with a bar against what Gmail shows.
fn weight(variant: &Variant) -> Markup {
    let letter = variant.letter.len();
    let percent = letter.saturating_mul(100).div_ceil(GMAIL_CLIPS);
    html! {
        div.weight {
            p { span { strong { (kilobytes(letter)) } " letter" } span { (percent) "% of what Gmail shows" } }
            meter min="0" max=(GMAIL_CLIPS) low="70000" high="95000" optimum="0" value=(letter)
                aria-label="The letter against the 102,400 bytes at which Gmail clips" {}
            p.fine { span { (kilobytes(variant.html.len())) " HTML" } span { (kilobytes(variant.text.len())) " text" } }
        }
    }
}

fn notices(showing: &Showing) -> Markup {
    html! {
        @if !showing.problems.is_empty() {
            section.notice.problems aria-labelledby="problems-title" {
                h2 #problems-title { (counted(showing.problems.len(), "problem")) }
                p.fine {
                    @if showing.variants.is_empty() { "Nothing can be shown yet. The page looks again as soon as a file is saved." }
                    @else { "Below are the last pages that were good. They are replaced as soon as this is repaired." }
                }
                ul { @for problem in &showing.problems { li { (trouble(problem)) } } }
            }
        }
        @if matches!(showing.state, State::Frozen { changed_since: true, .. }) {
            section.notice.changed aria-label="The file has changed" {
                p { strong { "The edition file has changed since it was frozen." } " What is sent is what you see here, not what the file says now." }
            }
        }
        @if !showing.misses.is_empty() {
            section.notice.misses aria-labelledby="misses-title" {
                h2 #misses-title { (counted(showing.misses.len(), "source")) " missed" }
                ul { @for miss in &showing.misses { li { b { (miss.source) } span { (ticked(miss.what.as_str())) } } } }
            }
        }
        @if !showing.findings.is_empty() {
            section.notice.misses.findings aria-labelledby="findings-title" {
                h2 #findings-title { (counted(showing.findings.len(), "finding")) }
                ul { @for finding in &showing.findings { li { (found(finding)) } } }
            }
        }
    }
}

fn found(finding: &Finding) -> Markup {
    html! {
        b { (finding.place) }
        span {
            @if finding.gravity == Gravity::Error { strong { "stops a send: " } }
            (ticked(finding.what.as_str()))
        }
        span.fine { (ticked(finding.why)) "; " (ticked(finding.hint)) }
    }
}

fn trouble(problem: &Problem) -> Markup {
    html! {
        p.what { (ticked(&problem.what)) }
        @if let Some(place) = &problem.place { pre tabindex="0" role="group" aria-label="Where it stands" { (place) } }
        @if let Some(hint) = &problem.hint { p.hint { "hint: " (ticked(hint)) } }
    }
}

/// The same letter as two inboxes list it: one row on a desktop, three lines on a phone.
fn inbox(showing: &Showing, variant: &Variant) -> Markup {
    html! {
        figure {
            figcaption { "Gmail, desktop" }
            p.gmail {
                b { (showing.from) }
                span { b { (variant.subject) } @if !variant.opening.is_empty() { " – " (variant.opening) } }
            }
            p.fine {
                span { "Subject of " (counted(characters(&variant.subject), "character")) }
                span { "opening of " (counted(characters(&variant.opening), "character")) }
            }
        }
        figure {
            figcaption { "Apple Mail, phone" }
            p.apple {
                b { (showing.from) }
                span { (variant.subject) }
                span { (variant.opening) }
            }
        }
    }
}

/// The views: anchor, words, key.
const VIEWS: [(&str, &str, &str); 7] = [
    ("both", "Both", "0"),
    ("phone", "Phone", "1"),
    ("desktop", "Desktop", "2"),
    ("text", "Text", "3"),
    ("why", "Why", "4"),
    ("source", "Source", "5"),
    ("letter", "Letter", "6"),
];

fn tabs() -> Markup {
    html! {
        @for (id, words, key) in VIEWS {
            a href={ "#" (id) } aria-keyshortcuts=(key) { (words) kbd aria-hidden="true" { (key) } }
        }
    }
}

fn controls(showing: &Showing, switches: &Switches) -> Markup {
    html! {
        @if switches.dark { input type="hidden" name="scheme" value="dark"; }
        @if switches.pictures_off { input type="hidden" name="pictures" value="off"; }
        @if !showing.problems.is_empty() { a.trouble href="#notices" { (counted(showing.problems.len(), "problem")) } }
        @if showing.variants.len() > 1 {
            label for="variant" { "For" }
            select #variant name="variant" aria-keyshortcuts="v" {
                @for (index, variant) in showing.variants.iter().enumerate() {
                    option value=(index) selected[index == switches.variant] { (variant.name) }
                }
            }
            button.unscripted type="submit" { "Show" }
        }
        button #dark name="scheme" value=(if switches.dark { "light" } else { "dark" }) aria-pressed=(switches.dark) aria-keyshortcuts="d" { "Dark" kbd aria-hidden="true" { "d" } }
        button #pictures name="pictures" value=(if switches.pictures_off { "on" } else { "off" }) aria-pressed=(!switches.pictures_off)
            aria-keyshortcuts="p" { "Pictures" kbd aria-hidden="true" { "p" } }
        button #ask.scripted type="button" aria-keyshortcuts="?" { "Keys" kbd aria-hidden="true" { "?" } }
    }
}

fn help() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl {
                @for (_, words, key) in VIEWS { div { dt { kbd { (key) } } dd { (words) } } }
                @for (key, words) in [("d", "Light or dark letter"), ("p", "Pictures on or off"), ("v", "Next audience"), ("/", "Find a story"), ("?", "This list")] {
                    div { dt { kbd { (key) } } dd { (words) } }
                }
            }
            form method="dialog" { button { "Close" } }
        }
    }
}

/// Words with what stands between backticks set as code, the way our messages mark values.
fn ticked(words: &str) -> Markup {
    html! {
        @for (index, piece) in words.split('`').enumerate() {
            @if index % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

fn characters(line: &Line) -> usize {
    line.as_str().chars().count()
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Thousands of bytes, with one decimal.
fn kilobytes(bytes: usize) -> String {
    format!("{:.1} KB", bytes as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_from_the_query() {
        let check = |query: &str, variant, dark, pictures_off| {
            let uri = format!("/?{query}").parse().unwrap();
            let wanted = Switches {
                variant,
                dark,
                pictures_off,
            };
            assert_eq!(Switches::of(&uri), wanted, "{query}");
        };
        check("", 0, false, false);
        check("variant=2&scheme=dark&pictures=off", 2, true, true);
        check("scheme=dark&scheme=light", 0, false, false);
        check("variant=-1&colour=red&%ff=%00", usize::MAX, false, false);
    }

    #[test]
    fn values_in_messages_are_set_as_code() {
        insta::assert_snapshot!(ticked("unknown key `a<b`, expected `b`").into_string(), @"unknown key <code>a&lt;b</code>, expected <code>b</code>");
    }
}

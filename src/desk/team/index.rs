//! The list of editions: of each newsletter the one of the day, and others.

use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, html};

use crate::config::{Config, Newsroom};
use crate::ledger::{Ledger, Target};
use crate::model::edition::Slug;
use crate::newsroom::editions;

/// The most editions of other days that are listed of each newsletter.
const OTHERS: usize = 14;

pub(super) fn page(newsroom: &Newsroom, now: DateTime<Utc>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Editions · desk" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/desk.css";
            }
            body.editions {
                header #masthead { div.title { p.brand { "newsdigest" span { " desk" } } h1 { "Editions" } } }
                main {
                    @for config in &newsroom.newsletters { (newsletter(config, now)) }
                    @let problems = newsroom.problems();
                    @if !problems.is_empty() {
                        section.notice.problems aria-labelledby="problems-title" {
                            h2 #problems-title { "Not to be used" }
                            ul { @for problem in &problems { li { (problem.what) } } }
                        }
                    }
                }
            }
        }
    }
}

fn newsletter(config: &Config, now: DateTime<Utc>) -> Markup {
    let today = config.edition(now);
    let mut others = editions::list(&config.editions()).unwrap_or_default();
    others.retain(|slug| *slug != today);
    let below = config
        .name
        .as_ref()
        .map(|name| format!("/{name}"))
        .unwrap_or_default();
    let ledger = Ledger::open_if_any(&config.ledger).ok().flatten();
    let ledger = ledger.as_ref();
    let line = |slug: &Slug| {
        html! {
            li {
                a href={ (below) "/" (slug) "/" } {
                    time datetime=(slug.day()) { (slug.day().format("%A, %-d %B %Y")) }
                    @if slug.to_string().len() > 10 { " " (&slug.to_string()[10..]) }
                }
                (state(config, ledger, slug))
            }
        }
    };
    html! {
        section.edition-list aria-label=(config.newsletter.name) {
            h2 { (config.newsletter.name) }
            ol.today { (line(&today)) }
            @if !others.is_empty() {
                h3 { "Other days" }
                ol { @for slug in others.iter().rev().take(OTHERS) { (line(slug)) } }
            }
        }
    }
}

fn state(config: &Config, ledger: Option<&Ledger>, slug: &Slug) -> Markup {
    let run = ledger.and_then(|ledger| {
        let run = ledger.run(config.runs_of(), slug, &Target::Relay).ok()??;
        let tally = ledger.tally(run.id).ok()?;
        Some((run, tally))
    });
    html! {
        @if let Some((run, tally)) = run {
            @let at = config.newsletter.zone.at(run.frozen).fixed_offset();
            @if tally.queued > 0 { span.state.would { "Sending" } } @else { span.state.frozen { "Sent" } }
            span.fine { (at.format("%H:%M")) ", " (crate::model::figures::counted(tally.accepted, "letter", "letters")) " accepted" }
        } @else {
            @match editions::read(&config.editions(), slug) {
                Ok(None) => { span.state.would { "Not drafted yet" } }
                Ok(Some(edition)) if edition.hold => { span.state.would { "Held" } }
                Ok(Some(_)) => { span.state.draft { "Draft" } }
                Err(_) => { span.state.would { "Has problems" } }
            }
        }
    }
}

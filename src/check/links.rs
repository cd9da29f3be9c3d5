//! An edition's links, asked whether anything is behind them.

use std::collections::HashSet;

use crate::model::edition::Edition;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::render;
use crate::source::{self, FetchError, LIMITS, Source};

/// What asking came to.
pub struct LinkAnswers {
    /// One for each dead link.
    pub findings: Vec<Finding>,
    /// How many links were asked.
    pub asked: usize,
    /// For how many no time was left.
    pub unasked: usize,
}

/// Asks every link of the edition once: stories, pictures, related stories, the note, the notices, the lines of the day and the sign-off. `sources` say which hosts are trusted.
///
/// # Errors
/// Nothing can be asked from this machine.
pub async fn dead_links(edition: &Edition, sources: &[Source]) -> Result<LinkAnswers, FetchError> {
    let (places, links): (Vec<Line>, Vec<Link>) = printed(edition).into_iter().unzip();
    let answers = source::answers(&links, sources, &LIMITS).await?;
    let asked = answers.len();
    let dead = answers.into_iter().filter_map(|(link, answer)| {
        let what = format!("`{}` {}", Line::clean_to(link.as_str(), 120), answer.err()?);
        let place = links.iter().position(|known| *known == link)?;
        Some(Finding {
            name: "dead-link",
            gravity: Gravity::Warning,
            place: places[place].clone(),
            what: Line::clean(&what),
            why: "readers find nothing there",
            hint: "correct the address in the edition file, or take the story out",
        })
    });
    Ok(LinkAnswers {
        findings: dead.collect(),
        asked,
        unasked: links.len() - asked,
    })
}

/// Each link once, with the first place where it is printed.
fn printed(edition: &Edition) -> Vec<(Line, Link)> {
    let mut all = Vec::new();
    for link in edition.note.iter().flat_map(|note| render::links_in(note)) {
        all.push((Line::clean("the note"), link));
    }
    for (list, placed) in edition.stories() {
        let story = &placed.story;
        let headline = Line::clean_to(story.headline.as_str(), 60);
        let place = Line::clean(&format!("{}: {headline}", list.words()));
        let picture = story.picture.iter().map(|picture| &picture.url);
        let related = story.related.iter().map(|related| &related.url);
        let links = std::iter::once(&story.url).chain(picture).chain(related);
        all.extend(links.map(|link| (place.clone(), link.clone())));
    }
    for notice in &edition.notices {
        let place = Line::clean(&format!("notice: {}", notice.label));
        let picture = notice.picture.iter();
        let pictures =
            picture.flat_map(|picture| std::iter::once(&picture.light.url).chain(&picture.dark));
        let links = notice.url.iter().chain(pictures).cloned();
        let links = links.chain(render::links_in(&notice.text));
        all.extend(links.map(|link| (place.clone(), link)));
    }
    let line = Line::clean("a line of the day");
    let lines = edition.lines.iter().filter_map(|line| line.url.clone());
    all.extend(lines.map(|link| (line.clone(), link)));
    if let Some(sign_off) = &edition.sign_off {
        let place = Line::clean("the sign-off");
        let picture = sign_off.picture.iter().map(|picture| picture.url.clone());
        let text = sign_off.text.iter().flat_map(|text| render::links_in(text));
        all.extend(picture.chain(text).map(|link| (place.clone(), link)));
    }
    let mut seen = HashSet::new();
    all.retain(|(_, link)| seen.insert(link.clone()));
    all
}

//! Each story once, whichever sources gave it.

use std::collections::HashMap;

use crate::model::line::Line;
use crate::model::story::{Candidate, Picture, Story};

/// Collects stories, source by source; the first source's words win, and the others fill what it left out.
#[derive(Default)]
pub(super) struct Merge {
    candidates: Vec<Candidate>,
    places: HashMap<crate::model::link::StoryKey, usize>,
}

impl Merge {
    /// Adds a story that `source` gave, at `position` if its order is an editor's. Says whether it was there already.
    pub(super) fn add(&mut self, source: &Line, story: Story, position: Option<u32>) -> bool {
        let place = *self
            .places
            .entry(story.url.key())
            .or_insert(self.candidates.len());
        let Some(known) = self.candidates.get_mut(place) else {
            self.candidates.push(Candidate {
                story,
                sources: vec![source.clone()],
                position,
            });
            return false;
        };
        if !known.sources.contains(source) {
            known.sources.push(source.clone());
        }
        known.position = known.position.or(position);
        let first = &mut known.story;
        first.dek = first.dek.take().or(story.dek);
        first.kicker = first.kicker.take().or(story.kicker);
        first.section = first.section.take().or(story.section);
        first.byline = first.byline.take().or(story.byline);
        if first.published.is_none() && story.published.is_some() {
            (first.published, first.precision) = (story.published, story.precision);
        }
        first.picture = Picture::best(first.picture.take().into_iter().chain(story.picture));
        if first.related.is_empty() {
            first.related = story.related;
        }
        if first.paragraphs.is_empty() {
            first.paragraphs = story.paragraphs;
        }
        true
    }

    /// All of them, in the order in which they first came.
    pub(super) fn finish(self) -> Vec<Candidate> {
        self.candidates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::link::Link;

    fn story(headline: &str, url: &str) -> Story {
        Story::new(Line::clean(headline), Link::parse(url).unwrap())
    }

    #[test]
    fn the_first_words_win_and_gaps_are_filled() {
        let (feed, file) = (Line::clean("feed"), Line::clean("file"));
        let mut merge = Merge::default();
        let mut first = story("Ferry", "https://www.a.example/ferry?utm_source=rss");
        first.section = Line::non_empty("City");
        merge.add(&feed, first, None);
        merge.add(&feed, story("Other", "https://a.example/other"), None);
        let mut second = story("Ferry fares", "http://a.example/ferry/");
        second.dek = Line::non_empty("On Monday.");
        second.section = Line::non_empty("News");
        merge.add(&file, second.clone(), Some(3));
        merge.add(&file, second, Some(9));
        let found = merge.finish();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (
                found[0].story.headline.as_str(),
                found[0].story.url.as_str()
            ),
            ("Ferry", "https://www.a.example/ferry?utm_source=rss")
        );
        assert_eq!(
            found[0].story.dek.as_ref().map(Line::as_str),
            Some("On Monday.")
        );
        assert_eq!(
            found[0].story.section.as_ref().map(Line::as_str),
            Some("City")
        );
        assert_eq!((found[0].sources.len(), found[0].position), (2, Some(3)));
        assert_eq!((found[1].sources.len(), found[1].position), (1, None));
    }
}

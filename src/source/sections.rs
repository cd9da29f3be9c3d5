//! What the paper calls its sections: feeds bring tags, other papers' words and misspellings.

use std::collections::{BTreeMap, HashMap};

use crate::model::line::Line;
use crate::model::story::{SectionGiven, Story};

/// The longest name of a section, in characters: what is longer is cut.
pub const LONGEST_SECTION: usize = 60;
/// So many names are counted; a source with more has none to speak of.
const COUNTED: usize = 1_000;

/// `[sections]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sections {
    /// The paper's own word for what a source says, which is in small letters; `None`: it is no section.
    pub rename: HashMap<String, Option<Line>>,
    /// Only these are sections; empty: all are.
    pub only: Vec<Line>,
}

impl Sections {
    /// The section that a source's word means; `None`: none.
    #[must_use]
    pub fn of(&self, given: &Line) -> Option<Line> {
        let name = match self.rename.get(&given.as_str().to_lowercase()) {
            Some(renamed) => renamed.clone()?,
            None => Line::clean_to(given.as_str(), LONGEST_SECTION),
        };
        if self.only.is_empty() {
            return Some(name);
        }
        let lower = name.as_str().to_lowercase();
        let mut only = self.only.iter();
        only.find(|one| one.as_str().to_lowercase() == lower)
            .cloned()
    }
}

/// The words of all sources, as they came: what each means, and how many stories have it.
#[derive(Default)]
pub(super) struct Given(BTreeMap<Line, (Option<Line>, usize)>);

impl Given {
    /// Gives a story the paper's section.
    pub(super) fn settle(&mut self, sections: &Sections, story: &mut Story) {
        let Some(given) = story.section.take() else {
            return;
        };
        story.section = sections.of(&given);
        let given = Line::clean_to(given.as_str(), LONGEST_SECTION);
        if self.0.len() < COUNTED || self.0.contains_key(&given) {
            let known = self.0.entry(given);
            known.or_insert_with(|| (story.section.clone(), 0)).1 += 1;
        }
    }

    /// The words, those of most stories first.
    pub(super) fn counted(self) -> Vec<SectionGiven> {
        let given = self.0.into_iter();
        let mut all: Vec<SectionGiven> = given
            .map(|(name, (printed, stories))| SectionGiven {
                name,
                printed,
                stories,
            })
            .collect();
        all.sort_by_key(|given| std::cmp::Reverse(given.stories));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::link::Link;

    #[test]
    fn a_word_becomes_a_section_of_the_paper() {
        let line = Line::clean;
        let mut sections = Sections {
            rename: HashMap::from([
                ("dakota collegiate".to_owned(), Some(line("Local"))),
                ("social".to_owned(), None),
            ]),
            only: Vec::new(),
        };
        let of = |sections: &Sections, name: &str| {
            let found = sections.of(&line(name));
            found.map_or_else(String::new, |name| name.to_string())
        };
        assert_eq!(of(&sections, "DAKOTA Collegiate"), "Local");
        assert_eq!(of(&sections, "Social"), "");
        assert_eq!(of(&sections, "News"), "News");
        let long = of(&sections, &"é".repeat(300));
        assert_eq!(long.chars().count(), LONGEST_SECTION);
        sections.only = vec![line("LOCAL"), line("News")];
        assert_eq!(of(&sections, "Dakota Collegiate"), "LOCAL");
        assert_eq!(of(&sections, "news"), "News");
        assert_eq!(of(&sections, "Iran"), "");
    }

    #[test]
    fn thousands_of_words_are_counted_as_far_as_it_makes_sense() {
        let mut given = Given::default();
        let url = Link::parse("https://a.example/").unwrap();
        for number in 0..5_000 {
            let mut story = Story::new(Line::clean("A"), url.clone());
            story.section = Line::non_empty(&format!("Tag {number}"));
            given.settle(&Sections::default(), &mut story);
            assert!(story.section.is_some());
        }
        assert_eq!(given.counted().len(), COUNTED);
    }
}

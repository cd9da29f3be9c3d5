//! Who gets which pages.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::subscriber_counts::SubscriberGroup;
use crate::model::edition::{Edition, List};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter::Newsletter;
use crate::model::pages::Pages;
use crate::model::subscriber::section_set;
use crate::render::{self, Template};

/// Readers who get the same pages.
pub(super) struct ReaderGroup {
    /// What they are called: their sections.
    pub(super) name: Line,
    /// How many get them; `None` when that is not known any more.
    pub(super) readers: Option<usize>,
    /// What is printed for them; `None` when that is not known any more.
    pub(super) edition: Option<Edition>,
    pub(super) pages: Pages,
}

/// More parts of an edition than this are not shown.
pub(super) const MOST: usize = 65;

/// The pages of an edition for everyone, then for each set of sections that a subscriber asks for, those of most readers first. Nobody who is
/// paused is counted.
pub(super) fn groups(
    edition: &Edition,
    newsletter: &Newsletter,
    template: &Template,
    crowds: &[SubscriberGroup],
) -> Vec<ReaderGroup> {
    let mut wishes = wishes(edition, crowds);
    wishes[1..].sort_by_key(|wish| Reverse(wish.readers));
    wishes
        .into_iter()
        .take(MOST)
        .map(|wish| ReaderGroup {
            name: name(wish.sections),
            readers: Some(wish.readers),
            pages: render::pages(&wish.edition, newsletter, template),
            edition: Some(wish.edition),
        })
        .collect()
}

/// Frozen pages, the whole edition first. Who gets which is told from the stories they print, whatever the subscribers file or the template
/// says by now.
pub(super) fn frozen(
    pages: Vec<Pages>,
    edition: Option<&Edition>,
    crowds: &[SubscriberGroup],
) -> Vec<ReaderGroup> {
    let mut wishes = edition.map_or_else(Vec::new, |edition| wishes(edition, crowds));
    let group = |(index, pages): (usize, Pages)| {
        let unknown = |pages: Pages| ReaderGroup {
            name: pages.subject.clone(),
            readers: None,
            edition: None,
            pages,
        };
        let Some(edition) = edition else {
            return unknown(pages);
        };
        let printed = match index {
            0 => Some(edition.clone()),
            _ => printed(edition, &pages),
        };
        let Some(printed) = printed else {
            return unknown(pages);
        };
        let wish = wishes
            .iter()
            .position(|wish| urls(&wish.edition).eq(urls(&printed)))
            .map(|at| wishes.remove(at));
        ReaderGroup {
            name: match &wish {
                Some(wish) => name(wish.sections),
                None => name(&sections(&printed)),
            },
            readers: wish.map(|wish| wish.readers),
            edition: Some(printed),
            pages,
        }
    };
    pages.into_iter().enumerate().map(group).collect()
}

/// What some readers want of an edition.
struct SectionGroup<'c> {
    sections: &'c [Line],
    readers: usize,
    edition: Edition,
}

/// The whole edition first. Those for whom no story is left are not among them.
fn wishes<'c>(edition: &Edition, crowds: &'c [SubscriberGroup]) -> Vec<SectionGroup<'c>> {
    let mut counts: Vec<(&[Line], usize)> = vec![(&[], 0)];
    let mut places = HashMap::from([(Vec::new(), 0)]);
    for crowd in crowds {
        let place = *places
            .entry(section_set(&crowd.sections))
            .or_insert(counts.len());
        if place == counts.len() {
            counts.push((&crowd.sections, 0));
        }
        if !crowd.paused.on(edition.slug.day()) {
            counts[place].1 += crowd.count;
        }
    }
    counts
        .into_iter()
        .filter_map(|(sections, readers)| {
            Some(SectionGroup {
                sections,
                readers,
                edition: edition.for_sections(sections)?,
            })
        })
        .collect()
}

/// What of an edition these pages print; `None` for nothing.
fn printed(edition: &Edition, pages: &Pages) -> Option<Edition> {
    let text = pages.text.fill(|_| String::new());
    let links: Vec<&str> = text.lines().map(str::trim_start).collect();
    let mut part = edition.clone();
    for list in List::ALL {
        part.list_mut(list)
            .retain(|placed| links.iter().any(|link| leads_to(link, &placed.story.url)));
    }
    let sections = sections(&part);
    // No section would be all of them.
    (!sections.is_empty()).then(|| edition.for_sections(&sections))?
}

/// Whether a link of the letter is this one, whatever was added to its query.
fn leads_to(link: &str, url: &Link) -> bool {
    let bare = url.as_str().split('#').next().unwrap_or_default();
    link.strip_prefix(bare)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&', '#']))
}

fn urls(edition: &Edition) -> impl Iterator<Item = &Link> {
    edition.stories().map(|(_, placed)| &placed.story.url)
}

/// The sections of its stories, each once.
fn sections(edition: &Edition) -> Vec<Line> {
    let all = edition
        .stories()
        .filter_map(|(_, placed)| placed.story.section.as_ref());
    let sections: BTreeMap<String, &Line> = all
        .map(|section| (section.as_str().to_lowercase(), section))
        .collect();
    sections.into_values().cloned().collect()
}

fn name(sections: &[Line]) -> Line {
    let mut names: Vec<&str> = sections.iter().map(Line::as_str).collect();
    names.sort_unstable();
    Line::clean(&match names[..] {
        [] => "All sections".to_owned(),
        _ => names.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::super::subscriber_counts::crowds;
    use super::super::subscriber_counts::tests::subscriber;
    use super::*;
    use crate::model::pages::Slotted;
    use crate::model::subscriber::Paused;

    /// Those sections, one subscriber each.
    fn asking(sections: &[&str]) -> Vec<SubscriberGroup> {
        let all = sections.iter().enumerate();
        let all: Vec<_> = all
            .map(|(number, sections)| subscriber(number, sections, Paused::No))
            .collect();
        crowds(&all)
    }

    /// `News/ferry City/bus`: top stories, each at an address of its own.
    fn edition(stories: &str) -> Edition {
        let story = |(section, name): (&str, &str)| {
            format!(
                "[[top]]\nheadline = \"{name}\"\nurl = \"https://harbour.example/{name}\"\nsection = \"{section}\"\n"
            )
        };
        let stories = stories.split_whitespace();
        let toml: String = stories
            .filter_map(|one| one.split_once('/'))
            .map(story)
            .collect();
        Edition::from_toml("2026-08-24".parse().unwrap(), "", &toml).unwrap()
    }

    /// As a template sets them: a link alone on its line, with what `[links]` adds.
    fn pages(names: &str) -> Pages {
        let story = |name| {
            [
                name,
                "\n  https://harbour.example/",
                name,
                "?utm_source=newsletter\n\n",
            ]
            .concat()
        };
        let text: String = names.split_whitespace().map(story).collect();
        Pages {
            subject: Line::clean(names),
            opening: Line::clean(""),
            html: Slotted::cut(""),
            text: Slotted::cut(&text),
        }
    }

    fn told(groups: &[ReaderGroup]) -> Vec<String> {
        groups
            .iter()
            .map(|group| {
                let readers = group.readers.map(|readers| readers.to_string());
                let edition = group.edition.as_ref();
                let stories = edition.map(|edition| {
                    let names: Vec<&str> = edition
                        .stories()
                        .map(|(_, placed)| placed.story.headline.as_str())
                        .collect();
                    names.join(" ")
                });
                let unknown = || "?".to_owned();
                format!(
                    "{}: {}: {}",
                    group.name,
                    readers.unwrap_or_else(unknown),
                    stories.unwrap_or_else(unknown)
                )
            })
            .collect()
    }

    #[test]
    fn subscribers_who_want_the_same_are_counted_together() {
        let all = [
            subscriber(1, "News City", Paused::No),
            subscriber(2, "city news", Paused::No),
            subscriber(3, "News City", Paused::Yes),
            subscriber(4, "", Paused::No),
            subscriber(5, "Sport", Paused::No),
        ];
        let crowds = crowds(&all);
        assert_eq!(
            crowds.iter().map(|one| one.count).collect::<Vec<_>>(),
            [2, 1, 1, 1]
        );
        let edition = edition("News/ferry City/bus Opinion/gulls");
        let wishes = wishes(&edition, &crowds);
        let wishes: Vec<_> = wishes
            .iter()
            .map(|wish| (name(wish.sections).to_string(), wish.readers))
            .collect();
        assert_eq!(
            wishes,
            [("All sections".to_owned(), 1), ("City, News".to_owned(), 2)]
        );
    }

    #[test]
    fn frozen_pages_are_named_by_those_who_get_them() {
        let edition = edition("News/ferry City/bus News/ferry-fares Opinion/gulls");
        let whole = pages("ferry bus ferry-fares gulls");
        let frozen =
            |pages: &[Pages], crowds| told(&frozen(pages.to_vec(), Some(&edition), crowds));
        let crowds = asking(&["city sport", "News", "City Sport", ""]);
        assert_eq!(
            frozen(
                &[whole.clone(), pages("bus"), pages("ferry ferry-fares")],
                &crowds
            ),
            [
                "All sections: 1: ferry bus ferry-fares gulls",
                "city, sport: 2: bus",
                "News: 1: ferry ferry-fares"
            ]
        );
        // They left since, or want something else: the stories still tell for which sections the pages are.
        assert_eq!(
            frozen(
                &[whole, pages("ferry bus ferry-fares"), pages("eel")],
                &asking(&[])
            ),
            [
                "All sections: 0: ferry bus ferry-fares gulls",
                "City, News: ?: ferry bus ferry-fares",
                "eel: ?: ?"
            ]
        );
    }

    #[test]
    fn an_unreadable_edition_still_has_pages() {
        let groups = frozen(vec![pages("ferry"), pages("bus")], None, &asking(&[""]));
        assert_eq!(told(&groups), ["ferry: ?: ?", "bus: ?: ?"]);
    }
}

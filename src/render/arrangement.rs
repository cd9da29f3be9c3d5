//! Which story becomes what of the page: the lede, its seconds, a row of a section, a mere headline. Pure; HTML and plain text print what is
//! here in the order of what is here.

use super::fit::{self, Frame, Shown};
use super::keys::{Form, Switch};
use super::settings::Settings;
use crate::model::edition::Edition;
use crate::model::line::Line;
use crate::model::story::{Picture, Story};

/// The top stories of an edition in their places.
pub(super) struct Arrangement<'e> {
    pub(super) lede: Option<Lede<'e>>,
    pub(super) parts: Vec<Part<'e>>,
}

/// The first and largest story.
pub(super) struct Lede<'e> {
    pub(super) story: &'e Story,
    pub(super) picture: Option<LedePicture>,
}

/// Where the lede's picture goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LedePicture {
    /// Across the page.
    Across(Shown),
    /// At the end side of the words: it is too small or too high for the page.
    Beside(Shown),
}

/// What follows the lede.
pub(super) enum Part<'e> {
    /// Two of one rank, side by side.
    Pair([Row<'e>; 2]),
    /// One under a large picture.
    Plate(Row<'e>),
    Group(Group<'e>),
}

/// Stories under one another.
#[derive(Default)]
pub(super) struct Group<'e> {
    /// The section that all of them are of, if it is their heading.
    pub(super) section: Option<&'e Line>,
    pub(super) rows: Vec<Row<'e>>,
    /// The rest of them: headlines only.
    pub(super) headlines: Vec<&'e Story>,
}

pub(super) struct Row<'e> {
    pub(super) story: &'e Story,
    pub(super) picture: Option<Shown>,
}

/// The most pictures of an edition's stories: each is a request and up to 50 kB for a reader's phone.
const PICTURES: usize = 7;
/// A section shows this many pictures, and this many stories as more than headlines.
const PICTURES_OF_A_SECTION: usize = 2;
const ROWS: usize = 4;
/// So many of stories that are under no section's name.
const ROWS_OF_NO_SECTION: usize = 8;
/// Pixels: a picture across the page is no higher, or it would push the words off the first screen.
const HIGHEST: u32 = 400;

impl<'e> Arrangement<'e> {
    pub(super) fn new(edition: &'e Edition, settings: &Settings) -> Self {
        let mut stories = edition.top.iter().map(|placed| &placed.story);
        let lede = stories.next().map(|story| lede(edition, story, settings));
        let mut composer = Composer {
            edition,
            settings,
            pictures: PICTURES
                - usize::from(lede.as_ref().is_some_and(|lede| lede.picture.is_some())),
            parts: Vec::new(),
        };
        let rest: Vec<&Story> = stories.collect();
        match settings.form {
            Form::Front => {
                let seconds = rest.len().min(2);
                composer.seconds(&rest[..seconds]);
                composer.sections(&rest[seconds..]);
            }
            Form::Axis => composer.sections(&rest),
            Form::Plates => composer.plates(&rest),
        }
        Self {
            lede,
            parts: composer.parts,
        }
    }
}

fn lede<'e>(edition: &Edition, story: &'e Story, settings: &Settings) -> Lede<'e> {
    let width = settings.width;
    let picture = story
        .picture
        .as_ref()
        .filter(|_| settings.shows(Switch::Picture));
    let across = |picture: &Picture| {
        let frame = Frame {
            width,
            height: HIGHEST,
            least: width,
        };
        let picture = edition.as_shown(picture, width)?;
        let shown = fit::fit(&picture, frame)?;
        // A picture of four by five is a little higher than its place; a square is too high.
        let is_wide = fit::sides(&picture)
            .is_none_or(|(wide, high)| u64::from(high) * 5 <= u64::from(wide) * 4);
        let at_most = shown.at_most.filter(|_| shown.height.is_none());
        is_wide.then_some(LedePicture::Across(Shown { at_most, ..shown }))
    };
    let beside = |picture: &Picture| {
        let frame = Frame {
            width: width * 2 / 5,
            height: HIGHEST,
            least: 100,
        };
        let picture = edition.as_shown(picture, frame.width)?;
        fit::within(&picture, frame).map(LedePicture::Beside)
    };
    let picture = picture.and_then(|picture| across(picture).or_else(|| beside(picture)));
    Lede { story, picture }
}

/// A page being put together.
struct Composer<'e, 's> {
    edition: &'e Edition,
    settings: &'s Settings,
    /// How many more there may be.
    pictures: usize,
    parts: Vec<Part<'e>>,
}

impl<'e> Composer<'e, '_> {
    /// The story with its picture, if that fits into a place so wide, at three to two.
    fn row(&mut self, story: &'e Story, width: u32, least: u32) -> Row<'e> {
        let picture = self.fits(story, width, least).filter(|_| self.pictures > 0);
        self.pictures -= usize::from(picture.is_some());
        Row { story, picture }
    }

    fn fits(&self, story: &Story, width: u32, least: u32) -> Option<Shown> {
        let shown = self.settings.shows(Switch::Thumbnails);
        let picture = story.picture.as_ref().filter(|_| shown)?;
        let picture = self.edition.as_shown(picture, width)?;
        let height = (width * 2 + 1) / 3;
        fit::fit(
            &picture,
            Frame {
                width,
                height,
                least,
            },
        )
    }

    /// Two stories with pictures become a pair. Where one has none, neither is shown larger than the other: both become rows.
    fn seconds(&mut self, stories: &[&'e Story]) {
        let half = self.settings.half();
        match stories {
            [one, two]
                if [one, two]
                    .iter()
                    .all(|story| self.fits(story, half, half).is_some()) =>
            {
                let pair = [one, two].map(|story| self.row(story, half, half));
                self.parts.push(Part::Pair(pair));
            }
            _ => self.group(None, stories),
        }
    }

    fn group(&mut self, section: Option<&'e Line>, stories: &[&'e Story]) {
        if stories.is_empty() {
            return;
        }
        let (most, pictured) = match section {
            Some(_) => (ROWS, PICTURES_OF_A_SECTION),
            None => (ROWS_OF_NO_SECTION, PICTURES),
        };
        let (whole, headlines) = stories.split_at(most.min(stories.len()));
        let thumbnail = self.settings.thumbnail;
        let until = self.pictures.saturating_sub(pictured);
        let rows = whole.iter().map(|story| {
            if self.pictures > until {
                self.row(story, thumbnail, thumbnail * 3 / 4)
            } else {
                Row {
                    story,
                    picture: None,
                }
            }
        });
        let rows = rows.collect();
        self.parts.push(Part::Group(Group {
            section,
            rows,
            headlines: headlines.to_vec(),
        }));
    }

    /// The stories by section, in the order of their first stories; those without a heading are one group among the others. A section of one
    /// story needs no heading where most are such; in a margin, which costs no line, each has one.
    fn sections(&mut self, stories: &[&'e Story]) {
        let mut sections: Vec<(Option<&'e Line>, Vec<usize>)> = Vec::new();
        let name = |section: Option<&Line>| section.map(|section| section.as_str().to_lowercase());
        for (index, story) in stories.iter().enumerate() {
            let section = story
                .section
                .as_ref()
                .filter(|_| self.settings.shows(Switch::Section));
            match sections
                .iter_mut()
                .find(|(known, _)| name(*known) == name(section))
            {
                Some((_, of)) => of.push(index),
                None => sections.push((section, vec![index])),
            }
        }
        let named = sections
            .iter()
            .filter(|(section, _)| section.is_some())
            .count();
        let single = sections
            .iter()
            .filter(|(section, of)| section.is_some() && of.len() == 1)
            .count();
        let least = if self.settings.form == Form::Axis || single * 2 <= named {
            1
        } else {
            2
        };
        let (mut groups, others): (Vec<_>, Vec<_>) = sections
            .into_iter()
            .partition(|(section, of)| section.is_some() && of.len() >= least);
        let mut others: Vec<usize> = others.into_iter().flat_map(|(_, of)| of).collect();
        others.sort_unstable();
        groups.push((None, others));
        groups.sort_by_key(|(_, of)| of.first().copied());
        for (section, of) in groups {
            let of: Vec<&Story> = of.iter().map(|index| stories[*index]).collect();
            self.group(section, &of);
        }
    }

    /// Two beside one another, then one across the page, and so on; what has no picture large enough comes behind them.
    fn plates(&mut self, stories: &[&'e Story]) {
        let (width, half) = (self.settings.width, self.settings.half());
        let (mut rest, mut words): (Vec<_>, Vec<_>) = stories
            .iter()
            .copied()
            .enumerate()
            .partition(|(_, story)| self.fits(story, half, half).is_some());
        let (behind, mut pair_is_next) = (rest.split_off(self.pictures.min(rest.len())), true);
        words.extend(behind);
        words.sort_unstable_by_key(|(index, _)| *index);
        let mut rest = rest.into_iter().map(|(_, story)| story);
        while let Some(one) = rest.next() {
            let two = pair_is_next.then(|| rest.next()).flatten();
            let part = match two {
                Some(two) => Part::Pair([one, two].map(|story| self.row(story, half, half))),
                None => Part::Plate(self.row(one, width, half)),
            };
            self.parts.push(part);
            pair_is_next = !pair_is_next;
        }
        if !words.is_empty() {
            let headlines = words.into_iter().map(|(_, story)| story).collect();
            self.parts.push(Part::Group(Group {
                headlines,
                ..Group::default()
            }));
        }
    }
}

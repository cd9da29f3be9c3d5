//! One dated composition: what is printed, in which order, in whose words. `file` turns it into `editions/DAY.toml` and back, `edit`
//! changes its text as an editor says, `hand` keeps what an editor did to that file when it is drafted again.

mod changes;
mod day_line;
mod edit;
mod file;
mod hand;
mod machine;
mod notice;
mod place;
mod question;
mod shown;
mod sign_off;
mod slug;
mod values;
mod version;

pub use changes::changes;
pub use day_line::DayLine;
pub use edit::{Clash, Edit, Field, Merged, StoryAt, StoryWords, Value, apply, between, merge};
pub(crate) use file::read_story;
pub use hand::{Hand, ListRules};
pub use machine::MachineLine;
pub use notice::{After, Notice, NoticePicture};
pub use place::{NoPlace, Place};
pub use question::Question;
pub use sign_off::SignOff;
pub use slug::{EditionName, EditionNameError, Slug, SlugError};
pub use version::{EditionVersion, VersionOrigin};

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::newsletter_name::NewsletterName;
use crate::model::picture::Look;
use crate::model::story::{Printed, Story};

/// An edition, before and after sending.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// Its day and, for a second one that day, a letter.
    pub slug: Slug,
    /// Which of several newsletters it is an edition of; `None`: it does not say.
    pub newsletter: Option<NewsletterName>,
    /// Whether its editor holds it: it is not sent as long as it is.
    pub hold: bool,
    /// The subject line; `None`: composed from the stories.
    pub subject: Option<Line>,
    /// The visible first line, which inboxes show after the subject; `None`: composed from the stories.
    pub opening: Option<Line>,
    /// What [`Edition::mark_machine_written`] wrote.
    pub machine_written: Vec<Line>,
    /// Stories the editor does not want: they are not chosen again. What is in the lists is printed all the same.
    pub drop: Vec<Link>,
    /// The editor's words, in Markdown, cleaned.
    pub note: Option<String>,
    /// Under the masthead: the weather, the markets, a number.
    pub lines: Vec<DayLine>,
    /// What will be read next; the first is the lede.
    pub top: Vec<Placed>,
    /// The day's ranking.
    pub most_read: Vec<Placed>,
    /// What is new.
    pub latest: Vec<Placed>,
    /// The editor's last words.
    pub sign_off: Option<SignOff>,
    /// What readers are asked. It is printed only where `[public]` is set: a page there counts the answers.
    pub question: Option<Question>,
    /// Marked blocks for a sponsor or the house.
    pub notices: Vec<Notice>,
    /// What its pictures were when it was drafted, and their copies. A picture that is not among them is shown as it is.
    pub looks: Vec<Look>,
    /// How many stories were taken from its end because the letter would have been too long; the footer says so.
    pub further: u64,
}

/// A story in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The story.
    pub story: Story,
    /// Whether the editor pinned it: drafted again, the edition has it in this place and in these words.
    pub pin: bool,
    /// Why it is here: a comment in the file, beside the story in the preview.
    pub why: Option<Line>,
}

/// A story that an edition printed which was really sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The edition.
    pub slug: Slug,
    /// When it was frozen: what came out later it cannot have known.
    pub at: DateTime<Utc>,
    /// The story, as printed.
    pub story: Printed,
}

/// The lists of an edition, in the order in which they are printed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// What will be read next.
    Top,
    /// The day's ranking.
    MostRead,
    /// What is new.
    Latest,
}

impl List {
    /// All lists, in order.
    pub const ALL: [Self; 3] = [Self::Top, Self::MostRead, Self::Latest];

    /// The key in the edition file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::MostRead => "most_read",
            Self::Latest => "latest",
        }
    }

    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::MostRead => "most read",
            Self::Latest => "latest",
        }
    }
}

impl Edition {
    /// An empty edition.
    #[must_use]
    pub const fn new(slug: Slug) -> Self {
        Self {
            slug,
            newsletter: None,
            hold: false,
            subject: None,
            opening: None,
            machine_written: Vec::new(),
            drop: Vec::new(),
            note: None,
            lines: Vec::new(),
            top: Vec::new(),
            most_read: Vec::new(),
            latest: Vec::new(),
            sign_off: None,
            question: None,
            notices: Vec::new(),
            looks: Vec::new(),
            further: 0,
        }
    }

    /// One of its lists.
    #[must_use]
    pub fn list(&self, list: List) -> &[Placed] {
        match list {
            List::Top => &self.top,
            List::MostRead => &self.most_read,
            List::Latest => &self.latest,
        }
    }

    /// One of its lists, to be changed.
    pub fn list_mut(&mut self, list: List) -> &mut Vec<Placed> {
        match list {
            List::Top => &mut self.top,
            List::MostRead => &mut self.most_read,
            List::Latest => &mut self.latest,
        }
    }

    /// Every story with its list, in printing order. A story in two lists comes twice.
    pub fn stories(&self) -> impl Iterator<Item = (List, &Placed)> {
        List::ALL
            .into_iter()
            .flat_map(|list| self.list(list).iter().map(move |placed| (list, placed)))
    }

    /// Every story with its place, in printing order.
    pub fn places(&self) -> impl Iterator<Item = (Place, &Placed)> {
        List::ALL.into_iter().flat_map(|list| {
            let numbered = (1..).zip(self.list(list));
            numbered.map(move |(number, placed)| (Place { list, number }, placed))
        })
    }

    /// How many different stories are printed.
    #[must_use]
    pub fn count(&self) -> usize {
        self.keys().len()
    }

    /// The keys of all its stories.
    #[must_use]
    pub fn keys(&self) -> HashSet<StoryKey> {
        self.stories()
            .map(|(_, placed)| placed.story.url.key())
            .collect()
    }

    /// The edition for a reader who wants only `sections` (compared without case); no new choosing. With no section named it is the whole
    /// edition. `None` when no story is left. When the first story goes, so do subject and opening: they are composed anew. Notices stay;
    /// how many of the further stories they would want is not known, so none are counted.
    #[must_use]
    pub fn for_sections(&self, sections: &[Line]) -> Option<Self> {
        if sections.is_empty() {
            return Some(self.clone());
        }
        let wanted: Vec<String> = sections
            .iter()
            .map(|section| section.as_str().to_lowercase())
            .collect();
        let mut edition = self.clone();
        edition.further = 0;
        for list in List::ALL {
            edition.list_mut(list).retain(|placed| {
                placed
                    .story
                    .section
                    .as_ref()
                    .is_some_and(|section| wanted.contains(&section.as_str().to_lowercase()))
            });
        }
        let first = |edition: &Self| {
            edition
                .stories()
                .next()
                .map(|(_, placed)| placed.story.url.clone())
        };
        let now_first = first(&edition)?;
        if first(self).as_ref() != Some(&now_first) {
            edition.subject = None;
            edition.opening = None;
        }
        Some(edition)
    }
}

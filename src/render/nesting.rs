//! Which classes are inside which, on a page of each form: what the checks of colors go by. A test holds the tables to the pages as drawn.

use super::keys::Class::{
    self, Author, Band, Column, Credit, Date, Dek, Entry, EntryLink, Footer, Gap, Half, Heading,
    Headline, Headlines, HeadlinesEntry, Inset, Label, Latest, Lede, LedeDek, LedeHeadline,
    LedeLabel, LedeLink, LedePicture, LedeRow, LedeText, Line, Link, Logo, Main, Masthead, Meta,
    Name, NameLink, NextStory, Note, Notice, NoticeLabel, NoticeLink, NoticePoints, NoticeText,
    Opening, Page, Pair, Paper, Paragraph, Part, Picture, Plate, PlateLabel, Points, Rank,
    RankLink, Ranking, Related, RelatedEntry, Row, RowPicture, RowText, Second, Side, Stamp, Story,
    StoryRelated, TextLink, Thumbnail, Time,
};
use super::keys::Form;

type Table = &'static [(Class, &'static [Class])];

/// Of every page. A list in a list looks like the outer one.
const EVERY: Table = &[
    (Paper, &[Page]),
    (Page, &[Column]),
    (Masthead, &[Name]),
    (Name, &[NameLink]),
    (NameLink, &[Logo]),
    (Note, &[Paragraph, Points]),
    (Notice, &[NoticeLabel, Headline, NoticeText, NoticePoints]),
    (NoticePoints, &[NoticeText, NoticeLink]),
    (NoticeText, &[NoticeLink]),
    (Points, &[Paragraph, TextLink]),
    (Paragraph, &[TextLink]),
    (LedeHeadline, &[LedeLink]),
    (Headline, &[Link]),
    (Related, &[RelatedEntry]),
    (StoryRelated, &[RelatedEntry]),
    (RelatedEntry, &[Link]),
    (Headlines, &[HeadlinesEntry]),
    (HeadlinesEntry, &[Link]),
    (Ranking, &[Rank]),
    (Rank, &[RankLink, Stamp]),
    (Latest, &[Entry]),
    (Entry, &[Time, EntryLink]),
    (Footer, &[Line]),
    (Line, &[TextLink]),
];

const FRONT: Table = &[
    (
        Column,
        &[
            Masthead, Band, Opening, Note, Lede, Pair, Heading, Story, NextStory, Headlines,
            Ranking, Latest, Notice, Footer,
        ],
    ),
    (Masthead, &[Band]),
    (Band, &[Date]),
    (
        Lede,
        &[
            LedeLabel,
            LedeHeadline,
            LedeDek,
            Meta,
            LedeRow,
            Picture,
            Credit,
            Related,
        ],
    ),
    (LedeRow, &[LedePicture, LedeText]),
    (LedePicture, &[Picture]),
    (LedeText, &[LedeLabel, LedeHeadline, LedeDek, Meta]),
    (Pair, &[Half]),
    (Half, &[Gap, Picture, PlateLabel, Second, Dek, StoryRelated]),
    (Gap, &[Picture, PlateLabel, Second, Dek, StoryRelated]),
    (Story, &[Row, Label, Author, Headline, Dek, StoryRelated]),
    (Row, &[RowPicture, RowText]),
    (RowPicture, &[Thumbnail]),
    (RowText, &[Label, Author, Headline, Dek, StoryRelated]),
];

const AXIS: Table = &[
    (Column, &[Masthead, Inset]),
    (Masthead, &[Date, Opening, LedeLabel, LedeHeadline, LedeDek]),
    (Inset, &[Part, Notice, Footer]),
    (Part, &[Side, Main]),
    (Side, &[Heading, Meta]),
    (
        Main,
        &[
            Note, Picture, Credit, Related, Story, NextStory, Headlines, Ranking, Latest,
        ],
    ),
    (Story, &[Row, Label, Author, Headline, Dek, StoryRelated]),
    (Row, &[RowPicture, RowText]),
    (RowPicture, &[Thumbnail]),
    (RowText, &[Label, Author, Headline, Dek, StoryRelated]),
];

const PLATES: Table = &[
    (Column, &[Inset, Lede, Pair, Story]),
    (
        Inset,
        &[
            Band,
            Opening,
            Note,
            LedeLabel,
            LedeHeadline,
            LedeDek,
            Meta,
            Related,
            PlateLabel,
            Plate,
            Second,
            Dek,
            StoryRelated,
            Heading,
            Headlines,
            Ranking,
            Latest,
            Notice,
            Footer,
        ],
    ),
    (Band, &[Masthead, Date]),
    (Lede, &[Picture, Inset]),
    (Pair, &[Half]),
    (Half, &[Gap, Picture, Inset]),
    (Gap, &[Picture, Inset]),
    (Story, &[Picture, Inset]),
];

impl Class {
    /// The classes that an element of this one is directly in; none for a class that a page of this form does not have, and for the outermost.
    pub(super) fn within(self, form: Form) -> Vec<Self> {
        let own = match form {
            Form::Front => FRONT,
            Form::Axis => AXIS,
            Form::Plates => PLATES,
        };
        let is_named = |class: Self| {
            [EVERY, FRONT, AXIS, PLATES]
                .iter()
                .any(|table| table.iter().any(|(_, inside)| inside.contains(&class)))
        };
        // One that only adds to another is where that is.
        let class = self.base().filter(|_| !is_named(self)).unwrap_or(self);
        let around = EVERY
            .iter()
            .chain(own)
            .filter(|(_, inside)| inside.contains(&class));
        around.map(|(outer, _)| *outer).collect()
    }
}

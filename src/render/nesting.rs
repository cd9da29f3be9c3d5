//! Which classes are inside which, on a page of each form: what the checks of colors go by. A test holds the tables to the pages as drawn.

use super::keys::Class::{
    self, Answer, Author, Band, Column, Credit, Date, DayLine, Dek, Ear, EarLink, Entry, EntryLink,
    Footer, Gap, Half, Heading, Headline, Headlines, HeadlinesEntry, Inset, Label, Latest, Lede,
    LedeDek, LedeHeadline, LedeLabel, LedeLink, LedePicture, LedeRow, LedeText, LedeWords, Line,
    Link, Logo, Main, Masthead, Meta, Name, NameLink, NextStory, Note, Notice, NoticeLabel,
    NoticeLink, NoticeMain, NoticePicture, NoticePoints, NoticeSide, NoticeText, Opening, Page,
    Pair, Paper, Paragraph, Part, Picture, Plate, PlateLabel, Points, Portrait, Question,
    QuestionText, Rank, RankLink, Ranking, ReadOn, Related, RelatedEntry, Row, RowPicture, RowText,
    Second, Side, SignOff, SignOffPicture, SignOffText, Signature, Stamp, Story, StoryRelated,
    TextLink, Thumbnail, Time,
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
    (Notice, &[NoticeSide, NoticeMain]),
    (NoticeSide, &[NoticePicture, NoticeLabel]),
    (
        NoticeMain,
        &[
            NoticePicture,
            NoticeLabel,
            Headline,
            NoticeText,
            NoticePoints,
        ],
    ),
    (ReadOn, &[TextLink]),
    (SignOffText, &[Paragraph, Points, Signature]),
    (SignOff, &[SignOffPicture, SignOffText]),
    (SignOffPicture, &[Portrait]),
    (Question, &[QuestionText, Answer]),
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
            Masthead, Band, Opening, DayLine, Note, Lede, Pair, Heading, SignOff, Question, Story,
            NextStory, Headlines, Ranking, Latest, Notice, Footer,
        ],
    ),
    (Masthead, &[Band]),
    (Band, &[Date, Ear]),
    (Ear, &[EarLink]),
    (DayLine, &[TextLink]),
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
            LedeText,
            ReadOn,
            Related,
        ],
    ),
    (LedeRow, &[LedePicture, LedeWords]),
    (LedePicture, &[Picture]),
    (LedeWords, &[LedeLabel, LedeHeadline, LedeDek, Meta]),
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
    (DayLine, &[EarLink]),
    (
        Masthead,
        &[Date, DayLine, Opening, LedeLabel, LedeHeadline, LedeDek],
    ),
    (Inset, &[Part, Notice, Footer]),
    (Part, &[Side, Main]),
    (Side, &[Heading, Meta]),
    (
        Main,
        &[
            Note, Picture, Credit, LedeText, ReadOn, Related, SignOff, Question, Story, NextStory,
            Headlines, Ranking, Latest,
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
            DayLine,
            LedeRow,
            LedeText,
            ReadOn,
            SignOff,
            Question,
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
    (DayLine, &[TextLink]),
    (Lede, &[Picture, Inset]),
    (LedeRow, &[LedePicture, LedeWords]),
    (LedePicture, &[Picture]),
    (LedeWords, &[LedeLabel, LedeHeadline, LedeDek, Meta]),
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

//! The names that a template's files and the blocks share. A name that is not here is a problem in the template; a name that is here and
//! not used fails a test.

/// An enum whose variants are keys in a file, each written once.
macro_rules! keys {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($(#[$note])* $variant,)* }

        impl $name {
            /// All of them, in the order of their declaration, which is also their index.
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the file.
            pub(super) const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }
        }
    };
}

keys! {
    /// A class that `style.css` may style; each is put on one kind of element.
    Class {
        Paper = "paper",
        Page = "page",
        Column = "column",
        Opening = "opening",
        Masthead = "masthead",
        Name = "name",
        Logo = "logo",
        NameLink = "name-link",
        Date = "date",
        DayLine = "day-line",
        Note = "note",
        Paragraph = "paragraph",
        Points = "points",
        TextLink = "text-link",
        Notice = "notice",
        NoticeLabel = "notice-label",
        NoticePicture = "notice-picture",
        Lede = "lede",
        LedeHeadline = "lede-headline",
        LedeDek = "lede-dek",
        LedeText = "lede-text",
        ReadOn = "read-on",
        Story = "story",
        Row = "row",
        RowText = "row-text",
        RowPicture = "row-picture",
        Headline = "headline",
        Link = "link",
        Label = "label",
        Dek = "dek",
        Meta = "meta",
        Picture = "picture",
        Thumbnail = "thumbnail",
        Credit = "credit",
        RelatedLabel = "related-label",
        Related = "related",
        RelatedEntry = "related-entry",
        Heading = "heading",
        Ranking = "ranking",
        Rank = "rank",
        Latest = "latest",
        Entry = "entry",
        Stamp = "stamp",
        SignOff = "sign-off",
        SignOffPicture = "sign-off-picture",
        Portrait = "portrait",
        SignOffText = "sign-off-text",
        Signature = "signature",
        Question = "question",
        QuestionText = "question-text",
        Answer = "answer",
        Footer = "footer",
        Line = "line",
    }
}

keys! {
    /// A block of the page.
    Block {
        Opening = "opening",
        Masthead = "masthead",
        Note = "note",
        Lede = "lede",
        Top = "top",
        MostRead = "most_read",
        Latest = "latest",
        SignOff = "sign_off",
        Question = "question",
        Footer = "footer",
    }
}

keys! {
    /// A key of words: plain text.
    Word {
        Also = "also",
        /// Stands between two headlines; the one that may begin with a space, such as the no-break space of French.
        Between = "between",
        MostRead = "most_read",
        Latest = "latest",
        Related = "related",
        Unsubscribe = "unsubscribe",
        Subscribe = "subscribe",
        /// Leads from the letter to the same edition as a web page.
        Web = "web",
        /// Asks those to whom the letter was passed on, before a link to subscribe.
        Forwarded = "forwarded",
        /// Leads from the first paragraphs of the lede to the rest.
        ReadOn = "read_on",
        /// The first day of a month, as `%-d` prints it.
        First = "first",
        /// Ten digits.
        Digits = "digits",
    }
}

keys! {
    /// A key of words that has `{name}` in it.
    Phrase {
        Label = "label",
        Byline = "byline",
        Credit = "credit",
        Why = "why",
    }
}

keys! {
    /// A key of words that is a date's format, as chrono's strftime has it.
    Format {
        Date = "date",
        Time = "time",
        Earlier = "earlier",
    }
}

keys! {
    /// A key of words that is a list of names, for the formats.
    Names {
        Halves = "halves",
        /// From Monday.
        Days = "days",
        DaysShort = "days_short",
        /// As they stand in a date: in Slavic languages in the genitive.
        Months = "months",
        MonthsShort = "months_short",
    }
}

keys! {
    /// A key of words that is a table of forms for numbers.
    Counted {
        Further = "further",
        /// Minutes that the whole letter takes.
        ReadingTime = "reading_time",
    }
}

keys! {
    /// A category of numbers that take the same form of a word, as CLDR has it.
    Plural {
        Zero = "zero",
        One = "one",
        Two = "two",
        Few = "few",
        Many = "many",
        Other = "other",
    }
}

keys! {
    /// A key of `[show]`.
    Switch {
        Date = "date",
        Section = "section",
        /// Whether it stands in the headline's line rather than above.
        SectionInline = "section_inline",
        Dek = "dek",
        Byline = "byline",
        Time = "time",
        Picture = "picture",
        Thumbnails = "thumbnails",
        Credit = "credit",
        Related = "related",
        /// Whether an entry of the most-read list shows its section.
        MostReadSection = "most_read_section",
        /// How long the letter takes to read, beside the date.
        ReadingTime = "reading_time",
    }
}

impl Class {
    /// The class of that name.
    pub(super) fn named(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.key() == key)
    }

    /// The classes that an element of this one stands in directly; a class may be in several places.
    pub(super) const fn within(self) -> &'static [Self] {
        match self {
            Self::Paper => &[],
            Self::Page => &[Self::Paper],
            Self::Column => &[Self::Page],
            Self::Opening
            | Self::Masthead
            | Self::Note
            | Self::Notice
            | Self::Lede
            | Self::Story
            | Self::Heading
            | Self::Ranking
            | Self::Latest
            | Self::SignOff
            | Self::Question
            | Self::Footer => &[Self::Column],
            Self::Name | Self::Date | Self::DayLine => &[Self::Masthead],
            Self::NameLink => &[Self::Name],
            Self::Logo => &[Self::NameLink],
            // A list in a list looks like the outer one.
            Self::Points => &[Self::Note, Self::Notice, Self::SignOffText],
            Self::NoticeLabel | Self::NoticePicture => &[Self::Notice],
            Self::Paragraph => &[Self::Note, Self::Notice, Self::Points, Self::SignOffText],
            Self::TextLink => &[
                Self::Paragraph,
                Self::Points,
                Self::Line,
                Self::DayLine,
                Self::ReadOn,
            ],
            Self::LedeHeadline
            | Self::LedeDek
            | Self::LedeText
            | Self::ReadOn
            | Self::Picture
            | Self::Credit => &[Self::Lede],
            Self::Row => &[Self::Story],
            Self::RowText | Self::RowPicture => &[Self::Row],
            Self::Thumbnail => &[Self::RowPicture],
            Self::Headline => &[Self::Story, Self::RowText, Self::Notice],
            Self::Dek => &[Self::Story, Self::RowText],
            Self::Label => &[
                Self::Lede,
                Self::Story,
                Self::RowText,
                Self::Meta,
                Self::Rank,
            ],
            Self::Meta | Self::RelatedLabel | Self::Related => {
                &[Self::Lede, Self::Story, Self::RowText]
            }
            Self::RelatedEntry => &[Self::Related],
            Self::Rank => &[Self::Ranking],
            Self::Entry => &[Self::Latest],
            Self::Stamp => &[Self::Entry],
            Self::Link => &[
                Self::LedeHeadline,
                Self::Headline,
                Self::RelatedEntry,
                Self::Rank,
                Self::Entry,
            ],
            Self::SignOffPicture | Self::SignOffText => &[Self::SignOff],
            Self::Portrait => &[Self::SignOffPicture],
            Self::Signature => &[Self::SignOffText],
            Self::QuestionText | Self::Answer => &[Self::Question],
            Self::Line => &[Self::Footer],
        }
    }

    /// Whether words stand in it directly, or a picture's words.
    pub(super) const fn has_text(self) -> bool {
        !matches!(
            self,
            Self::Paper
                | Self::Page
                | Self::Column
                | Self::Masthead
                | Self::Name
                | Self::Note
                | Self::Notice
                | Self::Lede
                | Self::LedeHeadline
                | Self::Story
                | Self::Row
                | Self::RowText
                | Self::RowPicture
                | Self::Headline
                | Self::Related
                | Self::RelatedEntry
                | Self::Ranking
                | Self::Latest
                | Self::Entry
                | Self::SignOff
                | Self::SignOffPicture
                | Self::SignOffText
                | Self::Question
                | Self::Footer
        )
    }
}

impl Switch {
    /// What it is in a template that was written before it and inherits nothing; `None`: such a template must say.
    pub(super) const fn otherwise(self) -> Option<bool> {
        match self {
            Self::ReadingTime | Self::MostReadSection => Some(false),
            _ => None,
        }
    }
}

impl Block {
    /// The block of that name.
    pub(super) fn named(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.key() == key)
    }
}

impl Names {
    /// How many there must be.
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Halves => 2,
            Self::Days | Self::DaysShort => 7,
            Self::Months | Self::MonthsShort => 12,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_their_names() {
        for (index, class) in Class::ALL.iter().enumerate() {
            assert_eq!(*class as usize, index);
            assert_eq!(Class::named(class.key()), Some(*class));
        }
        assert_eq!(Class::named("sidebar"), None);
    }
}

//! The names that a template's files and the blocks share. A name that is not here is a problem in the template; a name that is here and
//! not used fails a test.

use crate::model::line::Line;

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
        Inset = "inset",
        Masthead = "masthead",
        Name = "name",
        LongName = "long-name",
        LongestName = "longest-name",
        NameLink = "name-link",
        Logo = "logo",
        Band = "band",
        Date = "date",
        Ear = "ear",
        EarLink = "ear-link",
        DayLine = "day-line",
        Opening = "opening",
        Note = "note",
        Paragraph = "paragraph",
        Points = "points",
        TextLink = "text-link",
        Notice = "notice",
        NoticeSide = "notice-side",
        NoticeMain = "notice-main",
        NoticePicture = "notice-picture",
        NoticeLabel = "notice-label",
        NoticeText = "notice-text",
        NoticePoints = "notice-points",
        NoticeLink = "notice-link",
        Lede = "lede",
        LedeRow = "lede-row",
        LedeWords = "lede-words",
        LedePicture = "lede-picture",
        LedeHeadline = "lede-headline",
        LongLede = "long-lede",
        LongestLede = "longest-lede",
        LedeDek = "lede-dek",
        LedeText = "lede-text",
        ReadOn = "read-on",
        Meta = "meta",
        Picture = "picture",
        Credit = "credit",
        Related = "related",
        RelatedEntry = "related-entry",
        Pair = "pair",
        Half = "half",
        SecondHalf = "second-half",
        Gap = "gap",
        Story = "story",
        NextStory = "next-story",
        Row = "row",
        RowPicture = "row-picture",
        RowText = "row-text",
        Thumbnail = "thumbnail",
        Headline = "headline",
        Second = "second",
        Plate = "plate",
        Link = "link",
        LedeLink = "lede-link",
        RankLink = "rank-link",
        EntryLink = "entry-link",
        Label = "label",
        LedeLabel = "lede-label",
        PlateLabel = "plate-label",
        Author = "author",
        Dek = "dek",
        StoryRelated = "story-related",
        Part = "part",
        LedePart = "lede-part",
        Side = "side",
        Main = "main",
        Heading = "heading",
        Headlines = "headlines",
        HeadlinesEntry = "headlines-entry",
        Ranking = "ranking",
        LongRanking = "long-ranking",
        Rank = "rank",
        Stamp = "stamp",
        Latest = "latest",
        Entry = "entry",
        Time = "time",
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
    /// How the parts of a page are put together (`[layout] form`).
    Form {
        /// A front page: a lede, two seconds, sections under headings, thumbnails at the end side.
        Front = "front",
        /// Words beside a margin that holds headings and bylines; name and lede on one panel.
        Axis = "axis",
        /// Large pictures with headlines under them, and the stories without pictures as a list.
        Plates = "plates",
    }
}

keys! {
    /// A block of the page.
    Block {
        Masthead = "masthead",
        Opening = "opening",
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
        /// The heading of that list where it is no ranking: what is read more is printed above.
        MoreRead = "more_read",
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
        /// The heading of stories without pictures, where the others have large ones.
        InWords = "in_words",
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
        /// As they are in a date: in Slavic languages in the genitive.
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
    /// Classes of older programs that no element has any more: a template that names them still loads.
    pub(super) const RETIRED: [&'static str; 1] = ["related-label"];

    /// The class of that name.
    pub(super) fn named(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.key() == key)
    }

    /// The class whose rules this one shares, if it is one that only adds to them: a long name is a name.
    pub(super) const fn base(self) -> Option<Self> {
        Some(match self {
            Self::LongName | Self::LongestName => Self::Name,
            Self::LongLede | Self::LongestLede => Self::LedeHeadline,
            Self::NoticeText => Self::Paragraph,
            Self::NoticePoints => Self::Points,
            Self::NoticeLink | Self::EarLink => Self::TextLink,
            Self::SecondHalf => Self::Half,
            Self::NextStory => Self::Story,
            Self::Second | Self::Plate => Self::Headline,
            Self::LedeLink | Self::RankLink | Self::EntryLink => Self::Link,
            Self::LedeLabel | Self::PlateLabel => Self::Label,
            Self::LongRanking => Self::Ranking,
            Self::LedePart => Self::Part,
            _ => return None,
        })
    }

    /// Whether words are in it directly, or a picture's words.
    pub(super) const fn has_text(self) -> bool {
        matches!(
            self,
            Self::NameLink
                | Self::Logo
                | Self::Date
                | Self::Opening
                | Self::Paragraph
                | Self::Points
                | Self::TextLink
                | Self::Ear
                | Self::EarLink
                | Self::DayLine
                | Self::LedeText
                | Self::SignOffText
                | Self::Portrait
                | Self::Signature
                | Self::QuestionText
                | Self::Answer
                | Self::NoticePicture
                | Self::NoticeLabel
                | Self::NoticeText
                | Self::NoticePoints
                | Self::NoticeLink
                | Self::LedeDek
                | Self::Meta
                | Self::Picture
                | Self::Credit
                | Self::Thumbnail
                | Self::Headline
                | Self::Link
                | Self::LedeLink
                | Self::RankLink
                | Self::EntryLink
                | Self::Label
                | Self::LedeLabel
                | Self::PlateLabel
                | Self::Author
                | Self::Dek
                | Self::Heading
                | Self::Rank
                | Self::Stamp
                | Self::Time
                | Self::Line
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

impl Form {
    /// The form of that name.
    ///
    /// # Errors
    /// The sentence that says what is wrong.
    pub(super) fn parse(key: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|known| known.key() == key);
        found.ok_or_else(|| {
            let known: Vec<String> = Self::ALL
                .iter()
                .map(|form| format!("`{}`", form.key()))
                .collect();
            format!(
                "`{}` is no form of a page: expected {}",
                Line::clean_to(key, 40),
                known.join(", ")
            )
        })
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

//! What was found when a picture was looked at, and the copies made of it for the mail.

use std::str::FromStr;

use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::token::Keys;

/// Where a picture is shown. Each place has its size of copy: twice the pixels that it takes there, because screens are dense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Across the letter.
    Lede,
    /// Across it further down, where a page shows several so large.
    Plate,
    /// One of two in a row.
    Pair,
    /// Beside a headline.
    Thumbnail,
    /// Beside the editor's name.
    Portrait,
    /// Across a notice.
    Banner,
    /// Beside the words of a notice.
    Side,
}

impl Place {
    /// Those of a story's picture, the largest first.
    pub const STORY: &[Self] = &[Self::Lede, Self::Plate, Self::Pair, Self::Thumbnail];
    /// Those of an editor's portrait.
    pub const SIGN_OFF: &[Self] = &[Self::Portrait];
    /// Those of a notice's picture.
    pub const NOTICE: &[Self] = &[Self::Banner, Self::Side];

    /// Pixels of the copy, and never more than the picture has.
    #[must_use]
    pub const fn size(self) -> (u32, u32) {
        match self {
            Self::Lede => (1_200, 800),
            Self::Plate => (900, 600),
            Self::Pair => (576, 384),
            Self::Thumbnail => (304, 202),
            Self::Portrait => (128, 128),
            Self::Banner => (1_200, 1_200),
            Self::Side => (400, 800),
        }
    }

    /// The smallest place of a story's picture whose copy is sharp when it is shown so many pixels wide.
    #[must_use]
    pub fn of_width(width: u32) -> Option<Self> {
        let places = Self::STORY.iter().rev();
        places.copied().find(|place| place.size().0 / 2 >= width)
    }

    /// Whether the whole picture is shown: nobody cuts what a sponsor pays for.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Banner | Self::Side)
    }

    /// The flattest shape that is left as it is, width to height.
    #[must_use]
    pub const fn flattest(self) -> (u32, u32) {
        match self {
            Self::Portrait => (1, 1),
            Self::Pair | Self::Thumbnail => (3, 2),
            Self::Lede | Self::Plate | Self::Banner | Self::Side => (2, 1),
        }
    }

    /// The octets that a copy should not exceed: it is made of lower quality rather. Seven pictures of any page stay below 350 kB.
    #[must_use]
    pub const fn octets(self) -> usize {
        match self {
            Self::Lede | Self::Banner => 110_000,
            Self::Plate => 60_000,
            Self::Pair | Self::Side => 28_000,
            Self::Thumbnail | Self::Portrait => 8_000,
        }
    }
}

/// What a picture's octets are, whatever its address and its server say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    Gif,
    WebP,
}

impl Format {
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
        }
    }
}

/// An address that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The address.
    pub of: Link,
    pub found: Found,
}

/// What was found at the address of a picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Picture(Seen),
    /// No picture, or none that can be decoded.
    Nothing {
        /// The story that was to be shown with it.
        story: Link,
        /// A sentence that begins after its name: `answered 404`.
        why: Line,
    },
}

/// A picture as it really is.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub format: Format,
    /// Pixels, as it is shown: after it is turned as its camera says.
    pub width: u32,
    pub height: u32,
    /// Its octets, if its server said or gave them all.
    pub octets: Option<u64>,
    /// Those made for the mail, the largest first; none, if it is shown as it is.
    pub copies: Vec<PictureCopy>,
}

/// The file name of a copy: what it holds, under the newsroom's key. The same picture has the same name, and nobody else can guess it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PictureName(String);

/// The letters of a name before its ending.
const LETTERS: usize = 26;

impl PictureName {
    /// `ending` is `jpg` or `png`.
    #[must_use]
    pub fn of(keys: &Keys, octets: &[u8], ending: &str) -> Self {
        Self(format!("{}.{ending}", keys.picture_name(octets)))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_png(&self) -> bool {
        self.0
            .split_once('.')
            .is_some_and(|(_, ending)| ending == "png")
    }
}

impl PictureName {
    /// The names that are in a text, such as an edition file.
    pub fn all_in(text: &str) -> impl Iterator<Item = Self> {
        let words =
            text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.'));
        words.filter_map(|word| word.parse().ok())
    }
}

impl FromStr for PictureName {
    type Err = ();

    /// Exactly what [`PictureName::of`] makes; nothing else is a name.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, ending) = text.split_once('.').ok_or(())?;
        let is_letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'2'..=b'7');
        let is_name = name.len() == LETTERS && name.bytes().all(is_letter);
        if is_name && matches!(ending, "jpg" | "png") {
            Ok(Self(text.to_owned()))
        } else {
            Err(())
        }
    }
}

/// A copy made for the mail.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureCopy {
    /// Where readers find it.
    pub url: Link,
    pub width: u32,
    pub height: u32,
    pub octets: u64,
}

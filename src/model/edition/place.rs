//! Where in an edition a story is printed.

use std::fmt;
use std::str::FromStr;

use super::List;

/// A place in an edition, as links and results name it: `top-1`, `most-read-3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub list: List,
    /// From 1.
    pub number: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.list.key().replace('_', "-"), self.number)
    }
}

/// A text that names no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (_, number) = text.rsplit_once('-').ok_or(NoPlace)?;
        let number = number.parse().ok().filter(|number| *number > 0);
        let number = number.ok_or(NoPlace)?;
        let mut places = List::ALL.map(|list| Self { list, number }).into_iter();
        places
            .find(|place| place.to_string() == text)
            .ok_or(NoPlace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        for text in ["top-1", "most-read-12", "latest-3"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "top",
            "top-0",
            "top-01",
            "top-+1",
            "most_read-1",
            "Top-1",
            "lede-1",
            "top--1",
        ] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}

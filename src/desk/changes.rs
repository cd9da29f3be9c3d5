//! What a change did to a letter: its words, its stories, its size.

use super::{Spot, Variant};
use crate::model::line::Line;

/// The difference between two letters to the same readers.
#[derive(Debug, Default)]
pub(super) struct LetterChanges<'s> {
    /// Was, is.
    pub(super) subject: Option<(&'s Line, &'s Line)>,
    /// Was, is.
    pub(super) opening: Option<(&'s Line, &'s Line)>,
    pub(super) came: Vec<&'s Spot>,
    pub(super) went: Vec<&'s Spot>,
    /// From where, to where; those that only made room are not among them.
    pub(super) moved: Vec<(&'s Spot, &'s Spot)>,
    /// Stories under another headline: was, is.
    pub(super) retitled: Vec<(&'s Spot, &'s Spot)>,
    /// Octets of the whole letter, more or fewer.
    pub(super) grown: i64,
}

impl<'s> LetterChanges<'s> {
    pub(super) fn between(before: &'s Variant, now: &'s Variant) -> Self {
        let differs = |was: &'s Line, is: &'s Line| (was != is).then_some((was, is));
        let key = |spot: &Spot| (spot.list, spot.url.key());
        let keys = |spots: &[Spot]| spots.iter().map(key).collect::<Vec<_>>();
        let kept = kept(&keys(&before.stories), &keys(&now.stories));
        let rest = |spots: &'s [Spot], is_kept: &dyn Fn(usize) -> bool| -> Vec<&'s Spot> {
            let all = spots.iter().enumerate();
            all.filter(|(at, _)| !is_kept(*at))
                .map(|(_, spot)| spot)
                .collect()
        };
        let mut went = rest(&before.stories, &|at| kept.iter().any(|pair| pair.0 == at));
        let mut came = rest(&now.stories, &|at| kept.iter().any(|pair| pair.1 == at));
        let mut moved = Vec::new();
        came.retain(|is| {
            let from = went.iter().position(|was| was.url.key() == is.url.key());
            if let Some(from) = from {
                moved.push((went.remove(from), *is));
            }
            from.is_none()
        });
        let stayed = kept
            .iter()
            .map(|&(was, is)| (&before.stories[was], &now.stories[is]));
        let mut retitled: Vec<_> = stayed.chain(moved.iter().copied()).collect();
        retitled.retain(|(was, is)| was.headline != is.headline);
        let size = |variant: &Variant| i64::try_from(variant.letter.len()).unwrap_or(i64::MAX);
        Self {
            subject: differs(&before.subject, &now.subject),
            opening: differs(&before.opening, &now.opening),
            came,
            went,
            moved,
            retitled,
            grown: size(now).saturating_sub(size(before)),
        }
    }
}

/// A line of two texts, one below the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DiffLine<'t> {
    Both(&'t str),
    Went(&'t str),
    Came(&'t str),
}

/// The lines of both texts, what went before what came.
pub(super) fn rows<'t>(before: &'t str, now: &'t str) -> Vec<DiffLine<'t>> {
    let (before, now): (Vec<_>, Vec<_>) = (before.lines().collect(), now.lines().collect());
    let mut rows = Vec::new();
    let (mut was, mut is) = (0, 0);
    for (kept_before, kept_now) in kept(&before, &now)
        .into_iter()
        .chain([(before.len(), now.len())])
    {
        rows.extend(
            before[was..kept_before]
                .iter()
                .map(|line| DiffLine::Went(line)),
        );
        rows.extend(now[is..kept_now].iter().map(|line| DiffLine::Came(line)));
        rows.extend(now.get(kept_now).map(|line| DiffLine::Both(line)));
        (was, is) = (kept_before + 1, kept_now + 1);
    }
    rows
}

/// Beyond this many comparisons everything between the common beginning and the common end counts as changed.
const MOST: usize = 4_000_000;

/// The longest common subsequence, as pairs of places in order.
fn kept<T: PartialEq>(before: &[T], now: &[T]) -> Vec<(usize, usize)> {
    let same = |(a, b): &(&T, &T)| a == b;
    let start = before.iter().zip(now).take_while(same).count();
    let (rest_before, rest_now) = (&before[start..], &now[start..]);
    let end = rest_before
        .iter()
        .rev()
        .zip(rest_now.iter().rev())
        .take_while(same)
        .count();
    let (rows, columns) = (rest_before.len() - end, rest_now.len() - end);
    let mut pairs: Vec<_> = (0..start).map(|at| (at, at)).collect();
    if rows.saturating_mul(columns) <= MOST {
        // longest[row][column]: of what begins there.
        let width = columns + 1;
        let mut longest = vec![0_u32; (rows + 1) * width];
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                let at = row * width + column;
                longest[at] = if rest_before[row] == rest_now[column] {
                    longest[at + width + 1] + 1
                } else {
                    longest[at + width].max(longest[at + 1])
                };
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < rows && column < columns {
            let at = row * width + column;
            if rest_before[row] == rest_now[column] {
                pairs.push((start + row, start + column));
                (row, column) = (row + 1, column + 1);
            } else if longest[at + width] >= longest[at + 1] {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
    pairs.extend((0..end).map(|at| (start + rows + at, start + columns + at)));
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::tests::fixture::{line, spots, variant};
    use super::*;
    use proptest::prelude::*;

    fn told(before: &[&str], now: &[&str]) -> String {
        let letter = |headlines: &[&str]| Variant {
            stories: spots(headlines),
            ..variant("Everyone", "Fish")
        };
        let (before, now) = (letter(before), letter(now));
        let changes = LetterChanges::between(&before, &now);
        let names = |spots: &[&Spot]| {
            spots
                .iter()
                .map(|spot| spot.headline.to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let moves: Vec<_> = changes
            .moved
            .iter()
            .map(|(was, is)| format!("{} {}>{}", is.headline, was.place, is.place))
            .collect();
        format!(
            "+{} -{} ~{}",
            names(&changes.came),
            names(&changes.went),
            moves.join(" ")
        )
    }

    #[test]
    fn stories_come_go_and_move() {
        assert_eq!(told(&["a", "b"], &["a", "b"]), "+ - ~");
        assert_eq!(
            told(&["a", "b"], &["c", "a", "b"]),
            "+c - ~",
            "making room is not moving"
        );
        assert_eq!(told(&["a", "b", "c"], &["a", "c"]), "+ -b ~");
        assert_eq!(
            told(&["a", "b", "c", "d"], &["d", "a", "b", "c"]),
            "+ - ~d 4>1"
        );
        assert_eq!(told(&[], &["a"]), "+a - ~");
    }

    #[test]
    fn words_and_size_change() {
        let before = variant("Everyone", "Fish");
        let mut now = variant("Everyone", "Fish and fares");
        now.stories[0].headline = line("Ferry fares rise again");
        now.letter.truncate(10);
        let changes = LetterChanges::between(&before, &now);
        assert_eq!(changes.subject.unwrap().1.as_str(), "Fish and fares");
        assert!(changes.opening.is_none() && changes.came.is_empty() && changes.moved.is_empty());
        assert_eq!(changes.retitled[0].0.headline.as_str(), "Ferry fares rise");
        assert!(changes.grown < 0);
    }

    #[test]
    fn a_text_is_shown_with_what_went_and_came() {
        use DiffLine::{Both, Came, Went};
        assert_eq!(
            rows("a\nb\nc", "a\nx\nc\nd"),
            [Both("a"), Went("b"), Came("x"), Both("c"), Came("d")]
        );
        assert_eq!(rows("", ""), []);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off_the_rows(before in "[ab\n]{0,40}", now in "[ab\n]{0,40}") {
            let rows = rows(&before, &now);
            let of = |other: fn(&DiffLine) -> bool| -> Vec<&str> {
                rows.iter().filter(|row| !other(row)).map(|row| match row { DiffLine::Both(l) | DiffLine::Went(l) | DiffLine::Came(l) => *l }).collect()
            };
            prop_assert_eq!(of(|row| matches!(row, DiffLine::Came(_))), before.lines().collect::<Vec<_>>());
            prop_assert_eq!(of(|row| matches!(row, DiffLine::Went(_))), now.lines().collect::<Vec<_>>());
        }
    }
}

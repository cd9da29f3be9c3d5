//! How wide text is and where it may be cut: columns as a terminal counts them, never within a letter and its accent or within an emoji.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Columns: most letters take one, those of Chinese, Japanese and Korean two, accents none.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// What a reader sees as letters, in order, and where each begins.
pub(super) fn letters(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.grapheme_indices(true)
}

/// The longest beginning of at most `most` columns that ends between two letters; at least one letter.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let mut used = 0;
    let end = letters(text).find(|(at, letter)| {
        used += width(letter);
        used > most && *at > 0
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Text cut after its spaces and wherever else a line may end: Chinese and Japanese have no spaces and are broken between any two letters,
/// but no line begins with a full stop or a closing bracket (JIS X 4051, in its short form).
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive(' ') {
        if !word.chars().any(is_ideographic) {
            pieces.push(word);
            continue;
        }
        let (mut start, mut before) = (0, ' ');
        for (at, letter) in letters(word) {
            let after = letter.chars().next().unwrap_or_default();
            let ideographic = is_ideographic(before) || is_ideographic(after);
            if at > 0 && ideographic && !NEVER_LAST.contains(before) && !NEVER_FIRST.contains(after)
            {
                pieces.push(&word[start..at]);
                start = at;
            }
            before = letter.chars().last().unwrap_or_default();
        }
        pieces.push(&word[start..]);
    }
    pieces
}

const NEVER_LAST: &str = "([{“‘（［｛「『【〔〈《〖￥＄";
const NEVER_FIRST: &str = " )]}”’,.:;!?%…‥、。，．・：；！？）］｝」』】〕〉》〗ー々ゝゞヽヾ〻％\
    ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ";

/// A letter or sign of Chinese or Japanese (by Unicode's blocks). Korean has spaces, and is broken there.
pub(super) fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{312f}' | '\u{3190}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff9f}' | '\u{1aff0}'..='\u{1b16f}' | '\u{20000}'..='\u{3fffd}')
}

/// At most `most` columns, cut between words. Text without a space in its second half (Japanese, a 300-letter word) is cut between
/// letters, for want of anything better.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let kept = beginning(text, most.saturating_sub(1));
    let space = kept.rfind(' ').filter(|at| at * 2 >= kept.len());
    let kept = space
        .map_or(kept, |at| &kept[..at])
        .trim_end_matches(|c: char| c.is_whitespace() || ",;:،؛、，；：・".contains(c));
    format!("{kept}…")
}

/// `first`, a space and `second`; no space after the punctuation of Chinese and Japanese, which holds one.
pub(super) fn spaced(first: &str, second: &str) -> String {
    let wide = first.ends_with(|c| matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}'));
    let space = if wide || first.is_empty() { "" } else { " " };
    format!("{first}{space}{second}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn japanese_is_broken_where_it_may_be() {
        assert_eq!(
            pieces("港の「月曜」市、ABC が。10%増"),
            [
                "港", "の", "「月", "曜」", "市、", "ABC ", "が。", "10%", "増"
            ]
        );
        assert_eq!(pieces("ferry fares"), ["ferry ", "fares"]);
        assert_eq!(pieces("여객선 요금"), ["여객선 ", "요금"]);
    }

    #[test]
    fn letters_stay_whole() {
        assert_eq!(beginning("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}e\u{301}");
        assert_eq!(beginning("👩‍👩‍👧👩‍👩‍👧", 3), "👩‍👩‍👧");
        assert_eq!(beginning("港港", 1), "港");
        assert_eq!(width("港e\u{301}"), 3);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[ a(。、「」ー港ア\u{301}👩\u{200d}]{0,40}", any in ".{0,60}", most in 0_usize..9) {
            for text in [text, any] {
                prop_assert_eq!(pieces(&text).concat(), text.clone());
                prop_assert!(text.starts_with(beginning(&text, most)));
                let whole: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
                let mut at = 0;
                for piece in pieces(&text) {
                    at += piece.len();
                    // A space is cut from what is on it; nobody writes that.
                    prop_assert!(whole.contains(&at) || piece.ends_with(' '), "{text:?} is cut at {at}");
                }
            }
        }
    }
}

//! The sentence under the headline, out of whatever a feed calls a description.

use std::borrow::Cow;

use super::plain::Fragment;
use crate::model::line::Line;

/// The longest dek, in characters. It is cut at the end of a sentence if that keeps a third of them.
const LONGEST: usize = 250;
/// A first paragraph shorter than this takes the next one with it.
const THIN: usize = 25;

/// Characters that a text must have if an ellipsis at its end is to mean that the feed cut it.
const CUT: usize = 100;

/// Sentences that a feed's software adds, by how they begin.
const ADDED: [&str; 9] = [
    "click here to",
    "comments",
    "read full",
    "read the full",
    "related:",
    "submitted by ",
    "the post ",
    "this article originally appeared",
    "this post originally appeared",
];

/// Links to the story that are alone or at the end of a paragraph.
const MORE: [&str; 9] = [
    "continue reading",
    "leer más",
    "lees meer",
    "leia mais",
    "lire la suite",
    "read more",
    "seguir leyendo",
    "weiterlesen",
    "[link] [comments]",
];

/// How a text that was cut is marked.
const ELLIPSES: [&str; 4] = ["[…]", "[...]", "(…)", "(...)"];

/// How a paragraph begins that only names its author.
const BY: [&str; 5] = ["by ", "de ", "par ", "por ", "von "];

const CLOSING_QUOTES: [char; 7] = ['"', '\'', '”', '’', '»', '“', ')'];

/// Abbreviations whose full stop ends no sentence.
const SHORT: [&str; 18] = [
    "Col", "Dr", "Gen", "Gov", "Jr", "Lt", "Mr", "Mrs", "Ms", "No", "Prof", "Rep", "Rev", "Sen",
    "Sgt", "Sr", "St", "vs",
];

/// The first paragraph that says more than the headline, cut to a dek's length.
pub(super) fn dek(fragment: &Fragment, headline: &Line) -> Option<Line> {
    let mut dek = String::new();
    for paragraph in &fragment.paragraphs {
        let paragraph = without_additions(Line::clean(paragraph).as_str());
        if paragraph.is_empty()
            || same_words(&paragraph, headline.as_str())
            || names_an_author(&paragraph)
        {
            continue;
        }
        if !dek.is_empty() {
            dek.push(' ');
        }
        dek.push_str(&paragraph);
        if dek.chars().count() >= THIN {
            break;
        }
    }
    Line::non_empty(&shortened(&dek))
}

/// Whether two texts differ at most in case, space and punctuation.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    fn bare(text: &str) -> impl Iterator<Item = char> {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
    }
    bare(a).eq(bare(b))
}

/// The paragraph without what a feed's software added to it; empty if that was all.
pub(super) fn without_additions(paragraph: &str) -> String {
    let lower = paragraph.to_lowercase();
    // An author may begin with such words too; then it goes on.
    if ADDED.iter().any(|added| lower.starts_with(added))
        && (paragraph.chars().count() < 40
            || [
                "appeared first on",
                "originally appeared",
                "[link]",
                "related:",
            ]
            .iter()
            .any(|sign| lower.contains(sign)))
    {
        return String::new();
    }
    let mut kept = paragraph;
    if let Some(at) = kept.rfind("The post ")
        && kept[at..].contains(" appeared first on ")
    {
        kept = kept[..at].trim_end();
    }
    // "[Reuters] On Monday ...": where it was syndicated from.
    if let Some((label, rest)) = kept.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && label.chars().count() <= 30
        && !rest.trim_start().starts_with(char::is_lowercase)
        && label.contains(char::is_alphanumeric)
    {
        kept = rest.trim_start();
    }
    while let Some(shorter) = without_more(kept) {
        kept = shorter;
    }
    for ellipsis in ELLIPSES {
        if let Some(rest) = kept.strip_suffix(ellipsis) {
            return format!("{}…", rest.trim_end_matches([' ', '.', '…']));
        }
    }
    cut_by_the_feed(kept).unwrap_or_else(|| kept.to_owned())
}

/// A text that the feed itself cut after so many characters, likely within a word, again without that last word.
fn cut_by_the_feed(text: &str) -> Option<String> {
    let rest = text.strip_suffix("...").or(text.strip_suffix('…'))?;
    if rest.chars().count() < CUT {
        return None;
    }
    let (whole, _) = rest.rsplit_once(' ')?;
    let whole = whole.trim_end_matches(|c: char| !c.is_alphanumeric());
    Some(format!("{whole}…"))
}

/// `Por Matt Spetalnick e Jason Szep`: names, and no sentence.
pub(super) fn names_an_author(paragraph: &str) -> bool {
    let lower = paragraph.to_lowercase();
    let mut words = paragraph.split(' ').skip(1);
    BY.iter().any(|by| lower.starts_with(by))
        && paragraph.chars().count() <= 60
        && !paragraph.ends_with(['.', '!', '?', '…', ':'])
        && words
            .all(|word| word.starts_with(|c: char| !c.is_lowercase()) || word.chars().count() <= 3)
}

/// The text before a closing "Read more".
fn without_more(text: &str) -> Option<&str> {
    // "Leia mais (24/08 - 19h22)".
    let text = match text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
    {
        Some((before, date)) if date.starts_with(|c: char| c.is_ascii_digit()) => before,
        _ => text,
    };
    let bare = text.trim_end_matches(['.', '…', '»', '→', '›', '>', ':', ' ', '\u{a0}']);
    MORE.iter().find_map(|more| {
        let at = bare.len().checked_sub(more.len())?;
        (bare.is_char_boundary(at)
            && bare[at..].to_lowercase() == **more
            && (at == 0
                || bare[..at]
                    .ends_with([' ', '\u{a0}', '.', '…', '!', '?', '(', '[', ']', '>', '»'])))
        .then(|| bare[..at].trim_end_matches([' ', '\u{a0}', '(']))
    })
}

fn shortened(text: &str) -> Cow<'_, str> {
    let Some((limit, _)) = text.char_indices().nth(LONGEST) else {
        return Cow::Borrowed(text);
    };
    let best = sentence_ends(text).take_while(|end| *end <= limit).last();
    let best = best.unwrap_or_default();
    if text[..best].chars().count() * 3 >= LONGEST {
        Cow::Borrowed(&text[..best])
    } else {
        let cut = Line::clean_to(text, LONGEST);
        let whole = cut
            .as_str()
            .trim_end_matches(['…', ' ', ',', ';', ':', '-', '–', '—']);
        Cow::Owned(format!("{whole}…"))
    }
}

/// Where sentences end within a text, each with its closing quotation marks. Where the text itself ends, nothing says that a sentence does.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().filter_map(|(at, mark)| {
        let after = at + mark.len_utf8();
        let rest = text[after..].trim_start_matches(CLOSING_QUOTES);
        let ends = match mark {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' | '…' | '؟' | '۔' | '।' => {
                let mut rest = rest.chars();
                rest.next().is_some_and(char::is_whitespace)
                    && rest.next().is_some_and(|c| !c.is_lowercase())
                    && !(mark == '.' && abbreviates(&text[..at]))
            }
            _ => false,
        };
        ends.then(|| text.len() - rest.len())
    })
}

/// The text, or as many of its first sentences as have at most `most` characters; nothing, if the first has more. An ellipsis ends no sentence
/// here: who cut the text wrote it.
pub(super) fn whole_sentences(text: &str, most: usize) -> &str {
    let cut = |text: &str| text.ends_with('…') || text.ends_with("...");
    let limit = text.char_indices().nth(most).map(|(limit, _)| limit);
    if limit.is_none() && !cut(text.trim_end_matches(CLOSING_QUOTES)) {
        return text;
    }
    let limit = limit.unwrap_or(text.len());
    let ends = sentence_ends(text).take_while(|end| *end <= limit);
    let ends = ends.filter(|end| !cut(text[..*end].trim_end_matches(CLOSING_QUOTES)));
    &text[..ends.last().unwrap_or_default()]
}

/// Whether the full stop after `before` belongs to an abbreviation: `U.S`, `J`, `Mr`.
fn abbreviates(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '“' | '"'))
        .next()
        .unwrap_or_default();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    initial || word.contains('.') || SHORT.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::plain::fragment;
    use proptest::prelude::*;

    fn check(markup: &str, expected: &str) {
        let found = dek(&fragment(markup), &Line::clean("Ferry fares rise"));
        assert_eq!(
            found.as_ref().map_or("", Line::as_str),
            expected,
            "{markup}"
        );
    }

    #[test]
    fn the_first_paragraph_that_says_something() {
        check("On Monday.", "On Monday.");
        check(
            "<p>Fares go up by ten per cent on Monday, the port said.</p><p>And so on.</p>",
            "Fares go up by ten per cent on Monday, the port said.",
        );
        check(
            "<p>LISBON</p><p>Fares go up on Monday.</p>",
            "LISBON Fares go up on Monday.",
        );
        check("<p>Ferry fares rise!</p>", "");
        check("<img src=a.jpg>", "");
    }

    #[test]
    fn what_software_added_goes() {
        check("On Monday. <a>Continue reading...</a>", "On Monday.");
        check("On Monday [&#8230;]", "On Monday…");
        check("On Monday [...] Read more »", "On Monday…");
        check(
            "<p>On Monday.</p><p>The post <a>Ferry fares rise</a> appeared first on <a>Paper</a>.</p>",
            "On Monday.",
        );
        check(
            "On Monday. The post Ferry fares rise appeared first on Paper.",
            "On Monday.",
        );
        check("[Reuters] On Monday.", "On Monday.");
        check("[Reuters]", "");
        check("On Monday. Leia mais (24/08 - 19h22)", "On Monday.");
        check("Weiterlesen", "");
        check("<p>Related: Old fares</p>", "");
        check(
            "The post office on the quay will close next month, the city said.",
            "The post office on the quay will close next month, the city said.",
        );
    }

    #[test]
    fn a_byline_is_no_dek() {
        check("  Por Matt Spetalnick e Jason Szep ", "");
        check(
            "<p>By Ana Reis</p><p>Fares go up on Monday.</p>",
            "Fares go up on Monday.",
        );
        check("By Monday fares will be up", "By Monday fares will be up");
        check("By Monday.", "By Monday.");
    }

    #[test]
    fn what_a_feed_cut_ends_with_a_whole_word() {
        let text = "Programa Pré Aprendiz, que é realizado em parceria com o Serviço Social do Comércio (Sesc), terá continuidade. O termo de";
        check(&format!("{text} renovaç..."), &format!("{text}…"));
        check(&format!("{text}, ..."), &format!("{text}…"));
        check("And then ...", "And then ...");
    }

    #[test]
    fn a_long_text_is_cut_after_a_sentence() {
        let sentence = "The port of the U.S. city, said Mr. J. Doe, will raise the fares for all its ferries from Monday on, and “not only those.” ";
        let found = dek(&fragment(&sentence.repeat(4)), &Line::clean("x")).unwrap();
        assert_eq!(found.as_str(), sentence.repeat(2).trim());
        let found = dek(&fragment(&"wor, ".repeat(200)), &Line::clean("x")).unwrap();
        assert!(found.as_str().ends_with("wor…"));
        let found = dek(&fragment(&"word ".repeat(200)), &Line::clean("x")).unwrap();
        assert!(found.as_str().ends_with("word…") && found.as_str().chars().count() <= LONGEST);
    }

    proptest! {
        #[test]
        fn short_and_clean(text in "\\PC{0,700}") {
            if let Some(dek) = dek(&fragment(&text), &Line::clean("x")) {
                prop_assert!(dek.as_str().chars().count() <= LONGEST);
            }
        }
    }
}

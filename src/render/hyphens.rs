//! Where a long word may be broken: by the language's rules of hyphenation where we have them, so that no phone has to scroll sideways.

use hypher::{Lang, hyphenate};
use maud::Render as _;

use super::columns::{is_ideographic, letters};

/// A break that shows a hyphen only where the line ends at it.
const SOFT_HYPHEN: char = '\u{ad}';
/// A longer word does not fit beside a small picture on the narrowest phone, so it may be broken; neither do longer pieces of it.
const PIECE: usize = 12;
/// A word longer than this may be broken anywhere. Where no language says how, shorter ones stay whole: they are real words, which a break
/// would spoil also where they fit.
const LONGEST: usize = 30;

/// What is longer is no word of any language.
const LONGEST_WORD: usize = 100;

/// The rules for a language, by its primary tag. English has few words of more than [`PIECE`] letters, and those stay whole.
pub(super) fn language(primary: &str) -> Option<Lang> {
    Some(match primary {
        "da" => Lang::Danish,
        "de" => Lang::German,
        "es" => Lang::Spanish,
        "fi" => Lang::Finnish,
        "fr" => Lang::French,
        "hu" => Lang::Hungarian,
        "it" => Lang::Italian,
        "nl" => Lang::Dutch,
        "no" | "nb" | "nn" => Lang::Norwegian,
        "pl" => Lang::Polish,
        "pt" => Lang::Portuguese,
        "ru" => Lang::Russian,
        "sv" => Lang::Swedish,
        "tr" => Lang::Turkish,
        "uk" => Lang::Ukrainian,
        _ => return None,
    })
}

/// The text as HTML, with places to break its long words.
pub(super) fn render(text: &str, language: Option<Lang>, out: &mut String) {
    let longest = if language.is_some() { PIECE } else { LONGEST };
    // Octets first: most text has no word of even that many.
    if text.split(' ').all(|word| word.len() <= longest) {
        return text.render_to(out);
    }
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        for run in runs(word, |letter| letter.starts_with(is_ideographic)) {
            match language {
                Some(language) if !run.contains(NO_WORD) => {
                    for run in runs(run, |letter| letter.starts_with(char::is_alphabetic)) {
                        hyphenated(run, language, out);
                    }
                }
                _ => broken(run, out),
            }
        }
    }
}

/// Signs of addresses and codes, which no language hyphenates.
const NO_WORD: [char; 8] = ['/', '@', '_', '=', '&', '%', '<', '#'];

/// The text cut wherever `kind` of a letter changes.
fn runs(text: &str, kind: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut runs = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, letter) in letters(text) {
        let kind = Some(kind(letter));
        if at > 0 && before != kind {
            runs.push(&text[start..at]);
            start = at;
        }
        before = kind;
    }
    runs.push(&text[start..]);
    runs
}

/// As few soft hyphens as give pieces that fit.
fn hyphenated(word: &str, language: Lang, out: &mut String) {
    let count = word.chars().count();
    // Letters with their accents apart are no words of the rules, nor is what is longer than any word.
    if !(PIECE + 1..=LONGEST_WORD).contains(&count) || !word.chars().all(char::is_alphabetic) {
        return broken(word, out);
    }
    let mut used = 0;
    for syllable in hyphenate(word, language) {
        let length = syllable.chars().count();
        if used > 0 && used + length > PIECE {
            out.push(SOFT_HYPHEN);
            used = 0;
        }
        broken(syllable, out);
        used += length;
    }
}

/// The text as it is or, where it is longer than any word, with a place to break after every few letters. Between ideographs a line may end
/// anyway, and the browser knows better where.
fn broken(run: &str, out: &mut String) {
    let mut rest = run;
    let ideographs = run.starts_with(is_ideographic);
    if !ideographs && letters(run).nth(LONGEST).is_some() {
        while let Some((end, _)) = letters(rest).nth(PIECE) {
            rest[..end].render_to(out);
            out.push_str("<wbr>");
            rest = &rest[end..];
        }
    }
    rest.render_to(out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, tag: &str) -> String {
        let mut out = String::new();
        render(text, language(tag), &mut out);
        out.replace(SOFT_HYPHEN, "|")
    }

    #[test]
    fn long_words_break_where_their_language_breaks_them() {
        let words = [
            ("de", "Die Donaudampfschifffahrtsgesellschaft wächst"),
            ("nl", "arbeidsongeschiktheidsverzekering"),
            ("fi", "Lentokonesuihkuturbiinimoottoriapumekaanikko"),
            ("sv", "Realisationsvinstbeskattning"),
            ("da", "Speciallægepraksisplanlægning"),
            ("no", "Menneskerettighetsorganisasjonene"),
            ("hu", "Megszentségteleníthetetlenségeskedéseitekért"),
            ("ru", "Достопримечательности города"),
            ("uk", "Найнезадовільніше становище"),
            ("en", "Antidisestablishmentarianism"),
            ("de", "Rindfleisch-Etikettierung & <Überwachung>"),
        ]
        .map(|(tag, words)| format!("{tag} {}", shown(words, tag)));
        insta::assert_snapshot!(words.join("\n"), @"
        de Die Donaudampf|schifffahrts|gesellschaft wächst
        nl arbeidsonge|schiktheids|verzekering
        fi Lentokone|suihkuturbii|nimoottoria|pumekaanikko
        sv Realisations|vinstbeskatt|ning
        da Speciallæge|praksisplan|lægning
        no Menneskeret|tighetsorga|nisasjonene
        hu Megszentség|teleníthetet|lenségeskedé|seitekért
        ru Достопримеча|тельности города
        uk Найнезадо|вільніше становище
        en Antidisestablishmentarianism
        de Rindfleisch-Etikettie|rung &amp; &lt;Überwachung&gt;
        ");
    }

    #[test]
    fn no_language_s_longest_words_are_wider_than_a_phone() {
        for (tag, word) in [
            ("es", "Electroencefalografistas"),
            ("fr", "Anticonstitutionnellement"),
            ("it", "Precipitevolissimevolmente"),
            ("pl", "Konstantynopolitańczykowianeczka"),
            ("pt", "Anticonstitucionalissimamente"),
            ("tr", "Çekoslovakyalılaştıramadıklarımızdanmışsınız"),
        ] {
            let shown = shown(word, tag);
            assert!(
                shown.split('|').all(|piece| piece.chars().count() <= PIECE),
                "{shown}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_piece_fits(text in "[a-zäöüß .'-]{0,60}|[а-яії ]{0,60}", tag in "de|fi|ru|uk|en") {
            let shown = shown(&text, &tag);
            prop_assert_eq!(shown.replace('|', "").replace("<wbr>", ""), text.clone());
            if tag != "en" {
                for piece in shown.split(|c: char| !c.is_alphabetic()) {
                    prop_assert!(piece.chars().count() <= LONGEST, "{piece} in {shown}");
                }
            }
        }
    }
}

//! Quotation marks, dashes and ellipses as the edition's language sets them. Sources and editors type what a keyboard has; what is set
//! already stays as it is.

use std::borrow::Cow;

use crate::model::edition::{Edition, List};
use crate::model::line::Line;
use crate::model::newsletter::Language;

/// The marks of a language.
#[derive(Clone, Copy)]
struct Marks {
    /// Around a quotation.
    double: (&'static str, &'static str),
    /// Around one within it.
    single: (&'static str, &'static str),
    /// Between two parts of a sentence, with its spaces.
    dash: &'static str,
    ellipsis: &'static str,
}

const ENGLISH: Marks = Marks {
    double: ("“", "”"),
    single: ("‘", "’"),
    dash: " – ",
    ellipsis: "…",
};

fn marks(language: &Language) -> Marks {
    let (double, single) = match &*language.primary() {
        "de" | "cs" | "sk" | "sl" | "lt" | "is" | "bg" => (("„", "“"), ("‚", "‘")),
        "fr" => (("«\u{a0}", "\u{a0}»"), ENGLISH.double),
        "pt" if !language.tag().eq_ignore_ascii_case("pt-BR") => (("«", "»"), ENGLISH.double),
        "es" | "ca" | "it" | "ar" | "fa" | "el" | "no" | "nb" | "nn" => {
            (("«", "»"), ENGLISH.double)
        }
        "ru" | "uk" | "be" => (("«", "»"), ("„", "“")),
        "pl" | "ro" | "hu" | "hr" => (("„", "”"), ("‚", "’")),
        "sv" | "fi" | "da" => (("”", "”"), ("’", "’")),
        _ => (ENGLISH.double, ENGLISH.single),
    };
    let dash = match &*language.primary() {
        "ru" | "uk" | "be" => "\u{a0}— ",
        "es" | "pt" | "it" => " — ",
        "en" if language.tag().eq_ignore_ascii_case("en-US") => " — ",
        _ => ENGLISH.dash,
    };
    Marks {
        double,
        single,
        dash,
        ellipsis: if language.primary() == "zh" {
            "……"
        } else {
            ENGLISH.ellipsis
        },
    }
}

/// The edition with everything that is read set in its language. The note keeps its Markdown.
pub(super) fn edition(edition: &Edition, language: &Language) -> Edition {
    let marks = marks(language);
    let mut edition = edition.clone();
    let set = |line: &mut Line| {
        if let Cow::Owned(text) = set(line.as_str(), marks) {
            *line = Line::clean(&text);
        }
    };
    edition.subject.iter_mut().for_each(set);
    edition.opening.iter_mut().for_each(set);
    for list in List::ALL {
        for placed in edition.list_mut(list) {
            let story = &mut placed.story;
            set(&mut story.headline);
            let picture = story.picture.iter_mut();
            let words =
                picture.flat_map(|picture| picture.alt.iter_mut().chain(&mut picture.credit));
            words
                .chain(&mut story.dek)
                .chain(&mut story.kicker)
                .chain(&mut story.section)
                .chain(&mut story.byline)
                .chain(&mut story.paragraphs)
                .chain(
                    story
                        .related
                        .iter_mut()
                        .map(|related| &mut related.headline),
                )
                .for_each(set);
        }
    }
    for notice in &mut edition.notices {
        let words = notice.headline.iter_mut().chain(&mut notice.sponsor);
        words.for_each(set);
    }
    for line in &mut edition.lines {
        line.label.iter_mut().chain([&mut line.text]).for_each(set);
    }
    if let Some(sign_off) = &mut edition.sign_off {
        set(&mut sign_off.name);
        sign_off.role.iter_mut().for_each(set);
    }
    if let Some(question) = &mut edition.question {
        set(&mut question.text);
        question.answers.iter_mut().for_each(set);
    }
    edition
}

/// The text in these marks; borrowed where nothing changes. Quotations whose ends do not match stay as typed.
fn set(text: &str, marks: Marks) -> Cow<'_, str> {
    if !text.contains(['"', '\'', '-', '.']) {
        return text.into();
    }
    // Agencies type a double mark as two single ones.
    let letters: Vec<char> = if text.contains("''") {
        text.replace("''", "\"").chars().collect()
    } else {
        text.chars().collect()
    };
    let closing = closing(&letters);
    let at = |index: usize| letters.get(index).copied().unwrap_or(' ');
    let mut out = String::with_capacity(text.len() + 16);
    let mut index = 0;
    while index < letters.len() {
        let (c, next) = (letters[index], at(index + 1));
        let before = index.checked_sub(1).map_or(' ', at);
        let run = letters[index..]
            .iter()
            .take_while(|other| **other == c)
            .count();
        let mut taken = 1;
        match c {
            '"' | '\'' if closing[index].is_some() => {
                let (open, close) = if c == '"' { marks.double } else { marks.single };
                out.push_str(if closing[index] == Some(true) {
                    close
                } else {
                    open
                });
            }
            '"' | '\'' if before.is_ascii_digit() && (next.is_ascii_digit() || c == '"') => {
                out.push(if c == '"' { '″' } else { '′' });
            }
            '"' if is_hebrew(before) && is_hebrew(next) => out.push('״'),
            '\'' if is_hebrew(before) => out.push('׳'),
            '\'' if before.is_alphanumeric() || next.is_alphanumeric() => out.push('’'),
            '.' if run == 3 => {
                out.push_str(marks.ellipsis);
                taken = 3;
            }
            '-' if run <= 3 && before == ' ' && at(index + run) == ' ' && index > 0 => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push_str(marks.dash);
                taken = run + 1;
            }
            '-' if (2..=3).contains(&run)
                && before.is_alphabetic()
                && at(index + run).is_alphabetic() =>
            {
                out.push_str(marks.dash);
                taken = run;
            }
            _ => {
                out.extend(std::iter::repeat_n(c, run));
                taken = run;
            }
        }
        index += taken;
    }
    if out == text { text.into() } else { out.into() }
}

/// For each letter whether it is a quotation mark that has its counterpart: `false` opens, `true` closes.
fn closing(letters: &[char]) -> Vec<Option<bool>> {
    let mut found = vec![None; letters.len()];
    for mark in ['"', '\''] {
        let mut open: Option<usize> = None;
        for (index, _) in letters.iter().enumerate().filter(|(_, c)| **c == mark) {
            let outside = |c: Option<&char>| c.is_none_or(|c| !c.is_alphanumeric());
            let before = index.checked_sub(1).and_then(|before| letters.get(before));
            let next = letters.get(index + 1);
            let spaced = |c: Option<&char>| c.is_none_or(|c| c.is_whitespace());
            // Of two single ones that open, the first was an apostrophe.
            if (open.is_none() || mark == '\'') && outside(before) && !spaced(next) {
                open = Some(index);
            } else if let Some(opened) = open.filter(|_| outside(next) && !spaced(before)) {
                found[opened] = Some(false);
                found[index] = Some(true);
                open = None;
            }
        }
    }
    found
}

fn is_hebrew(c: char) -> bool {
    matches!(c, '\u{5d0}'..='\u{5ea}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(tag: &str, text: &str) -> String {
        set(text, marks(&Language::parse(tag).unwrap())).into_owned()
    }

    #[test]
    fn each_language_has_its_marks() {
        let text = "\"It's 'late'\" - he said...";
        let all = [
            "en", "en-US", "de", "fr", "es", "it", "pt", "pt-BR", "ru", "pl", "sv", "ja", "zh",
            "ar",
        ];
        let all = all.map(|tag| format!("{tag} {}", shown(tag, text)));
        insta::assert_snapshot!(all.join("\n"), @"
        en “It’s ‘late’” – he said…
        en-US “It’s ‘late’” — he said…
        de „It’s ‚late‘“ – he said…
        fr «\u{a0}It’s “late”\u{a0}» – he said…
        es «It’s “late”» — he said…
        it «It’s “late”» — he said…
        pt «It’s “late”» — he said…
        pt-BR “It’s ‘late’” — he said…
        ru «It’s „late“»\u{a0}— he said…
        pl „It’s ‚late’” – he said…
        sv ”It’s ’late’” – he said…
        ja “It’s ‘late’” – he said…
        zh “It’s ‘late’” – he said……
        ar «It’s “late”» – he said…
        ");
    }

    #[test]
    fn what_is_no_quotation_stays() {
        for (text, set) in [
            ("A 27\" screen", "A 27″ screen"),
            ("He is 6'2\" tall", "He is 6′2″ tall"),
            ("The '90s and rock 'n' roll", "The ’90s and rock ‘n’ roll"),
            ("Players' union: don't", "Players’ union: don’t"),
            (
                "2019-20, 555-1234, --force, a-b",
                "2019-20, 555-1234, --force, a-b",
            ),
            ("Fares--and fish", "Fares – and fish"),
            ("\"Half a quotation", "\"Half a quotation"),
            (
                "The theme, \"Pulses: from modesty to excellence,'' and ''more''",
                "The theme, “Pulses: from modesty to excellence,” and “more”",
            ),
            ("Already “set” – yes…", "Already “set” – yes…"),
            ("1.2.3 and ......", "1.2.3 and ......"),
            ("(\"Fares\", \"fish\")", "(“Fares”, “fish”)"),
            ("צה\"ל וארה\"ב", "צה״ל וארה״ב"),
            ("- a list", "- a list"),
        ] {
            assert_eq!(shown("en", text), set, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_letter_is_lost(text in "[ab1 '\".-]{0,40}", tag in "en|de|fr|ru|sv|zh") {
            let once = shown(&tag, &text);
            let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(plain(&once), plain(&text));
        }
    }
}

//! The words of an edition in its language: from the files in `templates/words`, then from what a template's `[words]` says for every language
//! and `[words.ru]` for one. English is used for what nobody gives.

use super::date_format::{self, Items};
use super::keys::{Counted, Format, Names, Phrase, Plural, Word};
use super::site_words::{self, SiteWord, SiteWords};
use crate::model::line::Line;
use crate::model::newsletter::Language;
use crate::model::problem::Written;
use crate::model::toml_table::{Found, Problems, TomlTable};

/// Words, phrases, dates and counted words. Every one is there once [`Words::built_in`] has read English.
#[derive(Clone, Debug)]
pub(super) struct Words {
    language: Language,
    plain: [String; Word::ALL.len()],
    /// The words before the name, and after it.
    phrases: [(String, String); Phrase::ALL.len()],
    formats: [Items; Format::ALL.len()],
    names: [Vec<String>; Names::ALL.len()],
    counted: [Forms; Counted::ALL.len()],
    site: SiteWords,
    /// The keys that only English has given.
    lacking: Vec<&'static str>,
}

/// A counted word's forms by [`Plural`]; an empty one is not given.
type Forms = [String; Plural::ALL.len()];

macro_rules! files {
    ($($tag:literal)*) => {
        /// Tags and the files beside the built-in templates.
        pub(super) const FILES: &[(&str, &str)] = &[$(($tag, include_str!(concat!("../../templates/words/", $tag, ".toml"))),)*];
    };
}

files! { "ar" "de" "en" "en-US" "es" "fa" "fr" "he" "it" "ja" "nl" "pl" "pt" "pt-BR" "ru" "tr" "uk" "zh" "zh-Hant" }

impl Words {
    /// What the program knows of a language, from its widest tag to its narrowest; English where it knows nothing.
    pub(super) fn built_in(language: &Language) -> Self {
        let mut words = Self {
            language: language.clone(),
            plain: <_>::default(),
            phrases: <_>::default(),
            formats: <_>::default(),
            names: <_>::default(),
            counted: <_>::default(),
            site: site_words::none(),
            lacking: Vec::new(),
        };
        words.take_file("en");
        if language.primary() != "en" {
            words.lacking = keys().collect();
        }
        for tag in language.tags() {
            words.take_file(&tag);
        }
        words
    }

    fn take_file(&mut self, tag: &str) {
        // A test says that the files have no problems.
        let problems = Problems::default();
        for (_, text) in FILES
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(tag))
        {
            self.take(
                &mut TomlTable::parse(Written::new(tag, text), text, &problems),
                &problems,
            );
        }
    }

    /// Takes over what a template's `[words]` gives, and of the tables of languages in it those of its own, the narrowest last.
    pub(super) fn read(&mut self, mut table: TomlTable<'_>, problems: &Problems) {
        self.take(&mut table, problems);
        let mut languages = Vec::new();
        for (tag, table) in table.named_tables() {
            match Language::parse(&tag.value) {
                Ok(language) => languages.push((language.tag().to_ascii_lowercase(), table)),
                Err(what) => problems.add(table.problem(tag.span, what)),
            }
        }
        table.finish(problems);
        let tags = self.language.tags();
        let rank = |tag: &str| tags.iter().position(|known| known == tag);
        languages.sort_by_key(|(tag, _)| rank(tag));
        for (tag, mut table) in languages {
            if rank(&tag).is_some() {
                self.take(&mut table, problems);
            } else {
                // Of another language: looked at, so that a slip in it is found before it is needed.
                self.clone().take(&mut table, problems);
            }
            table.finish(problems);
        }
    }

    fn take(&mut self, table: &mut TomlTable<'_>, problems: &Problems) {
        let [table_names_list, names_rest] =
            [Word::MostRead, Word::MoreRead].map(|word| table.has(word.key()));
        self.lacking
            .retain(|key| !(table.has(key) || table_names_list && *key == Word::MoreRead.key()));
        for (word, place) in Word::ALL.iter().zip(&mut self.plain) {
            let found = table.parsed(word.key(), problems, |text| parse_word(*word, text));
            // Empty words count as not given.
            put(place, found.filter(|found| !found.value.is_empty()));
        }
        // Who calls that list otherwise means it wherever it is.
        if table_names_list && !names_rest {
            let own = self.word(Word::MostRead).to_owned();
            self.plain[Word::MoreRead as usize] = own;
        }
        for (phrase, place) in Phrase::ALL.iter().zip(&mut self.phrases) {
            put(
                place,
                table.parsed(phrase.key(), problems, |text| {
                    split_at_name(phrase.key(), text)
                }),
            );
        }
        for (format, place) in Format::ALL.iter().zip(&mut self.formats) {
            put(
                place,
                table.parsed(format.key(), problems, |text| {
                    date_format::parse(*format, text)
                }),
            );
        }
        for (names, place) in Names::ALL.iter().zip(&mut self.names) {
            if let Some(list) = table.texts(names.key(), problems) {
                let expected = names.count();
                if list.len() != expected {
                    let what = format!(
                        "`{}` must hold {expected} names, but found {}",
                        names.key(),
                        list.len()
                    );
                    problems.add(match list.first() {
                        Some(first) => table.problem(first.span.clone(), what),
                        None => table.problem_here(what),
                    });
                }
                *place = list
                    .iter()
                    .map(|found| Line::clean(&found.value).to_string())
                    .collect();
            }
        }
        for (counted, place) in Counted::ALL.iter().zip(&mut self.counted) {
            if let Some(mut table) = table.table(counted.key(), problems) {
                *place = read_forms(&mut table, problems);
                table.finish(problems);
            }
        }
        if let Some(mut table) = table.table(site_words::TABLE, problems) {
            site_words::read(&mut table, &mut self.site, problems);
            table.finish(problems);
        }
    }

    pub(super) fn language(&self) -> &Language {
        &self.language
    }

    /// The keys for which nobody gave words in this language, so that English is used.
    pub(super) fn lacking(&self) -> &[&'static str] {
        &self.lacking
    }

    pub(super) fn word(&self, word: Word) -> &str {
        &self.plain[word as usize]
    }

    /// The words before the name and those after it.
    pub(super) fn phrase(&self, phrase: Phrase) -> (&str, &str) {
        let (before, after) = &self.phrases[phrase as usize];
        (before, after)
    }

    /// Words of a reader's page.
    pub(super) fn site_word(&self, word: SiteWord) -> &str {
        &self.site[word as usize]
    }

    pub(super) fn format(&self, format: Format) -> &Items {
        &self.formats[format as usize]
    }

    #[cfg(test)]
    pub(super) fn set_format(&mut self, format: Format, items: Items) {
        self.formats[format as usize] = items;
    }

    pub(super) fn name(&self, names: Names, index: usize) -> &str {
        self.names[names as usize]
            .get(index)
            .map_or("", String::as_str)
    }

    /// A number with its word, such as `4 further stories on our site`.
    pub(super) fn counted(&self, counted: Counted, n: u64) -> String {
        let forms = &self.counted[counted as usize];
        let plural = Plural::of(n, &self.language.tag().to_ascii_lowercase());
        let form = Some(&forms[plural as usize]).filter(|form| !form.is_empty());
        let form = form.unwrap_or(&forms[Plural::Other as usize]);
        form.replace("{count}", &self.in_digits(n.to_string()))
    }
}

/// Every key of words.
fn keys() -> impl Iterator<Item = &'static str> {
    let words = Word::ALL.iter().map(|key| key.key());
    words
        .chain(Phrase::ALL.iter().map(|key| key.key()))
        .chain(Format::ALL.iter().map(|key| key.key()))
        .chain(Names::ALL.iter().map(|key| key.key()))
        .chain(Counted::ALL.iter().map(|key| key.key()))
        .chain([site_words::TABLE])
}

fn put<T>(place: &mut T, found: Option<Found<T>>) {
    if let Some(found) = found {
        *place = found.value;
    }
}

fn parse_word(word: Word, text: &str) -> Result<String, String> {
    // What is between two headlines may begin with a space; no other line does.
    let line = if word == Word::Between && !text.trim().is_empty() {
        Line::clean(&format!("x{text}")).as_str()[1..].to_owned()
    } else {
        Line::clean(text).to_string()
    };
    if word == Word::Digits && !line.is_empty() && line.chars().count() != 10 {
        return Err(format!(
            "`digits` must be ten digits from nought to nine, but found `{}`",
            Line::clean_to(text, 40)
        ));
    }
    Ok(line)
}

fn split_at_name(key: &str, text: &str) -> Result<(String, String), String> {
    // Cleaned as a whole, cut after: the space before `{name}` is not one at the end of a line.
    let clean = Line::clean(text);
    match clean.as_str().split_once("{name}") {
        Some((before, after)) if !after.contains("{name}") => {
            Ok((before.to_owned(), after.to_owned()))
        }
        _ => Err(format!(
            "`{key}` must hold `{{name}}` once, but found `{}`",
            Line::clean_to(text, 60)
        )),
    }
}

fn read_forms(table: &mut TomlTable<'_>, problems: &Problems) -> Forms {
    let mut forms = Forms::default();
    if !table.has(Plural::Other.key()) {
        problems.add_missing(
            table.problem_here("`other` is missing, the form for all numbers that have no other"),
        );
    }
    for (plural, form) in Plural::ALL.iter().zip(&mut forms) {
        let found = table.parsed(plural.key(), problems, |text| parse_form(*plural, text));
        put(form, found);
    }
    forms
}

fn parse_form(plural: Plural, text: &str) -> Result<String, String> {
    let form = Line::clean(text).to_string();
    // Some languages need no number for one or two.
    let wordy = plural != Plural::Other && !form.contains('{') && !form.is_empty();
    if wordy || form.matches("{count}").count() == 1 {
        Ok(form)
    } else {
        Err(format!(
            "`{}` must hold `{{count}}` once, but found `{}`",
            plural.key(),
            Line::clean_to(text, 60)
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn words(tag: &str) -> Words {
        Words::built_in(&Language::parse(tag).unwrap())
    }

    #[test]
    fn every_file_is_whole_and_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/words");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let listed: BTreeSet<String> = FILES.iter().map(|(tag, _)| format!("{tag}.toml")).collect();
        assert_eq!(files, listed);
        for (tag, text) in FILES {
            let problems = Problems::default();
            let mut table = TomlTable::parse(Written::new(tag, text), text, &problems);
            let missing: Vec<&str> = keys().filter(|key| !table.has(key)).collect();
            let is_part = ["en-US", "pt-BR"].contains(tag);
            assert!(is_part || missing.is_empty(), "{tag} lacks {missing:?}");
            let mut words = words(tag);
            words.take(&mut table, &problems);
            table.finish(&problems);
            assert_eq!(problems.into_vec(), [], "{tag}");
            assert!(words.lacking.is_empty(), "{tag}");
            let tag = tag.to_ascii_lowercase();
            for plural in Plural::ALL {
                let needed = (0..=200).any(|n| Plural::of(n, &tag) == *plural);
                let given = !words.counted[0][*plural as usize].is_empty();
                assert!(
                    needed == given || *plural == Plural::Other,
                    "{tag}: `{}`",
                    plural.key()
                );
            }
        }
    }

    #[test]
    fn the_narrowest_tag_wins() {
        assert_eq!(words("pt-BR").word(Word::Unsubscribe), "Cancelar inscrição");
        assert_eq!(words("pt-br").word(Word::MostRead), "Mais lidas");
        assert_eq!(
            words("pt-AO").word(Word::Unsubscribe),
            "Cancelar subscrição"
        );
        assert_eq!(words("zh-TW").word(Word::Unsubscribe), "取消訂閱");
        assert_eq!(words("zh-SG").word(Word::Unsubscribe), "退订");
        assert_eq!(words("fr").word(Word::Between), "\u{a0};");
        assert_eq!(words("ca").word(Word::Latest), "Latest");
        assert_eq!(words("ca").lacking().len(), keys().count());
    }

    #[test]
    fn counted_words() {
        let shown = |tag: &str, numbers: &[u64]| {
            numbers
                .iter()
                .map(|n| words(tag).counted(Counted::Further, *n))
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(shown("en-AU", &[1, 4]), @"
        1 further story on our site
        4 further stories on our site
        ");
        insta::assert_snapshot!(shown("ru", &[1, 2, 5, 11, 21]), @"
        Ещё 1 материал на нашем сайте
        Ещё 2 материала на нашем сайте
        Ещё 5 материалов на нашем сайте
        Ещё 11 материалов на нашем сайте
        Ещё 21 материал на нашем сайте
        ");
        insta::assert_snapshot!(shown("ar", &[1, 2, 3, 11, 100]), @"
        مادة أخرى على موقعنا
        مادتان أخريان على موقعنا
        3 مواد أخرى على موقعنا
        11 مادة أخرى على موقعنا
        100 مادة أخرى على موقعنا
        ");
        insta::assert_snapshot!(shown("fa", &[24]), @"۲۴ مطلب دیگر در سایت ما");
        insta::assert_snapshot!(shown("ja", &[4]), @"ほか4本の記事はサイトでご覧ください");
    }
}

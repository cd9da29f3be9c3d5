//! What readers' own pages take from a template: its words, its dates and, as one style sheet, its look.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::Template;
use crate::model::line::Line;
use crate::render::keys::{Class, Word};
use crate::render::site_words::SiteWord;

impl Template {
    /// Words of a reader's page, for the newsletter of that name.
    #[must_use]
    pub fn say(&self, word: SiteWord, newsletter: &Line) -> String {
        self.words()
            .site_word(word)
            .replace("{name}", newsletter.as_str())
    }

    /// What a link or a button to leave says.
    #[must_use]
    pub fn unsubscribe(&self) -> &str {
        self.word(Word::Unsubscribe)
    }

    /// What a link or a button to subscribe says.
    #[must_use]
    pub fn subscribe(&self) -> &str {
        self.word(Word::Subscribe)
    }

    /// A day in words.
    #[must_use]
    pub fn day(&self, day: NaiveDate) -> String {
        self.words().day(day)
    }

    /// The template as a style sheet, for pages that a browser shows: a rule for each class, then those for dark and narrow screens.
    #[must_use]
    pub fn style_sheet(&self) -> String {
        let mut table = String::new();
        for class in Class::ALL {
            if let Some(style) = self.look().style(*class) {
                _ = writeln!(table, ".{}{{{}}}", class.key(), style.0);
            }
        }
        table.push_str(&self.look().media(|_| true));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::newsletter::Language;
    use crate::model::problem::Written;
    use crate::model::toml_table::{Problems, TomlTable};
    use crate::render::site_words::{TABLE, parse};
    use crate::render::words::FILES;

    fn template(tag: &str) -> Template {
        Template::built_in("bulletin", &Language::parse(tag).unwrap())
            .unwrap()
            .unwrap()
    }

    #[test]
    fn every_language_has_every_word() {
        for (index, say) in SiteWord::ALL.iter().enumerate() {
            assert_eq!(*say as usize, index);
        }
        let english = template("en");
        for (tag, text) in FILES {
            let problems = Problems::default();
            let mut table = TomlTable::parse(Written::new(tag, text), text, &problems);
            if let Some(table) = table.table(TABLE, &problems) {
                let missing: Vec<&str> = SiteWord::ALL
                    .iter()
                    .map(|say| say.key())
                    .filter(|key| !table.has(key))
                    .collect();
                assert!(
                    missing.is_empty() || *tag == "pt-BR",
                    "{tag} lacks {missing:?}"
                );
            } else {
                assert_eq!(*tag, "en-US");
            }
            let template = template(tag);
            for say in SiteWord::ALL {
                let (here, there) = (
                    template.words().site_word(*say),
                    english.words().site_word(*say),
                );
                assert_eq!(
                    here.contains("{name}"),
                    there.contains("{name}"),
                    "{tag}: {}",
                    say.key()
                );
            }
        }
    }

    #[test]
    fn words_hold_the_name_and_no_other_slot() {
        let name = Line::clean("Harbour & Co");
        assert_eq!(
            template("en-AU").say(SiteWord::Leave, &name),
            "Unsubscribe from Harbour & Co?"
        );
        assert_eq!(template("pt-BR").say(SiteWord::Save, &name), "Salvar");
        assert_eq!(template("ca").say(SiteWord::Save, &name), "Save");
        insta::assert_snapshot!(parse("leave", "Leave {nom}?").unwrap_err(), @"`leave` may hold `{name}` once and no other brace, but found `Leave {nom}?`");
        assert!(parse("leave", "{name} {name}").is_err());
    }

    #[test]
    fn the_style_sheet_is_the_templates() {
        let table = template("en").style_sheet();
        assert!(table.starts_with(".paper{margin:0;"), "{table}");
        assert!(table.contains(".text-link{color:#0a4a78}"), "{table}");
        assert!(
            table.contains("@media (prefers-color-scheme:dark){") && !table.contains('&'),
            "{table}"
        );
    }
}

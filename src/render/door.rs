//! What readers' own pages take from a template: its words, its dates and, as one style sheet, its look. What those pages are is not
//! known here.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::keys::{Class, Word};
use super::template::Template;
use crate::model::line::Line;
use crate::model::toml_table::{Problems, TomlTable};

macro_rules! say {
    ($($(#[$doc:meta])* $variant:ident = $key:literal,)*) => {
        /// Words of readers' own pages, by their key in the table `[door]` of the words. In each the newsletter's name may stand once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Say {
            $(#[doc = concat!("`", $key, "`")] $(#[$doc])* $variant,)*
        }

        impl Say {
            /// All of them, in the order of their declaration, which is also their index.
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }
        }
    };
}

say! {
    /// In the letter with the link to confirm.
    LetterAsk = "letter_ask",
    LetterNotYou = "letter_not_you",
    Join = "join",
    Email = "email",
    YourName = "your_name",
    Sections = "sections",
    AllSections = "all_sections",
    /// What she agrees to, where the config says nothing else.
    Consent = "consent",
    /// The label of a field that only programs fill in.
    Trap = "trap",
    Sent = "sent",
    SentText = "sent_text",
    OddDomain = "odd_domain",
    BadAddress = "bad_address",
    Leave = "leave",
    LeaveText = "leave_text",
    Rather = "rather",
    Left = "left",
    LeftText = "left_text",
    Again = "again",
    Confirm = "confirm",
    ConfirmText = "confirm_text",
    Yes = "yes",
    Welcome = "welcome",
    WelcomeText = "welcome_text",
    Expired = "expired",
    ExpiredText = "expired_text",
    Preferences = "preferences",
    Away = "away",
    Pause = "pause",
    NoPause = "no_pause",
    Until = "until",
    ForGood = "for_good",
    BadDay = "bad_day",
    Save = "save",
    Saved = "saved",
    Data = "data",
    Export = "export",
    Erase = "erase",
    EraseText = "erase_text",
    Erased = "erased",
    Editions = "editions",
    NoEditions = "no_editions",
    Older = "older",
    Lost = "lost",
    LostText = "lost_text",
    Busy = "busy",
    Later = "later",
    Soon = "soon",
}

/// The key of their table.
pub(super) const TABLE: &str = "door";

/// The words by [`Say`].
pub(super) type DoorWords = [String; Say::ALL.len()];

/// Takes over what the table gives.
pub(super) fn read(table: &mut TomlTable<'_>, words: &mut DoorWords, problems: &Problems) {
    for (say, place) in Say::ALL.iter().zip(words) {
        let found = table.parsed(say.key(), problems, |text| parse(say.key(), text));
        if let Some(found) = found.filter(|found| !found.value.is_empty()) {
            *place = found.value;
        }
    }
}

pub(super) fn none() -> DoorWords {
    std::array::from_fn(|_| String::new())
}

fn parse(key: &str, text: &str) -> Result<String, String> {
    let line = Line::clean(text).to_string();
    let braces = line.matches(['{', '}']).count();
    if braces == 2 * line.matches("{name}").count() && braces <= 2 {
        Ok(line)
    } else {
        Err(format!(
            "`{key}` may hold `{{name}}` once and no other brace, but found `{}`",
            Line::clean_to(text, 60)
        ))
    }
}

impl Template {
    /// Words of a reader's page, for the newsletter of that name.
    #[must_use]
    pub fn say(&self, say: Say, newsletter: &Line) -> String {
        self.words()
            .door(say)
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
        table.push_str(self.look().media().0);
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::FILES;
    use super::*;
    use crate::model::newsletter::Language;
    use crate::model::problem::Written;

    fn template(tag: &str) -> Template {
        Template::built_in("bulletin", &Language::parse(tag).unwrap())
            .unwrap()
            .unwrap()
    }

    #[test]
    fn every_language_has_every_word() {
        for (index, say) in Say::ALL.iter().enumerate() {
            assert_eq!(*say as usize, index);
        }
        let english = template("en");
        for (tag, text) in FILES {
            let problems = Problems::default();
            let mut table = TomlTable::parse(Written::new(tag, text), text, &problems);
            if let Some(table) = table.table(TABLE, &problems) {
                let missing: Vec<&str> = Say::ALL
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
            for say in Say::ALL {
                let (here, there) = (template.words().door(*say), english.words().door(*say));
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
            template("en-AU").say(Say::Leave, &name),
            "Unsubscribe from Harbour & Co?"
        );
        assert_eq!(template("pt-BR").say(Say::Save, &name), "Salvar");
        assert_eq!(template("ca").say(Say::Save, &name), "Save");
        insta::assert_snapshot!(parse("leave", "Leave {nom}?").unwrap_err(), @"`leave` may hold `{name}` once and no other brace, but found `Leave {nom}?`");
        assert!(parse("leave", "{name} {name}").is_err());
    }

    #[test]
    fn the_style_sheet_is_the_templates() {
        let table = template("en").style_sheet();
        assert!(table.starts_with(".paper{margin:0;"), "{table}");
        assert!(
            table.contains(".text-link{color:#12507f;text-decoration:underline}"),
            "{table}"
        );
        assert!(
            table.contains("@media (prefers-color-scheme:dark){") && !table.contains('&'),
            "{table}"
        );
    }
}

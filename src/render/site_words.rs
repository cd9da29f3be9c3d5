//! The words of readers' own pages (subscribe, confirm, leave, the archive): the table `[door]` of the words.

use crate::model::line::Line;
use crate::model::toml_table::{Problems, TomlTable};

macro_rules! say {
    ($($(#[$doc:meta])* $variant:ident = $key:literal,)*) => {
        /// Words of readers' own pages, by their key in the table `[door]` of the words. Each may hold the newsletter's name once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum SiteWord {
            $(#[doc = concat!("`", $key, "`")] $(#[$doc])* $variant,)*
        }

        impl SiteWord {
            /// All of them, in the order of their declaration, which is also their index.
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub(super) const fn key(self) -> &'static str {
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
    /// What the reader agrees to, where the config says nothing else.
    Consent = "consent",
    /// The label of a field that only programs fill in.
    Trap = "trap",
    Sent = "sent",
    SentText = "sent_text",
    OddDomain = "odd_domain",
    BadAddress = "bad_address",
    /// Of several newsletters.
    NoneChosen = "none_chosen",
    /// Above the sentence to agree to: the form that was sent had another one.
    ConsentChanged = "consent_changed",
    /// The link to the paper's page on privacy.
    Privacy = "privacy",
    /// Above the newsletters to choose from, where there are several.
    Newsletters = "newsletters",
    /// With the paper's name: the button that leaves all of them.
    LeaveAll = "leave_all",
    /// Instead of leaving, and among the preferences; with the name of the newsletter of the week.
    LessOften = "less_often",
    /// Above the choice between every edition and once a week.
    HowOften = "how_often",
    EveryEdition = "every_edition",
    /// The tick for single stories as soon as they break.
    Alerts = "alerts",
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
    /// Subject and heading: a reader of whom nothing was heard for long is asked.
    Lapsed = "lapsed",
    LapsedText = "lapsed_text",
    /// What follows if they do not answer.
    LapsedElse = "lapsed_else",
    Stay = "stay",
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
    /// A form of a foreign page.
    Refused = "refused",
    RefusedText = "refused_text",
    /// What was sent is no form, or too long or too slow.
    Unread = "unread",
    UnreadText = "unread_text",
    Busy = "busy",
    Later = "later",
    Soon = "soon",
    /// What readers are asked, where the config says nothing else; and its two answers.
    Question = "question",
    QuestionYes = "question_yes",
    QuestionNo = "question_no",
    /// On the page of an answer: that nothing is counted before the button is pressed.
    AnswerText = "answer_text",
    AnsweredText = "answered_text",
}

/// The key of their table.
pub(super) const TABLE: &str = "door";

/// The words by [`SiteWord`].
pub(super) type SiteWords = [String; SiteWord::ALL.len()];

/// Takes over what the table gives.
pub(super) fn read(table: &mut TomlTable<'_>, words: &mut SiteWords, problems: &Problems) {
    for (say, place) in SiteWord::ALL.iter().zip(words) {
        let found = table.parsed(say.key(), problems, |text| parse(say.key(), text));
        if let Some(found) = found.filter(|found| !found.value.is_empty()) {
            *place = found.value;
        }
    }
}

pub(super) fn none() -> SiteWords {
    std::array::from_fn(|_| String::new())
}

pub(super) fn parse(key: &str, text: &str) -> Result<String, String> {
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

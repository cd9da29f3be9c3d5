//! A template, loaded: everything that depends on the template only is done here, once.

use super::css;
use super::keys::{Block, Switch, Word};
use super::look::Look;
use super::settings::Settings;
use super::tokens::Tokens;
use super::words::Words;
use crate::newsletter::Language;
use crate::problem::{Problem, Written};
use crate::sheet::{Problems, Sheet};

/// A template for editions in one language: words, colors, type, layout, switches, order of blocks, and the style of every class.
#[derive(Clone, Debug)]
pub struct Template {
    settings: Settings,
    look: Look,
}

/// A built-in template's two files.
struct Files {
    name: &'static str,
    /// The file's name for problems, and its content.
    toml: (&'static str, &'static str),
    css: (&'static str, &'static str),
}

const BUILT_IN: [Files; 1] = [Files {
    name: "broadsheet",
    toml: (
        "broadsheet/template.toml",
        include_str!("../../templates/broadsheet/template.toml"),
    ),
    css: (
        "broadsheet/style.css",
        include_str!("../../templates/broadsheet/style.css"),
    ),
}];

/// The most octets the media rules may take. Gmail ignores a `<style>` of more than 8,192 (email-bugs#90).
const MEDIA: usize = 8_000;

impl Template {
    /// The names of the built-in templates.
    pub const NAMES: [&str; BUILT_IN.len()] = [BUILT_IN[0].name];

    /// A built-in template; `None` when there is none of that name.
    pub fn built_in(name: &str, language: &Language) -> Option<Result<Self, Vec<Problem>>> {
        let files = BUILT_IN.iter().find(|files| files.name == name)?;
        Some(Self::load(None, files.toml, &[files.css], language))
    }

    /// A template in a folder, its two files already read. It says `extends = "broadsheet"`: the keys it leaves out are inherited, and
    /// its `style.css` follows the base's, so that it need hold only what differs. The file names are for the problems.
    ///
    /// # Errors
    /// Every problem of both files, with its place.
    pub fn parse(
        toml_file: &str,
        toml: &str,
        css_file: &str,
        css: &str,
        language: &Language,
    ) -> Result<Self, Vec<Problem>> {
        // Only to find the base; what else is wrong here is found again below.
        let ignored = Problems::default();
        let mut sheet = Sheet::parse(Written::new(toml_file, toml), toml, &ignored);
        let found = sheet.text("extends", &ignored);
        let known = || format!("`extends` must be one of: `{}`", Self::NAMES.join("`, `"));
        let Some(found) = found else {
            if !ignored.is_empty() {
                return Err(ignored.into_vec());
            }
            return Err(vec![sheet.problem_here("`extends` is missing").hint("write `extends = \"broadsheet\"`, the template whose blocks and words yours builds on")]);
        };
        let Some(base) = BUILT_IN.iter().find(|files| files.name == found.value) else {
            return Err(vec![sheet.problem(found.span, known())]);
        };
        let problems = Problems::default();
        let settings = Settings::read(base.toml, None, language, &problems);
        let settings = problems.or(settings)?;
        Self::load(
            Some(settings),
            (toml_file, toml),
            &[base.css, (css_file, css)],
            language,
        )
    }

    fn load(
        base: Option<(Settings, Tokens)>,
        (toml_file, toml): (&str, &str),
        sheets: &[(&str, &str)],
        language: &Language,
    ) -> Result<Self, Vec<Problem>> {
        let problems = Problems::default();
        let settings = Settings::read((toml_file, toml), base, language, &problems);
        let mut all = problems.into_vec();
        let Some((settings, mut tokens)) = settings else {
            return Err(all);
        };
        let rtl = language.is_rtl();
        let (start, end) = if rtl {
            ("right", "left")
        } else {
            ("left", "right")
        };
        tokens.set("start", start);
        tokens.set("end", end);
        let mut rules = Vec::new();
        for (file, css) in sheets {
            let problems = Problems::default();
            rules.extend(css::read(file, css, &tokens, &problems));
            all.append(&mut problems.into_vec());
        }
        if rtl {
            // Arabic letters are joined: space between them tears words apart.
            for rule in &mut rules {
                rule.declarations
                    .retain(|declaration| declaration.property != "letter-spacing");
            }
        }
        let look = Look::new(&rules);
        let media = look.media().0.len();
        if media > MEDIA {
            all.push(Problem::new(format!(
                "the rules inside `@media` make {media} octets, but Gmail ignores more than {MEDIA}",
            )));
        }
        let written = Written::new(toml_file, toml);
        all.extend(tokens.unused().map(|(name, span)| {
            let problem = written.problem(
                span,
                format!("no rule of style.css uses the token `{name}`"),
            );
            problem.hint(match tokens.near(name) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("write `var(--{name})` in style.css, or remove it"),
            })
        }));
        if all.is_empty() {
            Ok(Self { settings, look })
        } else {
            Err(all)
        }
    }

    /// What is worth a look though nothing is wrong: words that stay English because nobody gave them in the edition's language.
    pub fn remark(&self) -> Option<String> {
        let lacking = self.words().lacking();
        let tag = self.language().tag();
        (!lacking.is_empty()).then(|| {
            format!(
                "an edition in `{tag}` says in English what `[words.{tag}]` of a template does not give: `{}`",
                lacking.join("`, `")
            )
        })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn look(&self) -> &Look {
        &self.look
    }

    pub(super) fn words(&self) -> &Words {
        &self.settings.words
    }

    pub(super) fn language(&self) -> &Language {
        self.words().language()
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.settings.blocks
    }

    pub(super) fn word(&self, word: Word) -> &str {
        self.words().word(word)
    }

    pub(super) fn shows(&self, switch: Switch) -> bool {
        self.settings.shows(switch)
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::Class;
    use super::super::sample;
    use super::*;

    fn check(toml: &str, css: &str) -> String {
        let found = sample::own(toml, css).map(|_| ()).unwrap_err();
        found
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    #[test]
    fn built_in_templates_have_no_problems() {
        for name in Template::NAMES {
            assert_eq!(
                Template::built_in(name, &Language::english())
                    .unwrap()
                    .map(|_| ()),
                Ok(()),
                "{name}"
            );
        }
        assert!(Template::built_in("tabloid", &Language::english()).is_none());
    }

    #[test]
    fn threads_may_share_one() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&sample::broadsheet("en"));
    }

    #[test]
    fn a_base_is_named() {
        insta::assert_snapshot!(check("[colors]\nink = \"#000\"", ""), @r#"
        `extends` is missing
          ──▶ template.toml:1:1
          │
        1 │ [colors]
          │ ^
        hint: write `extends = "broadsheet"`, the template whose blocks and words yours builds on
        "#);
        insta::assert_snapshot!(check("extends = \"tabloid\"", ""), @r#"
        `extends` must be one of: `broadsheet`
          ──▶ template.toml:1:11
          │
        1 │ extends = "tabloid"
          │           ^^^^^^^^^
        "#);
    }

    #[test]
    fn all_problems_of_the_file_are_named() {
        let toml = "extends = \"broadsheet\"\nblocks = [\"lede\", \"sidebar\", \"lede\"]\n[words]\nmost_red = \"Most read\"\nwhy = \"Bye\"\ndate = \"%H:%M\"\n\
                    [show]\ndek = \"no\"\n[layout]\nwidth = 5000\n[colors]\nink = \"black\"\nacent = \"#123\"\nstart = \"#123\"\n[colors.dark]\nextra = \"#123\"\n[type]\nserif = \"Georgia; }\"\n";
        insta::assert_snapshot!(check(toml, ""), @r##"
        `footer` must be among the `blocks`: it holds the way to unsubscribe
          ──▶ template.toml:2:11
          │
        2 │ blocks = ["lede", "sidebar", "lede"]
          │           ^^^^^^

        `sidebar` is not a block
          ──▶ template.toml:2:19
          │
        2 │ blocks = ["lede", "sidebar", "lede"]
          │                   ^^^^^^^^^
        hint: the blocks are `opening`, `masthead`, `note`, `lede`, `top`, `most_read`, `latest`, `footer`

        `lede` stands in `blocks` twice
          ──▶ template.toml:2:30
          │
        2 │ blocks = ["lede", "sidebar", "lede"]
          │                              ^^^^^^

        unknown key `most_red`
          ──▶ template.toml:4:1
          │
        4 │ most_red = "Most read"
          │ ^^^^^^^^
        hint: did you mean `most_read`?

        `why` must hold `{name}` once, but found `Bye`
          ──▶ template.toml:5:7
          │
        5 │ why = "Bye"
          │       ^^^^^

        `date` must be a date's format such as `%A, %-d %B %Y`, but found `%H:%M`
          ──▶ template.toml:6:8
          │
        6 │ date = "%H:%M"
          │        ^^^^^^^

        `dek` must be true or false, but found string
          ──▶ template.toml:8:7
          │
        8 │ dek = "no"
          │       ^^^^

        `width` must be from 320 to 900, but found 5000
           ──▶ template.toml:10:9
           │
        10 │ width = 5000
           │         ^^^^

        `ink` must be a color such as `#1f2328`, but found `black`
           ──▶ template.toml:12:7
           │
        12 │ ink = "black"
           │       ^^^^^^^

        `start` cannot be the name of a token: expected letters, digits, `-` and `_`, and none of `width`, `thumbnail`, `start`, `end`
           ──▶ template.toml:14:1
           │
        14 │ start = "#123"
           │ ^^^^^

        `extra` has a dark color but no light one in `[colors]`
           ──▶ template.toml:16:1
           │
        16 │ extra = "#123"
           │ ^^^^^

        `serif` must be typefaces such as `Georgia, serif`, but found `Georgia; }`
           ──▶ template.toml:18:9
           │
        18 │ serif = "Georgia; }"
           │         ^^^^^^^^^^^^

        no rule of style.css uses the token `acent`
           ──▶ template.toml:13:1
           │
        13 │ acent = "#123"
           │ ^^^^^
        hint: did you mean `accent`?
        "##);
    }

    #[test]
    fn words_of_ones_own() {
        let language = |tag| Language::parse(tag).unwrap();
        let toml = "extends = \"broadsheet\"\n[words]\nlatest = \"New\"\n[words.pt-BR]\nlatest = \"Novas\"\n[words.pt]\nlatest = \"Recentes\"\nbetween = \" /\"\n\
                    [words.ca]\nlatest = \"Últimes\"\nmonths = [\"de gener\", \"de febrer\", \"de març\", \"d’abril\", \"de maig\", \"de juny\", \"de juliol\", \"d’agost\", \"de setembre\", \"d’octubre\", \"de novembre\", \"de desembre\"]\ndate = \"%-d %B de %Y\"\n";
        let words = |tag| {
            let template = Template::parse("t", toml, "c", "", &language(tag)).unwrap();
            let day = template.words().day("2026-08-24".parse().unwrap());
            (
                format!(
                    "{}, {}, {day}",
                    template.word(Word::Latest),
                    template.word(Word::Between)
                ),
                template.remark(),
            )
        };
        assert_eq!(words("en"), ("New, ;, Monday, 24 August 2026".into(), None));
        assert_eq!(
            words("pt-BR"),
            (
                "Novas,  /, segunda-feira, 24 de agosto de 2026".into(),
                None
            )
        );
        assert_eq!(
            words("pt"),
            (
                "Recentes,  /, segunda-feira, 24 de agosto de 2026".into(),
                None
            )
        );
        let (catalan, remark) = words("ca");
        assert_eq!(catalan, "Últimes, ;, 24 d’agost de 2026");
        insta::assert_snapshot!(remark.unwrap(), @"an edition in `ca` says in English what `[words.ca]` of a template does not give: `also`, `between`, `most_read`, `related`, `unsubscribe`, `subscribe`, `first`, `digits`, `label`, `byline`, `credit`, `why`, `time`, `earlier`, `halves`, `days`, `days_short`, `months_short`, `further`");
    }

    #[test]
    fn a_new_language_is_a_copy_of_english() {
        let english = include_str!("../../templates/words/en.toml");
        let words = english.replace("[further]", "[words.ca.further]");
        let toml = format!("extends = \"broadsheet\"\n[words.ca]\n{words}");
        let catalan = Language::parse("ca").unwrap();
        let template = Template::parse("t", &toml, "c", "", &catalan).unwrap();
        assert_eq!(template.remark(), None);
    }

    #[test]
    fn slips_in_words_are_named_in_every_language() {
        let toml = "extends = \"broadsheet\"\n[words]\ndays = [\"Mon\"]\ndigits = \"012\"\n[words.ru]\nlatset = \"x\"\nmonths_short = []\n[words.ru.further]\none = \"{cuont}\"\nfuw = \"x\"\n[words.russian]\nlatest = \"x\"\n";
        insta::assert_snapshot!(check(toml, ""), @r#"
        `days` must hold 7 names, but found 1
          ──▶ template.toml:3:9
          │
        3 │ days = ["Mon"]
          │         ^^^^^

        `digits` must be ten digits from nought to nine, but found `012`
          ──▶ template.toml:4:10
          │
        4 │ digits = "012"
          │          ^^^^^

        `months_short` must hold 12 names, but found 0
          ──▶ template.toml:5:1
          │
        5 │ [words.ru]
          │ ^^^^^^^^^^

        unknown key `latset`
          ──▶ template.toml:6:1
          │
        6 │ latset = "x"
          │ ^^^^^^
        hint: did you mean `latest`?

        `other` is missing, the form for all numbers that have no other
          ──▶ template.toml:8:1
          │
        8 │ [words.ru.further]
          │ ^^^^^^^^^^^^^^^^^^

        `one` must hold `{count}` once, but found `{cuont}`
          ──▶ template.toml:9:7
          │
        9 │ one = "{cuont}"
          │       ^^^^^^^^^

        unknown key `fuw`
           ──▶ template.toml:10:1
           │
        10 │ fuw = "x"
           │ ^^^
        hint: did you mean `few`?

        `russian` is not a language tag: expected one such as `en` or `pt-BR`
           ──▶ template.toml:11:8
           │
        11 │ [words.russian]
           │        ^^^^^^^
        "#);
    }

    #[test]
    fn tokens_of_ones_own_reach_the_rules() {
        let toml = "extends = \"broadsheet\"\n[colors]\naccent = \"#005500\"\nbox = \"#eeeeee\"\n[colors.dark]\nbox = \"#222222\"\n[layout]\nwidth = 640";
        let css = ".note { background-color: var(--box) }\n@media (prefers-color-scheme: dark) { .note { background-color: var(--box) } }";
        let template = sample::own(toml, css).unwrap();
        let look = template.look();
        assert!(
            look.style(Class::Label)
                .unwrap()
                .0
                .ends_with("color:#005500")
        );
        assert!(
            look.style(Class::Note)
                .unwrap()
                .0
                .ends_with("background-color:#eeeeee")
        );
        assert!(
            look.style(Class::Column)
                .unwrap()
                .0
                .starts_with("max-width:640px")
        );
        assert!(
            look.media()
                .0
                .contains(".note{background-color:#222222 !important}")
        );
        assert_eq!(
            (look.class(Class::Note), look.class(Class::Column)),
            (Some("note"), None)
        );
    }

    #[test]
    fn too_much_for_gmail_is_a_problem() {
        let css = (1..200)
            .map(|width| format!("@media (max-width: {width}px) {{ .note {{ color: red }} }}"))
            .collect::<Vec<_>>()
            .join("\n");
        let found = check("extends = \"broadsheet\"", &css);
        assert!(
            found.ends_with("octets, but Gmail ignores more than 8000"),
            "{found}"
        );
    }
}

//! A template, loaded: everything that depends on the template only is done here, once.

mod built_in;
mod site;

#[cfg(test)]
mod tests;

use built_in::{BUILT_IN, BuiltIn, README};

use crate::model::finding::Finding;
use crate::model::newsletter::Language;
use crate::model::problem::{Problem, Written};
use crate::model::toml_table::{Problems, TomlTable};
use crate::render::contrast;
use crate::render::css;
use crate::render::keys::{Block, Switch, Word};
use crate::render::look::Look;
use crate::render::settings::Settings;
use crate::render::support;
use crate::render::tokens::Tokens;
use crate::render::words::Words;

/// A template for editions in one language: words, colors, type, layout, switches, order of blocks, and the style of every class.
#[derive(Clone, Debug)]
pub struct Template {
    settings: Settings,
    look: Look,
    findings: Vec<Finding>,
}

/// The most octets the media rules may take. Gmail ignores a `<style>` of more than 8,192 (email-bugs#90).
const MEDIA: usize = 8_000;

impl Template {
    /// The names of the built-in templates.
    pub const NAMES: [&str; BUILT_IN.len()] =
        [BUILT_IN[0].name, BUILT_IN[1].name, BUILT_IN[2].name];

    /// A built-in template; `None` when there is none of that name.
    pub fn built_in(name: &str, language: &Language) -> Option<Result<Self, Vec<Problem>>> {
        let files = BuiltIn::named(name)?;
        Some(Self::load(None, files.toml, &[files.css], language))
    }

    /// The files of a built-in template for a folder of one's own: their names in it, and their texts. `None` when there is none of that
    /// name.
    #[must_use]
    pub fn files(name: &str) -> Option<[(&'static str, &'static str); 3]> {
        let files = BuiltIn::named(name)?;
        Some([
            ("template.toml", files.toml.1),
            ("style.css", files.css.1),
            ("README.md", README),
        ])
    }

    /// A template in a folder, its two files already read. If it says `extends = "broadsheet"`, the keys it leaves out are inherited, and
    /// its `style.css` follows the base's, so that it need hold only what differs. Without, it stands alone and must say everything. The
    /// file names are for the problems.
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
        let (toml, css) = ((toml_file, toml), (css_file, css));
        // Only to find the base; what else is wrong here is found again below.
        let ignored = Problems::default();
        let mut table = TomlTable::parse(Written::new(toml.0, toml.1), toml.1, &ignored);
        let Some(found) = table.text("extends", &ignored) else {
            return Self::load(None, toml, &[css], language);
        };
        let Some(base) = BuiltIn::named(&found.value) else {
            let what = format!("`extends` must be one of: `{}`", Self::NAMES.join("`, `"));
            return Err(vec![table.problem(found.span, what)]);
        };
        let problems = Problems::default();
        let settings = Settings::read(base.toml, None, language, &problems);
        let settings = problems.or(settings)?;
        Self::load(Some(settings), toml, &[base.css, css], language)
    }

    fn load(
        base: Option<(Settings, Tokens)>,
        (toml_file, toml): (&str, &str),
        tables: &[(&str, &str)],
        language: &Language,
    ) -> Result<Self, Vec<Problem>> {
        let problems = Problems::default();
        let settings = Settings::read((toml_file, toml), base, language, &problems);
        let mut all = problems.into_vec();
        let Some((settings, mut tokens)) = settings else {
            return Err(all);
        };
        let (start, end) = if language.is_rtl() {
            ("right", "left")
        } else {
            ("left", "right")
        };
        tokens.set("start", start);
        tokens.set("end", end);
        let mut rules = Vec::new();
        for (file, css) in tables {
            let problems = Problems::default();
            rules.extend(css::read(file, css, &tokens, &problems));
            all.append(&mut problems.into_vec());
        }
        if language.is_rtl() || ["ja", "zh", "ko"].contains(&language.primary().as_str()) {
            // Arabic letters are joined, and ideographs are of one width: space between them tears words apart. Neither has italics: a browser
            // would slant the upright ones.
            for declarations in rules.iter_mut().map(|rule| &mut rule.declarations) {
                declarations.retain(|declaration| {
                    !["letter-spacing", "font-style"].contains(&&*declaration.property)
                });
                let fonts = declarations.iter_mut().filter(|one| one.property == "font");
                for font in fonts {
                    font.value = font.value.replace("italic ", "");
                }
            }
        }
        let look = Look::new(&rules);
        let media = look.media(|_| true).len();
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
            let contrast = contrast::findings(&rules, &tokens, settings.form);
            Ok(Self {
                settings,
                look,
                findings: [contrast, support::findings(&rules)].concat(),
            })
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

    /// What readers would meet because of the template, whatever the edition: pairs of colors too close to read, and what mail programs drop.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether it shows the picture of the story at that place of `top`, from 0.
    #[must_use]
    pub fn shows_picture(&self, place: usize) -> bool {
        let switch = if place == 0 {
            Switch::Picture
        } else {
            Switch::Thumbnails
        };
        self.settings.shows(switch)
    }

    pub(in crate::render) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(in crate::render) fn look(&self) -> &Look {
        &self.look
    }

    pub(in crate::render) fn words(&self) -> &Words {
        &self.settings.words
    }

    pub(in crate::render) fn language(&self) -> &Language {
        self.words().language()
    }

    pub(in crate::render) fn blocks(&self) -> &[Block] {
        &self.settings.blocks
    }

    pub(in crate::render) fn word(&self, word: Word) -> &str {
        self.words().word(word)
    }

    pub(in crate::render) fn shows(&self, switch: Switch) -> bool {
        self.settings.shows(switch)
    }
}

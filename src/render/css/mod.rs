//! `style.css`, read: plain CSS, limited to what can be inline in a mail.
//!
//! A rule is one class (or several, with commas); `@media` may ask for dark or for a narrow screen. `var(--name)` is replaced by the
//! template's token, because mail clients do not know custom properties. Everything else is a problem with its place.

use cssparser::{ParseError, Parser, Token};

use crate::model::line::Line;
use crate::model::problem::Written;
use crate::model::toml_table::{Problems, nearest};
use crate::render::keys::Class;
use crate::render::tokens::Tokens;

/// When a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Always: it becomes the element's `style`.
    Always,
    /// On a dark screen.
    Dark,
    /// On a screen of at most that many pixels.
    Narrow(u32),
}

/// Some declarations for one class.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) class: Class,
    pub(super) when: When,
    pub(super) declarations: Vec<Declaration>,
}

/// One declaration, minified: no comments, no quotes but single ones, nothing that could end an attribute or an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    pub(super) property: String,
    pub(super) value: String,
}

/// Reads a style sheet. What cannot be used is left out and added to `problems`.
pub(super) fn read(file: &str, css: &str, tokens: &Tokens, problems: &Problems) -> Vec<Rule> {
    let mut reader = Reader {
        written: Written::new(file, css),
        tokens,
        problems,
        rules: Vec::new(),
    };
    reader.rules(&mut Parser::new(css), When::Always);
    reader.rules
}

struct Reader<'t> {
    written: Written<'t>,
    tokens: &'t Tokens,
    problems: &'t Problems,
    rules: Vec<Rule>,
}

type Done = Result<(), ParseError<()>>;

impl<'t> Reader<'t> {
    fn problem(&self, span: std::ops::Range<usize>, what: impl Into<String>) {
        self.problems.add(self.written.problem(span, what));
    }

    fn slice(&self, span: &std::ops::Range<usize>) -> &'t str {
        &self.written.text[span.clone()]
    }

    fn rules(&mut self, input: &mut Parser<'t>, when: When) {
        loop {
            input.skip_whitespace();
            let start = input.position().byte_index();
            let mut at_rule = None;
            let mut empty = true;
            let (block, end) = loop {
                let token = input.next().cloned();
                let end = input.position().byte_index();
                match token {
                    // The token itself is one octet long.
                    Ok(Token::CurlyBracketBlock) => break (true, end - 1),
                    Ok(Token::Semicolon) if at_rule.is_some() => break (false, end - 1),
                    Ok(Token::AtKeyword(name)) if empty => at_rule = Some(name),
                    Ok(_) => {}
                    Err(_) if empty => return,
                    Err(_) => break (false, end),
                }
                empty = false;
            };
            let prelude = start..start + self.slice(&(start..end)).trim_end().len();
            if !block {
                self.unusable(prelude);
                continue;
            }
            let inner = match at_rule.as_deref() {
                Some("media") if when == When::Always => condition(self.slice(&prelude)),
                Some(_) => None,
                None => {
                    let classes = self.classes(&prelude);
                    _ = input.parse_nested_block(|input| -> Done {
                        let declarations = self.declarations(input, when);
                        self.rules.extend(classes.into_iter().map(|class| Rule {
                            class,
                            when,
                            declarations: declarations.clone(),
                        }));
                        Ok(())
                    });
                    continue;
                }
            };
            if let Some(inner) = inner {
                _ = input.parse_nested_block(|input| -> Done {
                    self.rules(input, inner);
                    Ok(())
                });
            } else {
                self.unusable(prelude);
            }
        }
    }

    fn unusable(&self, prelude: std::ops::Range<usize>) {
        let found = Line::clean_to(self.slice(&prelude), 60);
        let problem = self
            .written
            .problem(prelude, format!("`{found}` cannot be used in a mail"));
        self.problems.add(problem.hint(
            "expected `.class { .. }`, `@media (prefers-color-scheme: dark) { .. }` or `@media (max-width: 480px) { .. }`",
        ));
    }

    /// `.headline` or `.headline, .label`.
    fn classes(&self, prelude: &std::ops::Range<usize>) -> Vec<Class> {
        let mut classes = Vec::new();
        let mut at = prelude.start;
        for part in self.slice(prelude).split(',') {
            let name = part.trim();
            let start = at + (part.len() - part.trim_start().len());
            let span = start..start + name.len();
            at += part.len() + 1;
            let Some(class) = name.strip_prefix('.').filter(|name| {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            }) else {
                let what = format!(
                    "`{}` is not a single class such as `.headline`",
                    Line::clean_to(name, 60)
                );
                self.problem(span, what);
                continue;
            };
            if let Some(class) = Class::named(class) {
                classes.push(class);
            } else if !Class::RETIRED.contains(&class) {
                let keys = || Class::ALL.iter().map(|class| class.key());
                let hint = nearest(class, keys()).map_or_else(
                    || {
                        let known: Vec<String> = keys().map(|key| format!("`.{key}`")).collect();
                        format!("the classes are {}", known.join(", "))
                    },
                    |known| format!("did you mean `.{known}`?"),
                );
                let problem = self.written.problem(
                    span,
                    format!("no block has the class `{}`", Line::clean_to(class, 60)),
                );
                self.problems.add(problem.hint(hint));
            }
        }
        classes
    }

    /// `padding-left` of `padding-inline-start`, which mail programs do not know; where lines run from the right, `padding-right`.
    fn physical(&self, property: String) -> String {
        let side = |of: &str| {
            Some(format!(
                "{}-{}",
                property.strip_suffix(&format!("-inline-{of}"))?,
                self.tokens.get(of, false)?
            ))
        };
        side("start").or_else(|| side("end")).unwrap_or(property)
    }

    fn declarations(&self, input: &mut Parser<'t>, when: When) -> Vec<Declaration> {
        let mut all = Vec::new();
        loop {
            input.skip_whitespace();
            let start = input.position().byte_index();
            let property = match input.next() {
                Ok(Token::Ident(name)) => Some(self.physical(name.to_ascii_lowercase())),
                Ok(Token::Semicolon) => continue,
                Ok(_) => None,
                Err(_) => return all,
            };
            let colon = property.is_some() && input.expect_colon().is_ok();
            let mut value = String::new();
            let before = self.problems.len();
            let important = self.value(input, when, &mut value);
            let span = start..input.position().byte_index();
            match property {
                Some(property) if colon && !value.is_empty() => {
                    if important && when == When::Always {
                        self.problem(span, "`!important` in an inline style would beat the rules for dark and narrow screens");
                    }
                    all.push(Declaration { property, value });
                }
                // What is wrong with the value has been said.
                _ if self.problems.len() > before => {}
                _ => self.problem(
                    span.clone(),
                    format!(
                        "expected `property: value;`, but found `{}`",
                        Line::clean_to(self.slice(&span), 60)
                    ),
                ),
            }
        }
    }

    /// Writes a value up to its semicolon or the end of its block; `true` if it is marked `!important`.
    fn value(&self, input: &mut Parser<'t>, when: When, out: &mut String) -> bool {
        let (mut gap, mut important) = (false, false);
        loop {
            let start = input.position().byte_index();
            let token = match input.next_including_whitespace_and_comments() {
                Ok(token) => token.clone(),
                Err(_) => return important,
            };
            let span = start..input.position().byte_index();
            let raw = self.slice(&span);
            match &token {
                Token::WhiteSpace(_) | Token::Comment(_) => {
                    gap = true;
                    continue;
                }
                Token::Semicolon => return important,
                Token::Delim('!') => {
                    important = true;
                    continue;
                }
                Token::Ident(word) if important && word.eq_ignore_ascii_case("important") => {
                    continue;
                }
                _ => {}
            }
            if std::mem::take(&mut gap)
                && !out.is_empty()
                && !out.ends_with([',', '('])
                && token != Token::Comma
            {
                out.push(' ');
            }
            match token {
                Token::Function(name) if name.eq_ignore_ascii_case("var") => {
                    _ = input.parse_nested_block(|input| -> Done {
                        self.token(input, when, out);
                        while input.next().is_ok() {}
                        Ok(())
                    });
                }
                Token::UnquotedUrl(_) => self.problem(
                    span,
                    "`url(..)` cannot be used in a mail: it would load from the network",
                ),
                Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                    self.problem(
                        span,
                        "`url(..)` cannot be used in a mail: it would load from the network",
                    );
                }
                Token::Function(_) | Token::ParenthesisBlock => {
                    out.push_str(raw);
                    _ = input.parse_nested_block(|input| -> Done {
                        self.value(input, when, out);
                        Ok(())
                    });
                    out.push(')');
                }
                Token::QuotedString(text) if !text.contains(['\'', '"', '<', '\\', '\n']) => {
                    out.push('\'');
                    out.push_str(&text);
                    out.push('\'');
                }
                Token::Ident(_)
                | Token::Number { .. }
                | Token::Percentage { .. }
                | Token::Dimension { .. }
                | Token::Hash(_)
                | Token::IDHash(_)
                | Token::Comma
                | Token::Delim('/' | '+' | '-' | '*')
                    if raw
                        .bytes()
                        .all(|b| b.is_ascii_graphic() && !b"\\<>&\"".contains(&b)) =>
                {
                    out.push_str(raw);
                }
                _ => self.problem(
                    span,
                    format!("`{}` cannot be used in a value", Line::clean_to(raw, 40)),
                ),
            }
        }
    }

    /// The inside of `var(..)`.
    fn token(&self, input: &mut Parser<'t>, when: When, out: &mut String) {
        input.skip_whitespace();
        let start = input.position().byte_index();
        let name = input.expect_ident_cloned();
        let span = start..input.position().byte_index();
        let name = name
            .as_deref()
            .ok()
            .and_then(|name| name.strip_prefix("--"));
        if let Some(value) = name.and_then(|name| self.tokens.get(name, when == When::Dark)) {
            out.push_str(value);
        } else {
            let shown = Line::clean_to(self.slice(&span), 60);
            self.problem(
                span,
                format!(
                    "no token `{shown}` in `[colors]`, `[type]` or `[layout]` of template.toml"
                ),
            );
        }
    }
}

/// `@media (prefers-color-scheme: dark)` or `@media (max-width: 480px)`.
fn condition(prelude: &str) -> Option<When> {
    let compact: String = prelude
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    let inner = compact.strip_prefix("@media(")?.strip_suffix(')')?;
    match inner.split_once(':')? {
        ("prefers-color-scheme", "dark") => Some(When::Dark),
        ("max-width", width) => Some(When::Narrow(width.strip_suffix("px")?.parse().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! The styles of a template, ready to print.

use std::fmt::Write as _;

use maud::PreEscaped;

use super::css::{Declaration, Rule, When};
use super::keys::Class;

/// The styles, ready to print.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// By class: the value of `style`, escaped.
    inline: Vec<String>,
    /// By class: whether a rule of `media` names it.
    named: Vec<bool>,
    /// The content of the one `<style>`.
    media: String,
}

impl Look {
    /// Styles of rules in the order of their sheets.
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut always = vec![Vec::new(); Class::ALL.len()];
        let mut media: Vec<(When, Vec<Vec<Declaration>>)> = Vec::new();
        for rule in rules {
            let by_class = if rule.when == When::Always {
                &mut always
            } else {
                let at = media
                    .iter()
                    .position(|(when, _)| *when == rule.when)
                    .unwrap_or_else(|| {
                        media.push((rule.when, vec![Vec::new(); Class::ALL.len()]));
                        media.len() - 1
                    });
                &mut media[at].1
            };
            for declaration in &rule.declarations {
                cascade(&mut by_class[rule.class as usize], declaration);
            }
        }
        let named = (0..Class::ALL.len())
            .map(|class| {
                media
                    .iter()
                    .any(|(_, by_class)| !by_class[class].is_empty())
            })
            .collect();
        Self {
            inline: always
                .iter()
                .map(|declarations| written(declarations, ""))
                .collect(),
            named,
            media: media
                .iter()
                .map(|(when, by_class)| media_block(*when, by_class))
                .collect(),
        }
    }

    /// The value of the element's `style`.
    pub(super) fn style(&self, class: Class) -> Option<PreEscaped<&str>> {
        let style = self.inline[class as usize].as_str();
        (!style.is_empty()).then_some(PreEscaped(style))
    }

    /// The value of the element's `class`, only where a rule for dark or narrow screens needs it.
    pub(super) fn class(&self, class: Class) -> Option<&'static str> {
        self.named[class as usize].then_some(class.key())
    }

    /// The content of the one `<style>`; empty when there is nothing for it.
    pub(super) fn media(&self) -> PreEscaped<&str> {
        PreEscaped(&self.media)
    }
}

/// A later declaration of the same property replaces the earlier one, and counts as written later.
fn cascade(declarations: &mut Vec<Declaration>, new: &Declaration) {
    declarations.retain(|old| old.property != new.property);
    declarations.push(new.clone());
}

fn written(declarations: &[Declaration], end: &str) -> String {
    declarations
        .iter()
        .map(|Declaration { property, value }| format!("{property}:{value}{end}"))
        .collect::<Vec<_>>()
        .join(";")
}

/// One `@media` block. `!important`, without which nothing here would beat an inline style, is added to every declaration; Outlook drops
/// a declaration that has no space before it.
fn media_block(when: When, by_class: &[Vec<Declaration>]) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (class, declarations) in Class::ALL
        .iter()
        .zip(by_class)
        .filter(|(_, declarations)| !declarations.is_empty())
    {
        let body = written(declarations, " !important");
        match groups.iter_mut().find(|(known, _)| *known == body) {
            Some((_, classes)) => classes.push(class.key()),
            None => groups.push((body, vec![class.key()])),
        }
    }
    let mut rules = String::new();
    for (body, classes) in &groups {
        _ = write!(rules, ".{}{{{body}}}", classes.join(",."));
    }
    match when {
        When::Always => rules,
        // The two live and die together: dark form controls and canvas without dark rules would be unreadable.
        When::Dark => {
            format!(":root{{color-scheme:light dark}}@media (prefers-color-scheme:dark){{{rules}}}")
        }
        When::Narrow(width) => format!("@media (max-width:{width}px){{{rules}}}"),
    }
}

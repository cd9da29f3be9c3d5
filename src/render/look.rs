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
    /// Of each `@media`, in order: its declarations by class.
    media: Vec<(When, Vec<String>)>,
}

type ByClass = Vec<Vec<Declaration>>;

impl Look {
    /// Styles of rules in the order of their sheets. What is said of a class holds for those that only add to it, too.
    pub(super) fn new(rules: &[Rule]) -> Self {
        let none = || vec![Vec::new(); Class::ALL.len()];
        let mut all: Vec<(When, ByClass)> = vec![(When::Always, none())];
        for rule in rules {
            let known = all.iter().position(|(when, _)| *when == rule.when);
            let at = known.unwrap_or_else(|| {
                all.push((rule.when, none()));
                all.len() - 1
            });
            let adding = Class::ALL
                .iter()
                .filter(|class| class.base() == Some(rule.class));
            for class in adding.chain([&rule.class]) {
                for declaration in &rule.declarations {
                    cascade(&mut all[at].1[*class as usize], declaration);
                }
            }
        }
        let mut all = all.into_iter();
        let inline = all.next().map_or_else(Vec::new, |(_, always)| {
            always.iter().map(|one| written(one, "")).collect()
        });
        // Without `!important` nothing here would beat an inline style. Outlook drops a declaration that has no space before it.
        let media = all.map(|(when, by_class)| {
            (
                when,
                by_class
                    .iter()
                    .map(|one| written(one, " !important"))
                    .collect(),
            )
        });
        Self {
            inline,
            media: media.collect(),
        }
    }

    /// The value of the element's `style`.
    pub(super) fn style(&self, class: Class) -> Option<PreEscaped<&str>> {
        let style = self.inline[class as usize].as_str();
        (!style.is_empty()).then_some(PreEscaped(style))
    }

    /// The value of the element's `class`, only where a rule for dark or narrow screens needs it.
    pub(super) fn class(&self, class: Class) -> Option<&'static str> {
        let named = self
            .media
            .iter()
            .any(|(_, by_class)| !by_class[class as usize].is_empty());
        named.then_some(class.key())
    }

    /// The content of the one `<style>`, with the rules for these classes; empty when there is nothing for it.
    pub(super) fn media(&self, is_used: impl Fn(Class) -> bool) -> String {
        let blocks = self.media.iter().map(|(when, by_class)| {
            let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
            for (class, body) in Class::ALL
                .iter()
                .zip(by_class)
                .filter(|(class, body)| !body.is_empty() && is_used(**class))
            {
                match groups.iter_mut().find(|(known, _)| known == body) {
                    Some((_, classes)) => classes.push(class.key()),
                    None => groups.push((body, vec![class.key()])),
                }
            }
            let mut rules = String::new();
            for (body, classes) in &groups {
                _ = write!(rules, ".{}{{{body}}}", classes.join(",."));
            }
            match when {
                // The two live and die together: dark form controls and canvas without dark rules would be unreadable.
                When::Dark => format!(
                    ":root{{color-scheme:light dark}}@media (prefers-color-scheme:dark){{{rules}}}"
                ),
                When::Narrow(width) => format!("@media (max-width:{width}px){{{rules}}}"),
                When::Always => rules,
            }
        });
        blocks.collect()
    }
}

/// A later declaration of the same property replaces the earlier one, and counts as written later. One of a single side goes into what is
/// said of all four.
fn cascade(declarations: &mut Vec<Declaration>, new: &Declaration) {
    if let Some((whole @ ("margin" | "padding"), side)) = new.property.split_once('-')
        && let Some(side) = SIDES.iter().position(|known| *known == side)
        && let Some(all) = declarations
            .iter_mut()
            .find(|old| old.property == whole && !old.value.contains('('))
    {
        let sides: Vec<&str> = all.value.split(' ').collect();
        // Of fewer than four values, CSS takes the opposite one, or the first.
        let of = |at: usize| {
            *sides
                .get(at)
                .or_else(|| sides.get(at % 2))
                .unwrap_or(&sides[0])
        };
        let value = |at| {
            if at == side {
                new.value.as_str()
            } else {
                of(at)
            }
        };
        let value = [0, 1, 2, 3].map(value).join(" ");
        all.value = value;
        return;
    }
    declarations.retain(|old| old.property != new.property);
    declarations.push(new.clone());
}

const SIDES: [&str; 4] = ["top", "right", "bottom", "left"];

fn written(declarations: &[Declaration], end: &str) -> String {
    declarations
        .iter()
        .map(|Declaration { property, value }| format!("{property}:{value}{end}"))
        .collect::<Vec<_>>()
        .join(";")
}

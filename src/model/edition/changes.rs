//! What one edition says otherwise than another, in words, by story and field.

use std::collections::HashSet;

use super::edit::{keys, moved};
use super::{Edition, List, Placed};
use crate::model::line::Line;

/// How many changes are named; the rest is counted.
const NAMED: usize = 12;

/// What `to` says to its readers otherwise than `from`; nothing where a reader sees no difference that is in the file.
#[must_use]
pub fn changes(from: &Edition, to: &Edition) -> Vec<Line> {
    let mut said = Vec::new();
    let fields: [(&str, bool); 8] = [
        ("the subject", from.subject != to.subject),
        ("the opening", from.opening != to.opening),
        ("the note", from.note != to.note),
        ("the lines of the day", from.lines != to.lines),
        ("the notices", from.notices != to.notices),
        ("the sign-off", from.sign_off != to.sign_off),
        ("the question", from.question != to.question),
        (
            "how many further stories there are",
            from.further != to.further,
        ),
    ];
    let changed = fields.into_iter().filter(|(_, is_changed)| *is_changed);
    said.extend(changed.map(|(field, _)| field.to_owned()));
    for list in List::ALL {
        in_list(list, from, to, &mut said);
    }
    if from.looks != to.looks {
        said.push("what is known of the pictures".to_owned());
    }
    let more = said.len().saturating_sub(NAMED);
    let named = said.iter().take(NAMED).map(|words| Line::clean(words));
    let rest = (more > 0).then(|| Line::clean(&format!("{more} more")));
    named.chain(rest).collect()
}

fn in_list(list: List, from: &Edition, to: &Edition, said: &mut Vec<String>) {
    let (before, after) = (keys(from, list), keys(to, list));
    let has: HashSet<_> = after.iter().collect();
    let name = |placed: &Placed| format!("`{}`", placed.story.headline);
    let words = list.words();
    for (placed, key) in from.list(list).iter().zip(&before) {
        if !has.contains(key) {
            said.push(format!("{} left {words}", name(placed)));
        }
    }
    let moved = moved(&before, &after);
    for (placed, key) in to.list(list).iter().zip(&after) {
        let old = before.iter().position(|known| known == key);
        let Some(old) = old.and_then(|place| from.list(list).get(place)) else {
            said.push(format!("{} came into {words}", name(placed)));
            continue;
        };
        if moved.contains(key) {
            said.push(format!("{} moved within {words}", name(placed)));
        }
        let (old, new) = (&old.story, &placed.story);
        let fields = [
            ("the headline", old.headline != new.headline),
            ("the dek", old.dek != new.dek),
            ("the kicker", old.kicker != new.kicker),
            ("the address", old.url != new.url),
            ("the section", old.section != new.section),
            ("the byline", old.byline != new.byline),
            (
                "the time",
                (old.published, old.precision) != (new.published, new.precision),
            ),
            ("the picture", old.picture != new.picture),
            ("the related stories", old.related != new.related),
            ("the paragraphs", old.paragraphs != new.paragraphs),
        ];
        let changed = fields.into_iter().filter(|(_, is_changed)| *is_changed);
        said.extend(changed.map(|(field, _)| format!("{field} of {}", name(placed))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edition(text: &str) -> Edition {
        Edition::from_toml("2026-08-24".parse().unwrap(), "e", text).unwrap()
    }

    fn story(list: &str, name: &str, more: &str) -> String {
        format!("[[{list}]]\nheadline = \"{name}\"\nurl = \"https://h.example/{name}\"\n{more}\n")
    }

    #[test]
    fn by_story_and_field() {
        let said = |from: &str, to: &str| {
            let said = changes(&edition(from), &edition(to));
            let said: Vec<&str> = said.iter().map(Line::as_str).collect();
            said.join("; ")
        };
        let of = |names: &[&str]| -> String {
            names.iter().map(|name| story("top", name, "")).collect()
        };
        let one = of(&["a", "b", "c"]);
        assert_eq!(said(&one, &one), "");
        assert_eq!(
            said(
                &one,
                &format!("hold = true\ndrop = [\"https://h.example/z\"]\n{one}")
            ),
            ""
        );
        assert_eq!(said(&one, &of(&["b", "c", "a"])), "`a` moved within top");
        assert_eq!(
            said(&one, &of(&["a", "d", "c"])),
            "`b` left top; `d` came into top"
        );
        let to = story("top", "a", "dek = \"x\"\npin = true")
            + &of(&["b", "c"])
            + &story("latest", "b", "");
        assert_eq!(
            said(&one, &format!("subject = \"s\"\nnote = \"n\"\n{to}")),
            "the subject; the note; the dek of `a`; `b` came into latest"
        );
        let many: Vec<String> = (0..20).map(|n| format!("s{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let all = said(&one, &(one.clone() + &of(&many)));
        assert!(all.ends_with("`s11` came into top; 8 more"), "{all}");
    }
}

//! The lists: those that the newsroom wants and that hold nothing, and readers for whom nothing is left.

use super::Inspection;
use crate::model::edition::List;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;

/// The most sets of sections that are named; what is wrong with more of them is wrong with these.
const SETS: usize = 5;

pub(super) fn inspect(proof: &Inspection<'_>, findings: &mut Vec<Finding>) {
    // Nobody expects the day's stories of a correction.
    if proof.edition.slug.is_correction() {
        return;
    }
    let mut found = |name, place: &str, what, why, hint| {
        findings.push(Finding {
            name,
            gravity: Gravity::Warning,
            place: Line::clean(place),
            what: Line::clean(what),
            why,
            hint,
        });
    };
    for list in List::ALL {
        if !proof.edition.list(list).is_empty() || !proof.wants.contains(&list) {
            continue;
        }
        let left_out = "holds no story, and is left out";
        match list {
            List::Top => found(
                "no-lede",
                list.words(),
                "holds no story",
                "the letter begins with a list",
                "move the best story to `[[top]]` in the edition file",
            ),
            List::MostRead => found(
                "no-most-read",
                list.words(),
                left_out,
                "nothing was known of the readers when it was drafted, or too little",
                "`newsdigest check --online` says how each source of readership is doing",
            ),
            List::Latest => found(
                "no-latest",
                list.words(),
                left_out,
                "all that is new is above, or nothing is: readers miss a part they know",
                "fewer `top` in `[selection]` leave it some stories, `latest = 0` ends it",
            ),
        }
    }
    let empty = (proof.sections.iter())
        .filter(|sections| proof.edition.for_sections(sections).is_none())
        .take(SETS);
    for sections in empty {
        let names: Vec<&str> = sections.iter().map(Line::as_str).collect();
        found(
            "empty-section",
            &format!("subscribers of `{}`", names.join("`, `")),
            "get no letter: the edition holds no story of theirs",
            "they asked for one; if the name is misspelt, they never get any",
            "compare `sections` in the subscribers file with the stories' sections",
        );
    }
}

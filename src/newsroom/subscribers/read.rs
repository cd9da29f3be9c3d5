//! A whole file read at once: its subscribers, its problems, its doubles.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::pieces::{ListedSubscriber, Subscribers};
use crate::model::inbox;
use crate::model::line::Line;
use crate::model::problem::{Problem, Written};
use crate::model::subscriber::Subscriber;

/// How many problems of a file are named; the rest are counted. A person mends fifty and looks again.
const SHOWN: usize = 50;

/// So many sets of sections are looked at one by one.
const SETS: usize = 1_000;

/// A whole file, read.
#[derive(Debug)]
pub struct SubscribersRead<'t> {
    /// All that could be read, in the file's order.
    pub subscribers: Vec<Subscriber>,
    /// What could not; a problem costs its own subscriber only. After the first fifty, one last problem says how many more there are.
    pub problems: Vec<Problem>,
    written: Written<'t>,
    /// Where the address of each subscriber is.
    at: Vec<Range<usize>>,
}

/// Reads a whole file; `file` is its name in problems.
#[must_use]
pub fn read<'t>(file: &'t str, text: &'t str) -> SubscribersRead<'t> {
    let mut reading = SubscribersRead {
        subscribers: Vec::new(),
        problems: Vec::new(),
        written: Written::new(file, text),
        at: Vec::new(),
    };
    let mut more = 0;
    for item in Subscribers::of(file, text) {
        match item {
            Ok(listed) => {
                reading.subscribers.push(listed.subscriber);
                reading.at.push(listed.at);
            }
            Err(misread) => {
                for problem in misread.problems {
                    keep(&mut reading.problems, &mut more, problem);
                }
            }
        }
    }
    reading.problems.extend(rest(file, more));
    reading
}

/// What a send must know of a file before it takes the subscribers one by one.
#[derive(Debug)]
pub struct Survey {
    /// How many there are.
    pub subscribers: usize,
    /// How many blocks cannot be read.
    pub misread: usize,
    /// The different sets of sections they ask for, each as its first asks, at most as many as the freeze keeps apart; none for those who ask for the whole edition.
    pub sections: Vec<Vec<Line>>,
    /// As [`SubscribersRead::problems`].
    pub problems: Vec<Problem>,
}

/// Surveys a whole file and keeps no subscriber, so that memory stays flat.
#[must_use]
pub fn survey(file: &str, text: &str) -> Survey {
    let mut survey = Survey {
        subscribers: 0,
        misread: 0,
        sections: Vec::new(),
        problems: Vec::new(),
    };
    let mut more = 0;
    let mut seen = HashSet::from([Vec::new()]);
    for item in Subscribers::of(file, text) {
        match item {
            Ok(ListedSubscriber { subscriber, .. }) => {
                survey.subscribers += 1;
                if !subscriber.sections.is_empty()
                    && seen.len() <= SETS
                    && seen.insert(subscriber.section_set())
                {
                    survey.sections.push(subscriber.sections);
                }
            }
            Err(misread) => {
                survey.misread += 1;
                for problem in misread.problems {
                    keep(&mut survey.problems, &mut more, problem);
                }
            }
        }
    }
    survey.problems.extend(rest(file, more));
    survey
}

/// A remark on the addresses that no letter can reach: how many there are, and where the first is. A newsroom may have a mail server that knows
/// better, so they stop nothing.
#[must_use]
pub fn unreachable(reading: &SubscribersRead<'_>) -> Option<String> {
    let mut all = reading
        .subscribers
        .iter()
        .zip(&reading.at)
        .filter_map(|(one, at)| Some((&one.address, at, inbox::unreachable(&one.address)?)));
    let (address, at, why) = all.next()?;
    let (written, more) = (reading.written, all.count());
    let line = written.text[..at.start].matches('\n').count() + 1;
    let file = written.file;
    let rest = match more {
        0 => String::new(),
        more => format!("; and {more} more like it"),
    };
    Some(format!(
        "no letter will reach `{address}` at {file}:{line}: {why}{rest}"
    ))
}

/// The addresses that appear more than once by [`crate::model::address::Address::key`]: a problem for each time but the first, naming both places. They are kept
/// apart from [`SubscribersRead::problems`] because a double stops no send: the reader is a recipient once.
#[must_use]
pub fn duplicates(reading: &SubscribersRead<'_>) -> Vec<Problem> {
    let subscribers = &reading.subscribers;
    let mut order: Vec<(Cow<'_, str>, usize)> = subscribers
        .iter()
        .enumerate()
        .map(|(index, subscriber)| (subscriber.address.key(), index))
        .collect();
    order.sort_unstable();
    let mut pairs: Vec<(usize, usize)> = order
        .chunk_by(|(one, _), (other, _)| one == other)
        .flat_map(|same| same[1..].iter().map(|(_, again)| (*again, same[0].1)))
        .collect();
    pairs.sort_unstable();
    let written = reading.written;
    let (mut problems, mut more) = (Vec::new(), 0);
    for (again, first) in pairs {
        if problems.len() == SHOWN {
            more += 1;
            continue;
        }
        let line = written.text[..reading.at[first].start]
            .matches('\n')
            .count()
            + 1;
        problems.push(
            written
                .problem(
                    reading.at[again].clone(),
                    format!(
                        "`{}` appears here a second time: first on line {line}",
                        subscribers[again].address
                    ),
                )
                .hint("they get one copy, by what the first says; take one of them out"),
        );
    }
    problems.extend(rest(written.file, more));
    problems
}

fn keep(problems: &mut Vec<Problem>, more: &mut usize, problem: Problem) {
    if problems.len() < SHOWN {
        problems.push(problem);
    } else {
        *more += 1;
    }
}

fn rest(file: &str, more: usize) -> Option<Problem> {
    (more > 0).then(|| Problem::new(format!("and {more} more of them in `{file}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(problems: &[Problem]) -> String {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        all.join("\n\n")
    }

    #[test]
    fn doubles_name_both_places() {
        let text = "[[subscriber]]\nemail = \"ada@example.org\"\n[[subscriber]]\nemail = \"info@bücher.example\"\n[[subscriber]]\nemail = \"Ada@EXAMPLE.org\"\n[[subscriber]]\nemail = \"info@xn--bcher-kva.example\"\n";
        insta::assert_snapshot!(said(&duplicates(&read("s.toml", text))), @r#"
        `A***@e***.org` appears here a second time: first on line 2
          ──▶ s.toml:6:9
          │
        6 │ email = "Ada@EXAMPLE.org"
          │         ^^^^^^^^^^^^^^^^^
        hint: they get one copy, by what the first says; take one of them out

        `i***@x***.example` appears here a second time: first on line 4
          ──▶ s.toml:8:9
          │
        8 │ email = "info@xn--bcher-kva.example"
          │         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        hint: they get one copy, by what the first says; take one of them out
        "#);
    }

    #[test]
    fn fifty_problems_and_a_count() {
        let bad = "[[subscriber]]\nemail = \"x\"\n".repeat(60);
        let problems = read("s.toml", &bad).problems;
        assert_eq!(problems.len(), 51);
        assert_eq!(
            problems[49].place.as_ref().map(|place| place.line),
            Some(100)
        );
        assert_eq!(problems[50].what, "and 10 more of them in `s.toml`");
        let twice = "[[subscriber]]\nemail = \"x@example.org\"\n".repeat(60);
        assert_eq!(
            duplicates(&read("s.toml", &twice))[50].what,
            "and 9 more of them in `s.toml`"
        );
    }

    #[test]
    fn a_survey_keeps_no_subscriber() {
        let one = |sections: &str| format!("[[subscriber]]\nemail = \"a@b.example\"\n{sections}\n");
        let text = one("sections = [\"News\", \"City\"]")
            + &one("")
            + &one("sections = [\"city\", \"news\"]")
            + &one("emial = 1");
        let survey = survey("s.toml", &text);
        assert_eq!((survey.subscribers, survey.problems.len()), (3, 1));
        assert_eq!(
            survey.sections,
            [[Line::clean("News"), Line::clean("City")]]
        );
    }

    #[test]
    fn the_example_at_the_top_of_the_repository() {
        let text = include_str!("../../../subscribers.example.toml");
        let reading = read("subscribers.example.toml", text);
        assert_eq!(
            (said(&reading.problems), reading.subscribers.len()),
            (String::new(), 5)
        );
    }
}

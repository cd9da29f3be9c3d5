//! A whole file read at once: its subscribers, its problems, its doubles.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::pieces::Subscribers;
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
    let mut problems = ShownProblems::default();
    for item in Subscribers::of(file, text) {
        match item {
            Ok(listed) => {
                reading.subscribers.push(listed.subscriber);
                reading.at.push(listed.at);
            }
            Err(misread) => problems.add(misread.problems),
        }
    }
    reading.problems = problems.finish(&format!("`{file}`"));
    reading
}

/// What a send must know of a list before it takes the subscribers one by one. It keeps none of them, so that memory stays flat.
#[derive(Debug, Default)]
pub struct Survey {
    /// How many there are.
    pub subscribers: usize,
    /// How many cannot be read.
    pub misread: usize,
    /// The different sets of sections they ask for, each as its first asks, at most as many as the freeze keeps apart; none for those who ask for the whole edition.
    pub sections: Vec<Vec<Line>>,
    /// As [`SubscribersRead::problems`].
    pub problems: Vec<Problem>,
    seen: HashSet<Vec<String>>,
    shown: ShownProblems,
}

impl Survey {
    /// Counts one.
    pub fn add(&mut self, item: Result<Subscriber, Vec<Problem>>) {
        match item {
            Ok(subscriber) => {
                self.subscribers += 1;
                if !subscriber.sections.is_empty()
                    && self.seen.len() < SETS
                    && self.seen.insert(subscriber.section_set())
                {
                    self.sections.push(subscriber.sections);
                }
            }
            Err(problems) => {
                self.misread += 1;
                self.shown.add(problems);
            }
        }
    }

    /// All are counted; `list` is what the list is called.
    pub fn finish(&mut self, list: &str) {
        self.problems = std::mem::take(&mut self.shown).finish(list);
    }
}

/// Problems of a list: the first fifty, and how many more there are.
#[derive(Debug, Default)]
pub struct ShownProblems {
    shown: Vec<Problem>,
    more: usize,
}

impl ShownProblems {
    pub fn add(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            if self.shown.len() < SHOWN {
                self.shown.push(problem);
            } else {
                self.more += 1;
            }
        }
    }

    /// `list` is what the list is called.
    #[must_use]
    pub fn finish(mut self, list: &str) -> Vec<Problem> {
        if self.more > 0 {
            let rest = format!("and {} more of them in {list}", self.more);
            self.shown.push(Problem::new(rest));
        }
        self.shown
    }
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
    let mut problems = ShownProblems::default();
    for (again, first) in pairs {
        if problems.shown.len() == SHOWN {
            problems.more += 1;
            continue;
        }
        let line = written.text[..reading.at[first].start]
            .matches('\n')
            .count()
            + 1;
        let double = written
            .problem(
                reading.at[again].clone(),
                format!(
                    "`{}` appears here a second time: first on line {line}",
                    subscribers[again].address
                ),
            )
            .hint("they get one copy, by what the first says; take one of them out");
        problems.add(vec![double]);
    }
    problems.finish(&format!("`{}`", written.file))
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
        let mut survey = Survey::default();
        for item in Subscribers::of("s.toml", &text) {
            let item = item.map(|listed| listed.subscriber);
            survey.add(item.map_err(|misread| misread.problems));
        }
        survey.finish("`s.toml`");
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

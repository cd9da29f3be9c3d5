//! The text cut into pieces, and a subscriber out of each.

use std::collections::HashSet;
use std::ops::Range;

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::problem::{Problem, Written};
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::{Paused, Subscriber};
use crate::model::toml_table::{Problems, TomlTable};

/// How often a piece is widened in search of the end of a multi-line string.
const WIDENED: usize = 8;

/// A subscriber and their place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSubscriber {
    /// Who it is.
    pub subscriber: Subscriber,
    /// The bytes of the address's value, quotes included.
    pub at: Range<usize>,
    /// The bytes from the block's header line to the next header's.
    pub(super) block: Range<usize>,
}

/// A piece of the file that nobody was taken from.
#[derive(Debug)]
pub struct Misread {
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Whose block it is, where that can be read.
    pub(super) whose: Option<ListedSubscriber>,
    /// A multi-line string is opened in it and not closed: nobody knows whether it ends before what is added to the file.
    pub(super) is_open: bool,
}

/// The subscribers of a text one by one, each parsed when it is asked for. An `Err` is one piece of the file; the next piece is read all
/// the same.
pub struct Subscribers<'t> {
    written: Written<'t>,
    /// Where the next piece begins.
    at: usize,
    /// The lines before it.
    lines: usize,
    /// Sections and forms of consent are few and are on every subscriber: each is kept once.
    known: HashSet<Line>,
}

impl<'t> Subscribers<'t> {
    /// Those of `text`; `file` is its name in problems.
    #[must_use]
    pub fn of(file: &'t str, text: &'t str) -> Self {
        Self {
            written: Written::new(file, text),
            at: text.len() - text.trim_start_matches('\u{feff}').len(),
            lines: 0,
            known: HashSet::new(),
        }
    }

    /// Reads the piece at `block`. `None`: there is no subscriber in it, as in the lines before the first header.
    fn piece(
        &mut self,
        block: Range<usize>,
        mut table: TomlTable<'t>,
        problems: &Problems,
    ) -> Option<ListedSubscriber> {
        let mut inner = None;
        if is_header(&self.written.text[block.clone()]) {
            let mut tables = table.tables("subscriber", problems);
            if tables.len() > 1 {
                problems.add(tables[1].problem_here("write `[[subscriber]]` without quotes"));
            }
            inner = (!tables.is_empty()).then(|| tables.remove(0));
        } else if table.has("subscriber") {
            let what = "`subscriber` must not be a list in brackets or a single table";
            let hint = "write each subscriber under a line `[[subscriber]]` of their own";
            problems.add(table.problem_here(what).hint(hint));
            _ = table.tables("subscriber", &Problems::default());
        }
        table.finish(problems);
        self.subscriber(inner?, block, problems)
    }

    fn subscriber(
        &mut self,
        mut table: TomlTable<'t>,
        block: Range<usize>,
        problems: &Problems,
    ) -> Option<ListedSubscriber> {
        let missing = !table.has("email");
        let email = table.parsed("email", problems, Address::parse);
        let name = table.line("name", problems);
        let mut sections = table.lines("sections", problems).unwrap_or_default();
        for section in &mut sections {
            self.intern(section);
        }
        let newsletters = table.has("newsletters").then(|| {
            let all = table.all_parsed("newsletters", problems, str::parse);
            all.into_iter().map(|found| found.value).collect()
        });
        let since = table.day("since", problems);
        let mut consent = table.line("consent", problems);
        if let Some(consent) = &mut consent {
            self.intern(consent);
        }
        let paused = match table.flag_or_day("paused", problems) {
            None | Some(Ok(false)) => Paused::No,
            Some(Ok(true)) => Paused::Yes,
            Some(Err(day)) => Paused::Until(day),
        };
        let rhythm = Rhythm {
            frequency: (table.value("frequency", problems, str::parse)).unwrap_or_default(),
            alerts: table.flag("alerts", problems).unwrap_or_default(),
            time_zone: table.value("time_zone", problems, str::parse),
        };
        if missing {
            problems.add(table.problem_here("a subscriber must have an `email`"));
        }
        table.finish(problems);
        let email = email?;
        Some(ListedSubscriber {
            subscriber: Subscriber {
                address: email.value,
                name,
                sections,
                newsletters,
                since,
                consent,
                paused,
                rhythm,
            },
            at: block.start + email.span.start..block.start + email.span.end,
            block,
        })
    }

    /// What does not close is found out where its piece ends, on a line that says nothing. Its problem is moved to where the multi-line
    /// string opens, or else to the end of the last line that says something.
    fn move_inside(&self, block: &Range<usize>, problems: &mut [Problem]) {
        let piece = &self.written.text[block.clone()];
        let end = piece.trim_end().len();
        let last = lines_in(&piece[..end]) + 1;
        let open = ["\"\"\"", "'''"]
            .into_iter()
            .filter(|mark| piece.matches(mark).count() % 2 == 1)
            .find_map(|mark| piece.rfind(mark));
        let written = Written::new(self.written.file, piece);
        for problem in problems {
            if problem
                .place
                .as_ref()
                .is_some_and(|place| place.line > last)
            {
                *problem = match open {
                    Some(open) => written.problem(open..open + 3, "this string is not closed"),
                    None => written.problem(end..end, std::mem::take(&mut problem.what)),
                };
            }
        }
    }

    fn intern(&mut self, line: &mut Line) {
        if let Some(known) = self.known.get(line) {
            *line = known.clone();
        } else {
            self.known.insert(line.clone());
        }
    }

    fn parse(&self, block: &Range<usize>) -> (TomlTable<'t>, Problems) {
        let text: &'t str = self.written.text;
        let piece = &text[block.clone()];
        let problems = Problems::default();
        // Places are counted within the piece and moved later: to count from the top of the file for every problem is quadratic.
        let table = TomlTable::parse(Written::new(self.written.file, piece), piece, &problems);
        (table, problems)
    }

    /// The next piece: from `self.at` to the next header, or further when a multi-line string reaches over it.
    fn next_piece(&self) -> (Range<usize>, TomlTable<'t>, Problems) {
        let text: &'t str = self.written.text;
        let block = self.at..next_header(text, self.at);
        let (table, problems) = self.parse(&block);
        if problems.is_empty() || long_string(&text[block.clone()]).is_none() {
            return (block, table, problems);
        }
        let mut end = block.end;
        for _ in 0..WIDENED {
            let Some(close) = long_string(&text[end..]) else {
                break;
            };
            end = next_header(text, end + close);
            let (table, problems) = self.parse(&(block.start..end));
            if problems.is_empty() {
                return (block.start..end, table, problems);
            }
        }
        (block, table, problems)
    }
}

impl Iterator for Subscribers<'_> {
    type Item = Result<ListedSubscriber, Misread>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.written.text.len() {
            let (block, table, problems) = self.next_piece();
            let piece: &str = &self.written.text[block.clone()];
            let is_open = !problems.is_empty() && long_string(piece).is_some();
            let listed = self.piece(block.clone(), table, &problems);
            let before = self.lines;
            self.at = block.end;
            self.lines += lines_in(&self.written.text[block.clone()]);
            if !problems.is_empty() {
                let mut problems = problems.into_vec();
                self.move_inside(&block, &mut problems);
                for place in problems
                    .iter_mut()
                    .filter_map(|problem| problem.place.as_mut())
                {
                    place.line += before;
                }
                return Some(Err(Misread {
                    problems,
                    whose: listed,
                    is_open,
                }));
            }
            if let Some(listed) = listed {
                return Some(Ok(listed));
            }
        }
        None
    }
}

/// Where the first line after the one at `from` begins that is a header; else the end.
fn next_header(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(length) = text[at..].find('\n') {
        at += length + 1;
        if is_header(&text[at..]) {
            return at;
        }
    }
    text.len()
}

/// Whether the line at the start of `text` is `[[subscriber]]`.
fn is_header(text: &str) -> bool {
    let blank = |c| c == ' ' || c == '\t';
    text.trim_start_matches(blank)
        .strip_prefix("[[")
        .and_then(|rest| rest.trim_start_matches(blank).strip_prefix("subscriber"))
        .is_some_and(|rest| rest.trim_start_matches(blank).starts_with("]]"))
}

/// Where the first mark of a multi-line string is. Both marks are looked for in one pass: to look for the one that is nowhere would
/// read the whole file for every piece.
fn long_string(text: &str) -> Option<usize> {
    text.as_bytes()
        .windows(3)
        .position(|three| matches!(three, b"\"\"\"" | b"'''"))
}

fn lines_in(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests;

//! The text of the file with blocks added and blocks taken out. Only whole blocks come and go; every other byte stays.
//!
//! Added blocks go after the last line that says anything, an empty line before each. A removed block goes with one empty line beside
//! it and with the comments that touch it from above, so that adding and then removing gives the same text.
//! A block with problems stays as it is, unless its own reader is to be taken out. A text in which a string does not close is not changed:
//! nobody knows what a new block would be part of.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use super::pieces::{ListedSubscriber, Misread, Subscribers};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::Problem;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::{Paused, Subscriber};
use crate::model::toml_table::quoted;

/// The byte-order mark that some editors begin a file with.
const MARK: char = '\u{feff}';

/// What came of adding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// How many were new.
    pub added: usize,
    /// Those who were in the file before, or came twice; they stay as they are.
    pub already: Vec<Address>,
}

/// What came of removing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// How many blocks went; an address that appeared twice counts twice.
    pub removed: usize,
    /// Those who were not in the file.
    pub unknown: Vec<Address>,
}

/// `text` with the blocks of those who are new in it; `None`: nobody is.
pub(super) fn with(
    file: &str,
    text: &str,
    newcomers: &[Subscriber],
) -> Result<(Option<String>, Added), Vec<Problem>> {
    let mut known = HashSet::new();
    for listed in Subscribers::of(file, text) {
        if let Some(listed) = listed_anyhow(listed)? {
            known.insert(listed.subscriber.address.key().into_owned());
        }
    }
    let mut already = Vec::new();
    let mut blocks = Vec::new();
    for newcomer in newcomers {
        if known.insert(newcomer.address.key().into_owned()) {
            blocks.push(block(newcomer));
        } else {
            already.push(newcomer.address.clone());
        }
    }
    let added = blocks.len();
    let new = (added > 0).then(|| appended(text, blocks.join("\n\n")));
    Ok((new, Added { added, already }))
}

/// `text` and `new` after the last line that says anything, in the line ends of its first line.
fn appended(text: &str, mut new: String) -> String {
    let mut at = text.len();
    let last = text.split_inclusive('\n').rev().find(|line| {
        at -= line.len();
        !is_blank(line)
    });
    if let Some(line) = last {
        at += without_line_end(line).len();
        new.insert_str(0, "\n\n");
    } else {
        at = text.len() - text.trim_start_matches(MARK).len();
        new.push('\n');
    }
    let first = text.split_inclusive('\n').next();
    if first.is_some_and(|line| line.ends_with("\r\n")) {
        new = new.replace('\n', "\r\n");
    }
    let mut whole = String::with_capacity(text.len() + new.len());
    whole.push_str(&text[..at]);
    whole.push_str(&new);
    whole.push_str(&text[at..]);
    whole
}

/// `text` without the blocks of `leavers`; `None`: none of them is in it.
pub(super) fn without(
    file: &str,
    text: &str,
    leavers: &[Address],
) -> Result<(Option<String>, Removed), Vec<Problem>> {
    let wanted: HashSet<_> = leavers.iter().map(Address::key).collect();
    let mut gone = HashSet::new();
    let mut out = String::with_capacity(text.len());
    let (mut kept_to, mut removed) = (0, 0);
    for listed in Subscribers::of(file, text) {
        let Some(listed) = listed_anyhow(listed)? else {
            continue;
        };
        let key = listed.subscriber.address.key();
        if !wanted.contains(&key) {
            continue;
        }
        let start = with_remarks_above(text, listed.block.start);
        let end = end_of(text, &listed.block);
        out.push_str(&text[kept_to..start.max(kept_to)]);
        kept_to = end;
        if out.lines().all(is_blank) {
            let after = &text[end..];
            if let Some(first) = after.split_inclusive('\n').next()
                && is_blank(first)
                && !after.lines().all(is_blank)
            {
                kept_to += first.len();
            }
        } else {
            if let Some(line) = out.split_inclusive('\n').next_back()
                && is_blank(line)
            {
                out.truncate(out.len() - line.len());
            }
            if !text[..end].ends_with('\n') {
                out.truncate(without_line_end(&out).len());
            }
        }
        removed += 1;
        gone.insert(key.into_owned());
    }
    out.push_str(&text[kept_to..]);
    let unknown = leavers
        .iter()
        .filter(|leaver| !gone.contains(&*leaver.key()))
        .cloned()
        .collect();
    let new = (removed > 0).then_some(out);
    Ok((new, Removed { removed, unknown }))
}

/// Whose block it is, even if something else in it is wrong; `None`: nobody's.
fn listed_anyhow(
    found: Result<ListedSubscriber, Misread>,
) -> Result<Option<ListedSubscriber>, Vec<Problem>> {
    match found {
        Ok(listed) => Ok(Some(listed)),
        Err(misread) if misread.is_open => Err(misread.problems),
        Err(misread) => Ok(misread.whose),
    }
}

/// Where the comments begin that touch the header at `start` from above.
fn with_remarks_above(text: &str, start: usize) -> usize {
    let above = text[..start].split_inclusive('\n').rev();
    start
        - above
            .take_while(|line| is_remark(line))
            .map(str::len)
            .sum::<usize>()
}

/// Where the subscriber ends who begins with `block`: after its last key and the comments that touch it from below, unless they touch
/// the next header.
fn end_of(text: &str, block: &Range<usize>) -> usize {
    let rest = text[block.clone()].split_inclusive('\n').rev();
    let rest = rest.take_while(|line| is_blank(line) || is_remark(line));
    let end = block.end - rest.map(str::len).sum::<usize>();
    let remarks = text[end..block.end].split_inclusive('\n');
    let remarks = remarks.take_while(|line| is_remark(line));
    let touching = end + remarks.map(str::len).sum::<usize>();
    if touching == block.end && block.end < text.len() {
        end
    } else {
        touching
    }
}

/// A block as the example has it, without a line end after its last line.
pub(super) fn block(subscriber: &Subscriber) -> String {
    let mut block = format!(
        "[[subscriber]]\nemail = {}",
        quoted(subscriber.address.reveal())
    );
    if let Some(name) = &subscriber.name {
        _ = write!(block, "\nname = {}", quoted(name.as_str()));
    }
    if !subscriber.sections.is_empty() {
        _ = write!(block, "\nsections = {}", list(&subscriber.sections));
    }
    if let Some(newsletters) = &subscriber.newsletters {
        _ = write!(block, "\nnewsletters = {}", names(newsletters));
    }
    if let Some(since) = subscriber.since {
        _ = write!(block, "\nsince = {}", since.format("%Y-%m-%d"));
    }
    if let Some(consent) = &subscriber.consent {
        _ = write!(block, "\nconsent = {}", quoted(consent.as_str()));
    }
    match subscriber.paused {
        Paused::No => {}
        Paused::Yes => block.push_str("\npaused = true"),
        Paused::Until(day) => _ = write!(block, "\npaused = {}", day.format("%Y-%m-%d")),
    }
    for (key, value) in rhythm_values(&subscriber.rhythm) {
        if let Some(value) = value {
            _ = write!(block, "\n{key} = {value}");
        }
    }
    block
}

/// The lines of a rhythm; of what everybody gets who does not say, none.
pub(super) fn rhythm_values(rhythm: &Rhythm) -> [(&'static str, Option<String>); 3] {
    let frequency = (!rhythm.frequency.is_daily()).then(|| quoted(rhythm.frequency.as_str()));
    let zone = rhythm.time_zone.as_ref();
    [
        ("frequency", frequency),
        ("alerts", rhythm.alerts.then(|| "true".to_owned())),
        ("time_zone", zone.map(|zone| quoted(zone.as_str()))),
    ]
}

/// The names of newsletters as a TOML list.
pub(super) fn names(newsletters: &[NewsletterName]) -> String {
    let names: Vec<String> = newsletters
        .iter()
        .map(|name| quoted(name.as_str()))
        .collect();
    format!("[{}]", names.join(", "))
}

/// A TOML list of strings on one line.
pub(super) fn list(texts: &[Line]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text.as_str())).collect();
    format!("[{}]", texts.join(", "))
}

fn is_blank(line: &str) -> bool {
    line.trim_start_matches(MARK).trim().is_empty()
}

/// Whether it is a comment, and not the last line of a multi-line string that looks like one.
fn is_remark(line: &str) -> bool {
    line.trim_start().starts_with('#') && !line.contains("\"\"\"") && !line.contains("'''")
}

fn without_line_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests;

//! Edits in the text of an edition file.

use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, parse_document};

use super::document::Document;
use super::{Edit, StoryWords, behind, copies, find, is_to_be_dropped};
use crate::model::edition::file::{LEDE, placeholder, story_text};
use crate::model::edition::values::{multi_line, picture, quoted};
use crate::model::edition::{Edition, List, Slug};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::problem::Problem;
use crate::model::zone::Zone;

/// The keys of an edition and of a story, as a draft orders them.
const EDITION: [&str; 8] = [
    "newsletter",
    "hold",
    "subject",
    "opening",
    "machine_written",
    "drop",
    "note",
    "further",
];
const STORY: [&str; 12] = [
    "headline",
    "pin",
    "dek",
    "kicker",
    "url",
    "section",
    "byline",
    "published",
    "day_only",
    "picture",
    "related",
    "paragraphs",
];

/// The text of an edition file with the edits in it. All else in it stays as it is written; times of a new story are as the clocks of `zone`
/// show them.
///
/// # Errors
/// The text is no edition, or one of the edits cannot be done: then none is.
pub fn apply(
    (slug, zone): (&Slug, &Zone),
    text: &str,
    edits: &[Edit],
) -> Result<String, Vec<Problem>> {
    if edits.is_empty() {
        return Ok(text.to_owned());
    }
    let mut edition = Edition::from_toml(slug.clone(), "the edition file", text)?;
    let mut document = Document::parse(text);
    let in_blocks = |list: &List| edition.list(*list).len() == document.stories(*list);
    if let Some(list) = List::ALL.iter().find(|list| !in_blocks(list)) {
        let what = format!(
            "the stories of `{0}` are not written as `[[{0}]]`",
            list.key()
        );
        return Err(vec![Problem::new(what).hint(
            "write each as a block of its own, then it can be edited here",
        )]);
    }
    for edit in edits {
        let before = edition.clone();
        let refused = |refusal: super::Refusal| vec![refusal.problem()];
        edit.on(&mut edition).map_err(refused)?;
        in_text(edit, &before, &mut document, zone).map_err(refused)?;
    }
    document.mark_first(List::Top, LEDE);
    let new = document.text();
    match Edition::from_toml(slug.clone(), "the edition file", &new) {
        Ok(written) if says_the_same(&written, &edition) => Ok(new),
        Ok(_) => {
            let what = "the edition file is written in a way in which this cannot be changed here";
            Err(vec![Problem::new(what).hint("change it in the file")])
        }
        Err(problems) => Err(problems),
    }
}

/// Whether two editions say the same to a reader; the comments that say why are left out, and what a machine wrote.
pub(super) fn says_the_same(a: &Edition, b: &Edition) -> bool {
    let plain = |edition: &Edition| {
        let mut edition = edition.clone();
        // It follows from the words whether they are a machine's.
        edition.machine_written.clear();
        for list in List::ALL {
            for placed in edition.list_mut(list) {
                placed.why = None;
            }
        }
        edition
    };
    plain(a) == plain(b)
}

/// Does in the text what the edit does to the edition; `before`: the edition as the text says it now.
fn in_text(
    edit: &Edit,
    before: &Edition,
    document: &mut Document,
    zone: &Zone,
) -> Result<(), super::Refusal> {
    let line = |line: &Option<Line>| line.as_ref().map(|line| quoted(line.as_str()));
    match edit {
        Edit::Subject(words) => root(document, "subject", line(words).as_deref()),
        Edit::Opening(words) => root(document, "opening", line(words).as_deref()),
        Edit::Note(note) => {
            let note = note
                .as_ref()
                .map(|note| format!("\"\"\"\n{}\"\"\"", multi_line(note)));
            root(document, "note", note.as_deref());
        }
        Edit::Hold(hold) => root(document, "hold", hold.then_some("true")),
        Edit::Words {
            story,
            which,
            words,
        } => {
            for at in copies(before, story, |a, b| which.of(a) == which.of(b))? {
                if *which == StoryWords::Alt {
                    let shown = before.list(at.0)[at.1].story.picture.clone();
                    let shown = shown.map(|mut shown| {
                        shown.alt.clone_from(words);
                        shown
                    });
                    let shown = shown.map(|shown| format!("{{ {} }}", picture(&shown)));
                    document.set(Some(at), "picture", shown.as_deref(), &STORY, None);
                } else {
                    let words = line(words);
                    document.set(Some(at), which.key(), words.as_deref(), &STORY, None);
                }
            }
        }
        Edit::Picture {
            story,
            picture: shown,
        } => {
            let shown = shown
                .as_ref()
                .map(|shown| format!("{{ {} }}", picture(shown)));
            for at in copies(before, story, |a, b| a.picture == b.picture)? {
                document.set(Some(at), "picture", shown.as_deref(), &STORY, None);
            }
        }
        Edit::Pin { story, pin } => {
            let at = find(before, story)?;
            document.set(Some(at), "pin", pin.then_some("true"), &STORY, None);
        }
        Edit::Move { story, to, after } => {
            let (from, index) = find(before, story)?;
            if let Some(body) = document.take(from, index) {
                let mut rest = before.clone();
                rest.list_mut(from).remove(index);
                document.put(*to, behind(&rest, *to, after.as_ref())?, &body);
            }
        }
        Edit::PutIn {
            placed,
            list,
            after,
        } => {
            let body = format!("[[{}]]\n{}", list.key(), story_text(placed, zone));
            let index = behind(before, *list, after.as_ref())?;
            let body = document.in_its_line_ends(body.trim_end());
            document.put(*list, index, &body);
            let key = placed.story.url.key();
            if before.drop.iter().any(|dropped| dropped.key() == key)
                && let Some(written) = document.value("drop")
            {
                root(document, "drop", without(&written, &key).as_deref());
            }
        }
        Edit::TakeOut { story, dropped } => {
            let (list, index) = find(before, story)?;
            document.take(list, index);
            let mut rest = before.clone();
            let url = rest.list_mut(list).remove(index).story.url;
            if *dropped && is_to_be_dropped(&rest, &url) {
                let written = document.value("drop");
                root(document, "drop", Some(&with(written.as_deref(), &url)));
            }
        }
    }
    Ok(())
}

fn root(document: &mut Document, key: &str, value: Option<&str>) {
    document.set(None, key, value, &EDITION, placeholder(key));
}

/// The list of dropped stories, as it is written, with one more at its front.
fn with(written: Option<&str>, url: &Link) -> String {
    let url = quoted(url.as_str());
    let inside = written.and_then(|written| written.trim().strip_prefix('['));
    match inside.map(|inside| (inside, inside.trim_start())) {
        None => format!("[{url}]"),
        Some((_, rest)) if rest.starts_with(']') => format!("[{url}]"),
        Some((inside, _))
            if inside
                .trim_start_matches([' ', '\t', '\r'])
                .starts_with('\n') =>
        {
            format!("[\n    {url},{inside}")
        }
        Some((inside, _)) => format!("[{url}, {inside}"),
    }
}

/// The same without a story; `None`: no other is left.
fn without(written: &str, key: &StoryKey) -> Option<String> {
    // As the value of a key it is a document.
    let text = format!("drop = {written}");
    let source = Source::new(&text);
    let tokens = source.lex().into_vec();
    let mut events: Vec<Event> = Vec::new();
    parse_document(&tokens, &mut events, &mut ());
    let mut links = Vec::new();
    for event in events
        .iter()
        .filter(|event| event.kind() == EventKind::Scalar)
    {
        let mut value = std::borrow::Cow::default();
        if let Some(raw) = source.get(event) {
            _ = raw.decode_scalar(&mut value, &mut ());
        }
        let is_gone = Link::parse(&value).is_ok_and(|link| link.key() == *key);
        links.push((is_gone, event.span().start()..event.span().end()));
    }
    if links.iter().all(|link| link.0) {
        return None;
    }
    let mut text = text.clone();
    while let Some(at) = links.iter().rposition(|link| link.0) {
        let range = links[at].1.clone();
        let line = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
        let end = text[range.end..].find('\n').map(|end| range.end + end + 1);
        let next = links.get(at + 1).map(|next| next.1.start);
        let range = match (end, next, at.checked_sub(1)) {
            // On a line of its own, with what is said about it there.
            (Some(end), next, _)
                if text[line..range.start].trim().is_empty()
                    && next.is_none_or(|next| end <= next) =>
            {
                line..end
            }
            (_, Some(next), _) => range.start..next,
            (_, None, Some(previous)) => links[previous].1.end..range.end,
            (_, None, None) => range,
        };
        for (_, behind) in &mut links[at + 1..] {
            *behind = behind.start - range.len()..behind.end - range.len();
        }
        text.replace_range(range, "");
        links.remove(at);
    }
    text.strip_prefix("drop = ").map(str::to_owned)
}

//! The text of an edition file as pieces that can be moved, added and taken out, byte by byte as a person wrote them.
//!
//! A piece is a table with its header, the comments that touch it from above, and the tables inside it (`[top.picture]`). What is between
//! pieces, empty lines and comments that belong to neither, stays in its place.

use std::ops::Range;

use super::outline::{Entry, Outline, line_above, line_below};
use crate::model::edition::List;

/// The text in pieces. The first has no header: the keys of the edition itself.
pub(super) struct Document {
    pieces: Vec<Piece>,
    line_end: &'static str,
}

struct Piece {
    /// The names in its header.
    path: Vec<String>,
    /// Without its last line end.
    body: String,
    /// From there to the next piece.
    gap: String,
}

impl Document {
    /// Text that was read as an edition before: it has no mistakes, and is not nested too deep.
    pub(super) fn parse(text: &str) -> Self {
        let outline = Outline::of(text);
        let starts = outline.headers.iter().map(|header| {
            let mut start = header.lines.start;
            while let Some(above) = line_above(text, start)
                && outline.comments.contains(&above)
            {
                start = above;
            }
            start
        });
        let starts: Vec<usize> = starts.collect();
        let first = starts.first().copied().unwrap_or(text.len());
        let mut document = Self {
            pieces: vec![Piece::new(
                Vec::new(),
                &text[..first],
                text[..first].trim_end().len(),
            )],
            line_end: match text.split_inclusive('\n').next() {
                Some(line) if line.ends_with("\r\n") => "\r\n",
                _ => "\n",
            },
        };
        for (at, header) in outline.headers.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(text.len());
            let range = starts[at]..end;
            let inside = |lines: &Range<usize>| range.contains(&lines.start);
            let said = outline.entries.iter().map(|entry| &entry.lines);
            let said = said.filter(|lines| inside(lines)).map(|lines| lines.end);
            let mut said = said.fold(header.lines.end, usize::max);
            while said < end && outline.comments.contains(&said) {
                said = line_below(text, said);
            }
            let body = text[range.start..said].trim_end().len();
            let piece = Piece::new(header.path.clone(), &text[range], body);
            match document.pieces.last_mut() {
                Some(last) if last.is_around(&piece) => {
                    last.body
                        .push_str(&std::mem::replace(&mut last.gap, piece.gap));
                    last.body.push_str(&piece.body);
                }
                _ => document.pieces.push(piece),
            }
        }
        document
    }

    pub(super) fn text(&self) -> String {
        let pieces = self.pieces.iter();
        pieces
            .flat_map(|piece| [&*piece.body, &*piece.gap])
            .collect()
    }

    /// New text with line ends like those of the file.
    pub(super) fn in_its_line_ends(&self, text: &str) -> String {
        text.replace('\n', self.line_end)
    }

    /// How many stories of that list there are.
    pub(super) fn stories(&self, list: List) -> usize {
        self.of(list).count()
    }

    fn of(&self, list: List) -> impl Iterator<Item = usize> {
        let numbered = self.pieces.iter().enumerate();
        numbered.filter_map(move |(at, piece)| piece.is_of(list).then_some(at))
    }

    /// Takes a story out, as it is written.
    pub(super) fn take(&mut self, list: List, index: usize) -> Option<String> {
        let at = self.of(list).nth(index)?;
        let is_last = at + 1 == self.pieces.len();
        let taken = self.pieces.remove(at);
        if let Some(above) = at
            .checked_sub(1)
            .and_then(|above| self.pieces.get_mut(above))
        {
            if is_last && !above.gap.contains('#') {
                above.gap = taken.gap;
            } else if taken.gap.contains('#') {
                if !above.gap.contains('#') {
                    above.gap.clear();
                }
                above.gap.push_str(&taken.gap);
            }
        }
        Some(taken.body)
    }

    /// Puts a story into a list before the one that is at that index now, else behind the last.
    pub(super) fn put(&mut self, list: List, index: usize, body: &str) {
        let path = vec![list.key().to_owned()];
        let mut body = body.to_owned();
        let headers = Outline::of(&body).headers;
        for header in headers.iter().rev() {
            body.replace_range(header.name.clone(), list.key());
        }
        let here: Vec<usize> = self.of(list).collect();
        let at = match (here.get(index), here.last()) {
            (Some(at), _) => *at,
            (None, Some(last)) => last + 1,
            (None, None) => self.start_of(list),
        };
        let (gap, length) = (self.line_end.repeat(2), self.pieces.len());
        let mut piece = Piece { path, body, gap };
        // What is between the end of a list and what follows stays there.
        if here.len() <= index
            && let Some(above) = at
                .checked_sub(1)
                .and_then(|above| self.pieces.get_mut(above))
            && (at == length || !above.gap.is_empty())
        {
            std::mem::swap(&mut above.gap, &mut piece.gap);
        }
        self.pieces.insert(at, piece);
    }

    /// Where the first story of a list goes that has none: behind the lists before it.
    fn start_of(&self, list: List) -> usize {
        let before = List::ALL.into_iter().filter(|before| *before < list);
        let last = before.filter_map(|before| self.of(before).last()).max();
        last.map_or_else(
            || {
                let head = |piece: &Piece| piece.path.first().is_none_or(|name| name == "line");
                self.pieces.iter().take_while(|piece| head(piece)).count()
            },
            |last| last + 1,
        )
    }

    /// Says behind the header of the first story of a list that it is the first, where a draft says so.
    pub(super) fn mark_first(&mut self, list: List, mark: &str) {
        let mut is_marked = false;
        for at in self.of(list).collect::<Vec<_>>() {
            let body = &mut self.pieces[at].body;
            // A comment of somebody's own that begins like the mark stays where it is.
            let Some(line) = header_line(body) else {
                continue;
            };
            let head = body[line.clone()].trim_end();
            if let Some(before) = head.strip_suffix(mark) {
                let start = line.start + before.len();
                body.replace_range(start..start + mark.len(), "");
                is_marked = true;
            }
        }
        let first = self.of(list).next().filter(|_| is_marked);
        if let Some(first) = first {
            let body = &mut self.pieces[first].body;
            if let Some(line) = header_line(body) {
                body.insert_str(line.end, mark);
            }
        }
    }

    /// Sets a key of the edition, or of a story; `None` takes it away. `order`: the keys in the order in which a draft has them. `comment`:
    /// what a draft has in place of the key when it is not there.
    pub(super) fn set(
        &mut self,
        story: Option<(List, usize)>,
        key: &str,
        value: Option<&str>,
        order: &[&str],
        comment: Option<&str>,
    ) {
        let at = match story {
            None => 0,
            Some((list, index)) => match self.of(list).nth(index) {
                Some(at) => at,
                None => return,
            },
        };
        let line_end = self.line_end;
        let value = value.map(|value| value.replace("\r\n", "\n").replace('\n', line_end));
        let piece = &mut self.pieces[at];
        let (body, depth) = (&mut piece.body, piece.path.len());
        if !body.is_empty() {
            body.push_str(line_end);
        }
        set(
            body,
            depth,
            key,
            value.as_deref(),
            (order, comment, line_end),
        );
        body.truncate(body.trim_end().len());
        if at == 0 && !body.is_empty() && piece.gap.is_empty() && self.pieces.len() > 1 {
            self.pieces[0].gap = line_end.repeat(2);
        }
    }

    /// How the value of a key of the edition is written.
    pub(super) fn value(&self, key: &str) -> Option<String> {
        let body = &self.pieces.first()?.body;
        let entries = Outline::of(body).entries;
        let entry = entries.iter().find(|entry| entry.path == [key])?;
        Some(body[entry.value.clone()].to_owned())
    }
}

fn set(
    body: &mut String,
    depth: usize,
    key: &str,
    value: Option<&str>,
    (order, comment, line_end): (&[&str], Option<&str>, &str),
) {
    let outline = Outline::of(body);
    let is_key = |entry: &&Entry| entry.path.get(depth).is_some_and(|name| name == key);
    let said: Vec<&Entry> = outline.entries.iter().filter(is_key).collect();
    if let ([one], Some(value)) = (&said[..], value)
        && one.path.len() == depth + 1
    {
        body.replace_range(one.value.clone(), value);
        return;
    }
    // Written in another way, as `picture.url = ..` or `[top.picture]`: from now on in one line.
    let tables = outline.headers.iter();
    let tables = tables.filter(|header| header.path.get(depth).is_some_and(|name| name == key));
    let mut gone: Vec<Range<usize>> = tables.map(|header| header.lines.clone()).collect();
    gone.extend(said.iter().map(|entry| entry.lines.clone()));
    gone.sort_by_key(|lines| lines.start);
    let first = gone.first().map(|lines| lines.start);
    for lines in gone.into_iter().rev() {
        body.replace_range(lines, "");
    }
    let line = match (value, comment) {
        (Some(value), _) => format!("{key} = {value}{line_end}"),
        (None, Some(comment)) if first.is_some() => format!("{comment}{line_end}"),
        (None, _) => return,
    };
    let outline = Outline::of(body);
    if let Some(comment) = comment {
        let mut comments = outline.comments.iter().copied();
        let place = comments.find(|at| body[*at..].lines().next() == Some(comment));
        if let Some(at) = place {
            let end = line_below(body, at);
            body.replace_range(at..end, &line);
            return;
        }
    }
    let rank = |name: &String| order.iter().position(|known| known == name).unwrap_or(0);
    let own = order.iter().position(|known| *known == key).unwrap_or(0);
    let above = outline.entries.iter().filter(|entry| {
        entry.path.len() == depth + entry.own
            && entry.path.get(depth).is_some_and(|name| rank(name) < own)
    });
    let above = above.map(|entry| entry.lines.end).max();
    let header = || outline.headers.first().map(|header| header.lines.end);
    let top = || {
        let first = outline.entries.first().map(|entry| entry.lines.start);
        first.unwrap_or(body.len())
    };
    let at = above.or_else(header).unwrap_or_else(top);
    body.insert_str(at, &line);
}

impl Piece {
    fn new(path: Vec<String>, text: &str, body: usize) -> Self {
        Self {
            path,
            body: text[..body].to_owned(),
            gap: text[body..].to_owned(),
        }
    }

    fn is_of(&self, list: List) -> bool {
        self.path == [list.key()]
    }

    /// Whether the other is a table inside this story.
    fn is_around(&self, other: &Self) -> bool {
        let mut lists = List::ALL.into_iter();
        other.path.len() > 1 && lists.any(|list| self.is_of(list) && other.path[0] == self.path[0])
    }
}

/// The line of the first header, without its end.
fn header_line(body: &str) -> Option<Range<usize>> {
    let lines = Outline::of(body).headers.first()?.lines.clone();
    Some(lines.start..lines.start + body[lines].trim_end().len())
}

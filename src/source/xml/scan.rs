//! Tags and text of XML that may be broken. Nothing is refused: what is no tag is text.

use super::entities::Entities;

/// An opening tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::source) struct Tag<'t> {
    pub name: &'t str,
    /// Everything behind the name, as written.
    pub attributes: &'t str,
    /// `<name/>`.
    pub empty: bool,
}

/// One piece of the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::source) enum Token<'t> {
    Open(Tag<'t>),
    /// `</name>`.
    Close(&'t str),
    /// Text with its entities.
    Text(&'t str),
    /// The inside of a CDATA section.
    Data(&'t str),
}

/// Walks over a document once, from front to end.
pub(in crate::source) struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Whether the document ended inside a tag, a comment or a section.
    pub cut: bool,
}

impl<'t> Scan<'t> {
    pub(in crate::source) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            cut: false,
        }
    }

    /// How far it has come, in octets.
    pub(in crate::source) fn at(&self) -> usize {
        self.at
    }

    /// Goes back to a place where a token began.
    pub(in crate::source) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The document's own text between two places where tokens began.
    pub(in crate::source) fn between(&self, from: usize, to: usize) -> &'t str {
        &self.text[from..to]
    }

    pub(in crate::source) fn next(&mut self) -> Option<Token<'t>> {
        loop {
            let rest = &self.text[self.at..];
            let Some(inside) = rest.strip_prefix('<') else {
                if rest.is_empty() {
                    return None;
                }
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Some(Token::Text(&rest[..end]));
            };
            if let Some(data) = inside.strip_prefix("![CDATA[") {
                let end = data.find("]]>");
                self.cut |= end.is_none();
                let data = &data[..end.unwrap_or(data.len())];
                self.at =
                    (self.at + "<![CDATA[".len() + data.len() + "]]>".len()).min(self.text.len());
                return Some(Token::Data(data));
            }
            let skipped = if inside.starts_with("!--") {
                rest.find("-->").map(|end| end + 3)
            } else if inside.starts_with('?') {
                rest.find('>').map(|end| end + 1)
            } else if inside.starts_with('!') {
                doctype(rest)
            } else if inside
                .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/'))
            {
                return self.tag(rest);
            } else {
                self.at += 1;
                return Some(Token::Text("<"));
            };
            self.cut |= skipped.is_none();
            self.at += skipped.unwrap_or(rest.len());
        }
    }

    fn tag(&mut self, rest: &'t str) -> Option<Token<'t>> {
        let Some((inside, length)) = tag_end(rest) else {
            self.cut = true;
            self.at = self.text.len();
            return None;
        };
        self.at += length;
        if let Some(name) = inside.strip_prefix('/') {
            return Some(Token::Close(name.trim()));
        }
        let (inside, empty) = inside
            .strip_suffix('/')
            .map_or((inside, false), |inside| (inside, true));
        let end = inside
            .find(|c: char| c.is_whitespace() || c == '/')
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(end);
        Some(Token::Open(Tag {
            name,
            attributes,
            empty,
        }))
    }
}

/// The inside of the tag `rest` begins with, and the tag's length.
fn tag_end(rest: &str) -> Option<(&str, usize)> {
    let mut quote = None;
    let mut before = 0;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            // No attribute holds a raw `<`: a quote or the tag itself was never closed.
            b'<' => {
                return Some(match rest[..at].find('>') {
                    Some(end) => (&rest[1..end], end + 1),
                    None => (&rest[1..at], at),
                });
            }
            b'>' if quote.is_none() => return Some((&rest[1..at], at + 1)),
            b'"' | b'\'' => match quote {
                Some(open) if open == byte => quote = None,
                None if before == b'=' => quote = Some(byte),
                _ => {}
            },
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    rest.find('>').map(|end| (&rest[1..end], end + 1))
}

/// The length of a document type declaration; it may hold an inner part in brackets.
fn doctype(rest: &str) -> Option<usize> {
    let end = rest.find('>')?;
    match rest[..end].find('[') {
        Some(open) => {
            let close = open + rest[open..].find(']')?;
            Some(close + rest[close..].find('>')? + 1)
        }
        None => Some(end + 1),
    }
}

/// The name without its prefix, and the prefix.
pub(in crate::source) fn local(name: &str) -> (&str, &str) {
    match name.rsplit_once(':') {
        Some((prefix, local)) => (local, prefix),
        None => (name, ""),
    }
}

/// The attributes of a tag, values decoded.
pub(in crate::source) fn attributes<'t>(
    text: &'t str,
    entities: &mut Entities,
) -> Vec<(&'t str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(rest.len());
        let name;
        (name, rest) = rest.split_at(end);
        let Some(value) = rest.trim_start().strip_prefix('=') else {
            if name.is_empty() {
                return found;
            }
            continue;
        };
        let value = value.trim_start();
        let (raw, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        rest = after;
        found.push((name, entities.decode(raw).into_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let mut scan = Scan::new(text);
        let mut found = Vec::new();
        while let Some(token) = scan.next() {
            found.push(match token {
                Token::Open(tag) => {
                    let end = if tag.empty { "/" } else { "" };
                    format!("+{}({}){end}", tag.name, tag.attributes.trim())
                }
                Token::Close(name) => format!("-{name}"),
                Token::Text(text) => format!("`{text}`"),
                Token::Data(text) => format!("[{text}]"),
            });
        }
        found.extend(scan.cut.then(|| "!".to_owned()));
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn tokens() {
        check("<a b='c>d'>x</a>", "+a(b='c>d') `x` -a");
        check(
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a/>",
            "+a()/",
        );
        check("<!-- <b> --><a><![CDATA[<b>]]></a>", "+a() [<b>] -a");
    }

    #[test]
    fn broken_pieces() {
        check("a < b & c", "`a ` `<` ` b & c`");
        check("<a b='c><d>x", "+a(b='c) +d() `x`");
        check("<a don't>x</a>", "+a(don't) `x` -a");
        check("<a <b>", "+a() +b()");
        check("<a><![CDATA[x", "+a() [x] !");
        check("<a><!-- x", "+a() !");
        check("<a>x</a", "+a() `x` !");
    }

    #[test]
    fn attributes_in_any_quotes() {
        let found = attributes(
            " a=\"1&amp;2\" b='x y' c=z d /e=\"open",
            &mut Entities::default(),
        );
        let found: Vec<String> = found
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(found, ["a=1&2", "b=x y", "c=z", "e=open"]);
    }

    proptest! {
        #[test]
        fn never_panics_and_ends(text in "([<>&;/a-z =\"'!?\\[\\]-]|\\PC){0,200}") {
            let mut scan = Scan::new(&text);
            while let Some(token) = scan.next() {
                if let Token::Open(tag) = token {
                    attributes(tag.attributes, &mut Entities::default());
                }
            }
            prop_assert_eq!(scan.at(), text.len());
        }
    }
}

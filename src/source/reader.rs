//! The elements of a feed that may be broken: their texts, their attributes, what their prefixes mean.

use std::collections::HashMap;

use super::scan::{Entities, Scan, Token, attributes, local};

/// How many octets of one feed are read again because an element in them was never closed: enough for a `<br>` in every item.
const AGAIN: usize = 20_000_000;

/// Which dialect the items are written in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dialect {
    Rss,
    Atom,
}

/// What an element's prefix means.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Space {
    /// The feed's own.
    Main,
    Atom,
    Content,
    DublinCore,
    FeedBurner,
    Itunes,
    Media,
    Other,
}

/// Reads elements one after the other.
pub(super) struct Reader<'t> {
    pub(super) scan: Scan<'t>,
    pub(super) entities: Entities,
    spaces: HashMap<&'t str, Space>,
    pub(super) dialect: Dialect,
    /// The name of an item's element.
    pub(super) wanted: &'static str,
    /// How many octets were read again.
    again: usize,
}

impl<'t> Reader<'t> {
    /// Reads on from where `scan` is.
    pub(super) fn new(scan: Scan<'t>, dialect: Dialect) -> Self {
        Self {
            scan,
            entities: Entities::default(),
            spaces: HashMap::new(),
            dialect,
            wanted: match dialect {
                Dialect::Rss => "item",
                Dialect::Atom => "entry",
            },
            again: 0,
        }
    }

    /// The text of an element up to its end: entities decoded once. If tags stand in it unescaped it is HTML, and stays as written.
    /// One that is never closed ends at the first tag.
    pub(super) fn capture(&mut self, name: &str) -> String {
        let start = self.scan.at();
        let (mut text, mut depth) = (String::new(), 1_usize);
        let mut first_tag = None;
        loop {
            let from = self.scan.at();
            let token = self.scan.next();
            if token.is_none_or(|token| token != Token::Close(name) && self.ends_item(token)) {
                self.rewind(first_tag.unwrap_or(from), from);
                return text;
            }
            match token {
                Some(Token::Text(piece)) if first_tag.is_none() => {
                    text.push_str(&self.entities.decode(piece));
                }
                Some(Token::Data(piece)) if first_tag.is_none() => text.push_str(piece),
                Some(Token::Close(tag)) => {
                    depth -= usize::from(tag == name);
                    if depth == 0 {
                        if first_tag.is_some() {
                            let inner = self.scan.between(start, from);
                            text = inner.replace("<![CDATA[", "").replace("]]>", "");
                        }
                        return text;
                    }
                    first_tag.get_or_insert(from);
                }
                Some(Token::Open {
                    name: tag, empty, ..
                }) => {
                    depth += usize::from(tag == name && !empty);
                    first_tag.get_or_insert(from);
                }
                _ => {}
            }
        }
    }

    /// The texts of an element: its own, or those of its children called `child`.
    pub(super) fn texts(&mut self, name: &str, child: &str) -> Vec<String> {
        let (mut own, mut texts) = (String::new(), Vec::new());
        loop {
            let from = self.scan.at();
            let Some(token) = self.scan.next() else { break };
            match token {
                Token::Text(piece) => own.push_str(&self.entities.decode(piece)),
                Token::Data(piece) => own.push_str(piece),
                Token::Close(tag) if tag == name => break,
                token if self.ends_item(token) => {
                    self.scan.back_to(from);
                    break;
                }
                Token::Open { empty: true, .. } | Token::Close(_) => {}
                Token::Open { name: tag, .. } if local(tag).0 == child => {
                    texts.push(self.capture(tag));
                }
                Token::Open { name: tag, .. } => self.skip(tag),
            }
        }
        if texts.is_empty() {
            texts.push(own);
        }
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    pub(super) fn skip_unless(&mut self, empty: bool, name: &str) {
        if !empty {
            self.skip(name);
        }
    }

    /// Passes over an element; over its opening tag only, if it is never closed.
    pub(super) fn skip(&mut self, name: &str) {
        let start = self.scan.at();
        let mut depth = 1_usize;
        loop {
            let from = self.scan.at();
            match self.scan.next() {
                None => return,
                Some(Token::Close(tag)) if tag == name => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                Some(Token::Open {
                    name: tag, empty, ..
                }) if tag == name => depth += usize::from(!empty),
                Some(token) if self.ends_item(token) => {
                    return self.rewind(start, from);
                }
                Some(_) => {}
            }
        }
    }

    /// Whether an item cannot go on past this token, closed or not.
    pub(super) fn ends_item(&self, token: Token<'_>) -> bool {
        match token {
            Token::Open { name, .. } => local(name).0 == self.wanted,
            Token::Close(name) => {
                let tag = local(name).0;
                tag == self.wanted || matches!(tag, "channel" | "feed" | "rss" | "RDF")
            }
            _ => false,
        }
    }

    /// Goes back to `to`, if that does not add up to too much; else to `end`.
    fn rewind(&mut self, to: usize, end: usize) {
        self.again += end - to;
        self.scan
            .back_to(if self.again <= AGAIN { to } else { end });
    }

    pub(super) fn attribute(&mut self, written: &'t str, key: &str) -> Option<String> {
        if !written.contains(key) {
            return None;
        }
        attributes(written, &mut self.entities)
            .into_iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// Notes the prefixes a tag declares.
    pub(super) fn declare(&mut self, written: &'t str) {
        if written.contains("xmlns:") {
            for (name, value) in attributes(written, &mut self.entities) {
                if let Some(prefix) = name.strip_prefix("xmlns:") {
                    self.spaces.insert(prefix, space_of(&value, self.dialect));
                }
            }
        }
    }

    pub(super) fn space(&mut self, name: &str, written: &'t str) -> Space {
        let (_, prefix) = local(name);
        if prefix.is_empty() {
            let own = self.attribute(written, "xmlns");
            return own.map_or(Space::Main, |uri| space_of(&uri, self.dialect));
        }
        let known = self.spaces.get(prefix).copied();
        known.unwrap_or(match prefix {
            "media" => Space::Media,
            "dc" => Space::DublinCore,
            "content" => Space::Content,
            "itunes" => Space::Itunes,
            "feedburner" => Space::FeedBurner,
            "atom" | "atom10" | "a10" if self.dialect == Dialect::Rss => Space::Atom,
            "atom" | "rss" => Space::Main,
            _ => Space::Other,
        })
    }
}

/// What a namespace means. Feeds write them without the last slash, with `https`, in old versions.
fn space_of(uri: &str, dialect: Dialect) -> Space {
    let has = |part: &str| uri.contains(part);
    if has("search.yahoo.com/mrss") {
        Space::Media
    } else if has("purl.org/dc/") {
        Space::DublinCore
    } else if has("rss/1.0/modules/content") {
        Space::Content
    } else if has("itunes.com/dtds/podcast") {
        Space::Itunes
    } else if has("feedburner") {
        Space::FeedBurner
    } else if has("w3.org/2005/Atom") || has("purl.org/atom/ns") {
        match dialect {
            Dialect::Rss => Space::Atom,
            Dialect::Atom => Space::Main,
        }
    } else if (has("purl.org/rss/1.0") && !has("modules"))
        || has("my.netscape.com/rdf")
        || has("backend.userland.com/rss")
    {
        Space::Main
    } else {
        Space::Other
    }
}

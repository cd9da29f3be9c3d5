//! The elements of a feed that may be broken: their texts, their attributes, what their prefixes mean.

use std::collections::HashMap;

use super::entities::Entities;
use super::scan::{Scan, Tag, Token, attributes, local};

/// How many octets of one feed are read again because an element in them was never closed: enough for a `<br>` in every item.
const AGAIN: usize = 20_000_000;

/// What an element's prefix means.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::source) enum Space {
    /// The feed's own: RSS's or Atom's, whichever of them the feed is written in.
    Main,
    Content,
    DublinCore,
    FeedBurner,
    Itunes,
    Media,
    Other,
}

/// Reads elements one after the other.
pub(in crate::source) struct Reader<'t> {
    pub(in crate::source) scan: Scan<'t>,
    pub(in crate::source) entities: Entities,
    spaces: HashMap<&'t str, Space>,
    /// The name of an item's element.
    pub(in crate::source) wanted: &'static str,
    /// How many octets were read again.
    again: usize,
}

impl<'t> Reader<'t> {
    /// Reads on from where `scan` is, items called `wanted`.
    pub(in crate::source) fn new(scan: Scan<'t>, wanted: &'static str) -> Self {
        Self {
            scan,
            entities: Entities::default(),
            spaces: HashMap::new(),
            wanted,
            again: 0,
        }
    }

    /// The text of an element up to its end: entities decoded once. Tags in it that are not escaped make it HTML, and it is left as
    /// written. An element that is never closed ends at the first tag; where the document breaks off in it, its text is not whole, and
    /// empty.
    pub(in crate::source) fn capture(&mut self, tag: Tag<'t>) -> String {
        if tag.empty {
            return String::new();
        }
        let start = self.scan.at();
        let (mut text, mut depth) = (String::new(), 1_usize);
        let mut first_tag = None;
        loop {
            let from = self.scan.at();
            let token = self.scan.next();
            if token.is_none_or(|token| token != Token::Close(tag.name) && self.ends_item(token)) {
                self.rewind(first_tag.unwrap_or(from), from);
                if token.is_none() && first_tag.is_none() {
                    text.clear();
                }
                return text;
            }
            match token {
                Some(Token::Text(piece)) if first_tag.is_none() => {
                    text.push_str(&self.entities.decode(piece));
                }
                Some(Token::Data(piece)) if first_tag.is_none() => text.push_str(piece),
                Some(Token::Close(name)) => {
                    depth -= usize::from(name == tag.name);
                    if depth == 0 {
                        if first_tag.is_some() {
                            let inner = self.scan.between(start, from);
                            text = inner.replace("<![CDATA[", "").replace("]]>", "");
                        }
                        return text;
                    }
                    first_tag.get_or_insert(from);
                }
                Some(Token::Open(inner)) => {
                    depth += usize::from(inner.name == tag.name && !inner.empty);
                    first_tag.get_or_insert(from);
                }
                _ => {}
            }
        }
    }

    /// The texts of an element: its own, or those of its children called `child`.
    pub(in crate::source) fn texts(&mut self, tag: Tag<'t>, child: &str) -> Vec<String> {
        let (mut own, mut texts) = (String::new(), Vec::new());
        if tag.empty {
            return texts;
        }
        loop {
            let from = self.scan.at();
            let Some(token) = self.scan.next() else { break };
            match token {
                Token::Text(piece) => own.push_str(&self.entities.decode(piece)),
                Token::Data(piece) => own.push_str(piece),
                Token::Close(name) if name == tag.name => break,
                token if self.ends_item(token) => {
                    self.scan.back_to(from);
                    break;
                }
                Token::Open(inner) if local(inner.name).0 == child => {
                    texts.push(self.capture(inner));
                }
                Token::Open(inner) => self.skip(inner),
                Token::Close(_) => {}
            }
        }
        if texts.is_empty() {
            texts.push(own);
        }
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    /// Passes over an element; over its opening tag only, if it is never closed.
    pub(in crate::source) fn skip(&mut self, tag: Tag<'t>) {
        let start = self.scan.at();
        let mut depth = usize::from(!tag.empty);
        while depth > 0 {
            let from = self.scan.at();
            match self.scan.next() {
                None => return,
                Some(Token::Close(name)) if name == tag.name => depth -= 1,
                Some(Token::Open(inner)) if inner.name == tag.name => {
                    depth += usize::from(!inner.empty);
                }
                Some(token) if self.ends_item(token) => {
                    return self.rewind(start, from);
                }
                Some(_) => {}
            }
        }
    }

    /// Whether an item cannot go on past this token, closed or not.
    pub(in crate::source) fn ends_item(&self, token: Token<'_>) -> bool {
        match token {
            Token::Open(tag) => local(tag.name).0 == self.wanted,
            Token::Close(name) => {
                let name = local(name).0;
                name == self.wanted || matches!(name, "channel" | "feed" | "rss" | "RDF")
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

    /// The value of an attribute, trimmed; `None` if it is not there or empty.
    pub(in crate::source) fn attribute(&mut self, tag: Tag<'t>, key: &str) -> Option<String> {
        if !tag.attributes.contains(key) {
            return None;
        }
        attributes(tag.attributes, &mut self.entities)
            .into_iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// Notes the prefixes that a tag declares.
    pub(in crate::source) fn declare(&mut self, tag: Tag<'t>) {
        if tag.attributes.contains("xmlns:") {
            for (name, value) in attributes(tag.attributes, &mut self.entities) {
                if let Some(prefix) = name.strip_prefix("xmlns:") {
                    self.spaces.insert(prefix, space_of(&value));
                }
            }
        }
    }

    pub(in crate::source) fn space(&mut self, tag: Tag<'t>) -> Space {
        let (_, prefix) = local(tag.name);
        if prefix.is_empty() {
            // `xmlns=""` takes a namespace away; scripts that build feeds write it into every element.
            let own = self.attribute(tag, "xmlns");
            return own.map_or(Space::Main, |uri| space_of(&uri));
        }
        let known = self.spaces.get(prefix).copied();
        known.unwrap_or(match prefix {
            "media" => Space::Media,
            "dc" => Space::DublinCore,
            "content" => Space::Content,
            "itunes" => Space::Itunes,
            "feedburner" => Space::FeedBurner,
            "atom" | "atom10" | "a10" | "rss" => Space::Main,
            _ => Space::Other,
        })
    }
}

/// What a namespace means. Feeds write them without the last slash, with `https`, in old versions.
fn space_of(uri: &str) -> Space {
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
    } else if has("w3.org/2005/Atom")
        || has("purl.org/atom/ns")
        || (has("purl.org/rss/1.0") && !has("modules"))
        || has("my.netscape.com/rdf")
        || has("backend.userland.com/rss")
    {
        Space::Main
    } else {
        Space::Other
    }
}

//! One item of a feed written anew, see [`super::repair`].

use super::item::Image;
use super::reader::{Dialect, Reader, Space};
use super::repair::Piece;
use super::scan::{Token, attributes, local};

/// How the document around an item begins.
pub(super) const RSS: &str = r#"<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item>"#;
/// How the document around an entry begins.
pub(super) const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom"><entry>"#;

impl<'t> Reader<'t> {
    /// One item, its opening tag already read; `None` if the document ends in it.
    pub(super) fn item(&mut self) -> Option<Piece> {
        let mut piece = Piece::default();
        piece.xml.push_str(match self.dialect {
            Dialect::Rss => RSS,
            Dialect::Atom => ATOM,
        });
        let mut inside: Option<usize> = None;
        let (mut credit, mut caption, mut title) = (None, None, None);
        let mut thumbnails = Vec::new();
        loop {
            let from = self.scan.at();
            match self.scan.next()? {
                Token::Close(name) if local(name).0 == self.wanted => break,
                Token::Close(name) if local(name).0 == "content" => inside = None,
                token if self.ends_item(token) => {
                    self.scan.back_to(from);
                    break;
                }
                Token::Open {
                    name,
                    attributes,
                    empty,
                } => {
                    self.declare(attributes);
                    let tag = local(name).0;
                    match (self.space(name, attributes), tag) {
                        (Space::Media, "group") => {}
                        (Space::Media, "content") => {
                            inside = self
                                .media(attributes, &mut piece.pictures)
                                .filter(|_| !empty);
                        }
                        (Space::Media, "thumbnail") => {
                            thumbnails.extend(self.image(attributes, "url"));
                            self.skip_unless(empty, name);
                        }
                        (Space::Itunes, "image") => {
                            let image = self.image(attributes, "href");
                            piece.pictures.extend(image);
                            self.skip_unless(empty, name);
                        }
                        (Space::Media, "credit" | "description" | "title") if !empty => {
                            let text =
                                Some(self.capture(name)).filter(|text| !text.trim().is_empty());
                            let picture = inside.and_then(|at| piece.pictures.get_mut(at));
                            match (tag, picture) {
                                ("credit", Some(picture)) if picture.credit.is_none() => {
                                    picture.credit = text;
                                }
                                ("description", Some(picture)) => picture.alt = text,
                                ("title", Some(picture)) if picture.alt.is_none() => {
                                    picture.alt = text;
                                }
                                (_, Some(_)) => {}
                                ("credit", None) => credit = credit.or(text),
                                ("description", None) => caption = caption.or(text),
                                (_, None) => title = title.or(text),
                            }
                        }
                        (Space::Main, "enclosure") => {
                            self.enclosure(attributes, "url", &mut piece.pictures);
                            self.skip_unless(empty, name);
                        }
                        (Space::Main, "image") if !empty => {
                            let urls = self.texts(name, "url");
                            piece.pictures.extend(urls.into_iter().map(|url| Image {
                                url,
                                ..Image::default()
                            }));
                        }
                        (Space::Main | Space::Atom, "author") | (Space::DublinCore, "creator")
                            if !empty =>
                        {
                            piece.authors.extend(self.texts(name, "name"));
                        }
                        (Space::FeedBurner, "origLink") if !empty => {
                            piece.original = Some(self.capture(name));
                        }
                        (space, _) => self.element(space, name, attributes, empty, &mut piece),
                    }
                }
                _ => {}
            }
        }
        // Last, so that of two pictures of unknown size the whole one comes first.
        piece.pictures.append(&mut thumbnails);
        for picture in &mut piece.pictures {
            picture.credit = picture.credit.take().or_else(|| credit.clone());
            picture.alt = picture
                .alt
                .take()
                .or_else(|| caption.clone())
                .or_else(|| title.clone());
        }
        piece.xml.push_str(match self.dialect {
            Dialect::Rss => "</item></channel></rss>",
            Dialect::Atom => "</entry></feed>",
        });
        Some(piece)
    }

    /// Writes an element that feed-rs is to read; skips one that nobody needs.
    fn element(
        &mut self,
        space: Space,
        name: &'t str,
        written: &'t str,
        empty: bool,
        piece: &mut Piece,
    ) {
        let atom = self.dialect == Dialect::Atom;
        let to = match (space, local(name).0) {
            (Space::Main, tag @ ("title" | "link" | "category")) => tag,
            (Space::Main, tag @ "content") if atom => tag,
            (Space::Main | Space::Atom, "summary" | "description") => {
                if atom {
                    "summary"
                } else {
                    "description"
                }
            }
            (Space::Content, "encoded") => {
                if atom {
                    "content"
                } else {
                    "content:encoded"
                }
            }
            (Space::Atom, "link") => "link",
            (Space::Main, tag @ "guid") if !atom => tag,
            (Space::DublinCore, "subject") => "category",
            (Space::Main | Space::Atom, "pubDate" | "published" | "issued" | "created")
            | (Space::Main | Space::DublinCore, "date") => {
                if atom {
                    "published"
                } else {
                    "pubDate"
                }
            }
            (Space::Main | Space::Atom, "updated" | "modified") => "updated",
            _ => return self.skip_unless(empty, name),
        };
        let attributes = attributes(written, &mut self.entities);
        let value = |key: &str| {
            attributes
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim())
        };
        let text = if empty {
            String::new()
        } else {
            self.capture(name)
        };
        let text = match to {
            "title" | "summary" | "content" | "description" | "content:encoded" => text.as_str(),
            _ => text.trim(),
        };
        match to {
            "link" => {
                let rel = value("rel").unwrap_or("alternate");
                let href = value("href").unwrap_or(text);
                if rel == "enclosure" {
                    let image = value("type").is_some_and(|kind| kind.starts_with("image/"));
                    piece.pictures.extend(image.then(|| Image {
                        url: href.to_owned(),
                        ..Image::default()
                    }));
                } else if rel == "alternate" && !href.is_empty() {
                    if atom {
                        let kind = value("type").unwrap_or("text/html");
                        write_tag(
                            &mut piece.xml,
                            "link",
                            &[("rel", rel), ("type", kind), ("href", href)],
                            "",
                        );
                    } else {
                        write_tag(&mut piece.xml, "link", &[], href);
                    }
                }
            }
            "category" => {
                let term = value("label").or(value("term")).unwrap_or(text);
                let scheme = value("scheme").or(value("domain")).unwrap_or_default();
                if term.is_empty() {
                } else if atom {
                    write_tag(
                        &mut piece.xml,
                        to,
                        &[("term", term), ("scheme", scheme)],
                        "",
                    );
                } else {
                    write_tag(&mut piece.xml, to, &[("domain", scheme)], term);
                }
            }
            "guid"
                if value("isPermaLink")
                    .is_some_and(|value| value.eq_ignore_ascii_case("false")) => {}
            // An empty text is an error to feed-rs.
            _ if text.trim().is_empty() => {}
            "title" | "summary" | "content" if atom => {
                write_tag(&mut piece.xml, to, &[("type", "html")], text);
            }
            _ => write_tag(&mut piece.xml, to, &[], text),
        }
    }

    /// `media:content`: a picture and its place in the list, if it is one.
    fn media(&mut self, written: &'t str, pictures: &mut Vec<Image>) -> Option<usize> {
        let kind = self.attribute(written, "type").unwrap_or_default();
        let medium = self.attribute(written, "medium").unwrap_or_default();
        let image = self.image(written, "url")?;
        let is_image = kind.starts_with("image/")
            || medium == "image"
            || (kind.is_empty() && medium.is_empty() && looks_like_image(&image.url));
        is_image.then(|| {
            pictures.push(image);
            pictures.len() - 1
        })
    }

    fn enclosure(&mut self, written: &'t str, key: &str, pictures: &mut Vec<Image>) {
        let kind = self.attribute(written, "type").unwrap_or_default();
        let image = self.image(written, key);
        pictures.extend(image.filter(|image| {
            kind.starts_with("image/") || (kind.is_empty() && looks_like_image(&image.url))
        }));
    }

    fn image(&mut self, written: &'t str, key: &str) -> Option<Image> {
        let attributes = attributes(written, &mut self.entities);
        let value = |key: &str| {
            attributes
                .iter()
                .find(|(name, value)| *name == key && !value.trim().is_empty())
                .map(|(_, value)| value.trim())
        };
        Some(Image {
            url: value(key)?.to_owned(),
            width: value("width").and_then(|width| width.parse().ok()),
            height: value("height").and_then(|height| height.parse().ok()),
            alt: None,
            credit: None,
        })
    }
}

fn looks_like_image(url: &str) -> bool {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// Writes an element with nothing but text in it.
pub(super) fn write_tag(out: &mut String, name: &str, attributes: &[(&str, &str)], text: &str) {
    out.push('<');
    out.push_str(name);
    for (key, value) in attributes {
        out.push(' ');
        out.push_str(key);
        out.push_str("=\"");
        escape(out, value);
        out.push('"');
    }
    out.push('>');
    escape(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Writes text so that none of it is markup.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Allowed in no XML document.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
}

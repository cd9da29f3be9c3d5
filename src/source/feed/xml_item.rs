//! One item of an XML feed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::source::decode;
use crate::source::image::{Image, is_format, looks_like_image};
use crate::source::item::{Category, Item};
use crate::source::xml::{Reader, Space, Tag, Token, local};

/// How good an address of the story is; the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// FeedBurner's address of the story itself.
    Original,
    Page,
    OtherFormat,
    Permalink,
    /// The entry itself, as a document of its own.
    Own,
    /// Said to be no address, but it looks like one.
    Id,
}

/// What is gathered of an item until its end.
#[derive(Default)]
struct Parts {
    item: Item,
    links: Vec<(Rank, String)>,
    /// Dates of changes: worse than those of publication.
    updated: Vec<String>,
    /// A title that is not the feed's own kind of title.
    other_title: String,
    thumbnails: Vec<Image>,
    /// The place in `item.pictures` of the picture that what follows is about.
    inside: Option<usize>,
    /// Where in `item.pictures` the sizes of one picture begin.
    group: Option<usize>,
    /// What is said of pictures outside of any.
    credit: Option<String>,
    caption: Option<String>,
    media_title: Option<String>,
    /// That of a picture.
    picture_title: Option<String>,
}

impl<'t> Reader<'t> {
    /// One item, its opening tag already read, and whether the document goes on behind it.
    pub(super) fn item(&mut self, tag: Tag<'t>) -> (Item, bool) {
        let mut parts = Parts::default();
        parts.item.base = self.attribute(tag, "xml:base");
        if tag.empty {
            return (parts.finish(), true);
        }
        loop {
            let from = self.scan.at();
            match self.scan.next() {
                None => return (parts.finish(), false),
                Some(Token::Close(name)) if local(name).0 == self.wanted => break,
                Some(Token::Close(name)) if local(name).0 == "content" => parts.inside = None,
                Some(Token::Close(name)) if local(name).0 == "group" => parts.end_group(),
                Some(token) if self.ends_item(token) => {
                    self.scan.back_to(from);
                    break;
                }
                Some(Token::Open(tag)) => {
                    self.declare(tag);
                    match self.space(tag) {
                        Space::Media => self.media(tag, &mut parts),
                        space => self.element(space, tag, &mut parts),
                    }
                }
                Some(_) => {}
            }
        }
        (parts.finish(), true)
    }

    fn element(&mut self, space: Space, tag: Tag<'t>, parts: &mut Parts) {
        let item = &mut parts.item;
        let fill = |field: &mut String, text: String| {
            if field.trim().is_empty() {
                *field = text;
            }
        };
        match (space, local(tag.name).0) {
            (Space::Main, "title") => fill(&mut item.headline, self.markup(tag)),
            (Space::DublinCore | Space::Itunes, "title") => {
                fill(&mut parts.other_title, self.capture(tag));
            }
            (Space::Main, "summary" | "description") | (Space::DublinCore, "description") => {
                fill(&mut item.summary, self.markup(tag));
            }
            (Space::Main, "content") | (Space::Content, "encoded") => {
                fill(&mut item.content, self.markup(tag));
            }
            (Space::Main, "link") => self.link(tag, parts),
            (Space::FeedBurner, "origLink") => {
                parts.links.push((Rank::Original, self.capture(tag)));
            }
            (Space::Main, "guid" | "id") => {
                let no_link = self
                    .attribute(tag, "isPermaLink")
                    .is_some_and(|value| value.eq_ignore_ascii_case("false"));
                let id = self.capture(tag);
                fill(&mut item.id, id.trim().to_owned());
                if id.trim_start().starts_with("http") {
                    let rank = if no_link { Rank::Id } else { Rank::Permalink };
                    parts.links.push((rank, id));
                }
            }
            (Space::Main, "category") | (Space::DublinCore, "subject") => {
                let (label, term) = (self.attribute(tag, "label"), self.attribute(tag, "term"));
                let scheme = self
                    .attribute(tag, "scheme")
                    .or_else(|| self.attribute(tag, "domain"));
                let text = self.capture(tag);
                item.categories.push(Category {
                    name: label.or(term).unwrap_or(text),
                    scheme: scheme.unwrap_or_default(),
                });
            }
            (Space::Main | Space::DublinCore, "date")
            | (Space::Main, "pubDate" | "published" | "issued" | "created") => {
                item.dates.push(self.capture(tag));
            }
            (Space::Main, "updated" | "modified") => parts.updated.push(self.capture(tag)),
            (Space::Main, "author") | (Space::DublinCore, "creator") => {
                item.authors.extend(self.texts(tag, "name"));
            }
            (Space::Main, "enclosure") => {
                self.enclosure(tag, "url", &mut item.pictures);
                self.skip(tag);
            }
            (Space::Main, "image") => {
                let urls = self.texts(tag, "url");
                item.pictures.extend(urls.into_iter().map(Image::at));
            }
            (Space::Itunes, "image") => {
                item.pictures.extend(self.image(tag, "href"));
                self.skip(tag);
            }
            _ => self.skip(tag),
        }
    }

    fn link(&mut self, tag: Tag<'t>, parts: &mut Parts) {
        let rel = self.attribute(tag, "rel");
        let kind = self.attribute(tag, "type");
        if rel.as_deref() == Some("enclosure") {
            self.enclosure(tag, "href", &mut parts.item.pictures);
            return self.skip(tag);
        }
        let href = self.attribute(tag, "href");
        let text = self.capture(tag);
        let href = href.unwrap_or(text);
        let rank = match rel.as_deref().unwrap_or("alternate") {
            "alternate" if kind.is_none_or(|kind| kind.contains("html")) => Rank::Page,
            "alternate" => Rank::OtherFormat,
            "self" => Rank::Own,
            _ => return,
        };
        if !href.trim().is_empty() {
            parts.links.push((rank, href));
        }
    }

    /// The text of an element that may hold HTML. Atom 0.3 may pack it in Base64.
    fn markup(&mut self, tag: Tag<'t>) -> String {
        let says_packed = |value: Option<String>| {
            value.is_some_and(|value| value.to_ascii_lowercase().ends_with("base64"))
        };
        let packed =
            says_packed(self.attribute(tag, "mode")) || says_packed(self.attribute(tag, "type"));
        let text = self.capture(tag);
        if !packed {
            return text;
        }
        let bare: String = text.split_ascii_whitespace().collect();
        match STANDARD.decode(bare) {
            Ok(bytes) => decode::text(&bytes, Some("windows-1252")).into_owned(),
            Err(_) => text,
        }
    }

    /// An element of Media RSS.
    fn media(&mut self, tag: Tag<'t>, parts: &mut Parts) {
        let name = local(tag.name).0;
        match name {
            "group" => parts.group = Some(parts.item.pictures.len()),
            "content" => {
                let before = parts.item.pictures.len();
                let medium = self.attribute(tag, "medium");
                if medium.as_deref() == Some("image") {
                    parts.item.pictures.extend(self.image(tag, "url"));
                } else if medium.is_none() {
                    self.enclosure(tag, "url", &mut parts.item.pictures);
                }
                let is_new = parts.item.pictures.len() > before;
                parts.inside = (is_new && !tag.empty).then_some(before);
            }
            "thumbnail" => {
                parts.thumbnails.extend(self.image(tag, "url"));
                self.skip(tag);
            }
            "credit" | "description" | "title" => {
                let text = Some(self.capture(tag)).filter(|text| !text.trim().is_empty());
                let picture = parts.inside.and_then(|at| parts.item.pictures.get_mut(at));
                match (name, picture) {
                    ("credit", Some(picture)) => picture.credit = picture.credit.take().or(text),
                    // It says more of what is seen than a title.
                    ("description", Some(picture)) => picture.alt = text,
                    (_, Some(picture)) => {
                        parts.picture_title = parts.picture_title.take().or_else(|| text.clone());
                        picture.alt = picture.alt.take().or(text);
                    }
                    ("credit", None) => parts.credit = parts.credit.take().or(text),
                    ("description", None) => parts.caption = parts.caption.take().or(text),
                    (_, None) => parts.media_title = parts.media_title.take().or(text),
                }
            }
            _ => self.skip(tag),
        }
    }

    /// Adds what an element links to, if that is a picture.
    fn enclosure(&mut self, tag: Tag<'t>, key: &str, pictures: &mut Vec<Image>) {
        let kind = self.attribute(tag, "type");
        let image = self.image(tag, key);
        pictures.extend(image.filter(|image| match kind {
            Some(kind) if kind.contains('/') && !kind.ends_with("/octet-stream") => {
                kind.starts_with("image/")
            }
            Some(kind) if is_format(kind.trim()) => true,
            _ => looks_like_image(&image.url),
        }));
    }

    fn image(&mut self, tag: Tag<'t>, key: &str) -> Option<Image> {
        let mut pixels = |key: &str| self.attribute(tag, key)?.parse().ok();
        let (width, height) = (pixels("width"), pixels("height"));
        Some(Image {
            width,
            height,
            ..Image::at(self.attribute(tag, key)?)
        })
    }
}

impl Parts {
    /// What a group holds is one picture in several sizes.
    fn end_group(&mut self) {
        let pictures = &mut self.item.pictures;
        if let Some(from) = self.group.take().filter(|from| *from < pictures.len()) {
            let sizes = pictures.split_off(from);
            pictures.extend(Image::of_sizes(&sizes));
        }
    }

    fn finish(self) -> Item {
        let Self {
            mut item,
            mut links,
            ..
        } = self;
        links.sort_by_key(|(rank, _)| *rank);
        item.links = links.into_iter().map(|(_, link)| link).collect();
        item.dates.extend(self.updated);
        let titles = [
            Some(self.other_title),
            self.media_title.clone(),
            self.picture_title,
        ];
        item.headline = std::iter::once(item.headline)
            .chain(titles.into_iter().flatten())
            .find(|title| !title.trim().is_empty())
            .unwrap_or_default();
        // Last, so that of two pictures of unknown size the whole one comes first.
        item.pictures.extend(self.thumbnails);
        for picture in &mut item.pictures {
            picture.credit = picture.credit.take().or_else(|| self.credit.clone());
            picture.alt = picture
                .alt
                .take()
                .or_else(|| self.caption.clone())
                .or_else(|| self.media_title.clone());
        }
        item
    }
}

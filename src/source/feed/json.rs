//! JSON Feed 1 and 1.1 (jsonfeed.org).

use serde_json::Value;

use super::Feed;
use crate::source::image::Image;
use crate::source::item::{Category, Item};
use crate::source::{json, plain};

/// Reads a feed, at most `most` items of it; `None` if it is no JSON Feed.
pub(super) fn read(text: &str, most: usize) -> Option<Feed> {
    let list = json::list(text, "items", most)?;
    let beside = |key: &str| Some(list.beside.get(key)?.as_str()?.to_owned());
    Some(Feed {
        title: beside("title")
            .map(|title| plain::escaped(&title))
            .unwrap_or_default(),
        link: beside("home_page_url"),
        own: beside("feed_url"),
        base: None,
        items: list.elements.iter().map(|(_, value)| item(value)).collect(),
        cut: list.fault.is_some(),
        more: list.more,
    })
}

/// The feed's own author is nobody's byline: it names the paper.
fn item(value: &Value) -> Item {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let list = |key: &str| value[key].as_array().into_iter().flatten();
    let html = value["content_html"].as_str();
    let images = list("attachments").filter_map(|attachment| {
        let image = attachment["mime_type"].as_str()?.starts_with("image/");
        image.then(|| &attachment["url"])
    });
    let id = Some(text("id")).filter(|id| id.starts_with("http"));
    Item {
        headline: text("title"),
        links: ["url", "external_url"]
            .map(text)
            .into_iter()
            .chain(id)
            .collect(),
        id: text("id"),
        summary: text("summary"),
        // `content_text` is text: what looks like markup in it is none.
        content: html.map_or_else(|| plain::escaped(&text("content_text")), str::to_owned),
        authors: list("authors")
            .chain([&value["author"]])
            .filter_map(|author| author["name"].as_str())
            .map(str::to_owned)
            .collect(),
        categories: list("tags")
            .filter_map(Value::as_str)
            .map(Category::named)
            .collect(),
        dates: vec![text("date_published"), text("date_modified")],
        pictures: [&value["image"], &value["banner_image"]]
            .into_iter()
            .chain(images)
            .filter_map(|url| Some(Image::at(url.as_str()?.to_owned())))
            .collect(),
        base: None,
    }
}

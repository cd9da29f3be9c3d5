//! What everybody may read: editions that were really sent, their list and their feed (Atom, RFC 4287). All of it is held in memory, as it
//! goes out; the ledger is asked again for the list every few seconds, and by one request at a time.

use std::fmt::Write as _;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::SecondsFormat;
use maud::Escaper;
use tokio::time::Instant;

use super::html::PageFrame;
use super::kept::{CachedBody, Shelf};
use super::meters::ServiceCall;
use super::state::{Here, SiteState};
use crate::model::edition::Slug;
use crate::site::Publication;
use crate::site::service::Archived;

/// How old the list may be.
const FRESH: Duration = Duration::from_secs(10);
/// The most editions held in memory, of some 30 KB each.
const HELD: usize = 128;
/// The most editions in the feed.
const IN_FEED: usize = 30;

/// What the list, the feed and an edition may be kept for.
const LIST_KEEPS: &str = "public, max-age=60";
const EDITION_KEEPS: &str = "public, max-age=3600";

/// What an edition may do: style itself and show pictures.
const EDITION_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The list; from the edition that `?before=` names on, the older ones. Of several newsletters: which there are.
pub(super) async fn editions(
    State(pages): Here,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    if let Some(frame) = pages.frame_of(None) {
        return pages.list(&frame, query.as_deref(), &headers).await;
    }
    let all = pages.frames.iter().map(|frame| &*frame.publication);
    Ok(pages.frame.newsletters(all))
}

/// The feed; of several newsletters, that of the one whose feed was here when it was the only one.
pub(super) async fn feed(State(pages): Here, headers: HeaderMap) -> Result<Response, Response> {
    if let Some(frame) = pages.frame_of(None) {
        return Ok(pages.shelf(&frame).await?.feed.reply(&headers));
    }
    for frame in &pages.frames {
        let shelf = pages.shelf(frame).await?;
        if shelf.editions.iter().any(|edition| edition.is_of_the_only) {
            return Ok(moved(&frame.publication.public.feed()));
        }
    }
    Err(pages.frame.lost())
}

/// `editions/DAY`; of several newsletters `editions/NAME`, `editions/NAME.atom`, and of an edition that was sent before they were several
/// the way to where it is now.
pub(super) async fn edition(
    State(pages): Here,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let lost = || pages.frame.lost();
    let Path(path) = path.map_err(|_| lost())?;
    if let Ok(slug) = path.parse::<Slug>() {
        if let Some(frame) = pages.frame_of(None) {
            return pages.edition(&frame, slug, &headers).await;
        }
        let frame = pages.moved_to(&slug).await?.ok_or_else(lost)?;
        let link = frame.publication.public.edition(&slug).ok_or_else(lost)?;
        return Ok(moved(link.as_str()));
    }
    let feed = path.strip_suffix(".atom");
    let name = feed.unwrap_or(&path).parse().ok();
    let frame = name.as_ref().and_then(|name| pages.frame_of(Some(name)));
    let frame = frame.ok_or_else(lost)?;
    if feed.is_some() {
        Ok(pages.shelf(&frame).await?.feed.reply(&headers))
    } else {
        pages.list(&frame, query.as_deref(), &headers).await
    }
}

/// `editions/NAME/DAY`.
pub(super) async fn edition_of(
    State(pages): Here,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let found = path.ok().and_then(|Path((name, day))| {
        let frame = pages.frame_of(Some(&name.parse().ok()?))?;
        Some((frame, day.parse::<Slug>().ok()?))
    });
    let (frame, slug) = found.ok_or_else(|| pages.frame.lost())?;
    pages.edition(&frame, slug, &headers).await
}

/// The way to where a page is now, for good.
fn moved(to: &str) -> Response {
    Redirect::permanent(to).into_response()
}

impl SiteState {
    async fn list(
        &self,
        frame: &Arc<PageFrame>,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Response, Response> {
        let shelf = self.shelf(frame).await?;
        let before = query.and_then(|query| query.strip_prefix("before="));
        let Some(before) = before.and_then(|text| text.parse::<Slug>().ok()) else {
            return Ok(shelf.list.reply(headers));
        };
        let older = shelf
            .editions
            .iter()
            .position(|edition| edition.slug == before);
        match older.and_then(|at| shelf.editions.get(at + 1..)) {
            Some(older) if !older.is_empty() => Ok(list_of(frame, older).reply(headers)),
            _ => Err(frame.lost()),
        }
    }

    async fn edition(
        &self,
        frame: &Arc<PageFrame>,
        slug: Slug,
        headers: &HeaderMap,
    ) -> Result<Response, Response> {
        // Days that no edition has cost the ledger nothing.
        let shelf = self.shelf(frame).await?;
        let listed = shelf.editions.iter().find(|edition| edition.slug == slug);
        let key = (
            slug.clone(),
            listed.ok_or_else(|| frame.lost())?.corrections,
        );
        let held = &frame.archive.editions;
        let kept = held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .map(|kept| kept.reply(headers));
        if let Some(reply) = kept {
            return Ok(reply);
        }
        let (of, asked) = (Arc::clone(&frame.publication), slug.clone());
        let page = self
            .ask(ServiceCall::Edition, |it| it.edition(of, asked))
            .await?;
        let kind = "text/html; charset=utf-8";
        let kept = CachedBody::new(kind, page.html.clone(), Some(page.frozen), EDITION_KEEPS)
            .under(EDITION_POLICY);
        let reply = kept.reply(headers);
        let mut held = held.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD {
            held.clear();
        }
        held.insert(key, kept);
        Ok(reply)
    }

    /// The newsletter whose edition of that day was sent when it was the only one: its letters name addresses without a newsletter's name.
    pub(super) async fn moved_to(&self, slug: &Slug) -> Result<Option<&Arc<PageFrame>>, Response> {
        for frame in &self.frames {
            let shelf = self.shelf(frame).await?;
            let mut editions = shelf.editions.iter();
            if editions.any(|edition| edition.is_of_the_only && edition.slug == *slug) {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    /// The list as it is, or was a moment ago. While one request looks again, others get what is known; where nothing is, they wait.
    async fn shelf(&self, frame: &PageFrame) -> Result<Arc<Shelf>, Response> {
        let archive = &frame.archive;
        let is_fresh = |shelf: &Arc<Shelf>| shelf.looked.elapsed() < FRESH;
        let known = archive.known();
        let _turn = match (&known, archive.turn.try_lock()) {
            (Some(shelf), _) if is_fresh(shelf) => return Ok(Arc::clone(shelf)),
            (_, Ok(turn)) => turn,
            (Some(shelf), Err(_)) => return Ok(Arc::clone(shelf)),
            (None, Err(_)) => archive.turn.lock().await,
        };
        if let Some(shelf) = archive.known().filter(is_fresh) {
            return Ok(shelf);
        }
        let of = Arc::clone(&frame.publication);
        let asked = self.ask(ServiceCall::Editions, |it| it.editions(of));
        let editions = match asked.await {
            Ok(editions) => editions,
            Err(response) => return known.ok_or(response),
        };
        let looked = Instant::now();
        let shelf = match known {
            Some(known) if known.editions == editions => Shelf {
                looked,
                ..(*known).clone()
            },
            _ => Shelf {
                list: list_of(frame, &editions),
                feed: feed_of(frame, &editions),
                editions,
                looked,
            },
        };
        let shelf = Arc::new(shelf);
        let mut known = archive
            .shelf
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *known = Some(Arc::clone(&shelf));
        Ok(shelf)
    }
}

fn list_of(frame: &PageFrame, editions: &[Archived]) -> CachedBody {
    let page = frame.editions(editions).into_string();
    let newest = editions.first().map(|edition| edition.frozen);
    CachedBody::new("text/html; charset=utf-8", page, newest, LIST_KEEPS)
}

fn feed_of(frame: &PageFrame, editions: &[Archived]) -> CachedBody {
    let newest = editions.first().map(|edition| edition.frozen);
    let body = atom(&frame.publication, &editions[..editions.len().min(IN_FEED)]);
    CachedBody::new(
        "application/atom+xml; charset=utf-8",
        body,
        newest,
        LIST_KEEPS,
    )
}

fn atom(publication: &Publication, editions: &[Archived]) -> String {
    let (public, newsletter) = (&publication.public, &publication.newsletter);
    let instant = |edition: &Archived| edition.frozen.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{}</id>\n<title>{}</title>\n\
         <updated>{}</updated>\n<author><name>{}</name></author>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n",
        newsletter.language.tag(),
        xml(&public.feed()),
        xml(newsletter.name.as_str()),
        // The element is required; without an edition nothing has ever been changed.
        editions
            .first()
            .map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), instant),
        xml(newsletter.name.as_str()),
        xml(&public.feed()),
        xml(&public.editions()),
    );
    for edition in editions {
        let Some(link) = public.edition(&edition.slug) else {
            continue;
        };
        let (link, instant) = (xml(link.as_str()), instant(edition));
        _ = writeln!(
            feed,
            "<entry>\n<id>{link}</id>\n<title>{}</title>\n<updated>{instant}</updated>\n<published>{instant}</published>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{link}\"/>\n<summary>{}</summary>\n</entry>",
            xml(edition.subject.as_str()),
            xml(edition.opening.as_str()),
        );
    }
    feed.push_str("</feed>\n");
    feed
}

/// Text as XML writes it: escaped, and without the characters that XML 1.0 (section 2.2) has no way to write.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for piece in text.split(['\u{fffe}', '\u{ffff}']) {
        _ = Escaper::new(&mut escaped).write_str(piece);
    }
    escaped
}

//! The pictures of letters. One address is the same for all readers and nothing is written down of who asks, so none of them counts anybody.

use axum::extract::rejection::PathRejection;
use axum::extract::{self, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::kept::CachedBody;
use super::state::Here;
use crate::model::picture::PictureName;
use crate::newsroom;

/// A name is made from what the file holds: it never changes.
const KEEPS: &str = "public, max-age=31536000, immutable";
/// A picture does nothing.
const POLICY: &str = "default-src 'none'; sandbox";

pub(super) async fn picture(
    State(pages): Here,
    name: Result<extract::Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let name = name
        .ok()
        .and_then(|name| name.0.parse::<PictureName>().ok());
    let name = name.ok_or_else(|| pages.frame.lost())?;
    if let Some(reply) = pages.pictures.reply(&name, &headers) {
        return Ok(reply);
    }
    let (folder, file) = (pages.service.pictures.clone(), name.clone());
    let read = tokio::task::spawn_blocking(move || newsroom::pictures::get(&folder, &file)).await;
    let (kind, octets) = read.ok().flatten().ok_or_else(|| pages.frame.lost())?;
    let kept = CachedBody::new(kind, octets, None, KEEPS)
        .under(POLICY)
        .for_all();
    let reply = kept.reply(&headers);
    pages.pictures.hold(name, kept);
    Ok(reply)
}

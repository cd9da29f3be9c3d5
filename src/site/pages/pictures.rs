//! The pictures of letters. One address is the same for all readers and nothing is written down of who asks, so none of them counts anybody.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use axum::extract::rejection::PathRejection;
use axum::extract::{self, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::kept::Kept;
use super::state::Here;
use crate::model::picture::PictureName;
use crate::newsroom;

/// The most octets of pictures held in memory.
const HELD: usize = 32_000_000;

/// A name is made from what the file holds: it never changes.
const KEEPS: &str = "public, max-age=31536000, immutable";
/// A picture does nothing.
const POLICY: &str = "default-src 'none'; sandbox";

/// Those that were asked for lately.
#[derive(Default)]
pub(super) struct Held(RwLock<HashMap<PictureName, Kept>>);

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
    let kept = Kept::new(kind, octets, None, KEEPS).under(POLICY).for_all();
    let reply = kept.reply(&headers);
    pages.pictures.hold(name, kept);
    Ok(reply)
}

impl Held {
    fn reply(&self, name: &PictureName, headers: &HeaderMap) -> Option<Response> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(name).map(|kept| kept.reply(headers))
    }

    fn hold(&self, name: PictureName, kept: Kept) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.values().map(Kept::octets).sum::<usize>() + kept.octets() > HELD {
            held.clear();
        }
        held.insert(name, kept);
    }
}

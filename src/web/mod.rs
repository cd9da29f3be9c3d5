//! What answers to a browser. It decides nothing about editions and keeps nothing: a page shows what it was handed.

pub mod preview;

use axum::http::{HeaderMap, HeaderName};

/// The value of a header that stands there exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

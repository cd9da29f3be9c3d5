//! How a picture of an edition is shown, after what was found when it was looked at.

use std::borrow::Cow;

use super::Edition;
use crate::model::link::Link;
use crate::model::picture::{Format, Found, Look};
use crate::model::story::Picture;

impl Edition {
    /// What was found at that address, if it was looked at.
    #[must_use]
    pub fn look(&self, of: &Link) -> Option<&Look> {
        self.looks.iter().find(|look| look.of == *of)
    }

    /// The picture as it is shown so many pixels wide: the smallest copy that is sharp there, or itself in its true size. `None` if there is
    /// nothing that all mail programs show.
    #[must_use]
    pub fn as_shown<'p>(&self, picture: &'p Picture, width: u32) -> Option<Cow<'p, Picture>> {
        let seen = match self.look(&picture.url).map(|look| &look.found) {
            None => return Some(Cow::Borrowed(picture)),
            Some(Found::Nothing { .. }) => return None,
            Some(Found::Picture(seen)) => seen,
        };
        let shown = |url: &Link, width, height| {
            Some(Cow::Owned(Picture {
                url: url.clone(),
                width: Some(width),
                height: Some(height),
                ..picture.clone()
            }))
        };
        let sharp = seen.copies.iter().rev();
        let sharp = sharp.into_iter().find(|copy| copy.width / 2 >= width);
        match sharp.or(seen.copies.first()) {
            Some(copy) => shown(&copy.url, copy.width, copy.height),
            None if seen.format == Format::WebP => None,
            None => shown(&picture.url, seen.width, seen.height),
        }
    }
}

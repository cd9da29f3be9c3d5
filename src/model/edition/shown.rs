//! How a picture of an edition is shown, after what was found when it was looked at.

use std::borrow::Cow;

use super::Edition;
use crate::model::link::Link;
use crate::model::picture::{Format, Found, Look, PictureCopy, Place};
use crate::model::story::Picture;

impl Edition {
    /// What was found at that address, if it was looked at.
    #[must_use]
    pub fn look(&self, of: &Link) -> Option<&Look> {
        self.looks.iter().find(|look| look.of == *of)
    }

    /// The picture as it is shown so many pixels wide: the smallest copy that is sharp there, and no heavier than the place allows; or itself in
    /// its true size. `None` if there is nothing that all mail programs show.
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
        let sharp = |copy: &&PictureCopy| copy.width / 2 >= width;
        // One of grain has few pixels, so that it is no heavier than its place allows; the sharp one is of a larger place, and heavier.
        let most = Place::of_width(width).map_or(usize::MAX, Place::octets);
        let light = |copy: &&PictureCopy| copy.octets <= most as u64;
        let smallest_first = || seen.copies.iter().rev();
        let copy = smallest_first().find(|copy| sharp(copy) && light(copy));
        let copy = copy.or_else(|| seen.copies.iter().find(light));
        match copy
            .or_else(|| smallest_first().find(sharp))
            .or(seen.copies.first())
        {
            Some(copy) => shown(&copy.url, copy.width, copy.height),
            None if seen.format == Format::WebP => None,
            None => shown(&picture.url, seen.width, seen.height),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::picture::Seen;

    /// What is shown where a place needs so many pixels, of copies with these widths and octets.
    fn shown(copies: &[(u32, u64)], widths: [u32; 5]) -> [u32; 5] {
        let url = Link::parse("https://harbourtimes.example/a.jpg").unwrap();
        let copies = copies.iter().map(|(width, octets)| PictureCopy {
            url: url.clone(),
            width: *width,
            height: width * 2 / 3,
            octets: *octets,
        });
        let seen = Seen {
            format: Format::Jpeg,
            width: 4_000,
            height: 2_700,
            octets: None,
            copies: copies.collect(),
        };
        let mut edition = Edition::new("2026-08-24".parse().unwrap());
        edition.looks.push(Look {
            of: url.clone(),
            found: Found::Picture(seen),
        });
        let picture = Picture::at(url);
        widths.map(|width| edition.as_shown(&picture, width).unwrap().width.unwrap())
    }

    #[test]
    fn the_smallest_sharp_copy_that_is_light_enough() {
        let all = [600, 450, 216, 114, u32::MAX];
        let fine = [(1_200, 90_000), (900, 50_000), (576, 25_000), (304, 7_000)];
        assert_eq!(shown(&fine, all), [1_200, 900, 576, 304, 1_200]);
        let grain = [(900, 107_000), (675, 59_000), (432, 27_000), (228, 7_900)];
        assert_eq!(shown(&grain, all), [900, 675, 432, 228, 900]);
        // A small picture, and copies of a time when they might weigh more.
        assert_eq!(
            shown(&[(500, 24_000), (304, 7_000)], all),
            [500, 500, 500, 304, 500]
        );
        assert_eq!(
            shown(&[(1_200, 140_000), (304, 9_000)], all),
            [304, 304, 304, 304, 1_200]
        );
        assert_eq!(shown(&[(1_200, 140_000)], all), [1_200; 5]);
    }
}

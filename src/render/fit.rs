//! At what size a picture is shown.

use crate::model::story::{Picture, unseen};

/// Pixels: what is known to be smaller is a tracking pixel or an icon.
const LEAST: u32 = 50;
/// A picture that many times longer than wide is none: its size is a slip.
const LONGEST: u32 = 10;

/// A place for a picture, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    /// A picture known to be narrower does not go there: it would be blurred, or leave a hole.
    pub(super) least: u32,
}

/// How a picture is shown in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Pixels.
    pub(super) width: u32,
    /// Pixels, if known.
    pub(super) height: Option<u32>,
    /// How high it may be at most, where it is higher than its place or nobody knows.
    pub(super) at_most: Option<u32>,
}

/// Width and height, if both are known and can be true.
pub(super) fn sides(picture: &Picture) -> Option<(u32, u32)> {
    let (width, height) = (picture.width?, picture.height?);
    let shape = width.max(height).checked_div(width.min(height))?;
    (shape <= LONGEST).then_some((width, height))
}

/// The picture in its place; `None` if it is too small, or of a kind that not every mail program shows. It keeps its shape and is never made
/// larger.
pub(super) fn fit(picture: &Picture, frame: Frame) -> Option<Shown> {
    if unseen(&picture.url).is_some() {
        return None;
    }
    let Some((width, height)) = sides(picture) else {
        // Of two sides that cannot be true, neither is believed.
        let both = picture.width.is_some_and(|side| side > 0)
            && picture.height.is_some_and(|side| side > 0);
        let width = picture.width.filter(|width| *width > 0 && !both);
        let height = picture.height.filter(|height| *height > 0 && !both);
        let small = width.is_some_and(|width| width < frame.least.max(LEAST))
            || height.is_some_and(|height| height < LEAST);
        return (!small).then_some(Shown {
            width: width.map_or(frame.width, |width| width.min(frame.width)),
            height: None,
            at_most: Some(frame.height),
        });
    };
    if width < frame.least.max(LEAST) || height < LEAST {
        return None;
    }
    let shown = width.min(frame.width);
    let (wide, high) = (u64::from(width), u64::from(height));
    let high = (u64::from(shown) * high + wide / 2) / wide;
    let high = u32::try_from(high).unwrap_or(frame.height).max(1);
    Some(Shown {
        width: shown,
        height: Some(high),
        // A few pixels are no difference to the eye.
        at_most: (high > frame.height + frame.height / 40).then_some(frame.height),
    })
}

/// The picture, narrow enough to be no higher than its place.
pub(super) fn within(picture: &Picture, frame: Frame) -> Option<Shown> {
    let shown = fit(picture, frame)?;
    let (Some((width, height)), Some(most)) = (sides(picture), shown.at_most) else {
        return Some(shown);
    };
    let (wide, high, most) = (u64::from(width), u64::from(height), u64::from(most));
    let narrow = u32::try_from((most * wide + high / 2) / high).unwrap_or(frame.width);
    Some(Shown {
        width: narrow.clamp(1, shown.width),
        height: Some(frame.height),
        at_most: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::link::Link;

    const PLACE: Frame = Frame {
        width: 600,
        height: 400,
        least: 100,
    };

    fn picture(url: &str, width: Option<u32>, height: Option<u32>) -> Picture {
        Picture {
            width,
            height,
            ..Picture::at(Link::parse(url).unwrap())
        }
    }

    fn check(url: &str, width: Option<u32>, height: Option<u32>) -> String {
        let shown = fit(&picture(url, width, height), PLACE);
        shown.map_or_else(String::new, |shown| {
            let side = |side: Option<u32>| side.map_or_else(String::new, |side| side.to_string());
            format!(
                "{}x{} {}",
                shown.width,
                side(shown.height),
                side(shown.at_most)
            )
        })
    }

    #[test]
    fn fits_its_place_and_keeps_its_shape() {
        let jpeg = "https://harbour.example/a.jpg?w=1";
        for (width, height, expected) in [
            (Some(1200), Some(800), "600x400 "),
            (Some(1203), Some(803), "600x400 "),
            (Some(1200), Some(675), "600x338 "),
            (Some(300), Some(200), "300x200 "),
            (Some(800), Some(1200), "600x900 400"),
            (Some(1200), None, "600x 400"),
            (Some(80), None, ""),
            (Some(80), Some(80), ""),
            (None, Some(40), ""),
            (None, None, "600x 400"),
        ] {
            assert_eq!(check(jpeg, width, height), expected, "{width:?} {height:?}");
        }
    }

    #[test]
    fn a_portrait_that_cannot_be_cropped_is_shown_narrower() {
        let jpeg = "https://harbour.example/a.jpg";
        let narrow = |width, height| {
            within(&picture(jpeg, Some(width), Some(height)), PLACE)
                .map(|shown| (shown.width, shown.height))
        };
        assert_eq!(narrow(800, 1200), Some((267, Some(400))));
        assert_eq!(narrow(900, 900), Some((400, Some(400))));
        assert_eq!(narrow(1200, 800), Some((600, Some(400))));
        assert_eq!(narrow(u32::MAX, u32::MAX), Some((400, Some(400))));
    }

    #[test]
    fn a_size_that_cannot_be_is_unknown() {
        let jpeg = "https://harbour.example/a.jpg";
        for (width, height) in [(1, 9_999), (9_999, 1), (u32::MAX, 100)] {
            assert_eq!(
                check(jpeg, Some(width), Some(height)),
                "600x 400",
                "{width}x{height}"
            );
        }
        assert_eq!(check(jpeg, Some(0), Some(0)), "600x 400");
        assert_eq!(check(jpeg, Some(0), Some(300)), "600x 400");
        assert_eq!(check(jpeg, Some(150), Some(1500)), "150x1500 400");
    }

    #[test]
    fn what_clients_do_not_show_is_left_out() {
        for url in [
            "https://harbour.example/a.webp",
            "https://harbour.example/A.AVIF?w=600",
            "https://harbour.example/a.svg",
            "https://harbour.example/a.jpg?w=600&format=webp",
        ] {
            assert_eq!(check(url, Some(600), Some(400)), "");
        }
        assert_eq!(
            check("https://harbour.example/pixel.gif", Some(1), Some(1)),
            ""
        );
    }
}

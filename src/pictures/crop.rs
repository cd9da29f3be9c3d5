//! Which part of a picture is shown, and how large.

use crate::model::picture::Place;

/// A part of a picture, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// The part that has a shape fit for the place: the middle of what is too wide or too high, the upper third of a portrait, where faces are.
pub(super) fn part(width: u32, height: u32, place: Place) -> Part {
    if place.is_whole() {
        let (x, y) = (0, 0);
        return Part {
            x,
            y,
            width,
            height,
        };
    }
    let (most, shape) = (place.flattest(), place.size());
    let (w, h) = (u64::from(width), u64::from(height));
    let flat = |(a, b): (u32, u32)| w * u64::from(b) > h * u64::from(a);
    let side = |pixels: u64| u32::try_from(pixels).unwrap_or(u32::MAX).max(1);
    if flat(most) {
        let kept = side(rounded(h * u64::from(most.0), most.1)).min(width);
        let x = (width - kept) / 2;
        Part {
            x,
            y: 0,
            width: kept,
            height,
        }
    } else if flat(shape) {
        Part {
            x: 0,
            y: 0,
            width,
            height,
        }
    } else {
        let kept = side(rounded(w * u64::from(shape.1), shape.0)).min(height);
        let middle = if height > width {
            height / 3
        } else {
            height / 2
        };
        let y = middle.saturating_sub(kept / 2).min(height - kept);
        Part {
            x: 0,
            y,
            width,
            height: kept,
        }
    }
}

impl Part {
    /// Width and height of its copy, never larger than itself.
    pub(super) fn size(&self, place: Place) -> (u32, u32) {
        let (width, height) = place.size();
        if self.width <= width && (self.height <= height || !place.is_whole()) {
            return (self.width, self.height);
        }
        if place.is_whole()
            && u64::from(self.height) * u64::from(width) > u64::from(self.width) * u64::from(height)
        {
            let narrow = rounded(u64::from(self.width) * u64::from(height), self.height);
            return (u32::try_from(narrow).unwrap_or(width).max(1), height);
        }
        let own = rounded(u64::from(self.height) * u64::from(width), self.width);
        let own = u32::try_from(own).unwrap_or(height).max(1);
        // A pixel more or less is a matter of rounding: all copies for a place are of one size.
        (
            width,
            if own.abs_diff(height) <= 1 {
                height
            } else {
                own
            },
        )
    }
}

/// The size of a whole picture, at which the part that is shown is as large as its copy.
pub(super) fn enough(width: u32, height: u32, place: Place) -> (u32, u32) {
    let part = part(width, height, place);
    let (copy, _) = part.size(place);
    let scaled = |side: u32| {
        let pixels = (u64::from(side) * u64::from(copy)).div_ceil(part.width.into());
        u32::try_from(pixels).unwrap_or(side).clamp(1, side)
    };
    (scaled(width), scaled(height))
}

fn rounded(pixels: u64, by: u32) -> u64 {
    let by = u64::from(by);
    (pixels + by / 2) / by
}

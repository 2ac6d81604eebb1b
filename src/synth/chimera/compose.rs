//! One composite: the lower face laid onto the upper one, its light matched, blended along the seam.

use image::RgbImage;
use image::imageops::{FilterType, resize};

use super::mask::Mask;
use super::shape::{Fit, Shape};
use super::source::{Source, decode, grayed, is_gray};
use super::tone::{Pair, Tone};
use crate::synth::resample::{Floats, Kernel};
use crate::types::Affine;

/// A lower face this much larger than the upper one is shrunk first: sampled as it is, it would alias.
const SHRINK_FROM: f32 = 1.15;
/// A lower face this many times smaller than the upper one does not go with it: it would be blurred beside it.
const MOST_ENLARGED: f32 = 1.5;
/// Share of the lower face's pixels that may lie beyond its picture's edge, where the edge goes on.
const MOST_BEYOND: f32 = 0.01;
/// The least that the map may shrink areas, against the mean: below, skin is crumpled.
const LEAST_AREA: f32 = 0.2;
/// What may differ along the seam after the light is matched, in levels of 255 (root mean square).
const MOST_LEFTOVER: f32 = 12.0;

/// Why two pictures do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    Sizes,
    Shapes,
    Edge,
    Seam,
    FaceLost,
    Misplaced,
}

impl Unfit {
    pub const fn why(self) -> &'static str {
        match self {
            Self::Sizes => "lower face too small for the upper one",
            Self::Shapes => "faces of too different shapes",
            Self::Edge => "lower face cut by its picture's edge",
            Self::Seam => "seam would show (hair, beard, light)",
            Self::FaceLost => "no face found in the composite",
            Self::Misplaced => "landmarks of the composite not where its parts have them",
        }
    }
}

/// A composite.
#[derive(Clone, Debug)]
pub(super) struct Composite {
    /// As large as the upper face's picture, whose pixels it has outside the lower face.
    pub picture: RgbImage,
    /// Whether both parts are without colours.
    pub is_gray: bool,
    /// The landmarks where they should be found: of the lower picture from the mouth down, of the upper one elsewhere. In pixels.
    pub(super) expected: [Expected; 2],
}

/// Some landmarks and where they should be, in pixels.
pub(super) type Expected = Vec<(usize, [f32; 2])>;

/// Lids and corners of the eyes.
const EYES: [usize; 8] = [33, 133, 159, 145, 263, 362, 386, 374];
/// Corners and edges of the lips.
const LIPS: [usize; 6] = [61, 291, 0, 13, 14, 17];

/// Makes a composite of two pictures; the sources' own are decoded again. `Err` where they do not go together.
pub(super) fn compose(upper: &Source, lower: &Source) -> Result<Composite, Unfit> {
    if upper.icd_px > MOST_ENLARGED * lower.icd_px {
        return Err(Unfit::Sizes);
    }
    let (Some(mut top), Some(mut bottom)) = (decode(&upper.candidate), decode(&lower.candidate)) else {
        return Err(Unfit::Edge);
    };
    let is_gray = is_gray(&top) || is_gray(&bottom);
    if is_gray {
        (top, bottom) = (grayed(&top), grayed(&bottom));
    }
    let fit = Fit::new(&upper.shape, &lower.shape).ok_or(Unfit::Shapes)?;
    let mask = Mask::new(&upper.shape, &lower.shape, &fit);
    let mut bottom_from_face = lower.shape.image_from_face;
    let shrink = lower.icd_px / upper.icd_px;
    if shrink > SHRINK_FROM {
        let (from, size) = (bottom.dimensions(), |px: u32| ((px as f32 / shrink).round() as u32).max(2));
        bottom = resize(&bottom, size(from.0), size(from.1), FilterType::Triangle);
        let [sx, sy] = [bottom.width() as f32 / from.0 as f32, bottom.height() as f32 / from.1 as f32];
        bottom_from_face = Affine { rows: [[sx, 0.0, 0.0], [0.0, sy, 0.0]] }.after(&bottom_from_face);
    }
    let warped = warp(&top, &bottom, &upper.shape, &bottom_from_face, &fit, &mask)?;
    let pairs: Vec<Pair> = warped.iter().map(|(_, pair)| *pair).collect();
    let tone = Tone::new(&mask, &pairs).ok_or(Unfit::Seam)?;
    if tone.leftover > MOST_LEFTOVER {
        return Err(Unfit::Seam);
    }
    let mut picture = top;
    for (index, pair) in warped {
        let share = mask.at(pair.at);
        if share <= 0.0 {
            continue;
        }
        let lower = tone.apply(&mask, pair.at, pair.lower);
        let (x, y) = (index as u32 % picture.width(), index as u32 / picture.width());
        let blended = |i: usize| pair.upper[i] + share * (lower[i] - pair.upper[i]);
        picture.put_pixel(
            x,
            y,
            image::Rgb(std::array::from_fn(|i| blended(i).round().clamp(0.0, 255.0) as u8)),
        );
    }
    let image = &upper.shape.image_from_face;
    let eyes = EYES.map(|point| (point, image.apply(upper.shape.points[point]))).to_vec();
    let lips =
        LIPS.map(|point| (point, image.apply(fit.upper_from_lower.at(lower.shape.points[point])))).to_vec();
    Ok(Composite { picture, is_gray, expected: [eyes, lips] })
}

/// The pixels of the box around the lower face, by index: where they are, and what both pictures have there.
fn warp(
    top: &RgbImage,
    bottom: &RgbImage,
    upper: &Shape,
    bottom_from_face: &Affine,
    fit: &Fit,
    mask: &Mask,
) -> Result<Vec<(usize, Pair)>, Unfit> {
    let [left, above, right, below] = mask.bounds();
    // As far above the seam as light is compared there.
    let above = above - 0.2;
    let corners = [[left, above], [right, above], [left, below], [right, below]]
        .map(|corner| upper.image_from_face.apply(corner));
    let span = |axis: usize, size: u32| {
        let low = corners.iter().map(|corner| corner[axis]).fold(f32::MAX, f32::min).floor();
        let high = corners.iter().map(|corner| corner[axis]).fold(f32::MIN, f32::max).ceil();
        low.clamp(0.0, size as f32) as u32..high.clamp(0.0, size as f32) as u32
    };
    let (columns, rows) = (span(0, top.width()), span(1, top.height()));
    let (mut floats, kernel) = (Floats::default(), Kernel::new());
    floats.fill(bottom);
    let [width, height] = [bottom.width() as f32, bottom.height() as f32];
    let (mut pixels, mut all, mut beyond) = (Vec::new(), 0.0f32, 0.0f32);
    for y in rows {
        for x in columns.clone() {
            let at = upper.face_from_image.apply([x as f32 + 0.5, y as f32 + 0.5]);
            if mask.within(at) <= 0.0 {
                continue;
            }
            let from = bottom_from_face.apply(fit.lower_from_upper.at(at));
            let share = mask.at(at);
            all += share;
            let is_inside =
                (-1.0..=width + 1.0).contains(&from[0]) && (-1.0..=height + 1.0).contains(&from[1]);
            beyond += if is_inside { 0.0 } else { share };
            let pair =
                Pair { at, upper: top.get_pixel(x, y).0.map(f32::from), lower: floats.at(&kernel, from) };
            pixels.push((y as usize * top.width() as usize + x as usize, pair));
        }
    }
    if all <= 0.0 || beyond > MOST_BEYOND * all {
        return Err(Unfit::Edge);
    }
    if least_area(fit, mask) < LEAST_AREA {
        return Err(Unfit::Shapes);
    }
    Ok(pixels)
}

/// The least factor by which the map changes areas of the lower face.
fn least_area(fit: &Fit, mask: &Mask) -> f32 {
    const STEPS: usize = 16;
    let [left, above, right, below] = mask.bounds();
    let at = |low: f32, high: f32, step: usize| low + (high - low) * step as f32 / STEPS as f32;
    (0..=STEPS)
        .flat_map(|row| (0..=STEPS).map(move |column| (row, column)))
        .map(|(row, column)| [at(left, right, column), at(above, below, row)])
        .filter(|point| mask.at(*point) > 0.1)
        .map(|point| fit.lower_from_upper.enlarges(point))
        .fold(f32::MAX, f32::min)
}

//! The embedded portrait: where its features are, and the portrait resampled to the size of the frames.
//!
//! Coordinates are portrait pixels (512 x 512). The landmarks are MediaPipe FaceLandmarker's own output on this picture
//! (mediapipe 1.2.2, face_landmarker v2 float16), rounded to a tenth of a pixel; the index in the 478-point mesh stands
//! beside each. "Right" is the subject's right: the left of the picture.

use image::{Rgb, RgbImage};
use imageproc::filter::gaussian_blur_f32;
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};

use super::noise::gaussian;
use crate::capture::source::CaptureError;

const PORTRAIT_PNG: &[u8] = include_bytes!("../../../assets/portrait.png");

/// Inner-canthal distance (points 133 and 362), in portrait pixels.
pub(super) const ICD: f32 = 22.86;
/// Width and height.
const SIZE: f32 = 512.0;
/// What is best shown at the centre of the frame: all hair in view, chin and collar too.
const VIEW_CENTRE: [f32; 2] = [225.5, 109.0];
/// Centre of head and hair, and half their size: moves as one; the background stays.
pub(super) const HEAD_CENTRE: [f32; 2] = [226.0, 112.0];
/// See [`HEAD_CENTRE`].
pub(super) const HEAD_RADII: [f32; 2] = [80.0, 100.0];
/// Where the head turns and scales about: the top of the neck.
pub(super) const HEAD_PIVOT: [f32; 2] = [223.0, 170.0];

/// Midline of both brows, from the subject's right outer end to the left: means of the mesh's upper and lower brow
/// points (70+46, 63+53, 105+52, 66+65, 107+55; glabella; 336+285, 296+295, 334+282, 293+283, 300+276).
pub(super) const BROWS: [[f32; 2]; 11] = [
    [188.9, 91.8],
    [192.5, 89.2],
    [198.1, 88.2],
    [205.9, 89.3],
    [215.7, 92.4],
    [225.4, 93.0],
    [235.2, 93.1],
    [245.5, 91.2],
    [253.5, 91.0],
    [259.2, 92.7],
    [262.7, 95.8],
];
/// Mouth corners: 61 (right), 291 (left).
pub(super) const MOUTH_CORNERS: [[f32; 2]; 2] = [[202.3, 139.2], [244.5, 140.6]];

/// One eye's outline. Both lids run along rising x and share their end points.
pub(super) struct EyeOutline {
    /// Upper lid margin.
    pub(super) upper: [[f32; 2]; 9],
    /// Lower lid margin.
    pub(super) lower: [[f32; 2]; 9],
}

/// The subject's right eye: 33 246 161 160 159 158 157 173 133, and 33 7 163 144 145 153 154 155 133.
pub(super) const EYE_RIGHT: EyeOutline = EyeOutline {
    upper: [
        [195.3, 100.6],
        [196.1, 99.9],
        [197.2, 99.1],
        [199.2, 98.2],
        [202.6, 97.8],
        [206.1, 98.4],
        [209.7, 100.1],
        [212.4, 102.3],
        [213.6, 103.6],
    ],
    lower: [
        [195.3, 100.6],
        [196.8, 101.9],
        [198.3, 102.9],
        [200.7, 103.7],
        [204.2, 104.2],
        [207.6, 104.0],
        [210.8, 103.8],
        [212.8, 103.8],
        [213.6, 103.6],
    ],
};
/// The subject's left eye: 362 398 384 385 386 387 388 466 263, and 362 382 381 380 374 373 390 249 263.
pub(super) const EYE_LEFT: EyeOutline = EyeOutline {
    upper: [
        [236.4, 104.9],
        [237.8, 103.6],
        [240.6, 101.7],
        [244.3, 100.3],
        [248.1, 100.2],
        [251.5, 101.0],
        [253.5, 102.2],
        [254.6, 103.1],
        [255.3, 103.8],
    ],
    lower: [
        [236.4, 104.9],
        [237.3, 105.1],
        [239.2, 105.4],
        [242.3, 106.0],
        [245.9, 106.5],
        [249.4, 106.4],
        [252.0, 105.9],
        [253.7, 105.0],
        [255.3, 103.8],
    ],
};

/// What is shown at the frame's centre along `axis` (0 x, 1 y), where the view reaches `half` portrait pixels to either
/// side: tall and wide frames are moved so that they show no more than there is.
pub(super) fn view_centre(axis: usize, half: f32) -> f32 {
    let lowest = half.min(SIZE / 2.0);
    VIEW_CENTRE[axis].clamp(lowest, SIZE - lowest)
}

/// Where the portrait lies in the base picture: `base = portrait * scale + shift`, both as continuous coordinates with
/// pixel centres at +0.5.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    /// Base pixels a portrait pixel.
    pub(super) scale: f32,
    /// In base pixels.
    pub(super) shift: [f32; 2],
}

impl Placement {
    /// A portrait point in base pixels.
    pub(super) fn base_from_portrait(&self, point: [f32; 2]) -> [f32; 2] {
        [point[0] * self.scale + self.shift[0], point[1] * self.scale + self.shift[1]]
    }
}

/// The portrait at the placement's scale, `width` x `height`, colours as `[r, g, b]` in `[0, 255]`.
///
/// Bicubic, after a Gaussian blur where it shrinks; its edge pixels go on beyond it. Fine static grain is added, which
/// moves with the skin: enlarged 2.5 times the picture has no texture left at the pixel scale that a camera would see.
///
/// # Errors
/// [`CaptureError::Unreadable`] should the embedded file be damaged.
pub(super) fn resample(
    placement: &Placement,
    width: usize,
    height: usize,
) -> Result<Vec<[f32; 3]>, CaptureError> {
    let mut portrait = image::load_from_memory(PORTRAIT_PNG)
        .map_err(|e| CaptureError::Unreadable {
            path: "assets/portrait.png".into(),
            why: format!("the embedded portrait is damaged ({e}); install the program again"),
        })?
        .into_rgb8();
    let Placement { scale, shift } = *placement;
    if scale < 1.0 {
        // Half an output pixel, less what the picture's own pixels blur already.
        portrait = gaussian_blur_f32(&portrait, 0.5 * (1.0 / (scale * scale) - 1.0).sqrt().max(0.02));
    }
    // Here and in `imageproc` alike, pixel centres count as whole numbers; in a placement they are at +0.5.
    let centred = shift.map(|shift| shift + 0.5 * scale - 0.5);
    let base_from_portrait =
        Projection::scale(scale, scale).and_then(Projection::translate(centred[0], centred[1]));
    let mut base = RgbImage::new(width as u32, height as u32);
    warp_into(&portrait, base_from_portrait, Interpolation::Bicubic, Border::Replicate, &mut base);
    let grained = |(index, pixel): (usize, &Rgb<u8>)| {
        let grain = 1.6 * gaussian(0x6772_6169, index as u64);
        pixel.0.map(|v| (f32::from(v) + grain).clamp(0.0, 255.0))
    };
    Ok(base.pixels().enumerate().map(grained).collect())
}

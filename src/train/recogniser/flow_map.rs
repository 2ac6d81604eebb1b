//! Maps of the motion from onset to apex: horizontal flow, vertical flow, strain, as the field's public code shares them.
//!
//! Flow is that of Horn and Schunck ("Determining optical flow", 1981), coarse to fine with warping (Brox et al. 2004) on faces of 128 px.
//! Strain is `sqrt(du/dx² + dv/dy² + (du/dy + dv/dx)² / 2)` (Shreve et al. 2011; Liong et al. 2019, STSTNet).

use image::imageops::{FilterType, resize};
use image::{GrayImage, RgbImage};

use super::record::RecogniserError;
use crate::dataset::Media;

/// Faces are made this large before their motion is measured, in pixels.
const FACE_PX: u32 = 128;
/// Levels of the pyramid: the coarsest is 16 px.
const LEVELS: u32 = 4;
/// Warps at each level, and sweeps for each of them.
const WARPS: usize = 3;
const SWEEPS: usize = 30;
/// Weight of smoothness against likeness, for luma from 0 to 255.
const SMOOTHNESS: f32 = 12.0;

/// Less motion than this, in pixels of a face of 128, is not blown up.
const LEAST_PX: f32 = 0.05;

/// A map as bytes: 127.5 is no motion; strain is 0 at no strain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowMap(RgbImage);

impl FlowMap {
    /// Reads a precomputed map, or measures the motion from a clip's onset to its apex.
    ///
    /// # Errors
    /// [`RecogniserError`], naming the file; [`RecogniserError::Kind`] for single pictures.
    pub fn of(media: &Media) -> Result<Self, RecogniserError> {
        match media {
            Media::Flow(_) => Ok(Self(media.rgb()?)),
            Media::Clip(clip) => {
                let frame = |index: usize| -> Result<GrayImage, RecogniserError> {
                    let path = clip.frames.get(index).or(clip.frames.last()).ok_or_else(|| {
                        RecogniserError::Kind { what: "a clip without frames has no motion".to_owned() }
                    })?;
                    Ok(Media::Picture { gray: path.clone(), colour: None }.gray()?)
                };
                Ok(flow_between(&frame(clip.onset)?, &frame(clip.apex)?))
            }
            Media::Picture { gray, .. } => Err(RecogniserError::Kind {
                what: format!(
                    "{}: a single picture has no motion; give clips, or maps of flow",
                    gray.display()
                ),
            }),
            Media::Packed(_) => Err(RecogniserError::Kind {
                what: "a single picture has no motion; give clips, or maps of flow".to_owned(),
            }),
        }
    }

    /// At another size; a map that is higher than wide is squeezed.
    pub fn resized(&self, side: usize) -> RgbImage {
        let side = side as u32;
        if self.0.dimensions() == (side, side) {
            return self.0.clone();
        }
        resize(&self.0, side, side, FilterType::Triangle)
    }
}

/// A plane of numbers.
#[derive(Clone)]
struct Plane {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Plane {
    fn zeros(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    fn of(picture: &GrayImage) -> Self {
        let (width, height) = picture.dimensions();
        Self {
            width: width as usize,
            height: height as usize,
            values: picture.as_raw().iter().map(|value| f32::from(*value)).collect(),
        }
    }

    /// The value at a place; beyond the edges the nearest.
    fn at(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.values[y * self.width + x]
    }

    /// Between the pixels.
    fn sample(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let row = |y: isize| self.at(left, y) * (1.0 - fx) + self.at(left + 1, y) * fx;
        row(top) * (1.0 - fy) + row(top + 1) * fy
    }

    fn map(&self, mut each: impl FnMut(usize, usize) -> f32) -> Self {
        let mut out = Self::zeros(self.width, self.height);
        for y in 0..self.height {
            for x in 0..self.width {
                out.values[y * self.width + x] = each(x, y);
            }
        }
        out
    }

    /// Twice as large, times `scale`.
    fn doubled(&self, width: usize, height: usize, scale: f32) -> Self {
        Self::zeros(width, height)
            .map(|x, y| scale * self.sample(x as f32 / 2.0 - 0.25, y as f32 / 2.0 - 0.25))
    }

    /// Mean of the four neighbours.
    fn around(&self, x: usize, y: usize) -> f32 {
        let (x, y) = (x as isize, y as isize);
        0.25 * (self.at(x - 1, y) + self.at(x + 1, y) + self.at(x, y - 1) + self.at(x, y + 1))
    }

    /// Central differences.
    fn slopes(&self, x: usize, y: usize) -> [f32; 2] {
        let (x, y) = (x as isize, y as isize);
        [0.5 * (self.at(x + 1, y) - self.at(x - 1, y)), 0.5 * (self.at(x, y + 1) - self.at(x, y - 1))]
    }
}

/// The map of the motion from one face to another, both in the same place. Flow and strain are each scaled by what 98 % of their values stay
/// below, so that the edges, where flow is a guess, do not set the scale.
pub fn flow_between(onset: &GrayImage, apex: &GrayImage) -> FlowMap {
    let [u, v] = dense_flow(onset, apex);
    let strain = u.map(|x, y| {
        let ([ux, uy], [vx, vy]) = (u.slopes(x, y), v.slopes(x, y));
        (ux * ux + vy * vy + 0.5 * (uy + vx) * (uy + vx)).sqrt()
    });
    let largest = |planes: &[&Plane]| {
        let mut sizes: Vec<f32> = planes.iter().flat_map(|plane| &plane.values).map(|v| v.abs()).collect();
        sizes.sort_by(f32::total_cmp);
        sizes.get(sizes.len() * 98 / 100).copied().unwrap_or(0.0).max(LEAST_PX)
    };
    let (most, most_strain) = (largest(&[&u, &v]), largest(&[&strain]));
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let mut map = RgbImage::new(u.width as u32, u.height as u32);
    for (index, pixel) in map.pixels_mut().enumerate() {
        let signed = |plane: &Plane| byte(0.5 + 0.5 * plane.values[index] / most);
        pixel.0 = [signed(&u), signed(&v), byte(strain.values[index] / most_strain)];
    }
    FlowMap(map)
}

/// Displacement of each pixel, to the right and down, in pixels of a face of 128.
fn dense_flow(onset: &GrayImage, apex: &GrayImage) -> [Plane; 2] {
    let levels = |picture: &GrayImage| -> Vec<Plane> {
        (0..LEVELS)
            .map(|level| {
                let side = FACE_PX >> level;
                Plane::of(&resize(picture, side, side, FilterType::Triangle))
            })
            .collect()
    };
    let (from, to) = (levels(onset), levels(apex));
    let coarsest = (FACE_PX >> (LEVELS - 1)) as usize;
    let mut flow = [Plane::zeros(coarsest, coarsest), Plane::zeros(coarsest, coarsest)];
    for (from, to) in from.iter().zip(&to).rev() {
        if flow[0].width != from.width {
            flow = flow.map(|plane| plane.doubled(from.width, from.height, 2.0));
        }
        for _ in 0..WARPS {
            refine(from, to, &mut flow);
        }
    }
    flow
}

/// One warp: the second picture is moved back by the flow so far, and what is left is solved for.
fn refine(from: &Plane, to: &Plane, flow: &mut [Plane; 2]) {
    let warped = from.map(|x, y| {
        let at = y * from.width + x;
        to.sample(x as f32 + flow[0].values[at], y as f32 + flow[1].values[at])
    });
    let start = flow.clone();
    for _ in 0..SWEEPS {
        for y in 0..from.height {
            for x in 0..from.width {
                let at = y * from.width + x;
                let ([ax, ay], [bx, by]) = (from.slopes(x, y), warped.slopes(x, y));
                let (ix, iy) = (0.5 * (ax + bx), 0.5 * (ay + by));
                let it = warped.values[at] - from.values[at];
                let mean = [flow[0].around(x, y), flow[1].around(x, y)];
                let step = [mean[0] - start[0].values[at], mean[1] - start[1].values[at]];
                let error =
                    (ix * step[0] + iy * step[1] + it) / (SMOOTHNESS * SMOOTHNESS + ix * ix + iy * iy);
                flow[0].values[at] = mean[0] - ix * error;
                flow[1].values[at] = mean[1] - iy * error;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A smooth texture, moved.
    fn texture(dx: f32, dy: f32) -> GrayImage {
        GrayImage::from_fn(128, 128, |x, y| {
            let (x, y) = (x as f32 - dx, y as f32 - dy);
            let wave = (x * 0.21).sin() * (y * 0.17).cos() + (0.11 * x + 0.23 * y).sin();
            image::Luma([(127.0 + 50.0 * wave).clamp(0.0, 255.0) as u8])
        })
    }

    #[test]
    fn a_shift_is_found() {
        for (dx, dy) in [(0.7, -0.4), (-2.0, 1.5), (4.0, 0.0)] {
            let [u, v] = dense_flow(&texture(0.0, 0.0), &texture(dx, dy));
            let middle = |plane: &Plane| {
                let mut values: Vec<f32> = (32..96)
                    .flat_map(|y| (32..96).map(move |x| (x, y)))
                    .map(|(x, y)| plane.at(x, y))
                    .collect();
                values.sort_by(f32::total_cmp);
                values[values.len() / 2]
            };
            assert!((middle(&u) - dx).abs() < 0.15, "{} for {dx}", middle(&u));
            assert!((middle(&v) - dy).abs() < 0.15, "{} for {dy}", middle(&v));
        }
    }

    #[test]
    fn no_motion_is_gray_and_without_strain() {
        let FlowMap(map) = flow_between(&texture(0.0, 0.0), &texture(0.0, 0.0));
        assert!(map.pixels().all(|pixel| pixel.0 == [128, 128, 0]));
    }
}

//! The landmark network: a rotated region of the picture to 478 points and a presence probability.

use image::RgbImage;

use crate::image::warp::{Border, warp_rgb_to_f32};
use crate::infer::{Model, Network};
use crate::types::{LANDMARK_COUNT, Landmarks};

use super::FaceError;
use super::roi::Roi;

const SIDE: usize = 256;

/// What the network said of one region.
pub(super) struct Mesh {
    /// 478 points in image pixels.
    pub landmarks: Box<Landmarks>,
    /// Logit that the region holds a face. Of a clear face it is near 18: the probability is 1 to seven digits and
    /// tells nothing more, while the logit still falls when something covers a part.
    pub presence_logit: f32,
}

impl Mesh {
    /// Probability that the region holds a face, `[0, 1]`.
    pub fn presence(&self) -> f32 {
        1.0 / (1.0 + (-self.presence_logit).exp())
    }
}

/// The network with its input buffer.
pub(super) struct MeshNetwork {
    network: Network,
    input: Vec<f32>,
}

impl MeshNetwork {
    pub fn new() -> Result<Self, FaceError> {
        Ok(Self { network: Network::embedded(Model::FaceLandmarks)?, input: Vec::new() })
    }

    /// Measures the face that `roi` should hold. Beyond the picture's edge the edge pixels go on, as in MediaPipe.
    pub fn run(&mut self, rgb: &RgbImage, roi: &Roi) -> Result<Mesh, FaceError> {
        warp_rgb_to_f32(
            rgb,
            &roi.sampling(SIDE),
            (SIDE, SIDE),
            Border::Replicate,
            [0.0, 1.0],
            &mut self.input,
        );
        let outputs = self.network.run(&self.input)?;
        let map = roi.image_from_input(SIDE);
        let depth_scale = roi.size_px[0] / SIDE as f32;
        let mut landmarks = Box::new([[0.0; 3]; LANDMARK_COUNT]);
        for (point, values) in landmarks.iter_mut().zip(outputs.values(0).chunks_exact(3)) {
            let [x, y] = map.apply([values[0], values[1]]);
            *point = [x, y, values[2] * depth_scale];
        }
        let presence_logit = outputs.values(1).first().copied().unwrap_or(f32::NEG_INFINITY);
        Ok(Mesh { landmarks, presence_logit })
    }
}

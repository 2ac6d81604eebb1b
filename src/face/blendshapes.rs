//! 52 expression scores from 146 of the landmarks.

use crate::infer::{Model, Network};
use crate::types::{BLENDSHAPE_COUNT, Blendshapes, Landmarks};

use super::FaceError;

/// The landmarks that the network takes, in its order: MediaPipe's `FaceBlendshapesGraph`.
const SUBSET: [usize; 146] = [
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70,
    78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149,
    150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195,
    197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300,
    308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375,
    377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454,
    466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
];

/// The network with its input buffer.
pub(super) struct BlendshapeNetwork {
    network: Network,
    input: Vec<f32>,
}

impl BlendshapeNetwork {
    pub fn new() -> Result<Self, FaceError> {
        Ok(Self {
            network: Network::embedded(Model::FaceBlendshapes)?,
            input: Vec::with_capacity(2 * SUBSET.len()),
        })
    }

    /// Scores from landmarks in image pixels (x and y only; the network removes place and scale itself).
    pub fn run(&mut self, landmarks: &Landmarks) -> Result<Box<Blendshapes>, FaceError> {
        self.input.clear();
        // The subset's indices are below 478.
        self.input.extend(SUBSET.iter().flat_map(|&index| [landmarks[index][0], landmarks[index][1]]));
        let outputs = self.network.run(&self.input)?;
        let mut scores = Box::new([0.0; BLENDSHAPE_COUNT]);
        for (score, value) in scores.iter_mut().zip(outputs.values(0)) {
            *score = *value;
        }
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;

    #[test]
    fn the_subset_is_in_order_and_in_range() {
        assert!(SUBSET.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(SUBSET.iter().all(|&index| index < LANDMARK_COUNT));
    }
}

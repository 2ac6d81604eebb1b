//! Which parts of a face decided: how much less likely a class becomes when a part is hidden (Zeiler and Fergus 2014, arXiv:1311.2901).

use image::GrayImage;

use super::input::{InputSpec, seen};
use super::record::{Recogniser, RecogniserError};
use crate::dataset::Media;

/// How parts are hidden.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OcclusionParams {
    /// Side of the hidden square, as a share of the picture's.
    pub side: f32,
    /// From square to square, as a share of the square's side.
    pub step: f32,
}

impl Default for OcclusionParams {
    fn default() -> Self {
        Self { side: 0.2, step: 0.35 }
    }
}

/// How much each place of a picture matters to a class.
#[derive(Clone, Debug, PartialEq)]
pub struct OcclusionMap {
    /// The class: its number.
    pub class: usize,
    /// Probability of each class with nothing hidden.
    pub shares: Vec<f64>,
    /// What the recogniser sees, as luma.
    pub picture: GrayImage,
    /// For each pixel by how much the class becomes less likely when it is hidden: the mean over the squares that hide it, from -1 to 1.
    pub drops: Vec<f32>,
}

/// Makes the map of one example. `class`: which; without it the one that is said.
///
/// # Errors
/// [`RecogniserError`]; [`RecogniserError::Kind`] for recognisers of sequences, which see no picture.
pub fn occlusion_map(
    recogniser: &mut Recogniser,
    media: &Media,
    class: Option<usize>,
    params: &OcclusionParams,
) -> Result<OcclusionMap, RecogniserError> {
    let spec = recogniser.record.input.clone();
    if let InputSpec::Sequence { .. } = spec {
        return Err(RecogniserError::Kind {
            what: "a recogniser of sequences sees no picture, so no part of one can be hidden; give one of pictures or of flow"
                .to_owned(),
        });
    }
    let bytes = spec.read_bytes(media)?;
    let mut ask = |bytes: &[u8]| recogniser.ask(&spec.planes(&spec.values_of(bytes)));
    let shares = ask(&bytes)?;
    let said = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0);
    let class = class.unwrap_or(said).min(shares.len().saturating_sub(1));
    let [height, width, channels] = spec.size();
    let side = ((params.side * width.min(height) as f32).round() as usize).clamp(1, width.min(height));
    let step = ((params.step * side as f32).round() as usize).max(1);
    let neutral = neutral(&spec, &bytes);
    let (mut sums, mut counts) = (vec![0.0f64; width * height], vec![0u32; width * height]);
    for top in starts(height, side, step) {
        for left in starts(width, side, step) {
            let mut hidden = bytes.clone();
            let mut places = Vec::with_capacity(side * side);
            for y in top..(top + side).min(height) {
                for x in left..(left + side).min(width) {
                    let at = y * width + x;
                    hidden[at * channels..][..channels].copy_from_slice(&neutral[..channels]);
                    places.push(at);
                }
            }
            let drop = shares[class] - ask(&hidden)?[class];
            for at in places {
                sums[at] += drop;
                counts[at] += 1;
            }
        }
    }
    let drops =
        sums.iter().zip(&counts).map(|(sum, count)| (sum / f64::from((*count).max(1))) as f32).collect();
    let picture = seen(&spec, &bytes)
        .ok_or_else(|| RecogniserError::Kind { what: "this recogniser sees no picture".to_owned() })?;
    Ok(OcclusionMap { class, shares, picture, drops })
}

/// Where squares begin, so that every place is hidden by some.
fn starts(all: usize, side: usize, step: usize) -> Vec<usize> {
    let last = all.saturating_sub(side);
    let mut starts: Vec<usize> = (0..last).step_by(step).collect();
    starts.push(last);
    starts
}

/// What is put in a hidden part's place: the picture's mean, or no motion.
fn neutral(spec: &InputSpec, bytes: &[u8]) -> [u8; 3] {
    if let InputSpec::Flow { .. } = spec {
        return [128, 128, 0];
    }
    let [.., channels] = spec.size();
    std::array::from_fn(|channel| {
        let sum: u64 = bytes.iter().skip(channel).step_by(channels).map(|value| u64::from(*value)).sum();
        (sum / (bytes.len() / channels).max(1) as u64).min(255) as u8
    })
}

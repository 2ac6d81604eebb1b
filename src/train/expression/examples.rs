//! Which pictures are learned from, which are watched, and how often each is seen.

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use super::faces::{Face, FaceSet};
use super::fit::FitParams;
use crate::dataset::{Part, Votes};
use crate::train::TrainError;
use crate::types::LABEL_COUNT;

/// A picture to learn from or to watch.
pub(super) struct Example<'a> {
    pub(super) face: &'a Face,
    pub(super) votes: Votes,
    pub(super) shares: [f32; LABEL_COUNT],
}

/// Every tenth picture of the training part is watched, not learned from: by a hash of its name, so that it stays so.
fn is_watched(name: &str) -> bool {
    let hash = Sha256::digest(name);
    u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) % 10 == 0
}

/// Watched, and learned from.
pub(super) fn examples<'a>(part: &Part, faces: &'a FaceSet) -> Result<[Vec<Example<'a>>; 2], TrainError> {
    let (mut watched, mut learned) = (Vec::new(), Vec::new());
    for (picture, face) in part.pictures.iter().zip(&faces.faces) {
        let Some(shares) = picture.votes.distribution() else { continue };
        let example = Example { face, votes: picture.votes, shares };
        if is_watched(&picture.name) { watched.push(example) } else { learned.push(example) }
    }
    if watched.is_empty() || learned.is_empty() {
        return Err(TrainError::TooLittle(format!(
            "{}: {} pictures to learn from and {} to watch, both must be more than none; give a larger part",
            part.path.display(),
            learned.len(),
            watched.len()
        )));
    }
    Ok([watched, learned])
}

/// Every picture once, those with something rare more often.
pub(super) fn repeated(learned: &[Example<'_>], params: &FitParams) -> Vec<usize> {
    let mut rng = Pcg64::seed_from_u64(params.seed);
    let mut order = Vec::with_capacity(learned.len());
    for (index, example) in learned.iter().enumerate() {
        let more: f32 = example.shares.iter().zip(&params.repeats).map(|(share, more)| share * more).sum();
        let count = 1 + (more + rng.random::<f32>()) as usize;
        order.extend(std::iter::repeat_n(index, count));
    }
    order
}

pub(super) fn shuffle(order: &mut [usize], seed: u64, epoch: usize) {
    let mut rng = Pcg64::seed_from_u64(seed ^ ((epoch as u64 + 1) << 32));
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
}

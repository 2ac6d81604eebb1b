//! Features of pictures that a backbone has seen before, on disk.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::infer::hex;
use crate::train::TrainError;

/// A folder of features: one file an example, named by what it was made from.
#[derive(Debug)]
pub(super) struct FeatureCache {
    dir: PathBuf,
    /// Hash of the backbone and of how pictures go into it.
    by: [u8; 32],
    count: usize,
}

impl FeatureCache {
    /// Below `dir`, for features of `count` values made by what `by` says.
    pub(super) fn open(dir: &Path, by: &[&[u8]], count: usize) -> Result<Self, TrainError> {
        let mut hash = Sha256::new();
        for part in by {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let by: [u8; 32] = hash.finalize().into();
        let dir = dir.join(format!("features-{}", hex(&by[..6])));
        std::fs::create_dir_all(&dir).map_err(|error| TrainError::file(&dir, &error))?;
        Ok(Self { dir, by, count })
    }

    /// Where the features of a picture are kept, whose input has these bytes.
    pub(super) fn place(&self, bytes: &[u8]) -> PathBuf {
        let mut hash = Sha256::new();
        hash.update(self.by);
        hash.update(bytes);
        self.dir.join(format!("{}.f32", hex(&hash.finalize()[..16])))
    }

    /// What is kept there; `None` where there is nothing whole.
    pub(super) fn read(&self, place: &Path) -> Option<Vec<f32>> {
        let bytes = std::fs::read(place).ok().filter(|bytes| bytes.len() == 4 * self.count)?;
        Some(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    /// Keeps features.
    pub(super) fn write(&self, place: &Path, features: &[f32]) -> Result<(), TrainError> {
        let bytes: Vec<u8> = features.iter().flat_map(|value| value.to_le_bytes()).collect();
        let unfinished = place.with_extension("part");
        std::fs::write(&unfinished, bytes).map_err(|error| TrainError::file(&unfinished, &error))?;
        std::fs::rename(&unfinished, place).map_err(|error| TrainError::file(place, &error))
    }
}

//! What all trained networks leave behind: an ONNX file, its record, its card; and the proof that tract computes what the training
//! library did.

use std::path::{Path, PathBuf};

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;
use serde::Serialize;

use super::TrainError;
use crate::infer::{Manifest, ModelCard, Network};

/// The largest difference of any output between tract and the training library that is let through.
pub const AGREEMENT: f32 = 1e-4;

/// For `map_err`.
pub(super) fn failed(error: impl std::fmt::Display) -> TrainError {
    TrainError::Export(error.to_string())
}

/// Writes the ONNX file, its record beside it (`.toml`), and renews the card in a `models.toml` beside it, if there is one. Returns the
/// files written.
///
/// # Errors
/// [`TrainError::File`] naming the file that cannot be written.
pub(super) fn write(
    path: &Path,
    onnx: &[u8],
    record: &impl Serialize,
    card: &ModelCard,
) -> Result<Vec<PathBuf>, TrainError> {
    let save = |path: &Path, bytes: &[u8]| {
        std::fs::write(path, bytes).map_err(|error| TrainError::file(path, &error))
    };
    let header = format!(
        "# The record of {}: written by `onset train` together with it; neither works without the other.\n\n",
        card.file
    );
    let record = toml::to_string(record).map_err(failed)?;
    let record_path = path.with_extension("toml");
    save(path, onnx)?;
    save(&record_path, format!("{header}{record}").as_bytes())?;
    let mut written = vec![path.to_owned(), record_path];
    let manifest_path = path.with_file_name("models.toml");
    if let Ok(manifest) = std::fs::read_to_string(&manifest_path) {
        let text = toml::to_string(&Manifest { models: vec![card.clone()] }).map_err(failed)?;
        save(&manifest_path, with_card(&manifest, &card.name, &text).as_bytes())?;
        written.push(manifest_path);
    }
    Ok(written)
}

/// A few random inputs, the same at each call; each value is within `-most..most`.
pub(super) fn random_inputs(card: &ModelCard, most: f32) -> Vec<Vec<f32>> {
    let mut rng = Pcg64::seed_from_u64(0);
    let mut input = || (0..card.input.len()).map(|_| 2.0 * most * rng.random::<f32>() - most).collect();
    (0..8).map(|_| input()).collect()
}

/// The largest difference of any output between tract and `theirs`, over some inputs.
///
/// # Errors
/// [`TrainError::Export`] where tract cannot run the file, the number of outputs differs, or the difference is above [`AGREEMENT`].
pub(super) fn difference(
    card: &ModelCard,
    onnx: &[u8],
    inputs: &[Vec<f32>],
    theirs: impl Fn(&[f32]) -> Vec<f32>,
) -> Result<f32, TrainError> {
    let mut network = Network::load(card, onnx).map_err(failed)?;
    let mut largest = 0.0_f32;
    for input in inputs {
        let ours = network.run(input).map_err(failed)?;
        let theirs = theirs(input);
        if ours.values(0).len() != theirs.len() {
            return Err(TrainError::Export("the ONNX file has another number of outputs".to_owned()));
        }
        for (a, b) in ours.values(0).iter().zip(theirs) {
            largest = largest.max((a - b).abs());
        }
    }
    if largest > AGREEMENT {
        return Err(TrainError::Export(format!(
            "tract's outputs differ from the training library's by {largest:e}, more than {AGREEMENT:e}"
        )));
    }
    Ok(largest)
}

/// The manifest with the card of this name replaced, or added at its end; everything else stays as it is.
fn with_card(manifest: &str, name: &str, card: &str) -> String {
    const START: &str = "[[model]]";
    let mut starts: Vec<usize> = manifest.match_indices(START).map(|(at, _)| at).collect();
    starts.push(manifest.len());
    let own = starts.windows(2).find(|pair| {
        manifest[pair[0]..pair[1]].lines().any(|line| line.trim() == format!("name = \"{name}\""))
    });
    match own {
        Some(&[from, to]) => {
            let gap = if to < manifest.len() { "\n" } else { "" };
            format!("{}{card}{gap}{}", &manifest[..from], &manifest[to..])
        }
        _ => format!("{}\n\n{card}", manifest.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_replaced_or_added() {
        let manifest = "# head\n\n[[model]]\nname = \"a\"\nx = 1\n\n[[model]]\nname = \"b\"\n";
        let replaced = with_card(manifest, "a", "[[model]]\nname = \"a\"\nx = 2\n");
        assert_eq!(replaced, "# head\n\n[[model]]\nname = \"a\"\nx = 2\n\n[[model]]\nname = \"b\"\n");
        let added = with_card(manifest, "c", "[[model]]\nname = \"c\"\n");
        assert_eq!(added, format!("{manifest}\n[[model]]\nname = \"c\"\n"));
    }
}

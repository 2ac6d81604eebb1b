//! The interim expression network: one gray face, seven probabilities.
//!
//! Interim: mini-XCEPTION was trained on FER2013, whose faces an early face detector framed. It knows no contempt, and its
//! card in `models/models.toml` says how often it is right. A network of our own on FER+ is to take its place.

use image::GrayImage;

use crate::face::{crop_from_image, icd_px};
use crate::image::warp::{Border, warp_gray};
use crate::infer::{InferError, Model, Network};
use crate::types::{Affine, CROP_ICD_PX, LABEL_COUNT, Label, Landmarks, Probabilities};

/// Width and height of the network's input, in pixels.
const INPUT_SIZE: usize = 64;
/// The face is sampled this many times finer in each direction, then averaged: a large face would alias otherwise.
const OVERSAMPLING: usize = 4;
/// Side of the square that is shown, in ICD units, and how far its top lies above the inner eye corners.
///
/// FER2013 shows the detector's box: from the middle of the forehead to below the chin, ear to ear. These two are the
/// middle of the plateau (4.6-4.8, 1.3-1.5) where the posed development photos come out best: happiness 0.99-1.00 on
/// four of five, surprise 0.92, disgust 0.66; posed anger is taken for sadness at most framings.
const SIDE_ICD: f32 = 4.7;
const ABOVE_EYES_ICD: f32 = 1.45;
/// Faces smaller than this are not classified, in image pixels: a 64-pixel input would be magnified over five times.
const MIN_ICD_PX: f32 = 2.5;
/// Where [`crop_from_image`] puts the middle of the inner eye corners, in crop pixels.
const EYES_IN_CROP: [f32; 2] = [128.0, 60.0];
/// The network's outputs, in its order.
const NETWORK_LABELS: [Label; 7] = [
    Label::Anger,
    Label::Disgust,
    Label::Fear,
    Label::Happiness,
    Label::Sadness,
    Label::Surprise,
    Label::Neutral,
];

/// Why a face cannot be classified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// The network could not be loaded or run.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// The landmarks have no shape, or the face is too small.
    #[error(
        "the landmarks span {icd_px} px between the inner eye corners, at least {MIN_ICD_PX} are needed; leave this face out"
    )]
    NoFace {
        /// Inner-canthal distance as measured, in image pixels.
        icd_px: f32,
    },
    /// The network gave something that is no probability.
    #[error(
        "model {model}: output {values:?} is not a probability for each of 7 labels; run `onset models --verify`"
    )]
    Output {
        /// The card's name.
        model: String,
        /// What came out.
        values: Vec<f32>,
    },
}

/// Gives the probability of each expression on one face.
#[derive(Debug)]
pub struct ExpressionClassifier {
    network: Network,
    face: Vec<u8>,
    input: Vec<f32>,
}

impl ExpressionClassifier {
    /// Loads the embedded network.
    ///
    /// # Errors
    /// [`ExpressionError::Infer`] where it cannot be loaded.
    pub fn new() -> Result<Self, ExpressionError> {
        let network = Network::embedded(Model::FerMiniXception)?;
        Ok(Self { network, face: Vec::new(), input: Vec::with_capacity(INPUT_SIZE * INPUT_SIZE) })
    }

    /// The probability of each label, in the order of [`Label::ALL`]; they add up to 1. `None` for contempt, which the network does not
    /// know.
    ///
    /// # Arguments
    /// * `luma`: the frame that the landmarks describe. What lies outside it repeats its edge.
    /// * `landmarks`: 478 points in its pixels.
    ///
    /// # Errors
    /// [`ExpressionError::NoFace`] where the landmarks are not a face, [`ExpressionError::Infer`] and
    /// [`ExpressionError::Output`] where the network fails.
    pub fn classify(
        &mut self,
        luma: &GrayImage,
        landmarks: &Landmarks,
    ) -> Result<Probabilities, ExpressionError> {
        let icd_px = icd_px(landmarks);
        let crop_from_image = crop_from_image(landmarks).filter(|_| icd_px >= MIN_ICD_PX);
        let image_from_face = crop_from_image.and_then(|crop| face_from_crop().after(&crop).inverse());
        let Some(image_from_face) = image_from_face else { return Err(ExpressionError::NoFace { icd_px }) };
        let size = INPUT_SIZE * OVERSAMPLING;
        warp_gray(luma, &image_from_face, (size, size), Border::Replicate, &mut self.face);
        shrink(&self.face, &mut self.input);
        let outputs = self.network.run(&self.input)?;
        let values = outputs.values(0);
        let sum: f32 = values.iter().sum();
        let is_sound = values.len() == NETWORK_LABELS.len()
            && values.iter().all(|p| (0.0..=1.0001).contains(p))
            && (sum - 1.0).abs() < 0.01;
        if !is_sound {
            let model = self.network.card().name.clone();
            return Err(ExpressionError::Output { model, values: values.to_vec() });
        }
        let mut probabilities = [None; LABEL_COUNT];
        for (label, value) in NETWORK_LABELS.iter().zip(values) {
            probabilities[label.index()] = Some(value.min(1.0));
        }
        Ok(probabilities)
    }
}

/// From the aligned crop to the oversampled input.
fn face_from_crop() -> Affine {
    let scale = (INPUT_SIZE * OVERSAMPLING) as f32 / (SIDE_ICD * CROP_ICD_PX);
    let middle = (INPUT_SIZE * OVERSAMPLING) as f32 / 2.0;
    let eyes_y = scale * ABOVE_EYES_ICD * CROP_ICD_PX;
    Affine::similarity(scale, 0.0, [middle - scale * EYES_IN_CROP[0], eyes_y - scale * EYES_IN_CROP[1]])
}

/// Means of 4 x 4 blocks, luma 0..255 mapped to the network's -1..1.
fn shrink(face: &[u8], input: &mut Vec<f32>) {
    let width = INPUT_SIZE * OVERSAMPLING;
    let area = (OVERSAMPLING * OVERSAMPLING) as f32;
    input.clear();
    for rows in face.chunks_exact(width * OVERSAMPLING) {
        for x in 0..INPUT_SIZE {
            let block =
                rows.chunks_exact(width).flat_map(|row| row.iter().skip(x * OVERSAMPLING).take(OVERSAMPLING));
            let sum: u32 = block.map(|v| u32::from(*v)).sum();
            input.push(sum as f32 / area / 127.5 - 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::LANDMARK_COUNT;
    use std::path::Path;

    fn best(p: &Probabilities) -> Label {
        let value = |l: &Label| p[l.index()].unwrap_or(0.0);
        Label::ALL.into_iter().max_by(|a, b| value(a).total_cmp(&value(b))).unwrap()
    }

    fn landmarks(value: &serde_json::Value) -> Landmarks {
        let mut out = [[0.0; 3]; LANDMARK_COUNT];
        for (out, p) in out.iter_mut().zip(value.as_array().unwrap()) {
            *out = [p[0].as_f64().unwrap() as f32, p[1].as_f64().unwrap() as f32, 0.0];
        }
        out
    }

    fn portrait() -> (GrayImage, Landmarks) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(root.join("tests/golden/portrait.json")).unwrap();
        let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
        let luma = image::open(root.join("assets/portrait.png")).unwrap().to_luma8();
        (luma, landmarks(&golden["frames"][0]["landmarks"]))
    }

    #[test]
    fn the_portrait_smiles_and_contempt_is_unknown() {
        let (luma, landmarks) = portrait();
        let mut classifier = ExpressionClassifier::new().unwrap();
        let p = classifier.classify(&luma, &landmarks).unwrap();
        assert_eq!(best(&p), Label::Happiness, "{p:?}");
        assert!(p[Label::Happiness.index()].unwrap() > 0.9, "{p:?}");
        assert_eq!(p[Label::Contempt.index()], None);
        assert!((p.iter().flatten().sum::<f32>() - 1.0).abs() < 0.01);
        assert_eq!(classifier.classify(&luma, &landmarks).unwrap(), p, "a second run gives the same");
    }

    #[test]
    fn a_turned_picture_gives_the_same_expression() {
        let (luma, landmarks) = portrait();
        // A quarter turn: [x, y] -> [height - y, x].
        let turned = image::imageops::rotate90(&luma);
        let height = luma.height() as f32;
        let turned_landmarks = landmarks.map(|[x, y, z]| [height - y, x, z]);
        let mut classifier = ExpressionClassifier::new().unwrap();
        let p = classifier.classify(&luma, &landmarks).unwrap();
        let q = classifier.classify(&turned, &turned_landmarks).unwrap();
        for (a, b) in p.iter().flatten().zip(q.iter().flatten()) {
            assert!((a - b).abs() < 0.02, "{p:?} and {q:?}");
        }
    }

    #[test]
    fn what_is_no_face_is_refused() {
        let mut classifier = ExpressionClassifier::new().unwrap();
        let luma = GrayImage::new(1, 1);
        for bad in [[7.0f32; 3], [f32::NAN; 3]] {
            let error = classifier.classify(&luma, &[bad; LANDMARK_COUNT]).unwrap_err();
            assert!(matches!(error, ExpressionError::NoFace { .. }), "{error}");
        }
    }

    #[test]
    fn posed_photos_come_out_as_posed() {
        let shared = std::env::var_os("ONSET_SHARED").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
            std::path::PathBuf::from,
        );
        let mut classifier = ExpressionClassifier::new().unwrap();
        for (name, expected) in [
            ("0-f15-hao-ph.jpg", Label::Happiness),
            ("0-f1-su-ph.jpg", Label::Surprise),
            ("45-m7-di-ph.jpg", Label::Disgust),
            ("obama-720p.jpg", Label::Happiness),
            ("obama_small.jpg", Label::Happiness),
        ] {
            let photo = shared.join("data/photos").join(name);
            let golden = shared.join("golden").join(name).with_extension("json");
            let (Ok(photo), Ok(golden)) = (image::open(&photo), std::fs::read_to_string(&golden)) else {
                println!("SKIPPED: {} or its golden landmarks are not here", photo.display());
                return;
            };
            let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
            let p = classifier
                .classify(&photo.to_luma8(), &landmarks(&golden["frames"][0]["landmarks"]))
                .unwrap();
            println!("{name}: {p:.2?}");
            assert_eq!(best(&p), expected, "{name}: {p:?}");
        }
    }
}

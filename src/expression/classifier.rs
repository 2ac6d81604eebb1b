//! The expression classifiers: one gray face, or only its eyes and brows, to eight probabilities.

use image::GrayImage;

use super::crop::{FaceCropper, FaceRegion};
use super::{ExpressionRecord, FacePlace};
use crate::face::icd_px;
use crate::infer::{InferError, Model, ModelCard, Network};
use crate::types::{LABEL_COUNT, Landmarks, Probabilities};

/// Why a face cannot be classified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// The network could not be loaded or run.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// The record of the network is damaged, or belongs to another file.
    #[error(
        "the record of model {model} is not usable: {why}; write both again with `onset train expression` and rebuild"
    )]
    Record {
        /// The card's name.
        model: String,
        /// What is wrong.
        why: String,
    },
    /// The landmarks have no shape, or the face is too small.
    #[error(
        "the landmarks span {icd_px} px between the inner eye corners, which is too little for a face; leave it out"
    )]
    NoFace {
        /// Inner-canthal distance as measured, in image pixels.
        icd_px: f32,
    },
    /// The network gave something that is no number.
    #[error(
        "model {model}: outputs {values:?} are not a finite number for each of 8 labels; run `onset models --verify`"
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
    temperature: f32,
    cropper: FaceCropper,
    input: Vec<f32>,
}

impl FaceRegion {
    /// The embedded network that sees it.
    pub const fn model(self) -> Model {
        match self {
            Self::Face => Model::Expression,
            Self::Eyes => Model::ExpressionEyes,
        }
    }
}

impl ExpressionClassifier {
    /// Loads the embedded network of the whole face.
    ///
    /// # Errors
    /// [`ExpressionError::Infer`] and [`ExpressionError::Record`] where it cannot be loaded.
    pub fn new() -> Result<Self, ExpressionError> {
        Self::of(FaceRegion::Face)
    }

    /// Loads the embedded network of a region.
    ///
    /// # Errors
    /// As [`ExpressionClassifier::new`].
    pub fn of(region: FaceRegion) -> Result<Self, ExpressionError> {
        let network = Network::embedded(region.model())?;
        let record = ExpressionRecord::embedded(region).map_err(|error| ExpressionError::Record {
            model: network.card().name.clone(),
            why: error.to_string(),
        })?;
        Self::with(region, network, &record)
    }

    /// A network that is not embedded, with its record.
    ///
    /// # Errors
    /// [`ExpressionError::Record`] where they do not belong together, the network takes another input than the region's crop, or it
    /// does not give one value for each label.
    pub fn with(
        region: FaceRegion,
        network: Network,
        record: &ExpressionRecord,
    ) -> Result<Self, ExpressionError> {
        let card = network.card();
        let why = mismatch(region, card, record);
        if let Some(why) = why {
            return Err(ExpressionError::Record { model: card.name.clone(), why });
        }
        let input = Vec::with_capacity(card.input.len());
        Ok(Self { network, temperature: record.temperature, cropper: FaceCropper::new(region), input })
    }

    /// The card of its network.
    pub fn card(&self) -> &ModelCard {
        self.network.card()
    }

    /// The probability of each label, in the order of [`Label::ALL`](crate::types::Label::ALL); they add up to 1, and none is `None`.
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
        match self.cropper.cut(luma, landmarks, &mut self.input) {
            Some(()) => self.probabilities(),
            None => Err(ExpressionError::NoFace { icd_px: icd_px(landmarks) }),
        }
    }

    /// As [`ExpressionClassifier::classify`], where the face's place is known already.
    ///
    /// # Errors
    /// As there.
    pub fn classify_at(
        &mut self,
        luma: &GrayImage,
        place: &FacePlace,
    ) -> Result<Probabilities, ExpressionError> {
        match self.cropper.cut_mapped(luma, &place.crop_from_image, place.nose_y, &mut self.input) {
            Some(()) => self.probabilities(),
            None => Err(ExpressionError::NoFace { icd_px: 0.0 }),
        }
    }

    fn probabilities(&mut self) -> Result<Probabilities, ExpressionError> {
        let outputs = self.network.run(&self.input)?;
        let values = outputs.values(0);
        match <&[f32; LABEL_COUNT]>::try_from(values) {
            Ok(logits) if logits.iter().all(|logit| logit.is_finite()) => {
                Ok(softmax(logits, self.temperature).map(Some))
            }
            _ => {
                let model = self.network.card().name.clone();
                Err(ExpressionError::Output { model, values: values.to_vec() })
            }
        }
    }
}

/// Why a network and a record cannot classify a region, if so.
fn mismatch(region: FaceRegion, card: &ModelCard, record: &ExpressionRecord) -> Option<String> {
    let framing = region.framing();
    let taken = [1, 1, framing.height, framing.width];
    let given: Vec<&[usize]> = card.outputs.iter().map(|output| output.shape.as_slice()).collect();
    if record.sha256 != card.sha256 {
        Some("it belongs to another file".to_owned())
    } else if record.region != region.name() {
        Some(format!("it is for `{}`, not for `{}`", record.region, region.name()))
    } else if !(record.temperature.is_finite() && record.temperature > 0.0) {
        Some(format!("temperature {} is not above 0", record.temperature))
    } else if card.input.shape != taken {
        let name = region.name();
        Some(format!(
            "the network takes values of shape {:?}, the crop of `{name}` has {taken:?}",
            card.input.shape
        ))
    } else if given != [[1, LABEL_COUNT]] {
        Some(format!("the network gives values of shape {given:?}, not one for each of {LABEL_COUNT} labels"))
    } else {
        None
    }
}

/// `exp(logit / temperature)` of each logit, shared out so that the sum is 1.
pub fn softmax(logits: &[f32; LABEL_COUNT], temperature: f32) -> [f32; LABEL_COUNT] {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers = logits.map(|logit| ((logit - most) / temperature).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{LANDMARK_COUNT, Label};
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
    fn the_portrait_smiles() {
        let (luma, landmarks) = portrait();
        let mut classifier = ExpressionClassifier::new().unwrap();
        let p = classifier.classify(&luma, &landmarks).unwrap();
        assert_eq!(best(&p), Label::Happiness, "{p:?}");
        assert!(p[Label::Happiness.index()].unwrap() > 0.9, "{p:?}");
        assert!(p.iter().all(Option::is_some), "{p:?}");
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
    fn networks_and_records_that_do_not_belong_together_are_told_apart() {
        let network = || Network::embedded(Model::Expression).unwrap();
        let record = ExpressionRecord::embedded(FaceRegion::Face).unwrap();
        let with = |region, network: Network, record: &ExpressionRecord| {
            ExpressionClassifier::with(region, network, record).unwrap_err().to_string()
        };
        let spotter = Network::embedded(Model::Spotter).unwrap();
        let its = ExpressionRecord { sha256: spotter.card().sha256.clone(), ..record.clone() };
        for (error, named) in [
            (
                with(FaceRegion::Face, Network::embedded(Model::ExpressionEyes).unwrap(), &record),
                "another file",
            ),
            (with(FaceRegion::Eyes, network(), &record), "it is for `face`, not for `eyes`"),
            (
                with(FaceRegion::Face, network(), &ExpressionRecord { temperature: 0.0, ..record.clone() }),
                "temperature 0",
            ),
            (
                with(
                    FaceRegion::Face,
                    network(),
                    &ExpressionRecord { temperature: f32::NAN, ..record.clone() },
                ),
                "NaN",
            ),
            (with(FaceRegion::Face, spotter, &its), "the network takes values of shape"),
        ] {
            assert!(error.contains(named) && error.contains("onset train expression"), "{error}");
        }
        let mut card = network().card().clone();
        assert_eq!(mismatch(FaceRegion::Face, &card, &record), None);
        card.outputs[0].shape = vec![1, 7];
        let why = mismatch(FaceRegion::Face, &card, &record).unwrap();
        assert!(why.contains("[[1, 7]], not one for each of 8 labels"), "{why}");
        card.outputs.clear();
        assert!(mismatch(FaceRegion::Face, &card, &record).is_some());
    }

    #[test]
    fn a_file_of_another_shape_than_its_card_or_cut_short_is_not_loaded() {
        let card = Network::embedded(Model::Expression).unwrap().card().clone();
        let load = |bytes: &[u8]| Network::load(&card, bytes).unwrap_err().to_string();
        let other = load(&Model::ExpressionEyes.bytes());
        assert!(other.contains("expression") && other.contains("inputs"), "{other}");
        let bytes = Model::Expression.bytes();
        let short = load(&bytes[..bytes.len() / 2]);
        assert!(short.contains("expression"), "{short}");
    }

    #[test]
    fn posed_photos_come_out_as_posed() {
        // The one of disgust comes out as neutral or sad: disgust is what the network misses most often (its card).
        let shared = std::env::var_os("ONSET_SHARED").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
            std::path::PathBuf::from,
        );
        let mut classifier = ExpressionClassifier::new().unwrap();
        for (name, expected) in [
            ("0-f15-hao-ph.jpg", Label::Happiness),
            ("0-f1-su-ph.jpg", Label::Surprise),
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

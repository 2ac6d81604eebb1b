//! What an analysis can be told, by the names of the command line.

use super::InForce;
use crate::calibration::Thresholds;
use crate::face::FaceParams;
use crate::pipeline::AnalyzerParams;
use crate::spot::{SpotMethod, SpotParams};
use crate::types::Veto;

/// The options, with the defaults of the command line.
#[derive(Clone, Debug)]
pub struct AnalysisOptions {
    /// Landmark measurements a second of media; 0 for every frame.
    pub landmark_hz: f64,
    /// The same while the face does not change.
    pub landmark_still_hz: f64,
    /// Faces followed at most, 1 to 8; `None` for the profile's.
    pub faces: Option<u8>,
    /// How brief expressions are spotted.
    pub spotter: SpotMethod,
    /// Reasons that are not to keep a movement from being claimed.
    pub without_veto: Vec<Veto>,
}

impl Default for AnalysisOptions {
    fn default() -> Self {
        let standard = AnalyzerParams::default();
        Self {
            landmark_hz: standard.landmark_hz,
            landmark_still_hz: standard.landmark_still_hz,
            faces: None,
            spotter: SpotMethod::Auto,
            without_veto: Vec::new(),
        }
    }
}

impl AnalysisOptions {
    /// The analysis that these options ask for, with what the profile says.
    pub fn params(&self, in_force: &InForce) -> AnalyzerParams {
        let Thresholds { face, motion, expression, masked, blink, spot: _ } =
            in_force.profile.thresholds.clone();
        let mut spot = in_force.profile.spot_params();
        spot.vetoes.disabled.extend(&self.without_veto);
        let max_faces = self.faces.map_or(face.max_faces, usize::from);
        AnalyzerParams {
            landmark_hz: self.landmark_hz,
            landmark_still_hz: self.landmark_still_hz,
            face: FaceParams { max_faces, ..face },
            motion,
            expression,
            masked,
            rest: in_force.rest,
            blink,
            spot: SpotParams {
                method: self.spotter,
                // They take numbers too: an event has the same one whatever is written.
                keep_candidates: true,
                ..spot
            },
            ..AnalyzerParams::default()
        }
    }
}

/// A number above zero.
///
/// # Errors
/// Says what would be right.
pub fn positive_from(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err(format!("{text} is not a number above 0")),
    }
}

/// A landmark rate: 0 (every frame) to 240.
///
/// # Errors
/// Says what would be right.
pub fn landmark_hz_from(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=240.0).contains(&value) => Ok(value),
        _ => Err(format!("{text} is not a rate from 0 (every frame) to 240")),
    }
}

/// A reason for not claiming a movement, by its name in the tables.
///
/// # Errors
/// Says what would be right.
pub fn veto_from(text: &str) -> Result<Veto, String> {
    let can_be_left_out = |veto: &Veto| *veto != Veto::NotObservable;
    let veto = Veto::ALL.into_iter().find(|veto| veto.name() == text && can_be_left_out(veto));
    veto.ok_or_else(|| {
        let names: Vec<_> = Veto::ALL.into_iter().filter(can_be_left_out).map(Veto::name).collect();
        format!("{text} is no reason that can be left out; use {}", names.join(", "))
    })
}

/// A way of spotting, by its name; `state-machine` is as good as `state_machine`.
///
/// # Errors
/// Says what would be right.
pub fn spotter_from(text: &str) -> Result<SpotMethod, String> {
    let wanted = text.replace('-', "_");
    let method = SpotMethod::ALL.into_iter().find(|method| method.name() == wanted);
    method.ok_or_else(|| format!("{text} is not a spotter: use auto, state-machine, matched or network"))
}

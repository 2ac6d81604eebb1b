//! How the adaptive beams learn, and which changes and pulses they look for.

use serde::{Deserialize, Serialize};

/// How the beams learn. A trained network goes with one choice, which its record holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeamParams {
    /// Changes are taken over these lags, in ticks.
    pub lags: Vec<usize>,
    /// Rise, hold and fall of the pulses that are looked for, in ticks; rises and falls are among `lags`.
    pub pulses: Vec<[usize; 3]>,
    /// The covariance is that of changes over this lag, in ticks. 4: a typical rise of 130 ms.
    pub covariance_lag: usize,
    /// Time constant with which the covariance follows the face, in seconds. 8: long enough for 88 axes, short
    /// enough to follow somebody who begins to speak.
    pub time_s: f64,
    /// Share of the off-diagonal covariance that is not believed, `[0, 1]`.
    pub shrink: f64,
    /// Error that every axis has by itself, in ICD units: keeps the inverse finite and templates from being split hairs over.
    pub floor_icd: f64,
    /// What the axes are thought to do before anything is known, in ICD units: 2.6 % over 130 ms, the mean of the people that were
    /// tuned on.
    pub start_icd: f64,
    /// Share of the covariance that is always the usual one of people, scaled to this face, `[0, 1]`.
    pub keep_usual: f64,
    /// A tick that is this many times as restless as usual counts less, so that an event does not teach the beams to
    /// ignore it.
    pub clip: f64,
    /// The beams are computed anew every so many ticks. 15: half a second, a sixteenth of `time_s`.
    pub refresh_ticks: usize,
}

impl Default for BeamParams {
    fn default() -> Self {
        Self {
            lags: vec![2, 3, 4, 5, 7],
            pulses: vec![
                [2, 0, 2],
                [3, 0, 3],
                [4, 0, 4],
                [5, 0, 5],
                [7, 0, 7],
                [2, 0, 4],
                [3, 0, 5],
                [5, 0, 3],
                [7, 0, 4],
                [3, 2, 3],
                [4, 2, 4],
                [5, 2, 7],
            ],
            covariance_lag: 4,
            time_s: 8.0,
            shrink: 0.05,
            floor_icd: 0.0015,
            start_icd: 0.026,
            keep_usual: 0.6,
            clip: 2.0,
            refresh_ticks: 15,
        }
    }
}

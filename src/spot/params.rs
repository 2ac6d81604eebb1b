//! What the spotter can be told.

use serde::{Deserialize, Serialize};

use super::joint::JointParams;
use super::matched::MatchedParams;
use super::noise::UNKNOWN_ICD;
use super::state_machine::StateMachineParams;
use super::vetoes::VetoParams;
use crate::types::REGION_COUNT;

/// How movements are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpotMethod {
    /// The state machine, and the network for movements of which most regions are too restless for it.
    #[default]
    Auto,
    /// A state machine in each half of the face: best on calm faces.
    StateMachine,
    /// Matched filters on whitened action-unit channels.
    Matched,
    /// A temporal network trained on injected movements.
    Network,
}

impl SpotMethod {
    /// All methods.
    pub const ALL: [Self; 4] = [Self::Auto, Self::StateMachine, Self::Matched, Self::Network];

    /// The name used on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::StateMachine => "state_machine",
            Self::Matched => "matched",
            Self::Network => "network",
        }
    }
}

/// What the spotter can be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpotParams {
    /// How movements are found; on the command line, not in profiles.
    #[serde(skip)]
    pub method: SpotMethod,
    /// Thresholds of the state machine; its `threshold_sigma` also says what counts as observable.
    pub state_machine: StateMachineParams,
    /// Thresholds of the matched filters.
    pub matched: MatchedParams,
    /// What motion and expression networks weigh in an event's label.
    pub joint: JointParams,
    /// Thresholds of the vetoes; any of them, and the vote ([`crate::types::Veto::Lone`]), can be switched off there.
    pub vetoes: VetoParams,
    /// Candidates that are not claimed are given out too, with their reason.
    #[serde(skip)]
    pub keep_candidates: bool,
    /// Rest after an event in which no other micro-expression is claimed, in seconds (DESIGN section 6).
    pub refractory_s: f64,
    /// Movements that begin within this time of each other are one, in seconds. DESIGN section 6 lets regions vote within 100 ms; half a
    /// landmark interval is added.
    pub together_s: f64,
    /// A confirmation waits this long after the return for late vetoes, in seconds; at most 0.1 by issue 3.
    pub settle_s: f64,
    /// A region counts as moved from this share of the most moved one, `[0, 1]`. Ours.
    pub moved_share: f32,
    /// And from this many standard deviations of its usual change.
    pub moved_sigma: f32,
    /// An event must last this many frame periods (DESIGN section 3: 3); a little less, since onset and offset are estimated.
    pub min_periods: f64,
    /// Standard deviation of each region's change over 200 ms at rest, in ICD units, from a profile's `[noise]`: where learning starts.
    #[serde(skip)]
    pub seed_sigma_icd: [f32; REGION_COUNT],
}

impl Default for SpotParams {
    fn default() -> Self {
        Self {
            method: SpotMethod::default(),
            state_machine: StateMachineParams::default(),
            matched: MatchedParams::default(),
            joint: JointParams::default(),
            vetoes: VetoParams::default(),
            keep_candidates: false,
            refractory_s: 0.3,
            together_s: 0.13,
            settle_s: 0.06,
            moved_share: 0.3,
            moved_sigma: 2.5,
            min_periods: 2.7,
            seed_sigma_icd: [UNKNOWN_ICD; REGION_COUNT],
        }
    }
}

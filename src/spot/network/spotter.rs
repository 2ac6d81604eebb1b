//! The temporal network as a [`Detector`]: frames to ticks, ticks to features, features to proposals.

use std::collections::VecDeque;

use super::decide::{Decider, DecisionParams, HEAD_COUNT, Heads, Outcome};
use super::features::FeatureExtractor;
use super::points::{PointMotion, points};
use super::record::SpotterRecord;
use super::ticks::{TICK_HZ, Tick, TickParams, Ticker};
use crate::infer::{InferError, Model, Network, sha256_hex};
use crate::spot::{Detector, Proposal, SpotInput, Stage};
use crate::types::{Observability, REGION_COUNT, Timestamp};

/// Ticks that are kept to look up what moved between an onset and an apex: the longest that the network could speak of.
const KEPT_TICKS: usize = 2 * TICK_HZ as usize;

/// Why the network detector cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The ONNX file cannot be used.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// The record cannot be read.
    #[error(
        "the spotter's record (models/spotter.toml) is not usable: {0}; train again with `onset train spotter`"
    )]
    Record(#[from] toml::de::Error),
    /// Record and ONNX file do not belong together.
    #[error(
        "the spotter's record (models/spotter.toml) and its network differ: {0}; copy both from the same \
         `onset train spotter`"
    )]
    Mismatch(String),
}

/// Runs the network over a stream of ticks: the newest window of features through it, once a tick.
#[derive(Debug)]
pub struct Stream {
    network: Network,
    extractor: FeatureExtractor,
    /// The newest ticks' features, oldest first.
    window: Vec<f32>,
    newest: Vec<f32>,
}

impl Stream {
    /// A stream that has seen nothing.
    ///
    /// # Errors
    /// [`NetworkError::Mismatch`] where the network's input or output is not what the record says.
    pub fn new(record: &SpotterRecord, network: Network) -> Result<Self, NetworkError> {
        let extractor = FeatureExtractor::new(record.features.clone());
        let card = network.card();
        let (input, output) = (vec![record.window_ticks, extractor.channels()], vec![1, HEAD_COUNT]);
        let outputs: Vec<_> = card.outputs.iter().map(|output| output.shape.clone()).collect();
        if card.input.shape != input || outputs != [output] {
            return Err(NetworkError::Mismatch(format!(
                "the record means {input:?} -> [1, {HEAD_COUNT}], the network has {:?} -> {outputs:?}",
                card.input.shape
            )));
        }
        let window = vec![0.0; card.input.len()];
        Ok(Self { network, extractor, window, newest: Vec::new() })
    }

    /// Takes the next tick; its outputs, `None` where it has no motion.
    pub fn push(&mut self, tick: &Tick) -> Option<[f32; HEAD_COUNT]> {
        self.newest.clear();
        self.extractor.push(tick, &mut self.newest);
        // One value that is not a number would make all outputs so for as long as it is in the window.
        self.newest.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = 0.0);
        self.window.rotate_left(self.newest.len());
        let start = self.window.len() - self.newest.len();
        self.window[start..].copy_from_slice(&self.newest);
        if !tick.is_valid {
            return None;
        }
        // The shapes were checked at load, and nothing else makes a run fail: no outputs then, and the rest goes on.
        let outputs = self.network.run(&self.window).ok()?;
        outputs.values(0).try_into().ok()
    }

    fn reset(&mut self, record: &SpotterRecord) {
        self.extractor = FeatureExtractor::new(record.features.clone());
        self.window.fill(0.0);
    }
}

/// Finds micro-expressions with the temporal network that `onset train spotter` makes.
#[derive(Debug)]
pub struct NetworkDetector {
    record: SpotterRecord,
    stream: Stream,
    frame: PointMotion,
    ticker: Ticker,
    decider: Decider,
    /// Since when the face has been followed without a break.
    since: Option<Timestamp>,
    /// Oldest first.
    kept: VecDeque<Tick>,
    ticks: Vec<Tick>,
    outcomes: Vec<Outcome>,
}

impl NetworkDetector {
    /// The embedded network with its own thresholds.
    ///
    /// # Errors
    /// A damaged record or network.
    pub fn embedded() -> Result<Self, NetworkError> {
        let record = SpotterRecord::embedded()?;
        let found = sha256_hex(&Model::Spotter.bytes());
        if found != record.sha256 {
            return Err(NetworkError::Mismatch(format!(
                "SHA-256 of the network is {found}, the record is of {}",
                record.sha256
            )));
        }
        Self::new(record, Network::embedded(Model::Spotter)?, TickParams::default())
    }

    /// A detector with another network, or other thresholds.
    ///
    /// # Errors
    /// [`NetworkError::Mismatch`] where record and network differ.
    pub fn new(record: SpotterRecord, network: Network, ticks: TickParams) -> Result<Self, NetworkError> {
        Ok(Self {
            stream: Stream::new(&record, network)?,
            decider: Decider::new(record.decision),
            record,
            frame: PointMotion::default(),
            ticker: Ticker::new(ticks),
            since: None,
            kept: VecDeque::new(),
            ticks: Vec::new(),
            outcomes: Vec::new(),
        })
    }

    /// Thresholds in force.
    pub fn params(&self) -> &DecisionParams {
        self.decider.params()
    }

    /// Displacement of each region from one time to another, over the patches that were seen at both.
    fn motion_between(&self, from: Timestamp, to: Timestamp) -> [[f32; 2]; REGION_COUNT] {
        let nearest = |at: Timestamp| {
            let valid = self.kept.iter().filter(|tick| tick.is_valid);
            valid.min_by_key(|tick| (tick.centre.as_nanos() - at.as_nanos()).abs())
        };
        let mut motion = [[0.0; 2]; REGION_COUNT];
        let (Some(from), Some(to)) = (nearest(from), nearest(to)) else { return motion };
        let mut counts = [0.0_f32; REGION_COUNT];
        for ((before, after), id) in from.points.iter().zip(&to.points).zip(points()) {
            if before.is_valid && after.is_valid {
                let region = id.index();
                motion[region][0] += after.displacement_icd[0] - before.displacement_icd[0];
                motion[region][1] += after.displacement_icd[1] - before.displacement_icd[1];
                counts[region] += 1.0;
            }
        }
        for (motion, count) in motion.iter_mut().zip(counts).filter(|(_, count)| *count > 0.0) {
            *motion = motion.map(|v| v / count);
        }
        motion
    }
}

impl Detector for NetworkDetector {
    fn push(&mut self, input: &SpotInput, _: &Observability, proposals: &mut Vec<Proposal>) {
        let mut ticks = std::mem::take(&mut self.ticks);
        self.frame.fill(input.now, input.signal);
        self.ticker.push(&self.frame, &mut ticks);
        for tick in ticks.drain(..) {
            let row = self.stream.push(&tick);
            let heads = row.map_or_else(Heads::default, |row| Heads::from_row(&row));
            let mut outcomes = std::mem::take(&mut self.outcomes);
            self.decider.push(tick.centre, &heads, &mut outcomes);
            if self.kept.len() >= KEPT_TICKS {
                self.kept.pop_front();
            }
            self.since = if tick.is_valid { self.since.or(Some(tick.centre)) } else { None };
            self.kept.push_back(tick);
            // What began before the face was there was not seen.
            let is_seen = |outcome: &Outcome| {
                outcome.stage == Stage::Withdrawn || self.since.is_some_and(|since| outcome.onset >= since)
            };
            proposals.extend(outcomes.drain(..).filter(is_seen).map(|outcome| Proposal {
                key: outcome.key,
                stage: outcome.stage,
                onset: outcome.onset,
                apex: outcome.apex,
                offset: outcome.offset,
                score: outcome.score,
                motion_icd: self.motion_between(outcome.onset, outcome.apex),
                is_weighed: true,
            }));
            self.outcomes = outcomes;
        }
        self.ticks = ticks;
    }

    fn smallest_icd(&self) -> Option<[f32; REGION_COUNT]> {
        let beams = self.stream.extractor.beams()?;
        let is_followed = self.since.is_some();
        Some(if is_followed {
            beams.smallest_icd(self.record.observable_sigmas)
        } else {
            [f32::INFINITY; REGION_COUNT]
        })
    }

    fn reset(&mut self) {
        let params = *self.ticker.params();
        self.ticker = Ticker::new(params);
        self.stream.reset(&self.record);
        self.decider.reset();
        self.since = None;
        self.kept.clear();
    }
}

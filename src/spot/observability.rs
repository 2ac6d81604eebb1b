//! What could be seen of each region at this moment: the smallest event that the detector would still find there.
//!
//! Amplitudes are those of the event's strongest point, as in truth tables: an action unit that the region carries must exceed
//! its channel's threshold. The state machine's threshold stands for all methods; what a method really finds there is measured by
//! `onset evaluate spotting`.

use super::channels::ChannelBank;
use super::history::{Axes, MotionHistory};
use super::noise::{LAG_S, NoiseModel, lagged};
use crate::types::{Observability, REGION_COUNT, Signal};

/// Follows the noise of one face for the spotter.
#[derive(Clone, Debug)]
pub struct Observer {
    threshold_sigma: f32,
    floor_icd: f32,
    history: MotionHistory,
    noise: NoiseModel,
    bank: ChannelBank,
}

impl Observer {
    /// `threshold_sigma`, `floor_icd`: what a channel must exceed, in standard deviations and in ICD units. `sigma_icd`: see
    /// [`NoiseModel::seeded`].
    pub fn new(threshold_sigma: f32, floor_icd: f32, sigma_icd: &[f32; REGION_COUNT]) -> Self {
        let noise = NoiseModel::seeded(sigma_icd);
        let mut bank = ChannelBank::default();
        bank.seed(&noise.sigmas_icd());
        Self { threshold_sigma, floor_icd, history: MotionHistory::default(), noise, bank }
    }

    /// Takes a frame. `is_blank`: a veto blanks the region, by index; nothing is learned there meanwhile.
    pub fn push(&mut self, signal: &Signal, is_blank: impl Fn(usize) -> bool) -> Observability {
        self.history.push(signal);
        let sensor = |region: usize| signal.regions[region].sigma_icd;
        if self.noise.learn(&self.history, sensor, |region| !is_blank(region)) {
            self.bank.learn(&self.history, &self.noise.sigmas_icd(), |region| !is_blank(region));
        }
        let smallest_icd = std::array::from_fn(|region| {
            if is_blank(region) { f32::INFINITY } else { self.smallest_icd(region) }
        });
        Observability { captured_at: signal.captured_at, face_id: signal.face_id, smallest_icd }
    }

    fn smallest_icd(&self, region: usize) -> f32 {
        let Some(newest) = self.history.newest() else { return f32::INFINITY };
        let from = lagged(newest.at, LAG_S);
        let is_known = |axis: usize| newest.is_valid_since(axis, from);
        if !is_known(2 * region) {
            return f32::INFINITY;
        }
        let carried = self.bank.channels().iter().filter(|channel| {
            channel.is_carried_by(region) && channel.strength(&[0.0; super::history::AXES], is_known).is_some()
        });
        carried.fold(f32::INFINITY, |smallest, channel| {
            smallest.min((self.threshold_sigma * channel.sigma_icd()).max(self.floor_icd))
        })
    }

    /// Standard deviation of each axis' change over 200 ms, in ICD units.
    pub fn sigmas_icd(&self) -> Axes {
        self.noise.sigmas_icd()
    }

    /// Typical time between frames, in seconds.
    pub fn period_s(&self) -> Option<f64> {
        self.history.period_s()
    }

    /// Forgets the face.
    pub fn reset(&mut self) {
        self.history.clear();
        self.noise.reset();
        self.bank.seed(&self.noise.sigmas_icd());
    }
}

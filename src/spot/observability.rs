//! What could be seen of each region at this moment: the smallest event that the detector would still find there.
//!
//! Amplitudes are those of the event's strongest point, as in truth tables: an action unit that the region carries must exceed
//! its channel's threshold. This is the state machine's view; the network adds its own (`Detector::smallest_icd`), and the matched
//! filters, which have none, go by the state machine's. What a method really finds is measured by `onset evaluate spotting`. Lids are never
//! observable: they have no vote (see [`super::channels::Part::has_axis`]).

use super::channels::ChannelBank;
use super::history::{AXES, Axes, MotionHistory};
use super::noise::{LAG_S, NoiseModel, lagged};
use crate::types::{OBSERVABLE_ICD, Observability, REGION_COUNT, Region, RegionId, Signal, Timestamp};

/// Frame period assumed until two frames have come, in seconds.
pub const UNKNOWN_PERIOD_S: f64 = 1.0 / 30.0;
/// What is said to be the smallest event while the noise is not known yet, in ICD units: more than any face moves.
const UNLEARNED_ICD: f32 = 1.0;
/// Time over which a region's range is taken, in seconds: three syllables.
const RANGE_S: f64 = 0.8;

/// Follows the noise of one face for the spotter.
#[derive(Clone, Debug)]
pub struct Observer {
    threshold_sigma: f32,
    floor_icd: f32,
    history: MotionHistory,
    noise: NoiseModel,
    bank: ChannelBank,
    /// Kept: it is asked for several times a frame.
    sigmas_icd: Axes,
}

impl Observer {
    /// `threshold_sigma`, `floor_icd`: what a channel must exceed, in standard deviations and in ICD units. `sigma_icd`: see
    /// [`NoiseModel::seeded`].
    pub fn new(threshold_sigma: f32, floor_icd: f32, sigma_icd: &[f32; REGION_COUNT]) -> Self {
        let noise = NoiseModel::seeded(sigma_icd);
        let mut bank = ChannelBank::default();
        let sigmas_icd = noise.sigmas_icd();
        bank.seed(&sigmas_icd);
        Self { threshold_sigma, floor_icd, history: MotionHistory::default(), noise, bank, sigmas_icd }
    }

    /// Takes a frame. `is_blank`: a veto blanks the region, by index; nothing is learned there meanwhile. `factor`: by how much its
    /// threshold is raised.
    pub fn push(
        &mut self,
        signal: &Signal,
        is_blank: impl Fn(usize) -> bool,
        factor: impl Fn(RegionId) -> f32,
    ) -> Observability {
        self.history.push(signal);
        let sensor = |region: usize| signal.regions[region].sigma_icd;
        if self.noise.learn(&self.history, sensor, |region| !is_blank(region)) {
            self.sigmas_icd = self.noise.sigmas_icd();
            self.bank.learn(&self.history, &self.sigmas_icd, |region| !is_blank(region));
        }
        let mut smallest_icd = [f32::INFINITY; REGION_COUNT];
        for id in RegionId::all().filter(|id| !is_blank(id.index())) {
            // The whole brow is seen where one of its parts is.
            let parts = if id.region == Region::Brow {
                &[Region::InnerBrow, Region::OuterBrow][..]
            } else {
                &[id.region]
            };
            let of = |region: &Region| self.smallest_icd(RegionId { region: *region, ..id }.index(), true);
            smallest_icd[id.index()] = factor(id) * parts.iter().map(of).fold(f32::INFINITY, f32::min);
        }
        Observability { captured_at: signal.captured_at, face_id: signal.face_id, smallest_icd }
    }

    /// `is_told`: a channel whose noise is not known yet finds nothing (see [`super::channels::Channel::is_learned`]), though the region
    /// is open to learn from: [`UNLEARNED_ICD`] then, not infinite.
    fn smallest_icd(&self, region: usize, is_told: bool) -> f32 {
        let Some(newest) = self.history.newest() else { return f32::INFINITY };
        let from = lagged(newest.at, LAG_S);
        let is_known = |axis: usize| newest.is_valid_since(axis, from);
        if !is_known(2 * region) {
            return f32::INFINITY;
        }
        let carried = self.bank.channels().iter().filter(|channel| {
            channel.is_carried_by(region) && channel.strength(&[0.0; AXES], is_known).is_some()
        });
        carried.fold(f32::INFINITY, |smallest, channel| {
            let own = (self.threshold_sigma * channel.sigma_icd()).max(self.floor_icd);
            smallest.min(if channel.is_learned() || !is_told { own } else { UNLEARNED_ICD })
        })
    }

    /// Whether a region is quiet enough for an event of [`OBSERVABLE_ICD`] to be seen there, whatever blanks it at the moment.
    pub fn is_calm(&self, id: RegionId) -> bool {
        self.smallest_icd(id.index(), false) <= OBSERVABLE_ICD
    }

    /// Standard deviation of each axis' change over 200 ms, in ICD units.
    pub fn sigmas_icd(&self) -> &Axes {
        &self.sigmas_icd
    }

    /// How far apart a region's places were in the second before `until`, in ICD units.
    pub fn range_icd(&self, region: usize, until: Timestamp) -> f32 {
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for entry in self.history.since(lagged(until, RANGE_S)).take_while(|entry| entry.at <= until) {
            for i in 0..2 {
                low[i] = low[i].min(entry.place[2 * region + i]);
                high[i] = high[i].max(entry.place[2 * region + i]);
            }
        }
        if low[0] <= high[0] { (high[0] - low[0]).hypot(high[1] - low[1]) } else { 0.0 }
    }

    /// Typical time between frames, in seconds.
    pub fn period_s(&self) -> Option<f64> {
        self.history.period_s()
    }

    /// Forgets the face.
    pub fn reset(&mut self) {
        self.history.clear();
        self.noise.reset();
        self.sigmas_icd = self.noise.sigmas_icd();
        self.bank.seed(&self.sigmas_icd);
    }
}

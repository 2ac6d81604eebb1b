//! Synthetic region signals with known events, for the tests of the detectors.

use std::f64::consts::TAU;

use super::detector::SpotInput;
use super::params::SpotParams;
use super::spotter::Spotter;
use super::templates::templates;
use crate::types::{
    Event, FrameStatus, Observability, REGION_COUNT, Region, RegionId, RegionMotion, Side, Signal, Timestamp,
};

/// Session time in seconds.
pub fn at_s(time_s: f64) -> Timestamp {
    Timestamp::from_secs_f64(time_s)
}

/// A face at rest, every region measured.
pub fn still(time_s: f64) -> Signal {
    Signal {
        captured_at: at_s(time_s),
        face_id: 1,
        regions: [RegionMotion { is_valid: true, sigma_icd: 0.0005, ..RegionMotion::default() };
            REGION_COUNT],
        patches: Default::default(),
        head_turn_deg_s: 0.0,
        head_speed_icd_s: 0.0,
        residual_icd: 0.001,
        is_new_reference: false,
    }
}

/// Repeatable noise, roughly Gaussian with standard deviation 1 (twelve uniform values).
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    pub fn next(&mut self) -> f32 {
        (0..12).map(|_| self.uniform()).sum::<f32>() - 6.0
    }
}

/// A smooth movement that leaves rest at `onset_s`, is whole at `apex_s`, and is back at `offset_s`.
pub fn envelope(time_s: f64, onset_s: f64, apex_s: f64, offset_s: f64) -> f32 {
    let cosine = |share: f64| 0.5 - 0.5 * (TAU / 2.0 * share.clamp(0.0, 1.0)).cos();
    let rise = cosine((time_s - onset_s) / (apex_s - onset_s));
    let fall = cosine((time_s - apex_s) / (offset_s - apex_s));
    (rise - fall) as f32
}

/// Action units that act on both sides, or on one, through an envelope.
#[derive(Clone, Debug)]
pub struct Acted {
    pub units: Vec<u8>,
    pub side: Option<Side>,
    pub amplitude_icd: f32,
    pub onset_s: f64,
    pub apex_s: f64,
    pub offset_s: f64,
}

impl Acted {
    /// On both sides, with a rise of two fifths.
    pub fn new(units: &[u8], amplitude_icd: f32, onset_s: f64, length_s: f64) -> Self {
        let (apex_s, offset_s) = (onset_s + 0.4 * length_s, onset_s + length_s);
        Self { units: units.to_vec(), side: None, amplitude_icd, onset_s, apex_s, offset_s }
    }
}

/// A face that acts, with noise, at a frame rate; the rest is up to `also`.
pub struct Scene<'a> {
    pub fps: f64,
    pub duration_s: f64,
    pub noise_icd: f32,
    pub seed: u64,
    pub acts: Vec<Acted>,
    /// Changes each frame's signal, given its time.
    pub also: &'a dyn Fn(f64, &mut Signal),
}

impl Scene<'_> {
    /// The signals of all frames.
    pub fn signals(&self) -> Vec<Signal> {
        let mut noise = Noise::new(self.seed);
        let frames = (self.duration_s * self.fps) as usize;
        (0..frames)
            .map(|n| {
                let time_s = n as f64 / self.fps;
                let mut signal = still(time_s);
                for act in &self.acts {
                    let level = envelope(time_s, act.onset_s, act.apex_s, act.offset_s) * act.amplitude_icd;
                    let acting = templates().iter().filter(|t| {
                        act.units.contains(&t.action_unit) && act.side.is_none_or(|side| side == t.side)
                    });
                    for template in acting {
                        for (region, motion) in signal.regions.iter_mut().zip(template.motion) {
                            region.displacement_icd[0] += level * motion[0];
                            region.displacement_icd[1] += level * motion[1];
                        }
                    }
                }
                for region in &mut signal.regions {
                    region.displacement_icd[0] += self.noise_icd * noise.next();
                    region.displacement_icd[1] += self.noise_icd * noise.next();
                }
                (self.also)(time_s, &mut signal);
                signal
            })
            .collect()
    }

    /// What the spotter says, in order.
    pub fn spot(&self, params: &SpotParams) -> Vec<Event> {
        spot(&self.signals(), params).0
    }
}

/// Runs the spotter over signals; its events, and what it could see.
pub fn spot(signals: &[Signal], params: &SpotParams) -> (Vec<Event>, Vec<Option<Observability>>) {
    let (mut spotter, mut next, mut events, mut seen) =
        (Spotter::new(params.clone()).unwrap(), 0, Vec::new(), Vec::new());
    for signal in signals {
        let input = SpotInput {
            now: signal.captured_at,
            status: FrameStatus::Ok,
            signal: Some(signal),
            update: None,
            gaps: &[],
            luma_mean: 120.0,
            frame_luma_mean: 120.0,
        };
        seen.push(spotter.push(&input, &mut next, &mut events));
    }
    spotter.finish(&mut next, &mut events);
    (events, seen)
}

/// The last word on each event, those that were withdrawn left out.
pub fn settled(events: &[Event]) -> Vec<Event> {
    let mut last: Vec<Event> = Vec::new();
    for event in events {
        match last.iter_mut().find(|known| known.id == event.id) {
            Some(known) => *known = event.clone(),
            None => last.push(event.clone()),
        }
    }
    last.retain(|event| event.veto.is_none());
    last
}

/// Intersection over union of an event with `onset_s..offset_s`.
pub fn iou(event: &Event, onset_s: f64, offset_s: f64) -> f64 {
    let (start, end) = (event.onset.as_secs_f64(), event.offset.map_or(f64::NAN, Timestamp::as_secs_f64));
    (end.min(offset_s) - start.max(onset_s)) / (end.max(offset_s) - start.min(onset_s))
}

/// Moves both sides of a region.
pub fn shift(signal: &mut Signal, region: Region, by_icd: [f32; 2]) {
    for side in [Side::Left, Side::Right] {
        let motion = &mut signal.regions[RegionId { region, side }.index()];
        motion.displacement_icd[0] += by_icd[0];
        motion.displacement_icd[1] += by_icd[1];
    }
}

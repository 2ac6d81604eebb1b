//! What the synthetic face does: exact times, amplitudes and regions.
//!
//! One cycle lasts 24 s. A brief brow lowering comes every 6 s; each cycle has one brief brow raise, one brief pull of
//! the left and one of the right mouth corner, and two slow smiles, the second with a brow lowering inside it. Blinks
//! come 2-4 s apart at times that depend on the seed, and never overlap a brow event.

use std::f64::consts::TAU;

use super::noise::unit;
use crate::types::{EventKind, Region, RegionId, Side};

/// Seconds after which the script of expressions repeats (blinks and head motion do not).
const CYCLE_S: f64 = 24.0;
/// Blinks start within the middle third of each 3 s slot: 2-4 s apart, and clear of the brow events at multiples of 3 s.
const BLINK_SLOT_S: f64 = 3.0;
/// Lids close in 90 ms, stay closed for 50 ms and open in 160 ms; spontaneous blinks last 0.1-0.4 s and open slower
/// than they close (Schiffman, Sensation and Perception, 2001).
const BLINK: Shape = Shape { rise_s: 0.09, hold_s: 0.05, fall_s: 0.16 };

/// A movement's course in time.
#[derive(Clone, Copy, Debug)]
struct Shape {
    rise_s: f64,
    hold_s: f64,
    fall_s: f64,
}

impl Shape {
    fn total_s(self) -> f64 {
        self.rise_s + self.hold_s + self.fall_s
    }

    /// 0 at rest, 1 at the apex, `since_onset_s` seconds after the onset.
    fn at(self, since_onset_s: f64) -> f64 {
        let fall_from = self.rise_s + self.hold_s;
        if since_onset_s <= 0.0 || since_onset_s >= self.total_s() {
            0.0
        } else if since_onset_s < self.rise_s {
            smoothstep(since_onset_s / self.rise_s)
        } else {
            1.0 - smoothstep((since_onset_s - fall_from) / self.fall_s)
        }
    }
}

/// `3x² - 2x³` on `[0, 1]`, 0 below and 1 above.
fn smoothstep(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// Which parts a scripted expression moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Movement {
    BrowLower,
    BrowRaise,
    CornerLeft,
    CornerRight,
    Smile,
}

/// One scripted expression of a cycle.
struct Scripted {
    onset_s: f64,
    movement: Movement,
    amplitude_icd: f64,
    shape: Shape,
}

const LOWER: Shape = Shape { rise_s: 0.12, hold_s: 0.0, fall_s: 0.23 };
const RAISE: Shape = Shape { rise_s: 0.15, hold_s: 0.0, fall_s: 0.30 };
const PULL: Shape = Shape { rise_s: 0.10, hold_s: 0.0, fall_s: 0.20 };
const SMILE: Shape = Shape { rise_s: 0.7, hold_s: 1.3, fall_s: 1.0 };

const fn scripted(onset_s: f64, movement: Movement, amplitude_icd: f64, shape: Shape) -> Scripted {
    Scripted { onset_s, movement, amplitude_icd, shape }
}

/// Amplitudes are two to three times the floor of 2.8-3.3 % ICD that published spotters use.
const CYCLE: [Scripted; 9] = [
    scripted(3.0, Movement::BrowLower, 0.08, LOWER),
    scripted(5.7, Movement::CornerLeft, 0.08, PULL),
    scripted(9.0, Movement::BrowLower, 0.08, LOWER),
    scripted(10.5, Movement::Smile, 0.12, SMILE),
    scripted(15.0, Movement::BrowLower, 0.08, LOWER),
    scripted(18.2, Movement::BrowRaise, 0.09, RAISE),
    scripted(19.5, Movement::Smile, 0.12, SMILE),
    scripted(21.0, Movement::BrowLower, 0.08, LOWER),
    scripted(23.6, Movement::CornerRight, 0.08, PULL),
];

/// The truth about one event of the synthetic face.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticEvent {
    /// [`EventKind::Micro`], [`EventKind::Macro`] or [`EventKind::Blink`].
    pub kind: EventKind,
    /// When motion starts, in seconds of media time.
    pub onset_s: f64,
    /// When it is strongest (the middle of that time, where it is held).
    pub apex_s: f64,
    /// When the face is back at rest.
    pub offset_s: f64,
    /// Displacement of the strongest point at the apex, in ICD units; 0 for blinks, which are measured by closure.
    pub amplitude_icd: f32,
    /// Regions that move.
    pub regions: Vec<RegionId>,
    /// FACS action units that it shows.
    pub action_units: Vec<u8>,
}

/// How the face is posed at one instant. Lengths in ICD units of the face at rest; x to image right, y down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FaceState {
    /// Displacement of the inner brows towards the nose and down (AU 4).
    pub brow_lower_icd: f32,
    /// Displacement of the brows upwards (AU 1 + 2).
    pub brow_raise_icd: f32,
    /// Displacement of the subject's left mouth corner outwards and up (AU 12).
    pub corner_left_icd: f32,
    /// The same of the right corner.
    pub corner_right_icd: f32,
    /// 0 open, 1 closed.
    pub lids_closed: f32,
    /// Shift of the head.
    pub head_shift_icd: [f32; 2],
    /// Tilt of the head, in radians, clockwise in the image.
    pub head_roll_rad: f32,
    /// Scale of the head against rest: near 1.
    pub head_scale: f32,
}

impl FaceState {
    /// Weakens or strengthens the parts, see [`super::SyntheticParams`].
    pub(super) fn scale_by(&mut self, head: f32, expressions: f32, blinks: bool) {
        self.head_shift_icd = self.head_shift_icd.map(|v| v * head);
        self.head_roll_rad *= head;
        self.head_scale = 1.0 + (self.head_scale - 1.0) * head;
        self.brow_lower_icd *= expressions;
        self.brow_raise_icd *= expressions;
        self.corner_left_icd *= expressions;
        self.corner_right_icd *= expressions;
        if !blinks {
            self.lids_closed = 0.0;
        }
    }
}

/// The script of one synthetic face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntheticScript {
    seed: u64,
}

impl SyntheticScript {
    /// The script that goes with a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The events whose onset lies in `[from_s, to_s)`, in order of onset.
    pub fn events_between(&self, from_s: f64, to_s: f64) -> Vec<SyntheticEvent> {
        if !(from_s.is_finite() && to_s.is_finite()) {
            return Vec::new();
        }
        let slots =
            |slot_s: f64| ((from_s / slot_s).floor().max(0.0) as u64)..(to_s / slot_s).ceil().max(0.0) as u64;
        let blinks = slots(BLINK_SLOT_S).map(|slot| event(EventKind::Blink, self.blink_onset_s(slot), BLINK));
        let expressions = slots(CYCLE_S)
            .flat_map(|cycle| CYCLE.iter().map(move |s| expression(s, cycle as f64 * CYCLE_S + s.onset_s)));
        let mut events: Vec<_> =
            blinks.chain(expressions).filter(|e| e.onset_s >= from_s && e.onset_s < to_s).collect();
        events.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
        events
    }

    /// The pose at `time_s` seconds of media time (0 or later).
    pub fn state_at(&self, time_s: f64) -> FaceState {
        let mut state = FaceState { head_scale: 1.0, ..FaceState::default() };
        let in_cycle_s = time_s.rem_euclid(CYCLE_S);
        for scripted in &CYCLE {
            let amount = (scripted.amplitude_icd * scripted.shape.at(in_cycle_s - scripted.onset_s)) as f32;
            match scripted.movement {
                Movement::BrowLower => state.brow_lower_icd += amount,
                Movement::BrowRaise => state.brow_raise_icd += amount,
                Movement::CornerLeft => state.corner_left_icd += amount,
                Movement::CornerRight => state.corner_right_icd += amount,
                Movement::Smile => {
                    state.corner_left_icd += amount;
                    state.corner_right_icd += amount;
                }
            }
        }
        let slot = (time_s / BLINK_SLOT_S).floor().max(0.0) as u64;
        state.lids_closed = BLINK.at(time_s - self.blink_onset_s(slot)) as f32;
        self.move_head(time_s, &mut state);
        state
    }

    /// Slow sway: sums of two sines of incommensurable periods each. At most 0.12 ICD, 1.2 degrees and 1 % of scale;
    /// the speed stays below 0.2 ICD/s.
    fn move_head(&self, time_s: f64, state: &mut FaceState) {
        let sway = |counter: u64, slow_hz: f64, fast_hz: f64| {
            let phase = |i| TAU * unit(self.seed ^ 0x6865_6164, counter * 2 + i);
            0.7 * (TAU * slow_hz * time_s + phase(0)).sin() + 0.3 * (TAU * fast_hz * time_s + phase(1)).sin()
        };
        state.head_shift_icd = [(0.10 * sway(0, 0.11, 0.31)) as f32, (0.06 * sway(1, 0.14, 0.37)) as f32];
        state.head_roll_rad = (1.2_f64.to_radians() * sway(2, 0.09, 0.23)) as f32;
        state.head_scale = 1.0 + (0.010 * sway(3, 0.07, 0.19)) as f32;
    }

    fn blink_onset_s(&self, slot: u64) -> f64 {
        (slot as f64 + (1.0 + unit(self.seed ^ 0x626C_696E, slot)) / 3.0) * BLINK_SLOT_S
    }
}

fn expression(scripted: &Scripted, onset_s: f64) -> SyntheticEvent {
    let kind = if scripted.movement == Movement::Smile { EventKind::Macro } else { EventKind::Micro };
    let (regions, sides, units): (&[Region], &[Side], &[u8]) = match scripted.movement {
        Movement::BrowLower => (&[Region::InnerBrow, Region::Brow, Region::Glabella], &BOTH, &[4]),
        Movement::BrowRaise => (&[Region::InnerBrow, Region::OuterBrow, Region::Brow], &BOTH, &[1, 2]),
        Movement::CornerLeft => (&[Region::MouthCorner], &[Side::Left], &[12]),
        Movement::CornerRight => (&[Region::MouthCorner], &[Side::Right], &[12]),
        Movement::Smile => (&[Region::MouthCorner], &BOTH, &[12]),
    };
    let regions = regions.iter().flat_map(|&region| sides.iter().map(move |&side| RegionId { region, side }));
    SyntheticEvent {
        amplitude_icd: scripted.amplitude_icd as f32,
        regions: regions.collect(),
        action_units: units.to_vec(),
        ..event(kind, onset_s, scripted.shape)
    }
}

const BOTH: [Side; 2] = [Side::Left, Side::Right];

/// An event without amplitude; the regions are those of a blink.
fn event(kind: EventKind, onset_s: f64, shape: Shape) -> SyntheticEvent {
    SyntheticEvent {
        kind,
        onset_s,
        apex_s: onset_s + shape.rise_s + shape.hold_s / 2.0,
        offset_s: onset_s + shape.total_s(),
        amplitude_icd: 0.0,
        regions: BOTH.map(|side| RegionId { region: Region::Lid, side }).to_vec(),
        action_units: vec![45],
    }
}

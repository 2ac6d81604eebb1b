//! Scripted motions other than expressions: blinks, speech, the head's turns and sway, the breath.

use std::f64::consts::TAU;

use super::envelope::smoothstep;
use super::head::HeadState;
use super::random::Stream;

/// One syllable: the jaw opens and closes, the lips round or spread.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Syllable {
    start_s: f64,
    length_s: f64,
    jaw_icd: f64,
    /// Positive: rounded.
    round_icd: f64,
}

/// A bout of speech.
#[derive(Clone, Debug, PartialEq)]
pub struct Speech {
    /// First motion, in seconds of media time.
    pub onset_s: f64,
    /// Last motion.
    pub offset_s: f64,
    syllables: Vec<Syllable>,
}

impl Speech {
    /// 3-6 syllables a second (Poeppel, Assaneo 2020: 2-8 Hz with a peak at 4-5), jaw 2-8 % ICD.
    pub(super) fn new(onset_s: f64, length_s: f64, random: &mut Stream) -> Self {
        let mut syllables = Vec::new();
        let mut start_s = onset_s;
        while start_s < onset_s + length_s {
            let length_s = 1.0 / random.within(3.0, 6.0);
            let jaw_icd = random.within(0.02, 0.08);
            syllables.push(Syllable { start_s, length_s, jaw_icd, round_icd: random.within(-0.03, 0.05) });
            start_s += length_s;
            // Between words.
            if random.chance(0.15) {
                start_s += random.within(0.05, 0.2);
            }
        }
        let offset_s = syllables.last().map_or(onset_s, |last| last.start_s + last.length_s);
        Self { onset_s, offset_s, syllables }
    }

    /// Jaw drop and lip rounding at a time, in ICD units.
    pub(super) fn at(&self, time_s: f64) -> [f64; 2] {
        let spoken = self.syllables.iter().find(|s| (s.start_s..s.start_s + s.length_s).contains(&time_s));
        spoken.map_or([0.0; 2], |syllable| {
            let open = 0.5 - 0.5 * (TAU * (time_s - syllable.start_s) / syllable.length_s).cos();
            [syllable.jaw_icd * open, syllable.round_icd * open]
        })
    }

    /// Its largest motion, in ICD units.
    pub(super) fn largest_icd(&self) -> f64 {
        self.syllables.iter().map(|s| s.jaw_icd.max(s.round_icd.abs())).fold(0.0, f64::max)
    }
}

/// A move of the head from one attitude to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadMove {
    /// When it starts, in seconds of media time.
    pub onset_s: f64,
    /// When it ends.
    pub offset_s: f64,
    from_deg: [f64; 2],
    to_deg: [f64; 2],
}

impl HeadMove {
    /// Yaw and pitch on the way: the smoothest path (minimum jerk; Flash, Hogan 1985).
    fn at(&self, time_s: f64) -> [f64; 2] {
        let x = ((time_s - self.onset_s) / (self.offset_s - self.onset_s)).clamp(0.0, 1.0);
        let share = x * x * x * (10.0 - 15.0 * x + 6.0 * x * x);
        [0, 1].map(|i| self.from_deg[i] + share * (self.to_deg[i] - self.from_deg[i]))
    }
}

/// How the head of a still base moves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeadScript {
    /// Turns and nods, one after the other.
    pub moves: Vec<HeadMove>,
    sway: Option<Sway>,
    breath: Option<Breath>,
}

#[derive(Clone, Debug, PartialEq)]
struct Sway {
    largest_icd: f64,
    /// Frequency in Hz and phase of the slow and the fast part, across and down.
    parts: [[[f64; 2]; 2]; 2],
}

#[derive(Clone, Debug, PartialEq)]
struct Breath {
    rise_icd: f64,
    hz: f64,
    phase: f64,
}

impl HeadScript {
    /// Adds moves at these times; each goes to a new attitude within `largest_deg`, the last back to the front.
    pub(super) fn turn(&mut self, times_s: &[[f64; 2]], largest_deg: f64, random: &mut Stream) {
        let mut from_deg = [0.0; 2];
        for (index, &[onset_s, offset_s]) in times_s.iter().enumerate() {
            let is_last = index + 1 == times_s.len();
            let reach = |random: &mut Stream, share: f64| share * largest_deg * random.within(-1.0, 1.0);
            let to_deg = if is_last || (index % 2 == 1 && random.chance(0.5)) {
                [0.0; 2]
            } else {
                [reach(random, 1.0), reach(random, 0.7)]
            };
            self.moves.push(HeadMove { onset_s, offset_s, from_deg, to_deg });
            from_deg = to_deg;
        }
    }

    /// Adds slow sway, at most `largest_icd` to each side.
    pub(super) fn sway(&mut self, largest_icd: f64, random: &mut Stream) {
        let mut part = |low: f64, high: f64| [random.within(low, high), random.within(0.0, TAU)];
        let parts = [[part(0.08, 0.15), part(0.25, 0.45)], [part(0.08, 0.15), part(0.25, 0.45)]];
        self.sway = Some(Sway { largest_icd, parts });
    }

    /// Adds a breath of 12-18 a minute.
    pub(super) fn breathe(&mut self, rise_icd: f64, random: &mut Stream) {
        self.breath = Some(Breath { rise_icd, hz: random.within(0.2, 0.3), phase: random.within(0.0, TAU) });
    }

    /// Attitude and place at a time.
    pub fn at(&self, time_s: f64) -> HeadState {
        let mut state = HeadState::default();
        if let Some(current) = self.moves.iter().rev().find(|m| m.onset_s <= time_s) {
            let [yaw, pitch] = current.at(time_s);
            (state.yaw_deg, state.pitch_deg) = (yaw as f32, pitch as f32);
        }
        if let Some(sway) = &self.sway {
            let wave = |[hz, phase]: [f64; 2]| (TAU * hz * time_s + phase).sin();
            state.shift_icd = sway
                .parts
                .map(|[slow, fast]| (sway.largest_icd * (0.75 * wave(slow) + 0.25 * wave(fast))) as f32);
        }
        if let Some(breath) = &self.breath {
            state.shift_icd[1] += (breath.rise_icd * (TAU * breath.hz * time_s + breath.phase).sin()) as f32;
        }
        state
    }

    /// Whether the head ever moves.
    pub(super) fn is_still(&self) -> bool {
        self.moves.is_empty() && self.sway.is_none() && self.breath.is_none()
    }
}

/// A blink: lids close within 75-105 ms and open more slowly (Bologna et al. 2009; VanderWerf et al. 2003).
pub(super) fn blink_times(random: &mut Stream) -> [f64; 3] {
    [random.within(0.07, 0.11), random.within(0.0, 0.05), random.within(0.13, 0.22)]
}

/// A step of light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LightStep {
    /// When it starts, in seconds of media time.
    pub onset_s: f64,
    /// When it is complete.
    pub offset_s: f64,
    /// Factor on the light before it that it leads to.
    pub gain: f64,
}

/// The light at a time, as a factor: steps undo each other in pairs.
pub(super) fn light_at(steps: &[LightStep], time_s: f64) -> f64 {
    let mut light = 1.0;
    let mut before = 1.0;
    for step in steps.iter().take_while(|step| step.onset_s <= time_s) {
        let share = smoothstep((time_s - step.onset_s) / (step.offset_s - step.onset_s).max(1e-3));
        light = before + share * (step.gain - before);
        before = step.gain;
    }
    light
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_keeps_to_its_rate_and_ends_at_rest() {
        let speech = Speech::new(1.0, 5.0, &mut Stream::new(1, "test"));
        assert_eq!(speech.at(0.99), [0.0; 2]);
        assert_eq!(speech.at(speech.offset_s + 0.01), [0.0; 2]);
        let opened = (0..6000).map(|ms| speech.at(1.0 + f64::from(ms) / 1000.0)[0]).collect::<Vec<_>>();
        let peaks = opened.windows(3).filter(|w| w[1] > w[0] && w[1] >= w[2]).count();
        assert!((13..=30).contains(&peaks), "{peaks} syllables in 5 s");
        assert!(opened.iter().all(|v| (0.0..=0.08).contains(v)));
    }

    #[test]
    fn the_head_moves_without_jumps_at_a_natural_speed() {
        let mut script = HeadScript::default();
        let mut random = Stream::new(2, "test");
        script.turn(&[[1.0, 1.7], [3.0, 3.5], [5.0, 5.9]], 12.0, &mut random);
        script.sway(0.15, &mut random);
        script.breathe(0.01, &mut random);
        let states: Vec<_> = (0..8000).map(|ms| script.at(f64::from(ms) / 1000.0)).collect();
        for pair in states.windows(2) {
            assert!((pair[1].yaw_deg - pair[0].yaw_deg).abs() < 0.1, "100 degrees a second");
            assert!((pair[1].shift_icd[0] - pair[0].shift_icd[0]).abs() < 5e-4);
        }
        assert!(
            states.iter().all(|s| s.yaw_deg.abs() <= 12.0 && s.shift_icd.iter().all(|v| v.abs() <= 0.17))
        );
        assert_eq!(states.last().map(|s| (s.yaw_deg, s.pitch_deg)), Some((0.0, 0.0)));
    }

    #[test]
    fn light_goes_from_step_to_step() {
        let steps = [
            LightStep { onset_s: 1.0, offset_s: 1.05, gain: 1.1 },
            LightStep { onset_s: 2.0, offset_s: 2.05, gain: 1.0 },
        ];
        assert_eq!([0.5, 1.5, 3.0].map(|t| light_at(&steps, t)), [1.0, 1.1, 1.0]);
        assert!((1.0..1.1).contains(&light_at(&steps, 1.02)));
    }
}

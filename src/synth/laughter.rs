//! Laughter: a wide smile with raised cheeks while jaw and head beat.

use std::f64::consts::TAU;

use super::envelope::Envelope;
use super::expression::Layers;
use super::random::Stream;

/// Calls a second: 4.4 (Bachorowski, Smoski, Owren, J Acoust Soc Am 110, 2001) to 4.8 (Provine, Yong, Ethology 89, 1991).
const CALLS_HZ: [f64; 2] = [4.0, 5.0];
/// A bout lasts so long, in seconds.
const TOTAL_S: [f64; 2] = [1.0, 3.0];
/// What the corners of the mouth move, in ICD units.
const MOUTH_AMPLITUDE_ICD: [f64; 2] = [0.16, 0.28];
/// What the jaw moves with each call, in ICD units.
const JAW_ICD: [f64; 2] = [0.03, 0.08];
/// How far a still base's head goes up and down with it, in ICD units, to each side.
const BOB_ICD: [f64; 2] = [0.008, 0.025];

/// A bout of laughter.
#[derive(Clone, Debug, PartialEq)]
pub struct Laughter {
    /// AU 6+12.
    pub smile: Layers,
    calls_hz: f64,
    jaw_icd: f64,
    bob_icd: f64,
}

impl Laughter {
    pub(super) fn new(random: &mut Stream) -> Self {
        let within = |random: &mut Stream, [low, high]: [f64; 2]| random.within(low, high);
        let total_s = within(random, TOTAL_S);
        let (rise_s, fall_s) = (random.within(0.2, 0.4), random.within(0.3, 0.5));
        let envelope = Envelope { onset_s: 0.0, rise_s, hold_s: total_s - rise_s - fall_s, fall_s };
        Self {
            smile: Layers::smile(envelope, MOUTH_AMPLITUDE_ICD, true, random),
            calls_hz: within(random, CALLS_HZ),
            jaw_icd: within(random, JAW_ICD),
            bob_icd: within(random, BOB_ICD),
        }
    }

    pub(super) fn later(self, by_s: f64) -> Self {
        Self { smile: self.smile.later(by_s), ..self }
    }

    /// Its times.
    pub fn envelope(&self) -> &Envelope {
        &self.smile.main.envelope
    }

    /// Jaw drop at a time, in ICD units.
    pub(super) fn jaw_at(&self, time_s: f64) -> f64 {
        self.jaw_icd * self.envelope().at(time_s) * (0.5 - 0.5 * self.phase(time_s).cos())
    }

    /// Where the head is at a time, down, in ICD units.
    pub(super) fn bob_at(&self, time_s: f64) -> f64 {
        self.bob_icd * self.envelope().at(time_s) * self.phase(time_s).sin()
    }

    fn phase(&self, time_s: f64) -> f64 {
        TAU * self.calls_hz * (time_s - self.envelope().onset_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jaw_beats_four_to_five_times_a_second_and_rests_outside() {
        for seed in 0..20 {
            let laughter = Laughter::new(&mut Stream::new(seed, "test")).later(1.0);
            let envelope = *laughter.envelope();
            assert!((1.0..=3.0).contains(&envelope.total_s()), "{envelope:?}");
            assert_eq!(laughter.smile.action_units(), [6, 12]);
            let jaw: Vec<f64> = (0..5000).map(|ms| laughter.jaw_at(f64::from(ms) / 1000.0)).collect();
            let peaks = jaw.windows(3).filter(|w| w[1] > w[0] && w[1] >= w[2]).count() as f64;
            let hz = peaks / envelope.total_s();
            assert!((3.0..=5.8).contains(&hz), "{hz} calls a second");
            assert!(jaw.iter().all(|v| (0.0..=0.08).contains(v)));
            for away_s in [0.999, envelope.offset_s() + 0.001] {
                assert_eq!((laughter.jaw_at(away_s), laughter.bob_at(away_s)), (0.0, 0.0));
            }
        }
    }
}

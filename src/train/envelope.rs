//! How a synthetic event goes in time: from 0 to 1 and back, or not back.

use std::f64::consts::TAU;

use rand::{Rng, RngExt};

/// The course of one event. 0 before its onset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Envelope {
    /// Up, held, down.
    Pulse(Pulse),
    /// Up and down several times, as lips and jaw do in speech.
    Oscillation {
        /// When it begins, in seconds.
        onset_s: f64,
        /// How long it lasts, in seconds.
        length_s: f64,
        /// Cycles a second.
        rate_hz: f64,
    },
}

/// Up, held, down; each flank smooth and with its own skew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// First change, in seconds.
    pub onset_s: f64,
    /// From onset to apex, in seconds.
    pub rise_s: f64,
    /// At the apex, in seconds.
    pub hold_s: f64,
    /// From the end of the hold to the offset, in seconds; infinite where it stays.
    pub fall_s: f64,
    /// Skew of the rise and of the fall: above 1 they begin slowly, below 1 fast.
    pub skew: [f64; 2],
    /// What is left after the offset, as a share of the apex.
    pub rest: f64,
}

impl Pulse {
    /// When it is strongest first, in seconds.
    pub fn apex_s(&self) -> f64 {
        self.onset_s + self.rise_s
    }

    /// When it has returned, in seconds; infinite where it stays.
    pub fn offset_s(&self) -> f64 {
        self.apex_s() + self.hold_s + self.fall_s
    }

    fn value(&self, at_s: f64) -> f64 {
        let since = at_s - self.onset_s;
        if since <= 0.0 {
            return 0.0;
        }
        if since < self.rise_s {
            return smooth((since / self.rise_s).powf(self.skew[0]));
        }
        let falling = since - self.rise_s - self.hold_s;
        if falling <= 0.0 || self.fall_s.is_infinite() {
            return 1.0;
        }
        if falling >= self.fall_s {
            return self.rest;
        }
        1.0 - (1.0 - self.rest) * smooth((falling / self.fall_s).powf(self.skew[1]))
    }
}

impl Envelope {
    /// Its value at a time, `[0, 1]`.
    pub fn value(&self, at_s: f64) -> f64 {
        match self {
            Self::Pulse(pulse) => pulse.value(at_s),
            Self::Oscillation { onset_s, length_s, rate_hz } => {
                let since = at_s - onset_s;
                if !(0.0..*length_s).contains(&since) {
                    return 0.0;
                }
                let fade = 0.5 - 0.5 * (TAU * since / length_s).cos();
                fade * (0.5 - 0.5 * (TAU * rate_hz * since).cos())
            }
        }
    }

    /// Outside this span it stands still.
    pub fn span_s(&self) -> [f64; 2] {
        match self {
            Self::Pulse(pulse) => [pulse.onset_s, pulse.offset_s()],
            Self::Oscillation { onset_s, length_s, .. } => [*onset_s, onset_s + length_s],
        }
    }
}

/// From 0 to 1 with no speed at either end.
fn smooth(share: f64) -> f64 {
    share * share * (3.0 - 2.0 * share)
}

/// Uniform between two bounds.
pub(super) fn between(rng: &mut impl Rng, [low, high]: [f64; 2]) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

/// A skew for both flanks. Ours: the time at which half the way is done moves by up to a tenth of the flank.
pub(super) fn skews(rng: &mut impl Rng) -> [f64; 2] {
    [between(rng, [0.75, 1.35]), between(rng, [0.75, 1.35])]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PULSE: Pulse =
        Pulse { onset_s: 1.0, rise_s: 0.1, hold_s: 0.05, fall_s: 0.2, skew: [1.0, 1.3], rest: 0.1 };

    #[test]
    fn a_pulse_rises_holds_and_returns_at_its_times() {
        let value = |at| Envelope::Pulse(PULSE).value(at);
        assert_eq!([value(0.5), value(1.0), value(1.1), value(1.14)], [0.0, 0.0, 1.0, 1.0]);
        assert!((value(1.05) - 0.5).abs() < 1e-9, "half way at half time without skew");
        assert!(value(1.25) > 0.55, "a skewed fall begins slowly");
        assert_eq!([value(1.36), value(9.0)], [0.1, 0.1]);
        assert!((PULSE.apex_s() - 1.1).abs() < 1e-9 && (PULSE.offset_s() - 1.35).abs() < 1e-9);
    }

    #[test]
    fn a_step_stays() {
        let step = Pulse { fall_s: f64::INFINITY, ..PULSE };
        assert_eq!(Envelope::Pulse(step).value(100.0), 1.0);
        assert_eq!(step.offset_s(), f64::INFINITY);
    }

    #[test]
    fn nothing_jumps() {
        let oscillation = Envelope::Oscillation { onset_s: 1.0, length_s: 1.0, rate_hz: 5.0 };
        for envelope in [Envelope::Pulse(PULSE), oscillation] {
            let mut before = 0.0;
            for step in 0..3000 {
                let value = envelope.value(f64::from(step) * 1e-3);
                assert!((0.0..=1.0).contains(&value) && (value - before).abs() < 0.03, "at {step} ms");
                before = value;
            }
        }
    }
}

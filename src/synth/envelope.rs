//! How an expression comes and goes: onset, apex, offset.

use super::random::Stream;

/// Shortest and longest rise of a micro-expression, in seconds: in coded data the rise, not the whole, lasts the classic 1/25 to 1/5 s.
pub const MICRO_RISE_S: [f64; 2] = [0.04, 0.2];
/// Longest micro-expression from onset to offset, in seconds.
pub const MICRO_TOTAL_S: f64 = 0.5;
/// Up to this total a micro-expression is a *classic* one, in seconds.
const CLASSIC_TOTAL_S: f64 = 0.2;
/// Share of classic ones: 22 of 255 in CASME II (Yan et al., PLoS ONE 2014) are that short.
const CLASSIC_SHARE: f64 = 0.1;
/// Share of the longer ones that hold their apex.
const HOLD_SHARE: f64 = 0.3;

/// A rise from 0 to 1, perhaps a hold, and a fall back to 0; both along `3x² - 2x³`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Envelope {
    /// When it leaves 0, in seconds of media time.
    pub onset_s: f64,
    /// Seconds from 0 to 1.
    pub rise_s: f64,
    /// Seconds at 1.
    pub hold_s: f64,
    /// Seconds from 1 to 0.
    pub fall_s: f64,
}

impl Envelope {
    /// A micro-expression's times: onset to apex with a median of about 0.15 s, in all with one of about 0.3 s, as coded in CASME II
    /// (Yan et al., PLoS ONE 2014); one in ten is classic (in all at most 0.2 s). Rise and fall differ.
    pub(super) fn micro(onset_s: f64, random: &mut Stream) -> Self {
        let [shortest, longest] = MICRO_RISE_S;
        if random.chance(CLASSIC_SHARE) {
            let total_s = random.within(0.1, CLASSIC_TOTAL_S);
            let rise_s = (random.within(0.35, 0.6) * total_s).max(shortest);
            return Self { onset_s, rise_s, hold_s: 0.0, fall_s: total_s - rise_s };
        }
        // Nine draws in ten are within the limits; after the last the values below are.
        for _ in 0..100 {
            let rise_s = random.log_normal(0.15, 0.35);
            let hold_s = if random.chance(HOLD_SHARE) { random.within(0.02, 0.10) } else { 0.0 };
            let fall_s = random.log_normal(0.15, 0.40);
            let total_s = rise_s + hold_s + fall_s;
            let is_allowed = (shortest..=longest).contains(&rise_s)
                && fall_s >= 0.06
                && (CLASSIC_TOTAL_S..=MICRO_TOTAL_S).contains(&total_s);
            if is_allowed {
                return Self { onset_s, rise_s, hold_s, fall_s };
            }
        }
        Self { onset_s, rise_s: 0.15, hold_s: 0.0, fall_s: 0.16 }
    }

    /// A macro-expression's times: 0.8-4 s in all (Ekman: macro-expressions last 0.5-4 s), slow at both ends.
    pub(super) fn macro_expression(onset_s: f64, random: &mut Stream) -> Self {
        let total_s = random.within(0.8, 4.0);
        let rise_s = (random.within(0.2, 0.35) * total_s).max(0.3);
        let fall_s = (random.within(0.25, 0.4) * total_s).max(0.35);
        Self { onset_s, rise_s, hold_s: (total_s - rise_s - fall_s).max(0.0), fall_s }
    }

    /// The times of brows that move by themselves: 0.8-3 s in all.
    pub(super) fn frown(random: &mut Stream) -> Self {
        let total_s = random.within(0.8, 3.0);
        let rise_s = random.within(0.2, 0.35) * total_s;
        let fall_s = random.within(0.25, 0.4) * total_s;
        Self { onset_s: 0.0, rise_s, hold_s: total_s - rise_s - fall_s, fall_s }
    }

    /// Seconds from onset to offset.
    pub fn total_s(&self) -> f64 {
        self.rise_s + self.hold_s + self.fall_s
    }

    /// When it first reaches 1.
    pub fn apex_s(&self) -> f64 {
        self.onset_s + self.rise_s
    }

    /// When it is back at 0.
    pub fn offset_s(&self) -> f64 {
        self.onset_s + self.total_s()
    }

    /// Its value at `time_s`, `[0, 1]`: exactly 0 outside onset and offset.
    pub fn at(&self, time_s: f64) -> f64 {
        let since_s = time_s - self.onset_s;
        let left_s = self.offset_s() - time_s;
        if since_s <= 0.0 || left_s <= 0.0 {
            return 0.0;
        }
        smoothstep((since_s / self.rise_s).min(left_s / self.fall_s))
    }
}

/// `3x² - 2x³` on `[0, 1]`, 0 below and 1 above.
pub(super) fn smoothstep(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
        values.sort_by(f64::total_cmp);
        values[(share * (values.len() - 1) as f64) as usize]
    }

    #[test]
    fn times_are_spread_as_in_coded_data() {
        let mut random = Stream::new(3, "test");
        let all: Vec<_> = (0..4000).map(|_| Envelope::micro(0.0, &mut random)).collect();
        let median = |value: fn(&Envelope) -> f64| quantile(all.iter().map(value).collect(), 0.5);
        let (rise_s, total_s) = (median(|e| e.rise_s), median(|e| e.total_s()));
        assert!((0.13..0.16).contains(&rise_s), "median rise {rise_s}");
        assert!((0.28..0.34).contains(&total_s), "median total {total_s}");
        let classic = all.iter().filter(|e| e.total_s() <= 0.2).count() as f64 / all.len() as f64;
        assert!((0.08..0.12).contains(&classic), "{classic} classic");
        let uneven = all.iter().filter(|e| (e.rise_s - e.fall_s).abs() > 0.02).count();
        assert!(uneven * 2 > all.len(), "{uneven} of {} are uneven", all.len());
    }

    proptest! {
        #[test]
        fn every_micro_keeps_to_the_definition(seed: u64, onset_s in 0.0..1e4) {
            let envelope = Envelope::micro(onset_s, &mut Stream::new(seed, "test"));
            prop_assert!((MICRO_RISE_S[0]..=MICRO_RISE_S[1]).contains(&envelope.rise_s));
            prop_assert!(envelope.fall_s > 0.03 && envelope.hold_s >= 0.0);
            prop_assert!(envelope.total_s() <= MICRO_TOTAL_S);
        }

        #[test]
        fn every_macro_is_longer(seed: u64) {
            let envelope = Envelope::macro_expression(0.0, &mut Stream::new(seed, "test"));
            prop_assert!((0.79..=4.01).contains(&envelope.total_s()), "{envelope:?}");
        }

        #[test]
        fn it_leaves_zero_at_the_onset_peaks_at_the_apex_and_ends_at_the_offset(seed: u64, share in 0.0..1.0f64) {
            let envelope = Envelope::micro(1.0, &mut Stream::new(seed, "test"));
            let (apex_s, offset_s) = (envelope.apex_s(), envelope.offset_s());
            prop_assert_eq!(envelope.at(1.0), 0.0);
            prop_assert_eq!(envelope.at(offset_s), 0.0);
            prop_assert!((envelope.at(apex_s) - 1.0).abs() < 1e-9);
            prop_assert!(envelope.at(1.0 + 1e-3) > 0.0 && envelope.at(offset_s - 1e-3) > 0.0);
            // Rises before the apex, falls after the hold.
            let (a, b) = (1.0 + share * envelope.rise_s, 1.0 + (share + 0.01).min(1.0) * envelope.rise_s);
            prop_assert!(envelope.at(a) <= envelope.at(b));
            let (a, b) = (offset_s - share * envelope.fall_s, offset_s - (share + 0.01).min(1.0) * envelope.fall_s);
            prop_assert!(envelope.at(a) <= envelope.at(b) + 1e-12);
        }
    }
}

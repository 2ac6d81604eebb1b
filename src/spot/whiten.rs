//! Whitening: what a channel does all the time is predicted from its own past and taken away.
//!
//! An autoregressive model is fitted to the channel's recent steps by Burg's method (stable by construction); its prediction error
//! holds what the past did not announce. Speech and sway announce themselves, a micro-expression does not.

/// Order of the model: at 30 Hz its memory is 0.2 s, a full turn of speech at 5 Hz.
pub const ORDER: usize = 6;
/// Samples that a fit rests on at least.
const MIN_SAMPLES: usize = 60;
/// Each coefficient of reflection is drawn to zero by this much: keeps a short, strongly tuned piece from ringing. Ours.
const SHRINK: f64 = 0.97;

/// The prediction-error filter `e[n] = x[n] + a[0] x[n-1] + ... + a[5] x[n-6]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Whitener {
    coefficients: [f32; ORDER],
}

impl Whitener {
    /// Fits the filter to samples in order of time; the filter that changes nothing where there are too few or all are zero.
    pub fn fit(samples: &[f32]) -> Self {
        if samples.len() < MIN_SAMPLES || samples.iter().any(|v| !v.is_finite()) {
            return Self::default();
        }
        let mut forward: Vec<f64> = samples.iter().map(|v| f64::from(*v)).collect();
        let mut backward = forward.clone();
        let mut a = [0.0f64; ORDER];
        for order in 0..ORDER {
            let (mut across, mut power) = (0.0, 0.0);
            for n in order + 1..forward.len() {
                across += forward[n] * backward[n - 1];
                power += forward[n] * forward[n] + backward[n - 1] * backward[n - 1];
            }
            if power <= f64::MIN_POSITIVE {
                break;
            }
            let reflection = -2.0 * SHRINK * across / power;
            let before = a;
            for i in 0..order {
                a[i] = before[i] + reflection * before[order - 1 - i];
            }
            a[order] = reflection;
            for n in (order + 1..forward.len()).rev() {
                let (f, b) = (forward[n], backward[n - 1]);
                forward[n] = f + reflection * b;
                backward[n] = b + reflection * f;
            }
        }
        Self { coefficients: a.map(|v| v as f32) }
    }

    /// The newest prediction error; `newest_first` holds the newest sample and those before it. Missing ones count as zero.
    pub fn error(&self, mut newest_first: impl Iterator<Item = f32>) -> f32 {
        let newest = newest_first.next().unwrap_or(0.0);
        newest + self.coefficients.iter().zip(newest_first).map(|(a, x)| a * x).sum::<f32>()
    }

    /// What the filter makes of a shape that starts from rest.
    pub fn filtered(&self, shape: &[f32]) -> Vec<f32> {
        (0..shape.len()).map(|n| self.error(shape[..=n].iter().rev().copied())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::test_signals::Noise;

    fn power(values: &[f32]) -> f32 {
        values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32
    }

    #[test]
    fn a_tone_is_predicted_and_noise_is_left_alone() {
        let mut noise = Noise::new(3);
        let tone: Vec<f32> = (0..400).map(|n| (n as f32 * 0.9).sin() + 0.05 * noise.next()).collect();
        let filtered = Whitener::fit(&tone[..300]).filtered(&tone);
        assert!(power(&filtered[300..]) < 0.05 * power(&tone[300..]));
        let white: Vec<f32> = (0..400).map(|_| noise.next()).collect();
        let filtered = Whitener::fit(&white[..300]).filtered(&white);
        let ratio = power(&filtered[300..]) / power(&white[300..]);
        assert!((0.8..1.25).contains(&ratio), "{ratio}");
    }

    #[test]
    fn nothing_breaks_on_silence_on_too_little_or_on_nan() {
        for samples in [vec![0.0; 300], vec![1.0; 5], vec![f32::NAN; 300]] {
            let filtered = Whitener::fit(&samples).filtered(&[1.0, 2.0, 3.0]);
            assert_eq!(filtered, [1.0, 2.0, 3.0]);
        }
    }
}

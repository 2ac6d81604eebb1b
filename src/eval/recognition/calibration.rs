//! Whether probabilities mean what they say: calibration, Brier score, log loss.

use serde::Serialize;

use super::Prediction;

/// Bins over the probability of the most probable class. 15: Guo et al. 2017, arXiv:1706.04599.
const BINS: usize = 15;

/// Examples whose most probable class got a probability within one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// The bin begins here, `[0, 1)`; it ends where the next begins.
    pub from: f64,
    /// How many examples.
    pub count: usize,
    /// Mean probability of the most probable class; `None` without examples.
    pub confidence: Option<f64>,
    /// Share of them that are right; `None` without examples.
    pub right: Option<f64>,
}

/// How good the probabilities are. `None` where nothing was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: mean over examples of |confidence - share right| of their bin, `[0, 1]`.
    pub ece: Option<f64>,
    /// Brier score as he gave it (1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2): mean over examples of the sum
    /// over classes of (probability - is so)², `[0, 2]`. With two classes it is twice scikit-learn's `brier_score_loss`.
    pub brier: Option<f64>,
    /// Mean of -ln of the true class's probability, in nats; a probability of 0 counts as 2.2e-16, as in scikit-learn.
    pub log_loss: Option<f64>,
    /// The bins, from probability 0 up.
    #[serde(rename = "calibration")]
    pub bins: Vec<CalibrationBin>,
}

impl Calibration {
    /// Of predictions with their truth and most probable class.
    pub(super) fn of(judged: &[(&Prediction, usize, usize)]) -> Self {
        let mut bins = [(0usize, 0.0f64, 0usize); BINS];
        let (mut brier, mut log_loss) = (0.0, 0.0);
        for (prediction, truth, said) in judged {
            let share = |class: usize| prediction.shares.get(class).copied().unwrap_or(0.0);
            let confidence = share(*said);
            let bin = ((confidence * BINS as f64) as usize).min(BINS - 1);
            // Below BINS by the line before.
            bins[bin].0 += 1;
            bins[bin].1 += confidence;
            bins[bin].2 += usize::from(said == truth);
            let all = prediction.shares.iter().enumerate();
            brier += all.map(|(class, p)| (p - if class == *truth { 1.0 } else { 0.0 }).powi(2)).sum::<f64>();
            log_loss -= share(*truth).clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
        }
        let mean = |sum: f64| if judged.is_empty() { None } else { Some(sum / judged.len() as f64) };
        let gap = |(_, confidence, right): &(usize, f64, usize)| (confidence - *right as f64).abs();
        Self {
            ece: mean(bins.iter().map(gap).sum()),
            brier: mean(brier),
            log_loss: mean(log_loss),
            bins: bins
                .iter()
                .enumerate()
                .map(|(index, (count, confidence, right))| {
                    let of = |sum: f64| if *count == 0 { None } else { Some(sum / *count as f64) };
                    CalibrationBin {
                        from: index as f64 / BINS as f64,
                        count: *count,
                        confidence: of(*confidence),
                        right: of(*right as f64),
                    }
                })
                .collect(),
        }
    }
}

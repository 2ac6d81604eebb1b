//! The shapes that are looked for: how fast a channel changes through a rise, and through a rise and return.

/// A shape on the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Change from one grid step to the next; sums to 1 over the rise, and to 0 where it returns.
    pub steps: Vec<f32>,
    /// Grid steps from the onset to the apex.
    pub rise: f64,
}

/// Whole lengths of the shapes, in seconds (issue 3: 80-500 ms), each about 1.3 times the one before: a filter serves events up to a fifth
/// longer or shorter.
const LENGTHS_S: [f64; 8] = [0.08, 0.11, 0.15, 0.20, 0.26, 0.33, 0.41, 0.50];
/// Share of the rise in the whole: rises are quicker than returns (CASME II: 0.15 of 0.305 s in the median, many below).
const RISES: [f64; 2] = [0.35, 0.5];
/// Lengths of rises alone, in seconds (DESIGN section 3: 40-200 ms).
const RISES_S: [f64; 5] = [0.04, 0.065, 0.10, 0.15, 0.22];

/// Half a cosine from 0 to 1.
fn smooth(share: f64) -> f64 {
    0.5 - 0.5 * (std::f64::consts::PI * share.clamp(0.0, 1.0)).cos()
}

fn sampled(level: impl Fn(f64) -> f64, length_s: f64, rise_s: f64, step_s: f64) -> Shape {
    let count = (length_s / step_s).ceil().max(1.0) as usize;
    let at = |n: usize| level(n as f64 * step_s);
    Shape { steps: (1..=count).map(|n| (at(n) - at(n - 1)) as f32).collect(), rise: rise_s / step_s }
}

/// Rises and returns at a grid of `step_s` seconds; those of fewer than three steps are left out.
pub fn returning(step_s: f64) -> Vec<Shape> {
    let lengths = LENGTHS_S.iter().filter(|length| **length >= 2.9 * step_s);
    let all = lengths.flat_map(|length| RISES.map(|share| (*length, share * length)));
    all.map(|(length, rise)| {
        sampled(|t| smooth(t / rise) - smooth((t - rise) / (length - rise)), length, rise, step_s)
    })
    .collect()
}

/// Rises alone.
pub fn rising(step_s: f64) -> Vec<Shape> {
    RISES_S.iter().map(|rise| sampled(|t| smooth(t / rise), *rise, *rise, step_s)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_rise_to_one_and_return_to_zero() {
        for step_s in [1.0 / 30.0, 1.0 / 60.0] {
            for shape in returning(step_s) {
                assert!(shape.steps.iter().sum::<f32>().abs() < 1e-5);
                assert!(shape.rise > 0.0 && shape.rise < shape.steps.len() as f64);
            }
            assert!(rising(step_s).iter().all(|shape| (shape.steps.iter().sum::<f32>() - 1.0).abs() < 1e-5));
        }
        assert!(returning(1.0 / 60.0).len() > returning(1.0 / 30.0).len());
    }
}

//! The curve of true against false positives of one class, and the area under it.

use serde::Serialize;

/// A point of the curve: what is called so when its probability is at least that of the point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RocPoint {
    /// Share of the others that are called so, `[0, 1]`.
    pub false_positive_rate: f64,
    /// Share of those that are so that are called so, `[0, 1]`.
    pub true_positive_rate: f64,
}

/// Curve and area of one class against the rest; `None` where all are so, or none is.
///
/// Points inside a straight piece are left out, as scikit-learn's `roc_curve` does. The area is counted in whole numbers
/// (pairs in the right order, half of those that tie), which is that of the trapezoids.
pub(super) fn roc(scored: impl IntoIterator<Item = (f64, bool)>) -> Option<(Vec<RocPoint>, f64)> {
    let mut scored: Vec<(f64, bool)> = scored.into_iter().collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = scored.iter().filter(|(_, is_so)| *is_so).count();
    let negatives = scored.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    // False and true positives after each distinct score.
    let mut corners = vec![[0usize, 0]];
    let (mut at, mut twice_area) = ([0usize, 0], 0);
    for group in scored.chunk_by(|a, b| a.0 == b.0) {
        let so = group.iter().filter(|(_, is_so)| *is_so).count();
        let next = [at[0] + group.len() - so, at[1] + so];
        twice_area += (next[0] - at[0]) * (next[1] + at[1]);
        at = next;
        while let [.., before, last] = corners.as_slice() {
            let cross =
                (last[0] - before[0]) * (at[1] - last[1]) == (at[0] - last[0]) * (last[1] - before[1]);
            if !cross {
                break;
            }
            corners.pop();
        }
        corners.push(at);
    }
    let points = corners.into_iter().map(|[fp, tp]| RocPoint {
        false_positive_rate: fp as f64 / negatives as f64,
        true_positive_rate: tp as f64 / positives as f64,
    });
    Some((points.collect(), twice_area as f64 / (2 * positives * negatives) as f64))
}

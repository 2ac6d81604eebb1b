//! What the network should say at each tick, given what was injected.

use super::envelope::Pulse;
use crate::spot::network::HEAD_COUNT;

/// Numbers for each tick: a target for each head, then the weights of the rise and of the return; the times count where
/// their head's target is 1.
pub const TARGET_COUNT: usize = HEAD_COUNT + 2;

/// How long after an apex or an offset a tick still says so, in seconds: issue 3 asks for flags within 100 ms.
pub const SAY_FOR_S: f64 = 0.1;

/// Ticks this near to that span are not counted either way, in seconds: one tick, and a little for rounding.
const UNSURE_S: f64 = 0.034;

/// A micro-expression that was added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// Its course.
    pub pulse: Pulse,
    /// Peak displacement, in ICD units.
    pub amplitude_icd: f64,
    /// What the best beam would answer to it at its onset, in standard deviations of what this face does; 0 without beams.
    pub sigmas: f64,
    /// Too few of the patches that it moves were followed: it counts neither way.
    pub is_hidden: bool,
}

/// The targets of ticks whose motion is of the times `at_s`, row by row.
///
/// `unsure_apexes_s`: rises that look like a micro-expression's until they stay; whether to flag them is left open.
pub fn targets(at_s: &[Option<f64>], truths: &[Truth], unsure_apexes_s: &[f64]) -> Vec<f32> {
    let mut rows = vec![0.0; at_s.len() * TARGET_COUNT];
    for (row, at_s) in rows.chunks_exact_mut(TARGET_COUNT).zip(at_s) {
        let Some(at_s) = *at_s else { continue };
        let (values, weights) = row.split_at_mut(HEAD_COUNT);
        weights.fill(1.0);
        for truth in truths {
            let Pulse { onset_s, .. } = truth.pulse;
            let (apex_s, offset_s) = (truth.pulse.apex_s(), truth.pulse.offset_s());
            let mut say = |head: usize, weight: &mut f32, of_s: f64, ago: &[(usize, f64)]| {
                let since = at_s - of_s;
                if (0.0..=SAY_FOR_S).contains(&since) && !truth.is_hidden {
                    *weight = 1.0;
                    values[head] = 1.0;
                    ago.iter().for_each(|(index, then_s)| values[*index] = (at_s - then_s) as f32);
                } else if (-UNSURE_S..=SAY_FOR_S + UNSURE_S).contains(&since) && values[head] == 0.0 {
                    *weight = 0.0;
                }
            };
            let [rise, returned] = weights else { continue };
            say(0, rise, apex_s, &[(2, onset_s), (3, apex_s)]);
            say(1, returned, offset_s, &[(4, onset_s), (5, apex_s), (6, offset_s)]);
        }
        let is_unsure = unsure_apexes_s
            .iter()
            .any(|apex_s| (-2.0 * UNSURE_S..=SAY_FOR_S + 2.0 * UNSURE_S).contains(&(at_s - apex_s)));
        if is_unsure && values[0] == 0.0 {
            weights[0] = 0.0;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(is_hidden: bool) -> Truth {
        let pulse = Pulse { onset_s: 1.0, rise_s: 0.1, hold_s: 0.0, fall_s: 0.2, skew: [1.0; 2], rest: 0.0 };
        Truth { pulse, amplitude_icd: 0.03, sigmas: 5.0, is_hidden }
    }

    fn rows(truth: &[Truth], unsure: &[f64]) -> Vec<[f32; TARGET_COUNT]> {
        let at_s: Vec<_> = (0..60).map(|tick| (tick != 50).then_some(f64::from(tick) / 30.0)).collect();
        targets(&at_s, truth, unsure).as_chunks().0.to_vec()
    }

    #[test]
    fn rise_and_return_are_said_for_100_ms_with_their_times() {
        let rows = rows(&[truth(false)], &[]);
        let said = |head: usize| (0..60).filter(|tick| rows[*tick][head] == 1.0).collect::<Vec<_>>();
        // Apex 1.1 s is tick 33, offset 1.3 s is tick 39.
        assert_eq!(said(0), [33, 34, 35, 36]);
        assert_eq!(said(1), [39, 40, 41, 42]);
        let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-5, "{a} is not {b}");
        near(rows[34][2], 34.0 / 30.0 - 1.0);
        near(rows[34][3], 34.0 / 30.0 - 1.1);
        near(rows[40][4], 40.0 / 30.0 - 1.0);
        near(rows[40][5], 40.0 / 30.0 - 1.1);
        near(rows[40][6], 40.0 / 30.0 - 1.3);
        let uncounted = |weight: usize| {
            (0..60).filter(|tick| rows[*tick][HEAD_COUNT + weight] == 0.0).collect::<Vec<_>>()
        };
        assert_eq!(uncounted(0), [32, 37, 50], "beside the span, and where there is no motion");
        assert_eq!(uncounted(1), [38, 43, 50]);
    }

    #[test]
    fn hidden_events_and_unsure_rises_count_neither_way() {
        let hidden = rows(&[truth(true)], &[]);
        assert!(hidden.iter().all(|row| row[0] == 0.0 && row[1] == 0.0));
        assert!((33..=36).all(|tick| hidden[tick][HEAD_COUNT] == 0.0));
        assert!((39..=42).all(|tick| hidden[tick][HEAD_COUNT + 1] == 0.0));
        let unsure = rows(&[], &[1.1]);
        assert!((33..=36).all(|tick| unsure[tick][HEAD_COUNT] == 0.0));
        assert!(unsure.iter().enumerate().all(|(tick, row)| row[HEAD_COUNT + 1] == 1.0 || tick == 50));
        // A true rise beside an unsure one still counts.
        assert_eq!(rows(&[truth(false)], &[1.1])[34][HEAD_COUNT], 1.0);
    }
}

//! What must hold of the figures of any predictions.

use proptest::prelude::*;

use super::{of, row};
use crate::eval::recognition::{Predictions, Recognition, mcnemar};

/// Up to 40 examples of three classes and five people, over three folds.
fn any_predictions() -> impl Strategy<Value = Predictions> {
    let one = (0..3usize, 0..5usize, 0..3usize, prop::array::uniform3(0u32..8));
    prop::collection::vec(one, 0..40).prop_map(|rows| {
        let rows = rows.into_iter().enumerate().map(|(index, (truth, person, fold, weights))| {
            let sum = f64::from(weights.iter().sum::<u32>().max(1));
            let shares = weights.map(|weight| f64::from(weight) / sum);
            let mut one = row(&format!("e{index}"), &format!("P{person}"), truth, &shares);
            one.fold = fold;
            one
        });
        of(&["a", "b", "c"], rows.collect())
    })
}

proptest! {
    #[test]
    fn figures_are_in_range_and_do_not_depend_on_the_order(predictions in any_predictions(), seed in 0u64..9) {
        let recognition = Recognition::of(&predictions, 20, seed);
        let pooled = &recognition.pooled;
        let s = &pooled.scores;
        for value in [s.accuracy, s.uf1, s.uar, s.macro_f1, s.macro_precision, s.weighted_f1] {
            prop_assert!((0.0..=1.0).contains(&value));
        }
        prop_assert!(s.uf1 >= s.macro_f1 - 1e-12);
        prop_assert_eq!(pooled.count, predictions.rows.len());
        prop_assert_eq!(recognition.folds.iter().map(|fold| fold.figures.count).sum::<usize>(), pooled.count);
        let mut reversed = predictions.clone();
        reversed.rows.reverse();
        let again = Recognition::of(&reversed, 20, seed);
        prop_assert_eq!(&again.pooled.intervals, &pooled.intervals);
        prop_assert_eq!(&again.pooled.scores, s);
        prop_assert_eq!(&again.pooled.roc, &pooled.roc);
    }

    #[test]
    fn the_area_is_that_under_the_curve(predictions in any_predictions()) {
        let pooled = Recognition::of(&predictions, 0, 1).pooled;
        for (name, points) in &pooled.roc {
            let area: f64 = points
                .windows(2)
                .map(|pair| {
                    let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
                    width * (pair[0].true_positive_rate + pair[1].true_positive_rate) / 2.0
                })
                .sum();
            prop_assert!((area - pooled.per_class[name].auc.unwrap()).abs() < 1e-12);
            prop_assert!(points.windows(2).all(|pair| pair[0].true_positive_rate <= pair[1].true_positive_rate));
        }
    }

    #[test]
    fn mcnemar_is_symmetric(predictions in any_predictions()) {
        let mut other = predictions.clone();
        other.rows.iter_mut().for_each(|row| row.shares.rotate_left(1));
        let (one, two) = (mcnemar(&predictions, &other).unwrap(), mcnemar(&other, &predictions).unwrap());
        prop_assert_eq!((one.p, one.only_first, one.only_second), (two.p, two.only_second, two.only_first));
        prop_assert!((0.0..=1.0).contains(&one.p));
    }
}

//! 1,000 random label sets as scikit-learn counts them, and McNemar's test as statsmodels does: tests/golden/recognition/make.py.

use serde_json::Value;

use crate::eval::recognition::mcnemar::test;
use crate::eval::recognition::{Figures, Prediction, Predictions};

const GOLDEN: &str = include_str!("../../../../tests/golden/recognition/sklearn.json");

/// splitmix64 (Steele, Lea, Flood 2014): the label sets are drawn again here, as make.py drew them.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

fn label_set(number: usize) -> Predictions {
    let mut rng = SplitMix(number as u64);
    let classes = 2 + rng.below(7).min(rng.below(7));
    let samples = 1 + rng.below(60);
    let occurring = 1 + rng.below(classes);
    let rows = (0..samples).map(|sample| {
        let truth = rng.below(occurring);
        let mut weights: Vec<usize> = (0..classes).map(|_| rng.below(16)).collect();
        if rng.below(2) == 0 {
            weights[truth] += 12;
        }
        if weights.iter().sum::<usize>() == 0 {
            weights[truth] = 1;
        }
        let total = weights.iter().sum::<usize>() as f64;
        let shares = weights.iter().map(|weight| *weight as f64 / total).collect();
        Prediction { example: sample.to_string(), truth, shares, ..Prediction::default() }
    });
    Predictions { classes: (0..classes).map(|class| format!("c{class}")).collect(), rows: rows.collect() }
}

fn near(what: &str, ours: Option<f64>, theirs: &Value) {
    match (ours, theirs.as_f64()) {
        (None, None) => {}
        (Some(ours), Some(theirs)) if (ours - theirs).abs() < 1e-9 => {}
        other => panic!("{what}: ours and theirs are {other:?}"),
    }
}

#[test]
fn a_thousand_random_label_sets_give_the_figures_of_scikit_learn() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let sets = golden["sets"].as_array().unwrap();
    assert_eq!(sets.len(), 1000);
    for (number, set) in sets.iter().enumerate() {
        let figures = Figures::plain(&label_set(number));
        assert_eq!(figures.count as u64, set[0].as_u64().unwrap(), "set {number}");
        let cells = figures.confusion.matrix.iter().flatten();
        let weighed: usize = cells.enumerate().map(|(place, count)| (place + 1) * count).sum();
        assert_eq!(weighed as u64, set[1].as_u64().unwrap(), "set {number}: the confusion");
        let s = &figures.scores;
        let overall = [
            Some(s.accuracy),
            Some(s.balanced_accuracy),
            Some(s.uf1),
            Some(s.macro_precision),
            Some(s.macro_recall),
            Some(s.macro_f1),
            Some(s.weighted_precision),
            Some(s.weighted_f1),
            s.kappa,
            figures.macro_auc,
            figures.calibration.ece,
            figures.calibration.brier,
            figures.calibration.log_loss,
        ];
        let names = golden["overall"].as_str().unwrap().split(' ');
        for ((name, ours), theirs) in names.zip(overall).zip(set[2].as_array().unwrap()) {
            near(&format!("set {number}, {name}"), ours, theirs);
        }
        assert_eq!(s.uar, s.balanced_accuracy);
        assert!((s.weighted_recall - s.accuracy).abs() < 1e-12);
        for (class, name) in figures.confusion.labels.iter().enumerate() {
            let one = &figures.per_class[name];
            let each = [Some(one.precision), Some(one.recall), Some(one.f1), Some(one.specificity), one.auc];
            for (which, ours) in each.into_iter().enumerate() {
                near(&format!("set {number}, class {class}, figure {which}"), ours, &set[3][which][class]);
            }
        }
    }
}

#[test]
fn mcnemar_gives_the_figures_of_statsmodels() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let pairs = golden["mcnemar"].as_array().unwrap();
    assert!(pairs.len() > 200);
    for pair in pairs {
        let count = |index: usize| pair[index].as_u64().unwrap() as usize;
        let (p, statistic) = test(count(0), count(1));
        near(&format!("p of {pair}"), Some(p), &pair[2]);
        near(&format!("statistic of {pair}"), Some(statistic), &pair[3]);
        // Relative too: of small ones 1e-9 would say little.
        assert!((p / pair[2].as_f64().unwrap() - 1.0).abs() < 1e-9, "{pair}: {p}");
    }
}

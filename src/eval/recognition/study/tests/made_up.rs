//! A made-up study: networks that know some classes, and some people.

use super::{AttentionMap, Prediction, Predictions, SampleCount, Study, StudyData, StudyRun};

const FIVE: [&str; 5] = ["anger", "sadness", "happiness", "disgust", "contempt"];
const MASKED: [&str; 2] = ["happy_but_sad", "happy_but_angry"];
const PEOPLE: usize = 24;

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }

    /// About normal.
    fn bell(&mut self) -> f64 {
        (0..6).map(|_| self.next()).sum::<f64>() - 3.0
    }
}

fn gender_of(person: usize) -> &'static str {
    ["female", "male"][person % 2]
}

/// `samples` of each person; `skill` is how far the true class stands out.
fn predictions(run: &StudyRun, samples: usize, skill: f64, seed: u64) -> Predictions {
    let classes: &[&str] = if run.kind == "micro" { &FIVE } else { &MASKED };
    let mut random = Random(seed);
    let mut rows = Vec::new();
    for person in
        (0..PEOPLE).filter(|person| run.gender.as_deref().is_none_or(|gender| gender == gender_of(*person)))
    {
        // The examples of a test do not depend on the network.
        let mut draw = Random(person as u64 * 77 + classes.len() as u64);
        let known = random.bell();
        for sample in 0..samples {
            let truth = ((draw.next() * classes.len() as f64) as usize).min(classes.len() - 1);
            let scores: Vec<f64> = (0..classes.len())
                .map(|class| {
                    // The last class looks like the first.
                    let alike = if (class, truth) == (0, classes.len() - 1) { 0.6 } else { 0.0 };
                    let right = if class == truth { 1.0 } else { alike };
                    (2.0 * random.bell() + (skill + known) * right).exp()
                })
                .collect();
            let sum: f64 = scores.iter().sum();
            rows.push(Prediction {
                example: format!("P{person:02}/{}_{sample:03}.png", run.kind),
                subject: format!("P{person:02}"),
                corpus: String::new(),
                gender: gender_of(person).to_owned(),
                stimulus: run.stimulus.clone().unwrap_or_default(),
                kind: run.kind.clone(),
                fold: if run.protocol == "holdout" { 0 } else { person / 2 % 5 },
                truth,
                shares: scores.iter().map(|score| score / sum).collect(),
            });
        }
    }
    Predictions { classes: classes.iter().map(|class| (*class).to_owned()).collect(), rows }
}

/// Three networks, micro by both stimuli for all, women and men, masked by both; one run is not possible.
pub(super) fn study(samples: usize) -> Study {
    let networks = [
        ("custom-cnn", 2.2, 110_000),
        ("efficientnet-lite0", 3.0, 164_000),
        ("mobilenet-v2 <head>", 2.7, 164_000),
    ];
    let mut runs = Vec::new();
    for (number, (network, skill, learned)) in networks.into_iter().enumerate() {
        let mut add = |kind: &str, stimulus: &str, gender: Option<&str>| {
            for protocol in ["subject", "holdout"] {
                let mut run = StudyRun {
                    network: network.to_owned(),
                    kind: kind.to_owned(),
                    stimulus: Some(stimulus.to_owned()),
                    gender: gender.map(str::to_owned),
                    protocol: protocol.to_owned(),
                    learned,
                    seconds: 61.5,
                    ..StudyRun::default()
                };
                if (number, kind, stimulus) == (2, "masked", "image") {
                    run.why_not =
                        Some("class happy_but_angry has 1 example; at least 5 are needed".to_owned());
                } else {
                    let more = if protocol == "holdout" { 2.0 } else { 0.0 };
                    run.predictions = predictions(&run, samples, skill + more, runs.len() as u64 + 5);
                }
                runs.push(run);
            }
        };
        for stimulus in ["image", "questionnaire"] {
            add("masked", stimulus, None);
            add("micro", stimulus, Some("male"));
            add("micro", stimulus, Some("female"));
            add("micro", stimulus, None);
        }
    }
    let mut counts = Vec::new();
    for (kind, labels) in [("micro", &FIVE[..]), ("masked", &MASKED[..])] {
        for stimulus in ["questionnaire", "image"] {
            for gender in ["female", "male"] {
                counts.extend(labels.iter().enumerate().map(|(index, label)| SampleCount {
                    kind: kind.to_owned(),
                    stimulus: stimulus.to_owned(),
                    label: (*label).to_owned(),
                    gender: gender.to_owned(),
                    count: samples + index,
                }));
            }
        }
    }
    Study {
        title: "Made-up study <of> 24 people".to_owned(),
        facts: vec![
            (
                "command".to_owned(),
                "onset evaluate study --data dataset --network custom-cnn,efficientnet-lite0".to_owned(),
            ),
            (
                "data".to_owned(),
                "dataset, SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                    .to_owned(),
            ),
            ("seed".to_owned(), "1".to_owned()),
        ],
        dataset: StudyData {
            participants: [("female".to_owned(), 12), ("male".to_owned(), 12)].into(),
            samples: counts,
        },
        runs,
        maps: ["custom-cnn", "efficientnet-lite0"]
            .into_iter()
            .flat_map(|network| FIVE[..2].iter().map(move |class| map(network, class)))
            .collect(),
        left_out: vec![(
            "P07/micro_003.png".to_owned(),
            "cannot be read: the PNG is cut off & broken".to_owned(),
        )],
        seconds: 2_400.0,
    }
}

/// A round face with two dark eyes, and a map with a spot on the brows.
fn map(network: &str, class: &str) -> AttentionMap {
    const SIDE: usize = 48;
    let far = |x: usize, y: usize, [cx, cy]: [f64; 2]| (x as f64 - cx).hypot(y as f64 - cy);
    let each = || (0..SIDE * SIDE).map(|index| (index % SIDE, index / SIDE));
    let picture = each().map(|(x, y)| {
        let eyes = [[16.0, 20.0], [32.0, 20.0]].iter().any(|eye| far(x, y, *eye) < 3.0);
        let mouth = y == 35 && (17..31).contains(&x);
        if eyes || mouth { 40 } else { (230.0 - 5.0 * far(x, y, [24.0, 24.0])) as u8 }
    });
    let drops = each().map(|(x, y)| {
        let spot = |at: [f64; 2], size: f64| (-(far(x, y, at) / size).powi(2)).exp();
        (0.42 * spot([18.0, 14.0], 6.0) + 0.3 * spot([31.0, 14.0], 5.0) - 0.15 * spot([24.0, 36.0], 6.0))
            as f32
    });
    AttentionMap {
        network: network.to_owned(),
        class: class.to_owned(),
        example: "P03/micro_001.png".to_owned(),
        width: SIDE,
        height: SIDE,
        picture: picture.collect(),
        drops: drops.collect(),
    }
}

//! Stats, splits and exports of a dataset that was written by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

/// Samples of participants P0.. with so many samples each, of three labels in turn; even ones are female.
fn samples(counts: &[usize]) -> Vec<Sample> {
    let mut all = Vec::new();
    for (person, count) in counts.iter().enumerate() {
        for number in 0..*count {
            let label = ["anger", "sadness", "disgust"][number % 3];
            let sample = format!("P{person}-s-f{number:06}-interval");
            all.push(Sample {
                path: format!("image/micro/{label}/gray/{sample}.png"),
                path_colour: format!("image/micro/{label}/colour/{sample}.png"),
                sample,
                participant: format!("P{person}"),
                gender: ["female", "male"][person % 2].to_owned(),
                session: format!("P{person}-s"),
                stimulus: "image".to_owned(),
                step: format!("{label}-01"),
                time_s: number as f64 / 2.0,
                role: Role::Interval,
                kind: SampleKind::Micro,
                label: label.to_owned(),
                label_source: LabelSource::Step,
                coder: String::new(),
                event: String::new(),
                onset_s: None,
                apex_s: None,
                offset_s: None,
                action_units: String::new(),
                source_sha256: "00".to_owned(),
            });
        }
    }
    all
}

fn params(by: SplitBy) -> SplitParams {
    SplitParams { by, gender: None, test: 0.2, seed: 7 }
}

fn people(split: &Split, is_test: bool) -> BTreeSet<&str> {
    let part = split.rows.iter().filter(|row| row.is_test == Some(is_test));
    part.map(|row| row.participant.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn by_subject_nobody_is_in_both_parts(
        counts in proptest::collection::vec(1usize..40, 2..12), test in 0.05f64..0.95, seed: u64,
    ) {
        let split =
            split_samples(&samples(&counts), &SplitParams { test, seed, ..params(SplitBy::Subject) }).unwrap();
        let (train, test) = (people(&split, false), people(&split, true));
        prop_assert!(train.is_disjoint(&test));
        prop_assert!(!train.is_empty() && !test.is_empty());
        prop_assert_eq!(train.len() + test.len(), counts.len());
        prop_assert!(split.in_both.is_empty());
    }

    #[test]
    fn leaving_one_out_each_participant_is_the_test_of_one_fold(
        counts in proptest::collection::vec(1usize..20, 2..12),
    ) {
        let split = split_samples(&samples(&counts), &params(SplitBy::Loso)).unwrap();
        let mut people_of: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for row in &split.rows {
            prop_assert_eq!(row.is_test, None);
            people_of.entry(row.fold.unwrap()).or_default().insert(&row.participant);
        }
        prop_assert_eq!(people_of.len(), counts.len());
        prop_assert!(people_of.values().all(|people| people.len() == 1));
    }

    #[test]
    fn by_frame_each_label_has_its_share_and_the_order_of_rows_is_of_no_matter(
        count in 10usize..200, seed: u64,
    ) {
        let mut all = samples(&[count, count]);
        let params = SplitParams { seed, ..params(SplitBy::Frame) };
        let split = split_samples(&all, &params).unwrap();
        for label in ["anger", "sadness", "disgust"] {
            let of: Vec<_> = split.rows.iter().filter(|row| row.label == label).collect();
            let test = of.iter().filter(|row| row.is_test == Some(true)).count();
            prop_assert_eq!(test, (of.len() as f64 * 0.2).round() as usize);
        }
        all.reverse();
        prop_assert_eq!(split_samples(&all, &params).unwrap(), split);
    }
}

#[test]
fn the_share_by_subject_is_as_near_as_people_allow_and_seeds_differ() {
    let all = samples(&[50; 10]);
    let split = split_samples(&all, &params(SplitBy::Subject)).unwrap();
    assert_eq!(people(&split, true).len(), 2);
    let others: BTreeSet<Vec<String>> = (0..8)
        .map(|seed| {
            let split = split_samples(&all, &SplitParams { seed, ..params(SplitBy::Subject) }).unwrap();
            people(&split, true).into_iter().map(str::to_owned).collect()
        })
        .collect();
    assert!(others.len() > 3, "{others:?}");
}

#[test]
fn by_gender_and_what_cannot_be_split() {
    let all = samples(&[10, 10, 10]);
    let female = SplitParams { gender: Some("female".to_owned()), ..params(SplitBy::Frame) };
    let split = split_samples(&all, &female).unwrap();
    assert_eq!((split.rows.len(), split.other_gender), (20, 10));
    assert_eq!(split.in_both.len(), 2, "by frame people are in both parts, and it is told");
    let refused = |all: &[Sample], params: &SplitParams| split_samples(all, params).unwrap_err().to_string();
    let other = SplitParams { gender: Some("x".to_owned()), ..params(SplitBy::Frame) };
    assert!(refused(&all, &other).contains("there are female, male"));
    assert!(refused(&samples(&[9]), &params(SplitBy::Subject)).contains("all samples are of P0"));
    assert!(refused(&samples(&[9]), &params(SplitBy::Loso)).contains("all samples are of P0"));
    assert!(refused(&[], &params(SplitBy::Frame)).contains("no samples"));
    for test in [0.0, 1.0, f64::NAN] {
        assert!(refused(&all, &SplitParams { test, ..params(SplitBy::Frame) }).contains("--test"));
    }
}

#[test]
fn a_split_comes_back_from_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let all = samples(&[10, 10]);
    let path = dir.path().join("split.csv");
    let split = split_samples(&all, &params(SplitBy::Frame)).unwrap();
    write_split(&path, &split).unwrap();
    let read = read_split(&path, None).unwrap();
    assert!(split.rows.iter().all(|row| read[&row.sample] == row.is_test.unwrap()));
    assert!(read_split(&path, Some(1)).unwrap_err().to_string().contains("no folds"));
    assert!(write_split(&path, &split).unwrap_err().to_string().contains("nothing is ever overwritten"));

    let path = dir.path().join("loso.csv");
    write_split(&path, &split_samples(&all, &params(SplitBy::Loso)).unwrap()).unwrap();
    assert!(read_split(&path, None).unwrap_err().to_string().contains("--fold N"));
    assert!(read_split(&path, Some(2)).unwrap_err().to_string().contains("there are 0 to 1"));
    let read = read_split(&path, Some(1)).unwrap();
    assert!(read.iter().all(|(sample, is_test)| sample.starts_with("P1") == *is_test));
    fs::write(&path, "sample,part,fold\na,maybe,\n").unwrap();
    assert!(read_split(&path, None).unwrap_err().to_string().contains("\"maybe\""));
    fs::write(&path, "a,b\n1,2\n").unwrap();
    assert!(read_split(&path, None).unwrap_err().to_string().contains("loso.csv"));
}

/// A dataset in a folder, with files that hold their own names.
fn folder(dir: &Path, samples: Vec<Sample>) -> DatasetFolder {
    for path in samples.iter().flat_map(|sample| [&sample.path, &sample.path_colour]) {
        let file = dir.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, path).unwrap();
    }
    let mut entries: BTreeMap<String, SessionEntry> = BTreeMap::new();
    for sample in &samples {
        let entry = entries.entry(sample.session.clone()).or_insert_with(|| SessionEntry {
            id: sample.session.clone(),
            participant: sample.participant.clone(),
            source_sha256: sample.source_sha256.clone(),
            samples: 0,
            left_out: 0,
            candidates: 1,
            has_traces: false,
            steps: vec![StepEntry {
                id: "anger-01".to_owned(),
                target: "anger".to_owned(),
                stimulus: "image".to_owned(),
                start_s: 0.1,
                end_s: 20.2,
            }],
        });
        entry.samples += 1;
    }
    let settings = Settings {
        every_s: 0.5,
        candidates: "flagged".to_owned(),
        coders: Vec::new(),
        crop_px: 256,
        icd_px: 64.0,
    };
    let description = Description {
        format: 1,
        onset_version: "0".to_owned(),
        settings,
        sessions: entries.into_values().collect(),
    };
    let folder = DatasetFolder { dir: dir.to_owned(), description, samples, left_out: Vec::new() };
    folder.save().unwrap();
    let read = DatasetFolder::open(dir).unwrap();
    assert_eq!((&read.description, &read.samples), (&folder.description, &folder.samples));
    read
}

#[test]
fn figures_count_everything_and_say_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let mut all = samples(&[6, 4]);
    for (number, duration_s) in [0.2, 0.3, 0.25].into_iter().enumerate() {
        let mut sample = all[0].clone();
        (sample.sample, sample.role) = (format!("P0-s-e{number}-apex"), Role::Apex);
        (sample.event, sample.onset_s) = (format!("P0-s-e{number}"), Some(1.0));
        sample.offset_s = (number != 1).then_some(1.0 + duration_s);
        sample.label = if number == 0 { String::new() } else { "fear".to_owned() };
        all.push(sample);
    }
    all.iter_mut().filter(|sample| sample.participant == "P1").for_each(|sample| sample.gender.clear());
    let mut folder = folder(dir.path(), all);
    fs::remove_file(dir.path().join(&folder.samples[1].path)).unwrap();
    folder.left_out.push(LeftOut {
        session: "P0-s".to_owned(),
        step: String::new(),
        time_s: 0.0,
        role: "interval".to_owned(),
        event: String::new(),
        why: WhyLeftOut::NoFace,
    });
    let stats = stats_of(&folder);
    assert_eq!((stats.samples, stats.sessions, stats.participants), (13, 2, 2));
    assert_eq!(stats.by_label["anger"], 4);
    assert_eq!(stats.by_label[NOT_KNOWN], 1);
    assert_eq!(stats.by_gender[NOT_KNOWN], 4);
    assert_eq!(stats.by_participant["P1"]["anger"], 2);
    assert_eq!(stats.step_seconds["anger"], 40.2);
    let events = &stats.events["micro"];
    assert_eq!((events.count, events.without_offset, events.median_ms), (3, 1, Some(225.0)));
    assert_eq!((events.shortest_ms, events.longest_ms), (Some(200.0), Some(250.0)));
    assert_eq!(stats.missing.participants_without_gender, ["P1"]);
    assert_eq!(stats.missing.labels_without_samples["P1"], ["fear"]);
    assert_eq!(stats.missing.files, [folder.samples[1].path.clone()]);
    assert_eq!(stats.missing.left_out["no_face"], 1);
    assert_eq!(stats.missing.without_label, 1);
    assert_eq!(stats.missing.sessions_without_traces.len(), 2);
    assert!(stats.missing.incomplete_sessions.is_empty() && stats.missing.targets_without_samples.is_empty());
}

#[test]
fn exports_hold_what_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let mut all = samples(&[6, 4]);
    all[0].label.clear();
    all[1].kind = SampleKind::Masked;
    all[2].label = "../../x".to_owned();
    let folder = folder(&dir.path().join("ds"), all);
    let out = dir.path().join("out");
    let mut wish = ExportParams {
        format: ExportFormat::ImageFolder,
        is_colour: false,
        kind: Some(SampleKind::Micro),
        split: None,
    };
    let report = export_samples(&folder, &out, &wish, &mut |_, _| true).unwrap();
    assert_eq!((report.samples, report.without_label, report.other_kind), (8, 1, 1));
    let name = "anger/P0-s-f000003-interval.png";
    assert_eq!(fs::read_to_string(out.join(name)).unwrap(), folder.samples[3].path);
    assert!(out.join("_.._.._x").is_dir(), "no way out");
    let table = fs::read_to_string(out.join("samples.csv")).unwrap();
    assert!(
        table.contains("anger/P0-s-f000003-interval.png,anger,,micro,P0-s-f000003-interval,P0,female"),
        "{table}"
    );
    let again = export_samples(&folder, &out, &wish, &mut |_, _| true).unwrap_err().to_string();
    assert!(again.contains("nothing is ever overwritten"), "{again}");

    wish.split = Some(BTreeMap::from([
        ("P0-s-f000003-interval".to_owned(), true),
        ("P1-s-f000000-interval".to_owned(), false),
    ]));
    (wish.is_colour, wish.kind) = (true, None);
    let report = export_samples(&folder, &dir.path().join("two"), &wish, &mut |_, _| true).unwrap();
    assert_eq!((report.samples, report.not_in_split), (2, 7));
    let colour = fs::read_to_string(dir.path().join("two/test/anger/P0-s-f000003-interval.png")).unwrap();
    assert_eq!(colour, folder.samples[3].path_colour);
    assert!(dir.path().join("two/train/anger/P1-s-f000000-interval.png").is_file());
    wish.format = ExportFormat::Csv;
    export_samples(&folder, &dir.path().join("three"), &wish, &mut |_, _| true).unwrap();
    assert!(dir.path().join("three/images/P0-s-f000003-interval.png").is_file());

    fs::remove_file(folder.dir.join(&folder.samples[3].path_colour)).unwrap();
    let error =
        export_samples(&folder, &dir.path().join("four"), &wish, &mut |_, _| true).unwrap_err().to_string();
    assert!(error.contains("P0-s-f000003-interval.png") && error.contains("not there"), "{error}");
    wish.kind = Some(SampleKind::Masked);
    let none =
        export_samples(&folder, &dir.path().join("five"), &wish, &mut |_, _| true).unwrap_err().to_string();
    assert!(none.contains("nothing is left"), "{none}");
}

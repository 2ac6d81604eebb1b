//! The files of a made-up study.

mod made_up;

use std::fs;
use std::path::Path;

use super::*;
use crate::eval::recognition::Prediction;

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

#[test]
fn every_file_is_written_and_twice_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let study = made_up::study(10);
    let written = write_study(&study, dir.path()).unwrap();
    // A page, a JSON, four tables, and 48 runs of which 2 were not possible.
    assert_eq!(written.len(), 2 + 4 + 46);
    assert!(written.iter().all(|path| path.is_file()), "{written:?}");
    assert_eq!(written[0], dir.path().join("study.html"));
    let (page, json) = (read(dir.path(), "study.html"), read(dir.path(), "study.json"));
    write_study(&study, dir.path()).unwrap();
    assert_eq!((read(dir.path(), "study.html"), read(dir.path(), "study.json")), (page, json));
    let name = "predictions/mobilenet-v2--head-_micro_image_female_holdout.csv";
    assert_eq!(Predictions::read_csv(&dir.path().join(name)).unwrap().rows.len(), 120);
    let blocked = dir.path().join("study.json");
    let error = write_study(&study, &blocked).unwrap_err().to_string();
    assert!(error.contains("cannot create") && error.contains("study.json"), "{error}");
}

#[test]
fn tables_have_both_protocols_below_each_other() {
    let dir = tempfile::tempdir().unwrap();
    write_study(&made_up::study(10), dir.path()).unwrap();
    let rows = |name: &str| -> Vec<Vec<String>> {
        let text = read(dir.path(), &format!("tables/{name}"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let micro = rows("table4_micro.csv");
    assert_eq!(micro.len(), 3 * 2 * 2);
    let heads: Vec<String> = micro.iter().take(3).map(|row| row[..6].join(" ")).collect();
    assert_eq!(
        heads,
        [
            "custom-cnn questionnaire  holdout 240 24",
            "custom-cnn questionnaire  subject 240 24",
            "efficientnet-lite0 questionnaire  holdout 240 24"
        ]
    );
    for row in &micro {
        let value = |column: usize| row[column].parse::<f64>().unwrap();
        assert!(value(7) <= value(6) && value(6) <= value(8), "the interval holds the accuracy: {row:?}");
    }
    assert!(rows("table5_female.csv").iter().all(|row| row[2] == "female" && row[5] == "12"));
    assert_eq!(rows("table6_male.csv").len(), 12);
    let masked = rows("table7_masked.csv");
    let missing: Vec<&Vec<String>> = masked.iter().filter(|row| row[6].is_empty()).collect();
    assert_eq!(missing.len(), 2);
    assert!(missing[0].last().unwrap().contains("at least 5 are needed"));
}

#[test]
fn the_json_has_figures_comparisons_and_what_is_missing() {
    let results = StudyResults::of(&made_up::study(10));
    let json = serde_json::to_value(&results).unwrap();
    assert_eq!(json["runs"].as_array().unwrap().len(), 48);
    assert!(json["runs"][0]["pooled"]["uf1"].is_number());
    assert_eq!(json["runs"][1]["folds"].as_array().unwrap().len(), 5);
    let missing = json["runs"].as_array().unwrap().iter().filter(|run| run["why_not"].is_string());
    assert!(missing.clone().count() == 2 && missing.clone().all(|run| run["pooled"].is_null()));
    // 7 data sets with three networks, one with two, by two protocols.
    assert_eq!(results.comparisons.len(), 7 * 3 * 2 + 2);
    for one in &results.comparisons {
        let test = one.mcnemar.unwrap();
        assert!(one.p_holm.unwrap() >= test.p, "{one:?}");
    }
    let optimism = results.optimism.unwrap();
    assert_eq!(optimism.pairs, 2 * 3 + 3 + 2);
    assert!(optimism.holdout_accuracy > optimism.subject_accuracy && optimism.least <= optimism.most);
    assert_eq!(json["maps"][0]["drops"].as_array().unwrap().len(), 48 * 48);
}

#[test]
fn the_page_needs_nothing_else_and_shows_everything() {
    let page = super::page::page_of(&StudyResults::of(&made_up::study(10)));
    for part in [
        "The frame split is the optimistic protocol",
        "Table 4: micro-expressions",
        "Table 7: masked expressions",
        "Micro-expressions by questionnaire, women",
        "at least 5 are needed",
        "mobilenet-v2 &lt;head&gt;",
        "Made-up study &lt;of&gt; 24 people",
        "the PNG is cut off &amp; broken",
        "happy but angry",
        "data:image/png;base64,",
        "confusion matrix",
        "McNemar",
        "ECE",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
    for part in ["<script", "http://", "https://", "url(", "@import", "NaN", "<head>\""] {
        assert!(!page.contains(part), "{part} is in the page");
    }
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<figure"), count("</figure>"));
    assert_eq!(count("<details"), 8);
    assert_eq!(count("<table"), count("</table>"));
}

#[test]
fn a_study_of_nothing_still_has_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let lone = StudyRun {
        network: "n".into(),
        kind: MICRO.into(),
        protocol: SUBJECT.into(),
        why_not: Some("no class has two examples".into()),
        ..StudyRun::default()
    };
    for runs in [vec![], vec![lone.clone()]] {
        let study = Study { runs, title: "nothing".into(), ..Study::default() };
        assert_eq!(write_study(&study, dir.path()).unwrap().len(), 6);
        let page = read(dir.path(), "study.html");
        assert!(page.contains("does not say how optimistic") && !page.contains("NaN"));
        assert!(StudyResults::of(&study).text().contains("does not say"));
    }
    assert!(read(dir.path(), "study.html").contains("no class has two examples"));
    // One run without people, folds or a second protocol.
    let row = |truth: usize| Prediction {
        example: truth.to_string(),
        truth,
        shares: vec![0.75, 0.25],
        ..Prediction::default()
    };
    let predictions = Predictions { classes: vec!["a".into(), "b".into()], rows: vec![row(0), row(1)] };
    let study = Study { runs: vec![StudyRun { predictions, why_not: None, ..lone }], ..Study::default() };
    write_study(&study, dir.path()).unwrap();
    let text = StudyResults::of(&study).text();
    assert!(text.contains("50.0") && text.contains("subject-disjoint"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&read(dir.path(), "study.json")).unwrap();
    assert_eq!(json["runs"][0]["pooled"]["intervals"]["unit"], "example");
}

#[test]
fn networks_on_other_examples_are_not_compared() {
    let mut study = made_up::study(4);
    study.runs.retain(|run| run.kind == MICRO && run.gender.is_none() && run.protocol == SUBJECT);
    study.runs[0].predictions.rows.pop();
    let results = StudyResults::of(&study);
    let told: Vec<_> = results.comparisons.iter().filter_map(|one| one.why_not.clone()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("cannot be paired"), "{told:?}");
    assert!(super::page::page_of(&results).contains("cannot be paired"));
}

#[test]
fn a_map_that_does_not_fit_is_left_out_and_told() {
    let mut study = made_up::study(3);
    study.maps[1].drops.pop();
    let results = StudyResults::of(&study);
    assert_eq!(results.maps.len(), 3);
    assert!(
        results
            .left_out
            .iter()
            .any(|(name, why)| name.contains("attention map") && why.contains("2303 drops"))
    );
}

#[test]
fn the_documentation_explains_every_key_and_column() {
    let doc = include_str!("../../../../../docs/evaluate.md");
    let has =
        |name: &str| assert!(doc.contains(&format!("`{name}`")), "docs/evaluate.md does not explain {name}");
    super::tables::COLUMNS.iter().for_each(|column| has(column));
    let json = serde_json::to_value(StudyResults::of(&made_up::study(2))).unwrap();
    let pooled = json["runs"][0]["pooled"].as_object().unwrap();
    pooled.keys().filter(|key| *key != "calibration").for_each(|key| has(key));
    let class = pooled["per_class"]["anger"].as_object().unwrap();
    class.keys().chain(pooled["intervals"].as_object().unwrap().keys()).for_each(|key| has(key));
    json["comparisons"][0]["mcnemar"].as_object().unwrap().keys().for_each(|key| has(key));
}

//! Tests of the tables as a whole: rows against a plain re-computation, formats against each other, and files after
//! an end, a crash and a full disk.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;
use proptest::prelude::*;

use super::test_session::{at_ms, empty, event, seen, session, update};
use super::*;
use crate::types::*;

fn write_session(root: &Path, name: &str) -> Summary {
    write_session_with(root, name, false)
}

fn write_session_with(root: &Path, name: &str, candidates: bool) -> Summary {
    let out = OutputDir::create(root, name, false).unwrap();
    let mut tables = Tables::create(&out, &TableFormat::ALL).unwrap().with_candidates(candidates);
    let (observations, end) = session();
    for observation in &observations {
        tables.push(observation).unwrap();
    }
    tables.push_gap(&end);
    let run = RunFacts {
        input: "clip.mp4".to_owned(),
        landmark_hz: 15.0,
        landmark_still_hz: 5.0,
        ..RunFacts::default()
    };
    tables.finish(run, Some(Timing { wall_s: 1.0, cpu_s: Some(0.5) })).unwrap()
}

fn csv_cells(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

/// The columns `names` of each row, joined by spaces, `.` where empty.
fn picked(path: &Path, names: &[&str]) -> Vec<String> {
    let (header, rows) = csv_cells(path);
    let index: Vec<usize> = names.iter().map(|n| header.iter().position(|h| h == n).unwrap()).collect();
    rows.iter()
        .map(|row| {
            index
                .iter()
                .map(|i| if row[*i].is_empty() { "." } else { row[*i].as_str() })
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

#[test]
fn every_frame_has_its_row_and_every_measurement_its_own() {
    let root = tempfile::tempdir().unwrap();
    let summary = write_session(root.path(), "clip");
    let rows = picked(
        &root.path().join("clip/frames.csv"),
        &[
            "frame",
            "timestamp_s",
            "status",
            "gap_reason",
            "face_id",
            "box_x_px",
            "landmark_age_ms",
            "pitch_deg",
            "b_jawOpen",
        ],
    );
    assert_eq!(rows.len(), 62);
    assert_eq!(rows[4], "4 0.133000 no_face . . . . . .");
    assert_eq!(rows[5], "5 0.166000 ok . 7 100.00 0.000 5.00 0.0050");
    // Followed by the head's motion from the measured frame; measured later, at frame 7.
    assert_eq!(rows[6], "6 0.200000 ok . 7 106.00 34.000 . .");
    assert_eq!(rows[7], "7 0.233000 ok . 7 100.00 0.000 7.00 0.0070");
    // Its measurement was due with a frame that was lost: the anchor is frame 15.
    assert_eq!(rows[19], "19 0.633000 ok . 7 119.00 133.000 . .");
    assert_eq!(rows[20], "20 0.666000 gap corrupt . . . . .");
    assert_eq!(rows[21], "21 . gap corrupt . . . . .");
    assert_eq!(rows[30], "30 . gap . . . . . .");
    assert_eq!(rows[60], "60 2.000000 gap stalled . . . . .");
    assert_eq!(rows[61], "61 . gap stalled . . . . .");

    assert_eq!((summary.frames.rows, summary.frames.analysed, summary.frames.lost), (62, 54, 8));
    assert_eq!(summary.frames.no_face, 5);
    let lost: Vec<_> = summary.frames.lost_by_reason.into_iter().collect();
    assert_eq!(lost, [("corrupt", 4), ("stalled", 2), ("unknown", 2)]);
    assert_eq!(summary.measured.median_interval_ms, Some(33.0));
    assert_eq!(summary.run.warnings, Vec::<String>::new(), "no measurement came late");
}

#[test]
fn cells_are_rounded_by_column_and_empty_where_unmeasured() {
    let root = tempfile::tempdir().unwrap();
    write_session(root.path(), "clip");
    let rows = picked(
        &root.path().join("clip/frames.csv"),
        &[
            "confidence",
            "yaw_deg",
            "roll_deg",
            "luma_mean",
            "p_happiness",
            "p_contempt",
            "eye_p_anger",
            "m_outer_brow_left",
            "m_outer_brow_right",
            "mx_outer_brow_left",
            "my_inner_brow_left",
            "faces",
            "min_outer_brow_left",
            "min_outer_brow_right",
            "sigma_outer_brow_left",
            "sigma_outer_brow_right",
            "head_turn_deg_s",
        ],
    );
    // Measured; outer brow right (index 3) was not valid; as f32, 0.98765 and -1.005 lie nearer to zero.
    assert_eq!(
        rows[5],
        "0.9876 -1.00 . 101.13 0.2500 . . 0.00667 . -0.00286 0.01000 1 0.00420 . 0.00100 . 1.50"
    );
    assert_eq!(rows[6], "0.9876 . . 101.13 . . . 0.00667 . -0.00286 0.01000 1 0.00420 . 0.00100 . 1.50");
    assert_eq!(rows[20], ". . . . . . . . . . . . . . . . .");
}

#[test]
fn every_row_says_where_nothing_could_be_seen() {
    let root = tempfile::tempdir().unwrap();
    let summary = write_session(root.path(), "clip");
    let rows = picked(&root.path().join("clip/frames.csv"), &["status", "not_observable"]);
    let all = |from: usize| RegionId::all().skip(from).map(RegionId::name).collect::<Vec<_>>().join("+");
    assert_eq!(rows[0], format!("no_face {}", all(0)), "without a face nothing is observable");
    assert_eq!(rows[5], format!("ok outer_brow_right+{}", all(15)));
    assert_eq!(rows[20], "gap .");
    // 59 intervals of 33.3 ms, less the one into each frame without a face (4) and the seven that end or begin in gaps.
    let seconds = |minutes: f64| (minutes * 60.0 * 30.0).round();
    assert_eq!(seconds(summary.observed.face_min), 47.0);
    assert_eq!(seconds(summary.observed.any_brow_min), 47.0);
    assert_eq!(seconds(summary.observed.any_mouth_min), 47.0);
    assert_eq!(seconds(summary.observed.regions_min["upper_lip_left"]), 47.0);
    assert_eq!(summary.observed.regions_min["upper_lip_right"], 0.0);
    assert_eq!(summary.observed.regions_min["outer_brow_right"], 0.0);
}

#[test]
fn an_event_is_written_once_as_it_ended() {
    let root = tempfile::tempdir().unwrap();
    let summary = write_session(root.path(), "clip");
    let text = fs::read_to_string(root.path().join("clip/events.csv")).unwrap();
    assert_eq!(
        text,
        "event,kind,label,score,onset_s,apex_s,offset_s,duration_ms,amplitude_icd,regions,action_units,definition,\
         min_resolvable_ms,flagged_at_s,confirmed_at_s,face_id,veto,form,smile,negative,posed,cheek\n\
         0,micro,happiness,0.7500,0.100000,0.200000,0.280000,180.000,0.03210,mouth_corner_left+mouth_corner_right,6+12,\
         classic,100.000,0.133000,0.280000,0,,,,,,\n\
         1,micro,surprise,0.7500,0.100000,0.200000,,,0.03210,mouth_corner_left+mouth_corner_right,6+12,\
         classic,100.000,0.133000,,0,,,,,,\n"
    );
    assert_eq!(summary.events["micro"]["happiness"], 1);
    assert_eq!(summary.events["micro"].len(), 2);
    assert_eq!(summary.candidates.into_iter().collect::<Vec<_>>(), [("blink", 1), ("speech", 1)]);
}

#[test]
fn candidates_have_rows_on_request_with_the_reason() {
    let root = tempfile::tempdir().unwrap();
    let summary = write_session_with(root.path(), "clip", true);
    let rows = picked(&root.path().join("clip/events.csv"), &["event", "veto"]);
    assert_eq!(rows, ["0 .", "1 .", "2 blink", "3 speech"]);
    let claimed: u64 = summary.events.values().flat_map(|labels| labels.values()).sum();
    assert_eq!(claimed, 2, "candidates are not counted as events");
}

#[test]
fn what_labels_were_decided_on_has_a_table_on_request() {
    let root = tempfile::tempdir().unwrap();
    assert!(!write_session(root.path(), "plain").files.iter().any(|file| file.starts_with("label")));
    let out = OutputDir::create(root.path(), "clip", false).unwrap();
    let mut tables = Tables::create(&out, &[TableFormat::Csv]).unwrap().with_label_evidence(true);
    let fits = [0.0, 0.75, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5];
    let change = ExpressionChange { face: [-0.25; LABEL_COUNT], eyes: [1.5; LABEL_COUNT] };
    let known = |change| Some(LabelEvidence { fits, change });
    tables.push_events(&[
        Event { label_evidence: known(Some(change)), ..event(0, "happiness", None) },
        event(1, "not from region motion", None),
        Event { label_evidence: known(None), ..event(2, "happiness", None) },
        Event { label_evidence: known(None), veto: Some(Veto::Lone), ..event(3, "", None) },
    ]);
    let summary = tables.finish(RunFacts::default(), None).unwrap();
    assert_eq!(summary.files, ["frames.csv", "events.csv", "label_evidence.csv"]);
    let names = ["event", "fit_happiness", "fit_contempt", "face_rise_fear", "eyes_rise_anger"];
    let rows = picked(&root.path().join("clip/label_evidence.csv"), &names);
    assert_eq!(rows, ["0 0.750000 0.500000 -0.250000 1.500000", "2 0.750000 0.500000 . ."]);
}

#[test]
fn csv_json_lines_and_parquet_hold_equal_values() {
    let root = tempfile::tempdir().unwrap();
    write_session(root.path(), "clip");
    for stem in ["frames", "events"] {
        let path = |ext: &str| root.path().join(format!("clip/{stem}.{ext}"));
        let (header, rows) = csv_cells(&path("csv"));
        let lines = fs::read_to_string(path("jsonl")).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        let reader = SerializedFileReader::try_from(path("parquet").as_path()).unwrap();
        let parquet: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!((lines.len(), parquet.len()), (rows.len(), rows.len()));
        for ((row, line), record) in rows.iter().zip(lines).zip(&parquet) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for ((name, csv), (field_name, field)) in header.iter().zip(row).zip(record.get_column_iter()) {
                assert_eq!(name, field_name);
                let json = &line[name];
                let context = format!("{stem} {name}: {csv} {json} {field:?}");
                match field {
                    Field::Null => assert!(csv.is_empty() && json.is_null(), "{context}"),
                    Field::Long(value) => {
                        assert_eq!(
                            (csv.parse().ok(), json.as_i64()),
                            (Some(*value), Some(*value)),
                            "{context}"
                        );
                    }
                    Field::Double(value) => {
                        assert_eq!(
                            (csv.parse().ok(), json.as_f64()),
                            (Some(*value), Some(*value)),
                            "{context}"
                        );
                    }
                    Field::Str(value) => {
                        assert_eq!((csv, json.as_str()), (value, Some(value.as_str())), "{context}")
                    }
                    _ => panic!("{context}"),
                }
            }
            let order: Vec<_> = header.iter().map(|name| line.get(name).is_some()).collect();
            assert!(order.iter().all(|is_there| *is_there));
        }
    }
    let reader = SerializedFileReader::try_from(root.path().join("clip/frames.parquet").as_path()).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(metadata.iter().any(|m| m.key == "unit:pitch_deg" && m.value.as_deref() == Some("deg")));
}

#[test]
fn equal_input_gives_equal_bytes() {
    let root = tempfile::tempdir().unwrap();
    write_session(root.path(), "a");
    write_session(root.path(), "b");
    let names = |dir: &str| {
        let mut names: Vec<_> =
            fs::read_dir(root.path().join(dir)).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("a"), names("b"));
    assert_eq!(names("a").len(), 8, "{:?}", names("a"));
    for name in names("a") {
        let bytes = |dir: &str| fs::read(root.path().join(dir).join(&name)).unwrap();
        assert!(bytes("a") == bytes("b"), "{name:?} differs");
    }
}

#[test]
fn a_crash_leaves_readable_text_and_nothing_that_claims_to_be_whole() {
    let root = tempfile::tempdir().unwrap();
    let out = OutputDir::create(root.path(), "clip", false).unwrap();
    let mut tables = Tables::create(&out, &TableFormat::ALL).unwrap();
    for seq in 0..300 {
        tables.push(&empty(seq, at_ms(seq as i64 * 33))).unwrap();
    }
    // Nothing is dropped or finished, as when the process is killed.
    std::mem::forget(tables);
    for (name, header_lines) in [("frames.csv", 1), ("frames.jsonl", 0)] {
        let text = fs::read_to_string(out.path().join(name)).unwrap();
        let full = text.matches('\n').count() - header_lines;
        // 300 frames less 250 ms of hold and at most 1 s between flushes.
        assert!((260..300).contains(&full), "{name}: {full}");
    }
    let is_there = |name: &str| out.path().join(name).exists();
    assert!(!is_there("frames.parquet") && !is_there("summary.json"));

    // And the next run may take the folder over.
    let out = OutputDir::create(root.path(), "clip", true).unwrap();
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_with_the_file_and_what_to_do() {
    for format in TableFormat::ALL {
        let root = tempfile::tempdir().unwrap();
        let out = OutputDir::create(root.path(), "clip", false).unwrap();
        let name = format!("clip/frames.{}", format.name());
        let target = root.path().join(if format == TableFormat::Parquet {
            name.clone() + ".partial"
        } else {
            name.clone()
        });
        std::os::unix::fs::symlink("/dev/full", target).unwrap();
        let mut tables = Tables::create(&out, &[format]).unwrap();
        let result = (0..100)
            .try_for_each(|seq| tables.push(&empty(seq, at_ms(seq as i64 * 33))))
            .and_then(|()| tables.finish(RunFacts::default(), None).map(drop));
        let message = result.unwrap_err().to_string();
        assert!(message.contains(&name) && message.contains("free some space"), "{message}");
        assert!(!out.path().join("summary.json").exists());
    }
}

#[test]
fn a_frame_pushed_twice_is_an_error() {
    let mut assembler = RowAssembler::default();
    assembler.push(&empty(0, at_ms(0)), |_| Ok::<(), TableError>(())).unwrap();
    let error = assembler.push(&empty(0, at_ms(33)), |_| Ok(())).unwrap_err();
    assert!(matches!(error, TableError::OutOfOrder { frame: 0, expected: 1 }));
}

#[test]
fn a_huge_gap_is_spelled_out_without_being_held() {
    let mut assembler = RowAssembler::default();
    assembler.push_gap(&Gap { first_seq: 0, count: 2_000_000, at: at_ms(0), reason: GapReason::Stalled });
    let mut next = 0;
    assembler
        .finish(|row| {
            assert_eq!(row.frame, next);
            next += 1;
            Ok::<(), TableError>(())
        })
        .unwrap();
    assert_eq!(next, 2_000_000);
}

/// A frame of a random source: lost or not (told with the next frame, told beforehand, untold), measured or not.
#[derive(Clone, Copy, Debug)]
struct Plan {
    lost: Option<u8>,
    is_measured: bool,
    has_face: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    (0u8..20, any::<bool>(), 0u8..10).prop_map(|(lost, is_measured, face)| Plan {
        lost: (lost < 4).then_some(lost),
        is_measured,
        has_face: face > 0,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn rows_are_complete_in_order_and_dated_by_their_anchor(
        plans in prop::collection::vec(plan(), 1..120),
        interval_ms in prop::sample::select(vec![4i64, 8, 16, 33, 100, 1000]),
        delay_ms in 0i64..=67,
    ) {
        let time = |seq: usize| at_ms(seq as i64 * interval_ms);
        let mut assembler = RowAssembler::default();
        let mut rows: Vec<FrameRow> = Vec::new();
        let mut in_flight: std::collections::VecDeque<Arc<LandmarkUpdate>> = Default::default();
        let mut applied: Option<Arc<LandmarkUpdate>> = None;
        let mut gap: Option<Gap> = None;
        for (seq, plan) in plans.iter().enumerate() {
            if let Some(how) = plan.lost {
                let lost = Gap { first_seq: seq as u64, count: 1, at: time(seq), reason: GapReason::Driver };
                match how {
                    0 => assembler.push_gap(&lost),
                    1 | 2 => match &mut gap {
                        Some(gap) if gap.first_seq + gap.count == seq as u64 => gap.count += 1,
                        _ => gap = Some(lost),
                    },
                    _ => {}
                }
                continue;
            }
            let now = time(seq);
            let measured = plan.is_measured.then(|| update(seq as u64, now, 1));
            in_flight.extend(measured.clone());
            // One measurement a frame at most becomes available, in order; the first is waited for.
            let arrived = if applied.is_none() {
                in_flight.pop_front()
            } else {
                let is_due = in_flight.front().is_some_and(|u| now.millis_since(u.measured_at) >= delay_ms as f64);
                is_due.then(|| in_flight.pop_front()).flatten()
            };
            applied = arrived.clone().or(applied);
            let mut observation = match &applied {
                Some(anchor) if plan.has_face => seen(seq as u64, now, anchor),
                _ => empty(seq as u64, now),
            };
            observation.update = arrived;
            observation.gaps.extend(gap.take());
            assembler.push(&observation, |row| { rows.push(row.clone()); Ok::<(), TableError>(()) }).unwrap();
        }
        assembler.finish(|row| { rows.push(row.clone()); Ok::<(), TableError>(()) }).unwrap();
        prop_assert_eq!(assembler.late_updates(), 0);

        let last_told = rows.len();
        prop_assert!(plans[last_told..].iter().all(|p| p.lost.is_some()), "only untold losses at the end may lack rows");
        let mut anchor_ms: Option<f64> = None;
        for (index, (row, plan)) in rows.iter().zip(&plans).enumerate() {
            prop_assert_eq!(row.frame, index as u64);
            prop_assert_eq!(row.status == FrameStatus::Gap, plan.lost.is_some());
            let has_arrived = !in_flight.iter().any(|u| u.seq == row.frame);
            let is_measured = plan.lost.is_none() && plan.is_measured && has_arrived && row.face.is_some();
            prop_assert_eq!(row.measured.as_ref().map(|m| m.update().seq), is_measured.then_some(row.frame));
            let Some(age_ms) = row.landmark_age_ms else {
                prop_assert!(row.face.is_none());
                continue;
            };
            let now_ms = (index as i64 * interval_ms) as f64;
            if is_measured {
                anchor_ms = Some(now_ms);
                prop_assert_eq!(age_ms, 0.0);
            }
            // Never older than the newest measured row with this face.
            prop_assert!(age_ms >= 0.0);
            if let Some(anchor_ms) = anchor_ms {
                prop_assert!(age_ms <= now_ms - anchor_ms + 1e-6, "{} {}", age_ms, now_ms - anchor_ms);
            }
        }
    }
}

//! Building from a made-up session: the synthetic portrait, with steps, events and codings.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::capture::{CaptureError, Captured, Source, SourceInfo, SyntheticParams, SyntheticSource};
use crate::dataset::{LabelSource, Role, SampleKind, WhyLeftOut};
use crate::session::{EventRecord, StepSpan};
use crate::types::{Frame, Gap, GapReason, Timestamp};

const FPS: f64 = 10.0;

/// The portrait; between two frame numbers there is none, between two others the picture is blank.
struct Fake {
    source: SyntheticSource,
    lost: std::ops::Range<u64>,
    blank: std::ops::Range<u64>,
    is_gap_told: bool,
}

impl Source for Fake {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn next(&mut self, frame: &mut Frame) -> Result<Captured, CaptureError> {
        loop {
            if self.source.next(frame)? == Captured::End {
                return Ok(Captured::End);
            }
            if self.lost.contains(&frame.seq) {
                if !std::mem::replace(&mut self.is_gap_told, true) {
                    let count = self.lost.end - self.lost.start;
                    let reason = GapReason::Driver;
                    return Ok(Captured::Gap(Gap {
                        first_seq: frame.seq,
                        count,
                        at: Timestamp::ZERO,
                        reason,
                    }));
                }
                continue;
            }
            if self.blank.contains(&frame.seq) {
                frame.data.fill(90);
            }
            return Ok(Captured::Frame);
        }
    }
}

#[derive(Clone)]
struct FakeSession {
    id: String,
    steps: Vec<StepSpan>,
    events: Vec<EventRecord>,
    codings: Vec<CodedEvent>,
    lost: std::ops::Range<u64>,
    blank: std::ops::Range<u64>,
}

impl SessionData for FakeSession {
    fn id(&self) -> &str {
        &self.id
    }

    fn participant(&self) -> &str {
        "P01"
    }

    fn gender(&self) -> &str {
        "female"
    }

    fn stimulus(&self) -> &str {
        "questionnaire"
    }

    fn steps(&self) -> &[StepSpan] {
        &self.steps
    }

    fn events(&self) -> &[EventRecord] {
        &self.events
    }

    fn codings(&self) -> &[CodedEvent] {
        &self.codings
    }

    fn source(&self) -> Result<Box<dyn Source>, FolderError> {
        let params = SyntheticParams {
            fps: FPS,
            width: 320,
            height: 240,
            duration_s: Some(4.0),
            ..SyntheticParams::default()
        };
        let source = SyntheticSource::new(params)?;
        Ok(Box::new(Fake { source, lost: self.lost.clone(), blank: self.blank.clone(), is_gap_told: false }))
    }

    fn motion(&self) -> Result<Vec<MotionRow>, FolderError> {
        let row = |n: i32| MotionRow { t_s: f64::from(n) / FPS, amplitude_icd: [Some(0.01); TRACE_COUNT] };
        Ok((0..40).map(row).collect())
    }

    fn media_sha256(&self) -> Result<String, FolderError> {
        Ok("ab".repeat(32))
    }
}

fn step(id: &str, target: &str, start_s: f64, end_s: Option<f64>) -> StepSpan {
    StepSpan {
        step: 0,
        id: id.to_owned(),
        kind: "question".to_owned(),
        target: target.to_owned(),
        stimulus: "questionnaire".to_owned(),
        start_s,
        end_s,
    }
}

fn event(number: u64, kind: &str, label: &str, [onset_s, apex_s, offset_s]: [f64; 3]) -> EventRecord {
    EventRecord {
        event: number,
        kind: kind.to_owned(),
        label: label.to_owned(),
        score: 0.5,
        onset_s,
        apex_s,
        offset_s: Some(offset_s),
        action_units: "4+7".to_owned(),
        veto: String::new(),
    }
}

fn session(id: &str) -> FakeSession {
    FakeSession {
        id: id.to_owned(),
        steps: vec![step("anger-01", "anger", 0.5, Some(2.0)), step("sadness-01", "sadness", 2.0, Some(3.5))],
        events: vec![
            event(3, "micro", "disgust", [1.0, 1.1, 1.3]),
            event(4, "masked", "happy_but_sad", [2.4, 2.5, 3.1]),
            event(5, "blink", "", [1.0, 1.1, 1.2]),
            EventRecord { veto: "speech".to_owned(), ..event(6, "micro", "", [0.2, 0.3, 0.4]) },
        ],
        codings: Vec::new(),
        lost: 0..0,
        blank: 0..0,
    }
}

fn build(session: &FakeSession, out: &Path, params: &BuildParams) -> Result<BuildReport, FolderError> {
    build_dataset(&[Box::new(session.clone())], out, params, &mut |_| true)
}

/// Every file below a folder with its bytes.
fn all_files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, dir: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, into);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                into.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(dir, dir, &mut files);
    files
}

#[test]
fn steps_and_events_become_samples_and_candidates_and_the_same_bytes_each_time() {
    let root = tempfile::tempdir().unwrap();
    let (one, two) = (root.path().join("one"), root.path().join("two"));
    let report = build(&session("P01-a"), &one, &BuildParams::default()).unwrap();
    // 0.5, 1.0, 1.5 | 2.0, 2.5, 3.0; three moments of each of two events.
    assert_eq!((report.samples, report.added[0].candidates), (12, 2));
    assert!(report.left_out.is_empty() && report.added[0].warnings.is_empty(), "{report:?}");

    let folder = DatasetFolder::open(&one).unwrap();
    assert!(folder.incomplete_sessions().is_empty());
    let of = |name: &str| folder.samples.iter().find(|sample| sample.sample == name).unwrap();
    let interval = of("P01-a-f000010-interval");
    assert_eq!((interval.kind, interval.label.as_str(), interval.time_s), (SampleKind::Micro, "anger", 1.0));
    assert_eq!((interval.label_source, interval.event.as_str()), (LabelSource::Step, ""));
    assert_eq!(interval.path, "questionnaire/micro/anger/gray/P01-a-f000010-interval.png");
    // Within the masked event.
    let within = of("P01-a-f000025-interval");
    assert_eq!((within.kind, within.label.as_str()), (SampleKind::Masked, "happy_but_sad"));
    assert_eq!((within.event.as_str(), within.step.as_str()), ("P01-a-e0004", "sadness-01"));
    let apex = of("P01-a-e0003-apex");
    assert_eq!(
        (apex.role, apex.label.as_str(), apex.label_source),
        (Role::Apex, "disgust", LabelSource::Spotter)
    );
    assert_eq!((apex.time_s, apex.offset_s, apex.action_units.as_str()), (1.1, Some(1.3), "4+7"));
    for sample in &folder.samples {
        let gray = image::open(one.join(&sample.path)).unwrap();
        assert_eq!((gray.width(), gray.height(), gray.color()), (256, 256, image::ColorType::L8));
        let colour = image::open(one.join(&sample.path_colour)).unwrap();
        assert_eq!((colour.width(), colour.color()), (256, image::ColorType::Rgb8));
        // The same picture: the gray one is the luma of the other, but for rounding.
        let luma = crate::image::convert::luma_of_rgb(colour.to_rgb8().get_pixel(128, 100).0);
        assert!(luma.abs_diff(gray.to_luma8().get_pixel(128, 100).0[0]) <= 2);
    }

    let clip: serde_json::Value =
        serde_json::from_slice(&fs::read(one.join("candidates/P01-a-e0003/clip.json")).unwrap()).unwrap();
    assert_eq!(clip["frames"].as_array().unwrap().len(), 24, "0.0 to 2.3");
    assert_eq!(clip["frames"][3], serde_json::json!({"t_s": 0.3, "file": "0003.jpg"}));
    assert_eq!(
        clip["trace_t_s"].as_array().unwrap().len(),
        clip["traces"]["lid_left"].as_array().unwrap().len()
    );
    assert_eq!(clip["proposal"]["kind"], "micro");
    assert_eq!((clip["step"].as_str(), clip["has_face"].as_bool()), (Some("anger-01"), Some(true)));
    let sizes: BTreeSet<(u32, u32)> = (0..24)
        .map(|n| image::image_dimensions(one.join(format!("candidates/P01-a-e0003/{n:04}.jpg"))).unwrap())
        .collect();
    assert_eq!(sizes.len(), 1);
    assert!(sizes.first().unwrap().0 < 320, "the clip shows the face, not the room: {sizes:?}");

    build(&session("P01-a"), &two, &BuildParams::default()).unwrap();
    assert!(all_files(&one) == all_files(&two));
}

#[test]
fn frames_without_a_face_and_lost_ones_are_listed() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("ds");
    let session = FakeSession { lost: 9..13, blank: 20..24, ..session("P01-a") };
    let report = build(&session, &out, &BuildParams::default()).unwrap();
    let folder = DatasetFolder::open(&out).unwrap();
    // Lost: interval 1.0, onset, apex. The offset at 1.3 is there. Blank: interval 2.0.
    assert_eq!(
        report.left_out,
        BTreeMap::from([("no_face", 1), ("not_recorded", 3)]),
        "{:?}",
        folder.left_out
    );
    assert_eq!(report.samples, 12 - 4);
    let blank = folder.left_out.iter().find(|left| left.why == WhyLeftOut::NoFace).unwrap();
    assert_eq!((blank.time_s, blank.step.as_str(), blank.role.as_str()), (2.0, "sadness-01", "interval"));
    assert!(folder.left_out.iter().any(|left| left.role == "apex" && left.event == "P01-a-e0003"));
}

#[test]
fn what_people_coded_wins_and_vetoed_events_are_shown_on_request() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("ds");
    let coding = CodedEvent {
        coder: "ann b".to_owned(),
        kind: "micro".to_owned(),
        label: "contempt".to_owned(),
        onset_s: 1.1,
        apex_s: 1.2,
        offset_s: None,
        action_units: "14".to_owned(),
    };
    let session = FakeSession { codings: vec![coding], ..session("P01-a") };
    let params =
        BuildParams { candidates: Some(CandidateChoice::All), every_s: Some(1.0), ..BuildParams::default() };
    let report = build(&session, &out, &params).unwrap();
    assert_eq!(report.added[0].candidates, 3);
    assert!(out.join("candidates/P01-a-e0006/clip.json").is_file());
    let folder = DatasetFolder::open(&out).unwrap();
    let apex = folder.samples.iter().find(|sample| sample.sample == "P01-a-c0001-apex").unwrap();
    assert_eq!(
        (apex.coder.as_str(), apex.label.as_str(), apex.label_source),
        ("ann b", "contempt", LabelSource::Coder)
    );
    assert!(
        !folder.samples.iter().any(|sample| sample.event == "P01-a-e0003" || sample.event == "P01-a-e0006")
    );
}

#[test]
fn sessions_are_added_and_nothing_is_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("ds");
    build(&session("P01-a"), &out, &BuildParams::default()).unwrap();
    let before = all_files(&out);
    let error = build(&session("P01-b"), &out, &BuildParams::default()).unwrap_err().to_string();
    assert!(error.contains("--add"), "{error}");
    fs::write(root.path().join("notes.txt"), "x").unwrap();
    let error = build(&session("P01-b"), root.path(), &BuildParams::default()).unwrap_err().to_string();
    assert!(error.contains("nothing is ever overwritten"), "{error}");
    let add = BuildParams { add: true, ..BuildParams::default() };
    assert!(matches!(build(&session("P01-b"), root.path(), &add), Err(FolderError::NotADataset { .. })));
    let other = BuildParams { every_s: Some(0.25), ..add.clone() };
    assert!(build(&session("P01-b"), &out, &other).unwrap_err().to_string().contains("--every 0.5"));
    assert!(all_files(&out) == before);

    let again = build(&session("P01-a"), &out, &add).unwrap();
    assert_eq!((again.already_in.len(), again.added.len()), (1, 0));
    assert!(all_files(&out) == before, "nothing to add, nothing changed");
    assert_eq!(build(&session("P01-b"), &out, &add).unwrap().samples, 24);
    let after = all_files(&out);
    assert!(before.iter().filter(|(name, _)| name.ends_with("g")).all(|(name, bytes)| after[name] == *bytes));

    // Stopped while adding: as before. Broken off at the last moment: that session counts as not there.
    let stopped = build_dataset(&[Box::new(session("P01-c"))], &out, &add, &mut |_| false);
    assert!(matches!(stopped, Err(FolderError::Interrupted(_))));
    assert_eq!(DatasetFolder::open(&out).unwrap().samples.len(), 24);
    let manifest = fs::read(out.join("manifest.csv")).unwrap();
    build(&session("P01-c"), &out, &add).unwrap();
    let whole = all_files(&out);
    fs::write(out.join("manifest.csv"), manifest).unwrap();
    assert_eq!(DatasetFolder::open(&out).unwrap().incomplete_sessions(), ["P01-c"]);
    let opened = DatasetFolder::open_to_add(&out, |id| id == "P01-b").unwrap();
    assert_eq!(opened.description.sessions.len(), 3, "what is not given stays as it is");
    assert_eq!(build(&session("P01-c"), &out, &add).unwrap().samples, 36);
    assert!(all_files(&out) == whole);
    // Broken off in the first build.
    fs::remove_file(out.join("manifest.csv")).unwrap();
    let error = DatasetFolder::open(&out).unwrap_err().to_string();
    assert!(error.contains("broke off") && error.contains("--add"), "{error}");
}

//! Reading the tables: what they mean, what is refused, and that no bytes whatever make the readers panic.

use std::path::Path;

use proptest::prelude::*;

use super::{ms, two_clips};
use crate::eval::EvalError;
use crate::eval::csv_file::CsvFile;
use crate::eval::spotting::read_events::events_from;
use crate::eval::spotting::read_frames::frames_from;
use crate::eval::spotting::read_truth::clips_from;
use crate::eval::spotting::*;
use crate::tables::{event_columns, frame_columns};
use crate::types::{Region, RegionId, Side};

const PATH: &str = "t.csv";

fn clips(bytes: &[u8]) -> Result<Vec<Clip>, EvalError> {
    clips_from(Path::new(PATH), CsvFile::new(Path::new(PATH), bytes)?)
}

fn events(bytes: &[u8]) -> Result<Vec<PredictedEvent>, EvalError> {
    events_from(CsvFile::new(Path::new(PATH), bytes)?)
}

fn frames(bytes: &[u8], traced: &[RegionId]) -> Result<Frames, EvalError> {
    frames_from(CsvFile::new(Path::new(PATH), bytes)?, traced)
}

#[test]
fn truth_of_nine_columns_in_any_order() {
    let text = "emotion,aus,clip,kind,fps,offset_s,apex_s,onset_s,amplitude_icd\n\
                happiness,6+12,a,micro,30,1.4,1.1,1.0,0.02\n\
                ,,b,none,60,,,,\n\
                ,,a,blink,30,2.3,,2,\n";
    let clips = clips(text.as_bytes()).unwrap();
    assert_eq!(
        clips.iter().map(|c| (c.name.as_str(), c.fps)).collect::<Vec<_>>(),
        [("a", 30.0), ("b", 60.0)]
    );
    let smile = &clips[0].truth[0];
    assert_eq!((smile.onset, smile.apex, smile.offset), (ms(1000), ms(1100), ms(1400)));
    assert_eq!((smile.action_units.as_slice(), smile.sides), (&[6, 12][..], Sides::Unknown));
    assert_eq!((smile.emotion.as_str(), smile.amplitude_icd), ("happiness", Some(0.02)));
    assert_eq!((clips[0].truth[1].kind.as_str(), clips[0].truth[1].apex), ("blink", ms(2000)));
    assert!(clips[1].truth.is_empty());
}

#[test]
fn truth_of_more_columns() {
    let text = "clip,fps,kind,onset_s,apex_s,offset_s,aus,emotion,amplitude_icd,sides,base,base_kind,person,distractor,new\n\
                a,30,micro,1,1.1,1.4,14,contempt,.02,left,x.png,still,p1,blink+noise,?\n\
                a,30,micro,3,3.1,3.4,1+2,fear,.02,both,x.png,still,p1,blink,?\n\
                a,30,micro,5,5.1,5.4,1+2,fear,.02,left+right,x.png,still,p1,,?\n";
    let clips = clips(text.as_bytes()).unwrap();
    let clip = &clips[0];
    assert_eq!((clip.base_kind.as_str(), clip.person.as_str()), ("still", "p1"));
    assert_eq!(clip.distractors, ["blink", "noise"]);
    let sides: Vec<Sides> = clip.truth.iter().map(|event| event.sides).collect();
    assert_eq!(sides, [Sides::One(Side::Left), Sides::Both, Sides::Both]);
}

#[test]
fn unusable_truth_is_refused_with_its_place() {
    let header = "clip,fps,kind,onset_s,apex_s,offset_s,aus,emotion,amplitude_icd,sides,person\n";
    let first = "a,30,micro,1,1.1,1.4,12,happiness,.02,both,p1\n";
    for (row, expected) in [
        (",30,micro,1,1.1,1.4,,,,,", "line 3, column clip: it is empty"),
        ("a,30,,1,1.1,1.4,,,,,", "line 3, column kind: it is empty"),
        ("a,60,micro,1,1.1,1.4,,,,,", "line 3, column fps: 60, but 30 in an earlier row"),
        ("b,0,micro,1,1.1,1.4,,,,,", "line 3, column fps: 0 frames a second"),
        ("a,30,micro,one,1.1,1.4,,,,,", "line 3, column onset_s: \"one\" is not a number"),
        ("a,30,micro,,1.1,1.4,,,,,", "line 3, column onset_s: it is empty"),
        ("a,30,micro,1,,1.4,,,,,", "line 3, column apex_s: it is empty"),
        ("a,30,micro,1,1.5,1.4,,,,,", "line 3, column apex_s: it lies outside"),
        ("a,30,micro,1,1.1,0.4,,,,,", "line 3, column offset_s: it lies before"),
        ("a,30,micro,1,1,1,,,,,", "line 3, column offset_s: it is the onset"),
        ("a,30,micro,1,1.1,1.4,six,,,,", "line 3, column aus: \"six\""),
        ("a,30,micro,1,1.1,1.4,,,-1,,", "line 3, column amplitude_icd: an amplitude"),
        ("a,30,micro,1,1.1,1.4,,,,top,", "line 3, column sides: \"top\""),
        ("a,30,micro,1,1.1,1.4,,,,,p2", "line 3, column person: p2, but p1"),
    ] {
        let error = clips(format!("{header}{first}{row}\n").as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("t.csv, ") && error.contains(expected), "{row}: {error}");
    }
    assert!(clips(header.as_bytes()).unwrap_err().to_string().contains("no rows"));
    let error = clips(b"clip,fps\na,30\n").unwrap_err().to_string();
    assert!(error.contains("no column kind") && error.contains("clip, fps"), "{error}");
}

#[test]
fn events_are_claims_only_when_confirmed_and_not_vetoed() {
    let text = "event,kind,label,score,onset_s,apex_s,offset_s,regions,flagged_at_s,confirmed_at_s,veto\n\
                0,micro,fear,.5,1,1.1,1.4,brow_left+brow_right,1.1,1.5,\n\
                1,micro,,.5,2,2.1,,,2.1,,\n\
                2,micro,,.5,3,3.1,3.4,,3.1,,\n\
                3,micro,,.5,4,4.1,4.4,,4.1,4.5,speech\n\
                4,macro,,.5,5,5.1,6.4,,5.1,6.5,\n";
    let read = events(text.as_bytes()).unwrap();
    let claims: Vec<u64> = read.iter().filter(|event| event.is_claim()).map(|event| event.id).collect();
    assert_eq!(claims, [0]);
    assert_eq!(read[0].regions.len(), 2);
    // Tables of other programs: an offset is enough where nothing is said of confirmation.
    let few = events(b"offset_s,onset_s,kind,score\n1.4,1,micro,.5\n,2,micro,.5\n").unwrap();
    assert_eq!(few.iter().map(PredictedEvent::is_claim).collect::<Vec<_>>(), [true, false]);
    for (row, expected) in [
        ("x,micro,1,1,1", "column event"),
        ("0,micro,1,2,1", "column offset_s"),
        ("0,micro,,1,2", "column score"),
        ("0,micro,1,,2", "column onset_s"),
    ] {
        let error = events(format!("event,kind,score,onset_s,offset_s\n{row}\n").as_bytes()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn frames_stand_until_the_next_and_lost_ones_are_not_observed() {
    let text = "timestamp_s,status,not_observable\n\
                10.0,ok,\n\
                10.1,ok,mouth_corner_left+chin_right\n\
                10.2,no_face,\n\
                10.3,ok,\n\
                ,gap,\n\
                ,gap,\n\
                10.8,ok,\n\
                10.9,gap,\n\
                11.2,ok,\n";
    let read = frames(text.as_bytes(), &[]).unwrap();
    // 10.0 to 11.2 and a median interval.
    assert!((read.duration_s.unwrap() - 1.3).abs() < 1e-9, "{:?}", read.duration_s);
    let observed = read.observed.unwrap();
    let is = |seconds: f64, expected: f64| assert!((seconds - expected).abs() < 1e-9, "{seconds} {expected}");
    // 10.0, 10.1, 10.3 (its median interval only), 10.8, 11.2.
    is(observed.seconds(RegionMask::has_brow), 0.5);
    let left_corner = RegionId { region: Region::MouthCorner, side: Side::Left };
    is(observed.seconds(|regions| regions.has(left_corner)), 0.4);
    is(observed.share(Interval { onset: ms(10_300), offset: ms(10_800) }, RegionMask::has_brow), 0.2);
}

#[test]
fn frames_of_older_versions_say_nothing_of_what_could_be_seen() {
    let read = frames(b"timestamp_s,status\n0,ok\n0.1,ok\n", &[]).unwrap();
    assert_eq!(read.observed, None);
    assert!((read.duration_s.unwrap() - 0.2).abs() < 1e-9);
    let alone = frames(b"timestamp_s,status\n0,ok\n", &[]).unwrap();
    assert_eq!(alone.duration_s, None);
}

#[test]
fn smallest_amplitudes_and_traces_are_read_where_they_are() {
    let mut header = "timestamp_s,status,not_observable,mx_chin_left,my_chin_left".to_owned();
    let mut row = ["0,ok,,0.01,-0.02", "0.1,ok,,,", "0.2,no_face,,,"].map(str::to_owned);
    for id in RegionId::all() {
        header += &format!(",min_{}", id.name());
        row[0] += ",0.01";
        row[1] += ",";
        row[2] += ",";
    }
    let text = format!("{header}\n{}\n", row.join("\n"));
    let chin = |side| RegionId { region: Region::Chin, side };
    let read = frames(text.as_bytes(), &[chin(Side::Left), chin(Side::Right)]).unwrap();
    assert_eq!(read.observed.unwrap().smallest_icd[0], [0.01, f32::INFINITY]);
    assert_eq!(read.traces.regions, [chin(Side::Left)]);
    let trace = &read.traces.displacement_icd[0];
    assert_eq!(trace[0], [0.01, -0.02]);
    assert!(trace[1][0].is_nan() && trace[2][1].is_nan());
    let error = frames(b"timestamp_s,status,not_observable\n0,ok,nose\n", &[]).unwrap_err().to_string();
    assert!(error.contains("line 2, column not_observable: \"nose\""), "{error}");
    let error = frames(b"timestamp_s,status\n1,ok\n0.5,ok\n", &[]).unwrap_err().to_string();
    assert!(error.contains("line 3, column timestamp_s: time goes back"), "{error}");
}

#[test]
fn the_columns_are_the_ones_that_analyze_writes() {
    let written: Vec<String> = event_columns().into_iter().map(|column| column.name).collect();
    for name in [
        "event",
        "kind",
        "label",
        "score",
        "onset_s",
        "apex_s",
        "offset_s",
        "regions",
        "flagged_at_s",
        "confirmed_at_s",
    ] {
        assert!(written.iter().any(|column| column == name), "{name}");
    }
    let written: Vec<String> = frame_columns().into_iter().map(|column| column.name).collect();
    for name in ["timestamp_s", "status", "mx_inner_brow_left", "my_chin_right"] {
        assert!(written.iter().any(|column| column == name), "{name}");
    }
}

#[test]
fn names_from_files_cannot_become_markup() {
    let mut clips = two_clips();
    clips[0].name = "<script>alert(1)</script>".to_owned();
    clips[0].person = "\"><img src=x>".to_owned();
    clips[0].predicted[0].label = "<b>".to_owned();
    clips[0].truth[0].emotion = "<i>".to_owned();
    clips[0].truth[3].kind = "<u>".to_owned();
    let report = score(&clips, &ScoreParams::default());
    let page = page_of(&report, &clips, &[Traces::default(), Traces::default()]);
    for markup in ["<script", "<img", "<b>alert", "<u>", "<i>"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;script&gt;") && page.contains("<svg"));
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("url("));
}

/// A header that is right and cells that need not be.
fn any_table(header: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let columns = header.split(',').count();
    let cell = prop_oneof![
        3 => "-?[0-9]{1,3}(\\.[0-9]{1,7})?",
        1 => Just(String::new()),
        1 => "[a-z+_]{0,12}",
        1 => prop_oneof![Just("micro"), Just("ok"), Just("gap"), Just("1e308"), Just("nan"), Just("brow_left")].prop_map(str::to_owned),
    ];
    let row = proptest::collection::vec(cell, columns).prop_map(|cells| cells.join(","));
    proptest::collection::vec(row, 0..6)
        .prop_map(move |rows| format!("{header}\n{}\n", rows.join("\n")).into_bytes())
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (clips(&bytes), events(&bytes), frames(&bytes, &[]));
    }

    #[test]
    fn no_cells_make_the_readers_or_the_scoring_panic(
        truth in any_table("clip,fps,kind,onset_s,apex_s,offset_s,aus,emotion,amplitude_icd,sides"),
        predicted in any_table("event,kind,label,score,onset_s,apex_s,offset_s,flagged_at_s,confirmed_at_s,regions"),
        seen in any_table("timestamp_s,status,not_observable,mx_brow_left,my_brow_left"),
    ) {
        let brow = RegionId { region: Region::Brow, side: Side::Left };
        let seen = frames(&seen, &[brow]).unwrap_or_default();
        let predicted = events(&predicted).unwrap_or_default();
        let mut read = clips(&truth).unwrap_or_default();
        for clip in &mut read {
            clip.predicted.clone_from(&predicted);
            clip.observed.clone_from(&seen.observed);
            clip.duration_s = seen.duration_s;
        }
        let report = score(&read, &ScoreParams { resamples: 3, ..ScoreParams::default() });
        let traces = vec![seen.traces; read.len()];
        prop_assert!(page_of(&report, &read, &traces).contains("</main>"));
        prop_assert!(serde_json::to_string(&report).is_ok());
    }
}

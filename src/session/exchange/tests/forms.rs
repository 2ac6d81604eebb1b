//! What the exported texts look like.

use super::super::{Tracks, csv_from_tracks, eaf_from_tracks, tsv_from_tracks, vtt_from_tracks};
use super::coding;
use crate::session::{EventRecord, Marker, StepSpan};

fn steps() -> Vec<StepSpan> {
    let step = |step, id: &str, start_s, end_s| StepSpan {
        step,
        id: id.to_owned(),
        kind: "question".to_owned(),
        target: "anger".to_owned(),
        stimulus: "questionnaire".to_owned(),
        start_s,
        end_s,
    };
    vec![step(0, "anger-01", 0.0, Some(20.0)), step(1, "anger-02", 20.0, None)]
}

fn events() -> Vec<EventRecord> {
    let event = |event, onset_s, veto: &str| EventRecord {
        event,
        kind: "micro".to_owned(),
        label: "anger".to_owned(),
        score: 0.834,
        onset_s,
        apex_s: onset_s + 0.08,
        offset_s: Some(onset_s + 0.2),
        action_units: "4+7".to_owned(),
        veto: veto.to_owned(),
    };
    vec![event(1, 3.5, ""), event(2, 5.0, "blink"), event(3, 3.6, "")]
}

fn markers() -> Vec<Marker> {
    let marker = |t_s, name: &str| Marker { t_s, name: name.to_owned(), origin: "key".to_owned() };
    vec![marker(4.0, "laughs"), marker(4.05, "a --> <b> & \"c\"\n\n1"), marker(4.05, "x\ty")]
}

/// Calls `test` with one of everything.
fn with_tracks<T>(test: impl FnOnce(&Tracks<'_>) -> T) -> T {
    let mut seen = coding("fear", 7.0, Some(7.1), 7.25);
    seen.note = "a, \"b\"".to_owned();
    test(&Tracks {
        steps: &steps(),
        events: &events(),
        markers: &markers(),
        codings: &[seen],
        duration_s: 30.0,
        started_utc: "2026-11-26T11:15:00Z",
        media: Some("video/P07.mkv"),
    })
}

#[test]
fn tab_separated_tiers_are_those_of_elan() {
    let expected = "\
Tier\tBegin Time - ss.msec\tEnd Time - ss.msec\tDuration - ss.msec\tAnnotation
Steps\t0.000\t20.000\t20.000\tanger-01 question anger
Steps\t20.000\t30.000\t10.000\tanger-02 question anger
Events micro\t3.500\t3.700\t0.200\tanger AU4+7 0.83
Events micro apex\t3.580\t3.581\t0.001\tapex
Events micro 2\t3.600\t3.800\t0.200\tanger AU4+7 0.83
Events micro 2 apex\t3.680\t3.681\t0.001\tapex
Markers\t4.000\t4.050\t0.050\tlaughs
Markers\t4.050\t4.150\t0.100\ta --> <b> & \"c\"  1; x y
Coding anna\t7.000\t7.250\t0.250\tfear a, \"b\"
Coding anna apex\t7.100\t7.101\t0.001\tapex
";
    with_tracks(|tracks| {
        assert_eq!(tsv_from_tracks(tracks, true), expected);
        let (_, without_header) = expected.split_once('\n').unwrap();
        assert_eq!(tsv_from_tracks(tracks, false), without_header);
    });
}

#[test]
fn cues_are_in_order_and_escaped() {
    let text = with_tracks(vtt_from_tracks);
    assert!(text.starts_with(
        "WEBVTT\n\nstep 0\n00:00:00.000 --> 00:00:20.000\nanger-01 question anger\n\nevent 1\n"
    ));
    assert!(text.contains(
        "\nmarker 1\n00:00:04.050 --> 00:00:05.050\n[marker] a --&gt; &lt;b&gt; &amp; \"c\"  1\n\n"
    ));
    assert!(text.contains("[anna] fear a, \"b\"\n") && !text.contains("event 2\n"));
    assert_eq!(text.matches("-->").count(), 8);
    let late = Marker { t_s: 3_725.5, name: "x".to_owned(), origin: "key".to_owned() };
    let text = vtt_from_tracks(&Tracks { markers: &[late], ..Default::default() });
    assert!(text.contains("01:02:05.500 --> 01:02:06.500"), "{text}");
    assert_eq!(vtt_from_tracks(&Tracks::default()), "WEBVTT\n");
}

#[test]
fn the_table_has_one_row_each_in_order_of_time() {
    let expected = "\
what,id,kind,label,onset_s,apex_s,offset_s,action_units,score,coder,note
step,anger-01,question,anger,0.000000,,20.000000,,,,questionnaire
event,1,micro,anger,3.500000,3.580000,3.700000,4+7,0.8340,,
event,3,micro,anger,3.600000,3.680000,3.800000,4+7,0.8340,,
marker,,key,,4.000000,,,,,,laughs
marker,,key,,4.050000,,,,,,\"a --> <b> & \"\"c\"\"\n\n1\"
marker,,key,,4.050000,,,,,,\"x\ty\"
coding,,micro,fear,7.000000,7.100000,7.250000,,,anna,\"a, \"\"b\"\"\"
step,anger-02,question,anger,20.000000,,,,,,questionnaire
";
    assert_eq!(with_tracks(csv_from_tracks), expected);
}

#[test]
fn the_elan_document_names_its_media_and_types() {
    let text = with_tracks(eaf_from_tracks);
    for expected in [
        "DATE=\"2026-11-26T11:15:00Z\" FORMAT=\"3.0\"",
        "MEDIA_URL=\"file:./video/P07.mkv\" MIME_TYPE=\"video/x-matroska\" RELATIVE_MEDIA_URL=\"./video/P07.mkv\"",
        "<TIER ANNOTATOR=\"anna\" LINGUISTIC_TYPE_REF=\"apex\" PARENT_REF=\"Coding anna\" TIER_ID=\"Coding anna apex\">",
        "<PROPERTY NAME=\"lastUsedAnnotationId\">10</PROPERTY>",
        "a --&gt; &lt;b&gt; &amp;",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // Slots rise in the order of the document.
    let times: Vec<u64> = text
        .split("TIME_VALUE=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect();
    assert!(times.len() == 20 && times.is_sorted());
    assert!(eaf_from_tracks(&Tracks::default()).contains("<TIME_ORDER>"));
}

#[test]
fn times_that_are_none_do_no_harm() {
    let odd = Marker { t_s: f64::NAN, name: "x".to_owned(), origin: "key".to_owned() };
    let far = Marker { t_s: 1e300, name: "y".to_owned(), origin: "key".to_owned() };
    let mut event = events().remove(0);
    (event.onset_s, event.apex_s, event.offset_s) = (f64::INFINITY, -5.0, Some(-9.0));
    let tracks = Tracks { markers: &[odd, far], events: &[event], ..Default::default() };
    for text in [
        eaf_from_tracks(&tracks),
        tsv_from_tracks(&tracks, true),
        vtt_from_tracks(&tracks),
        csv_from_tracks(&tracks),
    ] {
        assert!(!text.is_empty());
    }
}

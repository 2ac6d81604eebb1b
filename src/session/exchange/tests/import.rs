//! Import of documents as ELAN saves them, and of broken ones.

use super::*;

#[test]
fn a_tier_with_its_apexes_is_read_as_elan_saves_it() {
    let codings = import(FROM_ELAN, "anna", Some("micro")).unwrap();
    let mut first = coding("anger", 1.0, Some(1.08), 1.24);
    first.action_units = vec![4, 7];
    first.note = "\"brief\" < 1/4 s & clear".to_owned();
    let mut second = coding("happy_but_sad", 5.2, None, 5.9);
    second.kind = EventKind::Masked;
    second.action_units = vec![12];
    assert_eq!(codings, [first, second]);
}

#[test]
fn slots_without_a_time_lie_evenly_between_their_neighbours() {
    let codings = import(FROM_ELAN, "anna", Some("thirds")).unwrap();
    let spans: Vec<_> = codings.iter().map(|coding| (coding.kind, coding.onset_s, coding.offset_s)).collect();
    let expected = [(EventKind::Micro, 1.0, 2.0), (EventKind::Macro, 2.0, 3.0), (EventKind::Blink, 3.0, 4.0)];
    assert_eq!(spans, expected);
}

#[test]
fn annotations_that_refer_to_others_lie_where_those_do() {
    assert_eq!(import(FROM_ELAN, "anna", Some("label")).unwrap(), [coding("sadness", 2.0, None, 3.0)]);
    // Two levels up, in the order that PREVIOUS_ANNOTATION gives and not in that of the file.
    let halves = import(FROM_ELAN, "anna", Some("halves")).unwrap();
    assert_eq!(halves, [coding("contempt", 2.0, None, 2.5), coding("disgust", 2.5, None, 3.0)]);
}

#[test]
fn annotations_that_are_no_codings_are_listed_all_at_once() {
    let message = refusal(FROM_ELAN, Some("words"));
    for expected in [
        "P07.eaf, tier \"words\": 2 of its annotations are no coding; correct them in ELAN",
        "1.000 s, \"Wut AU4\": unknown label \"Wut\"",
        "4.000 s, \"anger AU4+x\": \"AU4+x\" is no list of action units",
        "neutral, happiness",
    ] {
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

#[test]
fn the_tier_is_found_or_asked_for() {
    // Its annotator is the coder.
    let codings = codings_from_eaf(FROM_ELAN.as_bytes(), Path::new("a.eaf"), "Anna", None).unwrap();
    assert_eq!((codings.len(), codings[0].coder.as_str()), (2, "Anna"));
    let message = refusal(FROM_ELAN, None);
    assert!(message.contains("Say it with --tier NAME") && message.contains("\"micro\" (2)"), "{message}");
    assert!(refusal(FROM_ELAN, Some("Micro")).contains("there is no tier \"Micro\"; its tiers"));
}

#[test]
fn apexes_without_an_owner_are_named() {
    let moved = FROM_ELAN.replace("\"ts3\" TIME_VALUE=\"1080\"", "\"ts3\" TIME_VALUE=\"1300\"");
    let moved = moved.replace("\"ts4\" TIME_VALUE=\"1090\"", "\"ts4\" TIME_VALUE=\"1301\"");
    assert!(refusal(&moved, Some("micro")).contains("1.300 s, \"\": this apex lies within no coding"));
}

#[test]
fn broken_documents_are_refused_with_the_place() {
    let cut = &FROM_ELAN[..FROM_ELAN.find("<TIER LINGUISTIC_TYPE_REF=\"same\"").unwrap()];
    let message = refusal(cut, Some("micro"));
    assert!(message.contains("P07.eaf, line 64: the file ends within <ANNOTATION_DOCUMENT>"), "{message}");
    let cases = [
        ("", "it holds no ELAN document"),
        ("kind,label", "it holds no ELAN document"),
        ("<html><p>x</p></html>", "line 1: <html> is not what an ELAN document begins with"),
        ("<ANNOTATION_DOCUMENT><TIER></ANNOTATION_DOCUMENT>", "<TIER> has no TIER_ID"),
        ("<ANNOTATION_DOCUMENT>\n\n<a></b></ANNOTATION_DOCUMENT>", "line 3: this is no well-formed XML"),
        ("<ANNOTATION_DOCUMENT a=\"1\" a=\"2\"><TIER a=\"1\" a=\"2\"/></ANNOTATION_DOCUMENT>", "<TIER>: "),
        ("<ANNOTATION_DOCUMENT><HEADER TIME_UNITS=\"PAL-frames\"/></ANNOTATION_DOCUMENT>", "in PAL-frames"),
        (
            "<ANNOTATION_DOCUMENT><TIME_SLOT TIME_SLOT_ID=\"t\" TIME_VALUE=\"-1\"/></ANNOTATION_DOCUMENT>",
            "\"-1\"",
        ),
    ];
    for (text, expected) in cases {
        let message = refusal(text, None);
        assert!(message.contains(expected), "{text}: {message}");
    }
    let error = codings_from_eaf(b"\xff\xfe<\0", Path::new("x.eaf"), "a", None).unwrap_err().to_string();
    assert!(error.contains("x.eaf, line 1: not UTF-8"), "{error}");
}

#[test]
fn references_that_lead_nowhere_or_in_circles_are_refused() {
    let cases = [
        (
            "TIME_SLOT_REF1=\"ts2\"",
            "TIME_SLOT_REF1=\"none\"",
            "micro",
            "the time slot \"none\" is not in the file",
        ),
        (" TIME_VALUE=\"1240\"", "", "micro", ""),
        ("TIME_VALUE=\"5900\"", "TIME_VALUE=\"5100\"", "micro", "ends before it begins"),
        (" TIME_VALUE=\"5900\"", "", "micro", "has no time, nor have its neighbours"),
        (
            "PARENT_REF=\"thirds\"",
            "PARENT_REF=\"gone\"",
            "label",
            "the parent \"gone\", which is not in the file",
        ),
        ("PARENT_REF=\"thirds\"", "PARENT_REF=\"halves\"", "label", "is its own ancestor"),
        ("PARENT_REF=\"thirds\" ", "", "label", "it names no parent tier"),
        ("ANNOTATION_REF=\"a6\"", "ANNOTATION_REF=\"a1\"", "label", "not on the parent tier"),
        ("PREVIOUS_ANNOTATION=\"a9\"", "PREVIOUS_ANNOTATION=\"a10\"", "halves", "follows itself"),
    ];
    for (from, to, tier, expected) in cases {
        assert!(FROM_ELAN.contains(from), "{from}");
        let result = import(&FROM_ELAN.replace(from, to), "anna", Some(tier));
        match result {
            Ok(_) => assert_eq!(expected, "", "{from} -> {to}"),
            Err(error) => assert!(error.to_string().contains(expected), "{from} -> {to}: {error}"),
        }
    }
}

#[test]
fn entities_are_never_expanded() {
    let mut laughs = "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY l0 \"ha\">\n".to_owned();
    for level in 1..30 {
        laughs += &format!("<!ENTITY l{level} \"{}\">\n", format!("&l{};", level - 1).repeat(10));
    }
    laughs += "]>\n";
    let body = FROM_ELAN.split_once('\n').unwrap().1;
    let in_value = laughs.clone() + &body.replace("Wut AU4", "&l29;");
    assert!(refusal(&in_value, Some("words")).contains("the entity &l29; is not known"));
    let in_attribute = laughs + &body.replace("TIER_ID=\"words\"", "TIER_ID=\"&l29;\"");
    assert!(refusal(&in_attribute, Some("words")).contains("entities are not expanded"));
    let outside =
        "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>".to_owned() + &body.replace("Wut", "&f;");
    assert!(refusal(&outside, Some("words")).contains("the entity &f; is not known"));
}

//! The words on the screen: what moved, never what it would prove about a person.

use std::fmt::Write as _;

use crate::types::{Event, EventKind, FrameStatus, OTHER_LABEL, Region, RegionId, Side};

/// A region in words.
pub(super) const fn region_words(region: Region) -> &'static str {
    match region {
        Region::InnerBrow => "inner brow",
        Region::OuterBrow => "outer brow",
        Region::Brow => "brow",
        Region::Glabella => "between brows",
        Region::Lid => "lids",
        Region::Cheek => "cheek",
        Region::NoseWing => "nose wing",
        Region::UpperLip => "upper lip",
        Region::MouthCorner => "mouth corner",
        Region::LowerLip => "lower lip",
        Region::Chin => "chin",
    }
}

/// What a FACS action unit does, in words (Ekman, Friesen and Hager, FACS manual, 2002).
const fn action_words(unit: u8) -> Option<&'static str> {
    Some(match unit {
        1 => "inner brow raising",
        2 => "outer brow raising",
        4 => "brow lowering",
        5 => "upper lid raising",
        6 => "cheek raising",
        7 => "lid tightening",
        9 => "nose wrinkling",
        10 => "upper lip raising",
        12 => "lip corner pulling",
        14 => "dimpling",
        15 => "lip corner lowering",
        16 => "lower lip lowering",
        17 => "chin raising",
        20 => "lip stretching",
        23 => "lip tightening",
        24 => "lip pressing",
        25 => "lips parting",
        26 => "jaw dropping",
        _ => return None,
    })
}

/// What was seen: "brief brow lowering", "mismatch between mouth and eyes".
pub fn event_title(event: &Event) -> String {
    let mut title = String::new();
    match event.kind {
        EventKind::Masked => return "mismatch between mouth and eyes".to_owned(),
        EventKind::Blink => return "blink".to_owned(),
        EventKind::Micro => title.push_str("brief "),
        EventKind::Macro => {}
    }
    let raises_all = [1, 2].iter().all(|unit| event.action_units.contains(unit));
    let whole_brow = raises_all.then_some("brow raising");
    let units = event.action_units.iter().filter(|unit| !(raises_all && matches!(unit, 1 | 2)));
    let mut actions = whole_brow.into_iter().chain(units.filter_map(|unit| action_words(*unit)));
    match (actions.next(), actions.next()) {
        (Some(one), Some(two)) => _ = write!(title, "{one}, {two}"),
        (Some(one), None) => title.push_str(one),
        _ => {
            title.push_str(event.regions.first().map_or("", |id| region_words(id.region)));
            title.push_str(if event.regions.is_empty() { "motion" } else { " motion" });
        }
    }
    title
}

/// How long and how far: "180 ms · 3.2 % ICD"; empty where neither is known.
pub fn event_figures(event: &Event) -> String {
    let length = event.offset.map(|offset| offset.millis_since(event.onset)).filter(|ms| *ms > 0.0);
    let length =
        length.map(|ms| if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{:.1} s", ms * 1e-3) });
    let amplitude = event.amplitude_icd.filter(|icd| icd.is_finite());
    let amplitude = amplitude.map(|icd| format!("{:.1} % ICD", icd * 100.0));
    length.into_iter().chain(amplitude).collect::<Vec<_>>().join(" · ")
}

/// The second line: kind, what it resembles, regions. The score stands apart.
pub fn event_detail(event: &Event) -> String {
    let mut detail = event.kind.name().to_owned();
    if !event.label.is_empty() && event.label != OTHER_LABEL {
        let label = event.label.replace('_', " ");
        let resembles = if event.kind == EventKind::Masked { "" } else { "resembles " };
        _ = write!(detail, " · {resembles}{label}");
    }
    if event.veto.is_some() {
        detail.push_str(" · withdrawn");
    } else if event.confirmed_at.is_none() {
        detail.push_str(" · provisional");
    }
    push_regions(&mut detail, &event.regions);
    detail
}

/// " · inner brow L R, lids L".
fn push_regions(out: &mut String, regions: &[RegionId]) {
    let mut separator = " · ";
    for region in Region::ALL {
        let has = |side| regions.contains(&RegionId { region, side });
        let sides = match (has(Side::Left), has(Side::Right)) {
            (false, false) => continue,
            (true, false) => " L",
            (false, true) => " R",
            (true, true) => " L R",
        };
        _ = write!(out, "{separator}{}{sides}", region_words(region));
        separator = ", ";
    }
}

/// What to say of a frame in which the face could not be measured.
pub(super) const fn status_words(status: FrameStatus) -> Option<&'static str> {
    match status {
        FrameStatus::Ok => None,
        FrameStatus::NoFace => Some("no face"),
        FrameStatus::Gap => Some("frames lost"),
        FrameStatus::Blurred => Some("too blurred: hold still, add light"),
        FrameStatus::Occluded => Some("face covered or turned away"),
    }
}

/// The same, short, for the traces.
pub(super) const fn status_label(status: FrameStatus) -> &'static str {
    match status {
        FrameStatus::Ok => "",
        FrameStatus::NoFace => "no face",
        FrameStatus::Gap => "lost",
        FrameStatus::Blurred => "blurred",
        FrameStatus::Occluded => "covered",
    }
}

/// Minutes and seconds: `1:04`, with a tenth `1:04.2`. A time that is no number is `–`.
pub(super) fn clock(seconds: f64, with_tenths: bool) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    // Rounded first, so that 59.97 s is 1:00.0 and not 0:60.0.
    let tenths = (seconds.abs() * 10.0 + if with_tenths { 0.5 } else { 0.0 }) as u64;
    let sign = if seconds <= -0.1 { "−" } else { "" };
    let (minutes, rest) = (tenths / 600, tenths % 600);
    if with_tenths {
        format!("{sign}{minutes}:{:02}.{}", rest / 10, rest % 10)
    } else {
        format!("{sign}{minutes}:{:02}", rest / 10)
    }
}

/// A signed figure with a true minus sign, so that columns line up: `+0.4`, `−12.0`.
pub(super) fn signed(value: f32, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let digits = format!("{:.decimals$}", value.abs());
    let is_zero = digits.bytes().all(|b| b == b'0' || b == b'.');
    let sign = if is_zero || value > 0.0 { '+' } else { '−' };
    format!("{sign}{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Timestamp;

    fn event(kind: EventKind, action_units: Vec<u8>, label: &str) -> Event {
        Event {
            id: 0,
            kind,
            label: label.to_owned(),
            score: 0.5,
            onset: Timestamp::ZERO,
            apex: Timestamp::ZERO,
            offset: None,
            amplitude_icd: None,
            regions: RegionId::all().take(3).collect(),
            action_units,
            definition: None,
            min_resolvable_ms: 100.0,
            flagged_at: Timestamp::ZERO,
            confirmed_at: Some(Timestamp::ZERO),
            face_id: 0,
            veto: None,
            masked: None,
            label_evidence: None,
        }
    }

    #[test]
    fn titles_name_the_motion() {
        assert_eq!(event_title(&event(EventKind::Micro, vec![4], "anger")), "brief brow lowering");
        assert_eq!(event_title(&event(EventKind::Macro, vec![1, 2], "")), "brow raising");
        assert_eq!(
            event_title(&event(EventKind::Micro, vec![1, 4], "")),
            "brief inner brow raising, brow lowering"
        );
        assert_eq!(event_title(&event(EventKind::Micro, vec![99], "")), "brief inner brow motion");
        assert_eq!(event_title(&event(EventKind::Masked, vec![4], "x")), "mismatch between mouth and eyes");
    }

    #[test]
    fn figures_say_how_long_and_how_far() {
        let at = Timestamp::from_secs_f64;
        let micro = event(EventKind::Micro, vec![4], "");
        assert_eq!(event_figures(&micro), "");
        let micro = Event { offset: Some(at(0.18)), amplitude_icd: Some(0.032), ..micro };
        assert_eq!(event_figures(&micro), "180 ms · 3.2 % ICD");
        let long = Event { offset: Some(at(2.26)), amplitude_icd: Some(f32::NAN), ..micro };
        assert_eq!(event_figures(&long), "2.3 s");
    }

    #[test]
    fn details_group_the_sides() {
        let micro = event(EventKind::Micro, vec![4], "anger");
        assert_eq!(event_detail(&micro), "micro · resembles anger · inner brow L R, outer brow L");
        let masked = event(EventKind::Masked, vec![], "happy_but_sad");
        assert!(event_detail(&masked).starts_with("masked · happy but sad"));
        let flag = Event { confirmed_at: None, ..micro };
        assert!(event_detail(&flag).contains("· provisional ·"), "{}", event_detail(&flag));
        let gone = Event { veto: Some(crate::types::Veto::Blink), ..flag };
        assert!(event_detail(&gone).contains("· withdrawn ·"), "{}", event_detail(&gone));
    }

    #[test]
    fn no_wording_claims_what_cannot_be_known() {
        for kind in [EventKind::Micro, EventKind::Macro, EventKind::Masked, EventKind::Blink] {
            for unit in 0..=255 {
                let event = event(kind, vec![unit], "");
                let words = format!("{} {}", event_title(&event), event_detail(&event));
                assert!(
                    ["lie", "decept", "true", "hidden", "conceal"].iter().all(|w| !words.contains(w)),
                    "{words}"
                );
            }
        }
    }

    #[test]
    fn figures() {
        assert_eq!(clock(64.26, true), "1:04.3");
        assert_eq!(clock(59.97, true), "1:00.0");
        assert_eq!(clock(59.97, false), "0:59");
        assert_eq!(clock(f64::NAN, true), "–");
        assert_eq!(signed(-0.04, 1), "+0.0");
        assert_eq!(signed(-2.25, 1), "−2.2");
        assert_eq!(signed(f32::NAN, 1), "–");
    }
}

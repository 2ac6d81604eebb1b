//! What every smile must hold to, and where it may be in a clip.

use proptest::prelude::*;

use super::*;
use crate::facs::{AuField, strength_among};
use crate::synth::distractor::Distractors;
use crate::synth::envelope::MICRO_TOTAL_S;
use crate::synth::plan::{EventParams, Plan, plan};
use crate::types::Side;

const CLEAR_S: f64 = 0.3;

fn planned(seed: u64, per_minute: f64, distractors: &str, spans: &[[f64; 2]]) -> Plan {
    let distractors = Distractors::new(
        distractors.split(',').filter(|name| !name.is_empty()).map(|name| name.parse().unwrap()),
    );
    let smiles = SmileParams { per_minute, ..SmileParams::default() };
    plan(seed, spans, 60.0, &EventParams::default(), &smiles, &distractors)
}

#[test]
fn kinds_come_evenly_and_three_masks_in_ten_break_for_a_moment() {
    let smiles = SmileParams { per_minute: 8.0, ..SmileParams::default() };
    let no_events = EventParams { per_minute: 0.0, ..EventParams::default() };
    let day = plan(5, &[[0.0, 36_000.0]], 36_000.0, &no_events, &smiles, &Distractors::default()).smiles;
    assert!(day.len() > 4500, "{} smiles in 10 hours", day.len());
    for kind in SmileKind::ALL {
        let share = day.iter().filter(|smile| smile.kind == kind).count() as f64 / day.len() as f64;
        assert!((0.23..0.27).contains(&share), "{share} of {}", kind.name());
    }
    let share_of = |chosen: &dyn Fn(&Smile) -> bool, among: &dyn Fn(&Smile) -> bool| {
        let among: Vec<_> = day.iter().filter(|smile| among(smile)).collect();
        among.iter().filter(|smile| chosen(smile)).count() as f64 / among.len() as f64
    };
    let is_masked = |smile: &Smile| smile.upper.is_some();
    let bursts =
        share_of(&|smile| smile.upper.as_ref().is_some_and(|u| u.main.envelope.total_s() <= 0.5), &is_masked);
    assert!((0.27..0.33).contains(&bursts), "{bursts} bursts");
    let earlier = share_of(
        &|smile| {
            smile.upper.as_ref().is_some_and(|u| u.main.envelope.onset_s < smile.mouth.main.envelope.onset_s)
        },
        &is_masked,
    );
    assert!((0.2..0.27).contains(&earlier), "{earlier} with brows first");
    let rise = |kind: SmileKind| {
        let rises: Vec<f64> =
            day.iter().filter(|s| s.kind == kind).map(|s| s.mouth.main.envelope.rise_s).collect();
        rises.iter().sum::<f64>() / rises.len() as f64
    };
    assert!(rise(SmileKind::Polite) < 0.8 * rise(SmileKind::Honest));
    assert!((rise(SmileKind::Polite) - rise(SmileKind::MaskedSad)).abs() < 0.02);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_is_what_its_kind_says(seed: u64, at_s in 0.0..1e4) {
        for kind in SmileKind::ALL {
            let smile = Smile::new(kind, &mut Stream::new(seed, "test")).later(at_s);
            let mouth = smile.mouth.main.envelope;
            prop_assert!((1.5 - 1e-9..=4.0 + 1e-9).contains(&mouth.total_s()), "{mouth:?}");
            prop_assert!((0.2..=0.7).contains(&mouth.rise_s) && (0.25..=0.8).contains(&mouth.fall_s) && mouth.hold_s >= 0.0);
            prop_assert!((0.12..=0.28).contains(&smile.mouth.main.amplitude_icd));
            prop_assert_eq!(smile.mouth.main.sides_name(), "both");
            let units = smile.mouth.action_units();
            match kind {
                SmileKind::Honest => prop_assert_eq!(units, [6, 12]),
                SmileKind::Polite => prop_assert_eq!(units, [12]),
                _ => prop_assert!(units == [12] || units == [6, 12]),
            }
            let upper_units = smile.upper.as_ref().map(Layers::action_units);
            prop_assert_eq!(upper_units, match kind {
                SmileKind::MaskedAngry => Some(vec![4, 7]),
                SmileKind::MaskedSad => Some(vec![1, 4]),
                _ => None,
            });
            prop_assert_eq!(smile.overlap_s().is_some(), kind.masked_label().is_some());
            for part in smile.mouth.parts().chain(smile.upper.iter().flat_map(Layers::parts)) {
                prop_assert!(part.amplitude_icd > 0.0 && part.amplitude_icd <= 0.28, "{part:?}");
                let is_narrow = part.action_units == [6] || part.action_units == [7];
                prop_assert!(!is_narrow || part.amplitude_icd <= 0.08, "{part:?} would fold");
            }
        }
    }

    #[test]
    fn the_overlap_is_when_mouth_and_brows_are_both_on(seed: u64, at_s in 0.0..1e4) {
        for kind in [SmileKind::MaskedSad, SmileKind::MaskedAngry] {
            let smile = Smile::new(kind, &mut Stream::new(seed, "test")).later(at_s);
            let [onset_s, apex_s, offset_s] = smile.overlap_s().unwrap();
            let (mouth, brows) = (smile.mouth.main.envelope, smile.upper.as_ref().unwrap().main.envelope);
            let [from_s, to_s] = smile.span_s();
            for step in 0..=2000 {
                let time_s = from_s - 0.1 + (to_s - from_s + 0.2) * f64::from(step) / 2000.0;
                let are_both = mouth.at(time_s) > 0.0 && brows.at(time_s) > 0.0;
                prop_assert_eq!(are_both, onset_s < time_s && time_s < offset_s, "at {}", time_s);
                let is_any = mouth.at(time_s) > 0.0 || brows.at(time_s) > 0.0;
                prop_assert!(!is_any || (from_s < time_s && time_s < to_s));
                // Nothing in it is stronger than its apex.
                prop_assert!(!are_both || brows.at(time_s) <= brows.at(apex_s) + 1e-9);
            }
            let length_s = offset_s - onset_s;
            if brows.total_s() <= MICRO_TOTAL_S {
                // A burst, while the smile is at its height.
                prop_assert!(onset_s >= mouth.apex_s() - 1e-9 && offset_s <= mouth.offset_s() - mouth.fall_s + 1e-9);
                prop_assert!((mouth.at(apex_s) - 1.0).abs() < 1e-9);
            } else {
                prop_assert!(length_s >= HELD_S - 1e-9 && offset_s <= mouth.offset_s() - HELD_MARGIN_S + 1e-9);
                prop_assert!(onset_s - from_s <= EARLIER_S[1] + 0.5 * mouth.total_s());
            }
        }
    }

    #[test]
    fn smiles_change_nothing_older_and_nothing_newer_changes_them(seed: u64) {
        let spans = [[0.0, f64::INFINITY]];
        let old = "macro=2,blink,speech,head_turn,head_shift,luminance,occlusion=1";
        let without = planned(seed, 0.0, old, &spans);
        let smiling = planned(seed, 6.0, old, &spans);
        prop_assert!(without.smiles.is_empty());
        prop_assert_eq!(&Plan { smiles: Vec::new(), ..smiling.clone() }, &without);
        let all = planned(seed, 6.0, &format!("{old},frown,laughter"), &spans);
        prop_assert_eq!(&Plan { frowns: Vec::new(), laughs: Vec::new(), ..all }, &smiling);
    }

    #[test]
    fn all_that_is_shown_has_a_place_of_its_own(seed: u64, break_s in 10.0..40.0f64) {
        let spans = [[0.0, break_s], [break_s + 1.0, 70.0]];
        let all = planned(seed, 6.0, "macro=2,head_turn,frown,laughter,blink", &spans);
        let span = |envelope: &Envelope| [envelope.onset_s, envelope.offset_s()];
        let mut shown: Vec<[f64; 2]> = all.micros.iter().map(|e| span(&e.envelope))
            .chain(all.macros.iter().map(|e| span(&e.envelope)))
            .chain(all.head.moves.iter().map(|m| [m.onset_s, m.offset_s]))
            .chain(all.frowns.iter().map(|f| span(&f.main.envelope)))
            .chain(all.laughs.iter().map(|l| span(l.envelope())))
            .collect();
        for smile in &all.smiles {
            let [from, to] = smile.span_s();
            for other in &shown {
                prop_assert!(to + CLEAR_S <= other[0] + 1e-9 || from >= other[1] + CLEAR_S - 1e-9, "{from} {to} {other:?}");
            }
        }
        for pair in all.smiles.windows(2) {
            prop_assert!(pair[1].span_s()[0] - pair[0].span_s()[1] >= REST_S + CLEAR_S - 1e-9);
        }
        shown.extend(all.smiles.iter().map(Smile::span_s));
        let inside = |[from, to]: [f64; 2]| spans.iter().any(|s| from >= s[0] && to <= s[1].min(60.0));
        prop_assert!(shown.into_iter().all(inside));
    }
}

/// The smallest area that any spot of skin is pressed to, as a share of its own: 0 or less where it folds.
fn least_area(field: &AuField, layers: &[(&[u8], f32)]) -> f32 {
    let pattern = |(units, amount): &(&[u8], f32)| {
        let sides = [Side::Left, Side::Right];
        let parts: Vec<_> = units
            .iter()
            .flat_map(|&unit| sides.map(|side| (unit, side, strength_among(units, unit))))
            .collect();
        (field.pattern(&parts), *amount)
    };
    let patterns: Vec<_> = layers.iter().map(pattern).collect();
    // Frames are drawn backwards: what is at a point comes from here.
    let source = |point: [f32; 2]| {
        patterns.iter().fold(point, |from, (pattern, amount)| {
            let moved = pattern.displacement(point);
            [from[0] - amount * moved[0], from[1] - amount * moved[1]]
        })
    };
    let h = 0.01;
    let area = |[x, y]: [f32; 2]| {
        let (right, left, below, above) =
            (source([x + h, y]), source([x - h, y]), source([x, y + h]), source([x, y - h]));
        let (a, b) = ([right[0] - left[0], right[1] - left[1]], [below[0] - above[0], below[1] - above[1]]);
        (a[0] * b[1] - a[1] * b[0]) / (4.0 * h * h)
    };
    let grid =
        (-60..=110).flat_map(|row| (-80..=80).map(move |column| [column, row].map(|v| 0.03 * v as f32)));
    grid.map(area).fold(f32::INFINITY, f32::min)
}

#[test]
fn the_largest_smiles_do_not_fold_the_skin() {
    let field = AuField::standard().unwrap();
    let (mouth, cheeks) = (MOUTH_AMPLITUDE_ICD[1] as f32, 0.08);
    let smile: [(&[u8], f32); 2] = [(&[12], mouth), (&[6], cheeks)];
    let angry: [(&[u8], f32); 2] = [(&[4], 0.12), (&[7], 0.05)];
    let sad: [(&[u8], f32); 1] = [(&[1, 4], 0.12)];
    let jaw: [(&[u8], f32); 1] = [(&[26], 0.08)];
    for (name, layers) in [("angry", &angry[..]), ("sad", &sad[..]), ("laughter", &jaw[..])] {
        let least = least_area(&field, &[&smile[..], layers].concat());
        println!("{name}: the smallest area is {least:.2} of what it was");
        assert!(least > 0.1, "{name}: {least}");
    }
}

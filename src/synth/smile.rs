//! Smiles of 1.5-4 s: honest ones, polite ones, and masks over brows that are sad or angry.

use super::calendar::{Calendar, random_count};
use super::envelope::Envelope;
use super::expression::{Brows, Layers};
use super::random::Stream;
use crate::types::MaskedLabel;

/// Smiles last so long, in seconds from onset to offset.
const TOTAL_S: [f64; 2] = [1.5, 4.0];
/// What the corners of a smiling mouth move, in ICD units: 4-9 mm, small to middling closed smiles (full ones move 7-22 mm: Paletz,
/// Manktelow, Chaban, Plast Reconstr Surg 93, 1994). Below, a mouth that rests turned down does not look like a smile yet; above,
/// lips would have to part, which a warp cannot show (and skin folds at 35 %).
const MOUTH_AMPLITUDE_ICD: [f64; 2] = [0.12, 0.28];
/// Rise and fall of honest smiles, in seconds. Spontaneous smiles come and go more slowly than posed ones, in 0.5 s against 0.3 s and
/// with much overlap (Schmidt, Ambadar, Cohn, Reed, J Nonverbal Behav 30, 2006; UvA-NEMO: Dibeklioglu, Salah, Gevers, ECCV 2012).
const HONEST_S: [[f64; 2]; 2] = [[0.3, 0.7], [0.4, 0.8]];
/// The same of polite smiles and of masks.
const POSED_S: [[f64; 2]; 2] = [[0.2, 0.5], [0.25, 0.65]];
/// Share of masks with raised cheeks: AU 6 can be posed, too (Krumhuber, Manstead, Emotion 9, 2009).
const MASK_CHEEK_SHARE: f64 = 0.25;
/// Share of masks through which the brows break for the time of a micro-expression only.
const BURST_SHARE: f64 = 0.3;
/// What the brows do in other masks lasts so long at least, in seconds ...
const HELD_S: f64 = 0.6;
/// ... and ends so long before the smile, at least.
const HELD_MARGIN_S: f64 = 0.05;
/// Brows that are there before the smile come so much earlier, in seconds.
const EARLIER_S: [f64; 2] = [0.05, 0.3];
/// Rest after a smile until anything else, in seconds, besides what the calendar keeps clear.
const REST_S: f64 = 0.9;

/// What a smile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SmileKind {
    /// AU 12 with AU 1+4 during it.
    MaskedSad,
    /// AU 12 with AU 4+7 during it.
    MaskedAngry,
    /// AU 6+12.
    Honest,
    /// AU 12 alone.
    Polite,
}

impl SmileKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::MaskedSad, Self::MaskedAngry, Self::Honest, Self::Polite];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MaskedSad => "masked_sad",
            Self::MaskedAngry => "masked_angry",
            Self::Honest => "honest",
            Self::Polite => "polite",
        }
    }

    const fn brows(self) -> Option<Brows> {
        match self {
            Self::MaskedSad => Some(Brows::InnerRaised),
            Self::MaskedAngry => Some(Brows::LoweredAndTight),
            Self::Honest | Self::Polite => None,
        }
    }

    /// What a mask is called in `truth.csv`; `None` for smiles that hide nothing.
    pub const fn masked_label(self) -> Option<MaskedLabel> {
        match self {
            Self::MaskedSad => Some(MaskedLabel::HappyButSad),
            Self::MaskedAngry => Some(MaskedLabel::HappyButAngry),
            Self::Honest | Self::Polite => None,
        }
    }
}

/// What is asked of a clip's smiles.
#[derive(Clone, Debug, PartialEq)]
pub struct SmileParams {
    /// Smiles a minute of usable time; 0 for none.
    pub per_minute: f64,
    /// The kinds, drawn evenly.
    pub kinds: Vec<SmileKind>,
}

impl Default for SmileParams {
    /// None; of all kinds if there were any.
    fn default() -> Self {
        Self { per_minute: 0.0, kinds: SmileKind::ALL.to_vec() }
    }
}

/// A smile, and what the upper face does meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Smile {
    /// Which.
    pub kind: SmileKind,
    /// AU 12, perhaps with AU 6.
    pub mouth: Layers,
    /// Of masked smiles: the brows.
    pub upper: Option<Layers>,
}

impl Smile {
    fn new(kind: SmileKind, random: &mut Stream) -> Self {
        let [rise, fall] = if kind == SmileKind::Honest { HONEST_S } else { POSED_S };
        let (rise_s, fall_s) = (random.within(rise[0], rise[1]), random.within(fall[0], fall[1]));
        let burst =
            (kind.brows().is_some() && random.chance(BURST_SHARE)).then(|| Envelope::micro(0.0, random));
        // Room for a burst while the smile is at its height.
        let shortest_s = TOTAL_S[0].max(rise_s + fall_s + burst.map_or(0.0, |burst| burst.total_s()));
        let total_s = random.within(shortest_s, TOTAL_S[1]);
        let smile = Envelope { onset_s: 0.0, rise_s, hold_s: total_s - rise_s - fall_s, fall_s };
        let has_cheeks =
            kind == SmileKind::Honest || (kind.brows().is_some() && random.chance(MASK_CHEEK_SHARE));
        let mouth = Layers::smile(smile, MOUTH_AMPLITUDE_ICD, has_cheeks, random);
        let upper = kind.brows().map(|brows| {
            let envelope = match burst {
                Some(burst) => {
                    let latest_s = smile.offset_s() - fall_s - burst.total_s();
                    Envelope { onset_s: random.within(smile.apex_s(), latest_s), ..burst }
                }
                None => held(total_s, random),
            };
            Layers::brows(brows, envelope, random)
        });
        Self { kind, mouth, upper }
    }

    fn later(self, by_s: f64) -> Self {
        Self { mouth: self.mouth.later(by_s), upper: self.upper.map(|upper| upper.later(by_s)), ..self }
    }

    /// When the first of it begins and the last ends, in seconds of media time.
    pub fn span_s(&self) -> [f64; 2] {
        let mouth = &self.mouth.main.envelope;
        let upper = self.upper.as_ref().map_or(mouth, |upper| &upper.main.envelope);
        [mouth.onset_s.min(upper.onset_s), mouth.offset_s().max(upper.offset_s())]
    }

    /// The time in which smile and brows are both on: its beginning, when the brows first are furthest in it, its end.
    pub fn overlap_s(&self) -> Option<[f64; 3]> {
        let (mouth, upper) = (&self.mouth.main.envelope, &self.upper.as_ref()?.main.envelope);
        let onset_s = mouth.onset_s.max(upper.onset_s);
        let offset_s = mouth.offset_s().min(upper.offset_s());
        (onset_s < offset_s).then(|| [onset_s, upper.apex_s().max(onset_s).min(offset_s), offset_s])
    }
}

/// Brows that stay: from shortly before a smile of this length, from its onset, or from some time after it.
fn held(smile_s: f64, random: &mut Stream) -> Envelope {
    let latest_s = smile_s - HELD_MARGIN_S;
    let onset_s = match random.below(3) {
        0 => -random.within(EARLIER_S[0], EARLIER_S[1]),
        1 => 0.0,
        _ => random.within(0.1, 0.5 * smile_s).min(latest_s - HELD_S),
    };
    // What comes before the smile does not count as time within it.
    let total_s = random.within(HELD_S + (-onset_s).max(0.0), latest_s - onset_s);
    let rise_s = random.within(0.15, 0.4).min(0.35 * total_s);
    let fall_s = random.within(0.2, 0.5).min(0.45 * total_s);
    Envelope { onset_s, rise_s, hold_s: total_s - rise_s - fall_s, fall_s }
}

/// Draws a clip's smiles: kinds from a shuffled deck, `clear_s` away from whatever the calendar has already.
pub(super) fn place_smiles(
    calendar: &mut Calendar,
    clear_s: f64,
    params: &SmileParams,
    random: &mut Stream,
) -> Vec<Smile> {
    let mut placed = Vec::new();
    let mut deck: Vec<SmileKind> = Vec::new();
    let count = if params.kinds.is_empty() || params.per_minute <= 0.0 {
        0
    } else {
        random_count(params.per_minute * calendar.total_s() / 60.0, random)
    };
    for _ in 0..count {
        if deck.is_empty() {
            deck.clone_from(&params.kinds);
        }
        let smile = Smile::new(deck.swap_remove(random.below(deck.len())), random);
        let [from_s, to_s] = smile.span_s();
        // A shorter one may still find its place.
        if let Some(start_s) = calendar.take(to_s - from_s + REST_S, clear_s, random) {
            placed.push(smile.later(start_s - from_s));
        }
    }
    placed.sort_by(|a, b| a.span_s()[0].total_cmp(&b.span_s()[0]));
    placed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::distractor::Distractors;
    use super::super::envelope::MICRO_TOTAL_S;
    use super::super::plan::{EventParams, Plan, plan};
    use super::*;

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
        let bursts = share_of(
            &|smile| smile.upper.as_ref().is_some_and(|u| u.main.envelope.total_s() <= 0.5),
            &is_masked,
        );
        assert!((0.27..0.33).contains(&bursts), "{bursts} bursts");
        let earlier = share_of(
            &|smile| {
                smile
                    .upper
                    .as_ref()
                    .is_some_and(|u| u.main.envelope.onset_s < smile.mouth.main.envelope.onset_s)
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
}

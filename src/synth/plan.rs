//! What happens in a clip, and when: drawn from the seed before the first frame is made.

use super::calendar::{Calendar, random_count};
use super::distractor::{Distractor, Distractors};
use super::envelope::Envelope;
use super::expression::{Brows, Expression, Layers, expression};
use super::head::HeadState;
use super::laughter::Laughter;
use super::motions::{HeadScript, LightStep, Speech, blink_times};
use super::occluder::Pass;
use super::random::Stream;
use super::smile::{Smile, SmileParams, place_smiles};
use crate::types::Label;

/// Seconds between the offset of one micro-expression and the onset of the next, at least.
pub const SPACING_S: f64 = 1.2;
/// Discrete distractors keep this clear of micro-expressions, in seconds: so that the truth about each is plain.
const CLEAR_S: f64 = 0.3;
/// Amplitudes of macro-expressions, in ICD units.
const MACRO_AMPLITUDE_ICD: [f64; 2] = [0.04, 0.12];

/// What is asked of a clip's events.
#[derive(Clone, Debug, PartialEq)]
pub struct EventParams {
    /// Micro-expressions a minute of usable time; 0 for none.
    pub per_minute: f64,
    /// Smallest and largest amplitude, in ICD units; drawn evenly between.
    pub amplitude_icd: [f64; 2],
    /// The emotions, drawn evenly.
    pub emotions: Vec<Label>,
}

impl Default for EventParams {
    /// 8 a minute, 1.5-6 % ICD, the seed paper's five emotions and surprise.
    fn default() -> Self {
        use Label::{Anger, Contempt, Disgust, Happiness, Sadness, Surprise};
        Self {
            per_minute: 8.0,
            amplitude_icd: [0.015, 0.06],
            emotions: vec![Happiness, Sadness, Anger, Disgust, Contempt, Surprise],
        }
    }
}

/// Everything that happens in a clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Micro-expressions, in order.
    pub micros: Vec<Expression>,
    /// Macro-expressions, in order.
    pub macros: Vec<Expression>,
    /// Smiles, in order.
    pub smiles: Vec<Smile>,
    /// Brows that move without a smile, in order.
    pub frowns: Vec<Layers>,
    /// Bouts of laughter, in order.
    pub laughs: Vec<Laughter>,
    /// Blinks, in order.
    pub blinks: Vec<Envelope>,
    /// Bouts of speech, in order.
    pub speech: Vec<Speech>,
    /// The head of a still base.
    pub head: HeadScript,
    /// Steps of light, in order.
    pub light: Vec<LightStep>,
    /// Hands that pass, in order.
    pub passes: Vec<Pass>,
}

impl Plan {
    /// How a still base's head is held at a time.
    pub fn head_at(&self, time_s: f64) -> HeadState {
        let mut state = self.head.at(time_s);
        let bob_icd: f64 = self.laughs.iter().map(|laughter| laughter.bob_at(time_s)).sum();
        state.shift_icd[1] += bob_icd as f32;
        state
    }

    /// Whether the head ever moves.
    pub(super) fn moves_head(&self) -> bool {
        !self.head.is_still() || !self.laughs.is_empty()
    }
}

/// Draws a clip's script.
///
/// `spans` are the times at which the face can be animated, in seconds; `duration_s` is the clip's length.
pub fn plan(
    seed: u64,
    spans: &[[f64; 2]],
    duration_s: f64,
    events: &EventParams,
    smiles: &SmileParams,
    distractors: &Distractors,
) -> Plan {
    let spans: Vec<[f64; 2]> = spans.iter().map(|&[from, to]| [from, to.min(duration_s)]).collect();
    let mut plan = Plan::default();
    let mut calendar = Calendar::new(spans);
    plan.micros = place_micros(&mut calendar, &mut Stream::new(seed, "micro"), events);
    calendar.close(CLEAR_S);
    let mut per_minute = |kind: Distractor, place: &mut dyn FnMut(&mut Calendar, &mut Stream) -> bool| {
        let Some(rate) = distractors.strength(kind) else { return };
        let mut random = Stream::new(seed, kind.name());
        let count = random_count(rate * calendar.total_s() / 60.0, &mut random);
        for _ in 0..count {
            if !place(&mut calendar, &mut random) {
                break;
            }
        }
    };
    per_minute(Distractor::Occlusion, &mut |calendar, random| {
        let pass = Pass::new(random);
        let start = calendar.take(pass.length_s, CLEAR_S, random);
        start.map(|start_s| plan.passes.push(pass.starting(start_s))).is_some()
    });
    per_minute(Distractor::Macro, &mut |calendar, random| {
        let envelope = Envelope::macro_expression(0.0, random);
        let start = calendar.take(envelope.total_s(), CLEAR_S, random);
        start.map(|onset_s| plan.macros.push(macro_at(Envelope { onset_s, ..envelope }, random))).is_some()
    });
    per_minute(Distractor::Luminance, &mut |calendar, random| {
        // 2 % and more count as a step; ceiling lamps and screens make some 10 %.
        let (length_s, size) = (random.within(0.0, 0.08), random.within(0.04, 0.15));
        let up = random.chance(0.5);
        let start = calendar.take(length_s.max(0.02), 0.1, random);
        let gain = if up { 1.0 + size } else { 1.0 - size };
        start
            .map(|onset_s| plan.light.push(LightStep { onset_s, offset_s: onset_s + length_s, gain }))
            .is_some()
    });
    let mut turns = Vec::new();
    if let Some(largest_deg) = distractors.strength(Distractor::HeadTurn) {
        let mut random = Stream::new(seed, Distractor::HeadTurn.name());
        // About one in 4 s, as in conversation.
        for _ in 0..random_count(calendar.total_s() / 4.0, &mut random) {
            let length_s = random.within(0.5, 1.2);
            let Some(start_s) = calendar.take(length_s, 0.1, &mut random) else { break };
            turns.push([start_s, start_s + length_s]);
        }
        turns.sort_by(|a, b| a[0].total_cmp(&b[0]));
        plan.head.turn(&turns, largest_deg, &mut random);
    }
    // People blink while they smile, frown and laugh.
    let mut without_blinks = calendar.clone();
    let mut blinks = Vec::new();
    if let Some(rate) = distractors.strength(Distractor::Blink) {
        let mut random = Stream::new(seed, Distractor::Blink.name());
        for _ in 0..random_count(rate * calendar.total_s() / 60.0, &mut random) {
            let [rise_s, hold_s, fall_s] = blink_times(&mut random);
            let Some(onset_s) = calendar.take(rise_s + hold_s + fall_s, 0.15, &mut random) else { break };
            blinks.push(Envelope { onset_s, rise_s, hold_s, fall_s });
        }
    }
    plan.blinks = blinks;
    if let Some(share) = distractors.strength(Distractor::Speech) {
        plan.speech = place_speech(&calendar, share, &mut Stream::new(seed, Distractor::Speech.name()));
    }
    if let Some(largest_icd) = distractors.strength(Distractor::HeadShift) {
        plan.head.sway(largest_icd, &mut Stream::new(seed, Distractor::HeadShift.name()));
    }
    if let Some(rise_icd) = distractors.strength(Distractor::Breathing) {
        plan.head.breathe(rise_icd, &mut Stream::new(seed, Distractor::Breathing.name()));
    }
    plan.smiles = place_smiles(&mut without_blinks, CLEAR_S, smiles, &mut Stream::new(seed, "smile"));
    place_negatives(&mut plan, &mut without_blinks, seed, distractors);
    plan.macros.sort_by(|a, b| a.envelope.onset_s.total_cmp(&b.envelope.onset_s));
    plan.blinks.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    plan.passes.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    plan.light.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    // Every second step leads back.
    plan.light.iter_mut().skip(1).step_by(2).for_each(|step| step.gain = 1.0);
    plan
}

/// Frowns and laughter: what a finder of masked smiles must not fall for. They come last, as they are the newest: whatever else is
/// in a clip stays as it is without them.
fn place_negatives(plan: &mut Plan, calendar: &mut Calendar, seed: u64, distractors: &Distractors) {
    let total_s = calendar.total_s();
    let mut start_s = |length_s: f64, random: &mut Stream| calendar.take(length_s, CLEAR_S, random);
    if let Some(rate) = distractors.strength(Distractor::Frown) {
        let mut random = Stream::new(seed, Distractor::Frown.name());
        for _ in 0..random_count(rate * total_s / 60.0, &mut random) {
            let envelope = Envelope::frown(&mut random);
            let all = [Brows::Lowered, Brows::LoweredAndTight, Brows::InnerRaised];
            let brows = all.get(random.below(all.len())).copied().unwrap_or(Brows::Lowered);
            let frown = Layers::brows(brows, envelope, &mut random);
            let placed = start_s(envelope.total_s(), &mut random).map(|onset_s| frown.later(onset_s));
            plan.frowns.extend(placed);
        }
    }
    if let Some(rate) = distractors.strength(Distractor::Laughter) {
        let mut random = Stream::new(seed, Distractor::Laughter.name());
        for _ in 0..random_count(rate * total_s / 60.0, &mut random) {
            let laughter = Laughter::new(&mut random);
            let length_s = laughter.envelope().total_s();
            plan.laughs.extend(start_s(length_s, &mut random).map(|onset_s| laughter.later(onset_s)));
        }
    }
    plan.frowns.sort_by(|a, b| a.main.envelope.onset_s.total_cmp(&b.main.envelope.onset_s));
    plan.laughs.sort_by(|a, b| a.envelope().onset_s.total_cmp(&b.envelope().onset_s));
}

fn place_micros(calendar: &mut Calendar, random: &mut Stream, params: &EventParams) -> Vec<Expression> {
    let mut placed = Vec::new();
    let mut labels: Vec<Label> = Vec::new();
    let count = if params.emotions.is_empty() || params.per_minute <= 0.0 {
        0
    } else {
        random_count(params.per_minute * calendar.total_s() / 60.0, random)
    };
    for _ in 0..count {
        // A shuffled deck: every emotion comes once before one comes again.
        if labels.is_empty() {
            labels.clone_from(&params.emotions);
        }
        let label = labels.swap_remove(random.below(labels.len()));
        let envelope = Envelope::micro(0.0, random);
        let Some(onset_s) = calendar.take(envelope.total_s(), SPACING_S, random) else { break };
        let [low, high] = params.amplitude_icd;
        let amplitude_icd = random.within(low, high);
        placed.push(expression(Envelope { onset_s, ..envelope }, label, amplitude_icd, random));
    }
    placed.sort_by(|a: &Expression, b| a.envelope.onset_s.total_cmp(&b.envelope.onset_s));
    placed
}

fn macro_at(envelope: Envelope, random: &mut Stream) -> Expression {
    let labels: Vec<Label> = Label::ALL.into_iter().filter(|label| *label != Label::Neutral).collect();
    let label = labels.get(random.below(labels.len())).copied().unwrap_or(Label::Happiness);
    let [low, high] = MACRO_AMPLITUDE_ICD;
    let amplitude_icd = random.within(low, high);
    expression(envelope, label, amplitude_icd, random)
}

/// Bouts of 1-4 s that fill about `share` of the usable time. They may overlap micro-expressions: people speak on.
fn place_speech(calendar: &Calendar, share: f64, random: &mut Stream) -> Vec<Speech> {
    let mut bouts = Vec::new();
    for &[from, to] in &calendar.spans {
        let mut at_s = from + random.within(0.0, 1.0);
        while at_s + 0.5 < to {
            let length_s = random.within(1.0, 4.0).min(to - at_s - 0.4);
            let bout = Speech::new(at_s, length_s, random);
            at_s = bout.offset_s + length_s * (1.0 / share - 1.0) * random.within(0.6, 1.4);
            if bout.offset_s <= to {
                bouts.push(bout);
            }
        }
    }
    bouts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_asked_rate_the_emotions_and_the_sides_come_out() {
        let plan = plan(
            1,
            &[[0.0, f64::INFINITY]],
            3600.0,
            &EventParams::default(),
            &SmileParams::default(),
            &Distractors::default(),
        );
        assert!((478..=482).contains(&plan.micros.len()), "{} events in an hour", plan.micros.len());
        for label in EventParams::default().emotions {
            let count = plan.micros.iter().filter(|e| e.label == label).count();
            assert!((79..=81).contains(&count), "{count} of {}", label.name());
        }
        let two_sided = plan.micros.iter().filter(|e| e.label != Label::Contempt);
        let lone = two_sided.clone().filter(|e| e.sides_name() != "both").count() as f64;
        let share = lone / two_sided.count() as f64;
        assert!((0.14..0.26).contains(&share), "{share} one-sided");
        let large =
            plan.micros.iter().filter(|e| e.amplitude_icd > 0.0375).count() as f64 / plan.micros.len() as f64;
        assert!((0.42..0.58).contains(&large), "{large} above the middle");
    }

    #[test]
    fn a_distractor_changes_nothing_else() {
        let events = EventParams::default();
        let with = |names: &[&str]| {
            let distractors = Distractors::new(names.iter().map(|name| name.parse().unwrap()));
            plan(9, &[[0.0, f64::INFINITY]], 120.0, &events, &SmileParams::default(), &distractors)
        };
        let (none, some) = (with(&[]), with(&["speech", "head_shift", "breathing"]));
        assert_eq!(none.micros, some.micros);
        assert!(!some.speech.is_empty() && !some.head.is_still() && none.head.is_still());
        assert_eq!(none.micros, with(&["macro", "blink"]).micros);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn everything_has_its_place(seed: u64, break_s in 5.0..20.0f64) {
            let spans = [[0.0, break_s], [break_s + 1.0, 60.0]];
            let all = plan(seed, &spans, 50.0, &EventParams::default(), &SmileParams::default(), &Distractors::all());
            let micros: Vec<_> = all.micros.iter().map(|e| [e.envelope.onset_s, e.envelope.offset_s()]).collect();
            for pair in micros.windows(2) {
                prop_assert!(pair[1][0] - pair[0][1] >= SPACING_S - 1e-9);
            }
            let inside = |[from, to]: [f64; 2]| spans.iter().any(|s| from >= s[0] && to <= s[1].min(50.0));
            prop_assert!(micros.iter().all(|&m| inside(m)));
            let others = all.macros.iter().map(|e| [e.envelope.onset_s, e.envelope.offset_s()])
                .chain(all.blinks.iter().map(|e| [e.onset_s, e.offset_s()]))
                .chain(all.head.moves.iter().map(|m| [m.onset_s, m.offset_s]))
                .chain(all.light.iter().map(|s| [s.onset_s, s.offset_s]))
                .chain(all.passes.iter().map(|p| [p.onset_s, p.offset_s()]));
            for [from, to] in others {
                prop_assert!(inside([from, to]));
                for [onset, offset] in &micros {
                    prop_assert!(to + CLEAR_S <= onset + 1e-9 || from >= offset + CLEAR_S - 1e-9);
                }
            }
        }
    }
}

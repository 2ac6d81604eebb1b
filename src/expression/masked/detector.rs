//! From measurements and motion to events of kind `masked`, frame by frame.

use super::MaskedParams;
use super::bursts::Bursts;
use super::hold::{Hold, Naming};
use super::parts::{Context, StillEvidence, StillLogOdds, Usual};
use super::smile::{Moved, Smile};
use super::trace::Trace;
use crate::types::{
    Event, Expression, LandmarkUpdate, Mismatch, Observability, Region, RegionId, Side, Signal, Timestamp,
    Veto,
};

/// What the eyes' network says of neutral eyes: the mean over the smiles under neutral eyes among the composites of FER+'s part `valid`
/// (benches/results/2026-11-expression.md). Whoever is not known yet is taken to be like that.
const TYPICAL: Usual = Usual { eyes: -2.7, anger_over_sadness: -2.0 };
/// A face that was not measured for longer than this, in seconds, is looked at anew.
const FORGET_S: f64 = 1.0;

/// One frame.
#[derive(Clone, Copy, Debug)]
pub struct MaskedInput<'a> {
    /// When it was captured.
    pub now: Timestamp,
    /// The face is measured well, and nothing hides, lights or turns it.
    pub is_clear: bool,
    /// The lids are closing, closed or have just opened: the eyes say nothing.
    pub is_blinking: bool,
    /// The mouth speaks.
    pub is_speaking: bool,
    /// A measurement that became available with this frame.
    pub update: Option<&'a LandmarkUpdate>,
    /// The expression that it shows, corrected by what is known of the person; not smoothed.
    pub expression: Option<&'a Expression>,
    /// The frame's region motion.
    pub signal: Option<&'a Signal>,
    /// How small a motion can be seen in it.
    pub observability: Option<&'a Observability>,
}

/// The evidence of the last measurements.
#[derive(Clone, Copy, Debug)]
struct Smoothed {
    at: Timestamp,
    evidence: StillEvidence,
}

/// Flags smiles that eyes and brows contradict, on the primary face.
#[derive(Clone, Debug)]
pub struct MaskedDetector {
    params: MaskedParams,
    face_id: Option<u32>,
    trace: Trace,
    smoothed: Option<Smoothed>,
    /// What the eyes' network usually says of this person while the mouth does not smile.
    rest: Usual,
    /// Motions of the inner brows below this mean nothing, in ICD units.
    brow_noise_icd: f32,
    /// The mouth does not smile.
    is_at_rest: bool,
    smile: Option<Smile>,
    hold: Option<Hold>,
    bursts: Bursts,
}

impl MaskedDetector {
    /// A detector that has seen nothing.
    pub fn new(params: MaskedParams) -> Self {
        Self {
            params,
            face_id: None,
            trace: Trace::new(),
            smoothed: None,
            rest: TYPICAL,
            brow_noise_icd: params.brow_noise_icd,
            is_at_rest: false,
            smile: None,
            hold: None,
            bursts: Bursts::default(),
        }
    }

    /// Takes a frame. New and changed events are appended to `events`, in which the spotter's of this frame are already;
    /// `next_event` is the session's counter. Returns how far mouth and eyes disagree; `None` where nothing can be said.
    pub fn push(
        &mut self,
        input: &MaskedInput<'_>,
        next_event: &mut u64,
        events: &mut Vec<Event>,
    ) -> Option<Mismatch> {
        let now = input.now;
        let face_id = input.signal.map(|signal| signal.face_id);
        if face_id.is_some() && face_id != self.face_id {
            self.end(events);
            *self = Self::new(self.params);
            self.face_id = face_id;
        }
        if let Some(signal) = input.signal.filter(|_| input.is_clear) {
            self.trace.push(signal);
        }
        if let Some(update) = input.update {
            self.measure(input, update);
        }
        let is_stale = self.smoothed.is_none_or(|smoothed| now.seconds_since(smoothed.at) > FORGET_S)
            || face_id.is_none();
        if is_stale {
            self.smoothed = None;
            self.smile = None;
            self.end(events);
            self.trace.clear();
            return None;
        }
        let moved = Moved::of(now, self.smile.as_ref(), &self.trace);
        if let Some(known) = input.observability {
            self.learn_noise(known);
        }
        let parts = self.parts(&moved)?;
        match &mut self.smile {
            None if parts.smile >= self.params.smile_on && input.is_clear => {
                self.smile = Some(Smile::new(now, &self.trace));
            }
            Some(_) if parts.smile < self.params.smile_off => self.smile = None,
            Some(smile) => smile.watch(now, &self.trace, &self.params),
            None => {}
        }
        self.is_at_rest = parts.smile < self.params.smile_off;
        self.decide(input, &parts, &moved, next_event, events);
        let is_held = self.hold.as_ref().is_some_and(|hold| hold.flag.is_some());
        let smile = self.smile.filter(|smile| input.is_clear && !is_held && self.counts(smile, input));
        self.bursts.take(smile.map(|smile| smile.since), &parts, &self.params, next_event, events);
        Some(parts)
    }

    /// Ends the session: what is open and confirmed lasts to its end, what is only flagged is withdrawn.
    /// The spotter's last events are in `events` already.
    pub fn finish(&mut self, events: &mut Vec<Event>) {
        if let Some(hold) = self.hold.take().filter(|hold| hold.confirmed_at.is_none()) {
            events.extend(hold.event(&self.naming(), None, Some(Veto::TooShort)));
        }
        self.bursts.finish(events, &self.params);
    }

    /// Takes a measurement into the smoothed evidence, the smile and the rest.
    fn measure(&mut self, input: &MaskedInput<'_>, update: &LandmarkUpdate) {
        let Some(face) = update.faces.first() else { return };
        let is_clear = input.is_clear
            && face.pose.yaw_deg.abs() <= self.params.max_yaw_deg
            && !face.quality.is_blurred
            && !face.quality.is_occluded;
        if !is_clear {
            return;
        }
        let odds = input.expression.and_then(|expression| StillLogOdds::of(face, expression));
        let Some(found) = odds.map(|odds| StillEvidence::of(&odds, &self.params)) else { return };
        let at = update.measured_at;
        let before = self
            .smoothed
            .map(|before| (before.evidence, at.seconds_since(before.at)))
            .filter(|(_, elapsed_s)| (0.0..=FORGET_S).contains(elapsed_s));
        let evidence = before.map_or(found, |(old, elapsed_s)| {
            let share = 1.0 - (-elapsed_s / self.params.smooth_s.max(1e-6)).exp() as f32;
            let mix = |old: f32, new: f32| old + share * (new - old);
            let smile = mix(old.smile, found.smile);
            if input.is_blinking {
                return StillEvidence { smile, ..old };
            }
            StillEvidence {
                smile,
                eyes: mix(old.eyes, found.eyes),
                anger_over_sadness: mix(old.anger_over_sadness, found.anger_over_sadness),
            }
        });
        self.smoothed = Some(Smoothed { at, evidence });
        if self.is_at_rest && !input.is_blinking {
            let elapsed_s = before.map_or(0.0, |(_, elapsed_s)| elapsed_s);
            let share = (elapsed_s / self.params.rest_s.max(1e-6)).min(1.0) as f32;
            let rest = &mut self.rest;
            rest.eyes += share * (found.eyes - rest.eyes);
            rest.anger_over_sadness += share * (found.anger_over_sadness - rest.anger_over_sadness);
        }
    }

    /// Learns below which size motions of the inner brows mean nothing. What a blink or a turning head hides for a moment changes nothing.
    fn learn_noise(&mut self, known: &Observability) {
        let [left, right] = [Side::Left, Side::Right]
            .map(|side| known.smallest_icd[RegionId { region: Region::InnerBrow, side }.index()]);
        let smallest = left.max(right);
        if smallest.is_finite() {
            self.brow_noise_icd = self.params.brow_noise_icd.max(self.params.brow_noise_share * smallest);
        }
    }

    /// The parts as they are now.
    fn parts(&self, moved: &Moved) -> Option<Mismatch> {
        let (p, evidence) = (&self.params, self.smoothed?.evidence);
        let (posed, cheek) = self.smile.map_or((0.5, 0.0), |smile| {
            (smile.posed, (moved.cheeks_up_icd / p.cheek_rise_icd.max(1e-3)).clamp(0.0, 1.0))
        });
        let usual_eyes = (self.rest.eyes - TYPICAL.eyes).clamp(-p.most_below_rest, p.most_rest);
        let context = Context {
            usual: Usual { eyes: usual_eyes, ..self.rest },
            corners_up_icd: (moved.corners_up_icd - p.corner_noise_icd).max(0.0),
            brows_icd: (moved.brows_icd() - self.brow_noise_icd).max(0.0),
            brows_down_icd: moved.brows_down_icd,
            posed,
            cheek,
        };
        Some(evidence.mismatch_with(&context, p))
    }

    /// Whether a smile has lasted long enough.
    fn counts(&self, smile: &Smile, input: &MaskedInput<'_>) -> bool {
        let after_s =
            if input.is_speaking { self.params.smile_after_speech_s } else { self.params.smile_after_s };
        input.now.seconds_since(smile.since) >= after_s
    }

    /// Opens, flags, confirms and ends what lasts.
    fn decide(
        &mut self,
        input: &MaskedInput<'_>,
        parts: &Mismatch,
        moved: &Moved,
        next_event: &mut u64,
        events: &mut Vec<Event>,
    ) {
        let (now, p) = (input.now, &self.params);
        let Some(smile) = self.smile else { return self.end(events) };
        let limit = if self.hold.is_some() { p.score_off } else { p.score_on };
        if parts.score < limit {
            return self.end(events);
        }
        let counts = self.counts(&smile, input);
        // Brows are followed in every frame; what only the classifier sees began when it was measured.
        let is_seen_now = moved.brows_icd() > self.brow_noise_icd;
        let measured_at = self.smoothed.map_or(now, |smoothed| smoothed.at).min(now);
        let began = if is_seen_now { now } else { measured_at };
        let hold = self.hold.get_or_insert_with(|| Hold::new(began.max(smile.since), now, parts, moved));
        hold.take(now, parts, moved);
        let lasted_s = now.seconds_since(hold.since);
        let mut is_news = false;
        if hold.flag.is_none() && counts && lasted_s >= p.flag_after_s && input.is_clear && !input.is_blinking
        {
            hold.flag = Some((*next_event, now));
            *next_event += 1;
            is_news = true;
        }
        if hold.flag.is_some() && hold.confirmed_at.is_none() && lasted_s >= p.confirm_after_s {
            hold.confirmed_at = Some(now);
            is_news = true;
        }
        if let Some(hold) = self.hold.as_ref().filter(|_| is_news) {
            events.extend(hold.event(&self.naming(), None, None));
        }
    }

    /// Ends what is held, if anything is.
    fn end(&mut self, events: &mut Vec<Event>) {
        let Some(hold) = self.hold.take() else { return };
        let veto = hold.confirmed_at.is_none().then_some(Veto::TooShort);
        events.extend(hold.event(&self.naming(), Some(hold.end()), veto));
    }

    fn naming(&self) -> Naming {
        Naming {
            face_id: self.face_id.unwrap_or_default(),
            least_odds: self.params.least_odds,
            brow_noise_icd: self.brow_noise_icd,
            min_resolvable_ms: (1e3 * self.params.confirm_after_s) as f32,
        }
    }
}

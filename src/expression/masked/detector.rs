//! From measurements and motion to events of kind `masked`, frame by frame.

use super::MaskedParams;
use super::bursts::Bursts;
use super::parts::{StillEvidence, logistic, score};
use super::smile::{Moved, Smile};
use super::trace::Trace;
use crate::types::{
    Event, EventKind, Expression, LandmarkUpdate, MaskedEvidence, MaskedForm, Mismatch, Observability,
    Region, RegionId, Side, Signal, Timestamp, Veto,
};

/// Log-odds of something negative around the eyes of a neutral face: the mean over neutral pictures of FER+ (train, held-out part).
const USUAL_EYES: f32 = -2.7;
/// The same for anger against sadness.
const USUAL_ANGER: f32 = -2.0;
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

/// What the eyes' network usually says of this person while the mouth does not smile, in log-odds.
#[derive(Clone, Copy, Debug)]
struct Rest {
    eyes: f32,
    anger_over_sadness: f32,
}

/// A mismatch that lasts.
#[derive(Clone, Debug)]
struct Open {
    since: Timestamp,
    apex: Timestamp,
    parts: Mismatch,
    anger: (f32, f32),
    brows_down_icd: f32,
    flag: Option<(u64, Timestamp)>,
    confirmed_at: Option<Timestamp>,
}

/// Flags smiles that eyes and brows contradict, on the primary face.
#[derive(Clone, Debug)]
pub struct MaskedDetector {
    params: MaskedParams,
    face_id: Option<u32>,
    trace: Trace,
    smoothed: Option<Smoothed>,
    rest: Rest,
    /// Motions of the inner brows below this mean nothing, in ICD units.
    brow_noise_icd: f32,
    /// The mouth does not smile.
    is_at_rest: bool,
    smile: Option<Smile>,
    open: Option<Open>,
    bursts: Bursts,
    last_seen: Option<Timestamp>,
}

impl MaskedDetector {
    /// A detector that has seen nothing.
    pub fn new(params: MaskedParams) -> Self {
        Self {
            params,
            face_id: None,
            trace: Trace::new(),
            smoothed: None,
            rest: Rest { eyes: USUAL_EYES, anger_over_sadness: USUAL_ANGER },
            brow_noise_icd: params.brow_noise_icd,
            is_at_rest: false,
            smile: None,
            open: None,
            bursts: Bursts::default(),
            last_seen: None,
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
            self.end(now, events);
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
            self.end(now, events);
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
        let is_smiling = self.smile.is_some_and(|smile| self.counts(&smile, input));
        let is_held = self.open.as_ref().is_some_and(|open| open.flag.is_some());
        let smile_since = self.smile.map(|smile| smile.since);
        let bursts_see = input.is_clear && is_smiling && !is_held;
        self.bursts.take(bursts_see.then_some(()).and(smile_since), &parts, &self.params, next_event, events);
        Some(parts)
    }

    /// Ends the session: what is open and confirmed lasts to its end, what is only flagged is withdrawn.
    /// The spotter's last events are in `events` already.
    pub fn finish(&mut self, events: &mut Vec<Event>) {
        if let Some(open) = self.open.take().filter(|open| open.flag.is_some() && open.confirmed_at.is_none())
        {
            events.extend(self.event(&open, None, Some(Veto::TooShort)));
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
        let found = input.expression.and_then(|expression| StillEvidence::of(face, expression, &self.params));
        let Some(found) = found else { return };
        let at = update.measured_at;
        let before = self.smoothed.filter(|before| {
            let elapsed_s = at.seconds_since(before.at);
            (0.0..=FORGET_S).contains(&elapsed_s)
        });
        let evidence = before.map_or(found, |before| {
            let elapsed_s = at.seconds_since(before.at);
            let share = 1.0 - (-elapsed_s / self.params.smooth_s.max(1e-6)).exp() as f32;
            let mix = |old: f32, new: f32| old + share * (new - old);
            let old = before.evidence;
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
        let elapsed_s = before.map_or(0.0, |before| at.seconds_since(before.at));
        self.smoothed = Some(Smoothed { at, evidence });
        if self.is_at_rest && !input.is_blinking {
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
        let usual = (self.rest.eyes - USUAL_EYES).clamp(-p.most_below_rest, p.most_rest);
        let brows = (moved.brows_icd() - self.brow_noise_icd).max(0.0);
        let rise = (moved.corners_up_icd - p.corner_noise_icd).max(0.0);
        let (posed, cheek) = self.smile.as_ref().map_or((0.5, 0.0), |smile| {
            (smile.posed, (moved.cheeks_up_icd / p.cheek_rise_icd.max(1e-3)).clamp(0.0, 1.0))
        });
        let parts = Mismatch {
            smile: logistic(evidence.smile + (p.smile_from_rise * rise).min(p.smile_most_from_rise)),
            negative: logistic(
                p.negative_from_eyes * (evidence.eyes - usual)
                    + p.negative_from_brows * brows
                    + p.negative_added,
            ),
            posed,
            cheek,
            score: 0.0,
            anger_over_sadness: evidence.anger_over_sadness - self.rest.anger_over_sadness
                + p.anger_from_brows * brows.copysign(moved.brows_down_icd),
        };
        Some(Mismatch { score: score(&parts, p), ..parts })
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
        let now = input.now;
        let Some(smile) = self.smile else { return self.end(now, events) };
        let limit = if self.open.is_some() { self.params.score_off } else { self.params.score_on };
        if parts.score < limit {
            return self.end(now, events);
        }
        self.last_seen = Some(now);
        let brows_down_icd = moved.brows_down_icd;
        // Brows are followed in every frame; what only the classifier sees began when it was measured.
        let is_seen_now = moved.brows_icd() > self.brow_noise_icd;
        let measured_at = self.smoothed.map_or(now, |smoothed| smoothed.at).min(now);
        let began = if is_seen_now { now } else { measured_at };
        let open = self.open.get_or_insert_with(|| Open {
            since: began.max(smile.since),
            apex: now,
            parts: *parts,
            anger: (0.0, 0.0),
            brows_down_icd,
            flag: None,
            confirmed_at: None,
        });
        open.anger = (open.anger.0 + parts.anger_over_sadness, open.anger.1 + 1.0);
        if parts.score > open.parts.score {
            (open.apex, open.parts, open.brows_down_icd) = (now, *parts, brows_down_icd);
        }
        open.parts.anger_over_sadness = open.anger.0 / open.anger.1;
        let lasted_s = now.seconds_since(open.since);
        let is_due = lasted_s >= self.params.flag_after_s && input.is_clear && !input.is_blinking;
        let mut is_news = false;
        if open.flag.is_none() && is_due && self.smile.is_some_and(|smile| self.counts(&smile, input)) {
            let id = *next_event;
            *next_event += 1;
            // Borrowed anew: `counts` looked at all of it.
            if let Some(open) = &mut self.open {
                open.flag = Some((id, now));
            }
            is_news = true;
        }
        if let Some(open) =
            self.open.as_mut().filter(|open| open.flag.is_some() && open.confirmed_at.is_none())
            && lasted_s >= self.params.confirm_after_s
        {
            open.confirmed_at = Some(now);
            is_news = true;
        }
        if is_news && let Some(open) = &self.open {
            events.extend(self.event(open, None, None));
        }
    }

    /// Ends what is open, if anything is.
    fn end(&mut self, now: Timestamp, events: &mut Vec<Event>) {
        let Some(open) = self.open.take() else { return };
        let offset = self.last_seen.unwrap_or(now).max(open.since);
        let veto = open.confirmed_at.is_none().then_some(Veto::TooShort);
        events.extend(self.event(&open, Some(offset), veto));
    }

    /// The event; `None` where it was never flagged.
    fn event(&self, open: &Open, offset: Option<Timestamp>, veto: Option<Veto>) -> Option<Event> {
        let (id, flagged_at) = open.flag?;
        let has_brows = open.brows_down_icd.abs() > self.brow_noise_icd;
        let moved: &[Region] =
            if has_brows { &[Region::InnerBrow, Region::MouthCorner] } else { &[Region::MouthCorner] };
        let units: &[u8] = match (has_brows, open.brows_down_icd > 0.0) {
            (true, true) => &[4, 12],
            (true, false) => &[1, 12],
            _ => &[12],
        };
        Some(Event {
            id,
            kind: EventKind::Masked,
            label: open.parts.label(self.params.least_odds).name().to_owned(),
            score: open.parts.score,
            onset: open.since,
            apex: open.apex,
            offset,
            amplitude_icd: has_brows.then(|| open.brows_down_icd.abs()),
            regions: moved
                .iter()
                .flat_map(|region| [Side::Left, Side::Right].map(|side| RegionId { region: *region, side }))
                .collect(),
            action_units: units.to_vec(),
            definition: None,
            min_resolvable_ms: (1e3 * self.params.confirm_after_s) as f32,
            flagged_at,
            confirmed_at: open.confirmed_at,
            face_id: self.face_id.unwrap_or_default(),
            veto,
            masked: Some(MaskedEvidence { form: MaskedForm::Hold, parts: open.parts }),
        })
    }
}

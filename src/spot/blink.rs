//! Blinks, from the two lids' blendshape scores: both close and open again.

use serde::{Deserialize, Serialize};

use crate::types::{Event, EventKind, LandmarkUpdate, Region, RegionId, Side, Timestamp};

/// `eyeBlinkLeft` in [`crate::types::BLENDSHAPE_NAMES`].
const EYE_BLINK_LEFT: usize = 9;
/// `eyeBlinkRight`.
const EYE_BLINK_RIGHT: usize = 10;

/// When lids count as closed and as open again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlinkParams {
    /// Both lids' scores must rise by this over their own resting level, `[0, 1]`. 0.25: blinks of the synthetic face
    /// and of the development clips rise by 0.35 to 0.65 at 15 Hz, lowered gaze by up to 0.2.
    pub closed_rise: f32,
    /// A rise below this ends the blink. 0.12: half of `closed_rise`, so that noise does not cut a blink in two.
    pub open_rise: f32,
    /// Time constant with which the resting level follows the open lids, in seconds. 2: slower than a blink, faster
    /// than a change of gaze or pose that stays.
    pub rest_s: f64,
    /// Lids closed for longer are closed eyes, not a blink, in seconds. 0.5: spontaneous blinks last 0.1-0.4 s
    /// (Caffier et al. 2003, doi:10.1007/s00421-003-0807-5).
    pub longest_s: f64,
}

impl Default for BlinkParams {
    fn default() -> Self {
        Self { closed_rise: 0.25, open_rise: 0.12, rest_s: 2.0, longest_s: 0.5 }
    }
}

#[derive(Clone, Debug)]
struct Closing {
    face_id: u32,
    onset: Timestamp,
    apex: Timestamp,
    peak: f32,
    id: u64,
    flagged_at: Timestamp,
}

/// Spots blinks of the primary face, at the cadence of the landmarks.
#[derive(Clone, Debug)]
pub struct BlinkSpotter {
    params: BlinkParams,
    last_at: Option<Timestamp>,
    last_open: Option<(u32, Timestamp)>,
    rest: Option<f32>,
    closing: Option<Closing>,
}

impl BlinkSpotter {
    /// A spotter that has seen nothing yet.
    pub fn new(params: BlinkParams) -> Self {
        Self { params, last_at: None, last_open: None, rest: None, closing: None }
    }

    /// Takes a measurement that became available at `now`. New or changed events are appended to `events`.
    ///
    /// `next_event` is the session's event counter, raised for each new event. The onset is the last moment at which the lids were
    /// seen open (a measurement, or a later frame that still looked like it), so it is early by up to one interval; three intervals
    /// bound what is resolved.
    pub fn push(
        &mut self,
        now: Timestamp,
        update: &LandmarkUpdate,
        next_event: &mut u64,
        events: &mut Vec<Event>,
    ) {
        let at = update.measured_at;
        let last_at = self.last_at.replace(at).unwrap_or(at).min(at);
        let elapsed_s = at.seconds_since(last_at);
        // What was seen of the lids before: the measurement, or the last frame that still looked like it.
        let seen_at = update.unchanged_until.clamp(last_at, at);
        let interval_ms = at.millis_since(seen_at) as f32;
        if let Some((_, open)) = self.last_open.as_mut().filter(|(_, open)| *open == last_at) {
            *open = seen_at;
        }
        let scores = update.faces.first().and_then(|face| {
            let scores = face.blendshapes.as_ref()?;
            Some((face.id, scores[EYE_BLINK_LEFT].min(scores[EYE_BLINK_RIGHT])))
        });
        let Some((face_id, both)) = scores else {
            (self.closing, self.last_open, self.rest) = (None, None, None);
            return;
        };
        if self.closing.as_ref().is_some_and(|closing| closing.face_id != face_id) {
            self.closing = None;
            self.rest = None;
        }
        // Closed eyes at the start are the resting level: a blink needs a moment with open lids before it.
        let rest = *self.rest.get_or_insert(both);
        let rise = both - rest;
        match &mut self.closing {
            None if rise > self.params.closed_rise => {
                // Lids that sink for longer than a blink lasts are a change of gaze.
                let is_recent = |(id, open): &(u32, Timestamp)| {
                    *id == face_id && at.seconds_since(*open) <= self.params.longest_s
                };
                let Some((_, onset)) = self.last_open.filter(is_recent) else { return };
                let closing =
                    Closing { face_id, onset, apex: at, peak: both, id: *next_event, flagged_at: now };
                *next_event += 1;
                events.push(event_of(&closing, None, None, interval_ms));
                self.closing = Some(closing);
            }
            Some(closing) if rise < self.params.open_rise => {
                if at.seconds_since(closing.onset) <= self.params.longest_s + elapsed_s * 2.0 {
                    events.push(event_of(closing, Some(at), Some(now), interval_ms));
                }
                self.closing = None;
            }
            Some(closing) if both > closing.peak => {
                closing.peak = both;
                closing.apex = at;
            }
            _ => {}
        }
        if rise < self.params.open_rise {
            self.last_open = Some((face_id, at));
            // A lower score is more open than any rest so far: taken at once; a higher one slowly.
            let follow = if rise < 0.0 { 1.0 } else { elapsed_s / self.params.rest_s };
            self.rest = Some(rest + rise * (follow as f32).min(1.0));
        } else if self
            .closing
            .as_ref()
            .is_some_and(|c| at.seconds_since(c.onset) > 4.0 * self.params.longest_s)
        {
            // The lids have stayed down: that is how they rest now.
            (self.closing, self.rest) = (None, Some(both));
        } else if self.closing.is_none() {
            // Half lowered and no blink: the resting level follows.
            let follow = (elapsed_s / self.params.rest_s) as f32;
            self.rest = Some(rest + rise * follow.min(1.0));
        }
    }
}

fn event_of(
    closing: &Closing,
    offset: Option<Timestamp>,
    confirmed_at: Option<Timestamp>,
    interval_ms: f32,
) -> Event {
    let lid = |side| RegionId { region: Region::Lid, side };
    Event {
        id: closing.id,
        kind: EventKind::Blink,
        label: String::new(),
        score: closing.peak,
        onset: closing.onset,
        apex: closing.apex,
        offset,
        amplitude_icd: None,
        regions: vec![lid(Side::Left), lid(Side::Right)],
        action_units: vec![45],
        definition: None,
        min_resolvable_ms: 3.0 * interval_ms,
        flagged_at: closing.flagged_at,
        confirmed_at,
        face_id: closing.face_id,
        veto: None,
        masked: None,
        label_evidence: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::FaceMeasurement;

    fn update(n: u32, id: u32, left: f32, right: f32) -> LandmarkUpdate {
        let mut scores = Box::new([0.0; 52]);
        (scores[EYE_BLINK_LEFT], scores[EYE_BLINK_RIGHT]) = (left, right);
        let face = FaceMeasurement { blendshapes: Some(scores), ..FaceMeasurement::blank(id) };
        let measured_at = Timestamp::from_secs_f64(f64::from(n) / 15.0);
        LandmarkUpdate {
            seq: u64::from(n),
            measured_at,
            unchanged_until: Timestamp::from_nanos(0),
            faces: vec![face],
        }
    }

    /// Pushes (left, right) scores at 15 Hz; gives every event in order.
    fn spot(scores: &[(f32, f32)]) -> Vec<Event> {
        let (mut spotter, mut next, mut events) = (BlinkSpotter::new(BlinkParams::default()), 0, Vec::new());
        for (n, (left, right)) in scores.iter().enumerate() {
            let update = update(n as u32, 1, *left, *right);
            spotter.push(update.measured_at, &update, &mut next, &mut events);
        }
        events
    }

    #[test]
    fn a_blink_is_flagged_when_the_lids_close_and_confirmed_when_they_open() {
        let events = spot(&[(0.1, 0.1), (0.7, 0.8), (0.9, 0.9), (0.2, 0.1), (0.1, 0.1)]);
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].id, events[1].id);
        assert_eq!(events[0].confirmed_at, None);
        assert_eq!(events[1].onset, Timestamp::ZERO);
        assert_eq!(events[1].apex, Timestamp::from_secs_f64(2.0 / 15.0));
        assert_eq!(events[1].offset, Some(Timestamp::from_secs_f64(3.0 / 15.0)));
        assert!((events[1].score - 0.9).abs() < 1e-6);
    }

    #[test]
    fn the_onset_is_when_the_lids_were_last_seen_open() {
        let (mut spotter, mut next, mut events) = (BlinkSpotter::new(BlinkParams::default()), 0, Vec::new());
        let mut push = |n, score, unchanged_until| {
            let update = LandmarkUpdate { unchanged_until, ..update(n, 1, score, score) };
            spotter.push(update.measured_at, &update, &mut next, &mut events);
        };
        let seen = Timestamp::from_secs_f64(2.5 / 15.0);
        push(0, 0.1, Timestamp::ZERO);
        push(3, 0.8, seen);
        push(4, 0.1, seen);
        assert_eq!(events[1].onset, seen);
        assert!((events[0].min_resolvable_ms - 100.0).abs() < 0.1, "{}", events[0].min_resolvable_ms);
    }

    #[test]
    fn a_wink_is_no_blink() {
        assert!(spot(&[(0.1, 0.1), (0.9, 0.2), (0.9, 0.2), (0.1, 0.1)]).is_empty());
    }

    #[test]
    fn eyes_that_stay_closed_are_never_confirmed() {
        let mut scores = vec![(0.9, 0.9); 14];
        scores.insert(0, (0.1, 0.1));
        scores.push((0.1, 0.1));
        assert!(spot(&scores).iter().all(|event| event.confirmed_at.is_none()));
    }

    #[test]
    fn a_shallow_blink_of_narrow_eyes_counts_by_its_rise() {
        let events = spot(&[(0.05, 0.04), (0.05, 0.05), (0.46, 0.45), (0.2, 0.21), (0.06, 0.04)]);
        assert_eq!(events.iter().filter(|event| event.confirmed_at.is_some()).count(), 1);
    }

    #[test]
    fn a_slowly_lowered_gaze_is_no_blink() {
        let scores: Vec<_> = (0..60).map(|n| (n as f32 * 0.01, n as f32 * 0.01)).collect();
        assert!(spot(&scores).is_empty());
    }

    #[test]
    fn eyes_closed_from_the_start_are_no_blink() {
        assert!(spot(&[(0.9, 0.9), (0.1, 0.1)]).is_empty());
    }
}

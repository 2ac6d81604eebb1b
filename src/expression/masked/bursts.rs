//! Brief motions of the brows during a smile, which the spotter finds: the brief form of a masked smile.

use arrayvec::ArrayVec;

use super::{MaskedParams, parts};
use crate::types::{
    Event, EventKind, MaskedEvidence, MaskedForm, MaskedLabel, Mismatch, Region, Timestamp, Veto,
};

/// Brief motions that are followed at a time; the spotter rests 0.3 s after each.
const MOST: usize = 8;
/// Action units of the upper face that a smile has not.
const UPPER_UNITS: [u8; 5] = [1, 2, 4, 5, 7];
/// Log-odds that stand for a named pattern of the brows.
const SURE: f32 = 2.0;

/// One that was flagged: the spotter's event and ours.
#[derive(Clone, Copy, Debug)]
struct Known {
    brief: u64,
    id: u64,
    flagged_at: Timestamp,
    parts: Mismatch,
}

/// Follows the spotter's events.
#[derive(Clone, Debug, Default)]
pub(super) struct Bursts {
    known: ArrayVec<Known, MOST>,
}

impl Bursts {
    /// Looks at the spotter's events of this frame, and appends what follows from them.
    ///
    /// `smile_since`: since when a smile has been seen without a break; `None` where none counts, and nothing new is flagged.
    pub(super) fn take(
        &mut self,
        smile_since: Option<Timestamp>,
        now: &Mismatch,
        params: &MaskedParams,
        next_event: &mut u64,
        events: &mut Vec<Event>,
    ) {
        // What follows is appended behind the spotter's own.
        for index in 0..events.len() {
            let brief = &events[index];
            if !matches!(brief.kind, EventKind::Micro | EventKind::Macro) {
                continue;
            }
            let known = self.known.iter().position(|known| known.brief == brief.id);
            let is_ended =
                brief.confirmed_at.is_some() || brief.veto.is_some() || brief.kind == EventKind::Macro;
            let said = if let Some(known) = known {
                let parts = parts_of(brief, &self.known[known].parts, params);
                let said = event_of(&Known { parts, ..self.known[known] }, brief, params);
                if is_ended {
                    self.known.remove(known);
                }
                said
            } else {
                let is_during_smile = smile_since.is_some_and(|since| since <= brief.onset);
                if !is_during_smile || !is_burst(brief) || self.known.is_full() {
                    continue;
                }
                let parts = parts_of(brief, now, params);
                let new = Known { brief: brief.id, id: *next_event, flagged_at: brief.flagged_at, parts };
                *next_event += 1;
                if !is_ended {
                    self.known.push(new);
                }
                event_of(&new, brief, params)
            };
            events.push(said);
        }
    }

    /// Ends the session: what is under way ends as the spotter's last events say.
    pub(super) fn finish(&mut self, events: &mut Vec<Event>, params: &MaskedParams) {
        for known in std::mem::take(&mut self.known) {
            let brief = events.iter().find(|event| event.id == known.brief).cloned();
            events.extend(brief.map(|brief| event_of(&known, &brief, params)));
        }
    }
}

/// A brief motion of the brows, and of nothing below the eyes.
fn is_burst(brief: &Event) -> bool {
    let is_brow =
        |region| matches!(region, Region::InnerBrow | Region::OuterBrow | Region::Brow | Region::Glabella);
    brief.kind == EventKind::Micro
        && brief.veto.is_none()
        && brief.regions.iter().any(|id| is_brow(id.region))
        && brief.action_units.iter().any(|unit| matches!(unit, 1 | 4))
        && brief.action_units.iter().all(|unit| UPPER_UNITS.contains(unit))
}

/// The parts, with the spotter's score in the place of N, and the brows' pattern in that of the eyes' odds: 1 with or without 4 is sadness',
/// 4 without 1 anger's, 1 with 2 surprise's.
fn parts_of(brief: &Event, now: &Mismatch, params: &MaskedParams) -> Mismatch {
    let has = |unit| brief.action_units.contains(&unit);
    let anger_over_sadness = match (has(1), has(2), has(4)) {
        (true, false, _) | (true, true, true) => -SURE,
        (false, false, true) => SURE,
        _ => 0.0,
    };
    let parts = Mismatch { negative: brief.score.clamp(0.0, 1.0), anger_over_sadness, ..*now };
    Mismatch { score: parts::score(&parts, params), ..parts }
}

fn event_of(known: &Known, brief: &Event, params: &MaskedParams) -> Event {
    let label: MaskedLabel = known.parts.label(params.least_odds);
    Event {
        id: known.id,
        kind: EventKind::Masked,
        label: label.name().to_owned(),
        score: known.parts.score,
        definition: None,
        flagged_at: known.flagged_at,
        veto: if brief.kind == EventKind::Macro { Some(Veto::Lasting) } else { brief.veto },
        masked: Some(MaskedEvidence { form: MaskedForm::Burst, parts: known.parts }),
        label_evidence: None,
        ..brief.clone()
    }
}

//! A mismatch that lasts, from its first frame to its end, and the event that it makes.

use super::smile::Moved;
use crate::types::{
    Event, EventKind, MaskedEvidence, MaskedForm, Mismatch, Region, RegionId, Side, Timestamp, Veto,
};

/// A mismatch that lasts.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    pub(super) since: Timestamp,
    /// The last frame in which it was seen.
    until: Timestamp,
    apex: Timestamp,
    /// At the apex; the odds of anger against sadness are the mean so far.
    parts: Mismatch,
    /// Sum of these odds, and of how many frames.
    odds: (f32, f32),
    brows_down_icd: f32,
    /// Its number, and when it was flagged.
    pub(super) flag: Option<(u64, Timestamp)>,
    pub(super) confirmed_at: Option<Timestamp>,
}

/// What an event needs besides.
pub(super) struct Naming {
    pub(super) face_id: u32,
    pub(super) least_odds: f32,
    /// Motions of the inner brows below this mean nothing, in ICD units.
    pub(super) brow_noise_icd: f32,
    pub(super) min_resolvable_ms: f32,
}

impl Hold {
    /// One that began at `since` and was first seen in this frame.
    pub(super) fn new(since: Timestamp, now: Timestamp, parts: &Mismatch, moved: &Moved) -> Self {
        Self {
            since,
            until: now,
            apex: now,
            parts: *parts,
            odds: (0.0, 0.0),
            brows_down_icd: moved.brows_down_icd,
            flag: None,
            confirmed_at: None,
        }
    }

    /// Takes a frame in which it lasts.
    pub(super) fn take(&mut self, now: Timestamp, parts: &Mismatch, moved: &Moved) {
        self.until = now;
        self.odds = (self.odds.0 + parts.anger_over_sadness, self.odds.1 + 1.0);
        if parts.score > self.parts.score {
            (self.apex, self.parts, self.brows_down_icd) = (now, *parts, moved.brows_down_icd);
        }
        self.parts.anger_over_sadness = self.odds.0 / self.odds.1;
    }

    /// When it was last seen.
    pub(super) fn end(&self) -> Timestamp {
        self.until.max(self.since)
    }

    /// The event; `None` where it was never flagged.
    pub(super) fn event(
        &self,
        naming: &Naming,
        offset: Option<Timestamp>,
        veto: Option<Veto>,
    ) -> Option<Event> {
        let (id, flagged_at) = self.flag?;
        let has_brows = self.brows_down_icd.abs() > naming.brow_noise_icd;
        let (moved, units): (&[Region], &[u8]) = match (has_brows, self.brows_down_icd > 0.0) {
            (true, true) => (&[Region::InnerBrow, Region::MouthCorner], &[4, 12]),
            (true, false) => (&[Region::InnerBrow, Region::MouthCorner], &[1, 12]),
            (false, _) => (&[Region::MouthCorner], &[12]),
        };
        Some(Event {
            id,
            kind: EventKind::Masked,
            label: self.parts.label(naming.least_odds).name().to_owned(),
            score: self.parts.score,
            onset: self.since,
            apex: self.apex,
            offset,
            amplitude_icd: has_brows.then(|| self.brows_down_icd.abs()),
            regions: moved
                .iter()
                .flat_map(|region| [Side::Left, Side::Right].map(|side| RegionId { region: *region, side }))
                .collect(),
            action_units: units.to_vec(),
            definition: None,
            min_resolvable_ms: naming.min_resolvable_ms,
            flagged_at,
            confirmed_at: self.confirmed_at,
            face_id: naming.face_id,
            veto,
            masked: Some(MaskedEvidence { form: MaskedForm::Hold, parts: self.parts }),
            label_evidence: None,
        })
    }
}

//! Whether a candidate may be claimed: who votes for it, and what speaks against it.

use super::candidate::Candidate;
use super::detector::Stage;
use super::history::Axes;
use super::params::SpotParams;
use super::vetoes::VetoMonitor;
use crate::types::{Region, RegionId, Timestamp, Veto};

/// Regions that must have moved (DESIGN section 6: two, or a pair).
const VOTES: usize = 2;

/// What is known at the time of judging.
pub struct Evidence<'a> {
    /// Everything that can veto.
    pub monitor: &'a VetoMonitor,
    /// How much each axis moves by itself, in ICD units.
    pub sigmas_icd: &'a Axes,
    /// Time between frames, in seconds.
    pub period_s: f64,
    /// The return of the last micro-expression that was claimed.
    pub last_offset: Option<Timestamp>,
    /// The newest frame.
    pub now: Timestamp,
}

/// The regions that moved in a candidate, most moved first.
pub fn moved_regions(candidate: &Candidate, params: &SpotParams, sigmas_icd: &Axes) -> Vec<RegionId> {
    let motion = candidate.motion_icd();
    let length = |id: RegionId| motion[id.index()][0].hypot(motion[id.index()][1]);
    let longest = RegionId::all().map(length).fold(0.0, f32::max);
    let is_moved = |id: &RegionId| {
        let limit = (params.moved_sigma * sigma_of(*id, sigmas_icd)).max(params.moved_share * longest);
        longest > 0.0 && length(*id) >= limit
    };
    let mut moved: Vec<_> = RegionId::all().filter(is_moved).collect();
    moved.sort_by(|a, b| length(*b).total_cmp(&length(*a)));
    moved
}

/// Why the candidate may not be claimed; `None` where it may.
pub fn veto_of(candidate: &Candidate, moved: &[RegionId], params: &SpotParams, evidence: &Evidence) -> Option<Veto> {
    let lead = candidate.lead()?;
    let is_enabled = |veto| !params.vetoes.disabled.contains(&veto);
    let is_long = matches!(lead.stage, Stage::Lasting | Stage::Ended);
    // Of a longer expression only the rise is judged: it may last until the head turns.
    let (from, to) = (lead.onset, if is_long { lead.apex } else { lead.offset.unwrap_or(evidence.now) });
    if let Some(veto) = evidence.monitor.blinding(from, to) {
        return Some(veto);
    }
    let motion = candidate.motion_icd();
    let (mut votes, mut silenced) = (0, None);
    for id in moved.iter().filter(|id| id.region != Region::Brow) {
        let length = motion[id.index()][0].hypot(motion[id.index()][1]);
        let threshold = params.state_machine.threshold_sigma * sigma_of(*id, evidence.sigmas_icd);
        match evidence.monitor.silences(*id, length / threshold, from, to) {
            Some(veto) => silenced = silenced.or(Some(veto)),
            None => votes += 1,
        }
    }
    if votes == 0 && silenced.is_some() {
        return silenced;
    }
    if votes < VOTES && is_enabled(Veto::Lone) {
        return silenced.or(Some(Veto::Lone));
    }
    if is_long {
        return None;
    }
    let is_short =
        lead.offset.is_some_and(|end| end.seconds_since(from) < params.min_periods * evidence.period_s);
    if is_short && is_enabled(Veto::TooShort) {
        return Some(Veto::TooShort);
    }
    let is_rest = evidence.last_offset.is_some_and(|last| from.seconds_since(last) < params.refractory_s);
    (is_rest && is_enabled(Veto::Refractory)).then_some(Veto::Refractory)
}

fn sigma_of(id: RegionId, sigmas_icd: &Axes) -> f32 {
    let axes = [sigmas_icd[2 * id.index()], sigmas_icd[2 * id.index() + 1]];
    (0.5 * (axes[0] * axes[0] + axes[1] * axes[1])).sqrt()
}

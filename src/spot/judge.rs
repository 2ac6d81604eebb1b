//! Whether a candidate may be claimed: who votes for it, and what speaks against it.

use super::candidate::{Candidate, Member};
use super::channels::{Part, has_vote};
use super::detector::{Proposal, Stage, farthest_icd};
use super::history::Axes;
use super::observability::{Observer, UNKNOWN_PERIOD_S};
use super::params::SpotParams;
use super::vetoes::VetoMonitor;
use crate::types::{REGION_COUNT, Region, RegionId, Side, Timestamp, Veto};

/// Regions that must have moved (DESIGN section 6: two, or a pair).
const VOTES: usize = 2;
/// A lone corner of the mouth counts from twice its threshold, which scores 0.8. On the tuning people three such candidates had been left
/// out in 7 minutes of photos, all of them contempt, and none in 5 minutes of video.
const LONE_SCORE: f32 = 0.8;
/// Of an opening jaw the chin goes down by at least this share of the lower lip. Ours.
const JAW_CHIN: f32 = 0.5;
/// And one of them by this much more than the corners of the mouth. Ours; of AU 15 the corners go farthest.
const JAW_CORNER: f32 = 1.3;

/// What is known at the time of judging.
pub struct Evidence<'a> {
    /// Everything that can veto.
    pub monitor: &'a VetoMonitor,
    /// How much the face moves by itself.
    pub observer: &'a Observer,
    /// The return of the last micro-expression that was claimed.
    pub last_offset: Option<Timestamp>,
    /// The newest frame.
    pub now: Timestamp,
}

/// The regions that moved, most moved first: each half of the face by its own measure, as a blink is ten times a brow.
pub fn moved_regions(
    motion_icd: &[[f32; 2]; REGION_COUNT],
    params: &SpotParams,
    sigmas_icd: &Axes,
) -> Vec<RegionId> {
    let length = |id: RegionId| motion_icd[id.index()][0].hypot(motion_icd[id.index()][1]);
    let longest = Part::ALL.map(|part| {
        RegionId::all()
            .filter(|id| Part::of(*id) == part && has_vote(id.region))
            .map(length)
            .fold(0.0, f32::max)
    });
    let is_moved = |id: &RegionId| {
        let share = params.moved_share * longest[Part::of(*id) as usize];
        length(*id) > 0.0 && length(*id) >= share.max(params.moved_sigma * sigma_of(*id, sigmas_icd))
    };
    let mut moved: Vec<_> = RegionId::all().filter(is_moved).collect();
    moved.sort_by(|a, b| length(*b).total_cmp(&length(*a)));
    moved
}

/// Regions with a vote about a motion within `from..=to`, and why others have none.
fn votes(
    motion_icd: &[[f32; 2]; REGION_COUNT],
    params: &SpotParams,
    evidence: &Evidence,
    (from, to): (Timestamp, Timestamp),
) -> (usize, Option<Veto>) {
    let (mut votes, mut silenced) = (0, None);
    let moved = moved_regions(motion_icd, params, evidence.observer.sigmas_icd());
    let is_pulled = moves_chin(&moved);
    let is_jaw = opens_jaw(motion_icd) && !params.vetoes.disabled.contains(&Veto::Speech);
    for id in moved.into_iter().filter(|id| has_vote(id.region)) {
        if is_jaw && Part::of(id) == Part::Lower {
            silenced = silenced.or(Some(Veto::Speech));
            continue;
        }
        let length = motion_icd[id.index()][0].hypot(motion_icd[id.index()][1]);
        // What it does by itself, and what it did just before: a first syllable is not in the noise yet.
        let usual = params.state_machine.threshold_sigma * sigma_of(id, evidence.observer.sigmas_icd());
        let usual = usual.max(evidence.observer.range_icd(id.index(), from));
        let own_icd = if is_pulled { 0.0 } else { length };
        match evidence.monitor.silences(id, length / usual, own_icd, from, to) {
            Some(veto) => silenced = silenced.or(Some(veto)),
            None => votes += 1,
        }
    }
    (votes, silenced)
}

/// Whether a jaw that opens is what moved: lower lip and chin down, more than the corners of the mouth. No action unit of an emotion does
/// that by itself, but every first syllable does.
fn opens_jaw(motion_icd: &[[f32; 2]; REGION_COUNT]) -> bool {
    let down = |region| {
        let sides = [Side::Left, Side::Right].map(|side| motion_icd[RegionId { region, side }.index()][1]);
        0.5 * (sides[0] + sides[1])
    };
    let (lip, chin, corner) = (down(Region::LowerLip), down(Region::Chin), down(Region::MouthCorner));
    lip > 0.0 && chin > JAW_CHIN * lip && lip.max(chin) > JAW_CORNER * corner.abs()
}

/// Whether both sides of the chin moved. Closing lids pull at the head's fit, and then the chin seems to move with all that lies above: so it
/// was with all six such movements on the tuning photos.
fn moves_chin(moved: &[RegionId]) -> bool {
    [Side::Left, Side::Right]
        .iter()
        .all(|side| moved.contains(&RegionId { region: Region::Chin, side: *side }))
}

/// Silences members that have no vote, where others have one: what blinks is not part of what the mouth does.
pub fn silence(candidate: &mut Candidate, params: &SpotParams, evidence: &Evidence) {
    let is_silent = |member: &Member| {
        if member.proposal.is_weighed {
            return false;
        }
        let span = span_of(&member.proposal, evidence.now);
        let (count, silenced) = votes(&member.proposal.motion_icd, params, evidence, span);
        count == 0 && silenced.is_some()
    };
    let silent: Vec<_> = candidate.members.iter().map(is_silent).collect();
    let has_speaker = silent.iter().any(|is_silent| !is_silent);
    for (member, is_silent) in candidate.members.iter_mut().zip(silent) {
        member.is_silent = is_silent && has_speaker;
    }
}

/// The time in which it can be disturbed. Of a longer expression only the rise counts: it may last until the head turns.
fn span_of(proposal: &Proposal, now: Timestamp) -> (Timestamp, Timestamp) {
    let is_long = matches!(proposal.stage, Stage::Lasting | Stage::Ended);
    (proposal.onset, if is_long { proposal.apex } else { proposal.offset.unwrap_or(now) })
}

/// Why the candidate may not be claimed; `None` where it may.
pub fn veto_of(candidate: &Candidate, params: &SpotParams, evidence: &Evidence) -> Option<Veto> {
    let lead = candidate.lead()?;
    let is_enabled = |veto| !params.vetoes.disabled.contains(&veto);
    let span = span_of(lead, evidence.now);
    // A pattern may be pure and yet too small for any expression: what head removal and the tracker's wander leave on a still face.
    let motion_icd = candidate.motion_icd();
    if farthest_icd(&motion_icd) < params.state_machine.floor_icd && is_enabled(Veto::NotObservable) {
        return Some(Veto::NotObservable);
    }
    if lead.is_weighed {
        let hidden = evidence.monitor.hiding(span.0, span.1);
        return hidden.or_else(|| timing(lead, params, evidence));
    }
    if let Some(veto) = evidence.monitor.blinding(span.0, span.1) {
        return Some(veto);
    }
    let (votes, silenced) = votes(&motion_icd, params, evidence, span);
    if votes == 0 && silenced.is_some() {
        return silenced;
    }
    if votes < VOTES && is_enabled(Veto::Lone) && !is_lone_dimple(lead, params, evidence) {
        return silenced.or(Some(Veto::Lone));
    }
    if matches!(lead.stage, Stage::Lasting | Stage::Ended) {
        return None;
    }
    timing(lead, params, evidence)
}

/// Whether all that moved is one corner of the mouth, and far: contempt (AU 14 on one side) moves little else.
fn is_lone_dimple(lead: &Proposal, params: &SpotParams, evidence: &Evidence) -> bool {
    let moved = moved_regions(&lead.motion_icd, params, evidence.observer.sigmas_icd());
    let is_corner = matches!(moved.as_slice(), [only] if only.region == Region::MouthCorner);
    is_corner && lead.score >= LONE_SCORE
}

/// Whether it is too short for this frame rate, or comes too soon after another.
fn timing(lead: &Proposal, params: &SpotParams, evidence: &Evidence) -> Option<Veto> {
    let is_enabled = |veto| !params.vetoes.disabled.contains(&veto);
    let shortest_s = params.min_periods * evidence.observer.period_s().unwrap_or(UNKNOWN_PERIOD_S);
    let is_short = lead.offset.is_some_and(|end| end.seconds_since(lead.onset) < shortest_s);
    if is_short && is_enabled(Veto::TooShort) {
        return Some(Veto::TooShort);
    }
    let is_rest =
        evidence.last_offset.is_some_and(|last| lead.onset.seconds_since(last) < params.refractory_s);
    (is_rest && is_enabled(Veto::Refractory)).then_some(Veto::Refractory)
}

fn sigma_of(id: RegionId, sigmas_icd: &Axes) -> f32 {
    let axes = [sigmas_icd[2 * id.index()], sigmas_icd[2 * id.index() + 1]];
    (0.5 * (axes[0] * axes[0] + axes[1] * axes[1])).sqrt()
}

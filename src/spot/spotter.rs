//! From frames to events: runs the detectors, brings their proposals together, judges them, and says what was spotted.
//!
//! An event is given out when it is flagged (`confirmed_at` empty), and again under the same `id` when that changes: confirmed with its
//! offset; turned into a longer expression (`macro`), and once more when that returns; or withdrawn: then `veto` says why, and
//! whoever shows events drops it.

use super::candidate::{Candidate, Member};
use super::channels::has_vote;
use super::detector::{Detector, Proposal, SpotInput, Stage, farthest_icd};
use super::history::AXES;
use super::joint::{ExpressionHistory, label_of};
use super::judge::{Evidence, moved_regions, silence, veto_of};
use super::label::fit_motion;
use super::matched::MatchedFilters;
use super::network::{NetworkDetector, NetworkError};
use super::observability::{Observer, UNKNOWN_PERIOD_S};
use super::params::{SpotMethod, SpotParams};
use super::state_machine::StateMachine;
use super::vetoes::VetoMonitor;
use crate::types::{Definition, Event, EventKind, LabelEvidence, Observability, RegionId, Timestamp, Veto};

/// The longest event that meets the classic definition, in seconds (DESIGN section 3).
const CLASSIC_S: f64 = 0.2;
/// Movements followed at a time.
const MAX_CANDIDATES: usize = 16;

/// Where events go, with the time at which they are said.
struct Output<'a> {
    now: Timestamp,
    next_event: &'a mut u64,
    events: &'a mut Vec<Event>,
}

impl Output<'_> {
    /// A new event's number, and when it is flagged.
    fn number(&mut self) -> (u64, Timestamp) {
        let id = *self.next_event;
        *self.next_event += 1;
        (id, self.now)
    }
}

/// What the vetoes know of a frame, for others who must not be misled by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The head turned or moved fast, something hid the face, frames were lost or the light changed.
    pub is_blinded: bool,
    /// The lids are closing, closed, or have just opened.
    pub is_blinking: bool,
    /// The mouth speaks.
    pub is_speaking: bool,
}

/// Spots micro- and macro-expressions of the primary face.
pub struct Spotter {
    params: SpotParams,
    detectors: Vec<(SpotMethod, Box<dyn Detector>)>,
    observer: Observer,
    monitor: VetoMonitor,
    candidates: Vec<Candidate>,
    proposals: Vec<Proposal>,
    face_id: Option<u32>,
    last_offset: Option<Timestamp>,
    last_at: Option<Timestamp>,
    expressions: ExpressionHistory,
}

impl Spotter {
    /// A spotter with the detectors that its method needs.
    ///
    /// # Errors
    /// The embedded network is damaged.
    pub fn new(params: SpotParams) -> Result<Self, NetworkError> {
        let state_machine = || -> (SpotMethod, Box<dyn Detector>) {
            let machine = StateMachine::new(params.state_machine.clone(), &params.seed_sigma_icd);
            (SpotMethod::StateMachine, Box::new(machine))
        };
        let network = || -> Result<(SpotMethod, Box<dyn Detector>), NetworkError> {
            Ok((SpotMethod::Network, Box::new(NetworkDetector::embedded()?)))
        };
        let detectors = match params.method {
            SpotMethod::Auto => vec![state_machine(), network()?],
            SpotMethod::StateMachine => vec![state_machine()],
            SpotMethod::Matched => {
                vec![(SpotMethod::Matched, Box::new(MatchedFilters::new(params.matched.clone())) as _)]
            }
            SpotMethod::Network => vec![network()?],
        };
        Ok(Self::with_detectors(params, detectors))
    }

    /// A spotter that runs these detectors, each under the method that it stands for.
    pub fn with_detectors(params: SpotParams, detectors: Vec<(SpotMethod, Box<dyn Detector>)>) -> Self {
        let p = &params.state_machine;
        Self {
            observer: Observer::new(p.threshold_sigma, p.floor_icd, &params.seed_sigma_icd),
            monitor: VetoMonitor::new(params.vetoes.clone()),
            params,
            detectors,
            candidates: Vec::new(),
            proposals: Vec::new(),
            face_id: None,
            last_offset: None,
            last_at: None,
            expressions: ExpressionHistory::default(),
        }
    }

    /// Takes one frame. New and changed events are appended to `events`; `next_event` is the session's event counter, raised
    /// for each new one. Returns what could be seen of each region; `None` without a face.
    pub fn push(
        &mut self,
        input: &SpotInput,
        next_event: &mut u64,
        events: &mut Vec<Event>,
    ) -> Option<Observability> {
        let mut out = Output { now: input.now, next_event, events };
        self.last_at = Some(input.now);
        self.monitor.push(input);
        if let Some(update) = input.update {
            self.expressions.push(update);
        }
        let face_id = input.signal.map(|signal| signal.face_id);
        if face_id != self.face_id {
            let veto = if face_id.is_none() { Veto::Occlusion } else { Veto::FaceCrossing };
            self.drop_open(veto, &mut out);
            self.observer.reset();
            self.face_id = face_id;
        }
        let is_blinded = self.monitor.blinding(input.now, input.now).is_some();
        let mut observability = input.signal.map(|signal| {
            let (monitor, now) = (&self.monitor, input.now);
            let is_blank = |region| {
                let id = RegionId::from_index(region);
                is_blinded
                    || id
                        .and_then(|id| monitor.silences(id, f32::INFINITY, f32::INFINITY, now, now))
                        .is_some()
            };
            self.observer.push(signal, is_blank, |id| monitor.factor(id, now))
        });
        let nothing = Observability {
            captured_at: input.now,
            face_id: 0,
            smallest_icd: [f32::INFINITY; crate::types::REGION_COUNT],
        };
        let mut proposals = std::mem::take(&mut self.proposals);
        for source in 0..self.detectors.len() {
            proposals.clear();
            self.detectors[source].1.push(input, observability.as_ref().unwrap_or(&nothing), &mut proposals);
            for proposal in proposals.drain(..) {
                self.take(source, proposal, &mut out);
            }
        }
        self.proposals = proposals;
        self.settle(false, &mut out);
        if let Some(observability) = observability.as_mut().filter(|_| !is_blinded) {
            self.add_what_detectors_see(observability);
        }
        observability
    }

    /// What any of the detectors would find can be seen, but for brows in a blink and mouths that speak: a detector that learns over seconds
    /// does not know yet how restless a mouth is that has just begun. The state machine's view is there already.
    fn add_what_detectors_see(&self, observability: &mut Observability) {
        let now = observability.captured_at;
        let is_open = |id: &RegionId| self.monitor.silences(*id, 0.0, f32::INFINITY, now, now).is_none();
        for smallest in self.detectors.iter().filter_map(|(_, detector)| detector.smallest_icd()) {
            let is_alone = self.detectors.len() == 1;
            for index in RegionId::all().filter(is_open).map(RegionId::index) {
                let (all, own) = (&mut observability.smallest_icd[index], smallest[index]);
                *all = if is_alone { own } else { all.min(own) };
            }
        }
    }

    /// Ends the session: what has returned is confirmed, what is still open is withdrawn, as its end was not seen.
    pub fn finish(&mut self, next_event: &mut u64, events: &mut Vec<Event>) {
        let Some(now) = self.last_at else { return };
        let mut out = Output { now, next_event, events };
        self.settle(true, &mut out);
        self.drop_open(Veto::Gap, &mut out);
    }

    /// Forgets everything but the parameters, as at a new session; what was flagged is not settled.
    pub fn reset(&mut self) {
        self.observer.reset();
        self.monitor = VetoMonitor::new(self.params.vetoes.clone());
        self.detectors.iter_mut().for_each(|(_, detector)| detector.reset());
        self.candidates.clear();
        (self.face_id, self.last_offset, self.last_at) = (None, None, None);
    }

    /// What else is going on in the newest frame.
    pub fn surroundings(&self) -> Surroundings {
        let Some(now) = self.last_at else { return Surroundings::default() };
        Surroundings {
            is_blinded: self.monitor.blinding(now, now).is_some(),
            is_blinking: self.monitor.is_blinking(now, now),
            is_speaking: self.monitor.is_speaking(now, now),
        }
    }

    /// Parameters in force.
    pub fn params(&self) -> &SpotParams {
        &self.params
    }

    /// Whether a new proposal of this detector is listened to. Where there is a choice, the network speaks only for movements of which
    /// most regions are too restless for the state machine.
    fn listens_to(&self, source: usize, proposal: &Proposal) -> bool {
        let Some((method, _)) = self.detectors.get(source) else { return false };
        if self.params.method != SpotMethod::Auto || *method != SpotMethod::Network {
            return true;
        }
        let mut moved = moved_regions(&proposal.motion_icd, &self.params, &[0.0; AXES]);
        moved.retain(|id| has_vote(id.region));
        2 * moved.iter().filter(|id| self.observer.is_calm(**id)).count() <= moved.len()
    }

    fn add(&mut self, source: usize, proposal: Proposal) {
        if self.candidates.len() < MAX_CANDIDATES {
            self.candidates.push(Candidate::new(source, proposal));
        }
    }

    fn take(&mut self, source: usize, proposal: Proposal, out: &mut Output) {
        let known = self.candidates.iter().position(|candidate| candidate.has(source, proposal.key));
        let Some(index) = known else {
            let is_new = !matches!(proposal.stage, Stage::Withdrawn | Stage::Ended);
            if !is_new || !self.listens_to(source, &proposal) {
                return;
            }
            let together_s = self.params.together_s;
            match self.candidates.iter_mut().find(|c| c.is_joined_by(&proposal, together_s)) {
                Some(candidate) => {
                    candidate.members.push(Member { source, proposal, is_silent: false });
                    candidate.is_news = true;
                }
                None => self.add(source, proposal),
            }
            return;
        };
        let candidate = &mut self.candidates[index];
        let is_alone = candidate.members.len() == 1;
        let key = proposal.key;
        let leaves = matches!(proposal.stage, Stage::Withdrawn | Stage::Lasting | Stage::Ended) && !is_alone;
        if leaves {
            // The others go on without it: what stays in one half may have returned in the other.
            candidate.members.retain(|member| !(member.source == source && member.proposal.key == key));
            candidate.is_news = true;
            if proposal.stage != Stage::Withdrawn {
                self.add(source, proposal);
            }
        } else if proposal.stage == Stage::Withdrawn {
            let candidate = self.candidates.remove(index);
            let lead = candidate.lead();
            let blinding = lead.and_then(|lead| self.monitor.blinding(lead.onset, out.now));
            self.close(&candidate, blinding.unwrap_or(Veto::NotObservable), out);
        } else {
            for member in candidate.members.iter_mut().filter(|member| member.source == source) {
                if member.proposal.key == key {
                    member.proposal = proposal.clone();
                }
            }
            candidate.is_news = true;
        }
    }

    /// Judges what is new or due.
    fn settle(&mut self, is_last: bool, out: &mut Output) {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.retain_mut(|candidate| !self.is_done(candidate, is_last, out));
        self.candidates = candidates;
    }

    /// Looks at one candidate; true when there is nothing more to say of it.
    fn is_done(&mut self, candidate: &mut Candidate, is_last: bool, out: &mut Output) -> bool {
        let now = out.now;
        let Some((stage, offset)) = candidate.lead().map(|lead| (lead.stage, lead.offset)) else {
            return true;
        };
        let has_returned = candidate.has_returned();
        // Members that have returned wait a moment for those that have not, and for late vetoes.
        let is_due = offset.is_some_and(|offset| now.seconds_since(offset) >= self.params.settle_s);
        let is_settled = stage == Stage::Returned && (is_last || is_due);
        if !candidate.is_news && !is_settled {
            return false;
        }
        candidate.is_news = false;
        let evidence =
            Evidence { monitor: &self.monitor, observer: &self.observer, last_offset: self.last_offset, now };
        silence(candidate, &self.params, &evidence);
        let veto = veto_of(candidate, &self.params, &evidence);
        let Some((stage, offset)) = candidate.lead().map(|lead| (lead.stage, lead.offset)) else {
            return true;
        };
        match stage {
            Stage::Provisional => {
                if veto.is_none() && candidate.flag.is_none() {
                    self.emit(candidate, EventKind::Micro, None, None, out);
                }
                false
            }
            Stage::Returned if !is_settled => {
                if veto.is_none() && candidate.flag.is_none() && has_returned {
                    self.emit(candidate, EventKind::Micro, None, None, out);
                }
                false
            }
            Stage::Returned => {
                if let Some(veto) = veto {
                    self.close(candidate, veto, out);
                } else {
                    self.emit(candidate, EventKind::Micro, Some(now), None, out);
                    self.last_offset = offset;
                }
                true
            }
            Stage::Lasting | Stage::Ended => {
                if candidate.lasting_since.is_none()
                    && let Some(veto) = veto
                {
                    self.close(candidate, veto, out);
                    return true;
                }
                let since = *candidate.lasting_since.get_or_insert(now);
                self.emit(candidate, EventKind::Macro, Some(since), None, out);
                stage == Stage::Ended
            }
            Stage::Withdrawn => true,
        }
    }

    /// Ends every open candidate: its end cannot be seen any more.
    fn drop_open(&mut self, veto: Veto, out: &mut Output) {
        for candidate in std::mem::take(&mut self.candidates) {
            if candidate.lasting_since.is_none() {
                self.close(&candidate, veto, out);
            }
        }
    }

    /// A candidate that is not claimed: told of where it was flagged, or where candidates are asked for.
    fn close(&self, candidate: &Candidate, veto: Veto, out: &mut Output) {
        if candidate.flag.is_none() && !self.params.keep_candidates {
            return;
        }
        let is_long =
            candidate.lead().is_some_and(|lead| matches!(lead.stage, Stage::Lasting | Stage::Ended));
        let kind = if is_long { EventKind::Macro } else { EventKind::Micro };
        self.emit(&mut candidate.clone(), kind, None, Some(veto), out);
    }

    fn emit(
        &self,
        candidate: &mut Candidate,
        kind: EventKind,
        confirmed_at: Option<Timestamp>,
        veto: Option<Veto>,
        out: &mut Output,
    ) {
        let (id, flagged_at) = *candidate.flag.get_or_insert_with(|| out.number());
        let Some(lead) = candidate.lead() else { return };
        let sigmas_icd = self.observer.sigmas_icd();
        let motion = candidate.motion_icd();
        let resembled = fit_motion(&motion, sigmas_icd);
        let change = self.expressions.change(lead.onset, lead.apex);
        let evidence = LabelEvidence { fits: resembled.fits, change };
        let mut regions = moved_regions(&motion, &self.params, sigmas_icd);
        if regions.is_empty() {
            // Found by its pattern, though no region goes beyond what it usually does: those that went farthest.
            regions = moved_regions(&motion, &self.params, &[0.0; AXES]);
        }
        let amplitude = farthest_icd(&motion);
        let definition = (kind == EventKind::Micro).then(|| {
            let is_classic = lead.offset.is_some_and(|end| end.seconds_since(lead.onset) <= CLASSIC_S);
            if is_classic { Definition::Classic } else { Definition::Extended }
        });
        out.events.push(Event {
            id,
            kind,
            label: label_of(&evidence, &self.params.joint).to_owned(),
            score: lead.score,
            onset: lead.onset,
            apex: lead.apex,
            offset: lead.offset,
            amplitude_icd: Some(amplitude),
            regions,
            action_units: resembled.action_units,
            definition,
            min_resolvable_ms: (3e3 * self.observer.period_s().unwrap_or(UNKNOWN_PERIOD_S)) as f32,
            flagged_at,
            confirmed_at,
            face_id: self.face_id.unwrap_or_default(),
            veto,
            masked: None,
            label_evidence: Some(evidence),
        });
    }
}

//! Learns a profile's facts from some seconds of a neutral face, or says why it cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::NeutralFace;
use super::refusal::{CalibratorParams, Refusal};
use super::rest::{Changes, median, noise_icd};
use crate::expression::geometric_mean;
use crate::motion::{layout_points, layout_regions};
use crate::types::{
    BLENDSHAPE_COUNT, BLENDSHAPE_NAMES, Event, EventKind, Expression, FaceMeasurement, FrameStatus, Gap,
    LABEL_COUNT, LandmarkUpdate, Observation, Probabilities, REGION_COUNT, Region, RegionId, Timestamp,
};

/// What was learned of a camera and a face.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// Frames a second: the inverse of the median time between frames.
    pub measured_fps: f64,
    /// The face at rest.
    pub face: NeutralFace,
    /// What the networks of the whole face and of the eyes say of it, in the order of
    /// [`Label::ALL`](crate::types::Label::ALL): geometric means, adding up to 1; `None` where they did not run.
    pub expression: Option<[[f32; LABEL_COUNT]; 2]>,
    /// Noise of each region by [`RegionId::index`], in ICD units; `None` where it could not be measured for half of the time.
    pub noise_icd: [Option<f32>; REGION_COUNT],
    /// The smallest motion that the spotter would tell from it, in ICD units (median); `None` where none would be.
    pub smallest_icd: [Option<f32>; REGION_COUNT],
    /// Blinks that were left out.
    pub blinks: usize,
}

/// Watches a face at rest.
#[derive(Clone, Debug)]
pub struct Calibrator {
    params: CalibratorParams,
    seconds: f64,
    start: Option<Timestamp>,
    previous: Option<(u64, Timestamp)>,
    face_id: Option<u32>,
    is_another_face: bool,
    intervals_s: Vec<f64>,
    frames: usize,
    lost: u64,
    missing: usize,
    head_moved: usize,
    changes: Changes,
    /// When the face moved, and which regions did.
    moved: Vec<(Timestamp, [bool; REGION_COUNT])>,
    measured: Vec<Arc<LandmarkUpdate>>,
    smallest_icd: Vec<Vec<f32>>,
    blinks: BTreeMap<u64, Event>,
}

impl Calibrator {
    /// Watches for `seconds` of media time from the first frame, the warm-up included.
    pub fn new(params: CalibratorParams, seconds: f64) -> Self {
        Self {
            params,
            seconds,
            start: None,
            previous: None,
            face_id: None,
            is_another_face: false,
            intervals_s: Vec::new(),
            frames: 0,
            lost: 0,
            missing: 0,
            head_moved: 0,
            changes: Changes::default(),
            moved: Vec::new(),
            measured: Vec::new(),
            smallest_icd: vec![Vec::new(); REGION_COUNT],
            blinks: BTreeMap::new(),
        }
    }

    /// Seconds of media so far.
    pub fn elapsed_s(&self) -> f64 {
        match (self.start, self.previous) {
            (Some(start), Some((_, last))) => last.seconds_since(start),
            _ => 0.0,
        }
    }

    /// Whether the time is over.
    pub fn is_complete(&self) -> bool {
        self.elapsed_s() >= self.seconds
    }

    /// Takes lost frames that no observation tells of.
    pub fn push_gap(&mut self, gap: &Gap) {
        self.lost += gap.count;
    }

    /// Takes the result for the next frame; ignored once the time is over.
    pub fn push(&mut self, observation: &Observation) {
        if self.is_complete() {
            return;
        }
        let at = observation.captured_at;
        let start = *self.start.get_or_insert(at);
        let before = self.previous.replace((observation.seq, at));
        if at.seconds_since(start) < self.params.warm_up_s {
            return;
        }
        observation.gaps.iter().for_each(|gap| self.push_gap(gap));
        self.frames += 1;
        if let Some((_, last)) = before.filter(|(seq, _)| seq + 1 == observation.seq) {
            self.intervals_s.push(at.seconds_since(last));
        }
        for event in observation.events.iter().filter(|event| event.kind == EventKind::Blink) {
            self.blinks.insert(event.id, event.clone());
        }
        self.look(observation);
    }

    /// Takes what the frame shows of the face.
    fn look(&mut self, observation: &Observation) {
        let Some(signal) = observation.signal.as_ref().filter(|_| observation.status == FrameStatus::Ok)
        else {
            self.missing += 1;
            return;
        };
        self.is_another_face |= *self.face_id.get_or_insert(signal.face_id) != signal.face_id;
        let limits = &self.params;
        if signal.head_speed_icd_s > limits.head_icd_s || signal.head_turn_deg_s > limits.head_turn_deg_s {
            self.head_moved += 1;
        }
        let is_moved = |id: RegionId| {
            let motion = &signal.regions[id.index()];
            id.region != Region::Lid && motion.is_valid && motion.velocity_icd > limits.movement_icd
        };
        let mut moved = [false; REGION_COUNT];
        RegionId::all().for_each(|id| moved[id.index()] = is_moved(id));
        if moved.iter().filter(|is_moved| **is_moved).count() >= limits.movement_regions {
            self.moved.push((signal.captured_at, moved));
        }
        self.changes.push(signal);
        if let Some(known) = &observation.observability {
            for (values, smallest) in self.smallest_icd.iter_mut().zip(known.smallest_icd) {
                values.push(smallest);
            }
        }
        self.measured.extend(observation.update.clone());
    }

    /// What was learned.
    ///
    /// # Errors
    /// [`Refusal`]: the first reason why these seconds show no face at rest.
    pub fn finish(mut self) -> Result<Learned, Refusal> {
        let limits = self.params.clone();
        let had_s = self.elapsed_s();
        // The last frame of ten seconds lies a frame before their end.
        if had_s < self.seconds - 0.25 || self.frames < 2 {
            return Err(Refusal::TooShort { had_s, needed_s: self.seconds });
        }
        let fps = self.check_rate()?;
        let share = |count: usize| count as f32 / self.frames as f32;
        if share(self.missing) > limits.max_missing_share {
            return Err(Refusal::FaceMissing { share: share(self.missing), limit: limits.max_missing_share });
        }
        if self.is_another_face {
            return Err(Refusal::AnotherFace);
        }
        if share(self.head_moved) > limits.max_head_share {
            return Err(Refusal::HeadMoved { share: share(self.head_moved), limit: limits.max_head_share });
        }
        let blinks = self.blink_spans();
        self.moved.retain(|(at, _)| !blinks.iter().any(|(from, to)| (*from..=*to).contains(at)));
        if share(self.moved.len()) > limits.max_moving_share {
            let share = share(self.moved.len());
            return Err(Refusal::FaceMoved {
                share,
                limit: limits.max_moving_share,
                region: self.most_moved(),
            });
        }
        let smallest = |values: &Vec<f32>| median(values.iter().copied()).filter(|icd| icd.is_finite());
        let mut smallest_icd = [None; REGION_COUNT];
        smallest_icd.iter_mut().zip(&self.smallest_icd).for_each(|(to, values)| *to = smallest(values));
        Ok(Learned {
            measured_fps: (fps * 1e3).round() / 1e3,
            face: neutral_face(&self.measured),
            expression: neutral_expression(&self.measured, &blinks),
            noise_icd: noise_icd(&self.changes, &blinks),
            smallest_icd,
            blinks: blinks.len(),
        })
    }

    /// The frame rate, if it is steady.
    fn check_rate(&self) -> Result<f64, Refusal> {
        let limits = &self.params;
        let period_s = median(self.intervals_s.iter().map(|s| *s as f32)).map_or(0.0, f64::from);
        let is_uneven = |s: &&f64| (**s - period_s).abs() > limits.uneven_share * period_s;
        let uneven = self.intervals_s.iter().filter(is_uneven).count();
        let uneven_share = uneven as f32 / self.intervals_s.len().max(1) as f32;
        let lost_share = self.lost as f32 / (self.lost as f32 + self.frames as f32);
        let is_steady = lost_share <= limits.max_lost_share && uneven_share <= limits.max_uneven_share;
        if is_steady && period_s > 0.0 {
            return Ok(1.0 / period_s);
        }
        let limits = (limits.max_lost_share, limits.max_uneven_share);
        Err(Refusal::UnstableRate { lost_share, uneven_share, limits })
    }

    /// The region that moved most often.
    fn most_moved(&self) -> String {
        let count = |id: &RegionId| self.moved.iter().filter(|(_, moved)| moved[id.index()]).count();
        RegionId::all().max_by_key(count).map_or_else(String::new, RegionId::name)
    }

    /// When blinks moved the face, with a margin.
    fn blink_spans(&self) -> Vec<(Timestamp, Timestamp)> {
        let margin = std::time::Duration::from_secs_f64(self.params.blink_margin_s);
        let span =
            |blink: &Event| (blink.onset - margin, blink.offset.unwrap_or(blink.apex + 2 * margin) + margin);
        self.blinks.values().map(span).collect()
    }
}

/// Means of the log-probabilities, without blinks: lowered lids look sad.
fn neutral_expression(
    updates: &[Arc<LandmarkUpdate>],
    blinks: &[(Timestamp, Timestamp)],
) -> Option<[[f32; LABEL_COUNT]; 2]> {
    let at_rest = |update: &&Arc<LandmarkUpdate>| {
        !blinks.iter().any(|(from, to)| (*from..=*to).contains(&update.measured_at))
    };
    let shown: Vec<Expression> =
        updates.iter().filter(at_rest).filter_map(|update| update.faces.first()?.expression).collect();
    let mean = |get: &dyn Fn(&Expression) -> Option<Probabilities>| {
        let whole =
            |p: Probabilities| p.iter().all(Option::is_some).then(|| p.map(Option::unwrap_or_default));
        geometric_mean(shown.iter().filter_map(get).filter_map(whole))
            .map(|mean| mean.map(|p| (p * 1e6).round() / 1e6))
    };
    Some([mean(&|one| Some(one.face))?, mean(&|one| one.eyes)?])
}

/// Medians of the measurements, so that blinks do not count.
fn neutral_face(updates: &[Arc<LandmarkUpdate>]) -> NeutralFace {
    let measured: Vec<&FaceMeasurement> = updates.iter().filter_map(|update| update.faces.first()).collect();
    let middle = |get: &dyn Fn(&FaceMeasurement) -> Option<f32>, decimals: i32| {
        let scale = 10f32.powi(decimals);
        median(measured.iter().filter_map(|face| get(face))).map(|value| (value * scale).round() / scale)
    };
    let score = |index: usize| {
        middle(&|face| face.blendshapes.as_ref().map(|scores| scores[index]), 4).map(|s| s.clamp(0.0, 1.0))
    };
    let blendshapes = (0..BLENDSHAPE_COUNT)
        .filter_map(|index| Some((BLENDSHAPE_NAMES[index].to_owned(), score(index)?)))
        .collect();
    let places: Vec<_> = measured.iter().filter_map(|face| region_places(face)).collect();
    let place = |id: RegionId, axis: usize| {
        let middle = median(places.iter().map(|place| place[id.index()][axis]))?;
        Some((middle * 1e3).round() / 1e3)
    };
    let regions_icd =
        RegionId::all().filter_map(|id| Some((id.name(), [place(id, 0)?, place(id, 1)?]))).collect();
    NeutralFace {
        icd_px: middle(&|face| Some(face.icd_px), 2).unwrap_or_default(),
        pitch_deg: middle(&|face| Some(face.pose.pitch_deg), 1).unwrap_or_default(),
        yaw_deg: middle(&|face| Some(face.pose.yaw_deg), 1).unwrap_or_default(),
        roll_deg: middle(&|face| Some(face.pose.roll_deg), 1).unwrap_or_default(),
        blendshapes,
        regions_icd,
    }
}

/// The middle of each region's patches, in ICD units of the upright face; `None` for landmarks without a shape.
fn region_places(face: &FaceMeasurement) -> Option<[[f32; 2]; REGION_COUNT]> {
    /// Inner eye corners, the subject's right and left.
    const EYE_CORNERS: [usize; 2] = [133, 362];
    let [right, left] = EYE_CORNERS.map(|index| face.landmarks[index]);
    let across = [left[0] - right[0], left[1] - right[1]];
    let icd_px = across[0].hypot(across[1]);
    if !(icd_px.is_finite() && icd_px > 0.0) {
        return None;
    }
    let (cos, sin) = (across[0] / icd_px, across[1] / icd_px);
    let (mut sums, mut counts) = ([[0.0f32; 2]; REGION_COUNT], [0.0f32; REGION_COUNT]);
    for (point, id) in layout_points(&face.landmarks).into_iter().zip(layout_regions()) {
        let (Some([x, y]), Some(id)) = (point, id) else { continue };
        let (dx, dy) = (x - (right[0] + left[0]) / 2.0, y - (right[1] + left[1]) / 2.0);
        sums[id.index()][0] += (dx * cos + dy * sin) / icd_px;
        sums[id.index()][1] += (dy * cos - dx * sin) / icd_px;
        counts[id.index()] += 1.0;
    }
    Some(std::array::from_fn(|i| sums[i].map(|sum| sum / counts[i].max(1.0))))
}

//! What the tests of the tables feed them: observations whose values tell which frame they are of.

use std::sync::Arc;

use crate::types::*;

pub(super) fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_nanos(ms * 1_000_000)
}

/// A measurement whose values tell which frame it is of.
pub(super) fn update(seq: u64, at: Timestamp, face_id: u32) -> Arc<LandmarkUpdate> {
    let mark = seq as f32;
    let mut expression = [None; LABEL_COUNT];
    expression[1] = Some(0.25);
    let face = FaceMeasurement {
        id: face_id,
        confidence: 0.98765,
        box_px: RectPx { x: 100.0, y: 50.0, w: 80.0, h: 120.0 },
        landmarks: Box::new([[0.0; 3]; LANDMARK_COUNT]),
        blendshapes: Some(Box::new([mark / 1000.0; BLENDSHAPE_COUNT])),
        pose: HeadPose { pitch_deg: mark, yaw_deg: -1.005, roll_deg: f32::NAN },
        icd_px: 32.0,
        expression: Some(Expression { face: expression, eyes: Some(expression.map(|p| p.map(|p| p / 2.0))) }),
        quality: Quality::default(),
    };
    Arc::new(LandmarkUpdate { seq, measured_at: at, unchanged_until: at, faces: vec![face] })
}

pub(super) fn signal(at: Timestamp, face_id: u32) -> Signal {
    let mut regions = [RegionMotion::default(); REGION_COUNT];
    for (index, region) in regions.iter_mut().enumerate() {
        region.amplitude_icd = index as f32 / 300.0;
        region.displacement_icd = [-(index as f32) / 700.0, 0.01];
        region.sigma_icd = 0.001;
        region.is_valid = index != 3;
    }
    Signal {
        captured_at: at,
        face_id,
        regions,
        patches: Default::default(),
        head_turn_deg_s: 1.5,
        head_speed_icd_s: 0.5,
        residual_icd: 0.001,
        is_new_reference: false,
    }
}

/// Regions up to index 14 (0.0294) could show a motion of 3 % ICD, without index 3, which was not measured.
fn observability(at: Timestamp, face_id: u32) -> Observability {
    let smallest = |index: usize| if index == 3 { f32::INFINITY } else { 0.0021 * index as f32 };
    Observability { captured_at: at, face_id, smallest_icd: std::array::from_fn(smallest) }
}

/// What the analyser says of a frame whose face it follows by `anchor`.
pub(super) fn seen(seq: u64, at: Timestamp, anchor: &Arc<LandmarkUpdate>) -> Observation {
    let shift = [seq as f32, 0.0];
    Observation {
        seq,
        captured_at: at,
        status: FrameStatus::Ok,
        gaps: Vec::new(),
        luma_mean: 101.126,
        sharpness: Some(0.4),
        faces: [FaceTrack {
            id: anchor.faces[0].id,
            update: Arc::clone(anchor),
            index: 0,
            now_from_measured: Affine::similarity(1.0, 0.0, shift),
        }]
        .into_iter()
        .collect(),
        update: None,
        expression: None,
        mismatch: None,
        signal: Some(signal(at, anchor.faces[0].id)),
        observability: Some(observability(at, anchor.faces[0].id)),
        events: Vec::new(),
    }
}

pub(super) fn empty(seq: u64, at: Timestamp) -> Observation {
    Observation {
        seq,
        captured_at: at,
        status: FrameStatus::NoFace,
        gaps: Vec::new(),
        luma_mean: 20.0,
        sharpness: None,
        faces: Default::default(),
        update: None,
        expression: None,
        mismatch: None,
        signal: None,
        observability: None,
        events: Vec::new(),
    }
}

pub(super) fn event(id: u64, label: &str, offset: Option<Timestamp>) -> Event {
    let mouth = |side| RegionId { region: Region::MouthCorner, side };
    Event {
        id,
        kind: EventKind::Micro,
        label: label.to_owned(),
        score: 0.75,
        onset: at_ms(100),
        apex: at_ms(200),
        offset,
        amplitude_icd: Some(0.0321),
        regions: vec![mouth(Side::Left), mouth(Side::Right)],
        action_units: vec![6, 12],
        definition: Some(Definition::Classic),
        min_resolvable_ms: 100.0,
        flagged_at: at_ms(133),
        confirmed_at: offset,
        face_id: 0,
        veto: None,
        masked: None,
        label_evidence: None,
    }
}

/// Two seconds at 30 fps: no face, then a face measured every second frame and reported three frames later, a told
/// gap, an untold hole, an event that changes, one that is withdrawn, a candidate, and a loss at the end.
pub(super) fn session() -> (Vec<Observation>, Gap) {
    let mut all = Vec::new();
    let time = |seq: u64| at_ms(seq as i64 * 1000 / 30);
    let mut anchor = update(5, time(5), 7);
    for seq in 0..60 {
        if (20..24).contains(&seq) || (30..32).contains(&seq) {
            continue;
        }
        let mut observation = if seq < 5 { empty(seq, time(seq)) } else { seen(seq, time(seq), &anchor) };
        if seq == 5 {
            observation.update = Some(Arc::clone(&anchor));
        }
        if seq > 8 && seq % 2 == 0 {
            anchor = update(seq - 3, time(seq - 3), 7);
            observation = seen(seq, time(seq), &anchor);
            observation.update =
                Some(Arc::clone(&anchor)).filter(|u| !(20..24).contains(&u.seq) && u.seq != 31);
        }
        if seq == 24 {
            observation.gaps =
                vec![Gap { first_seq: 20, count: 4, at: time(20), reason: GapReason::Corrupt }];
        }
        match seq {
            10 => observation.events.push(event(0, "", None)),
            12 => observation.events.push(event(1, "surprise", None)),
            13 => observation.events.push(event(2, "", None)),
            14 => observation.events.push(Event { veto: Some(Veto::Speech), ..event(3, "", None) }),
            15 => observation.events.push(Event { veto: Some(Veto::Blink), ..event(2, "", None) }),
            16 => observation.events.push(event(0, "happiness", Some(at_ms(280)))),
            _ => {}
        }
        all.push(observation);
    }
    (all, Gap { first_seq: 60, count: 2, at: time(60), reason: GapReason::Stalled })
}

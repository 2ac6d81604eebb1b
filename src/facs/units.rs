//! What each action unit moves: bumps anchored between landmarks, for the subject's right side and mirrored to the left.
//!
//! Directions and places follow the "appearance changes" that the FACS manual (Ekman, Friesen, Hager 2002) lists for each
//! unit; sizes are ours, from the extent of the muscles and chosen so that no field folds.

/// The action units that are known, in the order of every table here.
pub const ACTION_UNITS: [u8; 14] = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23];

/// What speech moves besides: lip pucker and jaw drop. Known to the fields, no part of any prototype.
pub const SPEECH_UNITS: [u8; 2] = [18, 26];

/// Units that have fields.
pub(super) const UNIT_COUNT: usize = ACTION_UNITS.len() + SPEECH_UNITS.len();

/// A bump of displacement: `pull` at its centre, fading with distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feature {
    /// Its centre lies `share` of the way from landmark `a` to landmark `b` ...
    pub(super) a: u16,
    /// See `a`.
    pub(super) b: u16,
    /// See `a`.
    pub(super) share: f32,
    /// ... and this far from there, outwards (away from the midline) and down, in ICD units.
    pub(super) offset_icd: [f32; 2],
    /// Standard deviations across and along the face, in ICD units.
    pub(super) sigma_icd: [f32; 2],
    /// Direction outwards and down, with the strength relative to the unit's other features.
    pub(super) pull: [f32; 2],
    /// It moves a lid's margin, so the eye's own mask does not hold it.
    pub(super) is_lid: bool,
}

const fn between(a: u16, b: u16, share: f32, sigma_icd: [f32; 2], pull: [f32; 2]) -> Feature {
    Feature { a, b, share, offset_icd: [0.0; 2], sigma_icd, pull, is_lid: false }
}

const fn at(landmark: u16, sigma_icd: [f32; 2], pull: [f32; 2]) -> Feature {
    between(landmark, landmark, 0.0, sigma_icd, pull)
}

const fn beside(landmark: u16, offset_icd: [f32; 2], sigma_icd: [f32; 2], pull: [f32; 2]) -> Feature {
    Feature { offset_icd, ..at(landmark, sigma_icd, pull) }
}

const fn lid(landmark: u16, sigma_icd: [f32; 2], pull: [f32; 2]) -> Feature {
    Feature { is_lid: true, ..at(landmark, sigma_icd, pull) }
}

/// Inner brow raiser (medial frontalis): "pulls the inner portion of the eyebrows upwards", the middle of the forehead after it.
const AU1: &[Feature] = &[
    between(107, 55, 0.45, [0.34, 0.26], [-0.05, -1.0]),
    between(107, 108, 0.7, [0.42, 0.36], [0.0, -0.45]),
];
/// Outer brow raiser (lateral frontalis): "pulls the lateral portion of the eyebrows upwards", and the skin above.
const AU2: &[Feature] =
    &[between(63, 53, 0.5, [0.40, 0.25], [0.05, -1.0]), between(63, 104, 0.7, [0.44, 0.34], [0.0, -0.45])];
/// Brow lowerer (corrugator, procerus, depressor supercilii): "lowers the eyebrow", mostly its inner part, and "pulls the
/// eyebrows closer together"; the skin between them goes down.
const AU4: &[Feature] = &[
    between(107, 55, 0.6, [0.30, 0.25], [-0.50, 0.85]),
    between(105, 52, 0.5, [0.42, 0.24], [-0.20, 0.62]),
    between(9, 8, 0.5, [0.26, 0.32], [0.0, 0.50]),
];
/// Upper lid raiser (levator palpebrae): "widens the eye aperture": the upper lid alone.
const AU5: &[Feature] = &[lid(159, [0.30, 0.085], [0.0, -1.0])];
/// Cheek raiser (orbital orbicularis oculi): "draws skin towards the eye from the temple and cheeks", "raises the infraorbital
/// triangle".
const AU6: &[Feature] = &[
    at(118, [0.42, 0.26], [-0.10, -1.0]),
    at(101, [0.34, 0.25], [0.0, -0.5]),
    beside(226, [0.18, 0.0], [0.24, 0.30], [-0.55, 0.10]),
    Feature { is_lid: true, ..beside(145, [0.0, 0.10], [0.32, 0.10], [0.0, -0.35]) },
];
/// Lid tightener (palpebral orbicularis oculi): "raises the lower lid", "narrows the eye aperture": the lids alone.
const AU7: &[Feature] = &[lid(145, [0.30, 0.10], [0.0, -1.0]), lid(159, [0.28, 0.09], [0.0, 0.25])];
/// Nose wrinkler (levator labii superioris alaeque nasi): "pulls the skin along the sides of the nose upwards", wings and
/// infraorbital triangle too, "may pull the medial portion of the eyebrows down"; the upper lip follows.
const AU9: &[Feature] = &[
    at(129, [0.25, 0.28], [0.05, -1.0]),
    at(198, [0.20, 0.30], [0.0, -0.6]),
    between(39, 40, 0.5, [0.30, 0.20], [0.0, -0.40]),
    at(55, [0.30, 0.20], [-0.25, 0.50]),
];
/// Upper lip raiser (levator labii superioris): "raises the upper lip", "pushes the infraorbital triangle up"; the centre of the
/// lip is drawn up less than its outer parts.
const AU10: &[Feature] = &[
    between(165, 40, 0.5, [0.30, 0.22], [0.05, -1.0]),
    at(37, [0.26, 0.19], [0.0, -0.55]),
    between(203, 206, 0.4, [0.26, 0.30], [0.10, -0.6]),
];
/// Lip corner puller (zygomaticus major): "pulls the corners of the lips back and upward (obliquely)", and raises the cheek.
const AU12: &[Feature] = &[
    at(61, [0.34, 0.30], [0.68, -0.74]),
    at(205, [0.40, 0.38], [0.22, -0.55]),
    at(91, [0.30, 0.20], [0.30, -0.18]),
];
/// Dimpler (buccinator): "tightens the corners of the mouth, pulling the corners somewhat inwards"; "pulls the skin below the lip
/// corners up towards them".
const AU14: &[Feature] = &[
    between(61, 57, 0.7, [0.26, 0.24], [-1.0, -0.10]),
    beside(43, [0.02, 0.12], [0.26, 0.24], [-0.10, -0.55]),
];
/// Lip corner depressor (depressor anguli oris): "pulls the corners of the lips down", and the skin below them.
const AU15: &[Feature] =
    &[at(61, [0.32, 0.26], [0.10, 1.0]), beside(43, [0.02, 0.15], [0.28, 0.28], [0.05, 0.55])];
/// Chin raiser (mentalis): "pushes the chin boss upward", "pushes the lower lip upward".
const AU17: &[Feature] = &[
    at(208, [0.36, 0.34], [0.0, -1.0]),
    between(84, 83, 0.4, [0.40, 0.24], [0.0, -0.75]),
    at(199, [0.30, 0.34], [0.0, -0.5]),
];
/// Lip stretcher (risorius): "pulls the lips back laterally", and the skin beyond the corners.
const AU20: &[Feature] = &[
    at(61, [0.36, 0.26], [1.0, 0.12]),
    beside(57, [0.25, 0.05], [0.36, 0.36], [0.50, 0.10]),
    at(91, [0.30, 0.20], [0.35, 0.10]),
];
/// Lip tightener (orbicularis oris): "tightens the lips, making the red parts more narrow"; lips towards each other, corners
/// slightly inwards.
const AU23: &[Feature] = &[
    between(84, 181, 0.4, [0.36, 0.14], [-0.10, -1.0]),
    between(37, 39, 0.4, [0.36, 0.13], [-0.10, 0.75]),
    at(61, [0.22, 0.20], [-0.40, 0.0]),
];

/// Lip pucker (incisivii labii): "draws the lip corners medially"; the lips towards the middle.
const AU18: &[Feature] = &[
    at(61, [0.32, 0.28], [-1.0, 0.0]),
    between(37, 39, 0.5, [0.28, 0.18], [-0.30, -0.15]),
    between(84, 181, 0.5, [0.28, 0.20], [-0.30, 0.15]),
];
/// Jaw drop: lower lip and chin go down, the upper lip stays.
const AU26: &[Feature] = &[
    between(84, 17, 0.5, [0.44, 0.26], [0.0, 0.85]),
    at(208, [0.50, 0.42], [0.0, 1.0]),
    at(43, [0.30, 0.30], [-0.10, 0.40]),
];

/// The features of each unit, in the order of [`ACTION_UNITS`] and then [`SPEECH_UNITS`], on the subject's right.
pub(super) const FEATURES: [&[Feature]; UNIT_COUNT] =
    [AU1, AU2, AU4, AU5, AU6, AU7, AU9, AU10, AU12, AU14, AU15, AU17, AU20, AU23, AU18, AU26];

/// Position of a unit in [`FEATURES`].
pub(super) fn unit_index(au: u8) -> Option<usize> {
    ACTION_UNITS.iter().chain(&SPEECH_UNITS).position(|&known| known == au)
}

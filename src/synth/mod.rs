//! Clips with known micro-expressions and smiles: a base (portrait, photo, video) whose face is warped by action units, and the truth about it.
//!
//! ```text
//! base (picture or video; its face in every frame) -> trail (smoothed landmarks)
//! seed -> plan (what happens when) -> render: skin (facs) + lids + head -> lattice -> resampled where it moves
//!      -> hands, light, noise -> encode (lossless H.264, exact times) ; truth ; strips
//! ```
//!
//! Everything is drawn from the seed and the base's name before the first frame is made; each concern has a random stream of its
//! own, so that a clip with a distractor has the same micro-expressions as the clip without. The same seed, base and parameters
//! give the same frames and the same truth.
//!
//! [`write_chimeras`] makes still pictures: composites of two faces.
//!
//! Masked smiles (truth kinds `smile` and `masked`) are a list of their own in [`Plan`]: a [`Smile`] with brows that contradict it.

mod base;
mod calendar;
mod chimera;
mod clip;
mod distractor;
mod encode;
mod envelope;
mod error;
mod expression;
mod head;
mod lattice;
mod laughter;
mod lids;
mod light;
mod matroska;
mod motions;
mod occluder;
mod plan;
mod random;
mod render;
mod resample;
mod smile;
mod strip;
mod trail;
mod truth;

pub use base::{Base, BaseFrames, BaseKind, BaseSpec, Part};
pub use chimera::{
    CHIMERA_COLUMNS, CHIMERA_TABLE, CLASSES, CLEAR_SHARE, Candidate, ChimeraParams, ChimeraReport,
    ChimeraRow, ChimeraStep, Half, Kind, MOST_USES, NONE, PARTS, candidates_of_part, candidates_of_table,
    write_chimeras,
};
pub use clip::{Clip, ClipParams, FPS_RANGE, ICD_RANGE_PX, Written};
pub use distractor::{Distractor, Distractors, Setting, Strength};
pub use envelope::{Envelope, MICRO_RISE_S, MICRO_TOTAL_S};
pub use error::SynthError;
pub use expression::{Expression, Layers};
pub use head::HeadState;
pub use laughter::Laughter;
pub use motions::{HeadMove, HeadScript, LightStep, Speech};
pub use occluder::Pass;
pub use plan::{EventParams, Plan, SPACING_S, plan};
pub use smile::{Smile, SmileKind, SmileParams};
pub use trail::TrailPoint;
pub use truth::{CLIP_COLUMNS, ClipRow, TRUTH_COLUMNS, Tables, TruthRow, truth_rows};

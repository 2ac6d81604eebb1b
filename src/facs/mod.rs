//! Facial action units as displacement fields of the skin: which part of a face moves where.
//!
//! FACS (Ekman, Friesen, Hager: Facial Action Coding System, 2002) describes expressions as *action units* (AU), each the work of
//! one muscle or a few. Here each unit is a smooth displacement field in *face coordinates*: ICD units, origin midway between
//! the inner eye corners (landmarks 133 and 362), x to image right of the upright face, y down. A field is a sum of a few
//! Gaussian-like bumps anchored at the landmarks of the face at hand ([`AuField`]); it has a peak length of 1 over the face,
//! fades to exactly 0 at the face's outline, and leaves the eyeballs alone.
//!
//! [`PROTOTYPES`] says which units make which emotion; [`region_motion`] what each region signal sees of a unit on a
//! standard face.
//!
//! These fields are first-order: skin slides, it does not bulge, wrinkle or part. What an action unit does to lips that open or
//! to lids that close is out of their reach.

mod field;
mod mask;
mod mesh;
mod prototypes;
mod regions;
#[cfg(test)]
mod tests;
mod units;

pub use field::{AuField, Pattern};
pub use mesh::standard_landmarks;
pub use prototypes::{PROTOTYPES, Prototype, strength_among};
pub use regions::region_motion;
pub use units::{ACTION_UNITS, SPEECH_UNITS};

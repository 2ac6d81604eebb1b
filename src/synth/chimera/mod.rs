//! Composite faces with truth: the lower face of one picture under the upper face of another, without a visible seam.
//!
//! ```text
//! FER+ part or table of photos -> candidates -> source (measured, usable) -> pools: which two go together
//!   -> compose: shape (outlines and nose laid upon each other: spline) -> mask (seam) -> tone (light matched) -> blend
//!   -> check by our own face stage -> PNG, chimeras.csv
//! ```
//!
//! The composite-face paradigm is that of Young, Hellawell, Hay 1987 (Perception 16, 747), with expressions of Calder, Young, Keane,
//! Dean 2000 (J. Exp. Psychol. Hum. Percept. Perform. 26, 527); smiling mouths under other eyes are the "blended" smiles of
//! Calvo, Fernández-Martín, Nummenmaa 2013 (Q. J. Exp. Psychol. 66, 1159, doi:10.1080/17470218.2012.732586).

mod candidates;
mod check;
mod compose;
mod kind;
mod maker;
mod mask;
mod pools;
mod shape;
mod source;
mod spline;
mod table;
#[cfg(test)]
mod tests;
mod tone;

pub use candidates::{CLEAR_SHARE, Candidate, candidates_of_part, candidates_of_table};
pub use kind::{CLASSES, Kind, NONE, PARTS};
pub use maker::{ChimeraParams, ChimeraReport, ChimeraStep, write_chimeras};
pub use pools::{Half, MOST_USES};
pub use table::{CHIMERA_COLUMNS, CHIMERA_TABLE, ChimeraRow};

//! Masked smiles: the mouth smiles, and eyes and brows show something else (DESIGN section 6).
//!
//! Parts of the evidence (`parts`), their history (`trace`, `smile`), and the events that follow (`detector`, `hold`, `bursts`).

mod bursts;
mod detector;
mod hold;
mod params;
mod parts;
mod smile;
#[cfg(test)]
mod tests;
mod trace;

pub use detector::{MaskedDetector, MaskedInput};
pub use params::MaskedParams;
pub use parts::{StillEvidence, StillLogOdds};

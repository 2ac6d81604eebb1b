//! How good the program is: predictions against known truth. Metrics are pure; reading files and writing reports are apart.
//!
//! [`spotting`] holds `onset evaluate spotting`: events that were spotted against events that are known to be there;
//! [`expression`] `onset evaluate expression`: labels against what most people said; [`masked`] `onset evaluate masked`: smiles that
//! the eyes contradict, in pictures and in clips; [`recognition`] recognisers by any protocol, compared, and a whole study; [`megc`]
//! intervals as the field's challenges score them; [`agreement`] `onset dataset agreement`: coders against each other.

pub mod agreement;
mod classes;
mod csv_file;
mod error;
pub mod expression;
pub(crate) mod html;
pub mod masked;
pub mod megc;
pub mod recognition;
pub mod spotting;
mod stats;
pub(crate) mod text_table;

pub use classes::{ClassFigures, ClassScores, Confusion};
pub use error::EvalError;
pub use stats::{Quantiles, quantile};

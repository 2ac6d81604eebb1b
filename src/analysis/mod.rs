//! One recording, from its path to its tables: what the program and the Python package do alike.
//!
//! [`AnalysisOptions`] are the command line's; [`InForce`] is the calibration profile that they name; a [`Recording`] is
//! opened and run into files ([`Tables`](crate::tables::Tables)) or memory ([`MemoryTables`](crate::tables::MemoryTables)).

mod error;
mod in_force;
mod options;
mod path;
mod recording;

pub use error::AnalysisError;
pub use in_force::{InForce, PROFILE_FOLDER, ProfileChoice, facts_of};
pub use options::{AnalysisOptions, landmark_hz_from, positive_from, spotter_from, veto_from};
pub use path::{open_path, require, with_sessions_found};
pub use recording::{Recording, Setup, model_facts};

//! `--profile`: which calibration profile is in force.

use anyhow::Result;

use super::usage;
use crate::analysis::{InForce, ProfileChoice};

/// Options that choose a profile.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ProfileArgs {
    /// Calibration profile: a file, or the name of one in ./calibration (see `onset calibrate`).
    #[arg(long, value_name = "FILE|NAME")]
    profile: Option<String>,
    /// Use the profile although it was made with another camera, frame size or frame rate.
    #[arg(long, requires = "profile")]
    profile_anyway: bool,
}

impl ProfileArgs {
    /// Reads the profile that was asked for, or the one that the program carries.
    pub(super) fn load(&self) -> Result<InForce> {
        let choice = ProfileChoice { profile: self.profile.clone(), anyway: self.profile_anyway };
        choice.load().map_err(usage)
    }
}

//! `--region`: which part of the face a classifier sees.

use crate::expression::FaceRegion;

/// A region on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum RegionArg {
    /// The whole face.
    Face,
    /// From the forehead to the nose base; the mouth is never seen.
    Eyes,
}

impl From<RegionArg> for FaceRegion {
    fn from(region: RegionArg) -> Self {
        match region {
            RegionArg::Face => Self::Face,
            RegionArg::Eyes => Self::Eyes,
        }
    }
}

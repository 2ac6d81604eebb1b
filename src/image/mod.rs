//! Pure pixel operations: no time, no faces, no state beyond caller-owned buffers.

pub mod convert;
pub mod measure;
pub mod vector;
pub mod warp;

//! Motion of the face's regions, in every frame, sub-pixel, head motion removed.
//!
//! Landmarks say *where* to look, at their own slower cadence and late; the pictures say *what* moved. [`MotionTracker`]
//! resamples each frame into a crop that follows the head, finds some 140 small patches of a reference in it, takes away
//! the similarity that the patches on bone agree on, and averages the rest by region:
//!
//! ```text
//! frame -> tracking crop (plane) -> whole upper face (coarse) -> patches (patch, patches)
//!       -> head by robust similarity (rigid) -> region signals (regions) -> Signal
//! ```
//!
//! [`layout`](self) names the patches by landmarks; [`MotionParams`] holds every threshold. The arithmetic is f32 in a fixed order
//! on one thread: the same frames give the same bits.

mod coarse;
mod followed;
mod head;
mod history;
mod layout;
mod leftover;
mod linear;
mod params;
mod patch;
mod patches;
mod place;
mod plane;
mod regions;
mod rigid;
mod surface;
mod tracked;
mod tracker;
mod turn;
mod vector;

pub use layout::{layout_points, layout_regions};
pub use leftover::without_head;
pub use params::MotionParams;
pub use tracker::MotionTracker;

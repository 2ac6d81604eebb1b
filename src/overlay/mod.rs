//! The picture that people see: a pure `draw` into a buffer, and the window that shows it.

mod scene;

pub use scene::{Layers, LiveStats, Scene, SceneText};

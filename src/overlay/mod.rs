//! The picture that people see: a pure `draw` into a buffer, and the window that shows it.
//!
//! [`Painter::draw`] turns a [`Scene`] into the pixels of a [`Canvas`]; the same scene gives the same pixels. [`Window`]
//! shows a canvas and reports [`Action`]s. Neither knows the pipeline: `cli` builds scenes and acts on actions.

mod bars;
mod blind;
mod brush;
mod canvas;
mod convex;
mod events;
mod face;
mod flags;
mod header;
mod help;
mod keys;
mod lane;
mod layout;
mod lines;
mod mismatch;
mod notices;
mod operator;
mod painter;
mod picture;
mod scene;
mod session_keys;
mod stimulus;
mod text;
mod theme;
pub mod topology;
mod trace_sets;
mod traces;
mod window;
mod words;
mod wrap;
#[cfg(all(unix, not(target_os = "macos")))]
mod x11;

pub use canvas::{Area, Canvas};
pub use keys::{Action, KEYS, KeyBinding, LayerKey};
pub use operator::OperatorView;
pub use painter::Painter;
pub use scene::{FADE_S, Layers, LiveStats, Scene, SceneText, ShownEvent};
pub use session_keys::SessionKey;
pub use stimulus::{Shown, StimulusPainter, StimulusScene};
pub use text::DrawnText;
pub use trace_sets::{TRACE_SETS, TraceSet};
pub use window::Window;
pub use words::{event_detail, event_figures, event_title};

/// What can go wrong with the picture or its window.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// An embedded font cannot be read: the build is broken.
    #[error("the embedded font cannot be read ({why}): build again from a clean checkout")]
    Font {
        /// The font library's words.
        why: String,
    },
    /// There is nothing to open a window on.
    #[error("no display ({why}): set DISPLAY, or use --headless")]
    NoDisplay {
        /// What is missing.
        why: String,
    },
    /// The display refused the window or its picture.
    #[error("the window failed ({why}): use --headless to go on without it")]
    Window {
        /// The window system's words.
        why: String,
    },
}

//! Where frames come from: camera, video file, image folder, synthetic face. All behind [`Source`].

mod source;

pub use source::{CaptureError, Captured, Source, SourceInfo};

//! Expressions from the picture: how a face looks, as probabilities.

mod classifier;
mod crop;
mod record;
mod still;

pub use classifier::{ExpressionClassifier, ExpressionError};
pub use crop::{FaceCropper, FaceRegion, Framing, normalise, nose_base_y};
pub use record::ExpressionRecord;
pub use still::{FacePlace, StillFaces};

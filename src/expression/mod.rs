//! Expressions from the picture: how a face looks, as probabilities.

mod classifier;
mod crop;
mod masked;
mod record;
mod rest;
mod smooth;
mod still;

pub use classifier::{ExpressionClassifier, ExpressionError, softmax};
pub use crop::{FaceCropper, FaceRegion, Framing, normalise, nose_base_y};
pub use masked::{MaskedDetector, MaskedInput, MaskedParams, StillEvidence, StillLogOdds};
pub use record::ExpressionRecord;
pub use rest::{RestError, RestExpression, RestProbabilities, arithmetic_mean, geometric_mean};
pub use smooth::{ExpressionParams, ExpressionSmoother};
pub use still::{FacePlace, StillFace, StillFaces};

//! Training of the expression classifiers: crowd-labelled pictures in, a model file out.
//!
//! ```text
//! corpus (dataset) -> faces (our own face stage, cached) -> augment -> net (convolutions as matrix products, both ways)
//!        -> fit (SGD, running average of the weights, checkpoints) -> calibrate (temperature) -> export (ONNX, card, record)
//! ```
//!
//! The network is small and always of one form, so its two passes are written out here instead of being recorded by the training
//! library, whose convolutions are slower (see `net.rs`); the library writes the ONNX file.

mod augment;
mod calibrate;

mod conv;
mod examples;
mod export;
mod faces;
mod fit;
mod folded;
mod net;
mod norm;
mod optimise;
mod round;
mod run;
mod shape;

pub use super::checkpoint::Checkpoint;
pub use augment::AugmentParams;
pub use export::Exported;
pub use faces::{Face, FaceSet, FacesStep, VIEW_MARGIN, VIEW_SCALE, view_size};
pub use fit::{EpochReport, FitParams, FitStep, Fitted, fit};
pub use net::{Net, Pass, cross_entropy};
pub use optimise::OptimiserParams;
pub use round::RefineParams;
pub use shape::{NetShape, Unit};

#[cfg(test)]
mod test_fit;
#[cfg(test)]
mod test_net;

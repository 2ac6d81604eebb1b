//! Recognisers: which expression a picture, the motion from onset to apex, or the course of an event shows.
//!
//! ```text
//! Dataset -> input (pixels, flow maps, traces; features of a backbone, cached) -> plan (who learns, is watched, is tested)
//!         -> fit (Adam, early stopping on watched people) -> run (predictions) | export (ONNX, record, card)
//! ```
//!
//! What only uses a recogniser ([`Recogniser`], [`InputSpec`], [`occlusion_map`]) is built always, what trains one with the feature `train`.

#[cfg(feature = "train")]
mod augment;
#[cfg(feature = "train")]
mod cache;
mod course;
#[cfg(feature = "train")]
mod export;
#[cfg(feature = "train")]
mod fit;
mod flow_map;
mod input;
#[cfg(feature = "train")]
mod network;
mod occlusion;
#[cfg(feature = "train")]
mod plan;
#[cfg(feature = "train")]
mod prepared;
mod record;
#[cfg(feature = "train")]
mod run;

#[cfg(all(test, feature = "train"))]
mod test_recogniser;

#[cfg(feature = "train")]
pub use augment::{AugmentParams, mirrored_classes};
#[cfg(feature = "train")]
pub use export::{ExportedRecogniser, Figures};
#[cfg(feature = "train")]
pub use fit::{EpochReport, FitParams, FitStep, Fitted, fit};
pub use flow_map::{FlowMap, flow_between};
pub use input::{Course, CourseReader, InputSpec};
#[cfg(feature = "train")]
pub use network::NetworkKind;
pub use occlusion::{OcclusionMap, OcclusionParams, occlusion_map};
#[cfg(feature = "train")]
pub use plan::{Fold, PlanParams, Protocol, plan};
#[cfg(feature = "train")]
pub use prepared::{PrepareStep, Prepared, Prepares};
pub use record::{Recogniser, RecogniserError, RecogniserRecord};
#[cfg(feature = "train")]
pub use run::{FoldOutcome, Run, RunParams, RunStep, all_of};

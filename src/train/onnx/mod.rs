//! ONNX files as the protocol buffers that they are: written for our own networks, and cut and joined for backbones.

mod backbone;
mod write;

pub use backbone::{Backbone, BackboneError, BackboneInput};
pub(super) use write::{Writer, int, ints};

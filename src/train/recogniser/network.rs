//! The networks: what each takes, and its layers.

use std::path::PathBuf;

use super::input::InputSpec;
use crate::train::graph::{Layer, Shape, Size};
use crate::train::onnx::Backbone;

/// Which network.
#[derive(Clone, Debug)]
pub enum NetworkKind {
    /// The seed paper's custom CNN, layer for layer: three times a 3 x 3 convolution (16, 32, 64), ReLU and a pooling by two; dense 128,
    /// ReLU; dense to the classes; softmax. Gray, 48 x 48.
    Cnn,
    /// The shipped classifier's form: convolutions with batch normalisation, three levels (32, 64, 128 channels), a residual pair in each,
    /// the mean of all places, dense. Gray, 48 x 48.
    Compact,
    /// After STSTNet (Liong et al. 2019, arXiv:1902.03634): three shallow streams, one each for horizontal flow, vertical flow and strain,
    /// pooled by three, joined, averaged by two, dense. 28 or 42 px.
    Flow {
        /// Height and width of the maps, in pixels.
        side: usize,
    },
    /// A small temporal CNN over the motion of the face's regions from onset to offset.
    Sequence,
    /// A backbone that stays as it is, and a head of one hidden layer on its features.
    Transfer(Box<Backbone>),
}

/// Side of gray faces, in pixels: that of FER2013.
const GRAY_SIDE: usize = 48;
/// Moments of an event's course.
const TICKS: usize = 32;
/// Hidden values of a head.
const HEAD: usize = 128;
/// Share of the features, and of the hidden values of flow and sequence networks, that drop out while learning.
const DROPPED: f32 = 0.3;

impl NetworkKind {
    /// By name: `cnn`, `compact`, `flow`, `flow42`, `sequence`; anything else is the path of a backbone.
    pub fn by_name(name: &str) -> Result<Self, PathBuf> {
        Ok(match name {
            "cnn" => Self::Cnn,
            "compact" => Self::Compact,
            "flow" => Self::Flow { side: 28 },
            "flow42" => Self::Flow { side: 42 },
            "sequence" => Self::Sequence,
            _ => return Err(PathBuf::from(name)),
        })
    }

    /// Its name, for records and tables.
    pub fn name(&self) -> String {
        match self {
            Self::Cnn => "cnn".to_owned(),
            Self::Compact => "compact".to_owned(),
            Self::Flow { side: 28 } => "flow".to_owned(),
            Self::Flow { side } => format!("flow{side}"),
            Self::Sequence => "sequence".to_owned(),
            Self::Transfer(backbone) => backbone.name(),
        }
    }

    /// What it takes. `middle`: the share of each picture that is used, from its middle.
    pub fn input(&self, middle: f32) -> InputSpec {
        match self {
            Self::Cnn | Self::Compact => InputSpec::Gray { side: GRAY_SIDE, middle },
            Self::Flow { side } => InputSpec::Flow { side: *side },
            Self::Sequence => InputSpec::Sequence { ticks: TICKS },
            Self::Transfer(backbone) => {
                let input = backbone.input;
                InputSpec::Rgb { side: input.side, middle, mean: input.mean, std: input.std }
            }
        }
    }

    /// Whether it learns from events (onset and apex) rather than from single pictures.
    pub fn takes_events(&self) -> bool {
        matches!(self, Self::Flow { .. } | Self::Sequence)
    }

    /// The layers that are trained: of a backbone's network the head.
    ///
    /// # Errors
    /// A text, where a map is too small for the layers.
    pub fn shape(&self, classes: usize) -> Result<Shape, String> {
        let conv = |outputs: usize| Layer::Conv { outputs, groups: 1, has_bias: true };
        let last = Layer::Dense { outputs: classes };
        let [height, width, channels] = self.input(1.0).size();
        let size = Size { height, width, channels };
        match self {
            Self::Cnn => {
                // The largest of some values and a ReLU after it are the same as a ReLU and the largest, at a quarter of the cost.
                let mut layers = Vec::new();
                for outputs in [16, 32, 64] {
                    layers.extend([conv(outputs), Layer::MaxPool, Layer::Relu]);
                }
                layers.extend([Layer::Dense { outputs: 128 }, Layer::Relu, last]);
                Shape::new(size, layers)
            }
            Self::Compact => Shape::new(size, compact(last)),
            Self::Flow { .. } => {
                let streams = Layer::Conv { outputs: 24, groups: 3, has_bias: true };
                let layers = vec![
                    streams,
                    Layer::Relu,
                    Layer::MaxPool3,
                    Layer::Dropout(DROPPED),
                    Layer::AveragePool,
                    last,
                ];
                Shape::new(size, layers)
            }
            Self::Sequence => {
                let layers = vec![
                    conv(32),
                    Layer::Relu,
                    conv(32),
                    Layer::Relu,
                    conv(32),
                    Layer::Relu,
                    Layer::Dropout(DROPPED),
                    Layer::Dense { outputs: 32 },
                    Layer::Relu,
                    last,
                ];
                Shape::new(size, layers)
            }
            Self::Transfer(backbone) => {
                let size = Size { height: 1, width: 1, channels: backbone.features };
                let hidden = Layer::Dense { outputs: HEAD };
                let layers =
                    vec![Layer::Dropout(DROPPED), hidden, Layer::Relu, Layer::Dropout(DROPPED), last];
                Shape::new(size, layers)
            }
        }
    }
}

/// The layers of [`crate::train::expression::NetShape`] with 32, 64 and 128 channels.
fn compact(last: Layer) -> Vec<Layer> {
    let mut layers = Vec::new();
    // Outputs of the convolution, whether a residual pair ends here, whether a level does.
    let units = [
        (32, false, true),
        (32, false, false),
        (32, true, true),
        (64, false, false),
        (64, false, false),
        (64, true, true),
        (128, false, false),
        (128, false, false),
        (128, true, false),
    ];
    // A pair adds what went into the unit before its last one.
    let mut went_in = 0;
    for (outputs, ends_pair, ends_level) in units {
        let went_in_before = std::mem::replace(&mut went_in, layers.len().saturating_sub(1));
        layers.extend([Layer::Conv { outputs, groups: 1, has_bias: false }, Layer::Norm]);
        if ends_pair {
            layers.push(Layer::Add(went_in_before));
        }
        layers.push(Layer::Relu);
        if ends_level {
            layers.push(Layer::MaxPool);
        }
    }
    layers.extend([Layer::GlobalMean, last]);
    layers
}

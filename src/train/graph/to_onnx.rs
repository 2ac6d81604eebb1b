//! A network as ONNX nodes: pictures become `(1, channels, height, width)`, normalisations are folded into their convolutions.

use super::kernel::Size;
use super::layer::Layer;
use super::{Graph, norm};
use crate::train::onnx::Writer;
use crate::train::onnx::{int, ints};

impl Graph {
    /// The network as a file of its own; input `input`, shape `(1, channels, height, width)` or `(1, channels)` for a single place; output
    /// `logits`, shape `(1, outputs)`.
    pub fn to_onnx(&self) -> Vec<u8> {
        let mut writer = Writer::new("");
        let output = self.append_to(&mut writer, "input");
        let size = self.shape.input;
        let dims: &[usize] = &[1, size.channels, size.height, size.width];
        let dims = if size.height * size.width == 1 { &dims[..2] } else { dims };
        writer.file(("input", dims), (&output, &[1, self.shape.outputs]))
    }

    /// Adds its nodes behind a tensor; the name of its output.
    pub(in crate::train) fn append_to(&self, writer: &mut Writer, input: &str) -> String {
        let mut names: Vec<String> = Vec::with_capacity(self.shape.layers.len());
        let mut at = input.to_owned();
        for (number, layer) in self.shape.layers.iter().enumerate() {
            let size = self.shape.input_of(number);
            at = match *layer {
                Layer::Conv { outputs, groups, .. } => {
                    self.conv(writer, &at, number, (size, outputs, groups))
                }
                // Folded into its convolution; while using a network nothing drops out.
                Layer::Norm | Layer::Dropout(_) => at,
                Layer::Relu => writer.node("Relu", &[&at], Vec::new()),
                Layer::MaxPool => writer.node("MaxPool", &[&at], pooling(2, 0)),
                Layer::MaxPool3 => writer.node("MaxPool", &[&at], pooling(3, 1)),
                Layer::AveragePool => writer.node("AveragePool", &[&at], pooling(2, 0)),
                Layer::GlobalMean => {
                    let mean = writer.node("GlobalAveragePool", &[&at], Vec::new());
                    writer.node("Flatten", &[&mean], vec![int("axis", 1)])
                }
                Layer::Add(from) => writer.node("Add", &[&at, &names[from]], Vec::new()),
                Layer::Dense { outputs } => self.dense(writer, &at, number, (size, outputs)),
            };
            names.push(at.clone());
        }
        at
    }

    fn conv(
        &self,
        writer: &mut Writer,
        input: &str,
        number: usize,
        (size, outputs, groups): (Size, usize, usize),
    ) -> String {
        let place = self.shape.places[number];
        let weights = &self.weights[place.weights.0..][..place.weights.1];
        let (scales, offsets) = self.folded(number, outputs);
        let (inputs_each, outputs_each) = (size.channels / groups, outputs / groups);
        let mut kernel = Vec::with_capacity(9 * inputs_each * outputs);
        for output in 0..outputs {
            let first = output / outputs_each * inputs_each;
            for input in first..first + inputs_each {
                for tap in 0..9 {
                    kernel.push(weights[(tap * size.channels + input) * outputs + output] * scales[output]);
                }
            }
        }
        let kernel = writer.floats(&[outputs, inputs_each, 3, 3], &kernel);
        let offsets = writer.floats(&[outputs], &offsets);
        let attributes = vec![
            ints("kernel_shape", &[3, 3]),
            ints("pads", &[1; 4]),
            ints("strides", &[1, 1]),
            int("group", groups),
        ];
        writer.node("Conv", &[input, &kernel, &offsets], attributes)
    }

    /// Scale and offset of each output of a convolution, a normalisation behind it included.
    fn folded(&self, number: usize, outputs: usize) -> (Vec<f32>, Vec<f32>) {
        let own = self.shape.places[number].offsets;
        let mut offsets = self.weights[own.0..][..own.1].to_vec();
        offsets.resize(outputs, 0.0);
        let mut scales = vec![1.0; outputs];
        if self.shape.layers.get(number + 1) == Some(&Layer::Norm) {
            let place = self.shape.places[number + 1];
            let (gains, shifts) = self.weights[place.offsets.0..][..2 * outputs].split_at(outputs);
            let (means, variances) = self.stats[place.stats.0..][..2 * outputs].split_at(outputs);
            for channel in 0..outputs {
                scales[channel] = gains[channel] / (variances[channel] + norm::EPSILON).sqrt();
                offsets[channel] = shifts[channel] + (offsets[channel] - means[channel]) * scales[channel];
            }
        }
        (scales, offsets)
    }

    fn dense(
        &self,
        writer: &mut Writer,
        input: &str,
        number: usize,
        (size, outputs): (Size, usize),
    ) -> String {
        let place = self.shape.places[number];
        let padded = self.shape.sizes[number].channels;
        let weights = &self.weights[place.weights.0..][..place.weights.1];
        // Ours are in the order row, column, channel; the file's channel, row, column.
        let places = size.height * size.width;
        let mut turned = Vec::with_capacity(size.len() * outputs);
        for channel in 0..size.channels {
            for at in 0..places {
                turned.extend_from_slice(&weights[(at * size.channels + channel) * padded..][..outputs]);
            }
        }
        let flat = if places > 1 {
            writer.node("Flatten", &[input], vec![int("axis", 1)])
        } else {
            input.to_owned()
        };
        let weights = writer.floats(&[size.len(), outputs], &turned);
        let offsets = writer.floats(&[outputs], &self.weights[place.offsets.0..][..outputs]);
        writer.node("Gemm", &[&flat, &weights, &offsets], Vec::new())
    }
}

fn pooling(side: usize, before: usize) -> Vec<tract_onnx::pb::AttributeProto> {
    vec![ints("kernel_shape", &[side; 2]), ints("strides", &[side; 2]), ints("pads", &[before; 4])]
}

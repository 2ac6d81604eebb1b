//! What a network is made of, and how large everything in it is.

use super::kernel::{LANES, Size};

/// One layer. Each takes what the layer before gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layer {
    /// A 3 x 3 convolution, step 1, same size. `outputs`: a multiple of 8. With `groups` each group of inputs reaches its own group of
    /// outputs only.
    Conv {
        /// Channels that go out.
        outputs: usize,
        /// 1, or a divisor of inputs and outputs.
        groups: usize,
        /// Adds a number to each channel; of no use before a [`Layer::Norm`].
        has_bias: bool,
    },
    /// Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167).
    Norm,
    /// `max(x, 0)`.
    Relu,
    /// The largest of each 2 x 2 block; an odd row or column at the end is left out.
    MaxPool,
    /// The largest of each 3 x 3 block, step 3, one place beyond the edges included (STSTNet's pooling).
    MaxPool3,
    /// The mean of each 2 x 2 block.
    AveragePool,
    /// The mean of each channel.
    GlobalMean,
    /// Adds the output of the layer with this number.
    Add(usize),
    /// While training, this share of the values is zero and the others are scaled up (Srivastava et al. 2014).
    Dropout(f32),
    /// All values to all outputs, with an offset each.
    Dense {
        /// Values that go out.
        outputs: usize,
    },
}

/// Place of a layer's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// First weight, and how many.
    pub(super) weights: (usize, usize),
    /// First offset or gain, and how many: biases of [`Layer::Conv`] and [`Layer::Dense`], gains and then offsets of [`Layer::Norm`].
    pub(super) offsets: (usize, usize),
    /// First running mean; as many variances follow the means.
    pub(super) stats: (usize, usize),
}

/// The form of a network: what comes in, and its layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// What comes in.
    pub input: Size,
    /// The layers.
    pub layers: Vec<Layer>,
    /// What each layer gives; one row and one column after [`Layer::Dense`] and [`Layer::GlobalMean`].
    pub(super) sizes: Vec<Size>,
    pub(super) places: Vec<Place>,
    pub(super) weight_count: usize,
    pub(super) stat_count: usize,
    /// Outputs that count: the last layer's may be more, for whole vectors.
    pub outputs: usize,
}

/// The next multiple of a vector's length.
fn whole(count: usize) -> usize {
    count.next_multiple_of(LANES)
}

impl Shape {
    /// Works out sizes and places. The last layer must be [`Layer::Dense`]; its outputs are padded to whole vectors.
    ///
    /// # Errors
    /// A text that says which layer cannot follow the one before.
    pub fn new(input: Size, layers: Vec<Layer>) -> Result<Self, String> {
        let (mut sizes, mut places) = (Vec::<Size>::new(), Vec::new());
        let (mut size, mut weights, mut stats) = (input, 0, 0);
        let mut outputs = 0;
        for (number, layer) in layers.iter().enumerate() {
            let wrong = |why: &str| format!("layer {number} ({layer:?}): {why}");
            let mut place = Place::default();
            let mut take = |count: usize| {
                weights += count;
                (weights - count, count)
            };
            match *layer {
                Layer::Conv { outputs, groups, has_bias } => {
                    if outputs % LANES != 0 || groups == 0 || size.channels % groups + outputs % groups != 0 {
                        return Err(wrong(
                            "outputs must be a multiple of 8, and inputs and outputs of the groups",
                        ));
                    }
                    place.weights = take(9 * size.channels * outputs);
                    place.offsets = take(if has_bias { outputs } else { 0 });
                    size.channels = outputs;
                }
                Layer::Norm => {
                    if !matches!(number.checked_sub(1).map(|before| layers[before]), Some(Layer::Conv { .. }))
                    {
                        return Err(wrong("a normalisation must follow a convolution"));
                    }
                    place.offsets = take(2 * size.channels);
                    place.stats = (stats, size.channels);
                    stats += 2 * size.channels;
                }
                Layer::Relu => {}
                Layer::Dropout(share) if (0.0..1.0).contains(&share) => {}
                Layer::Dropout(_) => return Err(wrong("the share must be from 0 to below 1")),
                Layer::MaxPool | Layer::AveragePool => {
                    (size.height, size.width) = (size.height / 2, size.width / 2);
                }
                Layer::MaxPool3 => {
                    (size.height, size.width) = (size.height.div_ceil(3), size.width.div_ceil(3));
                }
                Layer::GlobalMean => (size.height, size.width) = (1, 1),
                Layer::Add(from) => {
                    if sizes.get(from) != Some(&size) {
                        return Err(wrong("the two have different sizes"));
                    }
                }
                Layer::Dense { outputs: count } => {
                    outputs = count;
                    place.weights = take(size.len() * whole(count));
                    place.offsets = take(whole(count));
                    size = Size { height: 1, width: 1, channels: whole(count) };
                }
            }
            if size.is_empty() {
                return Err(wrong("nothing is left of the picture"));
            }
            sizes.push(size);
            places.push(place);
        }
        match layers.last() {
            Some(Layer::Dense { .. }) => {}
            _ => return Err("the last layer must be dense".to_owned()),
        }
        Ok(Self { input, layers, sizes, places, weight_count: weights, stat_count: stats, outputs })
    }

    /// What a layer takes.
    pub(super) fn input_of(&self, layer: usize) -> Size {
        match layer.checked_sub(1) {
            Some(before) => self.sizes[before],
            None => self.input,
        }
    }

    /// Number of weights, the padding of the last layer included.
    pub fn weight_count(&self) -> usize {
        self.weight_count
    }

    /// Number of weights that are learned: without padding, and without the zeros between groups.
    pub fn learned_count(&self) -> usize {
        let of = |(number, layer): (usize, &Layer)| {
            let input = self.input_of(number);
            match *layer {
                Layer::Conv { outputs, groups, .. } => {
                    9 * input.channels * outputs / groups + self.places[number].offsets.1
                }
                Layer::Dense { outputs } => (self.dense_inputs(number) + 1) * outputs,
                _ => self.places[number].offsets.1,
            }
        };
        self.layers.iter().enumerate().map(of).sum()
    }

    /// What reaches a dense layer: the padding of a dense layer before it is no input.
    fn dense_inputs(&self, number: usize) -> usize {
        let before = self.layers[..number].iter().rev().find_map(|layer| match *layer {
            Layer::Dense { outputs } => Some(Some(outputs)),
            Layer::Relu | Layer::Dropout(_) => None,
            _ => Some(None),
        });
        before.flatten().unwrap_or_else(|| self.input_of(number).len())
    }

    /// Multiplications with additions for one example.
    pub fn multiply_adds(&self) -> usize {
        let of = |(number, layer): (usize, &Layer)| {
            let input = self.input_of(number);
            match *layer {
                Layer::Conv { outputs, groups, .. } => 9 * input.len() * outputs / groups,
                Layer::Dense { outputs } => input.len() * outputs,
                _ => 0,
            }
        };
        self.layers.iter().enumerate().map(of).sum()
    }
}

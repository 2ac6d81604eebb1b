//! Training speed on the seed paper's custom CNN: `cargo bench --features train --bench training [-- onset|burn]`.
//!
//! 48 x 48 gray, 8 classes, batches of 64, Adam: steps a second of our own passes, and of the training library's on the same layers. One
//! step is forward, backward and update on pictures that are in memory before the clock starts; the median of 7 blocks of 60 steps, after
//! 20 that do not count. Both use two threads. Prints one JSON object; `benches/study/torch_peer.py --threads 2` is the peer.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};
use onset::capture::SessionClock;
use onset::train::graph::{Adam, AdamParams, Batch, Graph, Stepper};
use onset::train::recogniser::NetworkKind;

const BATCH: usize = 64;
const SIDE: usize = 48;
const CLASSES: usize = 8;
const BATCHES: usize = 16;
const WARM_UP: usize = 20;
const BLOCKS: usize = 7;
const STEPS: usize = 60;

/// Values that are as good as random: from 0 to 1, the same in each run.
fn pixels(batch: usize) -> Vec<f32> {
    let hash = |at: usize| (at as u32 ^ (batch as u32) << 20).wrapping_mul(0x9E37_79B1).rotate_left(11);
    (0..BATCH * SIDE * SIDE).map(|at| (hash(at) >> 8) as f32 / (1u32 << 24) as f32).collect()
}

/// Median steps a second.
fn measure(mut step: impl FnMut(usize)) -> f64 {
    (0..WARM_UP).for_each(&mut step);
    let clock = SessionClock::start();
    let mut rates: Vec<f64> = (0..BLOCKS)
        .map(|block| {
            let before = clock.now().as_secs_f64();
            (0..STEPS).for_each(|number| step(block * STEPS + number));
            STEPS as f64 / (clock.now().as_secs_f64() - before)
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[BLOCKS / 2]
}

fn ours() -> f64 {
    let shape = NetworkKind::Cnn.shape(CLASSES).expect("the custom CNN has a shape");
    let mut stepper = Stepper::new(Graph::new(&shape, 1), Adam::default());
    let batches: Vec<Batch> = (0..BATCHES)
        .map(|number| {
            let one = |at: usize| (0..CLASSES).map(move |class| f32::from(u8::from(class == at % CLASSES)));
            Batch {
                input: pixels(number),
                wanted: (0..BATCH).flat_map(one).collect(),
                weights: vec![1.0; BATCH],
            }
        })
        .collect();
    measure(|number| {
        stepper.step(&batches[number % BATCHES], &AdamParams::default(), 1.0, 1).expect("threads start");
    })
}

#[derive(Module, Debug)]
struct Cnn {
    convs: Vec<Conv2d>,
    pool: MaxPool2d,
    dense: Linear,
    last: Linear,
}

impl Cnn {
    fn new(device: &Device) -> Self {
        let conv = |inputs: usize, outputs: usize| {
            Conv2dConfig::new([inputs, outputs], [3, 3])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device)
        };
        Self {
            convs: vec![conv(1, 16), conv(16, 32), conv(32, 64)],
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            dense: LinearConfig::new(64 * 36, 128).init(device),
            last: LinearConfig::new(128, CLASSES).init(device),
        }
    }

    fn forward(&self, mut pictures: Tensor<4>) -> Tensor<2> {
        for conv in &self.convs {
            pictures = self.pool.forward(relu(conv.forward(pictures)));
        }
        let flat = pictures.reshape([BATCH, 64 * 36]);
        self.last.forward(relu(self.dense.forward(flat)))
    }
}

fn library() -> f64 {
    let device = Device::flex().autodiff();
    let model = Cnn::new(&device);
    let mut optimizer = AdamConfig::new().init();
    let loss_of = CrossEntropyLossConfig::new().init(&device);
    let classes: Vec<i64> = (0..BATCH).map(|at| (at % CLASSES) as i64).collect();
    let batches: Vec<Tensor<4>> = (0..BATCHES)
        .map(|number| Tensor::from_data(TensorData::new(pixels(number), [BATCH, 1, SIDE, SIDE]), &device))
        .collect();
    let wanted = Tensor::<1, Int>::from_data(TensorData::new(classes, [BATCH]), &device);
    let mut trained = Some(model);
    measure(|number| {
        let Some(before) = trained.take() else { return };
        let loss = loss_of.forward(before.forward(batches[number % BATCHES].clone()), wanted.clone());
        let _: f32 = loss.clone().into_scalar();
        let grads = GradientsParams::from_grads(loss.backward(), &before);
        trained = Some(optimizer.step(1e-3, before, grads));
    })
}

fn main() {
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let shown = |is_wanted: bool, measure: fn() -> f64| {
        if is_wanted { format!("{:.2}", measure()) } else { "null".to_owned() }
    };
    println!(
        "{{\"network\": \"cnn\", \"batch\": {BATCH}, \"onset_steps_per_s\": {}, \"burn_steps_per_s\": {}}}",
        shown(is_wanted("onset"), ours),
        shown(is_wanted("burn"), library)
    );
}

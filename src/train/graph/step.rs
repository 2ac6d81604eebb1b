//! One step of training: a batch in two halves on a thread each, then Adam.

use super::forward::{Mode, Pass};
use super::{Adam, AdamParams, Graph, Layer, cross_entropy, norm};

/// Halves of a batch, each normalised by itself; the result depends on their number, so it is fixed.
const SHARDS: usize = 2;

/// Examples to learn from in one step.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Shape `(batch, height, width, channels)`.
    pub input: Vec<f32>,
    /// Shape `(batch, classes)`: what each should be, as shares.
    pub wanted: Vec<f32>,
    /// Weight of each example.
    pub weights: Vec<f32>,
}

/// A network that is being trained.
#[derive(Debug)]
pub struct Stepper {
    /// Its numbers.
    pub graph: Graph,
    /// The optimiser's memory.
    pub adam: Adam,
    passes: [Pass; SHARDS],
    grads: [Vec<f32>; SHARDS],
}

impl Stepper {
    /// Starts or goes on.
    pub fn new(graph: Graph, adam: Adam) -> Self {
        Self { graph, adam, passes: Default::default(), grads: Default::default() }
    }

    /// Takes one step; the loss before it, or `None` where a thread could not be started. `seed`: of what drops out.
    pub fn step(&mut self, batch: &Batch, params: &AdamParams, rate_share: f32, seed: u64) -> Option<f32> {
        let graph = &self.graph;
        let count = batch.weights.len();
        let total: f32 = batch.weights.iter().sum();
        let half = count.div_ceil(SHARDS).max(1);
        let (len, classes) = (graph.shape.input.len(), graph.shape.outputs);
        let inputs = batch.input.chunks(half * len).zip(batch.wanted.chunks(half * classes));
        let shards = inputs.zip(batch.weights.chunks(half));
        let mut loss = Some(0.0);
        let buffers = self.passes.iter_mut().zip(self.grads.iter_mut()).enumerate();
        std::thread::scope(|scope| {
            let mut started = Vec::with_capacity(SHARDS);
            for (((input, wanted), weights), (number, (pass, grads))) in shards.zip(buffers) {
                let seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (number as u64) << 32;
                let work = move || {
                    grads.clear();
                    grads.resize(graph.weights.len(), 0.0);
                    let logits = graph.forward(input, Mode::Learn(seed), pass);
                    let mut grad_logits = Vec::new();
                    let loss = cross_entropy(&logits, wanted, weights, total, &mut grad_logits);
                    graph.backward(&grad_logits, pass, grads);
                    loss
                };
                started.push(
                    std::thread::Builder::new().name(format!("train-{number}")).spawn_scoped(scope, work),
                );
            }
            for thread in started {
                let own = thread.ok().and_then(|thread| thread.join().ok());
                loss = loss.zip(own).map(|(sum, own)| sum + own);
            }
        });
        let used = count.div_ceil(half);
        let (first, others) = self.grads.split_first_mut()?;
        for other in &others[..used.saturating_sub(1)] {
            first.iter_mut().zip(other).for_each(|(sum, grad)| *sum += grad);
        }
        self.adam.step(params, rate_share, &mut self.graph.weights, first);
        follow_stats(&mut self.graph, &self.passes[..used.min(SHARDS)]);
        loss
    }
}

/// Moves running means and variances towards those of a batch.
fn follow_stats(graph: &mut Graph, passes: &[Pass]) {
    for (number, layer) in graph.shape.layers.iter().enumerate() {
        if *layer != Layer::Norm {
            continue;
        }
        let (start, count) = graph.shape.places[number].stats;
        let share = norm::FOLLOW / passes.len().max(1) as f32;
        for pass in passes {
            for (part, values) in pass.traces[number].moments.iter().enumerate() {
                let stats = &mut graph.stats[start + part * count..][..count];
                stats.iter_mut().zip(values).for_each(|(stat, value)| *stat += share * (value - *stat));
            }
        }
    }
}

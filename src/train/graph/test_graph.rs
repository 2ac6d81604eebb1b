//! Gradients against finite differences, for every layer.

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::*;

fn random(count: usize, seed: u64) -> Vec<f32> {
    let mut rng = Pcg64::seed_from_u64(seed);
    (0..count).map(|_| 2.0 * rng.random::<f32>() - 1.0).collect()
}

fn loss(graph: &Graph, input: &[f32], wanted: &[f32], mode: Mode) -> f32 {
    let logits = graph.forward(input, mode, &mut Pass::default());
    let count = wanted.len() / graph.shape.outputs;
    cross_entropy(&logits, wanted, &vec![1.0; count], count as f32, &mut Vec::new())
}

/// Compares the derivative along random directions with the gradient's.
fn check(size: Size, layers: Vec<Layer>) {
    let shape = Shape::new(size, layers).unwrap();
    let mut graph = Graph::new(&shape, 3);
    // Biases and gains too are away from where they start.
    graph.weights.iter_mut().zip(random(shape.weight_count, 4)).for_each(|(w, r)| *w += 0.05 * r);
    for (number, layer) in shape.layers.iter().enumerate() {
        let (start, count) = shape.places[number].weights;
        if let Layer::Conv { outputs, groups, .. } = *layer {
            keep_groups(
                &mut graph.weights[start..][..count],
                shape.input_of(number).channels,
                outputs,
                groups,
            );
        }
    }
    let batch = 5;
    let input = random(batch * size.len(), 5);
    let mut wanted = vec![0.0; batch * shape.outputs];
    for (at, row) in wanted.chunks_exact_mut(shape.outputs).enumerate() {
        row[at % shape.outputs] = 0.75;
        row[(at + 1) % shape.outputs] = 0.25;
    }
    let mode = Mode::Learn(9);
    let mut pass = Pass::default();
    let mut grads = vec![0.0; shape.weight_count];
    let logits = graph.forward(&input, mode, &mut pass);
    let mut grad_logits = Vec::new();
    cross_entropy(&logits, &wanted, &vec![1.0; batch], batch as f32, &mut grad_logits);
    graph.backward(&grad_logits, &mut pass, &mut grads);
    // Each layer's numbers by themselves, so that none hides behind another.
    for (number, place) in shape.places.iter().enumerate() {
        for (start, count) in [place.weights, place.offsets] {
            if count == 0 {
                continue;
            }
            let mut direction = vec![0.0; shape.weight_count];
            let own: f32 = grads[start..][..count].iter().map(|grad| grad * grad).sum::<f32>().sqrt();
            // Along the gradient itself the difference is largest against the noise of rounding.
            for (to, grad) in direction[start..][..count].iter_mut().zip(&grads[start..][..count]) {
                *to = grad / own.max(1e-12);
            }
            let step = 2e-3;
            let at = |share: f32| {
                let mut moved = graph.clone();
                moved.weights.iter_mut().zip(&direction).for_each(|(w, d)| *w += share * d);
                loss(&moved, &input, &wanted, mode)
            };
            let found = (at(step) - at(-step)) / (2.0 * step);
            assert!(
                (found - own).abs() < 0.03 * own + 2e-4,
                "layer {number} {:?}: {found} by differences, {own} by the gradient",
                shape.layers[number]
            );
            assert!(own > 1e-6, "layer {number} {:?} has no gradient", shape.layers[number]);
        }
    }
}

fn conv(outputs: usize, groups: usize) -> Layer {
    Layer::Conv { outputs, groups, has_bias: true }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let size = Size { height: 9, width: 13, channels: 3 };
    check(size, vec![conv(24, 3), Layer::Dense { outputs: 3 }]);
    check(size, vec![conv(16, 1), Layer::MaxPool, conv(8, 1), Layer::Dense { outputs: 3 }]);
    check(size, vec![conv(8, 1), Layer::Relu, Layer::MaxPool3, conv(16, 2), Layer::Dense { outputs: 9 }]);
    check(
        size,
        vec![conv(8, 1), conv(8, 1), Layer::AveragePool, Layer::Dropout(0.3), Layer::Dense { outputs: 2 }],
    );
    check(size, vec![Layer::Dense { outputs: 20 }, Layer::Relu, Layer::Dense { outputs: 5 }]);
    let plain = Layer::Conv { outputs: 16, groups: 1, has_bias: false };
    let residual = vec![plain, Layer::Norm, Layer::Relu, plain, Layer::Norm, Layer::Add(2), Layer::Relu];
    check(size, [residual, vec![Layer::GlobalMean, Layer::Dense { outputs: 3 }]].concat());
    check(
        Size { height: 1, width: 20, channels: 8 },
        vec![conv(16, 1), Layer::Relu, Layer::Dense { outputs: 3 }],
    );
    check(Size { height: 1, width: 1, channels: 40 }, vec![Layer::Dropout(0.5), Layer::Dense { outputs: 4 }]);
}

#[test]
fn a_batch_of_another_size_leaves_nothing_behind() {
    let size = Size { height: 8, width: 8, channels: 1 };
    let layers = vec![conv(8, 1), Layer::MaxPool, Layer::Relu, Layer::Dense { outputs: 3 }];
    let graph = Graph::new(&Shape::new(size, layers).unwrap(), 1);
    let input = random(7 * size.len(), 2);
    let mut pass = Pass::default();
    let all = graph.forward(&input, Mode::Use, &mut pass);
    let few = graph.forward(&input[..2 * size.len()], Mode::Use, &mut pass);
    assert_eq!(few, all[..6]);
    assert_eq!(graph.forward(&input, Mode::Use, &mut pass), all);
}

#[test]
fn it_learns_what_can_be_told() {
    let size = Size { height: 8, width: 8, channels: 1 };
    let layers = vec![conv(8, 1), Layer::MaxPool, Layer::Relu, Layer::Dense { outputs: 2 }];
    let shape = Shape::new(size, layers).unwrap();
    let mut stepper = Stepper::new(Graph::new(&shape, 1), Adam::default());
    // Edges from left to right, or from top to bottom, at any place and strength.
    let batch = |seed: u64| {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut batch = Batch::default();
        for _ in 0..32 {
            let class = usize::from(rng.random::<bool>());
            let (at, level) = (rng.random_range(1..7), rng.random::<f32>() + 0.5);
            let is_beyond = |p: usize| [p % 8, p / 8][class] >= at;
            batch.input.extend((0..64).map(|p| if is_beyond(p) { level } else { 0.0 }));
            batch.wanted.extend([1.0 - class as f32, class as f32]);
            batch.weights.push(1.0);
        }
        batch
    };
    let params = AdamParams { learning_rate: 0.01, ..AdamParams::default() };
    let losses: Vec<f32> = (0..150).map(|n| stepper.step(&batch(n), &params, 1.0, n).unwrap()).collect();
    assert!(losses[0] > 0.5 && losses[149] < 0.1, "{} to {}", losses[0], losses[149]);
    let unseen = batch(1000);
    let logits = stepper.graph.logits(&unseen.input);
    let right = logits
        .chunks_exact(2)
        .zip(unseen.wanted.chunks_exact(2))
        .filter(|(l, w)| (l[1] > l[0]) == (w[1] > w[0]));
    assert!(right.count() >= 30);
}

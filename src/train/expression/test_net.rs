//! The network's gradients against finite differences, and what its passes leave alone.

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::net::{Net, Pass, cross_entropy};
use super::shape::NetShape;
use crate::types::LABEL_COUNT;

const SIZE: (usize, usize) = (16, 8);
const BATCH: usize = 3;

fn random(count: usize, seed: u64) -> Vec<f32> {
    let mut rng = Pcg64::seed_from_u64(seed);
    (0..count).map(|_| 2.0 * rng.random::<f32>() - 1.0).collect()
}

fn wanted() -> Vec<f32> {
    let mut shares: Vec<f32> = random(BATCH * LABEL_COUNT, 5).iter().map(|v| v + 1.0).collect();
    for row in shares.chunks_exact_mut(LABEL_COUNT) {
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|v| *v /= sum);
    }
    shares
}

fn loss(net: &Net, input: &[f32]) -> f64 {
    let logits = net.forward(input, SIZE, true, &mut Pass::default());
    // In f64: differences of losses are small.
    let mut loss = 0.0;
    for (logits, wanted) in logits.chunks_exact(LABEL_COUNT).zip(wanted().chunks_exact(LABEL_COUNT)) {
        let sum: f64 = logits.iter().map(|v| f64::from(*v).exp()).sum();
        let terms = logits.iter().zip(wanted);
        loss -= terms.map(|(l, w)| f64::from(*w) * (f64::from(*l) - sum.ln())).sum::<f64>() / BATCH as f64;
    }
    loss
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let shape = NetShape::new([4, 6, 5]);
    let mut net = Net::new(&shape, 3);
    // Away from the start, where half of the gradients are zero.
    for (weight, noise) in net.weights.iter_mut().zip(random(shape.weight_count(), 9)) {
        *weight += 0.3 * noise;
    }
    let input = random(BATCH * SIZE.0 * SIZE.1, 1);
    let mut pass = Pass::default();
    let logits = net.forward(&input, SIZE, true, &mut pass);
    let (mut grad_logits, mut grads) = (Vec::new(), vec![0.0; shape.weight_count()]);
    cross_entropy(&logits, &wanted(), BATCH, &mut grad_logits);
    net.backward(&grad_logits, &mut pass, &mut grads);
    // Each group of numbers by itself: along its gradient, the loss must rise by the gradient's length.
    let mut groups = Vec::new();
    let mut at = 0;
    for unit in &shape.units {
        for count in [9 * unit.inputs * unit.outputs, unit.outputs, unit.outputs] {
            groups.push(at..at + count);
            at += count;
        }
    }
    groups.push(at..at + 5 * LABEL_COUNT);
    groups.push(at + 5 * LABEL_COUNT..at + 6 * LABEL_COUNT);
    assert_eq!(groups.last().unwrap().end, shape.weight_count());
    for group in groups {
        let length = grads[group.clone()].iter().map(|g| g * g).sum::<f32>().sqrt();
        assert!(length > 1e-4, "{group:?}: {length}");
        let moved = |step: f32| {
            let mut net = net.clone();
            for index in group.clone() {
                net.weights[index] += step * grads[index] / length;
            }
            loss(&net, &input)
        };
        let step = 2e-3;
        let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
        assert!(
            (slope - f64::from(length)).abs() < 0.03 * f64::from(length),
            "{group:?}: {slope} and {length}"
        );
    }
}

#[test]
fn a_picture_alone_gives_what_it_gives_in_a_batch() {
    let shape = NetShape::new([4, 6, 5]);
    let net = Net::new(&shape, 3);
    let input = random(BATCH * SIZE.0 * SIZE.1, 1);
    let mut pass = Pass::default();
    let together = net.forward(&input, SIZE, false, &mut pass);
    for (picture, logits) in input.chunks_exact(SIZE.0 * SIZE.1).zip(together.chunks_exact(LABEL_COUNT)) {
        let alone = net.forward(picture, SIZE, false, &mut pass);
        assert!(alone.iter().zip(logits).all(|(a, b)| (a - b).abs() < 1e-4), "{alone:?} {logits:?}");
    }
}

#[test]
fn running_moments_come_to_those_of_the_batch() {
    let shape = NetShape::new([4, 6, 5]);
    let mut net = Net::new(&shape, 3);
    let input = random(BATCH * SIZE.0 * SIZE.1, 1);
    let mut passes = [Pass::default()];
    let training = net.forward(&input, SIZE, true, &mut passes[0]);
    net.follow_stats(&passes, 1.0);
    let running = net.forward(&input, SIZE, false, &mut Pass::default());
    assert!(training.iter().zip(&running).all(|(a, b)| (a - b).abs() < 1e-4), "{training:?} {running:?}");
}

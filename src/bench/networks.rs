//! Each network by itself: what other runtimes are compared with.

use super::BenchError;
use super::report::Figures;
use super::times::Times;
use crate::capture::SessionClock;
use crate::infer::{Model, Network};

/// Runs that are not counted.
const WARM_UP: usize = 5;

/// Times `runs` runs of each embedded network on one thread, on an input that is neither zero nor noise.
///
/// # Errors
/// A network that does not load or run.
pub fn time_networks(clock: &SessionClock, runs: usize) -> Result<Vec<Figures>, BenchError> {
    let mut times = Times::default();
    for model in Model::ALL {
        let mut network = Network::embedded(model)?;
        let [low, high] = network.card().input.range.unwrap_or([0.0, 1.0]);
        let input: Vec<f32> = (0..network.card().input.len())
            .map(|i| low + (high - low) * ((i * 7919) % 255) as f32 / 255.0)
            .collect();
        for run in 0..WARM_UP + runs {
            let before = clock.now();
            std::hint::black_box(network.run(&input)?);
            let after = clock.now();
            if run >= WARM_UP {
                times.add_between(model.name(), before, after);
            }
        }
    }
    Ok(Model::ALL.iter().filter_map(|model| times.figures(model.name())).collect())
}

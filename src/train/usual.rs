//! What people's faces do all the time: the mean covariance of their motion, which a new face's beams start from.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::Recording;
use super::window::{BackgroundParams, Window};
use crate::spot::network::{BEAM_AXES, BeamParams, Paths, TICK_HZ, UsualMotion, mirrored_axis};

/// Recordings count by their length up to this many seconds, as for examples.
const LONGEST_WEIGHT_S: f64 = 15.0;
/// Changes longer than this many medians are taken as that long: a jerk of the tracker is no habit.
const LONGEST_CHANGE: f64 = 3.0;

/// The mean over recordings of each one's covariance, all of the same trace, left and right alike. Photos don't count; nothing is
/// known without any other recording.
pub fn usual_motion(recordings: &[&Recording], params: &BeamParams) -> UsualMotion {
    let mut mean = vec![0.0; BEAM_AXES * BEAM_AXES];
    for recording in recordings.iter().filter(|recording| !recording.base.is_photo) {
        let changes = changes(recording, params.covariance_lag);
        let lengths: Vec<f64> = changes.iter().map(|c| c.iter().map(|v| v * v).sum::<f64>().sqrt()).collect();
        let mut sorted = lengths.clone();
        sorted.sort_by(f64::total_cmp);
        let Some(median) = sorted.get(sorted.len() / 2).filter(|median| **median > 0.0) else { continue };
        let mut own = vec![0.0; BEAM_AXES * BEAM_AXES];
        for (change, length) in changes.iter().zip(&lengths) {
            let gain = (LONGEST_CHANGE * median / length.max(1e-12)).min(1.0).powi(2);
            for (row, a) in own.chunks_exact_mut(BEAM_AXES).zip(change) {
                for (cell, b) in row.iter_mut().zip(change) {
                    *cell += gain * a * b;
                }
            }
        }
        let trace: f64 = own.iter().step_by(BEAM_AXES + 1).sum();
        let weight = recording.track.duration_s().min(LONGEST_WEIGHT_S) / trace.max(1e-12);
        mean.iter_mut().zip(own).for_each(|(mean, own)| *mean += weight * own);
    }
    let symmetric: Vec<f64> = (0..BEAM_AXES * BEAM_AXES)
        .map(|index| {
            let ((row, a), (column, b)) =
                (mirrored_axis(index / BEAM_AXES), mirrored_axis(index % BEAM_AXES));
            0.5 * (mean[index] + a * b * mean[row * BEAM_AXES + column])
        })
        .collect();
    UsualMotion::of(&symmetric).unwrap_or_default()
}

/// Changes over `lag` ticks of a recording as it is.
fn changes(recording: &Recording, lag: usize) -> Vec<[f64; BEAM_AXES]> {
    let seconds = recording.track.duration_s();
    // Nothing is drawn from it but where the frames lie against the ticks.
    let window = Window::cut(recording, seconds, &BackgroundParams::plain(), &mut Pcg64::seed_from_u64(0));
    let mut paths = Paths::new(lag);
    let mut changes = Vec::new();
    for (index, tick) in window.ticks((seconds * TICK_HZ as f64) as usize).iter().enumerate() {
        paths.push(if tick.is_valid { &tick.points } else { &[] });
        if index > 2 * lag && tick.is_valid {
            changes.push(paths.change(lag));
        }
    }
    changes
}

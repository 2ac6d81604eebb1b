//! CPU time of the spotter for a frame: `cargo bench --bench spotter`.
//!
//! Signals of a face that is never quite still and lowers its brows every three seconds, at three frame rates, through each
//! method, the spotter's own network included. One thread; no pictures and no face networks: those are measured elsewhere.

use onset::capture::SessionClock;
use onset::motion::layout_regions;
use onset::spot::{SpotInput, SpotMethod, SpotParams, Spotter};
use onset::types::{
    FrameStatus, PatchMotion, REGION_COUNT, Region, RegionId, RegionMotion, Side, Signal, Timestamp,
};

const SECONDS: f64 = 60.0;

fn signals(fps: f64) -> Vec<Signal> {
    let signal = |n: usize| {
        let time_s = n as f64 / fps;
        let sway = |k: usize| (0.002 * (time_s * (3.0 + k as f64 * 0.7) + k as f64).sin()) as f32;
        let mut regions: [RegionMotion; REGION_COUNT] = std::array::from_fn(|k| RegionMotion {
            displacement_icd: [sway(k), sway(k + 31)],
            sigma_icd: 0.001,
            is_valid: true,
            ..RegionMotion::default()
        });
        let since_s = time_s % 3.0;
        let level = if since_s < 0.3 { (std::f64::consts::PI * since_s / 0.3).sin() as f32 } else { 0.0 };
        for region in [Region::InnerBrow, Region::OuterBrow, Region::Glabella] {
            for side in [Side::Left, Side::Right] {
                regions[RegionId { region, side }.index()].displacement_icd[1] += 0.03 * level;
            }
        }
        let patches = layout_regions().into_iter().map(|region| PatchMotion {
            displacement_icd: region.map_or([0.0; 2], |id| regions[id.index()].displacement_icd),
            is_valid: true,
        });
        let patches = patches.collect();
        Signal {
            captured_at: Timestamp::from_secs_f64(time_s),
            face_id: 1,
            regions,
            patches,
            head_turn_deg_s: 0.0,
            head_speed_icd_s: 0.0,
            residual_icd: 0.001,
            is_new_reference: false,
        }
    };
    (0..(SECONDS * fps) as usize).map(signal).collect()
}

fn main() {
    let clock = SessionClock::start();
    for method in SpotMethod::ALL {
        for fps in [30.0, 60.0, 120.0] {
            let signals = signals(fps);
            let mut spotter = Spotter::new(SpotParams { method, ..SpotParams::default() })
                .expect("the embedded network loads");
            let (mut next, mut events) = (0, Vec::new());
            let (started, mut slowest_ms) = (clock.now(), 0.0f64);
            for signal in &signals {
                let before = clock.now();
                let input = SpotInput {
                    now: signal.captured_at,
                    status: FrameStatus::Ok,
                    signal: Some(signal),
                    update: None,
                    gaps: &[],
                    luma_mean: 120.0,
                    frame_luma_mean: 120.0,
                };
                spotter.push(&input, &mut next, &mut events);
                slowest_ms = slowest_ms.max(clock.now().millis_since(before));
            }
            let mean_ms = clock.now().millis_since(started) / signals.len() as f64;
            let confirmed = events.iter().filter(|event| event.confirmed_at.is_some()).count();
            println!(
                "{:13} {fps:3} fps: {mean_ms:.3} ms a frame, slowest {slowest_ms:.2} ms, {confirmed} events",
                method.name()
            );
        }
    }
}

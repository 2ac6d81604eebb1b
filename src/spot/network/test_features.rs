//! Features: by hand, causal, and the same streaming as in one go.

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::features::{FeatureExtractor, FeatureParams, Pooling};
use super::points::points;
use super::ticks::{Tick, time_of};
use crate::motion::layout_regions;
use crate::types::PatchMotion;

fn tick(index: i64, point: impl FnMut(usize) -> PatchMotion) -> Tick {
    let points = (0..points().len()).map(point).collect();
    Tick { index, centre: time_of(index), points, head_speed_icd_s: 0.5, is_valid: true }
}

fn random_ticks(seed: u64, count: i64) -> Vec<Tick> {
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut at = |index| {
        if index % 17 == 5 {
            return Tick::invalid(index);
        }
        tick(index, |_| PatchMotion {
            displacement_icd: [0.02 * rng.random::<f32>(), 0.02 * rng.random::<f32>()],
            is_valid: rng.random_bool(0.95),
        })
    };
    (0..count).map(&mut at).collect()
}

fn extract(params: &FeatureParams, ticks: &[Tick]) -> Vec<f32> {
    let mut extractor = FeatureExtractor::new(params.clone());
    let mut features = Vec::new();
    ticks.iter().for_each(|tick| extractor.push(tick, &mut features));
    assert_eq!(features.len(), ticks.len() * params.channels());
    features
}

fn all_params() -> [FeatureParams; 3] {
    let patches = FeatureParams {
        pooling: Pooling::Patches,
        lags: vec![1, 3, 6],
        has_scaled: true,
        has_scale: true,
        beams: None,
        ..FeatureParams::default()
    };
    let regions = FeatureParams { pooling: Pooling::Regions, ..patches.clone() };
    let least = FeatureParams {
        lags: vec![1],
        has_scaled: false,
        has_scale: false,
        has_head: false,
        ..regions.clone()
    };
    [patches, regions, least]
}

#[test]
fn channels_are_counted_right() {
    let [patches, regions, least] = all_params();
    assert_eq!(patches.channels(), 120 * 2 * 3 * 2 + 22 + 1);
    assert_eq!(regions.channels(), 22 * 2 * 3 * 2 + 22 + 1);
    assert_eq!(least.channels(), 44);
}

#[test]
fn the_future_changes_nothing() {
    for params in all_params() {
        let ticks = random_ticks(1, 60);
        let mut other = ticks[..40].to_vec();
        other.extend(random_ticks(2, 60).split_off(40));
        let (one, two) = (extract(&params, &ticks), extract(&params, &other));
        let until = 40 * params.channels();
        assert_eq!(one[..until], two[..until]);
        assert_ne!(one[until..], two[until..]);
    }
}

#[test]
fn a_change_is_given_plain_and_against_its_scale() {
    let params = FeatureParams {
        pooling: Pooling::Patches,
        lags: vec![2],
        has_scaled: true,
        has_scale: false,
        has_head: false,
        beams: None,
        ..FeatureParams::default()
    };
    let at = |x: f32| move |_| PatchMotion { displacement_icd: [x, 0.0], is_valid: true };
    let ticks: Vec<_> =
        [0.0, 0.0, 0.0, 0.01].into_iter().enumerate().map(|(index, x)| tick(index as i64, at(x))).collect();
    let features = extract(&params, &ticks);
    let row = &features[3 * params.channels()..];
    assert!((row[0] - 2.0_f32.asinh()).abs() < 1e-5, "1 % ICD is two units");
    assert_eq!(row[1], 0.0);
    // One change of zero was seen before: the scale's square is 8/9 of the unit's.
    let scale = params.unit_icd * (8.0_f32 / 9.0).sqrt() + params.scale_floor_icd;
    assert!((row[240] - (0.01 / scale).asinh()).abs() < 1e-5, "{} {}", row[240], (0.01 / scale).asinh());
}

#[test]
fn regions_are_means_of_the_patches_that_are_seen() {
    let params = FeatureParams {
        pooling: Pooling::Regions,
        lags: vec![1],
        has_scaled: false,
        ..FeatureParams::default()
    };
    let regions: Vec<_> = layout_regions().into_iter().flatten().collect();
    let first = regions[0];
    let own: Vec<_> = (0..regions.len()).filter(|index| regions[*index] == first).collect();
    let still = tick(0, |_| PatchMotion { displacement_icd: [0.0; 2], is_valid: true });
    // One of the region's patches moves by 5 % and one is lost far away.
    let moved = tick(1, |index| PatchMotion {
        displacement_icd: if index == own[0] {
            [0.05, 0.0]
        } else if index == own[1] {
            [9.0, 9.0]
        } else {
            [0.0; 2]
        },
        is_valid: index != own[1],
    });
    let features = extract(&params, &[still, moved]);
    let row = &features[params.channels()..];
    let mean = 0.05 / (own.len() as f32 - 1.0);
    assert!((row[2 * first.index()] - (mean / params.unit_icd).asinh()).abs() < 1e-5);
    assert_eq!(row[2 * first.index() + 1], 0.0);
}

#[test]
fn what_is_not_seen_is_zero() {
    for params in all_params() {
        let mut ticks = random_ticks(3, 20);
        ticks.push(Tick::invalid(20));
        let features = extract(&params, &ticks);
        assert!(features[20 * params.channels()..].iter().all(|value| *value == 0.0));
    }
}

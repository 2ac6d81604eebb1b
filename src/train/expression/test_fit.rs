//! Fitting from end to end, on pictures made here: it learns, it repeats itself, and a run that was cut off goes on as if it had not been.

use std::path::Path;

use image::GrayImage;
use tempfile::TempDir;

use super::{AugmentParams, Face, FaceSet, FitParams, FitStep, Fitted, RefineParams, fit, view_size};
use crate::dataset::Part;
use crate::expression::FaceRegion;
use crate::train::TrainError;

/// A part with two kinds of pictures: a bright upper half is surprise, a bright lower half happiness.
fn corpus(region: FaceRegion) -> (TempDir, Part, FaceSet) {
    const COUNT: usize = 60;
    let dir = TempDir::new().unwrap();
    let mut labels =
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
            .to_owned();
    std::fs::create_dir(dir.path().join("train")).unwrap();
    let (width, height) = view_size(region);
    let mut faces = Vec::new();
    for index in 0..COUNT {
        let name = format!("{index:02}.png");
        let is_upper = index % 2 == 0;
        labels += &format!("Training,{name},1,{},0,0,0,0,0,0,0\n", if is_upper { "0,9" } else { "9,0" });
        GrayImage::new(8, 8).save(dir.path().join("train").join(&name)).unwrap();
        let view = GrayImage::from_fn(width as u32, height as u32, |x, y| {
            let texture = (x * 7 + y * 13 + index as u32 * 29) % 40;
            let is_bright = (y < height as u32 / 2) == is_upper;
            image::Luma([(if is_bright { 150 } else { 60 } + texture) as u8])
        });
        faces.push(Face { name, is_found: true, nose_y: 1000.0, view });
    }
    std::fs::write(dir.path().join("labels.csv"), labels).unwrap();
    let part = Part::read(dir.path(), "train").unwrap();
    (dir, part, FaceSet { faces })
}

const REFINE: RefineParams = RefineParams { epochs: 2, learning_rate: 0.03, own_share: 0.5 };

fn params(region: FaceRegion) -> FitParams {
    let augment = AugmentParams { hidden: (0.1, 0.3), ..AugmentParams::default() };
    FitParams {
        epochs: 4,
        batch: 12,
        channels: [4, 4, 8],
        average_keep: 0.5,
        augment,
        ..FitParams::new(region)
    }
}

fn run(
    part: &Part,
    faces: &FaceSet,
    checkpoint: &Path,
    resume: bool,
    stop_after: usize,
) -> Result<Fitted, TrainError> {
    let go_on = |step: &FitStep| match step {
        FitStep::Step(..) => true,
        FitStep::Epoch(report) => report.epoch < stop_after,
    };
    fit(part, faces, (&params(FaceRegion::Eyes), &REFINE), (checkpoint, resume), go_on)
}

#[test]
fn a_run_that_was_cut_off_ends_with_the_same_weights() {
    let (dir, part, faces) = corpus(FaceRegion::Eyes);
    let whole = run(&part, &faces, &dir.path().join("a.ckpt"), false, 9).unwrap();
    assert!(whole.learned + whole.watched.len() == 60 && whole.watched.len() > 1, "{}", whole.learned);
    assert!(whole.watched_accuracy() > 0.9, "{}", whole.watched_accuracy());
    let path = dir.path().join("b.ckpt");
    // Cut off in the first round, between the rounds, and in the second round.
    assert!(matches!(run(&part, &faces, &path, false, 2), Err(TrainError::Interrupted)));
    for stop_after in [4, 5] {
        assert!(matches!(run(&part, &faces, &path, true, stop_after), Err(TrainError::Interrupted)));
    }
    let resumed = run(&part, &faces, &path, true, 9).unwrap();
    assert_eq!(whole.net, resumed.net);
    // A finished run needs no more steps.
    assert_eq!(run(&part, &faces, &path, true, 0).unwrap().net, whole.net);
}

#[test]
fn what_cannot_go_on_or_start_is_named() {
    let (dir, part, mut faces) = corpus(FaceRegion::Face);
    let path = dir.path().join("run.ckpt");
    let fit_with = |params: &FitParams, faces: &FaceSet, resume: bool| {
        fit(&part, faces, (params, &REFINE), (&path, resume), |_| true).unwrap_err().to_string()
    };
    let params = FitParams { epochs: 1, ..params(FaceRegion::Face) };
    assert!(fit_with(&params, &faces, true).contains("run.ckpt"));
    fit(&part, &faces, (&params, &REFINE), (&path, false), |_| true).unwrap();
    let other = FitParams { seed: 2, ..params.clone() };
    assert!(fit_with(&other, &faces, true).contains("other options"));
    faces.faces.truncate(1);
    assert!(fit_with(&params, &faces, false).contains("to watch"));
}

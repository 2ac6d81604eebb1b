//! BlazeFace short range: where faces are, with six key points each.

use image::RgbImage;

use crate::image::warp::{Border, warp_rgb_to_f32};
use crate::infer::{Model, Network};
use crate::types::RectPx;

use super::roi::Roi;
use super::{FaceError, FaceParams};

const SIDE: usize = 128;
const ANCHORS: usize = 896;
/// Centre, size, six points.
const VALUES: usize = 16;
/// MediaPipe clips logits at this before the sigmoid.
const MAX_LOGIT: f32 = 100.0;

/// A face as the detector sees it, in image pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Detection {
    /// Score, `[0, 1]`.
    pub score: f32,
    /// Brows to chin, roughly.
    pub box_px: RectPx,
    /// Subject's right eye, left eye, nose tip, mouth, right ear tragion, left ear tragion.
    pub points_px: [[f32; 2]; 6],
}

/// The network with its anchors and buffers.
pub(super) struct Detector {
    network: Network,
    anchors: Vec<[f32; 2]>,
    input: Vec<f32>,
}

impl Detector {
    pub fn new() -> Result<Self, FaceError> {
        Ok(Self { network: Network::embedded(Model::FaceDetector)?, anchors: anchors(), input: Vec::new() })
    }

    /// Every face of a square of the picture, best score first, after weighted non-maximum suppression.
    pub fn detect(
        &mut self,
        rgb: &RgbImage,
        roi: &Roi,
        params: &FaceParams,
    ) -> Result<Vec<Detection>, FaceError> {
        warp_rgb_to_f32(rgb, &roi.sampling(SIDE), (SIDE, SIDE), Border::Zero, [-1.0, 1.0], &mut self.input);
        let outputs = self.network.run(&self.input)?;
        let candidates =
            decode(outputs.values(0), outputs.values(1), &self.anchors, params.min_detection_score);
        let mut found = suppress(candidates, params.nms_iou);
        let map = roi.image_from_input(SIDE);
        for detection in &mut found {
            let [x, y] = map.apply([detection.box_px.x, detection.box_px.y]);
            let scale = map.scale();
            detection.box_px = RectPx { x, y, w: detection.box_px.w * scale, h: detection.box_px.h * scale };
            detection.points_px = detection.points_px.map(|point| map.apply(point));
        }
        Ok(found)
    }
}

/// Anchor centres, in input pixels: two a cell on the 16 x 16 grid, six a cell on the 8 x 8 grid, row by row.
fn anchors() -> Vec<[f32; 2]> {
    let mut all = Vec::with_capacity(ANCHORS);
    for (stride, per_cell) in [(8, 2), (16, 6)] {
        let cells = SIDE / stride;
        for cell in 0..cells * cells {
            let centre = |index: usize| (index as f32 + 0.5) * stride as f32;
            all.extend(std::iter::repeat_n([centre(cell % cells), centre(cell / cells)], per_cell));
        }
    }
    all
}

/// The detections of at least `min_score`, in input pixels.
fn decode(regressors: &[f32], logits: &[f32], anchors: &[[f32; 2]], min_score: f32) -> Vec<Detection> {
    let mut found = Vec::new();
    for ((values, logit), anchor) in regressors.chunks_exact(VALUES).zip(logits).zip(anchors) {
        let score = 1.0 / (1.0 + (-logit.clamp(-MAX_LOGIT, MAX_LOGIT)).exp());
        let &[dx, dy, w, h, ref points @ ..] = values else { continue };
        // `>=` is false for NaN too.
        if !(score >= min_score && w >= 0.0 && h >= 0.0) {
            continue;
        }
        let mut points_px = [[0.0; 2]; 6];
        for (point, value) in points_px.iter_mut().zip(points.chunks_exact(2)) {
            *point = [value[0] + anchor[0], value[1] + anchor[1]];
        }
        let box_px = RectPx { x: dx + anchor[0] - w / 2.0, y: dy + anchor[1] - h / 2.0, w, h };
        found.push(Detection { score, box_px, points_px });
    }
    found
}

/// Weighted non-maximum suppression (BlazeFace paper, section 3.3): overlapping detections become their mean, weighted
/// by score, which jitters less than taking the best one. The best one's score stays.
fn suppress(mut candidates: Vec<Detection>, min_iou: f32) -> Vec<Detection> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept = Vec::new();
    while let Some(&best) = candidates.first() {
        let mut total = 0.0;
        let (mut sum_box, mut sum_points) = ([0.0; 4], [[0.0; 2]; 6]);
        candidates.retain(|other| {
            if other.box_px.iou(&best.box_px) <= min_iou {
                return true;
            }
            total += other.score;
            let RectPx { x, y, w, h } = other.box_px;
            for (sum, value) in sum_box.iter_mut().zip([x, y, w, h]) {
                *sum += value * other.score;
            }
            for (sum, point) in sum_points.iter_mut().zip(other.points_px) {
                *sum = [sum[0] + point[0] * other.score, sum[1] + point[1] * other.score];
            }
            false
        });
        if total <= 0.0 {
            // An empty box overlaps nothing, not even itself: drop it, so that the loop ends.
            candidates.remove(0);
            continue;
        }
        let [x, y, w, h] = sum_box.map(|sum| sum / total);
        let points_px = sum_points.map(|point| point.map(|sum| sum / total));
        kept.push(Detection { score: best.score, box_px: RectPx { x, y, w, h }, points_px });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(score: f32, x: f32) -> Detection {
        Detection { score, box_px: RectPx { x, y: 0.0, w: 10.0, h: 10.0 }, points_px: [[x, 1.0]; 6] }
    }

    #[test]
    fn anchors_are_those_of_blazeface() {
        let all = anchors();
        assert_eq!(all.len(), ANCHORS);
        assert_eq!((all[0], all[1], all[2]), ([4.0, 4.0], [4.0, 4.0], [12.0, 4.0]));
        assert_eq!((all[511], all[512], all[895]), ([124.0, 124.0], [8.0, 8.0], [120.0, 120.0]));
    }

    #[test]
    fn overlapping_detections_become_their_weighted_mean() {
        let kept = suppress(vec![at(0.6, 2.0), at(0.9, 0.0), at(0.7, 50.0)], 0.5);
        assert_eq!(kept.len(), 2);
        assert!((kept[0].box_px.x - 0.8).abs() < 1e-6, "{:?}", kept[0]);
        assert!((kept[0].points_px[3][0] - 0.8).abs() < 1e-6);
        assert_eq!((kept[0].score, kept[1].box_px.x), (0.9, 50.0));
    }

    #[test]
    fn empty_boxes_end() {
        let empty = Detection { box_px: RectPx::default(), ..at(0.9, 0.0) };
        assert!(suppress(vec![empty, empty], 0.5).is_empty());
    }

    #[test]
    fn decoding_adds_the_anchor_and_drops_nonsense() {
        let mut regressors = vec![0.0; 3 * VALUES];
        regressors[..4].copy_from_slice(&[1.0, 2.0, 8.0, 6.0]);
        regressors[VALUES + 2] = f32::NAN;
        let found = decode(&regressors, &[2.0, 2.0, -2.0], &[[10.0, 20.0]; 3], 0.5);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].box_px, RectPx { x: 7.0, y: 19.0, w: 8.0, h: 6.0 });
        assert_eq!(found[0].points_px[5], [10.0, 20.0]);
    }
}

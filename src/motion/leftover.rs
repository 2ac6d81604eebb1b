//! What is left of a movement of the skin once the head's fit has taken its part: a few patches that follow the head move with it too.

use super::layout::{Layout, Role};
use super::rigid::{Correspondence, TurnPrior, fit_head};
use crate::types::CROP_ICD_PX;

/// The size at which it is asked for, in ICD units: that of a micro-expression. The fit is robust, so size matters.
const AT_ICD: f32 = 0.03;

/// Takes the head's fit off a movement, as the tracker would: `places` and `moved` of every patch of the layout, in face coordinates
/// (ICD units; `None` where unknown); `moved` peaks at about 1 and is taken at 3 % ICD. Turns out of the plane are left out, which a
/// movement so small does not cause.
pub fn without_head(places: &[Option<[f32; 2]>], moved: &[Option<[f32; 2]>]) -> Vec<Option<[f32; 2]>> {
    let layout = Layout::new();
    let px = CROP_ICD_PX;
    let both =
        |index: usize| Some((places.get(index).copied().flatten()?, moved.get(index).copied().flatten()?));
    let scaled = |[x, y]: [f32; 2], [dx, dy]: [f32; 2]| [px * (x + AT_ICD * dx), px * (y + AT_ICD * dy)];
    let mut points = Vec::new();
    for (index, (_, role)) in layout.patches.iter().enumerate() {
        if let (Role::Rigid(weight), Some((place, way))) = (*role, both(index)) {
            let from = [px * place[0], px * place[1], 0.0];
            points.push(Correspondence { from, to: scaled(place, way), weight });
        }
    }
    let still = TurnPrior { turn_rad: [0.0; 2], sigma_rad: 1e-6 };
    let fit = fit_head(&points, [0.0; 3], &still, &mut Vec::new());
    let left = |index: usize| {
        let (place, way) = both(index)?;
        let Some(fit) = &fit else { return Some(way) };
        let head = fit.head.apply([px * place[0], px * place[1], 0.0]);
        let to = scaled(place, way);
        Some([(to[0] - head[0]) / (px * AT_ICD), (to[1] - head[1]) / (px * AT_ICD)])
    };
    (0..layout.patches.len()).map(left).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facs::standard_landmarks;
    use crate::motion::{layout_points, layout_regions};

    #[test]
    fn a_head_that_shifts_leaves_nothing_and_a_mouth_that_moves_stays() {
        let places = layout_points(&standard_landmarks());
        let shift = vec![Some([0.4, -0.3]); places.len()];
        let left = without_head(&places, &shift);
        assert!(left.iter().flatten().all(|[x, y]| x.hypot(*y) < 0.02), "{left:?}");
        let mouth: Vec<_> = layout_regions()
            .iter()
            .map(|region| {
                Some(if region.is_some_and(|id| id.name().starts_with("lower")) {
                    [0.0, 1.0]
                } else {
                    [0.0; 2]
                })
            })
            .collect();
        let left = without_head(&places, &mouth);
        for (left, mouth) in left.iter().zip(&mouth) {
            let (Some([x, y]), Some(way)) = (left, mouth) else { continue };
            assert!((x - way[0]).hypot(y - way[1]) < 0.05);
        }
    }
}

//! Small convex shapes, filled or edged, smooth: each pixel's coverage follows from its distance to the sides.

use super::canvas::{Canvas, Color, cover_pixels};
use super::lines::bounds;

/// Fills a convex shape, or with `edge_px` draws its edge at that width, with sharp corners.
///
/// # Arguments
/// * `corners`: in order, either way round, in canvas pixels; at least three, else nothing is drawn.
pub(super) fn draw(canvas: &mut Canvas, corners: &[[f32; 2]], edge_px: Option<f32>, color: Color) {
    let half_px = edge_px.unwrap_or(0.0) / 2.0;
    // A sharp corner reaches farther than its edges: twice as far at 60 degrees.
    let Some(area) = bounds(corners, 1.0 + 3.0 * half_px, canvas).filter(|_| corners.len() > 2) else {
        return;
    };
    let next = |i: usize| corners[(i + 1) % corners.len()];
    let turn: f32 = corners.iter().enumerate().map(|(i, a)| a[0] * next(i)[1] - a[1] * next(i)[0]).sum();
    for y in area.y..area.bottom() {
        for (x, pixel) in (area.x..).zip(canvas.row_mut(y, area.x, area.right())) {
            let at = [x as f32 + 0.5, y as f32 + 0.5];
            // Negative inside.
            let outside = corners.iter().enumerate().map(|(i, a)| {
                let (ex, ey) = (next(i)[0] - a[0], next(i)[1] - a[1]);
                ((at[0] - a[0]) * ey - (at[1] - a[1]) * ex) / (ex * ex + ey * ey).sqrt()
            });
            let outside = outside.map(|d| d * turn.signum()).fold(f32::MIN, f32::max);
            let coverage = match edge_px {
                None => (0.5 - outside).clamp(0.0, 1.0),
                Some(width) => (half_px + 0.5 - outside.abs()).min(width.min(1.0)).max(0.0),
            };
            cover_pixels(std::slice::from_mut(pixel), &[(coverage * 255.0 + 0.5) as u8], color);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: Color = Color::rgb(0xFFFFFF);

    fn blue(canvas: &Canvas) -> Vec<u32> {
        canvas.pixels().iter().map(|p| p & 0xFF).collect()
    }

    #[test]
    fn convex_shapes_are_filled_or_edged_with_sharp_corners_either_way_round() {
        let mut square = [[2.0, 2.0], [8.0, 2.0], [8.0, 8.0], [2.0, 8.0]];
        for _ in 0..2 {
            square.reverse();
            let inside =
                |i: usize, low, high| (low..high).contains(&(i % 10)) && (low..high).contains(&(i / 10));
            let mut canvas = Canvas::new(10, 10);
            draw(&mut canvas, &square, None, WHITE);
            assert!(blue(&canvas).iter().enumerate().all(|(i, v)| *v == 255 * u32::from(inside(i, 2, 8))));
            let mut canvas = Canvas::new(10, 10);
            draw(&mut canvas, &square, Some(2.0), WHITE);
            let is_edge = |i| inside(i, 1, 9) && !inside(i, 3, 7);
            assert!(blue(&canvas).iter().enumerate().all(|(i, v)| *v == 255 * u32::from(is_edge(i))));
        }
        let mut canvas = Canvas::new(10, 10);
        draw(&mut canvas, &square[..2], None, WHITE);
        assert!(canvas == Canvas::new(10, 10));
    }
}

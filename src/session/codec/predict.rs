//! Prediction of a byte from the ones left of and above it (the median edge detector), there and back.

use crate::image::vector::vectorised;

/// The prediction: the median of left, above, and left + above - above left.
#[inline(always)]
fn predicted(left: u8, above: u8, above_left: u8) -> u8 {
    let (low, high) = if left < above { (left, above) } else { (above, left) };
    let plane = i16::from(left) + i16::from(above) - i16::from(above_left);
    plane.clamp(i16::from(low), i16::from(high)) as u8
}

/// Each byte less its prediction, modulo 256. `plane` and `differences` have the same length, in rows of `width`.
pub(super) fn differences_from_plane(plane: &[u8], width: usize, differences: &mut [u8]) {
    vectorised(
        #[inline(always)]
        || every_row(plane, width, differences),
    );
}

#[inline(always)]
fn every_row(plane: &[u8], width: usize, differences: &mut [u8]) {
    let mut above: &[u8] = &[];
    for (row, out) in plane.chunks_exact(width).zip(differences.chunks_exact_mut(width)) {
        if above.is_empty() {
            first_row(row, out);
        } else {
            later_row(row, above, out);
        }
        above = row;
    }
}

/// Nothing is above: each byte less its left neighbour.
#[inline(always)]
fn first_row(row: &[u8], out: &mut [u8]) {
    let mut left = 0;
    for (byte, out) in row.iter().zip(out) {
        *out = byte.wrapping_sub(left);
        left = *byte;
    }
}

#[inline(always)]
fn later_row(row: &[u8], above: &[u8], out: &mut [u8]) {
    let Some((first_out, rest_out)) = out.split_first_mut() else { return };
    *first_out = row[0].wrapping_sub(predicted(0, above[0], 0));
    let neighbours = row.iter().zip(above.iter().skip(1)).zip(above);
    for (((left, above), above_left), (byte, out)) in neighbours.zip(row.iter().skip(1).zip(rest_out)) {
        *out = byte.wrapping_sub(predicted(*left, *above, *above_left));
    }
}

/// The reverse of [`differences_from_plane`].
pub(super) fn plane_from_differences(differences: &[u8], width: usize, plane: &mut [u8]) {
    let mut done = 0;
    for row in differences.chunks_exact(width) {
        let (before, rest) = plane.split_at_mut(done);
        let above = before.len().checked_sub(width).and_then(|start| before.get(start..));
        let (mut left, mut above_left) = (0u8, 0u8);
        for (x, (difference, out)) in row.iter().zip(rest.iter_mut()).enumerate() {
            let prediction = match above {
                None => left,
                Some(above) => predicted(left, above[x], above_left),
            };
            left = difference.wrapping_add(prediction);
            above_left = above.map_or(0, |above| above[x]);
            *out = left;
        }
        done += width;
    }
}

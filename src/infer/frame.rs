//! What surrounds a plane before a filter or a pool runs over it.

use tract_onnx::tract_core::ops::cnn::PaddingSpec;

/// Rows and columns added on each side.
#[derive(Debug, Clone, Copy, Hash, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) top: usize,
    pub(super) left: usize,
    pub(super) bottom: usize,
    pub(super) right: usize,
}

impl Frame {
    /// Nothing.
    pub(super) const NONE: Self = Self { top: 0, left: 0, bottom: 0, right: 0 };

    /// The frame that tract's padding means for a plane of that size; `None` where it is one of the rarer kinds.
    pub(super) fn of(
        padding: &PaddingSpec,
        (height, width): (usize, usize),
        side: usize,
        step: usize,
    ) -> Option<Self> {
        let same = |size: usize| (size.div_ceil(step).saturating_sub(1) * step + side).saturating_sub(size);
        match padding {
            PaddingSpec::Valid => Some(Self::NONE),
            PaddingSpec::Explicit(before, after) | PaddingSpec::ExplicitOnnxPool(before, after, false) => {
                match (&before[..], &after[..]) {
                    (&[top, left], &[bottom, right]) => Some(Self { top, left, bottom, right }),
                    _ => None,
                }
            }
            // What does not divide evenly goes to the end.
            PaddingSpec::SameUpper => {
                let (rows, columns) = (same(height), same(width));
                Some(Self {
                    top: rows / 2,
                    left: columns / 2,
                    bottom: rows.div_ceil(2),
                    right: columns.div_ceil(2),
                })
            }
            _ => None,
        }
    }

    /// Height and width of what comes out.
    pub(super) fn out_size(&self, height: usize, width: usize, side: usize, step: usize) -> (usize, usize) {
        let places = |size: usize| if size < side { 0 } else { (size - side) / step + 1 };
        (places(height + self.top + self.bottom), places(width + self.left + self.right))
    }
}

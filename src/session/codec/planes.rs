//! The planes of a raw frame: which bytes of it belong together.

use arrayvec::ArrayVec;

use crate::types::PixelFormat;

/// One plane: every `stride`th byte from `start`, `width` by `height` of them; less the plane at `minus`, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plane {
    pub(super) width: usize,
    height: usize,
    start: usize,
    stride: usize,
    /// Where, in the same pixel, the byte lies that is taken off.
    minus: Option<usize>,
}

impl Plane {
    /// How many bytes it has.
    pub(super) const fn bytes(&self) -> usize {
        self.width * self.height
    }

    /// The plane's bytes: `data` itself where they lie together, else collected in `buffer`.
    pub(super) fn gather<'a>(&self, data: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
        let from = data.get(self.start..).unwrap_or_default();
        if self.stride == 1 {
            return from.get(..self.bytes()).unwrap_or_default();
        }
        buffer.clear();
        let own = from.iter().step_by(self.stride).take(self.bytes());
        match self.minus {
            None => buffer.extend(own),
            Some(minus) => {
                let other = data.get(minus..).unwrap_or_default().iter().step_by(self.stride);
                buffer.extend(own.zip(other).map(|(own, other)| own.wrapping_sub(*other)));
            }
        }
        buffer
    }

    /// The reverse of [`Plane::gather`]. A plane that others are taken off must have been put back before them.
    pub(super) fn scatter(&self, plane: &[u8], data: &mut [u8]) {
        for (index, byte) in plane.iter().enumerate() {
            let at = index * self.stride;
            let other = self.minus.and_then(|minus| data.get(minus + at)).copied().unwrap_or_default();
            if let Some(place) = data.get_mut(self.start + at) {
                *place = byte.wrapping_add(other);
            }
        }
    }
}

/// The planes of a layout; none for one that has no planes, or a size that it cannot have.
pub(super) fn planes_of(format: PixelFormat, width: usize, height: usize) -> ArrayVec<Plane, 3> {
    let plane = |width, height, start, stride| Plane { width, height, start, stride, minus: None };
    let mut planes = ArrayVec::new();
    if width == 0 || height == 0 {
        return planes;
    }
    match format {
        PixelFormat::Gray8 => planes.push(plane(width, height, 0, 1)),
        PixelFormat::Rgb8 => {
            planes.push(plane(width, height, 1, 3));
            planes.push(Plane { minus: Some(1), ..plane(width, height, 0, 3) });
            planes.push(Plane { minus: Some(1), ..plane(width, height, 2, 3) });
        }
        PixelFormat::Yuyv if width.is_multiple_of(2) => {
            planes.push(plane(width, height, 0, 2));
            planes.push(plane(width / 2, height, 1, 4));
            planes.push(plane(width / 2, height, 3, 4));
        }
        PixelFormat::Nv12 if width.is_multiple_of(2) && height.is_multiple_of(2) => {
            let luma = width * height;
            planes.push(plane(width, height, 0, 1));
            planes.push(plane(width / 2, height / 2, luma, 2));
            planes.push(plane(width / 2, height / 2, luma + 1, 2));
        }
        PixelFormat::Yuyv | PixelFormat::Nv12 | PixelFormat::Mjpeg => {}
    }
    planes
}

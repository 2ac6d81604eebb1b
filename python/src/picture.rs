//! NumPy arrays to frames.

use numpy::ndarray::{ArrayViewD, Axis};
use numpy::{PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use onset::types::{Frame, PixelFormat};
use pyo3::prelude::*;

use crate::error::Kind;

/// Sides of a frame, in pixels, as for cameras.
const SIDES_PX: std::ops::RangeInclusive<usize> = 16..=16384;

/// The order of the three channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channels {
    Rgb,
    Bgr,
}

impl Channels {
    pub(crate) fn from_name(name: &str) -> PyResult<Self> {
        match name {
            "rgb" => Ok(Self::Rgb),
            "bgr" => Ok(Self::Bgr),
            other => Err(Kind::Option.with(format!(
                "color: {other} is neither rgb nor bgr (OpenCV's order); gray arrays need none"
            ))),
        }
    }
}

/// Copies an array into `frame`: its size, format and bytes.
///
/// # Errors
/// `FrameError`: no array, not of bytes, of another shape, too small or too large.
pub(crate) fn copy_into(array: &Bound<'_, PyAny>, channels: Channels, frame: &mut Frame) -> PyResult<()> {
    let Ok(untyped) = array.cast::<PyUntypedArray>() else {
        let kind = array.get_type().qualname()?;
        return Err(Kind::Frame.with(format!(
            "a frame is a numpy array of uint8 with shape (H, W) or (H, W, 3), this is {kind}; use np.asarray(picture)"
        )));
    };
    let Ok(bytes) = array.cast::<PyArrayDyn<u8>>() else {
        let dtype = untyped.dtype().str()?;
        let hint = match untyped.dtype().kind() {
            b'f' => "; where its values lie in [0, 1], give (frame * 255).astype(np.uint8)",
            b'b' => "; give frame.astype(np.uint8) * 255",
            _ => "; give frame.astype(np.uint8) where its values lie in 0 to 255",
        };
        return Err(Kind::Frame.with(format!("a frame holds uint8, 0 to 255, this one holds {dtype}{hint}")));
    };
    let shape = untyped.shape();
    let (height, width, format) = match shape {
        [height, width] => (*height, *width, PixelFormat::Gray8),
        [height, width, 3] => (*height, *width, PixelFormat::Rgb8),
        _ => return Err(Kind::Frame.with(wrong_shape(shape))),
    };
    let (Ok(width_px), Ok(height_px)) = (u32::try_from(width), u32::try_from(height)) else {
        return Err(Kind::Frame.with(wrong_size(shape)));
    };
    if !SIDES_PX.contains(&width) || !SIDES_PX.contains(&height) {
        return Err(Kind::Frame.with(wrong_size(shape)));
    }
    let readable = bytes
        .try_readonly()
        .map_err(|error| Kind::Frame.with(format!("the frame is being written to: {error}; push a copy")))?;
    frame.data.clear();
    copy_bytes(
        readable.as_array(),
        format == PixelFormat::Rgb8 && channels == Channels::Bgr,
        &mut frame.data,
    );
    (frame.width, frame.height, frame.format) = (width_px, height_px, format);
    Ok(())
}

/// All bytes of `view` in their order, the channels swapped where asked for. Rows without holes are copied at once.
fn copy_bytes(mut view: ArrayViewD<'_, u8>, is_swapped: bool, data: &mut Vec<u8>) {
    let mut is_swapped = is_swapped;
    // `picture[..., ::-1]`, with which BGR becomes RGB: straight in memory once turned round again.
    if view.ndim() == 3 && view.strides().last().is_some_and(|stride| *stride == -1) {
        view.invert_axis(Axis(2));
        is_swapped = !is_swapped;
    }
    if let Some(bytes) = view.as_slice() {
        data.extend_from_slice(bytes);
    } else {
        for row in view.outer_iter() {
            match row.as_slice() {
                Some(bytes) => data.extend_from_slice(bytes),
                None => data.extend(row.iter()),
            }
        }
    }
    if is_swapped {
        for pixel in data.chunks_exact_mut(3) {
            pixel.swap(0, 2);
        }
    }
}

fn words(shape: &[usize]) -> String {
    let sides: Vec<String> = shape.iter().map(usize::to_string).collect();
    match sides.as_slice() {
        [one] => format!("({one},)"),
        many => format!("({})", many.join(", ")),
    }
}

fn wrong_shape(shape: &[usize]) -> String {
    let hint = match shape {
        [_, _, 1] => "; give frame[..., 0]",
        [_, _, 4] => "; give frame[..., :3], without transparency",
        [3, _, _] => "; channels come last: give np.moveaxis(frame, 0, 2)",
        [_, _, _, _] => "; push the frames one by one",
        _ => "",
    };
    format!("a frame has shape (H, W) or (H, W, 3), this one has {}{hint}", words(shape))
}

fn wrong_size(shape: &[usize]) -> String {
    format!(
        "a frame has {} to {} pixels in each direction, this one has shape {}",
        SIDES_PX.start(),
        SIDES_PX.end(),
        words(shape)
    )
}

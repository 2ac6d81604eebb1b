//! Samples as devices give them, to samples as they are stored.

use super::block::{SampleKind, Samples};

/// A sample format of devices.
pub trait DeviceSample: Copy + Send + 'static {
    /// How it is stored.
    const KIND: SampleKind;
    /// Whether nothing of it is lost.
    const IS_EXACT: bool;

    /// Appends samples to a buffer of [`Self::KIND`], within its capacity; a buffer of another kind is left as it is.
    fn append(from: &[Self], to: &mut Samples);
}

macro_rules! device_sample {
    ($type:ty, $kind:ident, $is_exact:literal, $convert:expr) => {
        impl DeviceSample for $type {
            const KIND: SampleKind = SampleKind::$kind;
            const IS_EXACT: bool = $is_exact;

            fn append(from: &[Self], to: &mut Samples) {
                if let Samples::$kind(to) = to {
                    let convert = $convert;
                    to.extend(from.iter().map(|sample| convert(*sample)));
                }
            }
        }
    };
}

device_sample!(i16, I16, true, |sample: i16| sample);
// Unsigned formats have their zero in the middle.
device_sample!(u16, I16, true, |sample: u16| (sample ^ 0x8000) as i16);
device_sample!(i8, I16, true, |sample: i8| i16::from(sample) << 8);
device_sample!(u8, I16, true, |sample: u8| i16::from((sample ^ 0x80) as i8) << 8);
device_sample!(f32, F32, true, |sample: f32| sample);
// 24 bits are what the fraction of an f32 holds.
device_sample!(cpal::I24, F32, true, |sample: cpal::I24| sample.inner() as f32 / 8_388_608.0);
device_sample!(i32, F32, false, |sample: i32| sample as f32 / 2_147_483_648.0);
device_sample!(f64, F32, false, |sample: f64| sample as f32);

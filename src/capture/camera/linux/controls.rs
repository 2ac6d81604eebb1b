//! Picture controls through V4L2: exposure, gain, white balance, flicker filter.

use v4l::Device;
use v4l::control::{Control, Description, Flags, MenuItem, Type, Value};

use super::node::{fault_of, guarded};
use crate::capture::camera::devices::CameraControl;
use crate::capture::camera::request::{Adjust, CameraControls};

// Control numbers and values of linux/v4l2-controls.h.
const AUTO_WHITE_BALANCE: u32 = 0x0098_090C;
const GAIN: u32 = 0x0098_0913;
const POWER_LINE_FREQUENCY: u32 = 0x0098_0918;
const WHITE_BALANCE: u32 = 0x0098_091A;
const EXPOSURE_AUTO: u32 = 0x009A_0901;
const EXPOSURE_ABSOLUTE: u32 = 0x009A_0902;
/// `V4L2_EXPOSURE_MANUAL` and `V4L2_EXPOSURE_APERTURE_PRIORITY`: what UVC cameras call manual and automatic.
const MANUAL: i64 = 1;
/// See [`MANUAL`].
const APERTURE_PRIORITY: i64 = 3;
/// Groups of controls that concern the picture: the user's, and the camera's.
const PICTURE_GROUPS: [u32; 2] = [0x0098, 0x009A];

/// Sets what was asked; what the camera would not take becomes a warning.
pub(super) fn set(device: &Device, controls: &CameraControls, name: &str, warnings: &mut Vec<String>) {
    for (what, id, value) in wanted(controls) {
        if let Err(error) = device.set_control(Control { id, value }) {
            warnings
                .push(format!("{name}: {what} was not set ({error}); see `onset devices` for its controls"));
        }
    }
}

/// Name, number and value of each control to set, in order: the automatic is turned off before a value is fixed.
fn wanted(controls: &CameraControls) -> Vec<(&'static str, u32, Value)> {
    use Value::{Boolean, Integer};
    let mut list = Vec::new();
    match controls.exposure {
        Some(Adjust::Auto) => list.push(("automatic exposure", EXPOSURE_AUTO, Integer(APERTURE_PRIORITY))),
        Some(Adjust::Fixed(value)) => {
            list.push(("manual exposure", EXPOSURE_AUTO, Integer(MANUAL)));
            list.push(("exposure", EXPOSURE_ABSOLUTE, Integer(value)));
        }
        None => {}
    }
    if let Some(gain) = controls.gain {
        list.push(("gain", GAIN, Integer(gain)));
    }
    if let Some(white_balance) = controls.white_balance {
        let is_auto = white_balance == Adjust::Auto;
        list.push(("automatic white balance", AUTO_WHITE_BALANCE, Boolean(is_auto)));
        if let Adjust::Fixed(kelvin) = white_balance {
            list.push(("white balance", WHITE_BALANCE, Integer(kelvin)));
        }
    }
    if let Some(hz) = controls.power_line_hz {
        // Menu: 0 off, 1 50 Hz, 2 60 Hz.
        let entry = if hz == 50 { 1 } else { i64::from(hz == 60) * 2 };
        list.push(("the power-line filter", POWER_LINE_FREQUENCY, Integer(entry)));
    }
    list
}

/// The picture controls with their values; none where the camera cannot be asked.
pub(super) fn list(device: &Device) -> Vec<CameraControl> {
    // Guarded: the library panics on a kind of control that it does not know.
    let descriptions = guarded(|| device.query_controls().map_err(|e| fault_of(&e))).unwrap_or_default();
    let is_shown = |d: &&Description| {
        PICTURE_GROUPS.contains(&(d.id >> 16))
            && matches!(d.typ, Type::Integer | Type::Boolean | Type::Menu | Type::Integer64)
            && !d.flags.intersects(Flags::DISABLED | Flags::WRITE_ONLY)
    };
    let value_of = |d: &Description| Some(described(d, &device.control(d.id).ok()?.value));
    descriptions.iter().filter(is_shown).filter_map(value_of).collect()
}

fn described(description: &Description, value: &Value) -> CameraControl {
    let number = match value {
        Value::Integer(number) => *number,
        Value::Boolean(is_on) => i64::from(*is_on),
        _ => description.default,
    };
    let entry = description.items.iter().flatten().find(|(entry, _)| i64::from(*entry) == number);
    let value = match entry {
        Some((_, MenuItem::Name(name))) => format!("{number}, {name}"),
        _ => number.to_string(),
    };
    let range = Some((description.minimum, description.maximum));
    CameraControl { name: description.name.clone(), value, range }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_automatic_goes_off_before_a_value_is_fixed() {
        let controls = CameraControls {
            exposure: Some(Adjust::Fixed(150)),
            gain: Some(3),
            white_balance: Some(Adjust::Fixed(4000)),
            power_line_hz: Some(60),
        };
        let expected = [
            (EXPOSURE_AUTO, Value::Integer(1)),
            (EXPOSURE_ABSOLUTE, Value::Integer(150)),
            (GAIN, Value::Integer(3)),
            (AUTO_WHITE_BALANCE, Value::Boolean(false)),
            (WHITE_BALANCE, Value::Integer(4000)),
            (POWER_LINE_FREQUENCY, Value::Integer(2)),
        ];
        let list: Vec<_> = wanted(&controls).into_iter().map(|(_, id, value)| (id, value)).collect();
        assert_eq!(list, expected);
        assert!(wanted(&CameraControls::default()).is_empty());
        let auto = CameraControls { white_balance: Some(Adjust::Auto), ..Default::default() };
        assert_eq!(wanted(&auto)[0].2, Value::Boolean(true));
    }

    #[test]
    fn a_menu_shows_the_number_and_the_word() {
        let description = Description {
            id: POWER_LINE_FREQUENCY,
            typ: Type::Menu,
            name: "Power Line Frequency".into(),
            minimum: 0,
            maximum: 2,
            step: 1,
            default: 1,
            flags: Flags::empty(),
            items: Some(vec![(0, MenuItem::Name("Disabled".into())), (1, MenuItem::Name("50 Hz".into()))]),
        };
        let shown = described(&description, &Value::Integer(1));
        assert_eq!((shown.value.as_str(), shown.range), ("1, 50 Hz", Some((0, 2))));
        assert_eq!(described(&description, &Value::Boolean(true)).value, "1, 50 Hz");
        assert_eq!(described(&description, &Value::Integer(2)).value, "2");
    }
}

//! The look in one place: scale, type sizes, colours.
//!
//! Data colours are Okabe and Ito's, which people with any colour vision tell apart (jfly.uni-koeln.de/color, 2008), green
//! and vermillion a little lighter for the dark ground. What a colour says is also said by a shape, a dash or a word.

use crate::types::{EventKind, Region, Side};

use super::canvas::Color;
use super::text::{Style, Weight};

const ORANGE: Color = Color::rgb(0xE69F00);
const SKY: Color = Color::rgb(0x56B4E9);
const GREEN: Color = Color::rgb(0x00B283);
const YELLOW: Color = Color::rgb(0xF0E442);
const VERMILLION: Color = Color::rgb(0xE8702A);
const PURPLE: Color = Color::rgb(0xCC79A7);

/// Behind everything that is not picture.
pub(super) const BACKDROP: Color = Color::rgb(0x0A0D11);
/// A panel beside the picture.
pub(super) const CARD: Color = Color::rgb(0x12171D);
/// A panel over the picture.
pub(super) const GLASS: Color = Color::rgb(0x0B0F14).at(0.78);
/// Thin lines: panel rules, axes.
pub(super) const RULE: Color = Color::rgb(0xFFFFFF).at(0.09);
/// Plain text.
pub(super) const INK: Color = Color::rgb(0xE6EBF0);
/// Text of second rank: labels, units.
pub(super) const SOFT: Color = Color::rgb(0x98A4B1);
/// Text of third rank: axis figures, absent values.
pub(super) const FAINT: Color = Color::rgb(0x6B7785);
/// The one accent: the face's outline, the leading bar.
pub(super) const ACCENT: Color = Color::rgb(0x7FE3D3);
/// What asks for attention.
pub(super) const ALERT: Color = Color::rgb(0xFFB84D);
/// The demo's mark.
pub(super) const DEMO: Color = YELLOW;
/// Under lines that are drawn on the picture.
pub(super) const SHADOW: Color = Color::rgb(0x000000).at(0.45);
/// Text on a filled mark.
pub(super) const ON_MARK: Color = Color::rgb(0x14171A);
/// Over what could not be seen.
pub(super) const BLIND: Color = Color::rgb(0x59636E);
/// Hatching on it.
pub(super) const BLIND_LINE: Color = Color::rgb(0xC9D2DB);
/// Markers set by the user.
pub(super) const MARKER: Color = Color::rgb(0xFFFFFF);

/// The colour of a region, the same for both sides. Regions that share a set of traces differ.
pub(super) const fn region_color(region: Region) -> Color {
    match region {
        Region::InnerBrow | Region::Brow => SKY,
        Region::OuterBrow | Region::UpperLip => GREEN,
        Region::Glabella | Region::NoseWing | Region::Chin => PURPLE,
        Region::Lid => YELLOW,
        Region::Cheek | Region::MouthCorner => ORANGE,
        Region::LowerLip => VERMILLION,
    }
}

/// The colour of a region's trace on one side: the right one is lighter (and dashed), so that it shows on the left one.
pub(super) const fn side_color(region: Region, side: Side) -> Color {
    const fn lighter(value: u8) -> u8 {
        value + ((255 - value) as u16 * 55 / 100) as u8
    }
    let color = region_color(region);
    match side {
        Side::Left => color,
        Side::Right => Color { r: lighter(color.r), g: lighter(color.g), b: lighter(color.b), a: color.a },
    }
}

/// The colour of an event's kind.
pub(super) const fn kind_color(kind: EventKind) -> Color {
    match kind {
        EventKind::Micro => ORANGE,
        EventKind::Macro => SKY,
        EventKind::Masked => PURPLE,
        EventKind::Blink => SOFT,
    }
}

/// Left is drawn solid, right dashed.
pub(super) const fn is_dashed(side: Side) -> bool {
    matches!(side, Side::Right)
}

/// Canvas pixels for one layout unit. One at 640 x 480; proportional to the window's height on large screens, so that a
/// 4K screen shows the same picture as a full-HD one, only finer.
pub(super) fn unit_px(width: usize, height: usize) -> f32 {
    let (w, h) = (width as f32, height as f32);
    if w < 640.0 || h < 480.0 {
        return (w / 640.0).min(h / 480.0);
    }
    (h / 640.0).min(w / 1000.0).max(1.0)
}

/// The type scale, in layout units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    /// Panel titles.
    pub(super) title: Style,
    /// Axis figures, second lines.
    pub(super) small: Style,
    /// Plain text.
    pub(super) body: Style,
    /// Emphasis in plain text.
    pub(super) strong: Style,
    /// The few large figures.
    pub(super) figure: Style,
}

impl Type {
    /// The scale at `unit` canvas pixels a layout unit.
    pub(super) fn at(unit: f32) -> Self {
        let style = |size: f32, weight, tracking| Style { size_px: size * unit, weight, tracking };
        Self {
            title: style(9.0, Weight::SemiBold, 0.09),
            small: style(10.0, Weight::Medium, 0.01),
            body: style(11.5, Weight::Medium, 0.005),
            strong: style(11.5, Weight::SemiBold, 0.005),
            figure: style(19.0, Weight::SemiBold, -0.01),
        }
    }
}

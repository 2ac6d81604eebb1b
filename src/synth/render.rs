//! One frame of a clip: the base's frame with everything that happens at its time.

use image::RgbImage;
use image::imageops::{FilterType, resize};

use super::base::Base;
use super::distractor::Distractors;
use super::expression::{Expression, Layers};
use super::head::{HeadMap, HeadShape, HeadState, bounds};
use super::lattice::{Cover, Lattice, Node};
use super::lids::Lids;
use super::light::Light;
use super::plan::Plan;
use super::resample::{Floats, Kernel};
use crate::facs::{AuField, Pattern, strength_among};
use crate::types::{Affine, Landmarks, Side};

/// Distance of the lattice's nodes in ICD units: a fifth of the reach of the narrowest bump (a lid's); whole pixels.
const STEP_ICD: f32 = 0.05;
/// Limits of the same in pixels.
const STEP_PX: [usize; 2] = [2, 12];
/// Where the skin's colour is taken: both cheeks.
const CHEEKS: [usize; 2] = [50, 280];

/// Draws the frames of one clip.
pub(super) struct Renderer<'a> {
    base: &'a Base,
    plan: &'a Plan,
    light: Light,
    /// Output pixels a base pixel.
    scale: f64,
    /// Of a still base: the same in every frame.
    still: Option<(AuField, Option<HeadShape>)>,
    skin: Option<[f32; 3]>,
    kernel: Kernel,
    floats: Floats,
    lattice: Lattice,
}

/// Which frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Index of the base's frame.
    pub(super) index: usize,
    /// When, in seconds from the clip's start.
    pub(super) time_s: f64,
    /// Leave micro-expressions and the brows of masked smiles out: the same frame as it would be without them.
    pub(super) is_plain: bool,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(
        base: &'a Base,
        plan: &'a Plan,
        seed: u64,
        distractors: &Distractors,
        scale: f64,
    ) -> Self {
        let still = base.landmarks(0).filter(|_| base.is_still()).and_then(|landmarks| {
            let field = AuField::new(landmarks)?;
            let head =
                plan.moves_head().then(|| HeadShape::new(landmarks, field.face_from_image())).flatten();
            Some((field, head))
        });
        Self {
            base,
            plan,
            light: Light::new(seed, plan.light.clone(), distractors),
            scale,
            still,
            skin: None,
            kernel: Kernel::new(),
            floats: Floats::default(),
            lattice: Lattice::default(),
        }
    }

    /// The frame, at the clip's size.
    pub(super) fn draw(&mut self, picture: &RgbImage, moment: Moment) -> RgbImage {
        let mut out = picture.clone();
        let base = self.base;
        if let Some(landmarks) = base.landmarks(moment.index) {
            self.warp(picture, landmarks, moment, &mut out);
            self.pass_hands(picture, landmarks, moment.time_s, &mut out);
        }
        let mut out = scaled(out, self.scale);
        self.light.apply(moment.time_s, moment.index, &mut out);
        out
    }

    fn warp(&mut self, picture: &RgbImage, landmarks: &Landmarks, moment: Moment, out: &mut RgbImage) {
        let Self { plan, still, kernel, floats, lattice, .. } = self;
        let own = if still.is_none() { AuField::new(landmarks) } else { None };
        let (Some(field), head) = (match still {
            Some((field, head)) => (Some(&*field), head.as_ref()),
            None => (own.as_ref(), None),
        }) else {
            return;
        };
        let face_from_image = field.face_from_image();
        let Some(image_from_face) = face_from_image.inverse() else { return };
        let skin = Skin::new(plan, field, moment);
        let closed = plan.blinks.iter().map(|blink| blink.at(moment.time_s)).fold(0.0, f64::max);
        let lids = Lids::new(landmarks, face_from_image, closed as f32);
        let state = plan.head_at(moment.time_s);
        let head = head.filter(|_| state != HeadState::default()).map(|head| HeadMap::new(head, &state));
        let mut boxes: Vec<[f32; 4]> =
            skin.bounds_icd().into_iter().chain(lids.as_ref().map(Lids::bounds_icd)).collect();
        boxes = boxes.into_iter().map(|icd| in_pixels(icd, &image_from_face)).collect();
        boxes.extend(head.as_ref().map(|head| head.bounds_px()));
        let Some(box_px) = boxes
            .into_iter()
            .reduce(|a, b| bounds(&[[a[0], a[1]], [a[2], a[3]], [b[0], b[1]], [b[2], b[3]]]))
        else {
            return;
        };
        let icd_px = image_from_face.scale();
        let step = ((STEP_ICD * icd_px).round() as usize).clamp(STEP_PX[0], STEP_PX[1]);
        // A still's picture is always the same.
        if own.is_some() || !floats.is_filled() {
            floats.fill(picture);
        }
        lattice.fill(box_px, step, picture.dimensions(), |here| {
            let from = head.as_ref().map_or(here, |head| head.source_of(here));
            let moved = skin.displacement(face_from_image.apply(from));
            let skin_px = if moved == [0.0; 2] { moved } else { turned(&image_from_face, moved) };
            Node::new([from[0] - here[0] - skin_px[0], from[1] - here[1] - skin_px[1]], skin_px)
        });
        lattice.shade_skin(skin.shading);
        lattice.apply(floats, kernel, lids.as_ref().map(|lids| lids as &dyn Cover), out);
    }

    fn pass_hands(&mut self, picture: &RgbImage, landmarks: &Landmarks, time_s: f64, out: &mut RgbImage) {
        let Some(pass) = self.plan.passes.iter().find(|p| (p.onset_s..=p.offset_s()).contains(&time_s))
        else {
            return;
        };
        let skin = *self.skin.get_or_insert_with(|| skin_colour(picture, landmarks));
        let (Some(&right), Some(&left)) = (landmarks.get(133), landmarks.get(362)) else { return };
        let eyes_px = [0, 1].map(|i| 0.5 * (right[i] + left[i]));
        pass.draw(time_s, eyes_px, crate::face::icd_px(landmarks), skin, out);
    }
}

/// How the skin of a face is displaced at one moment.
struct Skin<'a> {
    patterns: Vec<(Pattern<'a>, f32)>,
    shading: f32,
}

impl<'a> Skin<'a> {
    fn new(plan: &Plan, field: &'a AuField, moment: Moment) -> Self {
        let mut patterns = Vec::new();
        let (mut shading, mut shaded) = (0.0, 0.0);
        let (is_shown, layers) = (!moment.is_plain, Layers::parts);
        let events = plan.micros.iter().chain(plan.smiles.iter().flat_map(|s| &s.upper).flat_map(layers));
        let others = plan.smiles.iter().map(|s| &s.mouth).chain(&plan.frowns);
        let others = others.chain(plan.laughs.iter().map(|l| &l.smile)).flat_map(layers);
        for expression in events.filter(|_| is_shown).chain(&plan.macros).chain(others) {
            let amount = expression.amplitude_icd * expression.envelope.at(moment.time_s);
            if amount > 0.0 {
                patterns.push((field.pattern(&parts_of(expression)), amount as f32));
                (shading, shaded) = (shading + amount * expression.shading, shaded + amount);
            }
        }
        for speech in plan.speech.iter().filter(|s| (s.onset_s..s.offset_s).contains(&moment.time_s)) {
            for (unit, amount) in [26, 18].into_iter().zip(speech.at(moment.time_s)) {
                if amount != 0.0 {
                    let pattern = field.pattern(&[(unit, Side::Left, 1.0), (unit, Side::Right, 1.0)]);
                    patterns.push((pattern, amount as f32));
                    (shading, shaded) = (shading + amount.abs(), shaded + amount.abs());
                }
            }
        }
        for laughter in &plan.laughs {
            let amount = laughter.jaw_at(moment.time_s);
            if amount > 0.0 {
                let pattern = field.pattern(&[(26, Side::Left, 1.0), (26, Side::Right, 1.0)]);
                patterns.push((pattern, amount as f32));
                (shading, shaded) = (shading + amount, shaded + amount);
            }
        }
        let shading = if shaded > 0.0 { shading / shaded } else { 0.0 };
        Self { patterns, shading: shading as f32 }
    }

    fn displacement(&self, point_icd: [f32; 2]) -> [f32; 2] {
        self.patterns.iter().fold([0.0; 2], |sum, (pattern, amount)| {
            let [x, y] = pattern.displacement(point_icd);
            [sum[0] + amount * x, sum[1] + amount * y]
        })
    }

    fn bounds_icd(&self) -> Option<[f32; 4]> {
        let boxes = self.patterns.iter().filter_map(|(pattern, _)| pattern.bounds_icd());
        boxes.reduce(|a, b| bounds(&[[a[0], a[1]], [a[2], a[3]], [b[0], b[1]], [b[2], b[3]]]))
    }
}

fn parts_of(expression: &Expression) -> Vec<(u8, Side, f32)> {
    let sides = [(Side::Left, expression.sides[0] as f32), (Side::Right, expression.sides[1] as f32)];
    let part = |unit: u8| {
        sides.map(|(side, share)| (unit, side, share * strength_among(expression.action_units, unit)))
    };
    expression.action_units.iter().flat_map(|&unit| part(unit)).filter(|(.., share)| *share > 0.0).collect()
}

/// A direction in face coordinates as one in the picture, ICD units as pixels.
fn turned(image_from_face: &Affine, [x, y]: [f32; 2]) -> [f32; 2] {
    image_from_face.rows.map(|row| row[0] * x + row[1] * y)
}

/// The box around a box of face coordinates, in pixels.
fn in_pixels([left, top, right, bottom]: [f32; 4], image_from_face: &Affine) -> [f32; 4] {
    bounds(
        &[[left, top], [right, top], [left, bottom], [right, bottom]]
            .map(|corner| image_from_face.apply(corner)),
    )
}

/// The picture at another size; even, as video codecs want it.
pub(super) fn scaled(picture: RgbImage, scale: f64) -> RgbImage {
    if scale == 1.0 {
        return picture;
    }
    let [width, height] = scaled_size([picture.width(), picture.height()], scale);
    resize(&picture, width, height, FilterType::CatmullRom)
}

/// Width and height after scaling: even, at least 16.
pub(super) fn scaled_size(size: [u32; 2], scale: f64) -> [u32; 2] {
    if scale == 1.0 {
        return size;
    }
    size.map(|px| (((f64::from(px) * scale / 2.0).round() as u32) * 2).max(16))
}

/// Mean colour of the cheeks.
fn skin_colour(picture: &RgbImage, landmarks: &Landmarks) -> [f32; 3] {
    let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
    for [x, y, _] in CHEEKS.iter().filter_map(|&point| landmarks.get(point).copied()) {
        for (dx, dy) in (-2..=2).flat_map(|dy| (-2..=2).map(move |dx| (dx, dy))) {
            let (x, y) = (x as i64 + dx, y as i64 + dy);
            let pixel = u32::try_from(x)
                .ok()
                .zip(u32::try_from(y).ok())
                .and_then(|(x, y)| picture.get_pixel_checked(x, y));
            if let Some(pixel) = pixel {
                sum = [0, 1, 2].map(|i| sum[i] + f32::from(pixel.0[i]));
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum.map(|v| v / count) } else { [180.0, 140.0, 120.0] }
}

//! Every column of the frames table: the one place that names them. The writers and the test of `docs/outputs.md` read
//! this list.

use super::cell::{Cell, Column, INT, TEXT, real, real_cell, seconds};
use super::mismatch_columns::mismatch_columns;
use super::observability_columns::observability_columns;
use super::row::{FaceCells, FrameRow};
use crate::types::{BLENDSHAPE_NAMES, FaceMeasurement, Label, RegionId, RegionMotion, Signal};

/// A value of the primary face, where there is one.
fn of_face(get: impl Fn(&FaceCells) -> Cell) -> impl Fn(&FrameRow) -> Cell {
    move |row| row.face.as_ref().map_or(Cell::Missing, &get)
}

/// A value of the networks, in the rows of the frames that they measured.
fn of_measured(get: impl Fn(&FaceMeasurement) -> Option<f32>) -> impl Fn(&FrameRow) -> Cell {
    move |row| row.measured.as_ref().and_then(|m| m.face()).and_then(&get).map_or(Cell::Missing, real_cell)
}

/// A value of the region signals.
pub(super) fn of_signal(get: impl Fn(&Signal) -> Option<f32>) -> impl Fn(&FrameRow) -> Cell {
    move |row| row.signal.as_deref().and_then(&get).map_or(Cell::Missing, real_cell)
}

/// A value of one region, where it could be measured.
fn of_region(id: RegionId, get: fn(&RegionMotion) -> f32) -> impl Fn(&FrameRow) -> Cell {
    of_signal(move |signal| signal.regions.get(id.index()).filter(|region| region.is_valid).map(get))
}

/// The columns of the frames table, in file order.
pub fn frame_columns() -> Vec<Column<FrameRow>> {
    let mut columns = Vec::from(identity_columns());
    columns.extend(face_columns());
    columns.extend(Label::ALL.into_iter().map(|label| {
        Column::new(
            "p_<label>",
            real(4),
            [
                "probability",
                "0 to 1",
                "The whole-face classifier's probability of the expression; empty for labels that it does not know.",
            ],
            of_measured(move |face| face.expression.and_then(|shown| shown.face[label.index()])),
        )
        .named(format!("p_{}", label.name()))
    }));
    columns.extend(Label::ALL.into_iter().map(|label| {
        Column::new(
            "eye_p_<label>",
            real(4),
            ["probability", "0 to 1", "The same from the eye-region classifier, which never sees the mouth."],
            of_measured(move |face| face.expression.and_then(|shown| shown.eyes?[label.index()])),
        )
        .named(format!("eye_p_{}", label.name()))
    }));
    columns.extend(region_columns(
        "m_",
        "m_<region>_<side>",
        [
            "icd",
            "0 and up",
            "Motion of the region since the reference: mean length of its strongest quarter of vectors, \
             head motion removed. What earlier references left fades with 10 s: compare changes, not levels. Empty \
             where it could not be measured.",
        ],
        |region| region.amplitude_icd,
    ));
    columns.extend(BLENDSHAPE_NAMES.iter().enumerate().map(|(index, name)| {
        Column::new(
            "b_<blendshape>",
            real(4),
            ["score", "0 to 1", "MediaPipe's blendshape score, under the network's own name."],
            of_measured(move |face| face.blendshapes.as_ref().and_then(|scores| scores.get(index).copied())),
        )
        .named(format!("b_{name}"))
    }));
    columns.extend(region_columns(
        "mx_",
        "mx_<region>_<side>",
        [
            "icd",
            "any",
            "Displacement of the region since the reference, along the upright face's x axis (to image \
             right).",
        ],
        |region| region.displacement_icd[0],
    ));
    columns.extend(region_columns(
        "my_",
        "my_<region>_<side>",
        ["icd", "any", "The same along its y axis: positive is down, towards the chin."],
        |region| region.displacement_icd[1],
    ));
    columns.extend(last_columns());
    columns.extend(observability_columns());
    columns.extend(mismatch_columns());
    columns
}

fn identity_columns() -> [Column<FrameRow>; 3] {
    [
        Column::new(
            "frame",
            INT,
            ["-", "0 and up", "Number of the frame in its source, lost frames counted."],
            |row: &FrameRow| Cell::from_unsigned(row.frame),
        )
        .required(),
        Column::new(
            "timestamp_s",
            real(6),
            [
                "s",
                "0 and up",
                "When the frame was captured, from the source's start; in a run of lost frames only the \
                 first has one.",
            ],
            |row: &FrameRow| row.captured_at.map_or(Cell::Missing, seconds),
        ),
        Column::new(
            "status",
            TEXT,
            [
                "-",
                "ok, no_face, gap, blurred, occluded",
                "What could be seen: `gap` is a lost frame, `occluded` a covered face or one turned too far away.",
            ],
            |row: &FrameRow| Cell::from_text(row.status.name()),
        )
        .required(),
    ]
}

fn face_columns() -> [Column<FrameRow>; 13] {
    [
        Column::new(
            "face_id",
            INT,
            ["-", "0 and up", "The person followed; the same number for as long as the face is not lost."],
            of_face(|face| Cell::Int(face.id.into())),
        ),
        Column::new(
            "confidence",
            real(4),
            [
                "probability",
                "0 to 1",
                "The landmark network's certainty that this is a face, in the newest measurement.",
            ],
            of_face(|face| real_cell(face.confidence)),
        ),
        Column::new(
            "box_x_px",
            real(2),
            [
                "px",
                "any",
                "Left edge of the face box (around the landmarks, moved along with the head between measurements); may lie outside the image.",
            ],
            of_face(|face| real_cell(face.box_px.x)),
        ),
        Column::new(
            "box_y_px",
            real(2),
            ["px", "any", "Its top edge."],
            of_face(|face| real_cell(face.box_px.y)),
        ),
        Column::new(
            "box_w_px",
            real(2),
            ["px", "0 and up", "Its width."],
            of_face(|face| real_cell(face.box_px.w)),
        ),
        Column::new(
            "box_h_px",
            real(2),
            ["px", "0 and up", "Its height."],
            of_face(|face| real_cell(face.box_px.h)),
        ),
        Column::new(
            "pitch_deg",
            real(2),
            ["deg", "-90 to 90", "Head rotation: positive when the chin goes up."],
            of_measured(|face| Some(face.pose.pitch_deg)),
        ),
        Column::new(
            "yaw_deg",
            real(2),
            [
                "deg",
                "-180 to 180",
                "Head rotation: positive when the head turns to the subject's left (image right).",
            ],
            of_measured(|face| Some(face.pose.yaw_deg)),
        ),
        Column::new(
            "roll_deg",
            real(2),
            [
                "deg",
                "-180 to 180",
                "Head rotation: positive when the head tilts clockwise in the image, to the subject's left shoulder.",
            ],
            of_measured(|face| Some(face.pose.roll_deg)),
        ),
        Column::new(
            "icd_px",
            real(2),
            [
                "px",
                "0 and up",
                "Inner-canthal distance (between the inner eye corners): the unit of every motion column. Below 64 the face is magnified for measuring.",
            ],
            of_face(|face| real_cell(face.icd_px)),
        ),
        Column::new(
            "landmark_age_ms",
            real(3),
            [
                "ms",
                "0 and up",
                "Time since the newest landmark measurement of this face at or before this frame; 0 in the rows that were measured.",
            ],
            |row: &FrameRow| row.landmark_age_ms.map_or(Cell::Missing, Cell::Real),
        ),
        Column::new(
            "luma_mean",
            real(2),
            ["luma", "0 to 255", "Mean brightness of the whole frame."],
            |row: &FrameRow| row.luma_mean.map_or(Cell::Missing, real_cell),
        ),
        Column::new(
            "sharpness",
            real(5),
            [
                "-",
                "0 and up",
                "Variance of the aligned face's Laplacian over its variance; higher is sharper.",
            ],
            |row: &FrameRow| row.sharpness.map_or(Cell::Missing, real_cell),
        ),
    ]
}

pub(super) fn region_columns(
    prefix: &'static str,
    doc_name: &'static str,
    texts: [&'static str; 3],
    get: fn(&RegionMotion) -> f32,
) -> impl Iterator<Item = Column<FrameRow>> {
    RegionId::all().map(move |id| {
        Column::new(doc_name, real(5), texts, of_region(id, get)).named(format!("{prefix}{}", id.name()))
    })
}

fn last_columns() -> [Column<FrameRow>; 3] {
    [
        Column::new(
            "head_speed_icd_s",
            real(4),
            ["icd/s", "0 and up", "Speed of the head in the image."],
            of_signal(|signal| Some(signal.head_speed_icd_s)),
        ),
        Column::new(
            "gap_reason",
            TEXT,
            [
                "-",
                "overrun, driver, stalled, corrupt",
                "Why the frame was lost: analysis too slow (live only), skipped by camera or driver, camera silent, picture not decodable or called broken by the driver. Empty in a `gap` row where the source gave no reason.",
            ],
            |row: &FrameRow| row.gap_reason.map_or(Cell::Missing, |reason| Cell::from_text(reason.name())),
        ),
        Column::new(
            "faces",
            INT,
            [
                "-",
                "0 and up",
                "Number of faces followed in this frame; the other columns describe the primary one.",
            ],
            |row: &FrameRow| row.face_count.map_or(Cell::Missing, |n| Cell::from_unsigned(n as u64)),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_the_columns_of_the_design_in_its_order() {
        let names: Vec<String> = frame_columns().into_iter().map(|column| column.name).collect();
        let first: Vec<&str> =
            "frame timestamp_s status face_id confidence box_x_px box_y_px box_w_px box_h_px pitch_deg \
             yaw_deg roll_deg icd_px landmark_age_ms luma_mean sharpness p_neutral"
                .split(' ')
                .collect();
        assert_eq!(&names[..first.len()], first);
        let at = |name: &str| names.iter().position(|n| n == name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(at("eye_p_neutral"), 24);
        assert_eq!(at("m_inner_brow_left"), 32);
        assert_eq!(at("b__neutral"), 54);
        assert_eq!(at("mx_inner_brow_left"), 106);
        assert_eq!(at("my_inner_brow_left"), 128);
        assert_eq!(at("head_speed_icd_s"), 150);
        assert_eq!(at("min_inner_brow_left"), 153);
        assert_eq!(at("sigma_inner_brow_left"), 175);
        assert_eq!(at("head_turn_deg_s"), 197);
        assert_eq!(at("not_observable"), 198);
        assert_eq!(at("mismatch_score"), 199);
        assert_eq!(names.len(), 204);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<String> = frame_columns().into_iter().map(|column| column.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 204);
    }
}

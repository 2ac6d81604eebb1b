//! SMIC: 164 micro-expressions of 16 subjects by a 100 fps camera (HS), 71 of 8 of them by a visual (VIS) and a near-infrared (NIR)
//! camera of 25 fps.
//!
//! Li, Pfister, Huang, Zhao, Pietikäinen, FG 2013, doi:10.1109/FG.2013.6553717. Clips are folders of frames from onset to offset, and the folder
//! above says the class, so no table is needed: `HS/s1/micro/positive/s1_po_01/*.bmp`, also below SMIC_all_cropped (learned from tvaranka/meb,
//! `Smic`, and from public loaders of SMIC_all_cropped/NIR). SMIC gives no apex: the frame in the middle between onset and offset is used.
//! The extended SMIC-E has longer clips, `s01/s01_po_01/*`, and SMIC-HS-E_annotation.xlsx with `Subject, Filename, FirstF, OnsetF,
//! OffsetF, Emotion` (learned from genbing99/MEAN_Spot-then-recognize). Its classes are negative (sad, fear, disgust), positive (happy) and
//! surprise.

use super::facts::{Column, Corpus, Emotion, Valence};
use super::tree::{Tree, last};
use crate::types::Label;

pub(super) const HS: Corpus = smic("smic-hs", "SMIC-HS", 100.0, &["smichs*"], "SMIC-HS-E_annotation.xlsx");
pub(super) const VIS: Corpus =
    smic("smic-vis", "SMIC-VIS", 25.0, &["smicvis*"], "SMIC-VIS-E_annotation.xlsx");
pub(super) const NIR: Corpus =
    smic("smic-nir", "SMIC-NIR", 25.0, &["smicnir*"], "SMIC-NIR-E_annotation.xlsx");

const fn smic(
    name: &'static str,
    title: &'static str,
    fps: f64,
    tables: &'static [&'static str],
    table_example: &'static str,
) -> Corpus {
    Corpus {
        name,
        title,
        people: "SMIC",
        subject: ("s", 2),
        fps,
        tables,
        table_example,
        has_many_tables: false,
        columns: &[
            (Column::Subject, &["subject", "sub"]),
            (Column::Clip, &["filename", "material", "clip"]),
            (Column::Onset, &["onsetf", "onsetframe", "onset"]),
            (Column::Offset, &["offsetf", "offsetframe", "offset"]),
            (Column::First, &["firstf", "firstframe"]),
            (Column::Emotion, &["emotion"]),
        ],
        required: &[Column::Subject, Column::Clip, Column::Onset, Column::Offset, Column::Emotion],
        headless: &[],
        layouts: &["s{subject}/{clip}", "{subject}/{clip}", "{clip}"],
        emotions_from: None,
        emotions: EMOTIONS,
        source: "Li et al., FG 2013, doi:10.1109/FG.2013.6553717",
    }
}

const EMOTIONS: &[Emotion] = &[
    Emotion { words: &["positive", "po"], label: Some(Label::Happiness), valence: Some(Valence::Positive) },
    Emotion::valence(&["negative", "ne"], Valence::Negative),
    Emotion::label(&["surprise", "sur"], Label::Surprise),
];

/// The folder above the classes.
pub(super) const MICRO: &str = "micro";

/// A clip that its folder describes.
pub(super) struct FolderClip<'a> {
    pub(super) subject: &'a str,
    pub(super) emotion: &'a str,
    pub(super) clip: &'a str,
    /// Index of the folder in the tree.
    pub(super) folder: usize,
}

/// The clips of one camera: folders `.../SUBJECT/micro/CLASS/CLIP`. Where no path names a camera, all of them.
pub(super) fn clips<'a>(tree: &'a Tree, corpus: &Corpus) -> Vec<FolderClip<'a>> {
    let camera = camera_of(corpus);
    let is_known = |emotion: &str| corpus.emotion(emotion).is_some();
    (0..tree.folders().len())
        .filter_map(|folder| {
            let path = tree.components(folder)?;
            let [subject, micro, emotion, clip] = last(path)?;
            if !micro.eq_ignore_ascii_case(MICRO) || !is_known(emotion) {
                return None;
            }
            let cameras = tree.cameras(folder);
            (cameras.is_empty() || cameras.contains(&camera)).then_some(FolderClip {
                subject,
                emotion,
                clip,
                folder,
            })
        })
        .collect()
}

/// The word for a corpus's camera in paths.
pub(super) fn camera_of(corpus: &Corpus) -> &'static str {
    corpus.name.strip_prefix("smic-").unwrap_or(corpus.name)
}

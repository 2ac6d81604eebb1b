//! MMEW: 300 micro-expressions, 90 fps.
//!
//! Ben, Ren, Zhang, Wang, Kpalma, Meng, Liu, IEEE Trans. PAMI 44(9), 2022, doi:10.1109/TPAMI.2021.3067464. The form was learned from tvaranka/meb
//! (`MMEW`) and other public loaders: MMEW_Micro_Exp.xlsx with `Subject, Filename, OnsetFrame, ApexFrame, OffsetFrame, Action Units, Estimated
//! Emotion, remarks`; frames in `Micro_Expression/anger/S05-02-001/1.jpg`. The pictures of macro-expressions are not read.

use super::facts::{Column, Corpus, Emotion};
use crate::types::Label;

pub(super) const FACTS: Corpus = Corpus {
    name: "mmew",
    title: "MMEW",
    people: "MMEW",
    subject: ("S", 2),
    fps: 90.0,
    tables: &["mmew*"],
    table_example: "MMEW_Micro_Exp.xlsx",
    has_many_tables: false,
    columns: &[
        (Column::Subject, &["subject"]),
        (Column::Clip, &["filename"]),
        (Column::Onset, &["onsetframe", "onset"]),
        (Column::Apex, &["apexframe", "apex"]),
        (Column::Offset, &["offsetframe", "offset"]),
        (Column::ActionUnits, &["actionunits", "au", "aus"]),
        (Column::Emotion, &["estimatedemotion", "emotion"]),
    ],
    required: &[Column::Subject, Column::Clip, Column::Onset, Column::Apex, Column::Offset, Column::Emotion],
    headless: &[],
    layouts: &["{emotion}/{clip}", "{clip}"],
    emotions_from: None,
    emotions: &[
        Emotion::label(&["happiness"], Label::Happiness),
        Emotion::label(&["surprise"], Label::Surprise),
        Emotion::label(&["sadness"], Label::Sadness),
        Emotion::label(&["anger"], Label::Anger),
        Emotion::label(&["disgust"], Label::Disgust),
        Emotion::label(&["fear"], Label::Fear),
        Emotion::other(&["others", "other"]),
    ],
    source: "Ben et al., IEEE TPAMI 2022, doi:10.1109/TPAMI.2021.3067464",
};

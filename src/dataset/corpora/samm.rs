//! SAMM: 159 micro-movements of 32 subjects, 200 fps.
//!
//! Davison, Lansley, Costen, Tan, Yap, IEEE Trans. Affective Computing 9(1), 2018, doi:10.1109/TAFFC.2016.2573832. The form was learned from
//! tvaranka/meb (`SAMM`) and other public loaders: SAMM_Micro_FACS_Codes_v2.xlsx, whose first 13 rows are an explanation, then `Subject, Filename,
//! Inducement Code, Onset Frame, Apex Frame, Offset Frame, Duration, Micro, Action Units, Estimated Emotion, Objective Classes, Notes`;
//! frames in `006/006_1_2/006_05562.jpg` (SAMM, SAMM_CROP). Action units have sides, intensities and alternatives (`R12 or R15`): of
//! alternatives the first is taken.

use super::facts::{Column, Corpus, Emotion};
use crate::types::Label;

pub(super) const FACTS: Corpus = Corpus {
    name: "samm",
    title: "SAMM",
    people: "SAMM",
    subject: ("", 3),
    fps: 200.0,
    tables: &["samm", "samm*microfacscodes*"],
    table_example: "SAMM_Micro_FACS_Codes_v2.xlsx",
    has_many_tables: false,
    columns: &[
        (Column::Subject, &["subject"]),
        (Column::Clip, &["filename"]),
        (Column::Onset, &["onsetframe", "onset"]),
        (Column::Apex, &["apexframe", "apex"]),
        (Column::Offset, &["offsetframe", "offset"]),
        (Column::Kind, &["micro", "type"]),
        (Column::ActionUnits, &["actionunits", "au", "aus"]),
        (Column::Emotion, &["estimatedemotion", "emotion"]),
        (Column::Gender, &["gender", "sex"]),
    ],
    required: &[Column::Subject, Column::Clip, Column::Onset, Column::Apex, Column::Offset, Column::Emotion],
    headless: &[],
    layouts: &["{subject}/{clip}"],
    emotions_from: None,
    emotions: &[
        Emotion::label(&["happiness"], Label::Happiness),
        Emotion::label(&["surprise"], Label::Surprise),
        Emotion::label(&["sadness"], Label::Sadness),
        Emotion::label(&["anger"], Label::Anger),
        Emotion::label(&["disgust"], Label::Disgust),
        Emotion::label(&["fear"], Label::Fear),
        Emotion::label(&["contempt"], Label::Contempt),
        Emotion::other(&["others", "other"]),
    ],
    source: "Davison et al., IEEE TAC 2018, doi:10.1109/TAFFC.2016.2573832",
};

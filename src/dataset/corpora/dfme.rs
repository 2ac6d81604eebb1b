//! DFME: 7,526 micro-expressions, 200 to 500 fps by part.
//!
//! Zhao, Tang, Mao, Liu, Zhang, Wang, Xu, Chen, IEEE Trans. Affective Computing, 2024, doi:10.1109/TAFFC.2023.3341918, arXiv:2301.00985. The
//! form was learned from QqXuyujie/Micro-Expression-Datasets: one table each for training, test A and test B (training_full_with_AU.xlsx and so
//! on) whose first columns are subject, file, onset, apex, offset, emotion; frames in `216_e_0/00123.png`. A table says which part of the
//! corpus it is by `train` or `test` in its name. The frame rate is not in the tables, so it counts as not known unless there is a column `fps`.

use super::facts::{Column, Corpus, Emotion};
use crate::types::Label;

pub(super) const FACTS: Corpus = Corpus {
    name: "dfme",
    title: "DFME",
    people: "DFME",
    subject: ("", 1),
    fps: 0.0,
    tables: &["dfme*", "trainingfullwithau*", "testafullwithau*", "testbfullwithau*"],
    table_example: "training_full_with_AU.xlsx",
    has_many_tables: true,
    columns: &[
        (Column::Subject, &["subject", "sub", "subjectid"]),
        (Column::Clip, &["filename", "file", "clip", "video"]),
        (Column::Onset, &["onsetframe", "onset"]),
        (Column::Apex, &["apexframe", "apex"]),
        (Column::Offset, &["offsetframe", "offset"]),
        (Column::ActionUnits, &["aus", "au", "actionunits"]),
        (Column::Emotion, &["emotion", "emotionlabel", "estimatedemotion", "label"]),
        (Column::Fps, &["fps", "framerate"]),
        (Column::Gender, &["gender", "sex"]),
    ],
    required: &[Column::Subject, Column::Clip, Column::Onset, Column::Apex, Column::Offset, Column::Emotion],
    headless: &[],
    layouts: &["{subject}/{clip}", "{clip}"],
    emotions_from: None,
    emotions: &[
        Emotion::label(&["happiness", "happy"], Label::Happiness),
        Emotion::label(&["surprise"], Label::Surprise),
        Emotion::label(&["sadness", "sad"], Label::Sadness),
        Emotion::label(&["anger", "angry"], Label::Anger),
        Emotion::label(&["disgust"], Label::Disgust),
        Emotion::label(&["fear"], Label::Fear),
        Emotion::label(&["contempt"], Label::Contempt),
        Emotion::other(&["others", "other"]),
    ],
    source: "Zhao et al., IEEE TAC 2024, doi:10.1109/TAFFC.2023.3341918",
};

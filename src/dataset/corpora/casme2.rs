//! CASME II: 255 micro-expressions of 26 subjects, 200 fps.
//!
//! Yan, Li, Wang, Zhao, Liu, Chen, Fu, PLoS ONE 9(1), 2014, doi:10.1371/journal.pone.0086041. The form was learned from tvaranka/meb
//! (`Casme2`), genbing99/MEAN_Spot-then-recognize (`CASME2_label_Ver_2.xls`) and other public loaders: CASME2-coding-20140508.xlsx with
//! `Subject, Filename, OnsetFrame, ApexFrame, OffsetFrame, Action Units, Estimated Emotion`; frames in `sub01/EP02_01f/img46.jpg`
//! (CASME2_RAW_selected, CASME2-RAW) and `.../reg_img46.jpg` (Cropped). Some apex cells are `/`. CASME2-ObjectiveClasses.xlsx has no frames and is
//! not read.

use super::facts::{Column, Corpus, Emotion, Valence};
use crate::types::Label;

pub(super) const FACTS: Corpus = Corpus {
    name: "casme2",
    title: "CASME II",
    people: "CASME II",
    subject: ("sub", 2),
    fps: 200.0,
    tables: &["casme2", "casmeii", "casme2coding*", "casmeiicoding*", "casme2label*"],
    table_example: "CASME2-coding-20140508.xlsx",
    has_many_tables: false,
    columns: &[
        (Column::Subject, &["subject", "sub"]),
        (Column::Clip, &["filename", "clip"]),
        (Column::Onset, &["onsetframe", "onset"]),
        (Column::Apex, &["apexframe", "apex"]),
        (Column::Offset, &["offsetframe", "offset"]),
        (Column::ActionUnits, &["actionunits", "au", "aus"]),
        (Column::Emotion, &["estimatedemotion", "emotion"]),
        (Column::Gender, &["gender", "sex"]),
    ],
    required: &[Column::Subject, Column::Clip, Column::Onset, Column::Apex, Column::Offset, Column::Emotion],
    headless: &[],
    layouts: &["sub{subject}/{clip}", "{subject}/{clip}"],
    emotions_from: None,
    emotions: &[
        Emotion::label(&["happiness"], Label::Happiness),
        Emotion::label(&["surprise"], Label::Surprise),
        Emotion::label(&["sadness"], Label::Sadness),
        Emotion::label(&["disgust"], Label::Disgust),
        Emotion::label(&["fear"], Label::Fear),
        Emotion::valence(&["repression"], Valence::Negative),
        Emotion::other(&["others", "other"]),
    ],
    source: "Yan et al., PLoS ONE 2014, doi:10.1371/journal.pone.0086041",
};

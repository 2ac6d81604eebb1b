//! CASME: 195 micro-expressions of 19 subjects, 60 fps.
//!
//! Yan, Wu, Liu, Wang, Fu, "CASME database: a dataset of spontaneous micro-expressions collected from neutralized faces", FG 2013,
//! doi:10.1109/FG.2013.6553799. The form was learned from tvaranka/meb (`Casme`: `sub{NN}/{clip}` in `Cropped` and `CASME_raw_selected`, frames
//! `reg_EP01_5-00130.jpg`) and from a listing of CASME-coded-20190721.xls in xvrgill/yt-emotion-detection: `Subject, Filename, OnsetF, ApexF1,
//! ApexF2, OffsetF, Onset, Total, AU, Emotion`, where `Onset` and `Total` are durations in ms. Of `ApexF1` to `ApexF2` the first frame is
//! used.

use super::facts::{Column, Corpus, Emotion, Valence};
use crate::types::Label;

pub(super) const FACTS: Corpus = Corpus {
    name: "casme",
    title: "CASME",
    people: "CASME",
    subject: ("sub", 2),
    fps: 60.0,
    tables: &["casme", "casmecod*", "casmelabel*"],
    table_example: "CASME-coded-20190721.xls",
    has_many_tables: false,
    columns: &[
        (Column::Subject, &["subject", "sub"]),
        (Column::Clip, &["filename", "clip"]),
        // `Onset` alone is a duration.
        (Column::Onset, &["onsetf", "onsetframe"]),
        (Column::Apex, &["apexf1", "apexf", "apexframe"]),
        (Column::Offset, &["offsetf", "offsetframe"]),
        (Column::ActionUnits, &["au", "aus", "actionunits"]),
        (Column::Emotion, &["emotion", "estimatedemotion"]),
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
        Emotion::label(&["contempt"], Label::Contempt),
        Emotion::valence(&["repression"], Valence::Negative),
        Emotion::other(&["tense"]),
    ],
    source: "Yan et al., FG 2013, doi:10.1109/FG.2013.6553799",
};

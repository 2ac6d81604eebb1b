//! CAS(ME)^3: 943 micro-expressions of 100 subjects in part A (more in part C), 30 fps, with depth.
//!
//! Li, Dong, Lu, Wang, Yan, Ma, Liu, Huang, Fu, IEEE Trans. PAMI 45(3), 2023, doi:10.1109/TPAMI.2022.3174895. The form was learned from
//! tvaranka/meb (`Casme3`, `Casme3C`) and other public loaders: `cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx` with `Subject` (`spNO.1`),
//! `Filename` (`a`, a video of which there are several events), `Onset, Apex, Offset, AU, Objective class, emotion`; frames in
//! `spNO.1/a/color/557.jpg` (part_A, ME_A) or `Part_A_ME_clip/frame/spNO.1_a_557/557.jpg`. Folders of depth are never taken. Part C has `sub, count, onset, offset, au`.
//! The tables of macro-expressions (`..._MaE_...`) are not read.

use super::facts::{Column, Corpus, Emotion};
use crate::types::Label;

pub(super) const FACTS: Corpus = Corpus {
    name: "casme3",
    title: "CAS(ME)^3",
    people: "CAS(ME)^3",
    subject: ("spNO.", 1),
    fps: 30.0,
    tables: &["casme3", "casme3table*", "casme3partamelabel*", "casme3partcme*", "casme^3partamelabel*"],
    table_example: "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
    has_many_tables: false,
    columns: &[
        (Column::Subject, &["subject", "sub"]),
        (Column::Clip, &["filename", "seq", "count"]),
        (Column::Onset, &["onset", "onsetframe"]),
        (Column::Apex, &["apex", "apexframe"]),
        (Column::Offset, &["offset", "offsetframe"]),
        (Column::ActionUnits, &["au", "aus", "actionunits"]),
        (Column::Emotion, &["emotion"]),
        (Column::Gender, &["gender", "sex"]),
    ],
    // Part C has no apex.
    required: &[Column::Subject, Column::Clip, Column::Onset, Column::Offset, Column::Emotion],
    headless: &[],
    layouts: &[
        "{subject}/{clip}/color",
        "{subject}_{clip}_{onset}/color",
        "frame/{subject}_{clip}_{onset}",
        "{subject}_{clip}_{onset}",
        "{subject}/{clip}",
    ],
    emotions_from: None,
    emotions: &[
        Emotion::label(&["happiness", "happy"], Label::Happiness),
        Emotion::label(&["surprise"], Label::Surprise),
        Emotion::label(&["sadness", "sad"], Label::Sadness),
        Emotion::label(&["anger", "angry"], Label::Anger),
        Emotion::label(&["disgust"], Label::Disgust),
        Emotion::label(&["fear"], Label::Fear),
        Emotion::other(&["others", "other"]),
    ],
    source: "Li et al., IEEE TPAMI 2023, doi:10.1109/TPAMI.2022.3174895",
};

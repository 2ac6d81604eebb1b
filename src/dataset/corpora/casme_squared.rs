//! CAS(ME)^2: 57 micro- and 300 macro-expressions of 22 subjects, 30 fps.
//!
//! Qu, Wang, Yan, Li, Wu, Fu, IEEE Trans. Affective Computing 9(4), 2018, doi:10.1109/TAFFC.2017.2654440. The form was learned from several
//! public loaders: `CAS(ME)^2code_final.xlsx` (also `(Updated)`, and code_final.xlsx) has no header; its columns are subject,
//! clip (`anger1_1`), onset, apex, offset (0: not known), action units, category (negative, positive, surprise, others), `micro-expression` or `macro-expression`, and the
//! emotion that was reported. Sheet `naming rule1` has `15, s15, 1` (number, folder, subject), sheet `naming rule2` has `0101,
//! disgustingteeth` (code, video). Frames of whole videos are in `rawpic/s15/15_0101disgustingteeth/img001.jpg`; `cropped` and
//! `selectedpic` have `s15/anger1_1/img557.jpg`, with the numbers of the whole video.
//!
//! Macro-expressions are left out. The three classes of MEGC 2019 follow the table's category.

use std::collections::BTreeMap;

use super::facts::{Column, Corpus, Emotion};
use super::table::Sheet;
use super::tree::plain;
use crate::types::Label;

pub(super) const FACTS: Corpus = Corpus {
    name: "casme-squared",
    title: "CAS(ME)^2",
    people: "CAS(ME)^2",
    subject: ("", 1),
    fps: 30.0,
    tables: &["casme^2*", "codefinal*", "casmesq*"],
    table_example: "CAS(ME)^2code_final.xlsx",
    has_many_tables: false,
    columns: &[
        (Column::Subject, &["subject", "participant"]),
        (Column::Clip, &["filename", "clip", "video"]),
        (Column::Onset, &["onset", "onsetframe"]),
        (Column::Apex, &["apex", "apexframe"]),
        (Column::Offset, &["offset", "offsetframe"]),
        (Column::ActionUnits, &["aus", "au", "actionunits"]),
        (Column::Category, &["category", "estimatedemotion"]),
        (Column::Kind, &["expressiontype", "type"]),
        (Column::Emotion, &["selfreportedemotion", "emotion"]),
    ],
    required: &[
        Column::Subject,
        Column::Clip,
        Column::Onset,
        Column::Apex,
        Column::Offset,
        Column::Kind,
        Column::Emotion,
    ],
    headless: &[
        Column::Subject,
        Column::Clip,
        Column::Onset,
        Column::Apex,
        Column::Offset,
        Column::ActionUnits,
        Column::Category,
        Column::Kind,
        Column::Emotion,
    ],
    layouts: &[
        "{folder}/{clip}",
        "{number}/{clip}",
        "{folder}/{number}_{code}{video}",
        "s{subject}/{clip}",
        "{subject}/{clip}",
    ],
    emotions_from: None,
    emotions: &[
        Emotion::label(&["happiness", "happyiness"], Label::Happiness),
        Emotion::label(&["surprise"], Label::Surprise),
        Emotion::label(&["sadness"], Label::Sadness),
        Emotion::label(&["anger"], Label::Anger),
        Emotion::label(&["disgust"], Label::Disgust),
        Emotion::label(&["fear"], Label::Fear),
        Emotion::other(&["helpless"]),
        Emotion::other(&["pain"]),
        Emotion::other(&["confused"]),
        Emotion::other(&["sympathy"]),
        Emotion::other(&["others", "other"]),
    ],
    source: "Qu et al., IEEE TAC 2018, doi:10.1109/TAFFC.2017.2654440",
};

/// What the sheets `naming rule1` and `naming rule2` say.
#[derive(Debug, Default)]
pub(super) struct Naming {
    folders: BTreeMap<String, String>,
    codes: BTreeMap<String, String>,
}

impl Naming {
    /// Reads the rules; those that are missing are empty.
    pub(super) fn of(sheets: &[Sheet]) -> Self {
        let rule = |number: &str| {
            let is_rule = |sheet: &&Sheet| {
                let name: String =
                    sheet.name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
                name == format!("namingrule{number}")
            };
            sheets.iter().find(is_rule).map_or(&[][..], |sheet| &sheet.rows)
        };
        let mut naming = Self::default();
        for row in rule("1") {
            if let [_, folder, subject, ..] = row.as_slice() {
                naming.folders.insert(plain(subject), folder.clone());
            }
        }
        for row in rule("2") {
            if let [code, video, ..] = row.as_slice() {
                naming.codes.insert(plain(video), code.clone());
            }
        }
        naming
    }

    /// Folder of a subject (`s15`), empty where no rule says it.
    pub(super) fn folder(&self, subject: &str) -> String {
        self.folders.get(&plain(subject)).cloned().unwrap_or_default()
    }

    /// Code of a video (`0101`), empty where no rule says it.
    pub(super) fn code(&self, video: &str) -> String {
        self.codes.get(&plain(video)).cloned().unwrap_or_default()
    }
}

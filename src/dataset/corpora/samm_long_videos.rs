//! SAMM Long Videos: 147 long videos of SAMM with 159 micro- and 343 macro-expressions, 200 fps.
//!
//! Yap, Kendrick, Yap, FG 2020, arXiv:1911.01519. The form was learned from public loaders (genbing99/MEAN_Spot-then-recognize and others):
//! SAMM_LongVideos_V2_Release.xlsx (V1, V3), ten rows above the data, columns `Subject, Filename, Inducement Code, Onset, Apex, Offset, Duration,
//! Type, Action Units, Notes`, `Type` is `Micro - 1/2` or `Macro`; frames in `SAMM_longvideos/006_1/006_1_0001.jpg`. It says nothing of
//! emotions: these come from SAMM's own table, by file name, so micro-expressions only can be used.

use super::CorpusKind;
use super::facts::{Column, Corpus};
use super::samm;

pub(super) const FACTS: Corpus = Corpus {
    name: "samm-lv",
    title: "SAMM Long Videos",
    people: "SAMM",
    subject: ("", 3),
    fps: 200.0,
    tables: &["sammlongvideos*", "sammlv*"],
    table_example: "SAMM_LongVideos_V2_Release.xlsx",
    has_many_tables: false,
    columns: &[
        (Column::Subject, &["subject"]),
        (Column::Clip, &["filename"]),
        (Column::Onset, &["onset", "onsetframe"]),
        (Column::Apex, &["apex", "apexframe"]),
        (Column::Offset, &["offset", "offsetframe"]),
        (Column::Kind, &["type", "micro"]),
        (Column::ActionUnits, &["actionunits", "au", "aus"]),
    ],
    required: &[Column::Subject, Column::Clip, Column::Onset, Column::Apex, Column::Offset, Column::Kind],
    headless: &[],
    layouts: &["{video}", "{subject}/{video}"],
    emotions_from: Some(CorpusKind::Samm),
    emotions: samm::FACTS.emotions,
    source: "Yap et al., FG 2020, arXiv:1911.01519",
};

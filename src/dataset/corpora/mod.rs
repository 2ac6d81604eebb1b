//! The field's corpora of micro-expressions as they are distributed: folders of frames, and a table of what people coded.
//!
//! Nobody may pass these corpora on, so what is known of each is a table of facts in a file of its own, from its publication and from public
//! code that reads it. Readers are tolerant: columns are found by any of their known names, tables by pattern, folders of frames by their last
//! path components, frames by the last number in a file's name.

mod casme;
mod casme2;
mod casme3;
mod casme_squared;
mod coding;
mod detect;
mod dfme;
mod facts;
mod frames;
mod header;
mod mmew;
mod read;
mod samm;
mod samm_long_videos;
mod smic;
mod table;
mod tree;

pub use coding::{CodedClip, parse_coding_table};
pub(in crate::dataset) use detect::corpus_in;
pub use facts::{Column, Corpus, Emotion, Valence};
pub(in crate::dataset) use read::read;

/// A corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CorpusKind {
    /// CASME (Yan, Wu, Liu, Wang, Fu, FG 2013).
    Casme,
    /// CASME II.
    Casme2,
    /// SMIC, the high-speed camera.
    SmicHs,
    /// SMIC, the visual camera.
    SmicVis,
    /// SMIC, the near-infrared camera.
    SmicNir,
    /// SAMM.
    Samm,
    /// SAMM Long Videos.
    SammLongVideos,
    /// CAS(ME)^2.
    CasmeSquared,
    /// CAS(ME)^3.
    Casme3,
    /// MMEW.
    Mmew,
    /// DFME.
    Dfme,
}

impl CorpusKind {
    /// All corpora.
    pub const ALL: [Self; 11] = [
        Self::Casme,
        Self::Casme2,
        Self::SmicHs,
        Self::SmicVis,
        Self::SmicNir,
        Self::Samm,
        Self::SammLongVideos,
        Self::CasmeSquared,
        Self::Casme3,
        Self::Mmew,
        Self::Dfme,
    ];

    /// What is known of it.
    pub const fn facts(self) -> &'static Corpus {
        match self {
            Self::Casme => &casme::FACTS,
            Self::Casme2 => &casme2::FACTS,
            Self::SmicHs => &smic::HS,
            Self::SmicVis => &smic::VIS,
            Self::SmicNir => &smic::NIR,
            Self::Samm => &samm::FACTS,
            Self::SammLongVideos => &samm_long_videos::FACTS,
            Self::CasmeSquared => &casme_squared::FACTS,
            Self::Casme3 => &casme3::FACTS,
            Self::Mmew => &mmew::FACTS,
            Self::Dfme => &dfme::FACTS,
        }
    }

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }
}

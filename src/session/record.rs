//! `session.toml`: everything needed to understand a session, without the program that made it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::SessionError;
use super::{files, write_whole};

/// Version of the folder's form. Readers refuse a newer one.
pub const FORMAT: u32 = 1;

/// `session.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Version of the folder's form.
    pub format: u32,
    /// Name of the session: participant and start, `P07-20261126T111500Z`.
    pub id: String,
    /// Pseudonym of the participant.
    pub participant: String,
    /// Version of the program that recorded.
    pub onset_version: String,
    /// Wall-clock time of second 0, RFC 3339 in UTC.
    pub started_utc: String,
    /// The same in nanoseconds since 1970: times in `session.mcap` count from there.
    pub started_unix_ns: u64,
    /// How it ended; missing while it runs, and where it broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// The consent that was given.
    pub consent: ConsentRecord,
    /// Where the frames came from.
    pub source: SourceRecord,
    /// The protocol.
    pub protocol: ProtocolRecord,
    /// The neutral face, as it was learned in this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationRecord>,
    /// The networks that analysed.
    #[serde(default)]
    pub models: Vec<ModelRecord>,
    /// Recipients that the media is encrypted to (`age1...`); empty where it is not.
    #[serde(default)]
    pub encrypted_to: Vec<String>,
    /// The steps in the order in which they are shown.
    #[serde(default)]
    pub steps: Vec<StepRecord>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Seconds from its start.
    pub duration_s: f64,
    /// `complete`, `stopped` (by the operator) or `failed`.
    pub how: String,
    /// What failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What is in the file.
    pub totals: Totals,
}

/// What was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Frames in the file.
    pub frames: u64,
    /// Frames that are not: each is in a gap.
    pub frames_lost: u64,
    /// Gaps.
    pub gaps: u64,
    /// Frames that are in the file but came too fast for the live analysis.
    #[serde(default)]
    pub frames_not_analysed: u64,
    /// Events that were claimed.
    pub events: u64,
    /// Markers.
    pub markers: u64,
    /// Bytes of `session.mcap`.
    pub bytes: u64,
}

/// What a session may be recorded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Scientific research.
    Research,
    /// Diagnosis or treatment.
    Clinical,
    /// People who learn to read faces.
    Training,
    /// One's own face.
    #[serde(rename = "self")]
    Own,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Research, Self::Clinical, Self::Training, Self::Own];

    /// The name used on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Research => "research",
            Self::Clinical => "clinical",
            Self::Training => "training",
            Self::Own => "self",
        }
    }
}

/// The consent that was given before anything was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsentRecord {
    /// Pseudonym of the person who gave it.
    pub participant: String,
    /// What for.
    pub purpose: Purpose,
    /// When, RFC 3339 in UTC.
    pub given_utc: String,
    /// How: `key` (in the window), `terminal`, or `--accept-consent` (asked for elsewhere; the operator answers for it).
    pub given_by: String,
    /// File of the text; `default` for the one that the program carries.
    pub text_file: String,
    /// SHA-256 of the text's bytes, in hex.
    pub text_sha256: String,
    /// The text that was shown.
    pub text: String,
}

/// Where the frames came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// Camera name, file name, or `demo`.
    pub name: String,
    /// True for the synthetic portrait: nobody was filmed.
    pub is_synthetic: bool,
    /// Width, in pixels.
    pub width_px: u32,
    /// Height, in pixels.
    pub height_px: u32,
    /// Frames a second that the source claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nominal_fps: Option<f64>,
    /// What capture times are: `driver`, `arrival`, `media` or `nominal`.
    pub timestamp_source: String,
    /// Layout of the frames as they came: `mjpeg`, `yuyv`, `nv12`, `gray`, `rgb`.
    pub pixel_format: String,
    /// How they are stored: `as it came` or `med-zstd`.
    pub stored_as: String,
}

/// The protocol of the session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProtocolRecord {
    /// Its name.
    pub name: String,
    /// `questionnaire`, `image` or `interview`.
    pub stimulus: String,
    /// The file.
    pub file: String,
    /// SHA-256 of the file's bytes, in hex.
    pub sha256: String,
    /// What was shuffled: `as_written`, `blocks` or `steps`.
    pub order: String,
    /// Seed of the order.
    pub seed: u64,
}

/// A step as it is to be shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Name: target or kind, and number: `anger-03`.
    pub id: String,
    /// `prompt`, `question`, `image`, `blank`, `rest`, `interview` or `calibration`.
    pub kind: String,
    /// Target emotion; empty where there is none.
    #[serde(default)]
    pub target: String,
    /// The text that is shown.
    #[serde(default)]
    pub text: String,
    /// The picture that is shown.
    #[serde(default)]
    pub image: String,
    /// SHA-256 of the picture, in hex.
    #[serde(default)]
    pub image_sha256: String,
    /// Seconds that it lasts, or at most lasts; `None`: until a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// It ends at a key (at the latest after `duration_s`, if that is given).
    #[serde(default)]
    pub until_key: bool,
}

/// The neutral face that was learned at the session's opening.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CalibrationRecord {
    /// From, in seconds on the session's clock.
    pub start_s: f64,
    /// To.
    pub end_s: f64,
    /// Why nothing was learned; empty where something was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why_not: String,
    /// Noise of each region at rest, in ICD units, by the region's name.
    #[serde(default)]
    pub noise_icd: BTreeMap<String, f64>,
    /// Probabilities at rest, by label, of the whole face.
    #[serde(default)]
    pub rest_face: BTreeMap<String, f64>,
    /// The same of eyes and brows.
    #[serde(default)]
    pub rest_eyes: BTreeMap<String, f64>,
}

/// A network that analysed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// Its name.
    pub name: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

impl SessionRecord {
    /// Reads `session.toml` of a session folder.
    ///
    /// # Errors
    /// [`SessionError::NotASession`] where there is none, [`SessionError::Record`] where it cannot be used.
    pub fn load(dir: &Path) -> Result<Self, SessionError> {
        let path = dir.join(files::RECORD);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(SessionError::NotASession { dir: dir.to_owned() });
            }
            Err(error) => return Err(SessionError::io("read", &path)(error)),
        };
        Self::parse(&text).map_err(|why| SessionError::Record { path, why })
    }

    /// Reads the text of a `session.toml`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let record: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if record.format > FORMAT {
            return Err(format!(
                "it has form {}, and this program knows up to {FORMAT}; use a newer onset",
                record.format
            ));
        }
        Ok(record)
    }

    /// Writes it whole: a reader finds the old one or the new one, never half of one.
    ///
    /// # Errors
    /// [`SessionError::Io`], naming the file.
    pub fn save(&self, dir: &Path) -> Result<(), SessionError> {
        let path = dir.join(files::RECORD);
        let text = toml::to_string_pretty(self)
            .map_err(|error| SessionError::Record { path: path.clone(), why: error.to_string() })?;
        write_whole(&path, text.as_bytes()).map_err(SessionError::io("write", &path))
    }
}

//! The protocol file as it is written: names and defaults of its keys, nothing checked beyond them.

use serde::{Deserialize, Serialize};

use super::ProtocolError;

/// Seconds of a neutral face where the file says nothing.
const CALIBRATION_S: f64 = 10.0;

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolFile {
    /// For files: letters, digits, `-` and `_`.
    pub name: String,
    /// For the screen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// `questionnaire`, `image` or `interview`.
    pub stimulus: String,
    /// Seconds of a neutral face that open the session.
    #[serde(default = "calibration_s")]
    pub calibration_s: f64,
    /// What is shuffled: `as_written`, `blocks` or `steps`.
    #[serde(default = "as_written")]
    pub order: String,
    /// Folder of the lab's own images, relative to the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<String>,
    /// Keys of the operator.
    #[serde(default, rename = "marker", skip_serializing_if = "Vec::is_empty")]
    pub markers: Vec<MarkerFile>,
    /// Groups of steps.
    #[serde(default, rename = "block", skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<BlockFile>,
}

/// A `[[marker]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkerFile {
    /// A digit.
    pub key: String,
    /// What it marks.
    pub name: String,
}

/// A `[[block]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockFile {
    /// A label, a masked label, or `none`.
    #[serde(default = "none")]
    pub target: String,
    /// What is shown.
    #[serde(default, rename = "step", skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepFile>,
}

/// A `[[block.step]]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// `prompt`, `question`, `image`, `blank`, `rest` or `interview`.
    pub kind: String,
    /// What is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// One image, below the folder of images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// A subfolder of images: a step for each, in natural order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// Seconds that it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// It ends at a key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until_key: bool,
    /// With `until_key`: seconds after which it ends without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most_s: Option<f64>,
}

impl ProtocolFile {
    /// Reads the text of a file, named `file` in messages. What its values mean is not looked at.
    ///
    /// # Errors
    /// [`ProtocolError::Form`] with the line.
    pub fn parse(text: &str, file: &str) -> Result<Self, ProtocolError> {
        toml::from_str(text).map_err(|error| ProtocolError::Form {
            file: file.to_owned(),
            why: format!(
                "{}; correct the line, or start from a copy of a shipped protocol",
                error.to_string().trim_end()
            ),
        })
    }

    /// Everything that is wrong with it but its pictures, which are on the disk; empty where nothing is.
    pub fn problems(&self) -> Vec<String> {
        super::check::draft_from_file(self).err().unwrap_or_default()
    }
}

fn calibration_s() -> f64 {
    CALIBRATION_S
}

fn as_written() -> String {
    super::Order::AsWritten.name().to_owned()
}

fn none() -> String {
    super::Target::None.name().to_owned()
}

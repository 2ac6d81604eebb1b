//! Rows of a coding table: one event each, with what people coded.

use std::path::Path;

use super::casme_squared::Naming;
use super::facts::Column;
use super::header::{Header, frame_number};
use super::{CorpusKind, table};
use crate::dataset::DatasetError;

/// One event of a coding table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodedClip {
    /// Row in the table, from 1.
    pub row: usize,
    /// Whose face it is.
    pub subject: String,
    /// Gender of the subject; empty where the table does not say it.
    pub gender: String,
    /// The clip or event.
    pub clip: String,
    /// Number of the onset frame; `None` where the cell holds none.
    pub onset: Option<u64>,
    /// Number of the apex frame; `None` where nobody coded it (`/`, `0` or an empty cell).
    pub apex: Option<u64>,
    /// Number of the offset frame; `None` where nobody coded it.
    pub offset: Option<u64>,
    /// Number of the first frame in the clip's folder, where frames are counted from there.
    pub first: Option<u64>,
    /// FACS action units as `4+7`, without sides and intensities.
    pub action_units: String,
    /// The emotion, as it is written.
    pub emotion: String,
    /// negative, positive, surprise or others, where the table says it; else empty.
    pub category: String,
    /// Whether it is a macro-expression.
    pub is_macro: bool,
    /// Frames a second, where the table says it.
    pub fps: Option<f64>,
    /// CAS(ME)^2: the subject's folder (`s15`).
    pub folder: String,
    /// CAS(ME)^2: the code of the video (`0101`).
    pub code: String,
}

/// Reads the bytes of a coding table (.xlsx, .xls or CSV); `path` is for messages. Remarks below the table (rows
/// without an onset, and without a subject or a clip) are passed over.
///
/// # Errors
/// [`DatasetError::Table`]: it cannot be read, or has no header. [`DatasetError::NoColumn`]: a column is missing.
pub fn parse_coding_table(
    path: &Path,
    bytes: &[u8],
    kind: CorpusKind,
) -> Result<Vec<CodedClip>, DatasetError> {
    let sheets = table::sheets(path, bytes)?;
    let header = Header::find(path, &sheets, kind.facts())?;
    let naming = match kind {
        CorpusKind::CasmeSquared => Naming::of(&sheets),
        _ => Naming::default(),
    };
    let rows = header.sheet.rows.iter().enumerate().skip(header.first);
    let mut clips = Vec::new();
    for (index, row) in rows {
        let cell = |column| header.cell(row, column);
        let clip = cell(Column::Clip);
        let onset = frame_number(cell(Column::Onset));
        let subject = cell(Column::Subject);
        let is_remark = subject.is_empty() || clip.is_empty();
        if onset.is_none() && is_remark {
            continue;
        }
        // 0 stands for "not coded".
        let coded = |column| frame_number(cell(column)).filter(|number| *number > 0);
        let fps = cell(Column::Fps).parse::<f64>().ok().filter(|fps| fps.is_finite() && *fps > 0.0);
        clips.push(CodedClip {
            row: index + 1,
            subject: subject.to_owned(),
            gender: cell(Column::Gender).to_owned(),
            clip: clip.to_owned(),
            onset,
            apex: coded(Column::Apex),
            offset: coded(Column::Offset),
            first: frame_number(cell(Column::First)),
            action_units: action_units(cell(Column::ActionUnits)),
            emotion: cell(Column::Emotion).to_owned(),
            category: cell(Column::Category).to_owned(),
            is_macro: cell(Column::Kind).to_lowercase().contains("macro"),
            fps,
            folder: naming.folder(subject),
            code: naming.code(video_of(clip)),
        });
    }
    Ok(clips)
}

/// The video of an event: its name without the last `_N`.
pub(super) fn video_of(clip: &str) -> &str {
    clip.rsplit_once('_').map_or(clip, |(video, _)| video)
}

/// `4+7` of `AU4+L7`, `4,7`, `R7B + 4`: numbers in order, each once. Of alternatives (`12 or 15`) the first.
fn action_units(text: &str) -> String {
    let mut units: Vec<u8> = Vec::new();
    let mut is_alternative = false;
    for word in text.split(|c: char| matches!(c, '+' | ',' | ';' | '&' | '/') || c.is_whitespace()) {
        if word.eq_ignore_ascii_case("or") {
            is_alternative = true;
            continue;
        }
        let digits: String =
            word.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        // FACS goes up to 98.
        let unit = digits.parse::<u8>().ok().filter(|unit| (1..=98).contains(unit));
        if let Some(unit) = unit {
            if !is_alternative {
                units.push(unit);
            }
            is_alternative = false;
        }
    }
    units.sort_unstable();
    units.dedup();
    units.iter().map(u8::to_string).collect::<Vec<_>>().join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_units_of_all_spellings_become_one() {
        for (written, units) in [
            ("4+7", "4+7"),
            ("AU12", "12"),
            ("R12 + R15", "12+15"),
            ("L14B", "14"),
            ("R12 or R15", "12"),
            ("1,2,5", "1+2+5"),
            ("7+4+4", "4+7"),
            ("4?", "4"),
            ("", ""),
            ("none", ""),
            ("0+99", ""),
        ] {
            assert_eq!(action_units(written), units, "{written}");
        }
    }
}

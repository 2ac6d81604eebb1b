//! Spotting against known truth.

use std::path::PathBuf;

use onset::analysis::require;
use onset::eval::spotting::{
    FoundAll, Inputs, ScoreParams, SpottingReport, find, load, page_of, score, text_of,
};
use pyo3::prelude::*;

use crate::error::{Kind, bug, raise};

/// Traces of this many regions are drawn for each clip, as by the program.
const TRACED_REGIONS: usize = 4;

/// A report in its three forms.
#[pyclass(frozen, module = "onset._onset")]
pub(crate) struct Report {
    report: SpottingReport,
    page: String,
}

#[pymethods]
impl Report {
    /// `spotting.json`, byte by byte.
    #[getter]
    fn json(&self) -> PyResult<String> {
        serde_json::to_string_pretty(&self.report).map(|json| json + "\n").map_err(bug)
    }

    /// What the program prints.
    #[getter]
    fn text(&self) -> String {
        text_of(&self.report)
    }

    /// `spotting.html`.
    #[getter]
    fn page(&self) -> &str {
        &self.page
    }
}

/// Compares predictions with truth; both are paths.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the keywords of the Python function")]
pub(crate) fn evaluate_spotting(
    py: Python<'_>,
    truth: PathBuf,
    predictions: PathBuf,
    clips: Vec<String>,
    missing_as_empty: bool,
    min_score: Option<f64>,
    bootstrap: u32,
    seed: u64,
) -> PyResult<Report> {
    if min_score.is_some_and(|least| !least.is_finite()) {
        return Err(Kind::Option.with("min_score: it is not a number"));
    }
    py.detach(|| {
        require(&truth).map_err(raise)?;
        require(&predictions).map_err(raise)?;
        let inputs = Inputs { truth, predictions, clips, missing_as_empty };
        let FoundAll { clips: found, mut warnings } = find(&inputs).map_err(raise)?;
        let (mut clips, mut traces) = (Vec::new(), Vec::new());
        for one in found {
            let (clip, clip_traces) = load(one, TRACED_REGIONS, &mut warnings).map_err(raise)?;
            clips.push(clip);
            traces.push(clip_traces);
        }
        let params = ScoreParams { min_score, resamples: bootstrap, seed, ..ScoreParams::default() };
        let mut report = score(&clips, &params);
        report.notes.extend(warnings);
        let page = page_of(&report, &clips, &traces);
        Ok(Report { report, page })
    })
}

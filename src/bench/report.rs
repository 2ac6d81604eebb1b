//! What a run found, as it is written to JSON.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::BenchError;
use super::machine::Machine;
use super::sustain::Sustainable;

/// Version of the layout of the JSON file.
pub const SCHEMA: u32 = 1;

/// Times of one name. Wall-clock times, in ms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Stage, network or stretch.
    pub name: String,
    /// How often it was measured.
    pub count: u64,
    /// Mean.
    pub mean_ms: f64,
    /// Median.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// Longest.
    pub max_ms: f64,
    /// Percentiles 0 to 100, three significant digits.
    pub percentiles_ms: Vec<f64>,
    /// Median of each second of the run: what the intervals of a comparison are drawn from.
    pub second_medians_ms: Vec<f64>,
}

/// What the frames were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputCard {
    /// Name of the source.
    pub name: String,
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
    /// Raw format.
    pub format: String,
    /// Frames a second; `None` where a camera does not say.
    pub fps: Option<f64>,
    /// Frames held in memory and played to and fro; 0 for a camera.
    pub held: usize,
    /// Memory that they take, in MB.
    pub held_mb: f64,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchReport {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Where it ran.
    pub machine: Machine,
    /// What it ran on.
    pub input: InputCard,
    /// Landmark measurements a second at most.
    pub landmark_hz: f64,
    /// Spotting method.
    pub spotter: String,
    /// Seconds that were left out at the start.
    pub warm_up_s: f64,
    /// Seconds that were measured.
    pub measured_s: f64,
    /// Frames in them.
    pub frames: u64,
    /// Frames lost in them.
    pub lost: u64,
    /// Pictures drawn in them.
    pub drawn: u64,
    /// What one look at the clock costs, in ns; a stage takes two.
    pub clock_overhead_ns: f64,
    /// Times of the stages that ran.
    pub stages: Vec<Figures>,
    /// From a frame's arrival to its result, and to its picture.
    pub end_to_end: Vec<Figures>,
    /// Each network by itself.
    pub networks: Vec<Figures>,
    /// Processor time of all threads for a frame, in ms.
    pub cpu_ms_per_frame: Option<f64>,
    /// Processor time of all threads for a second: 1 is one core.
    pub cpu_cores: Option<f64>,
    /// Allocations for a frame, all threads, the networks' included.
    pub allocations_per_frame: Option<f64>,
    /// Energy of the processor packages for a frame, in J; everything that ran counts.
    pub energy_j_per_frame: Option<f64>,
    /// Most memory at once, in MB, the held frames included.
    pub peak_memory_mb: Option<f64>,
    /// The highest frame rate without losses.
    pub sustainable: Option<Sustainable>,
}

/// Reads a report that an earlier run wrote.
///
/// # Errors
/// [`BenchError::Report`] where the file cannot be read, is no report, or one of another layout.
pub fn read_report(path: &Path) -> Result<BenchReport, BenchError> {
    let failed = |why: String| BenchError::Report { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(schema) if schema == u64::from(SCHEMA) => {}
        Some(schema) => return Err(failed(format!("layout {schema}, this program reads {SCHEMA}"))),
        None => return Err(failed("not a benchmark report".to_owned())),
    }
    serde_json::from_value(value).map_err(|error| failed(error.to_string()))
}

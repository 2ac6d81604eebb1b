//! The embedded networks: where they come from.

use onset::infer::Manifest;
use pyo3::prelude::*;

use crate::error::{Kind, bug};

/// The cards of the networks as JSON.
#[pyfunction]
pub(crate) fn models_json() -> PyResult<String> {
    let cards: Vec<_> = manifest()?
        .models
        .iter()
        .map(|card| {
            serde_json::json!({
                "name": card.name, "what": card.what, "limits": card.limits, "source": card.source, "licence": card.licence,
                "sha256": card.sha256,
            })
        })
        .collect();
    serde_json::to_string(&cards).map_err(bug)
}

/// What must accompany them.
#[pyfunction]
pub(crate) fn attribution() -> PyResult<String> {
    manifest().map(|manifest| manifest.attribution())
}

fn manifest() -> PyResult<Manifest> {
    Manifest::embedded().map_err(|error| Kind::Analysis.with(error))
}

//! Parts of a study: its data sets, what is said of it, and the maps of what decided.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

use super::recogniser_args::{FitArgs, PlanArgs, command_line};
use super::{interrupt, progress};
use crate::dataset::{Dataset, Example, SampleKind};
use crate::eval::recognition::study::{AttentionMap, SampleCount, Study, StudyData};
use crate::infer::sha256_hex;
use crate::train::recogniser::{
    ExportedRecogniser, FitParams, FitStep, NetworkKind, OcclusionParams, Prepared, Protocol, Recogniser,
    all_of, fit, occlusion_map,
};

/// One data set of the paper's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CellId {
    pub(super) stimulus: Option<String>,
    pub(super) gender: Option<String>,
    kind: SampleKind,
}

impl CellId {
    pub(super) fn has(&self, example: &Example) -> bool {
        let fits = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        fits(&self.stimulus, &example.stimulus) && fits(&self.gender, &example.gender)
    }

    /// `micro questionnaire female`.
    pub(super) fn name(&self) -> String {
        let parts = [Some(self.kind.name()), self.stimulus.as_deref(), self.gender.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Everything together, each stimulus, and of micro-expressions each stimulus for women and for men: the paper's Tables 4 to 7.
pub(super) fn cells(data: &Dataset, kind: SampleKind) -> Vec<CellId> {
    let known = |of: fn(&Example) -> &String| -> BTreeSet<String> {
        data.examples.iter().map(of).filter(|value| !value.is_empty()).cloned().collect()
    };
    let cell = |stimulus: Option<&String>, gender: Option<&String>| CellId {
        stimulus: stimulus.cloned(),
        gender: gender.cloned(),
        kind,
    };
    let (stimuli, genders) = (known(|example| &example.stimulus), known(|example| &example.gender));
    let mut cells = vec![cell(None, None)];
    cells.extend(stimuli.iter().map(|stimulus| cell(Some(stimulus), None)));
    if kind == SampleKind::Micro {
        for gender in &genders {
            cells.extend(stimuli.iter().map(|stimulus| cell(Some(stimulus), Some(gender))));
        }
    }
    cells
}

/// Counts the data.
pub(super) fn study_data(data: &Dataset, counts: &mut StudyData) {
    let mut people: BTreeMap<&str, &str> = BTreeMap::new();
    let mut samples: BTreeMap<[&str; 4], usize> = BTreeMap::new();
    for example in &data.examples {
        people.insert(&example.subject, &example.gender);
        let label = data.classes.get(example.class).map_or("", String::as_str);
        *samples.entry([&example.kind, &example.stimulus, label, &example.gender]).or_default() += 1;
    }
    let mut by_gender: BTreeMap<String, usize> = BTreeMap::new();
    for gender in people.values() {
        *by_gender.entry((*gender).to_owned()).or_default() += 1;
    }
    // Kinds may have different people; the larger number is that of the data set.
    for (gender, count) in by_gender {
        let known = counts.participants.entry(gender).or_default();
        *known = count.max(*known);
    }
    counts.samples.extend(samples.into_iter().map(|([kind, stimulus, label, gender], count)| SampleCount {
        kind: kind.to_owned(),
        stimulus: stimulus.to_owned(),
        label: label.to_owned(),
        gender: gender.to_owned(),
        count,
    }));
}

/// What another lab needs to know.
pub(super) fn facts(data: &Path, networks: &[NetworkKind], fit: &FitArgs) -> Result<Vec<(String, String)>> {
    let manifest = data.join(crate::dataset::MANIFEST_CSV);
    let bytes = std::fs::read(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let params = fit.params();
    let mut facts = vec![
        ("Dataset".to_owned(), data.display().to_string()),
        ("SHA-256 of its manifest".to_owned(), sha256_hex(&bytes)),
        ("Onset".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("Machine".to_owned(), machine()),
        ("Command".to_owned(), command_line()),
        (
            "Fitting".to_owned(),
            format!(
                "Adam, rate {}, batches of {}; ended without a gain on people (holdout: frames) who are watched",
                params.adam.learning_rate, params.batch
            ),
        ),
    ];
    for network in networks {
        if let NetworkKind::Transfer(backbone) = network {
            let [source, licence] = &backbone.source;
            facts.push((
                format!("Backbone {}", backbone.name()),
                format!("{source} {licence}, SHA-256 {}", backbone.sha256),
            ));
        }
    }
    Ok(facts)
}

/// Processor and number of cores.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("processor not known", |(_, name)| name.trim());
    format!("{model}, {cores} cores, {}", std::env::consts::OS)
}

/// A network that learned from all but the watched people, written into `networks/`, and what decided in one watched example of each class.
pub(super) fn maps_of(
    params: FitParams,
    (data, prepared, network): (&Dataset, &Prepared, &NetworkKind),
    kind: SampleKind,
    out: &Path,
    study: &mut Study,
) -> Result<()> {
    let plan = PlanArgs::usual(Protocol::Subject, params.seed);
    let fold = ExportedRecogniser::fold(data, prepared, &plan);
    let shape = network.shape(prepared.classes.len()).map_err(anyhow::Error::msg)?;
    let name = format!("{}_{}", network.name(), kind.name());
    let bar = progress::counted(0, &format!("{name}, to be used"));
    let fitted = fit(&shape, prepared, &fold, &params, None, |step| {
        if let FitStep::Step(done, all) = step {
            bar.set_length(*all as u64);
            bar.set_position(*done as u64);
        }
        !interrupt::is_asked()
    });
    bar.finish_and_clear();
    let fitted = fitted?;
    let exported = ExportedRecogniser::new(
        (network, &fitted),
        (data, prepared, &fold),
        &params,
        &command_line(),
        toml::Table::new(),
    )?;
    let folder = out.join("networks");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    exported.write(&folder.join(format!("{name}.onnx")))?;
    let mut recogniser = Recogniser::new(exported.record, &exported.onnx, &folder)?;
    let bar = progress::counted(prepared.classes.len() as u64, &format!("{name}: what decided"));
    let watched = all_of(data, prepared, &fitted.graph);
    for (class, class_name) in prepared.classes.iter().enumerate() {
        // One that was recognised, where there is one: what decides a mistake is another question.
        let own = || fold.watch.iter().filter(|index| prepared.class[**index] == class);
        let recognised = own().find(|index| watched.rows[**index].said() == Some(class));
        let Some(index) = recognised.or_else(|| own().next()) else { continue };
        let example = &data.examples[prepared.kept[*index]];
        let map = occlusion_map(&mut recogniser, &example.media, Some(class), &OcclusionParams::default())?;
        study.maps.push(AttentionMap {
            network: network.name(),
            class: class_name.clone(),
            example: example.name.clone(),
            width: map.picture.width() as usize,
            height: map.picture.height() as usize,
            picture: map.picture.into_raw(),
            drops: map.drops,
        });
        bar.inc(1);
        if interrupt::is_asked() {
            anyhow::bail!("interrupted; finished folds are kept, --resume goes on from there");
        }
    }
    bar.finish_and_clear();
    Ok(())
}

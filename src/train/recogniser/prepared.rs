//! All examples of a data set, as a network takes them, in memory.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rand::RngExt;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::augment::{self, AugmentParams, mirrored_classes};
use super::cache::FeatureCache;
use super::input::{CourseReader, InputSpec};
use super::network::NetworkKind;
use super::record::RecogniserError;
use crate::dataset::Dataset;
use crate::train::TrainError;
use crate::train::onnx::Backbone;

/// Threads that prepare examples.
const WORKERS: usize = 2;

/// How far the preparation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrepareStep {
    /// Examples done.
    pub done: usize,
    /// All of them.
    pub all: usize,
}

/// What examples are turned into.
#[derive(Clone, Copy, Debug)]
pub struct Prepares<'a> {
    /// The network.
    pub network: &'a NetworkKind,
    /// Share of each picture that is used, from its middle.
    pub middle: f32,
    /// Folder in which features of backbones are kept.
    pub cache: &'a Path,
}

/// The values of one example, and of its mirror image where the network cannot mirror them itself.
#[derive(Clone, Debug)]
enum Values {
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
    Pair([Vec<f32>; 2]),
}

/// Examples that are ready to be learned from.
#[derive(Debug)]
pub struct Prepared {
    /// What they are made into.
    pub spec: InputSpec,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// For each example its number in the data set.
    pub kept: Vec<usize>,
    /// Class of each.
    pub class: Vec<usize>,
    /// What each should be, as shares of the classes.
    pub wanted: Vec<Vec<f32>>,
    /// Names and reasons of those that cannot be read.
    pub left_out: Vec<(String, String)>,
    values: Vec<Values>,
    mirrored: Vec<usize>,
}

impl Prepared {
    /// Reads all examples. Those that cannot be read are left out, with the reason. `progress` is told of each and says whether to go on.
    ///
    /// # Errors
    /// [`TrainError::Interrupted`]; [`TrainError::TooLittle`] where none is left; [`TrainError::Backbone`].
    pub fn read(
        data: &Dataset,
        prepares: &Prepares<'_>,
        progress: impl Fn(PrepareStep) -> bool + Sync,
    ) -> Result<Self, TrainError> {
        let spec = prepares.network.input(prepares.middle);
        let maker = Maker::new(&spec, prepares)?;
        let all = data.examples.len();
        let (next, done, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let results: Mutex<Vec<(usize, Result<Values, String>)>> = Mutex::new(Vec::with_capacity(all));
        let failed: Mutex<Option<TrainError>> = Mutex::new(None);
        let work = || -> Result<(), TrainError> {
            let mut worker = maker.worker()?;
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(example) = data.examples.get(index) else { return Ok(()) };
                if stopped.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let made = match worker.make(&example.media) {
                    Ok(values) => Ok(values),
                    Err(Made::LeftOut(why)) => Err(why),
                    Err(Made::Failed(error)) => return Err(error),
                };
                if let Ok(mut results) = results.lock() {
                    results.push((index, made));
                }
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if !progress(PrepareStep { done, all }) {
                    stopped.store(true, Ordering::Relaxed);
                }
            }
        };
        let work = || {
            if let Err(error) = work() {
                stopped.store(true, Ordering::Relaxed);
                if let Ok(mut failed) = failed.lock() {
                    failed.get_or_insert(error);
                }
            }
        };
        let work = &work;
        std::thread::scope(|scope| {
            for number in 1..WORKERS {
                // Without a second thread the first does all of it.
                let _ =
                    std::thread::Builder::new().name(format!("prepare-{number}")).spawn_scoped(scope, work);
            }
            work();
        });
        if let Ok(Some(error)) = failed.into_inner() {
            return Err(error);
        }
        if stopped.into_inner() {
            return Err(TrainError::Interrupted);
        }
        let mut results = results.into_inner().map_err(|_| TrainError::Thread)?;
        results.sort_by_key(|(index, _)| *index);
        Self::of(data, spec, results)
    }

    fn of(
        data: &Dataset,
        spec: InputSpec,
        results: Vec<(usize, Result<Values, String>)>,
    ) -> Result<Self, TrainError> {
        let mut prepared = Self {
            spec,
            classes: data.classes.clone(),
            kept: Vec::new(),
            class: Vec::new(),
            wanted: Vec::new(),
            left_out: data.left_out.iter().map(|one| (one.name.clone(), one.why.clone())).collect(),
            values: Vec::new(),
            mirrored: mirrored_classes(&data.classes),
        };
        for (index, made) in results {
            let example = &data.examples[index];
            match made {
                Ok(values) => {
                    prepared.kept.push(index);
                    prepared.class.push(example.class);
                    prepared.wanted.push(example.shares.clone().unwrap_or_else(|| {
                        (0..data.classes.len())
                            .map(|class| f32::from(u8::from(class == example.class)))
                            .collect()
                    }));
                    prepared.values.push(values);
                }
                Err(why) => prepared.left_out.push((example.name.clone(), why)),
            }
        }
        if prepared.kept.is_empty() {
            let why = prepared.left_out.last().map_or("it has no examples", |(_, why)| why);
            return Err(TrainError::TooLittle(format!(
                "{}: no example can be used; the last one: {why}",
                data.path.display()
            )));
        }
        Ok(prepared)
    }

    /// Only the examples that `keeps` says, by their number in the data set.
    pub fn filtered(&self, keeps: impl Fn(usize) -> bool) -> Self {
        let own: Vec<usize> = (0..self.len()).filter(|at| keeps(self.kept[*at])).collect();
        Self {
            spec: self.spec.clone(),
            classes: self.classes.clone(),
            kept: own.iter().map(|at| self.kept[*at]).collect(),
            class: own.iter().map(|at| self.class[*at]).collect(),
            wanted: own.iter().map(|at| self.wanted[*at].clone()).collect(),
            left_out: self.left_out.clone(),
            values: own.iter().map(|at| self.values[*at].clone()).collect(),
            mirrored: self.mirrored.clone(),
        }
    }

    /// The part of the data set that could be read.
    pub fn used(&self, data: &Dataset) -> Dataset {
        let examples = self.kept.iter().map(|index| data.examples[*index].clone()).collect();
        Dataset { examples, ..data.clone() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds an example as it is to a batch's input.
    pub fn plain(&self, index: usize, input: &mut Vec<f32>) {
        match &self.values[index] {
            Values::Bytes(bytes) => input.extend(self.spec.values_of(bytes)),
            Values::Floats(values) | Values::Pair([values, _]) => input.extend_from_slice(values),
        }
    }

    /// Adds an example to a batch, changed as the seed says.
    pub fn changed(
        &self,
        index: usize,
        params: &AugmentParams,
        seed: u64,
        input: &mut Vec<f32>,
        wanted: &mut Vec<f32>,
    ) {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut bytes_changed = Vec::new();
        let is_mirrored = match &self.values[index] {
            Values::Bytes(bytes) => {
                let is_mirrored = augment::change(&self.spec, bytes, params, &mut rng, &mut bytes_changed);
                input.extend(self.spec.values_of(&bytes_changed));
                is_mirrored
            }
            Values::Floats(values) => {
                let is_mirrored = params.mirror && rng.random::<bool>();
                if is_mirrored {
                    mirror_sides(values, input);
                } else {
                    input.extend_from_slice(values);
                }
                is_mirrored
            }
            Values::Pair(pair) => {
                let is_mirrored = params.mirror && rng.random::<bool>();
                input.extend_from_slice(&pair[usize::from(is_mirrored)]);
                is_mirrored
            }
        };
        let own = &self.wanted[index];
        match is_mirrored {
            true => wanted.extend(self.mirrored.iter().map(|class| own[*class])),
            false => wanted.extend_from_slice(own),
        }
    }
}

/// Motion of the regions with the sides changed: they stand in pairs, left before right.
fn mirror_sides(values: &[f32], input: &mut Vec<f32>) {
    for pair in values.chunks(2) {
        input.extend(pair.iter().rev());
    }
}

/// Why an example was not made.
enum Made {
    /// It cannot be read.
    LeftOut(String),
    /// Nothing can go on.
    Failed(TrainError),
}

impl From<RecogniserError> for Made {
    fn from(error: RecogniserError) -> Self {
        Self::LeftOut(error.to_string())
    }
}

/// What workers share.
struct Maker<'a> {
    spec: &'a InputSpec,
    backbone: Option<(&'a Backbone, FeatureCache)>,
}

impl<'a> Maker<'a> {
    fn new(spec: &'a InputSpec, prepares: &Prepares<'a>) -> Result<Self, TrainError> {
        let backbone = match prepares.network {
            NetworkKind::Transfer(backbone) => {
                let by = format!("{spec:?} {}", backbone.features);
                let parts = [backbone.sha256.as_bytes(), backbone.output().as_bytes(), by.as_bytes()];
                Some((backbone.as_ref(), FeatureCache::open(prepares.cache, &parts, backbone.features)?))
            }
            _ => None,
        };
        Ok(Self { spec, backbone })
    }

    fn worker(&self) -> Result<Worker<'_>, TrainError> {
        Ok(Worker { maker: self, courses: CourseReader::default(), network: None })
    }
}

struct Worker<'a> {
    maker: &'a Maker<'a>,
    courses: CourseReader,
    /// Loaded when it is first needed: where all features are cached it never is.
    network: Option<crate::infer::Network>,
}

impl Worker<'_> {
    fn make(&mut self, media: &crate::dataset::Media) -> Result<Values, Made> {
        let spec = self.maker.spec;
        if let InputSpec::Sequence { ticks } = *spec {
            return Ok(Values::Floats(self.courses.read(media)?.values(ticks)));
        }
        let bytes = spec.read_bytes(media)?;
        let Some((backbone, cache)) = &self.maker.backbone else { return Ok(Values::Bytes(bytes)) };
        let mut features = |bytes: &[u8]| -> Result<Vec<f32>, TrainError> {
            let place = cache.place(bytes);
            if let Some(kept) = cache.read(&place) {
                return Ok(kept);
            }
            let network = match &mut self.network {
                Some(network) => network,
                none => none.insert(backbone.network()?),
            };
            let input = spec.planes(&spec.values_of(bytes));
            let outputs = network.run(&input).map_err(|error| TrainError::Network(error.to_string()))?;
            let values = outputs.values(0).to_vec();
            cache.write(&place, &values)?;
            Ok(values)
        };
        let mirrored = mirrored_bytes(spec, &bytes);
        let pair = features(&bytes).and_then(|plain| Ok([plain, features(&mirrored)?]));
        pair.map(Values::Pair).map_err(Made::Failed)
    }
}

/// A picture's mirror image.
fn mirrored_bytes(spec: &InputSpec, bytes: &[u8]) -> Vec<u8> {
    let [_, width, channels] = spec.size();
    let rows = bytes.chunks_exact(width * channels);
    rows.flat_map(|row| row.chunks_exact(channels).rev().flatten()).copied().collect()
}

//! Recordings to tracks: each video is analysed once, with the default parameters, and its motion is kept in a cache.

use std::convert::Infallible;
use std::fs;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::TrainError;
use super::split::Base;
use super::track::Track;
use crate::capture::{SessionClock, Source, SourceSpec, SyntheticParams, SyntheticSource, open_source};
use crate::facs::AuField;
use crate::infer::sha256_hex;
use crate::motion::layout_points;
use crate::pipeline::{Analyzer, AnalyzerParams, ObservationSink, OfflineError, analyze_source};
use crate::spot::SpotMethod;
use crate::spot::network::{PointMotion, of_regions, points};
use crate::types::{Frame, Gap, LandmarkUpdate, Observation};

/// A recording, ready for injection.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Where it comes from.
    pub base: Base,
    /// What moved.
    pub track: Track,
    /// The action units of this face.
    pub field: AuField,
    /// Where each point of the track lies on this face, in face coordinates (`facs`).
    pub places: Vec<[f32; 2]>,
    /// The same for every patch of the layout, those that follow the head too.
    pub all_places: Vec<Option<[f32; 2]>>,
}

/// What was made of the bases.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The recordings that can be used.
    pub recordings: Vec<Recording>,
    /// Those that cannot, and why; one sentence each.
    pub warnings: Vec<String>,
}

/// How far [`Corpus::load`] is.
#[derive(Clone, Copy, Debug)]
pub struct LoadStep<'a> {
    /// The recording at hand.
    pub base: &'a Base,
    /// Its number, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

impl Corpus {
    /// Reads all bases below `root`, from the cache where it knows them. `progress` is told of each before it is read and
    /// says whether to go on.
    ///
    /// # Errors
    /// A file that cannot be read or analysed, a cache that cannot be written, or [`TrainError::Interrupted`].
    pub fn load(
        bases: &[Base],
        root: &Path,
        cache: &Path,
        mut progress: impl FnMut(LoadStep) -> bool,
    ) -> Result<Self, TrainError> {
        fs::create_dir_all(cache).map_err(|error| TrainError::file(cache, &error))?;
        let fingerprint = tracker_fingerprint()?;
        let mut corpus = Self::default();
        for (index, base) in bases.iter().enumerate() {
            if !progress(LoadStep { base, index, count: bases.len() }) {
                return Err(TrainError::Interrupted);
            }
            let track = cached_track(&root.join(&base.path), base.is_photo, cache, &fingerprint)?;
            match Recording::new(base.clone(), track) {
                Ok(recording) => corpus.recordings.push(recording),
                Err(why) => corpus.warnings.push(format!("{} is left out: {why}", base.path.display())),
            }
        }
        Ok(corpus)
    }
}

impl Recording {
    /// Puts a track and the geometry of its face together.
    ///
    /// # Errors
    /// Why it is of no use: no face, or nothing of it was followed.
    pub fn new(base: Base, track: Track) -> Result<Self, &'static str> {
        let landmarks = track.landmarks.as_deref().ok_or("no face was found in it")?;
        let field = AuField::new(landmarks).ok_or("the landmarks of its face are not usable")?;
        let points = layout_points(landmarks).into_iter();
        let all_places: Vec<_> =
            points.map(|point| point.map(|point| field.face_from_image().apply(point))).collect();
        let places = of_regions(all_places.iter().copied()).collect::<Option<Vec<_>>>();
        let places = places.ok_or("the landmarks of its face are not usable")?;
        let followed = track.faces.iter().flatten().count();
        // Shorter than half a second tells nothing about a face that moves; a photo's motion is made up anyway.
        if !base.is_photo && (followed < 10 || track.duration_s() < 0.5) {
            return Err("no face was followed for long enough");
        }
        Ok(Self { base, track, field, places, all_places })
    }
}

/// What the tracker makes of two seconds of the demo face, as a hash: changes whenever a change of the tracker matters.
fn tracker_fingerprint() -> Result<String, TrainError> {
    let params = SyntheticParams { duration_s: Some(2.0), ..SyntheticParams::default() };
    let mut source = SyntheticSource::new(params)?;
    let track = analyze(&mut source)?;
    let mut bytes = Vec::new();
    track.write(&mut bytes).map_err(|error| TrainError::file(Path::new("the demo's track"), &error))?;
    Ok(sha256_hex(&bytes))
}

fn cached_track(path: &Path, is_photo: bool, cache: &Path, fingerprint: &str) -> Result<Track, TrainError> {
    let content = fs::read(path).map_err(|error| TrainError::file(path, &error))?;
    let mut key = Sha256::new();
    key.update(fingerprint);
    key.update(&content);
    let key: String = key.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let file = cache.join(format!("{key}.track"));
    if let Ok(opened) = fs::File::open(&file) {
        // A damaged cache file is made again.
        if let Ok(track) = Track::read(&mut BufReader::new(opened)) {
            return Ok(track);
        }
    }
    let spec = SourceSpec::Path { path: path.to_owned(), fps: is_photo.then_some(1.0) };
    let mut source = open_source(&spec, SessionClock::start())?;
    let track = analyze(source.as_mut())?;
    write_whole(&file, &track).map_err(|error| TrainError::file(&file, &error))?;
    Ok(track)
}

/// The file appears only when complete: an interrupted run leaves no half track.
fn write_whole(path: &Path, track: &Track) -> std::io::Result<()> {
    let partial: PathBuf = path.with_extension("partial");
    let mut file = BufWriter::new(fs::File::create(&partial)?);
    track.write(&mut file)?;
    file.flush()?;
    drop(file);
    fs::rename(partial, path)
}

fn analyze(source: &mut dyn Source) -> Result<Track, TrainError> {
    let mut analyzer = Analyzer::new(without_network())?;
    let mut sink = TrackSink::new();
    analyze_source(source, &mut analyzer, &mut sink, |_, _| true).map_err(|error| match error {
        OfflineError::Capture(error) => TrainError::from(error),
        OfflineError::Analyzer(error) => TrainError::from(error),
        OfflineError::Sink(never) => match never {},
    })?;
    Ok(sink.track)
}

struct TrackSink {
    frame: PointMotion,
    track: Track,
}

/// The analysis as always, but without the network, of which there may be none yet: motion does not depend on it.
fn without_network() -> AnalyzerParams {
    let mut params = AnalyzerParams::default();
    params.spot.method = SpotMethod::StateMachine;
    params
}

impl TrackSink {
    fn new() -> Self {
        let track = Track { point_count: points().len(), ..Track::default() };
        Self { frame: PointMotion::default(), track }
    }
}

impl ObservationSink for TrackSink {
    type Error = Infallible;

    fn observation(
        &mut self,
        _: &Frame,
        observation: &Observation,
        analyzer: &Analyzer,
    ) -> Result<(), Infallible> {
        if let (None, Some(update)) = (&self.track.landmarks, &observation.update) {
            let min_confidence = analyzer.params().motion.min_confidence;
            let good = update
                .faces
                .first()
                .filter(|face| face.confidence >= min_confidence && !face.quality.is_occluded);
            self.track.landmarks = good.map(|face| face.landmarks.clone());
        }
        let frame = &mut self.frame;
        frame.fill(observation.captured_at, observation.signal.as_ref());
        let face = (!frame.points.is_empty()).then_some(frame.face_id);
        self.track.push(frame.at.as_secs_f64(), face, frame.head_speed_icd_s, &frame.points);
        Ok(())
    }

    fn gap_at_end(&mut self, _: &Gap) -> Result<(), Infallible> {
        Ok(())
    }

    fn last_events(&mut self, _: &[crate::types::Event]) -> Result<(), Infallible> {
        Ok(())
    }

    fn last_update(&mut self, _: &Arc<LandmarkUpdate>) -> Result<(), Infallible> {
        Ok(())
    }
}

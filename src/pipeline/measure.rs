//! One measurement: a frame in, landmarks, blendshapes, pose and expression out. Runs inline or on its own thread.

use std::sync::Arc;

use image::{DynamicImage, GrayImage, RgbImage};

use super::AnalyzerError;
use crate::expression::{ExpressionClassifier, FaceRegion};
use crate::face::{FaceEngine, FaceParams};
use crate::image::convert::rgb_from_frame;
use crate::types::{Expression, Frame, LandmarkUpdate, NoProbe, Stage, StageProbe, Timestamp};

/// What is sent to a measurer and comes back from it: a frame whose buffer is reused, and the result.
#[derive(Debug, Default)]
pub struct MeasureJob {
    /// The frame to be measured.
    pub frame: Frame,
    /// Its luma, which the analysis has decoded already.
    pub luma: GrayImage,
    /// See [`LandmarkUpdate::unchanged_until`].
    pub unchanged_until: Timestamp,
}

/// The networks that measure faces, with the buffers they need.
pub struct Measurer {
    engine: FaceEngine,
    classifier: ExpressionClassifier,
    eyes: ExpressionClassifier,
    rgb: RgbImage,
    probe: Box<dyn StageProbe>,
}

impl Measurer {
    /// Loads the networks; takes a few hundred milliseconds.
    ///
    /// # Errors
    /// An embedded model that cannot be loaded.
    pub fn new(params: FaceParams) -> Result<Self, AnalyzerError> {
        Ok(Self {
            engine: FaceEngine::new(params)?,
            classifier: ExpressionClassifier::of(FaceRegion::Face)?,
            eyes: ExpressionClassifier::of(FaceRegion::Eyes)?,
            rgb: RgbImage::default(),
            probe: Box::new(NoProbe),
        })
    }

    /// Tells `probe` of its stages from now on.
    pub fn set_probe(&mut self, probe: Box<dyn StageProbe>) {
        self.probe = probe;
    }

    /// Measures every face in the job's frame. One whose colour cannot be decoded is measured in gray: a single bad
    /// frame does not end a session.
    ///
    /// # Errors
    /// A network that fails.
    pub fn measure(&mut self, job: &MeasureJob) -> Result<Arc<LandmarkUpdate>, AnalyzerError> {
        self.probe.begin();
        if rgb_from_frame(&job.frame, &mut self.rgb).is_err() {
            self.rgb = DynamicImage::ImageLuma8(job.luma.clone()).into_rgb8();
        }
        self.probe.end(Stage::Decode);
        let (seq, at) = (job.frame.seq, job.frame.captured_at);
        let mut update = self.engine.measure_timed(seq, at, &self.rgb, &job.luma, self.probe.as_mut())?;
        update.unchanged_until = job.unchanged_until;
        if let Some(primary) = update.faces.first_mut() {
            self.probe.begin();
            let face = self.classifier.classify(&job.luma, &primary.landmarks)?;
            let eyes = Some(self.eyes.classify(&job.luma, &primary.landmarks)?);
            primary.expression = Some(Expression { face, eyes });
            self.probe.end(Stage::Classify);
        }
        Ok(Arc::new(update))
    }
}

/// Where measurements run. At most one is under way at a time.
pub trait Measure: Send {
    /// Takes a job. Must not be called again before [`Measure::wait`].
    ///
    /// # Errors
    /// The measuring thread is gone.
    fn submit(&mut self, job: MeasureJob) -> Result<(), AnalyzerError>;

    /// Waits for the submitted job's result and hands its buffers back.
    ///
    /// # Errors
    /// What [`Measurer::measure`] says, or the measuring thread is gone.
    fn wait(&mut self) -> Result<(MeasureJob, Arc<LandmarkUpdate>), AnalyzerError>;
}

/// Measures on the caller's thread, when the result is asked for.
pub struct Inline {
    measurer: Measurer,
    job: Option<MeasureJob>,
}

impl Inline {
    /// Wraps a measurer.
    pub fn new(measurer: Measurer) -> Self {
        Self { measurer, job: None }
    }
}

impl Measure for Inline {
    fn submit(&mut self, job: MeasureJob) -> Result<(), AnalyzerError> {
        self.job = Some(job);
        Ok(())
    }

    fn wait(&mut self) -> Result<(MeasureJob, Arc<LandmarkUpdate>), AnalyzerError> {
        let job = self.job.take().ok_or(AnalyzerError::MeasurerGone)?;
        let update = self.measurer.measure(&job)?;
        Ok((job, update))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PixelFormat;

    #[test]
    fn a_frame_whose_colour_is_broken_is_measured_in_gray() {
        let luma = image::load_from_memory(include_bytes!("../../assets/portrait.png")).unwrap().into_luma8();
        let (width, height) = luma.dimensions();
        let data = b"not a picture".to_vec();
        let frame = Frame { width, height, format: PixelFormat::Mjpeg, data, ..Frame::default() };
        let mut measurer = Measurer::new(FaceParams::default()).unwrap();
        let update = measurer.measure(&MeasureJob { frame, luma, ..MeasureJob::default() }).unwrap();
        assert_eq!(update.faces.len(), 1);
    }
}

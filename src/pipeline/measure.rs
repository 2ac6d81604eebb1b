//! One measurement: a frame in, landmarks, blendshapes, pose and expression out. Runs inline or on its own thread.

use std::sync::Arc;

use image::{GrayImage, RgbImage};

use super::AnalyzerError;
use crate::expression::ExpressionClassifier;
use crate::face::{FaceEngine, FaceParams};
use crate::image::convert::rgb_from_frame;
use crate::types::{Frame, LandmarkUpdate};

/// What is sent to a measurer and comes back from it: a frame whose buffer is reused, and the result.
#[derive(Debug, Default)]
pub struct MeasureJob {
    /// The frame to be measured.
    pub frame: Frame,
    /// Its luma, which the analysis has decoded already.
    pub luma: GrayImage,
}

/// The networks that measure faces, with the buffers they need.
pub struct Measurer {
    engine: FaceEngine,
    classifier: ExpressionClassifier,
    rgb: RgbImage,
}

impl Measurer {
    /// Loads the networks; takes a few hundred milliseconds.
    ///
    /// # Errors
    /// An embedded model that cannot be loaded.
    pub fn new(params: FaceParams) -> Result<Self, AnalyzerError> {
        Ok(Self {
            engine: FaceEngine::new(params)?,
            classifier: ExpressionClassifier::new()?,
            rgb: RgbImage::default(),
        })
    }

    /// Measures every face in the job's frame.
    ///
    /// # Errors
    /// A frame that cannot be decoded, or a network that fails.
    pub fn measure(&mut self, job: &MeasureJob) -> Result<Arc<LandmarkUpdate>, AnalyzerError> {
        rgb_from_frame(&job.frame, &mut self.rgb)?;
        let mut update = self.engine.measure(job.frame.seq, job.frame.captured_at, &self.rgb, &job.luma)?;
        if let Some(primary) = update.faces.first_mut() {
            primary.expression = Some(self.classifier.classify(&job.luma, &primary.landmarks)?);
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

//! The stages of the pipeline by name, and the seam through which a benchmark times them.

/// A stage whose time is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The source hands a frame over.
    Capture,
    /// Raw bytes to luma, and to colour where the networks need it.
    Decode,
    /// The face detector, where no face is followed.
    Detect,
    /// The landmark network.
    Landmarks,
    /// The blendshape network.
    Blendshapes,
    /// The aligned crop, and how sharp and bright it is.
    Align,
    /// Motion of the regions.
    Motion,
    /// The expression network.
    Classify,
    /// The spotter.
    Spot,
    /// The overlay.
    Draw,
}

impl Stage {
    /// All stages, in the order in which a frame meets them.
    pub const ALL: [Self; 10] = [
        Self::Capture,
        Self::Decode,
        Self::Detect,
        Self::Landmarks,
        Self::Blendshapes,
        Self::Align,
        Self::Motion,
        Self::Classify,
        Self::Spot,
        Self::Draw,
    ];

    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Decode => "decode",
            Self::Detect => "detect",
            Self::Landmarks => "landmarks",
            Self::Blendshapes => "blendshapes",
            Self::Align => "align",
            Self::Motion => "motion",
            Self::Classify => "classify",
            Self::Spot => "spot",
            Self::Draw => "draw",
        }
    }
}

/// Is told when stages end. The pipeline reads no clock; whoever wants times gives it one of these.
pub trait StageProbe: Send {
    /// What follows belongs to a stage that will be named when it ends.
    fn begin(&mut self);

    /// All since [`StageProbe::begin`], or since the stage before, was `stage`.
    fn end(&mut self, stage: Stage);
}

/// Takes no times.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProbe;

impl StageProbe for NoProbe {
    fn begin(&mut self) {}

    fn end(&mut self, _stage: Stage) {}
}

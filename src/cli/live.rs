//! `onset live`: a camera, a file as if live, or the demo; on the overlay or as JSON lines.

use std::path::PathBuf;

use anyhow::Result;

use super::input::{InputArgs, Opened};
use super::live_headless::{self, Headless};
use super::live_window;
use super::profile::ProfileArgs;
use super::view::View;
use crate::analysis::{AnalysisOptions, InForce};
use crate::capture::SessionClock;
use crate::overlay::{OverlayError, SceneText, Window};
use crate::pipeline::{AnalyzerParams, LiveOptions};
use crate::spot::SpotMethod;
use crate::types::Veto;

/// Seconds of the demo where there is neither a camera nor a display.
const UNATTENDED_DEMO_S: f64 = 10.0;
/// Where the unattended demo leaves its picture.
const UNATTENDED_PICTURE: &str = "onset-demo.png";

/// Options of `onset live`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// No window: print events as JSON lines.
    #[arg(long)]
    headless: bool,
    /// Stop after this many seconds of video.
    #[arg(long, value_name = "SECONDS", value_parser = crate::analysis::positive_from)]
    duration: Option<f64>,
    /// Headless: write the last overlay picture to this PNG file. Window: where the S key saves.
    #[arg(long, value_name = "FILE.png")]
    screenshot: Option<PathBuf>,
    /// Size of the window.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = super::input::size)]
    window: (usize, usize),
    /// Do not mirror the picture.
    #[arg(long)]
    no_mirror: bool,
    #[command(flatten)]
    analysis: AnalysisArgs,
}

/// Options of the analysis, the same live and offline.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct AnalysisArgs {
    /// Landmark measurements a second of video; 0 for every frame.
    #[arg(long, value_name = "N", default_value = "15", value_parser = crate::analysis::landmark_hz_from)]
    landmark_hz: f64,
    /// The same while the face does not change; as many as --landmark-hz for an even cadence.
    #[arg(long, value_name = "N", default_value = "3", value_parser = crate::analysis::positive_from)]
    landmark_still_hz: f64,
    /// Faces followed at most [default: 2, or the profile's].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    faces: Option<u8>,
    /// How brief expressions are spotted: auto, state-machine, matched, network.
    #[arg(long, value_name = "METHOD", default_value = "auto", value_parser = crate::analysis::spotter_from)]
    spotter: SpotMethod,
    /// Reasons that are not to keep a movement from being claimed, comma-separated, to see what each is worth: blink, speech, head,
    /// luminance, gap, occlusion, face_crossing, lone, too_short, refractory, lasting.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = crate::analysis::veto_from)]
    without_veto: Vec<Veto>,
    #[command(flatten)]
    profile: ProfileArgs,
}

impl AnalysisArgs {
    /// The profile that these options ask for.
    pub(super) fn profile(&self) -> Result<InForce> {
        self.profile.load()
    }

    /// The analysis that these options ask for, with what the profile says.
    pub(super) fn params(&self, in_force: &InForce) -> AnalyzerParams {
        let options = AnalysisOptions {
            landmark_hz: self.landmark_hz,
            landmark_still_hz: self.landmark_still_hz,
            faces: self.faces,
            spotter: self.spotter,
            without_veto: self.without_veto.clone(),
        };
        options.params(in_force)
    }
}

/// Runs `onset live`.
pub(super) fn run(args: Args) -> Result<()> {
    let in_force = args.analysis.profile()?;
    // First of all: it may change the environment, and a camera has a thread of its own.
    let display = if args.headless { Ok(()) } else { Window::check_display() };
    let clock = SessionClock::start();
    let Opened { source, is_demo, note } = args.input.open(clock)?;
    if let Some(note) = &note {
        eprintln!("onset: {note}");
    }
    // A setting that the camera refused, a format that it announced and does not have.
    source.warnings().iter().for_each(|warning| eprintln!("onset: {warning}"));
    in_force.check(source.info(), is_demo)?;
    in_force.warnings.iter().for_each(|warning| eprintln!("onset: {warning}"));
    let title = format!("Onset: {}", source.info().name);
    let window = match display {
        _ if args.headless => None,
        Ok(()) => Some(Window::open(&title, args.window.0, args.window.1)?),
        // Neither camera nor display: show what can be shown, in a bounded time.
        Err(OverlayError::NoDisplay { why }) if is_demo => {
            eprintln!(
                "onset: no display ({why}): running the demo for {UNATTENDED_DEMO_S} s without a window"
            );
            None
        }
        Err(error) => return Err(error.into()),
    };
    let is_unattended = window.is_none() && !args.headless;
    let text = SceneText { source: source.info().name.clone(), is_demo, ..SceneText::default() };
    let mut view = View::new(args.window.0, args.window.1, text)?;
    view.is_mirrored = source.info().is_live && !args.no_mirror;
    let screenshot = match args.screenshot {
        None if is_unattended => Some(PathBuf::from(UNATTENDED_PICTURE)),
        given => given,
    };
    let options = LiveOptions {
        analyzer: args.analysis.params(&in_force),
        pace: true,
        lossless: false,
        display: window.is_some() || screenshot.is_some(),
        duration_s: args.duration.or(is_unattended.then_some(UNATTENDED_DEMO_S)),
    };
    match window {
        None => live_headless::run(Headless {
            source,
            clock,
            is_demo,
            options,
            view,
            screenshot,
            profile: in_force.facts,
        }),
        Some(window) => live_window::run(window, source, clock, options, view, screenshot),
    }
}

//! `onset calibrate`: some seconds of a neutral face to a calibration profile.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::input::{InputArgs, Opened};
use super::{UsageError, interrupt};
use crate::analysis::{PROFILE_FOLDER, facts_of};
use crate::calibration::{
    Calibrator, CalibratorParams, CameraFacts, Identity, Learned, NeutralExpression, Profile, SourceFacts,
    utc_text,
};
use crate::capture::SessionClock;
use crate::expression::{ExpressionRecord, FaceRegion, RestProbabilities};
use crate::pipeline::{Analyzer, AnalyzerParams, ObservationSink, analyze_source};
use crate::types::{
    Event, Frame, Gap, LABEL_COUNT, Label, LandmarkUpdate, OBSERVABLE_ICD, Observation, PixelFormat, Region,
    RegionId, Side,
};

/// Options of `onset calibrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Name of the profile: letters, digits, '-', '_' and '.'.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Seconds to watch the face at rest.
    #[arg(long, value_name = "N", default_value = "10", value_parser = seconds)]
    seconds: f64,
    /// Where to write the profile, instead of calibration/NAME.toml.
    #[arg(long, value_name = "FILE.toml")]
    out: Option<PathBuf>,
    /// Replace a profile that is already there.
    #[arg(long)]
    force: bool,
    /// Print what was learned as JSON.
    #[arg(long)]
    json: bool,
}

/// From 5 s, of which the first is not measured, to 2 minutes.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (5.0..=120.0).contains(&value) => Ok(value),
        _ => Err(format!("{text} is not a number of seconds from 5 to 120")),
    }
}

/// Runs `onset calibrate`.
pub(super) fn run(args: Args) -> Result<()> {
    if !Profile::is_name(&args.name) || args.name == "default" {
        return Err(UsageError(format!(
            "--name {}: use letters, digits, '-', '_' and '.', at most 64, and not `default`, which the program carries",
            args.name
        ))
        .into());
    }
    let path =
        args.out.clone().unwrap_or_else(|| PathBuf::from(PROFILE_FOLDER).join(format!("{}.toml", args.name)));
    if path.exists() && !args.force {
        bail!("{} is already there: choose another --name or --out, or give --force", path.display());
    }
    interrupt::install()?;
    let clock = SessionClock::start();
    let Opened { mut source, is_demo, note } = args.input.open(clock)?;
    if let Some(note) = &note {
        eprintln!("onset: {note}");
    }
    source.warnings().iter().for_each(|warning| eprintln!("onset: {warning}"));
    if source.info().is_live {
        eprintln!(
            "onset: look at the camera for {:.0} s with a relaxed face, mouth closed; blinking is fine",
            args.seconds
        );
    }
    // A face at rest is what is to be learned: it is measured as often as one that moves.
    let params = AnalyzerParams::default();
    let mut analyzer = Analyzer::new(AnalyzerParams { landmark_still_hz: params.landmark_hz, ..params })?;
    let mut watch = Watch {
        calibrator: Calibrator::new(CalibratorParams::default(), args.seconds),
        frame: None,
        bar: bar(),
        seconds: args.seconds,
    };
    let mut first = None;
    analyze_source(source.as_mut(), &mut analyzer, &mut watch, |now, counts| {
        let has_time = counts.read == 0 || now.seconds_since(*first.get_or_insert(now)) < args.seconds;
        has_time && !interrupt::is_asked()
    })?;
    watch.bar.finish_and_clear();
    if interrupt::is_asked() {
        bail!("interrupted: no profile was written");
    }
    let learned = watch.calibrator.finish()?;
    let facts = facts_of(source.info(), is_demo);
    let profile = profile_of(&args.name, &clock, &learned, facts, watch.frame)?;
    profile.save(&path)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&json_of(&profile, &learned, &path))?);
    } else {
        print!("{}", report(&profile, &learned));
        println!("profile in {}", path.display());
    }
    Ok(())
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("neutral face {wide_bar} {percent:>3} %")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1000).with_style(style)
}

/// Feeds the calibrator, and remembers what the frames are like.
struct Watch {
    calibrator: Calibrator,
    /// Width, height and layout of the frames.
    frame: Option<(u32, u32, PixelFormat)>,
    bar: ProgressBar,
    seconds: f64,
}

impl ObservationSink for Watch {
    type Error = std::convert::Infallible;

    fn observation(
        &mut self,
        frame: &Frame,
        observation: &Observation,
        _: &Analyzer,
    ) -> Result<(), Self::Error> {
        self.frame = Some((frame.width, frame.height, frame.format));
        self.calibrator.push(observation);
        self.bar.set_position((self.calibrator.elapsed_s() / self.seconds * 1e3) as u64);
        Ok(())
    }

    fn gap_at_end(&mut self, gap: &Gap) -> Result<(), Self::Error> {
        self.calibrator.push_gap(gap);
        Ok(())
    }

    fn last_update(&mut self, _: &Arc<LandmarkUpdate>) -> Result<(), Self::Error> {
        Ok(())
    }

    fn last_events(&mut self, _: &[Event]) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A profile of what was learned, with the source that it was learned from; `frame` is the size and layout of the frames where they
/// are known better than the source tells.
pub(super) fn profile_of(
    name: &str,
    clock: &SessionClock,
    learned: &Learned,
    source: SourceFacts,
    frame: Option<(u32, u32, PixelFormat)>,
) -> Result<Profile> {
    let since_1970 = clock.wall_start().duration_since(std::time::UNIX_EPOCH);
    let (width_px, height_px, format) =
        frame.map_or((source.width_px, source.height_px, ""), |(w, h, format)| (w, h, format.name()));
    Ok(Profile {
        identity: Identity {
            name: name.to_owned(),
            created: utc_text(since_1970.map_or(0, |since| since.as_secs())),
            onset_version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        camera: Some(CameraFacts {
            kind: source.kind,
            source: source.source,
            width_px,
            height_px,
            measured_fps: learned.measured_fps,
            nominal_fps: source.fps,
            format: format.to_owned(),
        }),
        face: Some(learned.face.clone()),
        expression: learned.expression.map(neutral_expression).transpose()?,
        noise_icd: learned.noise_icd,
        ..Profile::default()
    })
}

/// What was learned of the expression networks, with the files that it holds for.
fn neutral_expression([face, eyes]: [[f32; LABEL_COUNT]; 2]) -> Result<NeutralExpression> {
    let rest = |region, probabilities| -> Result<RestProbabilities> {
        let model_sha256 = ExpressionRecord::embedded(region)?.sha256;
        Ok(RestProbabilities { model_sha256, probabilities })
    };
    Ok(NeutralExpression { face: rest(FaceRegion::Face, face)?, eyes: rest(FaceRegion::Eyes, eyes)? })
}

/// What was learned, for people: noise and smallest detectable motion of each region, left and right.
fn report(profile: &Profile, learned: &Learned) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{}: {:.1} frames/s, {:.0} px between the inner eye corners, {} blinks left out",
        profile.identity.name, learned.measured_fps, learned.face.icd_px, learned.blinks
    );
    let _ = writeln!(text, "\nin % of that distance   noise at rest       smallest motion seen");
    let _ = writeln!(text, "                        left    right       left    right");
    let percent = |value: Option<f32>| value.map_or("-".to_owned(), |icd| format!("{:.2}", icd * 100.0));
    for region in Region::ALL {
        let [left, right] = [Side::Left, Side::Right].map(|side| RegionId { region, side }.index());
        let _ = writeln!(
            text,
            "{:<20} {:>7} {:>8}    {:>7} {:>8}",
            region.name().replace('_', " "),
            percent(learned.noise_icd[left]),
            percent(learned.noise_icd[right]),
            percent(learned.smallest_icd[left]),
            percent(learned.smallest_icd[right])
        );
    }
    if let Some(shown) = &learned.expression {
        let _ = writeln!(text, "\n{}", words_of_rest(shown));
    }
    let blind: Vec<String> =
        RegionId::all().filter(|id| is_blind(learned, *id)).map(RegionId::name).collect();
    if !blind.is_empty() && blind.len() < RegionId::all().count() {
        let _ = writeln!(
            text,
            "\nnot observable even at rest (a motion of 3 % would be missed): {}",
            blind.join(", ")
        );
    }
    text
}

/// What the networks say of the face at rest: labels from 5 % on, in falling order.
fn words_of_rest(shown: &[[f32; LABEL_COUNT]; 2]) -> String {
    let words = |probabilities: &[f32; LABEL_COUNT]| {
        let mut known: Vec<(f32, Label)> = probabilities.iter().copied().zip(Label::ALL).collect();
        known.sort_by(|a, b| b.0.total_cmp(&a.0));
        known.retain(|(p, _)| *p >= 0.05);
        let each = |(p, label): &(f32, Label)| format!("{} {:.0} %", label.name(), 100.0 * p);
        known.iter().map(each).collect::<Vec<_>>().join(", ")
    };
    format!(
        "at rest the networks see: whole face {}; eyes {} (what is too much of it is taken off)",
        words(&shown[0]),
        words(&shown[1])
    )
}

/// Whether the spotter would miss a motion of 3 % there, although the face rests.
fn is_blind(learned: &Learned, id: RegionId) -> bool {
    learned.smallest_icd[id.index()].is_none_or(|smallest| smallest > OBSERVABLE_ICD)
}

fn labelled(probabilities: &[f32; LABEL_COUNT]) -> serde_json::Value {
    let named =
        |(label, p): (&Label, &f32)| (label.name().to_owned(), json!((f64::from(*p) * 1e6).round() / 1e6));
    Label::ALL.iter().zip(probabilities).map(named).collect::<serde_json::Map<_, _>>().into()
}

fn json_of(profile: &Profile, learned: &Learned, path: &std::path::Path) -> serde_json::Value {
    let by_name = |values: &[Option<f32>]| -> serde_json::Value {
        let named = |id: RegionId| {
            let value = values.get(id.index()).copied().flatten();
            (id.name(), json!(value.map(|icd| (f64::from(icd) * 1e5).round() / 1e5)))
        };
        RegionId::all().map(named).collect::<serde_json::Map<_, _>>().into()
    };
    json!({
        "profile": path.display().to_string(),
        "name": profile.identity.name,
        "measured_fps": learned.measured_fps,
        "icd_px": learned.face.icd_px,
        "blinks": learned.blinks,
        "expression": learned.expression.map(|[face, eyes]| json!({"face": labelled(&face), "eyes": labelled(&eyes)})),
        "noise_icd": by_name(&learned.noise_icd),
        "smallest_icd": by_name(&learned.smallest_icd),
    })
}

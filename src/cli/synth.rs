//! `onset synth`: clips with known micro-expressions and smiles, their truth, and filmstrips to look at (or composite faces, `synth_chimeras.rs`).

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{UsageError, interrupt, synth_chimeras};
use crate::face::{FaceEngine, FaceParams};
use crate::synth::{
    Base, BaseKind, BaseSpec, Clip, ClipParams, Distractors, EventParams, FPS_RANGE, Part, SmileKind,
    SmileParams, SynthError, Tables, Written,
};
use crate::types::Label;

/// Options of `onset synth`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is animated: photos and videos, or `portrait`, the embedded one, which is also what none means.
    #[arg(value_name = "BASE")]
    bases: Vec<PathBuf>,
    /// Folder for clips, truth.csv, clips.csv and strips/. Tables that are there already are added to. (With --chimeras: for
    /// chimeras.csv and its pictures.)
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Clips of each base; each has the next seed.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    clips: u64,
    /// Seed of the first clip: the same seed, base and options give the same clip.
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,
    /// Length of each clip, in seconds [default: 30 for photos, the rest of a video].
    #[arg(long, value_name = "S", value_parser = crate::analysis::positive_from)]
    duration: Option<f64>,
    /// Seconds to leave out at the beginning of a video.
    #[arg(long, value_name = "S", default_value = "0")]
    start: f64,
    /// Frames a second, 24 to 240 [default: 30 for photos]. Videos keep their own; a lower rate leaves frames out.
    #[arg(long, value_name = "N", value_parser = crate::analysis::positive_from)]
    fps: Option<f64>,
    /// Micro-expressions a minute; 0 for none.
    #[arg(long, value_name = "N", default_value = "8")]
    events_per_minute: f64,
    /// Smallest and largest amplitude, in % of the inner-canthal distance.
    #[arg(long, value_name = "MIN..MAX", default_value = "1.5..6", value_parser = amplitude)]
    amplitude: [f64; 2],
    /// Emotions to draw from, comma-separated.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = emotion,
          default_value = "happiness,sadness,anger,disgust,contempt,surprise")]
    emotions: Vec<Label>,
    /// Smiles of 1.5 to 4 s a minute, masked ones among them; 0 for none.
    #[arg(long, value_name = "N", default_value = "0")]
    smiles_per_minute: f64,
    /// Which smiles, comma-separated: masked_sad and masked_angry (with brows that contradict them), honest (with raised cheeks), polite.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = smile, requires = "smiles_per_minute",
          default_value = "masked_sad,masked_angry,honest,polite")]
    smiles: Vec<SmileKind>,
    /// What else happens, comma-separated: macro, blink, speech, head_turn, head_shift, breathing, luminance, flicker, occlusion,
    /// compression, noise, dropped, duplicated, low_light, variable_rate, frown, laughter, each with =STRENGTH if wanted
    /// (docs/synth.md); all, but for the last two; none.
    #[arg(long, value_name = "LIST", default_value = "none")]
    distractors: String,
    /// Scale so that the inner eye corners are so many pixels apart.
    #[arg(long, value_name = "N", value_parser = crate::analysis::positive_from)]
    icd_px: Option<f64>,
    /// Cut photos to this size around the face, once they are scaled.
    #[arg(long, value_name = "WxH", value_parser = super::input::size)]
    size: Option<(usize, usize)>,
    /// Frames of a photo come early and late by at most this share of their period: short for --distractors variable_rate=SHARE.
    #[arg(long, value_name = "SHARE")]
    jitter: Option<f64>,
    /// For the tables: still, calm or talking [default: still for photos, calm for videos].
    #[arg(long, value_name = "KIND")]
    base_kind: Option<BaseKind>,
    /// For the tables: who is shown [default: the base's name].
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Write no filmstrips.
    #[arg(long)]
    no_strips: bool,
    /// Replace clips that are already there.
    #[arg(long)]
    force: bool,
    /// Print what was written as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    chimeras: synth_chimeras::ChimeraArgs,
}

/// Runs `onset synth`.
pub(super) fn run(args: Args) -> Result<()> {
    if args.chimeras.is_asked() {
        let common =
            synth_chimeras::Common { out: &args.out, seed: args.seed, force: args.force, json: args.json };
        return synth_chimeras::run(&args.chimeras, &common);
    }
    let jobs = jobs(&args)?;
    let distractors = distractors(&args)?;
    interrupt::install()?;
    let has_events = args.events_per_minute > 0.0 || args.smiles_per_minute > 0.0;
    let strips = (!args.no_strips && has_events).then(|| args.out.join("strips"));
    let deepest = strips.as_ref().unwrap_or(&args.out);
    std::fs::create_dir_all(deepest).with_context(|| {
        format!("cannot make the output folder {}; choose another with --out", deepest.display())
    })?;
    let mut faces = FaceEngine::new(FaceParams::default())?;
    let mut tables = Tables::read(&args.out)?;
    let mut written = Vec::new();
    for (spec, paths) in &jobs {
        let base = open(&args, spec, &mut faces)?;
        for (number, path) in paths.iter().enumerate() {
            let params = params(&args, &base, args.seed + number as u64, &distractors);
            let clip = make(&base, &params, path, strips.as_deref())?;
            tables.add(&clip.clip, &clip.truth, &clip.distractors);
            tables.write(&args.out)?;
            if !args.json {
                println!("{}", line(&clip));
            }
            written.push(clip);
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&written.iter().map(summary).collect::<Vec<_>>())?);
    } else {
        println!("truth in {}", args.out.join("truth.csv").display());
    }
    Ok(())
}

/// The bases with the files that their clips become.
fn jobs(args: &Args) -> Result<Vec<(BaseSpec, Vec<PathBuf>)>> {
    let usage = |text: String| Err(UsageError(text).into());
    if let Some(fps) = args.fps.filter(|fps| !(FPS_RANGE[0]..=FPS_RANGE[1]).contains(fps)) {
        return usage(format!("--fps {fps}: choose {} to {} frames a second", FPS_RANGE[0], FPS_RANGE[1]));
    }
    let is_start = args.start >= 0.0 && args.start.is_finite();
    if !is_start || !(0.0..=30.0).contains(&args.events_per_minute) {
        return usage("--start takes 0 s or more, --events-per-minute 0 to 30".to_owned());
    }
    if !(0.0..=15.0).contains(&args.smiles_per_minute) {
        return usage("--smiles-per-minute takes 0 to 15".to_owned());
    }
    let portrait = [PathBuf::from("portrait")];
    let bases = if args.bases.is_empty() { &portrait[..] } else { &args.bases };
    let mut taken = std::collections::BTreeSet::new();
    let mut jobs = Vec::new();
    for base in bases {
        let spec =
            if base == Path::new("portrait") { BaseSpec::Portrait } else { BaseSpec::File(base.clone()) };
        if matches!(&spec, BaseSpec::File(path) if !path.exists()) {
            return usage(format!("{}: there is no such file; check the path", base.display()));
        }
        let stem = base.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let mut paths = Vec::new();
        for seed in args.seed..args.seed.saturating_add(args.clips) {
            let path = args.out.join(format!("{stem}_{seed}.mkv"));
            if !taken.insert(path.clone()) {
                return usage(format!("two bases are called {stem}: give each its own --out"));
            }
            if path.exists() && !args.force {
                return usage(format!(
                    "{} is already there; choose another --seed or --out, or replace it with --force",
                    path.display()
                ));
            }
            paths.push(path);
        }
        jobs.push((spec, paths));
    }
    Ok(jobs)
}

/// What `--distractors` and `--jitter` ask for; `true` where they came with `all`.
fn distractors(args: &Args) -> Result<(Distractors, bool)> {
    let (mut settings, mut is_all) = (Vec::new(), false);
    for name in args.distractors.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "none")
    {
        if name == "all" {
            is_all = true;
        } else {
            settings.push(name.parse().map_err(|why| UsageError(format!("--distractors: {why}")))?);
        }
    }
    if let Some(share) = args.jitter {
        settings.push(
            format!("variable_rate={share}").parse().map_err(|why| UsageError(format!("--jitter: {why}")))?,
        );
    }
    let chosen = Distractors::new(settings);
    Ok((if is_all { Distractors::all().with(&chosen) } else { chosen }, is_all))
}

fn open(args: &Args, spec: &BaseSpec, faces: &mut FaceEngine) -> Result<Base> {
    let part = Part { start_s: args.start, duration_s: args.duration, fps: args.fps };
    let name = match spec {
        BaseSpec::Portrait => "portrait".to_owned(),
        BaseSpec::File(path) => path.display().to_string(),
    };
    let bar = bar(format!("{name}: finding the face"));
    let opened = Base::open(spec, part, faces, &mut |done, total| tick(&bar, done, total));
    bar.finish_and_clear();
    let mut base = opened.map_err(exit_code)?;
    if let Some((width, height)) = args.size {
        let scale = args.icd_px.map_or(1.0, |icd_px| icd_px / f64::from(base.icd_px()));
        // Even, as video codecs want it.
        let size_px = [width, height].map(|px| 2 * ((0.5 * px as f64 / scale).round().max(1.0) as u32));
        base.cut_around_face(size_px).map_err(exit_code)?;
    }
    Ok(base)
}

fn params(args: &Args, base: &Base, seed: u64, (distractors, is_all): &(Distractors, bool)) -> ClipParams {
    let fitting =
        if *is_all && !base.is_still() { distractors.without_still_only() } else { distractors.clone() };
    ClipParams {
        seed,
        fps: args.fps,
        duration_s: args.duration.unwrap_or(30.0),
        events: EventParams {
            per_minute: args.events_per_minute,
            amplitude_icd: args.amplitude,
            emotions: args.emotions.clone(),
        },
        smiles: SmileParams { per_minute: args.smiles_per_minute, kinds: args.smiles.clone() },
        distractors: fitting,
        icd_px: args.icd_px,
        base_kind: args.base_kind,
        person: args.person.clone(),
    }
}

fn make(base: &Base, params: &ClipParams, path: &Path, strips: Option<&Path>) -> Result<Written> {
    let clip = Clip::new(base, params).map_err(exit_code)?;
    let bar = bar(path.display().to_string());
    let written = clip.write(path, params.seed, strips, &mut |done, total| tick(&bar, done, total));
    bar.finish_and_clear();
    written.map_err(exit_code)
}

/// Requests that cannot be met are wrong usage.
pub(super) fn exit_code(error: SynthError) -> anyhow::Error {
    match error {
        SynthError::BadRequest(why) => UsageError(why).into(),
        other => other.into(),
    }
}

pub(super) fn tick(bar: &ProgressBar, done: usize, total: usize) -> bool {
    bar.set_length(total as u64);
    bar.set_position(done as u64);
    !interrupt::is_asked()
}

pub(super) fn bar(text: String) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:36!} {wide_bar} {percent:>3} %  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1).with_style(style).with_message(text)
}

/// One line for people.
fn line(written: &Written) -> String {
    let clip = &written.clip;
    let micros = written.truth.iter().filter(|row| row.kind == "micro").count();
    let others = written.truth.iter().filter(|row| !["micro", "none"].contains(&row.kind)).count();
    format!(
        "{}: {} frames in {:.1} s, {}x{} at {:.0} fps, ICD {:.0} px, {micros} micro-expressions, {others} other rows, {:.1} MB",
        written.path.display(),
        clip.frames,
        clip.duration_s,
        clip.width,
        clip.height,
        clip.fps,
        clip.icd_px,
        written.bytes as f64 / 1e6
    )
}

fn summary(written: &Written) -> serde_json::Value {
    let clip = &written.clip;
    let mut kinds = std::collections::BTreeMap::new();
    for row in &written.truth {
        *kinds.entry(row.kind).or_insert(0u64) += 1;
    }
    json!({
        "clip": clip.clip, "path": written.path, "bytes": written.bytes, "frames": clip.frames, "fps": clip.fps,
        "duration_s": clip.duration_s, "width": clip.width, "height": clip.height, "icd_px": clip.icd_px, "base": clip.base,
        "base_kind": clip.base_kind, "person": clip.person, "seed": clip.seed, "truth": kinds,
    })
}

/// `1.5..6`, in % ICD; or one value.
fn amplitude(text: &str) -> Result<[f64; 2], String> {
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    match (number(low), number(high)) {
        (Some(low), Some(high)) if low > 0.0 && low <= high && high <= 12.0 => {
            Ok([low / 100.0, high / 100.0])
        }
        _ => Err("give MIN..MAX in % ICD, above 0 and at most 12: 1.5..6".to_owned()),
    }
}

fn emotion(text: &str) -> Result<Label, String> {
    let shown = || Label::ALL.into_iter().filter(|label| *label != Label::Neutral);
    shown()
        .find(|label| label.name() == text)
        .ok_or_else(|| format!("choose from {}", shown().map(Label::name).collect::<Vec<_>>().join(", ")))
}

fn smile(text: &str) -> Result<SmileKind, String> {
    SmileKind::ALL
        .into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| format!("choose from {}", SmileKind::ALL.map(SmileKind::name).join(", ")))
}

//! `onset bench`: latency and throughput of live sessions on this machine.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::bench_session::{Measured, SessionPlan, measure};
use super::live::AnalysisArgs;
use super::print::print;
use crate::bench::{
    Attempt, BenchReport, HeldSource, InputCard, Machine, SCHEMA, clock_overhead_ns, comparison_text,
    hold_source, hold_synthetic, page_of, peak_memory_mb, read_report, search, text_of, time_networks,
};
use crate::capture::camera::DeviceChoice;
use crate::capture::{CameraRequest, SessionClock, Source, SourceSpec, open_source};

/// Seconds of each session while a rate is looked for.
const TRY_S: f64 = 4.0;
/// The highest rate that is tried.
const LIMIT_FPS: f64 = 1000.0;
/// Runs of each network by itself.
const NETWORK_RUNS: usize = 50;

/// Options of `onset bench`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Frames of this video, image or image folder, held in memory; the synthetic face unless told otherwise.
    #[arg(long, value_name = "FILE|FOLDER", conflicts_with = "camera")]
    input: Option<PathBuf>,
    /// A camera, live, by number or by part of its name (see `onset devices`).
    #[arg(long, value_name = "N|NAME")]
    camera: Option<DeviceChoice>,
    /// Size of the synthetic or camera picture.
    #[arg(long, value_name = "WxH", default_value = "640x480", value_parser = super::input::size)]
    size: (usize, usize),
    /// Frames a second.
    #[arg(long, value_name = "N", value_parser = crate::analysis::positive_from)]
    fps: Option<f64>,
    /// Faces in the synthetic picture; more than one lie in its quarters.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=4))]
    people: u32,
    /// Seconds that are measured.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = crate::analysis::positive_from)]
    seconds: f64,
    /// Seconds before that are left out.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = crate::analysis::positive_from)]
    warm_up: f64,
    /// Size of the overlay picture.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = super::input::size)]
    window: (usize, usize),
    /// Do not draw the overlay.
    #[arg(long)]
    no_draw: bool,
    /// Also raise the frame rate until 1 % is lost (half a minute to a minute more).
    #[arg(long, conflicts_with = "camera")]
    sustain: bool,
    /// Leave out the networks by themselves.
    #[arg(long)]
    no_networks: bool,
    /// Only the networks by themselves, as lines of `name median_ms p95_ms`.
    #[arg(long, conflicts_with_all = ["sustain", "json", "html", "compare"])]
    networks_only: bool,
    /// Write the report to this JSON file.
    #[arg(long, value_name = "FILE.json")]
    json: Option<PathBuf>,
    /// Write the report as a page to this HTML file.
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    /// Set beside this earlier report, with intervals.
    #[arg(long, value_name = "OLD.json")]
    compare: Option<PathBuf>,
    #[command(flatten)]
    analysis: AnalysisArgs,
}

/// Runs `onset bench`.
pub(super) fn run(args: Args, allocations: fn() -> u64) -> Result<()> {
    let clock = SessionClock::start();
    if args.networks_only {
        let line = |f: &crate::bench::Figures| format!("{} {:.4} {:.4}\n", f.name, f.p50_ms, f.p95_ms);
        return print(&time_networks(&clock, NETWORK_RUNS)?.iter().map(line).collect::<String>());
    }
    // Before anything takes long: a wrong file is said at once.
    let old = args.compare.as_deref().map(read_report).transpose()?;
    let machine = Machine::here();
    let overhead_ns = clock_overhead_ns(&clock);
    let in_force = args.analysis.profile()?;
    let plan = SessionPlan {
        analyzer: args.analysis.params(&in_force),
        warm_up_s: args.warm_up,
        seconds: args.seconds,
        picture: (!args.no_draw).then_some(args.window),
        allocations,
    };
    let held = if args.camera.is_some() { None } else { Some(hold(&args)?) };
    let fps = args.fps.or_else(|| held.as_ref()?.info().nominal_fps);
    // The camera is opened last of all: it delivers from then on.
    let session_clock = SessionClock::start();
    let (source, card): (Box<dyn Source>, InputCard) = match &held {
        Some(held) => {
            let played = held.played(fps.unwrap_or(30.0), args.warm_up + args.seconds);
            let card = card_of(held.info(), held.format().name(), fps, Some(held));
            (Box::new(played), card)
        }
        None => {
            let source = open_source(&SourceSpec::Camera(camera_request(&args)), session_clock)?;
            let card = card_of(source.info(), "camera", source.info().nominal_fps, None);
            (source, card)
        }
    };
    eprintln!("onset: {:.0} s of {}, then the report", args.warm_up + args.seconds, card.name);
    let measured = measure(source, session_clock, &plan)?;
    let networks = if args.no_networks { Vec::new() } else { time_networks(&clock, NETWORK_RUNS)? };
    let sustainable = match &held {
        Some(held) if args.sustain => {
            let start_fps = fps.unwrap_or(30.0);
            Some(search(start_fps, LIMIT_FPS, |fps| attempt(held, fps, &plan))?)
        }
        _ => None,
    };
    let report = report_of(measured, &plan, machine, card, overhead_ns, networks, sustainable);
    print(&text_of(&report))?;
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&report).context("cannot turn the report into JSON")?;
        write(path, &(text + "\n"), "--json")?;
    }
    if let Some(path) = &args.html {
        write(path, &page_of(&report), "--html")?;
    }
    if let Some(old) = &old {
        print(&format!("\n{}", comparison_text(old, &report)))?;
    }
    Ok(())
}

fn write(path: &std::path::Path, text: &str, flag: &str) -> Result<()> {
    fs::write(path, text)
        .with_context(|| format!("cannot write {}; choose another place with {flag}", path.display()))
}

fn hold(args: &Args) -> Result<HeldSource> {
    if let Some(path) = &args.input {
        let mut source =
            open_source(&SourceSpec::Path { path: path.clone(), fps: args.fps }, SessionClock::start())?;
        return Ok(hold_source(source.as_mut())?);
    }
    let (width, height) = args.size;
    // The parser keeps sizes within what both kinds of number hold.
    let (width, height) =
        (u32::try_from(width).unwrap_or(u32::MAX), u32::try_from(height).unwrap_or(u32::MAX));
    Ok(hold_synthetic(width, height, args.fps.unwrap_or(30.0), args.people)?)
}

fn camera_request(args: &Args) -> CameraRequest {
    let side = |px: usize| u32::try_from(px).ok();
    CameraRequest {
        device: args.camera.clone().unwrap_or_default(),
        width: side(args.size.0),
        height: side(args.size.1),
        fps: args.fps,
        ..CameraRequest::default()
    }
}

fn card_of(
    info: &crate::capture::SourceInfo,
    format: &str,
    fps: Option<f64>,
    held: Option<&HeldSource>,
) -> InputCard {
    InputCard {
        name: info.name.clone(),
        width: info.width,
        height: info.height,
        format: format.to_owned(),
        fps,
        held: held.map_or(0, HeldSource::held),
        held_mb: held.map_or(0.0, |held| held.bytes() as f64 / f64::from(1 << 20)),
    }
}

fn attempt(held: &HeldSource, fps: f64, plan: &SessionPlan) -> Result<Attempt> {
    let plan = SessionPlan { warm_up_s: 1.0, seconds: TRY_S - 1.0, ..plan.clone() };
    let clock = SessionClock::start();
    let mut measured = measure(Box::new(held.played(fps, TRY_S)), clock, &plan)?;
    let all = measured.frames + measured.lost;
    let attempt = Attempt {
        fps,
        lost_share: measured.lost as f64 / all.max(1) as f64,
        p95_ms: measured.times.figures(Measured::TO_RESULT).map_or(0.0, |figures| figures.p95_ms),
    };
    eprintln!("onset: {fps:.0} fps: {:.2} % lost", 100.0 * attempt.lost_share);
    Ok(attempt)
}

fn report_of(
    mut measured: Measured,
    plan: &SessionPlan,
    machine: Machine,
    input: InputCard,
    clock_overhead_ns: f64,
    networks: Vec<crate::bench::Figures>,
    sustainable: Option<crate::bench::Sustainable>,
) -> BenchReport {
    let frames = measured.frames.max(1) as f64;
    let usage = measured.usage;
    let mut figures = |names: &[&str]| names.iter().filter_map(|name| measured.times.figures(name)).collect();
    BenchReport {
        schema: SCHEMA,
        machine,
        input,
        landmark_hz: plan.analyzer.landmark_hz,
        spotter: plan.analyzer.spot.method.name().to_owned(),
        warm_up_s: plan.warm_up_s,
        measured_s: measured.seconds,
        frames: measured.frames,
        lost: measured.lost,
        drawn: measured.drawn,
        clock_overhead_ns,
        stages: figures(&crate::types::Stage::ALL.map(crate::types::Stage::name)),
        end_to_end: figures(&[Measured::TO_RESULT, Measured::TO_PICTURE]),
        networks,
        cpu_ms_per_frame: usage.cpu_s.map(|seconds| 1e3 * seconds / frames),
        cpu_cores: usage.cpu_s.map(|seconds| seconds / measured.seconds.max(1e-9)),
        allocations_per_frame: usage.allocations.map(|count| count as f64 / frames),
        energy_j_per_frame: usage.energy_j.map(|joules| joules / frames),
        peak_memory_mb: peak_memory_mb(),
        sustainable,
    }
}

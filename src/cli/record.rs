//! `onset record`: a session by protocol, from consent to the last frame.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use super::input::{InputArgs, Opened};
use super::live::AnalysisArgs;
use super::record_extras::ExtraArgs;
use super::record_run::{Outcome, Settings, run_session};
use super::record_window::{Face, ask_in_window};
use super::{UsageError, interrupt};
use crate::calibration::utc_text;
use crate::capture::SessionClock;
use crate::overlay::Window;
use crate::session::protocol::Protocol;
use crate::session::{
    ConsentRecord, ConsentText, FORMAT, GivenBy, ModelRecord, Participant, Purpose, Recipient, RunnerParams,
    SessionError, SessionRecord, SourceRecord, check_pseudonym, purpose_from_name,
};
use crate::types::PixelFormat;

/// Options of `onset record`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Protocol file, or one that the program carries: questionnaire, image, interview.
    #[arg(long, value_name = "FILE|NAME")]
    protocol: String,
    /// Pseudonym of the participant, like P07.
    #[arg(long, value_name = "NAME")]
    participant: String,
    /// Folder of the session: a new one, or an empty one.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What it is recorded for: research, clinical, training, self.
    #[arg(long, value_name = "PURPOSE")]
    purpose: String,
    /// Text that asks for consent, instead of the one that the program carries.
    #[arg(long, value_name = "FILE")]
    consent: Option<PathBuf>,
    /// Consent was asked for and given already: the operator answers for it.
    #[arg(long)]
    accept_consent: bool,
    /// Seed of the order [default: from the system, and recorded].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// No windows; steps that wait for a key go on by themselves.
    #[arg(long)]
    headless: bool,
    /// One window only, the operator's: questions are read out.
    #[arg(long)]
    operator_only: bool,
    /// A file or the synthetic source is not held to its own pace: every frame is waited for.
    #[arg(long)]
    fast: bool,
    /// Encrypt the media to this recipient (`age1...`); may be given several times.
    #[arg(long, value_name = "age1...", value_parser = Recipient::parse)]
    encrypt_to: Vec<Recipient>,
    /// Age group of the participant, as they put it; kept apart from the media.
    #[arg(long, value_name = "TEXT", default_value = "")]
    age_group: String,
    /// Gender of the participant, as they put it; kept apart from the media.
    #[arg(long, value_name = "TEXT", default_value = "")]
    gender: String,
    /// A further fact about the participant; may be given several times.
    #[arg(long, value_name = "KEY=VALUE", value_parser = field)]
    field: Vec<(String, String)>,
    /// Print what was recorded as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    extra: ExtraArgs,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    analysis: AnalysisArgs,
}

fn field(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(key, _)| !key.trim().is_empty());
    let (key, value) = parts.ok_or_else(|| format!("{text} is not KEY=VALUE"))?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

/// Runs `onset record`.
pub(super) fn run(args: Args) -> Result<()> {
    // Everything that can be wrong is found before anybody sits down before the camera.
    check_pseudonym(&args.participant).map_err(|error| UsageError(error.to_string()))?;
    let purpose = purpose_from_name(&args.purpose).map_err(|error| UsageError(error.to_string()))?;
    let text = args.consent.as_deref().map_or_else(|| Ok(ConsentText::default()), ConsentText::load)?;
    let protocol = Protocol::open(&args.protocol)?;
    let in_force = args.analysis.profile()?;
    refuse_what_is_there(&args.out)?;
    if args.headless && !args.accept_consent {
        return Err(UsageError(
            "nothing is recorded without consent: ask the participant, then give --accept-consent (without --headless the \
             text is shown and asked for)"
                .to_owned(),
        )
        .into());
    }
    interrupt::install()?;
    if !args.headless {
        Window::check_display().context("no window can be opened; --headless records without one")?;
    }
    let clock = SessionClock::start();
    let (consent, windows) = consent(&args, purpose, &text, clock)?;

    let Opened { source, is_demo, note } = args.input.open(clock)?;
    note.iter().chain(&source.warnings()).for_each(|line| eprintln!("onset: {line}"));
    in_force.check(source.info(), is_demo)?;
    let extras = args.extra.open(clock)?;
    let seed = args.seed.map_or_else(random_seed, Ok)?;
    let plan = protocol.plan(seed);
    make_folder(&args.out)?;
    let started_unix_ns = unix_ns(&clock);
    let record = SessionRecord {
        format: FORMAT,
        id: session_id(&args.participant, started_unix_ns),
        participant: args.participant.clone(),
        onset_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_utc: utc_text(started_unix_ns / 1_000_000_000),
        started_unix_ns,
        ended: None,
        consent,
        source: source_record(source.info(), is_demo),
        protocol: plan.protocol.clone(),
        calibration: None,
        models: models()?,
        encrypted_to: args.encrypt_to.iter().map(ToString::to_string).collect(),
        steps: plan.steps.clone(),
    };
    record.save(&args.out)?;
    participant(&args).save(&args.out)?;
    let settings = Settings {
        dir: args.out.clone(),
        clock,
        record,
        plan,
        params: RunnerParams { is_headless: args.headless, ..RunnerParams::default() },
        analyzer: args.analysis.params(&in_force),
        recipients: args.encrypt_to.clone(),
        is_fast: args.fast && !source.info().is_live,
        is_demo,
        facts: crate::analysis::facts_of(source.info(), is_demo),
    };
    let outcome = run_session(source, settings, windows, extras)?;
    report(&args, &outcome)
}

/// An existing session is never overwritten, and nothing else is either.
fn refuse_what_is_there(dir: &Path) -> Result<(), SessionError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(SessionError::NotEmpty { dir: dir.to_owned() }),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(SessionError::io("use", dir)(error)),
    }
}

fn make_folder(dir: &Path) -> Result<(), SessionError> {
    fs::create_dir_all(dir).map_err(SessionError::io("create", dir))?;
    refuse_what_is_there(dir)
}

/// Asks for consent: in the participant's window, or takes the operator's word for it. Gives the windows for the session.
fn consent(
    args: &Args,
    purpose: Purpose,
    text: &ConsentText,
    clock: SessionClock,
) -> Result<(ConsentRecord, Option<Face>)> {
    let mut face = if args.headless { None } else { Some(Face::open(args.operator_only)?) };
    let given_by = if args.accept_consent {
        GivenBy::Operator
    } else {
        let face = face.as_mut().context("there is no window to ask in")?;
        if !ask_in_window(face, &text.text)? {
            bail!("no consent was given: nothing was recorded");
        }
        GivenBy::Key
    };
    let given_utc = utc_text((unix_ns(&clock) as f64 * 1e-9 + clock.now().as_secs_f64()) as u64);
    let record = text.accepted(&args.participant, purpose, given_by, given_utc)?;
    Ok((record, face))
}

fn participant(args: &Args) -> Participant {
    let fields = args.field.iter().map(|(key, value)| (key.clone(), toml::Value::String(value.clone())));
    Participant { age_group: args.age_group.clone(), gender: args.gender.clone(), fields: fields.collect() }
}

fn models() -> Result<Vec<ModelRecord>> {
    let facts = crate::analysis::model_facts()?;
    Ok(facts.into_iter().map(|model| ModelRecord { name: model.name, sha256: model.sha256 }).collect())
}

/// What is known before the first frame; its size and layout are filled in when it has come.
fn source_record(info: &crate::capture::SourceInfo, is_demo: bool) -> SourceRecord {
    SourceRecord {
        name: info.name.clone(),
        is_synthetic: is_demo,
        width_px: info.width,
        height_px: info.height,
        nominal_fps: info.nominal_fps,
        timestamp_source: info.timestamp_source.name().to_owned(),
        ..SourceRecord::default()
    }
}

/// How frames of a layout are stored.
pub(super) const fn stored_as(format: PixelFormat) -> &'static str {
    match format {
        PixelFormat::Mjpeg => "as it came",
        _ => "med-zstd",
    }
}

fn unix_ns(clock: &SessionClock) -> u64 {
    let since = clock.wall_start().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or_default()
}

/// Participant and start: `P07-20261126T111500Z`.
fn session_id(participant: &str, started_unix_ns: u64) -> String {
    let utc = utc_text(started_unix_ns / 1_000_000_000).replace(['-', ':'], "");
    format!("{participant}-{utc}")
}

fn random_seed() -> Result<u64> {
    // 53 bits: programs that read numbers of JSON as floating point keep them whole.
    let random = getrandom::u64().map_err(|error| anyhow::anyhow!("{error}"));
    Ok(random.context("the system gives no random seed; give one with --seed")? >> 11)
}

fn report(args: &Args, outcome: &Outcome) -> Result<()> {
    let ended = &outcome.ended;
    let totals = &ended.totals;
    if args.json {
        println!("{}", serde_json::to_string_pretty(outcome)?);
    } else {
        println!(
            "{}: {} in {:.1} s: {} frames, {} lost in {} gaps, {} events, {} markers, {:.1} MB",
            outcome.dir.display(),
            ended.how,
            ended.duration_s,
            totals.frames,
            totals.frames_lost,
            totals.gaps,
            totals.events,
            totals.markers,
            totals.bytes as f64 * 1e-6
        );
        if totals.frames_not_analysed > 0 {
            println!(
                "{} frames came too fast for the live analysis; they are recorded: `onset analyze` sees them",
                totals.frames_not_analysed
            );
        }
        println!(
            "recorder: {:.1} % of one core, slowest write {:.0} ms",
            outcome.recorder_cpu * 100.0,
            outcome.slowest_sync_ms
        );
    }
    if ended.how == "failed" {
        let what_next = format!("what was recorded until then is kept in {}", outcome.dir.display());
        bail!("{}; {what_next}", ended.why);
    }
    Ok(())
}

//! `onset session export`: a session's steps, events, markers and codings as files of other programs.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::UsageError;
use super::identity::IdentityArgs;
use super::print::print;
use super::session_frames::{FrameForm, export_frames};
use crate::session::SessionReader;
use crate::session::coding::read_session_codings;
use crate::session::exchange::{Tracks, csv_from_tracks, eaf_from_tracks, tsv_from_tracks, vtt_from_tracks};

/// Forms of export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A document of ELAN, the annotation program (EAF 3.0).
    Eaf,
    /// Tab-separated tiers, as ELAN itself exports them.
    Tsv,
    /// WebVTT subtitles.
    Vtt,
    /// One CSV table.
    Csv,
    /// Every frame, as a lossless FFV1 video with a table of times beside it.
    Mkv,
    /// Every frame, as a folder of PNG pictures with `timestamps.csv`.
    Png,
}

/// Options of `onset session export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The session's folder.
    session: PathBuf,
    /// What to write.
    #[arg(long, value_name = "FORM")]
    to: Form,
    /// File to write (for png a folder); without it the text goes to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file.
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    identity: IdentityArgs,
    /// The session's video, which ELAN opens with the document: a path from where the document lies, or a URL.
    #[arg(long, value_name = "FILE")]
    media: Option<String>,
    /// Leave out the line of column titles (tsv).
    #[arg(long)]
    no_header: bool,
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    if args.media.is_some() && args.to != Form::Eaf {
        return Err(UsageError("--media goes with --to eaf: the other forms name no video".to_owned()).into());
    }
    if args.no_header && args.to != Form::Tsv {
        return Err(UsageError("--no-header goes with --to tsv".to_owned()).into());
    }
    let identities = args.identity.load()?;
    let session = SessionReader::open(&args.session, &identities)?;
    for warning in session.warnings() {
        eprintln!("onset: {warning}");
    }
    let frames = match args.to {
        Form::Mkv => Some(FrameForm::Mkv),
        Form::Png => Some(FrameForm::Png),
        _ => None,
    };
    if let Some(form) = frames {
        let Some(out) = &args.out else {
            return Err(UsageError("--to mkv and --to png need --out".to_owned()).into());
        };
        return export_frames(&session, &identities, form, out);
    }
    let codings = read_session_codings(&args.session)?;
    let record = session.record();
    let tracks = Tracks {
        steps: session.steps(),
        events: session.events(),
        markers: session.markers(),
        codings: &codings,
        duration_s: record.ended.as_ref().map_or(session.last_s(), |ended| ended.duration_s),
        started_utc: &record.started_utc,
        media: args.media.as_deref(),
    };
    let text = match args.to {
        Form::Eaf => eaf_from_tracks(&tracks),
        Form::Tsv => tsv_from_tracks(&tracks, !args.no_header),
        Form::Vtt => vtt_from_tracks(&tracks),
        Form::Csv | Form::Mkv | Form::Png => csv_from_tracks(&tracks),
    };
    match &args.out {
        None => print(&text),
        Some(path) => write(path, &text, args.force),
    }
}

fn write(path: &Path, text: &str, is_forced: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if is_forced {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let result = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    match result {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{}: there is a file already; choose another --out, or replace it with --force",
                path.display()
            )
        }
        result => result.with_context(|| format!("cannot write {}; check --out", path.display())),
    }
}

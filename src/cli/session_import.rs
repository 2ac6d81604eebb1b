//! `onset session import`: codings that a person made elsewhere, into a session's folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::UsageError;
use super::print::print;
use crate::session::coding::{check_coder_name, codings_from_csv, write_codings};
use crate::session::exchange::codings_from_eaf;
use crate::session::{Coding, SessionRecord, files};

/// Larger files are something else.
const MAX_BYTES: u64 = 64 << 20;
/// A coder's offset may lie this much behind the last frame: a video player's last frame lasts a while.
const SLACK_S: f64 = 1.0;

/// Options of `onset session import`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The session's folder.
    session: PathBuf,
    /// An ELAN document (.eaf), or a CSV table with the columns kind,label,onset_s,apex_s,offset_s,action_units,note.
    file: PathBuf,
    /// Name of the coder: the codings become SESSION/codings/NAME.csv.
    #[arg(long, value_name = "NAME")]
    coder: String,
    /// The tier that holds the codings (ELAN).
    #[arg(long, value_name = "NAME")]
    tier: Option<String>,
    /// Replace what this coder has there already.
    #[arg(long)]
    force: bool,
}

/// Runs the subcommand.
pub(super) fn run(args: Args) -> Result<()> {
    check_coder_name(&args.coder)
        .map_err(|problem| UsageError(format!("--coder {:?}: {problem}", args.coder)))?;
    let record = SessionRecord::load(&args.session)?;
    let to = args.session.join(files::CODINGS).join(format!("{}.csv", args.coder));
    if to.exists() && !args.force {
        bail!(
            "{}: there are codings of {} already; import under another --coder, or replace them with --force",
            to.display(),
            args.coder
        );
    }
    let codings = read(&args)?;
    if let Some(ended) = &record.ended {
        check_length(&codings, ended.duration_s, &args.file)?;
    }
    let dir = args.session.join(files::CODINGS);
    fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    write_codings(&to, &codings)?;
    print(&format!("{} codings of {} to {}\n", codings.len(), args.coder, to.display()))
}

fn read(args: &Args) -> Result<Vec<Coding>> {
    let path = &args.file;
    let cannot_read = || format!("cannot read {}; check the path", path.display());
    let size = fs::metadata(path).with_context(cannot_read)?.len();
    if size > MAX_BYTES {
        bail!("{}: {} MB are too many for codings; is this the right file?", path.display(), size >> 20);
    }
    let bytes = fs::read(path).with_context(cannot_read)?;
    let is_eaf = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("eaf"));
    if is_eaf || bytes.trim_ascii_start().starts_with(b"<") {
        return Ok(codings_from_eaf(&bytes, path, &args.coder, args.tier.as_deref())?);
    }
    if args.tier.is_some() {
        return Err(
            UsageError(format!("--tier goes with ELAN documents, and {} is none", path.display())).into()
        );
    }
    let codings = codings_from_csv(&bytes, path, &args.coder)?;
    match codings.iter().find(|coding| coding.coder != args.coder) {
        Some(other) => bail!(
            "{}: its column coder names {:?}, and --coder {:?}; import each coder's rows by themselves",
            path.display(),
            other.coder,
            args.coder
        ),
        None => Ok(codings),
    }
}

/// Codings behind the end of the session were made for something else.
fn check_length(codings: &[Coding], duration_s: f64, path: &Path) -> Result<()> {
    let behind: Vec<&Coding> =
        codings.iter().filter(|coding| coding.offset_s > duration_s + SLACK_S).collect();
    match behind.first() {
        None => Ok(()),
        Some(first) => bail!(
            "{}: {} of {} codings end after the session does ({duration_s:.3} s; the first ends at {} s): were they made \
             for another session, or are their times not in seconds from its start?",
            path.display(),
            behind.len(),
            codings.len(),
            first.offset_s
        ),
    }
}

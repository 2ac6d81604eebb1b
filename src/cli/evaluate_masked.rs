//! `onset evaluate masked`: the masked-smile detector against pictures with known truth.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use image::GrayImage;

use super::print::print;
use super::profile::ProfileArgs;
use super::{UsageError, interrupt, progress};
use crate::eval::masked::{SaidPicture, read_pictures, report, text_of, truth_name};
use crate::expression::{
    ExpressionClassifier, FaceRegion, RestExpression, StillEvidence, StillFaces, StillLogOdds,
};
use crate::types::{Expression, Mismatch};

/// Options of `onset evaluate masked`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Table of pictures: columns path (relative to the table) and label (none, happy_but_sad, happy_but_angry).
    #[arg(long, value_name = "FILE.csv")]
    data: PathBuf,
    /// Write what was said of each picture, and its parts, into this table.
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
    #[command(flatten)]
    profile: ProfileArgs,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
}

/// A picture is called masked where that is likelier than not. Live, where every frame asks anew, flags need more (`score_on`).
const MASKED_FROM: f32 = 0.5;

/// Runs `onset evaluate masked`.
pub(super) fn run(args: &Args) -> Result<()> {
    if !args.data.is_file() {
        return Err(UsageError(format!(
            "{}: there is no such file; give a table with columns path,label",
            args.data.display()
        ))
        .into());
    }
    interrupt::install()?;
    let in_force = args.profile.load()?;
    in_force.warnings.iter().for_each(|warning| eprintln!("onset: {warning}"));
    let params = in_force.profile.thresholds.masked;
    let pictures = read_pictures(&args.data)?;
    let mut judge = Judge::new(params.max_yaw_deg, in_force.rest)?;
    let bar = progress::counted(pictures.len() as u64, "pictures");
    let (mut said, mut without_face) = (Vec::new(), Vec::new());
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(COLUMNS)?;
    for picture in &pictures {
        if interrupt::is_asked() {
            bar.finish_and_clear();
            bail!("interrupted: nothing was written");
        }
        let luma = image::open(&picture.path)
            .with_context(|| {
                format!("{}: cannot read picture {}", args.data.display(), picture.path.display())
            })?
            .into_luma8();
        let odds = judge.log_odds(&luma)?;
        let found = odds.map(|odds| StillEvidence::of(&odds, &params).mismatch(&params));
        let likelier = found.map(|parts| parts.likelier());
        let one = SaidPicture {
            truth: picture.truth,
            said: likelier.filter(|_| found.is_some_and(|parts| parts.score >= MASKED_FROM)),
            likelier,
        };
        if found.is_none() {
            without_face.push(picture.name.clone());
        }
        rows.write_record(row_of(&picture.name, &one, odds.zip(found)))?;
        said.push(one);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(path) = &args.out {
        std::fs::write(path, rows.into_inner()?)
            .with_context(|| format!("cannot write {}; choose another --out", path.display()))?;
    }
    let report = report(&said, without_face);
    let text = if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { text_of(&report) };
    print(&text)
}

/// Columns of the table that `--out` names; docs/evaluate.md explains them.
const COLUMNS: [&str; 10] = [
    "path",
    "label",
    "said",
    "score",
    "smile",
    "negative",
    "anger_over_sadness",
    "mouth_log_odds",
    "face_log_odds",
    "eyes_log_odds",
];

fn row_of(
    name: &str,
    said: &SaidPicture,
    found: Option<(StillLogOdds, Mismatch)>,
) -> [String; COLUMNS.len()] {
    let figure = |get: fn(&StillLogOdds, &Mismatch) -> f32| {
        found.map_or_else(String::new, |(odds, parts)| format!("{:.6}", get(&odds, &parts)))
    };
    [
        name.to_owned(),
        truth_name(said.truth).to_owned(),
        truth_name(said.said).to_owned(),
        figure(|_, parts| parts.score),
        figure(|_, parts| parts.smile),
        figure(|_, parts| parts.negative),
        figure(|_, parts| parts.anger_over_sadness),
        figure(|odds, _| odds.mouth),
        figure(|odds, _| odds.face),
        figure(|odds, _| odds.eyes),
    ]
}

/// The networks that a picture goes through.
struct Judge {
    faces: StillFaces,
    face: ExpressionClassifier,
    eyes: ExpressionClassifier,
    max_yaw_deg: f32,
    rest: RestExpression,
}

impl Judge {
    fn new(max_yaw_deg: f32, rest: RestExpression) -> Result<Self> {
        Ok(Self {
            faces: StillFaces::new()?,
            face: ExpressionClassifier::of(FaceRegion::Face)?,
            eyes: ExpressionClassifier::of(FaceRegion::Eyes)?,
            max_yaw_deg,
            rest,
        })
    }

    /// What one picture shows; `None` without a usable face: none found, covered, or turned too far.
    fn log_odds(&mut self, luma: &GrayImage) -> Result<Option<StillLogOdds>> {
        let Some(found) = self.faces.look(luma)? else { return Ok(None) };
        let is_usable = found.measurement.pose.yaw_deg.abs() <= self.max_yaw_deg
            && !found.measurement.quality.is_occluded;
        if !is_usable {
            return Ok(None);
        }
        let face = self.face.classify_at(luma, &found.place)?;
        let eyes = Some(self.eyes.classify_at(luma, &found.place)?);
        let expression = self.rest.corrected(&Expression { face, eyes });
        Ok(StillLogOdds::of(&found.measurement, &expression))
    }
}

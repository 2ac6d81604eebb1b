//! The tables beside the clips: `truth.csv` (what happens when) and `clips.csv` (what was written).

use std::fs;
use std::path::Path;

use super::SynthError;
use super::distractor::{Distractor, Distractors};
use super::expression::{Expression, Layers};
use super::plan::Plan;
use super::smile::Smile;

/// Columns of `truth.csv`.
pub const TRUTH_COLUMNS: [&str; 14] = [
    "clip",
    "fps",
    "kind",
    "onset_s",
    "apex_s",
    "offset_s",
    "aus",
    "emotion",
    "amplitude_icd",
    "sides",
    "base",
    "base_kind",
    "person",
    "distractor",
];
/// Columns of `clips.csv`.
pub const CLIP_COLUMNS: [&str; 11] = [
    "clip",
    "fps",
    "frames",
    "duration_s",
    "width",
    "height",
    "base",
    "base_kind",
    "person",
    "seed",
    "icd_px",
];

/// What both tables say of a clip.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipRow {
    /// File name without its extension.
    pub clip: String,
    /// Frames a second: nominal where they come unevenly.
    pub fps: f64,
    /// Frames in the file.
    pub frames: usize,
    /// Seconds from the first frame to the end of the last.
    pub duration_s: f64,
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
    /// The base's file name, or `portrait`.
    pub base: String,
    /// `still`, `calm` or `talking`.
    pub base_kind: &'static str,
    /// Who is shown: for splits by person.
    pub person: String,
    /// The seed that made it.
    pub seed: u64,
    /// Inner-canthal distance in the clip, in pixels (median).
    pub icd_px: f64,
}

/// One row of `truth.csv`: something that happens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TruthRow {
    /// `micro`, `smile`, `masked`, the name of a [`Distractor`], or `none` for a clip in which nothing happens.
    pub kind: &'static str,
    /// Onset, apex and offset, in seconds of media time; `None` for a clip in which nothing happens.
    pub times_s: Option<[f64; 3]>,
    /// FACS action units.
    pub action_units: Vec<u8>,
    /// The emotion; empty where none is shown.
    pub emotion: &'static str,
    /// Displacement of the strongest point at the apex, in ICD units, for what moves the skin.
    pub amplitude_icd: Option<f64>,
    /// `left`, `right` or `both`; empty where there are no sides.
    pub sides: &'static str,
}

/// Everything that happens in a clip, in order of onset; what lasts throughout spans the whole clip.
pub fn truth_rows(plan: &Plan, distractors: &Distractors, duration_s: f64) -> Vec<TruthRow> {
    let shown = |kind: &'static str, expression: &Expression| {
        let envelope = &expression.envelope;
        TruthRow {
            kind,
            times_s: Some([envelope.onset_s, envelope.apex_s(), envelope.offset_s()]),
            action_units: expression.action_units.to_vec(),
            emotion: expression.label.name(),
            amplitude_icd: Some(expression.amplitude_icd),
            sides: expression.sides_name(),
        }
    };
    let layered = |kind: &'static str, layers: &Layers| TruthRow {
        action_units: layers.action_units(),
        ..shown(kind, &layers.main)
    };
    // The smile lasts on where the brows rest; what is masked is there while both are.
    let masked = |smile: &Smile| {
        let (times_s, label) = (smile.overlap_s()?, smile.kind.masked_label()?);
        let row = layered("masked", smile.upper.as_ref()?);
        Some(TruthRow { times_s: Some(times_s), emotion: label.name(), ..row })
    };
    let timed = |kind: Distractor, times_s: [f64; 3]| TruthRow {
        kind: kind.name(),
        times_s: Some(times_s),
        ..TruthRow::default()
    };
    let middle = |onset_s: f64, offset_s: f64| [onset_s, 0.5 * (onset_s + offset_s), offset_s];
    let mut rows: Vec<TruthRow> = plan.micros.iter().map(|e| shown("micro", e)).collect();
    rows.extend(plan.macros.iter().map(|e| shown(Distractor::Macro.name(), e)));
    rows.extend(plan.smiles.iter().map(|smile| layered("smile", &smile.mouth)));
    rows.extend(plan.smiles.iter().filter_map(masked));
    rows.extend(plan.frowns.iter().map(|frown| layered(Distractor::Frown.name(), frown)));
    rows.extend(plan.laughs.iter().map(|laughter| TruthRow {
        action_units: [laughter.smile.action_units(), vec![26]].concat(),
        ..layered(Distractor::Laughter.name(), &laughter.smile)
    }));
    rows.extend(plan.blinks.iter().map(|blink| TruthRow {
        action_units: vec![45],
        sides: "both",
        ..timed(Distractor::Blink, [blink.onset_s, blink.apex_s(), blink.offset_s()])
    }));
    rows.extend(plan.speech.iter().map(|speech| TruthRow {
        action_units: vec![18, 26],
        sides: "both",
        amplitude_icd: Some(speech.largest_icd()),
        ..timed(Distractor::Speech, middle(speech.onset_s, speech.offset_s))
    }));
    rows.extend(plan.head.moves.iter().map(|m| timed(Distractor::HeadTurn, middle(m.onset_s, m.offset_s))));
    rows.extend(plan.light.iter().map(|s| timed(Distractor::Luminance, [s.onset_s, s.offset_s, s.offset_s])));
    rows.extend(plan.passes.iter().map(|p| timed(Distractor::Occlusion, middle(p.onset_s, p.offset_s()))));
    rows.sort_by(|a, b| onset_of(a).total_cmp(&onset_of(b)));
    use Distractor::{
        Breathing, Compression, Dropped, Duplicated, Flicker, HeadShift, LowLight, Noise, VariableRate,
    };
    let throughout =
        [HeadShift, Breathing, Flicker, Compression, Noise, Dropped, Duplicated, LowLight, VariableRate];
    rows.extend(
        throughout
            .into_iter()
            .filter(|kind| distractors.strength(*kind).is_some())
            .map(|kind| timed(kind, middle(0.0, duration_s))),
    );
    if rows.is_empty() {
        rows.push(TruthRow { kind: "none", ..TruthRow::default() });
    }
    rows
}

fn onset_of(row: &TruthRow) -> f64 {
    row.times_s.map_or(0.0, |[onset_s, ..]| onset_s)
}

/// A clip's rows of both tables, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    truth: Vec<Vec<String>>,
    clips: Vec<Vec<String>>,
}

impl Tables {
    /// What is in the folder already; empty where there is nothing.
    ///
    /// # Errors
    /// [`SynthError::BadRequest`] where a table is there that is not one of ours.
    pub fn read(dir: &Path) -> Result<Self, SynthError> {
        Ok(Self {
            truth: rows_of(&dir.join("truth.csv"), &TRUTH_COLUMNS)?,
            clips: rows_of(&dir.join("clips.csv"), &CLIP_COLUMNS)?,
        })
    }

    /// Adds a clip, in place of one of the same name.
    pub fn add(&mut self, clip: &ClipRow, rows: &[TruthRow], distractors: &Distractors) {
        for table in [&mut self.truth, &mut self.clips] {
            table.retain(|row| row.first() != Some(&clip.clip));
        }
        let fps = fixed(clip.fps, 3);
        for row in rows {
            let [onset, apex, offset] =
                row.times_s.map_or_else(Default::default, |times| times.map(|t| fixed(t, 5)));
            self.truth.push(vec![
                clip.clip.clone(),
                fps.clone(),
                row.kind.to_owned(),
                onset,
                apex,
                offset,
                row.action_units.iter().map(u8::to_string).collect::<Vec<_>>().join("+"),
                row.emotion.to_owned(),
                row.amplitude_icd.map_or_else(String::new, |amplitude| fixed(amplitude, 5)),
                row.sides.to_owned(),
                clip.base.clone(),
                clip.base_kind.to_owned(),
                clip.person.clone(),
                distractors.names(),
            ]);
        }
        self.clips.push(vec![
            clip.clip.clone(),
            fps,
            clip.frames.to_string(),
            fixed(clip.duration_s, 4),
            clip.width.to_string(),
            clip.height.to_string(),
            clip.base.clone(),
            clip.base_kind.to_owned(),
            clip.person.clone(),
            clip.seed.to_string(),
            fixed(clip.icd_px, 2),
        ]);
    }

    /// Writes both tables; each is replaced as a whole.
    ///
    /// # Errors
    /// [`SynthError::Write`].
    pub fn write(&self, dir: &Path) -> Result<(), SynthError> {
        write_rows(&dir.join("truth.csv"), &TRUTH_COLUMNS, &self.truth)?;
        write_rows(&dir.join("clips.csv"), &CLIP_COLUMNS, &self.clips)
    }
}

/// At most `decimals` decimals, without zeros at the end.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn rows_of(path: &Path, columns: &[&str]) -> Result<Vec<Vec<String>>, SynthError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let foreign = |why: String| {
        SynthError::BadRequest(format!(
            "{}: {why}; choose another folder with --out, or move it away",
            path.display()
        ))
    };
    let mut reader = csv::Reader::from_path(path).map_err(|error| foreign(error.to_string()))?;
    let header = reader.headers().map_err(|error| foreign(error.to_string()))?;
    if header.iter().ne(columns.iter().copied()) {
        return Err(foreign("it has other columns than onset synth writes".to_owned()));
    }
    let records =
        reader.records().map(|record| record.map(|fields| fields.iter().map(str::to_owned).collect()));
    records.collect::<Result<_, _>>().map_err(|error| foreign(error.to_string()))
}

/// Writes a table as a whole: one that is there is replaced once the new one is complete.
pub(super) fn write_rows(path: &Path, columns: &[&str], rows: &[Vec<String>]) -> Result<(), SynthError> {
    let failed = |why: String| SynthError::Write { path: path.to_owned(), why };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).map_err(|error| failed(error.to_string()))?;
    for row in rows {
        writer.write_record(row).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    let part = path.with_extension("csv.part");
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, path)).map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::plan::{EventParams, plan};
    use super::super::smile::{SmileKind, SmileParams};
    use super::*;

    fn clip(name: &str) -> ClipRow {
        ClipRow {
            clip: name.to_owned(),
            fps: 30.0,
            frames: 60,
            duration_s: 2.0,
            width: 640,
            height: 480,
            base: "portrait".to_owned(),
            base_kind: "still",
            person: "portrait".to_owned(),
            seed: 7,
            icd_px: 57.25,
        }
    }

    #[test]
    fn a_clip_without_events_has_one_row_that_says_so() {
        let rows = truth_rows(&Plan::default(), &Distractors::default(), 2.0);
        assert_eq!(rows.len(), 1);
        let dir = tempfile::tempdir().unwrap();
        let mut tables = Tables::default();
        tables.add(&clip("a_1"), &rows, &Distractors::default());
        tables.write(dir.path()).unwrap();
        let text = fs::read_to_string(dir.path().join("truth.csv")).unwrap();
        assert_eq!(text.lines().nth(1), Some("a_1,30,none,,,,,,,,portrait,still,portrait,"));
        let text = fs::read_to_string(dir.path().join("clips.csv")).unwrap();
        assert_eq!(text.lines().nth(1), Some("a_1,30,60,2,640,480,portrait,still,portrait,7,57.25"));
    }

    #[test]
    fn tables_grow_and_a_clip_made_again_replaces_its_rows() {
        let dir = tempfile::tempdir().unwrap();
        let noise = Distractors::new(["noise".parse().unwrap()]);
        for (name, distractors) in [("a", &noise), ("b", &noise), ("a", &Distractors::default())] {
            let mut tables = Tables::read(dir.path()).unwrap();
            tables.add(&clip(name), &truth_rows(&Plan::default(), distractors, 2.0), distractors);
            tables.write(dir.path()).unwrap();
        }
        let text = fs::read_to_string(dir.path().join("truth.csv")).unwrap();
        let kinds: Vec<_> = text.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
        assert_eq!(kinds, ["noise", "none"]);
    }

    #[test]
    fn a_table_of_another_program_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("truth.csv"), "x,y\n1,2\n").unwrap();
        assert!(Tables::read(dir.path()).unwrap_err().to_string().contains("other columns"));
    }

    #[test]
    fn a_masked_smile_has_a_row_for_the_smile_and_one_for_what_contradicts_it() {
        let smiles = SmileParams { per_minute: 8.0, ..SmileParams::default() };
        let events = EventParams { per_minute: 0.0, ..EventParams::default() };
        let distractors = Distractors::new(["frown", "laughter"].map(|text| text.parse().unwrap()));
        let plan = plan(3, &[[0.0, 300.0]], 300.0, &events, &smiles, &distractors);
        let rows = truth_rows(&plan, &distractors, 300.0);
        let of = |kind: &str| rows.iter().filter(|row| row.kind == kind).collect::<Vec<_>>();
        assert_eq!(of("smile").len(), plan.smiles.len());
        let masks = plan.smiles.iter().filter(|smile| smile.upper.is_some());
        assert_eq!(of("masked").len(), masks.clone().count());
        for (row, smile) in of("masked").into_iter().zip(masks) {
            assert_eq!(row.times_s, smile.overlap_s());
            let (emotion, units) = match smile.kind {
                SmileKind::MaskedSad => ("happy_but_sad", [1, 4]),
                _ => ("happy_but_angry", [4, 7]),
            };
            assert_eq!((row.emotion, &row.action_units[..]), (emotion, &units[..]));
            let [onset_s, apex_s, offset_s] = row.times_s.unwrap();
            assert!(onset_s <= apex_s && apex_s <= offset_s && row.amplitude_icd.unwrap() <= 0.12);
            let covers = |smile: &&TruthRow| {
                smile.times_s.is_some_and(|[from, _, to]| from <= onset_s && offset_s <= to)
            };
            assert_eq!(of("smile").iter().filter(|row| covers(row)).count(), 1);
        }
        assert!(of("smile").iter().all(|row| row.emotion == "happiness" && row.action_units.contains(&12)));
        assert!(!of("frown").is_empty() && of("frown").iter().all(|row| row.action_units.contains(&4)));
        assert!(
            !of("laughter").is_empty() && of("laughter").iter().all(|row| row.action_units == [6, 12, 26])
        );
    }
}

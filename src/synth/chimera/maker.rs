//! From candidates to a folder of composites: measure, choose, compose, check, write; a round makes one of each class.

use std::collections::BTreeMap;
use std::path::Path;

use super::candidates::Candidate;
use super::check::check;
use super::compose::{Composite, compose};
use super::kind::{CLASSES, Kind, PARTS};
use super::pools::{Half, Pools};
use super::source::{Finder, Source};
use super::table::{ChimeraRow, picture_path, prepare, write_picture, write_table};
use crate::synth::SynthError;
use crate::synth::random::Stream;

/// More pictures are measured than would do if none were refused: so many times as many, and so many more.
const SPARE: (f64, usize) = (1.5, 8);
/// Pairs that are tried for one composite before its class counts as exhausted.
const MOST_TRIES: usize = 60;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChimeraParams {
    /// Composites of all classes together; rounded up to a whole round.
    pub count: usize,
    /// Decides which pictures are used, and with which others.
    pub seed: u64,
    /// Both sources of a composite come from the same half of the pictures.
    pub split: bool,
}

/// What was made, and what was left out and why.
#[derive(Clone, Debug, Default)]
pub struct ChimeraReport {
    /// The composites, as the table has them.
    pub rows: Vec<ChimeraRow>,
    /// Candidates by label, in the order of [`PARTS`].
    pub candidates: [usize; PARTS.len()],
    /// Pictures that were measured and are usable, likewise.
    pub usable: [usize; PARTS.len()],
    /// Pictures that were left out, by reason.
    pub left_out: BTreeMap<&'static str, usize>,
    /// Pairs that were tried and refused, by reason.
    pub refused: BTreeMap<&'static str, usize>,
    /// Classes of which none could be made.
    pub missing: Vec<&'static str>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChimeraStep {
    /// Pictures measured, of at most so many.
    Measured(usize, usize),
    /// Composites made, of so many.
    Made(usize, usize),
}

/// Writes `chimeras.csv` and its pictures into `out`. Balanced: as many of each class as of any other, in each half. Ends early
/// where a class can have no more; classes that can have none at all are left out and reported.
///
/// `on_step` returns false to stop.
///
/// # Errors
/// [`SynthError::NoChimera`] where nothing can be made, with what was left out; [`SynthError::Face`], [`SynthError::Write`],
/// [`SynthError::Interrupted`].
pub fn write_chimeras(
    candidates: Vec<Candidate>,
    params: ChimeraParams,
    out: &Path,
    on_step: &mut dyn FnMut(ChimeraStep) -> bool,
) -> Result<ChimeraReport, SynthError> {
    let mut finder = Finder::new()?;
    let mut report = ChimeraReport::default();
    let rounds = params.count.div_ceil(CLASSES.len()).max(1);
    let sources = measure(candidates, params, rounds, &mut finder, &mut report, on_step)?;
    prepare(out)?;
    let halves: Vec<Option<Half>> = if params.split { Half::ALL.map(Some).to_vec() } else { vec![None] };
    let mut maker =
        Maker { pools: Pools::new(sources), finder, report, turns: vec![[0; CLASSES.len()]; halves.len()] };
    maker.run(&halves, rounds, out, on_step)?;
    write_table(out, &maker.report.rows)?;
    Ok(maker.report)
}

/// Shuffles the candidates and measures them until there are enough of each expression.
fn measure(
    mut candidates: Vec<Candidate>,
    params: ChimeraParams,
    rounds: usize,
    finder: &mut Finder,
    report: &mut ChimeraReport,
    on_step: &mut dyn FnMut(ChimeraStep) -> bool,
) -> Result<Vec<Source>, SynthError> {
    let mut stream = Stream::new(params.seed, "chimeras");
    // By name first: the order in which they came must not matter.
    candidates.sort_by(|a, b| a.name.cmp(&b.name));
    for last in (1..candidates.len()).rev() {
        candidates.swap(last, stream.below(last + 1));
    }
    let halves = if params.split { 2 } else { 1 };
    let wanted =
        Kind::uses(rounds).map(|uses| (uses as f64 * SPARE.0 / halves as f64).ceil() as usize + SPARE.1);
    let mut have = [[0; PARTS.len()]; 2];
    let most: usize = wanted.iter().sum::<usize>() * halves;
    let (mut sources, mut done) = (Vec::new(), 0);
    let all = candidates.len();
    for candidate in candidates {
        let Some(part) = PARTS.iter().position(|label| *label == candidate.label) else { continue };
        report.candidates[part] += 1;
        let half = if params.split { usize::from(Half::of(&candidate.name) == Half::Report) } else { 0 };
        if have[half][part] >= wanted[part] {
            continue;
        }
        match finder.source(candidate)? {
            Ok(source) => {
                have[half][part] += 1;
                report.usable[part] += 1;
                sources.push(source);
            }
            Err(unusable) => *report.left_out.entry(unusable.why()).or_default() += 1,
        }
        done += 1;
        if !on_step(ChimeraStep::Measured(done, all.min(most).max(done))) {
            return Err(SynthError::Interrupted { what: "the measuring of the pictures".to_owned() });
        }
    }
    Ok(sources)
}

/// A composite of a round: its class, its pair, the picture.
type Made = (usize, [usize; 2], Composite);

struct Maker {
    pools: Pools,
    finder: Finder,
    report: ChimeraReport,
    /// Which kind of each class is next, by half.
    turns: Vec<[usize; CLASSES.len()]>,
}

impl Maker {
    fn run(
        &mut self,
        halves: &[Option<Half>],
        rounds: usize,
        out: &Path,
        on_step: &mut dyn FnMut(ChimeraStep) -> bool,
    ) -> Result<(), SynthError> {
        let mut classes: Vec<usize> = (0..CLASSES.len()).collect();
        // A class that lacks pictures altogether does not keep the others from being made.
        classes.retain(|&class| {
            let has_any = |half: &Option<Half>| {
                Kind::of_class(class).iter().any(|kind| self.pools.pick(*kind, *half).is_some())
            };
            let is_possible = halves.iter().any(has_any);
            if !is_possible {
                self.report.missing.push(CLASSES[class]);
            }
            is_possible
        });
        let mut open: Vec<usize> = (0..halves.len()).collect();
        let mut round = 0;
        while round < rounds && !open.is_empty() && !classes.is_empty() {
            let half = open[round % open.len()];
            match self.round(halves[half], half, &classes)? {
                Ok(made) => {
                    for (class, pair, composite) in made {
                        self.keep(class, pair, &composite, halves[half], out)?;
                    }
                    round += 1;
                    let done = self.report.rows.len();
                    if !on_step(ChimeraStep::Made(done, rounds * classes.len())) {
                        write_table(out, &self.report.rows)?;
                        return Err(SynthError::Interrupted { what: format!("composite {}", done + 1) });
                    }
                }
                Err(class) if self.report.rows.is_empty() && open.len() == 1 => {
                    classes.retain(|other| *other != class);
                    self.report.missing.push(CLASSES[class]);
                }
                Err(_) => open.retain(|other| *other != half),
            }
        }
        if self.report.rows.is_empty() {
            return Err(SynthError::NoChimera(self.nothing()));
        }
        Ok(())
    }

    /// One of each class; or the class that could not be made.
    fn round(
        &mut self,
        half: Option<Half>,
        turn: usize,
        classes: &[usize],
    ) -> Result<Result<Vec<Made>, usize>, SynthError> {
        let mut made = Vec::new();
        for &class in classes {
            match self.one(half, turn, class)? {
                Some((pair, composite)) => made.push((class, pair, composite)),
                None => {
                    for (_, pair, _) in made {
                        self.pools.give_back(pair);
                    }
                    return Ok(Err(class));
                }
            }
        }
        Ok(Ok(made))
    }

    fn one(
        &mut self,
        half: Option<Half>,
        turn: usize,
        class: usize,
    ) -> Result<Option<([usize; 2], Composite)>, SynthError> {
        let kinds = Kind::of_class(class);
        for offset in 0..kinds.len() {
            let next = (self.turns[turn][class] + offset) % kinds.len();
            for _ in 0..MOST_TRIES {
                let Some(pair) = self.pools.pick(kinds[next], half) else { break };
                let [lower, upper] = pair.map(|index| &self.pools.sources[index]);
                let composed = match compose(upper, lower) {
                    Ok(composite) => check(&composite, &mut self.finder)?.map(|()| composite),
                    Err(unfit) => Err(unfit),
                };
                match composed {
                    Ok(composite) => {
                        self.pools.accept(pair);
                        self.turns[turn][class] = next + 1;
                        return Ok(Some((pair, composite)));
                    }
                    Err(unfit) => {
                        self.pools.refuse(pair);
                        *self.report.refused.entry(unfit.why()).or_default() += 1;
                    }
                }
            }
        }
        Ok(None)
    }

    fn keep(
        &mut self,
        class: usize,
        pair: [usize; 2],
        composite: &Composite,
        half: Option<Half>,
        out: &Path,
    ) -> Result<(), SynthError> {
        let [lower, upper] = pair.map(|index| &self.pools.sources[index].candidate);
        let path = picture_path(self.report.rows.len(), CLASSES[class]);
        write_picture(out, &path, composite)?;
        self.report.rows.push(ChimeraRow {
            path,
            label: CLASSES[class],
            lower: lower.label,
            upper: upper.label,
            lower_source: lower.name.clone(),
            upper_source: upper.name.clone(),
            half,
        });
        Ok(())
    }

    /// Why there is nothing, in words.
    fn nothing(&self) -> String {
        let counts = |counts: &BTreeMap<&'static str, usize>| {
            counts.iter().map(|(why, count)| format!("{count} {why}")).collect::<Vec<_>>().join(", ")
        };
        let usable =
            PARTS.iter().zip(self.report.usable).map(|(label, count)| format!("{count} {}", label.name()));
        let mut text = format!(
            "no composite could be made: usable pictures: {}; two of different persons with heads held alike are needed",
            usable.collect::<Vec<_>>().join(", ")
        );
        for (what, reasons) in [("left out", &self.report.left_out), ("refused pairs", &self.report.refused)]
        {
            if !reasons.is_empty() {
                text += &format!("; {what}: {}", counts(reasons));
            }
        }
        text + "; give more portraits seen from the front"
    }
}

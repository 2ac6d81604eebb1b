//! The steps in the order in which they are shown: set by a seed, so that it can be set again.

use std::path::{Path, PathBuf};

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::{MarkerKey, Order, Protocol, Step, StepEnd, Target};
use crate::session::{ProtocolRecord, StepRecord};

/// What the participant reads while the neutral face is learned.
pub const CALIBRATION_TEXT: &str = "Please look at the camera with a relaxed face.";

/// What is shown, in order; the neutral face first.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// In the order in which they are shown.
    pub steps: Vec<StepRecord>,
    /// Keys of the operator.
    pub markers: Vec<MarkerKey>,
    /// The protocol, with its seed, as the session's record holds it.
    pub protocol: ProtocolRecord,
    /// The file of each step's picture.
    pictures: Vec<Option<PathBuf>>,
}

/// How long a plan takes, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlannedLength {
    /// If every step that waits for a key gets it at once.
    pub min_s: f64,
    /// If none gets one; `None` where a step waits without end.
    pub max_s: Option<f64>,
}

impl Protocol {
    /// Sets the order by a seed. The same protocol and seed give the same plan, on every machine.
    pub fn plan(&self, seed: u64) -> Plan {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut numbers = Numbers::default();
        // Names count as written, so that a step has the same one in every session.
        let mut blocks: Vec<Vec<(StepRecord, Option<PathBuf>)>> = self
            .blocks
            .iter()
            .map(|block| block.steps.iter().map(|step| numbers.recorded(step, block.target)).collect())
            .collect();
        match self.order {
            Order::AsWritten => {}
            Order::Blocks => {
                let movable = |index: &usize| self.blocks[*index].target != Target::None;
                let places: Vec<usize> = (0..blocks.len()).filter(movable).collect();
                shuffle(&mut blocks, &places, &mut random);
            }
            Order::Steps => {
                for (written, steps) in self.blocks.iter().zip(&mut blocks) {
                    let movable = |index: &usize| written.steps[*index].kind.is_shuffled();
                    let places: Vec<usize> = (0..steps.len()).filter(movable).collect();
                    shuffle(steps, &places, &mut random);
                }
            }
        }
        let calibration = StepRecord {
            id: "calibration".to_owned(),
            kind: "calibration".to_owned(),
            text: CALIBRATION_TEXT.to_owned(),
            duration_s: Some(self.calibration_s),
            ..StepRecord::default()
        };
        let all = std::iter::once((calibration, None)).chain(blocks.into_iter().flatten());
        let (steps, pictures) = all.unzip();
        Plan { steps, markers: self.markers.clone(), protocol: self.record(seed), pictures }
    }

    fn record(&self, seed: u64) -> ProtocolRecord {
        ProtocolRecord {
            name: self.name.clone(),
            stimulus: self.stimulus.name().to_owned(),
            file: self.file.clone(),
            sha256: self.sha256.clone(),
            order: self.order.name().to_owned(),
            seed,
        }
    }
}

impl Plan {
    /// The file of a step's picture; see [`super::picture_from_file`].
    pub fn picture(&self, step: usize) -> Option<&Path> {
        self.pictures.get(step)?.as_deref()
    }

    /// How long it takes.
    pub fn length(&self) -> PlannedLength {
        length_of(&self.steps)
    }
}

/// How long these steps take.
pub(in crate::session) fn length_of(steps: &[StepRecord]) -> PlannedLength {
    let fixed = |step: &StepRecord| step.duration_s.filter(|_| !step.until_key);
    PlannedLength {
        min_s: steps.iter().filter_map(fixed).sum(),
        max_s: steps.iter().map(|step| step.duration_s).sum(),
    }
}

/// Counts steps by target or kind.
#[derive(Default)]
struct Numbers(Vec<(&'static str, usize)>);

impl Numbers {
    fn recorded(&mut self, step: &Step, target: Target) -> (StepRecord, Option<PathBuf>) {
        let target = if step.kind.has_target() { target } else { Target::None };
        let stem = if target == Target::None { step.kind.name() } else { target.name() };
        let number = match self.0.iter_mut().find(|(name, _)| *name == stem) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.0.push((stem, 1));
                1
            }
        };
        let (duration_s, until_key) = match step.end {
            StepEnd::After(seconds) => (Some(seconds), false),
            StepEnd::AtKey { at_most_s } => (at_most_s, true),
        };
        let picture = step.picture.as_ref();
        let record = StepRecord {
            id: format!("{stem}-{number:02}"),
            kind: step.kind.name().to_owned(),
            target: if target == Target::None { String::new() } else { target.name().to_owned() },
            text: step.text.clone(),
            image: picture.map(|picture| picture.name.clone()).unwrap_or_default(),
            image_sha256: picture.map(|picture| picture.sha256.clone()).unwrap_or_default(),
            duration_s,
            until_key,
        };
        (record, picture.map(|picture| picture.path.clone()))
    }
}

/// Shuffles what stands at `places` among them (Fisher and Yates 1938, as Durstenfeld 1964 does it).
fn shuffle<T>(items: &mut [T], places: &[usize], random: &mut Pcg64) {
    for last in (1..places.len()).rev() {
        items.swap(places[last], places[below(last as u64 + 1, random) as usize]);
    }
}

/// Evenly in `0..count` (Lemire 2019, doi:10.1145/3230636, without the shortcut): written out, so that no version of a
/// library changes the order that a seed stands for.
fn below(count: u64, random: &mut Pcg64) -> u64 {
    let unfair = count.wrapping_neg() % count;
    loop {
        let product = u128::from(random.next_u64()) * u128::from(count);
        if product as u64 >= unfair {
            return (product >> 64) as u64;
        }
    }
}

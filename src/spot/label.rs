//! What a movement resembles: how well each emotion's action units explain it, and which units those are.
//!
//! Each emotion's prototypes are fitted to the motion by non-negative least squares. The one that explains most with all of its action
//! units names them, if it leads clearly; else the motion is taken apart. What the event is called is decided in `joint`.

use super::detector::farthest_icd;
use super::history::{AXES, Axes};
use super::templates::{Template, templates};
use crate::facs::{PROTOTYPES, Prototype};
use crate::types::{LABEL_COUNT, REGION_COUNT, Region, RegionId, Side};

/// Share of the motion (weighted, squared) that a prototype must explain. Ours.
const MIN_EXPLAINED: f32 = 0.5;
/// It must explain this much more than the best of another emotion. Ours.
const MIN_LEAD: f32 = 0.03;
/// What each further action unit must add, as a share: more units always fit better.
const PER_UNIT: f32 = 0.02;
/// A unit counts as acting from this share of the strongest one. Ours.
const ACTS: f32 = 0.2;
/// The weaker side of a two-sided unit moves at least this share of the stronger. Ours: spontaneous expressions are seldom less even.
const EVEN: f32 = 0.35;
/// Error of the templates, as a share of the longest motion: faces differ in direction by 20 degrees and in size by a third (issue 3).
const TEMPLATE_ERROR: f32 = 0.25;
/// Units that a motion without a prototype is taken apart into, at most.
const MAX_UNITS: usize = 4;
/// Each of them must explain this share more.
const MIN_GAIN: f32 = 0.06;

/// What a movement resembles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MotionFit {
    /// Action units, rising.
    pub action_units: Vec<u8>,
    /// Share of the motion that the best prototype of each emotion explains, less what its units cost, `[0, 1]`; 0 where none acts.
    pub fits: [f32; LABEL_COUNT],
}

/// Compares a motion from onset to apex with every prototype. `sigmas_icd`: how much each axis moves by itself (above 0).
pub fn fit_motion(motion_icd: &[[f32; 2]; REGION_COUNT], sigmas_icd: &Axes) -> MotionFit {
    let Some(problem) = Problem::new(motion_icd, sigmas_icd) else { return MotionFit::default() };
    let mut best: Option<(f32, &Prototype, Vec<u8>)> = None;
    let mut rival = f32::NEG_INFINITY;
    let mut fits = [0.0f32; LABEL_COUNT];
    for prototype in PROTOTYPES {
        let Some((explained, units)) = problem.fit_prototype(prototype) else { continue };
        let value = explained - PER_UNIT * prototype.action_units.len() as f32;
        let fit = &mut fits[prototype.label.index()];
        *fit = fit.max(value);
        match &best {
            Some((most, known, _)) if value <= *most => {
                if known.label != prototype.label {
                    rival = rival.max(value);
                }
            }
            _ => {
                if let Some((most, known, _)) = &best
                    && known.label != prototype.label
                {
                    rival = rival.max(*most);
                }
                best = (explained >= MIN_EXPLAINED).then_some((value, prototype, units)).or(best);
            }
        }
    }
    let action_units = match best {
        Some((value, _, units)) if value - rival >= MIN_LEAD => units,
        _ => problem.take_apart(),
    };
    MotionFit { action_units, fits }
}

/// Motion and templates, each axis in units of what it can tell.
struct Problem {
    target: Axes,
    energy: f32,
    precision: Axes,
}

impl Problem {
    fn new(motion_icd: &[[f32; 2]; REGION_COUNT], sigmas_icd: &Axes) -> Option<Self> {
        let longest = farthest_icd(motion_icd);
        if !(longest > 0.0 && longest.is_finite()) {
            return None;
        }
        let precision: Axes = std::array::from_fn(|axis| {
            let is_repeated = RegionId::from_index(axis / 2).is_none_or(|id| id.region == Region::Brow);
            let variance = sigmas_icd[axis].powi(2) + (TEMPLATE_ERROR * longest).powi(2);
            if is_repeated || !variance.is_finite() { 0.0 } else { variance.sqrt().recip() }
        });
        let target: Axes = std::array::from_fn(|axis| precision[axis] * motion_icd[axis / 2][axis % 2]);
        let energy = target.iter().map(|v| v * v).sum::<f32>();
        (energy > 0.0 && energy.is_finite()).then_some(Self { target, energy, precision })
    }

    fn atom(&self, template: &Template) -> Axes {
        std::array::from_fn(|axis| self.precision[axis] * template.motion[axis / 2][axis % 2])
    }

    /// Share explained and strengths of the atoms, none below zero: coordinate descent, which for so few atoms is as good as any.
    fn fit(&self, atoms: &[Axes]) -> (f32, Vec<f32>) {
        let dot = |a: &Axes, b: &Axes| (0..AXES).map(|axis| a[axis] * b[axis]).sum::<f32>();
        let gram: Vec<Vec<f32>> = atoms.iter().map(|a| atoms.iter().map(|b| dot(a, b)).collect()).collect();
        let along: Vec<f32> = atoms.iter().map(|atom| dot(atom, &self.target)).collect();
        let mut strengths = vec![0.0f32; atoms.len()];
        for _ in 0..60 {
            for i in 0..atoms.len() {
                let others: f32 =
                    (0..atoms.len()).filter(|j| *j != i).map(|j| gram[i][j] * strengths[j]).sum();
                strengths[i] =
                    if gram[i][i] > 0.0 { ((along[i] - others) / gram[i][i]).max(0.0) } else { 0.0 };
            }
        }
        let mut residual = self.target;
        for (atom, strength) in atoms.iter().zip(&strengths) {
            for (left, part) in residual.iter_mut().zip(atom) {
                *left -= strength * part;
            }
        }
        (1.0 - dot(&residual, &residual) / self.energy, strengths)
    }

    /// Share that a prototype explains, and its units; `None` where one of them does not act.
    fn fit_prototype(&self, prototype: &Prototype) -> Option<(f32, Vec<u8>)> {
        let of =
            |unit: u8, side: Side| templates().iter().find(move |t| t.action_unit == unit && t.side == side);
        if prototype.one_sided {
            let one = |side| {
                let found: Option<Vec<_>> =
                    prototype.action_units.iter().map(|unit| of(*unit, side)).collect();
                let atoms: Vec<Axes> = found?.into_iter().map(|template| self.atom(template)).collect();
                Some(self.fit(&atoms))
            };
            let (left, right) = (one(Side::Left)?, one(Side::Right)?);
            let (explained, strengths) = if left.0 >= right.0 { left } else { right };
            let strongest = strengths.iter().copied().fold(0.0, f32::max);
            let all_act = strongest > 0.0 && strengths.iter().all(|strength| *strength >= ACTS * strongest);
            return all_act.then(|| (explained, prototype.action_units.to_vec()));
        }
        let sides =
            prototype.action_units.iter().flat_map(|unit| [(*unit, Side::Left), (*unit, Side::Right)]);
        let found: Option<Vec<_>> = sides.map(|(unit, side)| of(unit, side)).collect();
        let atoms: Vec<Axes> = found?.into_iter().map(|template| self.atom(template)).collect();
        let (explained, strengths) = self.fit(&atoms);
        let strongest = strengths.iter().copied().fold(0.0, f32::max);
        let all_act = strengths.chunks_exact(2).all(|pair| {
            let (weak, strong) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            strong > 0.0 && strong >= ACTS * strongest && weak >= EVEN * strong
        });
        all_act.then(|| (explained, prototype.action_units.to_vec()))
    }

    /// The units that explain most, one after the other.
    fn take_apart(&self) -> Vec<u8> {
        let (mut chosen, mut atoms, mut explained) = (Vec::new(), Vec::new(), 0.0);
        while chosen.len() < MAX_UNITS {
            let mut best: Option<(f32, &Template)> = None;
            for template in templates() {
                atoms.push(self.atom(template));
                let (share, _) = self.fit(&atoms);
                atoms.pop();
                if best.is_none_or(|(most, _)| share > most) {
                    best = Some((share, template));
                }
            }
            let Some((share, template)) = best.filter(|(share, _)| *share >= explained + MIN_GAIN) else {
                break;
            };
            explained = share;
            atoms.push(self.atom(template));
            chosen.push(template.action_unit);
        }
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::joint::{JointParams, label_of};
    use crate::spot::test_signals::Noise;
    use crate::types::{LabelEvidence, OTHER_LABEL};

    const QUIET: Axes = [0.001; AXES];

    fn motion(
        units: &[u8],
        side: Option<Side>,
        amplitude_icd: f32,
        noise: &mut Noise,
    ) -> [[f32; 2]; REGION_COUNT] {
        let mut motion = [[0.0f32; 2]; REGION_COUNT];
        for template in templates() {
            if units.contains(&template.action_unit) && side.is_none_or(|side| side == template.side) {
                for (sum, part) in motion.iter_mut().zip(template.motion) {
                    *sum = [sum[0] + amplitude_icd * part[0], sum[1] + amplitude_icd * part[1]];
                }
            }
        }
        motion.map(|[x, y]| [x + 0.001 * noise.next(), y + 0.001 * noise.next()])
    }

    /// The name that the motion alone gets from the rule for both witnesses.
    fn name(motion: &[[f32; 2]; REGION_COUNT]) -> &'static str {
        let fits = fit_motion(motion, &QUIET).fits;
        label_of(&LabelEvidence { fits, change: None }, &JointParams::default())
    }

    #[test]
    fn each_prototype_is_recognised() {
        let mut noise = Noise::new(1);
        for prototype in PROTOTYPES {
            // Two-sided AU 14 is contempt as well as one-sided; AU 17 with 9 and 10 is still disgust.
            let side = prototype.one_sided.then_some(Side::Right);
            let motion = motion(prototype.action_units, side, 0.03, &mut noise);
            assert_eq!(
                name(&motion),
                prototype.label.name(),
                "{prototype:?}: {:?}",
                fit_motion(&motion, &QUIET)
            );
        }
    }

    #[test]
    fn a_smile_of_one_side_is_contempt_and_of_both_happiness() {
        let mut noise = Noise::new(2);
        assert_eq!(name(&motion(&[12], Some(Side::Left), 0.03, &mut noise)), "contempt");
        assert_eq!(name(&motion(&[12], None, 0.03, &mut noise)), "happiness");
    }

    #[test]
    fn what_resembles_nothing_has_no_label() {
        let mut noise = Noise::new(3);
        let jumble = std::array::from_fn(|_| [0.02 * noise.next(), 0.02 * noise.next()]);
        assert_eq!(name(&jumble), OTHER_LABEL);
        for broken in [0.0, f32::NAN, f32::INFINITY] {
            assert_eq!(fit_motion(&[[broken; 2]; REGION_COUNT], &QUIET), MotionFit::default());
        }
    }
}

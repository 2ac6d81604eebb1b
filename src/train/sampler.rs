//! The endless source of training examples: real backgrounds with injected events and look-alikes, by seed and number.

use rand::{Rng, RngExt};
use rand_pcg::Pcg64;

use super::Recording;
use super::envelope::{Envelope, Pulse, between, skews};
use super::pattern::{self, Pattern, PatternParams};
use super::targets::{Truth, targets};
use super::window::{BackgroundParams, Window};
use crate::spot::network::{FeatureExtractor, FeatureParams, Half, TICK_HZ, Tick, points};

/// What is injected, and how often. Lengths in seconds, amplitudes in ICD units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleParams {
    /// Length of each example, in ticks. Issue 3's prototype: 6 s.
    pub ticks: usize,
    /// Ticks at its beginning that only give context: no micro-expression is put there.
    pub context_ticks: usize,
    /// Chances of one and of two micro-expressions; else there is none.
    pub events: [f64; 2],
    /// Chances of one and of two look-alikes.
    pub decoys: [f64; 2],
    /// Peak displacement, log-uniform. FACTS: 2-3 % is typical; below 1 % nothing can be learned, and what is larger than a
    /// micro-expression shows the network what to look for.
    pub amplitude_icd: [f64; 2],
    /// Onset to apex. FACTS: 40-200 ms.
    pub rise_s: [f64; 2],
    /// At the apex.
    pub hold_s: [f64; 2],
    /// Apex to offset: the least. The most follows from `longest_s`.
    pub least_fall_s: f64,
    /// Onset to offset. FACTS: at most 500 ms.
    pub longest_s: f64,
    /// Chance that it does not return all the way, and how much of it may stay.
    pub unfinished: (f64, f64),
    /// Real motion.
    pub background: BackgroundParams,
    /// FACS patterns.
    pub pattern: PatternParams,
}

impl Default for SampleParams {
    fn default() -> Self {
        Self {
            ticks: 6 * TICK_HZ as usize,
            context_ticks: 62,
            events: [0.45, 0.3],
            decoys: [0.15, 0.05],
            amplitude_icd: [0.012, 0.12],
            rise_s: [0.04, 0.2],
            hold_s: [0.0, 0.1],
            least_fall_s: 0.06,
            longest_s: 0.5,
            unfinished: (0.3, 0.15),
            background: BackgroundParams::default(),
            pattern: PatternParams::default(),
        }
    }
}

/// One training example.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// For each tick its features.
    pub features: Vec<f32>,
    /// For each tick its targets (see [`targets`]).
    pub targets: Vec<f32>,
    /// Time of each tick's motion, in seconds; `None` where there is none.
    pub at_s: Vec<Option<f64>>,
    /// What was injected.
    pub truths: Vec<Truth>,
}

/// Makes examples from recordings: the same for the same recordings, parameters, seed and number.
#[derive(Clone, Debug)]
pub struct Sampler<'a> {
    recordings: Vec<&'a Recording>,
    /// Running sum of the recordings' weights.
    weights: Vec<f64>,
    params: SampleParams,
    features: FeatureParams,
    seed: u64,
}

/// Recordings count by their length up to this many seconds, so that a long one does not crowd out the other faces.
const LONGEST_WEIGHT_S: f64 = 15.0;
/// A photo counts as this many seconds: all are alike in motion.
const PHOTO_WEIGHT_S: f64 = 0.7;

impl<'a> Sampler<'a> {
    /// A sampler over these recordings; `None` without any.
    pub fn new(
        recordings: Vec<&'a Recording>,
        params: SampleParams,
        features: FeatureParams,
        seed: u64,
    ) -> Option<Self> {
        if recordings.is_empty() {
            return None;
        }
        let mut sum = 0.0;
        let mut weights = Vec::with_capacity(recordings.len());
        for recording in &recordings {
            sum += if recording.base.is_photo {
                PHOTO_WEIGHT_S
            } else {
                recording.track.duration_s().clamp(1.0, LONGEST_WEIGHT_S)
            };
            weights.push(sum);
        }
        Some(Self { recordings, weights, params, features, seed })
    }

    /// Example number `index`.
    pub fn sample(&self, index: u64) -> Sample {
        let mut rng = Pcg64::new(u128::from(self.seed), u128::from(index));
        let params = &self.params;
        let seconds = params.ticks as f64 / TICK_HZ as f64;
        let recording = self.pick(&mut rng);
        let mut window = Window::cut(recording, seconds, &params.background, &mut rng);
        if rng.random_bool(params.background.mixed) {
            let other = Window::cut(self.pick(&mut rng), seconds, &params.background, &mut rng);
            window.mix(&other, between(&mut rng, params.background.mix_gain) as f32);
        }
        if rng.random_bool(params.background.spliced) {
            let other = Window::cut(self.pick(&mut rng), seconds, &params.background, &mut rng);
            window.splice(&other, is_upper);
        }
        self.drop_points(&mut window, &mut rng);
        let mut unsure_apexes_s = Vec::new();
        for _ in 0..count(&mut rng, params.decoys) {
            let apex_s = self.add_decoy(&mut window, recording, seconds, &mut rng);
            unsure_apexes_s.extend(apex_s);
        }
        let (mut truths, patterns) = self.add_events(&mut window, recording, seconds, &mut rng);
        if rng.random_bool(params.background.mirrored) {
            window.mirror();
        }
        let (features, at_s) = features_of(&window, params.ticks, &self.features, |tick, extractor| {
            let begun = truths
                .iter_mut()
                .zip(&patterns)
                .filter(|(truth, _)| (truth.pulse.onset_s * TICK_HZ as f64) as i64 == tick.index);
            for (truth, pattern) in begun {
                let beams = extractor.beams();
                truth.sigmas = truth.amplitude_icd * beams.map_or(0.0, |beams| beams.sigmas_of(pattern));
            }
        });
        let targets = targets(&at_s, &truths, &unsure_apexes_s);
        Sample { features, targets, at_s, truths }
    }

    fn pick(&self, rng: &mut impl Rng) -> &'a Recording {
        let total = self.weights.last().copied().unwrap_or(0.0);
        let at = rng.random::<f64>() * total;
        let index = self.weights.partition_point(|sum| *sum <= at).min(self.recordings.len() - 1);
        self.recordings[index]
    }

    fn drop_points(&self, window: &mut Window, rng: &mut impl Rng) {
        let background = &self.params.background;
        if !rng.random_bool(background.dropped) {
            return;
        }
        let share = between(rng, background.drop_share);
        let dropped: Vec<bool> = points().iter().map(|_| rng.random_bool(share)).collect();
        window.drop_points(|index| dropped.get(index).copied().unwrap_or(false));
    }

    fn add_events(
        &self,
        window: &mut Window,
        recording: &Recording,
        seconds: f64,
        rng: &mut impl Rng,
    ) -> (Vec<Truth>, Vec<Pattern>) {
        let params = &self.params;
        let earliest_s = params.context_ticks as f64 / TICK_HZ as f64;
        let (mut truths, mut patterns): (Vec<Truth>, Vec<Pattern>) = Default::default();
        for _ in 0..count(rng, params.events) {
            let pulse = self.micro_pulse([earliest_s, seconds - params.longest_s], rng);
            let (pattern, amplitude_icd) =
                (pattern::facs(recording, &params.pattern, rng), log_between(rng, params.amplitude_icd));
            let is_apart = |other: &Truth| {
                pulse.onset_s > other.pulse.offset_s() + 0.3 || pulse.offset_s() + 0.3 < other.pulse.onset_s
            };
            if !truths.iter().all(is_apart) {
                continue;
            }
            let is_hidden = !is_visible(window, &pattern, &pulse);
            window.add(&pattern, |at_s| amplitude_icd * Envelope::Pulse(pulse).value(at_s));
            truths.push(Truth { pulse, amplitude_icd, sigmas: 0.0, is_hidden });
            patterns.push(pattern);
        }
        (truths, patterns)
    }

    fn micro_pulse(&self, onset_s: [f64; 2], rng: &mut impl Rng) -> Pulse {
        let params = &self.params;
        let (rise_s, hold_s) = (between(rng, params.rise_s), between(rng, params.hold_s));
        let longest_fall_s = (params.longest_s - rise_s - hold_s).max(params.least_fall_s);
        let fall_s = between(rng, [params.least_fall_s, longest_fall_s]);
        let rest =
            if rng.random_bool(params.unfinished.0) { between(rng, [0.0, params.unfinished.1]) } else { 0.0 };
        Pulse { onset_s: between(rng, onset_s), rise_s, hold_s, fall_s, skew: skews(rng), rest }
    }

    /// Adds something that must not be taken for a micro-expression. The apex of a rise that can't be told from one yet.
    fn add_decoy(
        &self,
        window: &mut Window,
        recording: &Recording,
        seconds: f64,
        rng: &mut impl Rng,
    ) -> Option<f64> {
        let onset = [0.3, seconds - 0.3];
        let pulse = |rng: &mut _, rise_s: [f64; 2], hold_s: [f64; 2], fall_s: [f64; 2]| Pulse {
            onset_s: between(rng, onset),
            rise_s: between(rng, rise_s),
            hold_s: between(rng, hold_s),
            fall_s: between(rng, fall_s),
            skew: skews(rng),
            rest: 0.0,
        };
        let facs = |rng: &mut _| pattern::facs(recording, &self.params.pattern, rng);
        let (pattern, envelope, amplitude_icd): (Pattern, Envelope, f64) = match rng.random_range(0..8) {
            // A macro-expression: slow.
            0 => {
                let slow = pulse(rng, [0.26, 1.0], [0.0, 2.0], [0.26, 1.2]);
                (facs(rng), Envelope::Pulse(slow), log_between(rng, [0.02, 0.2]))
            }
            // Fast, but held.
            1 => {
                let held = pulse(rng, [0.06, 0.25], [0.65, 2.0], [0.1, 0.6]);
                (facs(rng), Envelope::Pulse(held), log_between(rng, [0.02, 0.12]))
            }
            // Fast, and it stays.
            2 => {
                let mut step = pulse(rng, [0.06, 0.25], [0.0, 0.0], [1.0, 1.0]);
                step.fall_s = f64::INFINITY;
                (facs(rng), Envelope::Pulse(step), log_between(rng, [0.01, 0.1]))
            }
            // A micro-expression's timing on anything but a muscle's pattern.
            3 => {
                let brief = self.micro_pulse(onset, rng);
                (pattern::random(recording, rng), Envelope::Pulse(brief), log_between(rng, [0.01, 0.07]))
            }
            // What is left of head motion, brief and slow.
            4 | 5 => {
                let brief = self.micro_pulse(onset, rng);
                let slow = pulse(rng, [0.1, 0.6], [0.0, 0.5], [0.1, 0.8]);
                let chosen = if rng.random_bool(0.5) { brief } else { slow };
                (pattern::rigid(recording, rng), Envelope::Pulse(chosen), log_between(rng, [0.005, 0.06]))
            }
            6 => {
                let blink = pulse(rng, [0.05, 0.12], [0.0, 0.08], [0.08, 0.25]);
                (pattern::blink(recording, rng), Envelope::Pulse(blink), log_between(rng, [0.02, 0.15]))
            }
            _ => {
                let speech = Envelope::Oscillation {
                    onset_s: between(rng, onset),
                    length_s: between(rng, [0.6, 2.5]),
                    rate_hz: between(rng, [2.0, 7.0]),
                };
                (pattern::speech(recording, rng), speech, log_between(rng, [0.01, 0.15]))
            }
        };
        window.add(&pattern, |at_s| amplitude_icd * envelope.value(at_s));
        // What a muscle does fast can't be told from a micro-expression before it fails to return.
        match envelope {
            Envelope::Pulse(pulse)
                if pulse.rise_s <= 0.25 && (pulse.hold_s > 0.6 || pulse.fall_s.is_infinite()) =>
            {
                Some(pulse.apex_s())
            }
            _ => None,
        }
    }
}

/// Features of a window's ticks 1 to `count`, and the times of their motion. `look` sees the extractor after each tick.
pub fn features_of(
    window: &Window,
    count: usize,
    params: &FeatureParams,
    mut look: impl FnMut(&Tick, &FeatureExtractor),
) -> (Vec<f32>, Vec<Option<f64>>) {
    let mut extractor = FeatureExtractor::new(params.clone());
    let mut features = Vec::with_capacity(count * extractor.channels());
    let mut at_s = Vec::with_capacity(count);
    for tick in window.ticks(count) {
        extractor.push(&tick, &mut features);
        at_s.push(tick.is_valid.then(|| tick.centre.as_secs_f64()));
        look(&tick, &extractor);
    }
    (features, at_s)
}

/// Whether a point lies above the eyes.
fn is_upper(point: usize) -> bool {
    static UPPER: std::sync::OnceLock<Vec<bool>> = std::sync::OnceLock::new();
    let upper = UPPER.get_or_init(|| points().iter().map(|id| Half::of(*id) == Half::Upper).collect());
    upper.get(point).copied().unwrap_or(false)
}

/// Most of what the event moves is followed from its onset to its offset.
fn is_visible(window: &Window, pattern: &Pattern, pulse: &Pulse) -> bool {
    let moments = [pulse.onset_s, pulse.apex_s(), pulse.offset_s()];
    moments.iter().all(|at_s| {
        let (mut seen, mut all) = (0.0, 0.0);
        for (index, [x, y]) in pattern.iter().enumerate() {
            let size = x * x + y * y;
            all += size;
            seen += if window.is_valid_at(*at_s, index) { size } else { 0.0 };
        }
        seen > 0.5 * all
    })
}

/// 1 or 2 with these chances, else 0.
fn count(rng: &mut impl Rng, [one, two]: [f64; 2]) -> usize {
    let at: f64 = rng.random();
    if at < one {
        1
    } else if at < one + two {
        2
    } else {
        0
    }
}

fn log_between(rng: &mut impl Rng, [low, high]: [f64; 2]) -> f64 {
    between(rng, [low.ln(), high.ln()]).exp()
}

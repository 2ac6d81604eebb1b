//! Smiles of 1.5-4 s: honest ones, polite ones, and masks over brows that are sad or angry.

use super::calendar::{Calendar, random_count};
use super::envelope::Envelope;
use super::expression::{Brows, Layers};
use super::random::Stream;
use crate::types::MaskedLabel;

/// Smiles last so long, in seconds from onset to offset.
const TOTAL_S: [f64; 2] = [1.5, 4.0];
/// What the corners of a smiling mouth move, in ICD units: 4-9 mm, small to middling closed smiles (full ones move 7-22 mm: Paletz,
/// Manktelow, Chaban, Plast Reconstr Surg 93, 1994). Below, a mouth that rests turned down does not look like a smile yet; above,
/// lips would have to part, which a warp cannot show (and skin folds at 35 %).
const MOUTH_AMPLITUDE_ICD: [f64; 2] = [0.12, 0.28];
/// Rise and fall of honest smiles, in seconds. Spontaneous smiles come and go more slowly than posed ones, in 0.5 s against 0.3 s and
/// with much overlap (Schmidt, Ambadar, Cohn, Reed, J Nonverbal Behav 30, 2006; UvA-NEMO: Dibeklioglu, Salah, Gevers, ECCV 2012).
const HONEST_S: [[f64; 2]; 2] = [[0.3, 0.7], [0.4, 0.8]];
/// The same of polite smiles and of masks.
const POSED_S: [[f64; 2]; 2] = [[0.2, 0.5], [0.25, 0.65]];
/// Share of masks with raised cheeks: AU 6 can be posed, too (Krumhuber, Manstead, Emotion 9, 2009).
const MASK_CHEEK_SHARE: f64 = 0.25;
/// Share of masks through which the brows break for the time of a micro-expression only.
const BURST_SHARE: f64 = 0.3;
/// What the brows do in other masks lasts so long at least, in seconds ...
const HELD_S: f64 = 0.6;
/// ... and ends so long before the smile, at least.
const HELD_MARGIN_S: f64 = 0.05;
/// Brows that are there before the smile come so much earlier, in seconds.
const EARLIER_S: [f64; 2] = [0.05, 0.3];
/// Rest after a smile until anything else, in seconds, besides what the calendar keeps clear.
const REST_S: f64 = 0.9;

/// What a smile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SmileKind {
    /// AU 12 with AU 1+4 during it.
    MaskedSad,
    /// AU 12 with AU 4+7 during it.
    MaskedAngry,
    /// AU 6+12.
    Honest,
    /// AU 12 alone.
    Polite,
}

impl SmileKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::MaskedSad, Self::MaskedAngry, Self::Honest, Self::Polite];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MaskedSad => "masked_sad",
            Self::MaskedAngry => "masked_angry",
            Self::Honest => "honest",
            Self::Polite => "polite",
        }
    }

    const fn brows(self) -> Option<Brows> {
        match self {
            Self::MaskedSad => Some(Brows::InnerRaised),
            Self::MaskedAngry => Some(Brows::LoweredAndTight),
            Self::Honest | Self::Polite => None,
        }
    }

    /// What a mask is called in `truth.csv`; `None` for smiles that hide nothing.
    pub const fn masked_label(self) -> Option<MaskedLabel> {
        match self {
            Self::MaskedSad => Some(MaskedLabel::HappyButSad),
            Self::MaskedAngry => Some(MaskedLabel::HappyButAngry),
            Self::Honest | Self::Polite => None,
        }
    }
}

/// What is asked of a clip's smiles.
#[derive(Clone, Debug, PartialEq)]
pub struct SmileParams {
    /// Smiles a minute of usable time; 0 for none.
    pub per_minute: f64,
    /// The kinds, drawn evenly.
    pub kinds: Vec<SmileKind>,
}

impl Default for SmileParams {
    /// None; of all kinds if there were any.
    fn default() -> Self {
        Self { per_minute: 0.0, kinds: SmileKind::ALL.to_vec() }
    }
}

/// A smile, and what the upper face does meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Smile {
    /// Which.
    pub kind: SmileKind,
    /// AU 12, perhaps with AU 6.
    pub mouth: Layers,
    /// Of masked smiles: the brows.
    pub upper: Option<Layers>,
}

impl Smile {
    fn new(kind: SmileKind, random: &mut Stream) -> Self {
        let [rise, fall] = if kind == SmileKind::Honest { HONEST_S } else { POSED_S };
        let (rise_s, fall_s) = (random.within(rise[0], rise[1]), random.within(fall[0], fall[1]));
        let burst =
            (kind.brows().is_some() && random.chance(BURST_SHARE)).then(|| Envelope::micro(0.0, random));
        // Room for a burst while the smile is at its height.
        let shortest_s = TOTAL_S[0].max(rise_s + fall_s + burst.map_or(0.0, |burst| burst.total_s()));
        let total_s = random.within(shortest_s, TOTAL_S[1]);
        let smile = Envelope { onset_s: 0.0, rise_s, hold_s: total_s - rise_s - fall_s, fall_s };
        let has_cheeks =
            kind == SmileKind::Honest || (kind.brows().is_some() && random.chance(MASK_CHEEK_SHARE));
        let mouth = Layers::smile(smile, MOUTH_AMPLITUDE_ICD, has_cheeks, random);
        let upper = kind.brows().map(|brows| {
            let envelope = match burst {
                Some(burst) => {
                    let latest_s = smile.offset_s() - fall_s - burst.total_s();
                    Envelope { onset_s: random.within(smile.apex_s(), latest_s), ..burst }
                }
                None => held(total_s, random),
            };
            Layers::brows(brows, envelope, random)
        });
        Self { kind, mouth, upper }
    }

    fn later(self, by_s: f64) -> Self {
        Self { mouth: self.mouth.later(by_s), upper: self.upper.map(|upper| upper.later(by_s)), ..self }
    }

    /// When the first of it begins and the last ends, in seconds of media time.
    pub fn span_s(&self) -> [f64; 2] {
        let mouth = &self.mouth.main.envelope;
        let upper = self.upper.as_ref().map_or(mouth, |upper| &upper.main.envelope);
        [mouth.onset_s.min(upper.onset_s), mouth.offset_s().max(upper.offset_s())]
    }

    /// The time in which smile and brows are both on: its beginning, when the brows first are furthest in it, its end.
    pub fn overlap_s(&self) -> Option<[f64; 3]> {
        let (mouth, upper) = (&self.mouth.main.envelope, &self.upper.as_ref()?.main.envelope);
        let onset_s = mouth.onset_s.max(upper.onset_s);
        let offset_s = mouth.offset_s().min(upper.offset_s());
        (onset_s < offset_s).then(|| [onset_s, upper.apex_s().max(onset_s).min(offset_s), offset_s])
    }
}

/// Brows that stay: from shortly before a smile of this length, from its onset, or from some time after it.
fn held(smile_s: f64, random: &mut Stream) -> Envelope {
    let latest_s = smile_s - HELD_MARGIN_S;
    let onset_s = match random.below(3) {
        0 => -random.within(EARLIER_S[0], EARLIER_S[1]),
        1 => 0.0,
        _ => random.within(0.1, 0.5 * smile_s).min(latest_s - HELD_S),
    };
    // What comes before the smile does not count as time within it.
    let total_s = random.within(HELD_S + (-onset_s).max(0.0), latest_s - onset_s);
    let rise_s = random.within(0.15, 0.4).min(0.35 * total_s);
    let fall_s = random.within(0.2, 0.5).min(0.45 * total_s);
    Envelope { onset_s, rise_s, hold_s: total_s - rise_s - fall_s, fall_s }
}

/// Draws a clip's smiles: kinds from a shuffled deck, `clear_s` away from whatever the calendar has already.
pub(super) fn place_smiles(
    calendar: &mut Calendar,
    clear_s: f64,
    params: &SmileParams,
    random: &mut Stream,
) -> Vec<Smile> {
    let mut placed = Vec::new();
    let mut deck: Vec<SmileKind> = Vec::new();
    let count = if params.kinds.is_empty() || params.per_minute <= 0.0 {
        0
    } else {
        random_count(params.per_minute * calendar.total_s() / 60.0, random)
    };
    for _ in 0..count {
        if deck.is_empty() {
            deck.clone_from(&params.kinds);
        }
        let smile = Smile::new(deck.swap_remove(random.below(deck.len())), random);
        let [from_s, to_s] = smile.span_s();
        // A shorter one may still find its place.
        if let Some(start_s) = calendar.take(to_s - from_s + REST_S, clear_s, random) {
            placed.push(smile.later(start_s - from_s));
        }
    }
    placed.sort_by(|a, b| a.span_s()[0].total_cmp(&b.span_s()[0]));
    placed
}

#[cfg(test)]
mod tests;

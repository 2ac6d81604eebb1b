//! Action-unit channels: the regions' motion read as the strength of one action unit on one side or on both.
//!
//! A channel pools what all regions say of one action unit, each axis weighted by how quiet it is (the best linear unbiased
//! estimate where noise is independent between axes), so it sees smaller movements than any region by itself. Its unit is that of
//! the action unit's strongest point: ICD.

use super::history::{AXES, Axes, Entry, MotionHistory};
use super::noise::{LAG_S, RobustScale, UNKNOWN_ICD, lagged};
use super::templates::templates;
use crate::facs;
use crate::types::{REGION_COUNT, Region, RegionId, Side, Timestamp};

/// Half of a face: blinks move the one and speech the other, so each is watched by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Brows, glabella and lids.
    Upper,
    /// Cheeks, nose, mouth and chin.
    Lower,
}

impl Part {
    /// Both parts.
    pub const ALL: [Self; 2] = [Self::Upper, Self::Lower];

    /// The part that a region belongs to.
    pub fn of(id: RegionId) -> Self {
        match id.region {
            Region::InnerBrow | Region::OuterBrow | Region::Brow | Region::Glabella | Region::Lid => {
                Self::Upper
            }
            _ => Self::Lower,
        }
    }

    /// The part where an action unit is looked for.
    fn of_action_unit(au: u8) -> Self {
        if matches!(au, 1 | 2 | 4 | 5 | 7) { Self::Upper } else { Self::Lower }
    }

    /// Whether an axis counts for this part. [`Region::Brow`] repeats what the inner and outer brow say and is left out; so are the
    /// lids, which blinks move far, hide, and give back slowly: what only they do (AU 5, AU 7) is not looked for.
    pub fn has_axis(self, axis: usize) -> bool {
        RegionId::from_index(axis / 2).is_some_and(|id| has_vote(id.region) && Self::of(id) == self)
    }
}

/// Whether what a region does is evidence by itself (see [`Part::has_axis`]).
pub fn has_vote(region: Region) -> bool {
    !matches!(region, Region::Brow | Region::Lid)
}

/// Share of a channel's information that must come from regions that are measured, `[0, 1]`. Ours.
const MIN_INFORMATION: f32 = 0.5;
/// A region carries an action unit where it moves at least this share of the most moved region. Ours.
const CARRIES: f32 = 0.5;
/// Error that templates have by themselves, in ICD units: keeps a single very quiet axis from deciding alone. Ours.
const TEMPLATE_FLOOR_ICD: f32 = 0.0008;

/// One action unit on one side or on both.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its number in FACS.
    pub action_unit: u8,
    /// The side; `None` for both.
    pub side: Option<Side>,
    /// Where it is looked for.
    pub part: Part,
    /// Displacement of each axis at strength 1; zero outside the part.
    template: Axes,
    /// What each axis adds to the estimate: template over noise variance.
    weights: Axes,
    scale: RobustScale,
}

impl Channel {
    fn new(action_unit: u8, side: Option<Side>) -> Self {
        let part = Part::of_action_unit(action_unit);
        let acts =
            templates().iter().filter(|t| t.action_unit == action_unit && side.is_none_or(|s| s == t.side));
        let mut template = [0.0; AXES];
        for acting in acts {
            for axis in (0..AXES).filter(|axis| part.has_axis(*axis)) {
                template[axis] += acting.motion[axis / 2][axis % 2];
            }
        }
        let mut channel = Self {
            action_unit,
            side,
            part,
            template,
            weights: [0.0; AXES],
            scale: RobustScale::new(UNKNOWN_ICD),
        };
        channel.weigh(&[UNKNOWN_ICD; AXES]);
        channel
    }

    fn weigh(&mut self, sigmas_icd: &Axes) {
        for ((weight, part), sigma) in self.weights.iter_mut().zip(self.template).zip(sigmas_icd) {
            *weight = part / (sigma * sigma + TEMPLATE_FLOOR_ICD * TEMPLATE_FLOOR_ICD);
        }
    }

    /// Strength in ICD units of a change of the axes, of which only those that `is_valid` are known; `None` where too little is.
    pub fn strength(&self, change: &Axes, is_valid: impl Fn(usize) -> bool) -> Option<f32> {
        let (mut sum, mut known, mut all) = (0.0, 0.0, 0.0);
        for (axis, ((weight, part), moved)) in self.weights.iter().zip(self.template).zip(change).enumerate()
        {
            let information = weight * part;
            all += information;
            if part != 0.0 && is_valid(axis) {
                sum += weight * moved;
                known += information;
            }
        }
        (known > 0.0 && known >= MIN_INFORMATION * all).then(|| sum / known)
    }

    /// Whether its noise is known from this face.
    pub fn is_learned(&self) -> bool {
        self.scale.is_learned()
    }

    /// Standard deviation of its change over [`LAG_S`], in ICD units.
    pub fn sigma_icd(&self) -> f32 {
        self.scale.sigma()
    }

    /// The largest region motion of the template at strength 1: what a channel of strength 1 moves at most.
    fn largest(&self) -> f32 {
        (0..REGION_COUNT).map(|region| self.moves(region)).fold(0.0, f32::max)
    }

    fn moves(&self, region: usize) -> f32 {
        self.template[2 * region].hypot(self.template[2 * region + 1])
    }

    /// Whether the region is among those that the action unit moves most.
    pub fn is_carried_by(&self, region: usize) -> bool {
        self.moves(region) > 0.0 && self.moves(region) >= CARRIES * self.largest()
    }
}

/// All channels, with their noise.
#[derive(Clone, Debug)]
pub struct ChannelBank {
    channels: Vec<Channel>,
}

impl Default for ChannelBank {
    fn default() -> Self {
        let sides = [Some(Side::Left), Some(Side::Right), None];
        let channels = facs::ACTION_UNITS.iter().flat_map(|au| sides.map(|side| Channel::new(*au, side)));
        Self { channels: channels.filter(|channel| channel.largest() > 0.0).collect() }
    }
}

impl ChannelBank {
    /// The channels.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Starts each channel's noise from what its axes have at first, as the weighted estimate would have it.
    pub fn seed(&mut self, sigmas_icd: &Axes) {
        for channel in &mut self.channels {
            channel.weigh(sigmas_icd);
            let information: f32 = channel.weights.iter().zip(channel.template).map(|(w, t)| w * t).sum();
            channel.scale =
                RobustScale::new(if information > 0.0 { information.sqrt().recip() } else { UNKNOWN_ICD });
        }
    }

    /// Learns from the change that the newest entry shows over [`LAG_S`]. `is_open`: the region, by index, is not blanked by a veto.
    pub fn learn(&mut self, history: &MotionHistory, sigmas_icd: &Axes, is_open: impl Fn(usize) -> bool) {
        let Some(newest) = history.newest() else { return };
        let from = lagged(newest.at, LAG_S);
        let Some(change) = change_since(history, newest, from) else { return };
        let is_valid = |axis: usize| is_open(axis / 2) && newest.is_valid_since(axis, from);
        for channel in &mut self.channels {
            channel.weigh(sigmas_icd);
            if let Some(strength) = channel.strength(&change, is_valid) {
                channel.scale.push(strength);
            }
        }
    }
}

/// What the axes did between `from` and `newest`; `None` before the history.
pub fn change_since(history: &MotionHistory, newest: &Entry, from: Timestamp) -> Option<Axes> {
    let before = history.place_at(from)?;
    Some(std::array::from_fn(|axis| newest.place[axis] - before[axis]))
}

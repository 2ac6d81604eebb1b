//! The face regions whose motion is measured, left and right apart.

/// Number of region signals: 11 regions, two sides.
pub const REGION_COUNT: usize = 22;

/// A part of the face that expressions move (DESIGN: section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Inner third of the brow: AU 1, AU 4.
    InnerBrow,
    /// Outer third of the brow: AU 2.
    OuterBrow,
    /// The whole brow: AU 1 + 2, AU 4.
    Brow,
    /// Between the brows: AU 4.
    Glabella,
    /// Upper and lower lid: AU 5, AU 7, AU 43, blinks.
    Lid,
    /// Cheek below the eye: AU 6.
    Cheek,
    /// Wing of the nose: AU 9, AU 10.
    NoseWing,
    /// Upper lip: AU 10.
    UpperLip,
    /// Corner of the mouth: AU 12, AU 14, AU 15, AU 20.
    MouthCorner,
    /// Lower lip: AU 16, AU 23, AU 25.
    LowerLip,
    /// Chin: AU 17, AU 26.
    Chin,
}

impl Region {
    /// All regions, from the brows down.
    pub const ALL: [Self; 11] = [
        Self::InnerBrow,
        Self::OuterBrow,
        Self::Brow,
        Self::Glabella,
        Self::Lid,
        Self::Cheek,
        Self::NoseWing,
        Self::UpperLip,
        Self::MouthCorner,
        Self::LowerLip,
        Self::Chin,
    ];

    /// The name used in column names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InnerBrow => "inner_brow",
            Self::OuterBrow => "outer_brow",
            Self::Brow => "brow",
            Self::Glabella => "glabella",
            Self::Lid => "lid",
            Self::Cheek => "cheek",
            Self::NoseWing => "nose_wing",
            Self::UpperLip => "upper_lip",
            Self::MouthCorner => "mouth_corner",
            Self::LowerLip => "lower_lip",
            Self::Chin => "chin",
        }
    }
}

/// The subject's own side: their left is on the right of an unmirrored image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The subject's left.
    Left,
    /// The subject's right.
    Right,
}

impl Side {
    /// The suffix used in column names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// One region on one side: an index into [`super::Signal::regions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegionId {
    /// Which part of the face.
    pub region: Region,
    /// On which side.
    pub side: Side,
}

impl RegionId {
    /// The id at `index`, left before right within each region; `None` at [`REGION_COUNT`] and above.
    pub fn from_index(index: usize) -> Option<Self> {
        let region = *Region::ALL.get(index / 2)?;
        Some(Self { region, side: if index.is_multiple_of(2) { Side::Left } else { Side::Right } })
    }

    /// Position in every array of region signals, `0..REGION_COUNT`.
    pub const fn index(self) -> usize {
        self.region as usize * 2 + self.side as usize
    }

    /// All ids, in index order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..REGION_COUNT).filter_map(Self::from_index)
    }

    /// The name used in column names: `mouth_corner_left`.
    pub fn name(self) -> String {
        format!("{}_{}", self.region.name(), self.side.name())
    }
}

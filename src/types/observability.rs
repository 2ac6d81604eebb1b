//! What could be seen of each region: the smallest motion that would be told from its noise now.

use super::{REGION_COUNT, RegionId, Timestamp};

/// The motion that a region must be able to show to count as observed, in ICD units: published spotters need 2.8-3.3 %
/// ICD (DESIGN section 6).
pub const OBSERVABLE_ICD: f32 = 0.03;

/// How small a motion could be seen in each region of the primary face at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Observability {
    /// The frame's capture time.
    pub captured_at: Timestamp,
    /// The face that it belongs to.
    pub face_id: u32,
    /// Smallest detectable amplitude by [`RegionId::index`], in ICD units; infinite where the region is not measured or a
    /// veto blanks it.
    pub smallest_icd: [f32; REGION_COUNT],
}

impl Observability {
    /// Whether a motion of [`OBSERVABLE_ICD`] would be seen there.
    pub fn is_observable(&self, id: RegionId) -> bool {
        self.smallest_icd.get(id.index()).is_some_and(|smallest| *smallest <= OBSERVABLE_ICD)
    }

    /// The regions where it would not.
    pub fn not_observable(&self) -> impl Iterator<Item = RegionId> {
        RegionId::all().filter(|id| !self.is_observable(*id))
    }
}

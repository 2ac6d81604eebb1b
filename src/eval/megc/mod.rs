//! Intervals as the field's challenges score them.

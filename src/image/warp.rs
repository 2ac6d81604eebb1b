//! Affine resampling of gray and colour pictures.

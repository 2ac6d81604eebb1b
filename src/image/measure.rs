//! Sharpness and exposure of a picture.

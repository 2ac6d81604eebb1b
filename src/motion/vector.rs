//! Arithmetic on `[x, y]`.

/// `a + b`.
pub fn add(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] + b[0], a[1] + b[1]]
}

/// `a - b`.
pub fn sub(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

/// `by * a`.
pub fn scale(a: [f32; 2], by: f32) -> [f32; 2] {
    [by * a[0], by * a[1]]
}

/// Euclidean length.
pub fn length(a: [f32; 2]) -> f32 {
    a[0].hypot(a[1])
}

/// Euclidean distance.
pub fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    length(sub(a, b))
}

//! The protocols that the program carries: `--protocol questionnaire` works without a checkout.

/// A protocol that the program carries.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// What `--protocol` calls it.
    pub name: &'static str,
    /// The file, for copies.
    pub text: &'static str,
}

/// All of them, from the folder `protocols/`.
pub const SHIPPED: [Shipped; 3] = [
    Shipped { name: "questionnaire", text: include_str!("../../../protocols/questionnaire.toml") },
    Shipped { name: "image", text: include_str!("../../../protocols/image.toml") },
    Shipped { name: "interview", text: include_str!("../../../protocols/interview.toml") },
];

/// Their names, for messages.
pub(super) fn names() -> String {
    SHIPPED.map(|shipped| shipped.name).join(", ")
}

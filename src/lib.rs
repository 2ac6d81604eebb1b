//! Onset notices facial micro-expressions and masked smiles through a webcam, as they happen.
#![warn(missing_docs)]
// Bad input is an error with a message, never a panic.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable))]

pub mod capture;
pub mod cli;
pub mod expression;
pub mod face;
pub mod image;
pub mod infer;
pub mod motion;
pub mod overlay;
pub mod pipeline;
pub mod spot;
pub mod tables;
pub mod types;

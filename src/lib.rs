//! Onset notices facial micro-expressions and masked smiles through a webcam, as they happen.
//!
//! # The tour
//!
//! A [`capture::Source`] (camera, video file, image folder, synthetic face) fills a [`types::Frame`]; what it lost it
//! reports as a [`types::Gap`]. [`pipeline::Analyzer::push`] turns each frame into a [`types::Observation`]:
//!
//! 1. [`face`] finds and follows faces and measures 478 landmarks, 52 blendshapes and the head's pose, at its own
//!    cadence (15 times a second of media); [`expression`] adds probabilities of eight labels;
//! 2. [`motion`] measures the motion of 22 face regions in *every* frame, sub-pixel, head motion removed;
//! 3. [`spot`] turns both into [`types::Event`]s, causally.
//!
//! [`pipeline::analyze_source`] runs a file through it ([`analysis::Recording`] from its path to its tables); [`pipeline::start`] runs a live session on named threads. Both
//! give the same observations for the same frames. [`overlay`] draws them, [`tables`] writes them as files, [`cli`] is
//! the program.
//!
//! ```
//! use onset::capture::{Captured, Source, SyntheticParams, SyntheticSource};
//! use onset::pipeline::{Analyzer, AnalyzerParams};
//! use onset::types::Frame;
//!
//! let mut source = SyntheticSource::new(SyntheticParams { duration_s: Some(0.1), ..Default::default() })?;
//! let mut analyzer = Analyzer::new(AnalyzerParams::default())?;
//! let mut frame = Frame::default();
//! while source.next(&mut frame)? == Captured::Frame {
//!     if let Some(observation) = analyzer.push(&frame)? {
//!         assert_eq!(observation.faces.len(), 1);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Spaces, units, time
//!
//! Names carry them: `_px` image pixels (x right, y down, pixel centres at +0.5), crop pixels (the aligned 256 x 256
//! face), `_icd` inner-canthal distances, `_s` and `_ms`; maps are named `to_from`. Left and right are the subject's
//! own. A [`types::Timestamp`] counts nanoseconds from the session's start; nothing but [`capture::SessionClock`] reads
//! a clock.
#![warn(missing_docs)]
// Bad input is an error with a message, never a panic.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable))]

pub mod analysis;
pub mod bench;
pub mod calibration;
pub mod capture;
pub mod cli;
pub mod dataset;
pub mod eval;
pub mod expression;
pub mod face;
pub mod facs;
pub mod image;
pub mod infer;
pub mod motion;
pub mod overlay;
pub mod pipeline;
pub mod session;
pub mod spot;
pub mod synth;
pub mod tables;
pub mod train;
pub mod types;

//! What a protocol's values must be: everything that is wrong is collected, so that a file is corrected once.

use std::collections::HashSet;

use super::file::{BlockFile, ProtocolFile, StepFile};
use super::{MarkerKey, Order, StepEnd, StepKind, Stimulus, Target};

/// Longest text of a step, in characters: what can be read on a small screen.
pub const MAX_TEXT_CHARS: usize = 600;
/// Longest step, in seconds: a day.
pub const MAX_SHOWN_S: f64 = 86_400.0;
/// Shortest and longest calibration, in seconds: below, noise cannot be told from motion; above, no face stays still.
const CALIBRATION_S: [f64; 2] = [5.0, 120.0];
/// Longest name of a protocol or marker, in characters.
const MAX_NAME_CHARS: usize = 64;

/// A protocol whose values are sound, and whose pictures were not looked for.
pub(super) struct Draft {
    pub(super) stimulus: Stimulus,
    pub(super) order: Order,
    pub(super) images: Option<String>,
    pub(super) markers: Vec<MarkerKey>,
    pub(super) blocks: Vec<DraftBlock>,
}

pub(super) struct DraftBlock {
    pub(super) target: Target,
    pub(super) steps: Vec<DraftStep>,
}

pub(super) struct DraftStep {
    pub(super) kind: StepKind,
    pub(super) text: String,
    pub(super) pictures: Pictures,
    pub(super) end: StepEnd,
}

/// The pictures that a step shows, below the folder of images.
pub(super) enum Pictures {
    None,
    One(String),
    Each(String),
}

/// Where in the file: `block 2 (anger), step 3`. People count from 1.
pub(super) fn place(block: usize, target: &str, step: usize) -> String {
    format!("block {} ({target}), step {}", block + 1, step + 1)
}

/// Checks everything but the pictures.
///
/// # Errors
/// All problems, each with its place and the next step.
pub(super) fn draft_from_file(file: &ProtocolFile) -> Result<Draft, Vec<String>> {
    let mut problems = Vec::new();
    if !is_file_name(&file.name) {
        problems.push(format!(
            "name {:?}: use letters, digits, - and _, at most {MAX_NAME_CHARS}",
            shown(&file.name)
        ));
    }
    check_text("title", &file.title, &mut problems);
    let stimulus = one_of("stimulus", &file.stimulus, Stimulus::ALL, Stimulus::name, &mut problems);
    let order = one_of("order", &file.order, Order::ALL, Order::name, &mut problems);
    let [shortest, longest] = CALIBRATION_S;
    if !(shortest..=longest).contains(&file.calibration_s) {
        problems.push(format!(
            "calibration_s = {}: it opens every session; give {shortest} to {longest} seconds",
            file.calibration_s
        ));
    }
    let markers = markers(file, &mut problems);
    if file.blocks.is_empty() {
        problems.push("there is no [[block]]: add one with the steps to show".to_owned());
    }
    let mut blocks = Vec::new();
    for (index, block) in file.blocks.iter().enumerate() {
        blocks.extend(draft_block(index, block, file.images.is_some(), &mut problems));
    }
    match (stimulus, order) {
        (Some(stimulus), Some(order)) if problems.is_empty() => {
            Ok(Draft { stimulus, order, images: file.images.clone(), markers, blocks })
        }
        _ => Err(problems),
    }
}

fn markers(file: &ProtocolFile, problems: &mut Vec<String>) -> Vec<MarkerKey> {
    let (mut keys, mut names) = (HashSet::new(), HashSet::new());
    let mut markers = Vec::new();
    for (index, marker) in file.markers.iter().enumerate() {
        let place = format!("marker {} ({:?})", index + 1, shown(&marker.name));
        let mut chars = marker.key.chars();
        let key = chars.next().filter(|key| key.is_ascii_digit() && chars.next().is_none());
        match key {
            None => problems.push(format!("{place}: key {:?}: use a digit, 0 to 9", shown(&marker.key))),
            Some(key) if !keys.insert(key) => {
                problems.push(format!("{place}: key \"{key}\" is taken; use another digit"));
            }
            Some(key) => markers.push(MarkerKey { key, name: marker.name.clone() }),
        }
        let length = marker.name.chars().count();
        if marker.name.trim().is_empty() || length > MAX_NAME_CHARS || marker.name.contains(char::is_control)
        {
            problems.push(format!("{place}: name it in 1 to {MAX_NAME_CHARS} characters on one line"));
        } else if !names.insert(marker.name.as_str()) {
            problems.push(format!("{place}: the name is taken; use another, so that they can be told apart"));
        }
    }
    markers
}

fn draft_block(
    index: usize,
    block: &BlockFile,
    has_images: bool,
    problems: &mut Vec<String>,
) -> Option<DraftBlock> {
    let name = shown(&block.target);
    let place_of_block = format!("block {} ({name})", index + 1);
    let target = Target::all().find(|target| target.name() == block.target);
    if target.is_none() {
        let names: Vec<_> = Target::all().map(Target::name).collect();
        problems.push(format!("{place_of_block}: unknown target; use one of {}", names.join(", ")));
    }
    if block.steps.is_empty() {
        problems.push(format!("{place_of_block} is empty: add a [[block.step]], or take the block out"));
    }
    let steps: Vec<DraftStep> = block
        .steps
        .iter()
        .enumerate()
        .filter_map(|(step_index, step)| {
            draft_step(&place(index, &name, step_index), step, has_images, problems)
        })
        .collect();
    Some(DraftBlock { target: target?, steps })
}

fn draft_step(
    place: &str,
    step: &StepFile,
    has_images: bool,
    problems: &mut Vec<String>,
) -> Option<DraftStep> {
    let kind = one_of(&format!("{place}: kind"), &step.kind, StepKind::ALL, StepKind::name, problems);
    let end = step_end(place, step, problems);
    check_text(&format!("{place}: text"), &step.text, problems);
    let kind = kind?;
    let has_text = !step.text.trim().is_empty();
    match kind {
        StepKind::Prompt | StepKind::Question if !has_text => {
            problems.push(format!("{place}: a {} needs words; add text = \"...\"", kind.name()));
        }
        StepKind::Blank if has_text => {
            problems
                .push(format!("{place}: a blank shows nothing; use kind = \"prompt\", or take the text out"));
        }
        _ => {}
    }
    let pictures = match (kind, &step.image, &step.each) {
        (StepKind::Image, Some(image), None) => Pictures::One(image.clone()),
        (StepKind::Image, None, Some(each)) => Pictures::Each(each.clone()),
        (StepKind::Image, ..) => {
            problems.push(format!(
                "{place}: an image needs either image = \"FILE\" or each = \"FOLDER\", and not both"
            ));
            Pictures::None
        }
        (_, None, None) => Pictures::None,
        _ => {
            problems.push(format!("{place}: a {} shows no image; use kind = \"image\"", kind.name()));
            Pictures::None
        }
    };
    if kind == StepKind::Image && !has_images {
        problems
            .push(format!("{place}: say where the images are: images = \"FOLDER\" at the top of the file"));
    }
    if let Pictures::One(path) | Pictures::Each(path) = &pictures
        && !is_below(path)
    {
        problems.push(format!(
            "{place}: {:?} must lie below the folder of images; give it from there",
            shown(path)
        ));
    }
    Some(DraftStep { kind, text: step.text.trim().to_owned(), pictures, end: end? })
}

fn step_end(place: &str, step: &StepFile, problems: &mut Vec<String>) -> Option<StepEnd> {
    let mut is_sound = |key: &str, seconds: f64| {
        let is_sound = seconds > 0.0 && seconds <= MAX_SHOWN_S;
        if !is_sound {
            problems.push(format!("{place}: {key} = {seconds}: give seconds above 0, at most {MAX_SHOWN_S}"));
        }
        is_sound
    };
    match (step.until_key, step.duration_s, step.at_most_s) {
        (false, Some(seconds), None) => is_sound("duration_s", seconds).then_some(StepEnd::After(seconds)),
        (true, None, at_most_s) => at_most_s
            .is_none_or(|seconds| is_sound("at_most_s", seconds))
            .then_some(StepEnd::AtKey { at_most_s }),
        (true, Some(_), _) => {
            problems.push(format!(
                "{place}: duration_s and until_key = true exclude each other; use at_most_s for the longest time"
            ));
            None
        }
        (false, _, Some(_)) => {
            problems.push(format!(
                "{place}: at_most_s goes with until_key = true; use duration_s alone otherwise"
            ));
            None
        }
        (false, None, None) => {
            problems.push(format!("{place}: say when it ends: duration_s = SECONDS, or until_key = true"));
            None
        }
    }
}

fn one_of<T: Copy, const N: usize>(
    what: &str,
    word: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
    problems: &mut Vec<String>,
) -> Option<T> {
    let found = all.into_iter().find(|value| name(*value) == word);
    if found.is_none() {
        problems.push(format!(
            "{what} {:?} is unknown; use one of {}",
            shown(word),
            all.map(name).join(", ")
        ));
    }
    found
}

fn check_text(what: &str, text: &str, problems: &mut Vec<String>) {
    let length = text.chars().count();
    if length > MAX_TEXT_CHARS {
        problems.push(format!(
            "{what} has {length} characters; shorten it to {MAX_TEXT_CHARS}, or make two steps of it"
        ));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        problems.push(format!("{what} holds control characters (a tab?); use plain words and line breaks"));
    }
}

/// A name that can be part of a file's name.
fn is_file_name(name: &str) -> bool {
    (1..=MAX_NAME_CHARS).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// A relative path without a way up.
fn is_below(path: &str) -> bool {
    use std::path::{Component, Path};
    let mut parts = Path::new(path).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// A word from the file, short enough for a message.
fn shown(word: &str) -> String {
    let mut chars = word.chars();
    let start: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() { start + "…" } else { start }
}

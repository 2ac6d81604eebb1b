//! The keys, in one table: the window acts on it, the help panel lists it, the README is tested against it.

use minifb::Key;

use super::scene::Layers;

/// A layer that a key shows or hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerKey {
    /// [`Layers::outline`].
    Outline,
    /// [`Layers::landmarks`].
    Landmarks,
    /// [`Layers::arrows`].
    Arrows,
    /// [`Layers::traces`].
    Traces,
    /// [`Layers::bars`].
    Bars,
    /// [`Layers::events`].
    Events,
    /// [`Layers::stats`].
    Stats,
}

/// What the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Pause or go on.
    Pause,
    /// Set a marker at this moment.
    Marker,
    /// Save the picture as it is shown.
    Screenshot,
    /// Take the present face as the new reference.
    Recalibrate,
    /// Show or hide a layer.
    ToggleLayer(LayerKey),
    /// Trace the next set of regions ([`super::TRACE_SETS`]).
    NextRegions,
    /// Mirror the picture or stop mirroring it.
    Mirror,
    /// Show or hide the help panel.
    Help,
    /// End the program.
    Quit,
}

/// One row of the key table.
#[derive(Clone, Copy, Debug)]
pub struct KeyBinding {
    /// The keys as the help panel writes them.
    pub label: &'static str,
    /// What they do, in a few words.
    pub help: &'static str,
    /// What is asked for.
    pub action: Action,
    /// The physical keys. `?` comes as a character, since its key differs between keyboards.
    pub keys: &'static [Key],
}

const fn key(label: &'static str, help: &'static str, action: Action, keys: &'static [Key]) -> KeyBinding {
    KeyBinding { label, help, action, keys }
}

/// All keys, in the order of the help panel.
pub const KEYS: &[KeyBinding] = &[
    key("space", "pause or go on", Action::Pause, &[Key::Space]),
    key("m", "set a marker", Action::Marker, &[Key::M]),
    key("s", "save a screenshot", Action::Screenshot, &[Key::S]),
    key("r", "recalibrate on this face", Action::Recalibrate, &[Key::R]),
    key("x", "mirror the picture", Action::Mirror, &[Key::X]),
    key("tab", "trace the next regions", Action::NextRegions, &[Key::Tab]),
    key("o", "face outline", Action::ToggleLayer(LayerKey::Outline), &[Key::O]),
    key("l", "landmarks", Action::ToggleLayer(LayerKey::Landmarks), &[Key::L]),
    key("a", "motion arrows", Action::ToggleLayer(LayerKey::Arrows), &[Key::A]),
    key("t", "motion traces", Action::ToggleLayer(LayerKey::Traces), &[Key::T]),
    key("b", "expression bars", Action::ToggleLayer(LayerKey::Bars), &[Key::B]),
    key("e", "event list", Action::ToggleLayer(LayerKey::Events), &[Key::E]),
    key("i", "frame rate and latency", Action::ToggleLayer(LayerKey::Stats), &[Key::I]),
    key("h, F1 or ?", "this help", Action::Help, &[Key::H, Key::F1]),
    key("q or Esc", "quit", Action::Quit, &[Key::Q, Key::Escape]),
];

/// What a physical key asks for.
pub(super) fn action_of_key(key: Key) -> Option<Action> {
    KEYS.iter().find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

impl Layers {
    /// Shows what is hidden, hides what is shown.
    pub fn toggle(&mut self, layer: LayerKey) {
        let shown = match layer {
            LayerKey::Outline => &mut self.outline,
            LayerKey::Landmarks => &mut self.landmarks,
            LayerKey::Arrows => &mut self.arrows,
            LayerKey::Traces => &mut self.traces,
            LayerKey::Bars => &mut self.bars,
            LayerKey::Events => &mut self.events,
            LayerKey::Stats => &mut self.stats,
        };
        *shown = !*shown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_and_no_action_occurs_twice() {
        let mut keys: Vec<Key> = KEYS.iter().flat_map(|b| b.keys.iter().copied()).collect();
        let count = keys.len();
        keys.sort_unstable_by_key(|k| *k as u32);
        keys.dedup();
        assert_eq!(keys.len(), count);
        for (i, binding) in KEYS.iter().enumerate() {
            assert!(KEYS[..i].iter().all(|other| other.action != binding.action), "{binding:?}");
        }
    }

    #[test]
    fn toggling_twice_changes_nothing_and_once_one_layer() {
        for binding in KEYS {
            let Action::ToggleLayer(layer) = binding.action else { continue };
            let mut layers = Layers::default();
            layers.toggle(layer);
            assert_ne!(layers, Layers::default());
            layers.toggle(layer);
            assert_eq!(layers, Layers::default());
        }
    }
}

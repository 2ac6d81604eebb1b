//! Device files of cameras: /dev/videoN, and which of them are meant.

use std::fs;
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use v4l::Device;
use v4l::capability::Flags;

use crate::capture::camera::fault::CameraFault;
use crate::capture::camera::request::DeviceChoice;

/// A file /dev/videoN: perhaps a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// Its number.
    pub(super) index: u32,
    /// The name that its driver gives it.
    pub(super) name: String,
}

impl Node {
    /// Opens it; `None` where it captures no pictures (metadata, outputs, codecs).
    pub(super) fn open(&self) -> Result<Option<Device>, CameraFault> {
        let device = Device::new(self.index as usize).map_err(|e| fault_of(&e))?;
        let abilities = device.query_caps().map_err(|e| fault_of(&e))?.capabilities;
        let is_camera = abilities.contains(Flags::VIDEO_CAPTURE | Flags::STREAMING);
        Ok(is_camera.then_some(device))
    }
}

/// All files /dev/videoN, in the order of their numbers.
pub(super) fn all() -> Vec<Node> {
    nodes_in(Path::new("/dev"), Path::new("/sys/class/video4linux"))
}

fn nodes_in(devices: &Path, names: &Path) -> Vec<Node> {
    let Ok(entries) = fs::read_dir(devices) else { return Vec::new() };
    let number_of = |entry: io::Result<fs::DirEntry>| {
        entry.ok()?.file_name().to_str()?.strip_prefix("video")?.parse::<u32>().ok()
    };
    let mut numbers: Vec<u32> = entries.filter_map(number_of).collect();
    numbers.sort_unstable();
    let node = |index: u32| {
        // Names are cut after 31 bytes, perhaps within a letter.
        let name = fs::read(names.join(format!("video{index}/name"))).unwrap_or_default();
        let name = String::from_utf8_lossy(&name).trim().to_owned();
        Node { index, name: if name.is_empty() { format!("Camera {index}") } else { name } }
    };
    numbers.into_iter().map(node).collect()
}

/// The files that a choice can mean, best first.
pub(super) fn choose<'a>(nodes: &'a [Node], choice: &DeviceChoice) -> Vec<&'a Node> {
    let wanted = |node: &&Node| match choice {
        DeviceChoice::Any => true,
        DeviceChoice::Index(index) => node.index == *index,
        DeviceChoice::Name(name) => node.name.to_lowercase().contains(&name.to_lowercase()),
    };
    nodes.iter().filter(wanted).collect()
}

/// What cameras there are, for an error message.
pub(super) fn listed(nodes: &[Node]) -> String {
    let cameras: Vec<String> = nodes
        .iter()
        .filter(|node| !matches!(guarded(|| node.open()), Ok(None)))
        .map(|node| format!("{} \"{}\"", node.index, node.name))
        .collect();
    if cameras.is_empty() {
        "the system has no camera".to_owned()
    } else {
        format!("there are: {}", cameras.join(", "))
    }
}

/// What a system error means for a camera.
pub(super) fn fault_of(error: &io::Error) -> CameraFault {
    CameraFault::of_linux(error.raw_os_error(), &error.to_string())
}

/// Runs calls into a camera library that panics where a driver says what it does not expect: that is a fault like
/// another.
pub(super) fn guarded<T>(ask: impl FnOnce() -> Result<T, CameraFault>) -> Result<T, CameraFault> {
    // What `ask` may leave half done is the camera that it was opening, which is dropped.
    std::panic::catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
        Err(CameraFault::Failed("the driver said what its library does not understand".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_library_is_a_fault() {
        assert_eq!(guarded(|| Ok(7)), Ok(7));
        let result = guarded::<()>(|| panic!("as the test wants"));
        assert!(matches!(result, Err(CameraFault::Failed(_))), "{result:?}");
    }

    fn nodes() -> Vec<Node> {
        [(0, "Integrated Camera"), (2, "Logitech C920"), (4, "Logitech BRIO")]
            .map(|(index, name)| Node { index, name: name.to_owned() })
            .to_vec()
    }

    #[test]
    fn a_camera_is_chosen_by_number_or_by_part_of_its_name() {
        let nodes = nodes();
        let chosen = |choice| -> Vec<u32> { choose(&nodes, &choice).iter().map(|node| node.index).collect() };
        assert_eq!(chosen(DeviceChoice::Index(2)), [2]);
        assert_eq!(chosen(DeviceChoice::Name("brio".to_owned())), [4]);
        assert_eq!(chosen(DeviceChoice::Name("LOGI".to_owned())), [2, 4]);
        assert_eq!(chosen(DeviceChoice::Any), [0, 2, 4]);
        assert_eq!(chosen(DeviceChoice::Index(1)), [0_u32; 0]);
        assert_eq!(listed(&[]), "the system has no camera");
    }

    #[test]
    fn device_files_come_in_the_order_of_their_numbers_with_their_names() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["video10", "video2", "video", "videotex", "vbi0", "video-1"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        fs::create_dir(dir.path().join("names")).unwrap();
        fs::create_dir(dir.path().join("names/video2")).unwrap();
        fs::write(dir.path().join("names/video2/name"), b"Kamera f\xc3\xbcr zwei\xc3\n").unwrap();
        let found = nodes_in(dir.path(), &dir.path().join("names"));
        let found: Vec<_> = found.iter().map(|node| (node.index, node.name.as_str())).collect();
        assert_eq!(found, [(2, "Kamera für zwei\u{fffd}"), (10, "Camera 10")]);
        assert!(nodes_in(&dir.path().join("none"), dir.path()).is_empty());
    }

    #[test]
    fn a_missing_device_file_is_told_apart() {
        let node = Node { index: 63_999, name: String::new() };
        assert!(matches!(node.open(), Err(CameraFault::NotFound(_))));
    }
}

//! What is done with a dataset that was opened: joined, hashed, freed of what cannot be decoded.

use super::test_trees::*;
use super::*;

fn folder(tree: &Tree, top: &str) -> Dataset {
    for (name, level) in [("anger/P1_1.png", 1), ("fear/P1_2.png", 2), ("fear/x.png", 3)] {
        tree.picture(&format!("{top}/{name}"), level);
    }
    open(&tree.path(top), Unit::Picture, ClassScheme::AsFound)
}

#[test]
fn joined_datasets_keep_people_apart() {
    let tree = Tree::new();
    let joined =
        Dataset::join(vec![folder(&tree, "one/set"), folder(&tree, "two/set"), folder(&tree, "other")])
            .unwrap();
    assert_eq!(joined.examples.len(), 9);
    assert_eq!(told(&joined)[0], ("set/anger/P1_1.png", "set/P1", "anger"));
    assert_eq!(told(&joined)[3].0, "set/anger/P1_1.png#2", "names stay unique");
    assert_eq!(told(&joined)[6].1, "other/P1");
    assert_eq!(told(&joined)[2].1, "", "whom nobody knows stays unknown");
    let again = Dataset::join(vec![folder(&tree, "other"), folder(&tree, "other")]).unwrap_err().to_string();
    assert!(again.contains("/other: it is given twice; give it once"), "{again}");
    tree.picture("more/joy/a.png", 1);
    tree.picture("more/anger/a.png", 1);
    let more = open(&tree.path("more"), Unit::Picture, ClassScheme::AsFound);
    let other = Dataset::join(vec![folder(&tree, "other"), more]).unwrap_err().to_string();
    assert!(
        other.contains("/more: its classes are anger, joy, and those of") && other.contains("--classes"),
        "{other}"
    );
    assert!(Dataset::join(Vec::new()).unwrap_err().to_string().contains("no data were given"));
}

#[test]
fn cameras_of_one_corpus_show_the_same_people() {
    let tree = Tree::new();
    for camera in ["HS", "VIS"] {
        tree.frames(&format!("{camera}/s1/micro/positive/s1_po_01/image"), 10..=16, 6, ".bmp");
    }
    let sets = ["HS", "VIS"].map(|camera| open(&tree.path(camera), Unit::Clip, ClassScheme::Three));
    let joined = Dataset::join(sets.to_vec()).unwrap();
    assert_eq!(
        told(&joined),
        [("SMIC-HS/s01/s1_po_01", "SMIC/s01", "positive"), ("SMIC-VIS/s01/s1_po_01", "SMIC/s01", "positive")]
    );
}

#[test]
fn the_fingerprint_follows_what_is_there_and_not_where() {
    let tree = Tree::new();
    let first = folder(&tree, "one").fingerprint().unwrap();
    assert_eq!(folder(&tree, "two").fingerprint().unwrap(), first);
    let mut other = folder(&tree, "two");
    other.examples[0].class = 1;
    assert_ne!(other.fingerprint().unwrap(), first);
    let mut other = folder(&tree, "two");
    other.examples[0].subject = "P2".to_owned();
    assert_ne!(other.fingerprint().unwrap(), first);
    tree.picture("two/fear/x.png", 200);
    let changed = open(&tree.path("two"), Unit::Picture, ClassScheme::AsFound);
    assert_ne!(changed.fingerprint().unwrap(), first);
    std::fs::remove_file(tree.path("two/fear/x.png")).unwrap();
    assert!(changed.fingerprint().unwrap_err().to_string().contains("two/fear/x.png"));
}

#[test]
fn one_damaged_picture_costs_itself_only() {
    let tree = Tree::new();
    folder(&tree, "set");
    tree.text("set/fear/P9_0.png", "no picture");
    let mut set = open(&tree.path("set"), Unit::Picture, ClassScheme::AsFound);
    assert_eq!(set.examples.len(), 4, "opening decodes nothing");
    let damaged = set.examples.iter().find(|example| example.name == "fear/P9_0.png").unwrap();
    let error = damaged.media.gray().unwrap_err().to_string();
    assert!(error.contains("set/fear: P9_0.png: "), "{error}");
    let mut stopped = set.clone();
    assert_eq!(stopped.leave_out_unreadable(|count| count < 2), 0, "stopped before it");
    assert_eq!(stopped.examples.len(), 4);
    let mut counts = Vec::new();
    let moved = set.leave_out_unreadable(|count| {
        counts.push(count);
        true
    });
    assert_eq!((moved, counts, set.examples.len()), (1, vec![1, 2, 3, 4], 3));
    assert!(why(&set, "fear/P9_0.png").contains("P9_0.png"));
}

#[test]
fn a_clip_with_a_damaged_frame_is_left_out() {
    let tree = Tree::new();
    tree.frames("HS/s1/micro/positive/s1_po_01/image", 10..=16, 6, ".bmp");
    tree.frames("HS/s2/micro/negative/s2_ne_01/image", 10..=16, 6, ".bmp");
    tree.text("HS/s2/micro/negative/s2_ne_01/image000015.bmp", "torn");
    let mut set = open(&tree.path("HS"), Unit::Clip, ClassScheme::Three);
    assert_eq!(set.leave_out_unreadable(|_| true), 1);
    assert!(why(&set, "s02/s2_ne_01").contains("image000015.bmp"));
}

#[test]
fn flow_maps_of_another_size_are_told_when_they_are_loaded() {
    let tree = Tree::new();
    tree.colour("a/u_test/0/1.png", FLOW_SIDE_PX, [1, 1, 1]);
    tree.colour("a/u_test/0/2.png", 42, [1, 1, 1]);
    let mut set = open(&tree.path(""), Unit::Clip, ClassScheme::Three);
    let error = set.examples[1].media.rgb().unwrap_err().to_string();
    assert!(
        error.contains("0/2.png: a flow map is 28 x 28 px in colour") && error.contains("this is 42 x 42 px"),
        "{error}"
    );
    assert_eq!((set.leave_out_unreadable(|_| true), set.examples.len()), (1, 1));
}

#[test]
fn gray_is_the_luma_of_all_other_pictures() {
    let tree = Tree::new();
    tree.colour("set/anger/a.png", 4, [255, 0, 0]);
    tree.colour("set/fear/a.png", 4, [0, 0, 0]);
    let set = open(&tree.path("set"), Unit::Picture, ClassScheme::AsFound);
    assert_eq!(set.examples[0].media.gray().unwrap().get_pixel(0, 0).0, [76], "0.299 * 255");
    assert_eq!(set.examples[0].media.rgb().unwrap().get_pixel(0, 0).0, [255, 0, 0]);
}

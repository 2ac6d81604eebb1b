//! Every form but the corpora: manifests, image folders, FER+, flow maps, and what is none of them.

use super::test_trees::*;
use super::*;
use crate::dataset::CorpusKind;

const MANIFEST_HEADER: &str = "sample,path,path_colour,participant,gender,session,stimulus,step,time_s,role,kind,label,label_source,\
                               coder,event,onset_s,apex_s,offset_s,action_units,source_sha256\n";

/// A dataset of Onset: interval frames, a whole event, one without an apex, a masked one, one without a label.
fn own(tree: &Tree, top: &str) {
    let mut manifest = MANIFEST_HEADER.to_owned();
    for (sample, person, role, kind, label, event) in [
        ("P1-f1-interval", "P1", "interval", "micro", "anger", ""),
        ("P1-e1-onset", "P1", "onset", "micro", "sadness", "P1-e1"),
        ("P1-e1-apex", "P1", "apex", "micro", "sadness", "P1-e1"),
        ("P1-e1-offset", "P1", "offset", "micro", "sadness", "P1-e1"),
        ("P1-e2-onset", "P1", "onset", "micro", "anger", "P1-e2"),
        ("P2-e3-onset", "P2", "onset", "masked", "happy_but_sad", "P2-e3"),
        ("P2-e3-apex", "P2", "apex", "masked", "happy_but_sad", "P2-e3"),
        ("P2-e4-apex", "P2", "apex", "micro", "", "P2-e4"),
        ("P2-f2-interval", "P2", "interval", "micro", "other", ""),
        ("P2-f3-interval", "P2", "interval", "micro", "anger", ""),
    ] {
        let gender = if person == "P1" { "female" } else { "" };
        manifest += &format!(
            "{sample},gray/{sample}.png,colour/{sample}.png,{person},{gender},{person}-s,image,anger-01,1.5,{role},{kind},{label},step,,\
             {event},,,,4,00\n"
        );
        if sample != "P2-f3-interval" {
            tree.picture(&format!("{top}/gray/{sample}.png"), 7);
            tree.colour(&format!("{top}/colour/{sample}.png"), 4, [250, 0, 0]);
        }
    }
    tree.text(&format!("{top}/manifest.csv"), &manifest);
    tree.text(&format!("{top}/candidates/P1-e1/clip.json"), "{}");
}

#[test]
fn a_manifest_gives_pictures() {
    let tree = Tree::new();
    own(&tree, "DS");
    let set = open(&tree.path("DS"), Unit::Picture, ClassScheme::AsFound);
    assert_eq!(set.form, Form::Manifest);
    assert_eq!(
        told(&set),
        [
            ("P1-e1-apex", "P1", "sadness"),
            ("P1-f1-interval", "P1", "anger"),
            ("P2-e3-apex", "P2", "happy_but_sad"),
            ("P2-f2-interval", "P2", "other"),
        ]
    );
    assert_eq!(set.classes, ["anger", "happy_but_sad", "other", "sadness"]);
    assert_eq!(why(&set, "P2-e4-apex"), "nobody gave it a label");
    assert!(why(&set, "P2-f3-interval").contains("gray/P2-f3-interval.png is not there"));
    let first = &set.examples[1];
    assert_eq!(
        (first.gender.as_str(), first.stimulus.as_str(), first.kind.as_str()),
        ("female", "image", "micro")
    );
    assert_eq!((first.corpus.as_str(), first.action_units.as_str()), ("DS", "4"));
    assert_eq!(first.media.gray().unwrap().get_pixel(0, 0).0, [7]);
    assert_eq!(first.media.rgb().unwrap().get_pixel(0, 0).0, [250, 0, 0]);

    let params = OpenParams { classes: ClassScheme::Masked, ..OpenParams::default() };
    let masked = Dataset::open(&tree.path("DS/manifest.csv"), &params).unwrap();
    assert_eq!(told(&masked), [("P2-e3-apex", "P2", "happy_but_sad")]);
    assert_eq!(masked.classes, ["happy_but_sad", "happy_but_angry"]);
    let params =
        OpenParams { roles: vec![Role::Onset], kind: Some(SampleKind::Micro), ..OpenParams::default() };
    let onsets = Dataset::open(&tree.path("DS"), &params).unwrap();
    assert_eq!(told(&onsets), [("P1-e1-onset", "P1", "sadness"), ("P1-e2-onset", "P1", "anger")]);
}

#[test]
fn a_manifest_gives_events() {
    let tree = Tree::new();
    own(&tree, "DS");
    let set = open(&tree.path("DS"), Unit::Clip, ClassScheme::Five);
    assert_eq!(told(&set), [("P1-e1", "P1", "sadness")]);
    let (frames, onset, apex, offset) = clip(&set.examples[0]);
    assert_eq!(frames, ["P1-e1-onset.png", "P1-e1-apex.png", "P1-e1-offset.png"]);
    assert_eq!((onset, apex, offset), (0, 1, Some(2)));
    let Media::Clip(clip) = &set.examples[0].media else { panic!("a clip") };
    assert!(clip.traces.as_ref().unwrap().ends_with("candidates/P1-e1/clip.json"));
    assert!(why(&set, "P1-e2").contains("no sample at its onset or none at its apex"));
    assert_eq!(why(&set, "P2-e3"), "`happy_but_sad` is none of the classes of `five`");
}

#[test]
fn an_image_folder_by_class() {
    let tree = Tree::new();
    for name in
        ["anger/P1_1.png", "anger/P1_2.png", "Happiness/P2_10.png", "Happiness/P2_9.png", "Happiness/x.png"]
    {
        tree.picture(name, 1);
    }
    let set = open(&tree.path(""), Unit::Picture, ClassScheme::AsFound);
    assert_eq!(set.form, Form::ImageFolder);
    assert_eq!(
        told(&set),
        [
            ("anger/P1_1.png", "P1", "anger"),
            ("anger/P1_2.png", "P1", "anger"),
            ("Happiness/P2_9.png", "P2", "Happiness"),
            ("Happiness/P2_10.png", "P2", "Happiness"),
            ("Happiness/x.png", "", "Happiness"),
        ]
    );
    assert_eq!(open(&tree.path(""), Unit::Picture, ClassScheme::Three).counts(), [2, 3, 0]);
    let clips = refused(&tree.path(""), &OpenParams { unit: Unit::Clip, ..OpenParams::default() });
    assert!(clips.contains("single pictures, and events are wanted"), "{clips}");

    tree.text("subjects.csv", "path,subject,gender\nanger/P1_1.png,Ann,female\nHappiness/x.png,Bob,\n");
    let set = open(&tree.path(""), Unit::Picture, ClassScheme::AsFound);
    assert_eq!(told(&set), [("anger/P1_1.png", "Ann", "anger"), ("Happiness/x.png", "Bob", "Happiness")]);
    assert_eq!(set.examples[0].gender, "female");
    assert_eq!(why(&set, "anger/P1_2.png"), "subjects.csv has no line for it");
    tree.text("subjects.csv", "path,person\n");
    let column = refused(&tree.path(""), &OpenParams::default());
    assert!(
        column.contains("subjects.csv, line 1: there is no column `subject`; the header has path, person"),
        "{column}"
    );
}

#[test]
fn an_empty_class_is_told_by_its_folder() {
    let tree = Tree::new();
    tree.picture("anger/a.png", 1);
    std::fs::create_dir(tree.path("fear")).unwrap();
    let empty = refused(&tree.path(""), &OpenParams::default());
    assert!(
        empty.contains("/fear: this class has no pictures; put pictures into the folder, or remove it"),
        "{empty}"
    );
}

#[test]
fn the_parts_of_an_image_folder_share_their_classes() {
    let tree = Tree::new();
    for name in ["train/a/1.png", "train/b/1.png", "train/b/2.png", "val/b/3.png", "extra/b/4.png"] {
        tree.picture(name, 1);
    }
    let part = |part: &str| OpenParams { part: Some(part.to_owned()), ..OpenParams::default() };
    let set = Dataset::open(&tree.path(""), &part("valid")).unwrap();
    assert_eq!((told(&set), set.classes.len()), (vec![("val/b/3.png", "", "b")], 2));
    assert_eq!(set.empty_classes(), ["a"]);
    assert!(why(&set, "extra").contains("beside train, test and valid"));
    assert_eq!(Dataset::open(&tree.path(""), &part("train")).unwrap().counts(), [1, 2]);
    assert_eq!(open(&tree.path(""), Unit::Picture, ClassScheme::AsFound).examples.len(), 4);
    assert!(refused(&tree.path(""), &part("test")).contains("there is no part test; there are train, valid"));
}

#[test]
fn fer_plus_keeps_its_votes() {
    let tree = Tree::new();
    tree.text(
        "labels.csv",
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n\
         Training,a.png,0,6,0,0,0,4,0,0,0,0\nTraining,b.png,5,5,0,0,0,0,0,0,0,0\nTraining,c.png,0,0,0,0,0,0,0,0,9,1\n\
         Training,d.png,0,0,0,8,2,0,0,0,0,0\nTraining,gone.png,9,0,0,0,0,0,0,0,1,0\nPublicTest,e.png,10,0,0,0,0,0,0,0,0,0\n",
    );
    for name in ["train/a.png", "train/b.png", "train/c.png", "train/d.png", "train/z.png", "valid/e.png"] {
        tree.picture(name, 9);
    }
    let set = open(&tree.path(""), Unit::Picture, ClassScheme::AsFound);
    assert_eq!(set.form, Form::FerPlus);
    assert_eq!(
        told(&set),
        [("train/a.png", "", "happiness"), ("train/d.png", "", "sadness"), ("valid/e.png", "", "neutral")]
    );
    assert_eq!(set.examples[0].shares.as_deref(), Some(&[0.0, 0.6, 0.0, 0.0, 0.0, 0.4, 0.0, 0.0][..]));
    assert_eq!(why(&set, "train/b.png"), "two labels share the first place");
    assert_eq!(why(&set, "train/c.png"), "most people could not tell, or saw no face");
    assert_eq!(why(&set, "train/z.png"), "labels.csv does not list it");
    assert_eq!(why(&set, "train/gone.png"), "labels.csv lists it, and it is not there");
    assert_eq!(set.examples[0].media.gray().unwrap().get_pixel(0, 0).0, [9]);

    let params =
        OpenParams { part: Some("train".to_owned()), classes: ClassScheme::Three, ..OpenParams::default() };
    let three = Dataset::open(&tree.path(""), &params).unwrap();
    assert_eq!(told(&three), [("train/a.png", "", "positive"), ("train/d.png", "", "negative")]);
    assert_eq!(three.examples[1].shares.as_deref(), Some(&[1.0, 0.0, 0.0][..]));
    let none = OpenParams { part: Some("test".to_owned()), ..OpenParams::default() };
    assert!(refused(&tree.path(""), &none).contains("there is no part test"));
}

#[test]
fn flow_maps_in_a_table() {
    let tree = Tree::new();
    for name in ["maps/1.png", "maps/2.png", "maps/3.png"] {
        tree.colour(name, FLOW_SIDE_PX, [1, 2, 3]);
    }
    tree.text(
        "flow.csv",
        "subject,label,path,corpus\nsub01,0,maps/1.png,CASME II\n006,surprise,maps/2.png,SAMM\n006,1,maps/4.png,SAMM\n",
    );
    let set = open(&tree.path("flow.csv"), Unit::Clip, ClassScheme::AsFound);
    assert_eq!(set.form, Form::FlowTable);
    assert_eq!(told(&set), [("maps/1.png", "sub01", "negative"), ("maps/2.png", "006", "surprise")]);
    assert_eq!(set.classes, ["negative", "surprise"]);
    assert_eq!(open(&tree.path("flow.csv"), Unit::Clip, ClassScheme::Three).counts(), [1, 0, 1]);
    assert_eq!((set.examples[1].corpus.as_str(), set.left_out[0].name.as_str()), ("SAMM", "maps/4.png"));
    assert_eq!(set.examples[0].media.rgb().unwrap().get_pixel(3, 3).0, [1, 2, 3]);

    tree.text("flow.csv", "subject,label,path\n,1,maps/1.png\n");
    let empty = refused(&tree.path("flow.csv"), &OpenParams::default());
    assert!(
        empty.contains("flow.csv, line 2: column subject: it is empty, and each map needs one"),
        "{empty}"
    );
    let params = OpenParams { form: Some(Form::FlowTable), ..OpenParams::default() };
    tree.text("flow.csv", "subject,class,path\n");
    let column = refused(&tree.path("flow.csv"), &params);
    assert!(column.contains("there is no column `label`; the header has subject, class, path"), "{column}");
    tree.text("flow.csv", "subject,label,path\na,0,maps/1.png\nb,1,maps/1.png\n");
    let set = open(&tree.path("flow.csv"), Unit::Clip, ClassScheme::AsFound);
    assert_eq!(
        (set.examples.len(), why(&set, "maps/1.png")),
        (1, "it is listed twice; the first row is used")
    );
}

#[test]
fn flow_maps_in_folds() {
    let tree = Tree::new();
    for (subject, own, other) in [("sub01", "a", "b"), ("006", "b", "a")] {
        tree.colour(&format!("{subject}/u_test/0/{own}.png"), FLOW_SIDE_PX, [0, 0, 0]);
        tree.colour(&format!("{subject}/u_test/2/{own}2.png"), FLOW_SIDE_PX, [0, 0, 0]);
        tree.colour(&format!("{subject}/u_train/0/{other}.png"), FLOW_SIDE_PX, [0, 0, 0]);
    }
    tree.colour("s9/u_train/0/c.png", FLOW_SIDE_PX, [0, 0, 0]);
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::Three);
    assert_eq!(set.form, Form::FlowFolder);
    assert_eq!(
        told(&set),
        [
            ("006/0/b.png", "006", "negative"),
            ("006/2/b2.png", "006", "surprise"),
            ("sub01/0/a.png", "sub01", "negative"),
            ("sub01/2/a2.png", "sub01", "surprise"),
        ]
    );
    assert!(why(&set, "s9").contains("no folder u_test"));
    std::fs::create_dir_all(tree.path("s9/u_test/0")).unwrap();
    assert!(
        refused(&tree.path(""), &OpenParams::default()).contains("s9/u_test: this class has no pictures")
    );
}

#[test]
fn what_is_none_of_the_forms_is_told() {
    let tree = Tree::new();
    std::fs::create_dir(tree.path("empty")).unwrap();
    let nothing = refused(&tree.path("empty"), &OpenParams::default());
    assert!(
        nothing.contains(
            "it has nothing, and this is none of the known forms: a dataset of Onset (manifest.csv)"
        ),
        "{nothing}"
    );
    tree.text("some/notes.txt", "");
    tree.picture("some/loose.png", 1);
    let loose = refused(&tree.path("some"), &OpenParams::default());
    assert!(
        loose.contains("it has loose.png, notes.txt, and this is none") && loose.contains("--form"),
        "{loose}"
    );
    let file = refused(&tree.path("some/notes.txt"), &OpenParams::default());
    assert!(
        file.contains(
            "notes.txt: this file is neither a manifest nor a table of flow maps (subject,label,path)"
        ),
        "{file}"
    );
    let missing = refused(&tree.path("nowhere"), &OpenParams::default());
    assert!(missing.contains("/nowhere: No such file"), "{missing}");
    tree.text("torn/dataset.toml", "");
    assert!(refused(&tree.path("torn"), &OpenParams::default()).contains("building this dataset broke off"));
    tree.text("bad/manifest.csv", "sample\n");
    assert!(
        refused(&tree.path("bad"), &OpenParams::default())
            .contains("manifest.csv, line 1: there is no columns path")
    );
    tree.picture("flat/images/1.png", 1);
    tree.text("flat/samples.csv", "path,label\n");
    let one = refused(&tree.path("flat"), &OpenParams::default());
    assert!(one.contains("it has images/, samples.csv, and this is none"), "{one}");
    tree.picture("flat/anger/1.png", 1);
    let masked = OpenParams { classes: ClassScheme::Masked, ..OpenParams::default() };
    let none = refused(&tree.path("flat"), &masked);
    assert!(
        none.contains(
            "2 were left out, the first anger/1.png (1: `anger` is none of the classes of `masked`; 1: `images` is none"
        ),
        "{none}"
    );
}

#[test]
fn forms_and_classes_have_names() {
    for form in Form::all() {
        assert_eq!(form.to_string().parse(), Ok(form));
    }
    assert_eq!("casme2".parse(), Ok(Form::Corpus(CorpusKind::Casme2)));
    assert!(
        "casme4"
            .parse::<Form>()
            .unwrap_err()
            .contains("manifest, imagefolder, ferplus, flow-table, flow-folder, casme,")
    );
    for scheme in ClassScheme::ALL {
        assert_eq!(scheme.to_string().parse(), Ok(scheme));
    }
    assert!("six".parse::<ClassScheme>().unwrap_err().contains("as-found, eight, five, three, masked"));
}

//! Each corpus, from a small tree in the form in which it is distributed.

use std::path::Path;

use super::test_trees::*;
use super::*;
use crate::dataset::CorpusKind;
use crate::types::Label;

fn casme2(tree: &Tree, top: &str) {
    tree.book(
        &format!("{top}/CASME2-coding-20140508.xlsx"),
        &[(
            "Sheet1",
            &[
                CASME2_HEADER,
                &["1", "EP02_01f", "", "46", "59", "86", "", "12", "happiness"],
                &["1", "EP03_02", "", "10", "/", "20", "", "4", "others"],
                &["2", "EP01_11f", "", "3", "5", "7", "", "4+7", "disgust"],
                &["2", "EP09_01", "", "3", "5", "7", "", "4", "repression"],
                &["2", "EP12_01", "", "30", "5", "70", "", "4", "repression"],
                &["3", "EP99_01", "", "3", "5", "7", "", "4", "sadness"],
            ],
        )],
    );
    tree.frames(&format!("{top}/Cropped/sub01/EP02_01f/reg_img"), 46..=86, 0, ".jpg");
    tree.frames(&format!("{top}/CASME2_RAW_selected/sub01/EP02_01f/img"), 40..=90, 0, ".jpg");
    tree.frames(&format!("{top}/Cropped/sub01/EP03_02/reg_img"), 10..=20, 0, ".jpg");
    tree.frames(&format!("{top}/Cropped/sub02/EP01_11f/reg_img"), 1..=5, 0, ".jpg");
    tree.frames(&format!("{top}/Cropped/sub02/EP09_01/reg_img"), 50..=53, 0, ".jpg");
    tree.frames(&format!("{top}/Cropped/sub02/EP12_01/reg_img"), 1..=90, 0, ".jpg");
}

#[test]
fn casme_ii() {
    let tree = Tree::new();
    casme2(&tree, "data");
    let set = open(&tree.path("data"), Unit::Clip, ClassScheme::AsFound);
    assert_eq!(set.form, Form::Corpus(CorpusKind::Casme2));
    assert_eq!(
        told(&set),
        [
            ("sub01/EP02_01f@46", "sub01", "happiness"),
            ("sub01/EP03_02@10", "sub01", "others"),
            ("sub02/EP01_11f@3", "sub02", "disgust")
        ]
    );
    let (frames, onset, apex, offset) = clip(&set.examples[0]);
    assert_eq!((frames.len(), onset, apex, offset), (41, 0, 13, Some(40)));
    assert_eq!(
        (frames[0].as_str(), frames[13].as_str()),
        ("reg_img46.jpg", "reg_img59.jpg"),
        "cropped ones win"
    );
    assert_eq!((fps(&set.examples[0]), set.examples[0].corpus.as_str()), (200.0, "CASME II"));
    let (_, _, apex, offset) = clip(&set.examples[1]);
    assert_eq!((apex, offset), (5, Some(10)), "an apex that nobody coded is the middle");
    let (frames, _, apex, offset) = clip(&set.examples[2]);
    assert_eq!((frames.len(), apex, offset), (3, 2, Some(2)), "a crop that ends early");
    assert_eq!(set.examples[2].action_units, "4+7");
    assert!(
        why(&set, "sub02/EP09_01@3")
            .contains("frame 3 (onset) is not in its folder, which has frames 50 to 53")
    );
    assert!(why(&set, "sub02/EP12_01@30").contains("its apex (5) is not between onset (30) and offset"));
    assert!(why(&set, "sub03/EP99_01@3").contains("no folder of frames like sub3/EP99_01"));

    // What lies beside a corpus is not the corpus.
    for class in ["anger", "fear"] {
        tree.picture(&format!("data/faces/{class}/P1_1.png"), 1);
    }
    assert_eq!(open(&tree.path("data/faces"), Unit::Picture, ClassScheme::AsFound).form, Form::ImageFolder);

    // The folder of the frames, the table above it; and the table itself.
    let set = open(&tree.path("data/Cropped"), Unit::Picture, ClassScheme::Eight);
    assert_eq!(
        told(&set),
        [("sub01/EP02_01f@46", "sub01", "happiness"), ("sub02/EP01_11f@3", "sub02", "disgust")]
    );
    assert_eq!(set.classes, Label::ALL.map(Label::name));
    assert_eq!(set.examples[0].media.gray().unwrap().get_pixel(0, 0).0[0].abs_diff(59), 0, "the apex frame");
    let table = tree.path("data/CASME2-coding-20140508.xlsx");
    assert_eq!(open(&table, Unit::Clip, ClassScheme::Five).examples.len(), 2);
}

#[test]
fn casme_in_the_old_binary_form() {
    let tree = Tree::new();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/casme.xls");
    tree.frames("Cropped/sub01/EP01_5/reg_EP01_5-", 113..=133, 5, ".jpg");
    tree.frames("Cropped/sub01/EP01_12/reg_EP01_12-", 73..=91, 5, ".jpg");
    std::fs::copy(golden, tree.path("CASME-coded-20190721.xls")).unwrap();
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::AsFound);
    assert_eq!(set.form, Form::Corpus(CorpusKind::Casme));
    assert_eq!(
        told(&set),
        [("sub01/EP01_5@113", "sub01", "happiness"), ("sub01/EP01_12@73", "sub01", "tense")]
    );
    assert_eq!(
        (clip(&set.examples[0]).2, fps(&set.examples[0])),
        (8, 60.0),
        "ApexF1, not the duration Onset"
    );
    assert_eq!(set.examples[0].action_units, "4+12");
}

#[test]
fn smic_by_its_folders() {
    let tree = Tree::new();
    for (camera, name) in [("HS", "image"), ("VIS", "reg_image")] {
        tree.frames(&format!("SMIC/{camera}/s1/micro/positive/s1_po_01/{name}"), 10..=16, 6, ".bmp");
        tree.frames(&format!("SMIC/{camera}/s1/micro/negative/s1_ne_01/{name}"), 3..=8, 6, ".bmp");
        tree.frames(&format!("SMIC/{camera}/s3/micro/surprise/s3_sur_02/{name}"), 3..=4, 6, ".bmp");
    }
    tree.frames("SMIC/HS/s3/micro/surprise/s3_sur_03/image", 3..=3, 6, ".bmp");
    tree.frames("SMIC/HS/s3/non_micro/s3_01/image", 3..=9, 6, ".bmp");
    let several = refused(&tree.path("SMIC"), &OpenParams::default());
    assert!(
        several.contains("it could be SMIC-HS or SMIC-VIS; say which with --form smic-hs or smic-vis"),
        "{several}"
    );
    let set = open(&tree.path("SMIC/HS"), Unit::Clip, ClassScheme::Three);
    assert_eq!(set.form, Form::Corpus(CorpusKind::SmicHs));
    assert_eq!(told(&set), [("s01/s1_ne_01", "s01", "negative"), ("s01/s1_po_01", "s01", "positive")]);
    assert_eq!(
        (clip(&set.examples[1]).2, fps(&set.examples[1])),
        (3, 100.0),
        "the middle stands for the apex"
    );
    assert!(why(&set, "s03/s3_sur_02").contains("no motion"));
    assert!(why(&set, "s03/s3_sur_03").contains("1 numbered frames"));
    let params = OpenParams { form: Some(Form::Corpus(CorpusKind::SmicVis)), ..OpenParams::default() };
    let set = Dataset::open(&tree.path("SMIC"), &params).unwrap();
    assert_eq!((set.examples.len(), set.examples[0].corpus.as_str()), (3, "SMIC-VIS"));
}

#[test]
fn smic_extended_by_its_table() {
    let tree = Tree::new();
    tree.book(
        "SMIC-HS-E_annotation.xlsx",
        &[(
            "Sheet1",
            &[
                &["Subject", "Filename", "FirstF", "OnsetF", "OffsetF", "LastF", "Emotion"],
                &["1", "s1_ne_01", "1000", "1004", "1010", "1020", "negative"],
                &["2", "s2_ne_01", "1000", "", "", "1020", "negative"],
                &["", "", "1000", "1004", "1010", "1020", "negative"],
                &["", "remarks: frames are counted from the first video", "", "", "", "", ""],
            ],
        )],
    );
    tree.frames("HS/s01/s01_ne_01/image", 1..=21, 6, ".jpg");
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::AsFound);
    assert_eq!(told(&set), [("s01/s1_ne_01@1004", "s01", "negative")]);
    let (frames, _, apex, offset) = clip(&set.examples[0]);
    assert_eq!((frames[0].as_str(), apex, offset), ("image000005.jpg", 3, Some(6)));
    assert_eq!(set.left_out.len(), 2, "remarks are passed over, and nothing else: {:?}", set.left_out);
    assert_eq!(why(&set, "/@1004"), "row 4 of the table names no subject");
    assert!(why(&set, "s02/s2_ne_01").contains("no folder of frames"));
}

const SAMM_HEADER: &[&str] = &[
    "Subject",
    "Filename",
    "Inducement Code",
    "Onset Frame",
    "Apex Frame",
    "Offset Frame",
    "Duration",
    "Micro",
    "Action Units",
    "Estimated Emotion",
    "Objective Classes",
    "Notes",
];

fn samm(tree: &Tree, below: &str) {
    let mut rows: Vec<&[&str]> = vec![&["SAMM dataset: please cite the Subject, the Filename"]];
    rows.resize(12, &[]);
    rows.push(SAMM_HEADER);
    rows.push(&["006", "006_1_2", "1", "5562", "5564", "5566", "5", "Micro - 1/2", "4", "Anger", "3", ""]);
    rows.push(&[
        "007",
        "007_3_1",
        "3",
        "12",
        "15",
        "20",
        "9",
        "Micro - 1/2",
        "R12 or R15",
        "Contempt",
        "5",
        "x",
    ]);
    rows.push(&["007", "007_3_2", "3", "30", "31", "33", "4", "Macro", "2", "Other", "7", ""]);
    rows.push(&["007", "007_3_3", "3", "soon", "31", "33", "4", "Micro - 1/2", "2", "Other", "7", ""]);
    tree.book(below, &[("MICRO ONLY", &rows)]);
}

#[test]
fn samm_below_its_explanation() {
    let tree = Tree::new();
    samm(&tree, "SAMM_20181215_Micro_FACS_Codes_v2.xlsx");
    tree.frames("SAMM/006/006_1_2/006_", 5562..=5566, 5, ".jpg");
    tree.frames("SAMM/007/007_3_1/007_", 10..=20, 5, ".jpg");
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::Five);
    assert_eq!(set.form, Form::Corpus(CorpusKind::Samm));
    assert_eq!(told(&set), [("006/006_1_2@5562", "006", "anger"), ("007/007_3_1@12", "007", "contempt")]);
    assert_eq!((set.examples[1].action_units.as_str(), fps(&set.examples[1])), ("12", 200.0));
    assert_eq!(why(&set, "007/007_3_2@30"), "it is a macro-expression");
    assert!(why(&set, "007/007_3_3").contains("no folder of frames"));
    assert_eq!(set.empty_classes(), ["sadness", "happiness", "disgust"]);
    assert_eq!(set.counts(), [1, 0, 0, 0, 1]);
}

#[test]
fn samm_long_videos_with_the_emotions_of_samm() {
    let tree = Tree::new();
    let mut rows: Vec<&[&str]> = vec![&["SAMM Long Videos"]; 9];
    rows.push(&[
        "Subject",
        "Filename",
        "Inducement Code",
        "Onset",
        "Apex",
        "Offset",
        "Duration",
        "Type",
        "Action Units",
        "Notes",
    ]);
    rows.push(&["006", "006_1_1", "1", "2", "4", "20", "19", "Macro", "12", ""]);
    rows.push(&["006", "006_1_2", "1", "30", "33", "36", "7", "Micro - 1/2", "4", ""]);
    tree.book("SAMM_LongVideos_V2_Release.xlsx", &[("Sheet1", &rows)]);
    tree.frames("SAMM_longvideos/006_1/006_1_", 1..=40, 4, ".jpg");
    let alone = refused(&tree.path(""), &OpenParams::default());
    assert!(alone.contains("put the table of SAMM (SAMM_Micro_FACS_Codes_v2.xlsx) beside it"), "{alone}");
    samm(&tree, "SAMM_Micro_FACS_Codes_v2.xlsx");
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::Three);
    assert_eq!(set.form, Form::Corpus(CorpusKind::SammLongVideos));
    assert_eq!(told(&set), [("006/006_1_2@30", "006", "negative")]);
    assert_eq!(clip(&set.examples[0]).0[3], "006_1_0033.jpg");
    assert_eq!(why(&set, "006/006_1_1@2"), "it is a macro-expression");
}

#[test]
fn cas_me_2_without_a_header() {
    let tree = Tree::new();
    tree.book(
        "CAS(ME)^2code_final.xlsx",
        &[
            (
                "CASFEcode_final",
                &[
                    &["1", "anger1_1", "5", "8", "11", "4+7", "negative", "micro-expression", "anger"],
                    &[
                        "1",
                        "disgustingteeth_2",
                        "3",
                        "6",
                        "0",
                        "9",
                        "negative",
                        "micro-expression",
                        "helpless",
                    ],
                    &["1", "anger1_2", "15", "18", "61", "4", "negative", "macro-expression", "anger"],
                    &["2", "anger1_1", "5", "8", "11", "12", "positive", "micro-expression", "happyiness"],
                ],
            ),
            ("naming rule1", &[&["15", "s15", "1"], &["16", "s16", "2"]]),
            ("naming rule2", &[&["0101", "disgustingteeth"], &["401", "anger1"]]),
        ],
    );
    tree.frames("rawpic/s15/15_0401anger1/img", 1..=70, 3, ".jpg");
    tree.frames("rawpic/s15/15_0101disgustingteeth/img", 1..=9, 3, ".jpg");
    tree.frames("cropped/16/anger1_1/img", 5..=11, 0, ".jpg");
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::Three);
    assert_eq!(set.form, Form::Corpus(CorpusKind::CasmeSquared));
    assert_eq!(
        told(&set),
        [
            ("1/anger1_1@5", "1", "negative"),
            ("1/disgustingteeth_2@3", "1", "negative"),
            ("2/anger1_1@5", "2", "positive")
        ]
    );
    assert_eq!(clip(&set.examples[1]).3, None, "an offset of 0 was not coded");
    assert_eq!(clip(&set.examples[1]).0.last().unwrap(), "img006.jpg");
    assert_eq!((set.examples[2].emotion.as_str(), fps(&set.examples[2])), ("happyiness", 30.0));
    assert_eq!(why(&set, "1/anger1_2@15"), "it is a macro-expression");
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::Eight);
    assert_eq!(told(&set)[1], ("2/anger1_1@5", "2", "happiness"));
    assert_eq!(why(&set, "1/disgustingteeth_2@3"), "`helpless` is none of the classes of `eight`");
}

#[test]
fn cas_me_3_never_takes_the_depth() {
    let tree = Tree::new();
    let header: &[&str] =
        &["Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"];
    tree.book(
        "annotation/cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
        &[(
            "label",
            &[
                header,
                &["spNO.1", "a", "5", "7", "9", "4", "4", "disgust"],
                &["spNO.1", "a", "12", "15", "16", "12", "1", "happy"],
                &["spNO.2", "b", "5", "7", "9", "L14+1", "7", "Others"],
            ],
        )],
    );
    tree.book("annotation/cas(me)3_part_A_MaE_label_JpgIndex_v2.xlsx", &[("Sheet1", &[header])]);
    tree.frames("data/part_A/spNO.1/a/color/", 1..=20, 0, ".jpg");
    tree.frames("data/part_A/spNO.1/a/depth/", 1..=20, 0, ".png");
    tree.frames("Part_A_ME_clip/depth/spNO.2_b_5/", 5..=9, 0, ".png");
    tree.frames("Part_A_ME_clip/frame/spNO.2_b_5/", 5..=9, 0, ".jpg");
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::AsFound);
    assert_eq!(set.form, Form::Corpus(CorpusKind::Casme3));
    assert_eq!(
        told(&set),
        [
            ("spNO.1/a@5", "spNO.1", "disgust"),
            ("spNO.1/a@12", "spNO.1", "happiness"),
            ("spNO.2/b@5", "spNO.2", "others")
        ]
    );
    for example in &set.examples {
        let Media::Clip(clip) = &example.media else { panic!("a clip") };
        assert!(!clip.frames[0].to_string_lossy().contains("depth"), "{:?}", clip.frames[0]);
    }
    assert_eq!(set.examples[2].action_units, "1+14");
}

#[test]
fn mmew_by_emotion() {
    let tree = Tree::new();
    tree.book(
        "MMEW_Micro_Exp.xlsx",
        &[(
            "Sheet1",
            &[
                &[
                    "Subject",
                    "Filename",
                    "OnsetFrame",
                    "ApexFrame",
                    "OffsetFrame",
                    "Action Units",
                    "Estimated Emotion",
                    "remarks",
                ],
                &["1", "S01-02-001", "1", "3", "6", "AU4", "anger", ""],
                &["2", "S02-02-001", "1", "3", "6", "12", "others", ""],
            ],
        )],
    );
    tree.frames("Micro_Expression/anger/S01-02-001/", 1..=6, 0, ".jpg");
    tree.frames("Micro_Expression/others/S02-02-001/", 1..=6, 0, ".jpg");
    let set = open(&tree.path(""), Unit::Clip, ClassScheme::Eight);
    assert_eq!(set.form, Form::Corpus(CorpusKind::Mmew));
    assert_eq!(told(&set), [("S01/S01-02-001@1", "S01", "anger")]);
    assert_eq!(fps(&set.examples[0]), 90.0);
    assert_eq!(why(&set, "S02/S02-02-001@1"), "`others` is none of the classes of `eight`");
}

#[test]
fn dfme_in_its_parts() {
    let tree = Tree::new();
    let header: &[&str] = &["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion", "AU"];
    let row = |name| ["3", name, "11", "12", "14", "fear", "1+2"];
    for (table, clip) in [("training_full_with_AU", "3_a_1"), ("testA_full_with_AU", "3_b_2")] {
        tree.book(&format!("{table}.xlsx"), &[("Sheet1", &[header, &row(clip)])]);
        tree.frames(&format!("frames/{clip}/"), 11..=14, 5, ".png");
    }
    let params = OpenParams { unit: Unit::Clip, part: Some("test".to_owned()), ..OpenParams::default() };
    let set = Dataset::open(&tree.path(""), &params).unwrap();
    assert_eq!(set.form, Form::Corpus(CorpusKind::Dfme));
    assert_eq!(told(&set), [("3/3_b_2@11", "3", "fear")]);
    assert_eq!(fps(&set.examples[0]), 0.0, "not known");
    assert_eq!(open(&tree.path(""), Unit::Clip, ClassScheme::Eight).examples.len(), 2);
    let other = OpenParams { part: Some("valid".to_owned()), ..OpenParams::default() };
    assert!(refused(&tree.path(""), &other).contains("there is no part valid; there are test, train"));
}

#[test]
fn a_table_under_another_name_is_told_by_its_columns_and_its_frames() {
    let tree = Tree::new();
    tree.text(
        "labels of our copy.csv",
        "Subject,Filename,OnsetFrame,ApexFrame,OffsetFrame,Action Units,Estimated Emotion\n\n1,EP01_01,1,3,4,4,happiness\n",
    );
    let unclear = refused(&tree.path(""), &OpenParams::default());
    assert!(
        unclear.contains("it could be CASME or CASME II or SAMM or MMEW or DFME; say which"),
        "{unclear}"
    );
    tree.frames("frames/happiness/EP01_01/", 1..=4, 0, ".png");
    assert_eq!(open(&tree.path(""), Unit::Clip, ClassScheme::Three).form, Form::Corpus(CorpusKind::Mmew));
    tree.frames("frames/sub01/EP01_01/img", 1..=4, 0, ".png");
    assert!(refused(&tree.path(""), &OpenParams::default()).contains("--form casme or casme2 or mmew"));
    let params = OpenParams { form: Some(Form::Corpus(CorpusKind::Casme2)), ..OpenParams::default() };
    let set = Dataset::open(&tree.path(""), &params).unwrap();
    assert!(
        matches!(&set.examples[0].media, Media::Picture { gray, .. } if gray.ends_with("sub01/EP01_01/img3.png"))
    );
}

//! Protocol files: what is refused and how it is said, the order by seed, the shipped ones.

use std::fs;

use proptest::prelude::*;

use super::*;

const HEAD: &str = "name = \"t\"\nstimulus = \"questionnaire\"\n";

fn problems(text: &str) -> String {
    Protocol::from_text(text, "t.toml", Path::new("")).unwrap_err().to_string()
}

fn shipped(name: &str) -> &'static str {
    SHIPPED.iter().find(|shipped| shipped.name == name).unwrap().text
}

#[test]
fn the_questionnaire_takes_8_to_12_minutes() {
    let protocol = Protocol::open("questionnaire").unwrap();
    let length = protocol.plan(1).length();
    assert_eq!(Some(length.min_s), length.max_s);
    assert!((8.0..=12.0).contains(&(length.min_s / 60.0)), "{} min", length.min_s / 60.0);
    let targets: Vec<_> =
        protocol.blocks.iter().map(|block| block.target.name()).filter(|t| *t != "none").collect();
    assert_eq!(targets, ["anger", "sadness", "happiness", "disgust", "contempt"]);
    for block in protocol.blocks.iter().filter(|block| block.target != Target::None) {
        assert!((5..=6).contains(&block.steps.len()));
    }
}

#[test]
fn the_image_protocol_takes_8_to_12_minutes_with_twelve_images_a_block() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("image.toml"), shipped("image")).unwrap();
    for target in ["anger", "sadness", "happiness", "disgust", "contempt"] {
        let folder = dir.path().join("images").join(target);
        fs::create_dir_all(&folder).unwrap();
        for n in 1..=12 {
            image::RgbImage::new(4, 3).save(folder.join(format!("{n}.png"))).unwrap();
        }
        fs::write(folder.join("notes.txt"), "left alone").unwrap();
    }
    let protocol = Protocol::load(&dir.path().join("image.toml")).unwrap();
    let plan = protocol.plan(7);
    assert!((8.0..=12.0).contains(&(plan.length().min_s / 60.0)), "{:?}", plan.length());
    let angry: Vec<_> = plan.steps.iter().filter(|step| step.target == "anger").collect();
    assert_eq!(
        (angry.len(), angry[9].image.as_str(), angry[9].id.as_str()),
        (12, "anger/10.png", "anger-10")
    );
    let at = plan.steps.iter().position(|step| step.id == "anger-10").unwrap();
    let (picture, sha256) = picture_from_file(plan.picture(at).unwrap()).unwrap();
    assert_eq!((picture.dimensions(), sha256), ((4, 3), plan.steps[at].image_sha256.clone()));
}

#[test]
fn the_interview_waits_for_the_operator() {
    let protocol = Protocol::open("interview").unwrap();
    let plan = protocol.plan(1);
    assert_eq!(plan.length().max_s, None);
    assert_eq!(plan.markers.len(), 9);
    assert_eq!(plan.steps.last().unwrap().id, "interview-01");
}

#[test]
fn the_neutral_face_comes_first_and_everything_is_recorded() {
    let plan = Protocol::open("questionnaire").unwrap().plan(42);
    assert_eq!((plan.steps[0].id.as_str(), plan.steps[0].duration_s), ("calibration", Some(10.0)));
    assert_eq!((plan.protocol.seed, plan.protocol.order.as_str()), (42, "blocks"));
    assert_eq!(plan.protocol.sha256, crate::infer::sha256_hex(shipped("questionnaire").as_bytes()));
    let rests: Vec<_> = plan.steps.iter().filter(|step| step.kind == "rest").collect();
    assert!(rests.len() == 4 && rests.iter().all(|rest| rest.target.is_empty()));
    assert_eq!(plan.steps.last().unwrap().kind, "prompt", "the ending stays the ending");
}

#[test]
fn the_seed_sets_the_order_and_never_the_names() {
    let protocol = Protocol::open("questionnaire").unwrap();
    let names =
        |seed| protocol.plan(seed).steps.into_iter().map(|step| (step.id, step.text)).collect::<Vec<_>>();
    assert_eq!(names(3), names(3));
    let firsts: std::collections::BTreeSet<_> = (0..40).map(|seed| names(seed)[2].0.clone()).collect();
    assert_eq!(firsts.len(), 5, "every block comes first under some seed: {firsts:?}");
    let sorted = |seed| {
        let mut all = names(seed);
        all.sort();
        all
    };
    assert!((0..40).all(|seed| sorted(seed) == sorted(0)));
    // Pinned: a seed in an old session's record must go on to stand for the same order.
    let order = |seed| {
        let mut order: Vec<String> = protocol.plan(seed).steps.into_iter().map(|step| step.target).collect();
        order.retain(|target| !target.is_empty());
        order.dedup();
        order.join(" ")
    };
    assert_eq!(order(1), PINNED_1);
    assert_eq!(order(2), PINNED_2);
}

const PINNED_1: &str = "happiness sadness disgust anger contempt";
const PINNED_2: &str = "happiness disgust contempt sadness anger";

#[test]
fn steps_are_shuffled_within_their_block_and_the_rest_stays() {
    let text = shipped("questionnaire").replace("order = \"blocks\"", "order = \"steps\"");
    let protocol = Protocol::from_text(&text, "t.toml", Path::new("")).unwrap();
    let kinds = |plan: Plan| plan.steps.into_iter().map(|s| (s.kind, s.target)).collect::<Vec<_>>();
    let ids = |plan: Plan| plan.steps.into_iter().map(|step| step.id).collect::<Vec<_>>();
    assert_eq!(kinds(protocol.plan(5)), kinds(protocol.plan(6)));
    assert_ne!(ids(protocol.plan(5)), ids(protocol.plan(6)));
}

#[test]
fn every_mistake_is_named_at_once_with_its_place() {
    let text = r#"
name = "a b"
stimulus = "film"
order = "random"
calibration_s = 0
[[marker]]
key = "1"
name = "laughs"
[[marker]]
key = "1"
name = "nods"
[[marker]]
key = "x"
name = "laughs"
[[block]]
target = "rage"
[[block]]
target = "anger"
[[block.step]]
kind = "question"
duration_s = 5
[[block.step]]
kind = "questoin"
text = "?"
duration_s = nan
[[block.step]]
kind = "image"
image = "../secret.png"
each = "anger"
duration_s = -1
[[block.step]]
kind = "blank"
text = "words"
until_key = true
duration_s = 3
[[block.step]]
kind = "rest"
at_most_s = 3
[[block.step]]
kind = "rest"
image = "a.png"
"#;
    let message = problems(text);
    for part in [
        "t.toml: ",
        "name \"a b\": use letters",
        "stimulus \"film\" is unknown; use one of questionnaire, image, interview",
        "order \"random\" is unknown; use one of as_written, blocks, steps",
        "calibration_s = 0",
        "marker 2 (\"nods\"): key \"1\" is taken",
        "marker 3 (\"laughs\"): key \"x\": use a digit",
        "marker 3 (\"laughs\"): the name is taken",
        "block 1 (rage): unknown target; use one of neutral, happiness",
        "happy_but_sad",
        "block 1 (rage) is empty",
        "block 2 (anger), step 1: a question needs words",
        "block 2 (anger), step 2: kind \"questoin\" is unknown; use one of prompt, question",
        "block 2 (anger), step 2: duration_s = NaN",
        "block 2 (anger), step 3: an image needs either",
        "block 2 (anger), step 3: say where the images are",
        "block 2 (anger), step 3: duration_s = -1",
        "block 2 (anger), step 4: a blank shows nothing",
        "block 2 (anger), step 4: duration_s and until_key",
        "block 2 (anger), step 5: at_most_s goes with until_key",
        "block 2 (anger), step 6: say when it ends",
        "block 2 (anger), step 6: a rest shows no image",
    ] {
        assert!(message.contains(part), "{part}\nis not in\n{message}");
    }
}

#[test]
fn keys_that_protocols_do_not_have_are_refused_with_the_line() {
    let message = problems(&format!("{HEAD}duration = 4\n[[block]]\n"));
    assert!(
        message.contains("t.toml") && message.contains("line 3") && message.contains("duration"),
        "{message}"
    );
    let message = Protocol::open("questionaire").unwrap_err().to_string();
    assert!(message.contains("questionnaire, image, interview"), "{message}");
    assert!(problems(HEAD).contains("there is no [[block]]"));
}

#[test]
fn pictures_that_are_missing_or_broken_are_all_named_before_the_session() {
    let dir = tempfile::tempdir().unwrap();
    let images = dir.path().join("images");
    for folder in ["anger", "empty"] {
        fs::create_dir_all(images.join(folder)).unwrap();
    }
    image::RgbImage::new(4, 3).save(images.join("anger/1.png")).unwrap();
    fs::write(images.join("anger/2.png"), "no picture").unwrap();
    let whole = fs::read(images.join("anger/1.png")).unwrap();
    fs::write(images.join("anger/3.png"), &whole[..whole.len() / 2]).unwrap();
    let step = |what: &str| format!("[[block.step]]\nkind = \"image\"\n{what}\nduration_s = 5\n");
    let text = format!(
        "name = \"t\"\nstimulus = \"image\"\nimages = \"images\"\n[[block]]\ntarget = \"anger\"\n{}{}{}{}{}",
        step("each = \"anger\""),
        step("image = \"anger/4.png\""),
        step("each = \"empty\""),
        step("each = \"none\""),
        step("image = \"anger/2.png\""),
    );
    let path = dir.path().join("t.toml");
    fs::write(&path, text).unwrap();
    let message = Protocol::load(&path).unwrap_err().to_string();
    for part in [
        "step 1: ",
        "2.png: cannot be decoded",
        "3.png: cannot be decoded",
        "step 2: ",
        "4.png: No such file",
        "step 3: there is no image in",
        "step 4: cannot read the folder",
    ] {
        assert!(message.contains(part), "{part}\nis not in\n{message}");
    }
    assert!(!message.contains("1.png"), "{message}");
    assert_eq!(message.matches("2.png").count(), 1, "said once: {message}");
}

fn step_files() -> impl Strategy<Value = StepFile> {
    let kind = prop::sample::select(vec!["prompt", "question", "rest", "interview"]);
    let end = prop_oneof![
        (0.1f64..100.0).prop_map(|s| (Some(s), false, None)),
        prop::option::of(0.1f64..100.0).prop_map(|at_most_s| (None, true, at_most_s)),
    ];
    (kind, "[a-zß“\"\\\\'\n ]{0,30}[a-z]", end).prop_map(
        |(kind, text, (duration_s, until_key, at_most_s))| StepFile {
            kind: kind.to_owned(),
            text,
            duration_s,
            until_key,
            at_most_s,
            ..StepFile::default()
        },
    )
}

fn files() -> impl Strategy<Value = ProtocolFile> {
    let targets: Vec<&str> = Target::all().map(Target::name).collect();
    let block = (prop::sample::select(targets), prop::collection::vec(step_files(), 1..5))
        .prop_map(|(target, steps)| BlockFile { target: target.to_owned(), steps });
    let orders = Order::ALL.map(Order::name).to_vec();
    (prop::collection::vec(block, 1..5), prop::sample::select(orders), 5.0f64..120.0, any::<bool>()).prop_map(
        |(blocks, order, calibration_s, has_marker)| ProtocolFile {
            name: "t".to_owned(),
            title: String::new(),
            stimulus: "questionnaire".to_owned(),
            calibration_s,
            order: order.to_owned(),
            images: None,
            markers: has_marker
                .then(|| MarkerFile { key: "1".to_owned(), name: "laughs".to_owned() })
                .into_iter()
                .collect(),
            blocks,
        },
    )
}

proptest! {
    #[test]
    fn sound_files_come_back_and_their_plans_are_whole(file in files(), seed: u64) {
        let text = toml::to_string(&file).unwrap();
        prop_assert_eq!(&ProtocolFile::parse(&text, "t.toml").unwrap(), &file);
        prop_assert_eq!(file.problems(), Vec::<String>::new());
        let protocol = Protocol::from_text(&text, "t.toml", Path::new("")).unwrap();
        let plan = protocol.plan(seed);
        let count: usize = file.blocks.iter().map(|block| block.steps.len()).sum();
        prop_assert_eq!(plan.steps.len(), count + 1);
        let ids: std::collections::HashSet<_> = plan.steps.iter().map(|step| &step.id).collect();
        prop_assert_eq!(ids.len(), plan.steps.len(), "each step has its own name");
        let length = plan.length();
        prop_assert!(length.min_s >= file.calibration_s && length.max_s.is_none_or(|max_s| max_s >= length.min_s));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = Protocol::from_text(&text, "t.toml", Path::new("/nonexistent"));
    }

    #[test]
    fn any_damage_to_a_shipped_file_is_read_or_refused(at in 0usize..6000, bytes in ".{0,4}", cut in 0usize..20) {
        let mut text: Vec<char> = shipped("questionnaire").chars().collect();
        let at = at.min(text.len());
        let end = (at + cut).min(text.len());
        text.splice(at..end, bytes.chars());
        let _ = Protocol::from_text(&text.into_iter().collect::<String>(), "t.toml", Path::new("/nonexistent"));
    }
}

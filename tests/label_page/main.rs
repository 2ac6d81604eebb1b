//! The label page in a real browser: a coder works with keys only, reloads in mid-work, and is told when saving fails.
//!
//! Needs Debian's chromium and chromium-driver; says so where they are missing. Screenshots lie in `$ONSET_SCREENSHOTS`, or in
//! a folder `onset-label-page` of the system's folder for temporary files.

#[path = "../support/label_server.rs"]
mod label_server;
mod webdriver;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use label_server::{LabelServer, dataset, time_s};
use serde_json::json;
use webdriver::{Browser, key};

const IS_SAVED: &str = "document.body.dataset.pending === '0'";

fn screenshots() -> PathBuf {
    let dir = std::env::var_os("ONSET_SCREENSHOTS")
        .map_or_else(|| std::env::temp_dir().join("onset-label-page"), PathBuf::from);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn wait_for_candidate(browser: &Browser, id: &str) {
    browser.wait_for(&format!("document.body.dataset.candidate === '{id}'"));
}

/// Rows of a coder's table by candidate.
fn rows(dataset: &Path, coder: &str) -> BTreeMap<String, Vec<String>> {
    let mut table = csv::Reader::from_path(dataset.join(format!("codings/{coder}.csv"))).unwrap();
    table
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .map(|row| (row[0].clone(), row))
        .collect()
}

/// What the coder of the first test gives each candidate, by its number from 0: key and label.
const LABELS: [(char, &str); 13] = [
    ('1', "neutral"),
    ('2', "happiness"),
    ('3', "surprise"),
    ('4', "sadness"),
    ('5', "anger"),
    ('6', "disgust"),
    ('7', "fear"),
    ('8', "contempt"),
    ('9', "other"),
    ('q', "happy_but_sad"),
    ('w', "happy_but_angry"),
    ('e', "happy_but_other"),
    ('0', "none"),
];

#[test]
fn a_coder_labels_twenty_candidates_with_keys_only_and_a_reload_loses_nothing() {
    let Some(browser) = Browser::start("label_page") else { return };
    let ds = dataset(20, 640, 480);
    let server = LabelServer::start(ds.path(), "anna", &[]);
    browser.open(&server.url);
    wait_for_candidate(&browser, "c01");
    browser.wait_for("document.getElementById('saved').className === 'is-saved'");

    for number in 0..20_usize {
        let id = format!("c{:02}", number + 1);
        wait_for_candidate(&browser, &id);
        let (label_key, label) = LABELS[number % LABELS.len()];
        // Onset at the sixth frame, apex three later, offset ten after that.
        browser.press([key::HOME]);
        browser.press([key::RIGHT; 5]);
        browser.press(['o', key::RIGHT, key::RIGHT, key::RIGHT, 'a']);
        browser.press_with(key::SHIFT, key::RIGHT);
        browser.press(['f', label_key]);
        if label != "none" {
            browser.press("u4 7".chars().chain([key::ENTER]));
        }
        if number == 3 {
            browser.press("nlid, perhaps".chars());
        }
        if number % 5 == 3 {
            // In mid-work, without a look at whether it is saved; the field may be open.
            browser.reload();
            wait_for_candidate(&browser, &id);
            browser.wait_for(&format!(
                "document.querySelector('[aria-selected=true]')?.dataset.label === '{label}'"
            ));
            if number == 3 {
                browser.wait_for("document.getElementById('note').value === 'lid, perhaps'");
                browser.screenshot(&screenshots().join("coded.png"));
            }
        }
        browser.press([key::ENTER]);
    }
    browser.wait_for("document.getElementById('message').textContent === 'all 20 candidates are labelled'");
    browser.wait_for(IS_SAVED);
    assert_eq!(browser.run("return document.getElementById('progress').textContent"), "20 of 20 labelled");

    let rows = rows(ds.path(), "anna");
    assert_eq!(rows.len(), 20);
    for number in 0..20_usize {
        let (_, label) = LABELS[number % LABELS.len()];
        let row = &rows[&format!("c{:02}", number + 1)];
        assert_eq!(row[2], label);
        let at = |index: u64| if label == "none" { String::new() } else { format!("{:.6}", time_s(index)) };
        assert_eq!(row[3..6], [at(5), at(8), at(18)], "{row:?}");
        assert_eq!(row[6], if label == "none" { "" } else { "4+7" });
        assert_eq!(row[7], if number == 3 { "lid, perhaps" } else { "" });
    }
    assert_eq!(browser.complaints(), [""; 0]);

    // Undo goes back over candidates, and shows where it was.
    browser.press(['z']);
    wait_for_candidate(&browser, "c20");
    browser.press("zzzzzz".chars());
    wait_for_candidate(&browser, "c19");
    browser.wait_for(IS_SAVED);
    browser.press("yyyyyyy".chars());
    browser.wait_for(&format!(
        "{IS_SAVED} && document.getElementById('progress').textContent === '20 of 20 labelled'"
    ));
    assert_eq!(self::rows(ds.path(), "anna"), rows);
}

#[test]
fn the_page_fits_plays_and_explains_itself() {
    let Some(browser) = Browser::start("label_page") else { return };
    let ds = dataset(20, 640, 480);
    let server = LabelServer::start(ds.path(), "bert", &[]);
    for number in [1, 2, 5] {
        let op = json!({"n": number, "op": "set", "id": format!("c{number:02}"), "set": {"label": if number == 5 { "none" } else { "fear" }}});
        assert_eq!(server.edit(&json!({"client": "x", "seen": 0, "ops": [op]})).status, 200);
    }
    browser.open(&server.url);
    wait_for_candidate(&browser, "c03");

    // All of it is on one screen.
    let sizes = "const a = document.querySelector('aside'), d = document.documentElement, f = document.querySelector('footer');
        return [d.scrollHeight <= innerHeight, d.scrollWidth <= innerWidth, a.scrollHeight <= a.clientHeight, f.scrollWidth <= f.clientWidth]";
    assert_eq!(browser.run(sizes), json!([true, true, true, true]));
    // The picture is drawn.
    let middle = "const c = document.getElementById('picture');
        return Array.from(c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data)";
    browser.wait_for("document.getElementById('picture').width > 600");
    assert_eq!(browser.run(middle)[3], 255);

    // Playback ends at the last frame by itself, and passes over lost frames in their time.
    for play in [' ', 's'] {
        browser.press([play]);
        browser.wait_for("document.getElementById('hud-frame').textContent.startsWith('frame 36 of 36')");
        browser.wait_for("document.getElementById('hud-speed').textContent === ''");
    }
    // The proposal is taken over in one key, and undone in one.
    browser.press(['p']);
    browser.wait_for("document.querySelector('[aria-selected=true]')?.dataset.label === 'surprise'");
    browser.wait_for(IS_SAVED);
    let row = &rows(ds.path(), "bert")["c03"];
    assert_eq!(
        row[1..7],
        ["micro", "surprise", "12.333333", "12.466667", "12.633333", "1+2"].map(str::to_owned)
    );
    browser.press_with(key::SHIFT, 'A');
    browser.wait_for("document.getElementById('hud-frame').textContent.startsWith('frame 15 of')");
    browser.screenshot(&screenshots().join("proposal.png"));
    browser.press(['z']);
    browser.wait_for("document.querySelector('[aria-selected=true]') === null");

    // A mark out of order is refused in words, and the old state stays.
    browser.press([key::HOME, key::RIGHT, key::RIGHT, 'o', key::HOME, 'a']);
    browser.wait_for(
        "document.getElementById('message').textContent.includes('apex would come before onset (67 ms)')",
    );
    browser.screenshot(&screenshots().join("refused.png"));
    browser.wait_for("document.querySelectorAll('.mark.is-off').length === 2");
    // While C is held, the onset's frame is shown.
    browser.hold('c', true);
    browser.wait_for("document.getElementById('hud-speed').textContent === 'compared with the onset'");
    browser.hold('c', false);
    browser.wait_for("document.getElementById('hud-speed').textContent === ''");
    // The same key at the same frame takes it away.
    browser.press([key::RIGHT, key::RIGHT, 'o']);
    browser.wait_for("document.querySelectorAll('.mark.is-off').length === 3");
    // An action unit that is none.
    browser.press("u4+x".chars());
    browser.wait_for("document.getElementById('units').className === 'is-refused'");
    browser.press([key::BACKSPACE, key::ESCAPE]);
    browser.wait_for("document.getElementById('units').value === '4'");
    // A longer expression.
    browser.press("4m".chars());
    browser.wait_for("document.getElementById('kind').textContent.startsWith('macro')");
    browser.press([key::BACKSPACE, key::DOWN, key::UP]);
    wait_for_candidate(&browser, "c03");
    browser.press([key::END, '?']);
    browser.wait_for("!document.getElementById('help').hidden");
    browser.screenshot(&screenshots().join("help.png"));
    browser.press([key::ESCAPE, 'x']);
    browser.wait_for("document.getElementById('help').hidden");
    let refused: Vec<String> = browser.complaints();
    assert!(refused.iter().all(|line| line.contains("422")), "{refused:?}");
}

#[test]
fn who_works_blind_sees_no_proposal_and_who_loses_the_server_is_told() {
    let Some(browser) = Browser::start("label_page") else { return };
    let ds = dataset(3, 320, 240);
    let server = LabelServer::start(ds.path(), "cleo", &["--blind"]);
    browser.open(&server.url);
    wait_for_candidate(&browser, "c01");
    assert_eq!(browser.run("return document.getElementById('proposal').hidden"), true);
    browser.press(['p']);
    assert_eq!(browser.run("return document.querySelector('[aria-selected=true]')"), json!(null));

    // Nothing gets through for a while: said loudly, kept, and sent when it does again.
    browser.run("window.through = window.fetch; window.fetch = () => Promise.reject(new TypeError('down'))");
    browser.press(['o', '5']);
    browser
        .wait_for("document.getElementById('failure').textContent.startsWith('NOT SAVED: 2 changes wait')");
    browser.wait_for("!document.getElementById('failure').hidden");
    browser.screenshot(&screenshots().join("failing.png"));
    assert_eq!(browser.run("return document.querySelector('[aria-selected=true]').dataset.label"), "anger");
    assert!(!rows(ds.path(), "cleo").contains_key("c01"));
    browser.run("window.fetch = window.through");
    browser.wait_for(&format!("{IS_SAVED} && document.getElementById('failure').hidden"));
    assert_eq!(rows(ds.path(), "cleo")["c01"][2], "anger");

    // The same where the server has ended.
    let journal = ds.path().join("codings/cleo.jsonl");
    let size = fs::metadata(&journal).unwrap().len();
    server.kill();
    browser.press(['6']);
    browser.wait_for(
        "document.getElementById('failure').textContent.includes('is `onset dataset label` still running?')",
    );
    assert_eq!(fs::metadata(&journal).unwrap().len(), size);
    assert_eq!(browser.run("return document.getElementById('saved').textContent"), "not saved");
}

//! `onset dataset label` from the outside: who gets an answer, what is saved, what a reload and a crash leave.

#[path = "support/label_server.rs"]
mod label_server;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use label_server::{LabelServer, command, dataset, time_s};
use serde_json::{Value, json};

fn set(n: u64, id: &str, set: &Value) -> Value {
    json!({"client": "test", "seen": 0, "ops": [{"n": n, "op": "set", "id": id, "set": set}]})
}

#[test]
fn only_the_page_with_the_token_is_answered() {
    let ds = dataset(2, 64, 48);
    let server = LabelServer::start(ds.path(), "anna", &[]);
    assert_eq!(server.token.len(), 32);
    let page = format!("/{}/", server.token);
    let ours = format!("127.0.0.1:{}", server.port);

    let reply = server.get("");
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("script/page.js"));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(reply.headers[name], value);
    }
    assert!(reply.headers["content-security-policy"].starts_with("default-src 'none'"));
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
    for file in
        ["page.css", "icon.svg", "script/page.js", "script/clip.js", "script/save.js", "state", "clip/c01"]
    {
        let reply = server.get(file);
        assert_eq!(reply.status, 200, "{file}");
        assert!(
            !reply.text().contains("http://") || file == "icon.svg",
            "{file} asks for something from outside"
        );
    }
    assert_eq!(server.get("frame/c01/0000.jpg").headers["content-type"], "image/jpeg");

    // Wrong or missing token.
    for target in ["/", "/state", "/00000000000000000000000000000000/state", &page[..page.len() - 2]] {
        let reply = server.send("GET", target, &[], b"");
        assert_eq!(reply.status, 403, "{target}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "refusals carry the headers, too");
    }
    // Other pages, and names that were made to point here.
    for headers in [
        vec![("Origin", "http://evil.example")],
        vec![("Origin", "null")],
        vec![("Host", "evil.example")],
        vec![("Host", ours.as_str()), ("Host", "evil.example")],
        vec![("Sec-Fetch-Site", "cross-site")],
    ] {
        for (method, target) in [("GET", format!("{page}state")), ("POST", format!("{page}edit"))] {
            assert_eq!(server.send(method, &target, &headers, b"").status, 403, "{method} {headers:?}");
        }
    }
    assert_eq!(server.send("GET", &format!("http://evil.example{page}"), &[], b"").status, 403);
    // Ways out of the folder, and files of the dataset that are no pictures of a candidate.
    fs::write(ds.path().join("secret.txt"), "secret").unwrap();
    fs::write(ds.path().join("codings/bert.csv"), "secret").unwrap();
    for path in [
        "../secret.txt",
        "frame/c01/../../secret.txt",
        "frame/c01/..%2f..%2fsecret.txt",
        "frame/%2e%2e/secret.txt",
        "frame/c01/clip.json",
        "frame/c01/9999.jpg",
        "frame/c03/0000.jpg",
        "frame/c01//etc/passwd",
        "clip/..%5cc01",
        "codings/bert.csv",
        "codings/anna.jsonl",
        "script/server.rs",
    ] {
        let reply = server.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.text().contains("secret"));
    }
    // Methods.
    for method in ["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] {
        assert_eq!(server.send(method, &format!("{page}state"), &[], b"").status, 405, "{method}");
    }
    assert_eq!(server.get("edit").status, 405);
    assert_eq!(server.send("POST", &format!("{page}state"), &[], b"").status, 405);
    // Bodies.
    let json = [("Content-Type", "application/json")];
    let edit = format!("{page}edit");
    assert_eq!(server.send("POST", &edit, &json, &vec![b' '; 64 * 1024 + 1]).status, 413);
    assert_eq!(server.send("POST", &edit, &[("Content-Type", "text/plain")], b"{}").status, 415);
    for body in ["", "{", "[]", "{}", r#"{"client":"x","seen":0,"ops":[{"n":1,"op":"erase"}]}"#] {
        assert_eq!(server.send("POST", &edit, &json, body.as_bytes()).status, 400, "{body}");
    }
    // What is no HTTP ends the connection, not the server.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(server.get("state").status, 200);
}

/// A body whose length is not told beforehand is cut off, too.
#[test]
fn a_long_body_in_pieces_is_refused() {
    let ds = dataset(1, 64, 48);
    let server = LabelServer::start(ds.path(), "anna", &[]);
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = format!(
        "POST /{}/edit HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.token, server.port
    );
    stream.write_all(head.as_bytes()).unwrap();
    let piece = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    for _ in 0..5 {
        let _ = stream.write_all(piece.as_bytes());
    }
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
}

#[test]
fn every_change_is_on_the_disk_when_it_is_answered() {
    let ds = dataset(3, 64, 48);
    let journal = ds.path().join("codings/anna.jsonl");
    let csv = ds.path().join("codings/anna.csv");
    let server = LabelServer::start(ds.path(), "anna", &[]);

    let reply = server.edit(&set(1, "c02", &json!({"label": "anger"})));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["changed"]["c02"]["kind"], "micro");
    assert_eq!((&reply.json()["undo"], &reply.json()["redo"]), (&json!(1), &json!(0)));
    assert!(
        fs::read_to_string(&journal)
            .unwrap()
            .ends_with("\"op\":\"set\",\"id\":\"c02\",\"set\":{\"label\":\"anger\"}}\n")
    );
    let times = json!({"onset_s": time_s(10), "apex_s": time_s(14), "offset_s": time_s(25), "action_units": "7, 4", "note": "a, \"b\""});
    assert_eq!(server.edit(&set(2, "c02", &times)).status, 200);
    let table = fs::read_to_string(&csv).unwrap();
    assert_eq!(
        table,
        "id,kind,label,onset_s,apex_s,offset_s,action_units,note\n\
         c02,micro,anger,12.333333,12.466667,12.900000,4+7,\"a, \"\"b\"\"\"\n"
    );

    // The same again (an answer that was lost) is done once.
    let again = server.edit(&set(2, "c02", &json!({"note": "other"})));
    assert_eq!((again.status, &again.json()["changed"]["c02"]["note"]), (200, &json!("a, \"b\"")));
    // What makes no sense is refused with a reason, and nothing of it is kept.
    for (n, id, change, why) in [
        (3, "c02", json!({"apex_s": time_s(9)}), "apex would come before onset"),
        (4, "c02", json!({"offset_s": time_s(11)}), "offset would come before apex"),
        (5, "c02", json!({"label": "rage"}), "no label"),
        (6, "c02", json!({"action_units": "4+x"}), "no action unit"),
        (7, "c09", json!({"label": "fear"}), "no such candidate"),
        (8, "c01", json!({"onset_s": 1.0}), "not in this clip"),
    ] {
        let reply = server.edit(&set(n, id, &change));
        assert_eq!(reply.status, 422);
        assert_eq!(reply.json()["refused"][0]["n"], n);
        let said = reply.json()["refused"][0]["why"].as_str().unwrap().to_owned();
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(fs::read_to_string(&csv).unwrap(), table);
    // Undo and redo.
    let back =
        |n: u64, op: &str| server.edit(&json!({"client": "test", "seen": 0, "ops": [{"n": n, "op": op}]}));
    assert_eq!(back(9, "undo").json()["changed"]["c02"]["note"], "");
    assert_eq!(back(10, "undo").json()["changed"]["c02"]["label"], "");
    assert_eq!(back(11, "undo").status, 422);
    assert_eq!(back(12, "redo").json()["touched"], "c02");
    assert_eq!(back(13, "redo").json()["changed"]["c02"]["note"], "a, \"b\"");

    // A crash, in the middle of a line.
    server.kill();
    fs::OpenOptions::new()
        .append(true)
        .open(&journal)
        .unwrap()
        .write_all(b"{\"at_ms\":17,\"op\":\"se")
        .unwrap();
    fs::remove_file(&csv).unwrap();
    let server = LabelServer::start(ds.path(), "anna", &["--blind"]);
    let state = server.get("state").json();
    assert_eq!(state["codings"]["c02"]["note"], "a, \"b\"");
    assert_eq!(state["codings"]["c02"]["apex_s"], json!(time_s(14)));
    assert!(state["notices"][0].as_str().unwrap().contains("at most one keystroke is lost"));
    assert_eq!(fs::read_to_string(&csv).unwrap(), table, "the table is made from the journal");
    let next = server.edit(&set(14, "c01", &json!({"label": "none"})));
    assert_eq!(next.status, 200);
    #[cfg(unix)]
    {
        let (status, said) = server.interrupt();
        assert!(status.success());
        assert!(said.contains("anna: 2 of 3 labelled; everything is saved"), "{said}");
        let state = LabelServer::start(ds.path(), "anna", &[]).get("state").json();
        assert_eq!(state["notices"], json!([]));
        assert_eq!(state["codings"]["c01"]["kind"], "none");
    }
}

#[test]
fn the_proposal_is_hidden_from_who_works_blind_and_the_step_from_everybody() {
    let ds = dataset(1, 64, 48);
    let seeing = LabelServer::start(ds.path(), "anna", &[]).get("clip/c01").text();
    assert!(
        seeing.contains("\"surprise\"") && !seeing.contains("anger-03") && !seeing.contains("questionnaire")
    );
    let blind = LabelServer::start(ds.path(), "anna", &["--blind"]).get("clip/c01").json();
    assert_eq!(blind["proposal"], Value::Null);
    assert!(!blind["frames"].as_array().unwrap().is_empty() && blind["traces"].is_object());
    // What is not the spotter's is another coder's.
    let path = ds.path().join("candidates/c01/clip.json");
    let mut clip: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    clip["proposal"]["score"] = Value::Null;
    fs::write(&path, clip.to_string()).unwrap();
    let after = LabelServer::start(ds.path(), "anna", &[]).get("clip/c01").json();
    assert_eq!(after["proposal"], Value::Null);
}

#[test]
fn two_at_once_are_refused_under_one_name_and_apart_under_two() {
    let ds = dataset(1, 64, 48);
    let anna = LabelServer::start(ds.path(), "anna", &[]);
    let second = command(ds.path(), "anna", &[]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("coder anna is at work already (process ") && said.contains("--coder"), "{said}");

    let bert = LabelServer::start(ds.path(), "bert", &[]);
    assert_eq!(anna.edit(&set(1, "c01", &json!({"label": "fear", "note": "anna saw this"}))).status, 200);
    let state = bert.get("state").json();
    assert_eq!((&state["codings"], &state["revision"]), (&json!({}), &json!(0)));
    assert!(!state.to_string().contains("anna"));
    // Bert's program does not so much as look at Anna's files: rubbish in them does no harm.
    anna.kill();
    fs::write(ds.path().join("codings/anna.jsonl"), "rubbish\nrubbish\n").unwrap();
    drop(bert);
    let bert = LabelServer::start(ds.path(), "bert", &[]);
    assert_eq!(bert.get("state").json()["notices"], json!([]));
    // Anna's own program says what is wrong and changes nothing.
    let anna = command(ds.path(), "anna", &[]).output().unwrap();
    let said = String::from_utf8_lossy(&anna.stderr).into_owned();
    assert!(
        said.contains("anna.jsonl, line 1: this is no line of a journal") && said.contains("move it away"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(ds.path().join("codings/anna.jsonl")).unwrap(), "rubbish\nrubbish\n");
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let ds = dataset(1, 64, 48);
    for (folder, coder, code, why) in [
        (ds.path().join("nowhere"), "anna", 2, "there is no such folder"),
        (ds.path().to_owned(), "../anna", 2, "letters, digits"),
        (ds.path().to_owned(), "", 2, "letters, digits"),
        (ds.path().join("candidates"), "anna", 1, "onset dataset build"),
    ] {
        let output = command(&folder, coder, &[]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(why), "{said}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = command(ds.path(), "anna", &["--port", &port]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("choose another --port"));
}

#[test]
fn the_address_comes_as_json_where_it_is_asked_for() {
    let ds = dataset(2, 64, 48);
    let mut child = command(ds.path(), "anna", &["--json", "--blind"]).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert!(said["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(
        (&said["candidates"], &said["labelled"], &said["blind"]),
        (&json!(2), &json!(0), &json!(true))
    );
}

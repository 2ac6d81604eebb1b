"""What is kept about a batch: stores, journal, manifest, lock, batch.json, ledger."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from batch_support import done
from onset.batch import journal
from onset.batch.batch_file import begin, is_seen_by
from onset.batch.errors import BatchError, UsageError
from onset.batch.ledger import Ledger
from onset.batch.lock import Lock
from onset.batch.manifest import COLUMNS, csv_from_rows, parquet_from_rows
from onset.batch.options import AnalysisOptions, ProfileFile, differences, profile_from_argument
from onset.batch.publish import read_status, status_name, table_name, write_status
from onset.batch.row import Row
from onset.batch.store import LocalStore, Store, check_place, open_store
from onset.batch.tree import Stamp
from onset.batch.walk import NotOne, Recording


def entries(root: Path) -> list[str]:
    """All files below a folder."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.fixture(params=["folder", "fsspec"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store on a disk, and one behind fsspec."""
    if request.param == "folder":
        return open_store(str(tmp_path / "out"))
    pytest.importorskip("fsspec")
    return open_store(f"memory://{tmp_path.name}/out/")


def test_a_store_holds_whole_files(store: Store, tmp_path: Path) -> None:
    assert store.read("a/b.json") is None
    assert store.names("a") == []
    store.write("a/b.json", b"one")
    store.write("a/b.json", b"two")
    assert store.read("a/b.json") == b"two"
    source = tmp_path / "made"
    source.write_bytes(b"three")
    assert store.put_file(source, "a/recording=x/t.parquet") == 5
    assert store.read("a/recording=x/t.parquet") == b"three"
    assert store.names("a") == ["b.json", "recording=x"]
    store.remove("a/recording=x/t.parquet")
    store.remove("a/recording=x/t.parquet")
    assert store.read("a/recording=x/t.parquet") is None


def test_a_file_on_a_disk_appears_by_a_rename_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(str(tmp_path))
    store.write("status/x.json", b"old")

    def killed(_source: object, _target: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        store.write("status/x.json", b"new and longer")
    assert store.read("status/x.json") == b"old"
    store.clean()
    assert entries(tmp_path) == ["status/x.json"]


def test_an_empty_partition_does_not_stay(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    store.write(table_name("frames", "x"), b"")
    store.remove(table_name("frames", "x"))
    assert list((tmp_path / "frames").iterdir()) == []


def test_the_journal_outlives_a_torn_last_line(store: Store) -> None:
    journal.append_rows(store, [done("a"), done("b", input="/videos/\udcff.mp4")])
    content = store.read(journal.NAME) or b""
    store.write(journal.NAME, content + b'{"recording":"c","inp')
    journal.append_rows(store, [done("d"), done("a", run=2)])
    rows = journal.read_journal(store)
    assert sorted(rows) == ["a", "b", "d"]
    assert rows["a"].run == 2, "the newest line counts"
    assert rows["b"].input == "/videos/\udcff.mp4"


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b'{"status":"done"}', b'{"status":"odd","recording":"a","input":"b"}']
)
def test_a_line_of_something_else_is_no_row(line: bytes) -> None:
    assert journal.row_from_line(line) is None


def test_the_manifest_has_one_line_a_row_in_both_formats() -> None:
    rows = [
        done("a", duration_s=1.5, frames=45, events=0, input='/x/"a", b.mp4'),
        Row("", "/x/\udcff.txt", "skipped", "no video,\nreally"),
    ]
    lines = list(csv.DictReader(io.StringIO(csv_from_rows(rows).decode("utf-8"))))
    assert tuple(lines[0]) == COLUMNS
    assert lines[0]["input"] == '/x/"a", b.mp4' and lines[0]["frames"] == "45" and lines[0]["events"] == "0"
    assert lines[1]["reason"] == "no video,\nreally" and lines[1]["frames"] == "" and "\\udcff" in lines[1]["input"]
    table = pq.read_table(io.BytesIO(parquet_from_rows(rows)))
    assert tuple(table.column_names) == COLUMNS
    assert table["frames"].to_pylist() == [45, None] and table["duration_s"].to_pylist() == [1.5, None]
    assert pq.read_table(io.BytesIO(parquet_from_rows([]))).schema.equals(table.schema)


def test_one_batch_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onset.batch.lock._SETTLE_S", 0.0)
    first = Lock.take(store)
    assert first.is_held()
    holder = json.loads(store.read("batch.lock") or b"")
    assert (holder["host"], holder["pid"]) == (socket.gethostname(), os.getpid())

    def held_by(**values: object) -> None:
        store.write("batch.lock", json.dumps({**holder, **values}).encode())

    held_by(pid=os.getppid())
    with pytest.raises(BatchError, match=rf"process {os.getppid()} on .*--break-lock"):
        Lock.take(store)
    held_by(host="elsewhere", pid=1)
    with pytest.raises(BatchError, match="elsewhere"):
        Lock.take(store)
    second = Lock.take(store, break_it=True)
    assert second.is_held() and not first.is_held()
    first.release()
    assert second.is_held(), "who lost the lock must not give it back"
    second.release()
    assert store.read("batch.lock") is None


def test_a_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    store = LocalStore(str(tmp_path))
    store.write("batch.lock", json.dumps({"host": socket.gethostname(), "pid": child.pid}).encode())
    assert Lock.take(store).is_held()
    store.write("batch.lock", b"torn {")
    with pytest.raises(BatchError, match="--break-lock"):
        Lock.take(store)


def test_of_two_that_take_a_stale_lock_one_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(str(tmp_path))

    def other_comes_later(_seconds: float) -> None:
        store.write("batch.lock", b'{"token": "other"}')

    monkeypatch.setattr("onset.batch.lock.time.sleep", other_comes_later)
    with pytest.raises(BatchError, match="at the same moment"):
        Lock.take(store)


def test_other_options_are_refused_and_force_begins_a_new_generation(store: Store) -> None:
    options = AnalysisOptions().as_written()
    first = begin(store, "1.0", options, force=False)
    assert (first.generation, first.runs) == (1, 1)
    again = begin(store, "1.0", options, force=False)
    assert (again.generation, again.runs, again.id) == (1, 2, first.id)
    assert is_seen_by(store, first.id) and not is_seen_by(store, "other")
    other = AnalysisOptions(landmark_hz=0.0).as_written()
    with pytest.raises(UsageError, match=r"landmark_hz 15\.0, now 0\.0.*--force"):
        begin(store, "1.0", other, force=False)
    with pytest.raises(UsageError, match=r"onset version 1\.0, now 1\.1"):
        begin(store, "1.1", options, force=False)
    assert begin(store, "1.1", other, force=True).generation == 2


def test_a_folder_of_something_else_is_left_alone(store: Store) -> None:
    store.write("frames/recording=x/frames.parquet", b"precious")
    with pytest.raises(UsageError, match="no batch"):
        begin(store, "1.0", {}, force=True)
    store.write("batch.json", b"{}")
    with pytest.raises(BatchError, match="cannot be read"):
        begin(store, "1.0", {}, force=True)


def test_what_changes_no_table_is_no_other_option(tmp_path: Path) -> None:
    plain = AnalysisOptions(spotter="state-machine", without_veto=("speech", "blink"))
    same = AnalysisOptions(spotter="state_machine", without_veto=("blink", "speech"), threads=2, identity=("/k",))
    assert differences(plain.as_written(), same.as_written()) == ""
    one = AnalysisOptions(profile=ProfileFile("anna.toml", b"a"))
    other = AnalysisOptions(profile=ProfileFile("anna.toml", b"b"))
    assert "profile" in differences(one.as_written(), other.as_written())
    assert Path(one.arguments(tmp_path)["profile"]).read_bytes() == b"a"


def test_a_profile_is_found_as_the_program_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calibration").mkdir()
    (tmp_path / "calibration" / "anna.toml").write_bytes(b"x")
    found = profile_from_argument("anna")
    assert found == profile_from_argument("calibration/anna.toml") == ProfileFile("anna.toml", b"x")
    assert profile_from_argument(None) is None and profile_from_argument("default") is None
    with pytest.raises(UsageError, match=r"--profile ben: cannot read calibration/ben\.toml"):
        profile_from_argument("ben")


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BatchError, match="is a file"):
        check_place(str(tmp_path / "file"))
    assert check_place(f"file://{tmp_path}/new") == str(tmp_path / "new")
    assert check_place("s3://bucket/out/") == "s3://bucket/out"


def recording(name: str, version: str = "mtime 1") -> Recording:
    """A recording at a fixed path."""
    return Recording(f"/videos/{name}.mp4", "file", Stamp(100, version))


def ledger_with(store: Store, *rows: Row, generation: int = 1) -> tuple[Ledger, dict[str, Row]]:
    """A ledger of run 2 that finds these status files and no journal, and what it knows."""
    for row in rows:
        write_status(store, row)
    ledger = Ledger(store, generation, 2)
    return ledger, ledger.known()


def row_of(item: Recording, **values: object) -> Row:
    """A done row of a recording as `fill` would look for it."""
    from onset.batch.identity import recording_id

    return done(recording_id(item.location), input=item.location, **values)


def test_done_stays_done_and_the_rest_is_to_do(store: Store) -> None:
    a, b, c, changed = recording("a"), recording("b"), recording("c"), recording("changed", "mtime 2")
    failed = row_of(b, status="failed", reason="corrupt", attempts=2)
    ledger, known = ledger_with(store, row_of(a), failed, row_of(changed))
    works = ledger.fill([a, b, c, changed, NotOne("/x.txt", "skipped", "no video")], known, retry_failed=False)
    assert [row.status for row in ledger.rows] == ["done", "failed", "pending", "pending", "skipped"]
    assert [(work.recording, work.attempt) for work in works] == [(c, 1), (changed, 1)]

    ledger, known = ledger_with(store)
    works = ledger.fill([a, b], known, retry_failed=True)
    assert [(work.recording, work.attempt) for work in works] == [(b, 3)]


def test_the_status_files_are_the_truth_and_the_journal_a_short_cut(store: Store) -> None:
    a, b, gone = row_of(recording("a")), row_of(recording("b")), row_of(recording("gone"))
    write_status(store, a)
    write_status(store, b)
    journal.append_rows(store, [a, gone])
    reads = []
    original = store.read

    def counted(name: str) -> bytes | None:
        reads.append(name)
        return original(name)

    store.read = counted  # type: ignore[method-assign]
    ledger = Ledger(store, 1, 2)
    assert sorted(ledger.known()) == sorted([a.recording, b.recording])
    assert [name for name in reads if name.startswith("status/")] == [status_name(b.recording)]
    ledger.write()
    assert b.recording in journal.read_journal(store), "next time it need not be read"


def test_recordings_of_earlier_runs_stay_in_the_manifest(store: Store) -> None:
    ledger, known = ledger_with(store, row_of(recording("a")), row_of(recording("b")))
    ledger.fill([recording("b")], known, retry_failed=False)
    assert ledger.given == 1
    assert [row.input for row in ledger.rows] == ["/videos/b.mp4", "/videos/a.mp4"]


def test_a_done_recording_that_was_put_away_stays_done(store: Store) -> None:
    ledger, known = ledger_with(store, row_of(recording("a")))
    missing = [NotOne("/videos/a.mp4", "failed", "gone"), NotOne("/videos/b.mp4", "failed", "gone")]
    assert ledger.fill(missing, known, retry_failed=False) == []  # type: ignore[arg-type]
    assert [row.status for row in ledger.rows] == ["done", "failed"]


def test_after_force_what_is_old_is_to_do_again_or_withdrawn(store: Store) -> None:
    a, b, c = recording("a"), recording("b"), recording("c")
    rows = [row_of(a), row_of(b), row_of(c)]
    for row in rows:
        store.write(table_name("frames", row.recording), b"old")
    ledger, known = ledger_with(store, *rows, generation=2)
    works = ledger.fill([a, NotOne(b.location, "failed", "gone")], known, retry_failed=False)
    assert [work.recording for work in works] == [a]
    assert [row.status for row in ledger.rows] == ["pending", "failed", "pending"]
    assert store.read(table_name("frames", rows[1].recording)) is None
    assert store.read(table_name("frames", rows[2].recording)) == b"old", "what was not given is left as it is"


def test_giving_up_leaves_no_tables_and_a_mark(store: Store) -> None:
    a = recording("a")
    ledger, known = ledger_with(store)
    (work,) = ledger.fill([a], known, retry_failed=False)
    store.write(table_name("frames", work.id), b"half published")
    row = ledger.give_up(work, "its worker died", None)
    assert (row.status, row.reason, row.attempts, row.run) == ("failed", "its worker died", 1, 2)
    assert read_status(store, work.id) == row
    assert store.read(table_name("frames", work.id)) is None

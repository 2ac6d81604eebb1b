"""What a worker does with a recording, and what the driver does with its answers; without Ray."""

from __future__ import annotations

import errno
import io
import json
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

import onset
import pytest
from batch_support import done, touch, work
from onset import MissingProgramError, MissingSourceError, OutputError, SourceError
from onset.batch import task, workspace
from onset.batch.arguments import arguments_from
from onset.batch.batch_file import begin
from onset.batch.driver import Driver, StopRequest, in_order
from onset.batch.errors import BatchError, Interrupted
from onset.batch.identity import recording_id
from onset.batch.ledger import Ledger
from onset.batch.lock import Lock
from onset.batch.options import AnalysisOptions
from onset.batch.outcome import Outcome, Shared, Work
from onset.batch.progress import Progress, Totals, duration, hours, seconds_left
from onset.batch.publish import read_status, summary_name, table_name
from onset.batch.report import report
from onset.batch.row import Row
from onset.batch.store import LocalStore, Store
from onset.batch.task import analyse
from onset.batch.tree import Stamp
from onset.batch.usage import Meter
from onset.batch.walk import Recording

SUMMARY = {
    "ended": "end_of_input",
    "warnings": [],
    "measured": {"duration_s": 2.5},
    "frames": {"rows": 75},
    "events": {"micro": {"happiness": 2}, "blink": {"unlabelled": 1}},
}


class FakeAnalysis:
    """Stands for `onset.analyze_to_files`: writes the recording's bytes as its tables, or raises."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.calls: list[str] = []
        self.label_evidence = False
        self.summary: dict[str, Any] = SUMMARY

    def __call__(self, path: Path, out: Path, *, name: str, **_options: object) -> dict[str, Any]:
        self.calls.append(str(path))
        folder = out / name
        folder.mkdir()
        content = path.read_bytes()
        (folder / "frames.parquet").write_bytes(b"frames of " + content)
        if self.error is not None:
            raise self.error
        (folder / "events.parquet").write_bytes(b"events of " + content)
        if self.label_evidence:
            (folder / "label_evidence.parquet").write_bytes(b"evidence of " + content)
        summary = {**self.summary, "input": str(path)}
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        (folder / "timing.json").write_text("{}", encoding="utf-8")
        return summary


@pytest.fixture
def analysis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeAnalysis:
    """The stand-in, in force; temporary folders are below `tmp_path/node`."""
    fake = FakeAnalysis()
    monkeypatch.setattr(task, "analyze_to_files", fake)
    (tmp_path / "node").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "node"))
    return fake


def begun(store: Store, **values: Any) -> Shared:
    """A batch that has begun on a store."""
    batch = begin(store, onset.__version__, {}, force=False)
    options = AnalysisOptions()
    return Shared(store.location, batch.id, 1, values.get("run", batch.runs), onset.__version__, options)


def clip(tmp_path: Path, name: str = "clip.mp4", version: str = "mtime 1") -> Work:
    """A recording on a disk."""
    touch(tmp_path, name)
    location = str(tmp_path / name)
    return Work(recording_id(location), Recording(location, "file", Stamp(8, version)))


def files(root: Path) -> dict[str, bytes]:
    """All files of an output folder but those of the batch as a whole."""
    paths = (path for path in root.rglob("*") if path.is_file() and path.name != "batch.json")
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """An output folder on a disk."""
    return LocalStore(str(tmp_path / "out"))


def test_tables_are_published_and_the_status_says_so(tmp_path: Path, store: LocalStore, analysis: FakeAnalysis) -> None:
    item = clip(tmp_path)
    outcome = analyse(begun(store), item)
    assert outcome.kind == "decided" and outcome.row == read_status(store, item.id)
    row = outcome.row
    assert row is not None
    assert (row.status, row.duration_s, row.frames, row.events, row.run, row.attempts) == ("done", 2.5, 75, 3, 1, 1)
    assert row.wall_s is not None and row.cpu_s is not None and row.input_bytes == 8
    made = files(store.root)
    assert sorted(made) == [
        f"events/recording={item.id}/events.parquet",
        f"frames/recording={item.id}/frames.parquet",
        f"status/{item.id}.json",
        f"summaries/recording={item.id}/summary.json",
    ]
    assert made[table_name("frames", item.id)] == b"frames of clip.mp4"
    assert row.output_bytes == sum(len(content) for name, content in made.items() if not name.startswith("status"))
    assert list((tmp_path / "node").iterdir()) == [] and list((store.root / ".work").iterdir()) == []


def test_a_recording_that_broke_off_says_so(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis, capsys: pytest.CaptureFixture[str]
) -> None:
    analysis.summary = {**SUMMARY, "ended": "source_failed", "warnings": ["cut off at 2.5 s"]}
    item = clip(tmp_path)
    row = analyse(begun(store), item).row
    assert row is not None and (row.status, row.reason) == ("done", "broke off; cut off at 2.5 s")
    assert report(store.location, [row], Totals(1, done=1), None, 1.0, arguments_from(["x", "--out", "y"])) == 0
    assert "1 recordings broke off before their end" in capsys.readouterr().err


def test_an_interrupted_analysis_is_not_taken_for_a_whole_one(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis
) -> None:
    analysis.summary = {**SUMMARY, "ended": "interrupted"}
    assert analyse(begun(store), clip(tmp_path)).kind == "again"
    assert files(store.root) == {}


@pytest.mark.parametrize("step", ["frames/", "events/", "summaries/", "status/"])
def test_killed_at_any_step_the_next_attempt_gives_the_same(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    shared, item = begun(store), clip(tmp_path)
    original = LocalStore.put_file

    def killed_after(self: LocalStore, source: Path, name: str) -> int:
        size = original(self, source, name)
        if name.startswith(step):
            raise KeyboardInterrupt
        return size

    # A kill leaves the temporary folders where they are.
    monkeypatch.setattr(shutil, "rmtree", lambda *_args, **_options: None)
    monkeypatch.setattr(LocalStore, "put_file", killed_after)
    with pytest.raises(KeyboardInterrupt):
        analyse(shared, item)
    monkeypatch.undo()
    monkeypatch.setattr(task, "analyze_to_files", analysis)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "node"))

    row = analyse(shared, Work(item.id, item.recording, 2)).row
    assert row is not None and row.status == "done"
    # After the last step there is nothing to do again.
    assert (row.attempts, len(analysis.calls)) == ((1, 1) if step == "status/" else (2, 2))
    store.clean()
    assert sorted(name.split("/")[0] for name in files(store.root)) == ["events", "frames", "status", "summaries"]
    with workspace.node_folder() as folder:
        assert list((tmp_path / "node").iterdir()) == [folder], "what the killed attempt left is gone"


def test_a_changed_input_replaces_all_that_was_there(tmp_path: Path, store: LocalStore, analysis: FakeAnalysis) -> None:
    shared = begun(store)
    analysis.label_evidence = True
    first = clip(tmp_path)
    analyse(shared, first)
    assert store.read(table_name("label_evidence", first.id)) == b"evidence of clip.mp4"
    analysis.label_evidence = False
    changed = clip(tmp_path, version="mtime 2")
    analyse(shared, changed)
    assert store.read(table_name("label_evidence", first.id)) is None
    analysis.error = SourceError("corrupt")
    row = analyse(shared, clip(tmp_path, version="mtime 3")).row
    assert row is not None and (row.status, row.reason) == ("failed", "corrupt")
    assert sorted(files(store.root)) == [f"status/{first.id}.json"], "old tables do not stand for a new, corrupt input"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (SourceError("no frame in it can be decoded"), "decided"),
        (MissingProgramError("install ffmpeg"), "machine"),
        (OutputError("disk full"), "machine"),
        (OSError(errno.ENOSPC, "No space left on device"), "machine"),
        (OSError(errno.ECONNRESET, "Connection reset"), "again"),
        (RuntimeError("a protocol's own"), "again"),
        (MissingSourceError("not here"), "again"),
        (PermissionError(errno.EACCES, "Permission denied"), "decided"),
    ],
)
def test_whose_fault_an_error_is(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis, error: Exception, kind: str
) -> None:
    analysis.error = error
    item = clip(tmp_path)
    outcome = analyse(begun(store), item)
    assert outcome.kind == kind
    assert (str(error) in outcome.reason) or (outcome.row is not None and str(error) in outcome.row.reason)
    assert (read_status(store, item.id) is not None) == (kind == "decided")
    assert not any(name.startswith(("frames", "events")) for name in files(store.root))


def test_a_store_that_refuses_is_the_machines_fault(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = begun(store)

    def full(_self: LocalStore, _source: Path, _name: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(LocalStore, "put_file", full)
    outcome = analyse(shared, clip(tmp_path))
    assert outcome.kind == "machine" and "No space left" in outcome.reason


def test_a_node_with_another_version_or_without_the_folder_stops_the_batch(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis
) -> None:
    shared, item = begun(store), clip(tmp_path)
    other = Shared(shared.out, shared.batch_id, 1, 1, "99.0", shared.options)
    outcome = analyse(other, item)
    assert outcome.kind == "machine" and onset.__version__ in outcome.reason and "99.0" in outcome.reason
    elsewhere = Shared(str(tmp_path / "empty"), shared.batch_id, 1, 1, shared.onset_version, shared.options)
    outcome = analyse(elsewhere, item)
    assert outcome.kind == "machine" and "does not see" in outcome.reason
    assert not (tmp_path / "empty").exists() and analysis.calls == []


def test_a_remote_recording_is_brought_and_its_summary_names_its_url(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis
) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    memory.pipe_file("/fetch/a clip.mp4", b"remote")
    url = "memory://fetch/a clip.mp4"
    item = Work(recording_id(url), Recording(url, "file", Stamp(6, "")))
    row = analyse(begun(store), item).row
    assert row is not None and row.status == "done"
    assert store.read(table_name("frames", item.id)) == b"frames of remote"
    assert analysis.calls[0].endswith("/a clip.mp4")
    assert json.loads(store.read(summary_name(item.id)) or b"")["input"] == url
    analysis.error = SourceError(f"{tmp_path} cannot be read")
    memory.rm("/fetch/a clip.mp4")
    row = analyse(begun(store), Work(item.id, Recording(url, "file", Stamp(7, "")))).row
    assert row is not None and row.status == "failed" and "cannot be read" in row.reason
    assert list((tmp_path / "node").iterdir()) == []


def test_a_remote_folder_brings_what_belongs_to_the_recording(tmp_path: Path) -> None:
    from onset.batch.fetch import fetch

    memory = pytest.importorskip("fsspec").filesystem("memory")
    for name in ("f1.png", "timestamps.txt", "clip.mp4", "deeper/f2.png"):
        memory.pipe_file(f"/pics/{name}", b"x")
    for name in ("session.toml", "codings/anna.csv"):
        memory.pipe_file(f"/session/{name}", b"x")
    path = fetch(Recording("memory://pics", "pictures", Stamp(4, "")), tmp_path)
    assert sorted(files(path)) == ["f1.png", "timestamps.txt"]
    (tmp_path / "second").mkdir()
    path = fetch(Recording("memory://session", "session", Stamp(2, "")), tmp_path / "second")
    assert sorted(files(path)) == ["codings/anna.csv", "session.toml"]


def test_a_download_that_does_not_fit_is_the_machines_fault(
    tmp_path: Path, store: LocalStore, analysis: FakeAnalysis
) -> None:
    pytest.importorskip("fsspec").filesystem("memory").pipe_file("/big.mp4", b"x")
    item = Work("big-0", Recording("memory://big.mp4", "file", Stamp(10**18, "")))
    outcome = analyse(begun(store), item)
    assert outcome.kind == "machine" and "1000000000.0 GB" in outcome.reason


def test_folders_in_use_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "onset-batch-left"
    touch(left, ".in-use", "clip.mp4")
    with workspace.node_folder() as mine:
        assert not left.exists()
        with workspace.node_folder() as other:
            assert mine.exists() and other.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_meter_counts_what_was_used() -> None:
    meter = Meter.start()
    content = bytearray(64_000_000)
    total = sum(content[::64])
    figures = meter.figures()
    assert total == 0 and figures["wall_s"] > 0.0 and figures["cpu_s"] > 0.0 and figures["peak_rss_mb"] > 64.0


class FakeCluster:
    """Answers each attempt from a script: `answers[id]` are its outcomes in order, the last for all further ones."""

    def __init__(self, answers: dict[str, list[Outcome]], slots: int = 2) -> None:
        self.answers = answers
        self.order: list[Work] = []
        self.running: list[Work] = []
        self.most = 0
        self._slots = slots

    def slots(self) -> int:
        return self._slots

    def submit(self, item: Work) -> object:
        self.order.append(item)
        self.running.append(item)
        self.most = max(self.most, len(self.running))
        return item

    def wait(self, timeout_s: float) -> list[tuple[object, Outcome]]:
        item = self.running.pop(0)
        answers = self.answers.get(item.id, [Outcome("decided", done(item.id, attempts=item.attempt, wall_s=1.0))])
        return [(item, answers.pop(0) if len(answers) > 1 else answers[0])]

    def close(self) -> None:
        self.running.clear()


class SilentLedger(Ledger):
    """A ledger of works that are given directly."""

    def __init__(self, store: Store, works: list[Work]) -> None:
        super().__init__(store, 1, 1)
        self.rows = [Row(item.id, item.recording.location, "pending", generation=1) for item in works]
        self._index = {item.id: number for number, item in enumerate(works)}
        self.given = len(works)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks settle at once."""
    monkeypatch.setattr("onset.batch.lock._SETTLE_S", 0.0)


def drive(store: Store, cluster: FakeCluster, works: list[Work], **options: Any) -> SilentLedger:
    """Runs the driver over works; returns its ledger."""
    ledger = SilentLedger(store, works)
    totals = Totals(inputs=len(works))
    stop = options.pop("stop", StopRequest())
    driver = Driver(
        cluster,
        ledger,
        Lock.take(store),
        Progress(io.StringIO()),
        totals,
        options.pop("retries", 3),
        pauses_s=(0.0,),
        **options,
    )
    driver.run(works, stop)
    assert totals.pending == 0 and totals.bytes_left == 0
    return ledger


def test_the_driver_holds_few_tasks_however_long_the_list_is(store: LocalStore) -> None:
    works = [work(f"r{number}") for number in range(200)]
    cluster = FakeCluster({}, slots=3)
    ledger = drive(store, cluster, works)
    assert cluster.most == 6
    assert [row.status for row in ledger.rows] == ["done"] * 200
    cluster = FakeCluster({}, slots=3)
    drive(store, cluster, works, max_at_once=2)
    assert cluster.most == 2


def test_the_largest_go_first_and_none_is_left_out() -> None:
    works = [work("a", 1), work("b", 3), work("c", None), work("d", 3), work("e", 2)]
    assert [item.id for item in in_order(works)] == ["c", "b", "d", "e", "a"]


def test_what_passes_is_tried_again_and_what_does_not_is_given_up(store: LocalStore) -> None:
    again = Outcome("again", reason="its worker died")
    cluster = FakeCluster({"a": [again, again, Outcome("decided", done("a", attempts=3))], "b": [again]})
    ledger = drive(store, cluster, [work("a"), work("b"), work("c")], retries=2)
    assert [(row.status, row.attempts) for row in ledger.rows] == [("done", 3), ("failed", 3), ("done", 1)]
    assert ledger.rows[1].reason == "its worker died; given up after 3 attempts"
    assert read_status(store, "b") == ledger.rows[1]
    assert [item.attempt for item in cluster.order if item.id == "b"] == [1, 2, 3]


def test_a_corrupt_recording_is_tried_once(store: LocalStore) -> None:
    failed = done("a", status="failed", reason="corrupt")
    cluster = FakeCluster({"a": [Outcome("decided", failed)]})
    ledger = drive(store, cluster, [work("a"), work("b")])
    assert [row.status for row in ledger.rows] == ["failed", "done"]
    assert len(cluster.order) == 2


def test_a_machine_that_cannot_stops_the_batch(store: LocalStore) -> None:
    works = [work(f"r{number}") for number in range(10)]
    cluster = FakeCluster({"r2": [Outcome("machine", reason="vm: install ffmpeg")]}, slots=1)
    with pytest.raises(BatchError, match="install ffmpeg"):
        drive(store, cluster, works)
    assert len(cluster.order) <= 4, "nothing more was submitted"


def test_a_request_to_stop_is_heeded(store: LocalStore) -> None:
    stop = StopRequest()
    stop.signal = signal.SIGTERM
    with pytest.raises(Interrupted) as caught:
        drive(store, FakeCluster({}), [work("a")], stop=stop)
    assert caught.value.exit_code == 143


def test_a_batch_that_lost_its_lock_stops(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({}, slots=1)
    monkeypatch.setattr(Ledger, "write_if_due", lambda _self: True)
    monkeypatch.setattr(Lock, "is_held", lambda _self: len(cluster.order) < 3)
    with pytest.raises(BatchError, match="took this output folder over"):
        drive(store, cluster, [work(f"r{number}") for number in range(9)])


def test_time_left_is_sensible_early() -> None:
    totals = Totals(inputs=11, bytes_left=1100)
    assert seconds_left(totals, 4) is None
    totals.done, totals.work_bytes, totals.work_s, totals.bytes_left = 1, 100, 20.0, 1000
    # 20 s of a worker for 100 bytes: 200 s for the rest, by four at once, whatever the clock says.
    assert seconds_left(totals, 4) == pytest.approx(50.0)
    totals.done, totals.bytes_left = 10, 100
    assert seconds_left(totals, 4) == pytest.approx(20.0), "the last one is not split"
    totals.done = 11
    assert seconds_left(totals, 4) == 0.0


def test_durations_read_well() -> None:
    assert [duration(seconds) for seconds in (0.4, 99, 100, 5940, 12_000, 200_000)] == [
        "0 s",
        "99 s",
        "2 min",
        "99 min",
        "3 h 20 min",
        "2 d 7 h",
    ]
    assert [hours(seconds) for seconds in (40, 750, 1_116_720)] == ["40.0 s", "12.5 min", "310.2 h"]


def test_progress_rewrites_its_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = [0.0]
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("onset.batch.progress.time.monotonic", lambda: now[0])
    terminal, pipe = Terminal(), io.StringIO()
    shown, lines = Progress(terminal), Progress(pipe)
    totals = Totals(inputs=10, done=4, failed=1, media_s=600.0, work_s=80.0, work_bytes=400, bytes_left=500)
    for second in range(0, 61):
        now[0] = float(second)
        for progress in (shown, lines):
            progress.update(totals, 2)
    expected = "4 done, 1 failed, 0 skipped of 10; 10.0 min of video, 10.0 x real time; 1 s left"
    assert terminal.getvalue().split("\r")[-1].strip() == expected
    assert "\n" not in terminal.getvalue()
    assert pipe.getvalue().splitlines()[0].endswith("20.0 x real time; 20 s left")
    assert len(pipe.getvalue().splitlines()) == 2
    monkeypatch.setenv("COLUMNS", "20")
    now[0] = 70.0
    shown.update(totals, 2)
    assert terminal.getvalue().split("\r")[-1].rstrip() == "4 done, 1 failed, 0"
    shown.finish()
    assert terminal.getvalue().endswith(" \r")

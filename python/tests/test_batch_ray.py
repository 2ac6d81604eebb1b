"""`python -m onset.batch` as users run it, on a local Ray cluster of two workers.

Needs `ONSET_BINARY`, the built program: its tables are what the batch's must equal, byte for byte.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("ray")
pytestmark = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds workers by /proc")

RECORDINGS = 40
FPS = "30"
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Material:
    """A folder of 40 recordings made of four distinct ones, and the binary's tables of these."""

    folder: Path
    tables: Path

    def table(self, recording: str, table: str) -> bytes:
        """What the binary wrote for the base of a recording, by its name: `clip_1_7-...`."""
        base = "_".join(recording.split("_")[:2])
        return (self.tables / base / f"{table}.parquet").read_bytes()


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Clips of half a second and folders of a few pictures, made by the program itself."""
    binary = os.environ.get("ONSET_BINARY")
    assert binary, "set ONSET_BINARY to the built program: target/release/onset"
    root = tmp_path_factory.mktemp("material")
    synth = [binary, "synth", "--clips", "2", "--seed", "3", "--duration", "0.5", "--no-strips", "--out", "synth"]
    subprocess.run([*synth, "--distractors", "noise,head_shift"], cwd=root, check=True, capture_output=True)
    bases = root / "bases"
    bases.mkdir()
    for number, clip in enumerate(sorted((root / "synth").glob("*.mkv")), start=1):
        clip.rename(bases / f"clip_{number}.mkv")
    for number in (1, 2):
        (bases / f"pictures_{number}").mkdir()
        picture = ["-i", f"bases/clip_{number}.mkv", "-frames:v", "4", f"bases/pictures_{number}/f%d.jpg"]
        subprocess.run(["ffmpeg", "-v", "error", *picture], cwd=root, check=True)
    found = sorted(bases.iterdir())
    assert len(found) == 4
    analyze = [binary, "analyze", *map(str, found), "--format", "parquet", "--fps", FPS, "--out", str(root / "tables")]
    subprocess.run(analyze, check=True, capture_output=True)
    folder = root / "recordings"
    folder.mkdir()
    for number in range(RECORDINGS):
        base = found[number % 4]
        target = folder / f"{base.stem}_{number}{base.suffix}"
        shutil.copytree(base, target) if base.is_dir() else shutil.copy(base, target)
    assert (root / "tables/clip_1/frames.parquet").read_bytes() != (root / "tables/clip_2/frames.parquet").read_bytes()
    return Material(folder, root / "tables")


@dataclass
class Place:
    """Where a batch is run: everything of it, workers too, has this working folder."""

    path: Path

    @property
    def out(self) -> Path:
        """Its output folder."""
        return self.path / "out"

    def start(self, *words: str | Path, **environment: str) -> subprocess.Popen[str]:
        """Starts a batch."""
        # Not Ray's own folder below it: its sockets need short paths.
        (self.path / "tmp").mkdir(exist_ok=True)
        env = {**os.environ, "TMPDIR": str(self.path / "tmp"), "RAY_TMPDIR": "/tmp", **environment}
        command = [sys.executable, "-m", "onset.batch", *map(str, words), "--fps", FPS, "--num-cpus", "2"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.path, env=env, text=True, **pipes)  # type: ignore[call-overload, no-any-return]

    def run(self, *words: str | Path, code: int = 0, **environment: str) -> tuple[str, str]:
        """Runs a batch to its end; returns what it said and warned."""
        return finished(self.start(*words, **environment), code)

    def processes(self, title: str = "") -> list[int]:
        """Processes that run here, by the beginning of their title."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                is_here = entry.name.isdigit() and (entry / "cwd").readlink() == self.path
                if is_here and (entry / "cmdline").read_bytes().startswith(title.encode()):
                    found.append(int(entry.name))
        return found

    def decided(self) -> list[str]:
        """Ids with a status file."""
        return sorted(path.stem for path in (self.out / "status").glob("*.json"))

    def manifest(self, out: Path | None = None) -> list[dict[str, str]]:
        """The rows of the manifest."""
        with ((out or self.out) / "manifest.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder for a batch; what still runs in it afterwards is ended."""
    here = Place(tmp_path)
    yield here
    for pid in here.processes():
        if pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def finished(batch: subprocess.Popen[str], code: int) -> tuple[str, str]:
    """Waits for a batch; returns what it said and warned."""
    said, warned = batch.communicate(timeout=PATIENCE_S)
    assert batch.returncode == code, warned
    return said, warned


def wait_until(is_so: Callable[[], bool]) -> None:
    """Waits for something, not for ever."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def assert_complete(out: Path, material: Material, rows: list[dict[str, str]], count: int) -> None:
    """Each recording is done once, its tables are the binary's, and there is nothing else."""
    done = [row for row in rows if row["status"] == "done"]
    ids = {row["recording"] for row in done}
    assert len(done) == len(ids) == count
    expected = {"batch.json", "manifest.csv", "manifest.jsonl", "manifest.parquet"}
    for recording in ids:
        for table in ("frames", "events"):
            name = f"{table}/recording={recording}/{table}.parquet"
            assert (out / name).read_bytes() == material.table(recording, table), name
            expected.add(name)
        expected |= {f"summaries/recording={recording}/summary.json", f"status/{recording}.json"}
    expected |= {f"status/{row['recording']}.json" for row in rows if row["status"] == "failed" and row["node"]}
    assert {str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir()} == expected
    assert not (out / ".work").exists()


def test_forty_recordings_equal_the_binarys_and_a_corrupt_one_fails_alone(material: Material, place: Place) -> None:
    corrupt = place.path / "corrupt.mp4"
    corrupt.write_bytes(b"this is no video")
    own = Path(shutil.copy(material.folder / "clip_1_0.mkv", place.path / "clip_1_own.mkv"))
    listed = f"# everything\n{material.folder}\n\nclip_1_own.mkv\ncorrupt.mp4\ngone.mp4\n"
    (place.path / "all.txt").write_text(listed, encoding="utf-8")
    one = material.folder / "clip_1_0.mkv"
    said, warned = place.run("all.txt", one, "--out", "out", "--json", code=1)
    rows = place.manifest()
    assert_complete(place.out, material, rows, RECORDINGS + 1)
    by_input = {(row["input"], row["status"]): row for row in rows}
    assert len(rows) == RECORDINGS + 4
    assert "cannot be used as a video" in by_input[str(corrupt), "failed"]["reason"]
    assert by_input[str(corrupt), "failed"]["attempts"] == "1"
    assert "no such file" in by_input[str(place.path / "gone.mp4"), "failed"]["reason"]
    assert "the same as" in by_input[str(one), "skipped"]["reason"]
    done = by_input[str(one), "done"]
    assert (done["frames"], done["attempts"], done["run"]) == ("15", "1", "1")
    assert float(done["duration_s"]) == pytest.approx(14 / 30, abs=0.001) and float(done["cpu_s"]) > 0.05
    facts = json.loads(said)
    assert (facts["done"], facts["failed"], facts["skipped"], facts["pending"]) == (41, 2, 1, 0)
    assert "corrupt.mp4" in warned and "2 failed" in warned

    readable_at_once(place.out, RECORDINGS + 1)

    # A second run redoes nothing, not even what failed.
    before = {path: path.stat().st_mtime_ns for path in place.out.rglob("*.parquet") if "recording=" in str(path)}
    said, _ = place.run("all.txt", one, "--out", "out", code=1)
    assert "41 of 44 done (41 before), 2 failed, 1 skipped" in said
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert [row["run"] for row in place.manifest() if row["node"]] == ["1"] * 42

    # A changed input is redone, and so is what failed, on request.
    os.utime(own, ns=(5, 5))
    place.run(own, corrupt, "--out", "out", "--retry-failed", code=1)
    rows = place.manifest()
    assert [(row["status"], row["run"], row["attempts"]) for row in rows[:2]] == [
        ("done", "3", "1"),
        ("failed", "3", "2"),
    ]
    assert len(rows) == RECORDINGS + 2, "what earlier runs did stays in the manifest"


def readable_at_once(out: Path, count: int) -> None:
    """Pandas and polars read all tables with a column `recording`."""
    import pandas as pd
    import polars as pl

    frames = pd.read_parquet(out / "frames")
    assert frames["recording"].nunique() == count
    assert sorted(frames.groupby("recording", observed=True).size().unique()) == [4, 15]
    lazy = pl.scan_parquet(out / "frames", hive_partitioning=True)
    assert lazy.select(pl.len()).collect().item() == len(frames)
    assert pl.read_parquet(out / "events", hive_partitioning=True).columns[-1] == "recording"
    assert pd.read_parquet(out / "manifest.parquet")["frames"].sum() == len(frames)


def test_a_killed_worker_loses_nothing_and_doubles_nothing(material: Material, place: Place) -> None:
    batch = place.start(material.folder, "--out", "out")
    wait_until(lambda: len(place.decided()) >= 4)
    victims: list[int] = []
    while not victims:
        victims = place.processes("ray::analyse")
    os.kill(victims[0], signal.SIGKILL)
    said, _ = finished(batch, 0)
    assert "40 of 40 done" in said
    rows = place.manifest()
    assert_complete(place.out, material, rows, RECORDINGS)
    assert [row["attempts"] for row in rows].count("2") == 1, "the one that was killed was done again"
    assert {row["attempts"] for row in rows} == {"1", "2"}
    with (place.out / "manifest.jsonl").open(encoding="ascii") as file:
        assert sorted(json.loads(line)["recording"] for line in file) == sorted(row["recording"] for row in rows)


def test_a_killed_driver_goes_on_where_it_was(material: Material, place: Place) -> None:
    some = sorted(material.folder.iterdir())[:16]
    batch = place.start(*some, "--out", "out")
    wait_until(lambda: len(place.decided()) >= 5)
    batch.kill()
    batch.communicate()
    # Its workers end with it, a moment later.
    wait_until(lambda: not place.processes("ray::analyse") and not place.processes("ray::IDLE"))
    early = place.decided()
    assert 5 <= len(early) < len(some)
    assert (place.out / "batch.lock").exists()
    before = {path: path.stat().st_mtime_ns for path in place.out.rglob("*") if path.is_file() and path.stem in early}
    with (place.out / "manifest.jsonl").open("ab") as file:
        file.write(b'{"recording":"torn')

    said, warned = place.run(*some, "--out", "out")
    assert f"16 of 16 done ({len(early)} before)" in said
    assert f"{len(early)} done before, {16 - len(early)} to analyse, 2 at once" in warned
    rows = place.manifest()
    assert_complete(place.out, material, rows, 16)
    assert {row["recording"] for row in rows if row["run"] == "1"} == set(early)
    assert {row["run"] for row in rows} == {"1", "2"}
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_ctrl_c_writes_the_manifest_and_the_same_command_goes_on(material: Material, place: Place) -> None:
    some = sorted(material.folder.iterdir())[:10]
    batch = place.start(*some, "--out", "out")
    wait_until(lambda: len(place.decided()) >= 2)
    batch.send_signal(signal.SIGINT)
    _, warned = finished(batch, 130)
    assert "the same command goes on from here" in warned
    statuses = [row["status"] for row in place.manifest()]
    assert statuses.count("done") >= 2 and statuses.count("pending") == 10 - statuses.count("done") > 0
    assert not (place.out / "batch.lock").exists() and not (place.out / ".work").exists()
    place.run(*some, "--out", "out")
    assert_complete(place.out, material, place.manifest(), 10)


PROTOCOL = '''
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

class ElsewhereFileSystem(DirFileSystem):
    """A disk that is only reached as elsewhere://..., from any process."""
    protocol = "elsewhere"

    def __init__(self, **options):
        super().__init__(path={root!r}, fs=LocalFileSystem(), **options)
'''


def test_recordings_and_results_may_be_anywhere_that_fsspec_reaches(material: Material, place: Place) -> None:
    root = place.path / "disk"
    for name in ("clip_1_0.mkv", "clip_2_1.mkv"):
        (root / "in" / "day 1").mkdir(parents=True, exist_ok=True)
        shutil.copy(material.folder / name, root / "in" / "day 1" / name)
    shutil.copytree(material.folder / "pictures_1_2", root / "in" / "pictures_1_2")
    # A package that brings a protocol, as s3fs does.
    package = place.path / "package"
    (package / "elsewhere-1.dist-info").mkdir(parents=True)
    (package / "elsewhere_fs.py").write_text(PROTOCOL.format(root=str(root)), encoding="utf-8")
    (package / "elsewhere-1.dist-info" / "METADATA").write_text("Name: elsewhere\nVersion: 1\n", encoding="utf-8")
    entry = "[fsspec.specs]\nelsewhere = elsewhere_fs:ElsewhereFileSystem\n"
    (package / "elsewhere-1.dist-info" / "entry_points.txt").write_text(entry, encoding="utf-8")
    python_path = os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")])

    words = ["elsewhere://in", "--out", "elsewhere://results/all"]
    place.run(*words, PYTHONPATH=python_path)
    out = root / "results" / "all"
    rows = place.manifest(out)
    assert_complete(out, material, rows, 3)
    assert rows[0]["input"] == "elsewhere://in/day 1/clip_1_0.mkv"
    summary = out / "summaries" / f"recording={rows[0]['recording']}" / "summary.json"
    assert json.loads(summary.read_bytes())["input"] == rows[0]["input"]
    assert [path.name for path in (place.path / "tmp").iterdir() if path.name.startswith("onset-batch")] == []

    said, _ = place.run(*words, PYTHONPATH=python_path)
    assert "3 of 3 done (3 before)" in said
    assert {row["run"] for row in place.manifest(out)} == {"1"}


def test_a_machine_without_ffmpeg_stops_the_batch_and_fails_no_recording(material: Material, place: Place) -> None:
    one = material.folder / "clip_1_0.mkv"
    _, warned = place.run(one, "--out", "out", code=1, PATH="/nowhere")
    assert "ffmpeg" in warned and "put it right, and the same command goes on" in warned
    assert [row["status"] for row in place.manifest()] == ["pending"]
    place.run(one, "--out", "out")
    assert_complete(place.out, material, place.manifest(), 1)


def test_a_running_cluster_is_joined_and_left_running(material: Material, place: Place) -> None:
    some = sorted(material.folder.iterdir())[:4]
    port = "46379"
    ray = [sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start", "--head", "--block"]
    ray += [
        "--include-dashboard=false",
        f"--port={port}",
        "--node-ip-address=127.0.0.1",
        "--num-cpus=2",
        "--disable-usage-stats",
    ]
    ray += ["--object-store-memory=80000000"]
    # As docs/batch.md says: who joins has the cluster's token.
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    environment = {**os.environ, **token, "RAY_TMPDIR": "/tmp"}
    log = (place.path / "head.log").open("w", encoding="utf-8")
    head = subprocess.Popen(ray, cwd=place.path, stdout=log, stderr=log, env=environment)
    try:
        wait_until(lambda: "Ray runtime started" in (place.path / "head.log").read_text(encoding="utf-8"))
        said, _ = place.run(*some, "--out", "out", "--address", f"127.0.0.1:{port}", **token)
        assert "4 of 4 done" in said
        assert head.poll() is None
        assert_complete(place.out, material, place.manifest(), 4)
    finally:
        head.terminate()
        head.wait(PATIENCE_S)
        log.close()


def test_an_address_without_a_cluster_is_an_error_that_says_what_to_do(material: Material, place: Place) -> None:
    one = material.folder / "clip_1_0.mkv"
    _, warned = place.run(one, "--out", "out", "--address", "127.0.0.1:1", code=1)
    assert "cannot join the Ray cluster at 127.0.0.1:1" in warned and "ray start --head" in warned
    assert "Traceback" not in warned

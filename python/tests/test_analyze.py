"""`onset.analyze` and `onset.analyze_to_files`: the same values and bytes as the program, no copies, and a clean end at Ctrl-C."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onset
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Pictures, RunProgram

TABLES = [f"{table}.{form}" for table in ("frames", "events") for form in ("csv", "jsonl", "parquet")]
#: Options that change the tables, as keywords and as flags of the program.
OPTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "state machine": ({"spotter": "state-machine"}, ["--spotter", "state-machine"]),
    "network": ({"spotter": "network"}, ["--spotter", "network"]),
    "landmarks": ({"landmark_hz": 30, "landmark_still_hz": 30.0}, ["--landmark-hz", "30", "--landmark-still-hz", "30"]),
    "faces": ({"faces": 1}, ["--faces", "1"]),
    "candidates": ({"candidates": True}, ["--candidates"]),
    "vetoes": ({"without_veto": ["blink", "lone"]}, ["--without-veto", "blink,lone"]),
    "evidence": ({"candidates": True, "label_evidence": True}, ["--candidates", "--label-evidence"]),
}


def address(column: pa.ChunkedArray) -> int:
    """Where the values of a column lie in memory."""
    assert column.num_chunks == 1
    return int(column.chunk(0).buffers()[1].address)


def without_files(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without the names of the tables beside it, which depend on the formats."""
    return {key: value for key, value in summary.items() if key != "files"}


def test_tables_equal_those_of_the_program(analysis: onset.Analysis, binary_tables: Path) -> None:
    frames = pq.read_table(binary_tables / "frames.parquet")
    events = pq.read_table(binary_tables / "events.parquet")
    assert frames.num_rows == 1080
    assert events.num_rows >= 5
    assert analysis.frames.schema.equals(frames.schema, check_metadata=True)
    assert analysis.frames.equals(frames, check_metadata=True)
    assert analysis.events.schema.equals(events.schema, check_metadata=True)
    assert analysis.events.equals(events, check_metadata=True)
    assert analysis.label_evidence is None


def test_summary_equals_that_of_the_program(analysis: onset.Analysis, binary_tables: Path) -> None:
    written = json.loads((binary_tables / "summary.json").read_text(encoding="utf-8"))
    assert without_files(analysis.summary) == without_files(written)


def test_units_are_in_the_schema(analysis: onset.Analysis) -> None:
    assert analysis.frames.schema.metadata[b"unit:icd_px"] == b"px"
    assert analysis.events.schema.metadata[b"unit:duration_ms"] == b"ms"


def test_written_files_equal_those_of_the_program(
    analysis: onset.Analysis, binary_tables: Path, tmp_path: Path
) -> None:
    folder = analysis.write(tmp_path, formats=("csv", "parquet", "jsonl"))
    assert folder == tmp_path / "portrait_11"
    for name in [*TABLES, "summary.json"]:
        assert (folder / name).read_bytes() == (binary_tables / name).read_bytes(), name


def test_streamed_files_equal_those_of_the_program(clip: Path, binary_tables: Path, tmp_path: Path) -> None:
    summary = onset.analyze_to_files(clip, tmp_path, formats="csv,parquet,jsonl")
    folder = tmp_path / clip.stem
    for name in [*TABLES, "summary.json"]:
        assert (folder / name).read_bytes() == (binary_tables / name).read_bytes(), name
    assert summary == json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert set(json.loads((folder / "timing.json").read_text(encoding="utf-8"))) == {"wall_s", "cpu_s"}


def test_the_path_is_told_as_it_was_given(
    program: RunProgram, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures.folder.parent)
    name = pictures.folder.name
    program("analyze", name, "--out", tmp_path / "binary")
    assert onset.analyze_to_files(name, tmp_path / "here")["input"] == name
    assert onset.analyze(name).summary["input"] == name
    for file in ("summary.json", "frames.csv", "events.csv"):
        assert (tmp_path / "here" / name / file).read_bytes() == (tmp_path / "binary" / name / file).read_bytes()


def test_names_and_formats_of_outputs(analysis: onset.Analysis, pictures: Pictures, tmp_path: Path) -> None:
    assert analysis.write(tmp_path, name="anna", formats="jsonl") == tmp_path / "anna"
    assert sorted(path.name for path in (tmp_path / "anna").iterdir() if path.name != "timing.json") == [
        "events.jsonl",
        "frames.jsonl",
        "summary.json",
    ]
    onset.analyze_to_files(pictures.folder, tmp_path, name="ben", formats=["parquet"])
    assert (tmp_path / "ben" / "frames.parquet").is_file()
    assert not (tmp_path / "ben" / "frames.csv").exists()


@pytest.fixture(scope="module")
def plain(pictures: Pictures) -> onset.Analysis:
    """The pictures with the options that are the default."""
    return onset.analyze(pictures.folder)


@pytest.mark.parametrize("name", OPTIONS)
def test_options_are_those_of_the_command_line(
    name: str, program: RunProgram, pictures: Pictures, plain: onset.Analysis, tmp_path: Path
) -> None:
    keywords, flags = OPTIONS[name]
    program("analyze", pictures.folder, "--out", tmp_path, "--format", "parquet", *flags)
    folder = tmp_path / pictures.folder.name
    analysis = onset.analyze(pictures.folder, **keywords)
    assert analysis.frames.equals(pq.read_table(folder / "frames.parquet"))
    assert analysis.events.equals(pq.read_table(folder / "events.parquet"))
    evidence = folder / "label_evidence.parquet"
    assert evidence.exists() == ("label_evidence" in keywords)
    if evidence.exists():
        assert analysis.label_evidence is not None
        assert analysis.label_evidence.equals(pq.read_table(evidence), check_metadata=True)
    # The option did something: not what the defaults give. There is one face, whatever is asked for.
    if name != "faces":
        assert analysis.summary != plain.summary or analysis.events != plain.events


def test_profile_is_used(
    program: RunProgram,
    profile: Path,
    analysis: onset.Analysis,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its path and by its name in `./calibration`."""
    monkeypatch.chdir(profile.parent.parent)
    program("analyze", clip, "--out", tmp_path, "--profile", "calm", "--format", "parquet")
    frames = pq.read_table(tmp_path / clip.stem / "frames.parquet")
    assert frames != analysis.frames, "the profile changes nothing: the test shows nothing"
    for given in ("calm", profile):
        with_profile = onset.analyze(clip, profile=given)
        assert with_profile.frames.equals(frames, check_metadata=True)
        assert with_profile.summary["profile"]["name"] == "calm"


def test_folder_of_pictures_without_times(program: RunProgram, pictures: Pictures, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for path in sorted(pictures.folder.glob("*.png"))[:30]:
        (folder / path.name).symlink_to(path)
    program("analyze", folder, "--out", tmp_path, "--fps", "25", "--force", "--format", "parquet")
    assert onset.analyze(folder, fps=25).frames.equals(pq.read_table(folder / "frames.parquet"))


def test_landmarks_in_every_frame(pictures: Pictures, tmp_path: Path) -> None:
    for path in sorted(pictures.folder.glob("*.png"))[:20]:
        (tmp_path / path.name).symlink_to(path)
    rates = [onset.analyze(tmp_path, fps=60, landmark_hz=rate).summary["frames"]["landmarks"] for rate in (0, 15)]
    assert rates[0] == 20
    assert rates[1] < 20


def test_one_thread_gives_the_same(pictures: Pictures) -> None:
    one, two = (onset.analyze(pictures.folder, threads=threads) for threads in (1, 2))
    assert one.frames.equals(two.frames)
    assert one.events.equals(two.events)
    assert one.summary == two.summary


def test_a_damaged_picture_is_a_gap(program: RunProgram, pictures: Pictures, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in pictures.folder.iterdir():
        (folder / path.name).symlink_to(path)
    damaged = folder / "00031.png"
    damaged.unlink()
    damaged.write_bytes(b"no picture")
    program("analyze", folder, "--out", tmp_path / "out", "--format", "parquet")
    analysis = onset.analyze(folder)
    assert analysis.frames.equals(pq.read_table(tmp_path / "out" / "damaged" / "frames.parquet"))
    row = analysis.frames.slice(30, 1).to_pylist()[0]
    assert (row["status"], row["gap_reason"], row["luma_mean"]) == ("gap", "corrupt", None)


def test_tables_are_not_copied(analysis: onset.Analysis) -> None:
    frames, by_polars = analysis.frames, pl.from_arrow(analysis.frames)
    assert isinstance(by_polars, pl.DataFrame)
    # `frame` has no missing values, `icd_px` and `p_anger` may have.
    for name in ("frame", "luma_mean", "icd_px", "p_anger"):
        here = address(frames[name])
        assert address(pa.table(analysis._collected.frames)[name]) == here, "given to Arrow"
        assert int(by_polars[name].to_arrow().buffers()[1].address) == here, "polars"
        table = frames.select([name]).to_pandas(types_mapper=pd.ArrowDtype)
        assert address(pa.chunked_array(table[name].array.__arrow_array__())) == here, "pandas"
    numbers = frames["frame"].chunk(0).to_numpy(zero_copy_only=True)
    assert numbers.ctypes.data == address(frames["frame"])


def test_polars_and_pandas_see_the_same(analysis: onset.Analysis) -> None:
    by_polars, by_pandas = pl.from_arrow(analysis.frames), analysis.frames.to_pandas()
    assert isinstance(by_polars, pl.DataFrame)
    assert by_polars.shape == by_pandas.shape == analysis.frames.shape
    for name in ("timestamp_s", "m_mouth_corner_left", "p_happiness"):
        values = by_polars[name].to_numpy()
        assert np.isfinite(values).sum() > 50
        np.testing.assert_array_equal(values, by_pandas[name].to_numpy())


def test_memory_outlives_the_analysis(pictures: Pictures) -> None:
    analysis = onset.analyze(pictures.folder)
    column = analysis.frames["luma_mean"]
    values = column.to_pylist()
    del analysis
    gc.collect()
    # What would have been freed is used again by now.
    other = onset.analyze(pictures.folder)
    assert column.to_pylist() == values
    assert len(other.frames) == len(values)


def test_progress_rises_to_one(clip: Path) -> None:
    told: list[float] = []
    onset.analyze(clip, progress=told.append)
    assert len(told) >= 3
    assert told == sorted(told)
    assert all(0.0 <= share <= 1.0 for share in told)
    assert told[-1] == 1.0
    assert told[0] < 0.9


def test_progress_may_end_it(clip: Path, tmp_path: Path) -> None:
    class EnoughError(Exception):
        pass

    def enough(share: float) -> None:
        raise EnoughError(f"at {share}")

    with pytest.raises(EnoughError, match="at 0"):
        onset.analyze(clip, progress=enough)
    with pytest.raises(EnoughError):
        onset.analyze_to_files(clip, tmp_path, progress=enough)


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to this process")
def test_ctrl_c_ends_it_and_what_was_written_stays(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / clip.stem
    over = threading.Event()

    def interrupt() -> None:
        frames = folder / "frames.csv"
        while not over.wait(0.01):
            if frames.exists() and frames.stat().st_size > 0:
                os.kill(os.getpid(), signal.SIGINT)
                return

    watcher = threading.Thread(target=interrupt)
    watcher.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            onset.analyze_to_files(clip, tmp_path, threads=1)
    finally:
        over.set()
        watcher.join()
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["ended"] == "interrupted"
    frames = pd.read_csv(folder / "frames.csv")
    assert len(frames) == summary["frames"]["rows"]
    assert 0 < len(frames) < 1080, "it went on to the end of the clip"
    # The interpreter and the package go on as before.
    assert onset.analyze_to_files(clip, tmp_path, force=True)["ended"] == "end_of_input"


def test_other_threads_run_meanwhile(pictures: Pictures) -> None:
    results: list[onset.Analysis] = []
    threads = [threading.Thread(target=lambda: results.append(onset.analyze(pictures.folder))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = results
    assert first.frames.equals(second.frames)


def test_repr_says_what_it_is(analysis: onset.Analysis) -> None:
    assert "portrait_11.mkv" in repr(analysis)
    assert "1080 frames" in repr(analysis)

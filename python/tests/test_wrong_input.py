"""Wrong input gives the right exception with the next step in it, leaves the analyzer as it was, and leaks nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onset
import pyarrow.parquet as pq
import pytest
from conftest import Pictures, RunProgram

GOOD = np.zeros((48, 64, 3), np.uint8)

#: What is wrong with a frame: the frame, and what the message must say (what it is, and the next step).
FRAMES: dict[str, tuple[Any, list[str]]] = {
    "float64": (np.zeros((48, 64, 3)), ["uint8", "float64", "(frame * 255).astype(np.uint8)"]),
    "float32 gray": (np.zeros((48, 64), np.float32), ["uint8", "float32", "astype(np.uint8)"]),
    "int32": (np.zeros((48, 64, 3), np.int32), ["uint8", "int32", "astype(np.uint8)"]),
    "uint16": (np.zeros((48, 64), np.uint16), ["uint8", "uint16", "astype(np.uint8)"]),
    "bool": (np.zeros((48, 64), bool), ["uint8", "bool", "astype(np.uint8) * 255"]),
    "object": (np.zeros((48, 64), object), ["uint8", "object"]),
    "a list": ([[0] * 64] * 48, ["numpy array", "list", "np.asarray"]),
    "None": (None, ["numpy array", "NoneType"]),
    "bytes": (b"\0" * 9216, ["numpy array", "bytes"]),
    "one dimension": (np.zeros(9216, np.uint8), ["(H, W)", "(9216,)"]),
    "no dimension": (np.array(3, np.uint8), ["(H, W)", "()"]),
    "alpha": (np.zeros((48, 64, 4), np.uint8), ["(H, W, 3)", "(48, 64, 4)", "frame[..., :3]"]),
    "one channel": (np.zeros((48, 64, 1), np.uint8), ["(H, W, 3)", "(48, 64, 1)", "frame[..., 0]"]),
    "channels first": (np.zeros((3, 48, 64), np.uint8), ["(3, 48, 64)", "np.moveaxis"]),
    "a batch": (np.zeros((2, 48, 64, 3), np.uint8), ["(2, 48, 64, 3)", "one by one"]),
    "empty": (np.zeros((0, 0), np.uint8), ["16", "(0, 0)"]),
    "no rows": (np.zeros((0, 64, 3), np.uint8), ["16", "(0, 64, 3)"]),
    "too small": (np.zeros((15, 64), np.uint8), ["16", "(15, 64)"]),
    "too wide": (np.zeros((16, 16385), np.uint8), ["16384", "(16, 16385)"]),
    "another size": (np.zeros((64, 48, 3), np.uint8), ["48x64", "64x48", "Analyzer"]),
}
TIMES: dict[str, tuple[float, list[str]]] = {
    "back": (0.5, ["0.5", "1", "time.monotonic()"]),
    "negative": (-0.1, ["-0.1", "seconds"]),
    "nan": (float("nan"), ["NaN", "seconds"]),
    "inf": (float("inf"), ["inf", "seconds"]),
    "far": (1e300, ["seconds"]),
}
#: Options that cannot be, and what the message must say.
OPTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "spotter": ({"spotter": "magic"}, ["spotter", "magic", "state-machine", "network"]),
    "landmark_hz": ({"landmark_hz": -1}, ["landmark_hz", "-1", "240"]),
    "landmark_hz nan": ({"landmark_hz": float("nan")}, ["landmark_hz", "NaN"]),
    "landmark_still_hz": ({"landmark_still_hz": 0}, ["landmark_still_hz", "above 0"]),
    "faces": ({"faces": 0}, ["faces", "0", "1 to 8"]),
    "too many faces": ({"faces": 9}, ["faces", "9", "1 to 8"]),
    "threads": ({"threads": 3}, ["threads", "3", "1", "2"]),
    "without_veto": ({"without_veto": "luck"}, ["without_veto", "luck", "blink", "speech"]),
    "without_veto alone": ({"without_veto": ["not_observable"]}, ["without_veto", "not_observable"]),
    "profile": ({"profile": "nobody"}, ["profile", "nobody", "onset calibrate"]),
}


def assert_says(error: BaseException, parts: list[str]) -> None:
    """All parts are in the message."""
    message = str(error)
    for part in parts:
        assert part in message, f"{part!r} is not in {message!r}"


@pytest.fixture(scope="module")
def analyzer() -> onset.Analyzer:
    """One that has seen two frames of 64x48, the last at 1 s."""
    analyzer = onset.Analyzer(keep_frames=True)
    analyzer.push(GOOD, 0.0)
    analyzer.push(GOOD, 1.0)
    return analyzer


@pytest.mark.parametrize("name", FRAMES)
def test_wrong_frames(name: str, analyzer: onset.Analyzer) -> None:
    frame, parts = FRAMES[name]
    with pytest.raises(onset.FrameError) as caught:
        analyzer.push(frame, 1.0)
    assert_says(caught.value, parts)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", TIMES)
def test_wrong_times(name: str, analyzer: onset.Analyzer) -> None:
    t, parts = TIMES[name]
    with pytest.raises(onset.FrameError) as caught:
        analyzer.push(GOOD, t)
    assert_says(caught.value, parts)
    with pytest.raises(onset.FrameError) as caught:
        analyzer.lost(1, t)
    assert_says(caught.value, parts)


def test_wrong_losses(analyzer: onset.Analyzer) -> None:
    # A gap has a row for each lost frame: no recording has a million million of them.
    for count in (0, -3, 1 << 40):
        with pytest.raises(onset.FrameError, match=f"count: {count}"):
            analyzer.lost(count, 1.0)
    with pytest.raises(onset.OptionError) as caught:
        analyzer.lost(1, 1.0, reason="bad luck")
    assert_says(caught.value, ["reason", "bad luck", "driver", "stalled"])


def test_wrong_types_are_type_errors(analyzer: onset.Analyzer) -> None:
    with pytest.raises(TypeError):
        analyzer.push(GOOD, "soon")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        analyzer.push(GOOD)  # type: ignore[call-arg]
    for option, value in {"faces": 1.5, "threads": "2", "landmark_hz": None, "spotter": 3}.items():
        with pytest.raises(TypeError, match=option):
            onset.Analyzer(**{option: value})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="fps"):
        onset.analyze("clip.mp4", fps="25")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        onset.Analyzer(speed=3)  # type: ignore[call-arg]


def test_the_analysis_is_as_if_nothing_wrong_had_been_pushed(pictures: Pictures) -> None:
    """Between all frames something is wrong; the tables do not know of it."""
    wrong = [frame for frame, _ in FRAMES.values()]
    tables = []
    for disturbed in (False, True):
        analyzer = onset.Analyzer(keep_frames=True)
        for index in range(90):
            seen = analyzer.push(pictures.rgb[index], pictures.times[index])
            assert seen.frame == index
            if disturbed:
                with pytest.raises(onset.FrameError):
                    analyzer.push(wrong[index % len(wrong)], pictures.times[index])
                with pytest.raises(onset.FrameError):
                    analyzer.push(pictures.rgb[0], pictures.times[index] - 0.001)
        tables.append(analyzer.finish())
    calm, disturbed_one = tables
    assert calm.frames.num_rows == 90
    assert disturbed_one.frames.equals(calm.frames)
    assert disturbed_one.events.equals(calm.events)
    assert disturbed_one.summary == calm.summary


@pytest.mark.parametrize("end", ["close", "finish"])
def test_closed_analyzers(end: str) -> None:
    analyzer = onset.Analyzer()
    analyzer.push(GOOD, 0.0)
    getattr(analyzer, end)()
    calls: list[Callable[[], object]] = [
        lambda: analyzer.push(GOOD, 1.0),
        lambda: analyzer.lost(1, 1.0),
        analyzer.recalibrate,
        analyzer.finish,
    ]
    for call in calls:
        with pytest.raises(onset.ClosedError) as caught:
            call()
        assert_says(caught.value, ["closed", "onset.Analyzer()"])
    analyzer.close()
    assert analyzer.closed


def test_an_analyzer_without_frames_can_be_finished() -> None:
    result = onset.Analyzer(keep_frames=True).finish()
    assert result.frames.num_rows == result.events.num_rows == 0
    assert result.summary["frames"]["rows"] == 0


@pytest.mark.parametrize("name", OPTIONS)
def test_options_that_cannot_be(name: str, clip: Path, tmp_path: Path) -> None:
    options, parts = OPTIONS[name]
    calls: list[Callable[[], object]] = [
        lambda: onset.Analyzer(**options),
        lambda: onset.analyze(clip, **options),
        lambda: onset.analyze_to_files(clip, tmp_path / "out", **options),
    ]
    for call in calls:
        with pytest.raises(onset.OptionError) as caught:
            call()
        assert_says(caught.value, parts)
        assert isinstance(caught.value, ValueError)
    assert not (tmp_path / "out").exists(), "nothing is made before the options are known to be right"


def test_more_options_that_cannot_be(clip: Path, pictures: Pictures, analysis: onset.Analysis, tmp_path: Path) -> None:
    with pytest.raises(onset.OptionError) as caught:
        onset.Analyzer(color="rgba")  # type: ignore[arg-type]
    assert_says(caught.value, ["color", "rgba", "bgr"])
    with pytest.raises(onset.OptionError) as caught:
        onset.analyze(pictures.folder, fps=0)
    assert_says(caught.value, ["fps", "0"])
    for formats, parts in ((("xml",), ["formats", "xml", "parquet"]), ((), ["formats", "csv"])):
        with pytest.raises(onset.OptionError) as caught:
            onset.analyze_to_files(clip, tmp_path, formats=formats)
        assert_says(caught.value, parts)
        with pytest.raises(onset.OptionError) as caught:
            analysis.write(tmp_path, formats=formats)
        assert_says(caught.value, parts)
    assert list(tmp_path.iterdir()) == []


def test_a_profile_of_another_camera(profile: Path, session_folder: Path, pictures: Pictures) -> None:
    with pytest.raises(onset.OptionError) as caught:
        onset.analyze(session_folder, profile=profile)
    assert_says(caught.value, ["profile calm", "320x240", "onset calibrate"])
    half = np.ascontiguousarray(pictures.rgb[0, ::2, ::2])
    with onset.Analyzer(profile=profile) as analyzer, pytest.raises(onset.OptionError, match="320x240"):
        analyzer.push(half, 0.0)
    with onset.Analyzer(profile=profile, profile_anyway=True) as analyzer:
        assert analyzer.push(half, 0.0).status == "ok"
    with onset.Analyzer(profile=profile) as analyzer:
        assert analyzer.push(pictures.rgb[0], 0.0).status == "ok"


def test_a_damaged_profile(tmp_path: Path, clip: Path) -> None:
    damaged = tmp_path / "damaged.toml"
    damaged.write_text("name = [", encoding="utf-8")
    with pytest.raises(onset.OptionError) as caught:
        onset.analyze(clip, profile=damaged)
    assert_says(caught.value, ["damaged.toml"])


@pytest.mark.parametrize("name", ["nothing.mp4", "no folder/nothing.mp4", os.fsdecode(b"n\xff.mp4")])
def test_recordings_that_are_not_there(name: str, tmp_path: Path) -> None:
    for call in (lambda path: onset.analyze(path), lambda path: onset.analyze_to_files(path, tmp_path / "out")):
        with pytest.raises(onset.MissingSourceError) as caught:
            call(tmp_path / name)
        assert_says(caught.value, [".mp4", "no such file or folder", "check the path"])
        assert isinstance(caught.value, FileNotFoundError)
        assert isinstance(caught.value, onset.SourceError)
    assert not (tmp_path / "out").exists()


def test_recordings_that_are_none(tmp_path: Path) -> None:
    for name in ("text.mp4", "text.txt"):
        path = tmp_path / name
        path.write_text("This is no video.\n" * 100, encoding="utf-8")
        with pytest.raises(onset.SourceError) as caught:
            onset.analyze(path)
        assert_says(caught.value, [name])
        assert isinstance(caught.value, OSError)
        assert not isinstance(caught.value, FileNotFoundError)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "empty").mkdir()
    for name in ("empty.mp4", "empty"):
        with pytest.raises(onset.SourceError) as caught:
            onset.analyze_to_files(tmp_path / name, tmp_path / "out")
        assert_says(caught.value, [name])
    assert not (tmp_path / "out").exists(), "a recording that cannot be opened makes no folder"


def test_a_recording_that_breaks_off(clip: Path, program: RunProgram, tmp_path: Path) -> None:
    """What came before is there, and the same as the program's."""
    cut = tmp_path / "cut.mkv"
    whole = clip.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    program("analyze", cut, "--out", tmp_path / "binary", "--format", "parquet")
    analysis = onset.analyze(cut)
    assert 100 < analysis.frames.num_rows < 1080
    assert analysis.frames.equals(pq.read_table(tmp_path / "binary" / "cut" / "frames.parquet"))
    assert analysis.summary["warnings"], "nothing says that the file is cut off"


def test_ffmpeg_that_is_not_installed(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(onset.MissingProgramError) as caught:
        onset.analyze(clip)
    assert_says(caught.value, ["ffmpeg", "install"])
    assert not isinstance(caught.value, onset.SourceError)


def test_outputs_that_cannot_be_written(clip: Path, analysis: onset.Analysis, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    folder = analysis.write(tmp_path, name="taken")
    before = (folder / "frames.csv").read_bytes()
    calls: dict[str, list[Callable[[], object]]] = {
        "file": [lambda: analysis.write(tmp_path / "file"), lambda: onset.analyze_to_files(clip, tmp_path / "file")],
        "force": [
            lambda: analysis.write(tmp_path, name="taken"),
            lambda: onset.analyze_to_files(clip, tmp_path, name="taken"),
        ],
    }
    for part, both in calls.items():
        for call in both:
            with pytest.raises(onset.OutputError) as caught:
                call()
            assert_says(caught.value, [part, str(tmp_path)])
            assert isinstance(caught.value, OSError)
    assert (folder / "frames.csv").read_bytes() == before
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"
    assert analysis.write(tmp_path, name="taken", formats="jsonl", force=True) == folder
    assert not (folder / "frames.csv").exists(), "tables of an earlier run are replaced as a whole"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_outputs_without_permission(analysis: onset.Analysis, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(onset.OutputError) as caught:
        analysis.write(closed)
    assert_says(caught.value, [str(closed)])


#: Analyses a clip where no file may grow beyond 300 KB, and says what came of it.
FULL_DISK = """
import json, resource, sys
import onset
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
told = []
for call in (
    lambda: onset.analyze_to_files(sys.argv[1], sys.argv[2], name="streamed"),
    lambda: onset.analyze(sys.argv[1]).write(sys.argv[2], name="written", formats=("csv", "parquet")),
):
    try:
        call()
    except onset.OutputError as error:
        told.append(str(error))
print(json.dumps(told))
"""


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files")
def test_a_full_disk(clip: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(clip), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert len(told) == 2
    for message, name in zip(told, ("streamed", "written"), strict=True):
        assert "cannot write" in message
        assert str(tmp_path / name) in message
        # What came before can be read; nothing vouches for it.
        rows = (tmp_path / name / "frames.csv").read_text(encoding="utf-8").splitlines()
        assert len(rows) > 10
        assert rows[1].count(",") == rows[0].count(",")
        assert not (tmp_path / name / "summary.json").exists()

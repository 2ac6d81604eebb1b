"""Faults that a review found: forks, copies, tables and codings as other programs make them, arguments of wrong types."""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onset
import pandas as pd
import polars as pl
import pytest

FORKED = """
import os
import numpy as np
import numpy as np
import onset
analyzer = onset.Analyzer(threads=2)
frame = np.zeros((64, 64), np.uint8)
for index in range(3):
    analyzer.push(frame, index / 30)
child = os.fork()
if child == 0:
    assert analyzer.closed
    for call in (lambda: analyzer.push(frame, 1.0), lambda: analyzer.lost(1, 1.0), analyzer.recalibrate, analyzer.finish):
        try:
            call()
        except onset.ClosedError as error:
            assert "fork" in str(error)
        else:
            os._exit(1)
    analyzer.close()
    with onset.Analyzer(threads=2) as another:
        another.push(frame, 0.0)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert not analyzer.closed
assert analyzer.push(frame, 1.0).frame == 3
"""

HEADER = "kind,label,onset_s,apex_s,offset_s,action_units,note\n"
CODED = {"kind": "micro", "label": None, "onset_s": 1.25, "apex_s": None, "offset_s": 1.5, "action_units": "4"}

TABLES: dict[str, Callable[[Path], Any]] = {
    "categories": lambda path: pl.read_csv(path).with_columns(pl.col("clip", "kind").cast(pl.Categorical)),
    "enumerations": lambda path: pl.read_csv(path).with_columns(
        pl.col("base_kind").cast(pl.Enum(["still", "calm", "talking"]))
    ),
    "categories of pandas": lambda path: pd.read_csv(path).astype({"clip": "category", "fps": "category"}),
    "NaN for null": lambda path: pl.read_csv(path).with_columns(pl.col("amplitude_icd").fill_null(float("nan"))),
}


def noted(note: str) -> dict[str, Any]:
    """The coding with a note."""
    return {**CODED, "note": note}


CODINGS = {
    "semicolons": (HEADER.replace(",", ";") + "micro;;1,25;;1,5;4;calm\n", noted("calm")),
    "tabs": (HEADER.replace(",", "\t") + "micro\t\t1.25\t\t1.5\t4\tcalm\n", noted("calm")),
    "byte order mark": ("\ufeff" + HEADER + "micro,,1.25,,1.5,4,calm\n", noted("calm")),
    "a note that reads like nothing": (HEADER + "micro,,1.25,,1.5,4,NA\n", noted("NA")),
    "lines in a note": (HEADER + 'micro,,1.25,,1.5,4,"a ""frown""\nand back"\n', noted('a "frown"\nand back')),
    "empty lines and spaces": (
        HEADER.replace(",", " , ") + "\r\n micro,,1.25,,1.5 ,4, calm\r\n,,,,,,\r\n",
        noted("calm"),
    ),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_in_a_forked_child_an_analyzer_is_closed() -> None:
    """It has no landmarks thread there, and would wait for it without an end."""
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies(
    again: Callable[[Any], Any], truth: Path, analysis: onset.Analysis, session_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(TypeError, match=r"send its frames, events and summary"):
        again(analysis)
    with onset.Analyzer() as analyzer, pytest.raises(TypeError, match="make one in each process"):
        again(analyzer)
    session = onset.read_session(session_folder)
    assert again(session).events.equals(session.events)
    report = onset.evaluate_spotting(truth, {}, missing_as_empty=True)
    copied = again(report)
    assert (copied, copied.text) == (report, report.text)
    copied.write(tmp_path)
    assert json.loads((tmp_path / "spotting.json").read_text(encoding="utf-8")) == report


@pytest.mark.parametrize("name", TABLES)
def test_truth_as_other_libraries_hold_it(name: str, truth: Path) -> None:
    expected = onset.evaluate_spotting(truth, {}, missing_as_empty=True)
    report = onset.evaluate_spotting(TABLES[name](truth), {}, missing_as_empty=True)
    assert report["overall"] == expected["overall"]


def test_columns_that_no_file_can_hold(truth: Path) -> None:
    table = pd.read_csv(truth)
    with pytest.raises(onset.EvaluationError, match=r"truth: the column aus holds list.*leave it out"):
        onset.evaluate_spotting(table.assign(aus=[[4]] * len(table)), {})
    with pytest.raises(onset.EvaluationError, match=r"truth: .*column mixed.*leave that column out"):
        onset.evaluate_spotting(table.assign(mixed=[object()] * len(table)), {})
    with pytest.raises(onset.EvaluationError, match="truth: list is no table"):
        onset.evaluate_spotting(table.to_dict("records"), {})
    with pytest.raises(onset.EvaluationError, match="same name"):
        onset.evaluate_spotting(truth, {1: table, "1": table})


def test_a_report_on_tables_names_no_file_of_the_moment(truth: Path, analysis: onset.Analysis, tmp_path: Path) -> None:
    """Else the same tables would give other bytes each time."""
    table = pd.read_csv(truth)
    for out in ("one", "two"):
        report = onset.evaluate_spotting(table, {"portrait_11": analysis, "nobody": analysis}, missing_as_empty=True)
        report.write(tmp_path / out)
    assert "truth has no truth for nobody: not counted" in report["notes"]
    for name in ("spotting.json", "spotting.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with pytest.raises(onset.EvaluationError, match=r"^truth, line 1: there is no column kind"):
        onset.evaluate_spotting(table.drop(columns="kind"), {})
    events = pd.DataFrame({"a": [1]})
    with pytest.raises(onset.EvaluationError, match=r"^predictions.portrait_11.events.csv, line 1"):
        onset.evaluate_spotting(table, {"portrait_11": events}, clips="portrait_11")


@pytest.mark.parametrize("name", CODINGS)
def test_codings_as_spreadsheets_write_them(name: str, session_folder: Path, tmp_path: Path) -> None:
    """The program reads them all; so does `read_session`."""
    text, expected = CODINGS[name]
    folder = tmp_path / "P07"
    shutil.copytree(session_folder, folder)
    (folder / "codings").mkdir()
    (folder / "codings" / "anna.csv").write_text(text, encoding="utf-8", newline="")
    assert onset.read_session(folder).codings["anna"].to_pylist() == [expected]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"profile": b"x"}, "a path"),
        ({"identity": ["key", 5]}, "a path"),
        ({"without_veto": [5]}, "a name"),
        ({"progress": 5}, "something to call"),
    ],
)
def test_arguments_of_wrong_types_are_named(options: dict[str, Any], wanted: str, clip: Path) -> None:
    with pytest.raises(TypeError, match=f"^{next(iter(options))}: {wanted} is wanted"):
        onset.analyze(clip, **options)


def test_a_profile_of_another_camera_is_refused_each_time(profile: Path) -> None:
    """A frame that was refused leaves nothing behind: the next wrong one is refused too, the right one is the first."""
    with onset.Analyzer(profile=profile) as analyzer:
        for _ in range(2):
            with pytest.raises(onset.OptionError, match="does not hold"):
                analyzer.push(np.zeros((120, 160), np.uint8), 0.0)
        assert analyzer.push(np.zeros((480, 640), np.uint8), 0.0).frame == 0


def test_a_recording_without_a_readable_frame_says_so_in_its_folder(binary: Path, tmp_path: Path) -> None:
    """As `onset analyze` always did: an empty table without a summary could be anything."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(onset.SourceError, match="decoded"):
        onset.analyze_to_files(tmp_path / "broken", tmp_path / "here", fps=5)
    command = [binary, "analyze", tmp_path / "broken", "--fps", "5", "--out", tmp_path / "binary"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    for out in ("here", "binary"):
        summary = json.loads((tmp_path / out / "broken" / "summary.json").read_text(encoding="utf-8"))
        assert summary["ended"] == "source_failed"
        assert summary["frames"]["analysed"] == 0

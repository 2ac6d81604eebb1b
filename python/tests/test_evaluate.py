"""`onset.evaluate_spotting`: the program's report, from paths and from tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onset
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pytest
from conftest import RunProgram

TRUTH_READERS: dict[str, Callable[[Path], Any]] = {
    "pandas": pd.read_csv,
    "polars": pl.read_csv,
    "pyarrow": pyarrow.csv.read_csv,
}


@pytest.fixture(scope="module")
def predictions(
    analysis: onset.Analysis, restless_analysis: onset.Analysis, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Both clips, as a folder of `onset analyze`."""
    out = tmp_path_factory.mktemp("predictions")
    for one in (analysis, restless_analysis):
        one.write(out)
    return out


@pytest.fixture(scope="module")
def both(analysis: onset.Analysis, restless_analysis: onset.Analysis) -> dict[str, onset.Analysis]:
    """The same in memory."""
    return {"portrait_11": analysis, "grace_hopper_14": restless_analysis}


def test_report_equals_the_programs(program: RunProgram, truth: Path, predictions: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", "spotting", "--truth", truth, "--predictions", predictions]
    program(*arguments, "--out", tmp_path / "binary")
    report = onset.evaluate_spotting(truth, predictions)
    assert report.write(tmp_path / "here") == tmp_path / "here"
    for name in ("spotting.json", "spotting.html"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "binary" / name).read_bytes(), name
    assert report == json.loads((tmp_path / "binary" / "spotting.json").read_text(encoding="utf-8"))
    assert report.text.strip() == program(*arguments).strip()
    assert report["overall"]["truth"] == 7
    assert 1 <= report["overall"]["found"] <= 7


@pytest.mark.parametrize(
    ("keywords", "flags"),
    [
        ({"clips": ["portrait_11"]}, ["--clip", "portrait_11"]),
        ({"clips": "portrait_11"}, ["--clip", "portrait_11"]),
        ({"min_score": 0.9}, ["--min-score", "0.9"]),
        ({"bootstrap": 0}, ["--bootstrap", "0"]),
        ({"bootstrap": 50, "seed": 9}, ["--bootstrap", "50", "--seed", "9"]),
    ],
)
def test_options_are_those_of_the_command_line(
    keywords: dict[str, Any], flags: list[str], program: RunProgram, truth: Path, predictions: Path
) -> None:
    arguments = ["evaluate", "spotting", "--truth", truth, "--predictions", predictions, "--json", *flags]
    report = onset.evaluate_spotting(truth, predictions, **keywords)
    assert report == json.loads(program(*arguments))
    assert report != onset.evaluate_spotting(truth, predictions)


def test_analyses_in_place_of_a_folder(truth: Path, predictions: Path, both: dict[str, onset.Analysis]) -> None:
    assert onset.evaluate_spotting(truth, both) == onset.evaluate_spotting(truth, predictions)


@pytest.mark.parametrize("library", TRUTH_READERS)
def test_truth_as_a_table(library: str, truth: Path, predictions: Path) -> None:
    table = TRUTH_READERS[library](truth)
    assert onset.evaluate_spotting(table, predictions) == onset.evaluate_spotting(truth, predictions)


def test_predictions_as_tables(truth: Path, both: dict[str, onset.Analysis]) -> None:
    """Events alone: the same counts, without what only the frames tell."""
    whole = onset.evaluate_spotting(truth, both)["overall"]
    makers: list[Callable[[pa.Table], Any]] = [lambda events: events, pa.Table.to_pandas, pl.from_arrow]
    for make in makers:
        tables = {clip: make(one.events) for clip, one in both.items()}
        overall = onset.evaluate_spotting(truth, tables)["overall"]
        assert (overall["truth"], overall["found"]) == (whole["truth"], whole["found"])
        assert overall["alarms"]["claims"] == whole["alarms"]["claims"]
        assert overall["observable"] is None


def test_events_of_other_programs(truth: Path) -> None:
    """A table of one's own: the true events as predictions are all found, moved ones are not."""
    known = pd.read_csv(truth)
    micro = known[(known["clip"] == "portrait_11") & (known["kind"] == "micro")]
    mine = micro[["kind", "onset_s", "apex_s", "offset_s"]].assign(
        event=range(len(micro)), label="", score=1.0, flagged_at_s=micro["apex_s"], confirmed_at_s=micro["offset_s"]
    )
    overall = onset.evaluate_spotting(truth, {"portrait_11": mine}, clips=["portrait_11"])["overall"]
    assert (overall["truth"], overall["found"], overall["alarms"]["claims"]) == (4, 4, 4)
    moved = mine.assign(**{name: mine[name] + 1.0 for name in ("onset_s", "apex_s", "offset_s")})
    overall = onset.evaluate_spotting(truth, {"portrait_11": moved}, clips="portrait_11")["overall"]
    assert overall["found"] == 0


def test_missing_predictions(truth: Path, analysis: onset.Analysis) -> None:
    one = {"portrait_11": analysis}
    with pytest.raises(onset.EvaluationError) as caught:
        onset.evaluate_spotting(truth, one)
    assert "grace_hopper_14" in str(caught.value)
    assert "missing" in str(caught.value)
    report = onset.evaluate_spotting(truth, one, missing_as_empty=True)
    assert report["overall"]["truth"] == 7


def test_truth_that_cannot_be_used(truth: Path, predictions: Path, tmp_path: Path) -> None:
    with pytest.raises(onset.MissingSourceError, match="check the path"):
        onset.evaluate_spotting(tmp_path / "nothing.csv", predictions)
    with pytest.raises(onset.MissingSourceError, match="check the path"):
        onset.evaluate_spotting(truth, tmp_path / "nothing")
    table = pd.read_csv(truth)
    with pytest.raises(onset.EvaluationError, match="onset_s"):
        onset.evaluate_spotting(table.drop(columns="onset_s"), predictions)
    with pytest.raises(onset.EvaluationError, match="line 3"):
        onset.evaluate_spotting(table.assign(offset_s=table["offset_s"].where(table.index != 1, 0.1)), predictions)
    with pytest.raises(onset.EvaluationError, match="truth: int is no table"):
        onset.evaluate_spotting(3, predictions)


def test_predictions_that_cannot_be_used(truth: Path, analysis: onset.Analysis) -> None:
    with pytest.raises(onset.EvaluationError) as caught:
        onset.evaluate_spotting(truth, [analysis])
    assert "predictions: list" in str(caught.value)
    assert "{clip: analysis}" in str(caught.value)
    with pytest.raises(onset.EvaluationError, match="portrait_11"):
        onset.evaluate_spotting(truth, {"portrait_11": "events"}, clips="portrait_11")
    for clip in ("../portrait_11", "a/b", ""):
        with pytest.raises(onset.EvaluationError, match="clip"):
            onset.evaluate_spotting(truth, {clip: analysis}, missing_as_empty=True)
    with pytest.raises(onset.EvaluationError, match="kind"):
        onset.evaluate_spotting(truth, {"portrait_11": pd.DataFrame({"a": [1]})}, clips="portrait_11")


@pytest.mark.parametrize(
    "options", [{"min_score": float("nan")}, {"bootstrap": 1_000_000}, {"bootstrap": -1}, {"seed": -1}]
)
def test_options_that_cannot_be(options: dict[str, Any], truth: Path, predictions: Path) -> None:
    with pytest.raises(onset.OptionError, match=next(iter(options))):
        onset.evaluate_spotting(truth, predictions, **options)


def test_unknown_clips(truth: Path, predictions: Path) -> None:
    with pytest.raises(onset.EvaluationError, match="nobody"):
        onset.evaluate_spotting(truth, predictions, clips=["nobody"])


def test_report_that_cannot_be_written(truth: Path, predictions: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(onset.OutputError, match="file"):
        onset.evaluate_spotting(truth, predictions, bootstrap=0).write(tmp_path / "file")

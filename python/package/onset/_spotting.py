"""Spotting against known truth: the figures of `onset evaluate spotting`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from onset import _onset
from onset._analysis import Analysis
from onset._errors import EvaluationError, OnsetError, OptionError, OutputError
from onset._options import StrPath

_MOST_DRAWS = 100_000


class SpottingReport(dict[str, Any]):
    """The content of `spotting.json` as a dict; docs/evaluate.md defines every figure."""

    def __init__(self, facts: str, text: str, page: str) -> None:
        """From `spotting.json`, what the program prints, and `spotting.html`; users call `evaluate_spotting`."""
        super().__init__(json.loads(facts))
        self._facts, self._text, self._page = facts, text, page

    @property
    def text(self) -> str:
        """What `onset evaluate spotting` prints: every figure with what stands behind it."""
        return self._text

    def write(self, out: StrPath) -> Path:
        """Writes `spotting.json` and `spotting.html` (plots and a timeline of every clip) into the folder `out`, which it returns."""
        folder = Path(out)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "spotting.json").write_text(self._facts, encoding="utf-8", newline="\n")
            (folder / "spotting.html").write_text(self._page, encoding="utf-8", newline="\n")
        except OSError as error:
            raise OutputError(
                f"cannot write into {folder}: {error.strerror or error}; choose another folder"
            ) from error
        return folder


def evaluate_spotting(
    truth: object,
    predictions: object,
    *,
    clips: Iterable[str] = (),
    missing_as_empty: bool = False,
    min_score: float | None = None,
    bootstrap: int = 1000,
    seed: int = 1,
) -> SpottingReport:
    """Compares spotted events with events that are known to be there.

    Args:
        truth: A CSV file as `onset synth` writes it (docs/evaluate.md has its columns); or a table with these columns: from
            pandas, polars or pyarrow.
        predictions: A folder with one folder a clip, as `onset analyze --out` writes it, or the `events.csv` of one clip; or a
            mapping from the clip's name to an `Analysis`, or to a table with the columns of `events.csv`.
        clips: Only these clips of the truth; all by default.
        missing_as_empty: Count the events of clips without predictions as missed, instead of raising.
        min_score: Smallest score of a claim.
        bootstrap: Draws of clips (or people) for the 95 % intervals, up to 100,000; 0 for none.
        seed: Seed of the draws.

    Raises:
        EvaluationError: Truth or predictions that cannot be used; the message names file, line and column.
        MissingSourceError: Nothing is at a path.
        OptionError: An option that cannot be.
    """
    if not 0 <= bootstrap <= _MOST_DRAWS:
        raise OptionError(f"bootstrap: {bootstrap} is not a number of draws, 0 to {_MOST_DRAWS}")
    if not 0 <= seed < 1 << 64:
        raise OptionError(f"seed: {seed} is not a number from 0 to 2^64 - 1")
    names = [clips] if isinstance(clips, str) else list(clips)
    with tempfile.TemporaryDirectory(prefix="onset-") as folder:
        paths = _truth_path(truth, Path(folder)), _predictions_path(predictions, Path(folder))
        try:
            report = _onset.evaluate_spotting(*paths, names, missing_as_empty, min_score, bootstrap, seed)
        except OnsetError as error:
            raise type(error)(_without(folder, str(error))) from None
    return SpottingReport(*(_without(folder, form) for form in (report.json, report.text, report.page)))


def _without(folder: str, text: str) -> str:
    """What is said of tables names them, not the files that they were put into for a moment: the same tables give the same bytes."""
    for spelled in (folder + os.sep, json.dumps(folder + os.sep)[1:-1]):
        text = text.replace(spelled, "")
    return text


def _truth_path(truth: object, folder: Path) -> Path:
    """Where the truth is as a file."""
    if isinstance(truth, (str, os.PathLike)):
        return Path(truth)
    path = folder / "truth"
    _write_csv(truth, path, "truth")
    return path


def _predictions_path(predictions: object, folder: Path) -> Path:
    """Where the predictions are as files."""
    if isinstance(predictions, (str, os.PathLike)):
        return Path(predictions)
    if not isinstance(predictions, Mapping):
        kind = type(predictions).__name__
        raise EvaluationError(
            f"predictions: {kind} is neither a path nor a mapping from clip names to analyses or tables; "
            "give a folder of `onset analyze`, or {clip: analysis}"
        )
    out = folder / "predictions"
    out.mkdir()
    if len({str(clip) for clip in predictions}) < len(predictions):
        raise EvaluationError("predictions: two clips have the same name as text; give each clip once")
    for clip, one in predictions.items():
        if str(clip) in ("", ".", "..") or any(sign in str(clip) for sign in "/\\\0"):
            raise EvaluationError(f"predictions: {clip!r} is not the name of a clip: it would not be one folder")
        if isinstance(one, Analysis):
            one.write(out, name=str(clip))
        else:
            (out / str(clip)).mkdir()
            _write_csv(one, out / str(clip) / "events.csv", f"predictions of {clip}")
    return out


def _write_csv(table: object, path: Path, what: str) -> None:
    """Writes a table of pandas, polars or pyarrow as CSV, missing values as empty fields."""
    try:
        # Polars before 1.3 has no other way.
        given = table.to_arrow() if hasattr(table, "to_arrow") else table
        arrow = given if isinstance(given, pa.Table) else pa.table(given)
    except (ValueError, pa.ArrowException) as error:
        if not hasattr(table, "columns"):
            raise _no_table(table, what) from error
        reason = "; ".join(map(str, error.args))
        raise EvaluationError(f"{what}: {reason}; leave that column out, or give it one type") from error
    except TypeError as error:
        raise _no_table(table, what) from error
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    pyarrow.csv.write_csv(_plain(arrow, what), path, options)


def _no_table(table: object, what: str) -> EvaluationError:
    """Something else was given."""
    kind = type(table).__name__
    return EvaluationError(f"{what}: {kind} is no table; give a path, or a table of pandas, polars or pyarrow")


def _plain(table: pa.Table, what: str) -> pa.Table:
    """The same in the forms that Arrow's CSV writer takes: no views (polars), no dictionaries (categories); NaN is a missing value."""
    for index, field in enumerate(table.schema):
        column, kind = table.column(index), field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind):
            raise EvaluationError(
                f"{what}: the column {field.name} holds {kind}, which is no single value; turn it into text (`4+7`), or leave it out"
            )
        if pa.types.is_dictionary(kind):
            texts = [None if value is None else str(value) for value in column.to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
        elif pa.types.is_string_view(kind):
            table = table.set_column(index, field.name, column.cast(pa.string()))
        elif pa.types.is_floating(kind):
            known = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
            table = table.set_column(index, field.name, known)
    return table

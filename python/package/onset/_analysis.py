"""Whole recordings: `analyze` into memory, `analyze_to_files` into the files of `onset analyze`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from onset import _onset
from onset._options import StrPath, callback, format_names, pack


class Analysis:
    """The tables of one recording. The same recording with the same options gives the same values as the program, bit for bit.

    Tables are `pyarrow.Table`s over memory that was written once: `frames.to_pandas()`, `polars.from_arrow(frames)` and
    DuckDB read them, polars without a copy. Units are in the schema: `frames.schema.metadata[b"unit:icd_px"]`.
    docs/outputs.md explains every column.
    """

    def __init__(self, collected: _onset.Collected) -> None:
        """Wraps what the compiled part collected; users get one from `analyze` or `Analyzer.finish`."""
        self._collected = collected

    @cached_property
    def frames(self) -> pa.Table:
        """One row a frame of the source, lost frames included, in order."""
        return pa.table(self._collected.frames)

    @cached_property
    def events(self) -> pa.Table:
        """One row an event, in order of flagging; with `candidates=True` also what was not claimed, and why (`veto`)."""
        return pa.table(self._collected.events)

    @cached_property
    def label_evidence(self) -> pa.Table | None:
        """With `label_evidence=True`: what the label of each event was decided on, one row an event that has one."""
        table = self._collected.label_evidence
        return None if table is None else pa.table(table)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The content of `summary.json`: what was read, with what, how much of it was seen, how many events. It names no files."""
        summary: dict[str, Any] = json.loads(self._collected.summary_json)
        return summary

    def write(
        self, out: StrPath, *, name: str | None = None, formats: str | Iterable[str] = ("csv",), force: bool = False
    ) -> Path:
        """Writes the files that `onset analyze --out OUT` writes, byte for byte, into `out/name`.

        Args:
            out: Folder of all outputs; made where it is missing.
            name: Folder of this recording in it; by default the recording's file name without its extension.
            formats: `csv`, `parquet`, `jsonl`: one or several.
            force: Replace tables that are already there.

        Returns:
            The folder `out/name`.

        Raises:
            OutputError: The folder holds something already (and not `force`), the disk is full, permission is missing.
            OptionError: An unknown format; a name that is not that of one folder.
        """
        return self._collected.write(os.fspath(out), name, format_names(formats), force)

    def __reduce__(self) -> NoReturn:
        """Says what can be sent to another process instead."""
        raise TypeError(
            "an onset.Analysis cannot be pickled or copied: send its frames, events and summary, which can be; or write files "
            "where it is made (onset.analyze_to_files)"
        )

    def __repr__(self) -> str:
        """What it is of, and how much."""
        frames = self.summary["frames"]["rows"]
        return f"<onset.Analysis of {self.summary['input']}: {frames} frames, {len(self._collected.events)} events>"


def analyze(
    path: StrPath,
    *,
    fps: float | None = None,
    landmark_hz: float = 15.0,
    landmark_still_hz: float = 3.0,
    faces: int | None = None,
    spotter: str = "auto",
    without_veto: Iterable[str] = (),
    profile: StrPath | None = None,
    profile_anyway: bool = False,
    identity: StrPath | Iterable[StrPath] = (),
    candidates: bool = False,
    label_evidence: bool = False,
    threads: int = 2,
    progress: Callable[[float], object] | None = None,
) -> Analysis:
    """Analyses a video, a picture, a folder of pictures or a recorded session into memory, about 2 KB a frame.

    The interpreter is free meanwhile: other threads run, and Ctrl-C ends it with `KeyboardInterrupt`.

    Args:
        path: The recording. Videos need the `ffmpeg` program.
        fps: Frames a second of a folder of pictures without `timestamps.csv`; above 0.
        landmark_hz: Landmark measurements a second of video, 0 (every frame) to 240.
        landmark_still_hz: The same while the face does not change, above 0; as many as `landmark_hz` for an even cadence.
        faces: Faces followed at most, 1 to 8; by default 2, or the profile's.
        spotter: How brief expressions are spotted: `auto`, `state-machine`, `matched`, `network`.
        without_veto: Reasons that are not to keep a movement from being claimed: `blink`, `speech`, `head`, ...
        profile: Calibration profile: a file, or the name of one in `./calibration`.
        profile_anyway: Use it although it was made with another camera, frame size or frame rate.
        identity: Key files (as `age-keygen` makes them) for encrypted sessions.
        candidates: Rows for movements that looked like an expression and were not claimed too.
        label_evidence: Make the table `label_evidence` too.
        threads: 2: landmarks on a thread of their own. 1: on one thread, for many recordings side by side. Same results.
        progress: Called about ten times a second with the share that is done, 0 to 1; what it raises ends the analysis.

    Returns:
        Frames, events and summary. A recording that breaks off gives what came before; `summary["ended"]` and `summary["warnings"]` say so.

    Raises:
        MissingSourceError: Nothing is at `path`.
        SourceError: It cannot be read, or holds no picture.
        MissingProgramError: `ffmpeg` is missing.
        SessionError: A session that cannot be used, or whose key is missing.
        OptionError: An option that cannot be.
    """
    options = pack(
        fps=fps,
        landmark_hz=landmark_hz,
        landmark_still_hz=landmark_still_hz,
        faces=faces,
        spotter=spotter,
        without_veto=without_veto,
        profile=profile,
        profile_anyway=profile_anyway,
        identity=identity,
        candidates=candidates,
        label_evidence=label_evidence,
        threads=threads,
    )
    return Analysis(_onset.analyze(os.fspath(path), options, callback(progress)))


def analyze_to_files(
    path: StrPath,
    out: StrPath,
    *,
    name: str | None = None,
    formats: str | Iterable[str] = ("csv",),
    force: bool = False,
    fps: float | None = None,
    landmark_hz: float = 15.0,
    landmark_still_hz: float = 3.0,
    faces: int | None = None,
    spotter: str = "auto",
    without_veto: Iterable[str] = (),
    profile: StrPath | None = None,
    profile_anyway: bool = False,
    identity: StrPath | Iterable[StrPath] = (),
    candidates: bool = False,
    label_evidence: bool = False,
    threads: int = 2,
    progress: Callable[[float], object] | None = None,
) -> dict[str, Any]:
    """Analyses a recording of any length into `out/name`, as `onset analyze --out OUT` does; memory does not grow with it.

    Rows are on the disk within a second or two of video; `summary.json` comes last, so a folder that has one is complete.

    Args:
        path: The recording.
        out: Folder of all outputs; made where it is missing.
        name: Folder of this recording in it; by default the recording's file name without its extension.
        formats: `csv`, `parquet`, `jsonl`: one or several.
        force: Replace tables that are already there.
        fps: See `analyze`, as for all that follow.
        landmark_hz: -
        landmark_still_hz: -
        faces: -
        spotter: -
        without_veto: -
        profile: -
        profile_anyway: -
        identity: -
        candidates: -
        label_evidence: -
        threads: -
        progress: -

    Returns:
        The content of `summary.json`.

    Raises:
        OutputError: The folder holds something already (and not `force`), the disk is full, permission is missing.
        OnsetError: What `analyze` raises.
    """
    options = pack(
        fps=fps,
        landmark_hz=landmark_hz,
        landmark_still_hz=landmark_still_hz,
        faces=faces,
        spotter=spotter,
        without_veto=without_veto,
        profile=profile,
        profile_anyway=profile_anyway,
        identity=identity,
        candidates=candidates,
        label_evidence=label_evidence,
        threads=threads,
    )
    text = _onset.analyze_to_files(
        os.fspath(path), os.fspath(out), name, format_names(formats), force, options, callback(progress)
    )
    summary: dict[str, Any] = json.loads(text)
    return summary

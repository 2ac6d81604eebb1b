"""Helpers for the tests of `onset.batch`: recordings by name, stores, rows."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from onset.batch.outcome import Work
from onset.batch.row import Row
from onset.batch.tree import Stamp
from onset.batch.walk import Recording


def touch(root: Path, *names: str) -> None:
    """Makes small files with these names below `root`."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def work(name: str, size: int | None = 100, attempt: int = 1) -> Work:
    """A recording to analyse that nobody looks for."""
    return Work(name, Recording(f"/videos/{name}.mp4", "file", Stamp(size, "mtime 1")), attempt)


def done(name: str, **values: Any) -> Row:
    """The row of a recording that is done, with other `values` where given."""
    row = Row(name, f"/videos/{name}.mp4", "done", attempts=1, run=1, input_bytes=100, input_version="mtime 1")
    return dataclasses.replace(row, **{"generation": 1, **values})

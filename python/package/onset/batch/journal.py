"""The journal: one line for each recording that was decided, so that start-up need not read every status file.

It is a short cut and never the truth: what is missing from it, or cannot be read, is read from the status files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from .row import Row
from .store import Store

NAME = "manifest.jsonl"


def line_from_row(row: Row) -> bytes:
    """A line; names that are no valid Unicode survive as escapes."""
    return json.dumps(row.to_dict(), separators=(",", ":")).encode("ascii") + b"\n"


def row_from_line(line: bytes) -> Row | None:
    """The row of a line or a status file; `None` where it is torn or none of ours."""
    try:
        return Row.from_dict(json.loads(line))
    except ValueError:
        return None


def read_journal(store: Store) -> dict[str, Row]:
    """The newest row of each recording. Lines that cannot be read, such as a torn last one, are left out."""
    rows = {}
    for line in (store.read(NAME) or b"").splitlines():
        row = row_from_line(line)
        if row is not None and row.recording:
            rows[row.recording] = row
    return rows


def append_rows(store: Store, rows: Iterable[Row]) -> None:
    """Adds lines at the end.

    Raises:
        OSError: The store refused.
    """
    store.append(NAME, b"".join(line_from_row(row) for row in rows))

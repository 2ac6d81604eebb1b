"""Sessions that were recorded with `onset record`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from onset import _onset
from onset._options import StrPath

_STEPS = pa.schema(
    [
        pa.field("step", pa.int64(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("target", pa.string()),
        pa.field("stimulus", pa.string()),
        pa.field("start_s", pa.float64(), nullable=False),
        pa.field("end_s", pa.float64()),
    ]
)
_MARKERS = pa.schema(
    [
        pa.field("t_s", pa.float64(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
    ]
)
_EVENTS = pa.schema(
    [
        pa.field("event", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("label", pa.string()),
        pa.field("score", pa.float64()),
        pa.field("onset_s", pa.float64(), nullable=False),
        pa.field("apex_s", pa.float64(), nullable=False),
        pa.field("offset_s", pa.float64()),
        pa.field("action_units", pa.string()),
        pa.field("veto", pa.string()),
    ]
)
_CODINGS = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("label", pa.string()),
        pa.field("onset_s", pa.float64(), nullable=False),
        pa.field("apex_s", pa.float64()),
        pa.field("offset_s", pa.float64(), nullable=False),
        pa.field("action_units", pa.string()),
        pa.field("note", pa.string()),
    ]
)


class Session:
    """A recorded session: what was asked, what was filmed, what was seen live, what people said of it.

    Times are seconds on the session's clock; 0 is `record["started_utc"]`.
    """

    def __init__(self, path: Path, identity: list[str]) -> None:
        """Opens the folder; users call `read_session`."""
        self._inner = _onset.Session(path, identity)
        self._identity = identity
        self._facts: dict[str, Any] = json.loads(self._inner.facts_json())
        self.path = path
        """The session's folder."""

    @property
    def record(self) -> dict[str, Any]:
        """`session.toml`: who (by pseudonym), when, consent, camera, protocol, versions."""
        record: dict[str, Any] = self._facts["record"]
        return record

    @property
    def participant(self) -> dict[str, Any] | None:
        """`participant.toml`; None where it was withheld or nothing was said."""
        participant: dict[str, Any] | None = self._facts["participant"]
        return participant

    @property
    def warnings(self) -> list[str]:
        """What was odd: a file that breaks off, messages that could not be read."""
        warnings: list[str] = self._facts["warnings"]
        return warnings

    @property
    def duration_s(self) -> float:
        """Time of the last message, in seconds."""
        return float(self._facts["duration_s"])

    @cached_property
    def steps(self) -> pa.Table:
        """What was shown, one row a step, in order; `end_s` is null where the recording broke off within it."""
        return _table(self._facts["steps"], _STEPS)

    @cached_property
    def markers(self) -> pa.Table:
        """The markers, in order: time, name, and whether a key, a step or another program set it."""
        return _table(self._facts["markers"], _MARKERS)

    @cached_property
    def events(self) -> pa.Table:
        """The events that were spotted live, in their last state, by number; `veto` is null for those that are claimed."""
        return _table(self._facts["events"], _EVENTS)

    @cached_property
    def codings(self) -> dict[str, pa.Table]:
        """What people coded: a table a coder, with the columns of docs/exchange.md."""
        return {coder: _table(rows, _CODINGS) for coder, rows in json.loads(self._inner.codings_json())}

    def observations(self) -> pa.Table:
        """What was seen live, one row a frame, with the columns of the frames table (docs/outputs.md). Reads the whole file."""
        return pa.table(self._inner.observations())

    def frames(self) -> Iterator[_onset.SessionFrame | _onset.Lost]:
        """Every frame in order, decoded, and `Lost` where frames are missing.

        Pixels are uint8 of shape (H, W) for gray cameras, else (H, W, 3) in the order red, green, blue.

        Raises:
            SourceError: The file cannot be read on.
        """
        return self._inner.frames()

    def __reduce__(self) -> tuple[type[Session], tuple[Path, list[str]]]:
        """In another process it is opened again."""
        return Session, (self.path, self._identity)

    def __repr__(self) -> str:
        """Which one, and how long."""
        return f"<onset.Session {os.fspath(self.path)}: {self.duration_s:.1f} s, {len(self._facts['steps'])} steps>"


def read_session(path: StrPath, *, identity: StrPath | Iterable[StrPath] = ()) -> Session:
    """Opens a session folder and reads everything but frames and observations, which are read as they are asked for.

    Args:
        path: A folder that `onset record` made.
        identity: Key files (as `age-keygen` makes them) for an encrypted one.

    Raises:
        MissingSourceError: Nothing is at `path`.
        SessionError: It is no session, is damaged, or the key is missing.
    """
    keys = [identity] if isinstance(identity, (str, os.PathLike)) else list(identity)
    return Session(Path(path), [os.fspath(key) for key in keys])


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table; texts that are empty where that means "none" are null."""
    optional = {field.name for field in schema if field.nullable}
    cleaned = [
        {name: None if name in optional and value == "" else value for name, value in row.items()} for row in rows
    ]
    return pa.Table.from_pylist(cleaned, schema=schema)

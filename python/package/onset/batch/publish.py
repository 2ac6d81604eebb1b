"""From a worker's finished tables to the output folder, the status last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .batch_file import TABLES
from .fetch import name_the_original
from .journal import line_from_row, row_from_line
from .row import Row
from .store import Store

_FORMAT = "parquet"
_COMPLETE = "end_of_input"
INTERRUPTED = "interrupted"
"""How a recording's analysis ended, as `summary.json` says; the third is `source_failed`."""
BROKE_OFF = "broke off"
"""Begins the reason of a recording whose tables hold what came before its source failed."""


def table_name(table: str, recording: str) -> str:
    """Where a table of a recording lies: a Hive partition."""
    return f"{table}/recording={recording}/{table}.{_FORMAT}"


def summary_name(recording: str) -> str:
    """Where its summary lies."""
    return f"summaries/recording={recording}/summary.json"


def status_name(recording: str) -> str:
    """Where the mark lies that it is done or failed."""
    return f"status/{recording}.json"


def read_status(store: Store, recording: str) -> Row | None:
    """What was decided on a recording; `None` where nothing was."""
    content = store.read(status_name(recording))
    return None if content is None else row_from_line(content)


def write_status(store: Store, row: Row) -> None:
    """Marks a recording as done or failed.

    Raises:
        OSError: The store refused.
    """
    store.write(status_name(row.recording), line_from_row(row))


def withdraw(store: Store, recording: str) -> None:
    """Removes what an earlier version of the input gave: the mark first, so that it never vouches for other tables.

    Raises:
        OSError: The store refused.
    """
    store.remove(status_name(recording))
    for table in TABLES:
        store.remove(table_name(table, recording))
    store.remove(summary_name(recording))


def publish(store: Store, recording: str, made: Path, original: str, analysed: Path) -> int:
    """Puts the tables and the summary of a recording in place; returns their bytes. The mark is left to the caller.

    Args:
        store: The output folder.
        recording: Its id.
        made: Folder that `onset.analyze_to_files` filled.
        original: The recording's absolute path or URL.
        analysed: What was analysed: the same, or a download, which the summary must not name.

    Raises:
        OSError: The store refused.
    """
    size = 0
    for table in TABLES:
        path = made / f"{table}.{_FORMAT}"
        if path.exists():
            size += store.put_file(path, table_name(table, recording))
    summary = made / "summary.json"
    text = summary.read_text(encoding="utf-8")
    if str(analysed) != original:
        # As JSON escapes them.
        before, after = (json.dumps(value, ensure_ascii=False)[1:-1] for value in (str(analysed), original))
        summary.write_text(name_the_original(text, Path(before), after), encoding="utf-8")
    return size + store.put_file(summary, summary_name(recording))


def figures_from_summary(summary: dict[str, Any]) -> dict[str, Any]:
    """Columns of the manifest that the summary knows; `reason` says where a recording broke off."""
    broke_off = [] if summary["ended"] == _COMPLETE else [BROKE_OFF]
    return {
        "duration_s": round(summary["measured"]["duration_s"], 6),
        "frames": summary["frames"]["rows"],
        "events": sum(sum(labels.values()) for labels in summary["events"].values()),
        "reason": "; ".join([*broke_off, *summary["warnings"]]),
    }

"""The manifest as CSV and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from .identity import printable
from .row import Row

COLUMNS = (
    "recording",
    "input",
    "status",
    "reason",
    "attempts",
    "run",
    "duration_s",
    "frames",
    "events",
    "wall_s",
    "cpu_s",
    "peak_rss_mb",
    "input_bytes",
    "output_bytes",
    "input_version",
    "node",
)
_TEXT = frozenset({"recording", "input", "status", "reason", "input_version", "node"})
_FLOAT = frozenset({"duration_s", "wall_s", "cpu_s", "peak_rss_mb"})


def csv_from_rows(rows: Iterable[Row]) -> bytes:
    """UTF-8, comma, header line, `\\n`; a missing value is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        values = (getattr(row, name) for name in COLUMNS)
        writer.writerow(["" if value is None else printable(str(value)) for value in values])
    return text.getvalue().encode("utf-8")


def parquet_from_rows(rows: Iterable[Row]) -> bytes:
    """The same columns with types: strings, `int64`, `double`; a missing value is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kept = list(rows)
    columns = {}
    for name in COLUMNS:
        values = [getattr(row, name) for row in kept]
        if name in _TEXT:
            columns[name] = pa.array([printable(value) for value in values], pa.string())
        else:
            columns[name] = pa.array(values, pa.float64() if name in _FLOAT else pa.int64())
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()

"""What a run says at its end."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from .arguments import Arguments
from .errors import BatchError, Interrupted
from .identity import printable
from .progress import Totals, duration, hours
from .publish import BROKE_OFF
from .row import Row

_NAMED = 5


def totals_from(rows: Sequence[Row], run: int) -> Totals:
    """Counts of this run's inputs before anything is analysed."""
    counts = Totals(inputs=len(rows))
    for row in rows:
        if row.status == "done":
            counts.done += 1
            counts.done_before += row.run != run
        elif row.status == "failed":
            counts.failed += 1
        elif row.status == "skipped":
            counts.skipped += 1
    return counts


def report(
    location: str,
    rows: Sequence[Row],
    totals: Totals,
    stopped: BatchError | None,
    wall_s: float,
    arguments: Arguments,
) -> int:
    """Prints how the run ended; returns the exit code. With `--json` the totals are all of standard output."""
    code = _exit_code(totals, stopped)
    say = sys.stderr if arguments.json else sys.stdout
    print(_end_line(location, totals, wall_s), file=say)
    failed = [row for row in rows if row.status == "failed"]
    for row in failed[:_NAMED]:
        said = row.reason if row.reason.startswith(row.input) else f"{row.input}: {row.reason}"
        print(f"onset.batch: {printable(said)}", file=sys.stderr)
    if failed:
        more = f"{len(failed)} failed" + (f", {len(failed) - _NAMED} more than these" if len(failed) > _NAMED else "")
        hint = "--retry-failed tries them again" if any(row.attempts for row in failed) else "check the paths"
        print(f"onset.batch: {more}; {location}/manifest.csv has all; {hint}", file=sys.stderr)
    broke_off = sum(row.status == "done" and row.reason.startswith(BROKE_OFF) for row in rows)
    if broke_off:
        what = "broke off before their end; their tables hold what came before (column `reason` of the manifest)"
        print(f"onset.batch: {broke_off} recordings {what}", file=sys.stderr)
    _warn_of_memory(rows, arguments.cluster.memory_mb)
    if isinstance(stopped, Interrupted):
        print(
            f"onset.batch: interrupted, {totals.pending} are left; the same command goes on from here", file=sys.stderr
        )
    elif stopped is not None:
        print(f"onset.batch: stopped: {printable(str(stopped))}", file=sys.stderr)
        print(
            f"onset.batch: {totals.pending} are left; put it right, and the same command goes on from here",
            file=sys.stderr,
        )
    if arguments.json:
        print(json.dumps(_facts(location, rows, totals, wall_s, code), indent=2))
    return code


def _exit_code(totals: Totals, stopped: BatchError | None) -> int:
    if stopped is not None:
        return stopped.exit_code
    return 1 if totals.failed else 0


def _end_line(location: str, totals: Totals, wall_s: float) -> str:
    before = f" ({totals.done_before} before)" if totals.done_before else ""
    counts = f"{totals.done} of {totals.inputs} done{before}, {totals.failed} failed, {totals.skipped} skipped"
    speed = f" ({totals.media_s / wall_s:.1f} x real time)" if totals.media_s and wall_s else ""
    return f"{counts}; {hours(totals.media_s)} of video in {duration(wall_s)}{speed}; tables in {location}"


def _warn_of_memory(rows: Sequence[Row], memory_mb: int) -> None:
    peaks = [row.peak_rss_mb for row in rows if row.peak_rss_mb is not None and row.peak_rss_mb > memory_mb]
    if peaks:
        print(
            f"onset.batch: {len(peaks)} recordings took more memory than the {memory_mb} MB that were reserved "
            f"(the most: {max(peaks):.0f} MB); raise --memory-per-task where nodes are short of it",
            file=sys.stderr,
        )


def _facts(location: str, rows: Sequence[Row], totals: Totals, wall_s: float, code: int) -> dict[str, Any]:
    now = [row for row in rows if row.status == "done"]
    return {
        "out": location,
        "inputs": totals.inputs,
        "done": totals.done,
        "done_before": totals.done_before,
        "failed": totals.failed,
        "skipped": totals.skipped,
        "pending": totals.pending,
        "video_s": round(totals.media_s, 3),
        "wall_s": round(wall_s, 3),
        "all_video_s": round(sum(row.duration_s or 0.0 for row in now), 3),
        "all_cpu_s": round(sum(row.cpu_s or 0.0 for row in now), 3),
        "all_output_bytes": sum(row.output_bytes or 0 for row in now),
        "exit_code": code,
    }

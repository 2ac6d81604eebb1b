"""What a worker does with one recording. It may be killed at any moment and done again: nothing is there twice."""

from __future__ import annotations

import dataclasses
import errno
import socket
from contextlib import ExitStack
from pathlib import Path

import onset
from onset import MissingProgramError, MissingSourceError, OnsetError, OutputError, analyze_to_files

from .batch_file import is_seen_by
from .errors import BatchError
from .fetch import fetch, name_the_original
from .outcome import Outcome, Shared, Work
from .publish import INTERRUPTED, figures_from_summary, publish, read_status, withdraw, write_status
from .row import Row
from .store import Store, open_store
from .urls import is_url
from .usage import Meter
from .workspace import node_folder, output_folder

_OF_THE_MACHINE = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE") if hasattr(errno, name)
)
"""Disk full, quota used up, read-only, too many open files: the next recording would fare no better."""


def analyse(shared: Shared, work: Work) -> Outcome:
    """Analyses a recording, publishes its tables and marks it done or failed; see [`Outcome`]. Raises nothing."""
    node = socket.gethostname()
    if onset.__version__ != shared.onset_version:
        here, there = onset.__version__, shared.onset_version
        why = f"{node} has onset {here}, but the batch was started with {there}: install the same on every node"
        return Outcome("machine", reason=why)
    try:
        store = open_store(shared.out)
        if not is_seen_by(store, shared.batch_id):
            why = f"{node} does not see {shared.out}: --out must be a folder that all nodes share, or a URL"
            return Outcome("machine", reason=why)
        return _analyse(shared, work, store, node)
    except BatchError as error:
        return Outcome("machine", reason=f"{node}: {error}")
    except Exception as error:  # whatever a remote store raises
        return _from_store_error(error, node)


def _analyse(shared: Shared, work: Work, store: Store, node: str) -> Outcome:
    known = read_status(store, work.id)
    stamp = work.recording.stamp
    if known is not None and known.status == "done" and known.is_of(shared.generation, stamp.size, stamp.version):
        # An attempt before this one was killed after its last step.
        return Outcome("decided", known)
    # Also without a mark there may be tables: of an attempt that was killed while it put them in place.
    withdraw(store, work.id)
    meter = Meter.start()
    row = Row(
        work.id,
        work.recording.location,
        "failed",
        attempts=work.attempt,
        run=shared.run,
        input_bytes=stamp.size,
        input_version=stamp.version,
        node=node,
        generation=shared.generation,
    )
    outcome = _attempt(shared, work, store, row, meter)
    if outcome.kind == "decided" and outcome.row is not None:
        write_status(store, outcome.row)
    return outcome


def _attempt(shared: Shared, work: Work, store: Store, row: Row, meter: Meter) -> Outcome:
    location = work.recording.location
    source = Path(location)
    with ExitStack() as stack:
        folder = stack.enter_context(node_folder())
        out = stack.enter_context(output_folder(store, work.id, folder))
        try:
            if is_url(location):
                source = fetch(work.recording, folder)
            arguments = shared.options.arguments(folder)
            summary = analyze_to_files(source, out, name=work.id, formats=("parquet",), force=True, **arguments)
        except Exception as error:  # one recording must not stop the others, whatever its protocol raises
            return _from_error(error, dataclasses.replace(row, **meter.figures()), source)
        if summary["ended"] == INTERRUPTED:
            return Outcome("again", row, f"{row.node}: somebody interrupted the analysis")
        size = publish(store, work.id, out / work.id, location, source)
    figures = {**figures_from_summary(summary), **meter.figures()}
    figures["reason"] = name_the_original(figures["reason"], source, location)
    return Outcome("decided", dataclasses.replace(row, status="done", output_bytes=size, **figures))


def _from_error(error: Exception, row: Row, source: Path) -> Outcome:
    """Whether it is the machine's fault, a passing one, or the recording's."""
    text = name_the_original(str(error) or type(error).__name__, source, row.input)
    if isinstance(error, (MissingProgramError, OutputError, BatchError)):
        return Outcome("machine", reason=f"{row.node}: {text}")
    if isinstance(error, MissingSourceError):
        # The driver has seen it.
        return Outcome("again", row, f"{text} (as {row.node} sees it; does every node see this folder?)")
    if isinstance(error, OnsetError):
        return Outcome("decided", dataclasses.replace(row, reason=text))
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        return Outcome("machine", reason=f"{row.node}: {text}")
    if isinstance(error, (FileNotFoundError, PermissionError)):
        return Outcome("decided", dataclasses.replace(row, reason=f"cannot be read: {text}"))
    return Outcome("again", row, f"{type(error).__name__}: {text}")


def _from_store_error(error: Exception, node: str) -> Outcome:
    if isinstance(error, OSError) and (error.errno in _OF_THE_MACHINE or isinstance(error, PermissionError)):
        return Outcome("machine", reason=f"{node}: cannot write the results: {error}")
    return Outcome("again", reason=f"{node}: cannot write the results: {type(error).__name__}: {error}")

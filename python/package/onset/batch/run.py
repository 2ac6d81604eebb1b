"""A run of the batch, from what the user asked for to the exit code."""

from __future__ import annotations

import os
import signal
import sys
import time

import onset
from onset import Analyzer, OptionError

from .arguments import Arguments
from .batch_file import BatchFile, begin
from .cluster import RayCluster, import_ray
from .driver import Driver, StopRequest
from .errors import BatchError, Interrupted, UsageError
from .identity import recording_id
from .inputs import Found, find_all
from .ledger import Ledger
from .lock import Lock
from .options import PROFILE_FOLDER
from .outcome import Shared, Work
from .progress import Progress, Totals
from .publish import read_status
from .report import report, totals_from
from .store import LocalStore, Store, check_place, open_store
from .workspace import node_folder


def run(arguments: Arguments) -> int:
    """Runs the batch; returns the exit code: 0 all done or skipped, 1 some failed or no recording could be analysed,
    130 (Ctrl-C) or 143 (SIGTERM) interrupted.

    Raises:
        BatchError: The batch could not begin.
        OSError: The output folder refused.
    """
    # Before anything is looked at: both can be wrong, and the walk may take minutes.
    import_ray()
    _try_options(arguments)
    out = check_place(arguments.out)
    found = find_all(arguments.inputs, out)
    store = open_store(out)
    lock = Lock.take(store, arguments.break_lock)
    try:
        return _run_locked(arguments, store, lock, found)
    finally:
        _clean(store)
        lock.release()


def _run_locked(arguments: Arguments, store: Store, lock: Lock, found: list[Found]) -> int:
    started = time.monotonic()
    _clean(store)
    if arguments.force:
        _require_all_given(store, found)
    batch = begin(store, onset.__version__, arguments.analysis.as_written(), arguments.force)
    ledger = Ledger(store, batch.generation, batch.runs)
    works = ledger.fill(found, ledger.known(), arguments.retry_failed)
    ledger.write()
    totals = totals_from(ledger.rows[: ledger.given], batch.runs)
    stopped: BatchError | None = None
    try:
        if works:
            _work(arguments, store, lock, batch, ledger, totals, works)
    except BatchError as error:
        stopped = error
    finally:
        ledger.close()
    return report(store.location, ledger.rows[: ledger.given], totals, stopped, time.monotonic() - started, arguments)


def _work(
    arguments: Arguments,
    store: Store,
    lock: Lock,
    batch: BatchFile,
    ledger: Ledger,
    totals: Totals,
    works: list[Work],
) -> None:
    shared = Shared(store.location, batch.id, batch.generation, batch.runs, onset.__version__, arguments.analysis)
    progress = Progress(sys.stderr)
    stop = StopRequest()
    try:
        cluster = RayCluster.start(arguments.cluster, shared)
    except KeyboardInterrupt:
        raise Interrupted(signal.SIGINT) from None
    try:
        stop.install()
        slots = cluster.slots()
        progress.note(f"{totals.inputs} inputs, {totals.done} done before, {len(works)} to analyse, {slots} at once")
        if slots == 0:
            progress.note(
                "no node of the cluster has room for a recording yet (--threads, --memory-per-task): waiting for one"
            )
        # Of a cluster that others use, no more is asked than was allowed; one of our own may queue.
        cpus = arguments.cluster.num_cpus if arguments.cluster.address is not None else None
        bound = None if cpus is None else cpus // arguments.cluster.threads
        Driver(cluster, ledger, lock, progress, totals, arguments.retries, bound).run(works, stop)
    finally:
        progress.finish()
        cluster.close()


def _try_options(arguments: Arguments) -> None:
    """Refuses here what would make every recording fail.

    Raises:
        UsageError: An option cannot be.
    """
    with node_folder() as folder:
        options = arguments.analysis.arguments(folder)
        for name in ("fps", "identity", "profile_anyway"):
            del options[name]
        try:
            Analyzer(**options).close()
        except OptionError as error:
            # The profile lies in a temporary folder: its own name says more.
            raise UsageError(str(error).replace(f"{folder / PROFILE_FOLDER}{os.sep}", "")) from None


def _require_all_given(store: Store, found: list[Found]) -> None:
    """With `--force`: what is redone must be given, or tables of other options would lie beside the new ones.

    Raises:
        UsageError: The output folder holds recordings that are not given.
    """
    given = {recording_id(item.location) for item in found}
    others = [name.removesuffix(".json") for name in store.names("status")]
    others = [identity for identity in others if identity not in given]
    if others:
        row = read_status(store, others[0])
        first = others[0] if row is None else row.input
        raise UsageError(
            f"{store.location} holds {len(others)} recordings that are not among the inputs (the first: {first}); "
            "with --force give them too, or use another --out"
        )


def _clean(store: Store) -> None:
    if isinstance(store, LocalStore):
        store.clean()

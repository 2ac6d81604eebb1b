"""Temporary folders of workers, removed also when the worker was killed."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .store import WORK, LocalStore, Store

if sys.platform != "win32":
    import fcntl

_PREFIX = "onset-batch-"
_LOCK = ".in-use"


@contextmanager
def output_folder(store: Store, recording: str, node_folder: Path) -> Iterator[Path]:
    """Where a recording's tables are written before they are published: on the store's own disk where it has one.

    What an earlier attempt at the recording left there is removed first.
    """
    if not isinstance(store, LocalStore):
        yield node_folder
        return
    work = store.root / WORK
    for left in work.glob(f"{recording}.*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = work / f"{recording}.{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def node_folder() -> Iterator[Path]:
    """A folder on this machine's own disk, for downloads.

    Its owner holds a lock on a file in it, which the system lets go when the owner dies, however it dies. Folders
    without an owner are removed first.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with (folder / _LOCK).open("w", encoding="ascii") as lock:
            if sys.platform != "win32":
                fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write(f"{socket.gethostname()} {os.getpid()}\n")
            lock.flush()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open(encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Its owner writes right after it has the lock: an empty file is one that is just being made.
                is_left = bool(lock.read())
        except OSError:
            # In use, another user's, or just being made.
            continue
        if is_left:
            shutil.rmtree(folder, ignore_errors=True)

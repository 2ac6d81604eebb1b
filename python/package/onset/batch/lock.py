"""One batch at a time on an output folder: a file that says who has it."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from .errors import BatchError
from .store import Store

NAME = "batch.lock"
_SETTLE_S = 0.3
"""Two that take the same stale lock both look again after this; the one that wrote last has it."""


class Lock:
    """The lock of an output folder, held until `release`."""

    def __init__(self, store: Store) -> None:
        """Not held yet: see `take`."""
        self._store = store
        self._token = uuid.uuid4().hex

    @classmethod
    def take(cls, store: Store, break_it: bool = False) -> Lock:
        """Takes the lock; one that a dead process of this host left is taken over.

        Args:
            store: The output folder.
            break_it: Take it whoever has it.

        Raises:
            BatchError: Another batch has it, or may have it.
            OSError: The store refused.
        """
        holder = _read(store)
        if holder is not None and not break_it and not _is_dead(holder):
            raise BatchError(_refusal(store, holder))
        lock = cls(store)
        lock.renew()
        time.sleep(_SETTLE_S)
        if not lock.is_held():
            raise BatchError(f"{store.location}: another batch began on it at the same moment; wait for it")
        return lock

    def renew(self) -> None:
        """Writes the lock anew with the present time, for those who ask whether its holder lives."""
        content = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "token": self._token,
        }
        self._store.write(NAME, json.dumps(content).encode())

    def is_held(self) -> bool:
        """Whether nobody took it away."""
        holder = _read(self._store)
        return holder is not None and holder.get("token") == self._token

    def release(self) -> None:
        """Gives it back, where it is still ours."""
        if self.is_held():
            self._store.remove(NAME)


def _read(store: Store) -> dict[str, Any] | None:
    content = store.read(NAME)
    if content is None:
        return None
    try:
        holder = json.loads(content)
    except ValueError:
        holder = None
    return holder if isinstance(holder, dict) else {}


def _is_dead(holder: dict[str, Any]) -> bool:
    pid = holder.get("pid")
    if holder.get("host") != socket.gethostname() or not isinstance(pid, int):
        return False
    # Our own number: a container that was started again counts from the same numbers.
    return pid == os.getpid() or not _is_running(pid)


def _is_running(pid: int) -> bool:
    if sys.platform == "win32":
        # A signal 0 would be Ctrl-C there: the user decides.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _refusal(store: Store, holder: dict[str, Any]) -> str:
    who = f"process {holder.get('pid', '?')} on {holder.get('host', '?')}, last heard of at {holder.get('time', '?')}"
    return (
        f"{store.location}: another batch is at work on it ({who}); wait for it or use another --out. If it is no "
        "longer "
        "running, add --break-lock"
    )

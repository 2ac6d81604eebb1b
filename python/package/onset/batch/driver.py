"""Hands recordings to the cluster, a bounded number at a time, and enters what became of them."""

from __future__ import annotations

import heapq
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from .cluster import Cluster
from .errors import BatchError, Interrupted
from .ledger import Ledger
from .lock import Lock
from .outcome import Outcome, Work
from .progress import Progress, Totals
from .row import Row

_WAIT_S = 0.5
_SLOTS_EVERY_S = 5.0
_QUEUED_A_SLOT = 2
"""One runs and one waits: no slot is ever idle, and the driver holds few tasks however long the list is."""
_PAUSES_S = (1.0, 10.0, 60.0)
"""Before the second, third and later attempts: what was in the way may need time to pass."""


class StopRequest:
    """Notes Ctrl-C and SIGTERM instead of breaking off in the middle of a file; a second one breaks off."""

    def __init__(self) -> None:
        """Nothing is asked yet, and no signal is taken."""
        self.signal: int | None = None

    def install(self) -> None:
        """Takes the signals; Ray must have started already, as it takes SIGTERM too."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.signal is not None:
            signal.signal(number, signal.SIG_DFL)
            raise KeyboardInterrupt
        self.signal = number


def in_order(works: list[Work]) -> list[Work]:
    """Largest first, those of unknown size before them, equals in the order of the inputs.

    So that the last slot does not work on a long recording alone while the others have nothing left. All are there
    from the start, so none has to wait for ever.
    """
    return sorted(works, key=lambda work: (work.recording.stamp.size is not None, -(work.recording.stamp.size or 0)))


@dataclass(slots=True)
class Driver:
    """One run over the recordings that are left.

    `retries` further attempts are made where a worker died or something passing was in the way. `max_at_once` bounds
    submitted tasks where the user bounded the CPUs of a cluster that others use too.
    """

    cluster: Cluster
    ledger: Ledger
    lock: Lock
    progress: Progress
    totals: Totals
    retries: int
    max_at_once: int | None = None
    clock: Callable[[], float] = time.monotonic
    pauses_s: tuple[float, ...] = _PAUSES_S
    _queue: deque[Work] = field(default_factory=deque)
    _later: list[tuple[float, str, Work]] = field(default_factory=list)
    _running: dict[object, Work] = field(default_factory=dict)
    _tries: dict[str, int] = field(default_factory=dict)
    _slots: tuple[float, int] = (float("-inf"), 0)
    _typical_size: int = 1

    def run(self, works: list[Work], stop: StopRequest) -> None:
        """Works through all; each is decided when this returns.

        Raises:
            Interrupted: Somebody asked to stop.
            BatchError: No recording can be analysed on a machine; somebody took the lock away.
            OSError: The output folder refused.
        """
        self._queue.extend(in_order(works))
        sizes = [work.recording.stamp.size for work in works if work.recording.stamp.size]
        self._typical_size = sum(sizes) // len(sizes) if sizes else 1
        self.totals.bytes_left = sum(map(self._size, works))
        while self._queue or self._later or self._running:
            if stop.signal is not None:
                raise Interrupted(stop.signal)
            self._submit()
            if self._running:
                ended = self.cluster.wait(_WAIT_S)
            else:
                # All that is left waits for its next attempt, or for a node.
                time.sleep(min(_WAIT_S, *self.pauses_s))
                ended = []
            for handle, outcome in ended:
                self._enter(self._running.pop(handle), outcome)
            self._report()

    def _submit(self) -> None:
        now = self.clock()
        while self._later and self._later[0][0] <= now:
            # They were first once: they go first again.
            self._queue.appendleft(heapq.heappop(self._later)[2])
        room = self.max_at_once or max(1, self._slots_now(now)) * _QUEUED_A_SLOT
        while self._queue and len(self._running) < room:
            work = self._queue.popleft()
            self._running[self.cluster.submit(work)] = work

    def _slots_now(self, now: float) -> int:
        if now - self._slots[0] >= _SLOTS_EVERY_S:
            self._slots = (now, self.cluster.slots())
        return self._slots[1]

    def _enter(self, work: Work, outcome: Outcome) -> None:
        if outcome.kind == "machine":
            raise BatchError(outcome.reason)
        if outcome.kind == "decided" and outcome.row is not None:
            self._decide(work, outcome.row)
            return
        tries = self._tries[work.id] = self._tries.get(work.id, 0) + 1
        if tries > self.retries:
            reason = f"{outcome.reason}; given up after {tries} attempts" if tries > 1 else outcome.reason
            self._decide(work, self.ledger.give_up(work, reason, outcome.row))
            return
        self.ledger.count_attempt(work)
        due = self.clock() + self.pauses_s[min(tries, len(self.pauses_s)) - 1]
        heapq.heappush(self._later, (due, work.id, Work(work.id, work.recording, work.attempt + 1)))

    def _decide(self, work: Work, row: Row) -> None:
        self.ledger.decide(row)
        totals = self.totals
        if row.status == "done":
            totals.done += 1
            totals.media_s += row.duration_s or 0.0
        else:
            totals.failed += 1
        totals.bytes_left -= self._size(work)
        if row.status == "done":
            # A corrupt file fails at once and tells nothing about the others.
            totals.work_bytes += self._size(work)
            totals.work_s += row.wall_s or 0.0

    def _size(self, work: Work) -> int:
        return work.recording.stamp.size or self._typical_size

    def _report(self) -> None:
        self.progress.update(self.totals, self._slots_now(self.clock()))
        if self.ledger.write_if_due():
            if not self.lock.is_held():
                raise BatchError("another batch took this output folder over (--break-lock); this one stops")
            self.lock.renew()

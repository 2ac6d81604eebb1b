"""Keeps the manifest: what was decided before, what is decided now, on the disk at a bounded pace."""

from __future__ import annotations

import time

from .identity import recording_id
from .inputs import Found
from .journal import append_rows, read_journal
from .manifest import csv_from_rows, parquet_from_rows
from .outcome import Work
from .publish import read_status, withdraw, write_status
from .row import Row
from .store import Store
from .walk import NotOne

CSV_NAME = "manifest.csv"
PARQUET_NAME = "manifest.parquet"
_EVERY_S = 5.0
_SHARE = 0.05
"""At most this share of the driver's time goes into writing, however long the manifest is."""


class Ledger:
    """The rows of the manifest, in order: this run's inputs first, then what earlier runs had and this one was not
    given."""

    def __init__(self, store: Store, generation: int, run: int) -> None:
        """An empty one; `generation` and `run` are those of `batch.json`."""
        self._store = store
        self._generation = generation
        self._run = run
        self.rows: list[Row] = []
        self.given = 0
        """How many of `rows`, from the first, are this run's inputs."""
        self._index: dict[str, int] = {}
        self._outdated: dict[str, Row] = {}
        self._new: list[Row] = []
        self._due = time.monotonic() + _EVERY_S

    def known(self) -> dict[str, Row]:
        """What earlier runs decided, by id: the journal, and the status files that it does not know.

        What was decided before everything was last redone is left out, and so are lines whose status file is gone.

        Raises:
            OSError: The store refused.
        """
        journal = read_journal(self._store)
        known = {}
        for name in self._store.names("status"):
            identity = name.removesuffix(".json")
            row = journal.get(identity)
            if row is None or row.generation != self._generation:
                row = read_status(self._store, identity)
                if row is not None:
                    self._new.append(row)
            if row is not None and row.generation == self._generation:
                known[identity] = row
            elif row is not None:
                self._outdated[identity] = row
        return known

    def fill(self, found: list[Found], known: dict[str, Row], retry_failed: bool) -> list[Work]:
        """Makes the rows; returns what is to be done."""
        works = []
        for item in found:
            row, work = self._row(item, known, retry_failed)
            if row.recording:
                self._index[row.recording] = len(self.rows)
            self.rows.append(row)
            if work is not None:
                works.append(work)
        self.given = len(self.rows)
        others = {**known, **{identity: _to_redo(row) for identity, row in self._outdated.items()}}
        self.rows.extend(row for identity, row in sorted(others.items()) if identity not in self._index)
        return works

    def _row(self, item: Found, known: dict[str, Row], retry_failed: bool) -> tuple[Row, Work | None]:
        if isinstance(item, NotOne):
            return self._row_of_none(item, known), None
        identity, stamp = recording_id(item.location), item.stamp
        before = known.get(identity)
        attempts = 0
        if before is not None and before.is_of(self._generation, stamp.size, stamp.version):
            if before.status == "done" or not retry_failed:
                return before, None
            attempts = before.attempts
        pending = Row(
            identity,
            item.location,
            "pending",
            attempts=attempts,
            input_bytes=stamp.size,
            input_version=stamp.version,
            generation=self._generation,
        )
        return pending, Work(identity, item, attempts + 1)

    def _row_of_none(self, item: NotOne, known: dict[str, Row]) -> Row:
        if item.status == "skipped":
            return Row("", item.location, "skipped", item.reason)
        identity = recording_id(item.location)
        before = known.get(identity)
        if before is not None and before.status == "done":
            # Its tables are there; that the recording was put away since is no failure.
            return before
        if identity in self._outdated:
            withdraw(self._store, identity)
        return Row(identity, item.location, "failed", item.reason, run=self._run, generation=self._generation)

    def decide(self, row: Row) -> None:
        """Enters what was decided on a recording."""
        self.rows[self._index[row.recording]] = row
        self._new.append(row)

    def give_up(self, work: Work, reason: str, template: Row | None) -> Row:
        """Decides that a recording has failed, its attempts used up, and marks it so in its status file.

        Raises:
            OSError: The store refused.
        """
        row = template or self.rows[self._index[work.id]]
        row.status, row.reason, row.attempts, row.run = "failed", reason, work.attempt, self._run
        # A worker may have died while it put tables in place.
        withdraw(self._store, work.id)
        write_status(self._store, row)
        return row

    def count_attempt(self, work: Work) -> None:
        """Enters that an attempt has failed and another is to come."""
        self.rows[self._index[work.id]].attempts = work.attempt

    def write_if_due(self) -> bool:
        """Writes journal and manifest, if it is time to; returns whether it did.

        Raises:
            OSError: The store refused.
        """
        started = time.monotonic()
        if started < self._due:
            return False
        self.write()
        ended = time.monotonic()
        self._due = ended + max(_EVERY_S, (ended - started) / _SHARE)
        return True

    def write(self) -> None:
        """Writes what is new to the journal, and the manifest whole.

        Raises:
            OSError: The store refused.
        """
        if self._new:
            append_rows(self._store, self._new)
            self._new.clear()
        self._store.write(CSV_NAME, csv_from_rows(self.rows))

    def close(self) -> None:
        """Writes everything, the Parquet manifest too.

        Raises:
            OSError: The store refused.
        """
        self.write()
        self._store.write(PARQUET_NAME, parquet_from_rows(self.rows))


def _to_redo(row: Row) -> Row:
    """The row of a recording whose tables are of before `--force`, and which this run was not given."""
    reason = "its tables are of before --force; give it again to have it redone"
    return Row(row.recording, row.input, "pending", reason, generation=row.generation)

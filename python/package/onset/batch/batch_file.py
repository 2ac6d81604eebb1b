"""`batch.json`: what an output folder was made with."""

from __future__ import annotations

import dataclasses
import json
import uuid
from dataclasses import dataclass
from typing import Any

from .errors import BatchError, UsageError
from .options import differences
from .store import Store

NAME = "batch.json"
TABLES = ("frames", "events", "label_evidence")
OWN_FOLDERS = (*TABLES, "summaries", "status")
FORMAT = 1


@dataclass(slots=True)
class BatchFile:
    """What `batch.json` holds.

    `id` tells this folder from an empty one that a node without the shared disk would make; `generation` counts how
    often everything was redone, `runs` how often a batch was started.
    """

    onset_version: str
    options: dict[str, Any]
    id: str = ""
    generation: int = 1
    runs: int = 0
    format: int = FORMAT


def begin(store: Store, onset_version: str, options: dict[str, Any], force: bool) -> BatchFile:
    """Reads or makes `batch.json` for another run, counts the run, and writes it.

    Raises:
        UsageError: The folder was made with other options or another version, and `force` is false; it holds something
            else.
        BatchError: `batch.json` cannot be read.
        OSError: The store refused.
    """
    batch = _read(store)
    if batch is None:
        taken = [name for name in OWN_FOLDERS if store.names(name)]
        if taken:
            raise UsageError(f"{store.location} holds {taken[0]}/ but no {NAME}: it is no batch's; use another --out")
        batch = BatchFile(onset_version, options, uuid.uuid4().hex)
    elif force:
        batch = dataclasses.replace(
            batch, onset_version=onset_version, options=options, generation=batch.generation + 1
        )
    else:
        before = {"onset version": batch.onset_version, **batch.options}
        what = differences(before, {"onset version": onset_version, **options})
        if what:
            raise UsageError(
                f"{store.location} was made otherwise: {what}. Use another --out, or --force to redo everything in it"
            )
    batch.runs += 1
    store.write(NAME, json.dumps(dataclasses.asdict(batch), indent=2).encode() + b"\n")
    return batch


def is_seen_by(store: Store, batch_id: str) -> bool:
    """Whether a worker sees the same output folder as the driver.

    Raises:
        BatchError: `batch.json` cannot be read.
    """
    batch = _read(store)
    return batch is not None and batch.id == batch_id


def _read(store: Store) -> BatchFile | None:
    content = store.read(NAME)
    if content is None:
        return None
    try:
        values = json.loads(content)
        if values["format"] > FORMAT:
            raise BatchError(f"{store.location}/{NAME} is of a later version of onset; use that, or another --out")
        return BatchFile(**values)
    except (ValueError, TypeError, KeyError) as error:
        raise BatchError(f"{store.location}/{NAME} cannot be read ({error}); use another --out") from None

"""What travels between the driver and the workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .options import AnalysisOptions
from .row import Row
from .walk import Recording


@dataclass(frozen=True, slots=True)
class Shared:
    """What all recordings of a run have in common."""

    out: str
    batch_id: str
    generation: int
    run: int
    onset_version: str
    options: AnalysisOptions


@dataclass(frozen=True, slots=True)
class Work:
    """A recording to analyse; `attempt` counts from 1, also over runs on the same version of the input."""

    id: str
    recording: Recording
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    `decided`: the row is in the status file, done or failed. `again`: something passing (network, a lost node) was in
    the way; another attempt may do. `machine`: no recording can be analysed there (no ffmpeg, disk full), so the batch
    stops.
    """

    kind: Literal["decided", "again", "machine"]
    row: Row | None = None
    reason: str = ""

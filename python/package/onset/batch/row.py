"""One line of the manifest: an input and what became of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, Self

Status = Literal["done", "failed", "skipped", "pending"]

STATUSES: tuple[Status, ...] = ("done", "failed", "skipped", "pending")


@dataclass(slots=True)
class Row:
    """An input and what became of it; also what a status file and a line of the journal hold.

    `reason` says why it failed or was skipped, and of a done one what to know (a truncated file). `attempts` counts
    tries on this version of the input, crashes included. `run` is the number of the run that decided it. `input_bytes`
    and `input_version` (time of change or tag) tell whether the input has changed since. Figures are of the last
    attempt: `duration_s` of media, `wall_s` with download and upload, `cpu_s` with ffmpeg's, `peak_rss_mb` of the
    worker and its largest child together.
    """

    recording: str
    input: str
    status: Status
    reason: str = ""
    attempts: int = 0
    run: int | None = None
    duration_s: float | None = None
    frames: int | None = None
    events: int | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    peak_rss_mb: float | None = None
    input_bytes: int | None = None
    output_bytes: int | None = None
    input_version: str = ""
    node: str = ""
    generation: int = 0
    """Counts the times that everything was redone (`--force`); an older one is not done. Not in the manifest."""

    def to_dict(self) -> dict[str, Any]:
        """Its fields, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Self | None:
        """The row that `to_dict` wrote; `None` where this is none. Fields of later versions are left out."""
        if not isinstance(values, dict) or values.get("status") not in STATUSES:
            return None
        known = {field.name for field in dataclasses.fields(cls)}
        try:
            return cls(**{key: value for key, value in values.items() if key in known})
        except TypeError:
            return None

    def is_of(self, generation: int, input_bytes: int | None, input_version: str) -> bool:
        """Whether it was decided on this version of the input, and since everything was last redone."""
        same = self.input_bytes == input_bytes and self.input_version == input_version
        return self.generation == generation and same

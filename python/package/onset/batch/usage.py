"""What a recording cost: time, processor time, memory."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MB = 1e6


@dataclass(slots=True)
class Meter:
    """Counts from its making on."""

    started: float
    cpu_s: float

    @classmethod
    def start(cls) -> Meter:
        """Begins to count; the peak of memory is set back where the system allows it (Linux)."""
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return cls(time.monotonic(), _cpu_s())

    def figures(self) -> dict[str, Any]:
        """`wall_s`, `cpu_s` with finished children's, and `peak_rss_mb`, in 10^6 bytes.

        The peak is this process's since the start (of its life, where the system keeps no other) and the largest
        child's that it ever had, together: an upper bound.
        """
        return {
            "wall_s": round(time.monotonic() - self.started, 3),
            "cpu_s": round(_cpu_s() - self.cpu_s, 3),
            "peak_rss_mb": _peak_rss_mb(),
        }


def _cpu_s() -> float:
    if sys.platform == "win32":
        return time.process_time()
    import resource

    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_rss_mb() -> float | None:
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    own = _high_water() or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return round((own + children) / _MB, 1)


def _high_water() -> int | None:
    """Largest resident size since it was set back, in bytes; `None` where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None

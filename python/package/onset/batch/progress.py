"""How far the batch is, on one line that is rewritten, or one line every half minute."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import TextIO

_EVERY_S = 30.0
_TERMINAL_EVERY_S = 0.5


@dataclass(slots=True)
class Totals:
    """Counts of this run's inputs, and what this run did.

    `work_s` and `work_bytes` are seconds of workers and bytes of the recordings that this run decided; `bytes_left`
    those of the rest. Recordings of unknown size count as the mean of the known ones, which the caller sees to.
    """

    inputs: int = 0
    done: int = 0
    done_before: int = 0
    failed: int = 0
    skipped: int = 0
    media_s: float = 0.0
    work_s: float = 0.0
    work_bytes: int = 0
    bytes_left: int = 0

    @property
    def pending(self) -> int:
        """Recordings that are not decided yet."""
        return self.inputs - self.done - self.failed - self.skipped


def seconds_left(totals: Totals, slots: int) -> float | None:
    """Time left, if the rest takes as long a byte as what was done; `None` as long as nothing was.

    Seconds of workers and not of the clock: so that recordings that are half done do not distort an early figure.
    """
    if totals.pending == 0:
        return 0.0
    if totals.work_bytes == 0 or slots == 0:
        return None
    return totals.work_s / totals.work_bytes * totals.bytes_left / min(slots, totals.pending)


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 20 min`, `5 d 4 h`."""
    minutes = round(seconds / 60)
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if minutes < 100:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def hours(media_s: float) -> str:
    """Video: `40.0 s` below two minutes, `12.5 min` below two hours, `310.2 h`."""
    if media_s < 120:
        return f"{media_s:.1f} s"
    return f"{media_s / 60:.1f} min" if media_s < 7200 else f"{media_s / 3600:.1f} h"


class Progress:
    """Writes it to a stream, at most every half second on a terminal and every half minute elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        """The clock starts now."""
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._started = self._said = time.monotonic()
        self._estimate: tuple[float, float] | None = None
        self._decided = -1
        self._width = 0

    def update(self, totals: Totals, slots: int) -> None:
        """Says how far it is, if it is time to."""
        now = time.monotonic()
        decided = totals.done + totals.failed
        if decided != self._decided:
            left = seconds_left(totals, slots)
            self._estimate = None if left is None else (now, left)
            self._decided = decided
        if now - self._said >= (_TERMINAL_EVERY_S if self._is_terminal else _EVERY_S):
            self._said = now
            self._write(self._text(totals, now))

    def note(self, text: str) -> None:
        """Says something else, above the line."""
        self.finish()
        print(text, file=self._stream, flush=True)

    def finish(self) -> None:
        """Removes the line."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0

    def _text(self, totals: Totals, now: float) -> str:
        speed = totals.media_s / max(now - self._started, 1e-9)
        if self._estimate is None:
            left = "time left known after the first"
        else:
            at, seconds = self._estimate
            # Between two results the clock goes on.
            left = f"{duration(max(seconds - (now - at), 1.0))} left"
        counts = f"{totals.done} done, {totals.failed} failed, {totals.skipped} skipped of {totals.inputs}"
        return f"{counts}; {hours(totals.media_s)} of video, {speed:.1f} x real time; {left}"

    def _write(self, text: str) -> None:
        if self._is_terminal:
            # A line that wraps could not be rewritten.
            text = text[: shutil.get_terminal_size().columns - 1]
            self._stream.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

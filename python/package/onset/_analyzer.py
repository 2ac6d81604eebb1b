"""Frame by frame, for capture loops of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import TracebackType
from typing import Literal, NoReturn

import numpy as np
import numpy.typing as npt

from onset import _onset
from onset._analysis import Analysis
from onset._errors import ClosedError
from onset._options import StrPath, pack


class Analyzer:
    """Turns frames into observations, one after the other: `push` gives what is seen so far, and never looks ahead.

    It holds the state of one session. All of its methods may be called from any thread; calls wait for each other. It belongs to
    the process that made it: in a forked child it is closed.

    ```python
    with onset.Analyzer(color="bgr") as analyzer:
        while (picture := camera.read()[1]) is not None:
            for event in analyzer.push(picture, time.monotonic()).events:
                print(event)
        analysis = analyzer.finish()
    ```
    """

    __slots__ = ("_inner", "_process")

    def __init__(
        self,
        *,
        color: Literal["rgb", "bgr"] = "rgb",
        keep_frames: bool = False,
        landmark_hz: float = 15.0,
        landmark_still_hz: float = 3.0,
        faces: int | None = None,
        spotter: str = "auto",
        without_veto: Iterable[str] = (),
        profile: StrPath | None = None,
        profile_anyway: bool = False,
        candidates: bool = False,
        label_evidence: bool = False,
        threads: int = 1,
    ) -> None:
        """Loads the networks, which takes a few tenths of a second.

        Args:
            color: Order of the three channels: `rgb`, or `bgr` as OpenCV has it. Gray frames need none.
            keep_frames: Keep a row a frame for `finish`, about 2 KB each. Without, memory does not grow with the frames.
            landmark_hz: See `analyze`, as for the options that follow.
            landmark_still_hz: -
            faces: -
            spotter: -
            without_veto: -
            profile: -
            profile_anyway: -
            candidates: Observations and `finish` tell of movements that were not claimed too (`Event.veto`).
            label_evidence: -
            threads: 1: landmarks within `push`, every fourth call or so takes longer. 2: on a thread of their own. Same results.

        Raises:
            OptionError: An option that cannot be.
        """
        options = pack(
            landmark_hz=landmark_hz,
            landmark_still_hz=landmark_still_hz,
            faces=faces,
            spotter=spotter,
            without_veto=without_veto,
            profile=profile,
            profile_anyway=profile_anyway,
            candidates=candidates,
            label_evidence=label_evidence,
            threads=threads,
        )
        self._inner = _onset.Analyzer(options, color, keep_frames)
        self._process = os.getpid()

    def push(self, frame: npt.NDArray[np.uint8], t: float) -> _onset.Observation:
        """Analyses the next frame. The interpreter is free meanwhile.

        Args:
            frame: uint8, shape (H, W) for gray or (H, W, 3) in the order of `color`, sides of 16 to 16384 px; all frames of one
                size. It is copied: the array may be used again at once. Views need not be contiguous.
            t: When it was captured, in seconds, 0 or more, on any clock that never goes back. Motion and durations are measured
                against it, so give the camera's own times where there are any.

        Returns:
            What is seen in this frame, and the events that were flagged, changed, ended or withdrawn with it.

        Raises:
            FrameError: Not uint8, another shape or size, a time that goes back. The analysis is as it was: go on with the next frame.
            ClosedError: After `finish` or `close`.
        """
        return self._here().push(frame, t)

    def lost(self, count: int, t: float, reason: str = "driver") -> None:
        """Tells of frames that were lost before the next one, so that they are gaps in the tables and nothing is claimed across them.

        Args:
            count: How many, 1 to 1,000,000.
            t: When the first of them was, or should have been, captured, in seconds.
            reason: `overrun`, `driver`, `stalled`, `corrupt` or `recorder`.

        Raises:
            FrameError: A count or time that cannot be.
            OptionError: An unknown reason.
            ClosedError: After `finish` or `close`.
        """
        self._here().lost(count, t, reason)

    def recalibrate(self) -> None:
        """Takes the face as it is now for its rest: the motion reference is made anew."""
        self._here().recalibrate()

    def finish(self) -> Analysis:
        """Settles what is still open, closes the analyzer, and gives its tables; `frames` has rows with `keep_frames=True` only."""
        return Analysis(self._here().finish())

    def close(self) -> None:
        """Closes it and lets go of what it holds; a second time does nothing."""
        if not self._is_forked:
            self._inner.close()

    @property
    def closed(self) -> bool:
        """True after `finish` or `close`."""
        return self._is_forked or self._inner.closed

    @property
    def _is_forked(self) -> bool:
        """True in a child process: it has neither the landmarks thread nor whichever thread held the lock, so waiting would never end."""
        return os.getpid() != self._process

    def _here(self) -> _onset.Analyzer:
        """The compiled part, in the process that made it."""
        if self._is_forked:
            raise ClosedError(
                "this analyzer was made in another process, before a fork; make a new onset.Analyzer() in this one"
            )
        return self._inner

    def __reduce__(self) -> NoReturn:
        """Says what to do instead."""
        raise TypeError("an onset.Analyzer cannot be pickled or copied: make one in each process")

    def __enter__(self) -> Analyzer:
        """The analyzer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

"""Nothing is left behind: not by pushes, right and wrong, not by tables given to Arrow, not by analyzers."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import numpy as np
import onset
import pyarrow as pa
import pytest
from conftest import Pictures
from test_wrong_input import FRAMES, GOOD


def resident_bytes() -> int:
    """Memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/statm")


@linux_only
def test_pushes_do_not_leak() -> None:
    """10,000 pushes, and as many wrong ones."""
    noise = np.random.default_rng(7).integers(0, 255, (8, 48, 64, 3), dtype=np.uint8)
    wrong = [frame for frame, _ in FRAMES.values()]
    # So that most of the time is spent in `push` itself, not in looking for a face in noise.
    with onset.Analyzer(landmark_hz=1, landmark_still_hz=1) as analyzer:

        def push(first: int, count: int) -> None:
            for index in range(first, first + count):
                analyzer.push(noise[index % 8], index / 30)
                with pytest.raises(onset.FrameError):
                    analyzer.push(wrong[index % len(wrong)], index / 30)

        push(0, 2000)
        gc.collect()
        bytes_before, blocks_before, objects_before = resident_bytes(), sys.getallocatedblocks(), len(gc.get_objects())
        push(2000, 10_000)
        gc.collect()
        assert resident_bytes() - bytes_before < 3 << 20
        assert sys.getallocatedblocks() - blocks_before < 500
        assert len(gc.get_objects()) - objects_before < 100


@linux_only
def test_pushes_of_a_face_do_not_leak(pictures: Pictures) -> None:
    """The same with everything that is said of a face looked at: small pictures, 5.5 s over and over."""
    small = np.ascontiguousarray(pictures.rgb[:, ::2, ::2])
    with onset.Analyzer() as analyzer:

        def push(first: int, count: int) -> int:
            with_face = 0
            for index in range(first, first + count):
                seen = analyzer.push(small[index % len(small)], index / 60)
                with_face += seen.status == "ok"
                for name in ("faces", "expression", "motion", "smallest_icd", "not_observable", "events"):
                    getattr(seen, name)
                for face in seen.faces:
                    face.landmarks.sum()
                    len(face.blendshapes or {})
            return with_face

        push(0, 700)
        blocks_before, grown = sys.getallocatedblocks(), []
        for part in range(1, 5):
            before = resident_bytes()
            assert push(700 * part, 700) > 350
            gc.collect()
            grown.append(resident_bytes() - before)
        # What is known of the events grows, by steps; what stays of every frame would show in each part.
        assert min(grown) < 512 << 10, grown
        assert sys.getallocatedblocks() - blocks_before < 500


@linux_only
def test_tables_given_to_arrow_do_not_leak(analysis: onset.Analysis) -> None:
    def give(count: int) -> None:
        for _ in range(count):
            assert pa.table(analysis._collected.frames).num_rows == 1080

    give(100)
    gc.collect()
    before = resident_bytes()
    give(500)
    gc.collect()
    # The tables of the clip are 1.5 MB; copies or streams that stay would be hundreds of them.
    assert resident_bytes() - before < 6 << 20


@linux_only
def test_analyzers_do_not_leak() -> None:
    """Closed, finished, or just forgotten: networks and threads are let go."""

    def make(count: int) -> None:
        for index in range(count):
            analyzer = onset.Analyzer(threads=1 + index % 2)
            analyzer.push(GOOD, 0.0)
            if index % 3 == 0:
                analyzer.close()
            elif index % 3 == 1:
                analyzer.finish()

    make(6)
    gc.collect()
    before = resident_bytes()
    threads_before = len(list(Path("/proc/self/task").iterdir()))
    make(12)
    gc.collect()
    assert resident_bytes() - before < 24 << 20, "an analyzer holds about as much"
    assert len(list(Path("/proc/self/task").iterdir())) <= threads_before

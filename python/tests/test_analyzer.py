"""`onset.Analyzer`: frames of one's own, pushed one by one, give what the same pictures give as a recording."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onset
import pyarrow as pa
import pytest
from conftest import Pictures

Picture = npt.NDArray[np.uint8]
REGIONS = 22


def pushed(analyzer: onset.Analyzer, frames: Iterable[Picture], times: Iterable[float]) -> list[onset.Observation]:
    """Pushes all frames; what was seen in each."""
    return [analyzer.push(frame, t) for frame, t in zip(frames, times, strict=True)]


@pytest.fixture(scope="module")
def offline(pictures: Pictures) -> onset.Analysis:
    """The pictures as a folder."""
    return onset.analyze(pictures.folder)


def assert_same(pushed: onset.Analysis, offline: onset.Analysis) -> None:
    """Both have the same frames and events."""
    assert pushed.frames.equals(offline.frames, check_metadata=True)
    assert pushed.events.equals(offline.events, check_metadata=True)


@pytest.mark.parametrize("threads", [1, 2])
def test_pushed_pictures_equal_the_recording(pictures: Pictures, offline: onset.Analysis, threads: int) -> None:
    analyzer = onset.Analyzer(keep_frames=True, threads=threads)
    pushed(analyzer, pictures.rgb, pictures.times)
    assert offline.events.num_rows >= 2
    assert_same(analyzer.finish(), offline)


def test_bgr_equals_rgb(pictures: Pictures, offline: onset.Analysis) -> None:
    analyzer = onset.Analyzer(color="bgr", keep_frames=True)
    pushed(analyzer, np.ascontiguousarray(pictures.rgb[..., ::-1]), pictures.times)
    assert_same(analyzer.finish(), offline)


def test_order_of_channels_is_looked_at(pictures: Pictures, offline: onset.Analysis) -> None:
    analyzer = onset.Analyzer(color="bgr", keep_frames=True)
    pushed(analyzer, pictures.rgb[:30], pictures.times[:30])
    luma = analyzer.finish().frames["luma_mean"]
    assert not luma.equals(offline.frames["luma_mean"].slice(0, 30))


def views_of(rgb: Picture) -> dict[str, tuple[str, Picture]]:
    """The same pictures in other places of memory: order of channels and array by name."""
    padded = np.zeros((len(rgb), 480, 700, 3), np.uint8)
    padded[:, :, 20:660] = rgb
    fortran = np.empty((len(rgb), 3, 640, 480), np.uint8)
    fortran[...] = rgb.transpose(0, 3, 2, 1)
    mirrored = np.ascontiguousarray(rgb[:, ::-1, ::-1])
    with_alpha = np.concatenate([rgb, np.full_like(rgb[..., :1], 9)], axis=3)
    return {
        "rows with holes": ("rgb", padded[:, :, 20:660]),
        "columns first": ("rgb", fortran.transpose(0, 3, 2, 1)),
        "negative strides": ("rgb", mirrored[:, ::-1, ::-1]),
        "of pixels with alpha": ("rgb", with_alpha[..., :3]),
        "channels turned round": ("bgr", rgb[..., ::-1]),
        "channels turned round twice": ("rgb", np.ascontiguousarray(rgb[..., ::-1])[..., ::-1]),
    }


@pytest.mark.parametrize("name", list(views_of(np.zeros((1, 480, 640, 3), np.uint8))))
def test_views_need_not_be_contiguous(name: str, pictures: Pictures, offline: onset.Analysis) -> None:
    count = 40
    color, views = views_of(pictures.rgb[:count])[name]
    assert name == "rows with holes" or not views[0].flags["C_CONTIGUOUS"]
    analyzer = onset.Analyzer(color="bgr" if color == "bgr" else "rgb", keep_frames=True)
    pushed(analyzer, views, pictures.times[:count])
    frames = analyzer.finish().frames
    for column in ("luma_mean", "sharpness", "icd_px", "mx_mouth_corner_left", "b_jawOpen"):
        # The last rows of the recording knew measurements that came after them.
        assert frames[column].slice(0, 30).equals(offline.frames[column].slice(0, 30)), column


def test_gray_frames(pictures: Pictures) -> None:
    gray = pictures.rgb[:90].mean(axis=3).astype(np.uint8)
    analyzer = onset.Analyzer(keep_frames=True)
    observations = pushed(analyzer, gray, pictures.times[:90])
    assert observations[-1].status == "ok"
    assert len(observations[-1].faces) == 1
    assert observations[-1].luma_mean == pytest.approx(gray[-1].mean(), abs=0.5)
    assert analyzer.finish().frames.num_rows == 90


def test_read_only_frames_and_their_buffers(pictures: Pictures) -> None:
    frame = pictures.rgb[0].copy()
    frame.flags.writeable = False
    references = sys.getrefcount(frame)
    with onset.Analyzer() as analyzer:
        assert analyzer.push(frame, 0.0).status == "ok"
        assert sys.getrefcount(frame) == references, "the array is not held on to"
        buffer = np.empty_like(frame)
        seen = []
        for index in (1, 2, 3):
            # One buffer for all frames, as capture loops have it.
            buffer[...] = pictures.rgb[index] if index != 2 else 0
            seen.append(analyzer.push(buffer, index / 60).luma_mean)
            buffer[...] = 255
        assert seen[1] == 0.0
        assert seen[0] > 50.0
        assert seen[2] > 50.0


def test_observation_says_what_is_seen(pictures: Pictures) -> None:
    with onset.Analyzer() as analyzer:
        seen = pushed(analyzer, pictures.rgb[:120], pictures.times[:120])
    last = seen[-1]
    assert [one.frame for one in seen] == list(range(120))
    assert [one.t for one in seen] == pictures.times[:120]
    assert last.status == "ok"
    assert last.sharpness is not None
    assert last.sharpness > 0
    face = last.faces[0]
    assert face.box_px is not None
    assert face.icd_px is not None
    x, y, width, height = face.box_px
    assert 0 < x < x + width < 640
    assert 0 < y < y + height < 480
    assert 50 < face.icd_px < 70
    assert face.landmarks.shape == (478, 3)
    assert face.landmarks.dtype == np.float32
    # Inner corners of the eyes, by MediaPipe's numbers: their distance is the unit.
    corners = face.landmarks[[133, 362], :2]
    assert np.linalg.norm(corners[0] - corners[1]) == pytest.approx(face.icd_px, rel=0.02)
    assert 0 <= face.confidence <= 1
    assert all(abs(angle) < 45 for angle in (face.pitch_deg, face.yaw_deg, face.roll_deg))
    assert face.blendshapes is not None
    assert len(face.blendshapes) == 52
    assert 0 <= face.blendshapes["eyeBlinkLeft"] <= 1
    assert last.expression is not None
    assert sum(value for value in last.expression.values() if value is not None) == pytest.approx(1, abs=0.02)
    assert len(last.motion) == len(last.smallest_icd) == REGIONS
    corner = last.motion["mouth_corner_left"]
    assert corner.valid
    assert corner.amplitude >= 0
    assert 0 <= corner.sigma < 0.1
    # Nothing is known of the face at first; after a second something can be seen.
    assert len(seen[0].not_observable) == REGIONS
    assert len(last.not_observable) < REGIONS
    assert set(last.not_observable) <= set(last.motion)


def test_observation_without_a_face() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (120, 160), dtype=np.uint8)
    with onset.Analyzer() as analyzer:
        seen = analyzer.push(noise, 0.0)
    assert seen.status == "no_face"
    assert seen.faces == []
    assert seen.sharpness is None
    assert seen.expression is None
    assert seen.mismatch is None
    assert seen.motion == {}
    assert seen.events == []
    assert len(seen.not_observable) == REGIONS


def test_motion_is_that_of_the_tables(pictures: Pictures, offline: onset.Analysis) -> None:
    with onset.Analyzer() as analyzer:
        seen = pushed(analyzer, pictures.rgb[:60], pictures.times[:60])
    for row, one in zip(offline.frames.slice(0, 60).to_pylist(), seen, strict=True):
        for region, motion in one.motion.items():
            if motion.valid:
                assert motion.amplitude == pytest.approx(row[f"m_{region}"], abs=1e-5)
                assert motion.dx == pytest.approx(row[f"mx_{region}"], abs=1e-5)
                assert motion.dy == pytest.approx(row[f"my_{region}"], abs=1e-5)


def test_events_are_flagged_then_confirmed(pictures: Pictures, offline: onset.Analysis) -> None:
    with onset.Analyzer() as analyzer:
        seen = pushed(analyzer, pictures.rgb, pictures.times)
    told: dict[int, list[onset.Event]] = {}
    for one in seen:
        for event in one.events:
            assert event.flagged_at_s <= one.t + 1e-9
            told.setdefault(event.event, []).append(event)
    claimed = {row["event"]: row for row in offline.events.to_pylist()}
    micro = next(row for row in claimed.values() if row["kind"] == "micro")
    course = told[micro["event"]]
    assert course[0].confirmed_at_s is None, "provisional when it is flagged"
    assert course[-1].confirmed_at_s is not None
    last = course[-1]
    for name in ("kind", "label", "onset_s", "apex_s", "offset_s", "flagged_at_s", "confirmed_at_s", "face_id"):
        value = getattr(last, name)
        assert value == pytest.approx(micro[name], abs=1e-6) if isinstance(value, float) else value == micro[name], name
    assert last.score == pytest.approx(micro["score"], abs=1e-4)
    assert last.amplitude_icd == pytest.approx(micro["amplitude_icd"], abs=1e-5)
    assert "+".join(last.regions) == micro["regions"]
    assert "+".join(map(str, last.action_units)) == micro["action_units"]
    assert (last.definition, last.veto) == (micro["definition"], None)
    # Whatever was told of and is not in the table was withdrawn, with its reason.
    for number, states in told.items():
        if number not in claimed:
            assert states[-1].veto is not None


def test_candidates_are_told_of_where_asked_for(pictures: Pictures) -> None:
    analyzer = onset.Analyzer(candidates=True)
    pushed(analyzer, pictures.rgb, pictures.times)
    with_candidates = analyzer.finish().events
    assert with_candidates.equals(onset.analyze(pictures.folder, candidates=True).events)
    vetoes = with_candidates["veto"]
    assert vetoes.null_count < len(vetoes), "no candidate in the clip: the test shows nothing"


def test_finish_gives_tables_and_closes(pictures: Pictures) -> None:
    analyzer = onset.Analyzer()
    pushed(analyzer, pictures.rgb[:10], pictures.times[:10])
    assert not analyzer.closed
    result = analyzer.finish()
    assert analyzer.closed
    assert result.frames.num_rows == 0, "frames are kept where asked for only"
    assert result.frames.num_columns > 200
    assert result.summary["frames"]["rows"] == 10
    assert result.summary["source"]["width"] == 640
    assert result.summary["ended"] == "end_of_input"


def test_finished_tables_can_be_written(pictures: Pictures, tmp_path: Path) -> None:
    analyzer = onset.Analyzer(keep_frames=True)
    pushed(analyzer, pictures.rgb[:30], pictures.times[:30])
    result = analyzer.finish()
    folder = result.write(tmp_path, name="mine", formats=("csv", "parquet"))
    assert pa.parquet.read_table(folder / "frames.parquet").equals(result.frames, check_metadata=True)
    assert (folder / "frames.csv").read_text(encoding="utf-8").count("\n") == 31
    assert (folder / "summary.json").is_file()


def test_lost_frames_are_gaps(pictures: Pictures, tmp_path: Path) -> None:
    """The same as a folder in which a picture cannot be read."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in pictures.folder.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "00101.png").unlink()
    (folder / "00101.png").write_bytes(b"no picture")
    analyzer = onset.Analyzer(keep_frames=True)
    pushed(analyzer, pictures.rgb[:100], pictures.times[:100])
    analyzer.lost(1, pictures.times[100], reason="corrupt")
    seen = analyzer.push(pictures.rgb[101], pictures.times[101])
    assert seen.frame == 101
    pushed(analyzer, pictures.rgb[102:], pictures.times[102:])
    assert_same(analyzer.finish(), onset.analyze(folder))


def test_many_lost_frames_have_a_row_each(pictures: Pictures) -> None:
    analyzer = onset.Analyzer(keep_frames=True)
    pushed(analyzer, pictures.rgb[:5], pictures.times[:5])
    analyzer.lost(7, 0.1)
    assert analyzer.push(pictures.rgb[5], 0.3).frame == 12
    analyzer.lost(2, 0.5, "stalled")
    result = analyzer.finish()
    status = result.frames["status"].to_pylist()
    assert status == ["ok"] * 5 + ["gap"] * 7 + ["ok"] + ["gap"] * 2
    assert result.summary["frames"]["lost_by_reason"] == {"driver": 7, "stalled": 2}


def test_recalibrate_makes_the_reference_anew(pictures: Pictures) -> None:
    strongest = []
    for recalibrated in (False, True):
        with onset.Analyzer() as analyzer:
            pushed(analyzer, pictures.rgb[:280], pictures.times[:280])
            if recalibrated:
                analyzer.recalibrate()
            # In the middle of the micro-expression: against a reference taken there it is nothing.
            seen = pushed(analyzer, pictures.rgb[280:295], pictures.times[280:295])
        strongest.append(max(one.motion["inner_brow_left"].amplitude for one in seen if one.motion))
    assert strongest[0] > 0.03
    assert strongest[1] != strongest[0]


def test_context_manager_closes(pictures: Pictures) -> None:
    with onset.Analyzer() as analyzer:
        analyzer.push(pictures.rgb[0], 0.0)
        assert not analyzer.closed
    assert analyzer.closed
    with pytest.raises(RuntimeError, match="on purpose"), onset.Analyzer(threads=2) as analyzer:
        analyzer.push(pictures.rgb[0], 0.0)
        raise RuntimeError("on purpose")
    assert analyzer.closed
    analyzer.close()


def test_finish_within_the_context(pictures: Pictures) -> None:
    with onset.Analyzer() as analyzer:
        analyzer.push(pictures.rgb[0], 0.0)
        result = analyzer.finish()
    assert result.summary["frames"]["rows"] == 1


@contextmanager
def never_switching() -> Iterator[None]:
    """The interpreter changes threads only where one lets go of it."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_push_lets_go_of_the_interpreter(pictures: Pictures) -> None:
    count, stop = 0, threading.Event()

    def tick() -> None:
        nonlocal count
        while not stop.is_set():
            count += 1
            time.sleep(0)

    ticking = threading.Thread(target=tick)
    meanwhile = 0
    with onset.Analyzer() as analyzer, never_switching():
        ticking.start()
        for frame, t in zip(pictures.rgb[:60], pictures.times[:60], strict=True):
            before = count
            analyzer.push(frame, t)
            meanwhile += count - before
        stop.set()
    ticking.join()
    assert meanwhile > 0, "no other thread ran within push"


def test_calls_from_other_threads_wait_for_each_other(pictures: Pictures) -> None:
    analyzer = onset.Analyzer()
    ended: list[BaseException] = []
    started = threading.Event()

    def push_until_closed() -> None:
        index = 0
        try:
            while True:
                analyzer.push(pictures.rgb[index % 60], index / 60)
                index += 1
                if index == 20:
                    started.set()
        except BaseException as error:
            ended.append(error)
            started.set()

    pushing = threading.Thread(target=push_until_closed)
    pushing.start()
    started.wait()
    assert not analyzer.closed
    analyzer.recalibrate()
    analyzer.close()
    pushing.join(timeout=60)
    assert not pushing.is_alive()
    assert isinstance(ended[0], onset.ClosedError)


def test_analyzers_side_by_side_do_not_mix(pictures: Pictures, offline: onset.Analysis) -> None:
    results: dict[int, onset.Analysis] = {}

    def work(number: int) -> None:
        analyzer = onset.Analyzer(keep_frames=True)
        pushed(analyzer, pictures.rgb, pictures.times)
        results[number] = analyzer.finish()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results.values():
        assert_same(result, offline)
    assert len(results) == 2

"""`onset.read_session`: everything that `onset record` recorded, frame by frame."""

from __future__ import annotations

import csv
import io
import shutil
import tomllib
from pathlib import Path

import numpy as np
import onset
import pyarrow as pa
import pytest
from conftest import SHORT_PROTOCOL, Pictures, RunProgram, decoded


@pytest.fixture(scope="module")
def session(session_folder: Path) -> onset.Session:
    """The recorded session."""
    return onset.read_session(session_folder)


@pytest.fixture(scope="module")
def exported(program: RunProgram, session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frames as the program exports them."""
    out = tmp_path_factory.mktemp("exported") / "png"
    program("session", "export", session_folder, "--to", "png", "--out", out)
    return out


def test_record_and_participant(session: onset.Session, session_folder: Path) -> None:
    record = tomllib.loads((session_folder / "session.toml").read_text(encoding="utf-8"))
    for key in ("id", "participant", "started_utc", "started_unix_ns", "onset_version", "consent", "source", "ended"):
        assert session.record[key] == record[key], key
    assert session.participant is not None
    assert session.participant["age_group"] == "30-39"
    assert session.participant["fields"] == {"site": "lab"}
    assert session.warnings == []
    assert session.duration_s == pytest.approx(record["ended"]["duration_s"], abs=0.1)
    assert session.path == session_folder
    assert "P07" in repr(session)


def test_frames_equal_those_of_the_export(session: onset.Session, exported: Path) -> None:
    rows = list(csv.DictReader((exported / "timestamps.csv").open(encoding="utf-8")))
    pictures = decoded(["-framerate", "30", "-start_number", "0", "-i", str(exported / "%08d.png")], 320, 240)
    assert len(rows) == len(pictures) > 200
    count = 0
    for row, picture, frame in zip(rows, pictures, session.frames(), strict=True):
        assert isinstance(frame, onset.SessionFrame)
        assert f"{frame.frame:08d}.png" == row["file"]
        assert frame.t == pytest.approx(float(row["seconds"]), abs=1e-9)
        assert frame.pixels.dtype == np.uint8
        assert np.array_equal(frame.pixels, picture), row["file"]
        count += 1
    assert count == session.record["ended"]["totals"]["frames"]


def test_frames_are_arrays_of_their_own(session: onset.Session) -> None:
    walk = session.frames()
    first, second = next(walk), next(walk)
    assert isinstance(first, onset.SessionFrame)
    assert isinstance(second, onset.SessionFrame)
    kept = first.pixels.copy()
    assert not np.shares_memory(first.pixels, second.pixels)
    second.pixels[...] = 0
    next(walk)
    assert np.array_equal(first.pixels, kept)
    # Two walks at once do not disturb each other.
    again = next(session.frames())
    assert isinstance(again, onset.SessionFrame)
    assert np.array_equal(again.pixels, kept)


def test_pushed_frames_equal_the_analysed_session(session: onset.Session, session_folder: Path) -> None:
    analyzer = onset.Analyzer(keep_frames=True)
    for frame in session.frames():
        assert isinstance(frame, onset.SessionFrame)
        analyzer.push(frame.pixels, frame.t)
    result, offline = analyzer.finish(), onset.analyze(session_folder)
    assert offline.events.num_rows >= 3
    assert result.frames.equals(offline.frames)
    assert result.events.equals(offline.events)


def test_steps_and_events_are_those_of_the_export(
    session: onset.Session, session_folder: Path, program: RunProgram
) -> None:
    rows = list(csv.DictReader(io.StringIO(program("session", "export", session_folder, "--to", "csv"))))
    steps = {row["id"]: row for row in rows if row["what"] == "step"}
    assert session.steps.num_rows == len(steps) == 2
    for step in session.steps.to_pylist():
        row = steps[step["id"]]
        assert step["kind"] == row["kind"]
        assert (step["target"] or "") == row["label"]
        assert step["start_s"] == pytest.approx(float(row["onset_s"]), abs=1e-5)
        assert step["end_s"] == pytest.approx(float(row["offset_s"]), abs=1e-5)
    assert session.steps["step"].to_pylist() == [0, 1]
    events = {int(row["id"]): row for row in rows if row["what"] == "event"}
    claimed = [event for event in session.events.to_pylist() if event["veto"] is None]
    assert len(claimed) == len(events) >= 3
    for event in claimed:
        row = events[event["event"]]
        assert (event["kind"], event["label"] or "") == (row["kind"], row["label"])
        assert event["onset_s"] == pytest.approx(float(row["onset_s"]), abs=1e-5)
        assert (event["action_units"] or "") == row["action_units"]
    assert session.markers.num_rows == 0
    assert session.markers.column_names == ["t_s", "name", "origin"]


def test_observations_are_rows_of_the_frames_table(session: onset.Session, session_folder: Path) -> None:
    observations = session.observations()
    offline = onset.analyze(session_folder).frames
    assert observations.schema.equals(offline.schema, check_metadata=True)
    assert observations.num_rows == offline.num_rows
    for name in ("frame", "timestamp_s", "status", "luma_mean", "m_mouth_corner_left"):
        assert observations[name].equals(offline[name]), name


def test_codings(session_folder: Path, program: RunProgram, tmp_path: Path) -> None:
    folder = tmp_path / "P07"
    shutil.copytree(session_folder, folder)
    assert onset.read_session(folder).codings == {}
    coded = tmp_path / "coded.csv"
    coded.write_text(
        "kind,label,onset_s,apex_s,offset_s,action_units,note\n"
        'micro,anger,3.0,3.13,3.35,4+7,"a brow, lowered"\nblink,,1.6,,1.8,,\n',
        encoding="utf-8",
    )
    for coder in ("ben", "anna"):
        program("session", "import", folder, coded, "--coder", coder)
    codings = onset.read_session(folder).codings
    assert list(codings) == ["anna", "ben"]
    table = codings["anna"]
    assert table.schema.field("apex_s").type == pa.float64()
    rows = sorted(table.to_pylist(), key=lambda row: row["onset_s"])
    assert [row["kind"] for row in rows] == ["blink", "micro"]
    assert rows[0]["apex_s"] is None
    assert rows[1]["note"] == "a brow, lowered"
    assert rows[1]["action_units"] == "4+7"
    (folder / "codings" / "anna.csv").write_text("kind\nmicro\n", encoding="utf-8")
    with pytest.raises(onset.SessionError, match=r"anna\.csv"):
        _ = onset.read_session(folder).codings


def test_lost_frames_are_told_of(pictures: Pictures, program: RunProgram, tmp_path: Path) -> None:
    """A session recorded of pictures, one of which cannot be read."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in pictures.folder.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "00101.png").unlink()
    (folder / "00101.png").write_bytes(b"no picture")
    (tmp_path / "short.toml").write_text(SHORT_PROTOCOL, encoding="utf-8")
    about = ["--participant", "P08", "--purpose", "research", "--headless", "--accept-consent", "--fast"]
    program("record", "--protocol", tmp_path / "short.toml", *about, "--out", tmp_path / "P08", "--input", folder)
    session = onset.read_session(tmp_path / "P08")
    walk = list(session.frames())
    lost = [one for one in walk if isinstance(one, onset.Lost)]
    assert len(lost) == 1
    assert (lost[0].frame, lost[0].count, lost[0].reason) == (100, 1, "corrupt")
    numbers = [one.frame for one in walk]
    assert numbers == list(range(len(numbers)))
    first = walk[0]
    assert isinstance(first, onset.SessionFrame)
    assert np.array_equal(first.pixels, pictures.rgb[0])


def test_sessions_that_cannot_be_used(session_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(onset.MissingSourceError, match="check the path"):
        onset.read_session(tmp_path / "nothing")
    with pytest.raises(onset.SessionError, match=r"session\.toml"):
        onset.read_session(tmp_path)
    folder = tmp_path / "damaged"
    shutil.copytree(session_folder, folder)
    (folder / "session.toml").write_text("format = [", encoding="utf-8")
    with pytest.raises(onset.SessionError, match=r"session\.toml"):
        onset.read_session(folder)
    with pytest.raises(onset.SessionError):
        onset.read_session(session_folder, identity=tmp_path / "no key")


def test_a_session_that_broke_off(session_folder: Path, tmp_path: Path) -> None:
    """As after a crash: every whole frame is there, and a warning."""
    folder = tmp_path / "P07"
    shutil.copytree(session_folder, folder)
    media = folder / "session.mcap"
    whole = media.read_bytes()
    media.write_bytes(whole[: len(whole) // 2])
    session = onset.read_session(folder)
    assert session.warnings
    frames = [one for one in session.frames() if isinstance(one, onset.SessionFrame)]
    assert 50 < len(frames) < 219
    originals = onset.read_session(session_folder).frames()
    for frame, original in zip(frames, originals, strict=False):
        assert isinstance(original, onset.SessionFrame)
        assert np.array_equal(frame.pixels, original.pixels)


def test_names_of_the_tables_columns(session: onset.Session) -> None:
    assert session.steps.column_names == ["step", "id", "kind", "target", "stimulus", "start_s", "end_s"]
    assert session.events.column_names[:3] == ["event", "kind", "label"]
